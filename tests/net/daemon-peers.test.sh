#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# long: yes
# Four balancers, of which two do not name each other: what an operator says on
# one counts on all; while the channel between two halves is cut each half agrees
# with itself, and afterwards the last word counts on all. Each tells of each of
# its peers. No IPVS is needed.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"

ALL="a b c d"
# shellcheck disable=SC2086 # words
net_build $ALL
PORT=8850
VIP=203.0.113.10
SERVER=10.0.0.5:3306
POOL=10.79.0.100:3306
WRITERS=10.79.0.100:3307
declare -A DAEMON ADDR=([a]=10.79.0.1 [b]=10.79.0.2 [c]=10.79.0.3 [d]=10.79.0.4)
chmod 755 "$NET_DIR"
(umask 077 && echo "a key of more than sixteen bytes" >"$NET_DIR/key")

# conf NS PEER...
conf() {
	local ns=$1 peer
	shift
	{
		echo "global_defs {"
		for peer; do
			echo "operator_peer ${ADDR[$peer]} $PORT $NET_DIR/key"
		done
		cat <<-END
			}
			announce_group databases {
				virtual_ipaddress {
					$VIP
				}
				announce_delay 0.1
				withdraw_delay 0.1
			}
			virtual_server $POOL {
				protocol TCP
				lvs_sched rr
				lvs_method DR
				real_server 10.0.0.5 3306 {
				}
				real_server 10.0.0.6 3306 {
				}
			}
			virtual_server $WRITERS {
				protocol TCP
				lvs_sched rr
				lvs_method DR
				writers 1
				real_server 10.0.0.7 3306 {
				}
				real_server 10.0.0.8 3306 {
				}
			}
			virtual_server $VIP 3306 {
				protocol TCP
				lvs_sched rr
				lvs_method DR
				announce databases
				real_server 10.0.0.9 3306 {
				}
			}
		END
	} | sed 's/ 10.79.0.100:/ 10.79.0.100 /' >"$NET_DIR/$ns.conf"
}
start() {
	balancer_start "$1"
	DAEMON[$1]=$BALANCER
	wait_for 20 "the daemon in $1 answers" answers "$1"
}
ctl() { "$EVENKEEL_BUILD/evenkeel" --run-dir "$NET_DIR/run.$1" "${@:2}"; }
answers() { ctl "$1" --json status >"$NET_DIR/answer.$1" 2>/dev/null && [ -s "$NET_DIR/answer.$1" ]; }
# status NS EXPRESSION: of the answer S.
status() {
	answers "$1" && python3 - "$NET_DIR/answer.$1" "$2" <<-'END'
		import json, sys
		S = json.load(open(sys.argv[1]))
		servers = {s["address"]: s for v in S["virtual_servers"] for s in v["servers"]}
		pools = {v["name"]: v for v in S["virtual_servers"]}
		peers = {p["address"]: p for p in S["daemon"]["peers"]}
		sys.exit(not eval(sys.argv[2]))
	END
}
word_is() { status "$1" "str(servers['$SERVER']['operator']) == '$2'"; }
writer_is() { status "$1" "servers['$2']['state'] == 'up'"; }
paused_is() { status "$1" "pools['$POOL']['paused'] == $2"; }
logged() { grep -qF -- "$2" "$NET_DIR/$1.log"; }
# cut FROM TO: they cannot speak to each other.
cut() {
	ip -n "$1" route add blackhole "${ADDR[$2]}"
	ip -n "$2" route add blackhole "${ADDR[$1]}"
}
heal() {
	ip -n "$1" route del blackhole "${ADDR[$2]}"
	ip -n "$2" route del blackhole "${ADDR[$1]}"
}

for n in $ALL; do
	ns "$n" ip link add evk-up type dummy 2>/dev/null ||
		ns "$n" ip link add evk-up type ifb
	ns "$n" ip link set evk-up up
done
conf a b c
conf b a c d
conf c a b d
conf d b c

step "four balancers"
for n in $ALL; do start "$n"; done
for pair in a:b a:c b:a b:c b:d c:a c:b c:d d:b d:c; do
	wait_for 20 "${pair%:*} hears ${pair#*:}" logged "${pair%:*}" \
		"the other balancer is heard: ${ADDR[${pair#*:}]}:$PORT"
done
check "a knows two others, by their addresses" \
	status a "list(peers) == ['${ADDR[b]}:$PORT', '${ADDR[c]}:$PORT']"
check "the first of them stands where a pair has its one" \
	status a "S['daemon']['peer']['address'] == '${ADDR[b]}:$PORT'"
check_equal "people see a line for each" 3 \
	"$(ctl b status | grep -c '^peer: pid')"
for n in b c; do
	wait_for 20 "$n has their reports" status "$n" \
		"all(p['reports'] and p['same_configuration'] for p in peers.values())"
done

step "what is said on one counts on all"
ctl a drain $SERVER >/dev/null
for n in $ALL; do
	wait_for 10 "drained on $n" word_is "$n" drain
done
check_not "d, which a does not know, has it from another one" \
	logged d "by way of ${ADDR[a]}"
check "whose address it tells" eval \
	"logged d 'by way of ${ADDR[b]}' || logged d 'by way of ${ADDR[c]}'"
ctl d ready $SERVER >/dev/null
for n in $ALL; do
	wait_for 10 "and back, on $n" word_is "$n" None
done
ctl d failback 10.0.0.8:3307 >/dev/null
for n in $ALL; do
	wait_for 10 "$n has the same writer" writer_is "$n" 10.0.0.8:3307
done

step "a pause says who hears it"
check "on all" eval "ctl b pause --for=900 $POOL | grep -F 'on the 3 other balancers too'"
for n in $ALL; do
	wait_for 10 "$n pauses" paused_is "$n" True
done
ctl c resume $POOL >/dev/null
for n in $ALL; do
	wait_for 10 "$n goes on" paused_is "$n" False
done

step "each tells what each other one announces"
# Without IPVS no pool is one that works.
announce_says() { ctl "$1" --json announce | tr -d ' \n' | grep -F -- "$2"; }
for n in b c; do
	wait_for 30 "$n has heard of three" eval \
		"[ \$(announce_says $n others_said | grep -o '\"heard\":true' | wc -l) = 3 ]"
	wait_for 60 "$n says that the others fail" eval \
		"[ \$(ctl $n announce | grep -c 'announced, although it fails') = 3 ]"
	check "and that none counts" announce_says "$n" '"others":0,"others_silent":false'
	check "of three, for people" eval "ctl $n announce | grep -F '0 of 3'"
	check "an address each" eval "ctl $n announce | grep -F '${ADDR[d]}:$PORT' || [ $n = d ]"
done

step "the channel between two halves is cut"
for x in a b; do for y in c d; do cut "$x" "$y"; done; done
ctl a drain $SERVER >/dev/null
wait_for 10 "one word here" word_is b drain
ctl d weight $SERVER 3 >/dev/null
wait_for 10 "another one there" word_is c weight
check "a has its own" word_is a drain
check "b too" word_is b drain
ctl b failback 10.0.0.7:3307 >/dev/null
wait_for 10 "a writer here" writer_is a 10.0.0.7:3307
check "another one there" writer_is c 10.0.0.8:3307
check "in both" writer_is d 10.0.0.8:3307
ctl d pause --for=900 $POOL >/dev/null
wait_for 10 "a pause there" paused_is c True
check "and not here" paused_is b False
# A reload in the meantime forgets nothing, and finds no way.
kill -HUP "${DAEMON[b]}"
wait_for 20 "b reads its file again" logged b "is in force"
check "it knows its word" word_is b drain
wait_for 60 "the half is said to be silent" status b \
	"[p['silent'] for p in peers.values()] == [False, True, True]"
wait_for 60 "each by its name" logged b \
	"nothing was heard of the other balancer (${ADDR[c]}:$PORT)"
check_not "but not the one that speaks" logged b \
	"nothing was heard of the other balancer (${ADDR[a]}:$PORT)"
check "the announcements are silent in part" announce_says b '"others":0,"others_silent":true'
check "two of three, by their names" eval "[ \$(ctl b announce | grep -c ' silent\$') = 2 ]"
check "the pause of a moment is said to reach one" eval \
	"ctl b resume $WRITERS | grep -F 'on 1 of 3 other balancers too; not heard, and told when they are back: ${ADDR[c]}:$PORT ${ADDR[d]}:$PORT'"

step "and whole again: the last word counts on all"
for x in a b; do for y in c d; do heal "$x" "$y"; done; done
for n in $ALL; do
	wait_for 20 "$n has the last word" word_is "$n" weight
	wait_for 20 "$n has the last writer" writer_is "$n" 10.0.0.7:3307
	wait_for 20 "$n has the pause" paused_is "$n" True
done
holds 3 "a stays so" word_is a weight
check "and d" word_is d weight
wait_for 20 "they hear each other" status b \
	"not any(p['silent'] for p in peers.values())"
check "which is said" logged b "the other balancer speaks again: ${ADDR[c]}:$PORT"

step "one was away, and its own word of before is older"
ctl d resume $POOL >/dev/null
kill -TERM "${DAEMON[a]}"
wait "${DAEMON[a]}"
ctl d disable $SERVER >/dev/null
for n in b c d; do
	wait_for 10 "disabled on $n" word_is "$n" disable
done
start a
# Without IPVS the file is read when somebody speaks.
ctl a weight 10.0.0.6:3306 7 >/dev/null
wait_for 10 "it learns what was said" word_is a disable
check "nobody learns its old word" word_is b disable

step "a key of its own for one of them"
(umask 077 && echo "another key of sixteen bytes or more" >"$NET_DIR/other")
sed -i "s|operator_peer ${ADDR[d]} $PORT .*|operator_peer ${ADDR[d]} $PORT $NET_DIR/other|" "$NET_DIR/c.conf"
sed -i "s|operator_peer ${ADDR[c]} $PORT .*|operator_peer ${ADDR[c]} $PORT $NET_DIR/other|" "$NET_DIR/d.conf"
sed -i "/operator_peer ${ADDR[b]} /d" "$NET_DIR/d.conf"
sed -i "/operator_peer ${ADDR[d]} /d" "$NET_DIR/b.conf"
for n in b c d; do kill -HUP "${DAEMON[$n]}"; done
wait_for 20 "d knows one other" status d "list(peers) == ['${ADDR[c]}:$PORT']"
wait_for 20 "b two" status b "len(peers) == 2"
ctl d drain $SERVER >/dev/null
for n in c b a; do
	wait_for 20 "$n has it by way of c" word_is "$n" drain
done

for n in $ALL; do
	kill -TERM "${DAEMON[$n]}"
	wait "${DAEMON[$n]}"
	check_equal "$n ends in good order" 0 $?
done
check "the end leaves no sanitizer's report" \
	sh -c "! grep -l 'Sanitizer\|runtime error' '$NET_DIR'/*.log"
finish
