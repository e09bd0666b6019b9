#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Reloads, and other people's hands on the addresses: who is master stays so,
# and what did not change is not disturbed by a single packet.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/vrrp_lib.sh
. "$SRC/tests/net/vrrp_lib.sh"

net_build a b

# instance NAME VRID PRIORITY WORD...: lines of a configuration.
instance() {
	printf 'instance %s\nvrid %s\npriority %s\ninterval 200000\n' \
		"$1" "$2" "$3"
	shift 3
	printf '%s\n' "$@"
}
reloads() { grep -c ^ready "$NET_DIR/a.out"; }
reload() {
	local before
	before=$(reloads)
	vrrp_say a reload
	poll 5 more_reloads "$before"
}
more_reloads() { [ "$(reloads)" -gt "$1" ]; }

step "reloads that change nothing"
# One address stays through all of it: a peer that had none of ours would be no
# peer any more.
KEPT="vip 10.79.0.109/24"
instance V1 51 150 "$KEPT" "vip 10.79.0.100/24" >"$NET_DIR/a.conf"
instance V1 51 100 "$KEPT" "vip 10.79.0.100/24" >"$NET_DIR/b.conf"
capture_start start wire
vrrp_start a
wait_for 3 "master" holds_vip a 10.79.0.100
vrrp_start b
capture_start still wire
for _ in 1 2 3 4 5 6 7 8 9 10; do
	reload
	pause 0.13
done
wait_for 5 "ten reloads, and the adverts go on" count_adverts still \
	'ip.src == 10.79.0.1' 8
capture_stop still
check "not one more, nor one with priority 0" beats still 0.2 \
	'ip.src == 10.79.0.1'
# One burst at the start and one five seconds later, of five each, and no more.
bursts() {
	captured start 'arp.isgratuitous && arp.opcode == 1 &&
		arp.src.proto_ipv4 == 10.79.0.100' frame.number | wc -l
}
both_bursts() { [ "$(bursts)" -ge 10 ]; }
wait_for 10 "what is announced of it" both_bursts
capture_stop start
check_equal "is due to the start" 10 "$(bursts)"

step "a reload that changes the addresses"
capture_start moved wire
instance V1 51 150 "$KEPT" "vip 10.79.0.101/24" "vip 10.79.0.102/24" \
	"excluded 10.79.0.103/24" >"$NET_DIR/a.conf"
reload
check "the new ones are there" \
	holds_vip a 10.79.0.101 10.79.0.102 10.79.0.103 10.79.0.109
check "the old one is not" lacks_vip a 10.79.0.100
check "still the master" vrrp_is a V1 MASTER
two_lists() { captured moved 'ip.src == 10.79.0.1 && vrrp.addr_count == 3' \
	frame.number | grep -q .; }
wait_for 2 "which is said with the new list" two_lists
capture_stop moved
check_equal "and never priority 0" "" \
	"$(captured moved 'vrrp.prio == 0' frame.number)"
announced() { captured moved 'arp.opcode == 1' arp.src.proto_ipv4 |
	sort -u | tr '\n' ' '; }
check_equal "every new address was announced" \
	"10.79.0.101 10.79.0.102 10.79.0.103 10.79.0.109 " "$(announced)"

step "instances come and go"
instance V2 52 150 "vip 10.79.0.104/24" >>"$NET_DIR/a.conf"
reload
wait_for 3 "a new one starts" holds_vip a 10.79.0.104 10.79.0.101
capture_start gone wire
instance V2 52 150 "vip 10.79.0.104/24" >"$NET_DIR/a.conf"
reload
wait_for 2 "one that is gone drops its addresses" \
	lacks_vip a 10.79.0.101 10.79.0.102 10.79.0.103
check "the other keeps its own" holds_vip a 10.79.0.104
wait_for 2 "and the peer hears that it stopped" holds_vip b 10.79.0.100
capture_stop gone
check_equal "by priority 0, once" 51 \
	"$(captured gone 'vrrp.prio == 0' vrrp.virt_rtr_id)"


step "other people's hands"
ns a ip addr del 10.79.0.104/24 dev eth0
wait_for 2 "an address that was taken off comes back" holds_vip a 10.79.0.104
ns a ip addr flush dev eth0 to 10.79.0.104
wait_for 3 "and again" holds_vip a 10.79.0.104
instance V2 52 100 "vip 10.79.0.104/24" >"$NET_DIR/b.conf"
vrrp_say b reload
wait_for 3 "a backup" vrrp_is b V2 BACKUP
ns b ip addr add 10.79.0.104/24 dev eth0
wait_for 2 "loses an address that was put on it" lacks_vip b 10.79.0.104
vrrp_stop b

step "an address on another interface"
instance V2 52 150 "vip 10.79.0.104/24" "vip 10.79.9.1/24 eth9 no_track" \
	>"$NET_DIR/a.conf"
reload
check "which is not there yet: the other is held" holds_vip a 10.79.0.104
check "and said" grep -q "cannot add 10.79.9.1: No such device" "$NET_DIR/a.log"
ip -n a link add name eth9 type bridge
ip -n a link set dev eth9 up
wait_for 3 "it appears, and gets its address" holds_vip a 10.79.9.1
instance V2 52 150 "vip 10.79.0.104/24" >"$NET_DIR/a.conf"
reload
check "which a reload takes off again" lacks_vip a 10.79.9.1

step "the interface itself goes and comes back"
ns a ip link del eth0
wait_for 3 "a fault" vrrp_is a V2 FAULT
ip link add name a netns wire type veth peer name eth0 netns a
ip -n wire link set dev a master br0 up
ns a ip link set eth0 up
ns a ip addr add 10.79.0.1/24 dev eth0
wait_for 5 "a new one of that name will do" holds_vip a 10.79.0.104

step "the owner of an address"
vrrp_stop a
check "a stop takes the address off" lacks_vip a 10.79.0.104
instance V3 53 255 "vip 10.79.0.1/24" "vip 10.79.0.105/24" \
	>"$NET_DIR/a.conf"
vrrp_start a
wait_for 2 "is master at once" holds_vip a 10.79.0.105
capture_start owner a
owner_speaks() {
	captured owner 'vrrp.prio == 255 && ip.src == 10.79.0.1' \
		frame.number | grep -q .
}
wait_for 3 "speaks with its own address" owner_speaks
capture_stop owner
vrrp_stop a
check "drops what it added" lacks_vip a 10.79.0.105
check "and keeps what is the host's" holds_vip a 10.79.0.1
finish
