# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: the daemon is killed at random moments, and nobody notices
# limit: 400
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
CONF=/tmp/evenkeel.conf

in_with() { table_weight "10.78.0.$1:3306" "$2"; }
all_checked() { status_has lb1 '"proven":true' && status_lacks lb1 '"proven":false'; }

# conf_write N...: these servers and no other.
conf_write() {
	local n
	sed '/real_server/,$d' /src/tests/lab/conf/pool.conf
	for n; do
		printf '%s\n' "real_server 10.78.0.$n 3306 {" "weight 100" \
			"MYSQL_CHECK {" "username check" \
			"password check-secret" "timeout 4" "}" "}"
	done
	echo "}"
}

# restarted: a killed daemon's successor has heard of every check.
restarted() {
	daemon_kill evenkeeld.lb1
	evenkeel_launch $CONF
	wait_for 30 "the next one answers" evenkeel lb1 status
	wait_for 40 "it has checked every server" all_checked
}

step "two servers, six held connections, a service of somebody else"
topology_build 2
service_address_add lb1
real_server_dr db1 db2
mariadb_start 1 2
ns lb1 ipvsadm -R <<<"-A -t 10.77.0.99:80 -s rr
-a -t 10.77.0.99:80 -r 10.78.0.7:80 -m -w 7"
# The pool's first two servers.
POOL=/tmp/pool.conf
sed '/real_server 10.78.0.3/,$d' /src/tests/lab/conf/pool.conf >$POOL
echo "}" >>$POOL
cp $POOL $CONF
evenkeel_start $CONF
for i in 1 2; do
	wait_for 30 "server $i is in" in_with $i 100
done
held_start six --connections 6 --interval 50
held_start fresh --connections 2 --interval 50 --fresh
wait_for 30 "six connections are open" held_is six placed -eq 6

step "SIGKILL, five times"
requests_watch
requests_seen
before=$REQUESTS
table_watch lb1
for moment in 1 2 3 4 5; do
	# Anywhere from the start of the process to its third round of checks.
	pause $((RANDOM % 3)).$((RANDOM % 10))
	process_tree "${DAEMON_PID[evenkeeld.lb1]}"
	children=("${TREE[@]}")
	daemon_kill evenkeeld.lb1
	wait_for 15 "kill $moment: ${#children[@]} children are gone" \
		processes_gone "${children[@]}"
	evenkeel_launch $CONF
done
wait_for 20 "the last one answers" evenkeel lb1 status
wait_for 20 "it has checked every server" status_lacks lb1 '"proven":false'
check "and says that they are up" status_has lb1 '"up":2'
check "no request changed the kernel's table" requests_none_since "$before"
table_watch_end "the table was the same all the time"
check "six connections are open" held_is six open -eq 6
check "not one has seen an error" held_is six errors -eq 0
check "no login failed in the meantime" held_is fresh connect_failed -eq 0
check "and there were some" held_is fresh connected -ge 20

step "SIGTERM"
process_tree "${DAEMON_PID[evenkeeld.lb1]}"
children=("${TREE[@]}")
before=$(table lb1)
check "it ends in good order" daemon_stop evenkeeld.lb1
wait_for 15 "its ${#children[@]} children too" processes_gone "${children[@]}"
check_equal "the table is as it was" "$before" "$(table lb1)"

step "a server that a reload took out of the file drains through a restart"
conf_write 1 2 >$CONF
evenkeel_start $CONF
wait_for 20 "it has checked every server" all_checked
of_2=$(held_value six server.2.open)
conf_write 1 >$CONF
daemon_signal evenkeeld.lb1 HUP
wait_for 20 "server 2 drains" in_with 2 0
requests_seen
before=$REQUESTS
restarted
check "no request changed the kernel's table" requests_none_since "$before"
holds 5 "it goes on draining" in_with 2 0
check "what it had stays" held_is six server.2.open -eq "$of_2"
check "not one has seen an error" held_is six errors -eq 0

step "it is named again, and taken out while the daemon is away"
conf_write 1 2 >$CONF
daemon_signal evenkeeld.lb1 HUP
wait_for 20 "server 2 is in again" in_with 2 100
daemon_stop evenkeeld.lb1
conf_write 1 >$CONF
evenkeel_start $CONF
wait_for 20 "it drains, as after a reload" in_with 2 0
wait_for 20 "it has checked every server" all_checked
check "what it had stays" held_is six server.2.open -eq "$of_2"
check "not one has seen an error" held_is six errors -eq 0

step "the sorry server serves, and goes on through restarts"
ns lb1 sysctl -qw net.ipv4.vs.expire_nodest_conn=1
held_stop six
held_stop fresh
sed 's/^\tprotocol TCP/&\n\tsorry_server 10.78.0.2 3306/' $CONF >$CONF.new
mv $CONF.new $CONF
daemon_signal evenkeeld.lb1 HUP
wait_for 30 "server 1 alone is in" table_has_not "-r 10.78.0.2:3306"
mariadb_hang 1
wait_for 40 "the sorry server is in" in_with 2 1
held_start sorry --connections 10 --interval 50
wait_for 30 "ten connections at the sorry server" held_is sorry server.2.open -eq 10
requests_seen
before=$REQUESTS
restarted
check "no request changed the kernel's table" requests_none_since "$before"
daemon_stop evenkeeld.lb1
evenkeel_start $CONF
wait_for 40 "another one has checked every server" all_checked
check "nor did an orderly restart" requests_none_since "$before"
check "ten connections are open" held_is sorry open -eq 10
check "not one has seen an error" held_is sorry errors -eq 0
mariadb_cont 1
wait_for 30 "server 1 replaces it when it is back" in_with 1 100
held_stop sorry
daemon_stop evenkeeld.lb1

step "while it is away the file changes: another service, one server less"
conf_write 1 2 >$CONF
evenkeel_start $CONF
wait_for 30 "both are in" in_with 2 100
wait_for 30 "both are in" in_with 1 100
daemon_stop evenkeeld.lb1
held_start six --connections 6 --interval 50
wait_for 30 "six connections are open" held_is six placed -eq 6
of_2=$(held_value six server.2.open)
{
	sed '/real_server 10.78.0.2/,$d' $POOL
	echo "}"
	sed -e 's/3306 {/3307 {/' -e '/MYSQL_CHECK/,/}/d' $POOL
} >$CONF
evenkeel_start $CONF
wait_for 20 "the new service is there" table_has "-A -t 10.77.0.100:3307 -s wlc"
wait_for 20 "its servers too" table_has "-r 10.78.0.2:3307"
wait_for 20 "server 2 drains in the old one" in_with 2 0
check "all connections stay" held_is six open -eq 6
check "those to it, too" held_is six server.2.open -eq "$of_2"
held_stop six
wait_for 30 "without any it leaves" table_has_not "-r 10.78.0.2:3306"
daemon_stop evenkeeld.lb1

step "while it is away again the old service vanishes from the file"
sed -e 's/3306 {/3307 {/' -e '/MYSQL_CHECK/,/}/d' $POOL >$CONF
evenkeel_start $CONF
wait_for 20 "the old service is gone" table_has_not "-t 10.77.0.100:3306"
check "the new one is there" table_has "-r 10.78.0.2:3307"
check "somebody else's service was never touched" table_has \
	"-a -t 10.77.0.99:80 -r 10.78.0.7:80 -m -w 7"
daemon_stop evenkeeld.lb1
finish
