#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Everything that can go wrong around a probe: servers that misbehave, helpers
# that die or stand still, and a host that has nothing left to probe with.
# shellcheck disable=SC2119
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/checker-lib.sh
. "$SRC/tests/net/checker-lib.sh"

GOOD=127.0.0.1:3306
db_install
db_start

# What a server in each mode of the toy has to be called. Where it ends by itself,
# there is time; else the limit ends it, and a busy host may be too late for that.
# Without TLS in the greeting, it is our mistake to require it.
LATE=local-fault
MODES=("silent:(hung|$LATE)" "dribble:(hung|$LATE)"
	"stall:(hung|misconfigured|$LATE)" "tlsstall:(hung|$LATE)"
	"full:(timeout|$LATE)" close:closed 'halfclose:(closed|misconfigured)'
	garbage:closed http:closed huge:garbage
	'rst:(refused|closed)')

step "bad servers, with and without TLS, beside a good one"
{
	vs_begin "delay_loop 0.6" "retry 1"
	rs_mysql 127.0.0.1 3306 "timeout 10"
	for i in "${!MODES[@]}"; do
		rs_begin 127.0.0.1 $((7000 + i))
		for tls in off preferred required; do
			limit=0.5
			[[ ${MODES[i]} == *$LATE* ]] || limit=60
			mysql_check "timeout $limit" "tls $tls"
		done
		rs_end
	done
	vs_end
} >"$NET_DIR/conf"
for i in "${!MODES[@]}"; do
	toy "${MODES[i]%:*}" $((7000 + i))
	[[ ${MODES[i]} == tlsstall:* ]] && TLSSTALL=$((7000 + i))
done
drive_start
for i in "${!MODES[@]}"; do
	server=127.0.0.1:$((7000 + i))
	wait_for 20 "a server that does ${MODES[i]%:*}" \
		count_reaches $server "" 9
	check "    is ${MODES[i]#*:} each time" only $server "${MODES[i]#*:}"
done
wait_for 10 "a good server meanwhile" count_reaches $GOOD "" 10
check "    is ok each time" only $GOOD ok
wait_for 10 "    and asked as often as one that hangs" keeps_up $GOOD 127.0.0.1:7000 3
check_not "no helper had to be killed" grep "did not come back" "$OUT"
drive_stop

step "helpers that die"
{
	vs_begin "delay_loop 0.3"
	rs_mysql 127.0.0.1 3306 "timeout 60"
	vs_end
} >"$NET_DIR/conf"
drive_start
wait_for 5 "one helper" helper_count_is 1
poll 5 last_is $GOOD ok
for _ in 1 2 3; do
	was=$(count $GOOD ok)
	pkill -KILL -x evenkeel-mysql
	wait_for 5 "killed, it is replaced" \
		count_reaches $GOOD ok $((was + 2))
done
# It was idle, mostly; if not, that is our fault.
check "and nothing is said against the server" only $GOOD "(ok|local-fault)"

# From here on the time limit counts.
sed -i 's/^timeout 60$/timeout 1/' "$NET_DIR/conf"
kill -HUP "$DRIVE_PID"
wait_for 10 "another time limit is taken" grep -q "^ready 2" "$OUT"
was=$(count $GOOD ok)
wait_for 10 "and kept to" count_reaches $GOOD ok $((was + 1))
wait_for 10 "by one helper" helper_count_is 1
was=$(count $GOOD ok)
pkill -STOP -x evenkeel-mysql
wait_for 5 "stopped, it is killed soon after the time limit" last_is $GOOD hung
wait_for 5 "and replaced" count_reaches $GOOD ok $((was + 2))
wait_for 5 "one helper again" helper_count_is 1

cp "$NET_DIR/conf" "$NET_DIR/good.conf"
# Under TLS the library takes an interrupted read for one that has to wait, and
# its limit in seconds for one in milliseconds: the server was called closed.
{
	vs_begin "delay_loop 1"
	rs_begin 127.0.0.1 "$TLSSTALL"
	mysql_check "timeout 2" "tls required"
	rs_end
	vs_end
} >"$NET_DIR/conf"
kill -HUP "$DRIVE_PID"
rings_until_two_are_in() {
	pkill -ALRM -x evenkeel-mysql
	count_reaches "127.0.0.1:$TLSSTALL" "" 2
}
wait_for 20 "signals during a handshake" rings_until_two_are_in
check "    do not end it" only "127.0.0.1:$TLSSTALL" "(hung|$LATE)"
cp "$NET_DIR/good.conf" "$NET_DIR/conf"
kill -HUP "$DRIVE_PID"
wait_for 10 "the good server's file is back" last_is $GOOD ok
wait_for 5 "one helper again" helper_count_is 1

# A confined checker forks no other. Main, which is not here, starts both again.
pkill -KILL -x evenkeel-zygote
wait_for 20 "without the parent of the helpers the checker ends, and says so" \
	grep -q "without the parent of the MySQL helpers the checker ends" \
	"$NET_DIR/log"
check_not "no system call was refused" grep "is not allowed" "$NET_DIR/log"
wait "$DRIVE_PID"

# Killed before a check needed a helper: no check would run for a minute.
{
	vs_begin "delay_loop 3600"
	rs_mysql 127.0.0.1 7000 "timeout 5"
	vs_end
} >"$NET_DIR/conf"
drive_start
pkill -KILL -x evenkeel-zygote
ended() { ! kill -0 "$DRIVE_PID"; }
wait_for 20 "so it is when the parent has made no helper yet" ended
kill "$DRIVE_PID" 2>/dev/null
wait "$DRIVE_PID"

{
	vs_begin "delay_loop 1"
	rs_mysql 127.0.0.1 7000 "timeout 5"
	vs_end
} >"$NET_DIR/conf"
drive_start
wait_for 5 "a helper that waits for a hung server" helper_count_is 1
poll 5 pgrep -x evenkeel-mysql
pause 1
pkill -KILL -x evenkeel-mysql
wait_for 5 "is killed: that is our fault, not the server's" \
	last_is 127.0.0.1:7000 "local-fault 0 0"
poll 5 helper_count_is 1
kill -KILL "$DRIVE_PID"
wait "$DRIVE_PID" 2>/dev/null
checker_is_gone() { ! pgrep -x 'checkdrive|evenkeel-.*'; }
wait_for 5 "a killed main leaves no process behind, busy ones included" \
	checker_is_gone

step "reloads while probes are under way"
{
	vs_begin "delay_loop 0.4"
	rs_mysql 127.0.0.1 3306 "timeout 10"
	for i in 0 1 2 3 4; do rs_mysql 127.0.0.1 $((7000 + i)) "timeout 0.3"; done
	vs_end
} >"$NET_DIR/conf.a"
{
	vs_begin "delay_loop 0.4"
	for i in 3 4 5 6 7; do rs_mysql 127.0.0.1 $((7000 + i)) "timeout 0.3"; done
	rs_mysql 127.0.0.1 3306 "timeout 10"
	vs_end
} >"$NET_DIR/conf.b"
cp "$NET_DIR/conf.a" "$NET_DIR/conf"
drive_start
for i in $(seq 1 20); do
	if [ $((i % 2)) = 0 ]; then cp "$NET_DIR/conf.a" "$NET_DIR/conf"; else
		cp "$NET_DIR/conf.b" "$NET_DIR/conf"; fi
	kill -HUP "$DRIVE_PID"
	poll 10 grep -q "^ready $((i + 1)) 6" "$OUT" || assert_fail "reload $i"
	pause 0.15
done
wait_for 5 "after twenty of them the good server is known" \
	count_reaches $GOOD ok 5
check "    it was ok each time" only $GOOD ok
wait_for 10 "    and asked as often as one that hangs" keeps_up $GOOD 127.0.0.1:7003
few_helpers() { helpers; [ "$(helpers | grep -c .)" -le 8 ]; }
wait_for 5 "no helper is left over" few_helpers
check_not "nothing was malformed" grep malformed "$OUT"
drive_stop

step "no processes"
if setpriv --reuid 65534 true 2>/dev/null; then
	{
		vs_begin "delay_loop 0.5"
		rs_mysql 127.0.0.1 3306 "timeout 0.4"
		rs 127.0.0.2 3306 TCP_CHECK
		vs_end
	} >"$NET_DIR/conf"
	drive_start --uid 65534 --nproc 2
	wait_for 10 "a fork that fails is our fault" \
		last_is $GOOD "local-fault 0 0"
	check "    and is explained" grep "cannot start a MySQL helper" "$OUT"
	wait_for 5 "other checks go on" count_reaches 127.0.0.2:3306 ok 5
	check "    as if nothing was" only 127.0.0.2:3306 ok
	check_not "main is not left without a word" grep silent "$OUT"
	drive_stop
else
	echo "# this user namespace has one user only"
fi

step "no descriptors"
{
	vs_begin "delay_loop 1" "connect_timeout 20"
	rs 127.0.0.1 3306 TCP_CHECK
	for i in $(seq 2 200); do
		rs_begin "127.0.0.$i" 7004
		echo "TCP_CHECK { connect_ip 127.0.0.1"
		echo "bindto 127.0.1.$i"
		echo "} }"
	done
	vs_end
} >"$NET_DIR/conf"
drive_start --nofile 64
wait_for 20 "checks that find none are put off and told as our fault" \
	grep local-fault "$OUT"
wait_for 20 "so is the one of a good server" last_is $GOOD "local-fault 0 0"
check_not "nobody is called dead for it" grep -E 'refused|unreachable|closed' \
	"$OUT"
check_not "main is not left without a word" grep silent "$OUT"
{
	vs_begin "delay_loop 1" "connect_timeout 20"
	rs 127.0.0.1 3306 TCP_CHECK
	vs_end
} >"$NET_DIR/conf"
kill -HUP "$DRIVE_PID"
wait_for 10 "with less to do it recovers at once" last_is $GOOD ok
drive_stop

step "main does not read"
{
	vs_begin "delay_loop 0.2"
	for i in $(seq 1 200); do rs "127.0.0.$i" 3306 TCP_CHECK; done
	vs_end
} >"$NET_DIR/conf"
drive_start
poll 10 count_reaches $GOOD ok 5
rss() { awk '/^VmRSS/ { print $2 }' "/proc/$CHECKER_PID/status"; }
kill -USR1 "$DRIVE_PID"
poll 5 grep -q deaf "$OUT"
# Its socket is full after a second.
pause 2
rss_a=$(rss)
pause 2
rss_b=$(rss)
grew_little() {
	echo "$rss_a kB, then $rss_b kB"
	[ $((rss_b - rss_a)) -lt 2048 ]
}
check "its memory does not grow" grew_little
# What spins is never found asleep.
sleeps() { grep -q '^State:.S' "/proc/$CHECKER_PID/status"; }
for i in 1 2 3; do
	wait_for 20 "it waits without spinning" sleeps
done
db_stop
kill -USR2 "$DRIVE_PID"
wait_for 5 "when main reads again it gets the newest state" \
	last_is $GOOD refused
wait_for 5 "of the last server too" last_is 127.0.0.200:3306 refused
check_not "nothing was malformed" grep malformed "$OUT"
drive_stop
finish
