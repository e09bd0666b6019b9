# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: a pair under faults drawn from a seed, held to its promises: `./dev chaos`
# limit: 1200
#
# LAB_CHAOS is "MINUTES SEED [KEEP]", as `./dev chaos` sets it. The promises are in
# chaos_promises.py.
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
RECORD_GAPS=yes
read -r minutes seed keep <<<"$LAB_CHAOS"

# chaos_conf LB PRIORITY OTHER: that balancer's configuration.
chaos_conf() {
	local n
	printf '%s\n' "global_defs {" "lvs_sync_daemon eth0 inst SERVICE" \
		"lvs_sync_tuning on" "operator_peer $3 8850 /run/pair.key" "}" \
		"vrrp_instance SERVICE {" "interface eth0" \
		"virtual_router_id 77" "version 3" "priority $2" \
		"advert_int 0.5" "nopreempt" \
		"virtual_ipaddress {" "$VIP/32" "}" "}" \
		"virtual_server $VIP $MARIADB_PORT {" "delay_loop 1" \
		"lvs_sched rr" "lvs_method DR" "protocol TCP" "retry 1" \
		"delay_before_retry 1"
	for n in 2 3 4; do
		printf '%s\n' "real_server 10.78.0.$n $MARIADB_PORT {" \
			"weight 100" "MYSQL_CHECK {" "username check" \
			"password check-secret" "timeout 2" "role replica" \
			"max_lag 8" "resume_lag 3" "}" "}"
	done
	echo "}"
}

topology_build 4 2
real_server_dr db2 db3 db4
(umask 077 && echo "what both balancers know" >/run/pair.key)
chaos_conf lb1 150 10.77.0.12 >/tmp/lb1.conf
chaos_conf lb2 100 10.77.0.11 >/tmp/lb2.conf
for lb in lb1 lb2; do
	record_conf /tmp/$lb.conf $lb
	# A disk of its own, to be filled.
	mkdir -p /run/evenkeel-$lb
	mount -t tmpfs -o size=2m,mode=755 $lb /run/evenkeel-$lb
done

step "$minutes minutes of seed $seed${keep:+, of it $keep}; again: ./dev chaos $minutes $seed"
status=0
ASAN_OPTIONS=$ASAN_OPTIONS:quarantine_size_mb=4 \
	python3 -B /src/tests/lab/chaos/chaos.py "$minutes" "$seed" "$keep" ||
	status=$?
check "every promise was kept; seed $seed" test $status -eq 0
finish
