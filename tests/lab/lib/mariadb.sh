# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# MariaDB servers in the lab: number N runs in namespace dbN on port 3306 with
# server_id N, data in memory. The data folder comes from a template that the
# host made once (see ../template.sh), so a server is up within a second or two.
#
# Users: app / app-secret (all on database app), check / check-secret (USAGE
# and what the health checks need), root without a password on the socket.

MARIADB_RUN=/run/mariadb
MARIADB_PORT=3306
declare -A MARIADB_PID

# mariadb_start [-o OPTION]... N...: starts all, then waits for each.
mariadb_start() {
	local n options=()
	while [ "${1:-}" = -o ]; do
		options+=("$2")
		shift 2
	done
	for n; do mariadb_launch "$n" "${options[@]}"; done
	for n; do
		wait_for 60 "MariaDB $n is up" mariadb_answers "$n"
	done
}

# mariadb_answers N: it answers. Its socket's file is there before it listens,
# and saves starting a client for nothing.
mariadb_answers() {
	[ -S "$MARIADB_RUN/$1/sock" ] && sql "$1" "SELECT 1"
}

# mariadb_launch N [OPTION...]: starts one and does not wait.
mariadb_launch() {
	mariadb_exec "$@" >>"$LAB_LOG/mariadb$1.log" 2>&1 &
	MARIADB_PID[$1]=$!
}

# mariadb_exec N [OPTION...]: this shell unpacks the data folder, unless there is
# one, and becomes the server. Each server has a folder for temporary files of its
# own, since a server that starts removes all temporary tables there, whoever made
# them.
mariadb_exec() {
	local n=$1 dir=$MARIADB_RUN/$1
	shift
	mkdir -p "$dir/tmp"
	rm -f "$dir/sock"
	[ -d "$dir/data" ] || tar -x -C "$dir" -f /mnt/mariadb.tar || exit
	exec "$LAB_NS" "db$n" mariadbd --no-defaults --user=root \
		--datadir="$dir/data" --tmpdir="$dir/tmp" \
		--socket="$dir/sock" --pid-file="$dir/pid" --port=$MARIADB_PORT \
		--bind-address='*' --server-id="$n" \
		--skip-name-resolve --performance-schema=off \
		--innodb-buffer-pool-size=16M \
		--innodb-log-file-size=8M \
		--innodb-temp-data-file-path=ibtmp1:1M:autoextend \
		--innodb-buffer-pool-load-at-startup=off \
		--innodb-flush-log-at-trx-commit=0 \
		--innodb-use-native-aio=0 "$@"
}

# mariadb_stop N...: the orderly way.
mariadb_stop() {
	local n
	for n; do kill "${MARIADB_PID[$n]}"; done
	for n; do wait "${MARIADB_PID[$n]}"; done
}

# mariadb_kill N...: SIGKILL, as when the host's memory ran out.
mariadb_kill() {
	local n
	for n; do kill -KILL "${MARIADB_PID[$n]}"; done
	for n; do wait "${MARIADB_PID[$n]}" 2>/dev/null; done
}

# mariadb_hang N..., mariadb_cont N...: the process stands still; its kernel
# still accepts connections, which is what fools a plain TCP check.
mariadb_hang() {
	local n
	for n; do kill -STOP "${MARIADB_PID[$n]}"; done
}

mariadb_cont() {
	local n
	for n; do kill -CONT "${MARIADB_PID[$n]}"; done
}

# sql N STATEMENT...: as root over the socket; bare values, tab separated.
sql() {
	local socket=$MARIADB_RUN/$1/sock
	shift
	mariadb --no-defaults --skip-ssl -u root -S "$socket" -BN -e "$*"
}

# client_sql STATEMENT [HOST]: from the client, by default through the service.
client_sql() {
	ns client mariadb --no-defaults --skip-ssl --connect-timeout=5 \
		-h "${2:-$VIP}" -P $MARIADB_PORT -u app -papp-secret -BN -e "$1"
}
