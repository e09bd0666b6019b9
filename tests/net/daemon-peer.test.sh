#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What an operator says on one balancer counts on the other: both ways, after
# one was away, with the younger word winning; nothing of anybody else counts.
# No IPVS is needed.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"

net_build a b c
PORT=8850
SERVER=10.0.0.5:3306
declare -A DAEMON
chmod 755 "$NET_DIR"

# conf NS PEER KEYFILE
conf() {
	cat >"$NET_DIR/$1.conf" <<-END
		global_defs {
			operator_peer $2 $PORT $3
		}
		virtual_server 10.79.0.100 3306 {
			protocol TCP
			lvs_sched rr
			lvs_method DR
			real_server 10.0.0.5 3306 {
			}
			real_server 10.0.0.6 3306 {
			}
		}
		virtual_server 10.79.0.100 3307 {
			protocol TCP
			lvs_sched rr
			lvs_method DR
			writers 1
			real_server 10.0.0.7 3306 {
			}
			real_server 10.0.0.8 3306 {
			}
		}
	END
}
start() {
	balancer_start "$1"
	DAEMON[$1]=$BALANCER
	wait_for 20 "the daemon in $1 answers" answers "$1"
}
ctl() { "$EVENKEEL_BUILD/evenkeel" --run-dir "$NET_DIR/run.$1" "${@:2}"; }
answers() { ctl "$1" --json status >"$NET_DIR/answer" 2>/dev/null; [ -s "$NET_DIR/answer" ]; }
# operator_is NS SERVER WORD
operator_is() {
	answers "$1"
	python3 - "$NET_DIR/answer" "$2" "$3" <<-'END'
		import json, sys
		status = json.load(open(sys.argv[1]))
		for server in status["virtual_servers"][0]["servers"]:
		    if server["address"] == sys.argv[2]:
		        print(server["operator"], file=sys.stderr)
		        sys.exit(str(server["operator"]) != sys.argv[3])
		sys.exit(1)
	END
}
# writer_is NS SERVER: the one that serves; the other one is spare.
writer_is() {
	answers "$1"
	python3 - "$NET_DIR/answer" "$2" <<-'END'
		import json, sys
		pool = json.load(open(sys.argv[1]))["virtual_servers"][1]
		states = {s["address"]: s["state"] for s in pool["servers"]}
		print(states, file=sys.stderr)
		sys.exit([a for a in states if states[a] == "up"] != [sys.argv[2]] or
		         sorted(states.values()) != ["spare", "up"])
	END
}
logged() { grep -qF -- "$2" "$NET_DIR/$1.log"; }
stop() {
	kill -TERM "${DAEMON[$1]}"
	wait "${DAEMON[$1]}"
}

(umask 077 && echo "a key of more than sixteen bytes" >"$NET_DIR/key")
(umask 077 && echo "another key of sixteen bytes or more" >"$NET_DIR/wrong")
conf a 10.79.0.2 "$NET_DIR/key"
conf b 10.79.0.1 "$NET_DIR/key"
conf c 10.79.0.1 "$NET_DIR/key"

step "two balancers"
start a
start b
wait_for 10 "a hears b" logged a "the other balancer is heard"
wait_for 10 "b hears a" logged b "the other balancer is heard"
PEER=$(pgrep -f evenkeel-peer | head -n 1)
check_equal "the peer process has no capability" 0000000000000000 \
	"$(sed -n 's/^CapEff:\t//p' "/proc/$PEER/status")"
check_not "and is not root" \
	eval "[ \"\$(stat -c %u /proc/$PEER)\" = 0 ]"

step "words go both ways"
ctl a drain $SERVER >/dev/null
check "drained on a" operator_is a $SERVER drain
wait_for 5 "and on b" operator_is b $SERVER drain
check "whose log says who said it" logged b "said on the other balancer"
check "as its events do" \
	eval "ctl b events | grep -q 'operator on the other balancer: drain'"
check "the other server is as it was" operator_is b 10.0.0.6:3306 None
ctl b ready $SERVER >/dev/null
wait_for 5 "ready, said on b, counts on a" operator_is a $SERVER None
ctl b weight 10.0.0.6:3306 7 >/dev/null
wait_for 5 "a weight too" operator_is a 10.0.0.6:3306 weight

step "a pool is paused on both"
POOL=10.79.0.100:3306
# paused NS POOL True|False
paused() {
	answers "$1"
	python3 - "$NET_DIR/answer" "$2" "$3" <<-'END'
		import json, sys
		for pool in json.load(open(sys.argv[1]))["virtual_servers"]:
		    if pool["name"] == sys.argv[2]:
		        print(pool["paused"], pool["pause_left_s"], file=sys.stderr)
		        sys.exit(str(pool["paused"]) != sys.argv[3])
		sys.exit(1)
	END
}
ctl_says() {
	ctl "$1" "${@:3}" >"$NET_DIR/said" 2>&1
	grep -qF -- "$2" "$NET_DIR/said" || { cat "$NET_DIR/said"; false; }
}
check "paused on a" ctl_says a "its table stays as it is" pause --for=900 $POOL
check "the status says it" ctl_says a "PAUSED by the operator" status
wait_for 5 "paused on b as well" paused b $POOL True
check "whose events say who said it" \
	eval "ctl b events | grep -q 'operator on the other balancer: pause $POOL'"
check "the other pool is not" paused b 10.79.0.100:3307 False
check "a drain is kept for the end" ctl_says b "it counts when that is over" drain $SERVER
check "and does not move the server" ctl_says b "in the table with weight 1" explain $SERVER
check "metrics say it" \
	eval "ctl b metrics | grep -q '^evenkeel_pool_paused{virtual=\"$POOL\".*} 1\$'"
check "b takes it back" ctl_says b "the checks decide" resume $POOL
check "now the drain counts" ctl_says b "in the table with weight 0" explain $SERVER
wait_for 5 "a is told" paused a $POOL False
ctl b ready $SERVER >/dev/null
check "all pools, for an hour" ctl_says b "10.79.0.100:3307: paused for 60 min" pause
wait_for 5 "on a both are" paused a 10.79.0.100:3307 True
stop a
start a
# Without IPVS the file is read when somebody speaks.
ctl a weight 10.0.0.6:3306 7 >/dev/null
check "a restart keeps it" paused a $POOL True
kill -HUP "${DAEMON[a]}"
wait_for 5 "a reads its file again" logged a "is in force"
check "and so does a reload" paused a $POOL True
ctl a pause --for=2 >/dev/null
wait_for 20 "it ends by itself" paused a $POOL False
wait_for 20 "on both" paused b $POOL False
check_not "no time that is no time" ctl a pause --for=nan
check_not "nor one that nobody would remember" ctl a pause --for=1000000
check_not "a pool that is not there" ctl a pause nonsense

step "writers are chosen alike"
check "the first of the file, on a" writer_is a 10.0.0.7:3307
check "and on b" writer_is b 10.0.0.7:3307
check "the operator wants the other one" ctl a failback \
	10.0.0.8:3307 --virtual=10.79.0.100:3307
failback_event() { ctl a events | grep 'operator: failback'; }
check_equal "an event says so, with the pool" \
	"$(failback_event | sed 's/.*operator/operator/')" \
	"operator: failback 10.0.0.8:3307 of 10.79.0.100:3307"
check "which serves" writer_is a 10.0.0.8:3307
wait_for 5 "on b as well" writer_is b 10.0.0.8:3307
counts_spare() {
	ctl "$1" metrics | grep -E '^evenkeel_pool_spares\{.*"10.79.0.100:3307".*\} 1$'
}
check "the one held back is counted in a's metrics" counts_spare a
check "and in b's" counts_spare b
check_not "a pool without writers holds nobody back" \
	ctl a failback $SERVER

step "one of them is away"
stop b
ctl a disable $SERVER >/dev/null
start b
wait_for 10 "it hears what was said meanwhile" operator_is b $SERVER disable
wait_for 10 "and who writes" writer_is b 10.0.0.8:3307
wait_for 10 "and its own word of before comes back to it" \
	operator_is b 10.0.0.6:3306 weight

step "a split: both go on, and the last seat counts"
ip -n wire link set dev b down
check "b gives the seat back" ctl b failback 10.0.0.7:3307
check "a does not hear it" writer_is a 10.0.0.8:3307
check "b follows itself" writer_is b 10.0.0.7:3307
ip -n wire link set dev b up
wait_for 15 "then both do" writer_is a 10.0.0.7:3307
check "b still does" writer_is b 10.0.0.7:3307
kill -HUP "${DAEMON[a]}"
wait_for 5 "a reads its file again" logged a "is in force"
check "the same one writes" writer_is a 10.0.0.7:3307

step "the younger word counts, whatever arrives when"
ip -n wire link set dev b down
ctl a drain $SERVER >/dev/null
ctl b weight $SERVER 3 >/dev/null
check "they do not agree" operator_is a $SERVER drain
ip -n wire link set dev b up
wait_for 15 "then they do: a" operator_is a $SERVER weight
holds 3 "and b stays so" operator_is b $SERVER weight

step "a reload keeps it"
kill -HUP "${DAEMON[b]}"
wait_for 5 "another configuration is in force" logged b "is in force"
check "what was said counts" operator_is b $SERVER weight

step "a reload with another checker_user"
peer_uid_is() {
	local pid
	pid=$(pgrep -f -P "${DAEMON[b]}" evenkeel-peer) &&
		[ "$(stat -c %u "/proc/$pid")" = "$1" ]
}
check "the process has the default user" peer_uid_is "$(id -u nobody)"
sed -i 's/global_defs {/&\nchecker_user daemon/' "$NET_DIR/b.conf"
kill -HUP "${DAEMON[b]}"
wait_for 15 "it is replaced by one of the other user" \
	peer_uid_is "$(id -u daemon)"
wait_for 15 "which hears the other balancer" \
	eval "[ \$(grep -cF 'the other balancer is heard' '$NET_DIR/b.log') -ge 3 ]"
ctl a drain 10.0.0.6:3306 >/dev/null
wait_for 15 "and what is said there counts" operator_is b 10.0.0.6:3306 drain
ctl a weight 10.0.0.6:3306 5 >/dev/null
sed -i '/checker_user/d' "$NET_DIR/b.conf"

step "a word from the future"
# future NS SERVER: the clock was wrong by a year when this was said.
future() {
	python3 - "$NET_DIR/run.$1/state.json" "$2" <<-'END'
		import json, sys
		state = json.load(open(sys.argv[1]))
		for word in state["overrides"]:
		    if word["server"] == sys.argv[2]:
		        word["said_us"] += 365 * 86400 * 1000000
		json.dump(state, open(sys.argv[1], "w"))
	END
}
stop b
ctl a drain $SERVER >/dev/null
stop a
check "it is in the file" future a $SERVER
start b
start a
# Without IPVS the file is read when somebody speaks.
ctl a drain 10.0.0.6:3306 >/dev/null
wait_for 15 "the words beside it are heard" operator_is b 10.0.0.6:3306 drain
wait_for 15 "and so is the word itself, as one of now" operator_is b $SERVER drain
ctl a ready $SERVER >/dev/null
wait_for 15 "it can be taken back where it was said" operator_is b $SERVER None
stop a
check "it is in the file once more" future a $SERVER
ip -n wire link set dev b down
start a
ctl a weight 10.0.0.6:3306 8 >/dev/null
check "it counts" operator_is a $SERVER None
ctl b drain $SERVER >/dev/null
ip -n wire link set dev b up
wait_for 15 "or by a word on the other balancer" operator_is a $SERVER drain
wait_for 5 "which keeps it" operator_is b $SERVER drain

step "the port"
# Whoever could bind it would get what is said, and b would not.
check "another user cannot share it" \
	nsenter --net=/run/netns/b -- python3 -c 'if True:
		import errno, os, socket, sys
		os.setgroups([]); os.setgid(1001); os.setuid(1001)
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
		try:
		    s.bind(("0.0.0.0", 8850))
		except OSError as e:
		    sys.exit(e.errno != errno.EADDRINUSE)
		sys.exit("he has it")'
ctl a weight 10.0.0.6:3306 7 >/dev/null
ctl a weight $SERVER 3 >/dev/null
wait_for 5 "words arrive" operator_is b $SERVER weight

step "strangers"
start c
ctl c drain $SERVER >/dev/null
ctl c drain 10.0.0.6:3306 >/dev/null
holds 5 "with the key, but from another address: it is not heard" \
	operator_is a $SERVER weight
stop c
stop b
conf b 10.79.0.1 "$NET_DIR/wrong"
start b
ctl b ready $SERVER >/dev/null
wait_for 10 "another key: a warns" logged a "with another key is ignored"
check "and nothing changes" operator_is a $SERVER weight
stop b
chmod 644 "$NET_DIR/key"
conf b 10.79.0.1 "$NET_DIR/key"
start b
check "a key that everybody may read is not used" \
	logged b "can be read or written by others"

stop b
chmod 600 "$NET_DIR/key"

step "the process is killed"
PEER=$(pgrep -f -P "${DAEMON[a]}" evenkeel-peer)
kill -KILL "$PEER"
another() { local new; new=$(pgrep -f -P "${DAEMON[a]}" evenkeel-peer) && [ "$new" != "$PEER" ]; }
wait_for 10 "another one runs" another
start b
wait_for 10 "which knows what was said" operator_is b $SERVER weight

step "the file has no other balancer any more, and has it again"
peer_process() { pgrep -f -P "${DAEMON[a]}" evenkeel-peer >/dev/null; }
no_peer_process() { ! peer_process; }
crashes() { grep -c 'until it is back' "$NET_DIR/a.log"; }
CRASHES=$(crashes)
sed -i 's/^\t*operator_peer/#&/' "$NET_DIR/a.conf"
kill -HUP "${DAEMON[a]}"
wait_for 10 "the process ends" no_peer_process
check_equal "which is told as no crash" "$CRASHES" "$(crashes)"
ctl a ready $SERVER >/dev/null
check "the word counts here" operator_is a $SERVER None
sed -i 's/^#//' "$NET_DIR/a.conf"
kill -HUP "${DAEMON[a]}"
wait_for 10 "it runs again" peer_process
wait_for 10 "and says what was said meanwhile" operator_is b $SERVER None

stop a
check_equal "a ends in good order" 0 $?
stop b
check_equal "b too" 0 $?
check "the end leaves no sanitizer's report" \
	sh -c "! grep -l 'Sanitizer\|runtime error' '$NET_DIR'/*.log"
finish
