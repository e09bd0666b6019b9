#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# long: yes
# Two balancers whose files disagree: each hears nobody that counts, and both
# are master, or a stranger's address is left alone. What is the matter is in the
# log that a daemon without any option writes, and in `evenkeel vrrp`.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/vrrp_lib.sh
. "$SRC/tests/net/vrrp_lib.sh"

net_build a b
VIP=10.79.0.100
declare -A PID

# conf NS PRIORITY VERSION VIP VRID WORDS...: one instance.
conf() {
	# shellcheck disable=SC2086
	cat >"$NET_DIR/$1.conf" <<-END
		vrrp_instance V {
			interface eth0
			virtual_router_id $5
			priority $2
			advert_int 1
			version $3
			virtual_ipaddress {
				$(printf '%s\n' $4)
			}
			$(printf '%s\n' "${@:6}")
		}
	END
}
password() { printf 'authentication {\nauth_type PASS\nauth_pass %s\n}\n' "$1"; }
unicast() { printf 'unicast_src_ip %s\nunicast_peer {\n%s\n}\n' "$1" "$2"; }

start() {
	local name
	for name; do
		nsenter --net="/run/netns/$name" -- "$EVENKEEL_BUILD/evenkeeld" \
			-n -l -P -f "$NET_DIR/$name.conf" \
			--run-dir "$NET_DIR/run.$name" >"$NET_DIR/$name.log" 2>&1 &
		PID[$name]=$!
	done
}
gone() { ! kill -0 "$1" 2>/dev/null; }
stop() {
	local name
	for name in "${!PID[@]}"; do
		kill -TERM "${PID[$name]}"
		wait_for 15 "$name ends" gone "${PID[$name]}"
	done
	PID=()
}
vrrp() { "$EVENKEEL_BUILD/evenkeel" --run-dir "$NET_DIR/run.$1" vrrp; }
both_hold() { holds_vip a "$VIP" && holds_vip b "$VIP"; }
# warned NS WORD...: its log has one warning with all of these.
warned() {
	local lines word
	lines=$(grep 'warning:.*vrrp' "$NET_DIR/$1.log" ||
		grep -i 'warning' "$NET_DIR/$1.log")
	for word in "${@:2}"; do
		lines=$(grep -F -- "$word" <<<"$lines")
	done
	[ -n "$lines" ]
}
# shown NS WORD...
shown() {
	local word
	vrrp "$1" >"$NET_DIR/shown"
	for word in "${@:2}"; do
		grep -qF -- "$word" "$NET_DIR/shown" || return 1
	done
}
# split TEXT REASON KEYWORD: both are master, and say so.
split() {
	local name
	start a b
	wait_for 20 "$1: both are master" both_hold
	for name in a b; do
		wait_for 15 "$name's log says why, and what follows" \
			warned $name "$2" "two masters" "$3"
		check "so does evenkeel vrrp" shown $name dropped "$2"
	done
	stop
}

step "files that disagree"
conf a 150 2 $VIP 51 "$(password one)"
conf b 100 2 $VIP 51 "$(password two)"
split "another password" "wrong password" auth_pass
conf a 150 2 $VIP 51
conf b 100 3 $VIP 51
split "another version" "wrong version" version
conf a 150 3 $VIP 51
conf b 100 3 $VIP 52
split "another virtual_router_id" "our address, another virtual router" \
	virtual_router_id
conf a 150 3 $VIP 51 "$(unicast 10.79.0.1 10.79.0.2)"
conf b 100 3 $VIP 51
split "unicast against multicast" "unicast against multicast" unicast_peer
link_local a >/dev/null
link_local b >/dev/null
VIP=fd79::100
conf a 150 3 "fe80::100/64 $VIP/64" 51 "$(unicast fd79::1 fd79::2)"
conf b 100 3 "fe80::100/64 $VIP/64" 51
sed -i "s/unicast_src_ip .*/unicast_src_ip $(link_local a)/; s/^\t*fd79::2$/$(link_local b)/; s/^fd79::2$/$(link_local b)/" \
	"$NET_DIR/a.conf"
split "the same over IPv6" "unicast against multicast" unicast_peer

step "another pair with our virtual_router_id"
VIP=10.79.0.100
conf a 150 3 $VIP 51
conf b 100 3 10.79.0.200 51
start a
wait_for 20 "the better one is master" holds_vip a $VIP
start b
wait_for 20 "the other one is master of its own address" holds_vip b 10.79.0.200
wait_for 10 "and says whom it does not obey" warned b "none of our addresses" \
	10.79.0.1 virtual_router_id
check "neither has lost its address" holds_vip a $VIP
check "which evenkeel vrrp counts" shown b "none of our addresses"
stop

# beside TEXT: both are master of their own, and b has been heard of by a.
beside() {
	start a b
	wait_for 20 "$1: each is master of its own" beside_hold
	capture_start beside b # a bridge shows no unicast
	wait_for 15 "both speak" beside_speak
	capture_stop beside
	check_not "nobody speaks of two masters" \
		grep -q "two masters" "$NET_DIR/a.log" "$NET_DIR/b.log"
}
beside_hold() { holds_vip a "$VIP" && holds_vip b 10.79.0.200; }
beside_speak() {
	count_adverts beside "ip.src == 10.79.0.1" 4 &&
		count_adverts beside "ip.src == 10.79.0.2" 4
}
conf a 150 2 $VIP 51
beside "in another version"
wait_for 10 "but of another pair" warned a "another pair"
stop
conf a 150 3 $VIP 51 "$(unicast 10.79.0.1 10.79.0.2)"
beside "the one by unicast"
check_not "nor is the other pair anybody's business" grep -q "another pair" \
	"$NET_DIR/a.log"
stop

step "the address of the service put there by hand, before the host's own"
# by_hand NS OWN: as somebody would without knowing better.
by_hand() {
	ns "$1" sh -c 'echo 0 >/proc/sys/net/ipv4/conf/all/promote_secondaries
		echo 0 >/proc/sys/net/ipv4/conf/eth0/promote_secondaries'
	ns "$1" ip -4 addr flush dev eth0
	ns "$1" ip addr add $VIP/24 dev eth0
	ns "$1" ip addr add "$2/24" dev eth0
}
conf a 150 3 $VIP 51
conf b 100 3 $VIP 51
start b
wait_for 20 "the peer is master" holds_vip b $VIP
capture_start byhand wire
by_hand a 10.79.0.1
start a
in_fault() { shown a FAULT "no address to send from"; }
wait_for 15 "ours has no address left to send from, which is a fault" in_fault
check "the log says what took it along" warned a $VIP 10.79.0.1 \
	promote_secondaries
ns a ip addr add 10.79.0.1/24 dev eth0
wait_for 20 "with one of its own it is master" only_holder a b $VIP
capture_stop byhand
check "it has spoken" eval \
	"captured byhand 'vrrp && ip.src == 10.79.0.1' frame.number | grep -q ."
check_equal "never from the virtual address" "" \
	"$(captured byhand "vrrp && ip.src == $VIP" frame.number)"
stop
check "the end leaves no sanitizer's report" \
	sh -c "! grep -l 'Sanitizer\|runtime error' '$NET_DIR'/*.log"
finish
