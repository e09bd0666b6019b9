# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: four directors (FRR of both releases, BIRD): silence, a server's death, slow start
# limit: 300
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
# shellcheck source=tests/lab/lib/directors.sh
. /src/tests/lab/lib/directors.sh

DIRECTORS_GLOBAL='lvs_sync_daemon eth0 id 77
lvs_sync_tuning on
MESH'
DIRECTORS_SPEAKERS="frr bird frr10"
DIRECTORS_SCHED='lvs_sched wlc
slow_start {
	time 12
	gate none
}'
FLOWS_HELD=200

step "four directors, 200 connections"
directors_build 4
director_start 1 2 3 4
frr_program frr10 bgpd
check "director 3 speaks by FRR 10" grep -q "version 10" <("${FRR[@]}" --version)
flows_hold app
check "the router spreads them evenly over directors" flows_spread 4
check "wlc spreads them evenly over servers" flows_even_sum app 1 2 3
wait_for 30 "each director knows all connections" directors_know 200 1 2 3 4

step "a director falls silent: the router waits for the hold time of 9 s"
flows_case app "silent, hold time 9 s" director_lost silent 4
check "no sooner" test "$LOST_MS" -gt 5000
check "at most 0.5 % break" flows_lost_at_most 1

step "a server dies, and returns: each director raises its weight little by little"
kill_server() {
	ON2=$(flows_sum app server.2.open)
	daemon_kill toys.db2
	for n in 1 2 3; do
		wait_for 20 "director $n takes it out" table_has_not "-r 10.78.0.2:" "lb$n"
	done
}
# weight_of N: sets WEIGHT to what server 2 has at that director; 100 is all of it,
# as slow start gives the kernel its weights.
weight_of() {
	WEIGHT=$(ns "lb$1" ipvsadm -Sn |
		sed -n 's/.* -r 10\.78\.0\.2:.* -w \([0-9]*\).*/\1/p')
	[ -n "$WEIGHT" ]
}
cold() { weight_of "$1" && echo "weight: $WEIGHT" && [ "$WEIGHT" -lt 30 ]; }
warm() { weight_of "$1" && echo "weight: $WEIGHT" && [ "$WEIGHT" -eq 100 ]; }
flows_case app "server dies" kill_server
check_equal "its own connections end, and no other" "$ON2" $((BROKEN + HUNG))
flows_case app "it returns" named_server 2
check "none breaks" flows_lost_at_most 0
for n in 1 2 3; do wait_for 10 "director $n has it cold" cold $n; done
flows_once cold c1 -c 160 -s 10.1.0.2 -p 60000
COLD=$(held_value cold server.2.open)
check "others take part of the new connections" test "$COLD" -lt 100
check "all are served" held_is cold placed -eq 160
for n in 1 2 3; do wait_for 20 "director $n has it warm" warm $n; done
flows_once warm c1 -c 160 -s 10.1.0.2 -p 61000
check "it takes most of them as the emptiest" held_is warm server.2.open -gt 100
check "more than while it was cold" held_is warm server.2.open -gt "$COLD"
check "none of the held ones has broken" test "$(flows_sum app broken)" -eq "$ON2"
flows_end app
for n in 1 2 3; do daemon_stop evenkeeld.lb$n; done
finish
