# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# For the namespace tests of VRRP: our process by its driver, others' daemons as
# peers, captures on the wire. Sourced after tests/net/lib.sh.
VRRP_TOOLS=$EVENKEEL_BUILD/tests/net/tools
declare -A VRRP_IN
# Between two adverts, in milliseconds: 200, and more on a host that has more to
# do. Whoever is silent for three of them is rightly taken for dead, and processes
# that are not scheduled for as long never agree. Likewise in seconds.
VRRP_INTERVAL=$((200 * LAB_STRETCH / 3))
VRRP_INTERVAL=$((VRRP_INTERVAL - VRRP_INTERVAL % 10))
# shellcheck disable=SC2034
printf -v VRRP_SECONDS '%d.%02d' $((VRRP_INTERVAL / 1000)) \
	$((VRRP_INTERVAL / 10 % 100))

# vrrp_start NS: the process in NS, told by $NET_DIR/NS.conf. States are in
# NS.out, the log in NS.log.
vrrp_start() {
	local fd
	rm -f "$NET_DIR/$1.in"
	mkfifo "$NET_DIR/$1.in"
	exec {fd}<>"$NET_DIR/$1.in"
	VRRP_IN[$1]=$fd
	nsenter --net="/run/netns/$1" -- "$VRRP_TOOLS/vrrp_driver" \
		"$NET_DIR/$1.conf" <"$NET_DIR/$1.in" >"$NET_DIR/$1.out" \
		2>>"$NET_DIR/$1.log" &
	poll 10 grep -q ^ready "$NET_DIR/$1.out"
}

# vrrp_say NS WORD...: a command to the driver.
vrrp_say() {
	local fd=${VRRP_IN[$1]}
	shift
	echo "$*" >&"$fd"
}

# vrrp_stop NS: ends in good order.
vrrp_stop() {
	vrrp_say "$1" stop
	poll 5 vrrp_gone "$1"
}
vrrp_pid() { sed -n 's/^pid //p' "$NET_DIR/$1.out"; }
vrrp_gone() { ! kill -0 "$(vrrp_pid "$1")" 2>/dev/null; }

# vrrp_state NS INSTANCE: its last line, asked for just now.
vrrp_state() {
	local before
	before=$(grep -c "^$2 " "$NET_DIR/$1.out")
	vrrp_say "$1" ask
	poll 5 vrrp_lines_over "$1" "$2" "$before"
	grep "^$2 " "$NET_DIR/$1.out" | tail -n 1
}
vrrp_lines_over() { [ "$(grep -c "^$2 " "$NET_DIR/$1.out")" -gt "$3" ]; }

# vrrp_count NS INSTANCE FIELD: "sent" or "received", the adverts so far.
vrrp_count() { vrrp_state "$1" "$2" | sed "s/.* $3=\([0-9]*\).*/\1/"; }
vrrp_counted() { [ "$(vrrp_count "$1" "$2" "$3")" -ge "$4" ]; }

# holds_until TEXT UNTIL COMMAND...: the command succeeds all the while until the
# shell command UNTIL does. What has to pass meanwhile is counted, not timed.
holds_until() {
	local text=$1 until=$2 start=${EPOCHREALTIME/./}
	shift 2
	while :; do
		if ! "$@" >"$ASSERT_OUT" 2>&1; then
			assert_fail "$text"
			return 1
		fi
		! eval "$until" >"$ASSERT_OUT" 2>&1 || break
		if [ $((${EPOCHREALTIME/./} - start)) -ge \
			$((30 * LAB_STRETCH * 1000000)) ]; then
			assert_fail "$text (until $until)"
			return 1
		fi
		pause 0.1
	done
	if "$@" >"$ASSERT_OUT" 2>&1; then
		assert_pass "$text"
	else
		assert_fail "$text"
	fi
}

# holds_adverts NS INSTANCE FIELD NUMBER TEXT COMMAND...: so many more adverts are
# counted there, and the command succeeds all the while.
holds_adverts() {
	local wanted=$(($(vrrp_count "$1" "$2" "$3") + $4))
	local text=$5 until="vrrp_counted $1 $2 $3 $wanted"
	shift 5
	holds_until "$text" "$until" "$@"
}

# vrrp_is NS INSTANCE STATE, by what it told last.
vrrp_is() {
	[[ $(grep "^$2 " "$NET_DIR/$1.out" | tail -n 1) == "$2 $3 "* ]]
}

# holds_vip NS ADDRESS..., as the kernel says.
holds_vip() {
	local name=$1 address
	shift
	for address; do
		[ -n "$(ns "$name" ip -o addr show to "$address")" ] || return 1
	done
}

# lacks_vip NS ADDRESS...: none of them is there.
lacks_vip() {
	local name=$1 address
	shift
	for address; do
		[ -z "$(ns "$name" ip -o addr show to "$address")" ] || return 1
	done
}

# only_holder NS OTHER ADDRESS...: NS holds them all, OTHER none.
only_holder() {
	holds_vip "$1" "${@:3}" && lacks_vip "$2" "${@:3}"
}

# capture_start NAME NS: what passes eth0 of NS (or br0 of wire).
capture_start() {
	local dev=eth0
	[ "$2" != wire ] || dev=br0
	rm -f "$NET_DIR/$1.capture"
	nsenter --net="/run/netns/$2" -- "$VRRP_TOOLS/vrrp_capture" $dev \
		"$NET_DIR/$1.pcap" 2>"$NET_DIR/$1.capture" &
	eval "CAPTURE_$1=$!"
	poll 10 grep -q listening "$NET_DIR/$1.capture"
}

capture_stop() {
	local pid
	eval "pid=\$CAPTURE_$1"
	kill -TERM "$pid"
	wait "$pid"
}

# captured NAME FILTER FIELD...: fields of the packets that match.
captured() {
	local name=$1 filter=$2 fields=() field
	shift 2
	for field; do
		fields+=(-e "$field")
	done
	tshark -r "$NET_DIR/$name.pcap" -Y "$filter" -T fields "${fields[@]}" \
		2>/dev/null
}

# beats NAME INTERVAL FILTER: the adverts that match were no more than one each
# INTERVAL seconds, and none had priority 0. A busy host may be late with one, and
# then as much earlier with the next, but never sends one more.
beats() {
	captured "$1" "vrrp && $3" frame.time_relative vrrp.prio |
		awk -v i="$2" 'NR == 1 { first = $1 } { last = $1; n++ }
			$2 == 0 { stops++ }
			END { print n + 0, "adverts in", last - first, "s,",
					stops + 0, "stops"
				exit !(n >= 6 && stops == 0 &&
					(n - 2) * i < last - first) }'
}

# count_adverts NAME FILTER NUMBER: so many are captured.
count_adverts() {
	[ "$(captured "$1" "vrrp && $2" frame.number | wc -l)" -ge "$3" ]
}

# clean_capture NAME SOURCE...: these addresses sent adverts, and Wireshark finds
# no field of them odd and every checksum right.
clean_capture() {
	local name=$1 from='' address
	shift
	for address; do
		case $address in
		*:*) from="$from || ipv6.src == $address" ;;
		*) from="$from || ip.src == $address" ;;
		esac
	done
	captured "$name" "vrrp && (${from# || })" frame.number |
		grep -q . || return 1
	captured "$name" "vrrp && (${from# || }) && _ws.expert" \
		frame.number _ws.expert.message | grep . && return 1
	captured "$name" "vrrp && (${from# || }) && !(vrrp.checksum.status == 1)" \
		frame.number | grep . && return 1
	return 0
}

# mac_of NS: of its eth0.
mac_of() { ip -n "$1" -o link show dev eth0 | sed 's/.*ether \([^ ]*\) .*/\1/'; }

# link_local NS: its usable link-local address; waits for it.
link_local() {
	poll 10 link_local_ready "$1"
	ns "$1" ip -6 -o addr show dev eth0 scope link -tentative |
		awk '{ sub("/.*", "", $4); print $4; exit }'
}
link_local_ready() {
	ns "$1" ip -6 -o addr show dev eth0 scope link -tentative | grep -q .
}

assert_diagnose() {
	tail -n 12 "$NET_DIR"/*.log "$NET_DIR"/*.out
}
