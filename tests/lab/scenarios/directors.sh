# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: directors behind a router, with connection sync: none is missed
# limit: 300
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
# shellcheck source=tests/lab/lib/directors.sh
. /src/tests/lab/lib/directors.sh

DIRECTORS_GLOBAL='lvs_sync_daemon eth0 id 77
lvs_sync_tuning on'

step "two directors, a router, three servers, 400 connections"
directors_build 2
director_start 1 2
flows_hold app
check "the router spreads them evenly" flows_spread 2
wait_for 30 "each director knows all connections" directors_know 400 1 2

step "kill -9 of a daemon"
flows_case app "daemon killed" daemon_kill evenkeeld.lb1
check "none breaks" flows_lost_at_most 0
check "the router still has both ways" routed 1 2
check_equal "none moves" 0 "$MOVED"
director_start 1

step "a director is drained"
drain() {
	check "drain" evenkeel lb1 drain --director
	wait_for 20 "the router has no way by it" routed_not 1
}
flows_case app "director drained" drain
check "none breaks" flows_lost_at_most 0
check "half of them moved" test "$MOVED" -gt 100
ready() {
	check "ready" evenkeel lb1 ready --director
	wait_for 20 "the router has a way by it" routed 1
}
flows_case app "drained director returns" ready
check "none breaks" flows_lost_at_most 0

step "a director's power fails, and the router sees its cable die"
off() {
	director_off 1
	wait_for 20 "the router has no way by it" routed_not 1
}
flows_case app "power cut, link down" off
check "at most 0.5 % break" flows_lost_at_most 2
check "half of them moved" test "$MOVED" -gt 100

step "it boots, and knows no connection until the other one tells of it"
flows_case app "director boots, announce_delay 1" director_boot 1
check "half of them moved back" test "$MOVED" -gt 100
flows_end app
grep ip_vs_conn /proc/slabinfo
daemon_stop evenkeeld.lb1
daemon_stop evenkeeld.lb2
finish
