#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Mail about an instance that loses and finds its interface: to a server that is
# as it should be, and to servers that are not.
. "$SRC/tests/net/lib.sh"

RUN=$NET_DIR/run
CONF=$NET_DIR/evenkeel.conf
LOG=$NET_DIR/log
BOX=$NET_DIR/box
EVENKEELD=$EVENKEEL_BUILD/evenkeeld
chmod 755 "$NET_DIR"
mkdir -m 777 "$BOX"
ip link set lo up
ip link add d0 type veth peer name d1
ip link set d1 up
ip link set d0 up
ip addr add 192.0.2.1/24 dev d0

logged() { grep -qF -- "$1" "$LOG"; }
count_logged() { [ "$(grep -cF -- "$1" "$LOG")" -ge "$2" ]; }
ctl() { "$EVENKEEL_BUILD/evenkeel" --run-dir "$RUN" "$@"; }
running() { kill -0 "$1" 2>/dev/null; }
gone() { ! running "$1"; }
child() { pgrep -x -P "$DAEMON" evenkeel-mail; }
status_says() { ctl status | grep -q -- "$1"; }
metric() { ctl metrics | grep -qxF -- "$1"; }
another_child() { [ -n "$(child)" ] && [ "$(child)" != "$1" ]; }
has_child() { [ -n "$(child)" ]; }

# mode NAME: what the server of mail does from now on.
mode() {
	echo "$1" >"$BOX/mode.new"
	mv "$BOX/mode.new" "$BOX/mode"
}
server_start() {
	rm -f "$NET_DIR/ready.$2"
	"$SRC/tests/net/tools/mailbox.py" "$BOX" "$1" "$2" >"$NET_DIR/ready.$2" &
	SERVER=$!
	poll 10 grep -q ready "$NET_DIR/ready.$2" || assert_fail "mailbox.py"
}
# got N SUBJECT: as many mails with this subject were taken.
got() {
	local found
	found=$(cat "$BOX"/*.got 2>/dev/null | grep -cF -- "Subject: $2")
	[ "$found" -eq "$1" ]
}
asked() { grep -q from "$NET_DIR/ready.7125"; }

FAULT="[lb one] VRRP Instance VI_1 - Entering FAULT state"
MASTER="[lb one] VRRP Instance VI_1 - Entering MASTER state"
BACKUP="[lb one] VRRP Instance VI_1 - Entering BACKUP state"

# conf PORT [WORDS]: WORDS go into global_defs.
conf() {
	cat >"$CONF" <<-END
		global_defs {
		  router_id "lb one"
		  notification_email {
		    ops@example.org
		    nobody@example.org second@example.org
		  }
		  notification_email_from lb@example.org
		  smtp_server 127.0.0.1 $1
		  smtp_helo_name lb1.example.org
		  smtp_connect_timeout 2
		  ${2:-}
		}
		vrrp_instance VI_1 {
		  interface d0
		  virtual_router_id 7
		  version 3
		  advert_int 0.1
		  priority 100
		  smtp_alert
		  virtual_ipaddress { 192.0.2.100 }
		}
		vrrp_instance quiet {
		  interface d0
		  virtual_router_id 8
		  version 3
		  advert_int 0.1
		  virtual_ipaddress { 192.0.2.101 }
		}
	END
}
flap() {
	ip link set d0 down
	poll 20 in_fault || assert_fail "no fault"
	ip link set d0 up
	ip addr replace 192.0.2.1/24 dev d0
	poll 20 holds_vip || assert_fail "not master again"
}
in_fault() { ctl vrrp | grep "VI_1" | grep -qi fault; }
holds_vip() { ip addr show dev d0 | grep -qF 192.0.2.100; }

step "a server as it should be"
mode good
server_start 127.0.0.1 7125
conf 7125
"$EVENKEELD" -n -l -D -P -f "$CONF" --run-dir "$RUN" >>"$LOG" 2>&1 &
DAEMON=$!
wait_for 20 "it is told of the master" got 1 "$MASTER"
check "after the backup" got 1 "$BACKUP"
check_not "of the instance without smtp_alert nothing" \
	grep -qF quiet "$BOX"/*.got
mail=$(grep -lF "$MASTER" "$BOX"/*.got)
check "by its name" grep -qx "EHLO lb1.example.org" "$BOX"/*-1.got
check "from whom" grep -q "^MAIL FROM:<lb@example.org>" "$mail"
check "to all" eval "[ \$(grep -c '^RCPT TO:<.*@example.org>' '$mail') = 3 ]"
check "the header as well" grep -q "^To: ops@example.org,.$" "$mail"
check "keepalived's first line" \
	grep -q "^=> VRRP Instance is now owning VRRP VIPs <=.$" "$mail"
check "the mail process is nobody" eval \
	"[ \$(stat -c %u /proc/\$(child)) != 0 ]"
check_equal "without any capability" 0000000000000000 \
	"$(sed -n 's/^CapEff:\t//p' "/proc/$(child)/status")"

check "the status shows it" status_says \
	"^mail: pid $(child), to 127.0.0.1 port 7125, 0 waiting\$"
check "metrics too" metric "evenkeel_mail_up 1"

step "one address that the server does not know"
mode nobody
flap
wait_for 20 "the others get the mail" got 1 "$FAULT"
wait_for 20 "and the log says so" \
	logged "refuses 1 addresses of notification_email: 550 no such user"
wait_for 20 "all news" got 2 "$MASTER"

step "a server that knows HELO alone"
mode old
kill $SERVER
wait_for 10 "the connection of before is gone" gone $SERVER
server_start 127.0.0.1 7125
flap
wait_for 20 "gets it" got 3 "$MASTER"

step "a server that has no time, and then has"
mode later
flap
wait_for 20 "the log says it once" logged "takes no mail: 451 not now"
check "what waits, and until when" logged "wait, the next attempt is in 15 s"
was=$(child)
check_not "nothing was given up" logged "given up"
check "the status shows them" status_says \
	"^mail: .* [1-9][0-9]* waiting, the last attempt failed; the log says why\$"
check "metrics too" metric "evenkeel_mail_failing 1"
# The same file with another name to say is another way to the server: it is
# asked at once, and a failure is a first one, not one that doubles the wait.
sed -i 's/smtp_helo_name .*/smtp_helo_name another.example.org/' "$CONF"
check "a reload" ctl reload
wait_for 60 "it is asked anew" \
	count_logged "wait, the next attempt is in 15 s" 2
check_not "not by and by" logged "again in 30 s"
mode good
conf 7125 "no_email_faults"
sed -i 's/smtp_helo_name .*/smtp_helo_name other.example.org/' "$CONF"
check "a reload" ctl reload
wait_for 20 "what has waited comes at once" got 4 "$MASTER"
check "the log says that as well" logged "127.0.0.1 takes mail again"
check_equal "by the process that was there" "$was" "$(child)"
faults=$(cat "$BOX"/*.got | grep -cF "Subject: $FAULT")
flap
wait_for 20 "no_email_faults: of the fault" got 5 "$MASTER"
check "there is no mail" got "$faults" "$FAULT"

step "a server that refuses for good"
mode never
conf 7125
check "a reload" ctl reload
flap
wait_for 20 "is not asked again" \
	logged "127.0.0.1 port 7125 refuses a mail, which is given up: 554 spam"
wait_for 20 "three are given up" count_logged "which is given up" 3

step "the mail process is killed"
mode later
flap
wait_for 20 "a mail waits" count_logged "takes no mail: 451 not now" 2
was=$(child)
kill -KILL "$was"
wait_for 20 "another one is there" another_child "$was"
mode good
conf 7125 "smtp_alert_vrrp off"
check "a reload" ctl reload
conf 7125
sed -i 's/smtp_helo_name .*/smtp_helo_name third.example.org/' "$CONF"
check "and another" ctl reload
wait_for 20 "no mail is lost" got 6 "$MASTER"

for bad in silent stuck dribble endless closes busy strange; do
	step "a server that is $bad"
	mode $bad
	kill $SERVER
	wait_for 10 "the connection of before is gone" gone $SERVER
	server_start 127.0.0.1 7125
	fails=$(grep -c "takes no mail" "$LOG")
	was=$(child)
	flap
	wait_for 30 "the log says so" count_logged "takes no mail" $((fails + 1))
	check "it was asked" asked
	check "the daemon answers all the while" ctl vrrp
	check_equal "the mail process is the same" "$was" "$(child)"
	mode good
	kill $SERVER
	wait_for 10 "the bad server is gone" gone $SERVER
	server_start 127.0.0.1 7125
	before=$(cat "$BOX"/*.got | grep -cF "Subject: $MASTER")
	sed -i "s/smtp_helo_name .*/smtp_helo_name after-$bad.example.org/" "$CONF"
	check "a reload" ctl reload
	wait_for 20 "a good one gets it" got $((before + 1)) "$MASTER"
done

step "more mails in a minute than lines"
cp "$CONF" "$NET_DIR/two"
for i in $(seq 40); do
	cat >>"$CONF" <<-END
		vrrp_instance many_$i {
		  interface d0
		  virtual_router_id $((20 + i))
		  version 3
		  advert_int 0.1
		  smtp_alert
		  virtual_ipaddress { 192.0.2.$((110 + i)) }
		}
	END
done
check "a reload" ctl reload
for i in 1 20 40; do
	wait_for 60 "a mail of many_$i" \
		got 1 "[lb one] VRRP Instance many_$i - Entering MASTER state"
done
mv "$NET_DIR/two" "$CONF"
check "and back" ctl reload
wait_for 60 "all are sent" got 1 "[lb one] VRRP Instance many_40 - Deleted"
check_not "those that are sent keep no line out of the log" \
	logged "(fates of mails)"

step "no server at all, and then another one"
kill $SERVER
wait_for 10 "it is gone" gone $SERVER
fails=$(grep -c "takes no mail" "$LOG")
flap
wait_for 20 "the log says so" count_logged "takes no mail" $((fails + 1))
server_start 127.0.0.2 7126
before=$(cat "$BOX"/*.got | grep -cF "Subject: $MASTER")
sed -i 's/smtp_server .*/smtp_server 127.0.0.2 7126/; s/second@/third@/' "$CONF"
check "a reload names it" ctl reload
wait_for 20 "it gets what has waited" got $((before + 1)) "$MASTER"
check "for whom the file names now" grep -qF "<third@example.org>" "$BOX"/*.got

step "no mail any more, and again"
cp "$CONF" "$NET_DIR/with"
sed -i '/smtp_server/d' "$CONF"
check "a reload without a server" ctl reload
wait_for 10 "the mail process is gone" eval "! child >/dev/null"
check_not "the status has no line for it" status_says "^mail:"
cp "$NET_DIR/with" "$CONF"
check "a reload with it" ctl reload
wait_for 10 "it is back" has_child

step "the end"
kill -TERM "$DAEMON"
wait_for 20 "the daemon ends" gone "$DAEMON"
check "the server was told" got 1 "[lb one] VRRP Instance VI_1 - Stopping"
check_not "no mail was left" logged "mails were not sent"
check_not "the sanitizers are content" grep -q "Sanitizer\|runtime error" "$LOG"
finish
