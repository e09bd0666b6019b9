# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: the main job, narrated: `./dev demo`
# limit: 420
# clock: host
#
# Each step says what happens, does it, waits for what it claims and shows the
# kernel's own table. The exit status is that of the claims.
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh

ASSERT_STOP=yes
CONF=/tmp/evenkeel.conf

# tell TEXT: one paragraph of the story.
tell() {
	local line
	while read -r line; do
		echo "   $line"
	done < <(fold -s -w 72 <<<"$*")
}

# show TITLE COMMAND...: what an operator would type, and what comes back.
show() {
	local line title=$1
	shift
	echo "   ${ASSERT_BLUE}\$ $title${ASSERT_PLAIN}"
	while IFS= read -r line; do
		echo "     $line"
	done < <("$@" 2>&1)
}

show_table() {
	show "ipvsadm -Ln" ns lb1 ipvsadm -Ln
}

# in_with SERVER WEIGHT, is_out SERVER
in_with() { table_weight "10.78.0.$1:3306" "$2"; }
is_out() { table_has_not "-r 10.78.0.$1:3306"; }

# is_cold SERVER: it is in with less than a third of its weight.
is_cold() {
	local lines
	lines=$(table)
	[[ $lines =~ "-r 10.78.0.$1:3306 -g -w "([0-9]+) ]] &&
		[ "${BASH_REMATCH[1]}" -lt 33 ]
}

# outcome_is N OUTCOME: what the newest probe of server N found.
outcome_is() {
	local json
	json=$(evenkeel lb1 status --json)
	json=${json#*\"address\":\""10.78.0.$1:3306"\"}
	json=${json%%\"address\"*}
	[[ $json == *"\"outcome\":\"$2\""* ]]
}

step "The house: a client, two balancers, four MariaDB servers"
tell "Each is a network namespace of its own on one wire, under a real" \
	"kernel with IPVS. The service address is $VIP. Servers 1 to 3 are in" \
	"the pool, server 4 will be their source. One balancer is enough for" \
	"now."
topology_build 4 2
service_address_add lb1
real_server_dr db1 db2 db3
mariadb_start -o --log-bin 1 2 3 4

step "evenkeel starts"
tell "The configuration is in keepalived's language; each server is asked" \
	"with a real login and a query, once a second."
cp /src/tests/lab/conf/pool.conf $CONF
show "head -n 20 evenkeel.conf" sed -n '3,19p' $CONF
evenkeel_start $CONF
for i in 1 2 3; do
	wait_for 30 "server $i is in" in_with $i 100
done
show_table
show "evenkeel status" evenkeel lb1 status

step "An application connects"
tell "Six connections that stay, as a connection pool holds them, each with" \
	"a query ten times a second."
held_start app --connections 6
wait_for 30 "six connections are open" held_is app open -eq 6
for i in 1 2 3; do
	check "two of them reached server $i" held_is app "server.$i.open" -eq 2
done
show_table

step "Server 2 is killed"
mariadb_kill 2
wait_for 30 "evenkeel takes it out" is_out 2
show_table
check "the four connections to the others never noticed" \
	held_is app open -eq 4
held_start fresh --connections 2 --interval 50 --fresh
wait_for 30 "thirty new logins work" held_is fresh connected -ge 30
check "none was sent to the dead server" held_is fresh connect_failed -eq 0

step "Server 2 returns"
mariadb_start 2
wait_for 30 "evenkeel puts it back" in_with 2 100
wait_for 30 "new connections reach it" held_is fresh server.2.connects -ge 1
show_table

step "Server 3 hangs (SIGSTOP): its kernel still accepts connections"
tell "A plain TCP check would call it healthy for ever."
mariadb_hang 3
wait_for 30 "evenkeel takes it out: no answer in time" is_out 3
show_table
mariadb_cont 3
wait_for 30 "it wakes up and comes back" in_with 3 100
held_stop fresh

step "The daemon is killed (SIGKILL) while connections run"
held_start run --connections 6
wait_for 30 "six fresh connections" held_is run open -eq 6
daemon_kill evenkeeld.lb1
before=$(table)
holds 2 "the kernel goes on without it" held_is run open -eq 6
check "a new login works too" client_sql "SELECT 1"
evenkeel_start $CONF
holds 3 "the new daemon adopts the table: not one entry changes" \
	table_is "$before"
check "six connections, not one error" held_is run errors -eq 0

step "A reload changes weights in place"
sed -i '0,/weight 100/s//weight 40/' $CONF
daemon_signal evenkeeld.lb1 HUP
wait_for 30 "server 1 now has weight 40" in_with 1 40
show_table
check "the connections stayed" held_is run open -eq 6
check "and made no error" held_is run errors -eq 0
held_stop run
held_stop app


step "Server 1 is drained for maintenance"
tell "No new connection; those that are open may go on until they end."
held_start web --connections 12 --interval 200 --lifetime 3
wait_for 30 "a dozen connections come and go" held_is web server.1.open -ge 2
show "evenkeel drain 10.78.0.1 --wait" evenkeel lb1 drain 10.78.0.1 --wait
check "it is out" is_out 1
check "the dozen lost nothing" held_is web errors -eq 0
show "evenkeel explain 10.78.0.1" evenkeel lb1 explain 10.78.0.1
check "ready" evenkeel lb1 ready 10.78.0.1
wait_for 20 "and back" in_with 1 40
held_stop web

step "Replicas: one falls behind, then their source dies"
tell "Servers 1 to 3 become replicas of server 4. The file now says" \
	"role replica, max_lag 5, resume_lag 2 and slow_start."
sql 4 "CREATE TABLE app.beat (id INT PRIMARY KEY, at DATETIME(6));
	INSERT INTO app.beat VALUES (1, NOW(6));
	SET GLOBAL event_scheduler = ON;
	CREATE EVENT app.beat ON SCHEDULE EVERY 1 SECOND DO
		UPDATE app.beat SET at = NOW(6)"
for i in 1 2 3; do
	sql $i "SET GLOBAL read_only = 1;
		CHANGE MASTER TO master_host = '10.78.0.4', master_user = 'repl',
			master_password = 'repl-secret', master_connect_retry = 1,
			master_use_gtid = slave_pos;
		START SLAVE"
done
cp /src/tests/lab/conf/replicas.conf $CONF
daemon_signal evenkeeld.lb1 HUP
for i in 1 2 3; do
	wait_for 30 "server $i is in" in_with $i 100
done
sql 2 "STOP SLAVE; CHANGE MASTER TO master_delay = 60; START SLAVE"
wait_for 40 "server 2 lags: it gets no new connections" eval \
	"is_out 2 || in_with 2 0"
show "evenkeel explain 10.78.0.2" evenkeel lb1 explain 10.78.0.2
sql 2 "STOP SLAVE; CHANGE MASTER TO master_delay = 0; START SLAVE"
wait_for 40 "it catches up, and is back" in_with 2 100
tell "Now the source. The lag of all three turns NULL at once; a balancer" \
	"that judges one server at a time would remove every one of them."
before=$(table)
mariadb_kill 4
for i in 1 2 3; do
	wait_for 40 "server $i says that it has lost its source" \
		outcome_is $i source-lost
done
holds 3 "nobody leaves" table_is "$before"
show "evenkeel status" evenkeel lb1 status
mariadb_start -o --log-bin 4
for i in 1 2 3; do
	wait_for 40 "server $i follows it again" outcome_is $i ok
done

step "Server 3 is restarted: its cache is cold"
mariadb_stop 3
wait_for 30 "it is out" is_out 3
mariadb_start -o --read-only 3
wait_for 30 "it comes back with a small part of its weight" is_cold 3
show "evenkeel explain 10.78.0.3" evenkeel lb1 explain 10.78.0.3
wait_for 40 "and has all of it some ten seconds later" in_with 3 100
tell "Every step of it is in the log:"
show "tail -n 3 log" eval \
	"grep 'slow start' $LAB_LOG/evenkeeld.lb1.log | cut -d ' ' -f 2,5- | cut -c 1-110 | tail -n 3"

step "The daemon stops; the table stays, so an upgrade costs nobody a connection"
before=$(table)
check "it ends in good order" daemon_stop evenkeeld.lb1
check_equal "the table is as it was" "$before" "$(table)"
check "and still carries logins" client_sql "SELECT 1"

step "Two balancers: the active one dies under load"
tell "The same pool on both, an address that VRRP moves, and the kernels'" \
	"connection sync, so that the other balancer knows every session."
service_address_del lb1
(umask 077 && echo "what both balancers know" >/run/pair.key)
pair_conf lb1 150 DR >/tmp/lb1.conf
pair_conf lb2 100 DR >/tmp/lb2.conf
evenkeel_launch /tmp/lb1.conf lb1
wait_for 40 "lb1 has the address" pair_holds lb1
evenkeel_launch /tmp/lb2.conf lb2
wait_for 40 "lb2 is its backup" pair_is lb2 BACKUP
wait_for 40 "and has both servers in its table" pair_has_both lb2
held_start pool --connections 12 --interval 100 --timeout 30 \
	--init "$PAIR_INIT" --query "$PAIR_QUERY"
wait_for 30 "twelve sessions, each with a variable of its own" \
	held_is pool queries -ge 48
wait_for 30 "lb2's kernel knows all of them" pair_knows lb2 12
show "evenkeel vrrp" evenkeel lb1 vrrp
queries=$(held_value pool queries)
pair_kill lb1
wait_for 20 "lb2 has the address" pair_holds lb2
wait_for 30 "the sessions go on" held_is pool queries -ge $((queries + 60))
check "all twelve are open" held_is pool open -eq 12
check "not one error" held_is pool errors -eq 0
check "and each still knows its variable" held_is pool server.255.queries -eq 0
echo "   the longest wait for an answer: $(held_value pool slowest_ms) ms;" \
	"connections lost: $(held_value pool errors)"
held_stop pool
check "lb2 ends in good order" daemon_stop evenkeeld.lb2
finish
