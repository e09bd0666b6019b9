#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# keepalived as the other half of the pair, in five ways at once: version 2
# with a password, version 3 over IPv4, over IPv6, unicast over both. Through
# start, stop, kill, lost link, changed priority and preemption both always
# agree on who holds the addresses.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/vrrp_lib.sh
. "$SRC/tests/net/vrrp_lib.sh"

net_build a b
VIPS="10.79.0.100 10.79.0.101 fe80::100 fd79::100 10.79.0.103 fd79::104"

# ours PRIORITY, theirs PRIORITY: the two configurations.
ours() {
	cat >"$NET_DIR/a.conf" <<-END
		instance V2
		version 2
		vrid 51
		priority $1
		auth s3cret
		vip 10.79.0.100/24
		instance V4
		vrid 52
		priority $1
		interval ${VRRP_INTERVAL}000
		vip 10.79.0.101/24
		instance V6
		vrid 52
		priority $1
		interval ${VRRP_INTERVAL}000
		vip fe80::100/64
		vip fd79::100/64
		instance U4
		vrid 53
		priority $1
		interval ${VRRP_INTERVAL}000
		source 10.79.0.1
		peer 10.79.0.2
		vip 10.79.0.103/24
		instance U6
		vrid 54
		priority $1
		interval ${VRRP_INTERVAL}000
		source fd79::1
		peer fd79::2
		vip fd79::104/64
	END
}

their_instance() {
	cat <<-END
		vrrp_instance $1 {
			state BACKUP
			interface eth0
			virtual_router_id $2
			priority $3
			advert_int $4
			version $5
			$6
			virtual_ipaddress {
				$7
				${8:-}
			}
		}
	END
}
theirs() {
	cat >"$NET_DIR/b.conf" <<-END
		global_defs {
			router_id b
		}
		$(their_instance V2 51 "$1" 1 2 "authentication {
			auth_type PASS
			auth_pass s3cret
		}" 10.79.0.100/24)
		$(their_instance V4 52 "$1" "$VRRP_SECONDS" 3 "" 10.79.0.101/24)
		$(their_instance V6 52 "$1" "$VRRP_SECONDS" 3 "" fe80::100/64 fd79::100/64)
		$(their_instance U4 53 "$1" "$VRRP_SECONDS" 3 "unicast_src_ip 10.79.0.2
		unicast_peer {
			10.79.0.1
		}" 10.79.0.103/24)
		$(their_instance U6 54 "$1" "$VRRP_SECONDS" 3 "unicast_src_ip fd79::2
		unicast_peer {
			fd79::1
		}" fd79::104/64)
	END
}

keepalived_start() {
	nsenter --net=/run/netns/b -- keepalived -n -l -D -f "$NET_DIR/b.conf" \
		-p "$NET_DIR/b.pid" -r "$NET_DIR/b.vrrp" -c "$NET_DIR/b.check" \
		--vrrp >>"$NET_DIR/b.log" 2>&1 &
	KEEPALIVED=$!
}
keepalived_gone() { ! kill -0 "$KEEPALIVED" 2>/dev/null; }
# agreed WHO OTHER: the kernel of WHO has all addresses, that of OTHER none.
# shellcheck disable=SC2086
agreed() { only_holder "$1" "$2" $VIPS; }

link_local a >/dev/null
link_local b >/dev/null
capture_start wire wire

step "start: ours is better"
ours 150
theirs 100
vrrp_start a
keepalived_start
wait_for 8 "ours holds all" agreed a b
# shellcheck disable=SC2086
holds_adverts a V2 sent 4 "and theirs leaves it so" lacks_vip b $VIPS

step "stop and preemption"
vrrp_stop a
wait_for 3 "ours stops: theirs holds all, within the skew" agreed b a
vrrp_start a
wait_for 8 "ours is back, and takes all" agreed a b

step "kill"
kill -9 "$(vrrp_pid a)"
# shellcheck disable=SC2086
wait_for 8 "ours is killed: theirs takes all" holds_vip b $VIPS
# shellcheck disable=SC2086
check "what ours held is left behind" holds_vip a $VIPS
ours 50
vrrp_start a
wait_for 5 "ours starts anew, and takes no part of it" agreed b a
check "leftovers are named" grep -q "left by an earlier process" "$NET_DIR/a.log"

step "changed priority"
ours 150
vrrp_say a reload
wait_for 8 "raised by a reload: ours takes all" agreed a b
ours 50
vrrp_say a reload
wait_for 8 "lowered while master: theirs takes all" agreed b a
theirs 30
kill -HUP "$KEEPALIVED"
wait_for 8 "theirs lowered too: ours takes all" agreed a b

step "lost link"
ip -n wire link set dev a down
# shellcheck disable=SC2086
wait_for 3 "ours gives all up" lacks_vip a $VIPS
# shellcheck disable=SC2086
wait_for 8 "theirs takes all" holds_vip b $VIPS
check "ours calls it a fault" vrrp_is a V4 FAULT
ip -n wire link set dev a up
wait_for 12 "the link is back: ours takes all" agreed a b

step "theirs dies"
theirs 200
kill -HUP "$KEEPALIVED"
wait_for 8 "theirs raised: it takes all" agreed b a
kill -TERM "$KEEPALIVED"
wait_for 3 "theirs stops: ours takes all, within the skew" agreed a b
poll 5 keepalived_gone
keepalived_start
wait_for 8 "theirs is back, and takes all" agreed b a
pkill -9 -P "$KEEPALIVED"
kill -9 "$KEEPALIVED"
# shellcheck disable=SC2086
wait_for 8 "theirs is killed: ours takes all" holds_vip a $VIPS

capture_stop wire
check "nothing that ours sent is odd to Wireshark" clean_capture wire \
	10.79.0.1 "$(link_local a)" fd79::1
vrrp_stop a
check "the end leaves no sanitizer's report" \
	sh -c "! grep -l 'Sanitizer\|runtime error' '$NET_DIR'/*.log"
finish
