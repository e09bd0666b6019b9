#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# evenkeeld -t --probe: what it prints and exits with, against real servers.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/checker-lib.sh
. "$SRC/tests/net/checker-lib.sh"

ip link set lo up
db_install
db_start --max-connections=60
CONF=$NET_DIR/evenkeel.conf
SAID=$NET_DIR/said

# probe STATUS: asks, and exits with what was expected.
probe() {
	local status
	"$EVENKEEL_BUILD/evenkeeld" -t --probe -f "$CONF" >"$SAID" 2>&1
	status=$?
	cat "$SAID"
	[ "$status" -eq "$1" ]
}
said() { grep -qE -- "$1" "$SAID"; }
gone_all() { ! pgrep evenkeel; }

{
	vs_begin "delay_loop 3600" "retry 2"
	rs_mysql 127.0.0.1 3306
	rs_mysql 127.0.0.2 3306
	vs_end
} >"$CONF"

step "all is well"
check "status 0, without waiting for the next round, an hour away" probe 0
check "the first server" said "ok +127.0.0.1:3306 +MYSQL_CHECK +[0-9.]+ ms"
check "the second" said "ok +127.0.0.2:3306"
check "the room" said "survives the loss of 1 of 2 servers"
check "nothing was left behind" gone_all
check_not "no secret is printed" said secret

step "too little room"
sql "SET GLOBAL max_connections = 10"
check "status 5" probe 5
check "who runs full" said "WARNING: if 1 fail, 127.0.0.[12]:3306 needs"
sql "SET GLOBAL max_connections = 60"

step "a replica that is behind"
sql "CREATE DATABASE app; CREATE TABLE app.beat (ts TIMESTAMP(6));
	INSERT INTO app.beat VALUES (NOW(6) - INTERVAL 25 SECOND);
	GRANT SELECT ON app.* TO 'check'@'%'"
cp "$CONF" "$CONF.kept"
{
	vs_begin "delay_loop 30" "retry 2"
	rs_mysql 127.0.0.1 3306 "max_lag 5" "lag_source heartbeat app.beat"
	rs_mysql 127.0.0.2 3306 "max_lag 3600" "lag_source heartbeat app.beat"
	vs_end
} >"$CONF"
check "status 5" probe 5
check "who is, and by how much" \
	said "FAILED +127.0.0.1:3306 +MYSQL_CHECK +replication lag 2[0-9.]+ s, limit 5 s"
check "less than the limit is fine" said "ok +127.0.0.2:3306"
mv "$CONF.kept" "$CONF"

step "a server that does not pass"
sed -i 's/127.0.0.2 3306/127.0.0.2 3309/' "$CONF"
check "status 5" probe 5
check "who and why" said "FAILED +127.0.0.2:3309 +MYSQL_CHECK +.*refused"
check "the other one is fine" said "ok +127.0.0.1:3306"

step "a file that is refused"
echo "virtual_server {" >>"$CONF"
check "status 4" probe 4
check_not "no server was asked" said "MYSQL_CHECK"
check_not "--probe is for -t" "$EVENKEEL_BUILD/evenkeeld" --probe -f "$CONF"
db_stop
finish
