# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The daemons under test, and the client that holds connections.

EVENKEEL_BUILD=$LAB_SRC/build/$LAB_FLAVOUR
declare -A DAEMON_PID
EVENKEEL_VIA=()

# evenkeel_start CONF [LB] [OPTION...]: starts the daemon and waits until it
# answers. Its log is $LAB_LOG/evenkeeld.LB.log.
evenkeel_start() {
	local lb=${2:-lb1}
	evenkeel_launch "$@"
	wait_for 20 "evenkeeld answers on $lb" evenkeel "$lb" status
}

# evenkeel_launch CONF [LB] [OPTION...]: starts it and does not wait. Variables:
# EVENKEEL_LOG is another file for its log; EVENKEEL_VIA, an array, is put before
# the program, setpriv for instance.
evenkeel_launch() {
	local conf=$1 lb=${2:-lb1}
	shift
	[ $# -eq 0 ] || shift
	record_conf "$conf" "$lb"
	evenkeel_exec "$RECORD_CONF" "$lb" "$@" \
		>>"${EVENKEEL_LOG:-$LAB_LOG/evenkeeld.$lb.log}" 2>&1 &
	DAEMON_PID[evenkeeld.$lb]=$!
}

# evenkeel_exec CONF LB [OPTION...]: this shell becomes the daemon.
evenkeel_exec() {
	local conf=$1 lb=$2
	shift 2
	mkdir -p "/run/evenkeel-$lb"
	exec "$LAB_NS" "$lb" "${EVENKEEL_VIA[@]}" "$EVENKEEL_BUILD/evenkeeld" \
		-n -l -D -f "$conf" --run-dir "/run/evenkeel-$lb" "$@"
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
	log=$(<"${EVENKEEL_LOG:-$LAB_LOG/evenkeeld.$1.log}")
	[[ $log == *"$2"* ]]
}

# evenkeel_log_count LB TEXT: sets LOG_COUNT to the lines that hold the text.
evenkeel_log_count() {
	local line
	LOG_COUNT=0
	while IFS= read -r line; do
		[[ $line != *"$2"* ]] || LOG_COUNT=$((LOG_COUNT + 1))
	done <"${EVENKEEL_LOG:-$LAB_LOG/evenkeeld.$1.log}"
}

# evenkeel_log_more LB TEXT NUMBER: more than that many lines hold the text.
evenkeel_log_more() {
	evenkeel_log_count "$1" "$2"
	echo "$LOG_COUNT lines: $2"
	[ "$LOG_COUNT" -gt "$3" ]
}

# status_has LB TEXT: `evenkeel status --json` holds the text.
status_has() {
	local json
	json=$(evenkeel "$1" status --json) || return
	echo "$json"
	[[ $json == *"$2"* ]]
}

# status_lacks LB TEXT: it answers, and without the text.
status_lacks() {
	local json
	json=$(evenkeel "$1" status --json) || return
	echo "$json"
	[[ $json != *"$2"* ]]
}

# process_tree PID: sets TREE to the pids of all its descendants. No fork.
process_tree() {
	TREE=()
	process_tree_add "$1"
}

process_tree_add() {
	local child children
	children=$(<"/proc/$1/task/$1/children") || return 0
	for child in $children; do
		TREE+=("$child")
		process_tree_add "$child"
	done
} 2>/dev/null

# processes_gone PID...: none of them lives (a zombie does not).
processes_gone() {
	local pid state rest
	for pid; do
		read -r rest <"/proc/$pid/stat" || continue
		rest=${rest##*) }
		state=${rest%% *}
		[ "$state" = Z ] && continue
		echo "$pid lives: $(tr '\0' ' ' <"/proc/$pid/cmdline")"
		return 1
	done
} 2>/dev/null

# checker_find LB: sets CHECKER to the pid of the daemon's checker process, as the
# daemon says: a dead one's helpers have its title, and the daemon as parent.
checker_find() {
	CHECKER=$(grep -a "checker: started, pid " \
		"${EVENKEEL_LOG:-$LAB_LOG/evenkeeld.$1.log}" | tail -n 1)
	CHECKER=${CHECKER##* }
	[ -n "$CHECKER" ] && kill -0 "$CHECKER"
}

# checker_is_new LB PID: it has one, and another than that.
checker_is_new() {
	checker_find "$1" && echo "$CHECKER" && [ "$CHECKER" != "$2" ]
}

# process_ticks PID: sets TICKS to the processor time it used, in 1/100 s.
# shellcheck disable=SC2034
process_ticks() {
	local stat
	TICKS=0
	read -r stat <"/proc/$1/stat" || return
	# shellcheck disable=SC2086
	set -- ${stat##*) }
	TICKS=$((${12} + ${13}))
} 2>/dev/null

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
		>>"$LAB_LOG/keepalived.$lb.log" 2>&1 &
	DAEMON_PID[keepalived.$lb]=$!
}

# toys_start NAME MODE PORT...: ill servers in that namespace, or a healthy one
# for a TCP check; see tools/toyserver.c.
toys_start() {
	local name=$1
	shift
	"$LAB_NS" "$name" "$LAB_SRC/build/lab-tools/toyserver" "$@" \
		>"/run/toys.$name" 2>&1 &
	DAEMON_PID[toys.$name]=$!
	poll 10 test -s "/run/toys.$name"
}

# held_start NAME [OPTION...]: client connections through the service address
# (see tools/heldconn.c for options). Its report is renewed all the time.
held_start() {
	local name=$1
	shift
	# The report of an earlier client of that name is not this one's.
	rm -f "/run/held.$name"
	"$LAB_NS" "client" \
		"$LAB_SRC/build/lab-tools/heldconn" -h "$VIP" -P "$MARIADB_PORT" \
		-u app -p app-secret -o "/run/held.$name" "$@" \
		>>"$LAB_LOG/heldconn.$name.log" 2>&1 &
	DAEMON_PID[heldconn.$name]=$!
}

# held_stop NAME: ends it; the last report is then complete.
held_stop() {
	daemon_stop "heldconn.$1"
	cp "/run/held.$1" "$LAB_LOG/held.$1"
}

# held_value NAME KEY: one number of the report; "server.2.open" for instance.
# A connection is in "open" from its login on, in its server's and in "placed" from
# its first answer on: what follows from a server's number waits for "placed".
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
