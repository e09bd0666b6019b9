# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# For tests with MySQL itself, beside the checker that is linked with Oracle's
# client library. Sourced by them in place of tests/net/lib.sh and
# tests/net/checker-lib.sh, whose words are used here; they run as namespace
# tests do, with ./dev test --only mysql, where that MySQL is installed:
# ./dev bare mysql makes such a place.

# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/checker-lib.sh
. "$SRC/tests/net/checker-lib.sh"

# Servers are numbered from 0; number N listens on 127.0.0.1, port 3306 + N.
declare -A PIDS
address() { echo "127.0.0.1:$((3306 + $1))"; }

assert_diagnose() {
	tail -n 15 "$OUT" 2>/dev/null | cut -c1-220
	tail -n 5 "$NET_DIR/log" 2>/dev/null
	grep -h ERROR "$DB"/log* 2>/dev/null | tail -n 5
}

# mysql_install: the tables of one server, for node_make to copy.
mysql_install() {
	mkdir -p "$DB"
	mysqld --no-defaults --user=root --initialize-insecure \
		--datadir="$DB/data" --innodb-use-native-aio=0 \
		--innodb-redo-log-capacity=8M >"$DB/install.log" 2>&1 && return
	tail -n 20 "$DB/install.log"
	assert_fail "MySQL's tables are made"
	finish
}

# node_make N: tables of its own, without the UUID of the others.
node_make() { cp -a "$DB/data" "$DB/$1" && rm -f "$DB/$1/auto.cnf"; }

# node_start N [OPTION...]
node_start() {
	mysqld --no-defaults --user=root --datadir="$DB/$1" \
		--socket="$DB/sock$1" --pid-file="$DB/pid$1" \
		--port=$((3306 + $1)) --bind-address='*' --mysqlx=OFF \
		--secure-file-priv=NULL --skip-name-resolve --innodb-buffer-pool-size=16M \
		--innodb-redo-log-capacity=8M --innodb-use-native-aio=0 \
		--innodb-flush-log-at-trx-commit=0 --sync-binlog=0 \
		--server-id=$(($1 + 1)) --log-bin=bin --relay-log=relay \
		--gtid-mode=ON --enforce-gtid-consistency=ON \
		--report-host=127.0.0.1 --tmpdir="$TMPDIR" "${@:2}" \
		>>"$DB/log$1" 2>&1 &
	PIDS[$1]=$!
}

node_is_up() { on "$1" "DO 1" >/dev/null 2>&1; }
node_wait() {
	poll 120 node_is_up "$1" && return
	tail -n 20 "$DB/log$1"
	assert_fail "MySQL $1 starts"
	finish
}

node_kill() {
	kill -KILL "${PIDS[$1]}"
	wait "${PIDS[$1]}" 2>/dev/null
}

# What was started is ended, stopped processes too.
nodes_stop() {
	kill -CONT "${PIDS[@]}" 2>/dev/null
	kill "${PIDS[@]}" 2>/dev/null
	wait "${PIDS[@]}" 2>/dev/null
}

# on N SQL: as root, through its socket.
on() { mysql --no-defaults -u root -S "$DB/sock$1" -BN -e "${*:2}"; }

# users N: the check's user as the manual has it, and the replication's. Each
# server has its own, so that nothing of them is replicated.
users() {
	on "$1" "SET sql_log_bin = 0;
		CREATE USER 'check'@'%' IDENTIFIED BY 'secret';
		GRANT REPLICATION CLIENT ON *.* TO 'check'@'%';
		CREATE USER 'repl'@'%' IDENTIFIED BY 'repl';
		GRANT REPLICATION SLAVE, CONNECTION_ADMIN, BACKUP_ADMIN,
			GROUP_REPLICATION_STREAM ON *.* TO 'repl'@'%'"
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

# begin COMMAND...: runs the checker with the servers that the command prints.
begin() {
	{
		vs_begin "delay_loop 0.3"
		"$@"
		vs_end
	} >"$NET_DIR/conf"
	# shellcheck disable=SC2119
	drive_start
}
