# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Running and counting tests. Sourced by ./dev. Each test is a command with a
# log of its own under build/test-logs; one line is printed for each, and of a
# failing one's log what failed and the tail. The counts add up in the variables
# passed and failed.

# Kinds in the order in which they run: quickest answer first.
TEST_KINDS="unit docs conf net lab"

TEST_WHOLE=no

# test_wanted NAME: no names given, or one of them is part of this. With
# TEST_WHOLE it must be the whole name.
test_wanted() {
	local word
	[ ${#TEST_NAMES[@]} -gt 0 ] || return 0
	for word in "${TEST_NAMES[@]}"; do
		[ $TEST_WHOLE = no ] || {
			[ "${1##*/}" = "$word" ] && return 0
			continue
		}
		[[ $1 == *"$word"* ]] && return 0
	done
	return 1
}

# test_line KIND NAME PASSED FAILED SECONDS: the reader's line.
test_line() {
	local verdict
	verdict=$(paint - 32 ok)
	[ "$4" -eq 0 ] || verdict=$(paint - '1;31' FAILED)
	printf '%-5s %-34s %4d passed %3d failed %5d s  %s\n' \
		"$1" "$2" "$3" "$4" "$5" "$verdict"
	echo "$5 $1 $2" >>"$LOGS/times"
}

# Where the time went: the slowest ten of those that the file has.
test_slowest() {
	[ "$(wc -l <"$1")" -gt 10 ] || return 0
	say "the slowest ten, in seconds"
	sort -rn "$1" | head -n 10
}

# test_why LOG: what its counter said, what failed, and how it ended.
test_why() {
	cat "$1.why"
	"$ROOT/tests/dev/failing" "$1"
	echo "-- the end of the log:"
	tail -n 30 "$1"
}

# test_one KIND NAME COUNTER COMMAND...: runs the command with its output in
# the log, then COUNTER LOG STATUS, which sets the variables good and bad and
# may print why.
test_one() {
	local kind=$1 name=$2 counter=$3 log=$LOGS/$1/$2.log start=$SECONDS
	local good=0 bad=0 took="" status
	shift 3
	mkdir -p "$(dirname "$log")"
	"$@" >"$log" 2>&1 </dev/null
	status=$?
	"$counter" "$log" $status >"$log.why"
	if [ $bad -eq 0 ] && { [ $status -ne 0 ] || [ $good -eq 0 ]; }; then
		bad=1
		echo "ended with status $status after $good checks" >>"$log.why"
	fi
	test_line "$kind" "$name" $good $bad "${took:-$((SECONDS - start))}"
	if [ $bad -ne 0 ]; then
		test_why "$log" | sed 's/^/      | /'
		echo "      whole log: $log"
	fi
	rm -f "$log.why"
	passed=$((passed + good))
	failed=$((failed + bad))
}

# test_beside MOST ARGUMENT...: test_one, beside at most MOST - 1 others that
# were started so. What it prints and counts comes when it has ended.
declare -A TEST_BESIDE=()
test_beside() {
	local most=$1 out
	shift
	while [ ${#TEST_BESIDE[@]} -ge "$most" ]; do test_beside_reap; done
	out=$(mktemp)
	{
		# shellcheck disable=SC2030
		passed=0 failed=0
		test_one "$@"
		echo "$passed $failed"
	} >"$out" 2>&1 &
	TEST_BESIDE[$!]=$out
}

# One of them has ended: say and count it.
test_beside_reap() {
	local pid out good bad
	wait -n -p pid "${!TEST_BESIDE[@]}"
	out=${TEST_BESIDE[$pid]}
	unset "TEST_BESIDE[$pid]"
	sed '$d' "$out"
	read -r good bad < <(tail -n 1 "$out")
	# shellcheck disable=SC2031
	passed=$((passed + good)) failed=$((failed + bad))
	rm -f "$out"
}

test_beside_all() {
	while [ ${#TEST_BESIDE[@]} -gt 0 ]; do test_beside_reap; done
}

# Counters. Criterion's summary, one line for each program.
count_criterion() {
	local line
	line=$(grep -a 'Synthesis: Tested:' "$1" | tail -n 1)
	[[ $line =~ Passing:\ ([0-9]+)\ .*Failing:\ ([0-9]+)\ .*Crashing:\ ([0-9]+) ]] ||
		return 0
	good=${BASH_REMATCH[1]}
	bad=$((BASH_REMATCH[2] + BASH_REMATCH[3]))
}

# The last "N passed, N failed".
count_summary() {
	local line
	line=$(grep -aE '^[0-9]+ passed, [0-9]+ failed' "$1" | tail -n 1)
	[[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed ]] || return 0
	good=${BASH_REMATCH[1]}
	bad=${BASH_REMATCH[2]}
}

# A process may be killed in the middle of its own check for leaks. The sanitizer
# says so in one line, and has found nothing.
report_is_one() {
	grep -qvE '^==[0-9]+==Unable to get registers from thread [0-9]+\.$' "$1"
}

# Lines "ok" and "not ok", and sanitizer reports beside the log.
count_tap() {
	local report
	good=$(grep -acE '^ok\b' "$1")
	bad=$(grep -acE '^not ok\b' "$1")
	for report in "$1".san/*; do
		if [ ! -e "$report" ] || ! report_is_one "$report"; then continue; fi
		bad=$((bad + 1))
		head -n 15 "$report"
	done
}

count_status() {
	if [ "$2" -eq 0 ]; then
		good=1
	fi
}

# Unit tests: every program that automake builds for them.
test_unit() {
	local dir=$BUILD/$TEST_FLAVOUR log=$LOGS/unit-build.log programs program
	# An empty TESTS: build them, do not run them.
	if ! make -C "$dir" -j "$JOBS" check TESTS= >"$log" 2>&1; then
		failed=$((failed + 1))
		tail -n 30 "$log"
		warn "the unit tests do not build; see $log"
	fi
	# shellcheck disable=SC2016
	programs=$(make -C "$dir" -s --no-print-directory \
		--eval='ek-tests:;@echo $(check_PROGRAMS)' ek-tests)
	for program in $programs; do
		test_wanted "$program" || continue
		test_beside "$JOBS" unit "$(basename "$program")" \
			count_criterion env srcdir="$ROOT" top_srcdir="$ROOT" \
			CRITERION_JOBS=1 \
			timeout -k 5 300 "$dir/$program"
	done
	test_beside_all
}

test_docs() {
	test_wanted documents || return 0
	test_one docs documents count_tap env EVENKEEL_BUILD="$BUILD/$TEST_FLAVOUR" \
		timeout -k 5 120 "$ROOT/tests/docs/run"
}

# A name may be that of one golden file, too.
test_conf() {
	local file wanted=no
	for file in golden "$ROOT"/tests/conf/*.conf "$ROOT"/etc/*.conf; do
		! test_wanted "$(basename "$file" .conf)" || wanted=yes
	done
	[ $wanted = yes ] || return 0
	test_one conf golden count_summary env EVENKEEL_BUILD="$BUILD/$TEST_FLAVOUR" \
		timeout -k 5 600 "$ROOT/tests/conf/run" "${TEST_NAMES[@]#golden}"
}

# How many at a time. A namespace test waits five times as long as it works, so
# there may be three times as many as processors, if there is memory for the
# databases in them.
net_parallel() {
	local gigabytes most=$((3 * JOBS))
	gigabytes=$(awk '$1 == "MemAvailable:" { print int($2 / 1000000) }' \
		/proc/meminfo)
	[ "$most" -le "$gigabytes" ] || most=$gigabytes
	[ "$most" -ge 1 ] || most=1
	echo "$most"
}

# Those that take longest begin first, so that the end waits for none of them.
net_files() {
	grep -l '^# long: yes' "$ROOT"/tests/net/*.test.sh
	grep -L '^# long: yes' "$ROOT"/tests/net/*.test.sh
}

# One that says "# alone: yes" has the machine to itself, after the others.
test_net() {
	local file name most alone=()
	most=$(net_parallel)
	for file in $(net_files); do
		name=$(basename "$file" .test.sh)
		test_wanted "$name" || continue
		if grep -q '^# alone: yes' "$file"; then
			alone+=("$name")
		else
			test_beside "$most" net "$name" count_tap test_net_run "$name"
		fi
	done
	test_beside_all
	for name in "${alone[@]}"; do
		test_one net "$name" count_tap test_net_run "$name"
	done
}

# MySQL itself, beside the checker that is built with Oracle's library.
test_mysql() {
	local file name
	if ! mysqld --no-defaults --version 2>/dev/null | grep -qv MariaDB; then
		failed=$((failed + 1))
		warn "MySQL itself is not here; ./dev bare mysql has it"
		return
	fi
	for file in "$ROOT"/tests/mysql/*.test.sh; do
		name=$(basename "$file" .test.sh)
		test_wanted "$name" || continue
		test_one mysql "$name" count_tap env \
			EVENKEEL_BUILD="$BUILD/$TEST_FLAVOUR" \
			"$ROOT/tests/net/run" "$file" "$LOGS/mysql/$name.log.san"
	done
}

test_net_run() {
	EVENKEEL_BUILD=$BUILD/$TEST_FLAVOUR "$ROOT/tests/net/run" \
		"$ROOT/tests/net/$1.test.sh" "$LOGS/net/$1.log.san"
}

test_fuzz() {
	fuzz_all "${EVENKEEL_FUZZ_SECONDS:-10}"
}

# fuzz_all SECONDS: every wanted target, as many at a time as processors.
fuzz_all() {
	local seconds=$1 target name running=0
	if ! build_flavour fuzz; then
		failed=$((failed + 1))
		return
	fi
	mkdir -p "$LOGS/fuzz"
	for target in $(fuzz_targets); do
		name=$(basename "$target")
		[ $running -lt "$JOBS" ] || { wait -n; running=$((running - 1)); }
		fuzz_run "$target" "$name" "$seconds" \
			>"$LOGS/fuzz/$name.out" 2>&1 &
		running=$((running + 1))
	done
	wait
	for target in $(fuzz_targets); do
		name=$(basename "$target")
		test_one fuzz "$name" count_status fuzz_verdict "$name"
	done
}

fuzz_targets() {
	local target
	for target in "$BUILD"/fuzz/fuzz_* "$BUILD"/fuzz/tests/fuzz/fuzz_* \
		"$BUILD"/fuzz/fuzz-* "$BUILD"/fuzz/tests/fuzz/fuzz-*; do
		if [ -f "$target" ] && [ -x "$target" ] &&
			test_wanted "$(basename "$target")"; then
			echo "$target"
		fi
	done
}

# The seeds are in tests/fuzz/NAME (or NAME without its prefix); what a run
# finds is kept for the next one in build/fuzz-corpus.
fuzz_run() {
	local corpus=$BUILD/fuzz-corpus/$2 seeds dict options=()
	mkdir -p "$corpus"
	for seeds in "$ROOT"/tests/fuzz/{,corpus/}{"$2","${2#fuzz?}"}; do
		[ -d "$seeds" ] && options+=("$seeds")
	done
	for dict in "$ROOT"/tests/fuzz/{"$2","${2#fuzz?}"}.dict; do
		[ -f "$dict" ] && options+=("-dict=$dict")
	done
	rm -f "$LOGS/fuzz/$2.status"
	timeout -k 5 $(($3 + 120)) "$1" -max_total_time="$3" -timeout=10 \
		-rss_limit_mb=2048 -print_final_stats=1 -verbosity=1 \
		-artifact_prefix="$LOGS/fuzz/$2-" "$corpus" "${options[@]}"
	echo $? >"$LOGS/fuzz/$2.status"
}

fuzz_verdict() {
	tail -n 40 "$LOGS/fuzz/$1.out"
	[ "$(cat "$LOGS/fuzz/$1.status")" = 0 ]
}

cmd_fuzz() {
	local seconds=60
	if [[ ${1:-} =~ ^[0-9]+$ ]]; then
		seconds=$1
		shift
	fi
	TEST_NAMES=("$@")
	setup_quietly
	fuzz_all "$seconds"
	test_summary
}

# The last line of every command that tests.
test_summary() {
	[ ! -e "$LOGS/times" ] || test_slowest "$LOGS/times"
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
	exit
}

# test_changed REF KIND...: nothing to run is no failure.
test_changed() {
	local plan
	build_checks "$TEST_FLAVOUR" || {
		failed=1
		return
	}
	plan=$(changed_plan "$1") || exit 1
	shift
	if [ -z "$plan" ]; then
		say "what has changed is tested by nothing"
		echo "0 passed, 0 failed"
		exit 0
	fi
	say "what can be affected: ${plan//$'\n'/, }"
	changed_run "$plan" "$@"
}

cmd_test() {
	local kinds=() kind changed=no ref="" plan
	TEST_NAMES=()
	TEST_FLAVOUR=asan
	while [ $# -gt 0 ]; do
		case $1 in
		--only) kinds+=("${2:?--only needs a kind}") && shift ;;
		--only=*) kinds+=("${1#*=}") ;;
		--flavour) TEST_FLAVOUR=${2:?--flavour needs a name} && shift ;;
		--changed) changed=yes ;;
		--changed=*) changed=yes ref=${1#*=} ;;
		-*) die "test: unknown option $1" ;;
		*) TEST_NAMES+=("$1") ;;
		esac
		shift
	done
	# shellcheck disable=SC2206
	[ ${#kinds[@]} -gt 0 ] || kinds=($TEST_KINDS)
	for kind in "${kinds[@]}"; do
		declare -F "test_$kind" >/dev/null ||
			die "test: no kind $kind; there are $TEST_KINDS fuzz mysql"
	done
	setup_quietly
	mkdir -p "$LOGS"
	if ! build_flavour "$TEST_FLAVOUR"; then
		failed=1
		test_summary
	fi
	if [ $changed = yes ]; then
		test_changed "$ref" "${kinds[@]}"
	else
		for kind in "${kinds[@]}"; do "test_$kind"; done
	fi
	test_summary
}
