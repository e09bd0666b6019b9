# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: a pair of keepalived becomes a pair of evenkeel, 50 sessions stay
# limit: 240
#
# The way of evenkeeld(8), COMING FROM KEEPALIVED: the backup first. keepalived's
# processes are killed, since an orderly stop empties the kernel's table; what
# they leave is adopted by a daemon that reads the very same file.
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh

CONF=/tmp/keepalived.conf

# conf_write: the file of both balancers; the priorities are equal.
conf_write() {
	local n
	cat <<-END
		global_defs {
			lvs_sync_daemon eth0 SERVICE id 77
		}
		vrrp_instance SERVICE {
			state BACKUP
			nopreempt
			interface eth0
			virtual_router_id 77
			version 3
			priority 100
			advert_int 0.5
			virtual_ipaddress {
				$VIP/32
			}
		}
		virtual_server $VIP $MARIADB_PORT {
			delay_loop 1
			lb_algo rr
			lb_kind DR
			protocol TCP
	END
	for n in 1 2; do
		cat <<-END
			real_server 10.78.0.$n $MARIADB_PORT {
				weight 100
				TCP_CHECK {
					connect_timeout 2
				}
			}
		END
	done
	echo "}"
}

# keepalived_gone LB: stopped and killed with its children, as by systemctl kill.
# One that sees its parent die first empties the table in the moment it has left.
keepalived_gone() {
	process_tree "${DAEMON_PID[keepalived.$1]}"
	kill -STOP "${DAEMON_PID[keepalived.$1]}" "${TREE[@]}"
	kill -KILL "${DAEMON_PID[keepalived.$1]}" "${TREE[@]}"
	wait "${DAEMON_PID[keepalived.$1]}" 2>/dev/null
	return 0
}

# dry_run LB: what evenkeel would change in that balancer's table.
dry_run() {
	ns "$1" "$EVENKEEL_BUILD/evenkeeld" --dry-run -f $CONF \
		--run-dir "/run/evenkeel-$1"
}

# both_up LB: evenkeel's own checks have passed, no server is up on trust only.
both_up() {
	status_lacks "$1" "not checked yet" && status_has "$1" '"up":2,'
}

# moves LB: that balancer changes its daemon.
moves() {
	local lb=$1 before
	mkdir -p "/run/evenkeel-$lb"
	check "$lb: the file is accepted" \
		"$EVENKEEL_BUILD/evenkeeld" -t -f $CONF
	dry_run "$lb" >/tmp/dry 2>&1
	check "$lb: nothing would be changed" grep "^0 changes" /tmp/dry
	before=$(table "$lb")
	keepalived_gone "$lb"
	check_equal "$lb: a killed keepalived leaves the table" "$before" \
		"$(table "$lb")"
	evenkeel_launch $CONF "$lb"
	wait_for 40 "$lb: both servers pass their checks" both_up "$lb"
	wait_for 40 "$lb: it takes part in VRRP" pair_is "$lb" BACKUP
	check_equal "$lb: the table is the one of before" "$before" \
		"$(table "$lb")"
}

topology_build 2 2
real_server_dr db1 db2
mariadb_start 1 2
conf_write >$CONF

step "a pair of keepalived"
keepalived_start $CONF lb1 --log-detail
wait_for 40 "lb1 has the address" pair_holds lb1
keepalived_start $CONF lb2 --log-detail
for lb in lb1 lb2; do
	wait_for 40 "$lb has both servers" pair_has_both $lb
done

step "50 sessions"
pair_hold
wait_for 30 "lb2's kernel knows all of them" pair_knows lb2 50

step "the backup changes its daemon"
moves lb2
check_not "the address is lb1's" pair_holds lb2
check "of keepalived" pair_holds lb1

step "the active one changes its daemon"
queries=$(held_value busy queries)
moves lb1
wait_for 20 "lb2 has the address" pair_holds lb2
wait_for 20 "lb1 has it no more" eval '! pair_holds lb1'
pair_sessions_stay "$queries"
check "a new login works" client_sql "SELECT 1"

step "evenkeel itself is upgraded: the backup first, as the guide says"
# renewed LB: its daemon ends in good order, and another one takes its place.
renewed() {
	check "$1: the old one ends" daemon_stop "evenkeeld.$1"
	check_equal "$1: which leaves the table" "$before" "$(table "$1")"
	evenkeel_launch $CONF "$1"
	wait_for 40 "$1: the new one has checked both servers" both_up "$1"
	wait_for 40 "$1: and is the backup" pair_is "$1" BACKUP
	check_equal "$1: the table is the same" "$before" "$(table "$1")"
}
queries=$(held_value busy queries)
before=$(table lb1)
renewed lb1
check "the address has not moved" pair_holds lb2
before=$(table lb2)
renewed lb2
wait_for 20 "lb1 has the address" pair_holds lb1
pair_sessions_stay "$queries"
check "a new login works" client_sql "SELECT 1"
echo "   the longest that a session waited: $(held_value busy slowest_ms) ms"
held_stop busy
held_stop idle
for lb in lb1 lb2; do
	check "$lb: evenkeel ends" daemon_stop evenkeeld.$lb
done
finish
