# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: the active balancer dies, 50 sessions go on (direct routing)
# limit: 300
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh

topology_build 2 2
real_server_dr db1 db2
mariadb_start 1 2
pair_takeover DR

step "somebody stops a sync thread"
ns lb2 ipvsadm --stop-daemon backup
check_not "it is gone" pair_syncs lb2
wait_for 10 "and runs again" pair_syncs lb2
check "the log says so" evenkeel_log lb2 "receiver was stopped by somebody else"

step "lb1 comes back: it takes no session away"
ip -n wire link set dev lb1 up
evenkeel_launch /tmp/lb1.conf lb1
wait_for 40 "it removes what it had left there, and is the backup" \
	pair_is lb1 BACKUP
check_not "the address is lb2's alone" pair_holds lb1
check "lb2 still has it" pair_holds lb2

step "an operator drains a server on the active balancer"
evenkeel lb2 drain 10.78.0.2:3306 >/dev/null
wait_for 10 "lb2 gives it no more" table_weight 10.78.0.2:3306 0 lb2
wait_for 10 "nor would lb1" table_weight 10.78.0.2:3306 0 lb1
evenkeel lb1 ready 10.78.0.2:3306 >/dev/null
wait_for 10 "ready, said on the passive one, counts too" \
	table_weight 10.78.0.2:3306 100 lb2
evenkeel lb2 drain 10.78.0.2:3306 >/dev/null
wait_for 10 "drained again" table_weight 10.78.0.2:3306 0 lb1

step "switchover: the address goes to lb1 and back, the sessions with it"
held_start moved --connections 4 --interval 100 --timeout 30 \
	--init "$PAIR_INIT" --query "$PAIR_QUERY"
wait_for 20 "four sessions" held_is moved queries -ge 8
wait_for 20 "lb1's kernel knows them" pair_knows lb1 4
before=$(table lb1)
# moved_to LB OTHER: the sessions go on there, and none of them has noticed.
moved_to() {
	local queries
	check "$1 has the address" pair_holds "$1"
	check_not "and $2 has not" pair_holds "$2"
	queries=$(held_value moved queries)
	wait_for 20 "the sessions go on" held_is moved queries -ge $((queries + 20))
	check "none was lost" held_is moved open -eq 4
	check "and none has seen an error" held_is moved errors -eq 0
}
check_not "the backup has nothing to hand over" evenkeel lb1 switchover
wait_for 20 "lb2 hands over" evenkeel lb2 switchover
moved_to lb1 lb2
check_equal "nothing has changed in lb1's table" "$before" "$(table lb1)"
check_not "lb2 has nothing to give now" evenkeel lb2 switchover
wait_for 20 "lb2's kernel knows the sessions" pair_knows lb2 4
wait_for 20 "lb1 hands back" evenkeel lb1 switchover
moved_to lb2 lb1
held_stop moved

step "a stop in good order hands over at once"
held_start last --connections 4 --interval 100 --timeout 30 \
	--init "$PAIR_INIT" --query "$PAIR_QUERY"
wait_for 20 "four sessions" held_is last queries -ge 8
wait_for 20 "lb1's kernel knows them" pair_knows lb1 4
check "lb2 ends" daemon_stop evenkeeld.lb2
check_not "and has dropped the address" pair_holds lb2
wait_for 10 "lb1 has it" pair_holds lb1
queries=$(held_value last queries)
wait_for 20 "the sessions go on" held_is last queries -ge $((queries + 20))
check "none was lost" held_is last open -eq 4
check "and none has seen an error" held_is last errors -eq 0
check "the drained server stays drained" table_weight 10.78.0.2:3306 0 lb1
check "lb2's table stayed, and so did its sync threads" pair_syncs lb2
held_stop last
check "lb1 ends" daemon_stop evenkeeld.lb1
finish
