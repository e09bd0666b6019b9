#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `evenkeel switchover` between two daemons: the addresses move, and stay where
# they went over a reload, a restart and killed processes, until the other daemon
# dies, is worse than it was, or hands them back; and it is refused, with the
# reason, when the other one is not fit. No IPVS is needed: a pool is what makes
# it refuse.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/vrrp_lib.sh
. "$SRC/tests/net/vrrp_lib.sh"

net_build a b
declare -A DAEMON
chmod 755 "$NET_DIR"
V1=10.79.0.100
V2=10.79.0.101
(umask 077 && echo "a key of more than sixteen bytes" >"$NET_DIR/key")

# conf NS PEER PRIORITY
conf() {
	local n
	cat <<-END >"$NET_DIR/$1.conf"
		global_defs {
			operator_peer $2 8850 $NET_DIR/key
		}
		vrrp_track_file NUMBER {
			file $NET_DIR/$1.number
			init_file 0
		}
		vrrp_sync_group BOTH {
			sync_group_tracking_weight
			group {
				ONE
				TWO
			}
		}
	END
	for n in 1 2; do
		cat <<-END >>"$NET_DIR/$1.conf"
			vrrp_instance $([ $n = 1 ] && echo ONE || echo TWO) {
				interface eth0
				virtual_router_id 5$n
				priority $3
				advert_int 0.2
				version 3
				virtual_ipaddress {
					10.79.0.10$((n - 1))/24
				}
				track_file {
					NUMBER weight 1
				}
			}
		END
	done
}
pool() {
	cat <<-END >>"$NET_DIR/$1.conf"
		virtual_server 10.79.0.100 3306 {
			lvs_sched rr
			lvs_method DR
			protocol TCP
			real_server 10.79.0.9 3306 {
				weight $2
			}
		}
	END
}
start() {
	balancer_start "$1"
	DAEMON[$1]=$BALANCER
	wait_for 20 "the daemon in $1 answers" answers "$1"
}
stop() {
	kill -TERM "${DAEMON[$1]}"
	wait "${DAEMON[$1]}"
}
ctl() { "$EVENKEEL_BUILD/evenkeel" --run-dir "$NET_DIR/run.$1" "${@:2}"; }
answers() { ctl "$1" --json vrrp >"$NET_DIR/answer" 2>/dev/null; [ -s "$NET_DIR/answer" ]; }
# instance NS FIELD VALUE: of both instances, in python's words.
instance() {
	answers "$1"
	python3 - "$NET_DIR/answer" "$2" "$3" <<-'END'
		import json, sys
		seen = {str(i[sys.argv[2]]) for i in json.load(open(sys.argv[1]))["instances"]}
		print(seen, file=sys.stderr)
		sys.exit(seen != {sys.argv[3]})
	END
}
# peer NS FIELD VALUE: of the other balancer's report.
peer() {
	ctl "$1" --json status >"$NET_DIR/answer"
	python3 - "$NET_DIR/answer" "$2" "$3" <<-'END'
		import json, sys
		peer = json.load(open(sys.argv[1]))["daemon"]["peer"]
		seen = str(eval(sys.argv[2], {}, peer))
		print(seen, file=sys.stderr)
		sys.exit(seen != sys.argv[3])
	END
}
# status_says NS TEXT; without IPVS the status fails.
status_says() { ctl "$1" status >"$NET_DIR/said" 2>&1; grep -F -- "$2" "$NET_DIR/said" || { cat "$NET_DIR/said"; false; }; }
# metric NS NAME VALUE
metric() { ctl "$1" metrics 2>/dev/null | grep -x "evenkeel_$2 $3" || { ctl "$1" metrics | grep "evenkeel_peer"; false; }; }
logged() { grep -qF -- "$2" "$NET_DIR/$1.log"; }
# says NS TEXT COMMAND...: it succeeds, and says so.
says() {
	ctl "$1" "${@:3}" >"$NET_DIR/said" 2>&1 || { cat "$NET_DIR/said"; return 1; }
	grep -qF -- "$2" "$NET_DIR/said" || { cat "$NET_DIR/said"; return 1; }
}
# refused NS TEXT: it fails, and says so.
refused() {
	if ctl "$1" switchover >"$NET_DIR/said" 2>&1; then
		cat "$NET_DIR/said"
		return 1
	fi
	grep -qF -- "$2" "$NET_DIR/said" || { cat "$NET_DIR/said"; return 1; }
}

conf a 10.79.0.2 150
conf b 10.79.0.1 100
echo 0 >"$NET_DIR/a.number"
echo 0 >"$NET_DIR/b.number"

step "a daemon alone"
start a
wait_for 40 "it has both addresses" holds_vip a $V1 $V2
check "the status can be asked for" status_says a "it does not report"
check "there is nobody to take over" refused a "the other balancer does not report"
# stranger: b says that it lives, two minutes ago.
stranger() {
	nsenter --net=/run/netns/b -- python3 - "$NET_DIR/key" <<-'END'
		import hashlib, hmac, socket, struct, sys, time
		key = open(sys.argv[1], "rb").read().rstrip(b"\n")
		text = b"EKOP\1\0\0\0" + struct.pack(">q", int((time.time() - 120) * 1000000))
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s.bind(("10.79.0.2", 8850))
		s.sendto(text + hmac.new(key, text, hashlib.sha256).digest(), ("10.79.0.1", 8850))
	END
}
other_clock() { stranger; refused a "the clocks of the two balancers are more than 60 s apart"; }
wait_for 20 "one with another clock is told from silence" other_clock
other_clock() { stranger; status_says a "clocks of the two are more than 60 s apart"; }
wait_for 20 "in the status, too" other_clock
other_clock() { stranger; metric a peer_clocks_apart 1; }
wait_for 20 "and in the metrics" other_clock
check "it keeps them" holds_vip a $V1 $V2

step "the pair"
start b
wait_for 40 "the other one is a backup" instance b state BACKUP
wait_for 20 "which a knows" peer a '[i["state"] for i in instances]' "['BACKUP', 'BACKUP']"
wait_for 20 "the backup knows the master" peer b '[i["state"] for i in instances]' "['MASTER', 'MASTER']"
check "their files say the same" peer a same_configuration True
check "their versions, too" peer a same_version True
check "their clocks" peer a 'abs(clock_ahead_s) < 1 and not clocks_apart' True
check "the status has a line" status_says a "0 MASTER, 2 BACKUP, 0 FAULT, the same virtual servers"
check "the metrics, too" eval "metric a peer_reachable 1 && \
	metric a peer_same_configuration 1 && metric a peer_same_version 1"
check "the backup has nothing to give" refused b "this balancer is master of nothing"

step "switchover"
check "a hands over" says a "the other balancer is master" switchover
check "b has the addresses, and a has not" only_holder b a $V1 $V2
check "a stays behind b's priority" instance a behind 100
check "with the lowest of its own" instance a priority 1
check "and knows its own" instance a own_priority 150
check "people are told" says a "behind the other balancer" vrrp
check "the event is there" says a "operator: switchover of 2 instances" events
check "b was told by priority 0, not by silence" instance b stops_received 1

# heard NS: the adverts that its first instance has accepted.
heard() {
	ctl "$1" --json vrrp | python3 -c 'import json, sys
print(json.load(sys.stdin)["instances"][0]["adverts_received"])'
}
heard_over() { [ "$(heard "$1")" -gt "$2" ]; }
# stays TEXT: while the backup a hears fifteen adverts, more than three times what
# it would wait for a silent master.
stays() {
	local from
	from=$(heard a)
	holds_until "$1" "heard_over a $((from + 15))" only_holder b a $V1 $V2
}

step "it stays"
stays "nothing takes it back"
kill -HUP "${DAEMON[a]}"
wait_for 10 "a reload" logged a "is in force"
sed -i 's/advert_int 0.2/advert_int 0.3/' "$NET_DIR"/[ab].conf
kill -HUP "${DAEMON[a]}" "${DAEMON[b]}"
wait_for 10 "one of VRRP itself" instance a interval_s 0.3
check "a is behind" instance a behind 100
stays "nor does a reload"
CHILD=$(pgrep -f -P "${DAEMON[a]}" evenkeel-vrrp)
kill -KILL "$CHILD"
another() { local new; new=$(pgrep -f -P "${DAEMON[a]}" evenkeel-vrrp) && [ "$new" != "$CHILD" ]; }
wait_for 20 "another vrrp process" another
wait_for 20 "which takes part" instance a state BACKUP
stays "nor does a killed process"
check "a is behind" instance a behind 100
stop a
start a
wait_for 40 "a restart" instance a state BACKUP
stays "nor does a restart"
check "a is behind still" instance a behind 100
kill -KILL "${DAEMON[a]}"
wait "${DAEMON[a]}" 2>/dev/null
start a
wait_for 40 "a daemon that was killed" instance a state BACKUP
stays "nor does a crash"

step "it is handed back"
wait_for 20 "b knows its backup" peer b '[i["state"] for i in instances]' "['BACKUP', 'BACKUP']"
check "b hands over" says b "the other balancer is master" switchover
check "a has the addresses" only_holder a b $V1 $V2
check "and its own priority" instance a priority 150
check "and is behind nobody" instance a behind None
check "and keeps nothing" test ! -e "$NET_DIR/run.a/switchover"

step "the other one dies"
wait_for 20 "a knows its backup" peer a '[i["state"] for i in instances]' "['BACKUP', 'BACKUP']"
check "a hands over" ctl a switchover
kill -KILL "${DAEMON[b]}" "$(pgrep -f -P "${DAEMON[b]}" evenkeel-vrrp)"
wait "${DAEMON[b]}" 2>/dev/null
ip -n b addr flush dev eth0 to 10.79.0.100/31
wait_for 20 "a serves again" holds_vip a $V1 $V2
wait_for 5 "with its own priority" instance a priority 150
check "the event says so" says a "the switchover is over" events
start b
wait_for 40 "b is back" instance b state BACKUP
check "a still serves" only_holder a b $V1 $V2

step "the other one is worse than it was"
wait_for 20 "a knows its backup" peer a '[i["state"] for i in instances]' "['BACKUP', 'BACKUP']"
check "a hands over" ctl a switchover
stays "b serves"
echo -40 >"$NET_DIR/b.number"
wait_for 20 "a tracker there takes the addresses away" only_holder a b $V1 $V2
check "a has its own priority" instance a priority 150
echo 0 >"$NET_DIR/b.number"

step "it is refused"
wait_for 20 "b is a backup" instance b priority 100
ip -n wire link set dev b down
wait_for 40 "b is cut off" peer a reports False
check "a keeps the addresses" refused a "the other balancer does not report"
ip -n wire link set dev b up
wait_for 30 "b reports again" peer a reports True
wait_for 30 "as a backup" peer a '[i["state"] for i in instances]' "['BACKUP', 'BACKUP']"
pool a 1
kill -HUP "${DAEMON[a]}"
wait_for 20 "a file that the other one does not have" refused a "the virtual servers of the two files differ"
check "the status says so" status_says a "OTHER virtual servers"
check "and the metrics" metric a peer_same_configuration 0
pool b 2
kill -HUP "${DAEMON[b]}"
wait_for 20 "another weight" peer b 'len(pools)' 1
check "is another file" refused a "the virtual servers of the two files differ"
sed -i 's/weight 2/weight 1/' "$NET_DIR/b.conf"
kill -HUP "${DAEMON[b]}"
wait_for 20 "the same file, but no IPVS over there" refused a "table in the kernel is not complete"
check "through all of this the addresses stayed" only_holder a b $V1 $V2
check "nobody else may ask for it" eval "! setpriv --reuid=65534 --clear-groups \
	'$EVENKEEL_BUILD/evenkeel' --run-dir '$NET_DIR/run.a' switchover >/dev/null 2>&1"
check "a child got nothing that it does not know" eval \
	"! grep -h 'makes no sense\|unexpected message' '$NET_DIR'/[ab].log"

stop a
check_equal "a ends in good order" 0 $?
stop b
check_equal "b too" 0 $?
check "the end leaves no sanitizer's report" \
	sh -c "! grep -l 'Sanitizer\|runtime error' '$NET_DIR'/*.log"
finish
