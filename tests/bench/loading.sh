#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Reading a file of 2,284 services with 37,298 servers, each with a TCP check:
# `evenkeeld -t` beside `keepalived -t` in the same run, by turns; wall and processor
# time, the shortest of the rounds. `./dev bench loading`
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
assert_diagnose() { tail -n 5 "$NET_DIR/said" 2>/dev/null; }

SERVICES=2284
SERVERS=37298
ROUNDS=${BENCH_ROUNDS:-5}
AIM=300 # ms

awk -v services=$SERVICES -v servers=$SERVERS 'BEGIN {
	for (i = 0; i < services; i++) {
		printf "virtual_server 10.80.%d.%d 3306 {\n", i / 250, i % 250
		printf "delay_loop 6\nlvs_sched wlc\nlvs_method NAT\nprotocol TCP\n"
		for (; n < servers * (i + 1) / services; n++)
			printf "real_server 10.%d.%d.%d 3306 {\nweight 5\n" \
				"TCP_CHECK {\nconnect_timeout 3\n}\n}\n",
				100 + n / 62500, n / 250 % 250, n % 250
		printf "}\n"
	}
}' >"$NET_DIR/conf"

# measure NAME COMMAND...: keeps the shortest times, in ms.
declare -A WALL CPU
measure() {
	local name=$1 wall user kernel status
	shift
	TIMEFORMAT='%R %U %S'
	read -r wall user kernel < <({ time "$@" >"$NET_DIR/said" 2>&1; } 2>&1)
	wall=$(awk "BEGIN { print $wall * 1000 }")
	user=$(awk "BEGIN { print ($user + $kernel) * 1000 }")
	status=$(awk "BEGIN { print (\"${WALL[$name]:-}\" == \"\" || $wall < ${WALL[$name]:-0}) }")
	[ "$status" = 0 ] || WALL[$name]=$wall
	status=$(awk "BEGIN { print (\"${CPU[$name]:-}\" == \"\" || $user < ${CPU[$name]:-0}) }")
	[ "$status" = 0 ] || CPU[$name]=$user
	echo "   $name: $wall ms, $user ms of the processor"
}

check_equal "services" "$SERVICES" "$(grep -c ^virtual_server "$NET_DIR/conf")"
check_equal "servers" "$SERVERS" "$(grep -c ^real_server "$NET_DIR/conf")"
echo "   load: $(cut -d ' ' -f 1-3 /proc/loadavg)"
for ((round = 0; round < ROUNDS; round++)); do
	measure evenkeel "$EVENKEEL_BUILD/evenkeeld" -t -f "$NET_DIR/conf"
	check_not "evenkeel finds no error" grep -q error: "$NET_DIR/said"
	[ $round -gt 1 ] || measure keepalived keepalived -t -f "$NET_DIR/conf"
done
printf '%-12s %10s %10s\n' "" "wall, ms" "processor" \
	evenkeel "${WALL[evenkeel]}" "${CPU[evenkeel]}" \
	keepalived "${WALL[keepalived]}" "${CPU[keepalived]}"
awk "BEGIN { printf \"ratio %.3f (processor time); aim: under $AIM ms\\n\", ${CPU[evenkeel]} / ${CPU[keepalived]} }"
check "under $AIM ms of the processor" awk "BEGIN { exit !(${CPU[evenkeel]} < $AIM) }"
finish
