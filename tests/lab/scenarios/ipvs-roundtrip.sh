# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: ipvs/ against the kernel: every combination, errors, stale plans, dumps
# limit: 400
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
# The table is too long to be shown.
assert_diagnose() { :; }

ROUNDTRIP=$EVENKEEL_BUILD/tests/lab/ipvs/roundtrip
roundtrip() { ns lb1 "$ROUNDTRIP" "$@"; }
ip netns add lb1
ns lb1 ip link set lo up

step "opening"
check_not "ip_vs is not loaded at first" test -d /sys/module/ip_vs
setpriv --reuid 65534 --clear-groups --bounding-set -all --inh-caps -all \
	"$ROUNDTRIP" info 2>/tmp/nobody
check "without the right to, it says what it needs" \
	grep -q "needs CAP_NET_ADMIN" /tmp/nobody
cp /proc/sys/kernel/modprobe /tmp/modprobe
rmmod ip_vs
echo >/proc/sys/kernel/modprobe
check "it loads ip_vs where the kernel may not" roundtrip info
rmmod ip_vs
mkdir -p /tmp/none && mount --bind /tmp/none "/lib/modules/$(uname -r)"
roundtrip info 2>/tmp/missing
check "without the module it says what to do" \
	grep -q "modprobe ip_vs.*linux-image" /tmp/missing
umount "/lib/modules/$(uname -r)"
cat /tmp/modprobe >/proc/sys/kernel/modprobe
check_equal "version and timeouts" \
	"version 10201 size 4096 tcp 1234 tcpfin 120 udp 99" "$(roundtrip info)"

step "every combination"
check_not "the scheduler mh is not loaded yet" test -d /sys/module/ip_vs_mh
check "all goes in and is read back the same" \
	eval 'roundtrip matrix >/tmp/wanted'
ns lb1 ipvsadm -Sn >/tmp/seen
check_equal "as many entries" "$(wc -l </tmp/wanted)" "$(wc -l </tmp/seen)"
check_equal "ipvsadm reads the same, to the letter" \
	"$(sort /tmp/wanted)" "$(sort /tmp/seen)"
check_equal "ipvsadm reads the thresholds of each service's first server" 8 \
	"$(ns lb1 ipvsadm -Ln --thresholds | grep -cE ':3307 +1000 +10 +0 +0')"
check "a second time changes nothing" eval 'roundtrip matrix >/tmp/again'
check "all goes away" roundtrip remove
check_equal "and the table is empty" "" "$(table lb1)"

step "faults"
check "one bad server of 200 fails alone" roundtrip errors
check "a thousand errors are a thousand answers" roundtrip all-errors
check "a plan from an old table still leads to the new" roundtrip stale
check "the last service waits for its successor" roundtrip last
# From 6.2 on there is such a module: the kernel must not find it.
echo >/proc/sys/kernel/modprobe
roundtrip twos >/tmp/twos
cat /tmp/modprobe >/proc/sys/kernel/modprobe
check "an unknown scheduler is named, with what to do" \
	grep -q "no scheduler twos: try \"modprobe ip_vs_twos\"" /tmp/twos
check_equal "and nothing is left of it" "" "$(table lb1)"

for module in /sys/module/ip_vs_*; do rmmod "${module##*/}"; done
check "the module may go and come back" roundtrip module

step "dumps while others write"
check "what a dump misses is confirmed" roundtrip misses
cat "$ASSERT_OUT"

step "beside others"
ns lb1 ipvsadm -R <<-END
	-A -t 192.0.2.9:80 -s rr
	-a -t 192.0.2.9:80 -r 192.0.2.2:80 -g -w 7
END
foreign=$(table lb1)
ns lb1 bash -c 'until [ -e /tmp/enough ]; do
	ipvsadm -A -t 192.0.2.1:80 -s rr
	ipvsadm -a -t 192.0.2.1:80 -r 192.0.2.2:80 -g
	ipvsadm -D -t 192.0.2.1:80
done' &
neighbour=$!
check "every combination, while a neighbour comes and goes" \
	eval 'roundtrip matrix-beside >/tmp/again'
check "and away" roundtrip remove
check "the neighbour was busy all the time" kill -0 "$neighbour"
touch /tmp/enough
wait "$neighbour"
check_equal "what is not ours is as it was" "$foreign" "$(table lb1)"

step "speed, 100 services of 100 servers"
# Deleted servers wait in the kernel's trash and slow down whatever comes after,
# so each measurement has a namespace of its own.
measure() {
	ip netns add speed
	ns speed ip link set lo up
	check "measured: ${1##*/} ${*:2}" ns speed "$@"
	cat "$ASSERT_OUT"
	ip netns del speed
}
bareloop=$LAB_SRC/build/lab-tools/bareloop
measure "$bareloop" 100 100
measure "$bareloop" 100 100 64
measure "$ROUNDTRIP" fill 100 100
finish
