# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: write_check by two balancers: its row is the replicas' heartbeat
# limit: 300
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
# shellcheck source=tests/lab/lib/writer.sh
. "$LAB_SRC/tests/lab/lib/writer.sh"
READERS=10.77.0.101:3306

WRITER_CHECK=("write_check app.beat")
# A pool of readers, whose lag is told by that row alone. The source is the one that
# is never late.
WRITER_MORE="virtual_server 10.77.0.101 3306 {
	delay_loop 1
	lvs_sched rr
	lvs_method DR
	protocol TCP
	real_server 10.78.0.1 3306 {
		MYSQL_CHECK {
			username check
			password check-secret
			timeout 3
			max_lag 6
			lag_source heartbeat app.beat
		}
	}
	real_server 10.78.0.2 3306 {
		MYSQL_CHECK {
			username check
			password check-secret
			timeout 3
			role replica
			max_lag 6
			lag_source heartbeat app.beat
		}
	}
}"
writer_prepare() {
	sql 1 "CREATE TABLE app.beat (server_id INT UNSIGNED NOT NULL,
		balancer VARCHAR(64) NOT NULL, ts TIMESTAMP(6) NOT NULL,
		PRIMARY KEY (server_id, balancer)) ENGINE=InnoDB;
		GRANT SELECT, INSERT, DELETE ON app.beat TO 'check'@'%'"
}

# beats N: rows of balancers that server N has from the source 1.
beats() { sql "$1" "SELECT COUNT(*) FROM app.beat WHERE server_id = 1"; }
beats_are() { [ "$(beats "$1")" -eq "$2" ]; }
# oldest N: the time of the balancer that was there last.
oldest() { sql "$1" "SELECT MIN(ts) FROM app.beat WHERE server_id = 1"; }
beats_since() { [[ $(oldest "$1") > $2 ]]; }
replicates() { [[ $(sql 2 "SHOW STATUS LIKE 'Slave_running'") == *ON* ]]; }
# reader_is WEIGHT LB: the kernel gives server 2 that weight among the readers.
reader_is() {
	local lines
	lines=$(ns "$2" ipvsadm -Sn)
	echo "$lines"
	[[ $lines == *"-t $READERS -r 10.78.0.2:3306 -g -w $1"* ]]
}

# A device of its own for server 1, so that its storage alone can stand still.
disk_make() {
	modprobe -a loop ext4 && truncate -s 256M /run/disk &&
		mkfs.ext4 -q -F /run/disk && mkdir -p "$MARIADB_RUN/1" &&
		mount -o loop /run/disk "$MARIADB_RUN/1"
}
# no_clients_at N: as the process list has it; a query of information_schema would
# have a temporary table in storage that stands still.
no_clients_at() {
	local list
	list=$(sql "$1" "SHOW PROCESSLIST") || return
	echo "$list"
	awk -F'\t' '$2 == "app" && $5 != "Killed" { n++ } END { exit n > 0 }' <<<"$list"
}
# few_written N BEFORE: a write that was in the kernel's hands when it stood still
# cannot be taken back, and its client has had an error.
few_written() {
	local rows
	rows=$(written_at "$1")
	echo "$rows at $1, $2 before"
	[ "$rows" -le $(($2 + 1)) ]
}

step "a pair, two servers, the first one is the source"
check "server 1 has a device of its own" disk_make
topology_build 2 2
writer_pair_start
wait_for 30 "the source has a row of each balancer" beats_are 1 2
since=$(clock_at 1)
wait_for 30 "both are renewed" beats_since 1 "$since"
wait_for 30 "the replica has them by replication" beats_since 2 "$since"
check_equal "no row more" "$(beats 2)" 2
check "which goes on" replicates
wait_for 30 "the replica serves readers on both" both reader_is 1

step "a replica that is late is told by the row"
sql 2 "STOP SLAVE; CHANGE MASTER TO master_delay = 30; START SLAVE"
wait_for 60 "it serves no readers, on both" both reader_is 0
sql 2 "STOP SLAVE; CHANGE MASTER TO master_delay = 0; START SLAVE"
wait_for 60 "and when it has caught up it does" both reader_is 1

step "the source's storage stands still: reads are answered, no write is"
client_writes client &
clients=$!
wait_for 60 "a client writes" writes_at 1 10
since=$(clock_at 1)
check "the kernel takes no more writes" fsfreeze -f $MARIADB_RUN/1
check "reads are answered" sql 1 "SELECT COUNT(*) FROM app.w"
frozen=$EPOCHSECONDS
wait_for 60 "lb1 finds it" status_has lb1 "write_check"
wait_for 60 "and lb2" status_has lb2 "write_check"
# Two rounds, each with a timeout of 3 s and a second between them.
check "within the deadline" test $((EPOCHSECONDS - frozen)) -le 10
before=$(written_at 1)
promote 2
wait_for 60 "both choose the new source" both alone_in 2 1
wait_for 60 "it is written to" writes_at 2 1
wait_for 2 "no session of a client is left in the old one" no_clients_at 1
check "the old one's storage goes on" fsfreeze -u $MARIADB_RUN/1
wait_for 60 "it can be written to again, and is spare" \
	status_has lb1 '"state":"spare"'
wait_for 60 "the new one is written to" writes_at 2 20
check "of the old one's writes only the one under way came through" \
	few_written 1 "$before"
check "its last is older than the first at the new one" \
	wrote_in_turn 1 2 "$since"

kill $clients 2>/dev/null
daemon_stop evenkeeld.lb1
daemon_stop evenkeeld.lb2
finish
