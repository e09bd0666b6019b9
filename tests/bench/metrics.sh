#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The price of those who look: a scrape of 10,000 servers, by the clock, in bytes and
# in processor time of main and of the web process; main's share of a core for the
# status page and two scrapers with 1,000 servers; `evenkeel top` with these; the
# memory of the web process while strangers crowd it. A host without IPVS has no
# kernel's table, and so none of its cost. `./dev bench metrics`
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"

net_build a b
chmod 755 "$NET_DIR"
RUN=$NET_DIR/run
METRICS=http://10.79.0.1:9100/metrics
PAGE=http://10.79.0.1:8080/api
SPAN=30 # seconds of the page with its scrapers, and of top
CROWD=()
COST=$SRC/tests/bench/scrape_cost.py

# servers COUNT: in pools of fifty, with a check that hardly ever runs.
servers() {
	cat <<-'END'
		global_defs {
			metrics_listen 10.79.0.1 9100
			status_listen 10.79.0.1 8080
		}
	END
	seq 0 $(($1 - 1)) | awk '
	$1 % 50 == 0 {
		if ($1)
			print "}"
		printf "virtual_server 10.80.%d.%d 3306 {\n", $1 / 12500, $1 / 50 % 250
		print "lvs_sched wlc\nlvs_method NAT\nprotocol TCP"
		print "delay_loop 3600\nwarmup 3600"
	}
	{
		printf "real_server 10.81.%d.%d 3306 {\n", $1 / 250, $1 % 250
		print "TCP_CHECK {\n}\n}"
	}
	END { print "}" }'
}
served() { ns b curl -sf --max-time 20 -o /dev/null "$METRICS?scope=daemon"; }
start() {
	servers "$1" >"$NET_DIR/a.conf"
	nsenter --net=/run/netns/a -- "$EVENKEEL_BUILD/evenkeeld" -n -l \
		-f "$NET_DIR/a.conf" --run-dir "$RUN" >"$NET_DIR/log" 2>&1 &
	MAIN=$!
	wait_for 60 "$1 servers are served" served
	WEB=$(pgrep -f -P "$MAIN" evenkeel-web)
}
stop() {
	kill -TERM "$MAIN"
	wait "$MAIN" 2>/dev/null
}
# measure TEXT ARG...: the figures are shown, whether they are good or not.
measure() {
	local text=$1
	shift
	ns b python3 "$COST" "$MAIN" "$WEB" "$@" >"$NET_DIR/cost" 2>&1
	echo $? >"$NET_DIR/cost.status"
	sed 's/^/   /' "$NET_DIR/cost"
	check "$text" test "$(cat "$NET_DIR/cost.status")" = 0
}

step "a scrape of 10,000 servers"
start 10000
measure "is fast and small enough" scrapes "$METRICS" 8 300 30000000
check "evenkeel metrics has the same" eval "nsenter --net=/run/netns/a -- \
	'$EVENKEEL_BUILD/evenkeel' --run-dir '$RUN' metrics | wc -c |
	tee /dev/stderr | grep -q '^2[0-9]\{7\}$'"
stop

step "a page and two scrapers, 1,000 servers, $SPAN s"
start 1000
measure "main has hardly anything to do" viewers "$METRICS" "$PAGE" $SPAN 1
measure "top is as quick" top "$SPAN" 3 \
	"$EVENKEEL_BUILD/evenkeel" --run-dir "$RUN" top --interval=2

# crowd KIND PORT COUNT: strangers at the metrics or the page; added to CROWD.
crowd() {
	nsenter --net=/run/netns/b -- python3 "$SRC/tests/net/tools/bad_http.py" \
		10.79.0.1 "$2" "$1" "$3" >"$NET_DIR/$1" 2>&1 &
	CROWD+=($!)
	wait_for 60 "$3, $1" grep -q connected "$NET_DIR/$1"
}
step "strangers, 1,000 servers"
crowd slow 9100 400
crowd deaf 9100 400
measure "the next honest scrape is answered, in 20 MB" memory "$METRICS" 20
kill "${CROWD[@]}"
stop

step "strangers, 10,000 servers"
CROWD=()
start 10000
crowd sip 8080 60
crowd deaf 9100 400
measure "the next honest scrape is answered, in 20 MB" memory "$METRICS" 20
measure "the next honest page too" memory "$PAGE/status" 20
kill "${CROWD[@]}"
stop
finish
