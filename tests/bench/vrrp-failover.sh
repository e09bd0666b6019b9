#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A balancer dies: how long a client goes without an answer, by its own
# stopwatch, at intervals of 1 s, 100 ms and 10 ms, with a pair of ours and a
# pair of keepalived in turn. Ours is to be no slower. `./dev bench vrrp-failover`
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/vrrp_lib.sh
. "$SRC/tests/net/vrrp_lib.sh"

net_build a b client
VIP=10.79.0.100
ROUNDS=3
# A round in which the stopwatch itself was this late, in ms, says nothing.
STALLED=15
PIDS=()

# conf PRIORITY INTERVAL: the same file for both programs. The better one is the
# owner, only so that it need not wait for its turn at the start.
conf() {
	cat <<-END
		vrrp_instance V {
			$([ "$1" != 255 ] || echo "state MASTER")
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

start_evenkeel() {
	nsenter --net="/run/netns/$1" -- "$EVENKEEL_BUILD/evenkeeld" -n -l -D \
		-P -f "$NET_DIR/$1.conf" --run-dir "$NET_DIR/run.$1" \
		>>"$NET_DIR/$1.log" 2>&1 &
	PIDS+=($!)
}
start_keepalived() {
	nsenter --net="/run/netns/$1" -- keepalived -n -l -D --vrrp \
		-f "$NET_DIR/$1.conf" -p "$NET_DIR/$1.pid" \
		-r "$NET_DIR/$1.vrrp" -c "$NET_DIR/$1.check" \
		>>"$NET_DIR/$1.log" 2>&1 &
	PIDS+=($!)
}
backup_evenkeel() { grep -q -- '-> BACKUP' "$NET_DIR/$1.log"; }
backup_keepalived() { grep -q 'BACKUP STATE' "$NET_DIR/$1.log"; }

# tree PID: it and its children.
tree() { echo "$1" $(pgrep -P "$1"); }

# clean: nothing runs, nobody has the address, the cable is in.
clean() {
	local pid name
	for pid in "${PIDS[@]}"; do
		# shellcheck disable=SC2046
		kill -KILL $(tree "$pid") 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	PIDS=()
	ip -n wire link set dev a up
	for name in a b; do
		rm -f "$NET_DIR/$name".{pid,vrrp,check,log}
		rm -rf "$NET_DIR/run.$name"
		ns "$name" ip addr flush dev eth0 to $VIP/32
		ns "$name" nft flush ruleset 2>/dev/null
	done
	ns client ip neigh flush dev eth0
}

# round PROGRAM INTERVAL: GAP and LATE, in ms.
round() {
	local words
	clean
	conf 255 "$2" >"$NET_DIR/a.conf"
	conf 100 "$2" >"$NET_DIR/b.conf"
	start_"$1" a
	poll 10 holds_vip a "$VIP" || return 1
	start_"$1" b
	poll 10 backup_"$1" b || return 1
	# shellcheck disable=SC2046
	read -ra words < <(ns client "$VRRP_TOOLS/vrrp_stopwatch" "$VIP" 20 \
		wire a $(tree "${PIDS[0]}"))
	GAP=${words[1]:-} LATE=${words[3]:-}
	[ -n "$GAP" ] && holds_vip b "$VIP"
}

# measure PROGRAM INTERVAL: a round that counts, added to the program's figures.
measure() {
	local _
	for _ in 1 2 3 4; do
		round "$1" "$2" || continue
		if awk -v l="$LATE" -v s="$STALLED" 'BEGIN { exit !(l < s) }'; then
			echo "$GAP" >>"$NET_DIR/$1.$2"
			return 0
		fi
		echo "   $1, $2 s: the host stood still for $LATE ms; once more"
	done
	return 1
}

# median FILE, worst FILE
median() { sort -g "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
worst() { sort -g "$1" | tail -n 1; }

# no_slower OURS THEIRS: but for what the turns at the processor make of it,
# 20 ms and a twentieth.
no_slower() {
	echo "ours $1 ms, keepalived's $2 ms"
	awk -v o="$1" -v t="$2" 'BEGIN { exit !(o > 0 && o <= t * 1.05 + 20) }'
}

TABLE=$(printf '%-9s %11s %11s %11s %11s' interval evenkeel worst keepalived worst)
for interval in 0.01 0.1 1; do
	step "killed, and its cable cut, with adverts each $interval s"
	for _ in $(seq $ROUNDS); do
		for program in evenkeel keepalived; do
			check "$program: the peer takes over" \
				measure $program $interval
		done
	done
	ours=$NET_DIR/evenkeel.$interval
	theirs=$NET_DIR/keepalived.$interval
	check "ours is not slower" no_slower "$(median "$ours")" \
		"$(median "$theirs")"
	TABLE+=$'\n'$(printf '%-9s %8.1f ms %8.1f ms %8.1f ms %8.1f ms' \
		"$interval s" "$(median "$ours")" "$(worst "$ours")" \
		"$(median "$theirs")" "$(worst "$theirs")")
done
clean

step "without an answer: the median of $ROUNDS rounds, and the worst"
echo "$TABLE"
finish
