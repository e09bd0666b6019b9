#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# long: yes
#
# The recorder of a real daemon, and the replay of its file: the daemon is
# killed, the recorder's process stands still, the disk is full, a reload
# switches it on, off and to another file, the file is not to be trusted. No
# IPVS is needed: the servers are checked and decided about all the same.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/checker-lib.sh
. "$SRC/tests/net/checker-lib.sh"

ip link set lo up
chmod 755 "$NET_DIR"
RUN=$NET_DIR/run
CONF=$NET_DIR/evenkeel.conf
LOG=$NET_DIR/log
SECRET=hidden-Pa55word
FILE=$NET_DIR/recorded/file
SAID=$NET_DIR/said
SERVER=127.0.0.1:3306
mkdir -m 700 "$NET_DIR/recorded"
db_install
db_start --max-connections=60
sql "CREATE USER 'nightly'@'%' IDENTIFIED BY '$SECRET'"

# conf [LINE]: with that line for the recorder.
conf() {
	echo "global_defs {"
	echo "${1:-}"
	echo "}"
	vs_begin "delay_loop 1" "retry 1" "quorum 1"
	for i in 1 2 3; do
		rs 127.0.0.$i 3306 MYSQL_CHECK "username nightly" \
			"password $SECRET"
	done
	rs 127.0.0.4 3307 TCP_CHECK "connect_timeout 1"
	vs_end
}
recorder() { conf "recorder $1" >"$CONF"; }
ctl() { "$EVENKEEL_BUILD/evenkeel" --run-dir "$RUN" "$@"; }
logged() { grep -qF -- "$1" "$LOG"; }
gone() { ! kill -0 "$1" 2>/dev/null; }
answers() {
	timeout 20 "$EVENKEEL_BUILD/evenkeel" --run-dir "$RUN" --json status \
		>"$NET_DIR/answer" 2>/dev/null
	[ -s "$NET_DIR/answer" ]
}
# field PATH: of the status, as Python writes it.
field() {
	answers && python3 -c "import json, sys
print(json.load(open(sys.argv[1]))$1)" "$NET_DIR/answer"
}
is() { [ "$(field "$1")" = "$2" ]; }
of_recorder() { field "['daemon']['recorder']['$1']"; }
writes() { [ "$(of_recorder writing)" = True ]; }
loses() { [ "$(of_recorder lost_inputs)" -gt 0 ]; }
verdicts() { field "['daemon']['checker']['verdicts']"; }
# heard NUMBER: there were more verdicts than that.
heard() { [ "$(verdicts)" -gt "$1" ]; }
daemon_start() {
	"$EVENKEEL_BUILD/evenkeeld" -n -l -D -f "$CONF" --run-dir "$RUN" \
		>>"$LOG" 2>&1 &
	DAEMON=$!
	wait_for 20 "the daemon answers" answers
}
daemon_stop() {
	kill -TERM "$DAEMON"
	wait_for 20 "SIGTERM ends the daemon" gone "$DAEMON"
	wait_for 20 "and the recorder's process" no_writer
}
writer() { pgrep -x evenkeel-record; }
no_writer() { ! writer; }
one_writer() { [ "$(writer | wc -l)" = 1 ]; }
reload() {
	check "the daemon reloads" ctl reload
}
# replay STATUS [WORD...]: plays, exits with what is expected.
replay() {
	local status
	"$EVENKEEL_BUILD/evenkeel" replay "${@:2}" >"$SAID" 2>&1
	status=$?
	tail -n 20 "$SAID"
	[ "$status" -eq "$1" ]
}
says() { grep -qE -- "$1" "$SAID"; }
# json PATH: of what replay --json said.
json() { python3 -c "import json, sys
print(json.load(open(sys.argv[1]))$1)" "$SAID"; }
noted() { replay 0 --events "$FILE" && says "$1"; }
plays() { replay 0 "${2:-$FILE}" && says "$1"; }
size() { stat -c %s "$1"; }
grows() { [ "$(size "$1")" -gt "$2" ]; }

step "a recording is made, and decides the same"
recorder "$FILE"
daemon_start
wait_for 30 "the servers are asked" heard 12
check "an operator says a word" ctl drain "$SERVER"
wait_for 20 "it is in the recording" noted "drain"
was=$(verdicts)
wait_for 30 "and more is heard" heard $((was + 8))
check "ready" ctl ready "$SERVER"
daemon_stop
check "every decision is the recorded one" \
	plays "every decision is the recorded one"
check "the operator's word is in it" says "drain.*$SERVER"
replay 0 --json "$FILE" >/dev/null
check "with the results of checks" test "$(json "['inputs']")" -ge 20
check "and decisions" test "$(json "['decisions']")" -ge 2
check_equal "and no gap" 0 "$(json "['gaps']")"
check_equal "its owner alone reads it" 600 "$(stat -c %a "$FILE")"

step "a part of it, and another configuration"
FIRST=$(json "['first']")
LAST=$(json "['last']")
check_not "a part without the word" eval \
	"replay 0 --to @${FIRST%.*} '$FILE' && says 'drain.*$SERVER'"
check "from the beginning to the end" eval \
	"replay 0 --from @${FIRST%.*} --to @$((${LAST%.*} + 1)) '$FILE' && says 'drain.*$SERVER'"
check "a time that is none" replay 1 --from yesterday "$FILE"
sed 's/quorum 1/quorum 9/' "$CONF" >"$NET_DIR/other.conf"
check "another configuration" replay 0 --conf "$NET_DIR/other.conf" "$FILE"
check "the recorded decisions are the same" says "every decision is"
check "and a sentence says what had been otherwise" says "would have"
check_not "every check has a recorded result" says "without a recorded result"
sed 's/TCP_CHECK/PING_CHECK/' "$CONF" >"$NET_DIR/asks.conf"
check "one that asks otherwise" replay 0 --conf "$NET_DIR/asks.conf" "$FILE"
check "the check that nothing was recorded for is counted" \
	says "^checks of .* without a recorded result: 1;"
check "in JSON too" replay 0 --json --conf "$NET_DIR/asks.conf" "$FILE"
check_equal "as a number" 1 "$(json "['checks_without_result']")"
echo "virtual_server {" >"$NET_DIR/broken.conf"
check "one that is refused" replay 1 --conf "$NET_DIR/broken.conf" "$FILE"

step "kill -9, at any moment"
daemon_start
wait_for 30 "the servers are asked" heard 12
kill -KILL "$DAEMON"
wait_for 10 "the daemon is dead" gone "$DAEMON"
wait_for 20 "the recorder's process ends with it" no_writer
check "what was written is played" plays "every decision is the recorded one"
check_not "no frame is broken" says "damage"
cp "$FILE" "$NET_DIR/whole"
# No frame is so short that this is a whole one.
truncate -s -1 "$FILE"
check "half a frame at the end is said, and is no fault" plays "every decision is"
check "it is said" says "not written whole"
daemon_start
wait_for 30 "the servers are asked again" heard 4
daemon_stop
check "a daemon goes on after half a frame" replay 0 "$FILE"
mv "$NET_DIR/whole" "$FILE"

step "events of before a restart"
daemon_start
AT=$(date +@%s)
check "events at a time come from the recording" eval \
	"ctl events --at=$AT >'$SAID' && says drain"
check_not "of another time there are none" eval \
	"ctl events --at=@$((${AT#@} - 100000)) >'$SAID' && says drain"

step "the recorder's process stands still"
wait_for 20 "it writes" writes
PID=$(writer)
kill -STOP "$PID"
was=$(verdicts)
wait_for 30 "main goes on" heard "$was"
check "and takes words" ctl disable "$SERVER"
check "and answers" answers
wait_for 150 "the one that stands still is replaced" gone "$PID"
wait_for 20 "the log says that inputs are lost" logged "inputs are not recorded"
wait_for 30 "and that it goes on" logged "goes on after a gap of"
wait_for 20 "it writes" writes
check "status counts them" loses
check "ready" ctl ready "$SERVER"
daemon_stop
check "the recording says the gap, and decides the same" \
	plays "every decision is the recorded one"
check "the gap is in it" says "[1-9][0-9]* gap"

step "a full disk"
mkdir "$NET_DIR/small"
mount -t tmpfs -o size=64k,mode=700 none "$NET_DIR/small"
dd if=/dev/zero of="$NET_DIR/small/filler" bs=4k count=14 status=none
recorder "$NET_DIR/small/file"
daemon_start
dd if=/dev/zero of="$NET_DIR/small/more" bs=4k count=14 status=none 2>/dev/null
spam() { # until the file's last page is full
	ctl drain 127.0.0.2:3306 >/dev/null
	ctl ready 127.0.0.2:3306 >/dev/null
	logged "small/file cannot be written: No space left"
}
wait_for 90 "the log says that there is no room" spam
wait_for 10 "status says that nothing is written" eval "! writes"
was=$(verdicts)
wait_for 30 "main goes on" heard "$was"
check "it is among the events" eval "ctl events | grep -q 'cannot be written'"
rm "$NET_DIR/small/filler" "$NET_DIR/small/more"
wait_for 60 "with room it goes on" logged "small/file can be written again"
wait_for 20 "it writes" writes
daemon_stop
check "the recording is whole, and says the gap" \
	plays "every decision is the recorded one" "$NET_DIR/small/file"
check "the gap is in it" says "[1-9][0-9]* gap"
umount "$NET_DIR/small"

step "switched by a reload"
conf >"$CONF"
daemon_start
check_equal "nothing is recorded" None "$(field "['daemon']['recorder']")"
check_not "there is no process for it" writer
check_not "events of a time say so" ctl events --at=@1
recorder "$FILE.on"
reload
wait_for 20 "a file begins" test -s "$FILE.on"
check "status names it" is "['daemon']['recorder']['file']" "$FILE.on"
check "a word" ctl drain "$SERVER"
recorder "$FILE.next"
reload
wait_for 20 "another file begins" test -s "$FILE.next"
check "status names it" is "['daemon']['recorder']['file']" "$FILE.next"
check "a word" ctl ready "$SERVER"
wait_for 20 "one process writes" one_writer
was=$(verdicts)
wait_for 30 "more is heard" heard $((was + 8))
recorder "$FILE.next size 64M"
reload
wait_for 20 "another size" logged "$FILE.next gets no more"
was=$(size "$FILE.next")
wait_for 20 "the same file goes on" grows "$FILE.next" "$was"
conf >"$CONF"
reload
wait_for 20 "it ends" no_writer
check_equal "status says so" None "$(field "['daemon']['recorder']")"
was=$(verdicts)
wait_for 30 "main goes on" heard $((was + 4))
daemon_stop
for file in "$FILE.on" "$FILE.next"; do
	check "${file##*/} decides the same" \
		plays "every decision is the recorded one" "$file"
	check_not "without a gap" says "gap"
done

step "a file that is not to be trusted"
# refused NAME: the log says so, with the way out; main goes on.
refused() {
	recorder "$1"
	daemon_start
	wait_for 20 "$2 is refused" \
		logged "$1 cannot be written: Operation not permitted (the file must be root's alone"
	wait_for 20 "main goes on" heard 4
	daemon_stop
}
echo kept >"$NET_DIR/target"
ln -s "$NET_DIR/target" "$FILE.link"
refused "$FILE.link" "a link"
check_equal "its target is as it was" kept "$(cat "$NET_DIR/target")"
ln "$NET_DIR/target" "$FILE.twin"
refused "$FILE.twin" "a file with a second name"
check_equal "it is as it was" kept "$(cat "$NET_DIR/target")"
: >"$FILE.open"
chmod 666 "$FILE.open"
refused "$FILE.open" "a file that others may write"
check_equal "it is empty" 0 "$(size "$FILE.open")"
mkdir -m 777 "$NET_DIR/public"
refused "$NET_DIR/public/file" "a folder that others may write"
check_not "there is no file in it" test -e "$NET_DIR/public/file"
chmod 600 "$FILE.open"
recorder "$FILE.open"
daemon_start
wait_for 20 "a file of its owner's alone is taken" test -s "$FILE.open"
daemon_stop

step "no secret"
check_not "the password is in no recording" \
	grep -rqaF -- "$SECRET" "$NET_DIR/recorded"
check "the user's name is" grep -rqaF nightly "$NET_DIR/recorded"
check_not "nor in the log" logged "$SECRET"
db_stop
finish
