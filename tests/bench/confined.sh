#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the filters of system calls and the wiping of secrets cost a check: MySQL and
# TCP checks with the program as it is, and with both taken away (unconfined.c), by
# turns; processor time of the checker and its helpers. `./dev bench confined`
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/checker-lib.sh
. "$SRC/tests/net/checker-lib.sh"
assert_diagnose() { tail -n 5 "$NET_DIR/log" 2>/dev/null; }

SERVERS=200
ROUNDS=${BENCH_ROUNDS:-7}
SPAN=${BENCH_SPAN:-8}
OFF=$EVENKEEL_BUILD/tests/bench/unconfined.so

# A session is logged in anew each time: that is when secrets are wiped.
conf() {
	local i
	vs_begin "delay_loop 0.5" "warmup 0.5"
	for ((i = 1; i <= SERVERS; i++)); do
		rs_begin "127.1.0.$i" 3306
		case $1 in
		mysql) mysql_check "timeout 5" "fresh_login 1" ;;
		tcp) printf '%s\n' "TCP_CHECK {" "connect_timeout 5" "}" ;;
		esac
		rs_end
	done
	vs_end
}
filters() { sed -n 's/^Seccomp:[[:space:]]*//p' "/proc/$CHECKER_PID/status"; }

# measure KIND [VARIABLE]: sets COST to the microseconds of a check.
measure() {
	local cpu verdicts
	conf "$1" >"$NET_DIR/conf"
	DRIVE_UNDER=(env "${@:2}")
	drive_start --quiet
	FILTERS=$(filters)
	pause "$SPAN"
	drive_stop
	read -r cpu verdicts < <(sed -n \
		's/^end .*cpu=\([0-9]*\) .*verdicts=\([0-9]*\).*/\1 \2/p' "$OUT")
	COST=$(awk "BEGIN { printf \"%.1f\", $cpu * 1000 / $verdicts }")
	echo "   $1${2:+ without}: $verdicts checks, $COST us each"
}
# The second lowest: a host that is busy makes numbers larger, never smaller.
low() { printf '%s\n' "$@" | sort -g | sed -n 2p; }

echo "0 0" >"$NET_DIR/counts"
"$TOOLS/fastmysql" 3306 "$NET_DIR/counts" &
SERVER=$!
for kind in tcp mysql; do
	step "$kind"
	with=() without=()
	for ((round = 0; round < ROUNDS; round++)); do
		measure $kind
		with+=("$COST")
		check "the checker is confined" test "$FILTERS" = 2
		measure $kind "LD_PRELOAD=$OFF"
		without+=("$COST")
		check "the checker is not confined" test "$FILTERS" = 0
	done
	TABLE+="$kind: $(low "${with[@]}") us a check, $(low "${without[@]}") without"$'\n'
	echo "   with: ${with[*]}"
	echo "   without: ${without[*]}"
done
echo "$TABLE"
kill $SERVER
finish
