#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# long: yes
# Something stands still: syslogd, the reader of standard error, a child. Main
# and the other processes go on, the address is on one balancer only, and a child
# that does not answer is replaced. No IPVS is needed.
# shellcheck disable=SC2016,SC2086
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/vrrp_lib.sh
. "$SRC/tests/net/vrrp_lib.sh"

net_build a b
chmod 755 "$NET_DIR"
VIP=10.79.0.100
SERVER=10.0.0.5:3306
declare -A DAEMON

# A /dev of our own, with a syslogd that can be stopped.
mkdir "$NET_DIR/dev"
trap 'umount "$NET_DIR"/dev/* 2>/dev/null; rm -rf "$NET_DIR"' EXIT
for node in null zero full random urandom; do
	: >"$NET_DIR/dev/$node"
	mount --bind "/dev/$node" "$NET_DIR/dev/$node"
done
cat >"$NET_DIR/syslogd.py" <<'END'
import socket, sys
sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
sock.bind(sys.argv[1])
with open(sys.argv[2], "ab", 0) as out:
    while True:
        out.write(sock.recv(65536) + b"\n")
END
cat >"$NET_DIR/fill.py" <<'END'
import socket, sys
sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
sock.connect(sys.argv[1])
try:
    while True:
        sock.send(b"<30>filler", socket.MSG_DONTWAIT)
except BlockingIOError:
    pass
END
python3 "$NET_DIR/syslogd.py" "$NET_DIR/dev/log" "$NET_DIR/syslog" &
SYSLOGD=$!
wait_for 10 "a syslogd listens" bound "$NET_DIR/dev/log"
chmod 666 "$NET_DIR/dev/log"

(umask 077 && echo "a key of more than sixteen bytes" >"$NET_DIR/key")
# conf NS PRIORITY PEER
conf() {
	cat >"$NET_DIR/$1.conf" <<-END
		global_defs {
			operator_peer $3 8850 $NET_DIR/key
		}
		vrrp_instance V1 {
			interface eth0
			virtual_router_id 51
			priority $2
			advert_int 0.5
			version 3
			virtual_ipaddress {
				$VIP/24
			}
		}
		virtual_server $VIP 3306 {
			protocol TCP
			lvs_sched rr
			lvs_method DR
			delay_loop 1
			real_server 10.0.0.5 3306 {
				TCP_CHECK {
					connect_timeout 1
				}
			}
		}
		virtual_server 10.79.0.101 3306 {
			protocol TCP
			lvs_sched rr
			lvs_method DR
			$(for i in $(seq 400); do
				echo "real_server 10.1.$((i / 200)).$((i % 200 + 1)) 3306 {"
				echo "}"
			done)
		}
	END
}
conf a 200 10.79.0.2
conf b 100 10.79.0.1
run() {
	nsenter --net="/run/netns/$1" -- "$EVENKEEL_BUILD/evenkeeld" -n -D \
		-f "$NET_DIR/$1.conf" --run-dir "$NET_DIR/run.$1" "${@:2}"
}
# start_syslog NS: it logs to our syslogd.
start_syslog() {
	export -f run
	export EVENKEEL_BUILD NET_DIR
	unshare -m bash -c \
		"mount --rbind '$NET_DIR/dev' /dev && run $1" >/dev/null 2>&1 &
	wait_for 20 "the daemon in $1 answers" answers "$1"
	DAEMON[$1]=$(field "$1" "['daemon']['pid']")
}
start_stderr() {
	run "$1" -l >>"$NET_DIR/$1.log" 2>&1 &
	wait_for 20 "the daemon in $1 answers" answers "$1"
	DAEMON[$1]=$(field "$1" "['daemon']['pid']")
}
ctl() { "$EVENKEEL_BUILD/evenkeel" --run-dir "$NET_DIR/run.$1" "${@:2}"; }
answers() {
	timeout 10 "$EVENKEEL_BUILD/evenkeel" --run-dir "$NET_DIR/run.$1" \
		--json status >"$NET_DIR/answer" 2>/dev/null
	[ -s "$NET_DIR/answer" ]
}
# field NS PATH: of the status, as Python writes it.
field() {
	answers "$1" && python3 -c "import json, sys
print(json.load(open(sys.argv[1]))$2)" "$NET_DIR/answer"
}
is() { [ "$(field "$1" "$2")" = "$3" ]; }
is_not() { ! is "$@"; }
only_on() {
	local other=a
	[ "$1" = a ] && other=b
	holds_vip "$1" "$VIP" && lacks_vip "$other" "$VIP"
}
gone() { ! kill -0 "$1" 2>/dev/null; }
# took_over NS NUMBER: it has become master more often than that.
masters() { grep -c 'V1: .* -> MASTER' "$NET_DIR/$1.log"; }
took_over() { [ "$(masters "$1")" -gt "$2" ]; }
child() { field "$1" "['daemon']['$2']['pid']"; }
lost_lines() { [ "$(field "$1" "['daemon']['log_lines_lost']")" -gt 0 ]; }
says() { ctl "$1" "$2" | grep -q "$3"; }
logged() { grep -aqF -- "$2" "$NET_DIR/$1.log"; }
syslogged() { grep -aqF -- "$1" "$NET_DIR/syslog"; }
# eventful NS TEXT: it is among the events.
eventful() { ctl "$1" events | grep -F -- "$2" >/dev/null; }
end() {
	kill -TERM "${DAEMON[$1]}"
	wait_for 20 "SIGTERM ends the daemon in $1" gone "${DAEMON[$1]}"
}

step "a syslogd that stands still"
start_syslog a
start_stderr b
wait_for 30 "a has the address" only_on a
wait_for 10 "a's lines are in the log" syslogged "evenkeeld"
check "in the words of syslog" grep -aqE \
	'^<[0-9]+>[A-Z][a-z]{2} [ 0-3][0-9] [0-9:]{8} evenkeel-vrrp\[[0-9]+\]: vrrp: ' \
	"$NET_DIR/syslog"
kill -STOP $SYSLOGD
python3 "$NET_DIR/fill.py" "$NET_DIR/dev/log"
for word in drain ready disable ready drain ready; do
	timeout 10 "$EVENKEEL_BUILD/evenkeel" --run-dir "$NET_DIR/run.a" \
		"$word" $SERVER >/dev/null || break
done
check_equal "main takes commands" ready "$word"
check "and answers" answers a
ip -n wire link set dev a down
wait_for 20 "its link fails: the other one takes the address" holds_vip b "$VIP"
ip -n wire link set dev a up
wait_for 20 "the link is back: it has the address, alone" only_on a
holds 5 "and stays so" only_on a
check_equal "the vrrp process was not replaced" 0 \
	"$(field a "['daemon']['vrrp']['restarts']")"
kill -CONT $SYSLOGD
wait_for 10 "what was said meanwhile is in the log, once it is read" \
	syslogged "operator: disable"

step "more than is kept"
kill -STOP $SYSLOGD
python3 "$NET_DIR/fill.py" "$NET_DIR/dev/log"
for _ in 1 2 3 4 5 6; do # a line for each of 400 servers
	kill -USR1 "${DAEMON[a]}"
	answers a || break
done
check "lines are lost, and counted" \
	lost_lines a
kill -CONT $SYSLOGD
wait_for 20 "the log says how many" syslogged "earlier lines could not be written"
kill -STOP $SYSLOGD
python3 "$NET_DIR/fill.py" "$NET_DIR/dev/log"
end a
wait_for 20 "and the other one has the address" only_on b
kill -CONT $SYSLOGD

step "a reader of standard error that stands still"
mkfifo "$NET_DIR/pipe"
sleep 1000 <>"$NET_DIR/pipe" &
READER=$!
run a -l 2>"$NET_DIR/pipe" >/dev/null &
wait_for 20 "the daemon answers" answers a
DAEMON[a]=$(field a "['daemon']['pid']")
wait_for 30 "a has the address" only_on a
for _ in 1 2 3 4 5 6; do
	kill -USR1 "${DAEMON[a]}"
	answers a || break
done
check "main answers, and counts lost lines" \
	lost_lines a
ip -n wire link set dev a down
wait_for 20 "its link fails: the other one takes the address" holds_vip b "$VIP"
ip -n wire link set dev a up
wait_for 20 "the link is back: it has the address, alone" only_on a
end a
kill $READER

step "a vrrp process that stands still while the other balancer says what it has"
start_stderr a
wait_for 30 "a has the address" only_on a
# As often as one likes: no back-off keeps the address on both.
for _ in 1 2 3; do
	PID=$(child a vrrp)
	was=$(masters b)
	kill -STOP "$PID"
	wait_for 10 "the other one takes the address" took_over b "$was"
	wait_for 30 "it is replaced" gone "$PID"
	wait_for 30 "one balancer has the address: the better one" only_on a
done
check_equal "each time since the other one said so" 3 \
	"$(grep -c "another balancer has its addresses" "$NET_DIR/a.log")"
check_equal "and never for its patience" 0 \
	"$(grep -c "has not answered for" "$NET_DIR/a.log")"

step "a vrrp process that stands still, and what hears the other balancer too"
# ask PID NAME COMMAND...: until it succeeds, or the process is gone.
ask() {
	local pid=$1 name=$2
	shift 2
	until gone "$pid"; do
		"$@" && : >"$NET_DIR/said.$name" && return
	done
}
# It is replaced two seconds after it is first said not to answer. Who asks
# may be later than that; then it stands still once more.
TRIES=0
until [ $TRIES -ge 5 ]; do
	TRIES=$((TRIES + 1))
	PID=$(child a vrrp)
	PEER=$(child a peer)
	was=$(masters b)
	kill -STOP "$PEER" "$PID"
	ask "$PID" json is a "['daemon']['vrrp']['answering']" False &
	ASKING=($!)
	ask "$PID" status says a status "not answering" &
	ASKING+=($!)
	ask "$PID" vrrp says a vrrp "not answering" &
	ASKING+=($!)
	wait_for 10 "the other one takes the address" took_over b "$was"
	wait_for 30 "it is replaced" gone "$PID"
	wait "${ASKING[@]}"
	wait_for 30 "one balancer has the address: the better one" only_on a
	[ "$(find "$NET_DIR" -name 'said.*' | wc -l)" -lt 3 ] || break
done
check "status said that it did not answer" test -e "$NET_DIR/said.json"
check "for people too" test -e "$NET_DIR/said.status"
check "evenkeel vrrp said it" test -e "$NET_DIR/said.vrrp"
check "the log says why" logged a "has not answered for"
check "the events too" eventful a "vrrp process: does not answer"
check "and of its end" eventful a "vrrp process: killed by us"
wait_for 10 "status shows a new one" is a "['daemon']['vrrp']['answering']" True
check_equal "one after the other" $((TRIES + 3)) \
	"$(field a "['daemon']['vrrp']['restarts']")"

step "it stands still while another one is the better"
conf b 250 10.79.0.1
ctl b reload >/dev/null
wait_for 20 "b has the address" only_on b
conf b 100 10.79.0.1
ctl b reload >/dev/null
wait_for 20 "a has the address" only_on a
PID=$(child a vrrp)
was=$(masters b)
kill -STOP "$PID"
wait_for 10 "the other one takes the address" took_over b "$was"
conf b 250 10.79.0.1
ctl b reload >/dev/null
wait_for 30 "the one that stands still is replaced" gone "$PID"
wait_for 30 "and its address, which is stale now, is removed" only_on b
conf b 100 10.79.0.1
ctl b reload >/dev/null
wait_for 20 "a has the address" only_on a

step "a peer process that stands still"
wait_for 10 "the other balancer is heard" \
	is_not a "['daemon']['peer']['heard_s']" None
check "status has a line of the channel" \
	says a status "^peer: pid .*10.79.0.2:8850 last heard"
PID=$(child a peer)
kill -STOP "$PID"
ctl a drain $SERVER >/dev/null
wait_for 40 "it is replaced" gone "$PID"
check "the events say so" eventful a "peer process: killed by us"
wait_for 20 "and what was said meanwhile is told" \
	is b "['virtual_servers'][0]['servers'][0]['operator']" drain

step "a checker that stands still, after a reload, and a silent balancer"
# Each is given half a minute: the same one.
PID=$(child a checker)
kill -STOP "$PID"
ctl a reload >/dev/null
end b
wait_for 60 "the checker is replaced" gone "$PID"
check "the events say so" eventful a "checker process: killed by us"
wait_for 20 "a new one answers" is a "['daemon']['checker']['ready']" True
wait_for 60 "the silence is told of" \
	logged a "nothing was heard of the other balancer"
check "in the events too" eventful a "is silent"
check_equal "and in the status" True "$(field a "['daemon']['peer']['silent']")"
start_stderr b
wait_for 20 "until it speaks again" logged a "the other balancer speaks again"

step "main itself stood still"
for role in checker vrrp peer; do
	child a "$role"
done >"$NET_DIR/before"
kill -STOP "${DAEMON[a]}"
# Longer than any patience: nothing is held against a child for it.
holds 13 "the address stays" only_on a
kill -CONT "${DAEMON[a]}"
wait_for 10 "it answers again" answers a
same_children() {
	for role in checker vrrp peer; do
		child a "$role"
	done | cmp -s - "$NET_DIR/before"
}
holds 5 "its children are the same" same_children
end a
end b

step "tools that never end"
cat >"$NET_DIR/hang" <<END
#!/bin/sh
echo "\$0" >>$NET_DIR/asked
! grep -q stopping $NET_DIR/a.log || echo "\$0" >>$NET_DIR/asked.end
exec sleep 1000
END
chmod 755 "$NET_DIR/hang"
: >"$NET_DIR/asked"
HUNG=
for tool in iptables ip6tables modprobe; do
	path=$(readlink -f "$(command -v $tool)") || continue
	[ -e "$path" ] || continue
	mount --bind "$NET_DIR/hang" "$path" && HUNG="$HUNG $path"
done
sed -i "s/advert_int.*/&\n no_accept/" "$NET_DIR/a.conf"
: >"$NET_DIR/a.log"
: >"$NET_DIR/asked.end"
start_stderr a
asked() { grep -c iptables "$NET_DIR/asked"; }
if command -v iptables >/dev/null; then
	was_asked() { [ "$(asked)" -gt 0 ]; }
	wait_for 20 "iptables was asked" was_asked
	holds 20 "the daemon answers" answers a
	check "a tool that hangs is left alone for a while" \
		test "$(asked)" -le 5
fi
end a
# Its time is over with the first one, and both families are given up.
check "the end waits for one of them at most" \
	test "$(grep -c iptables "$NET_DIR/asked.end")" -le 1
for path in $HUNG; do
	umount "$path"
done
kill $SYSLOGD
finish
