#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# BFD with BIRD and with keepalived as the neighbour: the session comes up over both
# families, each side sees the other go, and a cut is seen.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/vrrp_lib.sh
. "$SRC/tests/net/vrrp_lib.sh"

net_build a b
LOG=$NET_DIR/a.log
assert_diagnose() {
	grep bfd "$LOG" | tail -n 12 | cut -c1-180
	tail -n 12 "$NET_DIR/b.log" | cut -c1-180
}
lines() { grep -cE "bfd: $1" "$LOG"; }
has_lines() { [ "$(lines "$1")" -ge "$2" ]; }

# conf NAME ADDRESS...: a neighbour for each. A host that is busy for three seconds is
# not taken for a cut.
conf() {
	local name=$1 address
	for address in "${@:2}"; do
		printf '%s\n' "bfd_instance $name {" "neighbor_ip $address" "min_rx 200" \
			"min_tx 200" "multiplier 15" "}" \
			"vrrp_instance V$name {" "interface eth0" \
			"virtual_router_id $((50 + ${#name}))" "version 3" "advert_int 0.5" \
			"priority 100" "virtual_ipaddress {" "10.79.0.$((100 + ${#name}))" "}" \
			"track_bfd {" "$name" "}" "}"
		name+=6
	done >"$NET_DIR/a.conf"
}
gone() { ! kill -0 "$1" 2>/dev/null; }
balancer_stop() {
	kill "$BALANCER"
	wait_for 20 "the balancer ends" gone "$BALANCER"
}

step "BIRD"
cat >"$NET_DIR/bird.conf" <<-END
	router id 10.79.0.2;
	protocol device {}
	protocol bfd {
		interface "eth0" {
			min rx interval 200 ms;
			min tx interval 200 ms;
			multiplier 15;
		};
		neighbor 10.79.0.1 dev "eth0";
		neighbor fd79::1 dev "eth0";
	}
END
nsenter --net=/run/netns/b -- bird -f -c "$NET_DIR/bird.conf" \
	-s "$NET_DIR/bird.ctl" >"$NET_DIR/b.log" 2>&1 &
BIRD=$!
# bird_is ADDRESS STATE
bird_is() {
	birdc -s "$NET_DIR/bird.ctl" show bfd sessions |
		awk -v address="$1" '$1 == address { print $3 }' | grep -qx "$2"
}
conf bird 10.79.0.2 fd79::2
balancer_start a
wait_for 40 "it is up, IPv4" has_lines "bird is up" 1
wait_for 40 "and IPv6" has_lines "bird6 is up" 1
wait_for 20 "BIRD says so, IPv4" bird_is 10.79.0.1 Up
wait_for 20 "BIRD says so, IPv6" bird_is fd79::1 Up
wait_for 20 "the instance has its address" holds_vip a 10.79.0.104
ip -n wire link set dev b down
wait_for 30 "a cut is seen" has_lines "bird is down: no BFD packet" 1
wait_for 20 "the address goes" eval '! holds_vip a 10.79.0.104'
ip -n wire link set dev b up
wait_for 40 "it comes back" has_lines "bird is up" 2
wait_for 40 "over both" bird_is fd79::1 Up
balancer_stop
wait_for 20 "BIRD is told of the end" bird_is 10.79.0.1 Down
balancer_start a
wait_for 40 "and of another start" bird_is 10.79.0.1 Up
kill "$BIRD"
wait_for 30 "BIRD's end is seen" has_lines "bird is down" 1
balancer_stop

step "keepalived"
cat >"$NET_DIR/b.conf" <<-END
	global_defs {
		enable_script_security
	}
	bfd_instance other {
		neighbor_ip 10.79.0.1
		source_ip 10.79.0.2
		min_rx 200
		min_tx 200
		multiplier 15
	}
	vrrp_instance W {
		interface eth0
		virtual_router_id 77
		version 3
		advert_int 0.5
		priority 100
		virtual_ipaddress {
			10.79.0.177
		}
		track_bfd {
			other
		}
	}
END
nsenter --net=/run/netns/b -- keepalived -n -l -P -f "$NET_DIR/b.conf" \
	-p "$NET_DIR/k.pid" -r "$NET_DIR/k.vrrp" -b "$NET_DIR/k.bfd" \
	>>"$NET_DIR/b.log" 2>&1 &
KEEPALIVED=$!
kept_ups() { [ "$(grep -c "(other) Entering Up state" "$NET_DIR/b.log")" -ge "$1" ]; }
: >"$LOG"
conf kept 10.79.0.2
balancer_start a
wait_for 40 "it is up" has_lines "kept is up" 1
wait_for 20 "the instance has its address" holds_vip a 10.79.0.104
wait_for 40 "and so has keepalived's" holds_vip b 10.79.0.177
ip -n wire link set dev b down
wait_for 30 "a cut is seen" has_lines "kept is down: no BFD packet" 1
ip -n wire link set dev b up
wait_for 40 "it comes back" has_lines "kept is up" 2
wait_for 40 "keepalived has its address again" holds_vip b 10.79.0.177
balancer_stop
balancer_start a
# keepalived takes the end that it is told of for none, and has its address all along.
wait_for 40 "another start" has_lines "kept is up" 3
wait_for 40 "keepalived has seen three" kept_ups 3
kill "$KEEPALIVED"
wait_for 40 "keepalived's end is seen" has_lines "kept is down" 1
balancer_stop
finish
