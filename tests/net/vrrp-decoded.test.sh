#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Everything that the daemon sends, read by Wireshark: version 2 with a password,
# version 3, both families, multicast and unicast, from the first advert to the
# priority 0 of the end, and the announcements between.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/vrrp_lib.sh
. "$SRC/tests/net/vrrp_lib.sh"

net_build a b
VIPS="10.79.0.100 10.79.0.101 fe80::100 fd79::100 10.79.0.103 fd79::104"

# instance NAME VRID VERSION INTERVAL WORDS VIP...
instance() {
	cat <<-END
		vrrp_instance $1 {
			interface eth0
			virtual_router_id $2
			priority 150
			version $3
			advert_int $4
			$5
			virtual_ipaddress {
				$(printf '%s\n' "${@:6}")
			}
		}
	END
}
unicast() { printf 'unicast_src_ip %s\nunicast_peer {\n%s\n}\n' "$1" "$2"; }
gone() { ! kill -0 "$1" 2>/dev/null; }

LINK=$(link_local a)
{
	instance V2 51 2 1 "authentication {
		auth_type PASS
		auth_pass s3cret
	}" 10.79.0.100/24
	instance V4 52 3 0.1 "" 10.79.0.101/24
	instance V6 52 3 0.1 "" fe80::100/64 fd79::100/64
	instance U4 53 3 0.1 "$(unicast 10.79.0.1 10.79.0.2)" 10.79.0.103/24
	instance U6 54 3 0.1 "$(unicast fd79::1 fd79::2)" fd79::104/64
} >"$NET_DIR/a.conf"

step "five instances, from start to end"
capture_start wire b
nsenter --net=/run/netns/a -- "$EVENKEEL_BUILD/evenkeeld" -n -l -D -P \
	-f "$NET_DIR/a.conf" --run-dir "$NET_DIR/run" >>"$NET_DIR/a.log" 2>&1 &
DAEMON=$!
# shellcheck disable=SC2086
wait_for 15 "it has all addresses" holds_vip a $VIPS
# seen FILTER: of its adverts.
seen() { captured wire "vrrp && $1" frame.number | grep -q .; }
wait_for 10 "version 2 has spoken" seen "vrrp.version == 2"
kill -TERM "$DAEMON"
wait_for 10 "it ends" gone "$DAEMON"
wait_for 5 "its last word is on the wire" seen \
	"vrrp.version == 2 && vrrp.prio == 0"
capture_stop wire

step "what Wireshark has read"
check "the password" seen "vrrp.auth_type == 1 && vrrp.auth_string == s3cret"
check "version 3 over IPv4" seen "vrrp.version == 3 && ip.dst == 224.0.0.18"
check "over IPv6" seen "ipv6.src == $LINK && ipv6.dst == ff02::12"
check "unicast" seen "ip.src == 10.79.0.1 && ip.dst == 10.79.0.2"
check "unicast over IPv6" seen "ipv6.src == fd79::1 && ipv6.dst == fd79::2"
# Errors of the other box, which does not listen, quote what was sent.
stops() {
	local found
	found=$(captured wire "vrrp.prio == 0 && !icmp && !icmpv6" vrrp.virt_rtr_id \
		vrrp.version ip.src ipv6.src | sort -u | wc -l)
	echo "$found of five"
	[ "$found" -eq 5 ]
}
check "priority 0 of all five" stops
check "no advert is odd, no checksum wrong" clean_capture wire 10.79.0.1 \
	"$LINK" fd79::1
check_equal "nothing at all is malformed" "" \
	"$(captured wire _ws.malformed frame.number)"
check_equal "nor are announcements odd" "" "$(captured wire \
	"(arp || icmpv6.type == 136) && _ws.expert.severity >= 6291456" \
	frame.number)"
finish
