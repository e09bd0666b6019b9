# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: the lab's kernel has IPVS, every scheduler, and tables per namespace
# needs: nothing
# limit: 60
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh

step "modules"
check "ip_vs loads" modprobe ip_vs
for scheduler in rr wrr lc wlc lblc lblcr dh sh sed nq fo ovf mh; do
	check "scheduler $scheduler loads" modprobe "ip_vs_$scheduler"
done

step "a table goes in and comes out"
topology_build 2
step "built"
cat >/tmp/table <<'EOT'
-A -t 10.77.0.100:3306 -s wlc
-a -t 10.77.0.100:3306 -r 10.78.0.1:3306 -g -w 100
-a -t 10.77.0.100:3306 -r 10.78.0.2:3306 -m -w 0
-A -t [fd77::100]:3306 -s mh -b mh-fallback
-a -t [fd77::100]:3306 -r [fd78::1]:3306 -g -w 1
-A -u 10.77.0.100:53 -s rr -o
-a -u 10.77.0.100:53 -r 10.78.0.1:53 -i -w 3
-A -f 7 -s sh -p 60
-a -f 7 -r 10.78.0.2:0 -g -w 1
EOT
restore() { ns lb1 ipvsadm -R </tmp/table; }
services() { table "$1" | grep -c -- '^-A'; }
check "ipvsadm -R takes the table" restore
check_equal "four services" 4 "$(services lb1)"
check "the weight is there" table_weight 10.78.0.1:3306 100
check_not "a wrong weight is noticed" table_weight 10.78.0.1:3306 99
check_equal "the client's namespace has no table" 0 "$(services client)"

step "a watch"
table_watch lb1
ns lb1 ipvsadm -e -t 10.77.0.100:3306 -r 10.78.0.1:3306 -g -w 7
wait_for 10 "it sees another weight" test -s "$WATCH_FILE"
table_watch_stop
table_watch lb1
looked() { [ "$(</run/watch.looks)" -ge 5 ]; }
wait_for 10 "the next one looks" looked
table_watch_end "and compares with the table of its own start"

step "the wire"
check "client reaches balancer" ns client ping -c 1 -W 2 10.77.0.11
check "client reaches server 2" ns client ping -c 1 -W 2 10.78.0.2
check "client reaches server 2 over IPv6" ns client ping -c 1 -W 2 fd78::2
finish
