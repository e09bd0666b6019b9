#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# MySQL checks over TLS, in every mode, with certificates made here.
# shellcheck disable=SC2119
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/checker-lib.sh
. "$SRC/tests/net/checker-lib.sh"

CA=$NET_DIR/ca
mkdir "$CA"
# authority NAME: a certificate authority of its own.
authority() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
		-nodes -days 2 -subj "/CN=$1" -keyout "$CA/$1.key" \
		-out "$CA/$1.pem" 2>/dev/null
}
# certificate NAME ALTNAME: a server's or client's, by the good authority.
certificate() {
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
		-subj "/CN=$1" -keyout "$CA/$1.key" -out "$CA/$1.csr" 2>/dev/null
	openssl x509 -req -in "$CA/$1.csr" -CA "$CA/good.pem" \
		-CAkey "$CA/good.key" -CAcreateserial -days 2 \
		-extfile <(echo "subjectAltName=$2") -out "$CA/$1.pem" 2>/dev/null
}
authority good
authority other
certificate server IP:127.0.0.1
certificate client DNS:client.test

db_install
db_start --ssl-ca="$CA/good.pem" --ssl-cert="$CA/server.pem" \
	--ssl-key="$CA/server.key"
sql "CREATE USER tlsonly@'%' IDENTIFIED BY 'secret' REQUIRE SSL;
	CREATE USER x509@'%' IDENTIFIED BY 'secret' REQUIRE X509"

# Each mode against the address in the certificate (.1) and another (.2).
modes() {
	rs_mysql 127.0.0.1 "$1" "tls off"
	rs_mysql 127.0.0.3 "$1" "tls preferred"
	rs_mysql 127.0.0.4 "$1" "tls required"
	rs_mysql 127.0.0.5 "$1" "tls verify_ca" "tls_ca $CA/good.pem"
	rs_mysql 127.0.0.6 "$1" "tls verify_ca" "tls_ca $CA/other.pem"
	rs_mysql 127.0.0.7 "$1" "tls verify_ca"
	rs_mysql 127.0.0.8 "$1" "tls verify_ca" "tls_ca $CA/missing.pem"
	rs_mysql 127.0.0.9 "$1" "tls verify_identity" "tls_ca $CA/good.pem"
	rs 127.0.0.10 "$1" MYSQL_CHECK "username tlsonly" "password secret" \
		"tls off"
	rs 127.0.0.11 "$1" MYSQL_CHECK "username tlsonly" "password secret"
	rs 127.0.0.12 "$1" MYSQL_CHECK "username x509" "password secret" \
		"tls required" "tls_cert $CA/client.pem" "tls_key $CA/client.key"
	rs 127.0.0.13 "$1" MYSQL_CHECK "username x509" "password secret" \
		"tls required"
}
{
	vs_begin "delay_loop 1"
	modes 3306
	vs_end
	printf '%s\n' "virtual_server 192.0.2.2 3306 {" "lvs_sched rr" \
		"lvs_method NAT" "protocol TCP" "delay_loop 1"
	rs_mysql 127.0.0.1 3306 "tls verify_identity" "tls_ca $CA/good.pem" \
		"query \"SELECT VARIABLE_VALUE <> '' FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'Ssl_cipher'\"" \
		"expect 1"
	vs_end
} >"$NET_DIR/conf"
drive_start

step "a server with TLS"
is() { wait_for 10 "$1" last_is "127.0.0.$2:3306" "$3" "${4:-}"; }
is "preferred" 3 ok
is "required" 4 ok
is "verify_ca with the right authority" 5 ok
is "verify_ca with another authority" 6 misconfigured
is "verify_ca with the system's authorities" 7 misconfigured
is "verify_ca with a file that is missing" 8 misconfigured
is "verify_identity with an address that is not in the certificate" \
	9 misconfigured
is "an account that requires TLS, without it" 10 misconfigured 1045
is "the same by default" 11 ok
is "a client certificate that is asked for" 12 ok
is "and missing" 13 misconfigured 1045
both_on_first() {
	awk '$1 == "verdict" && $5 == "127.0.0.1:3306" { seen[$3] = $6 }
		END { for (c in seen) print c, seen[c]
			for (c in seen) { n++; bad += seen[c] != "ok" }
			exit !(n == 2 && !bad) }' "$OUT"
}
wait_for 5 "no TLS; and verify_identity, with an encrypted session" both_on_first
check "a mistake in the file is never a failure of the server" \
	never 127.0.0.6:3306 'misconfigured [0-9]+ [1-9]'

step "a server that hangs in the middle of TLS"
kill -STOP "$DB_PID"
wait_for 10 "is noticed by required" last_is 127.0.0.4:3306 hung
wait_for 10 "and by verify_ca" last_is 127.0.0.5:3306 hung
kill -CONT "$DB_PID"
is "and comes back" 4 ok
drive_stop
db_stop

step "a server without TLS"
db_start --skip-ssl
drive_start
wait_for 10 "off" last_is 127.0.0.1:3306 ok
is "preferred goes without" 3 ok
is "required does not" 4 misconfigured
is "nor verify_ca" 5 misconfigured
is "nor verify_identity" 9 misconfigured
drive_stop
db_stop

step "a server that allows nothing else"
db_start --ssl-cert="$CA/server.pem" --ssl-key="$CA/server.key" \
	--require-secure-transport=ON
drive_start
is "preferred" 3 ok
wait_for 10 "off is our mistake" last_is 127.0.0.1:3306 misconfigured
drive_stop
db_stop

step "a server whose certificate is over"
printf '%s\n' "[ca]" "default_ca = d" "[d]" "new_certs_dir = $CA" \
	"database = $CA/index" "rand_serial = yes" "policy = p" \
	"default_md = sha256" "x509_extensions = e" \
	"[p]" "commonName = supplied" "[e]" "subjectAltName = IP:127.0.0.1" \
	>"$CA/ca.conf"
: >"$CA/index"
check "there is one" openssl ca -batch -notext -config "$CA/ca.conf" \
	-cert "$CA/good.pem" -keyfile "$CA/good.key" \
	-startdate 20200101000000Z -enddate 20200102000000Z \
	-in "$CA/server.csr" -out "$CA/over.pem"
db_start --ssl-cert="$CA/over.pem" --ssl-key="$CA/server.key"
drive_start
is "preferred" 3 ok
is "verify_ca" 5 misconfigured
is "verify_identity" 9 misconfigured
drive_stop
db_stop
finish
