#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The namespaces of these tests work, and stay apart from the host's.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"

net_build a b
check "a reaches b" ns a ping -c 1 -W 2 10.79.0.2
check "a reaches b over IPv6" ns a ping -c 1 -W 2 fd79::2
check_not "a does not reach an address that nobody has" \
	ns a ping -c 1 -W 1 10.79.0.3
check_not "the outer namespace has no way there" ping -c 1 -W 1 10.79.0.1

ns b ip link set eth0 down &
b_is_gone() { ! ns a ping -c 1 -W 1 10.79.0.2; }
wait_for 10 "a loses b" b_is_gone

step "of a test that failed, what failed is shown first"
# runner KIND COUNTER: what ./dev test shows of a test of that kind that writes
# what is in $NET_DIR/writes.
# shellcheck disable=SC2030
runner() (
	ROOT=$SRC BUILD=$NET_DIR LOGS=$NET_DIR passed=0 failed=0 TEST_NAMES=()
	paint() { echo "$3"; }
	# shellcheck source=tests/dev/test.sh
	. "$SRC/tests/dev/test.sh"
	test_one "$1" shown "$2" cat "$NET_DIR/writes" >"$NET_DIR/shown"
	echo "$passed passed, $failed failed" >>"$NET_DIR/shown"
)
# writes LINE...: these, far from the end.
writes() {
	{
		for ((i = 0; i < 50; i++)); do echo "ok - before $i"; done
		echo "== the step of it"
		for ((i = 0; i < 20; i++)); do echo "ok - in it $i"; done
		printf '%s\n' "$@"
		for ((i = 0; i < 200; i++)); do echo "ok - after $i"; done
	} >"$NET_DIR/writes"
}
# shown_first LINE...: each line is shown, before the end, and not much more.
shown_first() {
	local line
	for line; do
		sed '/the end of the log/q' "$NET_DIR/shown" |
			grep -qFx -- "      | $line" || return
	done
	grep -qF "| ok - after 199" "$NET_DIR/shown" &&
		[ "$(wc -l <"$NET_DIR/shown")" -lt 200 ]
}
writes "ok - near" "not ok - a check" "    its reason"
runner net count_tap
check "a check of the namespace tests" shown_first "== the step of it" \
	"ok - near" "not ok - a check" "    its reason"
check "and it is counted" grep -qFx "271 passed, 1 failed" "$NET_DIR/shown"
writes $'\e[1;31mnot ok\e[0m - a check' "    # diagnosis"
runner lab count_summary
check "one in colours, as the lab has it" \
	shown_first "not ok - a check" "    # diagnosis"
writes "[----] a.c:7: Assertion Failed" "[----]   why" "[FAIL] suite::name: (0.1s)"
runner unit count_summary
check "a unit test" shown_first "[----] a.c:7: Assertion Failed" \
	"[----]   why" "[FAIL] suite::name: (0.1s)"
writes "FAIL 01-name" "     -a line"
runner conf count_summary
check "a golden file" shown_first "FAIL 01-name" "     -a line"
writes "==7==ERROR: AddressSanitizer: heap-use-after-free" "    #0 a stack"
runner unit count_summary
check "a sanitizer's report" shown_first "    #0 a stack"
mapfile -t many < <(seq -f 'FAIL number %g' 300)
writes "${many[@]}"
runner conf count_summary
check "many of them are cut short" shown_first "... and 290 more"

step "a scenario of the lab has ended once its status is written"
# collected: what ./dev takes for ended of one machine with the scenario "one".
# The arrays are read by what is sourced.
# shellcheck disable=SC2034
collected() (
	ROOT=$SRC LAB_DIR=$SRC/tests/lab LOGS=$NET_DIR/lab-logs
	LAB_RUN=$NET_DIR/lab-run
	LAB_FINISHED=0 LAB_CPU_USED=0 lab_cpu_before=0
	declare -A lab_since=()
	# shellcheck source=tests/lab/plan.sh
	. "$SRC/tests/lab/plan.sh"
	lab_collect machine alive
	echo "$LAB_FINISHED"
)
mkdir -p "$NET_DIR/lab-logs/lab" "$NET_DIR/lab-run/machine/one"
echo "one 60 /src/one" >"$NET_DIR/lab-run/machine/plan"
: >"$NET_DIR/lab-run/machine/console"
check_equal "not while it runs" 0 "$(collected)"
: >"$NET_DIR/lab-run/machine/one/done"
check_equal "nor between the making of that file and its writing" 0 "$(collected)"
echo 0 >"$NET_DIR/lab-run/machine/one/done"
check_equal "but then" 1 "$(collected)"
check_equal "and with that status" 0 "$(cat "$NET_DIR/lab-logs/lab/one/done")"

step "the lab's kernels, by the host's release"
# native LINE...: the kernel of a host whose os-release(5) has these lines, or
# which has no such file.
native() (
	rm -f "$NET_DIR/os-release"
	[ $# -eq 0 ] || printf '%s\n' "$@" >"$NET_DIR/os-release"
	EVENKEEL_OS_RELEASE="$NET_DIR/missing $NET_DIR/os-release"
	# shellcheck source=tests/lab/kernel.sh
	. "$SRC/tests/lab/kernel.sh"
	# shellcheck disable=SC2317
	apt-get() { printf '%s\n' bookworm-security bookworm; }
	lab_kernel_native
)
check_equal "Debian 12" 6.1 "$(native ID=debian VERSION_CODENAME=bookworm)"
check_equal "Debian 13" 6.12 "$(native ID=debian VERSION_CODENAME=trixie)"
check_equal "another one" host \
	"$(native ID=ubuntu ID_LIKE=debian VERSION_CODENAME=noble)"
check_equal "a root without that file, by its apt" 6.1 "$(native)"

step "what the lab's kernel saw of main and vrrp is judged"
# stalls LINE...: what is said of a trace of these lines, "WHO TIME WORDS" each.
stalls() {
	printf '%s\n' "$@" | sed 's/^\([^ ]*\) \([^ ]*\) / \1 [000] d..2. \2: /' |
		awk -f "$SRC/tests/lab/stalls.awk" | sed 's| at [0-9.]*$||'
}
# The loop's own sleeps, by which a process counts from 1.0 to 9.0.
first="idle-0 1.000000 ek_sleep: took=500000 pid=7"
last="idle-0 9.000000 ek_sleep: took=500000 pid=7"
child="child-8 2.000000 ek_sleep: took=40000 pid=7"
waited="evenkeeld-7 2.000100 ek_call: took=41000 id=61"
check_equal "a wait for a child is told" \
	"evenkeeld-7 slept 40 ms in wait4 until child-8 came," \
	"$(stalls "$first" "$child" "$waited" "$last")"
check_equal "but not of a process that has no loop yet" "" \
	"$(stalls "$child" "$waited" "$last")"
check_equal "nor of one whose loop is over" "" \
	"$(stalls "$first" "$child" "$waited")"
check_equal "nor of another process" "" \
	"$(stalls "$first" "$child" "evenkeeld-9 2.000100 ek_call: took=41000 id=61" \
		"$last")"
check_equal "the loop's own wait is none" "" "$(stalls "$first" "$child" "$last")"
check_equal "nor is a call kept from the processor" "" \
	"$(stalls "$first" "$waited" "$last")"
finish
