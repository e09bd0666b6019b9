#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A server that blocks the checker's host, after too many connections that came
# to nothing, or does not allow it at all. Loopback is exempt, so this needs a
# network.
# shellcheck disable=SC2119
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/vrrp_lib.sh
. "$SRC/tests/net/vrrp_lib.sh"
# shellcheck source=tests/net/checker-lib.sh
. "$SRC/tests/net/checker-lib.sh"

net_build balancer server
SERVER=10.79.0.2
# shellcheck disable=SC2034
DB_UNDER=(nsenter --net=/run/netns/server --)
# shellcheck disable=SC2034
DRIVE_UNDER=(nsenter --net=/run/netns/balancer --)
# Without names of hosts, the server does not remember their errors either.
printf '%s\n' "127.0.0.1 localhost" "10.79.0.1 balancer" >"$NET_DIR/hosts"
mount --bind "$NET_DIR/hosts" /etc/hosts
db_install
db_start --max-connect-errors=5 --skip-name-resolve=0

step "TCP checks"
{
	vs_begin "delay_loop 0.1"
	rs $SERVER 3306 TCP_CHECK
	vs_end
} >"$NET_DIR/conf"
before=$(status Connections)
capture_start knocks balancer
drive_start
wait_for 10 "forty rounds" count_reaches $SERVER:3306 ok 40
drive_stop
capture_stop knocks
after=$(($(status Connections) - before))
# Our kernel ends a handshake by itself after 200 ms, if we do not get to run
# before: acknowledged EARLY or not of the server's second word.
acknowledged() {
	tshark -r "$NET_DIR/knocks.pcap" -Y "tcp.port == 3306" -T fields \
		-e tcp.stream -e frame.time_relative -e ip.src -e tcp.flags \
		2>/dev/null | awk -v server="$SERVER" -v early="$1" '
		$3 == server && $4 ~ /12$/ { answer[$1] = $2 }
		$3 != server && $4 ~ /10$/ && $1 in answer && !($1 in seen) {
			seen[$1] = 1
			n += early == "" || $2 - answer[$1] < 0.15
		}
		END { print n + 0 }'
}
handshakes() {
	tshark -r "$NET_DIR/knocks.pcap" -Y "tcp.flags == 0x12" 2>/dev/null |
		grep -c .
}
check "forty handshakes were begun at least" test "$(handshakes)" -ge 40
check_equal "none was ended by us" 0 "$(acknowledged early)"
late=$(acknowledged "")
# Those, and our questions here.
few() { echo "$after connections, $late late"; [ "$after" -le $((late + 4)) ]; }
check "the server is hardly aware of them" few

step "connections that come to nothing"
for _ in $(seq 12); do
	ns balancer bash -c "exec 3<>/dev/tcp/$SERVER/3306"
done
{
	vs_begin "delay_loop 0.3"
	rs_begin $SERVER 3306
	mysql_check "tls off" "timeout 60"
	mysql_check "tls preferred" "timeout 60"
	rs_end
	vs_end
} >"$NET_DIR/conf"
drive_start
wait_for 5 "the server blocks us, and that is what is said" \
	count_reaches $SERVER:3306 "blocked 1129 0" 6
check "with TLS or without" only $SERVER:3306 blocked
sql "FLUSH HOSTS"
wait_for 5 "unblocked, it is ok again" last_is $SERVER:3306 ok
drive_stop

step "a server that stood still"
{
	vs_begin "delay_loop 0.2"
	rs_begin $SERVER 3306
	mysql_check "tls off" "timeout 0.3" "fresh_login 1"
	mysql_check "tls preferred" "timeout 0.3"
	rs_end
	vs_end
} >"$NET_DIR/conf"
drive_start
wait_for 5 "before, it is ok" last_is $SERVER:3306 ok
kill -STOP "$DB_PID"
wait_for 20 "its kernel still accepts: more logins than it will forgive" \
	count_reaches $SERVER:3306 hung 30
kill -CONT "$DB_PID"
was=$(count $SERVER:3306 ok)
wait_for 10 "it is back at once" count_reaches $SERVER:3306 ok $((was + 10))
check "and has not blocked us for the time in between" \
	never $SERVER:3306 blocked
drive_stop

step "with a login in between"
{
	vs_begin "delay_loop 0.1"
	rs_begin $SERVER 3306
	echo "TCP_CHECK { }"
	mysql_check "fresh_login 3" "timeout 60"
	rs_end
	vs_end
} >"$NET_DIR/conf"
drive_start
wait_for 10 "eighty rounds of both" count_reaches $SERVER:3306 ok 80
check "the server does not block us" only $SERVER:3306 ok
drive_stop

step "a host that is not allowed"
sql "DROP USER 'check'@'%'; CREATE USER 'check'@'192.0.2.1' IDENTIFIED BY 'x';
	DELETE FROM mysql.global_priv WHERE user = '' OR host <> 'localhost';
	FLUSH PRIVILEGES"
{
	vs_begin "delay_loop 0.3"
	rs_begin $SERVER 3306
	mysql_check "tls off" "timeout 60"
	mysql_check "tls required" "timeout 60"
	rs_end
	vs_end
} >"$NET_DIR/conf"
drive_start
wait_for 5 "is our mistake" \
	count_reaches $SERVER:3306 "misconfigured 1130 0" 4
drive_stop

step "hosts that are not there"
{
	vs_begin "delay_loop 0.5"
	rs 10.79.0.8 3306 TCP_CHECK "connect_timeout 5"
	rs 10.79.0.9 3306 TCP_CHECK "connect_timeout 0.4"
	rs_mysql 10.79.0.7 3306 "timeout 0.4"
	vs_end
} >"$NET_DIR/conf"
drive_start
wait_for 5 "no answer within the time" last_is 10.79.0.9:3306 timeout
wait_for 5 "for MySQL too" last_is 10.79.0.7:3306 timeout
wait_for 15 "given time, the kernel says unreachable" \
	last_is 10.79.0.8:3306 unreachable
drive_stop
db_stop
finish
