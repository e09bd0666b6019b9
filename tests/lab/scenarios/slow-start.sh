# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: a cold server under wlc and held connections, with and without slow start
# limit: 600
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
CONF=/tmp/evenkeel.conf
TIME=60 # s, of slow_start in the file
CLIENTS=100

# A cold server is one whose queries take long: sixteen times as long at first
# as those of a warm one, which it is after the first 20 s of serving.
QUERY="SELECT @@server_id + 0 * SLEEP(@@global.long_query_time)"
WARM=0.05
COLD=0.8
WARMING=20

# uptime_ms: sets NOW, the clock of heldconn's trace.
uptime_ms() {
	read -r NOW _ </proc/uptime
	NOW=${NOW/./}0
}

uptime_over() {
	uptime_ms
	[ "$NOW" -ge "$1" ]
}

# weights_watch FILE: a line "MS WEIGHT" for server 4 twice a second; the weight
# is 0 while the server is out.
weights_watch() {
	local lines
	while :; do
		lines=$(ns lb1 ipvsadm -Sn)
		uptime_ms
		if [[ $lines =~ \ 10\.78\.0\.4:3306\ [^$'\n']*-w\ ([0-9]+) ]]; then
			echo "$NOW ${BASH_REMATCH[1]}"
		else
			echo "$NOW 0"
		fi
		sleep 0.5
	done >"$1"
}

# in_at FILE: sets IN to when server 4 came in after having been out.
in_at() {
	IN=$(awk '$2 == 0 { out = 1 } out && $2 > 0 { print $1; exit }' "$1")
	[ -n "$IN" ]
}

# server_warms: server 4's cache fills while it serves.
server_warms() {
	local tick
	for ((tick = 1; tick <= WARMING; tick++)); do
		sleep 1
		sql 4 "SET GLOBAL long_query_time = $(awk -v t=$tick \
			-v c=$COLD -v w=$WARM -v n=$WARMING \
			'BEGIN { printf "%.3f", c + (w - c) * t / n }')"
	done
}

# cold_restart NAME: kills server 4 under load and starts it cold; ends when it
# has served long enough to see the whole story. Leaves trace and weights.
cold_restart() {
	weights_watch "/run/weights.$1" &
	watcher=$!
	held_start "$1" --connections $CLIENTS --interval 500 --lifetime 15 \
		--query "$QUERY" --trace "/run/trace.$1"
	wait_for 60 "$1: all connections are open" held_is "$1" open -ge \
		$((CLIENTS - 5))
	wait_for 60 "$1: server 4 has its share" held_is "$1" server.4.open \
		-ge $((CLIENTS / 5))
	mariadb_kill 4
	wait_for 30 "$1: server 4 is out" table_has_not "-r 10.78.0.4:3306"
	wait_for 60 "$1: its clients are elsewhere" held_is "$1" open -ge \
		$((CLIENTS - 5))
	mariadb_start -o --long-query-time=$COLD 4
	wait_for 30 "$1: server 4 is back" table_has "-r 10.78.0.4:3306"
	server_warms
	wait_for $((3 * TIME)) "$1: it has its whole weight" \
		table_weight 10.78.0.4:3306 "$2"
	# One life of a connection: the last ones have moved.
	local until
	uptime_ms
	until=$((NOW + 15000))
	wait_for 30 "$1: and its share" uptime_over $until
	held_stop "$1"
	kill $watcher
	wait $watcher 2>/dev/null
	cp "/run/trace.$1" "/run/weights.$1" "$LAB_LOG/"
	check "$1: the moment is known" in_at "/run/weights.$1"
}

# curve NAME RAMP: connections and running queries of server 4 from its return
# on, in windows of 5 s, beside the ideal and the mean and the peak of the peers.
# The ideal is what weights give: N * r / (3 + r), r from 2 % to 1 in RAMP s.
# Running queries are means of one second; the worst of the window is shown.
curve() {
	awk -v in_at="$IN" -v ramp="$2" '
	function flush_second(   i) {
		for (i = 1; i <= 4 && n_sec; i++) {
			run = running[i] / n_sec
			w = i == 4 ? "own" : "peers"
			if (run > worst[w]) worst[w] = run
		}
		split("", running); n_sec = 0
	}
	function flush_window(   t, r, ideal) {
		if (!n) return
		t = window * 5 + 2.5
		r = ramp ? t / ramp : 1
		r = r > 1 ? 1 : r < .02 ? .02 : r
		ideal = total / n * r / (3 + r)
		printf "%5.1f %6.1f %6.1f %7.1f %6.1f %6.1f\n", t, own / n,
			ideal, (total - own) / n / 3, worst["own"], worst["peers"]
		own = total = n = 0
		split("", worst)
	}
	{
		t = ($1 - in_at) / 1000
		if (t < 0) next
		if (int(t) != second) { flush_second(); second = int(t) }
		if (int(t / 5) != window) { flush_window(); window = int(t / 5) }
		for (i = 2; i <= NF; i++) {
			split($i, f, ":")
			total += f[2]
			if (f[1] == 4) own += f[2]
			running[f[1]] += f[3]
		}
		n++; n_sec++
	}' "/run/trace.$1" >"/run/curve.$1"
	echo "   s    own  ideal   peers   worst second, running queries:"
	echo "          connections         own  peers"
	cat "/run/curve.$1"
	cp "/run/curve.$1" "$LAB_LOG/"
}

# follows NAME: from a fifth of the ramp on, no window is off by over 20 %.
follows() {
	awk -v from=$((TIME / 5)) '$1 > from && ($2 > 1.2 * $3 || $2 < .8 * $3) {
		print "off:", $0; bad = 1
	} $1 > from { seen++ } END { exit bad || seen < 8 }' "/run/curve.$1"
}

# running_peak NAME: sets PEAK, server 4's worst second of all, and PEERS, that
# of its peers in the same window: before it has its share, they have more each.
running_peak() {
	read -r PEAK PEERS < <(awk '$5 > own { own = $5; peers = $6 }
		END { print own * 10, peers * 10 }' "/run/curve.$1")
	echo "server 4: $PEAK, its worst peer: $PEERS (tenths of a query)"
}

step "four replicas"
topology_build 4
service_address_add lb1
real_server_dr db1 db2 db3 db4
mariadb_start -o --long-query-time=$WARM 1 2 3 4
sed '/slow_start {/,/}/d' /src/tests/lab/conf/slow-start.conf >$CONF
evenkeel_start $CONF
# Else the kernel counts the connections of the killed server, which it never
# sees end, for another 15 minutes, and wlc gives it none meanwhile.
check "IPVS forgets connections of removed servers" \
	ns lb1 sysctl -qw net.ipv4.vs.expire_nodest_conn=1
for n in 1 2 3 4; do
	wait_for 60 "server $n is in" table_weight "10.78.0.$n:3306" 1
done

step "server 4 comes back cold, without slow start: the burst"
cold_restart burst 1
curve burst 0
running_peak burst
check "the cold server has over twice its peers' queries" \
	test "$PEAK" -gt $((2 * PEERS))

step "and with slow start"
cp /src/tests/lab/conf/slow-start.conf $CONF
daemon_signal evenkeeld.lb1 HUP
for n in 1 2 3 4; do
	wait_for 20 "weight 1 of server $n is 100 now" \
		table_weight "10.78.0.$n:3306" 100
done
cold_restart ramp 100
curve ramp $TIME
check "its connections follow the ramp, within a fifth" follows ramp
running_peak ramp
check "its peak of running queries is under twice its peers'" \
	test "$PEAK" -lt $((2 * PEERS))

# A power cut: the database of all four is killed, and they start again cold.
# open_most FROM TO: sets MOST, the most connections to one server that the trace
# has between these times.
open_most() {
	MOST=$(awk -v from="$1" -v to="$2" '$1 >= from && $1 <= to {
		for (i = 2; i <= NF; i++) {
			split($i, f, ":")
			if (f[2] > most) most = f[2]
		}
	} END { print most + 0 }' /run/trace.cut)
}
limits_are() {
	[ "$(ns lb1 ipvsadm -Ln --thresholds |
		awk '$1 == "->" && $3 > 0 { n++ } END { print n + 0 }')" = "$1" ]
}

step "all servers come back cold, with cold_pool_limit"
# Of MariaDB's 151 connections, 10 for a start: 25 of them are wanted.
sed -i 's/^\tslow_start {/\tcold_pool_limit 7%\n&/' $CONF
check "the file has it" grep -q cold_pool_limit $CONF
daemon_signal evenkeeld.lb1 HUP
held_start cut --connections $CLIENTS --interval 500 --lifetime 15 \
	--query "$QUERY" --trace /run/trace.cut
wait_for 60 "all connections are open" held_is cut open -ge $((CLIENTS - 5))
for n in 1 2 3 4; do mariadb_kill $n; done
wait_for 60 "the kernel has a limit for each server before one is back" limits_are 4
mariadb_start -o --long-query-time=$COLD 1 2 3 4
wait_for 60 "somebody is let in" held_is cut open -ge 4
uptime_ms
BACK=$NOW
wait_for 120 "those that the limit lets in are" held_is cut open -ge 36
uptime_ms
cp /run/trace.cut "$LAB_LOG/"
open_most $((BACK - 2000)) $((BACK + 3000))
echo "the most connections of one server in the first seconds: $MOST"
check "none is buried at first" test "$MOST" -le 16
for n in 1 2 3 4; do sql $n "SET GLOBAL long_query_time = $WARM"; done
wait_for $((4 * TIME)) "all are back when the servers are warm" \
	held_is cut open -ge $((CLIENTS - 5))
wait_for $((4 * TIME)) "and the limits are gone" limits_are 0
held_stop cut
daemon_stop evenkeeld.lb1
finish
