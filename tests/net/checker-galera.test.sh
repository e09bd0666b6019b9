#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A node of Galera, alone in its cluster: synced, desynced as a donor is, and
# outside of the primary component. (A member of a replication group is MySQL's;
# the unit tests have its states.)
# shellcheck disable=SC2119
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/checker-lib.sh
. "$SRC/tests/net/checker-lib.sh"

NODE=127.0.0.1:3306
provider=$(find /usr/lib /usr/lib64 -name libgalera_smm.so 2>/dev/null | head -n 1)
if ! check "Galera's library is there (package galera-4)" test -n "$provider"
then
	finish
fi
db_install
db_start --wsrep-on=ON --wsrep-provider="$provider" --wsrep-new-cluster \
	--wsrep-cluster-address=gcomm:// --wsrep-node-address=127.0.0.1 \
	--wsrep-provider-options="gmcast.listen_addr=tcp://127.0.0.1:4567;gcache.size=4M" \
	--binlog-format=ROW --innodb-autoinc-lock-mode=2

# says OUTCOME WORDS: the newest verdict of the node.
says() { last_is "$NODE" "$1" && of "$NODE" | tail -n 1 | grep -F "$2"; }
with() {
	{
		vs_begin "delay_loop 0.3"
		rs_mysql 127.0.0.1 3306 "timeout 3" "fresh_login 2" "$1"
		vs_end
	} >"$NET_DIR/conf"
	drive_start
}

for mode in auto galera; do
	step "cluster $mode"
	with "cluster $mode"
	wait_for 20 "a synced node of the primary component" last_is $NODE ok
	sql "SET GLOBAL wsrep_desync = ON"
	wait_for 10 "as a donor it is not ready" \
		says not-ready "wsrep_local_state is 2"
	sql "SET GLOBAL wsrep_desync = OFF"
	wait_for 10 "synced again, it is" last_is $NODE ok
	drive_stop
done

step "cluster none, for who wants donors"
sql "SET GLOBAL wsrep_desync = ON"
with "cluster none"
wait_for 10 "nobody asks" last_is $NODE ok
drive_stop
sql "SET GLOBAL wsrep_desync = OFF"

step "outside of the primary component"
with "cluster auto"
wait_for 10 "inside, it is ready" last_is $NODE ok
sql "SET GLOBAL wsrep_cluster_address = 'gcomm://127.0.0.1:4999'" &
wait_for 30 "outside, it is not" last_is $NODE not-ready
drive_stop
# Reading is allowed here, of data that grow old: a query says all is well.
sql "SET GLOBAL wsrep_dirty_reads = ON"
with "cluster auto"
wait_for 10 "nor if one may read there" says not-ready "wsrep_cluster_status"
drive_stop

step "a server without Galera"
kill -KILL "$DB_PID"
wait "$DB_PID" 2>/dev/null
db_start --wsrep-on=OFF
with "cluster auto"
wait_for 10 "is a server like any other" last_is $NODE ok
drive_stop
with "cluster galera"
wait_for 10 "unless the file wants Galera" says not-ready "no Galera runs"
drive_stop
db_stop
finish
