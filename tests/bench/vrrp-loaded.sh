#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A pair of ours on a loaded host: every processor busy, 10,000 servers read
# again each second, memory touched as fast as it goes. For ten seconds the
# backup never believes that the master is gone, at 100 ms and at 10 ms, and the
# client's stopwatch agrees. `./dev bench vrrp-loaded`
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/vrrp_lib.sh
. "$SRC/tests/net/vrrp_lib.sh"

net_build a b client
VIP=10.79.0.100
SECONDS_LOADED=10
RT=20
declare -A PID
LOAD=()

# conf PRIORITY INTERVAL
conf() {
	cat <<-END
		global_defs {
			vrrp_rt_priority $RT
			vrrp_no_swap
		}
		vrrp_instance V {
			interface eth0
			virtual_router_id 51
			priority $1
			advert_int $2
			version 3
			virtual_ipaddress {
				$VIP/24
			}
		}
	END
}

# servers WEIGHT: ten thousand of them.
servers() {
	printf 'virtual_server %s 3306 {\nlvs_sched wrr\nprotocol TCP\n' $VIP
	seq 0 9999 | awk -v w="$1" '{
		printf "real_server 127.%d.%d.1 3306 {\nweight %d\n}\n",
			1 + $1 / 250, $1 % 250, w }'
	echo "}"
}

start() {
	nsenter --net="/run/netns/$1" -- "$EVENKEEL_BUILD/evenkeeld" -n -l -D \
		-P -f "$NET_DIR/$1.conf" --run-dir "$NET_DIR/run.$1" \
		>>"$NET_DIR/$1.log" 2>&1 &
	PID[$1]=$!
}
vrrp() { "$EVENKEEL_BUILD/evenkeel" --run-dir "$NET_DIR/run.$1" vrrp --json; }
# number NS KEY: of its answer.
number() { vrrp "$1" | sed -n 's/^ *"'"$2"'":\([0-9]*\),*$/\1/p'; }
is_backup() { vrrp b | grep -q '"state":"BACKUP"'; }
reloads() { grep -c 'is in force' "$NET_DIR/a.log"; }
running() { kill -0 "$1" 2>/dev/null; }
gone() { ! running "$1"; }

# The stopwatch is also the reference: with the same priority as the daemons, if
# that may be had, it shows whether the host gives such a process its turn.
RANK=()
chrt -r $RT true 2>/dev/null && RANK=(chrt -r "$RT")

# touch_memory: a quarter of what is free, 256 MB at most, page after page.
touch_memory() {
	exec timeout 120 python3 - <<-'END'
		free = next(int(line.split()[1]) for line in open("/proc/meminfo")
		            if line.startswith("MemAvailable"))
		block = bytearray(min(256 << 20, free * 256))
		turn = 0
		while True:
		    turn = (turn + 1) % 256
		    pages = len(block[::4096])
		    block[::4096] = bytes([turn]) * pages
	END
}

load_begin() {
	local i
	for ((i = 0; i < $(nproc); i++)); do
		timeout 120 sh -c 'while :; do :; done' &
		LOAD+=($!)
	done
	touch_memory &
	LOAD+=($!)
}
load_end() {
	kill "${LOAD[@]}" 2>/dev/null
	wait "${LOAD[@]}" 2>/dev/null
	LOAD=()
}

# loaded INTERVAL: ten seconds of it. Sets GAP, LATE and RELOADS.
loaded() {
	local watch weight=10 before next words
	before=$(reloads)
	load_begin
	ns client "${RANK[@]}" "$VRRP_TOOLS/vrrp_stopwatch" $VIP \
		$SECONDS_LOADED >"$NET_DIR/stopwatch" &
	watch=$!
	while running $watch; do
		next=$((${EPOCHREALTIME/./} + 1000000))
		weight=$((weight + 1))
		{ conf 150 "$1" && servers $weight; } >"$NET_DIR/a.conf.new"
		mv "$NET_DIR/a.conf.new" "$NET_DIR/a.conf"
		kill -HUP "${PID[a]}"
		while running $watch && [ "${EPOCHREALTIME/./}" -lt $next ]; do
			pause 0.1
		done
	done
	wait $watch
	load_end
	read -ra words <"$NET_DIR/stopwatch"
	GAP=${words[1]:-} LATE=${words[3]:-}
	RELOADS=$(($(reloads) - before))
}

# kept INTERVAL: the host gave the reference its turn, in half of the time after
# which a master counts as dead. Without real-time priority that says nothing of
# the daemons' turns at 10 ms.
kept() {
	[ ${#RANK[@]} -gt 0 ] || [ "$1" != 0.01 ] || return 1
	awk -v l="$LATE" -v i="$1" 'BEGIN { exit !(l < i * 1500) }'
}
# short INTERVAL: no gap in which a takeover would fit.
short() {
	echo "longest time without an answer: $GAP ms, late by $LATE ms"
	awk -v g="$GAP" -v l="$LATE" -v i="$1" \
		'BEGIN { exit !(g > 0 && g < i * 3000 + l) }'
}

# story INTERVAL
story() {
	local taken try child
	step "adverts each $1 s"
	{ conf 150 "$1" && servers 10; } >"$NET_DIR/a.conf"
	conf 100 "$1" >"$NET_DIR/b.conf"
	: >"$NET_DIR/a.log"
	start a
	wait_for 60 "the better one has the address" holds_vip a $VIP
	start b
	wait_for 20 "the other is its backup" is_backup
	for try in 1 2 3; do
		taken=$(number b takeovers)
		loaded "$1"
		kept "$1" && break
		[ ${#RANK[@]} -gt 0 ] || [ "$1" != 0.01 ] || break
		echo "   the host stood still for $LATE ms; once more"
	done
	echo "   $RELOADS reloads; longest time without an answer $GAP ms;" \
		"the reference was late by $LATE ms at worst, try $try"
	check "several reloads of 10,000 servers" [ "$RELOADS" -ge 3 ]
	if kept "$1"; then
		check_equal "the backup never took over" "$taken" \
			"$(number b takeovers)"
		check "nor was the client without an answer" short "$1"
	else
		echo "skipped: this host cannot keep an interval of $1 s; it" \
			"took over $(($(number b takeovers) - taken)) times"
	fi
	wait_for 20 "afterwards all is as before" only_holder a b $VIP

	child=$(number a pid)
	kill -STOP "$child"
	wait_for 10 "which proves something: a halted one is noticed" \
		holds_vip b $VIP
	kill -CONT "$child"
	wait_for 20 "and takes it back" only_holder a b $VIP
	kill -TERM "${PID[a]}" "${PID[b]}"
	wait_for 30 "a ends" gone "${PID[a]}"
	wait_for 30 "b ends" gone "${PID[b]}"
}

echo "real-time priority for the reference: ${RANK[*]:-none}"
story 0.1
story 0.01
finish
