#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Logins at MySQL itself through Oracle's client library: its default way of
# authentication with and without TLS, and every answer that it gives by itself.
# shellcheck disable=SC2119
# shellcheck source=tests/mysql/mysql-lib.sh
. "$SRC/tests/mysql/mysql-lib.sh"

mysql_install
node_make 0
node_start 0 --performance-schema=OFF --max-connections=12 \
	--admin-address=127.0.0.1 --admin-port=3390
node_wait 0
users 0
on 0 "CREATE USER tlsonly@'%' IDENTIFIED BY 'secret' REQUIRE SSL;
	CREATE USER filed@'%' IDENTIFIED BY 'from a file';
	CREATE USER admin@'%' IDENTIFIED BY 'secret';
	GRANT SERVICE_CONNECTION_ADMIN, REPLICATION CLIENT ON *.* TO admin@'%';
	CREATE USER app@'%' IDENTIFIED BY 'secret'"
# The guide's statements for MySQL stand after those for MariaDB.
grants=$(sed -nE 's/^    ((CREATE|GRANT) .*)/\1/p' "$SRC/doc/first-pair.md" | sed -n '3,4p')
check "the guide's user for the checks can be made" on 0 "$grants"
check_equal "with the right to look at replication" 1 \
	"$(on 0 "SHOW GRANTS FOR evenkeel@'192.0.2.%'" | grep -c "REPLICATION CLIENT")"
check_equal "a user's password is a caching_sha2_password" \
	caching_sha2_password \
	"$(on 0 "SELECT plugin FROM mysql.user WHERE user = 'check'")"
echo "from a file" >"$NET_DIR/password"
KEY=$DB/0/public_key.pem CA=$DB/0/ca.pem

# Each server is the same one, at another address.
logins() {
	rs_mysql 127.0.0.1 3306
	rs_mysql 127.0.0.2 3306 "tls off" "server_public_key $KEY"
	rs_mysql 127.0.0.3 3306 "tls off"
	rs_mysql 127.0.0.4 3306 "tls required"
	rs_mysql 127.0.0.5 3306 "tls verify_ca" "tls_ca $CA"
	rs_mysql 127.0.0.6 3306 "tls verify_identity" "tls_ca $CA"
	rs_mysql 127.0.0.7 3306 "password wrong"
	rs 127.0.0.8 3306 MYSQL_CHECK "username tlsonly" "password secret" \
		"tls off" "server_public_key $KEY"
	rs 127.0.0.9 3306 MYSQL_CHECK "username filed" \
		"password_file $NET_DIR/password"
	rs_mysql 127.0.0.10 3306 "database mysql"
	rs_mysql 127.0.0.11 3306 'query "SELEC 1"'
	rs_mysql 127.0.0.12 3306 'query "SELECT @@version"' 'expect "1"'
	rs_mysql 127.0.0.13 3309
	rs_mysql 127.0.0.14 3306 "tls off" "server_public_key $CA"
}

# Nobody has logged in yet: the server's memory of passwords is empty, so that
# the first one needs TLS or the key.
step "logins"
begin logins
is() { wait_for 10 "$1" last_is "127.0.0.$2:3306" "$3" "${4:-}"; }
is "TLS where it is to be had, by default" 1 ok
is "no TLS, and the server's key from a file" 2 ok
is "no TLS and no key: no password is sent" 3 misconfigured
is "TLS required" 4 ok
is "its authority verified" 5 ok
is "a name that its certificate does not have" 6 misconfigured
is "a wrong password is our mistake" 7 misconfigured 1045
is "an account that requires TLS, without it" 8 misconfigured 1045
is "a password from a file" 9 ok
is "a database without a right to it is our mistake" 10 misconfigured 1044
is "bad SQL is our mistake" 11 misconfigured 1064
is "another value than the expected" 12 unexpected
is "a key that is none" 14 misconfigured
wait_for 10 "a closed port is refused" last_is 127.0.0.13:3309 refused
facts_are_there() {
	fact 127.0.0.1:3306 'running=[1-9][0-9]* connected=[1-9][0-9]* max=12 used=[1-9][0-9]* wait=28800 uptime=[0-9]+ read_only=0'
}
check "connections, limits and uptime come with the verdict" facts_are_there
check_not "no password in verdicts or the log" \
	grep -E '\bsecret\b|from a file' "$OUT" "$NET_DIR/log"
drive_stop

step "sessions"
steady() { rs_mysql 127.0.0.1 3306 "fresh_login 5"; }
value() { on 0 "SHOW GLOBAL STATUS LIKE '$1'" | cut -f2; }
no_sessions() {
	[ "$(on 0 "SELECT COUNT(*) FROM information_schema.processlist
		WHERE user = 'check'")" = 0 ]
}
poll 20 no_sessions
aborted=$(value Aborted_clients)
before=$(value Connections)
begin steady
wait_for 30 "twenty rounds" count_reaches 127.0.0.1:3306 ok 20
least=$(count 127.0.0.1:3306)
had=$(($(value Connections) - before - 1))
most=$(count 127.0.0.1:3306)
few_logins() {
	echo "$had logins in $least to $most rounds"
	[ "$had" -ge $((least / 5)) ] && [ "$had" -le $((most / 5 + 2)) ]
}
check "every fifth round logs in, the others use the session" few_logins
check_equal "nobody was cut off" "$aborted" "$(value Aborted_clients)"
for id in $(on 0 "SELECT id FROM information_schema.processlist
		WHERE user = 'check'"); do
	on 0 "KILL $id"
done
was=$(count 127.0.0.1:3306 ok)
wait_for 10 "a killed session is replaced" \
	count_reaches 127.0.0.1:3306 ok $((was + 2))
check "and is no failure of the server" never 127.0.0.1:3306 '[^o]'

step "a hung server"
kill -STOP "${PIDS[0]}"
wait_for 10 "is noticed" last_is 127.0.0.1:3306 hung
kill -CONT "${PIDS[0]}"
wait_for 10 "and its return too" last_is 127.0.0.1:3306 ok

step "a mode that lets nobody in"
on 0 "SET GLOBAL offline_mode = ON"
wait_for 10 "offline_mode turns the check away" last_is 127.0.0.1:3306 not-ready 3032
on 0 "SET GLOBAL offline_mode = OFF"
wait_for 10 "and lets it in again" last_is 127.0.0.1:3306 ok
drive_stop

step "a full server"
full() {
	rs_mysql 127.0.0.1 3306 "fresh_login 1"
	rs 127.0.0.2 3306 MYSQL_CHECK "username admin" "password secret" \
		"fresh_login 1" "fallback_port 3390"
}
app() {
	MYSQL_PWD=secret mysql --no-defaults -h 127.0.0.1 -u app -e "$1"
}
held=()
on 0 "SET GLOBAL max_connections = 10"
is_full() {
	local taken
	taken=$(on 0 "SELECT COUNT(*) FROM information_schema.processlist
		WHERE user = 'app' AND info LIKE 'SELECT SLEEP%'")
	echo "$taken of 10 connections"
	[ "$taken" -lt 10 ] || { ! app "DO 1" && return; }
	app "SELECT SLEEP(600)" >/dev/null 2>&1 &
	held+=($!)
	return 1
}
wait_for 30 "the application takes every connection" is_full
begin full
wait_for 10 "full is saturated, not dead" last_is 127.0.0.1:3306 saturated 1040
# There is one place for such a user, which a login under refusal may have.
wait_for 10 "who has the privilege sees how full, there or at the other port" \
	fact 127.0.0.2:3306 '^(ok 0|saturated 1040) .* connected=1[0-9] max=10'
kill "${held[@]}" 2>/dev/null
wait "${held[@]}" 2>/dev/null
room_is_made() {
	local id ids
	ids=$(on 0 "SELECT id FROM information_schema.processlist
		WHERE user = 'app'") || return
	for id in $ids; do on 0 "KILL $id"; done
	[ -z "$ids" ]
}
wait_for 30 "the application's connections are ended" room_is_made
wait_for 10 "with room again it is ok" last_is 127.0.0.1:3306 ok
drive_stop
check_not "main was never left without a word" grep silent "$OUT"
nodes_stop
finish
