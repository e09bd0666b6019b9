#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What strangers send to the web process: whatever it is, and however much of it,
# the process stays the same, its connections are bounded, the next honest scrape is
# answered, and main does not notice. No IPVS is needed.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"

net_build a b
chmod 755 "$NET_DIR"
RUN=$NET_DIR/run
PAGE="http://10.79.0.1:8080"
METRICS="http://10.79.0.1:9100"
TOOL=$SRC/tests/net/tools/bad_http.py

cat >"$NET_DIR/a.conf" <<'END'
global_defs {
	metrics_listen 10.79.0.1 9100
	status_listen 10.79.0.1 8080
}
END
nsenter --net=/run/netns/a -- "$EVENKEEL_BUILD/evenkeeld" -n -l \
	-f "$NET_DIR/a.conf" --run-dir "$RUN" >"$NET_DIR/log" 2>&1 &
DAEMON=$!
get() { ns b curl -sf --max-time 20 -o "$NET_DIR/body" "$1"; }
scrape() { get "$METRICS/metrics" && grep -qx 'evenkeel_up 1' "$NET_DIR/body"; }
web_pid() { pgrep -f -P "$DAEMON" evenkeel-web; }
wait_for 20 "metrics are served" scrape
wait_for 20 "so is the page" get "$PAGE/api/status"
WEB=$(web_pid)
same_process() { [ "$(web_pid)" = "$WEB" ]; }
# Two listeners with their seats and a burst of newcomers, and what it has itself.
descriptors() {
	local count
	count=$(find "/proc/$WEB/fd" -mindepth 1 2>/dev/null | wc -l)
	echo "$count descriptors"
	[ "$count" -gt 0 ] && [ "$count" -lt 430 ]
}
honest() {
	wait_for 20 "$1: an honest scrape is answered" scrape
	wait_for 20 "$1: an honest page too" get "$PAGE/api/status"
	check "$1: by the same process" same_process
}
bad() { ns b python3 "$TOOL" 10.79.0.1 "$@"; }

step "what makes no sense"
for what in long-line long-head no-head nonsense methods many-heads zero-bytes \
	pipeline body chunked; do
	check "$what is refused, or answered" bad 9100 "$what"
	check "$what at the page" bad 8080 "$what"
done
honest "after nonsense"

step "those who say nothing, or a letter at a time"
nsenter --net=/run/netns/b -- python3 "$TOOL" 10.79.0.1 9100 slow 400 >"$NET_DIR/slow" 2>&1 &
slow=$!
nsenter --net=/run/netns/b -- python3 "$TOOL" 10.79.0.1 8080 slow 400 >"$NET_DIR/slow2" 2>&1 &
slow2=$!
wait_for 60 "four hundred have connected" grep -q connected "$NET_DIR/slow"
wait_for 60 "to the page as well" grep -q connected "$NET_DIR/slow2"
for i in 1 2 3; do
	honest "meanwhile, $i"
done
check "connections are bounded" descriptors
kill $slow $slow2

step "those who ask and do not read"
nsenter --net=/run/netns/b -- python3 "$TOOL" 10.79.0.1 9100 deaf 400 >"$NET_DIR/deaf" 2>&1 &
deaf=$!
wait_for 60 "four hundred have asked" grep -q connected "$NET_DIR/deaf"
honest "meanwhile"
check "connections are bounded" descriptors
kill $deaf

check "a reader that stops is given up" bad 9100 unread

step "those who were answered and stay"
check "displace no newcomer" bad 9100 lodgers 128
check "nor at the page" bad 8080 lodgers 128
honest "meanwhile"

step "thousands of connections"
check "come and go" bad 9100 churn 3000
check "at the page too" bad 8080 churn 3000
honest "after them"
wait_for 5 "their seats are given back" eval \
	"[ \$(find /proc/$WEB/fd -mindepth 1 | wc -l) -lt 60 ]"

step "the end"
check_not "main has noticed nothing" grep -q "does not answer\|killed" \
	"$NET_DIR/log"
kill -TERM "$DAEMON"
wait "$DAEMON"
check_equal "it ends in good order" 0 $?
check "no sanitizer has a report" \
	eval "! grep -q 'Sanitizer\|runtime error' '$NET_DIR/log'"
finish
