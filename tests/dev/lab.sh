# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Running the virtual machine's scenarios, one before the reader's eyes or all
# of them as tests. Sourced by ./dev; the machine itself is in tests/lab. Some of what is
# set here is read in test.sh and tests/lab/vm.sh.
# shellcheck disable=SC2034

lab_list() {
	local file
	for file in "$LAB_DIR"/scenarios/*.sh; do
		printf '%-24s %s\n' "$(basename "$file" .sh)" \
			"$(lab_header "$file" about)"
	done
}

# One value of a scenario's head: `# limit: 60`.
lab_header() {
	sed -n "s/^# $2: //p;/^[^#]/q" "$1" | head -n 1
}

# lab_scenario FILE FLAVOUR JOB: runs it, its output on standard output.
lab_scenario() {
	local file=$1 flavour=$2 job=$3 limit why
	why=$(lab_why_not)
	if [ -n "$why" ]; then
		warn "$why"
		return 1
	fi
	limit=$(lab_header "$file" limit)
	LAB_TEMPLATE=$(lab_template) || return 1
	lab_run "$job" "/src/${file#"$ROOT"/}" "$flavour" "${limit:-120}"
}

# lab_file NAME: the scenario's file, by its name or its path.
lab_file() {
	if [ -f "$LAB_DIR/scenarios/$1.sh" ]; then
		echo "$LAB_DIR/scenarios/$1.sh"
	elif [ -f "$1" ]; then
		readlink -f "$1"
	else
		warn "no scenario called $1; see ./dev lab --list"
		return 1
	fi
}

# lab_need_build FLAVOUR FILE...: builds unless every scenario does without.
lab_need_build() {
	local flavour=$1 file
	shift
	build_tools || return 1
	for file; do
		if [ "$(lab_header "$file" needs)" != nothing ]; then
			build_flavour "$flavour"
			return
		fi
	done
}

cmd_lab() {
	local flavour=asan names=() files=() name file
	while [ $# -gt 0 ]; do
		case $1 in
		--list) lab_list && exit ;;
		--shell) LAB_INTERACTIVE=yes ;;
		--fetch-kernel) lab_kernel_fetch && lab_kernel_dir && exit ;;
		--flavour) flavour=${2:?--flavour needs a name} && shift ;;
		-*) die "lab: unknown option $1" ;;
		*) names+=("$1") ;;
		esac
		shift
	done
	setup_quietly
	if [ "$LAB_INTERACTIVE" = yes ]; then
		cmd_lab_shell "$flavour"
		return
	fi
	[ ${#names[@]} -gt 0 ] || die "lab: which scenario? see ./dev lab --list"
	for name in "${names[@]}"; do
		file=$(lab_file "$name") || exit 1
		files+=("$file")
	done
	lab_need_build "$flavour" "${files[@]}" || exit 1
	for file in "${files[@]}"; do
		lab_show "$file" "$flavour"
	done
	test_summary
}

# Runs one scenario before the reader's eyes and judges it.
lab_show() {
	local file=$1 flavour=$2 job
	job=$LOGS/lab/$(basename "$file" .sh)
	mkdir -p "$LOGS/lab"
	lab_scenario "$file" "$flavour" "$job" 2>&1 | tee "$job.log"
	lab_judge "$job"
	say "logs: ${job#"$PWD"/}"
}

cmd_lab_shell() {
	[ -t 0 ] || die "lab --shell needs a terminal"
	build_tools || exit 1
	if ! build_flavour "$1"; then
		warn "no $1 build: the lab starts without the daemon"
	fi
	mkdir -p "$LOGS/lab"
	local why
	why=$(lab_why_not)
	[ -z "$why" ] || die "$why"
	LAB_TEMPLATE=$(lab_template) || exit 1
	lab_run "$LOGS/lab/shell" /src/tests/lab/shellrc "$1" 86400
	stty sane
}

cmd_demo() {
	setup_quietly
	[ -f "$LAB_DIR/demo.sh" ] || die "tests/lab/demo.sh is missing"
	build_tools && build_flavour release || exit 1
	local job=$LOGS/lab/demo
	mkdir -p "$LOGS/lab"
	say "booting the lab"
	lab_scenario "$LAB_DIR/demo.sh" release "$job" 2>&1 | tee "$job.log"
	lab_judge "$job"
	[ "$failed" = 0 ] && [ "$passed" != 0 ]
}

# What measures and judges nothing that CI would hear of: with names, those of
# tests/bench/ only (in namespaces, no kernel of their own); else all of them.
cmd_bench() {
	local file name
	setup_quietly
	[ -f "$LAB_DIR/bench.sh" ] || die "tests/lab/bench.sh is missing"
	build_flavour release || exit 1
	if [ $# -eq 0 ]; then
		build_tools || exit 1
		lab_show "$LAB_DIR/bench.sh" release
	fi
	for file in "$ROOT"/tests/bench/*.sh; do
		name=$(basename "$file" .sh)
		[ $# -eq 0 ] || [[ " $* " == *" $name "* ]] || continue
		EVENKEEL_BUILD=$BUILD/release "$ROOT/tests/net/run" "$file" \
			"$LOGS/bench/$name.san" || failed=$((failed + 1))
		passed=$((passed + 1))
	done
	test_summary
}

# The lab's job folder, named like the log; never the console.
count_lab() {
	local passed=0 failed=0
	lab_judge "${1%.log}"
	good=$passed
	bad=$failed
}

# How many machines at a time. A scenario mostly waits, so that two share the
# processors well; one that measures says "# alone: yes" and has them to itself.
lab_parallel() {
	local kilobytes=0
	if [ -n "${EVENKEEL_LAB_PARALLEL:-}" ]; then
		echo "$EVENKEEL_LAB_PARALLEL"
		return
	fi
	kilobytes=$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo)
	if [ "$JOBS" -ge 2 ] &&
		[ "$kilobytes" -gt $((LAB_MEMORY * 1024 * 5 / 2)) ]; then
		echo 2
	else
		echo 1
	fi
}

test_lab() {
	local file most running=0 pid alone=()
	local -A of=()
	build_tools || return
	# What all of them need is made once.
	if [ -z "$(lab_why_not)" ]; then lab_template >/dev/null; fi
	most=$(lab_parallel)
	for file in "$LAB_DIR"/scenarios/*.sh; do
		test_wanted "$(basename "$file" .sh)" || continue
		if [ -n "$(lab_header "$file" alone)" ]; then
			alone+=("$file")
			continue
		fi
		[ $running -lt "$most" ] || test_lab_reap
		test_lab_start "$file" &
		of[$!]=$(basename "$file" .sh)
		running=$((running + 1))
	done
	while [ $running -gt 0 ]; do test_lab_reap; done
	for file in "${alone[@]}"; do
		test_lab_start "$file"
		test_one lab "$(basename "$file" .sh)" count_lab test_lab_said \
			"$(basename "$file" .sh)"
	done
}

# One of those that run has ended: count it.
test_lab_reap() {
	wait -n -p pid "${!of[@]}"
	running=$((running - 1))
	test_one lab "${of[$pid]}" count_lab test_lab_said "${of[$pid]}"
	unset "of[$pid]"
}

# Its output, its status and its time stay beside the job folder.
test_lab_start() {
	local job start=$SECONDS status
	job=$LOGS/lab/$(basename "$1" .sh)
	mkdir -p "$LOGS/lab"
	lab_scenario "$1" asan "$job" >"$job.said" 2>&1
	status=$?
	echo "$status $((SECONDS - start))" >"$job.status"
}

test_lab_said() {
	local status
	cat "$LOGS/lab/$1.said"
	read -r status took <"$LOGS/lab/$1.status"
	rm "$LOGS/lab/$1.said" "$LOGS/lab/$1.status"
	return "$status"
}
