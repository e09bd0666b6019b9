#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# VRRP waits for nobody: whatever main and the checker are busy with, and were
# they halted altogether, the adverts go on and the address stays. That it does so
# under load, too, is measured by `./dev bench vrrp-loaded`.
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
			advert_int 0.2
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
	seq 0 1999 | awk -v weight="$1" '{
		printf "real_server 127.%d.%d.1 3306 {\n", 1 + $1 / 250, $1 % 250
		print "weight " weight "\nTCP_CHECK {\nconnect_timeout 1\n}\n}" }'
	echo "}"
}
vrrp() { "$EVENKEEL_BUILD/evenkeel" --run-dir "$RUN" vrrp --json; }
number() { vrrp | sed -n 's/^ *"'"$1"'":\([0-9]*\),*$/\1/p'; }
reloads() { grep -c 'is in force' "$LOG"; }
reloads_over() { [ "$(reloads)" -gt "$1" ]; }
gone() { ! kill -0 "$1" 2>/dev/null; }
# adverts NAME COUNT: so many of ours more are captured there.
adverts() { count_adverts "$1" "ip.src == 10.79.0.1" "$2"; }

step "ours is master, with 2,000 servers"
pool 10 >"$CONF"
ip -n a link set lo up
nsenter --net=/run/netns/a -- "$EVENKEEL_BUILD/evenkeeld" -n -l -f "$CONF" \
	--run-dir "$RUN" >>"$LOG" 2>&1 &
DAEMON=$!
wait_for 60 "it has the address" holds_vip a $VIP
CHILD=$(number pid)
if [ "$(chrt -p "$CHILD" 2>/dev/null | sed -n 's/.*policy: //p')" = "SCHED_RR|SCHED_RESET_ON_FORK" ]; then
	check_not "and its memory is locked" grep -q "cannot lock memory" "$LOG"
else
	check "no real-time priority here: the log says so" \
		grep -q "cannot get real-time priority" "$LOG"
fi
TAKEOVERS=$(number takeovers)

step "main and the checkers stand still"
mapfile -t OTHERS < <(pgrep -P "$DAEMON" | grep -vx "$CHILD")
OTHERS+=("$DAEMON")
kill -STOP "${OTHERS[@]}"
capture_start halted wire
wait_for 20 "twenty adverts" adverts halted 20
capture_stop halted
check "the address is where it was" holds_vip a $VIP
check_equal "none has priority 0" "" \
	"$(captured halted 'vrrp.prio == 0' frame.number)"
kill -CONT "${OTHERS[@]}"
check_equal "nor was it ever given up" "$TAKEOVERS" "$(number takeovers)"

step "reloads, one after the other"
capture_start reload wire
for weight in 11 12 13 14; do
	pool $weight >"$CONF"
	count=$(reloads)
	kill -HUP "$DAEMON"
	wait_for 30 "2,000 servers with weight $weight" reloads_over "$count"
done
wait_for 20 "and adverts" adverts reload 6
capture_stop reload
check "not one more than the interval has, and no priority 0" \
	beats reload 0.2 "ip.src == 10.79.0.1"
check_equal "ours was master all the time" "$TAKEOVERS" "$(number takeovers)"
check_equal "by the same process" "$CHILD" "$(number pid)"

step "main is gone"
kill -TERM "$DAEMON"
wait_for 15 "the address with it" lacks_vip a $VIP
wait_for 20 "ours ends" gone "$DAEMON"
finish
