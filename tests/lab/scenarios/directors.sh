# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: directors (BIRD, FRR) behind a router (BIRD), BFD, connection sync: none is missed
# limit: 300
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
# shellcheck source=tests/lab/lib/directors.sh
. /src/tests/lab/lib/directors.sh

DIRECTORS_GLOBAL='lvs_sync_daemon eth0 id 77
lvs_sync_tuning on'
DIRECTORS_ROUTER=bird
DIRECTORS_SPEAKERS="bird frr"
DIRECTORS_BFD=yes

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
flows_case app "director drained" director_drain 1
check "none breaks" flows_lost_at_most 0
check "half of them moved" test "$MOVED" -gt 100
flows_case app "drained director returns" director_ready 1
check "none breaks" flows_lost_at_most 0

step "a director falls silent, and BFD of 3 times 100 ms finds it"
flows_case app "silent, BFD" director_lost silent 1
check "long before the hold time is over" test "$LOST_MS" -lt 2000
check "at most 0.5 % break" flows_lost_at_most 2
check "half of them moved" test "$MOVED" -gt 100

step "it boots, and waits until the other one has told it of all connections"
DIRECTORS_GROUP="" # the default announce_delay
flows_case app "director boots" director_boot 1
check "at most 0.5 % break" flows_lost_at_most 2
check "half of them moved back" test "$MOVED" -gt 100
flows_end app
daemon_stop evenkeeld.lb1
daemon_stop evenkeeld.lb2
finish
