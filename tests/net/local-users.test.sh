#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What other users of the balancer's host can do to the daemon, and what it
# leaves lying about for them. No IPVS is needed.
# shellcheck disable=SC2119,SC2120
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"

ip link set lo up
RUN=$NET_DIR/run
CONF=$NET_DIR/evenkeel.conf
LOG=$NET_DIR/log
EVENKEELD=$EVENKEEL_BUILD/evenkeeld
JOE=1001
SECRET=Inline-Pa55word
chmod 755 "$NET_DIR"
# The daemon's children need not be able to read the build's folder.
joe() { setpriv --reuid "$JOE" --regid "$JOE" --clear-groups -- "$@"; }
ctl() { "$EVENKEEL_BUILD/evenkeel" --socket "${SOCKET:-$RUN/control.sock}" "$@"; }
logged() { grep -qF -- "$1" "$LOG"; }
running() { kill -0 "$1" 2>/dev/null; }
gone() { ! running "$1"; }
answers() { ctl --json status >"$NET_DIR/answer" 2>/dev/null; [ -s "$NET_DIR/answer" ]; }
daemon_start() {
	"$EVENKEELD" -n -l -D -f "$CONF" --run-dir "$RUN" "$@" >>"$LOG" 2>&1 &
	DAEMON=$!
	wait_for 20 "the daemon answers" answers
}
daemon_stop() {
	kill -TERM "$DAEMON"
	wait "$DAEMON"
}
# conf LINE...: a pool of two, LINEs being in global_defs.
conf() {
	cat >"$CONF" <<-END
		global_defs {
			$(printf '%s\n' "$@")
		}
		virtual_server 192.0.2.1 3306 {
			protocol TCP
			lvs_sched rr
			lvs_method DR
			real_server 10.0.0.5 3306 {
				MYSQL_CHECK {
					username check
					password $SECRET
				}
			}
			real_server 10.0.0.6 3306 {
			}
		}
	END
}

step "the pid file's lock"
conf
daemon_start
kill -KILL "$DAEMON"
wait "$DAEMON" 2>/dev/null
joe flock -o "$RUN/evenkeeld.pid" sleep 600 &
HOLDER=$!
held() { ! flock -n "$RUN/evenkeeld.pid" true; }
wait_for 10 "another user holds a lock on the pid file" held
daemon_start
check_not "he cannot open the one that counts" \
	joe flock -n "$RUN/evenkeeld.pid.lock" true
check_not "which keeps a second daemon out" \
	"$EVENKEELD" -n -l -f "$CONF" --run-dir "$RUN"
check_equal "the pid file says who runs" "$DAEMON" "$(cat "$RUN/evenkeeld.pid")"
kill "$HOLDER"
daemon_stop
check_equal "nothing is left of either file" "" \
	"$(find "$RUN" -name 'evenkeeld.pid*')"

step "a control socket in its user's folder"
SOCKET=$NET_DIR/joes/control.sock
mkdir -m 0777 "$NET_DIR/joes"
echo secret >"$NET_DIR/victim"
chmod 600 "$NET_DIR/victim"
conf "control_socket $SOCKET nobody"
daemon_start
check_equal "the socket is its user's" 65534 "$(stat -c %u "$SOCKET")"
rm "$SOCKET"
ln -s "$NET_DIR/victim" "$SOCKET"
kill -HUP "$DAEMON"
wait_for 10 "the daemon sees that it is another file" logged "not our socket any more"
check_equal "what the link names is as it was" "0 600" \
	"$(stat -c '%u %a' "$NET_DIR/victim")"
wait_for 10 "and makes its socket anew" answers
check_equal "for the same user" "65534 600" "$(stat -c '%u %a' "$SOCKET")"
daemon_stop
SOCKET=

step "one who may ask, and never does"
conf "control_socket $RUN/control.sock nobody"
daemon_start
cat >"$NET_DIR/hold.py" <<-'END'
	import os, socket, sys
	os.setgroups([]); os.setgid(65534); os.setuid(65534)
	held = []
	print("holds", flush=True)
	while True:
	    s = socket.socket(socket.AF_UNIX)
	    s.connect(sys.argv[1])
	    held.append(s)
	    if len(held) > 60:
	        held.pop(0).close()
END
chmod 755 "$RUN"
python3 "$NET_DIR/hold.py" "$RUN/control.sock" >"$NET_DIR/held" 2>&1 &
HOLDER=$!
wait_for 10 "another user takes all connections that he can get" \
	grep -q holds "$NET_DIR/held"
root_asks() { local i; for i in $(seq 30); do ctl drain 10.0.0.5:3306 >/dev/null || return; done; }
check "root is answered, every time" root_asks
check "while he goes on" running "$HOLDER"
kill "$HOLDER"
wait "$HOLDER" 2>/dev/null
check "and then too" ctl ready 10.0.0.5:3306
daemon_stop

step "who may ask, and who may change"
# as UID GROUPS COMMAND...: a copy of the program, which he can read.
ctl_copy=$NET_DIR/ctl
mkdir -m 0755 "$ctl_copy"
cp "$EVENKEEL_BUILD/evenkeel" "$ctl_copy/evenkeel"
as() {
	setpriv --reuid "$1" --regid "$2" --groups "$3" -- \
		"$ctl_copy/evenkeel" --socket "$RUN/control.sock" "${@:4}" \
		>"$NET_DIR/said" 2>&1
}
says() { grep -qF -- "$1" "$NET_DIR/said" || { cat "$NET_DIR/said"; false; }; }
# Debian's group 4 is adm, 50 is staff.
conf "control_socket $RUN/control.sock daemon adm read_user nobody read_group staff"
daemon_start
check_equal "with two users and two groups, all may connect" 666 \
	"$(stat -c %a "$RUN/control.sock")"
check "the user may change" as 1 1 1 drain 10.0.0.5:3306
check "so may a member of the group" as $JOE $JOE 4 ready 10.0.0.5:3306
check "the reader may ask" as 65534 65534 65534 explain 10.0.0.5:3306
check "so may a member of the readers' group" as $JOE $JOE 50 explain 10.0.0.5:3306
check "who asks for all of it" as $JOE $JOE 50 events
for word in "drain 10.0.0.5:3306" "disable 10.0.0.5:3306" reload \
	"weight 10.0.0.5:3306 3" "ready 10.0.0.5:3306" "failback 10.0.0.5:3306"; do
	# shellcheck disable=SC2086
	check_not "but not change: $word" as 65534 65534 50 $word
	check "which is said with the way out" says "control_socket PATH USER GROUP"
done
check "nothing has changed" eval "ctl --json status | grep -q '\"operator\":null'"
check_not "a stranger may not ask" as $JOE $JOE $JOE explain 10.0.0.5:3306
check "and is told how he might" says "read_group"
before=$(grep -c "is not allowed to ask" "$LOG")
# Sixty lines a minute, of which two at least can be under way; he asks for more.
began=$SECONDS
most() { echo $((60 * (2 + (SECONDS - began) / 60))); }
for ((asked = 0; asked <= $(most) && asked < 1000; asked++)); do
	as $JOE $JOE $JOE status
done
said=$(($(grep -c "is not allowed to ask" "$LOG") - before))
check "he does not fill the log ($said lines of $asked)" test "$said" -le "$(most)"
check "though he asked for more" test "$asked" -gt "$said"
conf "control_socket $RUN/control.sock" "metrics_listen 127.0.0.1 9100"
kill -HUP "$DAEMON"
socket_is() { [ "$(stat -c '%u %g %a' "$RUN/control.sock")" = "$1" ]; }
wait_for 10 "a reload takes the rights away" socket_is "0 0 600"
check_not "of the group" as $JOE $JOE 4 explain 10.0.0.5:3306
check_not "and of the user" as 1 1 1 explain 10.0.0.5:3306
check_not "and the user of the checks has none" as 65534 65534 65534 explain 10.0.0.5:3306
daemon_stop

step "a disk that is full"
mkdir "$NET_DIR/small"
mount -t tmpfs -o size=64k small "$NET_DIR/small"
conf "state_file $NET_DIR/small/state"
FOO_SECRET=hidden daemon_start
check "a word is kept" ctl drain 10.0.0.5:3306
dd if=/dev/zero of="$NET_DIR/small/fill" bs=4k 2>/dev/null
status=0
ctl ready 10.0.0.5:3306 >"$NET_DIR/said" 2>&1 || status=$?
check_equal "one that is not has an exit status of its own" 4 $status
check "it is in force all the same" grep -q "10.0.0.5:3306 of .*: ready" "$NET_DIR/said"
check "it says that a restart would forget it" \
	grep -q "restart of the daemon would forget" "$NET_DIR/said"
check "and why" grep -q "No space left" "$NET_DIR/said"
check "with JSON too" \
	eval "ctl --json ready 10.0.0.5:3306 2>/dev/null | grep -q '\"not_kept\".*No space'"
status=0
ctl drain 10.0.0.6:3306 >/dev/null 2>&1 || status=$?
check_equal "nor is a drain" 4 $status
rm "$NET_DIR/small/fill"
wait_for 20 "it is written when there is room again" logged "holds what was said"
check "which the file shows" grep -q '"server":"10.0.0.6:3306"' \
	<(tr -d ' ' <"$NET_DIR/small/state")
check "and then all is well again" ctl ready 10.0.0.6:3306

step "who may write the configuration"
# said WORD...: what -t says; its exit status is in STATUS.
said() {
	STATUS=0
	"$EVENKEELD" -t -f "$CONF" >"$NET_DIR/said" 2>&1 || STATUS=$?
	grep -qF -- "$*" "$NET_DIR/said"
}
conf
chmod 600 "$CONF"
check_not "a file of root's is fine" said "can be changed by others"
check_not "nobody else can read its password" said "others can read it"
before=$STATUS
chmod 644 "$CONF"
check "a password that others can read is said" said "others can read it"
check_equal "and no more than said" "$before" "$STATUS"
chmod 666 "$CONF"
check "so is a file that others can write" said "$CONF can be changed by others"
check_equal "as a warning" 5 "$STATUS"
chmod 600 "$CONF"
chown $JOE "$CONF"
check "or own" said "$CONF can be changed by others"
chown 0 "$CONF"
mkdir -m 0777 "$NET_DIR/parts"
echo "# nothing" >"$NET_DIR/parts/one.conf"
echo "include $NET_DIR/parts/*.conf" >>"$CONF"
check "or an include's folder" said "$NET_DIR/parts can be changed by others"
check_equal "also as a warning" 5 "$STATUS"
sed -i "1a enable_script_security" "$CONF"
check "with enable_script_security" said "$NET_DIR/parts can be changed by others"
check_equal "it is refused" 4 "$STATUS"
chmod 755 "$NET_DIR/parts"
check_not "until that is mended" said "can be changed by others"
check_equal "and it is accepted" "$before" "$STATUS"

step "the environment of whoever started it"
environments() {
	local pid
	for pid in $(pgrep -P "$DAEMON"); do
		tr '\0' '\n' <"/proc/$pid/environ"
	done
}
check "the children have one" eval "environments | grep -q ^PATH="
check_not "without what is none of their business" \
	eval "environments | grep -q FOO_SECRET"
daemon_stop
umount "$NET_DIR/small"

step "started without descriptors 0 to 2"
conf
"$EVENKEELD" -n -f "$CONF" --run-dir "$RUN" <&- >&- 2>&- &
DAEMON=$!
wait_for 20 "the daemon answers" answers
standard() { readlink "/proc/$DAEMON/fd/"{0,1,2} | sort -u; }
check_equal "main has opened them on /dev/null" /dev/null "$(standard)"
checker() { pgrep -P "$DAEMON" -x evenkeel-check; }
zygotes() { pgrep -c -x evenkeel-zygote; }
one_zygote() { [ "$(zygotes)" = 1 ]; }
for _ in 1 2 3; do
	wait_for 20 "a checker runs" checker
	wait_for 20 "and one zygote, no more" one_zygote
	OLD=$(checker)
	kill -KILL "$OLD"
	wait_for 20 "it is killed" gone "$OLD"
done
wait_for 20 "another one runs" checker
wait_for 20 "what the dead ones had is gone" one_zygote
daemon_stop
# Main waits for its own children; a zygote ends because its checker has.
no_zygote() { [ "$(zygotes)" = 0 ]; }
wait_for 20 "at the end none is left" no_zygote

step "core files"
# A process that the kernel may not dump leaves none, whatever the limit is.
mkdir -m 0777 "$NET_DIR/cores"
cores() { find "$NET_DIR/cores" -type f | grep -q .; }
# ends PID: as a fault of its own would, whose signal a sanitizer might catch.
ends() {
	kill -XCPU "$1"
	wait "$1" 2>/dev/null
}
if [ "$(cat /proc/sys/kernel/core_pattern)" = core ]; then
	cd "$NET_DIR/cores" || exit
	ulimit -c unlimited
	sh -c 'kill -XCPU $$' 2>/dev/null
	check "the kernel writes cores here" cores
	rm -f "$NET_DIR"/cores/*
	# A sanitizer would forbid cores itself.
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}disable_coredump=0 daemon_start
	ends "$DAEMON"
	check_not "but none of the daemon" cores
	ulimit -c 0
	cd "$NET_DIR" || exit
fi

check "the end leaves no sanitizer's report" \
	sh -c "! grep -l 'Sanitizer\|runtime error' '$LOG'"
finish
