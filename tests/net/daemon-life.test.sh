#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The scripts around the daemon's life, and how its processes are called and run.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"

net_build a
assert_diagnose() { tail -n 15 "$NET_DIR/a.log" | cut -c1-180; }
gone() { ! kill -0 "$1" 2>/dev/null; }
child() { pgrep -P "$BALANCER" -f "evenkeel-$1"; }
has_vip() { ip -n a addr show dev eth0 | grep -qF "10.79.0.100/"; }
field() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"; }
# Of a child that may be being started anew.
child_field() { local pid; pid=$(child "$1") && [ "$(field "$pid" "$2")" = "$3" ]; }
nice_of() { cut -d ' ' -f 19 "/proc/$1/stat"; }
child_nice() { local pid; pid=$(child "$1") && [ "$(nice_of "$pid")" = "$2" ]; }

# script NAME: says what the host is like when it runs, and waits to be let go.
script() {
	cat >"$NET_DIR/$1" <<-END
		#!/bin/sh
		ip addr show dev eth0 | grep -c 10.79.0.100/ >"$NET_DIR/$1.vips"
		pgrep -P \$PPID -f -- --child >"$NET_DIR/$1.children"
		id -G >"$NET_DIR/$1.groups"
		echo "\$\$" >"$NET_DIR/$1.pid"
		until [ -e "$NET_DIR/$1.go" ]; do sleep 0.1; done
	END
	chmod 755 "$NET_DIR/$1"
}
# conf WORD...: the file, with these lines in global_defs.
conf() {
	printf '%s\n' "global_defs {" "$@" "}" "vrrp_instance ONE {" "interface eth0" \
		"virtual_router_id 51" "priority 100" "version 3" "advert_int 0.2" \
		"virtual_ipaddress {" "10.79.0.100/24" "}" "}" \
		"virtual_server 10.79.0.100 80 {" "lvs_sched rr" "lvs_method NAT" \
		"protocol TCP" "real_server 10.79.0.1 80 {" "TCP_CHECK {" "}" "}" "}" \
		>"$NET_DIR/a.conf"
}
script begin
script end

step "startup_script comes before everything"
conf "startup_script $NET_DIR/begin root" "shutdown_script $NET_DIR/end root"
balancer_start a -P
wait_for 20 "it runs" test -s "$NET_DIR/begin.pid"
kill -HUP "$BALANCER"
check_equal "no address is held" 0 "$(cat "$NET_DIR/begin.vips")"
check_not "and no process has been started" test -s "$NET_DIR/begin.children"
check_equal "it has no group but its user's" 0 "$(cat "$NET_DIR/begin.groups")"
touch "$NET_DIR/begin.go"
wait_for 20 "its end lets the daemon begin" has_vip
loaded() { grep -qF "a.conf is in force" "$NET_DIR/a.log"; }
wait_for 20 "a reload of meanwhile is done" loaded

step "shutdown_script comes after everything"
kill "$BALANCER"
wait_for 20 "it runs" test -s "$NET_DIR/end.pid"
check_equal "the address is given up" 0 "$(cat "$NET_DIR/end.vips")"
check_not "and the processes are gone" test -s "$NET_DIR/end.children"
check "the daemon waits for it" kill -0 "$BALANCER"
kill "$BALANCER"
wait_for 20 "another signal ends both" gone "$BALANCER"
check "the script too" gone "$(cat "$NET_DIR/end.pid")"

step "a script that does not end is killed at its time"
rm -f "$NET_DIR"/*.go "$NET_DIR"/*.pid
conf "startup_script $NET_DIR/begin root" "startup_script_timeout 1"
balancer_start a -P
wait_for 30 "the daemon begins all the same" has_vip
wait_for 20 "the script is gone" gone "$(cat "$NET_DIR/begin.pid")"
kill "$BALANCER"
wait_for 20 "it ends" gone "$BALANCER"

step "an end while it starts"
rm -f "$NET_DIR"/*.pid
conf "startup_script $NET_DIR/begin root" "startup_script_timeout 1000"
balancer_start a -P
wait_for 20 "the script runs" test -s "$NET_DIR/begin.pid"
kill "$BALANCER"
wait_for 20 "the daemon ends" gone "$BALANCER"
check "and the script" gone "$(cat "$NET_DIR/begin.pid")"

step "names, priorities and processors"
conf "process_name director" "checker_process_name prober" "vrrp_process_name pair" \
	"checker_priority 7" "vrrp_priority 5" "umask 027" \
	"checker_cpu_affinity 0" "vrrp_cpu_affinity 0" "bfd_process_name neighbours" \
	"bfd_priority 9" "bfd_cpu_affinity 0" "bfd_rlimit_rttime 70000" \
	"max_auto_priority 1" "min_auto_priority_delay 500000"
NEIGHBOUR="bfd_instance NEXT { neighbor_ip 10.79.0.9 }"
echo "$NEIGHBOUR" >>"$NET_DIR/a.conf"
balancer_start a
wait_for 20 "it begins" has_vip
check_equal "main's name" director "$(field "$BALANCER" Name)"
check_equal "its umask" 0027 "$(field "$BALANCER" Umask)"
wait_for 20 "the checker's name" child_field checker Name prober
check "its nice value" child_nice checker 7
check "its processors" child_field checker Cpus_allowed_list 0
wait_for 20 "the name of the VRRP process" child_field vrrp Name pair
check "its nice value" child_nice vrrp 5
check "its processors" child_field vrrp Cpus_allowed_list 0
wait_for 20 "the name of the process that speaks BFD" child_field bfd Name neighbours
check "its nice value" child_nice bfd 9
check "its processors" child_field bfd Cpus_allowed_list 0
check "its time without a pause" grep -Eq "realtime timeout +70000 " "/proc/$(child bfd)/limits"

# After a second of standing still its timers are late.
delayed() { grep -qF "real-time priority 1 from now on" "$NET_DIR/a.log"; }
real_time() { [ "$(cut -d ' ' -f 40,41 "/proc/$(child vrrp)/stat")" = "1 2" ]; }
later() { [ "$(date +%s%N)" -gt "$1" ]; }
STILL=$(child vrrp)
kill -STOP "$STILL"
wait_for 10 "it stands still for a second" later $(($(date +%s%N) + 1000000000))
kill -CONT "$STILL"
wait_for 20 "it is in more of a hurry then" delayed
if chrt -r 1 true; then
	wait_for 10 "the kernel knows of it" real_time
fi

step "a reload without them"
OLD=$(child vrrp)
ALL=$(field "$BALANCER" Cpus_allowed_list)
conf
echo "$NEIGHBOUR" >>"$NET_DIR/a.conf"
kill -HUP "$BALANCER"
named() { [ "$(field "$BALANCER" Name)" = evenkeeld ]; }
wait_for 20 "main's name" named
check_not "its umask" test "$(field "$BALANCER" Umask)" = 0027
wait_for 20 "the name of the VRRP process" child_field vrrp Name evenkeel-vrrp
check "its processors" child_field vrrp Cpus_allowed_list "$ALL"
check "its nice value" child_nice vrrp 0
check_equal "it is the same process" "$OLD" "$(child vrrp)"
wait_for 20 "the checker is another one" child_field checker Name evenkeel-check
check "with the usual nice value" child_nice checker 0
wait_for 20 "and so is the one that speaks BFD" child_field bfd Name evenkeel-bfd
check "with the usual nice value" child_nice bfd 0
kill "$BALANCER"
wait_for 20 "it ends" gone "$BALANCER"

step "a reload at a time, and the mark of one"
loads() { [ "$(grep -c "a.conf is in force" "$NET_DIR/a.log")" -gt "$1" ]; }
conf "reload_time_file $NET_DIR/time" "reload_file $NET_DIR/mark"
balancer_start a -P
wait_for 20 "it begins" has_vip
BEFORE=$(grep -c "a.conf is in force" "$NET_DIR/a.log")
echo "$(date -u -d '+2 hours' +%T)Z" >"$NET_DIR/time"
planned() { grep -qF "the next reload is at" "$NET_DIR/a.log"; }
wait_for 20 "a reload is planned" planned
check_not "and not done" loads "$BEFORE"
echo left >"$NET_DIR/mark"
date -u -d '+2 seconds' '+%Y-%m-%d %TZ' >"$NET_DIR/time.new"
mv "$NET_DIR/time.new" "$NET_DIR/time"
wait_for 20 "it is done at its time" loads "$BEFORE"
check_not "the file is gone" test -e "$NET_DIR/time"
check_not "and so is the mark" test -e "$NET_DIR/mark"
kill "$BALANCER"
wait_for 20 "it ends" gone "$BALANCER"

step "a start on a full disk"
conf
rm -rf "$NET_DIR/run.a"
mkdir "$NET_DIR/run.a"
mount -t tmpfs -o size=64k full "$NET_DIR/run.a"
check_not "it is full" dd if=/dev/zero of="$NET_DIR/run.a/filler" bs=4k
balancer_start a
wait_for 20 "it begins" has_vip
answers() {
	"$EVENKEEL_BUILD/evenkeel" --socket "$NET_DIR/run.a/control.sock" status |
		grep -F generation
}
wait_for 20 "it answers" answers
check_not "no number is there" test -e "$NET_DIR/run.a/evenkeeld.pid"
check "the log says so" grep -qF "evenkeeld.pid cannot be written" "$NET_DIR/a.log"
FIRST=$BALANCER
balancer_start a
wait_for 20 "it stays the only one" gone "$BALANCER"
rm "$NET_DIR/run.a/filler"
wait_for 60 "its number is written when there is room" test -s "$NET_DIR/run.a/evenkeeld.pid"
check_equal "and is its own" "$FIRST" "$(cat "$NET_DIR/run.a/evenkeeld.pid")"
kill "$FIRST"
wait_for 20 "it ends" gone "$FIRST"
umount "$NET_DIR/run.a"

step "net_namespace"
conf
printf '%s\n' "net_namespace a" "instance inner" >>"$NET_DIR/a.conf"
NS=$(stat -Lc %i /run/netns/a)
"$EVENKEEL_BUILD/evenkeeld" -n -l -P -f "$NET_DIR/a.conf" \
	--run-dir "$NET_DIR/run.other" >>"$NET_DIR/a.log" 2>&1 &
BALANCER=$!
wait_for 20 "the address is taken there" has_vip
check "its files are in a folder of its own" \
	test -s "$NET_DIR/run.other/inner/evenkeeld.pid"
check_equal "main is there" "$NS" "$(stat -Lc %i "/proc/$BALANCER/ns/net")"
kill "$BALANCER"
wait_for 20 "it ends" gone "$BALANCER"
conf
echo "net_namespace nowhere" >>"$NET_DIR/a.conf"
refused() {
	! "$EVENKEEL_BUILD/evenkeeld" -n -l -P -f "$NET_DIR/a.conf" \
		--run-dir "$NET_DIR/run.other" >"$NET_DIR/refused" 2>&1 &&
		grep -qF "/run/netns/nowhere" "$NET_DIR/refused"
}
check "without it the daemon does not start" refused
conf
echo "net_namespace_ipvs nowhere" >>"$NET_DIR/a.conf"
check "nor without that of the table" refused

step "net_namespace_ipvs"
conf
ip netns add beside
echo "net_namespace_ipvs beside" >>"$NET_DIR/a.conf"
balancer_start a
wait_for 20 "the address is taken here" has_vip
check_equal "main is here" "$NS" "$(stat -Lc %i "/proc/$BALANCER/ns/net")"
# holds PID: CAP_SYS_ADMIN, which is number 21, is in effect.
holds() { (((0x$(sed -n 's/^CapEff:\t//p' "/proc/$1/status") >> 21) & 1)); }
check "and may go there" holds "$BALANCER"
for CHILD in $(pgrep -P "$BALANCER"); do
	check_not "which $(cat "/proc/$CHILD/comm") may not" holds "$CHILD"
	check_equal "and it is here" "$NS" "$(stat -Lc %i "/proc/$CHILD/ns/net")"
done
kill "$BALANCER"
wait_for 20 "it ends" gone "$BALANCER"
ip netns del beside
finish
