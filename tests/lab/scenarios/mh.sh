# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: servers of an mh pool keep their places, on every balancer the same
# limit: 200
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
N=400

# mh_conf SERVER...: the pool, with the servers in that order; TUNING, a line.
TUNING="lvs_mh_tuning on"
mh_conf() {
	local n
	cat <<-END
		global_defs {
			$TUNING
		}
		virtual_server $VIP $MARIADB_PORT {
			delay_loop 0.5
			lvs_sched mh
			mh-port
			mh-fallback
			lvs_method DR
			protocol TCP
	END
	for n; do
		cat <<-END
			real_server 10.78.0.$n $MARIADB_PORT {
				TCP_CHECK {
					connect_timeout 2
					retry 0
				}
			}
		END
	done
	echo "}"
}

# weights_are LB WEIGHT...: of servers 1, 2, 3, by the kernel.
weights_are() {
	local lb=$1 lines n=0 weight
	shift
	lines=$(ns "$lb" ipvsadm -Sn)
	echo "$lines"
	for weight; do
		n=$((n + 1))
		[[ "${lines//$'\n'/ } " == *"-r 10.78.0.$n:$MARIADB_PORT -g -w $weight "* ]] ||
			return 1
	done
}

# forgotten LB: its kernel has none of the N connections any more.
forgotten() {
	local lines
	lines=$(ns "$1" ipvsadm -Lnc)
	[[ $lines != *" 10.77.0.2:20"* ]]
}

# places NAME [LB]: sets PLACES to which of N new connections has which server.
# They are the same ones each time, so the kernel must have forgotten the last.
places() {
	poll 60 forgotten "${2:-lb1}" || assert_fail "the kernel forgets"
	flows_once "$1" client -c $N -s 10.77.0.2 -p 20000
	PLACES=$(<"/run/map.$1")
}

# moved BEFORE AFTER SERVER: how many connections that were on others than SERVER
# in BEFORE have another server in AFTER, or none.
moved() {
	MOVED=$(paste -d ' ' <(echo "$1") <(echo "$2") |
		awk -v gone="$3" '$3 != gone && $3 != $6' | wc -l)
	echo "$MOVED moved"
	[ "$MOVED" -eq 0 ]
}

# reload: lb1 reads its file anew.
reload() {
	evenkeel_log_count lb1 "is in force:"
	daemon_signal evenkeeld.lb1 HUP
	wait_for 30 "it has reloaded" \
		evenkeel_log_more lb1 "is in force:" "$LOG_COUNT"
}

sloppy_is() {
	local seen
	seen=$(ns "$1" cat /proc/sys/net/ipv4/vs/sloppy_tcp)
	echo "sloppy_tcp is $seen"
	[ "$seen" = "$2" ]
}

step "an mh pool of three servers, and two balancers that never spoke"
topology_build 3 2
real_server_dr db1 db2 db3
service_address_add lb1
named_server 1 2 3
mh_conf 1 2 3 >/tmp/lb1.conf
evenkeel_start /tmp/lb1.conf lb1
wait_for 60 "all servers are in, with equal weights" weights_are lb1 1 1 1
check "sloppy_tcp is 1, as lvs_mh_tuning asks" sloppy_is lb1 1
places first
FIRST=$PLACES
check_equal "$N connections are served" "" "$(grep -F gone <<<"$FIRST")"
check "evenly" flows_even first 1 2 3

step "a second balancer, whose file has another order"
service_address_del lb1
service_address_add lb2
mh_conf 3 1 2 >/tmp/lb2.conf
evenkeel_start /tmp/lb2.conf lb2
wait_for 60 "all servers are in" weights_are lb2 1 1 1
places second lb2
check "it chooses the same server for each connection" \
	moved "$FIRST" "$PLACES" none
daemon_stop evenkeeld.lb2
service_address_del lb2
service_address_add lb1

step "a server dies, under connections"
flows_start held client -c 200 -s 10.77.0.2 -p 40000 -i 500
wait_for 30 "200 connections ask" held_is held placed -eq 200
ON2=$(held_value held server.2.open)
daemon_kill toys.db2
wait_for 30 "it stays in the table, at weight 0" weights_are lb1 1 0 1
wait_for 60 "its connections have ended" held_is held placed -eq $((200 - ON2))
places without
check "no connection of the others moves" moved "$FIRST" "$PLACES" 2
check_equal "the fallback serves those of the dead one" "" \
	"$(grep -E ' (2|gone)$' <<<"$PLACES")"
check "the others share them" flows_even without 1 3

step "it comes back"
named_server 2
wait_for 30 "it is in again" weights_are lb1 1 1 1
places again
check "each connection has the server of before" moved "$FIRST" "$PLACES" none

step "a reload, with the servers in another order"
requests_watch
requests_seen
BEFORE=$REQUESTS
mh_conf 2 3 1 >/tmp/lb1.conf
reload
check "nothing was asked of the kernel" requests_none_since "$BEFORE"
places reloaded
check "no connection moves" moved "$FIRST" "$PLACES" none

step "somebody empties the table"
check "no held connection of the others has broken" \
	held_is held open -eq $((200 - ON2))
check "and none was answered by another server" held_is held changed -eq 0
flows_stop held
ns lb1 ipvsadm -C
wait_for 30 "the table is whole again" weights_are lb1 1 1 1
places repaired
check "no connection moves" moved "$FIRST" "$PLACES" none

step "lvs_mh_tuning goes, and its setting with it"
TUNING=""
mh_conf 1 2 3 >/tmp/lb1.conf
reload
wait_for 30 "sloppy_tcp is 0 again" sloppy_is lb1 0
daemon_stop evenkeeld.lb1
step "a value that was there before stays"
ns lb1 sh -c 'echo 1 >/proc/sys/net/ipv4/vs/sloppy_tcp'
TUNING="lvs_mh_tuning on"
mh_conf 1 2 3 >/tmp/lb1.conf
evenkeel_start /tmp/lb1.conf lb1
TUNING=""
mh_conf 1 2 3 >/tmp/lb1.conf
reload
check "sloppy_tcp is still 1" sloppy_is lb1 1
daemon_stop evenkeeld.lb1
finish
