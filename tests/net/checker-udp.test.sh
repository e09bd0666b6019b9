#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# UDP checks: what silence, an answer, a wrong one and the network's reports
# mean.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/checker-lib.sh
. "$SRC/tests/net/checker-lib.sh"

says() { of "$1" | tail -n 1 | grep -F "$2"; }
large=$(printf 'ab%.0s' {1..2000})

step "outcomes"
datagrams echo 127.0.0.1 7001
datagrams silent 127.0.0.1 7002
datagrams say 127.0.0.1 7003 "00ff1a"
datagrams stranger 127.0.0.1 7004
datagrams endless 127.0.0.1 7005 "616263"
datagrams say 127.0.0.1 7006 "$large"
datagrams echo ::1 7001
ip route add unreachable 192.0.2.66/32 2>/dev/null
{
	vs_begin "delay_loop 0.5" "connect_timeout 0.4" "retry 1" \
		"delay_before_retry 0.1"
	rs 127.0.0.1 7001 UDP_CHECK "connect_timeout 10" "payload 01 02 03" "require_reply 0102X3"
	rs 127.0.0.1 7002 UDP_CHECK
	rs 127.0.0.1 7003 UDP_CHECK "require_reply 00FE"
	rs 127.0.0.1 7004 UDP_CHECK "require_reply"
	rs 127.0.0.1 7005 UDP_CHECK "require_reply 61"
	rs 127.0.0.1 7006 UDP_CHECK "require_reply AB"
	rs 127.0.0.1 7007 UDP_CHECK
	rs 127.0.0.2 7002 UDP_CHECK "connect_ip 127.0.0.1" \
		"require_reply" "bindto 127.0.0.1"
	rs 192.0.2.66 7001 UDP_CHECK
	vs_end
	echo "virtual_server 2001:db8::1 53 {"
	printf '%s\n' "lvs_sched rr" "lvs_method NAT" "protocol UDP" \
		"delay_loop 0.5"
	rs ::1 7001 UDP_CHECK "require_reply"
	rs ::1 7002 UDP_CHECK
	vs_end
} >"$NET_DIR/conf"
drive_start --uid 65534
wait_for 10 "the answer that is asked for is ok" last_is 127.0.0.1:7001 ok
wait_for 10 "silence is ok if no answer is required" \
	count_reaches 127.0.0.1:7002 ok 1
wait_for 10 "and a timeout if one is" \
	count_reaches 127.0.0.1:7002 timeout 1
wait_for 10 "another answer is not accepted" \
	says 127.0.0.1:7003 "byte 2 of the answer is FF, not FE"
wait_for 10 "nor one from elsewhere" last_is 127.0.0.1:7004 timeout
wait_for 10 "of endless answers the first counts" last_is 127.0.0.1:7005 ok
wait_for 10 "a long answer is too long" \
	says 127.0.0.1:7006 "the answer has 2000 bytes, not 0 to 255"
wait_for 10 "a closed port is refused" last_is 127.0.0.1:7007 refused
wait_for 10 "no route is unreachable" last_is 192.0.2.66:7001 unreachable
wait_for 10 "IPv6 as well" last_is "[::1]:7001" ok
wait_for 10 "and its closed port" last_is "[::1]:7002" refused
was=$(count 127.0.0.1:7001 ok)
wait_for 10 "all go on" count_reaches 127.0.0.1:7001 ok $((was + 6))
check "the good one was always good" only 127.0.0.1:7001 ok
check_not "main is never left without a word" grep silent "$OUT"
drive_stop
finish
