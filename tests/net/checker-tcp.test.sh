#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# TCP checks: what each end of a connection attempt is called, when they run,
# and how the checker lives with its main process.
# shellcheck disable=SC2119
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/checker-lib.sh
. "$SRC/tests/net/checker-lib.sh"

step "outcomes"
toy silent 7001
toy full 7003
ip route add unreachable 192.0.2.66/32 2>/dev/null
{
	vs_begin "delay_loop 0.5" "connect_timeout 0.4" "retry 1" \
		"delay_before_retry 0.1"
	rs 127.0.0.1 7001 TCP_CHECK
	rs 127.0.0.1 7002 TCP_CHECK
	rs 127.0.0.1 7003 TCP_CHECK
	rs 192.0.2.66 7001 TCP_CHECK
	rs 127.0.0.1 7004 TCP_CHECK "bindto 192.0.2.99"
	rs 127.0.0.1 7006 TCP_CHECK "delay_loop 1000000" "warmup 0.5"
	rs 127.0.0.1 7007 TCP_CHECK "delay_loop 3"
	vs_end
} >"$NET_DIR/conf"
drive_start
wait_for 5 "a listening server is ok" last_is 127.0.0.1:7001 ok
wait_for 5 "a closed port is refused" last_is 127.0.0.1:7002 refused
wait_for 5 "a full queue is a timeout" last_is 127.0.0.1:7003 timeout
wait_for 5 "no route is unreachable" last_is 192.0.2.66:7001 unreachable
wait_for 5 "an address that is not ours is our own fault" \
	last_is 127.0.0.1:7004 local-fault
wait_for 5 "enough rounds" count_reaches 127.0.0.1:7001 ok 8

# The second verdict comes after delay_before_retry; the next one would after a
# random part of delay_loop, because fall is 2. With an hour, one run in 600 saw it.
wait_for 10 "a failure is looked at again soon" \
	count_reaches 127.0.0.1:7006 refused 2
was=$(count 127.0.0.1:7001 ok)
wait_for 10 "a few rounds" count_reaches 127.0.0.1:7001 ok $((was + 6))
check_equal "but only until it is final" 2 "$(count 127.0.0.1:7006)"
check "delay_loop decides who is asked more often" \
	test "$(count 127.0.0.1:7001)" -gt "$(count 127.0.0.1:7007)"
check_not "main is never left without a word" grep silent "$OUT"

step "main does not read"
kill -USR1 "$DRIVE_PID"
poll 5 grep -q deaf "$OUT"
before=$(grep -c ^verdict "$OUT")
pause 2
check_equal "while it is deaf, nothing arrives" "$before" \
	"$(grep -c ^verdict "$OUT")"
kill -USR2 "$DRIVE_PID"
reaches() { [ "$(grep -c ^verdict "$OUT")" -ge "$1" ]; }
wait_for 5 "then all of it does" reaches $((before + 20))

step "reload"
sed -i 's/7002/7005/' "$NET_DIR/conf"
kill -HUP "$DRIVE_PID"
wait_for 5 "the new configuration is in use" grep -q '^ready 2 7' "$OUT"
wait_for 5 "the new server is checked" last_is 127.0.0.1:7005 refused
old=$(count 127.0.0.1:7002)
was=$(count 127.0.0.1:7001 ok)
wait_for 10 "the others go on" count_reaches 127.0.0.1:7001 ok $((was + 4))
check_equal "the old one no more" "$old" "$(count 127.0.0.1:7002)"

step "between checks"
{
	vs_begin "delay_loop 1000000" "warmup 0"
	rs 127.0.0.1 7001 TCP_CHECK
	rs 127.0.0.1 7002 TCP_CHECK "retry 0" "fall 1"
	vs_end
} >"$NET_DIR/conf"
kill -HUP "$DRIVE_PID"
wait_for 5 "each server has been checked once" \
	last_is 127.0.0.1:7002 "refused 0 1"
wakeups() {
	sed -n 's/^voluntary_ctxt_switches:[^0-9]*//p' \
		"/proc/$CHECKER_PID/status"
}
# However late the last of the work is done, then there is nothing to do.
sleeps() {
	local before
	before=$(wakeups)
	pause 3
	[ "$before" = "$(wakeups)" ]
}
wait_for 20 "the checker sleeps" sleeps

step "the end"
kill -KILL "$DRIVE_PID"
wait "$DRIVE_PID" 2>/dev/null
checker_is_gone() { ! pgrep -x 'checkdrive|evenkeel-.*'; }
wait_for 5 "when main is killed, no process of the checker is left" \
	checker_is_gone
finish
