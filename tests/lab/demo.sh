# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: the main job, narrated: `./dev demo`
# limit: 240
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

step "The house: a client, one balancer, three MariaDB servers"
tell "Each is a network namespace of its own on one wire, under a real" \
	"kernel with IPVS. The service address is $VIP."
topology_build 3
service_address_add lb1
real_server_dr db1 db2 db3
mariadb_start 1 2 3

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

step "The daemon stops; the table stays, so an upgrade costs nobody a connection"
before=$(table)
check "it ends in good order" daemon_stop evenkeeld.lb1
check_equal "the table is as it was" "$before" "$(table)"
check "and still carries logins" client_sql "SELECT 1"
finish
