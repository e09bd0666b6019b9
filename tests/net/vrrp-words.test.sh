#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Words of keepalived's that change the host around an instance: the setting
# promote_secondaries, the names of interfaces, a start some time after the boot,
# adverts with a VRID that nobody has.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/vrrp_lib.sh
. "$SRC/tests/net/vrrp_lib.sh"

net_build a b
# instance NAME VRID VIP WORD...
instance() {
	printf '%s\n' "vrrp_instance $1 {" "interface eth0" "virtual_router_id $2" \
		"priority 100" "version 3" "advert_int 0.2" "virtual_ipaddress {" "$3" \
		"}" "${@:4}" "}"
}
promotes() { [ "$(ns a cat /proc/sys/net/ipv4/conf/eth0/promote_secondaries)" = "$1" ]; }
gone() { ! kill -0 "$1" 2>/dev/null; }
stop() {
	kill "$1"
	wait_for 15 "the balancer ends" gone "$1"
}
assert_diagnose() { tail -n 10 "$NET_DIR/a.log" | cut -c1-180; }

step "promote_secondaries and vmac_prefix"
ns a sh -c 'echo 0 >/proc/sys/net/ipv4/conf/eth0/promote_secondaries'
{
	printf '%s\n' "global_defs {" "vmac_prefix virt" "log_unknown_vrids" "}"
	instance ONE 51 10.79.0.100/24 promote_secondaries
	instance TWO 52 10.79.0.101/24 use_vmac
} >"$NET_DIR/a.conf"
balancer_start a -P
wait_for 20 "a master" holds_vip a 10.79.0.100
check "has the setting switched on" promotes 1
has_link() { ip -n a link show virt.52 >/dev/null 2>&1; }
wait_for 20 "the interface is called after the prefix" has_link

step "log_unknown_vrids"
FIRST=$BALANCER
instance OTHER 99 10.79.0.102/24 >"$NET_DIR/b.conf"
balancer_start b -P
logged() { grep -qF "10.79.0.2: an advert with VRID 99, which no instance here has" "$NET_DIR/a.log"; }
wait_for 20 "a stranger is told of" logged
stop "$BALANCER"
stop "$FIRST"
check "the host's own setting is back at the end" promotes 0

step "vrrp_delay_after_boot"
UP=$(cut -d . -f 1 /proc/uptime)
{
	printf '%s\n' "global_defs {" "vrrp_delay_after_boot $((UP + 86000 > 86400 ? 86400 : UP + 86000))" "}"
	instance ONE 51 10.79.0.100/24
} >"$NET_DIR/a.conf"
balancer_start a -P
waits() { grep -qF "runs 1 instances" "$NET_DIR/a.log"; }
wait_for 20 "it has begun" waits
check_not "and has no address" holds_vip a 10.79.0.100
stop "$BALANCER"
{
	printf '%s\n' "global_defs {" "vrrp_delay_after_boot 1" "}"
	instance ONE 51 10.79.0.100/24
} >"$NET_DIR/a.conf"
balancer_start a -P
wait_for 20 "a boot that is longer ago counts for nothing" holds_vip a 10.79.0.100
stop "$BALANCER"
finish
