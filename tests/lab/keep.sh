# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: a pair that stays, to look at from the host: `./dev demo --keep`
# limit: 86400
# clock: host
#
# Each balancer has an interface of its own to the host's loopback. Servers come
# and go all the time, so that there is something to see. It ends when somebody
# connects to the last of the ports.
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh

ASSERT_STOP=yes
# shellcheck disable=SC2206
KEEP_PORTS=($LAB_PORTS)
KEEP_INSIDE=10.0.2.15

# keep_outside LB N: the N-th interface to the host becomes that balancer's.
keep_outside() {
	local name
	name=$(nsenter --net="/proc/self/fd/$LAB_HOST_NET" ip -o link show |
		sed -n "s/^[0-9]*: \([^:@]*\).*52:54:00:65:76:0$2.*/\1/p")
	[ -n "$name" ] || return
	nsenter --net="/proc/self/fd/$LAB_HOST_NET" \
		ip link set dev "$name" netns "$1" name host0 &&
		ip -n "$1" addr add "$KEEP_INSIDE/24" dev host0 &&
		ip -n "$1" link set host0 up
}

# keep_conf LB PRIORITY: the pair of pair_conf with page, metrics, and servers
# that begin cold; a third one.
keep_conf() {
	pair_conf "$1" "$2" DR | sed "
		s/^global_defs {/&\n\tstatus_listen $KEEP_INSIDE 8080\n\tmetrics_listen $KEEP_INSIDE 9650/
		s/^\(\t*\)lvs_sched rr/\1lvs_sched wlc\n\1slow_start {\n\1\ttime 20\n\1\tgate none\n\1}/" |
		sed '$d'
	sed -n '/real_server 10.78.0.3 /,/^\t}/p' /src/tests/lab/conf/pool.conf
	echo "}"
}

# keep_wait SECONDS: fails as soon as somebody has asked for the end.
keep_wait() {
	local tries=$(($1 * 2))
	while [ $tries -gt 0 ]; do
		kill -0 $KEEP_END 2>/dev/null || return 1
		pause 0.5
		tries=$((tries - 1))
	done
}

# One turn of what there is to see.
keep_turn() {
	echo "   server 2 is killed"
	mariadb_kill 2
	keep_wait 30 || return
	echo "   server 2 returns, cold"
	mariadb_start 2
	keep_wait 40 || return
	echo "   server 1 is drained"
	evenkeel lb1 drain 10.78.0.1 >/dev/null
	keep_wait 30 || return
	evenkeel lb1 ready 10.78.0.1 >/dev/null
	keep_wait 20 || return
	echo "   server 3 hangs"
	mariadb_hang 3
	keep_wait 20 || return
	mariadb_cont 3
	keep_wait 30
}

step "A pair, three servers, clients that come and go"
topology_build 3 2
real_server_dr db1 db2 db3
mariadb_start 1 2 3
(umask 077 && echo "what both balancers know" >/run/pair.key)
check "lb1 is reached from the host" keep_outside lb1 1
check "lb2 is reached from the host" keep_outside lb2 2
keep_conf lb1 150 >/tmp/lb1.conf
keep_conf lb2 100 >/tmp/lb2.conf
evenkeel_launch /tmp/lb1.conf lb1
wait_for 40 "lb1 has the address" pair_holds lb1
evenkeel_launch /tmp/lb2.conf lb2
wait_for 40 "lb2 is its backup" pair_is lb2 BACKUP
wait_for 40 "and has servers in its table" pair_has_both lb2
held_start web --connections 24 --interval 200 --lifetime 5
wait_for 30 "clients have connected" held_is web open -ge 6

ns lb1 python3 -c '
import socket
server = socket.create_server(("10.0.2.15", 8099))
client = server.accept()[0]
client.sendall(b"bye\n")
client.close()' &
KEEP_END=$!
keep_ends() { ns lb1 ss -Hltn sport = :8099 | grep -q LISTEN; }
wait_for 30 "it can be asked to end" keep_ends
step "It runs"
cat <<END_OF_TEXT
   the status page of lb1   http://127.0.0.1:${KEEP_PORTS[0]}/
   the status page of lb2   http://127.0.0.1:${KEEP_PORTS[1]}/
   metrics of lb1           http://127.0.0.1:${KEEP_PORTS[2]}/metrics
   metrics of lb2           http://127.0.0.1:${KEEP_PORTS[3]}/metrics
   Ctrl-C ends it.
END_OF_TEXT
while kill -0 $KEEP_END 2>/dev/null; do
	keep_turn
done
step "It ends"
held_stop web
check "lb2 ends in good order" daemon_stop evenkeeld.lb2
check "lb1 ends in good order" daemon_stop evenkeeld.lb1
finish
