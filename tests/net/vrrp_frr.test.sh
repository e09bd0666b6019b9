#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# FRR's vrrpd as the other half of the pair: version 2, version 3 over IPv4 and
# over IPv6, all with its virtual MAC. An address is FRR's while the interface
# that has it is up.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/vrrp_lib.sh
. "$SRC/tests/net/vrrp_lib.sh"

net_build a b
VIPS="10.79.0.100 fd79::100 10.79.0.102"
FRR=$NET_DIR/frr

# FRR's daemons want to be of a group that this test's root need not be in.
grep -v '^frr' /etc/group >"$NET_DIR/group"
printf 'frrvty:x:107:root\nfrr:x:108:root\n' >>"$NET_DIR/group"
mount --bind "$NET_DIR/group" /etc/group

# frr_interface NAME MAC ADDRESS: as its manual says, made beforehand.
frr_interface() {
	ip -n b link add "$1" link eth0 type macvlan mode bridge
	ip -n b link set dev "$1" addrgenmode random
	ip -n b link set dev "$1" address "$2"
	ip -n b addr add "$3" dev "$1" nodad 2>/dev/null ||
		ip -n b addr add "$3" dev "$1"
	ip -n b link set dev "$1" up
}
frr_interface vrrp4 00:00:5e:00:01:33 10.79.0.100/24
frr_interface vrrp6 00:00:5e:00:02:33 fd79::100/64
frr_interface vrrp2 00:00:5e:00:01:34 10.79.0.102/24

# frr_config PRIORITY
frr_config() {
	cat <<-END
		interface eth0
		 vrrp 51 version 3
		 vrrp 51 priority $1
		 vrrp 51 advertisement-interval $VRRP_INTERVAL
		 vrrp 51 ip 10.79.0.100
		 vrrp 51 ipv6 fd79::100
		 vrrp 52 version 2
		 vrrp 52 priority $1
		 vrrp 52 advertisement-interval 1000
		 vrrp 52 ip 10.79.0.102
	END
}
frr_start() {
	local daemon
	rm -rf "$FRR" && mkdir "$FRR"
	: >"$FRR/zebra.conf"
	frr_config 100 >"$FRR/vrrpd.conf"
	for daemon in zebra vrrpd; do
		nsenter --net=/run/netns/b -- /usr/lib/frr/$daemon -u root \
			-g root -z "$FRR/zserv" --vty_socket "$FRR" \
			-f "$FRR/$daemon.conf" -i "$FRR/$daemon.pid" \
			>>"$NET_DIR/b.log" 2>&1 &
		poll 10 listens "$FRR/$daemon.vty" b ||
			assert_fail "$daemon listens"
	done
}
frr_priority() {
	ns b vtysh --vty_socket "$FRR" -c "configure terminal" \
		-c "interface eth0" -c "vrrp 51 priority $1" \
		-c "vrrp 52 priority $1"
}
link_is() { [[ $(ns b ip -br link show dev "$1") =~ ^[^\ ]+\ +$2\  ]]; }
frr_has_all() { link_is vrrp4 UP && link_is vrrp6 UP && link_is vrrp2 UP; }
frr_has_none() {
	link_is vrrp4 DOWN && link_is vrrp6 DOWN && link_is vrrp2 DOWN
}
# shellcheck disable=SC2086
ours_has_all() { holds_vip a $VIPS && frr_has_none; }
# shellcheck disable=SC2086
theirs_has_all() { lacks_vip a $VIPS && frr_has_all; }

ours() {
	cat >"$NET_DIR/a.conf" <<-END
		instance V4
		vrid 51
		priority $1
		interval ${VRRP_INTERVAL}000
		vip 10.79.0.100/24
		instance V6
		vrid 51
		priority $1
		interval ${VRRP_INTERVAL}000
		vip fd79::100/64
		instance V2
		version 2
		vrid 52
		priority $1
		vip 10.79.0.102/24
	END
}

link_local a >/dev/null
capture_start wire wire
step "FRR is there first"
frr_start
wait_for 12 "alone, it has all" theirs_has_all
ours 150
vrrp_start a
wait_for 8 "ours is better, and takes all" ours_has_all

step "stop, kill"
vrrp_stop a
wait_for 3 "ours stops: FRR has all, within the skew" theirs_has_all
vrrp_start a
wait_for 8 "ours is back, and takes all" ours_has_all
kill -9 "$(vrrp_pid a)"
wait_for 8 "ours is killed: FRR takes all" frr_has_all
ours 50
vrrp_start a
wait_for 5 "ours starts anew, and takes no part of it" theirs_has_all
# shellcheck disable=SC2086
holds_adverts a V2 received 4 "nor later" lacks_vip a $VIPS

step "changed priority"
ours 150
vrrp_say a reload
wait_for 8 "ours is raised: it takes all" ours_has_all
frr_priority 200
wait_for 8 "FRR is raised: it takes all" theirs_has_all
frr_priority 120
wait_for 8 "FRR is lowered: ours takes all" ours_has_all

step "lost link"
ip -n wire link set dev a down
# shellcheck disable=SC2086
wait_for 3 "ours gives all up" lacks_vip a $VIPS
wait_for 8 "FRR takes all" frr_has_all
ip -n wire link set dev a up
wait_for 12 "the link is back: ours takes all" ours_has_all

step "FRR dies"
frr_priority 200
wait_for 8 "FRR is raised: it takes all" theirs_has_all
kill -9 "$(cat "$FRR/vrrpd.pid")"
# shellcheck disable=SC2086
wait_for 8 "FRR is killed: ours takes all" holds_vip a $VIPS

capture_stop wire
check "nothing that ours sent is odd to Wireshark" clean_capture wire \
	10.79.0.1 "$(link_local a)"
vrrp_stop a
finish
