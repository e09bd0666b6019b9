# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: one source, four replicas: the source dies, one replica lags, then all do
# limit: 360
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
CONF=/tmp/evenkeel.conf
REPLICAS="2 3 4 5"

# serves N: replica N gets new connections.
serves() { table_weight "10.78.0.$1:3306" 1; }
# is_out N: it gets none, be it with a weight of 0.
is_out() {
	table_has_not "-r 10.78.0.$1:3306" || table_weight "10.78.0.$1:3306" 0
}
all_serve() {
	local n
	for n in $REPLICAS; do serves "$n" || return; done
}

# outcome_is N OUTCOME: what the newest probe of replica N found.
outcome_is() {
	local json
	json=$(evenkeel lb1 status --json)
	json=${json#*\"address\":\""10.78.0.$1:3306"\"}
	json=${json%%\"address\"*}
	echo "$json"
	[[ $json == *"\"outcome\":\"$2\""* ]]
}

# lag_over N SECONDS: and how far behind it is.
lag_over() {
	local json
	json=$(evenkeel lb1 status --json)
	json=${json#*\"address\":\""10.78.0.$1:3306"\"}
	json=${json#*\"lag_s\":}
	echo "lag_s of replica $1: ${json%%,*}"
	json=${json%%[.,]*}
	[ "$json" != null ] && [ "$json" -gt "$2" ]
}

# delay SECONDS N...: replicas that apply changes so much later.
delay() {
	local n seconds=$1
	shift
	for n; do
		sql "$n" "STOP SLAVE; CHANGE MASTER TO master_delay = $seconds;
			START SLAVE"
	done
}

# A source that is written to all the time, else there is nothing to lag behind.
write_on() {
	while :; do
		echo "REPLACE INTO app.beat VALUES (1, NOW()); DO SLEEP(0.5);"
	done | mariadb --no-defaults -u root -S "$MARIADB_RUN/1/sock" \
		>/dev/null 2>&1
}

step "a source, four replicas"
topology_build 5
mariadb_start -o --log-bin=bin -o --slave-net-timeout=20 1 2 3 4 5
sql 1 "CREATE TABLE app.beat (id INT PRIMARY KEY, at DATETIME)"
for n in $REPLICAS; do
	sql "$n" "SET GLOBAL read_only = 1;
		CHANGE MASTER TO master_host = '10.78.0.1', master_user = 'repl',
			master_password = 'repl-secret',
			master_use_gtid = slave_pos, master_connect_retry = 1;
		START SLAVE"
done
write_on &
writer=$!
{
	printf '%s\n' "virtual_server 10.77.0.100 3306 {" "delay_loop 1" \
		"lvs_sched wlc" "lvs_method NAT" "protocol TCP" "fall 2" \
		"delay_before_retry 0.5" "min_serving 50%" \
		"correlated_failure 60%"
	for n in $REPLICAS; do
		printf '%s\n' "real_server 10.78.0.$n 3306 {" "MYSQL_CHECK {" \
			"username check" "password check-secret" "timeout 8" \
			"role replica" "max_lag 8" "resume_lag 3" "}" "}"
	done
	echo "}"
} >$CONF
evenkeel_start $CONF
wait_for 60 "all of them serve" all_serve
requests_watch
requests_seen
quiet=$REQUESTS

step "the source dies"
mariadb_kill 1
for n in $REPLICAS; do
	wait_for 60 "replica $n has lost it" outcome_is "$n" source-lost
done
wait_for 20 "one event upstream, not four" \
	status_has lb1 '"level":"upstream-failure"'
holds 10 "nobody leaves" requests_none_since "$quiet"
check "the log says why" evenkeel_log lb1 "a cause upstream"
mariadb_start -o --log-bin=bin 1
kill $writer 2>/dev/null
wait $writer 2>/dev/null
write_on &
writer=$!
for n in $REPLICAS; do
	wait_for 60 "replica $n has found it again" outcome_is "$n" ok
done
wait_for 20 "the event is over" status_has lb1 '"level":"normal"'
check "and was not felt" requests_none_since "$quiet"

step "one replica is delayed"
delay 60 2
wait_for 60 "it lags" lag_over 2 8
wait_for 30 "and is out" is_out 2
for n in 3 4 5; do check "replica $n serves" serves "$n"; done
delay 0 2
wait_for 60 "without the delay it is back" serves 2
check_not "below the lower threshold" lag_over 2 3

step "all are, two of them for longer"
delay 600 2 3
for n in 2 3; do
	wait_for 60 "replica $n lags" lag_over "$n" 8
	wait_for 30 "and is out" is_out "$n"
done
wait_for 60 "they are far behind" lag_over 3 60
delay 20 4 5
for n in 4 5; do wait_for 60 "replica $n lags too" lag_over "$n" 8; done
wait_for 30 "half of the pool is held" status_has lb1 '"level":"holding"'
least_lagged_serve() { serves 4 && serves 5 && is_out 2 && is_out 3; }
holds 5 "the least lagged of them" least_lagged_serve
delay 0 2 3 4 5
wait_for 60 "all serve again" all_serve

step "one can be written to"
sql 5 "SET GLOBAL read_only = 0"
wait_for 30 "it has not the role" outcome_is 5 role
wait_for 30 "and is out" is_out 5
sql 5 "SET GLOBAL read_only = 1"
wait_for 30 "read-only again, it serves" serves 5

step "one stops with an error"
sql 4 "SET sql_log_bin = 0; DROP TABLE app.beat"
wait_for 60 "its replication is broken" outcome_is 4 broken
wait_for 30 "and it is out" is_out 4
kill $writer 2>/dev/null
daemon_stop evenkeeld.lb1
finish
