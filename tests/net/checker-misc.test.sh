#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# MISC_CHECK with the whole daemon: who runs a script, what it is given, what
# its end means, and that a bad one takes nothing with it.
# What stands in single quotes is for the scripts.
# shellcheck disable=SC2016
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"

ip link set lo up
RUN=$NET_DIR/run
CONF=$NET_DIR/evenkeel.conf
LOG=$NET_DIR/log
BIN=$NET_DIR/bin
TELL=$NET_DIR/tell
mkdir -p "$BIN" "$TELL"
chmod 755 "$NET_DIR" "$BIN"
chmod 777 "$TELL"

ctl() { "$EVENKEEL_BUILD/evenkeel" --run-dir "$RUN" "$@"; }
logged() { grep -qF -- "$1" "$LOG"; }
assert_diagnose() { tail -n 10 "$LOG" | cut -c1-180; }

# server N FIELD: of the server 10.0.0.N; FIELD is "state", "weight_wanted" or
# one of its first check, like "check.outcome".
server() {
	ctl --json status 2>/dev/null | python3 -c '
import json, sys
address, field = sys.argv[1:]
for vs in json.load(sys.stdin)["virtual_servers"]:
    for one in vs["servers"]:
        if one["address"] == address:
            where, _, name = field.rpartition(".")
            print((one["checks"][0] if where else one)[name])
' "10.0.0.$1:80" "$2"
}
is() { [ "$(server "$1" "$2")" = "$3" ]; }
says() { server "$1" check.text | grep -F -- "$2"; }

# script NAME LINE...: an executable that anybody may run.
script() {
	printf '%s\n' '#!/bin/bash' "${@:2}" >"$BIN/$1"
	chmod 755 "$BIN/$1"
}
# rs N COMMAND LINE...: with a time limit that no host is too busy for, if none
# is among the lines.
rs() {
	local limit="misc_timeout 300"
	[[ "${*:3}" != *misc_timeout* ]] || limit=
	printf '%s\n' "real_server 10.0.0.$1 80 {" "weight 10" "MISC_CHECK {" \
		"misc_path \"$2\"" ${limit:+"$limit"} "${@:3}" "}" "}"
}
# conf [LINE...]: the head of a configuration; the servers follow.
conf() {
	printf '%s\n' "global_defs {" "script_user root" "$@" "}" \
		"virtual_server 192.0.2.1 80 {" "delay_loop 0.5" "lvs_sched rr" \
		"lvs_method DR" "protocol TCP" "fall 1"
}
start() {
	"$EVENKEEL_BUILD/evenkeeld" -n -l -D -f "$CONF" --run-dir "$RUN" \
		>>"$LOG" 2>&1 &
	DAEMON=$!
	wait_for 20 "the daemon answers" server 1 state
}
stop() {
	kill "$DAEMON"
	wait "$DAEMON"
}

step "exit statuses"
script good 'exit 0'
script status 'exit "$1"'
script signal 'kill -SEGV $$'
script words 'printf "%s|" "$@" >'"$TELL/words.new; mv $TELL/words.new $TELL/words"
# No script: an interpreter that is under way would not find one that vanishes.
cp "$(type -P test)" "$BIN/file"
: >"$TELL/up"
printf 'exit 0\n' >"$BIN/plain" # without a "#!" line
chmod 755 "$BIN/plain"
printf '#!/bin/sh\nexit 0\n' >"$BIN/noexec"
{
	conf
	rs 1 "$BIN/good"
	rs 2 "$BIN/status 1"
	rs 3 "$BIN/status 42" misc_dynamic
	rs 4 "$BIN/status 2" misc_dynamic
	rs 5 "$BIN/status 1" misc_dynamic
	rs 6 "$BIN/status 42"
	rs 7 "$BIN/signal"
	rs 8 "$BIN/words 'a b' c"
	rs 9 "$BIN/missing"
	rs 10 "$BIN/noexec"
	rs 11 "$BIN/file -e $TELL/up"
	rs 12 "$BIN/good" "user no-such-user"
	rs 13 "$BIN/plain"
	rs 14 "true"
	echo "}"
} >"$CONF"
start
wait_for 20 "0 is good" is 1 state up
wait_for 20 "and leaves the weight alone" is 1 weight_wanted 10
wait_for 20 "1 is not" is 2 state down
check "it says so" says 2 "exit status 1"
wait_for 20 "misc_dynamic: 42 is weight 40" is 3 weight_wanted 40
wait_for 20 "2 is weight 0" is 4 weight_wanted 0
check "and up" is 4 state up
wait_for 20 "1 is a failure" is 5 state down
wait_for 20 "without misc_dynamic 42 is one too" is 6 state down
wait_for 20 "so is a signal" is 7 state down
check "it says which" says 7 "signal 11"
wait_for 20 "words in quotes are one" is 8 state up
check_equal "and arrive" "a b|c|" "$(cat "$TELL/words")"
wait_for 20 "what is missing is misconfigured" is 9 check.outcome misconfigured
wait_for 20 "and never up" is 9 state held
check "it says why" says 9 "cannot be executed: No such file"
check_equal "the log says so, once" 1 "$(grep -c "warning: MISC_CHECK $BIN/missing" "$LOG")"
wait_for 20 "what is not executable as well" is 10 check.outcome misconfigured
wait_for 20 "an unknown user as well" is 12 check.outcome misconfigured
check "it says why" says 12 "user or group cannot be taken"
wait_for 20 "without an interpreter it is the shell's" is 13 state up
wait_for 20 "a command without a path is found" is 14 state up
wait_for 20 "the state of the world" is 11 state up
rm "$TELL/up"
wait_for 20 "is followed down" is 11 state down
: >"$TELL/up"
wait_for 20 "and up" is 11 state up
mv "$BIN/file" "$BIN/file.away"
wait_for 20 "a script that vanishes is noticed" is 11 check.outcome misconfigured
check "and what it last said holds" is 11 state up
check "the target in the status is the command" is 1 check.target "$BIN/good"

step "reload"
kill -HUP "$DAEMON"
wait_for 20 "the file is read again" logged "is in force"
holds 2 "nothing changes" is 3 weight_wanted 40
sed -i "s|$BIN/status 42\"|$BIN/status 22\"|" "$CONF"
kill -HUP "$DAEMON"
wait_for 20 "another argument is another script" is 3 weight_wanted 20
stop

step "who runs it, with what"
script look 'id -un >'"$TELL/user" \
	'id -Gn >'"$TELL/groups" \
	'for f in /proc/self/fd/*; do readlink "$f"; done >'"$TELL/fds" \
	'env >'"$TELL/env" \
	'sed -n s/^NoNewPrivs:.//p /proc/self/status >'"$TELL/nnp" \
	'mv '"$TELL/user $TELL/looked" 'exit 0'
script flood 'yes "a line that nobody reads" | head -c 50000000' 'exit 0'
script open 'exit 0'
{
	conf enable_script_security
	rs 1 "$BIN/look" "user nobody nogroup"
	rs 2 "$BIN/flood"
	rs 3 "$BIN/open"
	rs 4 "$BIN/good"
	echo "}"
} >"$CONF"
chmod 777 "$BIN/open"
NOTIFY_SOCKET=/nowhere start
wait_for 20 "a script ran as its user" test -s "$TELL/looked"
check_equal "nobody" nobody "$(cat "$TELL/looked")"
check_equal "in its group, and in no other" nogroup "$(cat "$TELL/groups")"
check_not "without a descriptor of ours" \
	grep -E 'socket|anon_inode|memfd|log|pipe' "$TELL/fds"
check_not "without what systemd says to us" grep NOTIFY_SOCKET "$TELL/env"
wait_for 20 "what it prints goes nowhere" is 2 state up
wait_for 20 "what others can change is not run as root" is 3 check.outcome misconfigured
check "it says why" says 3 "others can change it (enable_script_security)"
wait_for 20 "what they cannot is" is 4 state up
check_equal "the checker itself has no privileges" 0000000000000000 \
	"$(sed -n 's/^CapEff:\t//p' "/proc/$(pgrep -f evenkeel-checker | head -n 1)/status")"
stop

step "the time limit"
script hang 'echo $$ >>'"$TELL/hung" 'sleep 600 & echo $! >>'"$TELL/hung" \
	'sleep 600'
script deaf "trap '' TERM" 'echo $BASHPID >>'"$TELL/deaf" \
	"(trap '' TERM; echo \$BASHPID >>$TELL/deaf; while :; do sleep 0.1; done) &" \
	'while :; do sleep 0.1; done'
script count 'echo >>'"$TELL/count" 'exit 0'
: >"$TELL/hung"
: >"$TELL/deaf"
{
	conf
	rs 1 "$BIN/count"
	rs 2 "$BIN/hang" "misc_timeout 1"
	rs 3 "$BIN/deaf" "misc_timeout 1"
	echo "}"
} >"$CONF"
rm -f "$TELL/count"
start
wait_for 20 "one that hangs fails" is 2 state down
# By the log, as the next run may find the last one still there and say that.
wait_for 20 "it says so" grep -qF "/hang: the script reports a failure: it did not end within 1 s" "$LOG"
wait_for 20 "one that does not hear SIGTERM fails as well" is 3 state down
wait_for 20 "it has been run again" \
	eval "[ \$(wc -l <$TELL/hung) -ge 6 ] && [ \$(wc -l <$TELL/deaf) -ge 4 ]"
# At most the newest run of each is there.
left() {
	local pid state n=0
	# One that has ended may wait for somebody to take notice.
	while read -r pid; do
		state=$(ps -o state= -p "$pid") && [ "$state" != Z ] && n=$((n + 1))
	done <"$1"
	echo "$n"
}
holds 4 "never more than one run of it" eval "[ \$(left $TELL/deaf) -le 2 ] && [ \$(left $TELL/hung) -le 2 ]"
# It is due twice in the time after which the others are ended, and more often
# than they are begun anew (two lines each time).
lines() { wc -l <"$1"; }
was=$(lines "$TELL/count")
began=$(lines "$TELL/hung")
wait_for 20 "the hanging ones go on" \
	eval "[ \$(lines $TELL/hung) -ge $((began + 6)) ]"
check "the other script has run as often at least" \
	test $(($(lines "$TELL/count") - was)) -ge 3
stop
gone() { [ "$(left "$TELL/hung")" = 0 ] && [ "$(left "$TELL/deaf")" = 0 ]; }
wait_for 5 "nothing is left when the daemon ends" gone

step "the checker is killed while a script runs"
: >"$TELL/hung"
{
	conf
	rs 1 "$BIN/good"
	rs 2 "$BIN/hang" "misc_timeout 60"
	echo "}"
} >"$CONF"
start
wait_for 20 "it hangs" test -s "$TELL/hung"
wait_for 20 "the other one is good" is 1 state up
kill -KILL "$(pgrep -f evenkeel-checker | head -n 1)"
first=$(head -n 1 "$TELL/hung")
wait_for 10 "what the old one asked for is ended" eval "! kill -0 $first 2>/dev/null"
wait_for 20 "the new one asks again" eval "[ \$(wc -l <$TELL/hung) -ge 3 ]"
check "what is known holds" is 1 state up
kill -KILL "$DAEMON"
wait "$DAEMON" 2>/dev/null
newest() { kill -0 "$(tail -n 2 "$TELL/hung" | head -n 1)" 2>/dev/null; }
wait_for 10 "a script does not outlive a daemon that is killed" eval "! newest"

step "many"
script quick 'echo "$1" >>'"$TELL/many" 'exit 0'
{
	conf
	for i in $(seq 200); do rs "$i" "$BIN/quick $i" "delay_loop 3600"; done
	echo "}"
} >"$CONF"
start
many_up() { [ "$(ctl --json status 2>/dev/null | grep -c '"outcome":"ok"')" = 200 ]; }
wait_for 60 "two hundred scripts are all good" many_up
check_equal "each has run" 200 "$(sort -u "$TELL/many" | grep -c .)"
stop
finish
