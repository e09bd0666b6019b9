#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a MySQL of each age is asked, and how its answers are understood: the
# statements and columns of MySQL 5.7, 8.0 and 8.4, and group replication. The
# servers are toys that answer as those do; see tools/toymysql.py.
# shellcheck disable=SC2119
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/checker-lib.sh
. "$SRC/tests/net/checker-lib.sh"

UUID=8a94f357-aab4-11df-86ab-c80aa9429562
SQL=$NET_DIR/sql SAYS=$NET_DIR/says
NEW="columns Channel_Name Replica_IO_Running Replica_SQL_Running Seconds_Behind_Source SQL_Delay Last_IO_Errno Last_SQL_Errno"
OLD="columns Channel_Name Slave_IO_Running Slave_SQL_Running Seconds_Behind_Master SQL_Delay Last_IO_Errno Last_SQL_Errno"
PORT=3406
SERVER=127.0.0.1:$PORT

# Oracle's library does not log in without TLS and without a key.
KEY=()
if [ "$CLIENT" = oracle ]; then
	openssl genrsa 2048 2>/dev/null | openssl rsa -pubout \
		-out "$NET_DIR/key.pub" 2>/dev/null
	KEY=("server_public_key $NET_DIR/key.pub")
fi

# says VERSION GROUP LINE...: what the server says from now on; GROUP is the
# name of its group or "-". The file is moved into place, never half written.
says() {
	{
		printf '%s\n' "version $1" "query SELECT 1" "columns 1" \
			"row 1" "query SHOW GLOBAL STATUS" \
			"columns Variable_name Value" "row Threads_running 2" \
			"query SHOW GLOBAL VARIABLES" \
			"columns Variable_name Value" "row read_only OFF" \
			"row super_read_only ${SUPER:-OFF}" \
			"row innodb_read_only ${INNODB:-OFF}"
		[ "$2" = - ] || echo "row group_replication_group_name $2"
		printf '%s\n' "${@:3}"
	} >"$SAYS.new"
	mv "$SAYS.new" "$SAYS"
}
with() {
	{
		vs_begin "delay_loop 0.3"
		rs_mysql 127.0.0.1 $PORT "tls off" "${KEY[@]}" "$@"
		vs_end
	} >"$NET_DIR/conf"
	drive_start
}
# is OUTCOME PATTERN: the newest verdict.
is() {
	local line
	line=$(of "$SERVER" | tail -n 1)
	echo "last verdict: $line"
	grep -qE "^$1 .*$2" <<<"$line"
}
# asked SQL: since the last forget.
asked() { grep -F "$1" "$SQL"; }
forget() { : >"$SQL"; }

says 8.4.3 -
python3 "$SRC/tests/net/tools/toymysql.py" $PORT "$SAYS" >>"$SQL" 2>>"$NET_DIR/log" &
toy=$!
poll 20 grep -q ready "$SQL" || assert_fail "toymysql"

step "MySQL 8.4"
says 8.4.3 - "query SHOW REPLICA STATUS" "$NEW" "row - Yes Yes 12 0 0 0"
with "max_lag 30"
wait_for 10 "the new statement, the new names" is ok "replica=1 channels=1 lag=12"
says 8.4.3 - "query SHOW REPLICA STATUS" "$NEW" "row east Yes Yes 12 0 0 0" \
	"row west Yes Yes 50 0 0 0"
wait_for 10 "of two channels the worse" is ok "channels=2 lag=50"
says 8.4.3 - "query SHOW REPLICA STATUS" "$NEW" "row east Yes Yes 12 0 0 0" \
	"row west Connecting Yes NULL 0 2003 0"
wait_for 10 "one has lost its source" is source-lost "\(west\)"
says 8.4.3 - "query SHOW REPLICA STATUS" "$NEW" "row - Yes No NULL 0 0 1062"
wait_for 10 "its SQL thread has stopped" is broken "error 1062"
says 8.4.3 - "query SHOW REPLICA STATUS" "$NEW"
wait_for 10 "it does not replicate" is not-replica "channels=0"
check_not "it was never asked in the old words" asked "SHOW SLAVE"
drive_stop

step "MySQL 5.7"
forget
says 5.7.44-log - "query SHOW SLAVE STATUS" "$OLD" "row - Yes Yes 7 0 0 0"
with "max_lag 30"
wait_for 10 "the old statement, the old names" is ok "replica=1 channels=1 lag=7"
check_not "it was never asked in the new words" asked "SHOW REPLICA"
drive_stop

step "a version that misleads"
forget
says 8.0.36-proxy - "query SHOW SLAVE STATUS" "$OLD" "row - Yes Yes 8 0 0 0"
with "max_lag 30" "fresh_login 1000"
wait_for 10 "what it does not know is said in another way" is ok "lag=8"
wait_for 10 "ten rounds" count_reaches $SERVER ok 10
asked_once() { [ "$(grep -c "SHOW REPLICA STATUS" "$SQL")" = 1 ]; }
check "and remembered as long as the session lasts" asked_once
drive_stop

step "a node of a Percona XtraDB Cluster, whose operator takes it out"
# node MODE: with that pxc_maint_mode, all else well.
node() {
	says 8.0.36 - "row wsrep_on ON" \
		"row wsrep_provider /usr/lib/galera4/libgalera_smm.so" \
		"row pxc_maint_mode $1"
	# Its status has more than the toys' of the other steps.
	sed 's/^row Threads_running 2$/&\nrow wsrep_ready ON\nrow wsrep_connected ON\nrow wsrep_local_state 4\nrow wsrep_local_state_comment Synced\nrow wsrep_cluster_status Primary/' \
		"$SAYS" >"$SAYS.new"
	mv "$SAYS.new" "$SAYS"
}
node DISABLED
with "fresh_login 1000"
wait_for 10 "it is in service" is ok ""
node MAINTENANCE
wait_for 10 "out by an operator's word" is not-ready "pxc_maint_mode is MAINTENANCE"
node DISABLED
wait_for 10 "in service again" is ok ""
node SHUTDOWN
wait_for 10 "out while it shuts down" is not-ready "pxc_maint_mode is SHUTDOWN"
drive_stop

step "read-only, in three ways"
says 8.0.36 - "query SHOW REPLICA STATUS" "$NEW"
with "role source"
wait_for 10 "none: a source" is ok "read_only=0"
SUPER=ON says 8.0.36 - "query SHOW REPLICA STATUS" "$NEW"
wait_for 10 "super_read_only" is role "read_only=1"
INNODB=ON says 8.0.36 - "query SHOW REPLICA STATUS" "$NEW"
wait_for 10 "innodb_read_only" is role "read_only=1"
drive_stop

step "group replication"
forget
# member STATE: one of them, with a channel that is the group's own.
member() {
	SUPER=ON says 8.0.36 $UUID "query SELECT MEMBER_STATE" \
		"columns MEMBER_STATE" "$1" "query SHOW REPLICA STATUS" \
		"$NEW" "row group_replication_recovery No No NULL 0 0 0"
}
member "row ONLINE"
with "role replica"
wait_for 10 "a member that is ONLINE is a replica" \
	is ok "read_only=1 replica=1 channels=0"
for state in RECOVERING ERROR OFFLINE UNREACHABLE; do
	member "row $state"
	wait_for 10 "$state: not ready" is not-ready "is $state, not ONLINE"
done
says_group() {
	SUPER=ON says 8.0.36 $UUID "query SELECT MEMBER_STATE" \
		"columns MEMBER_STATE members unreachable" "$1" \
		"query SHOW REPLICA STATUS" "$NEW"
}
says_group "row ONLINE 3 1"
wait_for 10 "one of three is lost: the majority is here" is ok "replica=1"
says_group "row ONLINE 3 2"
wait_for 10 "two of three are lost: the majority is elsewhere" \
	is not-ready "no majority here: 2 of 3 members"
member ""
wait_for 10 "no member: not ready" is not-ready "no replication group"
member "error 1142 SELECT command denied to user"
wait_for 10 "without the right to look: our mistake" is misconfigured denied
check "it was asked for its own state" asked "WHERE MEMBER_ID = @@server_uuid"
drive_stop
forget
with "cluster none"
wait_for 10 "cluster none: nobody asks" count_reaches $SERVER ok 5
check_not "    not once" asked MEMBER_STATE
kill $toy
wait $toy 2>/dev/null
finish
