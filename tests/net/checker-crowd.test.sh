#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# More MySQL servers than helpers: their sessions are kept all the same, one
# that hangs has its helper to itself, and no helper serves two passwords.
# (They are one MariaDB under many addresses; the checker cannot know.)
# shellcheck disable=SC2119
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/checker-lib.sh
. "$SRC/tests/net/checker-lib.sh"

# With so few descriptors there are this many helpers.
NOFILE=160
HELPERS=20
GOOD=100
BAD=5
db_install
db_start --max-connections=600
sql "CREATE USER 'second'@'%' IDENTIFIED BY 'other'"
toy silent 7000 $BAD
servers() {
	local i
	vs_begin "delay_loop 1"
	for i in $(seq 1 "$GOOD"); do
		rs_mysql "127.1.0.$i" 3306 "timeout ${LIMIT:-30}" "fresh_login 1000"
	done
	"$@"
	vs_end
}
others() {
	local i
	for i in $(seq 1 "$GOOD"); do
		rs_mysql "127.2.0.$i" 3306 "timeout 30" "fresh_login 1000" |
			sed 's/username check/username second/
				s/password secret/password other/'
	done
}
hung_ones() {
	local i
	for i in $(seq 0 $((BAD - 1))); do
		rs_mysql 127.0.0.1 $((7000 + i)) "timeout 2"
	done
}

# everybody N: each of the good servers was found ok so many times.
everybody() {
	awk -v least="$1" '$1 == "verdict" && $5 ~ /^127\.1\./ && $6 == "ok" { n[$5]++ }
	END {
		for (s in n) full += n[s] >= least
		exit full != '"$GOOD"'
	}' "$OUT"
}
verdicts() {
	awk '$1 == "verdict" && $5 ~ /^127\.[12]\./ && $6 == "ok"' "$OUT" | wc -l
}
# logins WORD: how many there were since, and fewer than half of the probes.
few_logins() {
	local logins probes
	logins=$(($(status Connections) - LOGINS))
	probes=$(verdicts)
	echo "# $probes probes, $logins logins, $(helpers | grep -c .) helpers" |
		tee "$NET_DIR/figures"
	((logins * 2 < probes))
}

step "more servers than helpers"
servers >"$NET_DIR/conf"
LOGINS=$(status Connections)
drive_start --nofile $NOFILE
wait_for 120 "each is asked eight times" everybody 8
check "their sessions were kept" few_logins
cat "$NET_DIR/figures"
check "by $HELPERS helpers at most" \
	test "$(helpers | grep -c .)" -le $HELPERS
nothing_else() { ! awk '$1 == "verdict" && $5 ~ /^127\.1\./ && $6 != "ok"' "$OUT" | grep .; }
check "nothing is said against them" nothing_else
check_not "main was never left without a word" grep silent "$OUT"
drive_stop

step "five that hang among them"
servers hung_ones >"$NET_DIR/conf"
LOGINS=$(status Connections)
drive_start --nofile $NOFILE
wait_for 120 "each of the good is asked eight times" everybody 8
check "their sessions were kept" few_logins
cat "$NET_DIR/figures"
check "nothing is said against them" nothing_else
bad_are_hung() {
	awk '$1 == "verdict" && $5 ~ /^127\.0\.0\.1:70/ && $6 == "hung" { n[$5]++ }
	END { for (s in n) seen++; exit seen != '"$BAD"' }' "$OUT"
}
wait_for 60 "those that hang are known" bad_are_hung
drive_stop

step "helpers die, and stand still"
LIMIT=5
servers >"$NET_DIR/conf"
LIMIT=
drive_start --nofile $NOFILE
wait_for 120 "each is asked three times" everybody 3
mapfile -t before < <(helpers)
kill -KILL "${before[0]}" "${before[1]}"
kill -STOP "${before[2]}" "${before[3]}"
wait_for 60 "those that stand still are replaced" eval \
	"! kill -0 ${before[2]} 2>/dev/null && ! kill -0 ${before[3]} 2>/dev/null"
wait_for 120 "each goes on being asked" everybody 12
# A helper that stands still has one server, which is asked by another one then.
once_at_most() {
	! awk '$1 == "verdict" && $5 ~ /^127\.1\./ && $8 > 1' "$OUT" | grep . &&
		[ "$(awk '$1 == "verdict" && $6 == "hung"' "$OUT" | wc -l)" -le 2 ]
}
check "nobody failed twice, and two at most once" once_at_most
check_not "main was never left without a word" grep silent "$OUT"
drive_stop

step "two passwords"
servers others >"$NET_DIR/conf"
LOGINS=$(status Connections)
drive_start --nofile $NOFILE
wait_for 120 "each is asked eight times" everybody 8
check "their sessions were kept" few_logins
cat "$NET_DIR/figures"
# Which process talks to which servers is seen from outside: the first number
# after 127 is the login's.
alone() {
	local pid
	for pid in $(helpers); do
		ss -Htnp state established dst 127.0.0.0/8 dport = 3306 |
			grep "pid=$pid," | awk '{ split($4, a, "."); print a[2] }' |
			sort -u | wc -l
	done | sort | uniq -c
}
never_two() { ! alone | awk '$2 > 1' | grep .; }
check "no helper has sessions of both" never_two
check "and nearly all helpers have some" \
	test "$(alone | awk '$2 == 1 { print $1 }')" -ge 4
drive_stop
db_stop
finish
