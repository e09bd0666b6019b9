# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: what a stop leaves and what it removes; 10,000 servers within a second
# limit: 150
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
# The table is too long to be shown.
assert_diagnose() { :; }

FOREIGN="-A -t 10.77.0.99:80 -s rr
-a -t 10.77.0.99:80 -r 10.78.0.7:80 -m -w 7"

# conf_print SERVICES SERVERS [GLOBAL...]
conf_print() {
	local services=$1 servers=$2 i j
	shift 2
	printf '%s\n' "global_defs {" "$@" "}"
	for ((i = 0; i < services; i++)); do
		printf '%s\n' "virtual_server 10.80.$((i / 250)).$((i % 250)) 3306 {" \
			"lvs_sched wlc" "lvs_method DR" "protocol TCP"
		for ((j = 1; j <= servers; j++)); do
			printf '%s\n' "real_server 10.81.$i.$j 3306 {" "weight 5" "}"
		done
		echo "}"
	done >>/tmp/body
	cat /tmp/body
	rm /tmp/body
}

# servers_are NUMBER: so many servers are in the table. The kernel's own file
# is quicker to read than ipvsadm's output.
servers_are() {
	local count
	count=$(ns lb1 grep -c -- '->' /proc/net/ip_vs)
	echo "$((count - 1)) servers"
	[ "$((count - 1))" -eq "$1" ]
}

# stop_timed: sets TOOK, the time from SIGTERM to the end, in ms.
stop_timed() {
	local start=${EPOCHREALTIME/./}
	daemon_stop evenkeeld.lb1
	TOOK=$(((${EPOCHREALTIME/./} - start) / 1000))
}

step "10,000 servers, and a service of somebody else"
silent_node lb1
ns lb1 ipvsadm -R <<<"$FOREIGN"
conf_print 100 100 lvs_flush_on_stop >/tmp/evenkeel.conf
evenkeel_start /tmp/evenkeel.conf
wait_for 60 "all are in" servers_are 10001
# figure NAME: of the metrics, in ms; the read of the kernel's table is the longest
# slice of them.
figure() { sed -n "s/^evenkeel_$1 //p" /run/metrics | awk '{ print $1 * 1000 }'; }
evenkeel lb1 metrics >/run/metrics
check_equal "metrics have the kernel's weights of all" 10000 \
	"$(grep -c '^evenkeel_server_weight_kernel{.* 5$' /run/metrics)"
echo "   a scrape takes $(figure scrape_duration_seconds) ms of the daemon," \
	"at most $(figure scrape_held_seconds) ms at a time"
stop_timed
check "lvs_flush_on_stop removes them, in good order" servers_are 1
check_equal "the foreign service stays" "$FOREIGN" "$(table lb1)"
# A second on a real machine. The sanitizers and the emulation make it slower,
# each several times.
check "within a second, times three for the emulator: $TOOK ms" \
	test "$TOOK" -lt 3000

# stopped WORD SERVERS GLOBAL [OPTION...]: starts, stops, and looks.
stopped() {
	local word=$1 servers=$2 global=$3
	shift 3
	conf_print 2 2 "$global" >/tmp/evenkeel.conf
	evenkeel_launch /tmp/evenkeel.conf lb1 "$@"
	wait_for 20 "$word: the servers are in" servers_are 5
	check "$word: the daemon stops" daemon_stop evenkeeld.lb1
	check "$word: $servers servers are left" servers_are "$servers"
	ns lb1 ipvsadm -C
	ns lb1 ipvsadm -R <<<"$FOREIGN"
}

step "every way to say it"
stopped "nothing said" 5 ""
stopped "lvs_flush_on_stop" 1 lvs_flush_on_stop
stopped "lvs_flush_on_stop and -I" 5 lvs_flush_on_stop -I
stopped "keepalived_compat" 1 keepalived_compat
stopped "--keepalived-compat" 1 "" --keepalived-compat
stopped "--keepalived-compat and -I" 5 "" --keepalived-compat -I

step "net_namespace_ipvs: the table is beside the daemon"
ip netns add beside
# Without any address a namespace has no unicast, and the kernel takes no server.
ip -n beside link set lo up
there() { ip netns exec beside grep -c '^TCP' /proc/net/ip_vs; }
there_are() { [ "$(there)" -eq "$1" ]; }
{
	echo "net_namespace_ipvs beside"
	conf_print 2 2 lvs_flush_on_stop
} >/tmp/evenkeel.conf
evenkeel_start /tmp/evenkeel.conf
wait_for 20 "the virtual servers are in the other namespace" there_are 2
check "here is what somebody else has made" servers_are 1
ip netns exec beside ipvsadm -C
wait_for 30 "what is lost there is repaired" there_are 2
check "the daemon stops" daemon_stop evenkeeld.lb1
check "and empties the other table" there_are 0
check "not this one" servers_are 1
finish
