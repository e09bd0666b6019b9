# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: 200 servers on MYSQL_CHECK, 20 of which hang: 180 are checked on time
# limit: 300
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
# The table is too long to be shown.
assert_diagnose() { :; }
LOOP=12 # seconds between two checks of a server
WINDOW=40

# Each server is asked a query of its own, so that the server's log tells them
# apart: SELECT 1017 is number 17.
conf_print() {
	local i address
	printf '%s\n' "virtual_server 10.77.0.100 3306 {" "delay_loop $LOOP" \
		"lvs_sched wlc" "lvs_method NAT" "protocol TCP" "retry 1" \
		"delay_before_retry 1"
	for ((i = 0; i < 200; i++)); do
		address=10.79.1.$i
		[ $((i % 10)) -eq 7 ] && address=10.79.2.$i
		printf '%s\n' "real_server $address 3306 {" "MYSQL_CHECK {" \
			"username check" "password check-secret" "timeout 6" \
			"tls off" \
			"query \"SELECT $((1000 + i))\"" "}" "}"
	done
	echo "}"
}

# servers_in NUMBER: so many are in the table.
servers_in() {
	local count
	count=$(ns lb1 grep -c -- '->' /proc/net/ip_vs)
	echo "$((count - 1)) servers"
	[ $((count - 1)) -eq "$1" ]
}

# asked: one line for each query that the server has seen.
asked() {
	grep -ao 'SELECT 1[0-9][0-9][0-9]' /run/general.log
}

# counts: sets LEAST, MOST and SERVERS of what the log holds.
counts() {
	read -r SERVERS LEAST MOST < <(asked | sort | uniq -c | sort -n |
		awk 'NR == 1 { least = $1 } { most = $1 }
			END { print NR, least, most }')
}

step "one server with 180 addresses, one that hangs with 20"
topology_build 2
many_addresses db1 10.79.1.0/24
many_addresses db2 10.79.2.0/24
mariadb_start -o --max-connections=500 -o --general-log-file=/run/general.log 1 2
mariadb_hang 2
conf_print >/tmp/evenkeel.conf
evenkeel_start /tmp/evenkeel.conf
wait_for 120 "180 servers are in" servers_in 180

step "what the server sees in $WINDOW s"
requests_watch
requests_seen
before=$REQUESTS
sql 1 "SET GLOBAL general_log = 1"
start=${EPOCHREALTIME/./}
holds $WINDOW "nobody flaps" requests_none_since "$before"
sql 1 "SET GLOBAL general_log = 0"
took=$(((${EPOCHREALTIME/./} - start) / 1000))
counts
echo "   $SERVERS servers were asked, $LEAST to $MOST times each in $took ms"
check "each of the 180 was asked" test "$SERVERS" -eq 180
# A check may be early or late by a tenth of the interval, and one round may
# be cut off by either end.
rounds=$((took / (LOOP * 1000)))
check "at least $((rounds - 1)) times each" test "$LEAST" -ge $((rounds - 1))
check "and not more than $((rounds + 2)) times" test "$MOST" -le $((rounds + 2))
check "180 are in" servers_in 180

step "the hanging ones wake up"
mariadb_cont 2
wait_for 40 "all 200 are in" servers_in 200
daemon_stop evenkeeld.lb1
finish
