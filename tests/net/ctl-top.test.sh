#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# evenkeel top in a terminal, tmux's: views, order, filter, explain, help, pause,
# another size of the window, a daemon that is gone; and plain frames in a pipe.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"

RUN=$NET_DIR/run
CONF=$NET_DIR/a.conf
ip link set lo up
export TERM=screen

ctl() { "$EVENKEEL_BUILD/evenkeel" --run-dir "$RUN" "$@"; }
mux() { tmux -L top -f /dev/null "$@"; }
assert_diagnose() { mux capture-pane -p -t top 2>/dev/null; }

# A server that is up, and two whose ports are closed.
cat >"$CONF" <<'END'
virtual_server 192.0.2.10 7000 {
	lvs_sched wlc
	lvs_method NAT
	protocol TCP
	delay_loop 0.2
	real_server 127.0.0.2 7000 {
		TCP_CHECK {
		}
	}
	real_server 127.0.0.3 7000 {
		TCP_CHECK {
		}
	}
}
virtual_server 192.0.2.11 7000 {
	lvs_sched rr
	lvs_method NAT
	protocol TCP
	delay_loop 0.2
	real_server 127.0.0.4 7000 {
		TCP_CHECK {
		}
	}
}
END
python3 -c '
import socket
s = socket.create_server(("127.0.0.2", 7000), backlog=100)
while True:
    s.accept()[0].close()' &
"$EVENKEEL_BUILD/evenkeeld" -n -l -f "$CONF" --run-dir "$RUN" \
	>"$NET_DIR/log" 2>&1 &
daemon=$!
known() { ctl --json status | python3 -c '
import json, sys
states = [c["state"] for v in json.load(sys.stdin)["virtual_servers"]
          for s in v["servers"] for c in s["checks"]]
print(states)
sys.exit(sorted(states) != ["down", "down", "up"])'; }
wait_for 30 "the checks have said what they see" known

step "plain frames"
frame() { ctl top --once "$@" >"$NET_DIR/frame"; }
# order PATTERN...: they are in the frame, in this order.
order() { in_order "$NET_DIR/frame" "$@"; }
in_order() {
	local IFS='~' words
	words="${*:2}"
	tr '\n' ' ' <"$1" | grep -qE "${words//'~'/.*}"
}
check "a frame ends" frame --view=checks
check "the worst come first" order "view checks" "127.0.0.[34]:7000" \
	"127.0.0.[34]:7000" "127.0.0.2:7000"
check_not "without an escape" grep -q "$(printf '\033')" "$NET_DIR/frame"
check "a server alone" frame 127.0.0.3
check_not "    has no others" grep -qE '127\.0\.0\.[24]' "$NET_DIR/frame"
check "pools" frame --view=pools
check "    have levels" order LEVEL "192.0.2.1[01]:7000"
check_not "a view that there is not" frame --view=nothing
ctl top --interval=1 >"$NET_DIR/frames" 2>&1 &
frames=$!
two_frames() { [ "$(grep -c '^view servers' "$NET_DIR/frames")" -ge 2 ]; }
ctl_frames_end() { kill "$frames"; }
wait_for 20 "frames in a pipe go on" two_frames

step "a terminal"
mux new-session -d -s top -x 100 -y 20 \
	"$EVENKEEL_BUILD/evenkeel --run-dir $RUN top --interval=1; echo ENDED; cat"
# shows PATTERN...: on the screen, in this order; key KEY...: typed.
shows() {
	mux capture-pane -p -t top >"$NET_DIR/screen"
	in_order "$NET_DIR/screen" "$@"
}
shows_not() { ! shows "$@"; }
key() { mux send-keys -t top "$@"; }
wait_for 20 "servers are shown" shows "view servers, worst first" \
	"SERVER +POOL" "127.0.0.3:7000" "q quit"
key 4
wait_for 20 "another view" shows "view checks, worst first" \
	"127.0.0.[34]:7000 .*refused" "127.0.0.2:7000 .*ok"
key r
wait_for 20 "the other way round" shows "reversed" "127.0.0.2:7000 .*ok" \
	"127.0.0.[34]:7000 .*refused"
key s
wait_for 20 "sorted by a column" shows "view checks, SERVER, reversed" \
	"SERVER\*" "127.0.0.4" "127.0.0.3" "127.0.0.2"
key /
wait_for 20 "a filter is asked for" shows "filter: _"
key refused Enter
wait_for 20 "    and is in force" shows "filter refused" "127.0.0.3"
check "    hiding the rest" shows_not "127.0.0.2:7000"
key Escape
wait_for 20 "    until Escape" shows "127.0.0.2:7000"
key 1
wait_for 20 "back to servers" shows "view servers, worst first"
first=$(mux capture-pane -p -t top | grep -oE '127\.0\.0\.[0-9]:7000' | head -n 1)
key e
wait_for 20 "the chain of the marked server" shows "$first of 192" "check " \
	"result " "any key goes back"
key x
wait_for 20 "    goes with any key" shows "view servers"
key Down e
wait_for 20 "the marked server is another one" shows \
	"127.0.0.[0-9]:7000 of 192.0.2" "any key"
check "    than before" shows_not "$first of 192"
key x
wait_for 20 "    and goes too" shows "view servers"
key '?'
wait_for 20 "help" shows "sort by the next column" "any key goes back"
key x
mux resize-window -t top -x 60 -y 12
lines_are() { [ "$(mux capture-pane -p -t top | grep -c '')" = "$1" ] && shows "q quit"; }
wait_for 20 "a smaller window" lines_are 12
fits() { mux capture-pane -p -t top | awk 'length > 60 { exit 1 }'; }
check "    is kept to" fits
key Space
wait_for 20 "a pause" shows "PAUSED"
key Space
wait_for 20 "    ends" shows_not "PAUSED"
key 2
wait_for 20 "pools in the smaller window" shows "view pools" LEVEL
key 6
wait_for 20 "the pair" shows "view pair" INSTANCE

step "a daemon that is gone, and quitting"
key 1
wait_for 20 "servers" shows "view servers" "127.0.0.3"
kill "$daemon"
wait_for 20 "old figures are called old" shows "OLD FIGURES" "127.0.0.3"
key q
wait_for 20 "q leaves the screen as it was" shows ENDED
check "    without the table" shows_not "view servers"
check "frames in a pipe end with a signal" ctl_frames_end
check_not "no daemon, no frame" frame
mux kill-server
finish
