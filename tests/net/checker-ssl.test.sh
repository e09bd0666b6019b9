#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The block SSL with the whole daemon: a server that lets in those who show a
# certificate; a key that only root reads; files that cannot be used.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"

ip link set lo up
RUN=$NET_DIR/run
CONF=$NET_DIR/evenkeel.conf
LOG=$NET_DIR/log
KEYS=$NET_DIR/keys
chmod 755 "$NET_DIR"
mkdir -m 755 "$KEYS"

ctl() { "$EVENKEEL_BUILD/evenkeel" --run-dir "$RUN" "$@"; }
logged() { grep -qF -- "$1" "$LOG"; }
assert_diagnose() { tail -n 10 "$LOG" | cut -c1-180; }
check_is() {
	ctl --json status 2>/dev/null | python3 -c '
import json, sys
server = json.load(sys.stdin)["virtual_servers"][0]["servers"][0]
print(server["checks"][0]["outcome"], server["checks"][0]["text"])
' | grep -qE -- "$1"
}
# key NAME ISSUER SUBJECT: NAME.key and NAME.pem.
key() {
	openssl req -newkey rsa:2048 -nodes -keyout "$KEYS/$1.key" -subj "/CN=$3" \
		-out "$KEYS/$1.csr" 2>/dev/null
	openssl x509 -req -in "$KEYS/$1.csr" -days 2 -CA "$KEYS/$2.pem" \
		-CAkey "$KEYS/$2.key" -CAcreateserial -out "$KEYS/$1.pem" 2>/dev/null
	chmod 600 "$KEYS/$1.key"
}
# conf LINE...: what the block SSL has.
conf() {
	printf '%s\n' "SSL {" "$@" "}" "virtual_server 192.0.2.1 443 {" \
		"delay_loop 0.5" "fall 1" "lvs_sched rr" "lvs_method DR" \
		"protocol TCP" "real_server 127.0.0.1 443 {" "SSL_GET {" \
		"connect_port 8443" "connect_timeout 5" "url {" "path /" \
		"status_code 200" "}" "}" "}" "}" >"$CONF"
}
reload() {
	conf "$@"
	kill -HUP "$DAEMON"
}

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=root \
	-addext basicConstraints=critical,CA:TRUE \
	-keyout "$KEYS/root.key" -out "$KEYS/root.pem" 2>/dev/null
key server root server
key client root "the checker"
key other root other
openssl rsa -aes128 -passout "pass:a word" -in "$KEYS/client.key" \
	-out "$KEYS/locked.key" 2>/dev/null
chmod 600 "$KEYS/locked.key"
python3 "$SRC/tests/net/tools/askscert.py" 8443 "$KEYS/server.pem" "$KEYS/server.key" \
	"$KEYS/root.pem" >"$NET_DIR/let-in" &
wait_for 20 "a server that asks for a certificate" grep -q ready "$NET_DIR/let-in"

step "a certificate"
conf "certificate $KEYS/client.pem" "key $KEYS/client.key" "ca $KEYS/root.pem"
"$EVENKEEL_BUILD/evenkeeld" -n -l -D -f "$CONF" --run-dir "$RUN" >>"$LOG" 2>&1 &
DAEMON=$!
wait_for 20 "is shown and taken" check_is "^ok"
check "the server has seen whose it is" grep -q "^the checker" "$NET_DIR/let-in"

step "none"
reload
wait_for 20 "is refused" check_is "^(garbage|closed)"

step "a key with a word"
reload "certificate $KEYS/client.pem" "key $KEYS/locked.key" "password \"a word\""
wait_for 20 "is opened with it" check_is "^ok"
reload "certificate $KEYS/client.pem" "key $KEYS/locked.key" "password wrong"
wait_for 20 "and with no other" check_is "^misconfigured"
check "the word is nowhere in the log" test -z "$(grep -F 'a word' "$LOG")"
check "nor is a line of the key" test -z "$(grep -F "$(sed -n 5p "$KEYS/client.key")" "$LOG")"

step "files that cannot be used"
reload "certificate $KEYS/client.pem" "key $KEYS/other.key"
wait_for 20 "a key of another certificate" check_is "^misconfigured"
chmod 644 "$KEYS/other.key"
reload "certificate $KEYS/other.pem" "key $KEYS/other.key"
wait_for 20 "a key that others can read" check_is "^misconfigured a file of the block SSL"
check "the log says how to mend it" logged "chmod 600 $KEYS/other.key"
reload "certificate $KEYS/none.pem" "key $KEYS/client.key"
wait_for 20 "no such file" check_is "No such file or directory"
mkfifo -m 600 "$KEYS/fifo"
reload "certificate $KEYS/client.pem" "key $KEYS/fifo"
wait_for 20 "a pipe" check_is "Invalid argument"
truncate -s 1G "$KEYS/large"
chmod 600 "$KEYS/large"
reload "certificate $KEYS/client.pem" "key $KEYS/large"
wait_for 20 "a gigabyte" check_is "File too large"
: >"$KEYS/empty"
chmod 600 "$KEYS/empty"
reload "certificate $KEYS/empty" "key $KEYS/client.key"
wait_for 20 "an empty one" check_is "No data available"
head -c 4096 /dev/urandom >"$KEYS/noise"
chmod 600 "$KEYS/noise"
reload "certificate $KEYS/client.pem" "key $KEYS/noise"
wait_for 20 "noise" check_is "^misconfigured .*(SSL|PEM|key)"

step "another content under the same name"
reload "certificate $KEYS/client.pem" "key $KEYS/client.key"
wait_for 20 "as at first" check_is "^ok"
cp "$KEYS/other.pem" "$KEYS/client.pem"
cat "$KEYS/other.key" >"$KEYS/client.key"
kill -HUP "$DAEMON"
wait_for 20 "is shown after a reload" grep -q "^other" "$NET_DIR/let-in"
kill "$DAEMON"
wait "$DAEMON"
finish
