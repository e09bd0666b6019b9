# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: four directors: silence, servers that die, an operator channel that is cut
# limit: 300
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
# shellcheck source=tests/lab/lib/directors.sh
. /src/tests/lab/lib/directors.sh

# Two pairs of directors, each of which knows the other of its pair.
DIRECTORS_GLOBAL='lvs_sync_daemon eth0 id 77
lvs_sync_tuning on
operator_peer OTHER 8850 /run/pair.key'
routed_all() { routed 1 2 3 4; }
# says N TEXT: what that director says of its announcements.
says() { evenkeel "lb$1" announce --json | tr -d ' \n' | grep -F -- "$2"; }

step "four directors, 400 connections"
directors_build 4
director_start 1 2 3 4
flows_hold app
check "the router spreads them evenly over directors" flows_spread 4
check "wlc spreads them evenly over servers" flows_even_sum app 1 2 3
wait_for 30 "each director knows all connections" directors_know 400 1 2 3 4

step "a director falls silent: the router waits for the hold time of 9 s"
silent() {
	director_silent 4
	wait_for 20 "the router has no way by it" routed_not 4
}
flows_case app "silent, hold time 9 s" silent
check "at most 0.5 % break" flows_lost_at_most 2

step "it boots"
flows_case app "director boots" director_boot 4
check "at most 0.5 % break" flows_lost_at_most 2

step "a server dies"
kill_server() {
	ON2=$(flows_sum app server.2.open)
	daemon_kill toys.db2
}
flows_case app "server dies" kill_server
check_equal "its own connections end, and no other" "$ON2" $((BROKEN + HUNG))
flows_case app "it returns" named_server 2
check "none breaks" flows_lost_at_most 0
flows_end app

step "all servers die"
for n in 1 2 3; do daemon_kill toys.db$n; done
for n in 1 2 3 4; do
	wait_for 30 "director $n sees it" says $n '"works":false'
done
holds 5 "the router keeps all ways" routed_all
flows_once dead c1 -c 40 -s 10.1.0.2 -p 60000 -t 5000
check "no client gets \"no route\"" held_is dead unreachable -eq 0
named_server 1 2 3
for n in 1 2 3 4; do
	wait_for 30 "director $n has server 1" \
		table_has "-r 10.78.0.1:$MARIADB_PORT" lb$n
done
flows_once again c1 -c 40 -s 10.1.0.2 -p 61000
check "clients are served" held_is again placed -eq 40

step "the channel between the directors of a pair is cut, and the pools fail"
for n in 1 2; do
	ns lb$n nft -f - <<-END
		table inet cut {
			chain in {
				type filter hook input priority 0; policy accept;
				udp dport 8850 drop
			}
		}
	END
done
for n in 1 2 3; do daemon_kill toys.db$n; done
for n in 1 2; do
	wait_for 40 "director $n says that it does not hear the other" \
		says $n "anotherbalancerisnotheard"
done
for n in 3 4; do
	wait_for 30 "director $n sees it" says $n '"works":false'
done
holds 5 "the router keeps all ways" routed_all
for n in 1 2 3 4; do daemon_stop evenkeeld.lb$n; done
finish
