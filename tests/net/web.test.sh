#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The web process: what it serves, to whom, and after which reload; that it has no
# right; that nobody misses it when it is gone, and that it says so when main is.
# No IPVS is needed.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"

net_build a b
chmod 755 "$NET_DIR"
RUN=$NET_DIR/run
CONF=$NET_DIR/a.conf
HERE=10.79.0.1
DAEMON=

# conf LINE...: the lines of global_defs.
conf() {
	{
		printf '%s\n' "global_defs {" "$@" "}"
		cat <<-'END'
			virtual_server 10.79.0.100 7000 {
				lvs_sched wlc
				lvs_method NAT
				protocol TCP
				delay_loop 0.2
				real_server 127.0.0.2 7000 {
					TCP_CHECK {
					}
				}
			}
		END
	} >"$CONF"
}
reload() {
	local before
	before=$(grep -cF 'is in force' "$NET_DIR/log")
	kill -HUP "$DAEMON"
	wait_for 20 "$1" eval \
		"[ \$(grep -cF 'is in force' '$NET_DIR/log') -gt $before ]"
}
# get URL [OPTION...]: status into $NET_DIR/status, head and body beside it.
get() {
	ns b curl -sg --max-time 20 -D "$NET_DIR/head" -o "$NET_DIR/body" \
		-w '%{http_code}\n' "${@:2}" "$1" >"$NET_DIR/status" 2>&1
}
# gives STATUS URL [OPTION...]
gives() {
	get "${@:2}"
	cat "$NET_DIR/status"
	[ "$(cat "$NET_DIR/status")" = "$1" ]
}
head_has() { tr -d '\r' <"$NET_DIR/head" | grep -qixF -- "$1"; }
web_pid() { pgrep -f -P "$DAEMON" evenkeel-web; }
ctl() { "$EVENKEEL_BUILD/evenkeel" --run-dir "$RUN" "$@"; }
# json EXPRESSION: of the body, as x
json() {
	python3 -c 'import json, sys
x = json.load(open(sys.argv[1]))
sys.exit(not eval("(" + sys.argv[2] + ")"))' "$NET_DIR/body" "$1"
}

conf "metrics_listen $HERE 9100 scrape.example" \
	"status_listen fd79::1 8080 status.example"
nsenter --net=/run/netns/a -- "$EVENKEEL_BUILD/evenkeeld" -n -l -D -f "$CONF" --run-dir "$RUN" \
	>"$NET_DIR/log" 2>&1 &
DAEMON=$!
METRICS="http://$HERE:9100"
PAGE="http://[fd79::1]:8080"

step "metrics"
wait_for 20 "are served" gives 200 "$METRICS/metrics"
check "as text, by default" \
	head_has "Content-Type: text/plain; version=0.0.4; charset=utf-8"
check "which nobody keeps" head_has "Cache-Control: no-store"
check "and a strict parser reads" python3 "$SRC/tests/net/tools/exposition.py" \
	text evenkeel_up=1 <"$NET_DIR/body"
check "families are those of the command" eval \
	"diff <(grep ^# '$NET_DIR/body') <(ctl metrics | grep ^#)"
check "as OpenMetrics for those who prefer it" gives 200 "$METRICS/metrics" \
	-H 'Accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5'
check "with its type" head_has \
	"Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8"
check "and a strict parser reads that" \
	python3 "$SRC/tests/net/tools/exposition.py" openmetrics evenkeel_up=1 \
	<"$NET_DIR/body"
check "a part" gives 200 "$METRICS/metrics?scope=pool"
check_not "has no servers" grep -q evenkeel_server_ "$NET_DIR/body"
check "the whole after a part still has" gives 200 "$METRICS/metrics"
check "servers" grep -q evenkeel_server_ "$NET_DIR/body"
check "a scope that is none" gives 400 "$METRICS/metrics?scope=all"
check "another path" gives 404 "$METRICS/api/status"
check "nor is there a page" gives 404 "$METRICS/"

step "the status page"
check "is served" gives 200 "$PAGE/"
check "as a page" head_has "Content-Type: text/html; charset=utf-8"
check "whose browser runs nothing of elsewhere" grep -qi \
	"^Content-Security-Policy: default-src 'none'; script-src 'self'" \
	"$NET_DIR/head"
check "nor guesses" head_has "X-Content-Type-Options: nosniff"
check "nor tells" head_has "Referrer-Policy: no-referrer"
check "the same by its name" eval \
	"cp '$NET_DIR/body' '$NET_DIR/first' && gives 200 '$PAGE/index.html' &&
	cmp '$NET_DIR/body' '$NET_DIR/first'"
check "status" gives 200 "$PAGE/api/status"
check "is that of the command, and its age" json \
	'x["daemon"]["generation"] == 1 and 0 <= x["age_s"] < 5 and
	 x["virtual_servers"][0]["name"] == "10.79.0.100:7000" and
	 x["generated_at"] > 1.7e9'
check "headroom" gives 200 "$PAGE/api/headroom"
check "is that of the command" json 'x["virtual_servers"][0]["target"] == 0'
check "the pair" gives 200 "$PAGE/api/vrrp"
check "is that of the command" json 'x["instances"] == []'
ctl drain 127.0.0.2:7000 >/dev/null
check "events" gives 200 "$PAGE/api/events"
check "are those of the command" json \
	'any("127.0.0.2:7000" in e["text"] for e in x["events"])'
last=$(python3 -c 'import json, sys
print(json.load(open(sys.argv[1]))["events"][-1]["number"])' "$NET_DIR/body")
check "from the last on" gives 200 "$PAGE/api/events?after=$last"
check "there is none" json 'x["events"] == []'
check "what is no number" gives 400 "$PAGE/api/events?after=x"
check "explain" gives 200 "$PAGE/api/explain?server=127.0.0.2:7000"
check "has the chain" json 'len(x["servers"][0]["chain"]) > 0'
check "of one pool" gives 200 \
	"$PAGE/api/explain?server=127.0.0.2:7000&virtual=10.79.0.100:7000"
check "has it too" json 'len(x["servers"]) == 1'
check "without a server" gives 400 "$PAGE/api/explain"
check "with two lines" gives 400 \
	"$PAGE/api/explain?server=127.0.0.2:7000%0Areload"
check "with two lines in the pool" gives 400 \
	"$PAGE/api/explain?server=127.0.0.2:7000&virtual=a%0Areload"
check "another path" gives 404 "$PAGE/api/drain"
check "nor are there metrics" gives 404 "$PAGE/metrics"

step "names"
check "ours" gives 200 "$PAGE/api/status" -H 'Host: status.example:8080'
check "somebody else's" gives 421 "$PAGE/api/status" -H 'Host: evil.example'
check_not "gets no data" grep -q virtual_servers "$NET_DIR/body"
check "not even the page" gives 421 "$PAGE/" -H 'Host: evil.example'
check_not "none" gives 200 "$PAGE/" -H 'Host:'
check "one of metrics" gives 421 "$PAGE/" -H 'Host: scrape.example'
check "ours, for metrics" gives 200 "$METRICS/metrics" \
	-H 'Host: scrape.example:9100'
check "another one, for metrics" gives 421 "$METRICS/metrics" \
	-H 'Host: evil.example:9100'
check_not "gets no figure" grep -q evenkeel_ "$NET_DIR/body"
check "but the way out" grep -q "names can be added to metrics_listen" \
	"$NET_DIR/body"
wait_for 20 "which the log has as well" grep -q "metrics_listen: a client that \
asked for 'evil.example:9100' was refused" "$NET_DIR/log"
check "the page's name, for metrics" gives 421 "$METRICS/metrics" \
	-H 'Host: status.example'
check_equal "the log has one of them" 1 \
	"$(grep -c 'metrics_listen: a client that asked' "$NET_DIR/log")"

step "methods"
for method in POST PUT DELETE OPTIONS TRACE PURGE; do
	check "$method" gives 405 "$PAGE/api/status" -X $method
done
check "says what there is" head_has "Allow: GET, HEAD"
check "a body" gives 405 "$PAGE/api/status" -d drain=1
check "a body of GET" gives 400 "$PAGE/api/status" -X GET -d drain=1
check "HEAD" gives 200 "$PAGE/" -I

step "rights"
WEB=$(web_pid)
check_equal "no capability" 0000000000000000 \
	"$(sed -n 's/^CapEff:\t//p' "/proc/$WEB/status")"
check_equal "not root" "$(id -u nobody)" "$(stat -c %u "/proc/$WEB")"
check_equal "nor can it become that" 1 \
	"$(sed -n 's/^NoNewPrivs:\t//p' "/proc/$WEB/status")"

step "a reload"
conf "metrics_listen fd79::1 9101" "status_listen $HERE 8081"
reload "with other addresses"
wait_for 20 "metrics are there" gives 200 "http://[fd79::1]:9101/metrics"
wait_for 20 "the page too" gives 200 "http://$HERE:8081/"
check_not "not where they were" gives 200 "$METRICS/metrics"
check_not "nor the page" gives 200 "$PAGE/"
check "a name that the file has no more, for metrics" gives 421 \
	"http://[fd79::1]:9101/metrics" -H 'Host: scrape.example'
check "a name that the file has no more" gives 421 "http://$HERE:8081/" \
	-H 'Host: status.example'
check_equal "by the same process" "$WEB" "$(web_pid)"
conf "metrics_listen $HERE 8081" "status_listen fd79::1 9101 new.example"
reload "with addresses that change places"
wait_for 20 "metrics" gives 200 "http://$HERE:8081/metrics"
wait_for 20 "the page" gives 200 "http://[fd79::1]:9101/" -H 'Host: new.example'
conf "metrics_listen $HERE 8081"
reload "without the page"
wait_for 20 "it is gone" eval "! gives 200 http://[fd79::1]:9101/"
# An answer may be a second old.
counts() {
	gives 200 "http://$HERE:8081/metrics" &&
		grep -qx "evenkeel_config_generation 4" "$NET_DIR/body"
}
wait_for 20 "metrics are there, and count the reloads" counts
conf "router_id a"
reload "without both"
wait_for 20 "the process is gone" eval "! web_pid"
conf "metrics_listen $HERE 9100" "status_listen $HERE 8080"
reload "with both"
wait_for 20 "it is back" gives 200 "$METRICS/metrics"
PAGE="http://$HERE:8080"

step "a port that is taken"
nsenter --net=/run/netns/a -- python3 -c 'import socket, time
s = socket.create_server(("10.79.0.1", 9102)); time.sleep(3600)' &
taker=$!
wait_for 20 "somebody has it" ns b bash -c ": </dev/tcp/$HERE/9102"
conf "metrics_listen $HERE 9102" "status_listen $HERE 8080"
reload "with that port"
wait_for 20 "the log says so" grep -q \
	"metrics_listen: cannot listen at $HERE:9102: Address already in use" \
	"$NET_DIR/log"
check "the page is served" gives 200 "$PAGE/api/status"
kill $taker
wait $taker 2>/dev/null
wait_for 30 "it is taken when it is free" gives 200 "http://$HERE:9102/metrics"
conf "metrics_listen $HERE 99" "status_listen $HERE 8080"
reload "with a low port"
wait_for 20 "the log names the way out" grep -q \
	"metrics_listen: this process has no right to ports below 1024" \
	"$NET_DIR/log"
conf "metrics_listen $HERE 9100" "status_listen $HERE 8080"
reload "with the old ports"
wait_for 20 "they are served" gives 200 "$METRICS/metrics"

step "a process that is killed"
WEB=$(web_pid)
kill -KILL "$WEB"
another() { local new; new=$(web_pid) && [ "$new" != "$WEB" ]; }
wait_for 20 "another one runs" another
wait_for 20 "and serves" gives 200 "$METRICS/metrics"
check "main says so" grep -q "web: error: killed by signal 9" "$NET_DIR/log"

step "a process that stands still"
WEB=$(web_pid)
kill -STOP "$WEB"
check "main answers" ctl events
kill -CONT "$WEB"
wait_for 20 "it goes on" gives 200 "$METRICS/metrics"

step "a main that stands still"
kill -STOP "$DAEMON"
down() { gives 200 "$METRICS/metrics" && grep -qx 'evenkeel_up 0' "$NET_DIR/body"; }
wait_for 20 "metrics say so" down
check_equal "and nothing else" 1 "$(grep -vc '^#' "$NET_DIR/body")"
check "the page's data too" gives 503 "$PAGE/api/status"
check "in words" json '"daemon" in x["error"]'
kill -CONT "$DAEMON"
up() { gives 200 "$METRICS/metrics" && grep -qx 'evenkeel_up 1' "$NET_DIR/body"; }
wait_for 30 "they say when it is back" up

step "the end"
kill -TERM "$DAEMON"
wait "$DAEMON"
check_equal "main ends in good order" 0 $?
check "no sanitizer has a report" \
	eval "! grep -q 'Sanitizer\|runtime error' '$NET_DIR/log'"
finish
