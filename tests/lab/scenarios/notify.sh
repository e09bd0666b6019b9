# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: notify and quorum scripts: order, user, arguments, time limit; mails
# limit: 180
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh

STORY=/tmp/story
BOX=/tmp/box
mkdir -m 777 /tmp/tell
# The script tells in one line who it is and what it was given.
cat >/tmp/tell/tell <<END
#!/bin/bash
exec 2>&1 >>$STORY
echo "\$(id -un):\$(id -gn) \$*"
END
# This one never ends, nor does what it started.
cat >/tmp/tell/hang <<'END'
#!/bin/bash
sleep 1234 &
echo "$$ $!" >/tmp/tell/pids
wait
END
chmod 755 /tmp/tell/tell /tmp/tell/hang
: >$STORY && chmod 666 $STORY
echo 'teller:x:4711:4711::/:/bin/false' >>/etc/passwd
echo 'teller:x:4711:' >>/etc/group

# story_is LINE...: the whole story so far.
story_is() {
	diff -u <(printf '%s\n' "$@") "$STORY"
}

# server_listens N PORT YES|NO
server_stop() { daemon_stop "toys.db$1" 2>/dev/null; }
server_start() { toys_start "db$1" accept 3306; }

# mails: the subjects of all that were taken, in their order.
mails() {
	find "$BOX" -name '*.got' | sort -V | while read -r mail; do
		sed -n 's/^Subject: //p' "$mail" | tr -d '\r'
	done
}
# mails_are LINE...: those since the last mails_forget.
mails_are() {
	diff -u <(printf '%s\n' "$@") <(mails | tail -n +$((FORGOTTEN + 1)))
}
mails_forget() { FORGOTTEN=$(mails | wc -l); }
SERVICE="[10.77.0.100]:tcp:3306"
about() { echo "[lab] Realserver [10.78.0.$1]:tcp:3306 of virtual server $SERVICE - $2"; }
about_quorum() { echo "[lab] Virtualserver $SERVICE - $1"; }

step "two servers, each with a listener, and a server of mail"
topology_build 2
mkdir -m 777 "$BOX"
echo good >"$BOX/mode"
"$LAB_NS" lb1 /src/tests/net/tools/mailbox.py "$BOX" 127.0.0.1 25 \
	>/run/mailbox 2>&1 &
DAEMON_PID[mailbox]=$!
poll 30 grep -q ready /run/mailbox || assert_fail "mailbox.py"
server_start 1
server_start 2
evenkeel_start /src/tests/lab/conf/notify.conf
first=("teller:teller 1 up" "root:root 2 up")
wait_for 30 "both servers are in" table_has "-r 10.78.0.2:3306"
story_begins() {
	local lines
	lines=$(sort "$STORY")
	echo "$lines"
	[ "$lines" = "$(printf '%s\n' "${first[@]}" \
		"teller:daemon quorum up two  words" | sort)" ]
}
wait_for 30 "each script ran, as its user, with its arguments" story_begins
quorum_after_both() { [[ $(tail -n 1 "$STORY") == *quorum* ]]; }
check "the quorum's after the second server's" quorum_after_both
first_mails() {
	[ "$(mails | sort)" = "$({ about 1 UP && about 2 UP && about_quorum UP; } | sort)" ]
}
wait_for 30 "a mail about each" first_mails

step "a server goes: it is told before the quorum that it breaks"
mails_forget
: >$STORY
server_stop 1
wait_for 30 "server 1 is out" table_has_not "-r 10.78.0.1:3306"
wait_for 30 "told in order" story_is "teller:teller 1 down" \
	"teller:daemon quorum down"
wait_for 30 "mails in the same order" mails_are "$(about 1 DOWN)" \
	"$(about_quorum DOWN)"
check "with the check's reason" eval "cat $BOX/*.got | grep -q refused"

step "it comes back"
mails_forget
: >$STORY
server_start 1
wait_for 30 "told in order" story_is "teller:teller 1 up" \
	"teller:daemon quorum up two  words"
wait_for 30 "mails in the same order" mails_are "$(about 1 UP)" \
	"$(about_quorum UP)"
mails_forget

step "a restart tells nobody: nothing changed"
: >$STORY
daemon_stop evenkeeld.lb1
evenkeel_start /src/tests/lab/conf/notify.conf
wait_for 20 "every check has ended" status_lacks lb1 '"proven":false'
nothing_told() { ! grep -E '(1|2) (up|down)' "$STORY"; }
holds 2 "not a word of servers" nothing_told
# The first decision finds a quorum, and says so, as quorum_up is run.
wait_for 30 "mail of the quorum alone" mails_are "$(about_quorum UP)"
daemon_stop evenkeeld.lb1

step "a script that hangs delays neither the table nor, for ever, the others"
: >$STORY
sed 's|quorum_down .*|quorum_down "/tmp/tell/hang" teller|' \
	/src/tests/lab/conf/notify.conf >/tmp/notify.conf
evenkeel_start /tmp/notify.conf
wait_for 20 "every check has ended" status_lacks lb1 '"proven":false'
server_stop 2
wait_for 30 "server 2 is out" table_has_not "-r 10.78.0.2:3306"
wait_for 20 "the script hangs" test -s /tmp/tell/pids
hung=${EPOCHREALTIME/./}
read -r -a pids </tmp/tell/pids
: >$STORY
server_start 2
wait_for 20 "server 2 is back in the meantime" table_has "-r 10.78.0.2:3306"
check "its script has to wait" test ! -s $STORY
wait_for 45 "the hanging one is ended, with what it started" \
	processes_gone "${pids[@]}"
took=$(((${EPOCHREALTIME/./} - hung) / 1000000))
check "after its 30 s, not before (after $took s)" test $took -ge 28
wait_for 20 "then the others are told" story_is "root:root 2 up" \
	"teller:daemon quorum up two  words"
check "the log names it" evenkeel_log lb1 "/tmp/tell/hang has run for"
daemon_stop evenkeeld.lb1
finish
