#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The virtual MAC address: hosts keep the same neighbour entry through a
# takeover, whoever of the pair holds the addresses.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/vrrp_lib.sh
. "$SRC/tests/net/vrrp_lib.sh"

net_build a b c
VIP=10.79.0.100
VIP6=fd79::100
VMAC=00:00:5e:00:01:33
VMAC6=00:00:5e:00:02:33

conf() {
	cat >"$NET_DIR/$1.conf" <<-END
		instance V4
		vrid 51
		priority $2
		interval 200000
		use_vmac
		vip $VIP/24
		instance V6
		vrid 51
		priority $2
		interval 200000
		use_vmac
		vip $VIP6/64
	END
}
neighbour() {
	ns c ip neigh show "$1" dev eth0 | sed -n 's/.*lladdr \([^ ]*\) .*/\1/p'
}
# reaches ADDRESS MAC: c does, by that MAC address.
reaches() {
	ns c ping -c 1 -W 1 "$1" && [ "$(neighbour "$1")" = "$2" ]
}
# port_of MAC: behind which port of the bridge it was seen last.
port_of() {
	bridge -n wire fdb show br br0 | awk -v m="$1" '$1 == m { print $3; exit }'
}
has_vmac() { ip -n "$1" link show dev vrrp.51 && ip -n "$1" link show dev vrrp6.51; }

link_local c >/dev/null
capture_start wire wire
step "one of a pair"
conf a 150
conf b 100
vrrp_start a
vrrp_start b
wait_for 5 "the better one holds both" only_holder a b $VIP $VIP6
wait_for 5 "a host reaches it, by the virtual MAC" reaches $VIP $VMAC
wait_for 5 "over IPv6 as well" reaches $VIP6 $VMAC6
port_is() { [ "$(port_of "$VMAC")" = "$1" ]; }
# The loser may have been master for a moment; the next advert moves the entry.
wait_for 5 "the switch knows the port" port_is a
ns c ip neigh flush dev eth0
check "asked by ARP, nobody answers with another" reaches $VIP $VMAC
ns c ip neigh flush dev eth0
ns c ping -c 1 -W 2 10.79.0.1 >/dev/null
check_equal "nor with the virtual MAC for the host's own address" \
	"$(mac_of a)" "$(neighbour 10.79.0.1)"

step "kill and restart"
kill -9 "$(vrrp_pid a)"
wait_for 3 "killed: the other takes both" holds_vip b $VIP $VIP6
vrrp_start a
wait_for 5 "restarted: uses what was left, hears the other, which yields" \
	only_holder a b $VIP $VIP6
check_not "nobody reported a conflict" grep -q "our address" \
	"$NET_DIR/a.log" "$NET_DIR/b.log"
wait_for 3 "a host reaches it" reaches $VIP $VMAC

step "stop"
vrrp_stop a
check_not "the interfaces are gone" has_vmac a
wait_for 3 "the other holds both" holds_vip b $VIP $VIP6
moved() { [ "$(port_of "$VMAC")" = b ] && [ "$(port_of "$VMAC6")" = b ]; }
wait_for 3 "the switch has learned of it" moved
check "the host's entry still serves" reaches $VIP $VMAC
capture_stop wire
vmac_adverts() {
	captured wire "vrrp && !(eth.src == $VMAC || eth.src == $VMAC6)" \
		frame.number eth.src
}
check_equal "all adverts came from virtual MACs" "" "$(vmac_adverts)"
check "nothing sent is odd to Wireshark" clean_capture wire \
	10.79.0.1 10.79.0.2
vrrp_stop b
finish
