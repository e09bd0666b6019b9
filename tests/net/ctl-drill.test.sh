#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# evenkeel drill against a real server: one that stands still and goes on, one
# that another takes the place of, none at all; and that no password shows.
# shellcheck disable=SC2119
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/checker-lib.sh
. "$SRC/tests/net/checker-lib.sh"

DRILL_PID=0
FILE=$NET_DIR/password
(umask 077 && echo secret >"$FILE")

drill() { "$EVENKEEL_BUILD/evenkeel" drill "$@"; }

# drill_start [OPTION...]: in the background, its words in $OUT. A background
# command of a shell ignores SIGINT from its start on; nobody else's does.
drill_start() {
	: >"$OUT"
	env --default-signal=INT "$EVENKEEL_BUILD/evenkeel" drill 127.0.0.1 3306 \
		--user=check --password-file="$FILE" "$@" >"$OUT" 2>&1 &
	DRILL_PID=$!
}
# drill_ends STATUS [SIGNAL]: after the signal.
drill_ends() {
	local status
	kill "-${2:-INT}" "$DRILL_PID"
	wait "$DRILL_PID"
	status=$?
	[ "$status" = "$1" ] || echo "status $status"
	[ "$status" = "$1" ]
}
# said WORD...: these words, in this order, in the lines of $OUT.
said() {
	local IFS='~'
	local words="$*"
	tr '\n' ' ' <"$OUT" | grep -qE "${words//'~'/.*}"
}
attempts_are() { [ "$(pgrep -c -P "$DRILL_PID")" -ge "$1" ]; }
status_is() {
	local expected=$1 status
	shift
	"$@"
	status=$?
	[ "$status" = "$expected" ] || echo "status $status"
	[ "$status" = "$expected" ]
}
# json EXPRESSION: of the document in $OUT, called d.
json() { python3 -c "
import json, sys
d = json.load(open('$OUT'))
print(d)
sys.exit(not ($1))"; }
# detached: an attempt that is under way has no terminal and no output.
detached() {
	local pid fd
	pid=$(pgrep -o -P "$DRILL_PID") || return
	for fd in 0 1 2; do
		[ "$(readlink "/proc/$pid/fd/$fd")" = /dev/null ] || return
	done
}
secret_shows() {
	local pid
	for pid in $DRILL_PID $(pgrep -P "$DRILL_PID"); do
		tr '\0' '\n' <"/proc/$pid/cmdline"
		tr '\0' '\n' <"/proc/$pid/environ"
		cat "/proc/$pid/comm"
	done 2>/dev/null | grep -w secret
}

db_install
db_start --server-id=11

step "a server that stands still"
drill_start
wait_for 20 "the first answer is news" said "server_id 11. answers"
kill -STOP "$DB_PID"
wait_for 30 "a login that hangs is news" said "answers" "no login in time"
wait_for 20 "and holds up no other: several are under way" attempts_are 3
wait_for 20 "they have no output of their own" detached
check_not "no password in a command line, environment or title" secret_shows
kill -CONT "$DB_PID"
wait_for 30 "an answer after a gap is news" \
	said "no login in time" "answers, after [0-9.]+ s without"
check "Ctrl-C ends it well" drill_ends 0
check "with a summary" said "attempts, [1-9][0-9]* answered, [1-9][0-9]* failed" \
	"[1-9][0-9]*  by [^ ]+ .server_id 11." "[1-9][0-9]*  no login in time" \
	"Longest time without an answer: [0-9.]+ s" "before: .*server_id 11" \
	"after: .*server_id 11"
check "and pictures" said "server_id 11. +[#.]*#[#.]*\." \
	"no login in time +[x.]*x" "Connect, login and query took" "< +[0-9.]+ ms"
check_not "and no password" grep -w secret "$OUT"

step "another server takes over"
drill_start --max-gap=0.2
wait_for 20 "the first one answers" said "server_id 11. answers"
db_stop
wait_for 20 "the closed port is news" said "answers" "connection refused"
# A gap is news when it is longer than a few attempts.
nft -f - <<END
table ip drill {
	counter refused {
	}
	chain out {
		type filter hook output priority 0;
		tcp sport 3306 tcp flags & rst == rst counter name refused
	}
}
END
refusals_are() {
	[ "$(nft list counter ip drill refused |
		awk '$1 == "packets" { print $2 }')" -ge "$1" ]
}
wait_for 20 "a dozen attempts are refused" refusals_are 12
db_start --server-id=12
wait_for 30 "then the second one answers" \
	said "connection refused" "server_id 12. answers, after"
check "too long a gap is an exit status" drill_ends 5 TERM
check "the summary names both" said "by [^ ]+ .server_id 11" \
	"by [^ ]+ .server_id 12" "connection refused" \
	"before: .*server_id 11" "after: .*server_id 12"

step "JSON, and a time of its own"
json_run() { drill 127.0.0.1 3306 "${login[@]}" --json --for=1 --timeout=20 "$@" >"$OUT"; }
login=(--user=check --password-file="$FILE")
check "a good server" status_is 0 json_run
json_run_within() { json_run --max-gap=30; }
check "within the longest gap that may be" status_is 0 json_run_within
check "all attempts are answered" json \
	"d['attempts'] == d['answered'] > 0 and d['errors'] == []"
check "by one server" json \
	"[s['server_id'] for s in d['servers']] == [12] and d['servers'][0]['answers'] == d['answered']"
check "the times are in order" json \
	"0 < d['times_ms']['p50'] <= d['times_ms']['p90'] <= d['times_ms']['p99'] <= d['times_ms']['max']"
check "the gap is within the drill" json \
	"0 < d['longest_gap']['seconds'] <= d['took_s'] and d['longest_gap']['before'] is None or d['longest_gap']['from_s'] > 0"
sql "SET GLOBAL read_only = 1"
check "a server that takes no writes" status_is 0 json_run
check "    is marked" json "d['servers'][0]['read_only'] is True"
sql "SET GLOBAL read_only = 0"
printf '%s\n' "[client]" "user=check" "password=secret" >"$NET_DIR/my.cnf"
login=(--defaults-file="$NET_DIR/my.cnf")
check "the login from an option file" status_is 0 json_run
printf '%s\n' "[client]" "user=check" "password=wrong" >"$NET_DIR/my.cnf"
check "a wrong password" status_is 1 json_run
check "    is told apart" json \
	"[e['kind'] for e in d['errors']] == ['login'] and d['answered'] == 0 and d['times_ms'] is None"

step "nobody there, and wrong usage"
nobody() { drill 127.0.0.1 3309 --json --for=0.5 --user=check >"$OUT"; }
check "a closed port" status_is 1 nobody
check "    is one gap" json \
	"[e['kind'] for e in d['errors']] == ['refused'] and d['longest_gap']['seconds'] == d['took_s']"
# No descriptor is left for an attempt.
poor() {
	python3 -c '
import os, resource, sys
os.closerange(3, 256)
resource.setrlimit(resource.RLIMIT_NOFILE, (4, 4))
os.execv(sys.argv[1], sys.argv[1:])' "$EVENKEEL_BUILD/evenkeel" drill \
		127.0.0.1 3309 "$@" --for=0.5 --user=check >"$OUT"
}
check "a host that can start no attempt" status_is 1 poor --json
check "    is not taken for the service" json \
	"d['attempts'] == 0 and d['errors'] == [] and d['not_started'] > 0 and d['not_started_text'] == 'Too many open files'"
check "    for people too" status_is 1 poor
check "        with the reason" said "no attempt can be started: Too many" \
	"could not start [1-9][0-9]* attempts .Too many open files"
once() { [ "$(grep -c "no attempt can be started" "$OUT")" = 1 ]; }
check "        once a second" once
check "no port" status_is 2 drill 127.0.0.1 mysql
check "a rate of nothing" status_is 2 drill 127.0.0.1 3306 --rate=0
check "more than can be under way" status_is 2 \
	drill 127.0.0.1 3306 --rate=100 --timeout=10
check "a gap that each service has" status_is 2 \
	drill 127.0.0.1 3309 --max-gap=0.1
check "    at another rate" status_is 2 \
	drill 127.0.0.1 3309 --rate=1 --max-gap=1.9
check "no password on the command line" status_is 2 \
	drill 127.0.0.1 3306 --password=secret
echo secret >"$NET_DIR/open"
chmod 644 "$NET_DIR/open"
check "a password that others can read" status_is 2 \
	drill 127.0.0.1 3306 --password-file="$NET_DIR/open"
finish
