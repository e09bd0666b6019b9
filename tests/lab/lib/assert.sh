# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Checks and waiting, for lab scenarios and for namespace tests. A test prints
# one line "ok - TEXT" or "not ok - TEXT" for each check; in the lab the same
# line goes to the job folder, from where the host counts it.
#
# Under emulation one fork and exec costs 5 ms, so nothing here forks unless a
# check fails.

ASSERT_FAILED=0
ASSERT_PASSED=0
ASSERT_OUT=${ASSERT_OUT:-${TMPDIR:-/tmp}/assert.$$}
# ASSERT_STOP=yes: the first failure ends the test, for a story in which each
# step stands on the one before.
# Seconds of every wait_for are multiplied by this, for very slow hosts.
LAB_STRETCH=${LAB_STRETCH:-1}

if [ "${LAB_COLOUR:-no}" = yes ]; then
	ASSERT_GREEN=$'\e[32m' ASSERT_RED=$'\e[31m' ASSERT_BLUE=$'\e[1;34m'
	ASSERT_PLAIN=$'\e[0m'
else
	ASSERT_GREEN='' ASSERT_RED='' ASSERT_BLUE='' ASSERT_PLAIN=''
fi

# What a failing check shows besides its command's output; a scenario may
# define its own.
if ! declare -F assert_diagnose >/dev/null; then
	assert_diagnose() { :; }
fi

# step TEXT: a headline, for the reader only.
step() {
	local now=${EPOCHREALTIME/./}
	printf '%s== %s%s  [%d.%d s]\n' "$ASSERT_BLUE" "$*" "$ASSERT_PLAIN" \
		$(((now - ASSERT_START) / 1000000)) \
		$(((now - ASSERT_START) / 100000 % 10))
}

ASSERT_START=${EPOCHREALTIME/./}

assert_pass() {
	ASSERT_PASSED=$((ASSERT_PASSED + 1))
	echo "${ASSERT_GREEN}ok${ASSERT_PLAIN} - $1"
	[ -z "${LAB_JOB:-}" ] || echo "ok - $1" >>"$LAB_JOB/results"
}

# assert_fail TEXT: also shows what the last command printed.
assert_fail() {
	ASSERT_FAILED=$((ASSERT_FAILED + 1))
	echo "${ASSERT_RED}not ok${ASSERT_PLAIN} - $1"
	[ -z "${LAB_JOB:-}" ] || echo "not ok - $1" >>"$LAB_JOB/results"
	if [ -s "$ASSERT_OUT" ]; then
		head -n 40 "$ASSERT_OUT" | sed 's/^/    /'
	fi
	assert_diagnose 2>&1 | sed 's/^/    # /'
	[ "${ASSERT_STOP:-no}" = no ] || finish
}

# check TEXT COMMAND...: the command succeeds. It runs in this shell.
check() {
	local text=$1
	shift
	if "$@" >"$ASSERT_OUT" 2>&1; then
		assert_pass "$text"
	else
		echo "(status $?) $*" >>"$ASSERT_OUT"
		assert_fail "$text"
		return 1
	fi
}

# check_not TEXT COMMAND...: the command fails.
check_not() {
	local text=$1
	shift
	if "$@" >"$ASSERT_OUT" 2>&1; then
		echo "(succeeded) $*" >>"$ASSERT_OUT"
		assert_fail "$text"
		return 1
	fi
	assert_pass "$text"
}

# check_equal TEXT WANTED SEEN: two strings, tables for instance, are the same.
check_equal() {
	if [ "$2" = "$3" ]; then
		assert_pass "$1"
		return
	fi
	diff -u --label wanted --label seen <(echo "$2") <(echo "$3") \
		>"$ASSERT_OUT"
	assert_fail "$1"
	return 1
}

# poll SECONDS COMMAND...: repeats the command until it succeeds; fails when
# it did not within the time. The command's last output is in $ASSERT_OUT.
poll() {
	local limit=$(($1 * LAB_STRETCH * 1000000)) start=${EPOCHREALTIME/./}
	local tries=0 asked=$start
	shift
	until "$@" >"$ASSERT_OUT" 2>&1; do
		if [ $((${EPOCHREALTIME/./} - start)) -ge $limit ]; then
			echo "(gave up) $*" >>"$ASSERT_OUT"
			return 1
		fi
		tries=$((tries + 1))
		poll_pause $((${EPOCHREALTIME/./} - asked)) $tries
		asked=${EPOCHREALTIME/./}
	done
}

# poll_pause ASKED TRIES: asking costs far more than waiting, where waiting is
# skipped; so a question that took ASKED microseconds is put a quarter of the
# time at most, but every second at least.
poll_pause() {
	local least=100000 long=$(($1 * 3))
	[ "$2" -lt 20 ] || least=300000
	[ $long -le 1000000 ] || long=1000000
	[ $long -ge $least ] || long=$least
	printf -v long '%d.%06d' $((long / 1000000)) $((long % 1000000))
	pause "$long"
}

# pause SECONDS: sleep without a fork, for polling only. The descriptor is one
# end of a pipe that nobody ever writes to.
pause() {
	if [ -z "${ASSERT_PIPE:-}" ]; then
		exec {ASSERT_PIPE}<> <(:)
	fi
	read -r -t "$1" -u "$ASSERT_PIPE" || :
}

# wait_for SECONDS TEXT COMMAND...: the command succeeds within the time; the
# line says after how long.
wait_for() {
	local limit=$1 text=$2 start=${EPOCHREALTIME/./} took
	shift 2
	if poll "$limit" "$@"; then
		took=$(((${EPOCHREALTIME/./} - start) / 100000))
		assert_pass "$text ($((took / 10)).$((took % 10)) s)"
	else
		assert_fail "$text (within $limit s)"
		return 1
	fi
}

# holds SECONDS TEXT COMMAND...: the command succeeds all through the time.
holds() {
	local limit=$(($1 * 1000000)) text=$2 seconds=$1
	local start=${EPOCHREALTIME/./}
	shift 2
	while [ $((${EPOCHREALTIME/./} - start)) -lt $limit ]; do
		if ! "$@" >"$ASSERT_OUT" 2>&1; then
			assert_fail "$text (for $seconds s)"
			return 1
		fi
		pause 0.2
	done
	assert_pass "$text (for $seconds s)"
}

# What is checked at the very end of every test.
if ! declare -F assert_end >/dev/null; then
	assert_end() { :; }
fi

# finish: the last line of every test; its status is the test's.
finish() {
	local ASSERT_STOP=no
	assert_end
	rm -f "$ASSERT_OUT"
	echo "$ASSERT_PASSED passed, $ASSERT_FAILED failed"
	[ $ASSERT_FAILED = 0 ]
	exit
}
