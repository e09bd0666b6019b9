# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# For the tests of the checker: a MariaDB server, bad servers, and checkdrive,
# which plays the main process and prints every verdict as a line (its head
# explains them). Sourced after lib.sh.

TOOLS=$EVENKEEL_BUILD/tests/net/tools
DB=$NET_DIR/db
OUT=$NET_DIR/out
# shellcheck disable=SC2034
DB_PID=0 DRIVE_PID=0 CHECKER_PID=0
# Commands to run them under; no functions, whose PIDs would be a subshell's.
DB_UNDER=() DRIVE_UNDER=()

# The library that the checker is linked with: mariadb or oracle.
# shellcheck disable=SC2034
CLIENT=mariadb
# shellcheck disable=SC2034
! ldd "$EVENKEEL_BUILD/evenkeeld" | grep -q libmysqlclient || CLIENT=oracle

# The verdicts are what one wants to see when a check fails.
assert_diagnose() {
	tail -n 15 "$OUT" 2>/dev/null | cut -c1-180
	tail -n 5 "$NET_DIR/log" 2>/dev/null
}

# db_install: an empty MariaDB with the user check / secret.
db_install() {
	mkdir -p "$DB"
	mariadb-install-db --no-defaults --user=root --datadir="$DB/data" \
		--auth-root-authentication-method=normal --skip-test-db \
		>"$DB/install.log" 2>&1 && return
	tail -n 20 "$DB/install.log"
	assert_fail "MariaDB's tables are made"
}

# db_start [OPTION...]: listens on every address, port 3306.
db_start() {
	rm -f "$DB/sock"
	"${DB_UNDER[@]}" mariadbd --no-defaults --user=root \
		--datadir="$DB/data" --socket="$DB/sock" \
		--pid-file="$DB/pid" --port=3306 --bind-address='*' \
		--skip-name-resolve --performance-schema=off \
		--innodb-buffer-pool-size=16M --innodb-log-file-size=8M \
		--innodb-use-native-aio=0 \
		--innodb-flush-log-at-trx-commit=0 "$@" >>"$DB/log" 2>&1 &
	DB_PID=$!
	# The socket is there a moment before anybody listens.
	if ! poll 60 sql \
		"CREATE USER IF NOT EXISTS 'check'@'%' IDENTIFIED BY 'secret'"; then
		tail -n 20 "$DB/log"
		assert_fail "MariaDB starts"
		finish
	fi
}

db_stop() {
	kill -CONT "$DB_PID"
	kill "$DB_PID"
	wait "$DB_PID"
}

# Since MariaDB 11.8 the client refuses a server without TLS unless it is told not
# to ask for it.
sql() { mariadb --no-defaults --skip-ssl -u root -S "$DB/sock" -BN -e "$*"; }

# status NAME: one value of SHOW GLOBAL STATUS.
status() { sql "SHOW GLOBAL STATUS LIKE '$1'" | cut -f2; }

# toy MODE PORT [COUNT]: a bad server on 127.0.0.1, up when this returns.
toy() {
	local ready=$NET_DIR/toy.$2
	"$TOOLS/toyserver" "$1" 127.0.0.1 "$2" "${3:-1}" >"$ready" &
	poll 10 grep -q ready "$ready" || assert_fail "toyserver $1"
}

# datagrams MODE ADDRESS PORT [HEX]: a UDP server, up when this returns.
datagrams() {
	local ready=$NET_DIR/datagrams.$2.$3
	"$SRC/tests/net/tools/datagrams.py" "$@" >"$ready" &
	poll 10 grep -q ready "$ready" || assert_fail "datagrams.py $*"
}

# vs_begin [LINE...]: starts a configuration on standard output; vs_end ends
# it. Between them come real_server blocks.
vs_begin() {
	printf '%s\n' "virtual_server 192.0.2.1 3306 {" "lvs_sched rr" \
		"lvs_method NAT" "protocol TCP" "$@"
}
vs_end() { echo "}"; }

# rs_begin ADDRESS PORT, mysql_check [LINE...], rs_end: a real server with any
# number of checks, which log in as check / secret.
rs_begin() { echo "real_server $1 $2 {"; }
mysql_check() {
	printf '%s\n' "MYSQL_CHECK {" "username check" "password secret" \
		"$@" "}"
}
rs_end() { echo "}"; }

# rs_mysql ADDRESS PORT [LINE...]: with one such check.
rs_mysql() {
	rs_begin "$1" "$2"
	mysql_check "${@:3}"
	rs_end
}

# rs ADDRESS PORT KIND [LINE...]: with one check of any kind.
rs() {
	rs_begin "$1" "$2"
	printf '%s\n' "$3 {" "${@:4}" "}"
	rs_end
}

# drive_start [OPTION...]: runs the checker with $NET_DIR/conf.
drive_start() {
	: >"$OUT"
	"${DRIVE_UNDER[@]}" "$TOOLS/checkdrive" "$@" "$NET_DIR/conf" \
		>"$OUT" 2>>"$NET_DIR/log" &
	DRIVE_PID=$!
	if ! poll 20 grep -q '^ready 1' "$OUT"; then
		assert_fail "the checker is ready"
		finish
	fi
	# shellcheck disable=SC2034
	CHECKER_PID=$(sed -n 's/^pid //p' "$OUT")
}
drive_stop() {
	kill "$DRIVE_PID"
	wait "$DRIVE_PID"
}

# of SERVER: its verdicts, without the word and the time.
of() { awk -v s="$1" '$1 == "verdict" && $5 == s' "$OUT" | cut -d' ' -f6-; }

# last_is SERVER OUTCOME [ERRNO]: what its newest verdict says.
last_is() {
	local line
	line=$(of "$1" | tail -n 1)
	echo "last verdict of $1: $line"
	[[ $line == "$2 ${3:-}"* ]]
}

# count SERVER [OUTCOME]: how many verdicts.
count() { of "$1" | grep -c "^${2:-}"; }
count_reaches() { [ "$(count "$1" "$2")" -ge "$3" ]; }

# never SERVER OUTCOME: there was no such verdict.
never() { ! of "$1" | grep -E "^$2"; }

helpers() { pgrep -x evenkeel-mysql; }
helper_count_is() { [ "$(helpers | grep -c .)" = "$1" ]; }

# only SERVER OUTCOME: there is a verdict, and all say this (a pattern).
only() { of "$1" | awk -v o="^$2\$" '$1 !~ o { print; bad = 1 }
	END { exit bad || !NR }'; }

# keeps_up SERVER OTHER [CHECKS]: it has been asked as often as each of OTHER's
# CHECKS (1), give or take two rounds, and three times at least, for which one
# waits. One that falls behind does not catch up. How long a round takes is the
# host's matter; that it is the file's is shown on a clock of our own, in
# tests/unit/test_checkers_timing.c.
keeps_up() {
	local mine others
	others=$(($(count "$2") / ${3:-1}))
	mine=$(count "$1")
	echo "$1: $mine, $2: $others"
	[ "$mine" -ge 3 ] && [ $((mine + 2)) -ge "$others" ]
}
