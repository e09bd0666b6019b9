# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: MYSQL_CHECK against ill servers, wrong passwords, full and blocking ones, TLS
# limit: 200
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
CONF=/tmp/evenkeel.conf

# A healthy server gets all the time that a slow machine may need.
AMPLE="timeout 8"
# check_block SERVER PORT WORD...: a real server with a MYSQL_CHECK.
check_block() {
	local server=$1 port=$2
	shift 2
	printf '%s\n' "real_server $server $port {" "MYSQL_CHECK {" \
		"username check" "password check-secret" "$@" "}" "}"
}
service() {
	printf '%s\n' "virtual_server $1 {" "delay_loop 2" "lvs_sched wlc" \
		"lvs_method NAT" "protocol TCP" "retry 1" \
		"delay_before_retry 0.5"
}
in_with() { table_weight "$1" 1; }
is_out() { table_has_not "-r $1"; }

# outcome_is VIP ADDRESS OUTCOME...: what the last probe of that server under
# that service found is one of these.
outcome_is() {
	local json
	json=$(evenkeel lb1 status --json)
	json=${json#*\"name\":\""$1"\"}
	json=${json#*\"address\":\""$2"\"}
	json=${json%%\"address\"*}
	echo "$json"
	shift 2
	for word; do
		[[ $json != *"\"outcome\":\"$word\""* ]] || return 0
	done
	return 1
}

# server_is N OUTCOME: of a MariaDB server in the pool of two.
server_is() {
	outcome_is 10.77.0.100:3306 "10.78.0.$1:3306" "$2"
}

# logins N: sets COMES to how many connections MariaDB N has seen.
logins() {
	COMES=$(sql "$1" "SHOW GLOBAL STATUS LIKE 'Connections'")
	COMES=${COMES##*$'\t'}
}
logins_more() {
	logins "$1"
	[ "$COMES" -gt "$2" ]
}

step "a certificate authority, two MariaDB servers, and a ward of ill ones"
topology_build 3
mkdir /tmp/tls
authority() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
		-nodes -days 3 -keyout "/tmp/tls/$1.key" -out "/tmp/tls/$1.crt" \
		-subj "/CN=$1" 2>/dev/null
}
authority ca
authority other
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
	-keyout /tmp/tls/db.key -out /tmp/tls/db.csr -subj "/CN=db1.test" \
	2>/dev/null
openssl x509 -req -in /tmp/tls/db.csr -CA /tmp/tls/ca.crt \
	-CAkey /tmp/tls/ca.key -CAcreateserial -days 3 -out /tmp/tls/db.crt \
	-extfile <(echo "subjectAltName=IP:10.78.0.1") 2>/dev/null
chmod a+r /tmp/tls/*.crt
# The server must know our address for its count of failed connects: one whose
# name cannot be found is not remembered.
echo "10.78.0.251 lb1.test" >>/etc/hosts
mariadb_launch 1 --ssl-ca=/tmp/tls/ca.crt --ssl-cert=/tmp/tls/db.crt \
	--ssl-key=/tmp/tls/db.key --require-secure-transport=on
mariadb_launch 2 --skip-name-resolve=0 --max-connect-errors=1000
wait_for 60 "MariaDB 1 is up" mariadb_answers 1
wait_for 60 "MariaDB 2 is up" mariadb_answers 2
toys_start db3 accept 3301 close 3302 reset 3303 garbage 3304 endless 3305 \
	dribble 3306

step "the ill are out, the healthy in; a server that requires TLS"
ca="tls_ca /tmp/tls/ca.crt"
{
	service "10.77.0.100 3306"
	check_block 10.78.0.1 3306 "$AMPLE" "tls required"
	for port in 3301 3302 3303 3304 3305 3306 3307; do
		check_block 10.78.0.3 $port "timeout 2"
	done
	echo "}"
	service "10.77.0.101 3306"
	check_block 10.78.0.1 3306 "$AMPLE" "tls verify_ca" "$ca"
	echo "}"
	service "10.77.0.102 3306"
	check_block 10.78.0.1 3306 "$AMPLE" "tls verify_identity" "$ca"
	echo "}"
	service "10.77.0.103 3306"
	check_block 10.78.0.1 3306 "$AMPLE" "tls verify_ca" "tls_ca /tmp/tls/other.crt"
	check_block 10.78.0.2 3306 "$AMPLE"
	echo "}"
} >$CONF
evenkeel_start $CONF
for vip in 100 101 102; do
	wait_for 30 "TLS: in under 10.77.0.$vip" table_has \
		"-a -t 10.77.0.$vip:3306 -r 10.78.0.1:3306"
done
wait_for 30 "the one without TLS is in" in_with 10.78.0.2:3306
words=([3301]=hung [3302]=closed [3303]=closed [3304]="garbage closed"
	[3305]="garbage hung closed" [3306]=hung [3307]=refused)
for port in "${!words[@]}"; do
	# shellcheck disable=SC2086
	wait_for 30 "port $port: ${words[port]}" outcome_is 10.77.0.100:3306 \
		10.78.0.3:$port ${words[port]}
	check "it is not in" is_out "10.78.0.3:$port"
done
wait_for 30 "another authority: it cannot be judged" outcome_is \
	10.77.0.103:3306 10.78.0.1:3306 misconfigured
check "and does not serve, never having proved itself" \
	table_has_not "-t 10.77.0.103:3306 -r 10.78.0.1:3306"
logins 1
before=$COMES
wait_for 10 "meanwhile the healthy one is checked on" logins_more 1 \
	"$before"

step "a wrong password never empties a pool"
# The ill have done their part; a login each second costs a slow machine much.
{
	service "10.77.0.100 3306"
	check_block 10.78.0.1 3306 "$AMPLE" "tls required"
	check_block 10.78.0.2 3306 "$AMPLE"
	echo "}"
} >$CONF
daemon_signal evenkeeld.lb1 HUP
wait_for 20 "they are gone" table_has_not "-t 10.77.0.102:3306"
wait_for 30 "a pool of two" in_with 10.78.0.2:3306
daemon_stop toys.db3
requests_watch
requests_seen
quiet=$REQUESTS
for n in 1 2; do
	sql $n "SET PASSWORD FOR 'check'@'%' = PASSWORD('changed')"
done
for n in 1 2; do
	wait_for 30 "server $n: misconfigured" server_is $n \
		misconfigured
done
holds 4 "not one change" requests_none_since "$quiet"
check "the log says what is wrong" evenkeel_log lb1 "Access denied"
for n in 1 2; do
	sql $n "SET PASSWORD FOR 'check'@'%' = PASSWORD('check-secret')"
	wait_for 30 "server $n is judged again" server_is $n ok
done

step "a full server stays"
sql 2 "SET GLOBAL max_connections = 10"
"$LAB_NS" lb1 "$LAB_SRC/build/lab-tools/heldconn" -h 10.78.0.2 -u app \
	-p app-secret -c 20 -o /run/held.full -r >/dev/null 2>&1 &
full=$!
# The check has a session too, and would get its place back before a client asks
# again: it may not log in until the clients have all places.
sql 2 "ALTER USER 'check'@'%' ACCOUNT LOCK"
sql 2 "KILL USER 'check'"
wait_for 30 "its clients have all places" held_is full open -ge 10
# The one place that is kept for us may just be taken by a check that is refused.
wait_for 30 "it may log in again" sql 2 "ALTER USER 'check'@'%' ACCOUNT UNLOCK"
wait_for 30 "server 2: saturated" server_is 2 saturated
holds 3 "it stays in" requests_none_since "$quiet"
kill $full
wait_for 30 "server 2 has room again" server_is 2 ok

step "a server that blocks the checker stays"
sql 2 "SET GLOBAL max_connect_errors = 1"
# Greetings that nobody answers are failed connects.
for _ in 1 2 3; do
	ns lb1 bash -c 'read -r -n 1 -t 2 <>/dev/tcp/10.78.0.2/3306' 2>/dev/null
done
wait_for 30 "server 2: blocked" server_is 2 blocked
holds 3 "it stays in" requests_none_since "$quiet"
check "the log says what to do" evenkeel_log lb1 "FLUSH HOSTS"
sql 2 "FLUSH HOSTS"
wait_for 30 "server 2 is open again" server_is 2 ok

step "a server that stands still is out, and comes back"
# The one login that the halt may cut in the middle is forgiven. All others of
# that time must not count at all, or the server blocks us when it goes on.
sql 2 "SET GLOBAL max_connect_errors = 2"
mariadb_hang 2
wait_for 30 "server 2: out" is_out 10.78.0.2:3306
wait_for 30 "it hangs" server_is 2 hung
mariadb_cont 2
wait_for 30 "server 2: in" in_with 10.78.0.2:3306
check_not "no secret is in the log" evenkeel_log lb1 check-secret
daemon_stop evenkeeld.lb1
finish
