# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: the unit under a real systemd, with the guide's lines: ready, reload, watchdog
# limit: 300
#
# A systemd of its own runs as process 1 of a process namespace, in lb1's
# network, with nothing to start but evenkeel.service and what that names.
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh

ASSERT_STOP=yes
CONF=/etc/evenkeel/evenkeel.conf
UNITS=/tmp/units
OLD="-A -t 10.77.0.100:3307"

# inside COMMAND...: in the namespaces of that systemd.
inside() {
	nsenter --target "$BOX" --mount --pid -- "$@"
}
ctl() { inside systemctl "$@"; }
# guide PAGE WORDS: the page's first line that begins so, word for word.
guide() {
	local words
	read -ra words < <(sed -n "s/^    \($2.*\)/\1/p" "/src/doc/$1.md")
	echo "${words[*]}"
	[ ${#words[@]} -gt 0 ] && inside "${words[@]}"
}
is() { [ "$(ctl show -P "$1" evenkeel.service)" = "$2" ]; }
status_json() { inside "$EVENKEEL_BUILD/evenkeel" --json status; }
main_pid() { ctl show -P MainPID evenkeel.service; }
generation_is() { status_json | grep "\"generation\":$1,"; }
pid_is_not() {
	local pid
	pid=$(main_pid)
	[ "$pid" != 0 ] && [ "$pid" != "$1" ] && status_json >/dev/null
}
table_stays() { table_is "$before"; }

# conf_write PORT...: a service on each port, all with the same server.
conf_write() {
	local port
	for port; do
		sed "s/10.77.0.100 3306/10.77.0.100 $port/;/^$/q" \
			/src/tests/lab/conf/pool.conf
		printf '%s\n' "real_server 10.78.0.1 3306 {" "weight 100" \
			"MYSQL_CHECK {" "username check" \
			"password check-secret" "timeout 5" "}" "}" "}"
	done >$CONF
}

# units: the unit as it would be installed, and the few that it names. Nothing
# else of the host's is to start here. The watchdog is quicker than usual.
units() {
	local name type=notify-reload version
	version=$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
	[ "$version" -ge 253 ] ||
		type="notify\\nExecReload=/bin/kill -HUP \$MAINPID"
	mkdir -p $UNITS/evenkeel.service.d
	sed "s|@sbindir@|$EVENKEEL_BUILD|;s|^Type=.*|Type=$type|" \
		/src/etc/evenkeel.service.in >$UNITS/evenkeel.service
	for name in sysinit basic shutdown network-online lab; do
		printf '[Unit]\nDefaultDependencies=no\n' >"$UNITS/$name.target"
	done
	cp /lib/systemd/system/{modprobe@.service,-.slice,system.slice} \
		/lib/systemd/system/init.scope $UNITS/ 2>/dev/null
	cp /lib/systemd/system/{keepalived.service,reboot.target,umount.target} \
		/lib/systemd/system/{systemd-reboot.service,final.target} $UNITS/
	printf '%s\n' '[Service]' 'WatchdogSec=8' \
		'Environment="EVENKEELD_OPTIONS=-l -D"' \
		"StandardError=append:$LAB_JOB/evenkeeld.log" \
		'Environment=ASAN_OPTIONS=detect_leaks=0:log_path=/mnt/san/asan' \
		>$UNITS/evenkeel.service.d/lab.conf
}

# What systemd says is in the kernel's log.
trap 'dmesg >"$LAB_JOB/dmesg"' EXIT

step "a systemd with one service"
topology_build 1
service_address_add lb1
real_server_dr db1
mariadb_start 1
mkdir -p /etc/evenkeel
conf_write 3306 3307
units
cat >/tmp/box <<END
mount -t proc proc /proc && mount -t tmpfs run /run &&
	umount /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup &&
	exec env container=lab SYSTEMD_UNIT_PATH=$UNITS /lib/systemd/systemd \\
		--system --unit=lab.target --log-target=kmsg --show-status=no
END
mkdir -p /sys/fs/cgroup/box
modprobe autofs4 # systemd would load it and say so on the console
# shellcheck disable=SC2016
"$LAB_NS" lb1 sh -c 'echo $$ >/sys/fs/cgroup/box/cgroup.procs &&
	exec unshare --pid --fork --kill-child --mount --cgroup sh /tmp/box' \
	>"$LAB_JOB/systemd.log" 2>&1 &
DAEMON_PID[systemd]=$!
wait_for 20 "systemd runs" pgrep -x -P "${DAEMON_PID[systemd]}" systemd
BOX=$(pgrep -x -P "${DAEMON_PID[systemd]}" systemd)
wait_for 20 "and answers" ctl is-active lab.target

step "keepalived, and the guide's way from it"
mkdir -p /etc/keepalived
sed 's/10.77.0.100 3306/10.77.0.100 3307/;/^$/q' /src/tests/lab/conf/pool.conf \
	>/etc/keepalived/keepalived.conf
printf '%s\n' "real_server 10.78.0.1 3306 {" "weight 100" "TCP_CHECK {" "}" "}" "}" \
	>>/etc/keepalived/keepalived.conf
check "keepalived runs" ctl start keepalived.service
wait_for 30 "with its server" table_has "-a -t 10.77.0.100:3307 -r 10.78.0.1:"
check "it is not started again" guide from-keepalived "systemctl disable"
check "stopped" guide from-keepalived "systemctl kill --signal=STOP"
check "killed" guide from-keepalived "systemctl kill --signal=KILL"
ended() { [ "$(ctl show -P ActiveState keepalived.service)" = failed ]; }
wait_for 20 "it is gone" ended
check "and its table is not" table_has "-a -t 10.77.0.100:3307 -r 10.78.0.1:"

step "the service starts, with what it may do and no more"
check "it is enabled, and waited for until it is ready" \
	guide from-keepalived "systemctl enable"
check "the table is there by then" table_has "$OLD"
check_equal "the first page says the same" "$(grep '^    systemctl enable' /src/doc/from-keepalived.md)" \
	"$(grep '^    systemctl enable' /src/doc/first-pair.md)"
check "it will be started at each boot" inside \
	test -L /etc/systemd/system/multi-user.target.wants/evenkeel.service
check "the unit says that it is active" is SubState running
wait_for 60 "the server is in: the checks work too" \
	table_weight 10.78.0.1:3306 100
pid=$(main_pid)
inside cat "/proc/$pid/status" >/tmp/main.status
check "main may get no new privileges" grep '^NoNewPrivs:.*1$' /tmp/main.status
check "main is confined by a filter" grep '^Seccomp:.*2$' /tmp/main.status
checker=$(inside pgrep -P "$pid" -f ^evenkeel-checker)
filters() { inside sed -n 's/^Seccomp_filters:[[:space:]]*//p' "/proc/$1/status"; }
check "the checker has a filter more than main" \
	test "$(filters "$checker")" -gt "$(filters "$pid")"
check_not "and nothing was refused" \
	grep -E "cannot be confined|has a filter of system calls" "$LAB_JOB/evenkeeld.log"
inside cat "/proc/$checker/status" >/tmp/checker.status
check "the checker is an ordinary user" grep "^Uid:.*$(id -u nobody)" \
	/tmp/checker.status
check "and has no capability" grep '^CapBnd:.*0000000000000000$' \
	/tmp/checker.status

step "reload"
conf_write 3306
check "systemctl reload" ctl reload evenkeel.service
wait_for 20 "the new file is in force" generation_is 2
wait_for 20 "the second service is gone" table_has_not "$OLD"
conf_write 3306 3307
check "and back" ctl reload evenkeel.service
wait_for 20 "with its server" table_has "$OLD"
wait_for 60 "the server is in both" table_has \
	"-a -t 10.77.0.100:3307 -r 10.78.0.1:"

step "restarts"
before=$(table)
check "systemctl restart" ctl restart evenkeel.service
check "changes nothing in the table" table_stays
pid=$(main_pid)
inside kill -KILL "$pid"
wait_for 30 "a killed daemon is started again" pid_is_not "$pid"
check "nothing changed" table_stays
pid=$(main_pid)
inside kill -STOP "$pid"
wait_for 90 "one that stands still is noticed by the watchdog" pid_is_not "$pid"
check "nothing changed" table_stays

step "VRRP and the firewall within the unit's limits"
cat >>$CONF <<END
vrrp_instance V1 {
	interface eth0
	virtual_router_id 7
	advert_int 0.5
	version 3
	no_accept
	virtual_ipaddress {
		10.77.0.200
	}
}
END
check "systemctl reload" ctl reload evenkeel.service
has_address() { ip -n lb1 -o addr show dev eth0 | grep 10.77.0.200/; }
has_rules() { ns lb1 iptables -S INPUT | grep EVENKEEL; }
wait_for 30 "the instance is master" has_address
check "no_accept has its rules" has_rules
conf_write 3306 3307
check "systemctl reload" ctl reload evenkeel.service
lacks_address() { ! has_address; }
lacks_rules() { ! has_rules; }
wait_for 30 "and no longer" lacks_address
wait_for 10 "nor rules" lacks_rules

step "a service that left the file while the daemon was stopped"
check "it is stopped as before a reboot" guide planned-work "systemctl stop"
check "a stop leaves the table" table_stays
check "and the list of our services" inside test -s /run/evenkeel/services
conf_write 3306
check "systemctl start" ctl start evenkeel.service
wait_for 20 "it is removed at the next start" table_has_not "$OLD"

step "a file that is refused"
echo 'virtual_sever 10.77.0.100 3306 {' >$CONF
check_not "systemctl restart fails" ctl restart evenkeel.service
check "it is not tried again and again" is SubState failed
check "for what it is" is ExecMainStatus 2
check "the table still serves" table_has "-r 10.78.0.1:3306"

step "a reboot"
conf_write 3306
ctl reset-failed evenkeel.service
check "systemctl start" ctl start evenkeel.service
before=$(table)
stops() { grep -c "main: .*signal 15 .*: stopping" "$LAB_JOB/evenkeeld.log"; }
once=$(stops)
check "as the guide says it" guide planned-work "systemctl reboot"
gone() { ! kill -0 "$BOX" 2>/dev/null; }
wait_for 60 "the host goes down" gone
check_equal "evenkeel was stopped in good order" $((once + 1)) "$(stops)"
check "and left the table to the last moment" table_stays
finish
