#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Ping checks: a kernel that answers, none, answers that are none; who may ping,
# and what the daemon does for it.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/checker-lib.sh
. "$SRC/tests/net/checker-lib.sh"

says() { of "$1" | tail -n 1 | grep -F "$2"; }
# echoes MODE ADDRESS [OTHER]: in the namespace "bad", up when this returns.
echoes() {
	local ready=$NET_DIR/echoes.$2
	ip -n bad addr add "$2/24" dev eth0
	ns bad "$SRC/tests/net/tools/echoes.py" "$@" >"$ready" &
	poll 10 grep -q ready "$ready" || assert_fail "echoes.py $*"
}
range() { ns box cat /proc/sys/net/ipv4/ping_group_range | tr '\t' ' '; }
range_is() { [ "$(range)" = "$1" ]; }
set_range() { ns box sh -c "echo $* >/proc/sys/net/ipv4/ping_group_range"; }

net_build box good bad
ns bad sh -c "echo 1 >/proc/sys/net/ipv4/icmp_echo_ignore_all"
echoes good 10.79.0.10
echoes other 10.79.0.11
echoes short 10.79.0.12
echoes long 10.79.0.13
echoes altered 10.79.0.14
echoes stranger 10.79.0.15 10.79.0.10
echoes endless 10.79.0.16
echoes silent 10.79.0.17
echoes crowd 10.79.0.18 10.79.0.10
ip -n box route add unreachable 192.0.2.66/32
# A firewall of the server's: everything that goes to this address is refused.
ns bad sh -c "echo 0 >/proc/sys/net/ipv6/icmp/ratelimit"
ip -n bad addr add fd79::80/64 dev eth0 nodad
ns bad nft -f - <<-END
	table ip6 closing {
		chain input {
			type filter hook input priority 0;
			ip6 daddr fd79::80 icmpv6 type != nd-neighbor-solicit reject with icmpv6 admin-prohibited
			ip6 daddr fd79::80 meta l4proto { tcp, udp } reject with icmpv6 admin-prohibited
		}
	}
END
# And one of our own: no way there for us.
ip -n box route add prohibit 2001:db8:66::/64
# A server for each of the words that say where a probe comes from; the first
# one answers one address only.
for i in 20 21 22; do
	echoes good 10.79.0.$i
done
ip -n box addr add 10.79.0.98/24 dev eth0
ns bad nft -f - <<-END
	table ip closing {
		chain input {
			type filter hook input priority 0;
			ip daddr 10.79.0.20 ip saddr != 10.79.0.98 drop
		}
	}
END
IN_BOX=(nsenter --net=/run/netns/box --)
DRIVE_UNDER=("${IN_BOX[@]}")

step "outcomes"
set_range 65534 65534
{
	vs_begin "delay_loop 0.5" "connect_timeout 0.4" "retry 1" \
		"delay_before_retry 0.1"
	for i in 2 10 11 12 13 14 15 16 17; do
		rs "10.79.0.$i" 3306 PING_CHECK
	done
	# However slow they are, they are enough before the time limit.
	rs 10.79.0.18 3306 PING_CHECK "connect_timeout 30"
	rs 10.79.0.20 3306 PING_CHECK "bindto 10.79.0.98"
	rs 10.79.0.21 3306 PING_CHECK "bind_if eth0"
	rs 10.79.0.22 3306 PING_CHECK "bind_if lo"
	rs 192.0.2.66 3306 PING_CHECK
	rs 10.79.0.99 3306 PING_CHECK "connect_timeout 30" "delay_loop 60" \
		"warmup 0"
	vs_end
	printf '%s\n' "virtual_server 2001:db8::1 80 {" "lvs_sched rr" \
		"lvs_method NAT" "protocol TCP" "delay_loop 0.5" \
		"connect_timeout 0.4"
	rs fd79::2 80 PING_CHECK "connect_timeout 10"
	rs fd79::80 80 PING_CHECK
	rs fd79::80 82 UDP_CHECK
	# A refusal that comes within connect() is forgotten: of the second SYN.
	rs fd79::80 81 TCP_CHECK "connect_timeout 10"
	rs fd79::80 83 SMTP_CHECK "connect_timeout 10"
	rs fd79::80 84 HTTP_GET "connect_timeout 10" \
		"url {" "path /" "status_code 200" "}"
	rs_begin fd79::80 85
	mysql_check "connect_timeout 10"
	rs_end
	i=80
	for kind in PING_CHECK TCP_CHECK UDP_CHECK SMTP_CHECK; do
		rs 2001:db8:66::1 $((i++)) $kind
	done
	rs 2001:db8:66::1 84 HTTP_GET "url {" "path /" "status_code 200" "}"
	rs_begin 2001:db8:66::1 85
	mysql_check
	rs_end
	vs_end
} >"$NET_DIR/conf"
drive_start --uid 65534
wait_for 10 "a kernel that answers is ok" last_is 10.79.0.2 ok
wait_for 10 "IPv6 as well" last_is fd79::2 ok
wait_for 10 "and whoever else answers right" last_is 10.79.0.10 ok
wait_for 10 "an answer to somebody else is none" last_is 10.79.0.11 timeout
wait_for 10 "a short echo" says 10.79.0.12 "the echo of 128 bytes has 28"
wait_for 10 "a long echo" says 10.79.0.13 "the echo of 128 bytes has 1128"
wait_for 10 "an altered echo" \
	says 10.79.0.14 "the echo does not bring back what was sent"
wait_for 10 "an answer from elsewhere is none" last_is 10.79.0.15 timeout
wait_for 10 "endless wrong answers end the probe" \
	says 10.79.0.16 "64 datagrams that answer something else"
wait_for 10 "those of other hosts end it without a word on the server" \
	says 10.79.0.18 "64 datagrams from other hosts"
check "which is our own matter" only 10.79.0.18 local-fault
wait_for 10 "silence is a timeout" \
	says 10.79.0.17 "no answer within the time limit"
wait_for 10 "bindto is where it comes from" last_is 10.79.0.20 ok
wait_for 10 "bind_if is where it leaves" last_is 10.79.0.21 ok
wait_for 10 "and there alone" last_is 10.79.0.22 timeout
wait_for 10 "no route is unreachable" last_is 192.0.2.66 unreachable
wait_for 20 "nobody at the address is told before the time limit" \
	last_is 10.79.0.99 unreachable
prohibited() {
	says "$1" "the network refuses it (administratively prohibited)" |
		grep ^unreachable
}
wait_for 10 "a firewall's refusal of IPv6 is the network's" \
	prohibited fd79::80
for port in 81 82 83 84; do
	wait_for 10 "to other probes too (port $port)" \
		prohibited "[fd79::80]:$port"
done
wait_for 10 "and to a login" last_is "[fd79::80]:85" unreachable
wait_for 10 "what this host prohibits is its own matter" \
	last_is 2001:db8:66::1 local-fault
for port in 81 82 83 84; do
	wait_for 10 "for other probes too (port $port)" \
		last_is "[2001:db8:66::1]:$port" local-fault
done
was=$(count fd79::2 ok)
wait_for 10 "all go on" count_reaches fd79::2 ok $((was + 6))
check "the good one was always good" only fd79::2 ok
check_not "main is never left without a word" grep silent "$OUT"

step "who may not ping"
drive_stop
set_range 1 0
drive_start --uid 65534
wait_for 10 "it is said why" says fd79::2 \
	"the kernel refuses the socket: is the checker's group in net.ipv4.ping_group_range?"
check "and says nothing of the server" last_is fd79::2 local-fault
drive_stop

step "the daemon makes way"
RUN=$NET_DIR/run
LOG=$NET_DIR/daemon.log
GROUP=$(id -g nobody)
chmod 755 "$NET_DIR"
{
	echo "global_defs {"
	echo "checker_user nobody"
	echo "}"
	vs_begin "delay_loop 0.5" "connect_timeout 0.4" "quorum 2"
	rs 10.79.0.2 3306 PING_CHECK
	rs 10.79.0.10 3306 PING_CHECK
	rs 10.79.0.17 3306 PING_CHECK
	vs_end
} >"$NET_DIR/conf"
standing() { # ADDRESS STATE
	ns box "$EVENKEEL_BUILD/evenkeel" --run-dir "$RUN" --json status |
		tr -d ' \n' | grep -qE "\"address\":\"$1[^}]*\"state\":\"$2\""
}
check "-t --probe pings too" eval \
	"ns box '$EVENKEEL_BUILD/evenkeeld' -t --probe -f '$NET_DIR/conf' |
		tee /dev/stderr | grep -cE ' ok .*PING' | grep -x 2"
check "and leaves the range as it was" range_is "1 0"
"${IN_BOX[@]}" "$EVENKEEL_BUILD/evenkeeld" -n -l -D -f "$NET_DIR/conf" \
	--run-dir "$RUN" >"$LOG" 2>&1 &
DAEMON=$!
wait_for 20 "the group is let in" range_is "$GROUP $GROUP"
wait_for 20 "a server that answers is up" standing 10.79.0.2 up
wait_for 20 "a server that is silent is down" standing 10.79.0.17 down
check "what was changed is logged" \
	grep -F "ping_group_range is '$GROUP $GROUP' now, was '1 0'" "$LOG"

step "the range is somebody else's too"
set_range 1 0
kill -HUP "$DAEMON"
wait_for 20 "a reload lets the group in again" range_is "$GROUP $GROUP"
set_range 7 9
kill -HUP "$DAEMON"
wait_for 20 "in the range of whoever set it" range_is "7 $GROUP"
cp "$NET_DIR/conf" "$NET_DIR/pings"
sed -i s/PING_CHECK/TCP_CHECK/ "$NET_DIR/conf"
kill -HUP "$DAEMON"
wait_for 20 "without a ping it is what was set" range_is "7 9"
cp "$NET_DIR/pings" "$NET_DIR/conf"
kill -HUP "$DAEMON"
wait_for 20 "with pings it is widened once more" range_is "7 $GROUP"
kill "$DAEMON"
wait "$DAEMON"
check "at the end it is as it was" range_is "7 9"
finish
