#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# write_check: a real MariaDB whose writes are locked, wait for a replica that is
# not there, find no room on the disk, or are not allowed.
# shellcheck disable=SC2119
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/checker-lib.sh
. "$SRC/tests/net/checker-lib.sh"

NODE=127.0.0.1:3306
TINY=$NET_DIR/tiny

# says OUTCOME WORDS: the newest verdict of the server.
says() { last_is "$NODE" "$1" && of "$NODE" | tail -n 1 | grep -F "$2"; }
# with LINE...: one check with these, that writes.
with() {
	{
		vs_begin "delay_loop 0.5"
		rs_mysql 127.0.0.1 3306 "timeout ${TIMEOUT:-2}" \
			"write_check app.beat" "$@"
		vs_end
	} >"$NET_DIR/conf"
	drive_start
}
rows() { sql "SELECT COUNT(*) FROM app.beat"; }
newest() { sql "SELECT MAX(ts) FROM app.beat WHERE server_id = 7"; }
is_newer() { [[ $(newest) > $1 ]]; }
# The newest verdict has a lag.
fact_lag() { of "$NODE" | tail -n 1 | grep -E ' lag=[0-9]'; }
# hold SQL...: a session of root's that goes on until the test lets it end.
hold() {
	# An earlier answer must not be taken for this one.
	rm -f "$NET_DIR/held.in" "$NET_DIR/held.out"
	mkfifo "$NET_DIR/held.in"
	mariadb --no-defaults --skip-ssl -u root -S "$DB/sock" -BN --unbuffered \
		<"$NET_DIR/held.in" >"$NET_DIR/held.out" &
	HELD_PID=$!
	exec 7>"$NET_DIR/held.in"
	echo "$*; SELECT 'held';" >&7
	wait_for 20 "a session holds it" grep -q held "$NET_DIR/held.out"
}
let_go() {
	exec 7>&-
	wait "$HELD_PID"
}

db_install
mkdir -p "$TINY"
mount -t tmpfs -o size=4m tiny "$TINY"
db_start --server-id=7 --log-bin="$TINY/bin" --max-binlog-size=4096
sql "CREATE DATABASE app;
	CREATE TABLE app.beat (server_id INT UNSIGNED NOT NULL,
		balancer VARCHAR(64) NOT NULL, ts TIMESTAMP(6) NOT NULL,
		PRIMARY KEY (server_id, balancer));
	GRANT SELECT, INSERT, DELETE ON app.beat TO 'check'@'%';
	GRANT REPLICA MONITOR, PROCESS, CONNECTION ADMIN ON *.* TO 'check'@'%'"

step "one row, again and again, and read as a heartbeat"
with "role source"
wait_for 20 "it is good" last_is $NODE ok
check_equal "one row" "$(rows)" 1
first=$(newest)
wait_for 20 "that is renewed" is_newer "$first"
check_equal "one row still" "$(rows)" 1
check "it goes into the binary log" grep -aq beat "$TINY"/bin.0*

step "the other balancer's row is locked: no conflict"
hold "START TRANSACTION; REPLACE INTO app.beat VALUES (7, 'the-other', NOW(6))"
first=$(newest)
wait_for 20 "ours is renewed" is_newer "$first"
check "the server is good" last_is $NODE ok
let_go

step "every write waits"
hold "FLUSH TABLES WITH READ LOCK"
wait_for 20 "it is hung" says hung "write_check"
let_go
wait_for 20 "good again" last_is $NODE ok

step "a commit that waits for a replica"
sql "SET GLOBAL rpl_semi_sync_master_timeout = 600000;
	SET GLOBAL rpl_semi_sync_master_enabled = 1"
wait_for 20 "it is hung" says hung "write_check"

step "clients' sessions end all the same, when they are ordered to"
hold "SELECT CONNECTION_ID()"
client=$(head -n 1 "$NET_DIR/held.out")
lasts() { sql "SELECT ID FROM information_schema.PROCESSLIST" | grep -qx "$client"; }
ended() { of "$NODE" | grep -E '^hung .* evicted=[1-9].* its write_check'; }
check "a client has a session" lasts
kill -WINCH "$DRIVE_PID"
wait_for 20 "it was ended, and the verdict is the write's" ended
is_over() { sql "SELECT 1" && ! lasts; }
wait_for 20 "the server has ended it" is_over
let_go
drive_stop

step "at once, beside a probe that hangs for a long time"
# waiting N: so many sessions of checks wait for a replica.
waiting() {
	sql "SELECT COUNT(*) FROM information_schema.PROCESSLIST
		WHERE USER = 'check' AND STATE LIKE '%semi-sync%'" | grep -qx "$1"
}
sql "SET GLOBAL rpl_semi_sync_master_enabled = 0"
wait_for 20 "the earlier ones are over" waiting 0
sql "SET GLOBAL rpl_semi_sync_master_enabled = 1"
TIMEOUT=600 with "role source"
wait_for 20 "a probe hangs" waiting 1
hold "SELECT CONNECTION_ID()"
client=$(head -n 1 "$NET_DIR/held.out")
check "a client has a session" lasts
kill -WINCH "$DRIVE_PID"
wait_for 20 "the server has ended the client's session" is_over
check "and the probe hangs still" waiting 1
check_equal "without a verdict" "$(count $NODE)" 0
let_go
sql "SET GLOBAL rpl_semi_sync_master_enabled = 0"
evicted_one() { of "$NODE" | grep -c '^ok .* evicted=[1-9]'; }
wait_for 20 "the verdict that comes in the end has it" evicted_one
check_equal "once" "$(evicted_one)" 1
drive_stop
with "role source"
wait_for 30 "good again" last_is $NODE ok

step "read-only, or no right to write"
sql "SET GLOBAL read_only = 1"
wait_for 20 "it is no source" last_is $NODE role
sql "SET GLOBAL read_only = 0"
wait_for 20 "good again" last_is $NODE ok
sql "REVOKE INSERT ON app.beat FROM 'check'@'%'"
wait_for 20 "that is our own fault" says misconfigured "write_check"
sql "GRANT INSERT ON app.beat TO 'check'@'%'"
wait_for 20 "good again" last_is $NODE ok

step "a full disk"
dd if=/dev/zero of="$TINY/filler" bs=4k >/dev/null 2>&1
bad() { ! last_is "$NODE" ok; }
wait_for 60 "is found" bad
by_write() { of "$NODE" | tail -n 1 | grep -F "write_check"; }
wait_for 30 "by the write" by_write
rm "$TINY/filler"
wait_for 120 "with room again it is good" last_is $NODE ok
drive_stop

step "its rows are a heartbeat for lag_source; without role source none is written"
first=$(newest)
with "role any" "max_lag 999" "lag_source heartbeat app.beat"
wait_for 20 "the heartbeat is read" fact_lag
check_equal "and is not renewed" "$(newest)" "$first"
drive_stop

db_stop
umount "$TINY"
finish
