# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Two balancers with one service address between them, and the story of a
# takeover that each forwarding method has to tell.

# The servers' way back to the clients, under NAT: it moves with the service.
PAIR_INSIDE=10.78.0.254

# Lines of the instance that a scenario may want otherwise.
PAIR_INSTANCE=nopreempt

# pair_conf LB PRIORITY METHOD: that balancer's configuration, two servers.
pair_conf() {
	local n
	local other=10.77.0.12
	[ "$1" != lb2 ] || other=10.77.0.11
	cat <<-END
		global_defs {
			lvs_sync_daemon eth0 inst SERVICE
			lvs_sync_tuning on
			operator_peer $other 8850 /run/pair.key
		}
		vrrp_instance SERVICE {
			interface eth0
			virtual_router_id 77
			version 3
			priority $2
			advert_int 0.5
			$PAIR_INSTANCE
			virtual_ipaddress {
				$VIP/32
				$([ "$3" != NAT ] || echo "$PAIR_INSIDE/24")
			}
		}
		virtual_server $VIP $MARIADB_PORT {
			delay_loop 1
			lvs_sched rr
			lvs_method $3
			protocol TCP
			retry 1
			delay_before_retry 1
	END
	for n in 1 2; do
		cat <<-END
			real_server 10.78.0.$n $MARIADB_PORT {
				weight 100
				MYSQL_CHECK {
					username check
					password check-secret
					timeout 2
				}
			}
		END
	done
	echo "}"
}

# pair_start METHOD: lb1 is the better one. Waits until it has the address and
# both have the servers.
pair_start() {
	local lb
	(umask 077 && echo "what both balancers know" >/run/pair.key)
	pair_conf lb1 150 "$1" >/tmp/lb1.conf
	pair_conf lb2 100 "$1" >/tmp/lb2.conf
	evenkeel_launch /tmp/lb1.conf lb1
	wait_for 40 "lb1 has the address" pair_holds lb1
	evenkeel_launch /tmp/lb2.conf lb2
	wait_for 40 "lb2 is its backup" pair_is lb2 BACKUP
	for lb in lb1 lb2; do
		wait_for 40 "$lb has both servers" pair_has_both $lb
		check "$lb's sync threads run, both of them" pair_syncs $lb
		check "$lb took part only with its table complete" \
			pair_waited $lb
	done
}

pair_has_both() {
	table_has "-r 10.78.0.1:$MARIADB_PORT" "$1" &&
		table_has "-r 10.78.0.2:$MARIADB_PORT" "$1"
}

# pair_holds LB: the service address is on it.
pair_holds() {
	local shown
	shown=$(ip -n "$1" -o addr show dev eth0 to "$VIP")
	echo "$shown"
	[ -n "$shown" ]
}

# pair_is LB STATE, as it says itself.
pair_is() {
	local json
	json=$(evenkeel "$1" vrrp --json) || return
	echo "$json"
	[[ $json == *"\"state\":\"$2\""* ]]
}

# pair_syncs LB: the kernel says that it sends and that it receives.
pair_syncs() {
	local shown
	shown=$(ns "$1" ipvsadm -l --daemon)
	echo "$shown"
	[[ $shown == *"master sync daemon (mcast=eth0, syncid=77"* &&
		$shown == *"backup sync daemon (mcast=eth0, syncid=77"* ]]
}

# pair_knows LB COUNT: its kernel has each of the client's sessions as
# established, and they are that many.
pair_knows() {
	local known missing=0 count=0 from rest
	known=$(ns "$1" ipvsadm -Lnc)
	while read -r _ _ from rest; do
		count=$((count + 1))
		[[ $known == *"ESTABLISHED $from "* ]] ||
			missing=$((missing + 1))
	done < <(ns client ss -Htn state established dst "$VIP")
	echo "$count sessions, $missing of them unknown to $1"
	[ "$count" -eq "$2" ] && [ $missing -eq 0 ]
}

# pair_waited LB: it took part in VRRP only when its table was complete.
pair_waited() {
	local line servers=0
	while IFS= read -r line; do
		[[ $line != *"unknown -> up"* ]] || servers=$((servers + 1))
		if [[ $line == *"SERVICE: INIT -> BACKUP"* ]]; then
			echo "$servers servers before: $line"
			[ $servers -eq 2 ]
			return
		fi
	done <"$LAB_LOG/evenkeeld.$1.log"
	return 1
}

# What a session must still know at its next query; 255 is no server's number.
PAIR_INIT="SET @mark = CONNECTION_ID()"
PAIR_QUERY="SELECT IF(@mark = CONNECTION_ID(), @@server_id, 255)"

# pair_hold: 50 sessions through the service: 25 that have a query five times a
# second, and 25 that do nothing for twenty seconds after their first one.
pair_hold() {
	held_start busy --connections 25 --interval 200 --timeout 30 \
		--init "$PAIR_INIT" --query "$PAIR_QUERY"
	held_start idle --connections 25 --interval 20000 --timeout 30 \
		--init "$PAIR_INIT" --query "$PAIR_QUERY"
	wait_for 40 "25 busy sessions" held_is busy queries -ge 50
	wait_for 40 "25 idle sessions" held_is idle queries -ge 25
}

# pair_kill LB: as a host whose power fails: every process at once, and no cable.
pair_kill() {
	process_tree "${DAEMON_PID[evenkeeld.$1]}"
	ip -n wire link set dev "$1" down
	kill -KILL "${DAEMON_PID[evenkeeld.$1]}" "${TREE[@]}"
	wait "${DAEMON_PID[evenkeeld.$1]}" 2>/dev/null
	return 0
}

# pair_sessions_stay QUERIES: each of the 50 sessions of pair_hold goes on, with
# what it knew before; QUERIES is what the busy ones had asked by then.
pair_sessions_stay() {
	wait_for 30 "the busy sessions go on" \
		held_is busy queries -ge $(($1 + 100))
	wait_for 40 "each idle session has had its next query answered" \
		held_is idle queries -ge 50
	check "25 busy sessions are open" held_is busy open -eq 25
	check "25 idle sessions are open" held_is idle open -eq 25
	check "no busy one has seen an error" held_is busy errors -eq 0
	check "no idle one has seen an error" held_is idle errors -eq 0
	check "every answer came from the session of before" \
		held_is busy server.255.queries -eq 0
	check "those of idle ones too" held_is idle server.255.queries -eq 0
}

# pair_takeover METHOD: the whole story.
pair_takeover() {
	local before after queries
	step "a pair with $1, the sync threads, a service address"
	pair_start "$1"

	step "50 sessions"
	pair_hold
	wait_for 30 "lb2's kernel knows all of them" pair_knows lb2 50
	before=$(table lb2)

	step "lb1 dies: all of its processes are killed, its cable is cut"
	queries=$(held_value busy queries)
	pair_kill lb1
	wait_for 20 "lb2 has the address" pair_holds lb2
	pair_sessions_stay "$queries"
	check "both servers have sessions" held_is busy server.1.open -gt 0
	check "both servers have sessions" held_is busy server.2.open -gt 0
	after=$(table lb2)
	check_equal "the takeover changed nothing in lb2's table" \
		"$before" "$after"
	check "a new login works" client_sql "SELECT 1"
	echo "   the longest that a session waited: $(held_value busy slowest_ms) ms"
	held_stop busy
	held_stop idle
}
