# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: servers come and go, reloads in place, a broken file is refused
# limit: 180
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
CONF=/tmp/evenkeel.conf

in_with() { table_weight "10.78.0.$1:3306" "$2"; }
is_out() { table_has_not "-r 10.78.0.$1:3306"; }

# conf_servers WEIGHT...: a pool of servers 1, 2, ... with these weights; -: not.
conf_servers() {
	local weight n=0
	sed '/real_server/,$d' /src/tests/lab/conf/pool.conf
	# The kernel does not see that a server which was killed lost its
	# connections, so one that leaves the file waits for them this long.
	echo "drain_timeout 3"
	for weight; do
		n=$((n + 1))
		[ "$weight" != - ] || continue
		printf '%s\n' "real_server 10.78.0.$n 3306 {" "weight $weight" \
			"MYSQL_CHECK {" "username check" \
			"password check-secret" "timeout ${TIMEOUT:-2}" "}" "}"
	done
	echo "}"
}

reload() {
	evenkeel_log_count lb1 "is in force:"
	local before=$LOG_COUNT
	daemon_signal evenkeeld.lb1 HUP
	wait_for 20 "the reload is done" evenkeel_log_more lb1 "is in force:" \
		"$before"
}

step "nothing is known of the servers yet"
topology_build 3
service_address_add lb1
real_server_dr db1 db2 db3
mariadb_start 1 2 3
mariadb_hang 1 2 3
TIMEOUT=60 conf_servers 100 100 >$CONF
evenkeel_start $CONF
check "the service is there" table_has "-A -t 10.77.0.100:3306 -s wlc"
holds 3 "a server whose first check has not ended is not in" table_has_not "-r"
mariadb_cont 1
wait_for 30 "the one that answers goes in" in_with 1 100
check "the other does not" is_out 2
mariadb_cont 2 3
wait_for 30 "until it answers too" in_with 2 100

step "reloads, with connections open"
conf_servers 100 100 100 >$CONF
reload
wait_for 30 "an added server goes in" in_with 3 100
held_start six --connections 6 --interval 50
wait_for 30 "six connections are open" held_is six placed -eq 6
of_1=$(held_value six server.1.open)
of_3=$(held_value six server.3.open)
requests_watch
requests_seen
before=$REQUESTS
conf_servers 100 40 100 >$CONF
reload
wait_for 20 "another weight, in place" in_with 2 40
check "it took one request" requests_none_since $((before + 1))
conf_servers 100 40 0 >$CONF
reload
wait_for 20 "weight 0 keeps the server in" in_with 3 0
check "and its connections" held_is six server.3.open -eq "$of_3"
conf_servers 100 40 100 >$CONF
printf '%s\n' "virtual_server 10.77.0.100 3307 {" "lvs_sched rr" \
	"lvs_method DR" "protocol TCP" "real_server 10.78.0.1 3307 {" "}" \
	"}" >>$CONF
reload
wait_for 20 "a new service comes" table_has \
	"-a -t 10.77.0.100:3307 -r 10.78.0.1:3307"
conf_servers 100 40 100 >$CONF
reload
wait_for 20 "and goes" table_has_not ":3307"
wait_for 20 "the weight is back" in_with 3 100
check "the six connections stayed all the time" held_is six open -eq 6
check "without an error" held_is six errors -eq 0

step "a broken file is refused"
before=$(table lb1)
requests_seen
seen=$REQUESTS
for fault in "weight 1O0" "wieght 100" "weight 100 {" "}"; do
	conf_servers 100 40 100 | sed "0,/weight 100/s//$fault/" >$CONF
	evenkeel_log_count lb1 "is refused"
	refused=$LOG_COUNT
	daemon_signal evenkeeld.lb1 HUP
	wait_for 20 "refused: '$fault'" evenkeel_log_more lb1 "is refused" \
		"$refused"
done
check "the log names the place" evenkeel_log lb1 "$CONF"
holds 2 "no request is made" requests_none_since "$seen"
check_equal "the table is as it was" "$before" "$(table lb1)"
check_not "reloading by command says so too" evenkeel lb1 reload

step "and the old one works on: server 2 is killed, server 3 hangs"
mariadb_kill 2
mariadb_hang 3
wait_for 30 "server 2 is out" is_out 2
wait_for 30 "server 3 is out" is_out 3
check "server 1's connections stay" held_is six server.1.open -ge "$of_1"
check "the log has the reason: refused" evenkeel_log lb1 "refused"
mariadb_cont 3
mariadb_start 2
wait_for 30 "server 2 is back" in_with 2 40
wait_for 30 "server 3 is back" in_with 3 100
conf_servers 100 - 100 >$CONF
reload
wait_for 20 "server 2 is taken out of the file" is_out 2
check "and a new login works" client_sql "SELECT 1"
held_stop six
daemon_stop evenkeeld.lb1
finish
