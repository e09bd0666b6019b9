#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Timers, by what a third party reads on the wire: a backup takes over, and never
# before the silence that the protocol demands. How late it may be is a matter of
# the host: the formula to the microsecond is proved by test_vrrp_sim, the time
# that a client goes without an answer is measured by `./dev bench`.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/vrrp_lib.sh
. "$SRC/tests/net/vrrp_lib.sh"

net_build a b c
VIP=10.79.0.100

# conf NS INTERVAL PRIORITY: the interval in microseconds.
conf() {
	cat >"$NET_DIR/$1.conf" <<-END
		instance V
		vrid 51
		priority $3
		interval $2
		vip $VIP/24
	END
}

# gap FROM TO: ms between the last advert of FROM and the first of TO after it.
gap() {
	captured wire vrrp frame.time_epoch ip.src | awk -v a="$1" -v b="$2" '
		$2 == a { t = $1; d = "" }
		$2 == b && t != "" && d == "" { d = ($1 - t) * 1000 }
		END { printf "%.2f\n", d == "" ? -1 : d }'
}
# silent GAP LOW: not before LOW ms; -1 is no takeover at all.
silent() { awk -v g="$1" -v low="$2" 'BEGIN { exit !(g >= low) }'; }
speaks() { count_adverts wire "ip.src == $1" "${2:-1}"; }

# The skew comes on top: it is what the kernel's clock and ours may differ by.
# 10 ms is more than a busy host may give; test_vrrp_sim has it.
step "takeover: after three intervals of silence"
for interval in 1000000 100000; do
	conf a $interval 200
	conf b $interval 100
	vrrp_start a
	wait_for 6 "$((interval / 1000)) ms: master" holds_vip a $VIP
	vrrp_start b
	wait_for 6 "a backup" vrrp_is b V BACKUP
	capture_start wire wire
	wait_for 6 "the master speaks" speaks 10.79.0.1 3
	kill -9 "$(vrrp_pid a)"
	wait_for 6 "killed, taken over" holds_vip b $VIP
	wait_for 6 "the other speaks" speaks 10.79.0.2
	capture_stop wire
	took=$(gap 10.79.0.1 10.79.0.2)
	check "after $took ms" silent "$took" "$((interval * 3 / 1000))"
	vrrp_stop b
	ns a ip addr flush dev eth0 to $VIP
done

step "a master that stops: after some of the skew"
conf a 1000000 200
conf b 1000000 100
vrrp_start a
wait_for 6 "master" holds_vip a $VIP
vrrp_start b
wait_for 6 "a backup" vrrp_is b V BACKUP
capture_start wire wire
vrrp_stop a
wait_for 6 "taken over" holds_vip b $VIP
wait_for 6 "the other speaks" speaks 10.79.0.2
capture_stop wire
took=$(gap 10.79.0.1 10.79.0.2)
check "after $took ms" silent "$took" 500
vrrp_stop b

step "the master's interval counts, not ours"
conf a 200000 100
vrrp_start a
capture_start wire wire
ns c "$VRRP_TOOLS/vrrp_inject" eth0 interval=150 prio=200
wait_for 8 "1500 ms: taken over" holds_vip a $VIP
wait_for 6 "it speaks" speaks 10.79.0.1
capture_stop wire
took=$(gap 10.79.0.3 10.79.0.1)
check "after $took ms" silent "$took" 4500
vrrp_stop a
finish
