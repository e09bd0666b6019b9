#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A loaded balancer keeps its address: 10,000 servers are read again and again,
# every processor is kept busy, the checker is flooded, and at an interval of
# 100 ms the peer never once believes that we are gone.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/vrrp_lib.sh
. "$SRC/tests/net/vrrp_lib.sh"

net_build a b
RUN=$NET_DIR/run
CONF=$NET_DIR/a.conf
LOG=$NET_DIR/a.log
VIP=10.79.0.100

# pool WEIGHT: with a check of each server that nobody answers.
pool() {
	cat <<-END
		global_defs {
			vrrp_rt_priority 10
			vrrp_no_swap
		}
		vrrp_instance V1 {
			interface eth0
			virtual_router_id 51
			priority 150
			advert_int 0.1
			version 3
			virtual_ipaddress {
				$VIP/24
			}
		}
		virtual_server $VIP 3306 {
			delay_loop 1
			protocol TCP
			lvs_sched rr
			lvs_method DR
	END
	seq 0 9999 | awk -v weight="$1" '{
		printf "real_server 127.%d.%d.1 3306 {\n", 1 + $1 / 250, $1 % 250
		print "weight " weight "\nTCP_CHECK {\nconnect_timeout 1\n}\n}" }'
	echo "}"
}
vrrp() { "$EVENKEEL_BUILD/evenkeel" --run-dir "$RUN" vrrp --json; }
takeovers() {
	vrrp | sed -n 's/^ *"takeovers":\([0-9]*\),*$/\1/p'
}
reloads() { grep -c 'is in force' "$LOG"; }
reloads_over() { [ "$(reloads)" -gt "$1" ]; }
gone() { ! kill -0 "$1" 2>/dev/null; }

pool 10 >"$CONF"
cat >"$NET_DIR/b.conf" <<-END
	global_defs {
		router_id b
	}
	vrrp_instance V1 {
		state BACKUP
		interface eth0
		virtual_router_id 51
		priority 100
		advert_int 0.1
		version 3
		virtual_ipaddress {
			$VIP/24
		}
	}
END

step "ours is master, with 10,000 servers"
ip -n a link set lo up
nsenter --net=/run/netns/a -- "$EVENKEEL_BUILD/evenkeeld" -n -l -f "$CONF" \
	--run-dir "$RUN" >>"$LOG" 2>&1 &
DAEMON=$!
wait_for 60 "it has the address" holds_vip a $VIP
nsenter --net=/run/netns/b -- keepalived -n -l -D -f "$NET_DIR/b.conf" \
	-p "$NET_DIR/b.pid" -r "$NET_DIR/b.vrrp" -c "$NET_DIR/b.check" \
	--vrrp >>"$NET_DIR/b.log" 2>&1 &
KEEPALIVED=$!
wait_for 20 "keepalived is the backup" grep -q "Entering BACKUP STATE" \
	"$NET_DIR/b.log"
CHILD=$(vrrp | sed -n 's/^ *"pid":\([0-9]*\),*$/\1/p')
if [ "$(chrt -p "$CHILD" 2>/dev/null | sed -n 's/.*policy: //p')" = "SCHED_RR|SCHED_RESET_ON_FORK" ]; then
	check_not "and its memory is locked" grep -q "cannot lock memory" "$LOG"
else
	check "no real-time priority here: the log says so" \
		grep -q "cannot get real-time priority" "$LOG"
fi

step "load"
before=$(takeovers)
BUSY=()
for _ in $(seq "$(nproc)"); do
	timeout 60 sh -c 'while :; do :; done' &
	BUSY+=($!)
done
for weight in 11 12 13 14 15 16 17 18; do
	pool $weight >"$CONF"
	count=$(reloads)
	kill -HUP "$DAEMON"
	wait_for 30 "10,000 servers with weight $weight" reloads_over "$count"
done
check_equal "ours was master all the time" "$before" "$(takeovers)"
check "and is" holds_vip a $VIP
check_not "the peer never took over" grep -q "Entering MASTER STATE" \
	"$NET_DIR/b.log"
kill "${BUSY[@]}"

step "that proves something: the peer is well"
kill -TERM "$DAEMON"
wait_for 15 "ours stops, the peer takes over" holds_vip b $VIP
wait_for 20 "ours ends" gone "$DAEMON"
kill "$KEEPALIVED"
finish
