# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: changed bytes by direct routing, tunnel and NAT, IPv4 and IPv6
# limit: 400
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh

METHODS=(x DR TUN NAT)

# pool SERVICE SIZES: a server for each method.
pool() {
	local n server
	cat <<-END
		virtual_server $1 $MARIADB_PORT {
			delay_loop 1
			lvs_sched rr
			lvs_method DR
			protocol TCP
			integrity {
				rate 2MB
				sizes $2
			}
	END
	for n in 1 2 3; do
		server=10.78.0.$n
		[[ $1 != *:* ]] || server=fd78::$n
		cat <<-END
			real_server $server $MARIADB_PORT {
				lvs_method ${METHODS[n]}
				MYSQL_CHECK {
					username check
					password check-secret
					timeout 3
				}
			}
		END
	done
	echo "}"
}
conf() {
	pool "$VIP" "$1"
	pool "$VIP6" "$1"
}

# facts PATTERN: the values of these members, in the order of the servers.
facts() {
	evenkeel lb1 integrity --json | grep -o "\"\\($1\\)\":\"[a-z]*\"" |
		sed 's/.*:"\(.*\)"/\1/' | tr '\n' ' '
}
facts_are() {
	local shown
	shown=$(facts "$1")
	echo "$shown"
	[ "$shown" = "$2" ]
}
# A way's state stands before that of the server's other way.
CLEAN=$(printf 'clean %.0s' {1..12})

# named N: that server of both pools is told to be soft-failed for it; and of what
# IPv4 sent and IPv6 got back some was changed.
named() {
	local why="is soft-failed: bytes are changed" half="came back otherwise"
	local four="10.78.0.$1:$MARIADB_PORT of $VIP:$MARIADB_PORT"
	local six="[fd78::$1]:$MARIADB_PORT of [$VIP6]:$MARIADB_PORT"
	local log
	evenkeel_log lb1 "$four $why" && evenkeel_log lb1 "$six $why" || return
	log=$(<"$LAB_LOG/evenkeeld.lb1.log")
	[[ $log == *"$four, "*"$half than they were sent, changed to the server:"* ]] &&
		[[ $log == *"$six, "*"$half than they were sent, changed back from the server:"* ]]
}
# explained TEXT: of the first server.
explained() {
	local shown
	shown=$(evenkeel lb1 explain "10.78.0.1:$MARIADB_PORT" | tr -s ' \n' ' ')
	echo "$shown"
	[[ $shown == *"$1"* ]]
}

# spoil N: one in ten segments of the wire's size is changed, behind every checksum
# (see integrity.sh): of IPv4 when it comes to the server, of IPv6 when it leaves.
# Under direct routing and in a tunnel only what goes to the service's addresses or
# comes from them; NAT has changed those.
spoil() {
	local to="ip daddr $VIP" back="ip6 saddr $VIP6"
	local change="$MARIADB_PORT meta length > 1000 numgen random mod 10 == 0 @th,1600,8 set 0x5a"
	if [ "${METHODS[$1]}" = NAT ]; then
		to="meta nfproto ipv4" back="meta nfproto ipv6"
	fi
	ns "db$1" nft -f - <<-END
		table inet spoil {
			chain to {
				type filter hook prerouting priority 0;
				$to tcp dport $change
			}
			chain back {
				type filter hook postrouting priority 0;
				$back tcp sport $change
			}
		}
	END
}

topology_build 3
real_server_dr db1
real_server_tun db2
mariadb_start 1 2 3
service_address_add lb1
for node in lb1 db1 db2 db3; do
	ip -n $node link set dev eth0 gso_max_segs 1
done
conf 1-64KiB >/tmp/ways.conf
evenkeel_start /tmp/ways.conf lb1

step "each server is measured both ways"
wait_for 120 "every way is clean" facts_are state "$CLEAN"
check_not "nothing is said of it" evenkeel_log lb1 " integrity: "

for n in 1 2 3; do
	step "the link of the server by ${METHODS[n]}"
	conf $((n + 1))-64KiB >/tmp/ways.conf
	check "every row begins anew" evenkeel lb1 reload
	spoil $n
	wait_for 120 "both families name it" named $n
	[ $n != 1 ] || wait_for 60 "its own address was tried, and is in order" \
		explained "bytes are changed through $VIP only, not at its own address"
	ns db$n nft delete table inet spoil
done

evenkeel_log_count lb1 "is soft-failed: bytes are changed"
check_equal "each of the six was named once, and nobody else" 6 "$LOG_COUNT"
check_not "no pool was" evenkeel_log lb1 "bytes to and from every server"
check "lb1 ends" daemon_stop evenkeeld.lb1
finish
