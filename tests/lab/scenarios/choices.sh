# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: random, fastest, fo, backup servers, and the kernel's upper thresholds
# limit: 240
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh

# has PORT SERVER WEIGHT: that service has that server with that weight.
has() { table_has "-a -t $VIP:$1 -r 10.78.0.$2:3306 -m -w $3"; }
has_not() { table_has_not "-a -t $VIP:$1 -r 10.78.0.$2:3306 "; }
service() { table_has "-A -t $VIP:$1 -s $2"; }

# threshold N: sets THRESHOLD to the upper one of that server of port 3306.
threshold() {
	local lines
	lines=$(ns lb1 ipvsadm -Ln --thresholds -t "$VIP:3306")
	echo "$lines"
	THRESHOLD=$(awk -v at="10.78.0.$1:3306" '$2 == at { print $3 }' <<<"$lines")
	[ -n "$THRESHOLD" ]
}
threshold_set() { threshold "$1" && [ "$THRESHOLD" -gt 0 ]; }
threshold_none() { threshold "$1" && [ "$THRESHOLD" -eq 0 ]; }

# fill N: seven clients who stay at a server with room for ten.
fill() {
	sql "$1" "SET GLOBAL max_connections = 10"
	"$LAB_NS" lb1 "$LAB_SRC/build/lab-tools/heldconn" -h "10.78.0.$1" \
		-u app -p app-secret -c 7 -o "/run/held.fill$1" >/dev/null 2>&1 &
	DAEMON_PID[heldconn.fill$1]=$!
}

step "three servers, of which the third answers slowly"
topology_build 3
service_address_add lb1
mariadb_start 1 2 3
evenkeel_start /src/tests/lab/conf/choices.conf
for n in 1 2 3; do
	wait_for 30 "server $n is in" table_has "-t $VIP:3306 -r 10.78.0.$n:3306"
done

step "what the kernel has for each choice"
check "random is a hash over the client's port" service 3307 "mh -b mh-port"
check "fastest is least connections" service 3306 "wlc"
check "fo is itself" service 3308 "fo"
wait_for 20 "a backup server waits at weight 0" has 3309 2 0
check "the other serves" has 3309 1 1

step "fastest: the slow one gets half"
wait_for 60 "its weight sinks step by step to half" has 3306 3 50
check "and it says why" evenkeel_log lb1 "by response time"

step "headroom: the kernel stops before a server is full"
check "no server has a threshold" threshold_none 2
fill 2
wait_for 30 "server 2 has one" threshold_set 2
check "the others have none" threshold_none 1
check "the log warns" evenkeel_log lb1 "headroom: warning:"
fill 1
wait_for 30 "two of three are full: it is lifted" threshold_none 2
check "nobody was taken out" has 3308 2 50

step "the first server dies"
held_stop fill1
mariadb_kill 1
wait_for 30 "the backup server serves" has 3309 2 1
wait_for 30 "fo goes on with the second" has_not 3308 1
check "which serves as before" has 3308 2 50
mariadb_start 1
wait_for 60 "it is back: the backup server waits again" has 3309 2 0
held_stop fill2
daemon_stop evenkeeld.lb1
finish
