#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sync groups over two links, trackers, nopreempt, a master that was not
# scheduled, and what the other hosts of the link learn of it all.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/vrrp_lib.sh
. "$SRC/tests/net/vrrp_lib.sh"

net_build a b c
OUT=10.79.0.100
IN=10.80.0.100
# A second link between a and b: the inside of a balancer.
ip -n wire link add br1 type bridge forward_delay 0 mcast_snooping 0
ip -n wire link set br1 up
for i in a b; do
	ip link add name "$i-in" netns wire type veth peer name eth1 netns $i
	ip -n wire link set dev "$i-in" master br1 up
	ip -n $i link set eth1 up
done
ip -n a addr add 10.80.0.1/24 dev eth1
ip -n b addr add 10.80.0.2/24 dev eth1

# pair NS PRIORITY WORD...: both sides in one group.
pair() {
	local name=$1 priority=$2
	shift 2
	cat >"$NET_DIR/$name.conf" <<-END
		tracker check
		tracker sick file
		instance OUT
		vrid 51
		priority $priority
		interval ${VRRP_INTERVAL}000
		group G
		vip $OUT/24
		$(printf '%s\n' "$@")
		instance IN
		iface eth1
		vrid 52
		priority $priority
		interval ${VRRP_INTERVAL}000
		group G
		vip $IN/24
	END
}
both_at() { only_holder "$1" "$2" "$OUT" "$IN"; }
neighbour() { ns c ip neigh show "$OUT" | awk '{ print $5 }'; }
knows() { [ "$(neighbour)" = "$(mac_of "$1")" ]; }

step "a sync group moves as one"
pair a 150
pair b 100
vrrp_start a
vrrp_start b
wait_for 5 "both addresses at the better one" both_at a b
check "a host of the link reaches it" ns c ping -c 1 -W 2 $OUT
check "and knows where it is" knows a
capture_start moved wire
ip -n wire link set dev a-in down
wait_for 3 "the inside link is cut: both move" both_at b a
check "the host was told, without a word of its own" knows b
wait_for 6 "told again after five seconds" \
	sh -c "[ \"\$(tshark -r '$NET_DIR/moved.pcap' -Y \
	'arp.isgratuitous && eth.src == $(mac_of b)' 2>/dev/null | wc -l)\" -ge 10 ]"
capture_stop moved
ip -n wire link set dev a-in up
wait_for 5 "the link is back: both return" both_at a b
check "the host knows" knows a

step "trackers"
pair a 150 "track check 0"
vrrp_say a reload
vrrp_say a track check 1
# shellcheck disable=SC2086
holds_adverts a OUT sent 5 "one that is up changes nothing" \
	holds_vip a $OUT $IN
vrrp_say a track check 0
wait_for 3 "one that is down is a fault of the whole group" both_at b a
check "and is named" grep -q "OUT: MASTER -> FAULT (check)" "$NET_DIR/a.log"
vrrp_say a track check 1
wait_for 5 "up again: both return" both_at a b
vrrp_stop b
vrrp_stop a
cat >"$NET_DIR/a.conf" <<-END
	tracker check
	instance OUT
	vrid 51
	priority 150
	interval ${VRRP_INTERVAL}000
	track check -60
	vip $OUT/24
END
sed 's/150/100/;/track /d' "$NET_DIR/a.conf" >"$NET_DIR/b.conf"
vrrp_start a
vrrp_start b
wait_for 5 "master" only_holder a b $OUT
capture_start weight wire
vrrp_say a track check 0
wait_for 3 "a weight lowers the priority: the other takes it" \
	only_holder b a $OUT
vrrp_say a track check 1
wait_for 3 "and raises it: taken back" only_holder a b $OUT
capture_stop weight
check "adverts said so" sh -c "tshark -r '$NET_DIR/weight.pcap' -Y \
	'ip.src == 10.79.0.1 && vrrp.prio == 90' 2>/dev/null | grep -q ."

step "nopreempt"
vrrp_stop a
wait_for 3 "the other takes it" holds_vip b $OUT
{ sed '/track/d' "$NET_DIR/a.conf" && echo nopreempt &&
	echo announce_delay 2000000; } >"$NET_DIR/a.new"
mv "$NET_DIR/a.new" "$NET_DIR/a.conf"
vrrp_start a
# After three adverts one that may preempt has taken it.
holds_adverts a OUT received 6 "the better one does not take it back" \
	only_holder b a $OUT
vrrp_stop b
wait_for 3 "until it is needed" holds_vip a $OUT

step "a master that was not scheduled"
sed 's/150/150/' "$NET_DIR/a.conf" >"$NET_DIR/b.conf"
vrrp_start b
kill -STOP "$(vrrp_pid a)"
wait_for 3 "the other takes over" holds_vip b $OUT
# All its timers are due after these: its second announcement, too.
holds_adverts b OUT sent 12 "and keeps it" holds_vip b $OUT
capture_start woken wire
kill -CONT "$(vrrp_pid a)"
wait_for 2 "woken, it hears that before it speaks" only_holder b a $OUT
adverts_of_b() { [ "$(captured woken 'ip.src == 10.79.0.2 && vrrp' \
	frame.number | wc -l)" -ge 4 ]; }
wait_for 4 "the other goes on" adverts_of_b
capture_stop woken
first_advert() { captured woken 'vrrp && ip.src == 10.79.0.1' vrrp.prio; }
check_equal "and says no more than that it yields" 150 "$(first_advert)"
check_equal "nor does it announce itself" "" \
	"$(captured woken "arp.isgratuitous && eth.src == $(mac_of a)" \
		frame.number)"

step "a cut between the two, healed"
ip -n wire link set dev a nomaster
# shellcheck disable=SC2086
wait_for 3 "two masters, who do not see each other" \
	sh -c "ip -n a addr show to $OUT | grep -q . && ip -n b addr show to $OUT | grep -q ."
capture_start healed wire
ip -n wire link set dev a master br0
wait_for 2 "healed: one of them, by its higher address" only_holder b a $OUT
again() { captured healed "arp.isgratuitous && eth.src == $(mac_of b)" \
	frame.number | grep -q .; }
wait_for 2 "who announces itself again" again
capture_stop healed
vrrp_stop a
vrrp_stop b
finish
