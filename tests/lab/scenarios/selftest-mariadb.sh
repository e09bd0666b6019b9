# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: three MariaDB servers behind a hand-made table: DR, NAT, TUN; hang, kill
# needs: nothing
# limit: 120
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh

step "network and servers"
topology_build 3
service_address_add lb1
real_server_dr db1
real_server_nat db2
real_server_tun db3
mariadb_start 1 2 3

step "one service, one server each by direct routing, NAT and tunnel"
ns lb1 ipvsadm -R <<EOT
-A -t $VIP:3306 -s rr
-a -t $VIP:3306 -r 10.78.0.1:3306 -g -w 1
-a -t $VIP:3306 -r 10.78.0.2:3306 -m -w 1
-a -t $VIP:3306 -r 10.78.0.3:3306 -i -w 1
-A -t [$VIP6]:3306 -s rr
-a -t [$VIP6]:3306 -r [fd78::1]:3306 -g -w 1
EOT
ids() {
	local i
	for i in 1 2 3; do client_sql 'SELECT @@server_id'; done | sort
}
check_equal "each method answers" "1
2
3" "$(ids)"
check "IPv6 answers" client_sql 'SELECT 1' $VIP6

step "held connections"
held_start six --connections 6 --interval 100
wait_for 20 "six connections are open" held_is six placed -eq 6
for i in 1 2 3; do
	check "two of them on server $i" held_is six "server.$i.open" -eq 2
done
wait_for 20 "they work" held_is six queries -ge 18
check "without an error" held_is six errors -eq 0

step "server 1 hangs, server 2 is killed"
mariadb_hang 1
mariadb_kill 2
wait_for 20 "the two connections on server 2 break" held_is six broken -eq 2
wait_for 20 "the two on server 1 run into their timeout" \
	held_is six timeouts -eq 2
check "the two on server 3 go on" held_is six server.3.open -eq 2
mariadb_cont 1
mariadb_start 2
wait_for 20 "server 2 answers again" client_sql 'SELECT 1' 10.78.0.2
held_stop six

step "new connections all the time"
held_start fresh --connections 3 --interval 50 --fresh
wait_for 20 "thirty were made" held_is fresh connected -ge 30
held_stop fresh
check "none failed" held_is fresh connect_failed -eq 0
finish
