#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The check's password never leaves in clear: a server, or somebody on the way
# to it, that offers no TLS and asks for the whole password does not get it, and
# where the file requires TLS nothing of the login is said without.
# Oracle's library refuses more than MariaDB's, and says it in its own words.
# shellcheck disable=SC2119
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/checker-lib.sh
. "$SRC/tests/net/checker-lib.sh"

HEARD=$NET_DIR/heard SAYS=$NET_DIR/says KEYS=$NET_DIR/keys
PORT=3407
SERVER=127.0.0.1:$PORT
mkdir "$KEYS"
for key in server stranger; do
	openssl genrsa -out "$KEYS/$key" 2048 2>/dev/null
	openssl rsa -in "$KEYS/$key" -pubout -out "$KEYS/$key.pub" 2>/dev/null
done
openssl req -x509 -new -key "$KEYS/server" -days 2 -subj /CN=toy \
	-addext subjectAltName=IP:127.0.0.1 -out "$KEYS/cert" 2>/dev/null

# says LINE...: how the server takes a login from now on. All of them know the
# words of a MySQL 8.4 that is asked for nothing but the usual.
says() {
	printf '%s\n' "version 8.4.3" "$@" "query SELECT 1" "columns 1" "row 1" \
		"query SHOW GLOBAL STATUS" "columns Variable_name Value" \
		"query SHOW GLOBAL VARIABLES" "columns Variable_name Value" \
		>"$SAYS.new"
	mv "$SAYS.new" "$SAYS"
}
# with LINE...: a check with these lines.
with() {
	: >"$HEARD"
	{
		vs_begin "delay_loop 0.3"
		rs_mysql 127.0.0.1 $PORT "$@"
		vs_end
	} >"$NET_DIR/conf"
	drive_start
}
# is OUTCOME PATTERN: the newest verdict.
is() {
	local line
	line=$(of "$SERVER" | tail -n 1)
	echo "last verdict: $line"
	grep -qE "^$1 .*$2" <<<"$line"
}
# "secret" and NUL, as a packet of its own, outside TLS.
in_clear() { grep -E '^login 73656372657400$' "$HEARD"; }
asked_for_a_key() { grep -E '^login 02$' "$HEARD"; }
heard_anything() { grep -E '^(login|secure) ' "$HEARD"; }
opened() { grep -x "opened secret" "$HEARD"; }
REFUSED="login method.*not allowed" NO_TLS="offers no TLS"
if [ "$CLIENT" = oracle ]; then
	NO_TLS="SSL is required"
	REFUSED="needs a server_public_key|$NO_TLS"
fi
rounds() { wait_for 10 "$1" count_reaches "$SERVER" "$2" 3; }

says "plugin caching_sha2_password"
python3 "$SRC/tests/net/tools/toymysql.py" $PORT "$SAYS" >>"$HEARD" 2>>"$NET_DIR/log" &
toy=$!
poll 20 grep -q ready "$HEARD" || assert_fail "toymysql"

for ask in "plugin caching_sha2_password" "switch caching_sha2_password"; do
	for tls in off preferred "preferred
		tls_cert $KEYS/cert
		tls_key $KEYS/server"; do
		step "no TLS, $ask, full; tls ${tls%%$'\n'*}"
		says "$ask" full "key $KEYS/stranger.pub $KEYS/stranger"
		with "tls $tls"
		rounds "it is our mistake" misconfigured
		check "and is explained" is misconfigured "($REFUSED)"
		check_not "the password was not sent in clear" in_clear
		check_not "no key of the server's was asked for" asked_for_a_key
		check_not "nor used" opened
		drive_stop
	done
	for tls in required "verify_ca
		tls_ca $KEYS/cert" "verify_identity
		tls_ca $KEYS/cert"; do
		step "no TLS, $ask, full; tls ${tls%%$'\n'*}"
		says "$ask" full "key $KEYS/stranger.pub $KEYS/stranger"
		with "tls $tls"
		rounds "it is our mistake" misconfigured
		check "and is explained" is misconfigured "$NO_TLS"
		check_not "not one byte of the login was sent" heard_anything
		drive_stop
	done
done

step "full, out of turn"
says full "key $KEYS/stranger.pub $KEYS/stranger"
with "tls preferred"
wait_for 10 "some rounds" count_reaches $SERVER "" 3
check_not "nothing in clear" in_clear
check_not "no key was asked for" asked_for_a_key
drive_stop

step "no TLS, and a key from a file"
says "plugin caching_sha2_password" full "key $KEYS/stranger.pub $KEYS/server"
with "tls off" "server_public_key $KEYS/server.pub"
wait_for 10 "in" is ok ""
check "the password came encrypted for that key" opened
check_not "the server was not asked for one" asked_for_a_key
check_not "nothing went in clear" in_clear
drive_stop
with "tls preferred" "tls_cert $KEYS/cert" "tls_key $KEYS/server" \
	"server_public_key $KEYS/server.pub"
wait_for 10 "the same where TLS was hoped for" is ok ""
check "    encrypted" opened
check_not "    nothing in clear" in_clear
drive_stop
for file in "$KEYS/missing" /dev/null "$KEYS/cert"; do
	with "tls off" "server_public_key $file"
	rounds "a key that cannot be had: our mistake" misconfigured
	check_not "    the server's own is not taken for it" asked_for_a_key
	check_not "    nothing in clear" in_clear
	drive_stop
done

step "TLS"
says "plugin caching_sha2_password" full "tls $KEYS/cert $KEYS/server"
for tls in preferred required "verify_identity
	tls_ca $KEYS/cert"; do
	with "tls $tls"
	wait_for 10 "inside TLS the password may go: ${tls%%$'\n'*}" is ok ""
	check "    and went there" grep -E '^secure 73656372657400$' "$HEARD"
	check_not "    and nowhere else" in_clear
	drive_stop
done
says "plugin caching_sha2_password" full "tls $KEYS/cert $KEYS/server" \
	"key $KEYS/stranger.pub $KEYS/stranger"
with "tls off"
rounds "TLS that the file forbids" misconfigured
check_not "    nothing in clear" in_clear
check_not "    no key was asked for" asked_for_a_key
drive_stop

# Oracle's library does not have that method any more.
if [ "$CLIENT" = mariadb ]; then
	step "a greeting of another method than the account's"
	says "plugin caching_sha2_password" "switch mysql_native_password"
	with "tls off"
	wait_for 10 "does not keep a challenge from being answered" is ok ""
	drive_stop
fi

step "methods that are not on the list"
for name in - password "," mysql mysql_clear_password dialog \
	sha256_password ../../../../tmp/x; do
	for how in plugin switch; do
		says "$how $name" full "key $KEYS/stranger.pub $KEYS/stranger"
		with "tls preferred"
		# An odd name in the greeting is passed over for a method of ours.
		rounds "$how $name" ""
		check_not "    nothing in clear" in_clear
		check_not "    no key was asked for" asked_for_a_key
		check_not "    no bytes that are not words" grep -F '?' "$OUT"
		check_not "    no file was looked for" grep -F ".so" "$OUT"
		drive_stop
	done
done
kill $toy
wait $toy 2>/dev/null
finish
