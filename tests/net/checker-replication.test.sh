#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What MySQL checks find out about replication: a source and two replicas, with
# threads stopped, the source lost, a delay, several channels, roles, heartbeat
# tables in any condition, and users without the privileges.
# shellcheck disable=SC2119
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/checker-lib.sh
. "$SRC/tests/net/checker-lib.sh"

# Server 0 is the source, 1 and 2 are replicas, 3 is another source. Each
# listens on 127.0.0.1, port 3306 and up.
declare -A PIDS
node_start() {
	mariadbd --no-defaults --user=root --datadir="$DB/$1" \
		--socket="$DB/sock$1" --pid-file="$DB/pid$1" \
		--port=$((3306 + $1)) --bind-address=127.0.0.1 \
		--skip-name-resolve --performance-schema=off \
		--innodb-buffer-pool-size=16M --innodb-log-file-size=8M \
		--innodb-use-native-aio=0 --innodb-flush-log-at-trx-commit=0 \
		--server-id=$(($1 + 1)) --log-bin=bin --gtid-domain-id="$1" \
		--slave-net-timeout=20 --relay-log=relay "${@:2}" \
		>>"$DB/log$1" 2>&1 &
	PIDS[$1]=$!
}
node_is_up() { on "$1" "DO 1" >/dev/null 2>&1; }
node_wait() {
	if ! poll 60 node_is_up "$1"; then
		tail -n 20 "$DB/log$1"
		assert_fail "MariaDB $1 starts"
		finish
	fi
}
# on N SQL: as root.
on() { mariadb --no-defaults --skip-ssl -u root -S "$DB/sock$1" -BN -e "${*:2}"; }
# follow N SOURCE [NAME [OPTION]]: makes N a replica, on a channel of this name.
follow() {
	on "$1" "CHANGE MASTER '${3:-}' TO master_host='127.0.0.1',
		master_port=$((3306 + $2)), master_user='repl',
		master_password='repl', master_use_gtid=slave_pos,
		master_connect_retry=1 ${4:+, $4};
		START SLAVE '${3:-}'"
}

db_install
for n in 0 1 2 3; do
	cp -a "$DB/data" "$DB/$n"
	node_start $n
done
for n in 0 1 2 3; do
	node_wait $n
	# Each has users of its own, so that nothing of them is replicated.
	on $n "SET sql_log_bin = 0;
		CREATE USER 'check'@'%' IDENTIFIED BY 'secret';
		GRANT REPLICA MONITOR ON *.* TO 'check'@'%';
		CREATE USER 'poor'@'%' IDENTIFIED BY 'secret';
		CREATE USER 'repl'@'%' IDENTIFIED BY 'repl';
		GRANT REPLICATION SLAVE ON *.* TO 'repl'@'%'"
done
follow 1 0
follow 2 0
on 1 "SET GLOBAL read_only = 1"
on 2 "SET GLOBAL read_only = 1"

S=127.0.0.1:3306 R1=127.0.0.1:3307 R2=127.0.0.1:3308

# beat AGE: the source writes a heartbeat as old as that.
beat() {
	on 0 "REPLACE INTO app.beat VALUES (NOW(6) - INTERVAL $1 SECOND, 1)"
}
# fact SERVER PATTERN: the newest verdict has such facts.
fact() {
	local line
	line=$(of "$1" | tail -n 1)
	echo "last verdict of $1: $line"
	grep -qE "$2" <<<"$line"
}
# outcome SERVER WORD PATTERN: and is such a one.
outcome() { last_is "$1" "$2" && fact "$1" "$3"; }
begin() {
	{
		vs_begin "delay_loop 0.3"
		"$@"
		vs_end
	} >"$NET_DIR/conf"
	drive_start
}

step "a source and two replicas"
asks_status() {
	local p
	for p in 3306 3307 3308; do
		rs_mysql 127.0.0.1 "$p" "max_lag 30"
	done
}
begin asks_status
wait_for 20 "a replica has a lag" outcome $R1 ok "replica=1 channels=1 lag=0"
wait_for 5 "the other too" outcome $R2 ok "replica=1 channels=1 lag=0"
wait_for 5 "what does not replicate has none, not even 0" \
	outcome $S not-replica "replica=0 channels=0 [^l]"

step "threads that stop"
on 1 "STOP SLAVE SQL_THREAD"
wait_for 10 "no SQL thread: broken" outcome $R1 broken "SQL thread stopped"
check_not "    and no lag, not even 0" fact $R1 "lag="
on 1 "START SLAVE"
wait_for 20 "it runs again" outcome $R1 ok "lag=[0-9]"
on 1 "STOP SLAVE IO_THREAD"
wait_for 10 "no IO thread: its source is lost" \
	outcome $R1 source-lost "IO thread stopped"
check_not "    and no lag, not even 0" fact $R1 "lag="
on 1 "START SLAVE"
wait_for 20 "it runs again" outcome $R1 ok "lag=[0-9]"
on 0 "CREATE DATABASE app; CREATE TABLE app.t (a INT PRIMARY KEY);
	CREATE TABLE app.beat (ts TIMESTAMP(6), server_id INT PRIMARY KEY);
	CREATE TABLE app.plain (ts VARCHAR(26));
	CREATE TABLE app.\`a\`\`b\` (ts DATETIME(3))"
wait_for 10 "it replicates" on 1 "SELECT * FROM app.t"
on 1 "SET sql_log_bin = 0; INSERT INTO app.t VALUES (1)"
on 0 "INSERT INTO app.t VALUES (1)"
wait_for 10 "a statement that fails: broken, with the error" \
	outcome $R1 broken "error 1062"
on 1 "SET GLOBAL sql_slave_skip_counter = 1; START SLAVE"
wait_for 20 "skipped, it runs again" outcome $R1 ok "lag=[0-9]"

step "a delay"
on 2 "STOP SLAVE; CHANGE MASTER TO master_delay = 600; START SLAVE"
wait_for 10 "nothing to apply: no lag" outcome $R2 ok "lag=0"
on 0 "INSERT INTO app.t VALUES (2)"
wait_for 20 "something to apply: the delay is lag" \
	outcome $R2 ok "lag=([3-9]|[1-9][0-9])"
on 2 "STOP SLAVE; CHANGE MASTER TO master_delay = 0; START SLAVE"
wait_for 20 "without a delay it catches up" outcome $R2 ok "lag=0"

step "the source is lost"
kill -KILL "${PIDS[0]}"
wait "${PIDS[0]}" 2>/dev/null
for server in $R1 $R2; do
	wait_for 20 "$server has lost it" \
		outcome "$server" source-lost "not connected to its source"
	check_not "    and has no lag, not even 0" fact "$server" "lag="
done
node_start 0
node_wait 0
for server in $R1 $R2; do
	wait_for 30 "$server has found it again" outcome "$server" ok "lag=0"
done

step "two channels"
follow 1 3 west
wait_for 20 "both are seen" outcome $R1 ok "channels=2 lag=0"
on 1 "STOP SLAVE 'west' SQL_THREAD"
wait_for 10 "the worse one counts" outcome $R1 broken "stopped \(west\)"
on 1 "START SLAVE 'west'"
wait_for 20 "both run" outcome $R1 ok "channels=2 lag=0"
on 1 "STOP SLAVE ''; RESET SLAVE '' ALL"
wait_for 10 "one that has a name only is a replica too" \
	outcome $R1 ok "replica=1 channels=1 lag=0"
on 1 "STOP SLAVE 'west'; RESET SLAVE 'west' ALL"
wait_for 10 "with the last one gone, it is no replica" \
	outcome $R1 not-replica "channels=0"
follow 1 0
wait_for 20 "it is a replica again" outcome $R1 ok "channels=1 lag=0"
drive_stop

step "roles"
asks_role() {
	rs_mysql 127.0.0.1 3306 "role source"
	rs_mysql 127.0.0.1 3307 "role replica"
	rs_mysql 127.0.0.1 3308 "role source"
}
begin asks_role
wait_for 10 "the source is one" outcome $S ok "read_only=0 replica=0"
wait_for 10 "a replica is one" outcome $R1 ok "read_only=1 replica=1"
wait_for 10 "a replica is no source" outcome $R2 role "replicates from another"
on 0 "SET GLOBAL read_only = 1"
wait_for 10 "nor is a server that is read-only" outcome $S role "is read-only"
on 0 "SET GLOBAL read_only = 0"
wait_for 10 "it is writable again" last_is $S ok
on 1 "SET GLOBAL read_only = 0"
wait_for 10 "a replica must not be writable" outcome $R1 role "is writable"
on 1 "SET GLOBAL read_only = 1"
wait_for 10 "it is not any more" last_is $R1 ok
on 2 "STOP SLAVE; SET GLOBAL read_only = 0"
wait_for 10 "promoted, it is a source" last_is $R2 ok
on 2 "SET GLOBAL read_only = 1; START SLAVE"
wait_for 10 "and then not" last_is $R2 role
drive_stop

step "no more questions than needed"
replica_queries() { on 1 "SHOW GLOBAL STATUS LIKE 'Com_show_slave_status'" | cut -f2; }
asks_little() {
	rs_mysql 127.0.0.1 3307
	rs_mysql 127.0.0.1 3308 "max_lag 30" "lag_source heartbeat app.beat"
}
before=$(replica_queries)
begin asks_little
wait_for 10 "ten rounds without a word of replication" \
	count_reaches $R1 ok 10
check_equal "    never ask for it" "$before" "$(replica_queries)"
check_not "    and say nothing of it" fact $R1 "replica=|lag="

step "heartbeats"
wait_for 10 "no right to the table: the check is misconfigured" \
	outcome $R2 "misconfigured 1142" "denied"
for n in 0 1 2; do
	on $n "SET sql_log_bin = 0; GRANT SELECT ON app.* TO 'check'@'%'"
done
wait_for 10 "an empty table is no lag 0" outcome $R2 misconfigured "no row"
beat 0
wait_for 10 "the age of a heartbeat is the lag" outcome $R2 ok "lag=[0-9] "
beat 100
wait_for 10 "an old one is lag" outcome $R2 ok "lag=10[0-9]"
on 2 "SET sql_log_bin = 0; INSERT INTO app.beat VALUES (NOW(6), 3)"
is_still_old() { outcome "$R2" ok "lag=1[0-9][0-9]"; }
holds 2 "a replica's own heartbeats do not count" is_still_old
on 2 "SET sql_log_bin = 0; DELETE FROM app.beat WHERE server_id = 3"
on 0 "UPDATE app.beat SET ts = NOW(6) + INTERVAL 1 HOUR"
wait_for 10 "one from the future is a matter of clocks" \
	outcome $R2 misconfigured "ahead"
beat 0
wait_for 10 "and all is well" outcome $R2 ok "lag=[0-9] "
on 2 "SET sql_log_bin = 0; RENAME TABLE app.beat TO app.away"
wait_for 10 "no table: the check is misconfigured" \
	last_is $R2 "misconfigured 1146"
on 2 "SET sql_log_bin = 0; RENAME TABLE app.away TO app.beat"
wait_for 10 "it is there again" last_is $R2 ok
on 2 "STOP SLAVE SQL_THREAD"
wait_for 20 "a replica that stands still falls behind" \
	outcome $R2 ok "lag=[4-9]"
on 2 "START SLAVE"
drive_stop

asks_odd_tables() {
	rs_mysql 127.0.0.1 3306 "max_lag 30" "lag_source heartbeat app.plain"
	rs_mysql 127.0.0.1 3307 "max_lag 30" "lag_source heartbeat app.plain"
	rs_mysql 127.0.0.1 3308 "max_lag 30" "role replica" \
		'lag_source heartbeat "app.a`b"'
}
on 0 "INSERT INTO app.plain VALUES (DATE_FORMAT(NOW(6) - INTERVAL 50 SECOND,
		'%Y-%m-%dT%H:%i:%s.%f'));
	INSERT INTO app.\`a\`\`b\` VALUES (NOW(3) - INTERVAL 70 SECOND)"
begin asks_odd_tables
wait_for 10 "a table without server_id, times as text" \
	outcome $R1 ok "lag=5[0-9]"
wait_for 10 "on the source too" outcome $S ok "lag=5[0-9]"
wait_for 10 "a name that needs quotes, and a role beside it" \
	outcome $R2 ok "replica=1 channels=1 lag=7[0-9]"
on 0 "UPDATE app.plain SET ts = 'soon'"
wait_for 10 "what is no time is no lag" outcome $R1 misconfigured "no time"
drive_stop

step "a user without privileges"
asks_as_poor() {
	rs 127.0.0.1 3307 MYSQL_CHECK "username poor" "password secret" \
		"role replica"
	rs 127.0.0.1 3308 MYSQL_CHECK "username poor" "password secret"
}
begin asks_as_poor
wait_for 10 "cannot ask for replication: the check is misconfigured" \
	outcome $R1 "misconfigured 1227" "denied"
wait_for 10 "who does not ask needs none" last_is $R2 ok
on 1 "SET sql_log_bin = 0; GRANT BINLOG MONITOR ON *.* TO 'poor'@'%'"
holds 2 "BINLOG MONITOR does not suffice" last_is $R1 "misconfigured 1227"
on 1 "SET sql_log_bin = 0; GRANT SLAVE MONITOR ON *.* TO 'poor'@'%'"
wait_for 10 "SLAVE MONITOR does" outcome $R1 ok "replica=1"

step "a server that does not say"
lock_out() { on 2 "LOCK TABLES app.beat WRITE; DO SLEEP(600)"; }
drive_stop
lock_out &
locker=$!
begin asks_little
wait_for 20 "a locked heartbeat table: it serves, but its lag is not known" \
	outcome $R2 broken "its replication: no answer"
wait_for 10 "the other is not touched by it" last_is $R1 ok
kill $locker
on 2 "SELECT id FROM information_schema.processlist
	WHERE info LIKE '%SLEEP(600)%' AND id <> CONNECTION_ID()" |
	while read -r id; do on 2 "KILL $id"; done
wait_for 10 "unlocked, it is ok" last_is $R2 ok
drive_stop
check_not "main was never left without a word" grep silent "$OUT"
for n in 0 1 2 3; do
	kill "${PIDS[$n]}"
done
wait
finish
