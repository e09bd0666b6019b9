#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The two halves of a pair no longer hear each other, and both serve. When they
# hear each other again one of them is left, the right one, within the time of
# the protocol, and everybody's ARP and neighbour caches point to it. Ours with
# ours, and with keepalived as the worse and as the better half.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/vrrp_lib.sh
. "$SRC/tests/net/vrrp_lib.sh"

net_build a b client
V4=10.79.0.100
V6=fd79::100
LL=fe80::100
INTERVAL=0.2
# How long a split may last once it is healed: an interval until the better one
# is heard, and what a busy host makes of it.
HEALED=2
declare -A PID

# conf PRIORITY
conf() {
	cat <<-END
		global_defs {
			router_id $1
		}
		vrrp_instance V4 {
			state BACKUP
			interface eth0
			virtual_router_id 51
			priority $1
			advert_int $INTERVAL
			version 3
			virtual_ipaddress {
				$V4/24
			}
		}
		vrrp_instance V6 {
			state BACKUP
			interface eth0
			virtual_router_id 51
			priority $1
			advert_int $INTERVAL
			version 3
			virtual_ipaddress {
				$LL/64
				$V6/64
			}
		}
	END
}

start_evenkeel() {
	nsenter --net="/run/netns/$1" -- "$EVENKEEL_BUILD/evenkeeld" -n -l -D \
		-P -f "$NET_DIR/$1.conf" --run-dir "$NET_DIR/run.$1" \
		>>"$NET_DIR/$1.log" 2>&1 &
	PID[$1]=$!
}
start_keepalived() {
	nsenter --net="/run/netns/$1" -- keepalived -n -l -D --vrrp \
		-f "$NET_DIR/$1.conf" -p "$NET_DIR/$1.pid" \
		-r "$NET_DIR/$1.vrrp" -c "$NET_DIR/$1.check" \
		>>"$NET_DIR/$1.log" 2>&1 &
	PID[$1]=$!
}
gone() { ! kill -0 "$1" 2>/dev/null; }
both() { holds_vip a $V4 $V6 $LL && holds_vip b $V4 $V6 $LL; }

# The cut is on the bridge, so neither half sees anything but silence, and the
# client sees both.
split() {
	ns wire nft -f - <<-END
		table bridge cut {
			chain forward {
				type filter hook forward priority 0
				ether type ip ip protocol vrrp drop
				ether type ip6 ip6 nexthdr vrrp drop
			}
		}
	END
}
heal() { ns wire nft delete table bridge cut; }

# points NS: the client's caches have that one's address for all three.
points() {
	local mac address shown
	mac=$(mac_of "$1")
	for address in $V4 $V6 $LL; do
		shown=$(ns client ip neigh show to "$address" dev eth0)
		echo "$address: $shown (wanted: $mac)"
		[[ $shown == *"lladdr $mac"* ]] || return 1
	done
}

# learn: the client speaks to all three, so that it has entries.
learn() {
	ns client ping -c 1 -W 1 $V4 && ns client ping -c 1 -W 1 $V6 &&
		ns client ping -c 1 -W 1 $LL%eth0
}

# mislead NS: the client has learned them from that one, the wrong one.
mislead() {
	local address mac
	mac=$(mac_of "$1")
	for address in $V4 $V6 $LL; do
		ns client ip neigh replace "$address" dev eth0 \
			lladdr "$mac" nud stale
	done
}

# announced NS: frames with its MAC told everybody of all three.
announced() {
	local mac
	mac=$(mac_of "$1")
	echo "not all announced by $mac:"
	captured heal "arp.src.hw_mac == $mac && arp.src.proto_ipv4 == $V4 &&
		arp.dst.proto_ipv4 == $V4 && eth.dst == ff:ff:ff:ff:ff:ff" \
		frame.number | grep -q . || return 1
	for address in $V6 $LL; do
		captured heal "icmpv6.type == 136 && eth.src == $mac &&
			ipv6.dst == ff02::1 && icmpv6.nd.na.flag.o == 1 &&
			icmpv6.nd.na.target_address == $address &&
			icmpv6.opt.linkaddr == $mac" frame.number |
			grep -q . || return 1
	done
}

# silent_since NS: after the first second of the healed wire that one sent no
# advert; the other did.
quiet() {
	captured heal vrrp eth.src frame.time_relative | awk -v m="$(mac_of "$1")" '
		$1 == m { last = $2 }
		$1 != m { other = $2 }
		END { print "its last after " last " s, the others after " other " s"
			exit !(other > last) }'
}

# story A B WINNER LOSER TEXT: programs, and who must be left. Priorities are in
# $NET_DIR/a.conf and b.conf.
story() {
	local winner=$3 loser=$4 name began
	step "$5"
	start_"$1" a
	start_"$2" b
	wait_for 10 "one has all the addresses" \
		only_holder "$winner" "$loser" $V4 $V6 $LL
	wait_for 5 "the client reaches them" learn
	split
	wait_for 10 "cut: both have all of them" both
	holds 1 "and stay so" both
	mislead "$loser"
	check "the client's caches point to the wrong one" points "$loser"
	capture_start heal client
	heal
	began=${EPOCHREALTIME/./}
	wait_for $HEALED "healed: the right one is left" \
		only_holder "$winner" "$loser" $V4 $V6 $LL
	echo "   $(((${EPOCHREALTIME/./} - began) / 1000)) ms after the cut was mended"
	wait_for 3 "the client's caches point to it" points "$winner"
	check "without asking: all were announced" announced "$winner"
	holds 1 "it stays so" only_holder "$winner" "$loser" $V4 $V6 $LL
	capture_stop heal
	check "the other says nothing any more" quiet "$loser"
	check "the client reaches them" learn
	for name in a b; do
		kill -TERM "${PID[$name]}"
	done
	for name in a b; do
		wait_for 10 "$name ends" gone "${PID[$name]}"
		wait "${PID[$name]}" 2>/dev/null
		rm -f "$NET_DIR/$name".{pid,vrrp,check}
	done
	check "and leaves nothing" lacks_vip a $V4 $V6 $LL
	check "nor does b" lacks_vip b $V4 $V6 $LL
}

link_local a >/dev/null
link_local b >/dev/null
conf 150 >"$NET_DIR/a.conf"
conf 100 >"$NET_DIR/b.conf"
story evenkeel evenkeel a b "ours and ours"
story evenkeel keepalived a b "ours is better than keepalived"
story keepalived evenkeel a b "keepalived is better than ours"
finish
