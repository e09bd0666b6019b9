#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What other users of the balancer's host can do to the daemon, and what it
# leaves lying about for them. No IPVS is needed.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"

ip link set lo up
RUN=$NET_DIR/run
CONF=$NET_DIR/evenkeel.conf
LOG=$NET_DIR/log
EVENKEELD=$EVENKEEL_BUILD/evenkeeld
JOE=1001
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

check "the end leaves no sanitizer's report" \
	sh -c "! grep -l 'Sanitizer\|runtime error' '$LOG'"
finish
