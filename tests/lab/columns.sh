# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# One column of the guide's table of what breaks when, LAB_NAME of the table `columns`:
# `./dev bench directors` runs each of them under its own name. Each row begins with 400
# connections, and its figures stand in column.txt:
#
#   ROW|broken|hung|moved|of a server that died|ms until the router sent nothing there
#
# and at the end, for 40 new connections to servers that are all dead,
# "all-dead|refused|unreachable".
# A connection of a server that dies in the row is counted apart: no balancer saves it.
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
# shellcheck source=tests/lab/lib/directors.sh
. /src/tests/lab/lib/directors.sh

# Fewer events with the same daemons are recorded and replayed by the scenarios.
# shellcheck disable=SC2034
RECORD=no
COLUMN_KEEPS=yes # by sync or mh: what the guide promises is checked
COLUMN_SYNCED=yes # each director knows all connections
COLUMN_PLAIN="killed drained returns cut boots silent dies comes all-dead"
COLUMN_SWAPS="killed-swap drained-swap returns-swap cut-swap boots-swap silent-swap"
COLUMN_OUT= # the server that is dead between rows
COLUMN_LIVING=(1 2 3 4) # directors
FLOWS=m0

# column_set BGP KNOWN HASH BFD ROWS: the words of a line of the table. They are settings
# of directors.sh.
# shellcheck disable=SC2034
column_set() {
	DIRECTORS_ROUTER=$1
	DIRECTORS_SPEAKERS=$1
	DIRECTORS_HASH=$3
	DIRECTORS_BFD=$4
	DIRECTORS_GLOBAL=MESH
	case $2 in
	sync)
		DIRECTORS_GLOBAL=$'lvs_sync_daemon eth0 id 77\nlvs_sync_tuning on\nMESH'
		DIRECTORS_GROUP=''
		;;
	mh)
		DIRECTORS_GLOBAL=$'lvs_mh_tuning on\nMESH'
		DIRECTORS_SCHED=$'lvs_sched mh\nmh-port\nmh-fallback'
		COLUMN_SYNCED=no
		;;
	not) COLUMN_KEEPS=no COLUMN_SYNCED=no ;;
	scripts) COLUMN_KEEPS=no DIRECTORS_CONTROLLER=keepalived ;;
	esac
	COLUMN_ROWS=${5/all/plain $COLUMN_SWAPS}
	COLUMN_ROWS=${COLUMN_ROWS/plain/$COLUMN_PLAIN}
}

# column_has ROW
column_has() { [[ " $COLUMN_ROWS " == *" $1 "* ]]; }

# column_row ROW MOST COMMAND...: does that to 400 connections; at most MOST of those
# whose server lives may end. Where a server dies or returns in it too, that is promised
# with connection sync alone.
column_row() {
	local row=$1 most=$2
	shift 2
	column_has "$row" || return 0
	column_full
	OWN=0 LOST_MS=
	flows_case "$FLOWS" "$row" "$@"
	BROKEN=$((BROKEN - OWN))
	echo "$row|$BROKEN|$HUNG|$MOVED|$OWN|$LOST_MS" >>"$LAB_LOG/column.txt"
	if [ $COLUMN_KEEPS = yes ] && { [ $COLUMN_SYNCED = yes ] || [[ $row != *-* ]]; }; then
		check "$row: at most $most break" flows_lost_at_most "$most"
	fi
}

# Connections that ended are replaced by new ones on other ports.
column_full() {
	if [ "$FLOWS" != m0 ]; then
		[ "$(flows_sum "$FLOWS" open)" -lt $FLOWS_HELD ] || return 0
		flows_end "$FLOWS"
	fi
	FLOWS=m$((${FLOWS#m} + 1))
	column_settled
	flows_hold "$FLOWS"
	# Later ones may begin while a director is drained, or a server is dead.
	if [ "$FLOWS" = m1 ]; then
		check "the router spreads them evenly over directors" \
			flows_spread "$DIRECTORS"
		[ -n "$COLUMN_OUT" ] ||
			check "the directors spread them evenly over servers" \
				flows_even_sum "$FLOWS" 1 2 3
	fi
	[ $COLUMN_SYNCED = no ] ||
		wait_for 30 "each director knows all connections" \
			directors_know $FLOWS_HELD "${COLUMN_LIVING[@]}"
}

# Each director that lives knows which servers do.
column_settled() {
	local n server
	for n in "${COLUMN_LIVING[@]}"; do
		for server in 1 2 3; do
			if [ "$server" = "$COLUMN_OUT" ]; then
				wait_for 30 "director $n has server $server out" \
					column_without "$server" "$n"
			else
				wait_for 30 "director $n has server $server" \
					column_serves "$server" "$n"
			fi
		done
	done
}

column_server_dies() {
	OWN=$(flows_sum "$FLOWS" server.2.open)
	daemon_kill toys.db2
	COLUMN_OUT=2
}
column_server_comes() {
	named_server 2
	COLUMN_OUT=
	column_settled
}
# column_serves SERVER N, column_without SERVER N
column_serves() { table_weight "10.78.0.$1:$MARIADB_PORT" 1 "lb$2"; }
column_without() { ! column_serves "$@"; }

# swap COMMAND...: that, and in the same moment one server dies and another returns.
swap() {
	local dies=$((5 - COLUMN_OUT))
	OWN=$(flows_sum "$FLOWS" "server.$dies.open")
	daemon_kill "toys.db$dies"
	named_server "$COLUMN_OUT"
	COLUMN_OUT=$dies
	"$@"
}

# lost off|silent N, boots N: as in directors.sh.
lost() {
	local n living=()
	for n in "${COLUMN_LIVING[@]}"; do
		[ "$n" = "$2" ] || living+=("$n")
	done
	COLUMN_LIVING=("${living[@]}")
	director_lost "$@"
}
boots() {
	director_boot "$1"
	COLUMN_LIVING=(1 2 3 4)
	column_balanced
}
ready() {
	director_ready "$1"
	column_balanced
}

# A resilient group gives who returns its share later, when unbalanced_timer is over.
column_balanced() {
	[ "$DIRECTORS_HASH" = ordinary ] ||
		wait_for 30 "the router's group is balanced" directors_balanced
}

# column_killed N, column_restart N: its controller, and the same once more. What the
# kill has left of it ends by itself, and may take a while.
column_killed() {
	process_tree "${DAEMON_PID[$(director_daemon "$1")]}"
	COLUMN_TREE=("${TREE[@]}")
	director_kill "$1"
}
column_restart() {
	poll 30 processes_gone "${COLUMN_TREE[@]}"
	director_launch "$1"
	wait_for 60 "the router has a way by it" routed "$1"
	column_settled
}

column_run() {
	directors_build 4
	director_start 1 2 3 4
	column_row killed 0 column_killed 1
	! column_has killed || column_restart 1
	column_row drained 0 director_drain 1
	column_row returns 0 ready 1
	column_row cut 2 lost off 2
	column_row boots 2 boots 2
	column_row silent 2 lost silent 3
	! column_has silent || boots 3
	column_row dies 0 column_server_dies
	column_row comes 0 column_server_comes
	column_with_servers
	! column_has all-dead || column_all_dead
	column_end
}

# A server's death and another one's return in the moment of each event.
column_with_servers() {
	[[ $COLUMN_ROWS == *-swap* ]] || return 0
	COLUMN_OUT=3
	daemon_kill toys.db3
	column_row killed-swap 0 swap column_killed 1
	! column_has killed-swap || column_restart 1
	column_row drained-swap 0 swap director_drain 1
	column_row returns-swap 0 swap ready 1
	column_row cut-swap 2 swap lost off 4
	column_row boots-swap 2 swap boots 4
	column_row silent-swap 2 swap lost silent 3
	! column_has silent-swap || boots 3
}

# What new connections get when no server is left.
column_all_dead() {
	local n refused
	flows_end "$FLOWS"
	for n in 1 2 3; do
		[ "$n" = "$COLUMN_OUT" ] || daemon_kill "toys.db$n"
	done
	holds 6 "each server stays dead" test ! -e /run/never
	flows_once dead c1 -c 40 -s 10.1.0.2 -p 60000 -t 5000
	refused=$(held_value dead refused)
	echo "all-dead|$refused|$(held_value dead unreachable)" | tee -a "$LAB_LOG/column.txt"
	[ $COLUMN_KEEPS = no ] ||
		check "no client gets \"no route\"" held_is dead unreachable -eq 0
}

column_end() {
	local n
	column_has all-dead || flows_end "$FLOWS"
	for n in 1 2 3 4; do daemon_stop "$(director_daemon "$n")"; done
	[ "$DIRECTORS_HASH" = ordinary ] || daemon_stop follow.router
	finish
}

while read -r name bgp known hash bfd rows; do
	[ "$name" != "$LAB_NAME" ] || column_set "$bgp" "$known" "$hash" "$bfd" "$rows"
done </src/tests/lab/columns
column_run
