#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Group replication: three members in one machine, of which one is the primary;
# it is killed, a member is expelled, one recovers, and the majority is lost. The
# group itself says who is what, the checks must agree.
# shellcheck disable=SC2119
# shellcheck source=tests/mysql/mysql-lib.sh
. "$SRC/tests/mysql/mysql-lib.sh"

GROUP=8a94f357-aab4-11df-86ab-c80aa9429562
member_start() {
	node_start "$1" --plugin-load-add=group_replication.so \
		--group-replication-group-name=$GROUP \
		--group-replication-local-address=127.0.0.1:$((33060 + $1)) \
		--group-replication-group-seeds=127.0.0.1:33060,127.0.0.1:33061,127.0.0.1:33062 \
		--group-replication-start-on-boot=OFF \
		--group-replication-member-expel-timeout=0 \
		--group-replication-autorejoin-tries=0 \
		--group-replication-exit-state-action=READ_ONLY \
		--group-replication-recovery-get-public-key=ON \
		--group-replication-ip-allowlist=127.0.0.1/32 \
		--super-read-only=ON
	node_wait "$1"
}
channel() {
	on "$1" "CHANGE REPLICATION SOURCE TO SOURCE_USER='repl',
		SOURCE_PASSWORD='repl' FOR CHANNEL 'group_replication_recovery'"
}
join() { on "$1" "START GROUP_REPLICATION"; }
# state N M: of member M, as N sees it.
state() {
	on "$1" "SELECT member_state FROM
		performance_schema.replication_group_members
		WHERE member_port = $((3306 + $2))"
}
state_is() {
	local is
	is=$(state "$1" "$2")
	echo "to $1, member $2 is $is"
	[ "$is" = "$3" ]
}
primary_is() {
	[ "$(on "$1" "SELECT member_port FROM
		performance_schema.replication_group_members
		WHERE member_role = 'PRIMARY'")" = $((3306 + $2)) ]
}

mysql_install
for n in 0 1 2; do
	node_make $n
	member_start $n
	on $n "SET GLOBAL super_read_only = OFF"
	users $n
	on $n "SET sql_log_bin = 0;
		GRANT SELECT ON performance_schema.replication_group_members
		TO 'check'@'%'; SET GLOBAL super_read_only = ON"
	channel $n
done

# A pool for reads and one for writes, over the same members.
pools() {
	local n
	for n in 0 1 2; do
		rs_mysql 127.0.0.1 $((3306 + n)) "role any"
		rs_mysql 127.0.1.1 $((3306 + n)) "role source"
	done
}
reads() { address "$1"; }
writes() { echo "127.0.1.1:$((3306 + $1))"; }

step "no group yet"
begin pools
for n in 0 1 2; do
	wait_for 20 "member $n, which has not joined, is not ready" \
		last_is "$(reads $n)" not-ready
done

step "a group of three"
on 0 "SET GLOBAL group_replication_bootstrap_group = ON;
	START GROUP_REPLICATION; SET GLOBAL group_replication_bootstrap_group = OFF;
	CREATE DATABASE app; CREATE TABLE app.t (a INT PRIMARY KEY)"
join 1
join 2
for n in 0 1 2; do
	wait_for 60 "member $n is ONLINE" state_is 0 $n ONLINE
	wait_for 20 "    and serves reads" last_is "$(reads $n)" ok
done
wait_for 20 "the primary serves writes" last_is "$(writes 0)" ok
for n in 1 2; do
	wait_for 20 "member $n does not" last_is "$(writes $n)" role
done

step "the primary is killed"
node_kill 0
wait_for 20 "it is refused" last_is "$(writes 0)" refused
other_primary() { primary_is 1 1 || primary_is 1 2; }
wait_for 60 "the group has another" other_primary
if primary_is 1 1; then new=1 old=2; else new=2 old=1; fi
wait_for 20 "which serves writes" last_is "$(writes "$new")" ok
check "the other has never" never "$(writes "$old")" ok
check "nobody was asked to serve reads in vain" last_is "$(reads "$old")" ok

step "a member in recovery"
member_start 0
wait_for 20 "back, but outside the group: not ready" \
	last_is "$(reads 0)" not-ready
# Its applier waits for a lock, so that it cannot come to an end.
on "$new" "INSERT INTO app.t VALUES (1)"
lock() { on 0 "FLUSH TABLES WITH READ LOCK; DO SLEEP(600)"; }
lock >/dev/null 2>&1 &
locker=$!
locked() {
	on 0 "SELECT 1 FROM information_schema.processlist
		WHERE info LIKE 'DO SLEEP%'" | grep -q 1
}
poll 20 locked
join 0 >/dev/null 2>&1 &
joiner=$!
wait_for 60 "it recovers" state_is 0 0 RECOVERING
wait_for 20 "and is not ready for that long" \
	outcome "$(reads 0)" not-ready "is RECOVERING, not ONLINE"
for id in $(on 0 "SELECT id FROM information_schema.processlist
		WHERE info LIKE 'DO SLEEP%'"); do
	on 0 "KILL $id"
done
wait $locker
wait $joiner
wait_for 60 "recovered, it is ONLINE" state_is 0 0 ONLINE
wait_for 20 "and serves reads" last_is "$(reads 0)" ok
wait_for 20 "and no writes" last_is "$(writes 0)" role

step "an expelled member"
kill -STOP "${PIDS[0]}"
wait_for 20 "one that hangs is hung" last_is "$(reads 0)" hung
gone() { [ -z "$(state "$new" 0)" ]; }
wait_for 60 "the others expel it" gone
kill -CONT "${PIDS[0]}"
wait_for 60 "awake, it knows" state_is 0 0 ERROR
wait_for 20 "and is not ready" \
	outcome "$(reads 0)" not-ready "is ERROR, not ONLINE"
on 0 "STOP GROUP_REPLICATION"
join 0
wait_for 60 "joined again, it is ONLINE" state_is 0 0 ONLINE
wait_for 20 "and serves reads" last_is "$(reads 0)" ok

step "no majority"
node_kill "$old"
node_kill "$new"
wait_for 60 "the last one cannot reach the others" \
	state_is 0 "$new" UNREACHABLE
wait_for 20 "    and takes no writes" \
	outcome "$(writes 0)" not-ready "no majority here: 2 of 3 members"
wait_for 20 "    nor reads: what it has is not the group's" \
	outcome "$(reads 0)" not-ready "no majority here: 2 of 3 members"
drive_stop
nodes_stop
finish
