# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: directors without connection sync: mh goes on, any other breaks
# limit: 300
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
# shellcheck source=tests/lab/lib/directors.sh
. /src/tests/lab/lib/directors.sh

off() {
	director_off 1
	wait_for 20 "the router has no way by it" routed_not 1
}

step "mh, mh-port, mh-fallback, sloppy_tcp"
DIRECTORS_GLOBAL='lvs_mh_tuning on'
DIRECTORS_SCHED='lvs_sched mh
mh-port
mh-fallback'
FLOWS_HELD=200
directors_build 2
director_start 1 2
flows_hold mh
check "the router spreads them evenly" flows_spread 2
check "each goes as the router's kernel says" flows_go_so 2
flows_case mh "mh: director drained" director_drain 1
check "none breaks" flows_lost_at_most 0
check "half of them moved" test "$MOVED" -gt 50
check "no answer came from another server" flows_sum_is mh changed -eq 0
check "ready" evenkeel lb1 ready --director
wait_for 20 "the router has a way by it" routed 1
flows_case mh "mh: power cut, link down" off
check "at most 0.5 % break" flows_lost_at_most 1
flows_case mh "mh: director boots" director_boot 1
check "at most 0.5 % break" flows_lost_at_most 1
check "half of them moved back" test "$MOVED" -gt 50
kill_server() {
	ON2=$(flows_sum mh server.2.open)
	daemon_kill toys.db2
}
flows_case mh "mh: server dies" kill_server
check_equal "its own connections end, and no other" "$ON2" $((BROKEN + HUNG))
flows_case mh "mh: power cut while a server is dead" off
check "at most 0.5 % of the others break" flows_lost_at_most 1
flows_end mh

step "neither mh nor sync: the same loss of a director"
named_server 2
DIRECTORS_GLOBAL=""
DIRECTORS_SCHED="lvs_sched wlc"
director_conf 2 >/tmp/lb2.conf
daemon_signal evenkeeld.lb2 HUP
director_boot 1
wait_for 30 "server 2 is in" table_weight "10.78.0.2:$MARIADB_PORT" 1 lb2
flows_hold wlc
flows_case wlc "neither: director drained" director_drain 1
check_equal "each connection that moved breaks, and no other" "$MOVED" \
	$((BROKEN + HUNG))
check "and there were many" test "$MOVED" -gt 50
flows_end wlc
daemon_stop evenkeeld.lb1
daemon_stop evenkeeld.lb2
finish
