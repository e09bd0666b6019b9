#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Replication among MySQL servers: a source, a replica and a delayed one, with
# threads stopped, a statement that fails, a lost source, and every way of being
# read-only.
# shellcheck disable=SC2119
# shellcheck source=tests/mysql/mysql-lib.sh
. "$SRC/tests/mysql/mysql-lib.sh"

# follow N [OPTION]: makes N a replica of server 0.
follow() {
	on "$1" "CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1',
		SOURCE_PORT=3306, SOURCE_USER='repl', SOURCE_PASSWORD='repl',
		SOURCE_AUTO_POSITION=1, SOURCE_CONNECT_RETRY=1,
		GET_SOURCE_PUBLIC_KEY=1${2:+, $2}; START REPLICA"
}

mysql_install
for n in 0 1 2; do
	node_make $n
	node_start $n --performance-schema=OFF --replica-net-timeout=20
done
for n in 0 1 2; do
	node_wait $n
	users $n
done
follow 1
follow 2
on 1 "SET GLOBAL read_only = ON"
on 2 "SET GLOBAL super_read_only = ON"
S=$(address 0) R1=$(address 1) R2=$(address 2)

step "a source and two replicas"
asks_status() {
	local p
	for p in 3306 3307 3308; do
		rs_mysql 127.0.0.1 "$p" "max_lag 30"
	done
}
begin asks_status
wait_for 20 "a replica has a lag" \
	outcome "$R1" ok "replica=1 channels=1 lag=0"
wait_for 20 "the other too" outcome "$R2" ok "replica=1 channels=1 lag=0"
wait_for 20 "a source replicates from nobody" \
	outcome "$S" not-replica "replica=0 channels=0 [^l]"

step "threads that stop"
on 1 "STOP REPLICA SQL_THREAD"
wait_for 20 "no SQL thread: broken" outcome "$R1" broken "SQL thread stopped"
check_not "    and no lag, not even 0" fact "$R1" "lag="
on 1 "START REPLICA"
wait_for 20 "it runs again" outcome "$R1" ok "lag=[0-9]"
on 1 "STOP REPLICA IO_THREAD"
wait_for 20 "no IO thread: its source is lost" \
	outcome "$R1" source-lost "IO thread stopped"
on 1 "START REPLICA"
wait_for 20 "it runs again" outcome "$R1" ok "lag=[0-9]"
on 0 "CREATE DATABASE app; CREATE TABLE app.t (a INT PRIMARY KEY)"
wait_for 20 "it replicates" on 1 "SELECT * FROM app.t"
on 1 "SET sql_log_bin = 0; INSERT INTO app.t VALUES (1)"
on 0 "INSERT INTO app.t VALUES (1)"
wait_for 20 "a statement that fails: broken, with the error" \
	outcome "$R1" broken "error 1062"
on 1 "SET sql_log_bin = 0; DELETE FROM app.t; START REPLICA"
wait_for 20 "repaired, it runs again" outcome "$R1" ok "lag=[0-9]"

step "a delay"
on 2 "STOP REPLICA; CHANGE REPLICATION SOURCE TO SOURCE_DELAY = 600;
	START REPLICA"
wait_for 20 "nothing to apply: no lag" outcome "$R2" ok "lag=0"
on 0 "INSERT INTO app.t VALUES (2)"
wait_for 30 "something to apply: the delay is lag" \
	outcome "$R2" ok "lag=([3-9]|[1-9][0-9])"
on 2 "STOP REPLICA; CHANGE REPLICATION SOURCE TO SOURCE_DELAY = 0;
	START REPLICA"
wait_for 20 "without a delay it catches up" outcome "$R2" ok "lag=0"

no_lag() {
	last_is "$1" source-lost && ! fact "$1" "lag="
}

step "the source is lost"
node_kill 0
for server in "$R1" "$R2"; do
	wait_for 30 "$server has lost it" \
		outcome "$server" source-lost "not connected to its source"
	# The server itself goes on to count while its applier has work left.
	wait_for 30 "    and has no lag, not even 0" no_lag "$server"
done
node_start 0 --performance-schema=OFF
node_wait 0
for server in "$R1" "$R2"; do
	wait_for 30 "$server has found it again" outcome "$server" ok "lag=0"
done
drive_stop

step "roles"
asks_role() {
	rs_mysql 127.0.0.1 3306 "role source"
	rs_mysql 127.0.0.1 3307 "role replica"
	rs_mysql 127.0.0.1 3308 "role source"
}
begin asks_role
wait_for 20 "the source is one" outcome "$S" ok "read_only=0 replica=0"
wait_for 20 "a replica is one" outcome "$R1" ok "read_only=1 replica=1"
wait_for 20 "a replica is no source" \
	outcome "$R2" role "replicates from another"
for way in read_only super_read_only; do
	on 0 "SET GLOBAL $way = ON"
	wait_for 20 "nor is a server with $way" \
		outcome "$S" role "is read-only"
	on 0 "SET GLOBAL super_read_only = OFF; SET GLOBAL read_only = OFF"
	wait_for 20 "it is writable again" last_is "$S" ok
done
on 1 "SET GLOBAL read_only = OFF"
wait_for 20 "a replica must not be writable" outcome "$R1" role "is writable"
on 2 "STOP REPLICA; RESET REPLICA ALL;
	SET GLOBAL super_read_only = OFF; SET GLOBAL read_only = OFF"
wait_for 20 "promoted, it is a source" last_is "$R2" ok
drive_stop

step "a user without privileges"
on 1 "SET sql_log_bin = 0;
	REVOKE REPLICATION CLIENT ON *.* FROM 'check'@'%'"
begin asks_role
wait_for 20 "cannot ask for replication: the check is misconfigured" \
	outcome "$R1" "misconfigured 1227" "denied"
drive_stop
check_not "main was never left without a word" grep silent "$OUT"
nodes_stop
finish
