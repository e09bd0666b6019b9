#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Announced addresses: a director, where FRR announces what is on one interface
# as the guide has it, and a router, where FRR says which routes it has learnt.
# There is no IPVS here: the group is announced "always", after the patience of
# a start. Where the kernel has no dummy interfaces, others stand for them.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"

net_build a r
RUN=$NET_DIR/run
CONF=$NET_DIR/evenkeel.conf
LOG=$NET_DIR/log
VIP=203.0.113.10
VIP6=2001:db8:5::10
chmod 755 "$NET_DIR"

ctl() { ns a "$EVENKEEL_BUILD/evenkeel" --run-dir "$RUN" "$@"; }
logged() { grep -qF -- "$1" "$LOG"; }
gone() { ! kill -0 "$1" 2>/dev/null; }
# on IFNAME ADDRESS
on() { ns a ip -o addr show dev "$1" 2>/dev/null | grep -qF " $2/"; }
off() { ! on "$@"; }
nowhere() { ! ns a ip -o addr | grep -qF " $1/"; }
delivers() { ns a ip route show table local proto 99 2>/dev/null | grep -qF "$1" ||
	ns a ip -6 route show table local proto 99 | grep -qF "$1"; }
delivers_not() { ! delivers "$1"; }

arp_ignore() { ns a cat /proc/sys/net/ipv4/conf/all/arp_ignore; }

frr_start() { # NS CONFIG
	local daemon dir=$NET_DIR/frr-$1
	mkdir -p "$dir"
	: >"$dir/zebra.conf"
	cat >"$dir/bgpd.conf"
	for daemon in zebra bgpd; do
		nsenter --net="/run/netns/$1" -- /usr/lib/frr/$daemon -u root \
			-g root -z "$dir/zserv" --vty_socket "$dir" \
			-f "$dir/$daemon.conf" -i "$dir/$daemon.pid" \
			>>"$NET_DIR/$1.log" 2>&1 &
		poll 10 listens "$dir/$daemon.vty" "$1" ||
			assert_fail "$daemon listens"
	done
}
frr_show() { ns r vtysh --vty_socket "$NET_DIR/frr-r" -c "$1"; }
# routed ADDRESS, routed_not ADDRESS: the router has a route to it, or none.
routed() { frr_show "show bgp ipv4 unicast $1/32" | grep -qF "from 10.79.0.1"; }
routed_not() { ! routed "$1"; }
routed_med() { frr_show "show bgp ipv4 unicast $1/32" | grep -qF "metric $2"; }

grep -v '^frr' /etc/group >"$NET_DIR/group"
printf 'frrvty:x:107:root\nfrr:x:108:root\n' >>"$NET_DIR/group"
mount --bind "$NET_DIR/group" /etc/group

conf() { # WHAT... in the group
	cat >"$CONF" <<-END
		announce_group databases {
			interface evk-up
			drain_interface evk-drain
			virtual_ipaddress {
				$VIP
				$VIP6
			}
			when always
			announce_delay 0.2
			withdraw_delay 0.1
			$1
		}
		virtual_server $VIP 3306 {
			protocol TCP
			lvs_sched wlc
			lvs_method DR
			announce databases
			real_server 10.79.0.2 3306 {
				TCP_CHECK {
				}
			}
		}
	END
}
start() { # [COMMAND that runs it]
	# No function stands between: the process is to be the daemon itself.
	nsenter --net=/run/netns/a -- "$@" "$EVENKEEL_BUILD/evenkeeld" -n -l -D \
		-f "$CONF" --run-dir "$RUN" >>"$LOG" 2>&1 &
	DAEMON=$!
	wait_for 20 "the daemon answers" eval "ctl announce >/dev/null 2>&1"
}
finish_off() { # SIGNAL
	kill "-$1" "$DAEMON"
	wait_for 20 "the daemon is gone" gone "$DAEMON"
}
announced() { on evk-up "$VIP" && on evk-up "$VIP6" && off evk-drain "$VIP"; }
says() { ctl --json announce | tr -d ' \n' | grep -qF -- "$1"; }

step "routers"
frr_start a <<-END
	router bgp 65001
	 bgp router-id 10.79.0.1
	 no bgp ebgp-requires-policy
	 bgp graceful-restart-disable
	 neighbor 10.79.0.2 remote-as 65000
	 neighbor 10.79.0.2 timers 3 9
	 neighbor 10.79.0.2 timers connect 1
	 address-family ipv4 unicast
	  redistribute connected route-map EVENKEEL
	 exit-address-family
	route-map EVENKEEL permit 10
	 match interface evk-up
	route-map EVENKEEL permit 20
	 match interface evk-drain
	 set metric 1000
END
frr_start r <<-END
	router bgp 65000
	 bgp router-id 10.79.0.2
	 no bgp ebgp-requires-policy
	 neighbor 10.79.0.1 remote-as 65001
	 neighbor 10.79.0.1 timers 3 9
	 neighbor 10.79.0.1 timers connect 1
END
wait_for 30 "they speak" eval \
	"frr_show 'show bgp summary json' | grep -qF Established"

step "an interface that cannot be made, and one that is made"
conf ""
IFB=
if ! ns a ip link add probe0 type dummy 2>/dev/null; then
	start
	wait_for 20 "the log says what to do" logged "load the module dummy"
	check "and so does the command" says '"trouble":"thereisnointerface'
	IFB=yes
	for dev in evk-up evk-drain; do
		ns a ip link add $dev type ifb
		ns a ip link set $dev up
	done
else
	ns a ip link del probe0
	start
fi
wait_for 60 "the address is announced" announced
check "by a dummy interface that is up" eval \
	"ns a ip -br link show dev evk-up | grep -q UP"
check "and delivered" delivers $VIP
check "so is the IPv6 one" delivers $VIP6
check_equal "ARP is answered for it on no other interface" 1 \
	"$(arp_ignore)"
wait_for 30 "the router has the route" routed $VIP
check "the command says so" says '"announced":true'
check "for people too" eval "ctl announce | grep -q $VIP"

step "repairs"
ns a ip addr del $VIP/32 dev evk-up
wait_for 20 "an address that is removed comes back" announced
wait_for 20 "and is said" logged "was removed from evk-up by somebody else"
ns a ip addr add $VIP/32 dev evk-drain
wait_for 20 "on one interface only" announced
ns a ip route del local $VIP/32 dev lo table local proto 99
wait_for 30 "a route that delivers comes back" delivers $VIP

step "an address of the administrator's on the same interface"
ns a ip addr add $VIP/24 dev evk-up
wait_for 30 "is said" logged "$VIP/24 is on evk-up as well"
check "drain" ctl drain --director
wait_for 30 "evenkeel's own is off" eval \
	"! ns a ip -o addr show dev evk-up | grep -qF '$VIP/32'"
check "and the administrator's stays" eval \
	"ns a ip -o addr show dev evk-up | grep -qF '$VIP/24'"
ns a ip addr del $VIP/24 dev evk-up
check "ready" ctl ready --director
wait_for 60 "announced" announced
# said_again TEXT: the log has it more than once.
said_again() { [ "$(grep -cF -- "$1" "$LOG")" -gt 1 ]; }
ns a ip addr add $VIP/24 dev evk-up
wait_for 30 "another one later is said again" \
	said_again "$VIP/24 is on evk-up as well"
ns a ip addr del $VIP/24 dev evk-up

step "an interface that somebody sets down"
for dev in evk-drain evk-up; do
	ns a ip link set $dev down
	wait_for 30 "the log says that $dev is down" logged \
		"the interface $dev is down"
	wait_for 30 "and so does the command" says \
		"\"trouble\":\"theinterface$dev"
	ns a ip link set $dev up
	wait_for 30 "its trouble is over" says '"trouble":null'
done
wait_for 60 "the IPv6 address, which the kernel took off, is back" announced
wait_for 60 "and the router has the route" routed $VIP

step "an interface that somebody deletes"
ns a ip link del evk-up
wait_for 30 "the log says that its addresses are gone" logged \
	"$VIP was removed from evk-up by somebody else"
[ -z "$IFB" ] || {
	wait_for 30 "the command says what is missing" says \
		'"trouble":"thereisnointerfaceevk-up'
	check "it is delivered all the same" delivers $VIP
	ns a ip link add evk-up type ifb
	ns a ip link set evk-up up
}
wait_for 60 "the addresses are on a new one" announced
wait_for 60 "and the router has the route" routed $VIP

step "kill -9, and the next daemon"
nsenter --net=/run/netns/a -- ip monitor address >"$NET_DIR/changes" &
MONITOR=$!
finish_off KILL
check "the address stays" announced
start
wait_for 20 "it is found" logged "found on evk-up, and goes on as it is"
check "without a change" announced
wait_for 20 "the next audit has run" says '"trouble":null'
kill $MONITOR
check_equal "nothing was changed in between" "" \
	"$(grep -F $VIP "$NET_DIR/changes")"

step "drain this balancer"
check "drain" ctl drain --director
check "it is on the other interface" on evk-drain $VIP
check "and on no other" off evk-up $VIP
check "it is delivered" delivers $VIP
check "the command says so" says '"drained":true'
wait_for 30 "the router has it as the worse one" routed_med $VIP 1000
check_not "of no server" ctl drain
check_not "of a server and the balancer" ctl drain --director 10.79.0.2
finish_off KILL
start
check "a restart keeps the drain" says '"drained":true'
check "and the place" on evk-drain $VIP
check "ready" ctl ready --director
wait_for 30 "it is announced again" announced
wait_for 30 "as before" routed_med $VIP 0
check_not "the drain is forgotten" test -e "$RUN/state.json.drained"

step "a reload"
LINES=$(wc -l <"$LOG")
logged_since_reload() { tail -n "+$((LINES + 1))" "$LOG" | grep -qF -- "$1"; }
sed -i '/drain_interface/d' "$CONF"
kill -HUP "$DAEMON"
wait_for 20 "it is in force" logged "is in force"
check "nothing is withdrawn" announced
check "drain without another interface" ctl drain --director
check "is a withdrawal" nowhere $VIP
check "the route that delivers stays" delivers $VIP
wait_for 30 "the router has no route then" routed_not $VIP
check "ready" ctl ready --director
wait_for 30 "announced" announced
conf "lease 6"
kill -HUP "$DAEMON"
lease() { ns a ip -o addr show dev evk-up | grep -F " $VIP/" | grep -qE 'valid_lft [1-6]sec'; }
wait_for 20 "a lease" lease
# What the router was told of until now.
updates() { frr_show "show bgp neighbors 10.79.0.1 json" | grep -o '"updatesRecv":[0-9]*'; }
nsenter --net=/run/netns/a -- ip monitor address >"$NET_DIR/renewals" &
MONITOR=$!
# renewed TIMES: by what the kernel tells whoever listens.
renewed() { [ "$(grep -cF " $VIP/" "$NET_DIR/renewals")" -ge "$1" ]; }
wait_for 20 "it is renewed" renewed 1
UPDATES=$(updates)
wait_for 20 "and again, three times" renewed 4
check_equal "the router was told nothing" "$UPDATES" "$(updates)"
check_not "of updates that it counts" test -z "$UPDATES"
kill $MONITOR
if ns a ip link show dev evk-drain >/dev/null; then
	conf "lease 6
		interface evk-drain"
	sed -i '/drain_interface/d' "$CONF"
	kill -HUP "$DAEMON"
	wait_for 20 "another interface" on evk-drain $VIP
	check "and that one only" off evk-up $VIP
	conf "lease 6"
	kill -HUP "$DAEMON"
	wait_for 20 "back" announced
fi

check_not "no move of a reload is taken for somebody else's" eval \
	"logged_since_reload 'by somebody else'"

step "a daemon that stands still for longer than its lease"
LINES=$(wc -l <"$LOG")
kill -STOP "$DAEMON"
wait_for 30 "the kernel takes the address off" off evk-up $VIP
wait_for 30 "the router has no route" routed_not $VIP
check "of which it was told" test "$UPDATES" != "$(updates)"
check "it is delivered all the same" delivers $VIP
kill -CONT "$DAEMON"
wait_for 30 "it begins anew" logged_since_reload "not announced: its lease ran out"
wait_for 30 "and announces" announced
wait_for 30 "the router has the route" routed $VIP
check_not "nobody else is said to have done it" logged_since_reload "by somebody else"
finish_off KILL

step "a stop, and a file without the group"
conf ""
start
wait_for 60 "announced" announced
finish_off TERM
check "a stop withdraws" nowhere $VIP
check "and goes on to deliver, as the table stays" delivers $VIP
start
wait_for 60 "announced" announced
finish_off KILL

step "a start with one more address"
LINES=$(wc -l <"$LOG")
sed -i "s/^\(\s*\)$VIP\$/&\n\1203.0.113.11/" "$CONF"
start
wait_for 60 "it is announced" on evk-up 203.0.113.11
check_not "it is not taken for one that somebody removed" \
	logged_since_reload "by somebody else"
check_equal "ARP is answered for no hidden address" 1 "$(arp_ignore)"

step "a start with one address less than is announced"
finish_off KILL
check "the process before has left it" on evk-up 203.0.113.11
sed -i '/203\.0\.113\.11/d' "$CONF"
start
wait_for 30 "it is taken off" nowhere 203.0.113.11
wait_for 30 "and delivered no more" delivers_not 203.0.113.11
check "the others stay" announced

step "the last group goes"
cp "$CONF" "$CONF.before"
printf 'global_defs {\n}\n' >"$CONF"
kill -HUP "$DAEMON"
wait_for 30 "its address is taken off" nowhere $VIP
arp_is() { [ "$(arp_ignore)" = "$1" ]; }
wait_for 30 "arp_ignore is what it was" arp_is 0
finish_off TERM
cp "$CONF.before" "$CONF"
start
wait_for 60 "announced" announced
check "arp_ignore is set again" arp_is 1
finish_off KILL

step "a kernel that refuses"
conf "linger 0"
sed -i '/drain_interface/d; /^virtual_server/,$d' "$CONF"
start setpriv --bounding-set -net_admin
check "drain" ctl drain --director
wait_for 30 "the command says what is refused" says "cannotremove"
check "the address is still there" on evk-up $VIP
check "so the balancer is not idle" says '"idle":false'
check_not "for people neither" eval "ctl announce | grep -F 'may be switched off'"
finish_off KILL
start
wait_for 30 "a kernel that does not refuse takes it off" nowhere $VIP
wait_for 30 "and the balancer is idle" says '"idle":true'
check "ready" ctl ready --director
finish_off KILL
printf 'global_defs {\n}\n' >"$CONF"
start
wait_for 20 "what nobody wants is taken off" nowhere $VIP
wait_for 20 "the route too" delivers_not $VIP
wait_for 20 "arp_ignore is what it was before the daemon that was killed" arp_is 0
check_not "and that is forgotten" test -e "$RUN/state.json.arp_ignore"
check_not "there is nothing to drain" ctl drain --director
finish_off TERM
finish
