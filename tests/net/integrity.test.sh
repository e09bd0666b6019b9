#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `integrity { }` against a real MariaDB behind proxies that change bits: who is
# named, what becomes of the server, and that nothing is said where all is well.
# There is no IPVS here: the pool has a mark, so the servers' own addresses alone
# are measured.
. "$SRC/tests/net/lib.sh"

ip link set lo up
RUN=$NET_DIR/run
CONF=$NET_DIR/evenkeel.conf
LOG=$NET_DIR/log
chmod 755 "$NET_DIR"

ctl() { "$EVENKEEL_BUILD/evenkeel" --run-dir "$RUN" "$@"; }

# cell SERVER FIELD...: of `evenkeel integrity`, of that server.
cell() {
	ctl --json integrity 2>/dev/null | python3 -c '
import json, sys
pools = json.load(sys.stdin)["pools"]
for one in pools[0]["servers"]:
    if one["address"] == sys.argv[1]:
        for key in sys.argv[2:]:
            one = (one or {}).get(key)
        print(one)
' "$@"
}
pool_blame() {
	ctl --json integrity 2>/dev/null |
		python3 -c 'import json, sys; print(json.load(sys.stdin)["pools"][0]["blame"])'
}
# state SERVER: of `evenkeel status`.
state() {
	ctl --json status 2>/dev/null | python3 -c '
import json, sys
for vs in json.load(sys.stdin)["virtual_servers"]:
    for one in vs["servers"]:
        if one["address"] == sys.argv[1]:
            print(one["state"])
' "$1"
}
state_is() { [ "$(state "$1")" = "$2" ]; }
blame_is() { [ "$(cell "$1" blame)" = "$2" ]; }
pool_blame_is() { [ "$(pool_blame)" = "$1" ]; }
way_is() { [ "$(cell "$1" direct state)" = "$2" ]; }
measured() { [ "$(cell "$1" direct probes)" -ge "$2" ]; }
logged() { grep -qF -- "$1" "$LOG"; }

# proxy N WORD...: what the proxy of server N does from now on.
proxy() {
	echo "${@:2}" >"$NET_DIR/proxy$1.new"
	mv "$NET_DIR/proxy$1.new" "$NET_DIR/proxy$1"
}
A=127.0.0.11:3306
B=127.0.0.12:3306
C=127.0.0.13:3306

mariadb_up() {
	local dir=$NET_DIR/db
	mkdir -p "$dir"
	mariadb-install-db --no-defaults --user=root --datadir="$dir" \
		--auth-root-authentication-method=normal --skip-test-db \
		>"$NET_DIR/db.log" 2>&1
	mariadbd --no-defaults --user=root --datadir="$dir" --port=3306 \
		--socket="$dir/sock" --pid-file="$dir/pid" --skip-name-resolve \
		--innodb-buffer-pool-size=16M --innodb-log-file-size=8M \
		--performance-schema=off --bind-address=127.0.0.1 --server-id=7 \
		>"$NET_DIR/db.log" 2>&1 &
	wait_for 40 "MariaDB is up" mariadb -uroot -S "$dir/sock" -e "SELECT 1"
	mariadb -uroot -S "$dir/sock" \
		-e "CREATE USER 'check'@'127.%' IDENTIFIED BY 'word'"
}

# proxy_start N
proxy_start() {
	"$SRC/tests/net/tools/bitflip.py" "127.0.0.1$1" 3306 127.0.0.1 3306 \
		"$NET_DIR/proxy$1" &
	PROXY=$!
	wait_for 10 "proxy $1 listens" listening "127.0.0.1$1"
}
listening() { : 2>/dev/null <"/dev/tcp/$1/3306"; }

{
	echo "virtual_server fwmark 7 {"
	echo "  lvs_sched wlc"
	echo "  lvs_method NAT"
	echo "  delay_loop 1"
	echo "  min_serving 1"
	echo "  integrity {"
	echo "    rate 50MB"
	echo "    sizes 1-256KiB"
	echo "  }"
	for server in 11 12 13; do
		echo "  real_server 127.0.0.$server 3306 {"
		echo "    MYSQL_CHECK {"
		echo "      username check"
		echo "      password word"
		echo "      timeout 20"
		echo "    }"
		echo "  }"
	done
	echo "}"
} >"$CONF"

step "clean: everything is measured and nothing is said"
mariadb_up
for n in 1 2 3; do proxy_start "$n"; done
"$EVENKEEL_BUILD/evenkeeld" -n -l -f "$CONF" --run-dir "$RUN" >>"$LOG" 2>&1 &
# Asking for the state makes it decide, which it does not by itself without IPVS.
for server in $A $B $C; do wait_for 60 "$server is up" state_is "$server" up; done
for server in $A $B $C; do
	wait_for 60 "$server is measured" measured "$server" 40
	check "$server is clean" way_is "$server" clean
	check_equal "$server has no bad payload" 0 "$(cell "$server" direct bad)"
	check_equal "$server is not to blame" nobody "$(cell "$server" blame)"
done
check_not "the log says nothing of it" logged "integrity:"
check "the command says so too" ctl integrity
check_equal "the server names itself" yes \
	"$(cell $A direct server | grep -q '^server_id 7, ' && echo yes)"
check_equal "a mark leaves no clients' way" None "$(cell $A client)"

step "one server's way changes bits on the way to it"
proxy 3 up 3
wait_for 60 "$C is to blame" blame_is $C server
wait_for 60 "$C is soft-failed" state_is $C soft-failed
check_equal "where: on the way to it" "to the server" "$(cell $C mismatch changed)"
check "few bytes, one in each piece that was met" test "$(cell $C mismatch differing)" -lt 9
check_equal "the windows show it" yes \
	"$([ "$(cell $C mismatch sent)" != "$(cell $C mismatch got)" ] && echo yes)"
check_equal "$A is not" nobody "$(cell $A blame)"
check_equal "$B is not" nobody "$(cell $B blame)"
check_equal "the pool has no blame of its own" nobody "$(pool_blame)"
check "the log names it" logged "integrity: error: $C of fwmark 7 is soft-failed"
check "and what was changed" logged "came back otherwise than they were sent, changed to the server"
check_not "the command fails now" ctl integrity
check "and shows the bytes" eval "ctl integrity | grep -q '      got '"
check_equal "the others stay in" "up up" "$(state $A) $(state $B)"

step "it ends, and the server comes back"
proxy 3 off
wait_for 60 "$C is not to blame" blame_is $C nobody
wait_for 60 "$C is up" state_is $C up

step "on the way back"
proxy 2 down 3
wait_for 60 "$B is to blame" blame_is $B server
check_equal "where: on the way back" "back from the server" \
	"$(cell $B mismatch changed)"
proxy 2 off
wait_for 60 "$B is not to blame" blame_is $B nobody

step "a server that lies about its digest"
proxy 1 lie
wait_for 60 "$A is the liar" blame_is $A liar
check "the log says how" logged "the server computes wrongly"
proxy 1 off
wait_for 60 "$A is not to blame" blame_is $A nobody
for server in $A $B $C; do
	wait_for 60 "$server is up" state_is "$server" up
done

step "all of them at once: nobody is taken out"
for n in 1 2 3; do proxy "$n" up 1; done
wait_for 60 "it cannot be told who" pool_blame_is untold
for server in $A $B $C; do
	wait_for 60 "$server is corrupt" way_is "$server" corrupt
done
check "the log says so" logged "no server is taken out for it"
said=$(grep -c "no server is taken out for it" "$LOG")
sed -i 's/timeout 20/timeout 21/' "$CONF"
check "a reload is taken" ctl reload
check "it keeps the blame" pool_blame_is untold
check_equal "and is not told again" "$said" \
	"$(grep -c "no server is taken out for it" "$LOG")"
for n in 1 2 3; do proxy "$n" off; done
wait_for 60 "it ends" pool_blame_is nobody

step "a connection that is cut is no finding"
for server in $A $B $C; do
	wait_for 60 "$server is clean" way_is "$server" clean
	wait_for 60 "$server is up" state_is "$server" up
done
bad=$(cell $C direct bad)
for _ in 1 2 3; do
	kill "$PROXY"
	wait "$PROXY" 2>/dev/null
	probes=$(cell $A direct probes)
	wait_for 30 "others are measured meanwhile" measured $A $((probes + 5))
	proxy_start 3
done
wait_for 60 "$C is measured again" measured $C $(($(cell $C direct probes) + 10))
check_equal "no bad one more" "$bad" "$(cell $C direct bad)"
check "some came to nothing" test "$(cell $C direct missed)" -gt 0

finish
