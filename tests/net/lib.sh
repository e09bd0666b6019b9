# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# For namespace tests: files tests/net/NAME.test.sh, executable, that need no
# IPVS in the kernel. `./dev test --only net NAME` runs each in namespaces of
# its own (network, mounts, processes), as root or as a user who may be root
# there; everything it starts ends with it. A test looks like this:
#
#	. "$SRC/tests/net/lib.sh"
#	net_build a b
#	check "a reaches b" ns a ping -c 1 -W 2 10.79.0.2
#	finish
#
# $EVENKEEL_BUILD is the folder with the binaries (sanitizers on), $SRC the
# repository. check, check_not, check_equal, wait_for, holds, poll, step and
# finish are those of the lab.
#
# No verdict may depend on how fast the host is: protocols' times are proved by
# unit tests on virtual clocks, here order and counts are. A wait's limit is only
# there so that a test ends; it is stretched by a speed measured at the start.
set -u
SRC=${SRC:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
EVENKEEL_BUILD=${EVENKEEL_BUILD:-$SRC/build/asan}
NET_DIR=$(mktemp -d "${TMPDIR:-/tmp}/evenkeel-net.XXXXXX")
trap 'rm -rf "$NET_DIR"' EXIT
# A starting mariadbd removes every temporary table it finds in its folder for
# temporary files, those of a server of another test included.
mkdir -m 1777 "$NET_DIR/tmp"
export TMPDIR=$NET_DIR/tmp

# net_stretch: what limits of waits are multiplied by. Fifty processes take a
# quiet host some 50 ms; and it may become busier than it is now.
net_stretch() {
	local start=${EPOCHREALTIME/./} i
	for ((i = 0; i < 50; i++)); do /bin/true; done
	LAB_STRETCH=$((3 + (${EPOCHREALTIME/./} - start) / 50000))
	[ "$LAB_STRETCH" -le 20 ] || LAB_STRETCH=20
}
# Measured once, if not given: what runs inside takes it over.
[ -n "${LAB_STRETCH:-}" ] || net_stretch
export LAB_STRETCH

# Every test is the first process of its own namespace: a number is no name.
ASSERT_OUT=$NET_DIR/assert
# shellcheck source=tests/lab/lib/assert.sh
. "$SRC/tests/lab/lib/assert.sh"

# listens PATH [NS], bound PATH [NS]: a process in NS (or here) accepts at that
# stream socket, has that datagram socket. The file alone is there before.
listens() { unix_socket 00010000 0001 "$@"; }
bound() { unix_socket '[0-9A-F]+' 0002 "$@"; }
unix_socket() {
	local in=()
	[ -z "${4:-}" ] || in=(ns "$4")
	"${in[@]}" grep -qE "^[^ ]+ [^ ]+ [^ ]+ $1 $2 .* $3\$" /proc/net/unix
}

ns() {
	local name=$1
	shift
	nsenter --net="/run/netns/$name" -- "$@"
}

# balancer_start NS [OPTION...]: evenkeeld with $NET_DIR/NS.conf, run.NS and NS.log;
# BALANCER is its pid.
balancer_start() {
	nsenter --net="/run/netns/$1" -- "$EVENKEEL_BUILD/evenkeeld" -n -l -D \
		"${@:2}" -f "$NET_DIR/$1.conf" --run-dir "$NET_DIR/run.$1" \
		>>"$NET_DIR/$1.log" 2>&1 &
	# shellcheck disable=SC2034
	BALANCER=$!
}

# net_build NAME...: namespaces on one bridge, each with eth0; the first has
# 10.79.0.1/24 and fd79::1/64, the second .2 and ::2, and so on.
net_build() {
	local name i=0
	ip netns add wire
	ip -n wire link add br0 type bridge forward_delay 0 mcast_snooping 0
	ip -n wire link set br0 up
	for name; do
		i=$((i + 1))
		ip netns add "$name"
		ip link add name "$name" netns wire type veth \
			peer name eth0 netns "$name"
		ip -n wire link set dev "$name" master br0 up
		ip -n "$name" -batch - <<-END
			link set lo up
			link set eth0 up
			addr add 10.79.0.$i/24 dev eth0
			addr add fd79::$i/64 dev eth0 nodad
		END
	done
}
