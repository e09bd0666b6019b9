# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: what the kernel refuses is named and tried again; the rest goes on
# limit: 150
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh

# conf_print MASK: 40 servers in one service, number 20 of which the kernel
# refuses for as long as its address is a broadcast address of the balancer; a
# service whose scheduler Debian's kernel lacks, and one after it.
conf_print() {
	local i
	echo "virtual_server 10.77.0.100 3306 {"
	printf '\t%s\n' "lvs_sched wlc" "lvs_method DR" "protocol TCP"
	for ((i = 1; i <= 40; i++)); do
		[ "$i" = 20 ] && echo "	real_server 10.78.0.255 3306 {" ||
			echo "	real_server 10.78.0.$i 3306 {"
		echo "		weight $i"
		echo "	}"
	done
	cat <<-END
		}
		virtual_server 10.77.0.101 3306 {
			lvs_sched twos
			lvs_method DR
			protocol TCP
			real_server 10.78.0.1 3306 {
			}
		}
		virtual_server 10.77.0.102 3306 {
			lvs_sched rr
			lvs_method DR
			protocol TCP
			real_server 10.78.0.2 3306 {
			}
		}
	END
}

wanted() {
	local i
	for ((i = 1; i <= 40; i++)); do
		[ "$i" = 20 ] ||
			echo "-a -t 10.77.0.100:3306 -r 10.78.0.$i:3306 -g -w $i"
	done
	echo "-A -t 10.77.0.100:3306 -s wlc"
	echo "-A -t 10.77.0.102:3306 -s rr"
	echo "-a -t 10.77.0.102:3306 -r 10.78.0.2:3306 -g -w 1"
	[ $# = 0 ] || printf '%s\n' "$@"
}

step "without IPVS in the kernel"
topology_build 0
modules=/lib/modules/$(uname -r)
check_not "ip_vs is not loaded" test -d /sys/module/ip_vs
mkdir /tmp/none && mount --bind /tmp/none "$modules"
# The kernel's own helper looks for modules elsewhere than this scenario does.
helper=$(</proc/sys/kernel/modprobe)
echo >/proc/sys/kernel/modprobe
conf_print >/tmp/evenkeel.conf
"$EVENKEEL_BUILD/evenkeeld" -t -f /tmp/evenkeel.conf
check_equal "the file itself is fine, but for servers without a check" 5 $?
evenkeel_launch /tmp/evenkeel.conf
wait_for 20 "it says what to do" evenkeel_log lb1 "modprobe ip_vs"
wait_for 20 "the status says it too" status_has lb1 '"reached":false'
evenkeel_log_count lb1 "modprobe ip_vs"
check "once, not at each try" test "$LOG_COUNT" -eq 1
umount "$modules"
# All but twos, which kernels from 6.2 on do have.
check "now it can be loaded" modprobe -a ip_vs ip_vs_wlc ip_vs_rr ip_vs_lc

step "one server of 40 and one service of three are refused"
wait_for 40 "all the others are in" table_is "$(wanted | sort)"
check "the server is named with its service" evenkeel_log lb1 \
	"10.78.0.255:3306"
check "and so is the scheduler, with what to do" evenkeel_log lb1 \
	"modprobe ip_vs_twos"

step "trying again costs little"
requests_watch
requests_seen
before=$REQUESTS
evenkeel_log_count lb1 "failed to"
lines=$LOG_COUNT
few_requests() {
	requests_seen
	evenkeel_log_count lb1 "failed to"
	echo "$((REQUESTS - before)) requests, $((LOG_COUNT - lines)) lines"
	[ $((REQUESTS - before)) -le 12 ] && [ $((LOG_COUNT - lines)) -le 12 ]
}
holds 8 "few requests and few lines" few_requests

step "the address stops being a broadcast address"
ip -n lb1 addr del 10.78.0.251/24 dev eth0
ip -n lb1 addr add 10.78.0.251/16 dev eth0 broadcast 10.78.255.255
wait_for 40 "the server goes in, unasked" table_is "$(wanted \
	'-a -t 10.77.0.100:3306 -r 10.78.0.255:3306 -g -w 20' | sort)"
sed -i 's/twos/lc/' /tmp/evenkeel.conf
echo "$helper" >/proc/sys/kernel/modprobe
daemon_signal evenkeeld.lb1 HUP
wait_for 20 "so does the service, after a reload" table_has \
	"-a -t 10.77.0.101:3306 -r 10.78.0.1:3306"
evenkeel_log_count lb1 "failed to"
lines=$LOG_COUNT
failures_stop() {
	evenkeel_log_count lb1 "failed to"
	[ "$LOG_COUNT" -eq "$lines" ]
}
holds 3 "and nothing fails any more" failures_stop
before=$(table lb1)
daemon_stop evenkeeld.lb1

step "without the right to"
mkdir -p /run/evenkeel-lb1
: >"$LAB_LOG/evenkeeld.lb1.log"
EVENKEEL_VIA=(setpriv --bounding-set=-net_admin)
evenkeel_launch /tmp/evenkeel.conf
wait_for 20 "root without the capability: it says what it needs" \
	evenkeel_log lb1 "CAP_NET_ADMIN"
check_equal "the table is as it was" "$before" "$(table lb1)"
daemon_stop evenkeeld.lb1

rm -rf /run/evenkeel-lb1 && mkdir /run/evenkeel-lb1
chown nobody /run/evenkeel-lb1
: >"$LAB_LOG/evenkeeld.lb1.log"
EVENKEEL_VIA=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
RECORD=no # nobody cannot read what is beside the recording
evenkeel_launch /tmp/evenkeel.conf
wait_for 20 "as nobody: it says what it needs" \
	evenkeel_log lb1 "CAP_NET_ADMIN"
check_equal "the table is as it was" "$before" "$(table lb1)"
daemon_stop evenkeeld.lb1
finish
