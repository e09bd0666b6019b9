#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# BFD with FRR's bfdd as the neighbour: BFD_CHECK and track_bfd follow a session that
# comes up, is cut, is taken down by the neighbour's operator, by a reload of ours not
# at all; and packets that are not the neighbour's change nothing.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"

net_build a b
RUN=$NET_DIR/run.a
LOG=$NET_DIR/a.log
FRR=$NET_DIR/frr
ctl() { "$EVENKEEL_BUILD/evenkeel" --run-dir "$RUN" "$@"; }
assert_diagnose() { grep -E 'bfd|track|V:' "$LOG" | tail -n 12 | cut -c1-180; }

# FRR's daemons want to be of a group that this test's root need not be in.
grep -v '^frr' /etc/group >"$NET_DIR/group"
printf 'frrvty:x:107:root\nfrr:x:108:root\n' >>"$NET_DIR/group"
mount --bind "$NET_DIR/group" /etc/group

frr_start() {
	local daemon
	mkdir "$FRR"
	: >"$FRR/zebra.conf"
	# A host that is busy for three seconds is not taken for a cut.
	printf '%s\n' bfd " peer 10.79.0.1" "  detect-multiplier 15" \
		"  receive-interval 200" "  transmit-interval 200" \
		" peer fd79::1 local-address fd79::2" \
		"  detect-multiplier 15" "  receive-interval 200" "  transmit-interval 200" \
		>"$FRR/bfdd.conf"
	for daemon in zebra bfdd; do
		set --
		[ $daemon = zebra ] || set -- --bfdctl "$FRR/bfd.sock"
		nsenter --net=/run/netns/b -- /usr/lib/frr/$daemon -u root \
			-g root -z "$FRR/zserv" --vty_socket "$FRR" \
			-f "$FRR/$daemon.conf" -i "$FRR/$daemon.pid" "$@" \
			>>"$NET_DIR/b.log" 2>&1 &
		poll 10 listens "$FRR/$daemon.vty" b ||
			assert_fail "$daemon listens"
	done
}
frr() { ns b vtysh --vty_socket "$FRR" "${@/#/-c}"; }
# frr_field PEER FIELD [counters]
frr_field() {
	frr "show bfd peers ${3:-} json" | python3 -c '
import json, sys
print(*[one[sys.argv[2]] for one in json.load(sys.stdin) if one["peer"] == sys.argv[1]])
' "$1" "$2"
}
frr_is() { [ "$(frr_field "$1" status)" = "$2" ]; }

# server PORT REGEX: the outcome and text of its first check.
server() {
	ctl --json status 2>/dev/null | python3 -c '
import json, sys
for one in json.load(sys.stdin)["virtual_servers"][0]["servers"]:
    if one["address"].endswith(":" + sys.argv[1]):
        print(one["checks"][0]["outcome"], one["checks"][0]["text"])
' "$1" | grep -qE -- "$2"
}
vrrp_is() {
	ctl --json vrrp 2>/dev/null | python3 -c '
import json, sys
print(*[one["state"] for one in json.load(sys.stdin)["instances"] if one["name"] == sys.argv[1]])
' "$1" | grep -qx "$2"
}
lines() { grep -cE "bfd: $1" "$LOG"; }
has_lines() { [ "$(lines "$1")" -ge "$2" ]; }
# Eight packets of FRR more: the session was at work meanwhile.
alive() {
	local from
	from=$(frr_field 10.79.0.1 control-packet-output counters)
	more() { [ "$(frr_field 10.79.0.1 control-packet-output counters)" -gt $((from + 8)) ]; }
	wait_for 30 "the session is alive" more
}

# told NAME STATE: what status, its JSON and the metrics say of a neighbour.
told() {
	ctl metrics --scope=bfd >"$NET_DIR/figures" &&
		grep -q "^evenkeel_bfd_state{bfd_instance=\"$1\",neighbor=\"[^\"]*\",state=\"$2\"} 1" \
			"$NET_DIR/figures" &&
		ctl --json status 2>/dev/null | python3 -c '
import json, sys
for one in json.load(sys.stdin)["daemon"]["bfd"]["sessions"]:
    if one["name"] == sys.argv[1]:
        print(one)
        sys.exit(one["state"] != sys.argv[2] or one["since_s"] is None)
sys.exit(1)' "$1" "$2"
}

# conf MIN_TX
conf() {
	cat >"$NET_DIR/a.conf" <<-END
		bfd_instance four {
			neighbor_ip 10.79.0.2
			source_ip 10.79.0.1
			min_rx 200
			min_tx $1
			multiplier 15
		}
		bfd_instance six {
			neighbour_ip fd79::2
			min_rx 200
			min_tx 200
			multiplier 15
		}
		bfd_instance nobody {
			neighbor_ip 10.79.0.77
			multiplier 1
		}
		vrrp_instance V {
			interface eth0
			virtual_router_id 5
			version 3
			advert_int 0.3
			priority 100
			virtual_ipaddress { 10.79.0.100 }
			track_bfd { four }
		}
		vrrp_instance W {
			interface eth0
			virtual_router_id 6
			version 3
			advert_int 0.3
			priority 100
			virtual_ipaddress { 10.79.0.101 }
			track_bfd { four weight -20 }
		}
		virtual_server 192.0.2.1 80 {
			delay_loop 60
			lvs_sched rr
			lvs_method NAT
			protocol TCP
			real_server 10.79.0.2 81 { BFD_CHECK { name four } }
			real_server 10.79.0.2 82 { BFD_CHECK { name six } }
			real_server 10.79.0.2 83 { BFD_CHECK { name nobody } }
		}
	END
}
priority_is() {
	ctl --json vrrp 2>/dev/null | python3 -c '
import json, sys
print(*[one["priority"] for one in json.load(sys.stdin)["instances"] if one["name"] == "W"])
' | grep -qx "$1"
}

step "up"
frr_start
conf 200
check "the file is accepted" "$EVENKEEL_BUILD/evenkeeld" -t -f "$NET_DIR/a.conf"
balancer_start a
wait_for 40 "the server of IPv4" server 81 "^ok"
wait_for 40 "the server of IPv6" server 82 "^ok"
wait_for 20 "FRR says so, IPv4" frr_is 10.79.0.1 up
wait_for 20 "FRR says so, IPv6" frr_is fd79::1 up
wait_for 20 "a neighbour that never answers" server 83 "^neighbor .*did not come up"
wait_for 20 "the instance has its address" vrrp_is V MASTER
check "status and metrics have the one that is up" told four up
check "and the one that never answers" told nobody down
ctl status >"$NET_DIR/status" 2>&1
check "in words" grep -q "^bfd: pid [0-9]*, 2 of 3 neighbours up" "$NET_DIR/status"
check "with the reason" grep -qE \
	"^ +nobody \(10.79.0.77\) down for .*: the BFD session did not come up" \
	"$NET_DIR/status"
check "the process is confined and nobody" \
	grep -q "^CapEff:[[:space:]]*0000000000000000" \
	"/proc/$(pgrep -f 'child bfd|child=bfd')/status"

step "packets that are not the neighbour's"
# hostile NAME: from the neighbour's address; without a name, one that counts.
hostile() {
	ns b python3 - "${1:-}" <<-'END'
		import socket, struct, sys
		what = sys.argv[1]
		sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		ttl = 254 if what == "ttl" else 255
		sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
		sock.bind(("10.79.0.2", 0))
		flags = 1 << 6  # Down
		length, version, multiplier, mine, yours = 24, 1, 5, 99, 0
		if what == "authentication":
		    flags |= 4
		    length = 26
		if what == "multipoint":
		    flags |= 1
		if what == "discriminator":
		    yours = 0x12345678
		if what == "up without a discriminator":
		    flags = 3 << 6
		if what == "no discriminator":
		    mine = 0
		if what == "multiplier":
		    multiplier = 0
		if what == "version":
		    version = 0
		if what == "lying length":
		    length = 200
		if what == "length of less":
		    length = 12
		data = struct.pack(">BBBBIIIII", version << 5, flags, multiplier,
		                   length, mine, yours, 10**6, 10**6, 0) + b"\1\2"
		if what == "short":
		    data = data[:23]
		if what == "nothing":
		    data = b""
		if what == "long":
		    data = b"\x20\x40\x05\xff" + b"\xff" * 1400
		for i in range(20):
		    sock.sendto(data, ("10.79.0.1", 3784))
	END
}
BEFORE=$(lines ".*")
for what in ttl authentication multipoint discriminator multiplier version short \
	nothing long "up without a discriminator" "no discriminator" \
	"lying length" "length of less"; do
	hostile "$what"
done
alive
check_equal "nothing has changed" "$(lines ".*")" "$BEFORE"
check "FRR has not seen it go" frr_is 10.79.0.1 up
# Twenty thousand of random bytes, as fast as they go, beside the true ones.
size_of() { awk '/^VmData/ { print $2 }' "/proc/$(pgrep -f 'child bfd|child=bfd')/status"; }
SIZE=$(size_of)
ns b python3 - <<-'END'
	import random, socket
	sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 255)
	sock.bind(("10.79.0.2", 0))
	random.seed(1)
	for i in range(20000):
	    sock.sendto(random.randbytes(random.choice((0, 23, 24, 25, 60, 1400))),
	                ("10.79.0.1", 3784))
END
alive
check "and a flood makes nothing grow ($SIZE kB, now $(size_of))" \
	test "$(size_of)" -le $((SIZE + 1024))
# While the flood waits in the socket, one packet more finds no room there.
flood_is_read() { [ "$(ns a ss -Huan 'sport = 3784' | awk '{ n += $2 } END { print n + 0 }')" = 0 ]; }
wait_for 40 "the flood is read" flood_is_read
wait_for 40 "and the session is there" frr_is 10.79.0.1 up
hostile
wait_for 20 "the same from the neighbour counts" \
	has_lines "four is down: the neighbour took" 1
wait_for 40 "and it comes back" has_lines "four is up" 2

step "a reload"
frr_downs() { frr_field 10.79.0.1 session-down counters; }
DOWNS=$(frr_downs)
BEFORE=$(lines ".* is ")
conf 300
kill -HUP "$BALANCER"
frr_hears() { [ "$(frr_field 10.79.0.1 remote-transmit-interval)" = "$1" ]; }
wait_for 20 "FRR knows the new interval" frr_hears 300
alive
check_equal "the session went on" "$(frr_downs)" "$DOWNS"
check_equal "and nothing was news" "$(lines ".* is ")" "$BEFORE"

step "a process that is killed"
kill -KILL "$(pgrep -f 'child bfd|child=bfd')"
frr_more() { [ "$(frr_downs)" -gt "$DOWNS" ]; }
wait_for 30 "FRR has seen it" frr_more
wait_for 40 "and a new one" frr_is 10.79.0.1 up
alive
check_equal "the neighbour was well all the time" \
	"$(lines "four is down")" 1

step "a process that stands still"
STILL=$(pgrep -f 'child bfd|child=bfd')
kill -STOP "$STILL"
another() { local new; new=$(pgrep -f 'child bfd|child=bfd') && [ "$new" != "$STILL" ]; }
wait_for 60 "is replaced" another
wait_for 40 "and FRR has the session again" frr_is 10.79.0.1 up
alive

step "a cut"
ip -n wire link set dev b down
wait_for 30 "is seen" has_lines "four is down: no BFD packet" 1
wait_for 20 "by status and metrics too" told four down
wait_for 20 "the server goes out" server 81 "^neighbor no BFD packet"
wait_for 20 "the address too" vrrp_is V FAULT
wait_for 20 "or the priority is lower" priority_is 80
ip -n wire link set dev b up
wait_for 40 "it comes back" server 81 "^ok"
wait_for 40 "the address too" vrrp_is V MASTER
wait_for 20 "and the priority" priority_is 100

step "the neighbour's operator"
frr "configure terminal" bfd "peer 10.79.0.1" shutdown
wait_for 30 "takes it down" server 81 "^neighbor .*administratively down"
frr "configure terminal" bfd "peer 10.79.0.1" "no shutdown"
wait_for 40 "and up" server 81 "^ok"

step "the end"
kill "$BALANCER"
wait "$BALANCER"
wait_for 20 "FRR is told" frr_is 10.79.0.1 down
check "as administratively down" test \
	"$(frr_field 10.79.0.1 remote-diagnostic)" = "administratively down"
finish
