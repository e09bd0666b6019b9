# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: the balancer that sees no server loses; what both see moves nothing
# limit: 240
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh

PAIR_INSTANCE="track_virtual_server $VIP $MARIADB_PORT weight 60"
tracker_is() {
	local json
	json=$(evenkeel "$1" vrrp --json) || return
	echo "$json"
	[[ $json == *'"trackers"'*"\"value\":$2,"* ]]
}

topology_build 2 2
real_server_dr db1 db2
mariadb_start 1 2

step "both see both servers"
pair_start DR
for lb in lb1 lb2; do
	check "the pool is up for $lb" tracker_is $lb 1
done

step "lb1 alone loses sight of the servers"
ip -n lb1 addr del 10.78.0.251/24 dev eth0
wait_for 30 "the pool is down for lb1" tracker_is lb1 0
wait_for 10 "lb2 takes the address" pair_holds lb2
wait_for 5 "and lb1 gives it up" pair_is lb1 BACKUP
check "an application reaches a server" client_sql "SELECT 1"

step "it sees them again"
ip -n lb1 addr add 10.78.0.251/24 dev eth0
wait_for 30 "the pool is up for lb1" tracker_is lb1 1
wait_for 10 "it is the better one again" pair_holds lb1
wait_for 5 "and lb2 its backup" pair_is lb2 BACKUP

step "the servers die, for both"
mariadb_kill 1 2
for lb in lb1 lb2; do
	wait_for 30 "the pool is down for $lb" tracker_is $lb 0
done
holds 5 "the address stays where it is" pair_holds lb1
check "lb2 is still the backup" pair_is lb2 BACKUP
evenkeel_log_count lb2 "BACKUP -> MASTER"
check_equal "and has been master just once, before" 1 "$LOG_COUNT"

step "they come back"
mariadb_start 1 2
for lb in lb1 lb2; do
	wait_for 30 "the pool is up for $lb" tracker_is $lb 1
done
holds 3 "the address stays where it is" pair_holds lb1
evenkeel_log_count lb1 "MASTER -> BACKUP"
check_equal "lb1 has given it up just once" 1 "$LOG_COUNT"
for lb in lb1 lb2; do
	check "$lb ends" daemon_stop evenkeeld.$lb
done
finish
