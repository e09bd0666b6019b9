# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: one writer behind two balancers that cannot hear each other
# limit: 600
#
# The pair is split twice: first only the operators' channel is dead, so that the
# balancer without clients hears no term; then all between them is, and both are
# master, each with clients of its own. In each split the writer is switched, dies
# and comes back as a second source, and whatever happens no two servers share the
# writes: each row says where and when it was written.
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
# shellcheck source=tests/lab/lib/writer.sh
. "$LAB_SRC/tests/lab/lib/writer.sh"

# second_client: another one, 10.77.0.3.
second_client() {
	topology_node client2 | ip -force -batch -
	ip -n wire link set dev client2 master br0 up
	{
		topology_addresses client2 10.77.0.3/24
		echo "route add 10.78.0.0/24 dev eth0"
	} | ip -n client2 -batch -
}

# clients_go CLIENT LB: what that client sends to the service goes to LB, whoever
# says that he has the address.
clients_go() {
	local mac
	mac=$(ip -n "$2" -o link show dev eth0)
	mac=${mac#*link/ether }
	mac=${mac%% *}
	ip -n "$1" neigh replace "$VIP" lladdr "$mac" nud permanent dev eth0
}

both_spare() {
	status_has lb1 '"state":"spare"' && status_has lb2 '"state":"spare"'
}
both_alone() {
	status_lacks lb1 '"state":"spare"' && status_lacks lb2 '"state":"spare"'
}
spare_at() { status_has "$1" '"state":"spare"'; }

# goes_on N: the writer N is written to, and the other one is not any more.
goes_on() {
	local other=$((3 - $1)) before reached
	before=$(written_at "$other")
	reached=$(($(written_at "$1") + 20))
	wait_for 60 "$1 goes on" writes_at "$1" $reached
	holds 3 "not one more at $other" still_written "$other" "$before"
}

# switch_to N: planned, to one that is read-only; then the old source can be written
# to again.
switch_to() {
	local old=$((3 - $1)) since
	sql "$1" "SET GLOBAL read_only = 1"
	wait_for 60 "both see one source" both_alone
	since=$(clock_at "$old")
	sql "$old" "SET GLOBAL read_only = 1"
	wait_for 60 "lb1 sees it" status_has lb1 '"level":"last-resort"'
	wait_for 60 "and lb2" status_has lb2 '"level":"last-resort"'
	promote "$1"
	wait_for 60 "both choose the new source" both alone_in "$1" "$old"
	wait_for 5 "no session of a client is left in the old one" \
		sessions_at "$old" app 0
	sql "$old" "SET GLOBAL read_only = 0"
	wait_for 60 "a second source, and spare on both" both_spare
	goes_on "$1"
	check "not one at the old source from the first at the new on" \
		wrote_in_turn "$old" "$1" "$since"
}

# crash_of N: it dies, and comes back as a second source.
crash_of() {
	local other=$((3 - $1)) since
	since=$(clock_at "$other")
	mariadb_kill "$1"
	wait_for 60 "both choose the other one" both alone_in "$other" "$1"
	wait_for 60 "which is written to" wrote_since "$other" "$since"
	mariadb_start -o --log-bin=bin -o --log-slave-updates=1 "$1"
	wait_for 60 "the dead one is back, and spare on both" both_spare
	goes_on "$other"
	check "both have the other one still" both alone_in "$other" "$1"
	check "not one at the dead one from the first at the other on" \
		wrote_in_turn "$1" "$other" "$since"
}
wrote_since() {
	[ "$(sql "$1" "SELECT COUNT(*) FROM app.w WHERE server = $1
		AND at > '$2'")" -gt 0 ]
}

step "a pair, two servers, the first one is the source"
topology_build 2 2
second_client
writer_pair_start
clients=()
for client in client client client2; do
	client_writes $client &
	clients+=($!)
done
wait_for 60 "clients write" writes_at 1 20

step "a planned switch"
switch_to 2

step "the operators' channel is dead"
for lb in lb1 lb2; do
	ns $lb nft -f - <<-'END'
		table inet cut {
			chain in {
				type filter hook input priority 0
				udp dport 8850 drop
			}
		}
	END
done
for lb in lb1 lb2; do
	wait_for 60 "$lb knows" status_has $lb '"reports":false'
done
check "lb2 has no clients" pair_is lb2 BACKUP
crash_of 2

step "the active one dies: the one in reserve has seen the same"
pair_kill lb1
wait_for 20 "lb2 has the address" pair_holds lb2
check "and the writer as before" alone_in 1 2 lb2
goes_on 1

step "it comes back, and the channel too"
for lb in lb1 lb2; do ns $lb nft delete table inet cut; done
ip -n wire link set dev lb1 up
evenkeel_start /tmp/lb1.conf lb1
wait_for 40 "lb1 is the backup" pair_is lb1 BACKUP
wait_for 60 "both have one writer, the same" both alone_in 1 2
goes_on 1

step "nothing between the balancers gets through: both are master"
ip -n wire link set dev lb1 type bridge_slave isolated on
ip -n wire link set dev lb2 type bridge_slave isolated on
wait_for 40 "lb1 is master" pair_is lb1 MASTER
wait_for 40 "lb2 is master" pair_is lb2 MASTER
clients_go client lb1
clients_go client2 lb2
goes_on 1

step "a planned switch"
switch_to 2

step "the writer dies and comes back"
crash_of 2

step "a balancer is started anew, and one reads its file again"
daemon_stop evenkeeld.lb2
evenkeel_start /tmp/lb2.conf lb2
daemon_signal evenkeeld.lb1 HUP
wait_for 40 "lb2 is master again" pair_is lb2 MASTER
wait_for 60 "lb2 sees the second source" spare_at lb2
check "both have the writer of before" both alone_in 1 2
goes_on 1

step "they hear each other again"
ip -n wire link set dev lb1 type bridge_slave isolated off
ip -n wire link set dev lb2 type bridge_slave isolated off
wait_for 40 "one of them is the backup" eval \
	"pair_is lb1 BACKUP || pair_is lb2 BACKUP"
for client in client client2; do
	ip -n $client neigh flush nud permanent dev eth0
done
for lb in lb1 lb2; do
	wait_for 60 "$lb hears the other" status_has $lb '"reports":true'
done
goes_on 1
check "both have the same writer" both alone_in 1 2

step "the operator wants the other one: said on either, done on both"
since=$(clock_at 1)
check "it is said" evenkeel lb2 failback 10.78.0.2:3306
wait_for 20 "both have it" both alone_in 2 1
wait_for 60 "it is written to" wrote_since 2 "$since"
goes_on 2
check "not one at the old writer from the first at the new on" \
	wrote_in_turn 1 2 "$since"

for client in "${clients[@]}"; do kill "$client" 2>/dev/null; done
daemon_stop evenkeeld.lb1
daemon_stop evenkeeld.lb2
finish
