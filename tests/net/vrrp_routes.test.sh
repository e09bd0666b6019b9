#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# virtual_routes, virtual_rules and the static blocks, by the real daemon with
# -P, as `ip route` and `ip rule` see them.
. "$SRC/tests/net/lib.sh"

net_build lb
RUN=$NET_DIR/run
CONF=$NET_DIR/evenkeel.conf
LOG=$NET_DIR/log
VIP=10.79.0.100
chmod 755 "$NET_DIR"
: >"$LOG"

logged() { grep -qF -- "$1" "$LOG"; }
logged_times() { [ "$(grep -cF -- "$1" "$LOG")" -ge "$2" ]; }
lb() { ns lb "$@"; }
# Routes and rules with our number, one a line, sorted.
routes() {
	{
		lb ip -4 route show table all proto 18
		lb ip -6 route show table all proto 18
	} | sed 's/ proto \(18\|keepalived\)//; s/ pref medium//; s/ *$//' | sort
}
rules() {
	{ lb ip -4 rule && lb ip -6 rule; } | grep -E 'keepalived|proto 18' |
		sed 's/ proto \(18\|keepalived\)//; s/ *$//; s/\t/ /' | sort
}
has_route() { routes | grep -qxF -- "$1"; }
lacks_route() { ! has_route "$1"; }
# A rule without its priority.
has_rule() { [ "$(rules | cut -d ' ' -f 2- | grep -cxF -- "$1")" = 1 ]; }
lacks_rule() { ! rules | cut -d ' ' -f 2- | grep -qxF -- "$1"; }
all_there() {
	has_route "192.0.2.0/24 via 10.79.0.9 dev eth0 src $VIP" &&
		has_route "default via 10.79.0.9 dev eth0 table 100" &&
		has_route "blackhole 198.51.100.0/24" &&
		has_route "2001:db8:1::/48 via fe80::9 dev eth0 metric 1024" &&
		has_rule "from $VIP lookup 100" &&
		has_rule "from 10.79.0.101 lookup 101" &&
		has_rule "from all fwmark 0x7 lookup 100"
}
masters() { grep -c "V1: .* -> MASTER" "$LOG"; }
is_master_again() { [ "$(masters)" -gt "$1" ]; }
gone() { ! kill -0 "$1" 2>/dev/null; }
start() {
	local before
	before=$(masters)
	lb "$EVENKEEL_BUILD/evenkeeld" -n -l -D -P -f "$CONF" \
		--run-dir "$RUN" >>"$LOG" 2>&1 &
	wait_for 20 "started, and master" is_master_again "$before"
	DAEMON=$(cat "$RUN/evenkeeld.pid")
}
holds_vip() { lb ip -o addr | grep -q "$VIP/"; }
lacks_vip() { ! holds_vip; }
reload() {
	local before
	before=$(grep -c "is in force" "$LOG")
	kill -HUP "$DAEMON"
	wait_for 10 "the file is in force" logged_times "is in force" \
		$((before + 1))
}

# conf ROUTE RULE: a further line of each.
conf() {
	cat >"$CONF" <<-END
		global_defs {
			checker_user nobody
		}
		static_ipaddress {
			203.0.113.1/32 dev eth0
		}
		static_routes {
			203.0.113.128/25 via 10.79.0.8
		}
		static_rules {
			from 203.0.113.1 table 200
		}
		vrrp_instance V1 {
			interface eth0
			virtual_router_id 7
			advert_int 1
			virtual_ipaddress {
				$VIP
			}
			virtual_routes {
				192.0.2.0/24 via 10.79.0.9 src $VIP
				default via 10.79.0.9 table 100
				blackhole 198.51.100.0/24
				2001:db8:1::/48 via fe80::9
				$1
			}
			virtual_rules {
				from $VIP table 100
				from 10.79.0.101 table 101 priority 5000
				fwmark 7 table 100 priority 5001
				$2
			}
		}
	END
}

step "they come with the addresses, the static ones at once"
conf "" ""
start
wait_for 3 "routes and rules" all_there
check "a static route" has_route "203.0.113.128/25 via 10.79.0.8 dev eth0"
check "a static rule" has_rule "from 203.0.113.1 lookup 200"
check "a static address" lb ip -o addr show to 203.0.113.1
FIRST=$(routes; rules)

step "reloads: what is the same is not touched"
lb stdbuf -oL ip monitor route rule >"$NET_DIR/monitor" 2>&1 &
MONITOR=$!
monitor_hears() {
	lb ip route del 192.0.2.200/32 2>/dev/null
	lb ip route add 192.0.2.200/32 dev eth0
	grep -q 192.0.2.200 "$NET_DIR/monitor"
}
wait_for 5 "the monitor hears" monitor_hears
reload
reload
conf "192.0.3.0/24 via 10.79.0.9" "from 10.79.0.102 table 102"
reload
wait_for 3 "a route more" has_route "192.0.3.0/24 via 10.79.0.9 dev eth0"
wait_for 3 "a rule more" has_rule "from 10.79.0.102 lookup 102"
conf "192.0.3.0/24 via 10.79.0.7" ""
reload
wait_for 3 "another gateway" has_route "192.0.3.0/24 via 10.79.0.7 dev eth0"
wait_for 3 "a rule less" lacks_rule "from 10.79.0.102 lookup 102"
conf "" ""
reload
wait_for 3 "a route less" lacks_route "192.0.3.0/24 via 10.79.0.7 dev eth0"
lb ip route del 192.0.2.200/32 dev eth0
wait_for 5 "the monitor heard all" grep -q "Deleted 192.0.2.200" \
	"$NET_DIR/monitor"
kill $MONITOR
check_equal "only what differed was heard of" "" \
	"$(grep -vE '192\.0\.3\.0|10\.79\.0\.102|192\.0\.2\.200' \
		"$NET_DIR/monitor")"
check_equal "all is as before" "$FIRST" "$(routes; rules)"

step "other people's hands"
lb ip route del 192.0.2.0/24
wait_for 3 "a route comes back" all_there
lb ip rule del from $VIP
wait_for 3 "a rule without priority comes back" all_there
lb ip rule del priority 5001
wait_for 3 "one with a priority" all_there
lb ip -6 route del 2001:db8:1::/48
wait_for 3 "IPv6" all_there
lb ip addr del $VIP/32 dev eth0
wait_for 5 "the route that went with its source" all_there
lb ip rule del from 203.0.113.1
wait_for 3 "a static rule" has_rule "from 203.0.113.1 lookup 200"
lb ip addr del 203.0.113.1/32 dev eth0
static_there() { lb ip -o addr show to 203.0.113.1 | grep -q .; }
wait_for 3 "a static address" static_there
check_equal "none is there twice" "$(rules | sort)" "$(rules | sort -u)"

step "a route of somebody else's is left alone"
lb ip route add 192.0.4.0/24 via 10.79.0.3 proto static
conf "192.0.4.0/24 via 10.79.0.9" ""
reload
wait_for 3 "it is said" logged "exists and is somebody else's"
theirs() { lb ip route show 192.0.4.0/24 | grep -q "via 10.79.0.3"; }
check "it is theirs" theirs
conf "" ""
reload
check "it still is" theirs
lb ip route del 192.0.4.0/24

step "all that ip-route(8) says of a route, and ip-rule(8) of a rule"
route_says() { # ROUTE WORDS...: of the one that is shown first
	local line word
	line=" $(lb ip route show "$1" | head -n 1) "
	for word in "${@:2}"; do
		[[ $line == *" $word "* ]] || return 1
	done
}
conf "192.0.5.0/24 via 10.79.0.9 mtu lock 1400 advmss 1360 rtt 100ms rttvar 50ms rto_min 1s cwnd lock 10 ssthresh 20 features ecn congctl lock reno realms 3/4 fastopen_no_cookie 1 hoplimit 9 window 5000 reordering 4 initcwnd 11 initrwnd 12 quickack 1" \
	"fwmark 9 goto 6000 priority 5003"
reload
wait_for 5 "each metric" route_says 192.0.5.0/24 "via 10.79.0.9" "realms 3/4" \
	"mtu lock 1400" "advmss 1360" "rtt 100ms" "rttvar 50ms" "rto_min 1s" \
	"cwnd lock 10" "ssthresh 20" "features ecn" "congctl lock reno" \
	"fastopen_no_cookie 1" "hoplimit 9" "window 5000" "reordering 4" \
	"initcwnd 11" "initrwnd 12" "quickack 1"
wait_for 5 "goto" has_rule "from all fwmark 0x9 goto 6000 [unresolved]"
conf "192.0.5.0/24 nexthop via 10.79.0.9 realms 5 nexthop via 10.79.0.8" \
	"uidrange 0-99 table 101 realms 1/2 priority 5004"
reload
nexthop_says() { lb ip route show 192.0.5.0/24 | grep -q "via 10.79.0.9 realm 5 "; }
wait_for 5 "a realm of a nexthop" nexthop_says
wait_for 5 "users and realms" has_rule "from all uidrange 0-99 lookup 101 realms 1/2"
conf "2001:db8:5::/48 via fe80::9 pref high" \
	"ipproto tcp sport 80 dport 1000-2000 table 102 priority 5005"
reload
prefers() { lb ip -6 route show 2001:db8:5::/48 | grep -q "pref high"; }
wait_for 5 "a preference" prefers
wait_for 5 "ports" \
	has_rule "from all ipproto tcp sport 80 dport 1000-2000 lookup 102"
lb ip route add 192.0.4.0/24 via 10.79.0.3 proto static
conf "192.0.4.0/24 via 10.79.0.9 append" "tun_id 55 table 104 priority 5007"
reload
has_both() { [ "$(lb ip route show 192.0.4.0/24 | wc -l)" = 2 ]; }
wait_for 5 "behind another" has_both
check "which stays the first" route_says 192.0.4.0/24 "via 10.79.0.3"
wait_for 5 "a tunnel" has_rule "from all tun_id 55 lookup 104"
conf "192.0.4.0/24 via 10.79.0.9 prepend" \
	"to 192.0.2.0/24 protocol 77 table 103 priority 5006"
reload
wait_for 5 "or before it" route_says 192.0.4.0/24 "via 10.79.0.9"
says_origin() { lb ip rule show priority 5006 | grep -q "lookup 103 proto 77"; }
wait_for 5 "an origin" says_origin
conf "" ""
reload
has_one() { ! has_both; }
wait_for 5 "ours goes" has_one
check "and theirs stays" route_says 192.0.4.0/24 "via 10.79.0.3"
origin_gone() { ! says_origin; }
wait_for 5 "the rule too" origin_gone
lb ip route del 192.0.4.0/24
wait_for 5 "and all others are there" all_there

step "in a fault they go, and come back"
lb ip link set eth0 down
wait_for 10 "the address is gone" lacks_vip
wait_for 5 "so are the rules" lacks_rule "from $VIP lookup 100"
lb ip link set eth0 up
wait_for 20 "the address is back" holds_vip
wait_for 5 "with them" all_there
wait_for 5 "and the static route" \
	has_route "203.0.113.128/25 via 10.79.0.8 dev eth0"

step "killed: the next daemon takes over what is there"
# The vrrp process gives all up when it finds main gone, so it must not find it.
VRRP=$(pgrep -P "$DAEMON" -x evenkeel-vrrp)
kill -STOP "$VRRP"
stands() { grep -q '^State:.T' "/proc/$VRRP/status"; }
wait_for 10 "the vrrp process stands still" stands
kill -KILL "$DAEMON" "$VRRP"
wait_for 10 "killed" gone "$DAEMON"
wait_for 10 "both of them" gone "$VRRP"
check "left behind" has_rule "from $VIP lookup 100"
start
wait_for 5 "once each" all_there
check "the static rule too" has_rule "from 203.0.113.1 lookup 200"

step "the end"
kill "$DAEMON"
wait_for 10 "stopped" gone "$DAEMON"
check_equal "no route of ours" "" "$(routes)"
check_equal "no rule of ours" "" "$(rules)"
check_not "no static address" static_there

step "static lines alone need no instance"
sed -i '/vrrp_instance/,$d' "$CONF"
lb "$EVENKEEL_BUILD/evenkeeld" -n -l -D -P -f "$CONF" --run-dir "$RUN" \
	>>"$LOG" 2>&1 &
DAEMON=$!
wait_for 10 "they are there" \
	has_route "203.0.113.128/25 via 10.79.0.8 dev eth0"
kill "$(cat "$RUN/evenkeeld.pid")"
wait_for 10 "stopped" gone "$(cat "$RUN/evenkeeld.pid")"
check_equal "no route is left" "" "$(routes)"
check_equal "nor a rule" "" "$(rules)"

step "words of ip-route(8) and ip-rule(8) reach the kernel"
cat >"$CONF" <<-END
	global_defs {
		checker_user nobody
		keepalived_compat
	}
	vrrp_instance V1 {
		interface eth0
		virtual_router_id 7
		advert_int 1
		virtual_ipaddress {
			$VIP
		}
		virtual_routes {
			192.0.2.0/24 via 10.79.0.9 initcwnd 20 initrwnd 30 hoplimit 9 window 5000 reordering 4 quickack 1
		}
		virtual_rules {
			from $VIP table 5 sup_pl 0
			from 10.79.0.101 lookup 6 suppress_ifgroup 3 priority 77
			to 198.51.100.0/24 type blackhole
		}
	}
END
start
routed() { lb ip route show 192.0.2.0/24 proto 18 | grep -qE -- "$1"; }
for word in "initcwnd 20" "initrwnd 30" "hoplimit 9" "window 5000" \
	"reordering 4" "quickack 1"; do
	wait_for 5 "$word" routed "$word( |\$)"
done
ruled() { rules | grep -qE -- "$1"; }
check "a rule without priority, as keepalived numbers it" \
	ruled "^16384: from $VIP lookup 5 suppress_prefixlength 0$"
check "one with a priority" \
	ruled "^77: from 10.79.0.101 lookup 6 suppress_ifgroup (group )?3$"
check "the next one without" \
	ruled "^16383: from all to 198.51.100.0/24 blackhole$"
kill "$(cat "$RUN/evenkeeld.pid")"
wait_for 10 "stopped" gone "$(cat "$RUN/evenkeeld.pid")"
check_equal "no route is left" "" "$(routes)"
check_equal "nor a rule" "" "$(rules)"

step "interfaces of addresses and routes are tracked"
# tracked WORD: an address and a route on another interface, and this word.
tracked() {
	cat >"$CONF" <<-END
		global_defs {
			checker_user nobody
		}
		vrrp_instance V1 {
			interface eth0
			virtual_router_id 7
			advert_int 1
			virtual_ipaddress {
				$VIP
				10.80.0.1/24 dev inside $1
			}
			virtual_routes {
				192.0.2.0/24 via 10.81.0.9 dev behind onlink $1
			}
		}
	END
}
for dev in inside behind; do
	lb ip link add $dev type veth peer name $dev-end
	lb ip link set $dev-end up
	lb ip link set $dev up
done
tracked ""
start
wait_for 5 "holds the address" holds_vip
for dev in inside behind; do
	lb ip link set $dev down
	wait_for 5 "$dev is down: a fault" logged "V1: MASTER -> FAULT ($dev)"
	check "the address is gone" lacks_vip
	lb ip link set $dev up
	wait_for 10 "$dev is up: master again" holds_vip
done
tracked no_track
reload
lb ip link set inside down
lb ip link set behind down
mark=$(masters)
lb ip link set inside up
wait_for 5 "with no_track: the address of the other comes back" \
	eval "lb ip -o addr show dev inside | grep -q 10.80.0.1/"
check "it was master all the time" test "$(masters)" -eq "$mark"
check "and holds the address" holds_vip
kill "$(cat "$RUN/evenkeeld.pid")"
wait_for 10 "stopped" gone "$(cat "$RUN/evenkeeld.pid")"
check_not "no memory error, no leak" logged "ERROR: "
finish
