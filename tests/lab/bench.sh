# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: speed and memory beside keepalived, ipvsadm and a bare loop: `./dev bench`
# limit: 900
# clock: host
#
# Everything is measured from outside, for each peer in the same way:
#
#   when the kernel has it   a probe in the kernel stamps every request that
#                            changes an IPVS table, on one clock with the start
#   how many requests        the same stamps, counted
#   processor time           the scheduler's own count, in ns, of every process
#                            of the peer
#   checks                   connections that the balancer has begun
#   memory                   the kernel's proportional set size of every process
#
# Each measurement has a network namespace of its own: deleted servers stay in
# the kernel's trash for a while and slow down whatever comes after them.
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
assert_diagnose() { :; }

CHECKED=1000 # servers for the cost of a check
CLIENTS_WAY=200 # servers asked through the service address
MANY=100     # services, and servers of each, for the big table
ROWS=()

# row WHAT EVENKEEL PEER NAME UNIT AIM: one line of the result; AIM is the most
# that evenkeel may need, in PEER's, or =N in UNIT.
row() {
	local line
	line=$(awk -v what="$1" -v own="$2" -v peer="$3" -v name="$4" \
		-v unit="$5" -v aim="$6" 'BEGIN {
		most = aim ~ /^=/ ? substr(aim, 2) + 0 : aim * peer
		ratio = ""
		if (peer != "" && peer != 0)
			ratio = sprintf("%.2f", own / peer)
		if (aim ~ /^=/)
			aim = "< " substr(aim, 2) " " unit
		else
			aim = sprintf("%.2f", aim)
		printf "%-38s %10.2f %-5s %-14s %10s %6s %10s  %s\n", what, own,
			unit, name, peer == "" ? "" : sprintf("%.2f", peer),
			ratio, aim, own + 0 <= most ? "met" : "missed" }')
	ROWS+=("$line")
	echo "   $line"
}

# conf_print SERVICES SERVERS [DELAY WARMUP]: servers 10.79.0.1 and on; with the
# check $CHECK_BLOCK if the times of one are given.
CHECK_BLOCK='TCP_CHECK {\nconnect_timeout 3\n}'
conf_print() {
	awk -v services="$1" -v servers="$2" -v delay="${3:-}" -v warmup="${4:-}" \
		-v check="$CHECK_BLOCK" '
	BEGIN {
		n = 0
		for (i = 0; i < services; i++) {
			printf "virtual_server 10.80.%d.%d 3306 {\n", i / 250, i % 250
			printf "lvs_sched wlc\nlvs_method NAT\nprotocol TCP\n"
			if (delay != "")
				printf "delay_loop %s\nwarmup %s\n", delay, warmup
			for (j = 0; j < servers; j++) {
				n++
				printf "real_server 10.79.%d.%d 3306 {\n", n / 250, n % 250
				printf "weight 5\n"
				if (delay != "")
					print check
				printf "}\n"
			}
			printf "}\n"
		}
	}'
}

# Peers. Each stays in the foreground, with its log in memory.
peer_start() {
	local peer=$1 conf=$2
	shift 2
	mkdir -p "/run/$peer-run"
	case $peer in
	evenkeel)
		"$LAB_NS" lb1 "$EVENKEEL_BUILD/evenkeeld" -n -l -f "$conf" \
			--run-dir "/run/$peer-run" "$@" >$LAB_LOG/peer.log 2>&1 &
		;;
	keepalived)
		"$LAB_NS" lb1 keepalived -n -l -G --check -f "$conf" \
			-p /run/peer.1 -r /run/peer.2 -c /run/peer.3 "$@" \
			>$LAB_LOG/peer.log 2>&1 &
		;;
	esac
	DAEMON_PID[peer]=$!
}
# Without its way of taking thousands of servers down one by one.
peer_kill() {
	process_tree "${DAEMON_PID[peer]}"
	kill -KILL "${DAEMON_PID[peer]}" "${TREE[@]}"
	wait "${DAEMON_PID[peer]}" 2>/dev/null
	poll 10 processes_gone "${TREE[@]}"
}

# The stamps.
stamps_reset() {
	echo >$TRACING/trace
	echo start >$TRACING/trace_marker
}
# stamps_read: sets COUNT, and LAST in ms from the start to the last request.
stamps_read() {
	read -r COUNT LAST < <(awk '{
		for (i = 1; i < NF; i++)
			if ($i ~ /^[0-9]+\.[0-9]+:$/) {
				at = $i + 0
				break
			}
	}
	/tracing_mark_write: start/ { start = at }
	/lab_ipvs_set: / { count++; last = at }
	END { printf "%d %.3f\n", count, count ? (last - start) * 1000 : 0 }
	' $TRACING/trace)
}
# requests_reached NUMBER: so many requests since the start.
requests_reached() {
	requests_seen
	echo "$((REQUESTS - ZERO)) requests"
	[ $((REQUESTS - ZERO)) -ge "$1" ]
}
# table_complete SERVERS
table_complete() {
	local count
	count=$(ns lb1 grep -c -- '->' /proc/net/ip_vs)
	echo "$((count - 1)) servers"
	[ $((count - 1)) -eq "$1" ]
}
# fresh_node: lb1 anew, where packets go nowhere.
fresh_node() {
	ip netns del lb1 2>/dev/null
	silent_node lb1
}

# measured_fill NAME COMMAND...: runs it in a fresh lb1, waits for the whole
# table; sets LAST.
measured_fill() {
	local name=$1
	shift
	fresh_node
	requests_seen
	ZERO=$REQUESTS
	stamps_reset
	"$@"
	poll 60 requests_reached $((MANY * MANY + MANY))
	poll 20 table_complete $((MANY * MANY))
	stamps_read
	check "$name: the table is complete, after $LAST ms" \
		table_complete $((MANY * MANY))
}

# best_of TIMES NAME COMMAND...: sets BEST to the shortest; AFTER runs after each.
best_of() {
	local times=$1 i
	shift
	BEST=
	for ((i = 0; i < times; i++)); do
		measured_fill "$@"
		"${AFTER[@]}"
		[ -n "$BEST" ] && awk "BEGIN { exit !($BEST <= $LAST) }" ||
			BEST=$LAST
	done
}

# tree_time: sets TREE_TIME, ns of processor time of the peer's processes.
tree_time() {
	local pid ns rest
	TREE_TIME=0
	process_tree "${DAEMON_PID[peer]}"
	for pid in "${DAEMON_PID[peer]}" "${TREE[@]}"; do
		read -r ns rest <"/proc/$pid/schedstat" || continue
		TREE_TIME=$((TREE_TIME + ns))
	done
} 2>/dev/null

# tree_memory: sets TREE_KB, the proportional set size of the peer's processes.
tree_memory() {
	local pid key value rest
	TREE_KB=0
	process_tree "${DAEMON_PID[peer]}"
	for pid in "${DAEMON_PID[peer]}" "${TREE[@]}"; do
		while read -r key value rest; do
			[ "$key" != Pss: ] || TREE_KB=$((TREE_KB + value))
		done <"/proc/$pid/smaps_rollup"
	done
} 2>/dev/null

# checks_count: from now on db1's kernel counts the connections that are begun, and
# the echoes that are asked for. Its program may never hear of a connection: a check
# need not complete the handshake.
checks_count() {
	ns db1 nft -f - <<-'END'
		table inet bench {
			counter checks { }
			chain input {
				type filter hook input priority 0
				tcp dport 3306 tcp flags & (syn | ack) == syn \
					counter name checks
				icmp type echo-request counter name checks
			}
		}
	END
}
# checks_seen: sets CHECKS to how many there were.
checks_seen() {
	CHECKS=$(ns db1 nft list counter inet bench checks)
	CHECKS=${CHECKS##*packets }
	CHECKS=${CHECKS%% *}
}
checks_more() {
	checks_seen
	echo "$CHECKS checks"
	[ "$CHECKS" -ge "$1" ]
}

# span SECONDS: a measured stretch of time; sets SPAN in ms.
span() {
	local start=${EPOCHREALTIME/./}
	while [ $((${EPOCHREALTIME/./} - start)) -lt $(($1 * 1000000)) ]; do
		pause 0.5
	done
	SPAN=$(((${EPOCHREALTIME/./} - start) / 1000))
}

echo "   $(uname -r), $(nproc) processors, $(grep -m1 'model name' /proc/cpuinfo |
	cut -d: -f2), flavour $LAB_FLAVOUR"
modprobe -a ip_vs ip_vs_wlc
# keepalived asks for the host's full name, and would wait for an answer.
: >/etc/resolv.conf
requests_watch
echo mono >$TRACING/trace_clock
echo 8192 >$TRACING/buffer_size_kb

step "from start to a full table of $MANY x $MANY servers"
conf_print $MANY $MANY >/run/big.conf
AFTER=(:)
best_of 3 "bare loop" ns lb1 "$LAB_SRC/build/lab-tools/bareloop" $MANY $MANY
bare=$BEST
AFTER=(peer_kill)
best_of 3 evenkeel peer_start evenkeel /run/big.conf
own=$BEST
ns lb1 ipvsadm -Sn >/run/big.table
best_of 2 keepalived peer_start keepalived /run/big.conf
keepalived=$BEST
conf_print $MANY $MANY 60 60 >/run/checked.conf
best_of 2 "evenkeel, with checks" peer_start evenkeel /run/checked.conf \
	--keepalived-compat
checked=$BEST
best_of 2 "keepalived, with checks" peer_start keepalived /run/checked.conf
checked_keepalived=$BEST
AFTER=(:)
restore() { ns lb1 ipvsadm -R </run/big.table; }
best_of 1 "ipvsadm -R" restore
row "start to full table" "$own" "$bare" "bare loop" ms 1.5
row "start to full table" "$own" "$keepalived" keepalived ms 0.2
row "the same with a TCP check each" "$checked" "$checked_keepalived" keepalived \
	ms 0.2
row "start to full table" "$own" "$BEST" "ipvsadm -R" ms 0.1

step "a reload that changes one weight among $((MANY * MANY))"
# measured_reload PEER: sets BEST and COUNT.
measured_reload() {
	local weight
	BEST=
	fresh_node
	cp /run/big.conf /run/reload.conf
	requests_seen
	ZERO=$REQUESTS
	peer_start "$1" /run/reload.conf
	poll 60 requests_reached $((MANY * MANY + MANY))
	poll 20 table_complete $((MANY * MANY))
	# keepalived does not listen before it has said so.
	[ "$1" = evenkeel ] || poll 20 grep -q "Startup complete" $LAB_LOG/peer.log
	for weight in 6 7 8; do
		awk -v weight=$weight '/^weight/ && ++n == 5000 {
			$2 = weight } { print }' /run/big.conf >/run/reload.conf
		stamps_reset
		kill -HUP "${DAEMON_PID[peer]}"
		poll 30 table_weight 10.79.20.0:3306 $weight
		stamps_read
		check "$1: the kernel has weight $weight, after $LAST ms and $COUNT requests" \
			table_weight 10.79.20.0:3306 $weight
		[ -n "$BEST" ] && awk "BEGIN { exit !($BEST <= $LAST) }" ||
			BEST=$LAST
	done
	peer_kill
}
measured_reload evenkeel
own=$BEST
requests=$COUNT
measured_reload keepalived
row "reload of one weight" "$own" "$BEST" keepalived ms =50
row "its requests to the kernel" "$requests" "$COUNT" keepalived "" =1

step "processor time of a check, $CHECKED servers every 5 s"
ip netns del lb1
topology_build 1
many_addresses db1 10.79.0.0/16
toys_start db1 accept 3306
checks_count
conf_print 10 $((CHECKED / 10)) 5 5 >/run/checks.conf
# measured_checks LABEL PEER FILE SERVERS START LEAST: the peer runs with FILE and has
# SERVERS in its table; from START checks on, sets COST, us a check, main's part
# included. LEAST have to come within the span.
measured_checks() {
	local time count
	peer_start "$2" "$3"
	poll 60 table_lines "$4"
	checks_seen
	poll 60 checks_more $((CHECKS + $5))
	checks_seen
	count=$CHECKS
	tree_time
	time=$TREE_TIME
	span 20
	checks_seen
	tree_time
	count=$((CHECKS - count))
	COST=$(awk "BEGIN { print ($TREE_TIME - $time) / 1000 / $count }")
	check "$1: $count checks in $SPAN ms, $COST us each" test $count -ge "$6"
	peer_kill
	ns lb1 ipvsadm -C
}
# table_lines NUMBER: that many servers at least; a mark of each may be there too.
table_lines() {
	local count
	count=$(ns lb1 ipvsadm -Sn | grep -c -- ' -r ')
	echo "$count servers"
	[ "$count" -ge "$1" ]
}
# checks_of PEER: those of /run/checks.conf.
checks_of() {
	measured_checks "$1" "$1" /run/checks.conf "$CHECKED" \
		$((CHECKED * 3 / 2)) $((CHECKED * 3))
}
# checks_row KIND AIM
checks_row() {
	checks_of evenkeel
	own=$COST
	checks_of keepalived
	row "processor time of $1" "$own" "$COST" keepalived us "$2"
}
checks_row "a TCP check" 0.3333
CHECK_BLOCK='PING_CHECK {\nconnect_timeout 3\n}'
conf_print 10 $((CHECKED / 10)) 5 5 >/run/checks.conf
checks_row "a ping" 2
kill "${DAEMON_PID[toys.db1]}"
wait "${DAEMON_PID[toys.db1]}" 2>/dev/null
cat >/run/page.cfg <<-'END'
	defaults
		mode http
		timeout client 5s
		timeout connect 5s
		timeout server 5s
	frontend page
		bind 0.0.0.0:3306
		http-request return status 200 content-type text/plain string well
END
CHECK_BLOCK='HTTP_GET {\nurl {\npath /\nstatus_code 200\n}\nconnect_timeout 3\n}'
conf_print 10 $((CHECKED / 10)) 5 5 >/run/checks.conf
"$LAB_NS" db1 haproxy -db -f /run/page.cfg >$LAB_LOG/page.log 2>&1 &
page=$!
page_is_there() { ns lb1 curl -sf http://10.79.0.1:3306/; }
poll 20 page_is_there
checks_row "an HTTP check" 2
kill $page
wait $page 2>/dev/null
CHECK_BLOCK='TCP_CHECK {\nconnect_timeout 3\n}'
toys_start db1 accept 3306

step "the clients' way: $CLIENTS_WAY servers every second, NAT"
ip -n lb1 route add 10.80.0.0/16 via 10.78.0.1
conf_print 1 $CLIENTS_WAY 1 1 >/run/direct.conf
sed 's/^lvs_sched.*/&\nprobe_path client/' /run/direct.conf >/run/client.conf
# way_of NAME: the checks of /run/NAME.conf.
way_of() {
	measured_checks "$1" evenkeel "/run/$1.conf" "$CLIENTS_WAY" \
		$((CLIENTS_WAY * 3)) $((CLIENTS_WAY * 15))
}
way_of direct
direct=$COST
way_of client
row "a check by the clients' way" "$COST" "$direct" "own address" us 1.3

step "idle: 100 servers, each checked once an hour"
measured_idle() {
	local time
	conf_print 1 100 3600 1 >/run/idle.conf
	checks_seen
	peer_start "$1" /run/idle.conf
	poll 30 checks_more $((CHECKS + 100))
	poll 30 table_complete 100
	span 3
	tree_time
	time=$TREE_TIME
	span 10
	tree_time
	IDLE=$(awk "BEGIN { print ($TREE_TIME - $time) / 1e6 / $SPAN * 100 }")
	check "$1: $IDLE % of a processor in $SPAN ms" table_complete 100
	peer_kill
	ns lb1 ipvsadm -C
}
measured_idle evenkeel
own=$IDLE
measured_idle keepalived
row "processor between checks" "$own" "$IDLE" keepalived % =1

step "memory of a server with a TCP check"
# measured_memory PEER SERVERS: sets TREE_KB when the table is complete.
measured_memory() {
	local compat=()
	fresh_node
	[ "$1" = keepalived ] || compat=(--keepalived-compat)
	conf_print "$2" 100 60 60 >/run/memory.conf
	peer_start "$1" /run/memory.conf "${compat[@]}"
	poll 60 table_complete $(($2 * 100))
	# Time to settle: children parse too.
	span 3
	tree_memory
	check "$1: $(($2 * 100)) servers, $TREE_KB kB" test "$TREE_KB" -gt 0
	peer_kill
}
# slope PEER: sets SLOPE, bytes a server.
slope() {
	local few
	measured_memory "$1" 1
	few=$TREE_KB
	measured_memory "$1" 100
	SLOPE=$(((TREE_KB - few) * 1024 / 9900))
}
slope evenkeel
own=$SLOPE
slope keepalived
row "memory of a server" "$own" "$SLOPE" keepalived B =1024

printf '\n%-38s %16s %-14s %10s %6s %10s\n' "" evenkeel peer "" ratio aim
printf '%s\n' "${ROWS[@]}"
printf '%s\n' "${ROWS[@]}" >"$LAB_JOB/bench.txt"
finish
