#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# long: yes
# A server that hangs is not filled by the check that finds it so: at any time
# there are two sessions of one check in it at most. Counted in the server.
# shellcheck disable=SC2119
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/checker-lib.sh
. "$SRC/tests/net/checker-lib.sh"

TOY=$NET_DIR/toy.said SAYS=$NET_DIR/says
PORT=3408
NEW="columns Channel_Name Replica_IO_Running Replica_SQL_Running Seconds_Behind_Source SQL_Delay Last_IO_Errno Last_SQL_Errno"

# begin ADDRESS PORT LINE...: one check, two rounds a second.
begin() {
	{
		vs_begin "delay_loop 0.5"
		rs_mysql "$1" "$2" "timeout 0.4" "${@:3}"
		vs_end
	} >"$NET_DIR/conf"
	drive_start
}
# is SERVER OUTCOME PATTERN: the newest verdict.
is() {
	local line
	line=$(of "$1" | tail -n 1)
	echo "last verdict: $line"
	grep -qE "^$2 .*$3" <<<"$line"
}

step "MariaDB, a statement that takes for ever"
db_install
db_start --max-connections=30
GOOD=127.0.0.1:3306
# The peak is the server's own count; one of it is who asks.
peak() { echo $(($(status Max_used_connections) - 1)); }
peak_is_small() { peak && [ "$(peak)" -le 2 ]; }
sql "FLUSH STATUS"
begin 127.0.0.1 3306 'query "SELECT SLEEP(600)"'
wait_for 20 "it is found to hang" count_reaches $GOOD hung 12
check "with two sessions at most" peak_is_small
ended_in_the_server() { [ "$(status Max_statement_time_exceeded)" -ge 10 ]; }
check "the server ends each by itself" ended_in_the_server
drive_stop

step "MariaDB, a statement that lifts the limit"
sql "FLUSH STATUS"
begin 127.0.0.1 3306 \
	'query "SET STATEMENT max_statement_time = 0 FOR SELECT SLEEP(600)"'
wait_for 30 "it is found to hang" count_reaches $GOOD hung 12
check "with two sessions at most" peak_is_small
killed() { [ "$(status Com_kill)" -ge 5 ]; }
wait_for 10 "the session of a probe is ended by the next" killed
drive_stop

step "MariaDB, a lock"
sql "CREATE DATABASE app; CREATE TABLE app.t (a INT PRIMARY KEY) ENGINE=InnoDB;
	INSERT INTO app.t VALUES (1); GRANT SELECT, UPDATE ON app.* TO 'check'@'%';
	FLUSH STATUS"
sql "BEGIN; SELECT * FROM app.t FOR UPDATE; DO SLEEP(600)" >/dev/null &
locker=$!
sessions_of_others() {
	[ "$(sql "SELECT COUNT(*) FROM information_schema.processlist
		WHERE info = 'DO SLEEP(600)'")" = 1 ]
}
poll 10 sessions_of_others
begin 127.0.0.1 3306 'query "SELECT * FROM app.t FOR UPDATE"'
wait_for 20 "it is found to hang" count_reaches $GOOD hung 12
peak_is_small_beside() { peak && [ "$(peak)" -le 3 ]; }
check "with two sessions at most, beside the one with the lock" \
	peak_is_small_beside
kill $locker
sql "SELECT id FROM information_schema.processlist WHERE info = 'DO SLEEP(600)'" |
	while read -r id; do sql "KILL $id"; done
wait_for 10 "without the lock it is ok" last_is $GOOD ok
drive_stop

step "MariaDB, sessions that come and go"
sql "FLUSH STATUS"
{
	vs_begin "delay_loop 0.05"
	rs_mysql 127.0.0.1 3306 "fresh_login 1"
	vs_end
} >"$NET_DIR/conf"
drive_start
wait_for 20 "sixty logins" count_reaches $GOOD ok 60
check "never more than two at a time" peak_is_small
check "all is well" only $GOOD ok
drive_stop

step "MariaDB that stands still"
begin 127.0.0.1 3306 "fresh_login 1"
wait_for 10 "it is ok" last_is $GOOD ok
kill -STOP "$DB_PID"
wait_for 30 "its kernel still accepts" count_reaches $GOOD hung 12
connections() { ss -Htn state connected "sport = :3306" | grep -vc TIME-WAIT; }
two_connections() {
	ss -Htn state connected "sport = :3306"
	[ "$(connections)" -le 2 ]
}
check "two connections at most" two_connections
kill -CONT "$DB_PID"
was=$(count $GOOD ok)
wait_for 10 "it goes on, and is ok" count_reaches $GOOD ok $((was + 3))
drive_stop
db_stop

# says LINE...: what the toy says from now on.
says() {
	printf '%s\n' "version 8.4.3" "$@" "query SELECT 1" "columns 1" "row 1" \
		"query SHOW GLOBAL STATUS" "columns Variable_name Value" \
		"query SHOW GLOBAL VARIABLES" "columns Variable_name Value" \
		"query SHOW REPLICA STATUS" "$NEW" "row - Yes Yes 0 0 0 0" \
		>"$SAYS.new"
	mv "$SAYS.new" "$SAYS"
}
toy_start() {
	: >"$TOY"
	python3 "$SRC/tests/net/tools/toymysql.py" $PORT "$SAYS" >>"$TOY" \
		2>>"$NET_DIR/log" &
	toy=$!
	poll 20 grep -q ready "$TOY" || assert_fail "toymysql"
}
# most N: so many sessions at a time at most, since the last forget.
most() {
	local peak
	peak=$(awk '$1 == "sessions" && $2 > n { n = $2 } END { print n + 0 }' "$TOY")
	echo "$peak at a time"
	[ "$peak" -le "$1" ]
}
forget() { : >"$TOY"; }
asked() { grep -cF "$1" "$TOY"; }
SERVER=127.0.0.1:$PORT

step "a statement that nothing ends"
says "query SELECT 1" hang
toy_start
begin 127.0.0.1 $PORT "tls off"
wait_for 20 "it is found to hang" count_reaches $SERVER hung 15
check "with two sessions at most" most 2
# The first question hangs, and those behind it are in the socket.
together() {
	ss -Htn state connected "sport = :$PORT" |
		awk '{ print } $2 > 300 { n++ } END { exit !n }'
}
[ "$CLIENT" = oracle ] ||
	check "the questions of a round go out together" together
check "which is what is said" is $SERVER hung "2 sessions of earlier probes"
check "a limit was set at each login" asked "SET SESSION max_execution_time=360"
says
wait_for 10 "it answers, and is ok at once" last_is $SERVER ok
check "    still no more than two" most 2
drive_stop

step "in the replication's status"
forget
says "query SHOW REPLICA STATUS" hang
begin 127.0.0.1 $PORT "tls off" "max_lag 5" "fresh_login 2"
wait_for 20 "it serves, and its replication is not known" \
	count_reaches $SERVER broken 12
check "with two sessions at most" most 2
check "it is asked for replication once" test "$(asked 'SHOW REPLICA')" = 1
check "and for the rest in each round" test "$(asked 'SELECT 1')" -ge 10
says "query SELECT 1" hang "query SHOW REPLICA STATUS" hang
wait_for 10 "then it does not serve any more" is $SERVER hung ""
check "    still no more than two" most 2
kill -KILL $toy
wait $toy 2>/dev/null
wait_for 10 "then it is gone" last_is $SERVER refused
says
toy_start
wait_for 10 "then it is back" last_is $SERVER ok
check "    no more than two" most 2
drive_stop
kill $toy
wait $toy 2>/dev/null

step "no greeting"
toy silent 7100
begin 127.0.0.1 7100
wait_for 20 "it is found to hang" count_reaches 127.0.0.1:7100 hung 12
held() { ss -Htn state connected "sport = :7100" | grep -c .; }
two_held() { ss -Htn state connected "sport = :7100"; [ "$(held)" -le 2 ]; }
check "with two connections at most" two_held
drive_stop
finish
