#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The words tls and tls_ca of SSL_GET with the whole daemon, against servers of
# OpenSSL's: authorities, names, a certificate that has ended, files that are no
# use, other authorities under the same name.
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
assert_diagnose() {
	ctl --json status 2>/dev/null | python3 -m json.tool |
		grep -E '"(address|outcome|text)"' | cut -c1-150
	tail -n 5 "$LOG" | cut -c1-180
}
# is NUMBER PATTERN: the outcome and text of the server 127.0.0.NUMBER.
is() {
	ctl --json status 2>/dev/null | python3 -c '
import json, sys
for server in json.load(sys.stdin)["virtual_servers"][0]["servers"]:
    if server["address"].split(":")[0] == "127.0.0." + sys.argv[1]:
        print(server["checks"][0]["outcome"], server["checks"][0]["text"])
' "$1" | grep -qiE -- "$2"
}
authority() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
		-days 2 -subj "/CN=$1" -addext basicConstraints=critical,CA:TRUE \
		-keyout "$KEYS/$1.key" -out "$KEYS/$1.pem" 2>/dev/null
}
# certificate NAME AUTHORITY DAYS: of -1 days, one that has ended. The words for it
# are others in later versions of OpenSSL.
certificate() {
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
		-subj "/CN=$1" -keyout "$KEYS/$1.key" -out "$KEYS/$1.csr" 2>/dev/null
	sign "$1" "$2" -days "$3" || sign "$1" "$2" -not_before 20200101000000Z \
		-not_after 20200102000000Z
}
# sign NAME AUTHORITY WORD...
sign() {
	openssl x509 -req -in "$KEYS/$1.csr" "${@:3}" -CA "$KEYS/$2.pem" \
		-CAkey "$KEYS/$2.key" -CAcreateserial -out "$KEYS/$1.pem" \
		-extfile <(echo "subjectAltName=DNS:web.test,IP:127.0.0.1") 2>/dev/null
}
# serve PORT NAME
serve() {
	openssl s_server -quiet -www -accept "$1" -cert "$KEYS/$2.pem" \
		-key "$KEYS/$2.key" >/dev/null 2>&1 &
	wait_for 20 "a server with the certificate $2" \
		bash -c ": </dev/tcp/127.0.0.1/$1" 2>/dev/null
}
# server NUMBER PORT LINE...
server() {
	local number=$1 port=$2
	shift 2
	printf '%s\n' "real_server 127.0.0.$number 443 {" "SSL_GET {" \
		"connect_port $port" "connect_timeout 5" "$@" "url {" "path /" \
		"status_code 200" "}" "}" "}"
}

authority root
authority foreign
certificate good root 2
certificate ended root -1
certificate alien foreign 2
cp "$KEYS/root.pem" "$KEYS/trusted.pem"
head -c 4096 /dev/urandom >"$KEYS/noise.pem"
serve 8443 good
serve 8444 ended
serve 8445 alien
ca="tls_ca $KEYS/trusted.pem"
{
	printf '%s\n' "virtual_server 192.0.2.1 443 {" "delay_loop 0.5" "fall 1" \
		"lvs_sched rr" "lvs_method DR" "protocol TCP"
	server 1 8443 "tls verify_identity" "$ca"
	server 2 8443 "tls verify_identity" "$ca"
	server 3 8443 "tls verify_identity" "$ca" "virtualhost web.test"
	server 4 8443 "tls verify_identity" "$ca" "virtualhost other.test" \
		"sni_name web.test"
	server 5 8443 "tls verify_identity" "$ca" "sni_name other.test"
	server 6 8443 "tls verify_ca" "$ca" "virtualhost other.test"
	server 7 8445 "tls verify_ca" "$ca"
	server 8 8444 "tls verify_ca" "$ca"
	server 9 8443 "tls verify_ca"
	server 10 8443 "tls verify_ca" "tls_ca $KEYS/none.pem"
	server 11 8443 "tls verify_ca" "tls_ca $KEYS/noise.pem"
	server 12 8444 "tls required"
	server 13 8445
	echo "}"
} >"$CONF"

step "the check of the file"
"$EVENKEEL_BUILD/evenkeeld" -t -f "$CONF" >"$NET_DIR/said" 2>&1
check_equal "names the file that is missing, by its status" 5 $?
check "and by its line" grep -q "none.pem.*No such file" "$NET_DIR/said"

step "certificates"
"$EVENKEEL_BUILD/evenkeeld" -n -l -D -f "$CONF" --run-dir "$RUN" >>"$LOG" 2>&1 &
DAEMON=$!
wait_for 30 "the address is in it" is 1 "^ok"
wait_for 30 "another address is not" is 2 "^untrusted .*127.0.0.2"
wait_for 30 "the virtualhost is in it" is 3 "^ok"
wait_for 30 "sni_name counts before the virtualhost" is 4 "^ok"
wait_for 30 "a name that is not in it" is 5 "^untrusted .*other.test"
wait_for 30 "verify_ca looks at no name" is 6 "^ok"
wait_for 30 "of another authority" is 7 "^untrusted .*(issuer|self.signed)"
wait_for 30 "one that has ended" is 8 "^untrusted .*expired"
wait_for 30 "the system's authorities, which have not signed it" is 9 \
	"^untrusted .*(issuer|self.signed)"
wait_for 30 "authorities of a file that is not there" is 10 \
	"^misconfigured .*No such file"
wait_for 30 "authorities of noise" is 11 "^misconfigured"
wait_for 30 "required verifies nothing" is 12 "^ok"
wait_for 30 "nor does an SSL_GET without the word" is 13 "^ok"

step "other authorities under the same name"
cp "$KEYS/foreign.pem" "$KEYS/trusted.pem"
kill -HUP "$DAEMON"
wait_for 30 "sign for others after a reload" is 7 "^ok"
wait_for 30 "and no longer for the first" is 6 "^untrusted"
kill "$DAEMON"
wait "$DAEMON"
# shellcheck disable=SC2046
kill $(jobs -p)
finish
