# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: pause, resume and switchover of a pair, said on either balancer
# limit: 400
#
# While a pool is paused its table stays as it is on both balancers, whatever the
# checks find, through a switchover and a takeover. What the checks found meanwhile
# counts when the pause ends, by a word or by itself.
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
POOL=$VIP:$MARIADB_PORT

# both COMMAND...: it is true of lb1, and of lb2.
both() { "$@" lb1 && "$@" lb2; }
has_2() { table_weight 10.78.0.2:3306 100 "$1"; }
has_not_2() { table_has_not "-r 10.78.0.2:3306" "$1"; }
paused() { status_has "$1" '"paused":true'; }
not_paused() { status_lacks "$1" '"paused":true'; }
# finds_2 LB STATE: its check goes on, and finds server 2 so.
finds_2() {
	local said
	said=$(evenkeel "$1" explain 10.78.0.2:3306) || return
	echo "$said"
	[[ $said == *"$2"* ]]
}
finds_2_down() { finds_2 "$1" down; }
# says_loudly LB: the status for people says it in words.
says_loudly() {
	local said
	said=$(evenkeel "$1" status)
	echo "$said"
	[[ $said == *[Pp]aused* || $said == *PAUSED* ]]
}
# moved_to LB: it has the address, and the sessions go on there unharmed.
moved_to() {
	local queries
	check "$1 has the address" pair_holds "$1"
	queries=$(held_value app queries)
	wait_for 20 "the sessions go on" held_is app queries -ge $((queries + 20))
	check "none was lost" held_is app open -eq 4
	check "and none has seen an error" held_is app errors -eq 0
}

topology_build 2 2
real_server_dr db1 db2
mariadb_start 1 2
step "a pair, and four sessions at server 1"
pair_start DR
mariadb_kill 2
wait_for 40 "server 2 is out on both" both has_not_2
held_start app --connections 4 --interval 100 --timeout 30 \
	--init "$PAIR_INIT" --query "$PAIR_QUERY"
wait_for 20 "four sessions" held_is app queries -ge 8
mariadb_start 2
wait_for 40 "server 2 is in on both" both has_2
wait_for 20 "lb2's kernel knows the sessions" pair_knows lb2 4

step "paused, said on the one without clients"
check "it is said" evenkeel lb2 pause --for=900 "$POOL"
wait_for 10 "both are paused" both paused
check "both say so loudly" both says_loudly
tables=$(table lb1)
mariadb_kill 2
wait_for 40 "the checks go on, and find it down" both finds_2_down
check "its place is kept on both" both has_2
check_equal "lb1's table is as it was" "$tables" "$(table lb1)"

step "a switchover while it is paused"
wait_for 20 "lb1 hands over" evenkeel lb1 switchover
moved_to lb2
check "both are paused still" both paused
check_equal "lb1's table is as it was" "$tables" "$(table lb1)"
check_equal "and so is lb2's" "$tables" "$(table lb2)"

step "a reload while it is paused"
daemon_signal evenkeeld.lb2 HUP
wait_for 20 "it has read its file" evenkeel_log_more lb2 "is in force" 0
check "it is paused still" paused lb2
check_equal "its table is as it was" "$tables" "$(table lb2)"

step "resumed, said on the other one: what was found meanwhile counts"
check "it is said" evenkeel lb1 resume "$POOL"
wait_for 10 "neither is paused" both not_paused
wait_for 20 "server 2 is out on both" both has_not_2

step "a pause ends by itself"
mariadb_start 2
wait_for 40 "server 2 is in on both" both has_2
check "it is said, of all pools" evenkeel lb2 pause --for=8
wait_for 5 "both are paused" both paused
mariadb_kill 2
wait_for 60 "it ends by itself" both not_paused
wait_for 20 "and the dead server goes, on both" both has_not_2

step "paused, and the active one dies"
mariadb_start 2
wait_for 40 "server 2 is in on both" both has_2
check "it is said" evenkeel lb2 pause --for=900
wait_for 10 "both are paused" both paused
wait_for 20 "lb1's kernel knows the sessions" pair_knows lb1 4
mariadb_kill 2
wait_for 40 "both find it down" both finds_2_down
pair_kill lb2
wait_for 20 "lb1 takes over" pair_holds lb1
moved_to lb1
check "and is paused" paused lb1
check "and its table is as it was" has_2 lb1
check "there is nobody to hand over to" eval \
	"! evenkeel lb1 switchover >/dev/null 2>&1"
check "resumed" evenkeel lb1 resume
wait_for 20 "server 2 goes" has_not_2 lb1
held_stop app
check "lb1 ends" daemon_stop evenkeeld.lb1
finish
