# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The daemons under test, and the client that holds connections.

EVENKEEL_BUILD=$LAB_SRC/build/$LAB_FLAVOUR
declare -A DAEMON_PID

# evenkeel_start CONF [LB] [OPTION...]: starts the daemon and waits until it
# answers. Its log is evenkeeld.LB.log in the job folder.
evenkeel_start() {
	local lb=${2:-lb1}
	evenkeel_launch "$@"
	wait_for 20 "evenkeeld answers on $lb" evenkeel "$lb" status
}

# evenkeel_launch CONF [LB] [OPTION...]: starts it and does not wait.
evenkeel_launch() {
	local conf=$1 lb=${2:-lb1}
	shift
	[ $# -eq 0 ] || shift
	mkdir -p "/run/evenkeel-$lb"
	"$LAB_NS" "$lb" "$EVENKEEL_BUILD/evenkeeld" -n -l \
		-f "$conf" --run-dir "/run/evenkeel-$lb" "$@" \
		>>"$LAB_JOB/evenkeeld.$lb.log" 2>&1 &
	DAEMON_PID[evenkeeld.$lb]=$!
}

# evenkeel LB WORD...: the control command, asking that daemon.
evenkeel() {
	local lb=$1
	shift
	"$EVENKEEL_BUILD/evenkeel" --run-dir "/run/evenkeel-$lb" "$@"
}

# evenkeel_log LB TEXT: the daemon has logged the text.
evenkeel_log() {
	local log
	log=$(<"$LAB_JOB/evenkeeld.$1.log")
	[[ $log == *"$2"* ]]
}

# daemon_signal NAME SIGNAL, daemon_stop NAME, daemon_kill NAME: NAME is
# evenkeeld.lb1, keepalived.lb1, heldconn.NAME.
daemon_signal() {
	kill -"$2" "${DAEMON_PID[$1]}"
}

daemon_stop() {
	kill "${DAEMON_PID[$1]}" && wait "${DAEMON_PID[$1]}"
}

daemon_kill() {
	kill -KILL "${DAEMON_PID[$1]}"
	wait "${DAEMON_PID[$1]}" 2>/dev/null
	return 0
}

# keepalived_start CONF [LB] [OPTION...]: the peer; healthcheckers only unless
# the options say otherwise. -G because its syslog messages would go to the
# console, past every redirection. It does not wait: each scenario knows its table.
keepalived_start() {
	local conf=$1 lb=${2:-lb1} dir
	shift
	[ $# -eq 0 ] || shift
	[ $# -gt 0 ] || set -- --check
	dir=/run/keepalived-$lb
	mkdir -p "$dir"
	"$LAB_NS" "$lb" keepalived -n -l -G -D -f "$conf" \
		-p "$dir/pid" -r "$dir/vrrp.pid" -c "$dir/check.pid" "$@" \
		>>"$LAB_JOB/keepalived.$lb.log" 2>&1 &
	DAEMON_PID[keepalived.$lb]=$!
}

# held_start NAME [OPTION...]: client connections through the service address
# (see tools/heldconn.c for options). Its report is renewed all the time.
held_start() {
	local name=$1
	shift
	"$LAB_NS" "client" \
		"$LAB_SRC/build/lab-tools/heldconn" -h "$VIP" -P "$MARIADB_PORT" \
		-u app -p app-secret -o "/run/held.$name" "$@" \
		>>"$LAB_JOB/heldconn.$name.log" 2>&1 &
	DAEMON_PID[heldconn.$name]=$!
}

# held_stop NAME: ends it; the last report is then complete.
held_stop() {
	daemon_stop "heldconn.$1"
	cp "/run/held.$1" "$LAB_JOB/held.$1"
}

# held_value NAME KEY: one number of the report; "server.2.open" for instance.
held_value() {
	local key value
	while read -r key value; do
		if [ "$key" = "$2" ]; then
			echo "$value"
			return
		fi
	done 2>/dev/null <"/run/held.$1"
	echo 0
}

# held_is NAME KEY OPERATOR NUMBER: compares as test(1) does: -eq, -ge, ...
held_is() {
	local comparison
	comparison=("$(held_value "$1" "$2")" "$3" "$4")
	echo "$2: ${comparison[*]}"
	test "${comparison[@]}"
}
