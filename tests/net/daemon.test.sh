#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The daemon's processes and doors, where no IPVS is needed: what it says when
# the kernel has none, who may ask it, what its children look like, and what it
# does with a file that is refused. MariaDB runs on loopback.
. "$SRC/tests/net/lib.sh"

ip link set lo up
RUN=$NET_DIR/run
CONF=$NET_DIR/evenkeel.conf
LOG=$NET_DIR/log
SECRET=hidden-Pa55word
EVENKEELD=$EVENKEEL_BUILD/evenkeeld
chmod 755 "$NET_DIR"

ctl() { "$EVENKEEL_BUILD/evenkeel" --run-dir "$RUN" "$@"; }
status_json() { ctl --json status; }
logged() { grep -qF -- "$1" "$LOG"; }
not_logged() { ! logged "$1"; }
running() { kill -0 "$1" 2>/dev/null; }
gone() { ! running "$1"; }
# field TEXT: the status has this text, blanks left out.
field() { status_json | tr -d ' \n' | grep -qF -- "$1"; }
checker_pid() { status_json | sed -n 's/^ *"pid":\([0-9]*\),*$/\1/p' | tail -n 1; }

daemon_start() {
	"$EVENKEELD" -n -l -D -f "$CONF" --run-dir "$RUN" >>"$LOG" 2>&1 &
	DAEMON=$!
	wait_for 20 "the daemon answers" answers
}
# Without an IPVS kernel "status" reports trouble, and prints all the same.
answers() { status_json >"$NET_DIR/answer" 2>/dev/null; [ -s "$NET_DIR/answer" ]; }

# pool COUNT: as many checks, all different, of one MariaDB.
pool() {
	local i
	echo "virtual_server 192.0.2.1 3306 {"
	echo "  delay_loop 2"
	echo "  protocol TCP"
	echo "  lvs_sched wlc"
	echo "  lvs_method DR"
	for ((i = 1; i <= $1; i++)); do
		echo "  real_server 127.0.$((i / 250)).$((i % 250 + 1)) 3306 {"
		echo "    MYSQL_CHECK {"
		echo "      username check"
		echo "      password_file $NET_DIR/secret"
		echo "      timeout 20"
		echo "    }"
		echo "  }"
	done
	echo "}"
}

mariadb_up() {
	local dir=$NET_DIR/db
	mkdir -p "$dir"
	if ! mariadb-install-db --no-defaults --user=root --datadir="$dir" \
		--auth-root-authentication-method=normal --skip-test-db \
		>"$NET_DIR/db.log" 2>&1; then
		tail -n 20 "$NET_DIR/db.log"
		assert_fail "MariaDB's tables are made"
	fi
	mariadbd --no-defaults --user=root --datadir="$dir" --port=3306 \
		--socket="$dir/sock" --pid-file="$dir/pid" --skip-name-resolve \
		--innodb-buffer-pool-size=16M --innodb-log-file-size=8M \
		--performance-schema=off --max-connections=500 --bind-address=0.0.0.0 \
		>"$NET_DIR/db.log" 2>&1 &
	wait_for 40 "MariaDB is up" mariadb -uroot -S "$dir/sock" -e "SELECT 1"
	mariadb -uroot -S "$dir/sock" \
		-e "CREATE USER 'check'@'127.%' IDENTIFIED BY '$SECRET'"
}

step "a pool of 400 servers whose password is in a file"
mariadb_up
(umask 077 && echo "$SECRET" >"$NET_DIR/secret")
pool 400 >"$CONF"
daemon_start
wait_for 60 "every one of 400 logins works: no secret was lost on the way" \
	field '"up":400,'
check "the checker says what it runs" logged "runs 400 checks"
check "each server's limits are known" field '"wait_timeout_s":28800'
check "and so is what it takes" field '"max_connections":500'

step "no IPVS in the kernel, or no right to it"
if [ -e /proc/net/ip_vs ]; then
	check "the table is there" field '"reached":true'
else
	check "the log says what to do" logged "ipvs: error:"
	check "status says so and fails" eval "! ctl status >/dev/null"
fi

step "a drain that somebody else takes back"
ctl drain 127.0.0.2:3306 --wait >"$NET_DIR/drain" 2>&1 &
waiter=$!
wait_for 10 "it waits" grep -q draining "$NET_DIR/drain"
check "ready" ctl ready 127.0.0.2:3306
status=0
wait $waiter || status=$?
check "the wait ends, and says 1" test $status -eq 1
check "and why" grep -q "not to be drained any more" "$NET_DIR/drain"
status=0
ctl disable 127.0.0.2:3306 --wait 2>/dev/null || status=$?
check "--wait with another word is wrong usage" test $status -eq 2
check "and nothing was said" field '"operator":null'
check_not "of any server" field '"operator":"disable"'

step "what was said before a restart, and what is said before the kernel can be asked"
check "one server is disabled" ctl disable 127.0.0.3:3306
kill -KILL "$DAEMON"
wait_for 10 "the daemon is dead" gone "$DAEMON"
daemon_start
check "another is drained" ctl drain 127.0.0.4:3306
check "the first is not forgotten" field '"operator":"disable"'
check "not in the file either" grep -qF '"disable"' "$RUN/state.json"
check "ready" ctl ready 127.0.0.3:3306
check "and the other" ctl ready 127.0.0.4:3306

step "secrets stay secret"
CHECKER=$(checker_pid)
check_not "not in the status" eval "status_json | grep -qF $SECRET"
check_not "not in the log" logged "$SECRET"
# Everything that one can see of the daemon and its children from outside.
titles() {
	local pid
	for pid in $(pgrep evenkeel); do
		cat "/proc/$pid/cmdline" "/proc/$pid/environ" "/proc/$pid/comm" 2>/dev/null
	done | tr '\0' '\n'
}
check "there are titles to look at" eval "titles | grep -q evenkeel-checker"
check_not "not in any title or environment" eval "titles | grep -qF $SECRET"

step "the checker is nobody"
check_equal "its user is not root" no \
	"$([ "$(stat -c %u "/proc/$CHECKER")" = 0 ] && echo root || echo no)"
check_equal "it has no capability" 0000000000000000 \
	"$(sed -n 's/^CapEff:\t//p' "/proc/$CHECKER/status")"
check_equal "and cannot regain one" 0000000000000000 \
	"$(sed -n 's/^CapBnd:\t//p' "/proc/$CHECKER/status")"
check_equal "no_new_privs is set" 1 \
	"$(sed -n 's/^NoNewPrivs:\t//p' "/proc/$CHECKER/status")"

step "who may ask"
as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"; }
chmod 755 "$RUN"
check_not "another user is refused" as_nobody "$EVENKEEL_BUILD/evenkeel" \
	--run-dir "$RUN" --json status
printf 'not a request\n' >"$NET_DIR/odd"
check "a word that it does not know is answered with an error" \
	eval "python3 -c \"
import socket
s = socket.socket(socket.AF_UNIX); s.connect('$RUN/control.sock')
s.sendall(b'nonsense\\n'); print(s.makefile().read())\" | grep -q error"
sed -i "1i global_defs {\n  control_socket $RUN/control.sock root nogroup\n}" "$CONF"
kill -HUP "$DAEMON"
wait_for 20 "a group may be let in" as_nobody "$EVENKEEL_BUILD/evenkeel" \
	--run-dir "$RUN" --json plan

step "a refused file changes nothing"
cp "$CONF" "$NET_DIR/good.conf"
echo "virtual_server { nonsense" >>"$CONF"
check_not "reload says no" ctl reload
check "and the log names the line" logged "$CONF"
wait_for 20 "the old configuration stays in force" field '"up":400,'
cp "$NET_DIR/good.conf" "$CONF"
check "a good one is taken" ctl reload

step "whose news a reload is"
# news COUNT: so often was the checker told a configuration.
news() { [ "$(grep -c 'checks, [0-9]* of them new' "$LOG")" -eq "$1" ]; }
another_checker() {
	local new
	new=$(checker_pid)
	[ "${new:-0}" -gt 0 ] && [ "$new" != "$CHECKER" ]
}
NEWS=$(grep -c 'checks, [0-9]* of them new' "$LOG")
sed -i 's/real_server 127.0.0.9 3306 {/&\nweight 7/' "$CONF"
check "a weight is changed" ctl reload
check "and in force" field '"weight_configured":7'
mariadb -uroot -S "$NET_DIR/db/sock" \
	-e "ALTER USER 'check'@'127.%' IDENTIFIED BY '$SECRET-2'"
echo "$SECRET-2" >"$NET_DIR/secret"
check "another password in the same file, and a reload" ctl reload
wait_for 20 "the checker is told" news $((NEWS + 1))
wait_for 60 "and logs in with it" field '"up":400,'
sed -i '0,/timeout 20/s//timeout 21/' "$CONF"
check "another limit for one check" ctl reload
wait_for 20 "the checker is told again: never of the weight" news $((NEWS + 2))
check "it is the same checker" running "$CHECKER"
sed -i 's/^global_defs {/&\nchecker_user games/' "$CONF"
check "another user for the checker" ctl reload
wait_for 20 "it is replaced" another_checker
CHECKER=$(checker_pid)
wait_for 20 "the new one has the checks" field '"ready":true'
check_equal "and is the other user" games "$(stat -c %U "/proc/$CHECKER")"
wait_for 60 "no password was lost" field '"up":400,'
sed -i 's/^weight 7/weight 8/' "$CONF"
check "a weight once more" ctl reload
check "is in force" field '"weight_configured":8'
check "by the checker that was there" running "$CHECKER"

step "one daemon for a run directory"
check_not "a second one is refused" "$EVENKEELD" -n -l -f "$CONF" --run-dir "$RUN"

step "the checker is killed, stopped"
kill -KILL "$CHECKER"
wait_for 20 "a new one runs" another_checker
check "no server fell for it" field '"up":400,'
CHECKER=$(checker_pid)
wait_for 20 "it speaks" field '"ready":true'
kill -STOP "$CHECKER"
wait_for 60 "one that is stopped is noticed and replaced" gone "$CHECKER"
check "that is in the log" logged "has not answered for"
check "no server fell for that either" field '"up":400,'

step "the end"
kill -TERM "$DAEMON"
wait_for 20 "SIGTERM ends it" gone "$DAEMON"
wait "$DAEMON"
check_equal "in good order" 0 $?
wait_for 10 "no child is left" eval "! pgrep -f 'evenkeel-checker' >/dev/null"
check_not "the socket is gone" test -e "$RUN/control.sock"
finish
