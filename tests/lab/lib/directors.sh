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
# The address lies outside of every network. Who speaks BGP on the router and on each
# director is a matter of speakers.sh. Who judges is outside: the clients' counts, the
# router's routes, the kernels' tables.

# shellcheck source=tests/lab/lib/speakers.sh
. /src/tests/lab/lib/speakers.sh

VIP=203.0.113.10
# Lines of the configuration that a scenario sets.
DIRECTORS_GLOBAL="" # in global_defs; MESH: operator_peer for each other director
DIRECTORS_GROUP="announce_delay 1" # in announce_group
DIRECTORS_SCHED="lvs_sched wlc" # in virtual_server
DIRECTORS_SERVERS=3
DIRECTORS_CONTROLLER=evenkeel # or keepalived, whose scripts move the address
DIRECTORS_HASH=ordinary # of the router: ordinary, or resilient groups
# Source ports of the next connections: no two sets of connections share any.
DIRECTORS_PORT=20000

# directors_build NUMBER: the network, the servers, the router.
directors_build() {
	local i
	DIRECTORS=$1
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
	speaker_start router $DIRECTORS_ROUTER router
	[ $DIRECTORS_HASH = ordinary ] || directors_resilient "$1"
	(umask 077 && echo "what all directors know" >/run/pair.key)
}

directors_router() {
	{
		topology_addresses router 10.77.0.1/24
		printf '%s\n' "link set dev c1 up" "addr add 10.1.0.1/24 dev c1" \
			"link set dev c2 up" "addr add 10.2.0.1/24 dev c2"
	} | ip -n router -batch -
	# The hash of layer 4, as policy 1 has it, but of the packet's own addresses and
	# ports. Policy 1 takes over what the sender's socket has left in the packet, as the
	# clients' kernel is the router's: each retransmission would take another way.
	ns router sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward
		echo 55 >/proc/sys/net/ipv4/fib_multipath_hash_fields
		echo 3 >/proc/sys/net/ipv4/fib_multipath_hash_policy'
}

directors_client() {
	{
		topology_addresses "c$1" "10.$1.0."{2..5}/24
		echo "route add default via 10.$1.0.1"
	} | ip -n "c$1" -batch -
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

# directors_resilient NUMBER: neither FRR (8.4, 10.3) nor BIRD 2 gives a BGP route to the
# kernel as a resilient group. So packets to the address go by a table of their own, with
# a group whose members follow the BGP route; the follower sees each change of routes.
directors_resilient() {
	cat >/run/follow.sh <<-END
		follow() {
			local n group=
			for ((n = 1; n <= $1; n++)); do
				[[ \$(ip route show $VIP table main) == *" dev up\$n "* ]] ||
					continue
				ip nexthop replace id 90000\$n via 10.79.\$n.2 dev up\$n
				group=\$group/90000\$n
			done
			if [ -z "\$group" ]; then
				ip route del $VIP/32 table 99 2>/dev/null
			elif [ "\$group" != "\$before" ]; then
				ip nexthop replace id 900010 group "\${group#/}" type resilient \\
					buckets 256 idle_timer 5 unbalanced_timer 10 &&
					ip route replace $VIP/32 nhid 900010 table 99
			fi
			before=\$group
		}
		before=
		follow
		ip monitor route | while read -r line; do
			[[ \$line != *$VIP* ]] || follow
		done
	END
	ip -n router rule add to $VIP lookup 99 pref 100
	"$LAB_NS" router bash /run/follow.sh >>"$LAB_LOG/follow.log" 2>&1 &
	DAEMON_PID["follow.router"]=$!
}

# directors_balanced: in the router's resilient group each director to which it has a
# way has its share of the buckets.
directors_balanced() {
	local ways shown n
	ways=$(ip -n router route show $VIP table main | grep -o 'dev up[0-9]')
	shown=$(ip -n router nexthop bucket show id 900010 | grep -o 'nhid [0-9]*' |
		sort | uniq -c)
	echo "$shown"
	for n in ${ways//dev up/}; do
		awk -v id="90000$n" -v least=$((256 / $(wc -l <<<"$ways"))) \
			'$3 == id && $1 >= least { ok = 1 } END { exit !ok }' \
			<<<"$shown" || return 1
	done
}

# director_mesh N: a line for each other director.
director_mesh() {
	local n
	for ((n = 1; n <= DIRECTORS; n++)); do
		[ "$n" = "$1" ] || echo "operator_peer 10.77.0.1$n 8850 /run/pair.key"
	done
}

# director_conf N: what that director's evenkeeld reads.
director_conf() {
	local mesh
	mesh=$(director_mesh "$1")
	cat <<-END
		global_defs {
			${DIRECTORS_GLOBAL//MESH/$mesh}
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
			$DIRECTORS_SCHED
			announce databases
	END
	director_servers
}

# As its users do it: the address comes and goes with the quorum, by a script.
director_conf_keepalived() {
	cat <<-END
		global_defs {
			script_user root
		}
		virtual_server $VIP $MARIADB_PORT {
			lvs_sched wlc
			quorum_up "/sbin/ip addr add $VIP/32 dev evk-up"
			quorum_down "/sbin/ip addr del $VIP/32 dev evk-up"
	END
	director_servers
}

# The part that both controllers read.
director_servers() {
	local n
	printf '%s\n' "delay_loop 1" "lvs_method DR" "protocol TCP"
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

# director_start N...: who speaks BGP and the controller; waits until the router has
# a route to it.
director_start() {
	local n
	for n; do
		[ -e "$SPEAKERS_DIR/lb$n" ] ||
			speaker_start "lb$n" "$(director_speaker "$n")" director "$n"
		director_launch "$n"
	done
	for n; do
		[ $DIRECTORS_CONTROLLER = keepalived ] ||
			wait_for 60 "director $n answers" evenkeel "lb$n" status
		wait_for 60 "the router has a way by director $n" routed "$n"
	done
}

# director_speaker N: one of DIRECTORS_SPEAKERS, in turn.
director_speaker() {
	local speakers
	read -r -a speakers <<<"$DIRECTORS_SPEAKERS"
	echo "${speakers[($1 - 1) % ${#speakers[@]}]}"
}

director_launch() {
	if [ $DIRECTORS_CONTROLLER = evenkeel ]; then
		director_conf "$1" >"/tmp/lb$1.conf"
		evenkeel_launch "/tmp/lb$1.conf" "lb$1"
		return
	fi
	ip -n "lb$1" link add evk-up type dummy 2>/dev/null &&
		ip -n "lb$1" link set evk-up up
	# shellcheck disable=SC2016
	ns "lb$1" sh -c 'echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore
		for role in master backup; do
			ipvsadm --start-daemon $role --mcast-interface eth0 --syncid 77
		done' 2>/dev/null
	director_conf_keepalived "$1" >"/tmp/lb$1.conf"
	keepalived_start "/tmp/lb$1.conf" "lb$1"
}

# director_kill N: kill -9 of its controller, without its children.
director_kill() { daemon_kill "$(director_daemon "$1")"; }
director_daemon() {
	if [ $DIRECTORS_CONTROLLER = evenkeel ]; then
		echo "evenkeeld.lb$1"
	else
		echo "keepalived.lb$1"
	fi
}

# director_drain N, director_ready N: by its operator.
director_drain() {
	if [ $DIRECTORS_CONTROLLER = evenkeel ]; then
		check "drain" evenkeel "lb$1" drain --director
	else
		ip -n "lb$1" addr del $VIP/32 dev evk-up
	fi
	wait_for 20 "the router has no way by it" routed_not "$1"
}
director_ready() {
	if [ $DIRECTORS_CONTROLLER = evenkeel ]; then
		check "ready" evenkeel "lb$1" ready --director
	else
		ip -n "lb$1" addr add $VIP/32 dev evk-up
	fi
	wait_for 30 "the router has a way by it" routed "$1"
}

# routed N..., routed_not N: the router's kernel has a way by these directors.
routed() {
	local shown n
	shown=$(ip -n router route show "$VIP")
	echo "$shown"
	for n; do [[ $shown == *" dev up$n "* ]] || return 1; done
}
routed_not() { ! routed "$1"; }

# director_says N TEXT: what that director says of its announcements.
director_says() { evenkeel "lb$1" announce --json | tr -d ' \n' | grep -F -- "$2"; }

# director_off N...: as a host whose power fails: its cables are dead, and so is
# each of its processes. Whoever shares no cable with it learns nothing.
director_off() {
	local n name
	for n; do
		ip -n wire link set dev "lb$n" down
		ip -n "lb$n" link set dev uplink down
		LOST_AT=$(date +%s%3N)
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
		LOST_AT=$(date +%s%3N)
		director_die "$n"
	done
}

# director_lost off|silent N: that, and sets LOST_MS to how long the router has had a
# way by it from the last packet on, to about a tenth of a second.
director_lost() {
	"director_$1" "$2"
	wait_for 20 "the router has no way by it" routed_not "$2"
	LOST_MS=$(($(date +%s%3N) - LOST_AT))
	echo "the router has no way by it after $LOST_MS ms"
}

director_die() {
	local pid
	pid=${DAEMON_PID[$(director_daemon "$1")]}
	process_tree "$pid"
	kill -KILL "$pid" "${TREE[@]}"
	wait "$pid" 2>/dev/null
	speaker_kill "lb$1"
}

# director_boot N: it comes back with a kernel that knows nothing: a namespace made
# anew has neither a table nor connections.
director_boot() {
	local n=$1
	# The kernel takes a namespace away in the background, cables and all.
	ip -n wire link del "lb$n"
	ip -n router link del "up$n"
	ip netns del "lb$n"
	rm -rf "/run/evenkeel-lb$n" "$SPEAKERS_DIR/lb$n"
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
# router's kernel answers for its addresses and ports.
flows_ways() {
	local i j
	WAYS=$(for i in 1 2; do
		for ((j = 0; j < FLOWS_HELD / 2; j++)); do
			echo "route get $VIP from 10.$i.0.$((2 + j % 4)) iif c$i ipproto tcp sport $((FLOWS_PORT + j / 4)) dport $MARIADB_PORT"
		done
	done | ip -n router -batch - | grep -o 'dev up[0-9]')
}

# flows_go_so NUMBER: each connection is at the director by which the router's kernel
# answers that it goes. That many directors, without sync, know of their own alone.
flows_go_so() {
	local i j n
	flows_ways
	for i in 1 2; do
		for ((j = 0; j < FLOWS_HELD / 2; j++)); do
			echo "10.$i.0.$((2 + j % 4)):$((FLOWS_PORT + j / 4))"
		done
	done | paste -d ' ' - <(echo "$WAYS") | sort >/run/ways.said
	for ((n = 1; n <= $1; n++)); do
		ns "lb$n" ipvsadm -Lnc |
			awk -v way="dev up$n" '$3 == "ESTABLISHED" { print $4, way }'
	done | sort >/run/ways.gone
	diff /run/ways.said /run/ways.gone
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
