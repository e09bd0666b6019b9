#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# MySQL checks against a real server: every outcome that a server can cause by
# itself, sessions kept and renewed, and politeness.
# shellcheck disable=SC2119
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/checker-lib.sh
. "$SRC/tests/net/checker-lib.sh"

db_install
db_start --max-connections=12 --extra-port=3307 --extra-max-connections=5
sql "CREATE DATABASE app; CREATE TABLE app.t (a INT);
	CREATE USER 'filed'@'%' IDENTIFIED BY 'from a file'"
echo "from a file" >"$NET_DIR/password"

step "what the server answers"
fast="delay_loop 0.4"
{
	vs_begin "$fast"
	rs_mysql 127.0.0.1 3306 "timeout 60"
	rs_mysql 127.0.0.2 3306 "password wrong"
	rs_mysql 127.0.0.3 3306 'query "SELECT 40 + 2"' 'expect "42"'
	rs_mysql 127.0.0.4 3306 'query "SELECT 40 + 2"' 'expect "43"'
	rs_mysql 127.0.0.5 3306 'query "SELECT 1 FROM dual WHERE 1 = 0"'
	rs_mysql 127.0.0.6 3306 "database nowhere"
	rs_mysql 127.0.0.7 3306 'query "SELEC 1"'
	rs_mysql 127.0.0.8 3306 "database app" 'query "SELECT a FROM t"'
	rs_mysql 127.0.0.9 3308
	rs 127.0.0.10 3306 MYSQL_CHECK "username filed" \
		"password_file $NET_DIR/password"
	vs_end
	printf '%s\n' "virtual_server 2001:db8::1 3306 {" "lvs_sched rr" \
		"lvs_method NAT" "protocol TCP" "$fast"
	rs_begin ::1 3306
	mysql_check "timeout 60"
	echo "TCP_CHECK { }"
	rs_end
	vs_end
} >"$NET_DIR/conf"
drive_start
wait_for 10 "a login and SELECT 1" last_is 127.0.0.1:3306 ok
wait_for 5 "a wrong password is our mistake" \
	last_is 127.0.0.2:3306 misconfigured 1045
wait_for 5 "the expected value" last_is 127.0.0.3:3306 ok
wait_for 5 "another value" last_is 127.0.0.4:3306 unexpected
wait_for 5 "no row" last_is 127.0.0.5:3306 unexpected
wait_for 5 "a table without a right to it is our mistake" \
	last_is 127.0.0.8:3306 misconfigured 1044
wait_for 5 "a database that is not there is our mistake" \
	last_is 127.0.0.6:3306 misconfigured
wait_for 5 "bad SQL is our mistake" last_is 127.0.0.7:3306 misconfigured 1064
wait_for 5 "a closed port is refused" last_is 127.0.0.9:3308 refused
wait_for 5 "the password comes from a file" last_is 127.0.0.10:3306 ok
wait_for 5 "IPv6" count_reaches "[::1]:3306" ok 4
check "    is no different" only "[::1]:3306" ok

step "facts"
facts_are_there() {
	of 127.0.0.1:3306 | tail -n 1 | grep -E 'running=[1-9][0-9]* connected=[1-9][0-9]* max=12 used=[1-9][0-9]* wait=28800 uptime=[0-9]+ read_only=0'
}
check "connections, limits and uptime come with the verdict" facts_are_there
sql "SET GLOBAL read_only = 1"
read_only_is_seen() { of 127.0.0.1:3306 | tail -n 1 | grep read_only=1; }
wait_for 5 "read_only is seen" read_only_is_seen
sql "SET GLOBAL read_only = 0"

step "secrets"
secret_is_visible() {
	local pid
	for pid in $(pgrep -x 'evenkeel-.*') $CHECKER_PID; do
		tr '\0' '\n' <"/proc/$pid/cmdline"
		tr '\0' '\n' <"/proc/$pid/environ"
		cat "/proc/$pid/comm"
	done | grep -E 'secret|from a file'
}
check_not "no password in a command line, environment or title" \
	secret_is_visible
check_not "none in verdicts or the log" \
	grep -E '\bsecret\b|from a file' "$OUT" "$NET_DIR/log"
drive_stop

step "sessions"
{
	vs_begin "delay_loop 0.2"
	rs_mysql 127.0.0.1 3306 "fresh_login 5" "timeout 60"
	vs_end
} >"$NET_DIR/conf"
# Those of the checker that was ended are gone first, however they went.
no_sessions() {
	[ "$(sql "SELECT COUNT(*) FROM information_schema.processlist
		WHERE user = 'check'")" = 0 ]
}
poll 20 no_sessions
aborted=$(status Aborted_clients)
before=$(status Connections)
drive_start
wait_for 20 "twenty rounds" count_reaches 127.0.0.1:3306 ok 20
least=$(count 127.0.0.1:3306)
logins=$(($(status Connections) - before - 1))
most=$(count 127.0.0.1:3306)
few_logins() {
	echo "$logins logins in $least to $most rounds"
	[ "$logins" -ge $((least / 5)) ] && [ "$logins" -le $((most / 5 + 2)) ]
}
check "every fifth round logs in, the others use the session" few_logins
check_equal "nobody was cut off" "$aborted" "$(status Aborted_clients)"

kill_sessions() {
	local id
	for id in $(sql "SELECT id FROM information_schema.processlist
		WHERE user = 'check'"); do
		sql "KILL $id"
	done
}
for _ in 1 2 3; do
	kill_sessions
	was=$(count 127.0.0.1:3306 ok)
	wait_for 5 "a killed session is replaced" \
		count_reaches 127.0.0.1:3306 ok $((was + 2))
done
check "and is no failure of the server" never 127.0.0.1:3306 '[^o]'

step "a hung server"
# From here on the time limit counts.
sed -i 's/^timeout 60$/timeout 1/' "$NET_DIR/conf"
kill -HUP "$DRIVE_PID"
wait_for 10 "another time limit is taken" grep -q "^ready 2" "$OUT"
was=$(count 127.0.0.1:3306 ok)
wait_for 20 "and kept to" count_reaches 127.0.0.1:3306 ok $((was + 1))
kill -STOP "$DB_PID"
wait_for 5 "is noticed" last_is 127.0.0.1:3306 hung
# What the limit is to the millisecond is shown on a clock of our own; here, that
# it is waited for. A last word that was read late makes this shorter.
took=$(awk '$1 == "verdict" && $6 == "hung" {
		print int(($2 - before) * 1000); exit }
	$1 == "verdict" { before = $2 }' "$OUT")
check "only after a time limit of 1 s ($took ms after the last word)" \
	test "$took" -ge 500
kill -CONT "$DB_PID"
wait_for 5 "and its return too" last_is 127.0.0.1:3306 ok

step "a restarted server"
was=$(count 127.0.0.1:3306 ok)
kill -KILL "$DB_PID"
wait "$DB_PID" 2>/dev/null
wait_for 5 "a dead server is refused" last_is 127.0.0.1:3306 refused
db_start --max-connections=12 --extra-port=3307 --extra-max-connections=5
wait_for 10 "and back after its restart" last_is 127.0.0.1:3306 ok
drive_stop

step "a full server"
{
	vs_begin "delay_loop 0.3"
	rs_mysql 127.0.0.1 3306 "fresh_login 1"
	rs_mysql 127.0.0.2 3306 "fresh_login 1" "fallback_port 3307"
	rs_mysql 127.0.0.3 3306 "fresh_login 1" "fallback_port 3307" \
		'query "SELECT 5"' 'expect "6"'
	vs_end
} >"$NET_DIR/conf"
sql "CREATE USER app@'%'; GRANT PROCESS, CONNECTION ADMIN ON *.* TO 'check'@'%'"
sql "SET GLOBAL max_connections = 10"
app() { mariadb --no-defaults --skip-ssl -h 127.0.0.1 -u app -e "$1"; }
held=()
# Takes one connection more, until all are taken and none is to be had. One that
# is refused because another was just ending has not taken any.
is_full() {
	local taken
	taken=$(sql "SELECT COUNT(*) FROM information_schema.processlist
		WHERE user = 'app' AND info LIKE 'SELECT SLEEP%'")
	echo "$taken of 10 connections"
	[ "$taken" -lt 10 ] || { ! app "DO 1" && return; }
	app "SELECT SLEEP(600)" >/dev/null 2>&1 &
	held+=($!)
	return 1
}
wait_for 10 "the application takes every connection" is_full
# The right to end sessions opens one place more, by which a check would get in:
# it is taken too.
sql "CREATE USER keeper@'%'; GRANT PROCESS, CONNECTION ADMIN ON *.* TO keeper@'%'"
keeper() { mariadb --no-defaults --skip-ssl -h 127.0.0.1 -u keeper "$@"; }
is_kept() {
	[ "$(keeper -P 3307 -BN -e "SELECT COUNT(*) FROM
		information_schema.processlist WHERE user = 'keeper' AND
		info LIKE 'SELECT SLEEP%'")" = 1 ] && return
	keeper -P 3306 -e "SELECT SLEEP(600)" >/dev/null 2>&1 &
	held+=($!)
	return 1
}
wait_for 10 "and an operator the one beyond" is_kept
drive_start
wait_for 5 "full is saturated, not dead" last_is 127.0.0.1:3306 saturated 1040
wait_for 5 "with a fallback port too" last_is 127.0.0.2:3306 saturated 1040
with_facts() { of 127.0.0.2:3306 | tail -n 1 | grep -E 'connected=1[0-9] max=10'; }
check "but there the facts can be read" with_facts
wait_for 5 "and a worse answer there counts" last_is 127.0.0.3:3306 unexpected
check "without a single failure" never 127.0.0.1:3306 'saturated 1040 [1-9]'
# An eviction has half of a probe's time; on a host that is too busy for all of it,
# the next one goes on.
ended() {
	grep -E ' 127.0.0.[23]:3306 (saturated|unexpected) .* evicted=[1-9]' "$OUT" ||
		! kill -WINCH "$DRIVE_PID"
}
wait_for 20 "clients' sessions are ended by the other port" ended
kill "${held[@]}" 2>/dev/null
wait "${held[@]}" 2>/dev/null
# The one place that is kept for root may be taken by a login under refusal.
room_is_made() {
	local ids id
	ids=$(sql "SELECT id FROM information_schema.processlist
		WHERE user IN ('app', 'keeper')") || return
	for id in $ids; do sql "KILL $id"; done
	[ -z "$ids" ]
}
wait_for 10 "the application's connections are ended" room_is_made
wait_for 10 "with room again it is ok" last_is 127.0.0.1:3306 ok
drive_stop
check_not "main was never left without a word" grep silent "$OUT"
db_stop
finish
