# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ./dev test --changed: the tests that changed files can affect, and no others.
# Sourced by ./dev. In doubt a test is run.
#
# For a source or a header, make knows from what the compiler wrote down which
# programs it goes into: a unit test runs if it is one of them, a test with
# processes if it starts one of them and the room can matter to it. For other
# files there is a table. What is found is a line "KIND NAME" for each test, or
# "KIND *" for all of a kind.

# changed_base [REF]: since where. What is on the main branch already counts as
# tested, unless nothing else is here: then it is the last commit.
changed_base() {
	local ref base
	if [ -n "${1:-}" ]; then
		git rev-parse --verify --quiet "$1^{commit}" && return
		die "test: no commit $1"
	fi
	for ref in origin/main main HEAD~; do
		base=$(git merge-base HEAD "$ref" 2>/dev/null) || continue
		if [ "$base" != "$(git rev-parse HEAD)" ] ||
			[ -n "$(git status --porcelain)" ]; then
			echo "$base"
			return
		fi
	done
	die "test: --changed needs a commit to compare with"
}

changed_files() {
	{
		git diff --name-only --no-renames "$1"
		git ls-files --others --exclude-standard
	} | sort -u
}

# changed_programs FILE...: those that make would link anew.
changed_programs() {
	make_as_if_new "$TEST_FLAVOUR" "$@" |
		sed -n 's/.* -o \([^ ]*\) .*/\1/p' | grep -v '\.o$' | sort -u
}

# Which processes a room's code runs in, and so which namespace tests see it.
# One that starts none of the programs in question is left out after that.
changed_room_net() {
	case $1 in
	balance | ipvs) echo 'daemon* sets*' ;;
	checkers) echo 'checker* daemon* sets*' ;;
	vrrp) echo 'vrrp* daemon-vrrp* daemon-peer*' ;;
	*) echo '*' ;;
	esac
}

# changed_sourced FILE: the file and what it takes in, of tests/net.
changed_sourced() {
	local name
	echo "$1"
	grep -oE '[a-z_-]*lib\.sh' "$1" | sort -u | while read -r name; do
		[ ! -e "tests/net/$name" ] || echo "tests/net/$name"
	done
}

# changed_net ROOM PROGRAM...
changed_net() {
	local file name pattern patterns words
	read -ra patterns < <(changed_room_net "$1")
	words=$(printf '%s\n' "${@:2}" | sed 's|.*/||' | grep . | paste -sd '|')
	[ -n "$words" ] || return 0
	for file in tests/net/*.test.sh; do
		name=$(basename "$file" .test.sh)
		for pattern in "${patterns[@]}"; do
			# shellcheck disable=SC2053
			[[ $name == $pattern ]] || continue
			# shellcheck disable=SC2046
			if grep -qE "(BUILD|TOOLS)[^ ]*/($words)(\"|'| |\\)|\$)" \
				$(changed_sourced "$file"); then
				echo "net $name"
			fi
		done
	done
}

# A scenario has the whole daemon before it; VRRP is in those that name it.
changed_lab() {
	case $1 in
	vrrp) grep -liE 'vrrp|pair|peer' "$LAB_DIR"/scenarios/*.sh |
		sed 's|.*/\(.*\)\.sh$|lab \1|' ;;
	*) echo 'lab *' ;;
	esac
}

# changed_source FILE: one that is compiled.
changed_source() {
	local room=${1%%/*} programs
	mapfile -t programs < <(changed_programs "$1")
	printf '%s\n' "${programs[@]}" | sed -n 's|.*/\(test_.*\)|unit \1|p'
	printf '%s\n' "${programs[@]}" | sed -n 's|.*/confdump|conf *|p'
	case $1 in
	tests/unit/* | tests/fuzz/* | tests/bench/*) return ;;
	esac
	changed_net "$room" "${programs[@]}"
	# The documents are held against the sources.
	echo 'docs *'
	case " ${programs[*]} " in
	*" evenkeeld "* | *" evenkeel "*) changed_lab "$room" ;;
	esac
}

# changed_users KIND FILE FOLDER SUFFIX: the tests that name the file; all of
# them if none does, for then it is used in a way that cannot be seen.
changed_users() {
	local name found
	name=$(basename "$2" .c)
	found=$(grep -lF "$name" "$3"/*"$4" | sed "s|.*/|$1 |;s|\\$4\$||")
	echo "${found:-$1 *}"
}

changed_tests() {
	case $1 in
	tests/lab/scenarios/*) echo "lab $(basename "$1" .sh)" ;;
	tests/lab/lib/assert.sh) printf '%s\n' 'net *' 'lab *' ;;
	tests/lab/tools/* | tests/lab/conf/*)
		changed_users lab "$1" "$LAB_DIR/scenarios" .sh ;;
	tests/lab/lib/directors.sh | tests/lab/lib/speakers.sh | tests/lab/frr.sh)
		echo 'lab directors' ;;
	tests/lab/columns | tests/lab/columns.*) ;;
	tests/lab/README.md | tests/lab/demo.sh | tests/lab/bench.sh | tests/bench/*.sh) ;;
	tests/lab/chaos/* | tests/dev/chaos.sh) echo 'lab chaos-observers' ;;
	tests/lab/*) echo 'lab *' ;;
	*.c | *.h) changed_source "$1" ;;
	tests/net/*.test.sh) echo "net $(basename "$1" .test.sh)" ;;
	tests/net/lib.sh | tests/net/run) echo 'net *' ;;
	tests/net/*.mk) printf '%s\n' 'net *' 'docs *' ;;
	tests/net/*) changed_users net "$1" tests/net .test.sh ;;
	# They run in a root of their own: ./dev bare mysql.
	tests/mysql/*) echo 'docs *' ;;
	tests/conf/* | etc/*.conf) printf '%s\n' 'conf *' 'docs *' ;;
	etc/scenarios/*) printf '%s\n' 'unit test_balance' 'docs *' ;;
	man/*.mk) echo 'docs *' ;;
	man/*) printf '%s\n' 'docs *' 'unit test_conf' ;;
	doc/first-pair.md) printf '%s\n' 'docs *' 'lab readme' ;;
	doc/*) echo 'docs *' ;;
	*.md | tests/docs/* | etc/* | COPYING | .gitignore) echo 'docs *' ;;
	tests/fuzz/* | .clang-* | .shellcheckrc) ;;
	tests/dev/lab.sh) echo 'lab *' ;;
	tests/dev/bare.sh | tests/dev/lint.sh | tests/dev/tidy.py | .ci/*)
		echo 'docs *' ;;
	# The build itself and how tests are run.
	*) printf '%s\n' 'unit *' 'docs *' 'conf *' 'net *' 'lab *' ;;
	esac
}

# changed_plan [REF]: the lines "KIND NAME", each once, after a build.
changed_plan() {
	local base file
	base=$(changed_base "${1:-}") || return
	changed_files "$base" | while read -r file; do
		changed_tests "$file"
	done | sort -u
}

# Runs the plan's part of each kind; test_wanted then wants whole names.
changed_run() {
	local plan=$1 kind
	# shellcheck disable=SC2034
	TEST_WHOLE=yes
	shift
	for kind; do
		mapfile -t TEST_NAMES < <(sed -n "s/^$kind //p" <<<"$plan")
		[ ${#TEST_NAMES[@]} -gt 0 ] || continue
		if [[ " ${TEST_NAMES[*]} " == *" * "* ]]; then TEST_NAMES=(); fi
		"test_$kind"
	done
}
