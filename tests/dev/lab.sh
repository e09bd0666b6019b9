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

# lab_scenario FILE FLAVOUR: runs it, its output on standard output; what it
# left is in $LOGS/lab/NAME.
lab_scenario() {
	local file=$1 flavour=$2 why kernel clock status
	rm -rf "${LOGS:?}/lab/$(basename "$file" .sh)"
	why=$(lab_why_not)
	if [ -n "$why" ]; then
		warn "$why"
		return 1
	fi
	kernel=$(lab_kernel_chosen) || return 1
	clock=$(lab_clock "$file") && lab_begin "$flavour" "$clock" || return 1
	lab_plan "$kernel" "" "$file"
	# A subshell, so that an interrupt ends QEMU too, or asks it to end.
	[ -z "$LAB_PORTS" ] || trap : INT
	(
		[ -z "$LAB_PORTS" ] || trap demo_end INT
		lab_machine machine "$kernel"
	)
	status=$?
	lab_end
	return $status
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
		--fetch-kernel) cmd_lab_fetch && exit ;;
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

# The newest of each kernel that the tests run on.
cmd_lab_fetch() {
	local kernel
	for kernel in $(lab_kernels); do
		lab_kernel_fetch "$kernel" && lab_kernel_dir "$kernel" || exit 1
	done
}

# Runs one scenario before the reader's eyes and judges it.
lab_show() {
	local file=$1 flavour=$2 job
	job=$LOGS/lab/$(basename "$file" .sh)
	mkdir -p "$LOGS/lab"
	lab_scenario "$file" "$flavour" 2>&1 | tee "$job.log"
	rm -f "$job.said" "$job.figures"
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
	lab_begin "$1" host && mkdir -m 1777 "$LAB_RUN/san" || exit 1
	lab_plan "$(lab_kernel_chosen)" ""
	lab_machine machine "$(lab_kernel_chosen)"
	rm -rf "$LOGS/lab/shell" && mv "$LAB_RUN" "$LOGS/lab/shell"
	stty sane
}

# What measures and judges nothing that CI would hear of: with names, those of
# tests/bench/ only (in namespaces, no kernel of their own); else all of them.
cmd_bench() {
	local file name
	setup_quietly
	if [ "${1:-}" = directors ]; then
		shift
		bench_directors "$@"
		return
	fi
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

# bench_directors [COLUMN...]: the columns, two machines at a time; then the tables, of
# these and of those that were measured before and lie in the logs.
bench_directors() {
	local name names=("$@") kernels=() slots=() clock
	local -x LAB_FRR10
	build_flavour release && build_tools && LAB_FRR10=$(lab_frr10) &&
		kernels=("$(lab_kernel_chosen)") && clock=$(lab_clock /dev/null) || exit 1
	if [ $# -eq 0 ]; then
		read -r -d '' -a names < <(sed -n 's/^\([a-z][^ ]*\).*/\1/p' "$LAB_DIR/columns")
	fi
	for name in "${names[@]}"; do
		grep -q "^$name " "$LAB_DIR/columns" || die "bench: no column $name"
		rm -f "$LOGS/lab/$name.figures"
	done
	lab_begin release "$clock" || exit 1
	printf '%s 1700 /src/tests/lab/columns.sh\n' "${names[@]}" \
		>"$LAB_RUN/plan.${kernels[0]}"
	test_lab_slots
	test_lab_wait
	lab_end
	bench_directors_table "event" sync sync-resilient mh mh-resilient neither \
		neither-resilient notify-scripts
	bench_directors_table "event, with sync" frr frr10 sync frr-bfd frr10-bfd bird-bfd
	test_summary
}

# bench_directors_table CORNER COLUMN...: in Markdown; a cell is broken/hung/moved, and,
# where a director was lost, how long the router went on sending there.
bench_directors_table() {
	local corner=$1 name files=()
	shift
	for name; do
		[ ! -e "$LOGS/lab/$name/column.txt" ] || files+=("$LOGS/lab/$name/column.txt")
	done
	[ ${#files[@]} -gt 0 ] || return 0
	awk -F '|' -v corner="$corner" -f "$LAB_DIR/columns.awk" "${files[@]}"
}

# The lab's job folder, named like the log; never the console.
count_lab() {
	local passed=0 failed=0
	lab_judge "${1%.log}"
	good=$passed
	bad=$failed
}
