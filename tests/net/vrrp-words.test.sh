#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Words of keepalived's that change the host around an instance: the setting
# promote_secondaries, the names of interfaces, a start some time after the boot,
# adverts with a VRID that nobody has, links that drivers are asked for.
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

step "disable_local_igmp, garp_extra_if"
igmp() { [ "$(ns a cat /proc/sys/net/ipv4/igmp_link_local_mcast_reports)" = "$1" ]; }
ns a ip link add other type veth peer name rest
ns a ip link set other up
ns a ip link set rest up
{
	printf '%s\n' "global_defs {" disable_local_igmp "vrrp_rx_bufs_policy MTU" \
		"vrrp_netlink_monitor_rcv_bufs 100000" "vrrp_garp_extra_if all 0.5" "}"
	instance ONE 51 10.79.0.100/24
	instance TWO 52 "10.79.0.105/24 dev other"
} >"$NET_DIR/a.conf"
balancer_start a -P
wait_for 20 "a master" holds_vip a 10.79.0.100
check "no IGMP is sent" igmp 0
ns a tcpdump -l -n -i rest arp >"$NET_DIR/other.arp" 2>/dev/null &
CAPTURE=$!
told() { [ "$(grep -c "10.79.0.105 tell\|who-has 10.79.0.105" "$NET_DIR/other.arp")" -ge "$1" ]; }
wait_for 30 "an address elsewhere is announced again and again" told 14
kill "$CAPTURE"

step "a reload without them"
instance ONE 51 10.79.0.100/24 unicast_fault_no_peer "unicast_peer {" "}" >"$NET_DIR/a.conf"
kill -HUP "$BALANCER"
faulty() { grep -qF "MASTER -> FAULT (unicast without a peer)" "$NET_DIR/a.log"; }
wait_for 20 "unicast without a peer is a fault" faulty
check "IGMP is as it was" igmp 1

step "interface_up_down_delays"
{
	printf '%s\n' "interface_up_down_delays {" "eth0 0.3 0" "}"
	instance ONE 51 10.79.0.100/24
} >"$NET_DIR/a.conf"
kill -HUP "$BALANCER"
wait_for 20 "a master again" holds_vip a 10.79.0.100
DOWNS=$(grep -c "its link is down" "$NET_DIR/a.log")
ns a ip link set eth0 down
ns a ip link set eth0 up
downs() { [ "$(grep -c "its link is down" "$NET_DIR/a.log")" = "$1" ]; }
check "a link that bounces does no harm" downs "$DOWNS"
ns a ip link set eth0 down
wait_for 20 "one that stays down does" downs $((DOWNS + 1))
ns a ip link set eth0 up

# A dormant interface has a carrier, of which its driver tells, and the kernel does
# not call it running.
step "linkbeat"
linkbeat() { # LINE...
	{
		printf '%s\n' "$@"
		instance ONE 51 10.79.0.100/24
	} >"$NET_DIR/a.conf"
	kill -HUP "$BALANCER"
}
linkbeat
wait_for 20 "a master again" holds_vip a 10.79.0.100
ns a ip link set eth0 mode dormant
ns a ip link set eth0 down
ns a ip link set eth0 up
lacks_vip() { ! holds_vip a 10.79.0.100; }
wait_for 20 "a dormant interface is down by the kernel's word" lacks_vip
linkbeat "linkbeat_interfaces {" "eth0 ETHTOOL" "}"
wait_for 20 "and up by its driver's" holds_vip a 10.79.0.100
linkbeat
wait_for 20 "without the word the kernel's counts again" lacks_vip
linkbeat linkbeat_use_polling
wait_for 20 "its driver's, as all are asked" holds_vip a 10.79.0.100
linkbeat "linkbeat_interfaces {" "eth0 IOCTL" "}"
wait_for 20 "the flags are the kernel's word" lacks_vip
linkbeat "linkbeat_interfaces {" "eth0" "}"
wait_for 20 "a driver without MII is asked in the next way" holds_vip a 10.79.0.100
ns a ip link set eth0 down
wait_for 20 "an interface that is set down is down" lacks_vip
ns a ip link set eth0 mode default
ns a ip link set eth0 up

step "vrf"
ns a tcpdump -l -n -i other arp >"$NET_DIR/vrf.arp" 2>/dev/null &
CAPTURE=$!
printf '%s\n' "vrrp_instance ONE {" "vrf rest" "virtual_router_id 51" "priority 100" \
	"unicast_src_ip 10.79.0.1" "unicast_peer {" "10.79.0.2" "}" \
	"virtual_ipaddress {" "10.79.0.100/24 dev eth0" "}" "}" >"$NET_DIR/a.conf"
kill -HUP "$BALANCER"
# Nobody there answers for the peer's address.
through() { grep -q "who-has 10.79.0.2 tell 10.79.0.1" "$NET_DIR/vrf.arp"; }
wait_for 30 "unicast without an interface goes out of that device" through
kill "$CAPTURE"
stop "$BALANCER"
finish
