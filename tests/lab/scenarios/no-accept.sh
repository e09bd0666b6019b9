# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: no_accept drops what IPVS does not serve; published sets follow the pool
# limit: 300
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh

LB_LOG=$LAB_LOG/evenkeeld.lb1.log

# conf WORD: accept or no_accept, for an instance of each family.
conf() {
	local family address n
	cat <<-END
		global_defs {
			vrrp_ipsets
			lvs_ipsets
		}
	END
	for family in 4 6; do
		address=$VIP
		[ $family = 4 ] || address=$VIP6
		cat <<-END
			vrrp_instance V$family {
				interface eth0
				virtual_router_id 7$family
				version 3
				advert_int 0.5
				$1
				virtual_ipaddress {
					$([ $family = 4 ] || echo fe80::100)
					$address
				}
			}
			virtual_server $address $MARIADB_PORT {
				delay_loop 1
				lvs_sched rr
				lvs_method DR
				protocol TCP
				retry 1
				delay_before_retry 1
		END
		for n in 1 2; do
			address=10.78.0.$n
			[ $family = 4 ] || address=fd78::$n
			cat <<-END
				real_server $address $MARIADB_PORT {
					MYSQL_CHECK {
						username check
						password check-secret
						timeout 2
					}
				}
			END
		done
		echo "}"
	done
}
reload() {
	conf "$1" >/tmp/lb1.conf
	evenkeel_log_count lb1 "is in force"
	kill -HUP "${DAEMON_PID[evenkeeld.lb1]}"
	wait_for 20 "the file is in force" \
		evenkeel_log_more lb1 "is in force" "$LOG_COUNT"
}
# answers ADDRESS: the listener of the balancer itself, on port 22.
answers() { ns client timeout 3 bash -c "exec 3<>/dev/tcp/$1/22"; }
silent() { ! answers "$1"; }
# members SET: in one line, as the kernel's own tool lists them.
members() {
	ns lb1 ipset save "$1" | sed -n 's/^add [^ ]* //p' | sort | tr '\n' ' '
}
has_members() {
	local seen
	seen=$(members "$1")
	echo "$1: $seen"
	[ "$seen" = "$2" ]
}
# rules_have TEXT, of either family
rules_have() {
	local rules
	rules=$(ns lb1 iptables -S && ns lb1 ip6tables -S)
	echo "$rules"
	[[ $rules == *"$1"* ]]
}
rules_lack() { ! rules_have "$1"; }
holds_both() {
	local shown
	shown=$(ip -n lb1 -o addr show dev eth0)
	echo "$shown"
	[[ $shown == *"$VIP/"* && $shown == *"$VIP6/"* ]]
}
pool_is_full() {
	table_has "-r 10.78.0.1:$MARIADB_PORT" &&
		table_has "-r 10.78.0.2:$MARIADB_PORT" &&
		table_has "-r [fd78::1]:$MARIADB_PORT" &&
		table_has "-r [fd78::2]:$MARIADB_PORT"
}

topology_build 2
real_server_dr db1 db2
mariadb_start 1 2
ns lb1 "$LAB_SRC/build/lab-tools/toyserver" close 22 >/tmp/toy 2>&1 &
TOY=$!
wait_for 10 "the balancer's own listener" grep -q ready /tmp/toy

step "accepting: IPVS serves one port, the balancer itself the others"
conf accept >/tmp/lb1.conf
evenkeel_start /tmp/lb1.conf
wait_for 40 "the addresses" holds_both
wait_for 40 "the servers" pool_is_full
wait_for 10 "served, IPv4" client_sql "SELECT 1"
wait_for 10 "served, IPv6" client_sql "SELECT 1" $VIP6
check "the other port answers, IPv4" answers $VIP
check "the other port answers, IPv6" answers $VIP6
check "no rule" rules_lack EVENKEEL

step "no_accept"
reload no_accept
wait_for 10 "rules" rules_have "match-set evenkeel"
wait_for 10 "the other port is silent, IPv4" silent $VIP
wait_for 10 "the other port is silent, IPv6" silent $VIP6
check "served as before, IPv4" client_sql "SELECT 1"
ip -n client -6 neigh flush dev eth0
check "served, IPv6, with the neighbour forgotten" client_sql "SELECT 1" $VIP6
check "the balancer's own address answers" answers 10.77.0.11
held_start app --connections 10 --interval 200 --timeout 20
wait_for 30 "sessions" held_is app queries -ge 20

step "what is published"
wait_for 10 "held" has_members evenkeel "$VIP "
wait_for 10 "held, IPv6" has_members evenkeel6 "$VIP6 fe80::100 "
wait_for 10 "served" \
	has_members evenkeel-served "$VIP,tcp:$MARIADB_PORT "
wait_for 10 "served, IPv6" \
	has_members evenkeel6-served "$VIP6,tcp:$MARIADB_PORT "
POOL=evenkeel-$VIP:$MARIADB_PORT
POOL6=evenkeel6-$VIP6:$MARIADB_PORT
check "the pool" has_members "$POOL" \
	"10.78.0.1,tcp:$MARIADB_PORT 10.78.0.2,tcp:$MARIADB_PORT "
check "the pool, IPv6" has_members "$POOL6" \
	"fd78::1,tcp:$MARIADB_PORT fd78::2,tcp:$MARIADB_PORT "
# A rule of the administrator's counts what the balancer sends to the pool.
ns lb1 iptables -A OUTPUT -m set --match-set "$POOL" dst,dst -j ACCEPT

step "a server is killed: its set follows"
mariadb_kill 2
wait_for 30 "the pool has one" \
	has_members "$POOL" "10.78.0.1,tcp:$MARIADB_PORT "
wait_for 10 "over IPv6 too" has_members "$POOL6" "fd78::1,tcp:$MARIADB_PORT "
check "served by the other" client_sql "SELECT 1"
mariadb_start 2
wait_for 40 "the pool has both" has_members "$POOL" \
	"10.78.0.1,tcp:$MARIADB_PORT 10.78.0.2,tcp:$MARIADB_PORT "

step "everything is flushed by hand"
ns lb1 iptables -F INPUT
ns lb1 ip6tables -F
wait_for 20 "the rules are back, IPv4" silent $VIP
wait_for 20 "the rules are back, IPv6" silent $VIP6
check "and said" evenkeel_log lb1 "somebody changed our rules"
check "served" client_sql "SELECT 1"

step "accepting again, and the end"
reload accept
wait_for 10 "the other port answers" answers $VIP
wait_for 10 "no rule is left" rules_lack EVENKEEL
check "the administrator's is" rules_have "$POOL"
held_stop app
check "the daemon ends" daemon_stop evenkeeld.lb1
# The table stays at the end, and so does the set that the rule refers to.
check "the set in use keeps its members" has_members "$POOL" \
	"10.78.0.1,tcp:$MARIADB_PORT 10.78.0.2,tcp:$MARIADB_PORT "
check_not "the others are gone" ns lb1 ipset list -n evenkeel-served
check "no memory error" grep -q "stopping" "$LB_LOG"
kill $TOY
finish
