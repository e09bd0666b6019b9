# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Several directors behind a router that spreads flows over them, as the guide's
# chapter "More than a pair" has it. On top of the network of net.sh:
#
#   c1, c2   clients, 10.1.0.2 to .5 and 10.2.0.2 to .5, each at the router
#   router   10.1.0.1, 10.2.0.1; 10.79.N.1 on upN; 10.77.0.1 on the common wire
#   lbN      director: 10.79.N.2 on `uplink`, its cable to the router; its eth0 on the
#            common wire leads to the servers and to the other directors
#
# The address lies outside of every network. FRR's zebra and bgpd run on the router
# and on each director. Who judges is outside: the clients' counts, the router's
# routes, the kernels' tables.

VIP=203.0.113.10
DIRECTORS_FRR=/run/frr-lab
# Lines of the configuration that a scenario sets.
DIRECTORS_GLOBAL="" # in global_defs; OTHER is the other director of a pair
DIRECTORS_GROUP="announce_delay 1" # in announce_group
DIRECTORS_SCHED="lvs_sched wlc" # in virtual_server
DIRECTORS_SERVERS=3
DIRECTORS_BFD=no
# Source ports of the next connections: no two sets of connections share any.
DIRECTORS_PORT=20000

# directors_build NUMBER: the network, the servers, the router.
directors_build() {
	local i
	topology_build $DIRECTORS_SERVERS "$1"
	{
		for i in router c1 c2; do echo "netns add $i"; done
		echo "link add name router netns wire type veth peer name eth0 netns router"
		for i in 1 2; do
			echo "link add name c$i netns router type veth peer name eth0 netns c$i"
		done
	} | ip -force -batch -
	ip -n wire link set dev router master br0 up
	directors_router
	for i in 1 2; do directors_client $i; done
	for ((i = 1; i <= DIRECTORS_SERVERS; i++)); do
		printf '%s\n' "route add 10.1.0.0/24 via 10.77.0.1" \
			"route add 10.2.0.0/24 via 10.77.0.1" |
			ip -n "db$i" -batch -
		real_server_dr "db$i"
		named_server "$i"
	done
	for ((i = 1; i <= $1; i++)); do director_cable "$i"; done
	# FRR as root must be a member of its own groups.
	grep -v '^frr' /etc/group >/tmp/group
	printf '%s\n' "frrvty:x:107:root" "frr:x:108:root" >>/tmp/group
	cp /tmp/group /etc/group
	frr_start router bgpd <<<"$(directors_router_frr)"
	(umask 077 && echo "what all directors know" >/run/pair.key)
}

directors_router() {
	{
		topology_addresses router 10.77.0.1/24
		printf '%s\n' "link set dev c1 up" "addr add 10.1.0.1/24 dev c1" \
			"link set dev c2 up" "addr add 10.2.0.1/24 dev c2"
	} | ip -n router -batch -
	ns router sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward
		echo 1 >/proc/sys/net/ipv4/fib_multipath_hash_policy'
}

directors_client() {
	{
		topology_addresses "c$1" "10.$1.0."{2..5}/24
		echo "route add default via 10.$1.0.1"
	} | ip -n "c$1" -batch -
}

directors_router_frr() {
	cat <<-END
		router bgp 65000
		 bgp router-id 10.77.0.1
		 no bgp ebgp-requires-policy
		 bgp graceful-restart-disable
		 bgp bestpath as-path multipath-relax
		 neighbor DIRECTORS peer-group
		 neighbor DIRECTORS remote-as 65001
		 neighbor DIRECTORS timers 3 9
		 $(directors_bfd DIRECTORS)
		 bgp listen range 10.79.0.0/16 peer-group DIRECTORS
		 address-family ipv4 unicast
		  maximum-paths 16
		 exit-address-family
	END
}

directors_bfd() {
	[ $DIRECTORS_BFD = no ] || echo "neighbor $1 bfd profile fast"
}

# director_cable N: its cable to the router, and its way to the clients.
director_cable() {
	ip link add name "up$1" netns router type veth peer name uplink netns "lb$1"
	printf '%s\n' "link set dev up$1 up" "addr add 10.79.$1.1/30 dev up$1" |
		ip -n router -batch -
	printf "%s\n" "link set dev uplink up" "addr add 10.79.$1.2/30 dev uplink" \
		"route add default via 10.79.$1.1" | ip -n "lb$1" -batch -
	ns "lb$1" sh -c 'echo 0 >/proc/sys/net/ipv4/conf/uplink/rp_filter'
}

# frr_start NAME DAEMON...: zebra and the daemons, in that namespace; the standard
# input is bgpd's configuration.
frr_start() {
	local name=$1 dir=$DIRECTORS_FRR/$1 daemon
	shift
	mkdir -p "$dir"
	: >"$dir/zebra.conf"
	printf '%s\n' "bfd" " profile fast" "  detect-multiplier 3" \
		"  receive-interval 100" "  transmit-interval 100" \
		>"$dir/bfdd.conf"
	cat >"$dir/bgpd.conf"
	[ $DIRECTORS_BFD = no ] || set -- bfdd "$@"
	for daemon in zebra "$@"; do
		set -- -u root -g root -z "$dir/zserv" --vty_socket "$dir" \
			-f "$dir/$daemon.conf" -i "$dir/$daemon.pid"
		[ "$daemon" != bfdd ] || set -- "$@" --bfdctl "$dir/bfd.sock"
		"$LAB_NS" "$name" "/usr/lib/frr/$daemon" "$@" \
			>>"$LAB_LOG/frr.$name.log" 2>&1 &
		DAEMON_PID[$daemon.$name]=$!
		poll 20 test -S "$dir/$daemon.vty" ||
			assert_fail "$daemon of $name listens"
	done
}

director_frr() {
	frr_start "lb$1" bgpd <<-END
		router bgp 65001
		 bgp router-id 10.79.$1.2
		 no bgp ebgp-requires-policy
		 bgp graceful-restart-disable
		 neighbor 10.79.$1.1 remote-as 65000
		 neighbor 10.79.$1.1 timers 3 9
		 neighbor 10.79.$1.1 timers connect 1
		 $(directors_bfd "10.79.$1.1")
		 address-family ipv4 unicast
		  redistribute connected route-map EVENKEEL
		 exit-address-family
		route-map EVENKEEL permit 10
		 match interface evk-up
	END
}

# director_conf N: what that director's evenkeeld reads.
director_conf() {
	local n other=10.77.0.1$(((($1 - 1) ^ 1) + 1))
	cat <<-END
		global_defs {
			${DIRECTORS_GLOBAL//OTHER/$other}
		}
		announce_group databases {
			virtual_ipaddress {
				$VIP
			}
			when quorum
			withdraw_delay 0.5
			linger 1
			$DIRECTORS_GROUP
		}
		virtual_server $VIP $MARIADB_PORT {
			delay_loop 1
			$DIRECTORS_SCHED
			lvs_method DR
			protocol TCP
			announce databases
	END
	for ((n = 1; n <= DIRECTORS_SERVERS; n++)); do
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

# director_start N...: FRR and evenkeeld; waits until the router has a route to it.
director_start() {
	local n
	for n; do
		[ -n "${DAEMON_PID[bgpd.lb$n]:-}" ] || director_frr "$n"
		director_conf "$n" >"/tmp/lb$n.conf"
		evenkeel_launch "/tmp/lb$n.conf" "lb$n"
	done
	for n; do
		wait_for 60 "director $n answers" evenkeel "lb$n" status
		wait_for 60 "the router has a way by director $n" routed "$n"
	done
}

# routed N..., routed_not N: the router's kernel has a way by these directors.
routed() {
	local shown n
	shown=$(ip -n router route show "$VIP")
	echo "$shown"
	for n; do [[ $shown == *" dev up$n "* ]] || return 1; done
}
routed_not() { ! routed "$1"; }

# director_off N...: as a host whose power fails: its cables are dead, and so is
# each of its processes. Whoever shares no cable with it learns nothing.
director_off() {
	local n name
	for n; do
		ip -n wire link set dev "lb$n" down
		ip -n "lb$n" link set dev uplink down
		director_die "$n"
	done
}

# director_silent N...: the same, but the router's end of the cable stays up, as with
# a switch between them.
director_silent() {
	local n
	for n; do
		ip -n wire link set dev "lb$n" down
		ns "lb$n" nft -f - <<-END
			table netdev dead {
				chain in {
					type filter hook ingress device uplink priority -500; policy drop;
				}
				chain out {
					type filter hook egress device uplink priority -500; policy drop;
				}
			}
		END
		director_die "$n"
	done
}

director_die() {
	local name
	process_tree "${DAEMON_PID[evenkeeld.lb$1]}"
	kill -KILL "${DAEMON_PID[evenkeeld.lb$1]}" "${TREE[@]}"
	wait "${DAEMON_PID[evenkeeld.lb$1]}" 2>/dev/null
	for name in bgpd bfdd zebra; do
		[ -n "${DAEMON_PID[$name.lb$1]:-}" ] || continue
		kill -KILL "${DAEMON_PID[$name.lb$1]}"
		wait "${DAEMON_PID[$name.lb$1]}" 2>/dev/null
		unset "DAEMON_PID[$name.lb$1]"
	done
	return 0
}

# director_boot N: it comes back with a kernel that knows nothing: a namespace made
# anew has neither a table nor connections.
director_boot() {
	local n=$1
	# The kernel takes a namespace away in the background, cables and all.
	ip -n wire link del "lb$n"
	ip -n router link del "up$n"
	ip netns del "lb$n"
	rm -rf "/run/evenkeel-lb$n" "$DIRECTORS_FRR/lb$n"
	topology_node "lb$n" | ip -force -batch -
	ip -n wire link set dev "lb$n" master br0 up
	topology_balancer "$n"
	director_cable "$n"
	director_start "$n"
}

# flows_hold NAME: 400 connections from eight addresses, half from each client.
FLOWS_HELD=400
FLOWS_EVERY=200
flows_hold() {
	local i
	for i in 1 2; do
		flows_start "$1$i" "c$i" -c $((FLOWS_HELD / 2)) -i $FLOWS_EVERY \
			-s "10.$i.0.2" -s "10.$i.0.3" -s "10.$i.0.4" \
			-s "10.$i.0.5" -p $DIRECTORS_PORT
	done
	FLOWS_PORT=$DIRECTORS_PORT
	DIRECTORS_PORT=$((DIRECTORS_PORT + FLOWS_HELD))
	wait_for 60 "$FLOWS_HELD connections ask" flows_sum_is "$1" placed -eq \
		$FLOWS_HELD
}

# flows_sum NAME KEY: of both clients. flows_sum_is NAME KEY OPERATOR NUMBER.
flows_sum() {
	echo $(($(held_value "${1}1" "$2") + $(held_value "${1}2" "$2")))
}

flows_sum_is() {
	local comparison
	comparison=("$(flows_sum "$1" "$2")" "$3" "$4")
	echo "$2: ${comparison[*]}"
	test "${comparison[@]}"
}

# flows_even_sum NAME SERVER...: as flows_even, over the connections of both.
flows_even_sum() {
	local name=$1 n
	for n in "${@:2}"; do
		echo "server.$n.open $(flows_sum "$name" "server.$n.open")"
	done >/run/held.sum
	flows_even sum "${@:2}"
}

# flows_settled NAME: since FLOWS_ANSWERS was read more than a second has passed, by
# the number of answers that each connection gets in it, and none waits as long.
flows_settled() {
	flows_sum_is "$1" waiting -eq 0 &&
		flows_sum_is "$1" answers -gt \
			$((FLOWS_ANSWERS + $(flows_sum "$1" placed) * 1600 / FLOWS_EVERY))
}

# directors_know NUMBER N...: the kernels of these directors have so many
# connections as established, by the packets or by word of the others.
directors_know() {
	local number=$1 n known bad=0
	shift
	for n; do
		known=$(ns "lb$n" ipvsadm -Lnc | grep -c "ESTABLISHED.* $VIP:")
		echo "director $n: $known"
		[ "$known" -ge "$number" ] || bad=1
	done
	return $bad
}

flows_end() {
	flows_stop "${1}1"
	flows_stop "${1}2"
}

# flows_ways: sets WAYS to the director of each connection, a line each, as the
# router's kernel answers for its addresses and ports. Shares are right by it; of
# the packets themselves a few may go another way.
flows_ways() {
	local i j
	WAYS=$(for i in 1 2; do
		for ((j = 0; j < FLOWS_HELD / 2; j++)); do
			echo "route get $VIP from 10.$i.0.$((2 + j % 4)) iif c$i ipproto tcp sport $((FLOWS_PORT + j / 4)) dport $MARIADB_PORT"
		done
	done | ip -n router -batch - | grep -o 'dev up[0-9]')
}

# flows_case NAME CASE COMMAND...: does that to connections that are held already,
# waits until each has had an answer again or has ended, and sets BROKEN, HUNG,
# MOVED; a line in the job folder keeps them.
flows_case() {
	local name=$1 case=$2 broken hung before after
	shift 2
	flows_ways
	before=$WAYS
	broken=$(flows_sum "$name" broken)
	hung=$(flows_sum "$name" hung)
	"$@"
	FLOWS_ANSWERS=$(flows_sum "$name" answers)
	wait_for 60 "$case: every connection goes on, or has ended" \
		flows_settled "$name"
	flows_ways
	after=$WAYS
	HUNG=$(($(flows_sum "$name" hung) - hung))
	BROKEN=$(($(flows_sum "$name" broken) - broken - HUNG))
	MOVED=$(paste -d ' ' <(echo "$before") <(echo "$after") |
		awk '$2 != $4' | wc -l)
	echo "$case: broken $BROKEN, hung $HUNG, moved $MOVED of $FLOWS_HELD" |
		tee -a "$LAB_LOG/directors.txt"
}

# flows_lost_at_most NUMBER: of the last case.
flows_lost_at_most() {
	echo "broken $BROKEN, hung $HUNG"
	[ $((BROKEN + HUNG)) -le "$1" ]
}

# flows_spread NUMBER: the router gives that many directors even shares of the
# connections, by chi-squared.
flows_spread() {
	local n seen sum=0 limit=(0 0 1083 1382 1627)
	flows_ways
	for ((n = 1; n <= $1; n++)); do
		seen=$(grep -c "dev up$n" <<<"$WAYS")
		echo "director $n: $seen"
		sum=$((sum + seen * seen))
	done
	sum=$((100 * (sum * $1 - FLOWS_HELD * FLOWS_HELD) / FLOWS_HELD))
	echo "chi-squared: $sum/100, at most ${limit[$1]}/100"
	[ $sum -le "${limit[$1]}" ]
}
