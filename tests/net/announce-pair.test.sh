#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Two balancers announce the same address, and tell each other so. There is no
# IPVS here, so that no pool is judged and none counts as one that works: both
# announce all the same, and without the channel they withdraw. A server that
# works changes nothing, whoever asks. A pool that works, fails and works again is
# the lab's (announce); that one balancer lets the other withdraw is a matter of
# the unit tests of announce/.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"

net_build a b c
VIP=203.0.113.10
declare -A DAEMON
chmod 755 "$NET_DIR"
(umask 077 && echo "a key of more than sixteen bytes" >"$NET_DIR/key")

ctl() { "$EVENKEEL_BUILD/evenkeel" --run-dir "$NET_DIR/run.$1" "${@:2}"; }
logged() { grep -qF -- "$2" "$NET_DIR/$1.log"; }
announced() { ns "$1" ip -o addr show dev evk-up | grep -qF " $VIP/"; }
withdrawn() { ! announced "$1"; }
says() { ctl "$1" --json announce | tr -d ' \n' | grep -F -- "$2"; }
conf() { # NS PEER
	cat <<-END >"$NET_DIR/$1.conf"
		global_defs {
			$([ -z "$2" ] || echo "operator_peer $2 8850 $NET_DIR/key")
		}
		announce_group databases {
			virtual_ipaddress {
				$VIP
			}
			announce_delay 0.1
			withdraw_delay 0.1
		}
		virtual_server $VIP 3306 {
			delay_loop 0.5
			protocol TCP
			lvs_sched wlc
			lvs_method DR
			announce databases
			real_server 10.79.0.3 3306 {
				TCP_CHECK {
					connect_timeout 2
					retry 0
				}
			}
		}
	END
}
start() {
	balancer_start "$1"
	DAEMON[$1]=$BALANCER
}

for n in a b; do
	ns $n ip link add evk-up type dummy 2>/dev/null ||
		ns $n ip link add evk-up type ifb
	ns $n ip link set evk-up up
done

step "both announce"
conf a 10.79.0.2
conf b 10.79.0.1
start a
start b
for n in a b; do
	wait_for 60 "$n announces" announced $n
	wait_for 30 "$n hears the other one" says $n '"others_silent":false'
done
check "without a table the other one's pools do not count" says a '"others":0'
check "for people too" eval "ctl a announce | grep OTHERS"

step "although their only server is dead"
for n in a b; do
	wait_for 60 "$n says why it stays announced" logged $n \
		"a virtual server has failed, but too few others announce"
	wait_for 30 "and what it knows" says $n '"works":false,"others":0'
done
check "the address is announced" announced a
check "by both" announced b

step "the other balancer falls silent"
kill -TERM "${DAEMON[b]}"
wait "${DAEMON[b]}"
check "an orderly stop withdraws" withdrawn b
wait_for 60 "the log says so" logged a "another balancer is not heard"
check "and the command" says a '"others":null,"others_silent":true'
check "for people too" eval "ctl a announce | grep silent"
check "it fails open" announced a

step "a reload takes the channel off"
conf a ""
kill -HUP "${DAEMON[a]}"
wait_for 60 "its own pools count alone" withdrawn a
check "it knows of nobody" says a '"others":null,"others_silent":null'
wait_for 30 "and says that the table is the reason" eval \
	"ctl a announce | grep -F \"the kernel's table cannot be read\""

step "a server that works, and people who ask for the status"
nsenter --net=/run/netns/c -- python3 -c '
import socket
server = socket.create_server(("", 3306), backlog=64)
while True:
    server.accept()[0].close()' &
wait_for 60 "the server is up" eval \
	"ctl a status | grep -F '1 of 1 up'"
RELOADS=$(grep -cF "is in force" "$NET_DIR/a.log")
reloaded() { [ "$(grep -cF "is in force" "$NET_DIR/a.log")" -gt "$RELOADS" ]; }
kill -HUP "${DAEMON[a]}"
wait_for 60 "a decision is made" reloaded
check "no pool is said to work" says a '"works":false'
check "the address is not announced without a table" withdrawn a
kill -TERM "${DAEMON[a]}"
wait "${DAEMON[a]}"
finish
