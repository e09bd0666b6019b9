# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: the daemon is killed at random moments, and nobody notices
# limit: 180
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
CONF=/tmp/evenkeel.conf

in_with() { table_weight "10.78.0.$1:3306" "$2"; }

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
wait_for 30 "six connections are open" held_is six open -eq 6
# The fresh ones come and go beside them: it need not be three for each.
of_1=$(held_value six server.1.open)

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

step "while it is away the file changes: another service, one server less"
{
	sed '/real_server 10.78.0.2/,$d' $POOL
	echo "}"
	sed -e 's/3306 {/3307 {/' -e '/MYSQL_CHECK/,/}/d' $POOL
} >$CONF
evenkeel_start $CONF
wait_for 20 "the new service is there" table_has "-A -t 10.77.0.100:3307 -s wlc"
wait_for 20 "its servers too" table_has "-r 10.78.0.2:3307"
wait_for 20 "server 2 has left the old one" table_has_not "-r 10.78.0.2:3306"
check "the connections to the others stay" held_is six server.1.open -eq "$of_1"
daemon_stop evenkeeld.lb1

step "while it is away again the old service vanishes from the file"
sed -e 's/3306 {/3307 {/' -e '/MYSQL_CHECK/,/}/d' $POOL >$CONF
evenkeel_start $CONF
wait_for 20 "the old service is gone" table_has_not "-t 10.77.0.100:3306"
check "the new one is there" table_has "-r 10.78.0.2:3307"
check "somebody else's service was never touched" table_has \
	"-a -t 10.77.0.99:80 -r 10.78.0.7:80 -m -w 7"
daemon_stop evenkeeld.lb1
held_stop six
held_stop fresh
finish
