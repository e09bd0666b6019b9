#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# long: yes
# Galera as three real nodes, each in a network of its own: a node joins by a state
# transfer while another is its donor, one is desynced, one is cut off from the
# others, and the whole cluster loses its majority. The cluster itself says how each
# node is, and the checks must agree.
# shellcheck disable=SC2119
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/checker-lib.sh
. "$SRC/tests/net/checker-lib.sh"

provider=$(find /usr/lib /usr/lib64 -name libgalera_smm.so 2>/dev/null | head -n 1)
if ! check "Galera's library is there (package galera-4)" test -n "$provider"
then
	finish
fi
# Nodes 1, 2 and 3 are db1, db2 and db3, the checks come from lb.
net_build db1 db2 db3 lb
DRIVE_UNDER=(nsenter --net=/run/netns/lb --)
export SST_DIR=$NET_DIR/sst
mkdir "$SST_DIR"
PATH=$SRC/tests/net/tools:$PATH
declare -A PIDS

assert_diagnose() {
	tail -n 8 "$OUT" 2>/dev/null | cut -c1-220
	tail -n 5 "$NET_DIR/log" 2>/dev/null
	grep -h -i "error" "$DB"/log[123] 2>/dev/null | tail -n 8 | cut -c1-200
}

# node_start N [OPTION...]
node_start() {
	ulimit -f 200000
	nsenter --net="/run/netns/db$1" -- mariadbd --no-defaults --user=root \
		--datadir="$DB/$1" --socket="$DB/sock$1" --pid-file="$DB/pid$1" \
		--tmpdir="$TMPDIR" --port=3306 --bind-address='*' \
		--skip-name-resolve --performance-schema=off \
		--innodb-buffer-pool-size=16M --innodb-log-file-size=8M \
		--innodb-use-native-aio=0 --innodb-flush-log-at-trx-commit=0 \
		--binlog-format=ROW --innodb-autoinc-lock-mode=2 \
		--wsrep-on=ON --wsrep-provider="$provider" \
		--wsrep-cluster-address=gcomm://10.79.0.1,10.79.0.2,10.79.0.3 \
		--wsrep-node-address="10.79.0.$1" --wsrep-node-name="db$1" \
		--wsrep-sst-method=folder \
		--wsrep-provider-options="gcache.size=1M;gcache.page_size=1M;evs.suspect_timeout=PT3S;evs.inactive_timeout=PT6S;evs.install_timeout=PT6S" \
		"${@:2}" >>"$DB/log$1" 2>&1 &
	PIDS[$1]=$!
}
on() { mariadb --no-defaults --skip-ssl -u root -S "$DB/sock$1" -BN -e "${*:2}"; }
node_up() { on "$1" "DO 1" >/dev/null 2>&1; }
# is N VARIABLE VALUE: what node N says of itself.
is() {
	local said
	said=$(on "$1" "SHOW GLOBAL STATUS LIKE 'wsrep_$2'" | cut -f2)
	echo "db$1: $2 is $said"
	[ "$said" = "$3" ]
}
# says N OUTCOME [WORDS]: the newest verdict of node N.
says() { last_is "10.79.0.$1:3306" "$2" && of "10.79.0.$1:3306" | tail -n 1 | grep -F -- "${3:-}"; }
all_say() { says 1 "$1" && says 2 "$1" && says 3 "$1"; }
# cut N...: these nodes send nothing to each other any more. The checks reach all.
apart() {
	local from to
	for from; do
		for to in 1 2 3; do
			[ "$from" = "$to" ] ||
				ip -n "db$from" route "$WORD" blackhole "10.79.0.$to/32"
		done
	done
}
cut_off() { WORD=add apart "$@"; }
put_back() { WORD=del apart "$@"; }

db_install
cp -a "$DB/data" "$DB/1"
mkdir "$DB/2"
cp -a "$DB/data" "$DB/3"
{
	vs_begin "delay_loop 0.3"
	for n in 1 2 3; do
		rs_mysql 10.79.0.$n 3306 "timeout 5" "fresh_login 4"
	done
	vs_end
} >"$NET_DIR/conf"

step "the first node"
node_start 1 --wsrep-new-cluster
wait_for 60 "it answers" node_up 1
on 1 "CREATE USER 'check'@'%' IDENTIFIED BY 'secret';
	CREATE DATABASE app; CREATE TABLE app.t (a INT PRIMARY KEY) ENGINE=InnoDB;
	INSERT INTO app.t VALUES (1)"
drive_start
wait_for 20 "alone it is the cluster" says 1 ok
wait_for 20 "the others are not there" says 2 refused

step "the third one joins, and the first one is its donor"
: >"$SST_DIR/hold"
node_start 3
wait_for 60 "the cluster says so" is 1 local_state 2
wait_for 20 "the donor is not ready" says 1 not-ready "wsrep_local_state is 2"
never_ok_3() { never 10.79.0.3:3306 ok; }
check "nor is the one that joins" never_ok_3
rm "$SST_DIR/hold"
wait_for 60 "both are synced" is 3 local_state 4
wait_for 20 "the donor is ready again" says 1 ok
wait_for 20 "and so is the new one" says 3 ok
check_equal "it has the data" "$(on 3 "SELECT COUNT(*) FROM app.t")" 1

step "and the second, with an empty folder"
node_start 2
wait_for 60 "it is synced" is 2 local_state 4
wait_for 20 "and ready" says 2 ok
check "they are three" is 1 cluster_size 3
wait_for 20 "all of them are ready" all_say ok

step "one is desynced"
on 2 "SET GLOBAL wsrep_desync = ON"
wait_for 20 "it is not ready" says 2 not-ready "wsrep_local_state is 2"
check "the others are" eval "says 1 ok && says 3 ok"
on 2 "SET GLOBAL wsrep_desync = OFF"
wait_for 20 "synced again, it is" says 2 ok

step "one is cut off from the others"
cut_off 3
wait_for 60 "it knows" is 3 cluster_status non-Primary
wait_for 60 "it is not ready" says 3 not-ready
wait_for 60 "the others have closed the gap" is 1 cluster_size 2
wait_for 20 "and are ready" eval "says 1 ok && says 2 ok"
on 1 "INSERT INTO app.t VALUES (2)"
# A client that gets through to the one outside is told 1047.
told_1047() { on 3 "SELECT COUNT(*) FROM app.t" 2>&1 | grep "ERROR 1047"; }
check "who asks it is told 1047" told_1047
put_back 3
wait_for 60 "it is back" is 3 local_state 4
wait_for 20 "and ready" says 3 ok
check_equal "with what it missed" "$(on 3 "SELECT COUNT(*) FROM app.t")" 2

step "nobody has a majority"
cut_off 1 2 3
wait_for 60 "all know" eval "is 1 cluster_status non-Primary &&
	is 2 cluster_status non-Primary && is 3 cluster_status non-Primary"
wait_for 60 "not one is ready" all_say not-ready
put_back 1 2 3
wait_for 90 "together they are a cluster again" is 1 cluster_size 3
wait_for 60 "all of them are ready" all_say ok

step "two of three are killed"
kill -KILL "${PIDS[1]}" "${PIDS[2]}"
wait "${PIDS[1]}" "${PIDS[2]}" 2>/dev/null
wait_for 20 "they are not there" says 1 refused
wait_for 60 "the third one has no majority, and is not ready" says 3 not-ready
check "as it says itself" is 3 cluster_status non-Primary
drive_stop
kill "${PIDS[3]}"
wait "${PIDS[3]}" 2>/dev/null
finish
