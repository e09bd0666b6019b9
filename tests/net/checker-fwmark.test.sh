#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# fwmark of a check with the whole daemon: a server that only packets with the mark
# reach, for each kind of check that can carry one.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"

net_build box server
RUN=$NET_DIR/run.box
LOG=$NET_DIR/box.log
ctl() { "$EVENKEEL_BUILD/evenkeel" --run-dir "$RUN" "$@"; }
assert_diagnose() { tail -n 10 "$LOG" | cut -c1-180; }
# is N REGEX: outcome and text of the first check of the server at port N.
is() {
	ctl --json status 2>/dev/null | python3 -c '
import json, sys
for one in json.load(sys.stdin)["virtual_servers"][0]["servers"]:
    if one["address"].endswith(":" + sys.argv[1]):
        print(one["checks"][0]["outcome"], one["checks"][0]["text"])
' "$1" 2>/dev/null | grep -qE -- "$2"
}
# rs PORT KIND LINE...
rs() { printf '%s\n' "real_server 10.79.0.2 $1 {" "$2 {" "${@:3}" "}" "}"; }

ip -n box route add unreachable 10.79.0.2/32
ip -n box route add 10.79.0.2/32 dev eth0 table 100
ip -n box rule add fwmark 7 lookup 100
# A mail server's lines, a page and a datagram for whoever comes.
ns server python3 -c '
import select, socket
def listen(port):
    sock = socket.create_server(("10.79.0.2", port), backlog=64)
    return sock
tcp, page, mail = listen(81), listen(82), listen(83)
echo = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
echo.bind(("10.79.0.2", 84))
print("ready", flush=True)
while True:
    for one in select.select([tcp, page, mail, echo], [], [])[0]:
        if one is echo:
            data, peer = echo.recvfrom(2048)
            echo.sendto(data, peer)
            continue
        peer, _ = one.accept()
        peer.settimeout(5)
        try:
            if one is page:
                peer.recv(4096)
                peer.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok")
            if one is mail:
                peer.sendall(b"220 here\r\n")
                peer.recv(4096)
                peer.sendall(b"250 here\r\n")
                peer.recv(4096)
                peer.sendall(b"221 bye\r\n")
        except OSError:
            pass
        peer.close()
' >"$NET_DIR/ready" &
wait_for 20 "a server" grep -q ready "$NET_DIR/ready"
{
	printf '%s\n' "virtual_server 192.0.2.1 80 {" "delay_loop 0.3" "fall 1" \
		"connect_timeout 5" "lvs_sched rr" "lvs_method NAT" "protocol TCP"
	rs 81 TCP_CHECK "fwmark 7"
	rs 82 HTTP_GET "fwmark 7" "url {" "path /" "status_code 200" "}" \
		"url {" "path /two" "}"
	rs 83 SMTP_CHECK "host {" "fwmark 7" "}"
	rs 84 UDP_CHECK "fwmark 7" "payload 00ff" "require_reply 00ff"
	rs 85 TCP_CHECK "connect_port 81"
	rs 86 TCP_CHECK "connect_port 81" "fwmark 8"
	rs 87 TCP_CHECK "connect_port 81" "fwmark 7" "bindto 192.0.2.77"
	echo "}"
} >"$NET_DIR/box.conf"
balancer_start box

step "with the mark"
for port in 81 82 83 84; do
	wait_for 20 "it gets there, port $port" is $port "^ok"
done
step "without it, or with another"
wait_for 20 "none" is 85 "^unreachable"
wait_for 20 "another" is 86 "^unreachable"
step "a socket that cannot be had"
wait_for 20 "is not the server's fault" is 87 "^local-fault.*Cannot assign"

step "round after round"
times() { ctl --json status | python3 -c '
import json, sys
print(json.load(sys.stdin)["daemon"]["checker"]["verdicts"])'; }
BEFORE=$(times)
more() { [ "$(times)" -gt $((BEFORE + 40)) ]; }
wait_for 30 "more verdicts" more
for port in 81 82 83 84; do
	check "still good, port $port" is $port "^ok"
done
fds() { find "/proc/$(pgrep -P "$BALANCER" -f evenkeel-checker)/fd" -type l | wc -l; }
check "no socket is left behind" test "$(fds)" -lt 60
kill "$BALANCER"
wait "$BALANCER"
finish
