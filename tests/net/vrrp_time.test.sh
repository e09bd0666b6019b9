#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Timers, by what a third party reads on the wire: never earlier than the
# formula, and hardly later.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/vrrp_lib.sh
. "$SRC/tests/net/vrrp_lib.sh"

net_build a b c
VIP=10.79.0.100
# How much later than the formula, ms: the scheduling of a busy host.
LATE=$((150 * LAB_STRETCH))

# conf NS INTERVAL PRIORITY WORD...: the interval in microseconds.
conf() {
	local name=$1 interval=$2 priority=$3
	shift 3
	{
		printf '%s\n' "$@"
		cat <<-END
			instance V
			vrid 51
			priority $priority
			interval $interval
			vip $VIP/24
		END
	} >"$NET_DIR/$name.conf"
}

# gap FROM TO: ms between the last advert of FROM and the first of TO after it.
gap() {
	captured wire vrrp frame.time_epoch ip.src | awk -v a="$1" -v b="$2" '
		$2 == a { t = $1; d = "" }
		$2 == b && t != "" && d == "" { d = ($1 - t) * 1000 }
		END { printf "%.2f\n", d == "" ? -1 : d }'
}
# within GAP LOW: not before LOW ms, and not LATE more.
within() {
	echo "gap $1 ms, wanted $2 to $2 + $LATE"
	awk -v g="$1" -v low="$2" -v late="$LATE" \
		'BEGIN { exit !(g >= low - 0.3 && g <= low + late) }'
}

step "takeover: three intervals and the skew of priority 100"
for interval in 1000000 100000 10000; do
	conf a $interval 200
	conf b $interval 100
	vrrp_start a
	wait_for 6 "$((interval / 1000)) ms: master" holds_vip a $VIP
	vrrp_start b
	poll 5 vrrp_lines_over b V 1
	capture_start wire wire
	pause 0.$((interval > 99999 ? 9 : 2))
	kill -9 "$(vrrp_pid a)"
	poll 6 holds_vip b $VIP
	pause 0.1
	capture_stop wire
	took=$(gap 10.79.0.1 10.79.0.2)
	wanted=$(awk "BEGIN { print $interval * (3 + 156 / 256) / 1000 }")
	check "$((interval / 1000)) ms: killed, taken over after $took ms" \
		within "$took" "$wanted"
	vrrp_stop b
	ns a ip addr flush dev eth0 to $VIP
done

step "a master that stops: the skew alone"
conf a 1000000 200
conf b 1000000 100
vrrp_start a
wait_for 6 "master" holds_vip a $VIP
vrrp_start b
poll 5 vrrp_lines_over b V 1
capture_start wire wire
vrrp_stop a
poll 6 holds_vip b $VIP
pause 0.1
capture_stop wire
took=$(gap 10.79.0.1 10.79.0.2)
check "priority 0, taken over after $took ms" within "$took" 609.375
vrrp_stop b

step "the master's interval counts, not ours"
conf a 1000000 100
for interval in 20 150; do
	vrrp_start a
	capture_start wire wire
	ns c "$VRRP_TOOLS/vrrp_inject" eth0 interval=$interval prio=200
	poll 8 holds_vip a $VIP
	pause 0.1
	capture_stop wire
	took=$(gap 10.79.0.3 10.79.0.1)
	wanted=$(awk "BEGIN { print $interval * 10 * (3 + 156 / 256) }")
	check "$((interval * 10)) ms: taken over after $took ms" \
		within "$took" "$wanted"
	vrrp_stop a
done

step "10 ms, while every processor is busy"
conf a 10000 200 "rt_priority 50"
conf b 10000 100 "rt_priority 50"
vrrp_start a
wait_for 3 "master" holds_vip a $VIP
vrrp_start b
poll 5 vrrp_lines_over b V 1
for _ in $(seq $((2 * $(nproc)))); do
	timeout 3 sh -c 'while :; do :; done' &
done
holds 2 "it stays there" only_holder a b $VIP
no_takeover() { vrrp_state b V | grep -q ' takeovers=0 '; }
check "the other never thought of it" no_takeover
vrrp_stop a
vrrp_stop b
finish
