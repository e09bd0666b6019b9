# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: four directors: all servers die, an operator channel that is cut between halves
# limit: 300
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
# shellcheck source=tests/lab/lib/directors.sh
. /src/tests/lab/lib/directors.sh

DIRECTORS_GLOBAL='lvs_sync_daemon eth0 id 77
lvs_sync_tuning on
MESH'
FLOWS_HELD=40 FLOWS_EVERY=400
routed_all() { routed 1 2 3 4; }

step "four directors"
directors_build 4
director_start 1 2 3 4

step "all servers die"
for n in 1 2 3; do daemon_kill toys.db$n; done
for n in 1 2 3 4; do
	wait_for 30 "director $n sees it" director_says $n '"works":false'
done
holds 5 "the router keeps all ways" routed_all
flows_once dead c1 -c 40 -s 10.1.0.2 -p 60000 -t 5000
check "no client gets \"no route\"" held_is dead unreachable -eq 0
# The last resort has them in the table already: clients may come at once.
named_server 1 2 3
flows_once again c1 -c 40 -s 10.1.0.2 -p 61000
check "clients are served" held_is again placed -eq 40

step "the channel is cut between halves, and an operator speaks in each"
# cut_halves: directors 1 and 2 do not hear 3 and 4, and the other way round.
cut_halves() {
	local n
	for n in 1 2 3 4; do
		ns "lb$n" nft -f - <<-END
			table inet cut {
				chain in {
					type filter hook input priority 0; policy accept;
					udp dport 8850 ip saddr { 10.77.0.1$((n < 3 ? 3 : 1)), 10.77.0.1$((n < 3 ? 4 : 2)) } drop
				}
			}
		END
	done
	for n in 1 2 3 4; do
		wait_for 40 "director $n does not hear two" director_says "$n" '"others_silent":true'
	done
}
heal() {
	local n
	for n in 1 2 3 4; do ns "lb$n" nft delete table inet cut; done
	for n in 1 2 3 4; do
		wait_for 40 "director $n hears all" director_says "$n" '"others_silent":false'
	done
}
flows_hold halves
flows_case halves "channel cut between halves" cut_halves
check "none breaks" flows_lost_at_most 0
check_equal "none moves" 0 "$MOVED"
flows_case halves "director drained in one half" director_drain 1
check "none breaks" flows_lost_at_most 0
# agreed WEIGHT N...: these directors have server 1 at that weight.
agreed() {
	local n
	for n in "${@:2}"; do
		wait_for 20 "director $n has the word" \
			table_weight "10.78.0.1:$MARIADB_PORT" "$1" "lb$n"
	done
}
check "a word in one half" evenkeel lb2 weight 10.78.0.1:$MARIADB_PORT 7
agreed 7 1 2
check "another one, later, in the other half" \
	evenkeel lb3 weight 10.78.0.1:$MARIADB_PORT 3
agreed 3 3 4
check "the first half keeps its own" table_weight "10.78.0.1:$MARIADB_PORT" 7 lb1
flows_case halves "and the halves are whole again" heal
check "none breaks" flows_lost_at_most 0
agreed 3 1 2 3 4
check "ready" evenkeel lb1 ready --director
wait_for 30 "the router has a way by it" routed 1
flows_end halves

step "cut once more, and the pools fail in both halves"
cut_halves
for n in 1 2 3; do daemon_kill toys.db$n; done
for n in 1 2 3 4; do
	wait_for 40 "director $n says that it does not hear the others" \
		director_says $n "anotherbalancerisnotheard"
done
holds 5 "the router keeps all ways" routed_all
for n in 1 2 3 4; do daemon_stop evenkeeld.lb$n; done
finish
