#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# long: yes
# The daemon's side of the pair, with keepalived as the other half: trackers,
# scripts that are told, pipes, reloads, killed processes, `evenkeel vrrp`. No
# IPVS is needed.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/vrrp_lib.sh
. "$SRC/tests/net/vrrp_lib.sh"

net_build a b
chmod 755 "$NET_DIR"
RUN=$NET_DIR/run
CONF=$NET_DIR/a.conf
LOG=$NET_DIR/a.log
V1=10.79.0.100
V2=10.79.0.101
PRIORITY2=150
INTERVAL2=0.5

cat >"$NET_DIR/told" <<END
#!/bin/sh
echo "\$*" >>$NET_DIR/told.out
END
cat >"$NET_DIR/check" <<END
#!/bin/sh
test -e $NET_DIR/good
END
chmod 755 "$NET_DIR/told" "$NET_DIR/check"
touch "$NET_DIR/good"
: >"$NET_DIR/told.out"

ours() {
	cat >"$CONF" <<-END
		global_defs {
			vrrp_notify_fifo $NET_DIR/fifo
		}
		vrrp_script GOOD {
			script $NET_DIR/check
			interval 0.2
			timeout 60
			fall 2
			user root
		}
		vrrp_track_file NUMBER {
			file $NET_DIR/number
			init_file 0
		}
		vrrp_track_process SLEEPER {
			process "sleep" "86399"
			quorum 2
		}
		vrrp_instance V1 {
			interface eth0
			virtual_router_id 51
			priority 150
			advert_int 0.5
			version 3
			virtual_ipaddress {
				$V1/24
			}
			track_script {
				GOOD
			}
			track_file {
				NUMBER weight 1
			}
			track_process {
				SLEEPER weight 5
			}
			notify "$NET_DIR/told V" root
		}
		vrrp_instance V2 {
			interface eth0
			virtual_router_id 52
			priority $PRIORITY2
			advert_int $INTERVAL2
			version 3
			virtual_ipaddress {
				$V2/24
			}
		}
	END
}

theirs() {
	local n
	echo "global_defs {"
	echo "	router_id b"
	echo "}"
	for n in 1 2; do
		cat <<-END
			vrrp_instance V$n {
				state BACKUP
				interface eth0
				virtual_router_id 5$n
				priority 100
				advert_int 0.5
				version 3
				virtual_ipaddress {
					10.79.0.10$((n - 1))/24
				}
			}
		END
	done
}

ctl() { "$EVENKEEL_BUILD/evenkeel" --run-dir "$RUN" "$@"; }
daemon_start() {
	nsenter --net=/run/netns/a -- "$EVENKEEL_BUILD/evenkeeld" -n -l -D \
		-f "$CONF" --run-dir "$RUN" "$@" >>"$LOG" 2>&1 &
	DAEMON=$!
	wait_for 20 "the daemon answers" vrrp_json
}
# shellcheck disable=SC2120
vrrp_json() { ctl vrrp --json >"$NET_DIR/vrrp.json" 2>/dev/null; }
# field PATH VALUE: of the answer, in python's words.
field() {
	vrrp_json
	python3 - "$NET_DIR/vrrp.json" "$1" "$2" <<-'END'
		import json, sys
		answer = json.load(open(sys.argv[1]))
		I = {i["name"]: i for i in answer["instances"]}
		T = {t["name"]: t for t in answer["trackers"]}
		P = answer["process"]
		seen = str(eval(sys.argv[2]))
		print(seen, file=sys.stderr)
		sys.exit(seen != sys.argv[3])
	END
}
child() {
	vrrp_json
	python3 -c "import json
print(json.load(open('$NET_DIR/vrrp.json'))['process']['pid'])"
}
gone() { ! kill -0 "$1" 2>/dev/null; }
logged() { grep -qF -- "$1" "$LOG"; }
told() { tail -n 1 "$NET_DIR/told.out" | grep -qxF -- "$1"; }

ours
theirs >"$NET_DIR/b.conf"
nsenter --net=/run/netns/b -- keepalived -n -l -D -f "$NET_DIR/b.conf" \
	-p "$NET_DIR/b.pid" -r "$NET_DIR/b.vrrp" -c "$NET_DIR/b.check" \
	--vrrp >>"$NET_DIR/b.log" 2>&1 &
wait_for 10 "keepalived alone holds both" holds_vip b $V1 $V2

step "start"
daemon_start -P
cat "$NET_DIR/fifo" >"$NET_DIR/fifo.out" &
READER=$!
wait_for 10 "ours is better and takes both" only_holder a b $V1 $V2
check "evenkeel vrrp says so" field 'I["V1"]["state"]' MASTER
check "and by what" field 'I["V1"]["why"] != ""' True
wait_for 5 "the peer's last words are known" field 'I["V1"]["peer"]' 10.79.0.2
check "its priority, or its stop, too" \
	field 'I["V1"]["peer_priority"] in (0, 100)' True
check "adverts are counted" field 'I["V1"]["adverts_sent"] > 0' True
check "nothing was dropped" field 'I["V1"]["dropped"]' '{}'
check "for people it is one line an instance" \
	eval "ctl vrrp | grep -qE '^V1 +MASTER '"
check "the status says it in short" eval "ctl status | grep -q '2 MASTER'"
check "events has it" eval "ctl events | grep -q 'vrrp V1: MASTER'"
check_equal "the vrrp process has four capabilities" 0000000000807000 \
	"$(sed -n 's/^CapEff:\t//p' "/proc/$(child)/status")"
check_equal "and no way to more" 0000000000000000 \
	"$(sed -n 's/^CapBnd:\t//p' "/proc/$(child)/status")"
check_not "-P runs no checker" pgrep -f evenkeel-checker

step "a script"
check "it is up" field 'T["GOOD"]["value"]' 1
rm "$NET_DIR/good"
wait_for 5 "it fails: without a weight that is a fault" \
	field 'I["V1"]["state"]' FAULT
check "which names the script" field '"GOOD" in I["V1"]["faults"][0]' True
wait_for 5 "the peer has the address" only_holder b a $V1
check "the other instance is none of its business" only_holder a b $V2
touch "$NET_DIR/good"
wait_for 10 "it is well again, and takes it back" only_holder a b $V1
wait_for 5 "the script heard of it" told "V INSTANCE V1 MASTER 150"

step "a file"
check "init_file made it" grep -qx 0 "$NET_DIR/number"
echo -60 >"$NET_DIR/number"
wait_for 5 "-60: the priority is 90" field 'I["V1"]["priority"]' 90
wait_for 5 "the peer takes the address" only_holder b a $V1
echo 0 >"$NET_DIR/number.new"
mv "$NET_DIR/number.new" "$NET_DIR/number"
wait_for 10 "renamed into place, 0: ours again" only_holder a b $V1
rm "$NET_DIR/number"
wait_for 5 "no file is no number" field 'T["NUMBER"]["text"]' \
	"No such file or directory"
check "and is 0" field 'T["NUMBER"]["value"]' 0

step "processes"
check "none runs" field 'T["SLEEPER"]["value"]' 0
sleep 86399 &
ONE=$!
sleep 86399 &
TWO=$!
wait_for 5 "two are the quorum: the priority is 155" \
	field 'I["V1"]["priority"]' 155
kill $ONE
wait_for 5 "one is not" field 'I["V1"]["priority"]' 150
kill $TWO

step "a reload that changes one instance"
sent() { vrrp_json && python3 -c "import json
for i in json.load(open('$NET_DIR/vrrp.json'))['instances']:
    if i['name'] == '$1': print(i['adverts_sent'])"; }
more_sent() { [ "$(sent "$1")" -gt "$2" ]; }
before=$(sent V1)
capture_start reload wire
wait_for 5 "five adverts of V1" more_sent V1 $((before + 5))
INTERVAL2=1
PRIORITY2=160
ours
kill -HUP "$DAEMON"
wait_for 5 "V2 has its new priority" field 'I["V2"]["priority"]' 160
before=$(sent V1)
wait_for 5 "five more adverts of V1" more_sent V1 $((before + 5))
# A reload of nothing: the vrrp process does not even hear of it.
kill -HUP "$DAEMON"
wait_for 5 "another reload" eval "[ \"\$(grep -c 'is in force' '$LOG')\" -ge 2 ]"
before=$(sent V1)
wait_for 5 "five more" more_sent V1 $((before + 5))
check_equal "it was not even told of that one" 2 \
	"$(grep -c 'vrrp: runs 2 instances' "$LOG")"
capture_stop reload
check "V1's adverts went on, not one more and without a stop" beats reload 0.5 \
	"ip.src == 10.79.0.1 && vrrp.virt_rtr_id == 51"
check "V2 says its new interval" eval "captured reload \
	'vrrp && ip.src == 10.79.0.1 && vrrp.virt_rtr_id == 52 && vrrp.prio == 160' \
	frame.number | grep -q ."
check "nobody took anything" only_holder a b $V1 $V2

step "a reload that adds a script which takes its time"
sed -i "s|^vrrp_instance V2 {|vrrp_script SLOW {\n script \"/bin/sleep 2\"\n interval 5\n timeout 60\n}\n&\n track_script {\n SLOW\n}|" "$CONF"
before=$(sent V2)
kill -HUP "$DAEMON"
wait_for 5 "it runs" pgrep -f "sleep 2"
wait_for 10 "it has ended well" field 'T["SLOW"]["value"]' 1
check "meanwhile the address stayed" field 'I["V2"]["takeovers"]' 1

step "somebody of lower priority thinks that it is master too"
ns b "$VRRP_TOOLS/vrrp_inject" eth0 src=10.79.0.77 vips=$V1 vrid=51 prio=50 \
	interval=20
wait_for 5 "ours has been told" \
	grep -qx "V INSTANCE V1 MASTER_RX_LOWER_PRI 150" "$NET_DIR/told.out"
check "it counts" field 'I["V1"]["lower_masters_heard"] > 0' True
check "and changes nothing" only_holder a b $V1 $V2

step "the vrrp process is killed"
OLD=$(child)
kill -KILL "$OLD"
another_child() { local new; new=$(child) && [ "${new:-0}" -gt 0 ] && [ "$new" != "$OLD" ]; }
wait_for 10 "another one runs" another_child
wait_for 10 "which finds and removes what was left, and takes it again" \
	only_holder a b $V1 $V2
check "it knows what trackers said" field 'T["GOOD"]["value"]' 1
check "the end is in the log" logged "killed by signal 9"

step "main is killed"
CHILD=$(child)
kill -KILL "$DAEMON"
wait "$DAEMON" 2>/dev/null
wait_for 5 "its child ends" gone "$CHILD"
wait_for 5 "and hands over in good order" only_holder b a $V1 $V2
wait_for 5 "no script of it runs any more" eval "! pgrep -f $NET_DIR/check"
kill "$READER" 2>/dev/null
: >"$NET_DIR/told.out"
rm -f "$NET_DIR/fifo"
daemon_start -P
cat "$NET_DIR/fifo" >"$NET_DIR/fifo.out" &
READER=$!
wait_for 10 "a new one takes both" only_holder a b $V1 $V2

step "the end"
CHILD=$(child)
kill -TERM "$DAEMON"
wait_for 10 "SIGTERM ends it" gone "$DAEMON"
wait "$DAEMON"
check_equal "in good order" 0 $?
check "with its child" gone "$CHILD"
check "the addresses are gone" lacks_vip a $V1 $V2
wait_for 3 "the peer has both, within the skew" holds_vip b $V1 $V2
# That the script had not ended yet is no fault that anybody is told of.
check_equal "every change was told, in order" \
	"V INSTANCE V1 BACKUP 150
V INSTANCE V1 MASTER 150
V INSTANCE V1 STOP 150" "$(cat "$NET_DIR/told.out")"
kill "$READER" 2>/dev/null
check_equal "the pipe had the same" \
	'INSTANCE "V1" BACKUP 150
INSTANCE "V1" MASTER 150
INSTANCE "V1" STOP 150' "$(grep V1 "$NET_DIR/fifo.out")"
check_not "and is gone" test -e "$NET_DIR/fifo"

step "an address waits for its table"
if [ -e /proc/net/ip_vs ]; then
	echo "skipped: this kernel has IPVS, so nothing is missing"
else
	cat >>"$CONF" <<-END
		virtual_server $V1 3306 {
			lvs_sched rr
			protocol TCP
			real_server 127.0.0.1 3306 {
			}
		}
	END
	echo "without a table from here" >>"$LOG"
	daemon_start
	wait_for 12 "without a table it takes nothing, but not for ever" \
		only_holder a b $V1 $V2
	# The one after the other, whenever that was.
	waited() {
		sed -n '/^without a table from here/,$p' "$LOG" |
			awk '/the table is not complete after 10 s/ { waited = 1 }
				/-> MASTER/ && !waited { exit 1 }
				/-> MASTER/ { master = 1 }
				END { exit !master }'
	}
	check "it has waited for one" waited
	kill -TERM "$DAEMON"
	wait_for 10 "it ends" gone "$DAEMON"

	step "a pool without a table"
	sed -i "s/^\(\t*\)priority 150/&\n\ttrack_virtual_server $V1 3306 weight -100/" \
		"$CONF"
	daemon_start
	wait_for 12 "it is of no use: the priority falls" \
		field 'I["V1"]["priority"]' 50
	kill -TERM "$DAEMON"
	wait_for 10 "it ends" gone "$DAEMON"
	daemon_start -P
	wait_for 12 "with -P nobody asks for it" field 'I["V1"]["priority"]' 150
	kill -TERM "$DAEMON"
	wait_for 10 "it ends" gone "$DAEMON"
fi
check "the end leaves no sanitizer's report" \
	sh -c "! grep -l 'Sanitizer\|runtime error' '$NET_DIR'/*.log"
finish
