#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# SMTP and DNS checks, against servers that are as they should be and servers
# that are not.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/checker-lib.sh
. "$SRC/tests/net/checker-lib.sh"

says() { of "$1" | tail -n 1 | grep -F "$2"; }
# mail MODE PORT: up when this returns.
mail() {
	local ready=$NET_DIR/mail.$2
	"$SRC/tests/net/tools/mailserver.py" "$1" 127.0.0.1 "$2" >"$ready" &
	poll 10 grep -q ready "$ready" || assert_fail "mailserver.py $1"
}

step "mail servers"
port=7101
for mode in good lines busy strange early silent stuck dribble endless long \
	close leaves resets; do
	mail $mode $port
	port=$((port + 1))
done
{
	vs_begin "delay_loop 0.5" "connect_timeout 1" "retry 1" \
		"delay_before_retry 0.1"
	rs 127.0.0.1 7101 SMTP_CHECK "connect_timeout 10" \
		"helo_name me.example"
	for port in {7102..7112} 7114; do
		rs 127.0.0.1 "$port" SMTP_CHECK
	done
	rs 127.0.0.1 7113 SMTP_CHECK "connect_timeout 10"
	rs 127.0.0.2 7101 SMTP_CHECK "host {" "connect_ip 127.0.0.1" \
		"bindto 127.0.0.5" "}" "host {" "connect_ip 127.0.0.1" \
		"connect_port 7115" "}"
	vs_end
} >"$NET_DIR/conf"
drive_start --uid 65534
at=127.0.0.1
wait_for 10 "a good one" last_is $at:7101 ok
wait_for 10 "replies of several lines" last_is $at:7102 ok
wait_for 10 "a busy one" says $at:7103 "greeting: 421 try later"
wait_for 10 "one that does not know HELO" \
	says $at:7104 "answer to HELO: 502 never heard of it"
wait_for 10 "one that does not wait" \
	says $at:7105 "it came before it was asked for"
wait_for 10 "a silent one" \
	says $at:7106 "greeting: none within the time limit"
wait_for 10 "one that stands still" \
	says $at:7107 "answer to HELO: none within the time limit"
wait_for 10 "one that dribbles is not waited for longer" \
	last_is $at:7108 hung
wait_for 10 "a greeting without an end" says $at:7109 "it has no end"
wait_for 10 "a line without an end" says $at:7110 "a line is too long"
wait_for 10 "one that closes" last_is $at:7111 closed
wait_for 10 "one that leaves" \
	says $at:7112 "answer to HELO: the server closed the connection"
wait_for 20 "one that resets has said enough" count_reaches $at:7113 ok 6
check "every time, before QUIT or after it" only $at:7113 ok
wait_for 10 "nobody" last_is $at:7114 refused
wait_for 10 "each host is a check" last_is $at:7115 refused
check "and comes from where it is told to" \
	grep -x "from 127.0.0.5" "$NET_DIR/mail.7101"
check "it is told who asks, and goodbye" eval \
	"grep -cx 'said HELO me.example' '$NET_DIR/mail.7101' &&
	grep -cx 'said QUIT' '$NET_DIR/mail.7101'"
check "without a name it is keepalived's" \
	grep -x "said HELO smtpchecker.keepalived.org" "$NET_DIR/mail.7102"
was=$(count $at:7101 ok)
wait_for 10 "all go on" count_reaches $at:7101 ok $((was + 6))
check "the good one was always good" only $at:7101 ok
check_not "main is never left without a word" grep silent "$OUT"
drive_stop

step "name servers"
datagrams dns $at 7201 ffff8180ff
datagrams dns $at 7202 ffff8183ff
datagrams dns $at 7203 00018180ff
datagrams dns $at 7204 ffff0180ff
datagrams dns $at 7205 ffff818009
datagrams dns $at 7206 ffff818000
datagrams silent $at 7207
datagrams endless $at 7208 000181800001000000000000
datagrams stranger $at 7209
{
	vs_begin "delay_loop 0.5" "connect_timeout 1" "retry 1" \
		"delay_before_retry 0.1"
	rs $at 7201 DNS_CHECK "connect_timeout 10" "type a" "name www.example"
	for ((port = 7202; port <= 7210; port++)); do
		rs $at $port DNS_CHECK "type a" "name www.example"
	done
	vs_end
} >"$NET_DIR/conf"
drive_start --uid 65534
wait_for 10 "a good one" last_is $at:7201 ok
wait_for 10 "an error" says $at:7202 "the answer is an error: NXDOMAIN"
wait_for 10 "an answer to another query is none" last_is $at:7203 timeout
wait_for 10 "nor is a query" last_is $at:7204 timeout
wait_for 10 "an answer that ends too soon" \
	says $at:7205 "the answer ends within its question"
wait_for 10 "one that is no answer is waited out" last_is $at:7206 timeout
wait_for 10 "silence" says $at:7207 "no answer within the time limit"
wait_for 10 "endless answers to others end the probe" \
	says $at:7208 "64 datagrams that answer something else"
wait_for 10 "an answer from elsewhere is none" last_is $at:7209 timeout
wait_for 10 "nobody" last_is $at:7210 refused
was=$(count $at:7201 ok)
wait_for 10 "all go on" count_reaches $at:7201 ok $((was + 6))
check "the good one was always good" only $at:7201 ok
drive_stop
finish
