#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One packet at a time, forged from a namespace that runs no VRRP: what must
# change nothing changes nothing and is counted, what must count does.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/vrrp_lib.sh
. "$SRC/tests/net/vrrp_lib.sh"

net_build a b c
VIP=10.79.0.100
inject() { ns c "$VRRP_TOOLS/vrrp_inject" eth0 "$@"; }

# counts TEXT: the last state of V has this in it.
counts() { vrrp_state a V | grep -qF -- "$1"; }

# ignored TEXT REASON KEY=VALUE...: three of them, and all three are counted.
declare -A SEEN
ignored() {
	local text=$1 reason=$2
	shift 2
	inject repeat=3 "$@"
	SEEN[$reason]=$((${SEEN[$reason]:-0} + 3))
	wait_for 5 "$text is ignored and counted" \
		counts "[$reason]=${SEEN[$reason]}"
	if ! vrrp_is a V MASTER || ! holds_vip a $VIP; then
		assert_fail "$text: still the master"
	fi
}

# became STATE TIMES: by its log, so often so far.
became() { [ "$(grep -c "^.* V: [A-Z]* -> $1 " "$NET_DIR/a.log")" -ge "$2" ]; }

# obeyed TEXT KEY=VALUE...: the address goes, and comes back in silence.
OBEYED=0
obeyed() {
	local text=$1
	shift
	OBEYED=$((OBEYED + 1))
	inject "$@"
	# The first time of each was at the start.
	wait_for 5 "$text is obeyed" became BACKUP $((OBEYED + 1))
	wait_for 5 "and forgotten in silence" became MASTER $((OBEYED + 1))
	wait_for 5 "with the address" holds_vip a $VIP
}

cat >"$NET_DIR/a.conf" <<END
instance V
vrid 51
priority 100
interval 200000
vip $VIP/24
END

step "what must be ignored, version 3"
vrrp_start a
wait_for 5 "nobody else speaks: master" holds_vip a $VIP
ignored "TTL 254" "wrong TTL" ttl=254
ignored "version 4" "wrong version" version=4
ignored "type 2" "not an advertisement" type=2
ignored "a bad checksum" "bad checksum" sum=bad
ignored "seven bytes" "too short" cut=5
ignored "an address too few" "wrong length" count=200
ignored "trailing bytes" "wrong length" pad=27
ignored "no address" "no addresses" vips= count=0
ignored "interval 0" "wrong interval" interval=0
ignored "version 2" "wrong version" version=2 interval=1
inject sweep=1 repeat=255 prio=0
inject repeat=20 frag=0x2000
inject repeat=20 totlen=2000
inject repeat=20 totlen=21
inject repeat=20 src=10.79.0.1
inject repeat=20 dst=10.79.0.1 dmac="$(mac_of a)"
for length in 0 1 7 100 700 1400; do
	inject repeat=10 pad=$length vips=10.79.0.9 count=$((length % 256)) sum=bad
done
wait_for 5 "packets for others are counted as strays" counts " strays=274"
check "still the master after all of it" holds_vip a $VIP
check "which it has been all the time" counts " takeovers=1 "

step "what must count"
obeyed "a higher priority"
obeyed "the message-only checksum" sum=message
obeyed "set reserved bits" reserved=15
ignored "a list without our address" "none of our addresses" vips=10.79.0.7,10.79.0.8
obeyed "a list that has ours, and another" vips=10.79.0.100,10.79.0.8
obeyed "an IP header with options" ihl=15
obeyed "equal priority from a higher address" prio=100
check "deviations are counted" \
	counts "{checksum of the other form (v3_checksum_as_v2)}=1"

step "what must be answered"
# The beat is so slow that whatever comes before it is an answer.
sed -i 's/^interval .*/interval 40000000/' "$NET_DIR/a.conf"
capture_start wire wire
# sent: our adverts so far; one_more COUNT: one after those.
sent() { captured wire 'ip.src == 10.79.0.1 && vrrp' frame.number | wc -l; }
one_more() { [ "$(sent)" -gt "$1" ]; }
vrrp_say a reload
wait_for 5 "the new interval is said" one_more 0
# answered PRIO: by an advert after it, long before the beat.
answered() {
	captured wire vrrp frame.time_relative ip.src vrrp.prio |
		awk -v p="$1" '$2 == "10.79.0.3" && $3 == p { t = $1 }
			$2 == "10.79.0.1" && t != "" { d = $1 - t; exit }
			{ print } END { exit !(d > 0 && d < 10) }'
}
before=$(sent)
inject prio=99
wait_for 5 "a lower priority is answered" one_more "$before"
check "at once" answered 99
before=$(sent)
inject prio=0
wait_for 5 "so is priority 0" one_more "$before"
check "at once, too" answered 0
capture_stop wire
check "and nothing sent is odd to Wireshark" clean_capture wire 10.79.0.1

step "a flood of ten thousand bad and lower adverts"
inject repeat=5000 sum=bad
inject repeat=5000 prio=1
check "is survived" holds_vip a $VIP
check "without a change" counts " takeovers=7 "
vrrp_stop a

step "version 2 with a password"
cat >"$NET_DIR/a.conf" <<END
instance V
version 2
vrid 51
priority 100
interval 1000000
auth s3cret
vip $VIP/24
END
SEEN=()
V2="version=2 interval=1 auth=1"
vrrp_start a
wait_for 6 "master" holds_vip a $VIP
# shellcheck disable=SC2086
{
	ignored "a wrong password" "wrong password" $V2 pass=secret
	ignored "no password" "wrong authentication type" version=2 \
		interval=1 auth=0
	ignored "another interval" "wrong interval" $V2 pass=s3cret interval=2
	ignored "another list of addresses" "other addresses than ours" $V2 \
		pass=s3cret vips=10.79.0.100,10.79.0.7
	inject $V2 pass=s3cret
}
wait_for 2 "the right one is obeyed" lacks_vip a $VIP
vrrp_stop a
finish
