# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: servers are drained with 50 connections open, and nobody loses one
# limit: 240
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
CONF=/tmp/evenkeel.conf

in_with() { table_weight "10.78.0.$1:3306" "$2"; }
is_out() { table_has_not "-r 10.78.0.$1:3306"; }
nothing_broke() { held_is app errors -eq 0 && held_is app connect_failed -eq 0; }

# conf_write N...: these servers, with a time to drain that this scenario does
# not reach.
conf_write() {
	local n
	sed '/real_server/,$d' /src/tests/lab/conf/pool.conf
	echo "drain_timeout 200"
	for n; do
		printf '%s\n' "real_server 10.78.0.$n 3306 {" "weight 100" \
			"MYSQL_CHECK {" "username check" \
			"password check-secret" "timeout 3" "}" "}"
	done
	echo "}"
}

step "three servers, 50 connections that live for some ten seconds"
topology_build 3
service_address_add lb1
real_server_dr db1 db2 db3
mariadb_start 1 2 3
conf_write 1 2 3 >$CONF
evenkeel_start $CONF
for n in 1 2 3; do wait_for 60 "server $n is in" in_with $n 100; done
held_start app --connections 50 --interval 500 --lifetime 10
# All are there, and none is on its way to server 2 when its weight changes.
wait_for 60 "each has its server" held_is app placed -ge 50
check "server 2 has its part of them" held_is app server.2.open -ge 10

step "the operator drains server 2 and waits"
evenkeel lb1 drain 10.78.0.2:3306 --wait >/tmp/drain.said 2>&1 &
waiter=$!
wait_for 20 "its weight is 0" in_with 2 0
check "connections stay while they live" held_is app server.2.open -ge 1
connects=$(held_value app server.2.connects)
wait_for 120 "the last one has gone, and it is out" is_out 2
check "the command has waited for that, and says 0" wait $waiter
check "it counted them down" grep -q "connections" /tmp/drain.said
# One may have been on its way to it when the weight changed.
check "no new one came meanwhile" held_is app server.2.connects -le \
	$((connects + 1))
check "nobody lost a connection" nothing_broke
check "it says why" evenkeel_log lb1 "the operator drains it"

step "it stays out whatever happens to us"
daemon_kill evenkeeld.lb1
evenkeel_start $CONF
holds 4 "after a kill of the daemon" is_out 2
daemon_signal evenkeeld.lb1 HUP
wait_for 20 "and a reload" evenkeel_log lb1 "is in force"
holds 3 "as before" is_out 2
check "ready" evenkeel lb1 ready 10.78.0.2:3306
wait_for 20 "it is back" in_with 2 100
wait_for 60 "connections come to it again" held_is app server.2.open -ge 5

step "a server that is taken out of the file drains the same way"
conf_write 1 2 >$CONF
daemon_signal evenkeeld.lb1 HUP
wait_for 20 "its weight is 0" in_with 3 0
check "what it had stays" held_is app server.3.open -ge 1
wait_for 120 "the last one has gone, and it is out" is_out 3
check "nobody lost a connection" nothing_broke

step "a limit of time"
held_start long --connections 6 --interval 500
wait_for 30 "six connections that stay" held_is long placed -eq 6
sed -i 's/drain_timeout 200/drain_timeout 6/' $CONF
evenkeel_log_count lb1 "is in force"
before=$LOG_COUNT
daemon_signal evenkeeld.lb1 HUP
wait_for 20 "drain_timeout is 6 s" evenkeel_log_more lb1 "is in force" "$before"
evenkeel lb1 drain 10.78.0.1:3306 --wait >/tmp/drain.said 2>&1 &
waiter=$!
wait_for 10 "its weight is 0" in_with 1 0
check "some of the six are its own" held_is long server.1.open -ge 1
wait_for 30 "after 6 s it is out all the same" is_out 1
status=0
wait $waiter || status=$?
check "the command says 3: its time was over" test $status -eq 3
check "and how many were left" grep -q "s: [1-9][0-9]* connections were left" \
	/tmp/drain.said
held_stop long
held_stop app
daemon_stop evenkeeld.lb1
finish
