#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A thousand HTTP checks a second, and a thousand pings a second: the share of a core
# that the checker and its helpers need. keepalived's checker does not start without
# IPVS, which a namespace has not: it is beside ours in the lab's bench.
# `./dev bench rates`
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/checker-lib.sh
. "$SRC/tests/net/checker-lib.sh"
assert_diagnose() { tail -n 5 "$NET_DIR/log" 2>/dev/null; }

SERVERS=1000
SPAN=${BENCH_SPAN:-10}

conf() {
	local i
	vs_begin "delay_loop 1" "warmup 1"
	for ((i = 0; i < SERVERS; i++)); do
		rs_begin "127.2.$((i / 250)).$((i % 250 + 1))" 8080
		case $1 in
		http) printf '%s\n' "HTTP_GET {" "url {" "path /" "status_code 200" "}" \
			"connect_timeout 5" "}" ;;
		ping) printf '%s\n' "PING_CHECK {" "connect_timeout 5" "}" ;;
		esac
		rs_end
	done
	vs_end
}

checked() { [ "$(grep -c ^verdict "$OUT")" -ge "$SERVERS" ]; }
ill() { awk '$1 == "verdict" && $6 != "ok"' "$OUT" | grep .; }

# measure KIND AIM: the share must be below AIM.
measure() {
	local cpu verdicts share
	conf "$1" >"$NET_DIR/conf"
	drive_start
	wait_for 20 "$1: each server is checked" checked
	drive_stop
	check_not "$1: and none is found ill" ill
	drive_start --quiet
	pause "$SPAN"
	drive_stop
	read -r cpu verdicts < <(sed -n \
		's/^end .*cpu=\([0-9]*\) .*verdicts=\([0-9]*\).*/\1 \2/p' "$OUT")
	share=$(awk "BEGIN { printf \"%.1f\", $cpu * 1000 / $verdicts * 1000 / 10000 }")
	TABLE+="$1: $verdicts checks in about $SPAN s, $share % of a core for 1,000 a second (aim: under $2)"$'\n'
	check "$1: it keeps up" test "$verdicts" -ge $((SERVERS * (SPAN - 2)))
	check "$1: $share % of a core" awk "BEGIN { exit !($share < $2) }"
}

echo "   load: $(cut -d ' ' -f 1-3 /proc/loadavg)"
sh -c 'echo "0 2147483647" >/proc/sys/net/ipv4/ping_group_range'
cat >"$NET_DIR/haproxy.cfg" <<-END
	defaults
		mode http
		timeout client 5s
		timeout connect 5s
		timeout server 5s
	frontend page
		bind 0.0.0.0:8080
		http-request return status 200 content-type text/plain string well
END
haproxy -db -f "$NET_DIR/haproxy.cfg" >>"$NET_DIR/log" 2>&1 &
SERVER=$!
page() { curl -sf http://127.2.0.1:8080/ | grep -q well; }
wait_for 20 "the page is there" page
step "HTTP"
measure http 25
kill $SERVER
step "pings"
measure ping 10
echo "$TABLE"
finish
