#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# FILE_CHECK with the whole daemon: the number in a file and the weight, a file
# that comes and goes, what is no such file, a reload, a checker that died.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"

ip link set lo up
RUN=$NET_DIR/run
CONF=$NET_DIR/evenkeel.conf
LOG=$NET_DIR/log
FILES=$NET_DIR/files
mkdir "$FILES"
chmod 755 "$NET_DIR" "$FILES"

ctl() { "$EVENKEEL_BUILD/evenkeel" --run-dir "$RUN" "$@"; }
logged() { grep -qF -- "$1" "$LOG"; }
assert_diagnose() { tail -n 10 "$LOG" | cut -c1-180; }

# server N FIELD: of the server 10.0.0.N; as in checker-misc.
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
# put NAME TEXT: as an editor does it, by a rename.
put() {
	printf '%s\n' "$2" >"$FILES/.$1"
	mv "$FILES/.$1" "$FILES/$1"
}
# rs N LINE...
rs() { printf '%s\n' "real_server 10.0.0.$1 80 {" "weight 10" "FILE_CHECK {" "${@:2}" "}" "}"; }
# A check a day: whatever changes here, the file's change did it.
conf() {
	printf '%s\n' "track_file share {" "file $FILES/share" "}" \
		"track_file gate {" "file $FILES/gate" "weight 0" "init_file 0" "}" \
		"track_file deep {" "file $FILES/deep/er/number" "weight 0 reverse" "}" \
		"virtual_server 192.0.2.1 80 {" "delay_loop 86400" \
		"min_serving 0" "correlated_failure off" "lvs_sched rr" \
		"lvs_method DR" "protocol TCP" "retry 3"
}

step "at the start"
put share 5
{
	conf
	rs 1 "track_file share"
	rs 2 "track_file share" "weight 2 reverse"
	rs 3 "track_file gate"
	rs 4 "track_file deep"
	rs 5 "track_file share"
	echo "}"
} >"$CONF"
"$EVENKEEL_BUILD/evenkeeld" -n -l -D -f "$CONF" --run-dir "$RUN" >>"$LOG" 2>&1 &
DAEMON=$!
wait_for 20 "the number is added to the weight" is 1 weight_wanted 15
wait_for 20 "with a factor" is 2 weight_wanted 0
check "which is no reason to be down" is 2 state up
wait_for 20 "a file that init_file has made" is 3 state up
check_equal "with its number" 0 "$(cat "$FILES/gate")"
wait_for 20 "a file without a folder counts as 0, down by reverse" is 4 check.outcome file
check "with the reason" says 4 "No such file or directory, so it counts as 0"

step "changes"
put share -3
wait_for 20 "less" is 1 weight_wanted 7
wait_for 20 "more, by reverse" is 2 weight_wanted 16
put gate 1
wait_for 20 "out at once, whatever retry says" is 3 state down
put gate 0
wait_for 20 "and back" is 3 state up
put share -2147483648
wait_for 20 "the least of all is down" is 1 state down
put share 5
wait_for 20 "and back with its weight" is 1 weight_wanted 15
mkdir -p "$FILES/deep/er"
printf '4\n' >"$FILES/deep/er/number"
wait_for 20 "a folder that comes later" is 4 state up
mv "$FILES/deep" "$FILES/gone"
wait_for 20 "a folder that goes" is 4 state down

step "what is no such file"
put share "full of words"
wait_for 20 "counts as 0" is 1 weight_wanted 10
wait_for 20 "with the reason" logged "file $FILES/share has 0: there is no number in it"
rm "$FILES/share"
mkfifo "$FILES/share"
wait_for 20 "a pipe does not hold anybody up" logged "file $FILES/share has 0: it is no regular file"
rm "$FILES/share"
{ printf '6 '; truncate -s 1G /dev/stdout; } >"$FILES/large"
mv "$FILES/large" "$FILES/share"
wait_for 20 "of a gigabyte the number counts" is 1 weight_wanted 16
rm "$FILES/share"
wait_for 20 "none" is 1 weight_wanted 10

step "a reload, and a checker that dies"
put share 5
wait_for 20 "a weight to keep" is 1 weight_wanted 15
sed -i 's/weight 2 reverse/weight 3/' "$CONF"
kill -HUP "$DAEMON"
wait_for 20 "another factor" is 2 weight_wanted 25
check "the others have kept theirs" is 1 weight_wanted 15
BEFORE=$(grep -c "checker: runs 4 checks" "$LOG")
kill "$(pgrep -P "$DAEMON" -f evenkeel-checker)"
back() { [ "$(grep -c "checker: runs 4 checks" "$LOG")" -gt "$BEFORE" ]; }
wait_for 20 "the checker is back" back
put share 1
wait_for 20 "and hears of the file" is 1 weight_wanted 11
kill "$DAEMON"
wait "$DAEMON"
finish
