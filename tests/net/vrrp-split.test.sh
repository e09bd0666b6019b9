#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The two halves of a pair no longer hear each other, and both serve. When they
# hear each other again one of them is left, the right one, and everybody's ARP and neighbour caches point to it. Ours with
# ours, and with keepalived as the worse and as the better half.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/vrrp_lib.sh
. "$SRC/tests/net/vrrp_lib.sh"

net_build a b client
V4=10.79.0.100
V6=fd79::100
LL=fe80::100
declare -A PID

# conf PROGRAM PRIORITY. Whoever yields must say so with a last advert, else the
# other may never learn that there were two and that caches are wrong; ours
# always does, keepalived has to be told. Nobody announces itself five seconds
# after a takeover once more: that would come in between, now or then.
conf() {
	local last=''
	[ "$1" != keepalived ] || last=higher_prio_send_advert
	cat <<-END
		global_defs {
			router_id $2
		}
		vrrp_instance V4 {
			state BACKUP
			interface eth0
			virtual_router_id 51
			priority $2
			garp_master_delay 0
			$last
			advert_int $VRRP_SECONDS
			version 3
			virtual_ipaddress {
				$V4/24
			}
		}
		vrrp_instance V6 {
			state BACKUP
			interface eth0
			virtual_router_id 51
			priority $2
			garp_master_delay 0
			$last
			advert_int $VRRP_SECONDS
			version 3
			virtual_ipaddress {
				$LL/64
				$V6/64
			}
		}
	END
}

start_evenkeel() {
	balancer_start "$1" -P
	PID[$1]=$BALANCER
}
start_keepalived() {
	nsenter --net="/run/netns/$1" -- keepalived -n -l -D --vrrp \
		-f "$NET_DIR/$1.conf" -p "$NET_DIR/$1.pid" \
		-r "$NET_DIR/$1.vrrp" -c "$NET_DIR/$1.check" \
		>>"$NET_DIR/$1.log" 2>&1 &
	PID[$1]=$!
}
gone() { ! kill -0 "$1" 2>/dev/null; }
both() { holds_vip a "$V4" "$V6" "$LL" && holds_vip b "$V4" "$V6" "$LL"; }

# right: each family is with whom it belongs to, and there alone. The story sets
# W4 and W6, who that is, and L4 and L6, the others.
right() {
	only_holder "$W4" "$L4" "$V4" && only_holder "$W6" "$L6" "$V6" "$LL"
}

# The cut is on the bridge, so neither half sees anything but silence, and the
# client sees both. The adverts that are lost there are counted, of each half and
# family.
split() {
	local name
	{
		echo 'table bridge cut {'
		echo 'chain forward {'
		echo 'type filter hook forward priority 0'
		for name in a b; do
			echo "ether saddr $(mac_of $name) ether type ip" \
				'ip protocol vrrp counter drop'
			echo "ether saddr $(mac_of $name) ether type ip6" \
				'ip6 nexthdr vrrp counter drop'
		done
		printf '}\n}\n'
	} | ns wire nft -f -
}

# lost NUMBER: so many adverts of each half and family at least.
lost() {
	ns wire nft list table bridge cut |
		awk -v wanted="$1" '
			{ for (i = 1; i < NF; i++)
				if ($i == "packets") { n++; few += $(i + 1) < wanted } }
			END { exit !(n == 4 && few == 0) }'
}
heal() { ns wire nft delete table bridge cut; }

# owner_of ADDRESS FOUR SIX: whichever fits the family.
owner_of() {
	case $1 in
	*:*) echo "$3" ;;
	*) echo "$2" ;;
	esac
}

# points FOUR SIX: the client's caches have those ones' addresses.
points() {
	local mac address shown
	for address in "$V4" "$V6" "$LL"; do
		mac=$(mac_of "$(owner_of "$address" "$@")")
		shown=$(ns client ip neigh show to "$address" dev eth0)
		echo "$address: $shown (wanted: $mac)"
		[[ $shown == *"lladdr $mac"* ]] || return 1
	done
}

# mislead FOUR SIX: the client has learned them from those.
mislead() {
	local address
	for address in "$V4" "$V6" "$LL"; do
		ns client ip neigh replace "$address" dev eth0 nud stale \
			lladdr "$(mac_of "$(owner_of "$address" "$@")")"
	done
}

# learn: the client speaks to all three, so that it has entries.
learn() {
	ns client ping -c 1 -W 1 "$V4" && ns client ping -c 1 -W 1 "$V6" &&
		ns client ping -c 1 -W 1 "$LL%eth0"
}

# announced: the right ones told everybody of all three.
announced() {
	local mac address
	mac=$(mac_of "$W4")
	captured heal "arp.src.hw_mac == $mac && arp.src.proto_ipv4 == $V4 &&
		arp.dst.proto_ipv4 == $V4 && eth.dst == ff:ff:ff:ff:ff:ff" \
		frame.number | grep . || return 1
	mac=$(mac_of "$W6")
	for address in "$V6" "$LL"; do
		captured heal "icmpv6.type == 136 && eth.src == $mac &&
			ipv6.dst == ff02::1 && icmpv6.nd.na.flag.o == 1 &&
			icmpv6.nd.na.target_address == $address &&
			icmpv6.opt.linkaddr == $mac" frame.number |
			grep . || return 1
	done
}

# quiet FAMILY NS: the other one has sent five since its last advert.
quiet() {
	captured heal "vrrp && $1" eth.src |
		awk -v m="$(mac_of "$2")" '
			$1 == m { since = 0 }
			$1 != m { since++ }
			END { print since + 0, "since its last"
				exit !(since >= 5) }'
}

# begin A B PRIORITY PRIORITY: the two programs. Who is right: the higher
# priority, or the higher address (IPv6: link-local, which is what is spoken from).
begin() {
	W4=a W6=a L4=b L6=b
	if [ "$3" = "$4" ]; then
		W4=b L4=a
		[ "$HIGHER6" = a ] || W6=b L6=a
	fi
	conf "$1" "$3" >"$NET_DIR/a.conf"
	conf "$2" "$4" >"$NET_DIR/b.conf"
	start_"$1" a
	wait_for 10 "a has all the addresses" holds_vip a "$V4" "$V6" "$LL"
	start_"$2" b
}

end() {
	local name
	kill -TERM "${PID[a]}" "${PID[b]}"
	for name in a b; do
		wait_for 10 "$name ends" gone "${PID[$name]}"
		wait "${PID[$name]}" 2>/dev/null
		rm -f "$NET_DIR/$name".{pid,vrrp,check}
		check "and leaves nothing" lacks_vip "$name" "$V4" "$V6" "$LL"
	done
}

# story A B PRIORITY PRIORITY TEXT
story() {
	step "$5"
	begin "$@"
	wait_for 5 "the client reaches them" learn
	split
	wait_for 10 "cut: both have all of them" both
	holds_until "and stay so while both send" "lost 5" both
	mislead $L4 $L6
	check "the client's caches point to the wrong one" points $L4 $L6
	capture_start heal client
	heal
	wait_for 2 "healed: the right one is left" right
	wait_for 3 "the client's caches point to it" points $W4 $W6
	wait_for 3 "and need not have asked: all were announced" announced
	holds_until "it stays so until the other sends nothing more" \
		"quiet ip $L4" right
	holds_until "over IPv6 too" "quiet ipv6 $L6" right
	capture_stop heal
	check "what was sent is well-formed" clean_capture heal 10.79.0.1 \
		10.79.0.2 "$LINK_A" "$LINK_B"
	check "the client reaches them" learn
	end
}

LINK_A=$(link_local a)
LINK_B=$(link_local b)
HIGHER6=$(python3 - "$LINK_A" "$LINK_B" <<-'PY'
	import ipaddress, sys
	a, b = map(ipaddress.IPv6Address, sys.argv[1:])
	print("a" if a > b else "b")
PY
)
story evenkeel evenkeel 150 100 "ours and ours"
story evenkeel keepalived 150 100 "ours is better than keepalived"
story keepalived evenkeel 150 100 "keepalived is better than ours"
story evenkeel evenkeel 100 100 "equal: the higher address, ours and ours"
story evenkeel keepalived 100 100 "equal: ours and keepalived"
story keepalived evenkeel 100 100 "equal: keepalived and ours"
finish
