#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# auth_hmac between two daemons: one has its key in its file, the other in another
# one. The right key is heard, a wrong one is told of, and a key that comes with a
# reload mends it. No log and no print has a key.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/vrrp_lib.sh
. "$SRC/tests/net/vrrp_lib.sh"

net_build a b
VIP=10.79.0.100
KEY=6b6579206f662074776f2062616c616e6365727320746861742061677265652e
OTHER=6b6579206f662074776f2062616c616e6365727320746861742064697361677265
HMAC=("active_key 1" "time_window 300")
# conf NS PRIORITY KEY...
conf() {
	printf '%s\n' "vrrp_instance V {" "interface eth0" "virtual_router_id 51" \
		"priority $2" "version 3" "advert_int $VRRP_SECONDS" \
		"auth_hmac {" "${@:3}" "${HMAC[@]}" "}" \
		"virtual_ipaddress {" "$VIP" "}" "}" >"$NET_DIR/$1.conf"
}
key_file() {
	(umask 077 && echo "hex:$1" >"$NET_DIR/key.new")
	mv "$NET_DIR/key.new" "$NET_DIR/key"
}
only_a() { holds_vip a "$VIP" && ! holds_vip b "$VIP"; }
both() { holds_vip a "$VIP" && holds_vip b "$VIP"; }
logged() { grep -qF -- "$2" "$NET_DIR/$1.log"; }
assert_diagnose() { tail -n 10 "$NET_DIR"/{a,b}.log | cut -c1-180; }

step "both have the key"
conf a 150 "key 1 hex:$KEY"
conf b 100 "key 7 hex:$OTHER" "key 1 file:$NET_DIR/key"
key_file "$KEY"
balancer_start a -P
A=$BALANCER
wait_for 20 "the first is master" holds_vip a "$VIP"
balancer_start b -P
B=$BALANCER
vrrp() { "$EVENKEEL_BUILD/evenkeel" --run-dir "$NET_DIR/run.$1" vrrp --json; }
hears() { vrrp b | grep -qE '"adverts_received": ?[1-9]'; }
wait_for 20 "the other hears it" hears
check "and leaves the address to it" only_a

step "the file of one has another key"
key_file "$OTHER"
kill -HUP "$B"
wait_for 20 "nobody is believed" both
wait_for 20 "the other says why" logged b "dropped: wrong signature or key"
wait_for 20 "and what to look at" logged b "on the keys of auth_hmac"

step "the right one comes back"
key_file "$KEY"
kill -HUP "$B"
wait_for 20 "one is master again" only_a

step "no key at all"
rm "$NET_DIR/key"
kill -HUP "$B"
wait_for 20 "who cannot sign is in fault" logged b "-> FAULT (no key for auth_hmac)"
check "the other stays" only_a

step "one signs, and the other has no such block"
HMAC=()
conf b 100
sed -i '/^auth_hmac/,/^}/d' "$NET_DIR/b.conf"
kill -HUP "$B"
wait_for 20 "it says so" logged b "signed, and we have no auth_hmac"
wait_for 20 "the first one, too" logged a "dropped: not signed"

step "secrets"
"$EVENKEEL_BUILD/evenkeeld" -t -d -f "$NET_DIR/a.conf" >"$NET_DIR/printed" 2>&1
check "the block is printed" grep -q active_key "$NET_DIR/printed"
check_not "no key is told" grep -qiE "${KEY:0:16}|${OTHER:0:16}" \
	"$NET_DIR"/{a.log,b.log,printed}
for ONE in "$A" "$B"; do
	kill "$ONE"
	gone() { ! kill -0 "$ONE" 2>/dev/null; }
	wait_for 15 "it ends" gone
done
finish
