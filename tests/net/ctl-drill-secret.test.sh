#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The password of a drill never leaves in clear, whatever a server asks for: the
# same methods count as for a check; and a server writes nothing to the terminal.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"

HEARD=$NET_DIR/heard SAYS=$NET_DIR/says KEYS=$NET_DIR/keys OUT=$NET_DIR/out
PORT=3407
mkdir "$KEYS"
for key in server stranger; do
	openssl genrsa -out "$KEYS/$key" 2048 2>/dev/null
	openssl rsa -in "$KEYS/$key" -pubout -out "$KEYS/$key.pub" 2>/dev/null
done
openssl req -x509 -new -key "$KEYS/server" -days 2 -subj /CN=toy \
	-addext subjectAltName=IP:127.0.0.1 -out "$KEYS/cert" 2>/dev/null

# says LINE...: how the server takes a login from now on.
says() {
	printf '%s\n' "version 8.4.3" "$@" "query SELECT @@hostname" \
		"columns a b c" "row toy 7 0" >"$SAYS.new"
	mv "$SAYS.new" "$SAYS"
}
# option_file LINE...: of the client library, besides user and password.
option_file() {
	printf '%s\n' "[client]" user=check password=secret "$@" >"$NET_DIR/my.cnf"
	: >"$HEARD"
}
drill_run() {
	"$EVENKEEL_BUILD/evenkeel" drill 127.0.0.1 "$PORT" --json --rate=4 --for=0.1 \
		--timeout=20 --defaults-file="$NET_DIR/my.cnf" >"$OUT" 2>&1 \
		</dev/null
}
# json EXPRESSION: of the document in $OUT, called d.
json() {
	python3 - "$1" "$OUT" <<'PY'
import json, sys
d = json.load(open(sys.argv[2]))
print(d)
sys.exit(not eval(sys.argv[1]))
PY
}
# "secret" and NUL, as a packet of its own, outside TLS.
in_clear() { grep -E '^login 73656372657400$' "$HEARD"; }
asked_for_a_key() { grep -E '^login 02$' "$HEARD"; }
opened() { grep -x "opened secret" "$HEARD"; }
prompted() { grep -F abcdefghijkl "$OUT"; }
refused() {
	echo "status $status"
	json "[e['kind'] for e in d['errors']] == ['login']" && [ "$status" = 1 ]
}
answered() {
	echo "status $status"
	json "d['answered'] == d['attempts'] > 0" && [ "$status" = 0 ]
}
# drilled: with the exit status in $status.
drilled() {
	drill_run
	status=$?
}

says "plugin mysql_native_password"
python3 "$SRC/tests/net/tools/toymysql.py" $PORT "$SAYS" >>"$HEARD" \
	2>>"$NET_DIR/log" &
toy=$!
poll 20 grep -q ready "$HEARD" || assert_fail "toymysql"

step "a method that answers a challenge"
option_file
drilled
check "logs in" answered

step "methods that give the password away"
for name in mysql_clear_password dialog sha256_password caching_sha2_password \
	- "," password ../../../../tmp/x; do
	for how in plugin switch; do
		says "$how $name" full "key $KEYS/stranger.pub $KEYS/stranger"
		for lines in "" "restricted-auth=$name
plugin-dir=/usr/lib
default-auth=$name" "ssl-enforce=1"; do
			option_file "$lines"
			drilled
			[ "$name" = - ] || [ "$how" = plugin ] ||
				check "$how $name is a refused login" refused
			check_not "    nothing in clear" in_clear
			check_not "    no key was asked for" asked_for_a_key
			check_not "    nor used" opened
			check_not "    no prompt is shown" prompted
		done
	done
done

step "the words say the way out"
says "switch caching_sha2_password" full "key $KEYS/stranger.pub $KEYS/stranger"
option_file
drilled
check "TLS" json "'not without TLS' in d['errors'][0]['text']"

step "TLS, if the option file wants it and the server has it"
for how in plugin switch; do
	says "$how caching_sha2_password" full "tls $KEYS/cert $KEYS/server"
	option_file ssl-enforce=1
	drilled
	check "$how: the password may go" answered
	check "    and went inside TLS" grep -E '^secure 73656372657400$' "$HEARD"
	check_not "    and nowhere else" in_clear
	option_file "ssl-ca=$KEYS/cert" ssl-verify-server-cert=1
	drilled
	check "    with a certificate that is verified" answered
	check_not "    nothing in clear" in_clear
	says "$how mysql_clear_password" "tls $KEYS/cert $KEYS/server"
	option_file ssl-enforce=1
	drilled
	check_not "no server gets it by mysql_clear_password" \
		grep -E '(login|secure) 73656372657400$' "$HEARD"
done
says "switch caching_sha2_password" full "key $KEYS/stranger.pub $KEYS/stranger"
option_file "ssl-ca=$KEYS/cert" ssl-verify-server-cert=1
drilled
check "a server without TLS that the option file wants verified" refused
check_not "    hears nothing of the login" grep -E '^login ' "$HEARD"

step "the terminal that is asked for a password"
says "plugin mysql_native_password"
# asked KEYS: types them at the prompt, and prints how the program ended and
# whether the terminal shows again what is typed; its words are in $OUT.
asked() {
	python3 - "$1" "$OUT" "$EVENKEEL_BUILD/evenkeel" drill 127.0.0.1 "$PORT" \
		--user=check -p --json --for=0.1 --timeout=20 <<'PY'
import fcntl, os, pty, signal, subprocess, sys, termios
keys, out, *command = sys.argv[1:]
master, slave = pty.openpty()
if os.fork() == 0:
    # The leader of the session outlives the program, as a shell does.
    os.close(master)
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    program = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    status = program.wait()
    echo = termios.tcgetattr(slave)[3] & termios.ECHO
    print(status, "echo" if echo else "silent", flush=True)
    os._exit(0)
os.close(slave)
said = b""
while b"Password: " not in said:
    said += os.read(master, 1000)
os.write(master, keys.encode().decode("unicode_escape").encode())
said = b""
try:
    while more := os.read(master, 1000):
        said += more
except OSError:
    pass
with open(out, "wb") as file:
    file.write(said)
PY
}
# A signal at the prompt kills, and whoever waits has to know of which one.
check_equal "Ctrl-C ends it" "$(asked '\x03')" "-2 echo"
check_equal "a password" "$(asked 'secret\n')" "0 echo"
check_not "    is not shown" grep secret "$OUT"

step "a password that is too long"
(umask 077 && printf '%0300d\n' 0 >"$NET_DIR/long")
too_long() {
	"$EVENKEEL_BUILD/evenkeel" drill 127.0.0.1 "$PORT" --user=check --for=0.1 \
		--password-file="$NET_DIR/long" >"$OUT" 2>&1
	[ $? = 2 ] && grep -q "longer than" "$OUT"
}
check "is refused, not cut" too_long

kill $toy
wait $toy 2>/dev/null
finish
