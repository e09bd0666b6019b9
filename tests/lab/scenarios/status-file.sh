# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: a status file, or a failure with on_leave keep, loses nobody's connection
# limit: 300
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
CONF=/tmp/evenkeel.conf
STATUS=/run/status

# Each server has its own file, and its own web server that looks for it.
conf_write() {
	local n
	printf '%s\n' "virtual_server 10.77.0.100 3306 {" "delay_loop 1" \
		"lvs_sched wlc" "lvs_method DR" "protocol TCP" "retry 1" \
		"delay_before_retry 0.5"
	for n in 1 2 3; do
		printf '%s\n' "real_server 10.78.0.$n 3306 {" "weight 100" \
			"HTTP_GET {" "connect_port 9200" "connect_timeout 3" \
			"url {" "path /file$STATUS/$n" "status_code 200" "}" \
			"drain_code 404" "}" \
			"MYSQL_CHECK {" "username check" \
			"password check-secret" "timeout 5" "}" "}"
	done
	echo "}"
}
reload() {
	evenkeel_log_count lb1 "is in force:"
	local before=$LOG_COUNT
	daemon_signal evenkeeld.lb1 HUP
	wait_for 20 "the reload is done" evenkeel_log_more lb1 "is in force:" \
		"$before"
}
web_start() {
	"$LAB_NS" "db$1" python3 /src/tests/net/tools/httpserver.py 0.0.0.0 \
		9200 1 >"/run/web.$1" 2>&1 &
	DAEMON_PID[web.$1]=$!
}
web_ready() { grep -q ready /run/web.1 && grep -q ready /run/web.2 &&
	grep -q ready /run/web.3; }
in_with() { table_weight "10.78.0.$1:3306" "$2"; }
is_out() { table_has_not "-r 10.78.0.$1:3306"; }
# metric NAME FROM TO: of server 2, above 0; FROM and TO of a change.
metric() {
	local labels='virtual="10.77.0.100:3306",server="10.78.0.2:3306"'
	[ $# -eq 1 ] || labels+=",from=\"$2\",to=\"$3\""
	evenkeel lb1 metrics >/run/metrics || return
	awk -v line="evenkeel_server_$1{$labels} " '
		index($0, line) == 1 { value = $NF }
		END { print line value; exit !(value > 0) }' /run/metrics
}
nothing_broke() { held_is app broken -eq 0 && held_is app open -eq 50; }

step "three servers, each with its file; 50 connections are held"
topology_build 3
service_address_add lb1
real_server_dr db1 db2 db3
mariadb_start 1 2 3
mkdir -p $STATUS
touch $STATUS/1 $STATUS/2 $STATUS/3
for n in 1 2 3; do web_start $n; done
wait_for 60 "the web servers answer" web_ready
conf_write >$CONF
evenkeel_start $CONF
wait_for 60 "server 1 is in" in_with 1 100
wait_for 60 "server 2 is in" in_with 2 100
wait_for 60 "server 3 is in" in_with 3 100
held_start app --connections 50 --interval 500
wait_for 90 "50 connections are open" held_is app placed -eq 50
on_2=$(held_value app server.2.open)
echo "on server 2: $on_2"
check "server 2 has its part of them" test "$on_2" -ge 10
# These log in anew for every query.
held_start fresh --fresh --connections 2 --interval 50
wait_for 30 "new connections reach server 2" held_is fresh server.2.connects -ge 3

step "the file of server 2 is renamed"
mv $STATUS/2 $STATUS/2.away
wait_for 20 "its weight is 0" in_with 2 0
check "it says why" evenkeel_log lb1 "status 404 is a drain_code"
check "the operator can read it as well" eval \
	"evenkeel lb1 explain 10.78.0.2:3306 | grep -i drain"
pause 1
before=$(held_value fresh server.2.connects)
others=$(held_value fresh connected)
holds 5 "it gets no new connection" held_is fresh server.2.connects -eq "$before"
check "the others get them" held_is fresh connected -gt "$others"
check "all 50 held connections are there" nothing_broke
check "those of server 2 among them" held_is app server.2.open -eq "$on_2"
was=$(held_value app server.2.queries)
wait_for 20 "and they work" held_is app server.2.queries -gt "$was"

step "metrics have what the kernel counts, and the change"
for name in connections_total bytes_in_total packets_in_total \
	connections_active transitions_total\ up\ drain; do
	# The kernel's counters are up to two seconds old.
	# shellcheck disable=SC2086
	wait_for 10 "$name" metric $name
done
check_not "of no change that was none" metric transitions_total up down
check "and the price of all that" grep -q \
	"^evenkeel_scrape_held_seconds [0-9]" /run/metrics

step "the file comes back"
mv $STATUS/2.away $STATUS/2
wait_for 20 "its weight too" in_with 2 100
before=$(held_value fresh server.2.connects)
wait_for 30 "and new connections" held_is fresh server.2.connects -gt "$before"
check "nobody lost anything" nothing_broke

step "the operator's word comes first"
check "drain, while the file is there" evenkeel lb1 drain 10.78.0.2:3306
wait_for 20 "weight 0" in_with 2 0
holds 4 "whatever the file says" in_with 2 0
# The check must have seen it before the operator takes his word back.
seen="HTTP_GET 10.78.0.2:9200: the server asks to be drained"
evenkeel_log_count lb1 "$seen"
mv $STATUS/2 $STATUS/2.away
wait_for 20 "the check sees that the file is gone" \
	evenkeel_log_more lb1 "$seen" "$LOG_COUNT"
check "ready, while the file is not" evenkeel lb1 ready 10.78.0.2:3306
holds 4 "the file counts again" in_with 2 0
check "a weight for it" evenkeel lb1 weight 10.78.0.2:3306 50
holds 3 "does not put in what asks to be left alone" in_with 2 0
mv $STATUS/2.away $STATUS/2
wait_for 20 "the file is back: the operator's weight" in_with 2 50
check "ready" evenkeel lb1 ready 10.78.0.2:3306
wait_for 20 "all is as it was" in_with 2 100
check "nobody lost anything" nothing_broke

step "a server that fails keeps its connections, and waits for the operator"
conf_write | sed 's/^lvs_method DR$/&\non_leave keep\nfailback manual/' >$CONF
reload
echo 503 >$STATUS/2
wait_for 20 "it is down" status_has lb1 '"state":"down"'
wait_for 20 "and stays at weight 0" in_with 2 0
was=$(held_value app server.2.queries)
wait_for 20 "its connections work" held_is app server.2.queries -gt $((was + 50))
: >$STATUS/2
wait_for 20 "its checks pass again: it waits" status_has lb1 '"state":"spare"'
before=$(held_value fresh server.2.connects)
others=$(held_value fresh connected)
holds 5 "it gets no new connection" held_is fresh server.2.connects -eq "$before"
check "the others get them" held_is fresh connected -gt "$others"
daemon_kill evenkeeld.lb1
evenkeel_launch $CONF
wait_for 30 "a daemon that was killed is back" evenkeel lb1 status
wait_for 30 "all serve but the one that waits" status_has lb1 '"spares":1'
holds 5 "which waits still" in_with 2 0
check "the operator says so" evenkeel lb1 failback 10.78.0.2:3306
wait_for 20 "it serves" in_with 2 100
before=$(held_value fresh server.2.connects)
wait_for 30 "and gets new connections" held_is fresh server.2.connects -gt "$before"
check "nobody lost anything" nothing_broke
check "those of server 2 least of all" held_is app server.2.open -eq "$on_2"
held_stop app
held_stop fresh
conf_write >$CONF
reload

step "down is not drained"
echo 503 >$STATUS/3
wait_for 20 "503: the server is out" is_out 3
rm $STATUS/3
wait_for 20 "404: it is in with weight 0" in_with 3 0
mariadb_kill 3
wait_for 20 "MariaDB dies meanwhile: it is out" is_out 3
touch $STATUS/3
daemon_stop "web.1"
wait_for 20 "no web server is no server" is_out 1
web_start 1
wait_for 60 "until it is back" in_with 1 100
check "server 2 had no part in it" in_with 2 100
daemon_stop web.1
daemon_stop web.2
daemon_stop web.3
daemon_stop evenkeeld.lb1
finish
