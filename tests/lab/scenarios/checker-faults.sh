# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: the checker killed, stopped, starved; full disk; main stopped: no flap
# limit: 240
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh

# proven: every check has a verdict of the running checker.
proven() {
	status_has lb1 '"running":true' && [[ $(evenkeel lb1 status --json) != \
		*'"proven":false'* ]]
}

# helpers: sets ZYGOTE to the checker's child, and HELPERS to that one's.
helpers() {
	checker_find lb1 || return
	process_tree "$CHECKER"
	[ ${#TREE[@]} -gt 1 ] || return
	ZYGOTE=${TREE[0]}
	HELPERS=("${TREE[@]:1}")
}

# queries_go_on N: the server has had more queries than that.
queries_more() {
	QUERIES=$(sql 1 "SHOW GLOBAL STATUS LIKE 'Questions'")
	QUERIES=${QUERIES##*$'\t'}
	echo "$QUERIES queries"
	[ "$QUERIES" -gt "$1" ]
}

step "a MariaDB server and two with TCP checks; the log on a small disk"
topology_build 2
mariadb_start 1
toys_start db2 accept 3306 accept 3307
DISK=$LAB_LOG/disk
mkdir $DISK && mount -t tmpfs -o size=256k disk $DISK
EVENKEEL_LOG=$DISK/log
evenkeel_start /src/tests/lab/conf/checker-faults.conf
for server in 10.78.0.1:3306 10.78.0.2:3306 10.78.0.2:3307; do
	wait_for 30 "$server is in" table_weight $server 1
done
requests_watch
requests_seen
before=$REQUESTS
table_watch lb1

step "killed"
checker_find lb1
old=$CHECKER
process_tree "$old"
children=("${TREE[@]}")
kill -KILL "$old"
wait_for 20 "there is another" checker_is_new lb1 "$old"
wait_for 20 "the old one's ${#children[@]} helpers are gone" \
	processes_gone "${children[@]}"
wait_for 20 "the log says so" evenkeel_log lb1 "killed by signal 9"
queries_more 0
wait_for 20 "it checks" queries_more $((QUERIES + 3))

step "its helpers killed"
wait_for 20 "there are helpers" helpers
old=$CHECKER
kill -KILL "${HELPERS[@]}"
wait_for 20 "they are gone" processes_gone "${HELPERS[@]}"
queries_more 0
wait_for 30 "there are new ones, who ask" queries_more $((QUERIES + 3))
check_not "of the same checker" checker_is_new lb1 "$old"

step "their parent killed, as a confined checker forks no other"
wait_for 20 "there are helpers" helpers
kill -KILL "$ZYGOTE"
wait_for 20 "the checker says so" evenkeel_log lb1 \
	"without the parent of the MySQL helpers the checker ends"
wait_for 20 "there is another" checker_is_new lb1 "$old"
queries_more 0
wait_for 20 "it checks" queries_more $((QUERIES + 3))

step "stopped"
checker_find lb1
old=$CHECKER
kill -STOP "$old"
wait_for 60 "it is found out, killed and replaced" checker_is_new lb1 "$old"
check "the log says so" evenkeel_log lb1 "has not answered for"
queries_more 0
wait_for 20 "the new one checks" queries_more $((QUERIES + 3))

step "stopped for a moment: what was answered meanwhile counts"
checker_find lb1
old=$CHECKER
for _ in 1 2 3; do
	kill -STOP "$old"
	holds 3 "nothing happens" requests_none_since "$before"
	kill -CONT "$old"
	queries_more 0
	wait_for 20 "it goes on" queries_more $((QUERIES + 2))
done
check "nobody is taken out for it, not even without a retry" \
	requests_none_since "$before"
check_not "and it is still the same" checker_is_new lb1 "$old"

step "no descriptors left"
wait_for 20 "there are helpers" helpers
old=$CHECKER
prlimit --pid "$old" --nofile=4:4
kill -KILL "${HELPERS[@]}"
wait_for 30 "it says that it is its own fault" status_has lb1 '"local-fault"'
holds 5 "nobody is blamed for it" requests_none_since "$before"
prlimit --pid "$old" --nofile=1024:1024
queries_more 0
wait_for 40 "descriptors are back: it checks" queries_more $((QUERIES + 3))

step "main: no descriptors either"
main=${DAEMON_PID[evenkeeld.lb1]}
process_ticks "$main"
ticks=$TICKS
prlimit --pid "$main" --nofile=4:4
start=${EPOCHREALTIME/./}
ask=()
for _ in 1 2 3; do
	timeout 4 "$EVENKEEL_BUILD/evenkeel" --run-dir /run/evenkeel-lb1 status \
		>/dev/null 2>&1 &
	ask+=($!)
done
wait "${ask[@]}"
process_ticks "$main"
took=$(((${EPOCHREALTIME/./} - start) / 10000))
check "it does not run in circles: $((TICKS - ticks)) of $took ticks" \
	test $(((TICKS - ticks) * 2)) -lt $took
prlimit --pid "$main" --nofile=1024:1024
wait_for 20 "and then answers again" evenkeel lb1 status

step "the disk for the log is full"
dd if=/dev/zero of=$DISK/fill bs=4k 2>/dev/null
while echo "a line that fills the last page" >>$DISK/log; do :; done \
	2>/dev/null
daemon_signal evenkeeld.lb1 USR1
daemon_signal evenkeeld.lb1 HUP
wait_for 20 "it lives and knows of lost lines" status_lacks lb1 \
	'"log_lines_lost":0,'
queries_more 0
wait_for 20 "it checks" queries_more $((QUERIES + 3))
rm $DISK/fill
daemon_signal evenkeeld.lb1 USR1
wait_for 20 "with room again it says how many lines are missing" \
	evenkeel_log lb1 "lines could not be written"

step "main stopped for 10 seconds"
checker_find lb1
old=$CHECKER
daemon_signal evenkeeld.lb1 STOP
holds 10 "the kernel goes on alone" requests_none_since "$before"
daemon_signal evenkeeld.lb1 CONT
wait_for 20 "it answers again" evenkeel lb1 status
holds 3 "no flap" requests_none_since "$before"
checker_find lb1
check_equal "the checker is not blamed" "$old" "$CHECKER"

step "a new daemon, whose checker is killed again and again"
daemon_kill evenkeeld.lb1
evenkeel_start /src/tests/lab/conf/checker-faults.conf
poll 20 checker_find lb1
moments=()
for _ in 1 2 3 4 5; do
	old=$CHECKER
	kill -KILL "$old"
	poll 30 checker_is_new lb1 "$old" || break
	moments+=("${EPOCHREALTIME/./}")
done
backs_off() {
	local i gap
	for ((i = 1; i < ${#moments[@]}; i++)); do
		gap=$(((moments[i] - moments[i - 1]) / 1000))
		echo "start $i after $gap ms"
	done
	[ ${#moments[@]} -eq 5 ] && [ "$gap" -ge 3500 ]
}
check "each time it comes back, later and later" backs_off
cat "$ASSERT_OUT"
wait_for 20 "every check has ended" proven

check "in all this no request changed the table" requests_none_since "$before"
table_watch_end "and nobody saw another one"
daemon_stop evenkeeld.lb1
finish
