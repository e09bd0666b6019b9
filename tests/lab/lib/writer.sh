# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A pool of writers, judged from outside: clients with pooled connections write
# into a table that says where and when each row was written, and the servers
# are asked what they have. Sourced by scenarios after lib.sh.

# is_in N [LB], is_out N [LB]: server N serves in that balancer's table, or is not
# there, as a writer: it may be in another pool.
is_in() { table_has "-t $VIP:3306 -r 10.78.0.$1:3306 -g -w 1" "${2:-lb1}"; }
is_out() { table_has_not "-t $VIP:3306 -r 10.78.0.$1:3306" "${2:-lb1}"; }
# alone_in N OTHER LB: server N is in that balancer's table, and OTHER is not.
alone_in() { is_in "$1" "$3" && is_out "$2" "$3"; }

# writer_table N: the table of what clients wrote, at the source N.
writer_table() {
	sql "$1" "CREATE TABLE app.w (id INT AUTO_INCREMENT PRIMARY KEY,
		server INT, at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6))"
}

# written_at N: the rows that clients wrote at server N itself, as it has them.
written_at() { sql "$1" "SELECT COUNT(*) FROM app.w WHERE server = $1"; }
writes_at() { [ "$(written_at "$1")" -ge "$2" ]; }
still_written() {
	local rows
	rows=$(written_at "$1")
	echo "$rows at $1, $2 before"
	[ "$rows" -eq "$2" ]
}

# clock_at N: its time. All servers have the machine's.
clock_at() { sql "$1" "SELECT NOW(6)"; }

# wrote_in_turn OLD NEW SINCE: NEW has been written to since that time, and OLD's
# last row is older than NEW's first one since.
wrote_in_turn() {
	local last first
	last=$(sql "$1" "SELECT MAX(at) FROM app.w WHERE server = $1") || return
	first=$(sql "$2" "SELECT MIN(at) FROM app.w
		WHERE server = $2 AND at > '$3'") || return
	echo "last write at $1: $last; first at $2: $first"
	[[ $first != NULL && $last != NULL && $last < $first ]]
}

# sessions_at N WHO COUNT: so many sessions of the user are in server N.
sessions_at() {
	[ "$(sql "$1" "SELECT COUNT(*) FROM information_schema.PROCESSLIST
		WHERE USER = '$2' AND COMMAND <> 'Killed'
		AND ID <> CONNECTION_ID()")" -eq "$3" ]
}

# follow N M: server N becomes a replica of M.
follow() {
	sql "$1" "SET GLOBAL read_only = 1; STOP SLAVE;
		CHANGE MASTER TO master_host = '10.78.0.$2', master_user = 'repl',
			master_password = 'repl-secret',
			master_use_gtid = slave_pos, master_connect_retry = 1;
		START SLAVE"
}

promote() { sql "$1" "STOP SLAVE; RESET SLAVE ALL; SET GLOBAL read_only = 0"; }

# client_writes NS: a pool of one connection: it writes as long as it lives, and
# connects anew when it got an error. Of a connection that hangs there are no more
# writes.
client_writes() {
	while :; do
		while :; do
			echo "INSERT INTO app.w (server) VALUES (@@server_id);
				DO SLEEP(0.1);"
		done | ns "$1" mariadb --no-defaults --skip-ssl \
			--connect-timeout=5 -h "$VIP" -P "$MARIADB_PORT" \
			-u app -papp-secret >/dev/null 2>&1
	done
}

# Lines of every check of the pool, and what else the configuration has.
WRITER_CHECK=()
WRITER_MORE=''

# writer_pair_conf PRIORITY OTHER: the configuration of one balancer of two.
writer_pair_conf() {
	local n
	printf '%s\n' "global_defs {" "operator_peer $2 8850 /run/pair.key" "}" \
		"vrrp_instance SERVICE {" "interface eth0" \
		"virtual_router_id 77" "version 3" "priority $1" \
		"advert_int 0.5" "nopreempt" "virtual_ipaddress {" "$VIP/32" \
		"}" "}" \
		"virtual_server $VIP 3306 {" "delay_loop 1" "lvs_sched rr" \
		"lvs_method DR" "protocol TCP" "writers 1" "on_leave kill" \
		"kill_spare root"
	for n in 1 2; do
		printf '%s\n' "real_server 10.78.0.$n 3306 {" "MYSQL_CHECK {" \
			"username check" "password check-secret" "timeout 3" \
			"role source" "${WRITER_CHECK[@]}" "}" "}"
	done
	printf '%s\n' "}" "$WRITER_MORE"
}

# writer_pair_start: lb1 with the address, lb2, and server 2 a replica of server 1,
# which is the writer. The scenario has built the topology.
writer_pair_start() {
	real_server_dr db1 db2
	mariadb_start -o --log-bin=bin -o --log-slave-updates=1 1 2
	writer_table 1
	sql 1 "GRANT PROCESS, CONNECTION ADMIN ON *.* TO 'check'@'%'"
	writer_prepare
	follow 2 1
	wait_for 60 "the table is there" sql 2 "SELECT 1 FROM app.w LIMIT 1"
	(umask 077 && echo "what both balancers know" >/run/pair.key)
	writer_pair_conf 150 10.77.0.12 >/tmp/lb1.conf
	writer_pair_conf 100 10.77.0.11 >/tmp/lb2.conf
	writer_named_start lb1
	wait_for 40 "lb1 has the address" pair_holds lb1
	writer_named_start lb2
	wait_for 40 "lb2 is its backup" pair_is lb2 BACKUP
	wait_for 40 "both have the source alone" both alone_in 1 2
}

# writer_named_start LB: on a host of that name, which the balancers' rows have.
writer_named_start() {
	# shellcheck disable=SC2016,SC2034
	EVENKEEL_VIA=(unshare --uts sh -c 'hostname "$0" && exec "$@"' "$1")
	evenkeel_start "/tmp/$1.conf" "$1"
	# shellcheck disable=SC2034
	EVENKEEL_VIA=()
}

# writer_prepare: what else the source needs; a scenario may define its own.
writer_prepare() { :; }

# both WORD...: the command is true of lb1, and of lb2.
both() { "$@" lb1 && "$@" lb2; }
