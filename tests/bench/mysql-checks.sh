#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a MySQL check costs with 200 to 5,000 servers asked every second, with ten
# that hang among them, beside HAProxy's mysql-check of the same servers: processor
# time a check, memory of all processes, logins, and whether everybody is asked as
# often as the file says. `./dev bench mysql-checks`
#
# All servers are one process under many addresses, which no program can know. The
# whole of evenkeel runs, on a host that need not have IPVS. HAProxy's check logs in
# and leaves; evenkeel's asks for the state and the query, in a session that it
# keeps, and logs in anew every fifth time (fresh_login's default).
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/checker-lib.sh
. "$SRC/tests/net/checker-lib.sh"
assert_diagnose() { tail -n 5 "$NET_DIR/log" 2>/dev/null; }

SIZES=${BENCH_SIZES:-200 500 1000 2000 5000}
SPAN=${BENCH_SPAN:-20}
EVERY=${BENCH_EVERY:-1} # s between two checks of a server
HUNG=10


if ! check "haproxy is there" command -v haproxy; then
	finish
fi
# The servers need a descriptor for each session, HAProxy for each check.
ulimit -n "$(ulimit -Hn)"

addresses() {
	awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++)
		printf "127.1.%d.%d\n", i / 250, i % 250 + 1 }'
}
# evenkeel_conf SERVERS
evenkeel_conf() {
	local address i
	vs_begin "delay_loop $EVERY" "warmup $EVERY"
	while read -r address; do
		rs_mysql "$address" 3306 "timeout 10"
	done < <(addresses "$1")
	for ((i = 0; i < HUNG; i++)); do
		rs_mysql 127.0.0.1 $((7000 + i)) "timeout 10"
	done
	vs_end
}
# haproxy_conf SERVERS
haproxy_conf() {
	cat <<-END
		global
			nbthread 1
			maxconn 100
		defaults
			mode tcp
			timeout connect 10s
			timeout client 10s
			timeout server 10s
			timeout check 10s
		listen db
			bind 127.0.0.1:6033
			option mysql-check user haproxy
			default-server inter ${EVERY}s
	END
	addresses "$1" | awk '{ print "\tserver s" NR " " $1 ":3306 check" }'
	awk -v n=$HUNG 'BEGIN { for (i = 0; i < n; i++)
		print "\tserver h" i " 127.0.0.1:" 7000 + i " check" }'
}

# tree PID: it and all its descendants.
tree() {
	local child
	echo "$1"
	# shellcheck disable=SC2013
	for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do
		tree "$child"
	done
}
# tree_time PID: ns of processor time of the whole tree.
tree_time() {
	local pid
	for pid in $(tree "$1"); do
		cat /proc/"$pid"/task/*/schedstat 2>/dev/null
	done | awk '{ sum += $1 } END { printf "%.0f\n", sum }'
}
# tree_kb PID: the kernel's proportional set size of the whole tree.
tree_kb() {
	local pid
	for pid in $(tree "$1"); do
		cat "/proc/$pid/smaps_rollup" 2>/dev/null
	done | awk '$1 == "Pss:" { sum += $2 } END { print sum }'
}
# The server's own counts; a file that is written just now may be empty.
counted() {
	local logins variables
	until read -r logins variables <"$NET_DIR/counts" &&
		[ -n "$variables" ]; do :; done
	case $1 in
	logins) echo "$logins" ;;
	variables) echo "$variables" ;;
	esac
}
logins() { counted logins; }
# asked PROGRAM: how many checks there were.
asked() {
	case $1 in
	evenkeel) counted variables ;;
	haproxy) counted logins ;;
	esac
}
asked_enough() { [ $(($(asked "$1") - BEGAN)) -ge "$2" ]; }

# measure PROGRAM SERVERS: sets COST (us a check), RATE (checks a second of those
# that the file wants, as a percentage), KB, LOGINS (a check) and PROCESSES.
measure() {
	local time count login from
	BEGAN=$(asked "$1")
	if [ "$1" = evenkeel ]; then
		evenkeel_conf "$2" >"$NET_DIR/conf"
		"$EVENKEEL_BUILD/evenkeeld" -n -l -C -f "$NET_DIR/conf" \
			--run-dir "$NET_DIR/run" >>"$NET_DIR/log" 2>&1 &
	else
		haproxy_conf "$2" >"$NET_DIR/haproxy.cfg"
		haproxy -f "$NET_DIR/haproxy.cfg" -db >>"$NET_DIR/log" 2>&1 &
	fi
	PEER=$!
	# The first logins are over when each has been asked about four times.
	poll $((60 * EVERY)) asked_enough "$1" $(($2 * 4)) ||
		assert_fail "$1 begins"
	time=$(tree_time $PEER)
	count=$(asked "$1")
	login=$(logins)
	from=${EPOCHREALTIME/./}
	pause "$SPAN"
	count=$(($(asked "$1") - count))
	time=$(($(tree_time $PEER) - time))
	login=$(($(logins) - login))
	from=$((${EPOCHREALTIME/./} - from))
	KB=$(tree_kb $PEER)
	PROCESSES=$(tree $PEER | wc -l)
	COST=$(awk "BEGIN { printf \"%.1f\", $time / 1000 / $count }")
	RATE=$(awk "BEGIN { printf \"%.0f\", $count * 100e6 * $EVERY / $from / $2 }")
	LOGINS=$(awk "BEGIN { printf \"%.2f\", $login / $count }")
	check "$1, $2 servers: $count checks, $COST us each" test $count -ge "$2"
	kill $PEER
	wait $PEER 2>/dev/null
}

echo "0 0" >"$NET_DIR/counts"
"$TOOLS/fastmysql" 3306 "$NET_DIR/counts" &
SERVER=$!
sysctl -q -w net.core.somaxconn=4096 net.ipv4.tcp_max_syn_backlog=4096 \
	net.ipv4.ip_local_port_range="1024 65000" 2>/dev/null
toy silent 7000 $HUNG

TABLE=$(printf '%7s %12s %8s %8s %10s %10s %12s %8s' servers "us a check" asked \
	"logins" processes memory "haproxy: us" asked)
for size in $SIZES; do
	step "$size servers every $EVERY s, and $HUNG that hang"
	measure evenkeel "$size"
	own=$COST
	line=$(printf '%7s %12s %7s%% %8s %10s %7s MB' "$size" "$COST" "$RATE" \
		"$LOGINS" "$PROCESSES" $((KB / 1024)))
	# All log in anew in the same rounds, one of which more may be in the span.
	check "sessions are kept, but for every fifth check" \
		awk "BEGIN { exit !($LOGINS <= 0.2 + 1.5 * $EVERY / $SPAN) }"
	check "all processes take less than 100 MB ($KB kB)" test "$KB" -le 102400
	measure haproxy "$size"
	TABLE+=$'\n'"$line $(printf '%12s %7s%%' "$COST" "$RATE")"
	echo "   evenkeel $own us a check, HAProxy $COST us"
done
echo "$TABLE"
kill $SERVER
finish
