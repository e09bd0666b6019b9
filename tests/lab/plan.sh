# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Which machine runs which scenario, and what came of it. Sourced by ./dev;
# needs kernel.sh and vm.sh.
#
# The scenarios of a run stand in a plan, one for each kernel, the longest
# first. A machine takes the next that nobody has taken, runs it in a box of
# namespaces of its own (guest-plan, guest-box) and goes on. Two machines thus
# end at about the same time whatever each scenario costs. One that dies, or
# whose box cannot be cleaned, takes only the scenario of that moment with it:
# another machine is started for the rest.

# What runs on the other kernel too: what has most to do with the kernel.
LAB_CORE="pool restart drift ipvs-roundtrip slow-start takeover replication"

# lab_begin FLAVOUR CLOCK: an empty run folder, LAB_RUN.
lab_begin() {
	local size
	LAB_CLOCK=$2
	LAB_FINISHED=0
	LAB_CPU_USED=0
	LAB_TEMPLATE=$(lab_template) || return 1
	# What an interrupted run has left.
	find "$LOGS/lab" -maxdepth 1 -name 'run.*' -mmin +1440 \
		-exec rm -rf {} + 2>/dev/null
	mkdir -p "$LOGS/lab" && LAB_RUN=$(mktemp -d "$LOGS/lab/run.XXXXXX") &&
		mkdir "$LAB_RUN/claims" && chmod 755 "$LAB_RUN" || return 1
	# shellcheck disable=SC2153
	echo "$ROOT" >"$LAB_RUN/repo"
	cp "$LAB_TEMPLATE" "$LAB_RUN/mariadb.tar" || return 1
	size=$(stty size 2>/dev/null </dev/tty) || size="24 80"
	cat >"$LAB_RUN/env" <<-END
		LAB_FLAVOUR='$1'
		LAB_CLOCK='$LAB_CLOCK'
		LAB_COLOUR='$COLOUR'
		LAB_SCREEN='$size'
		LAB_TERM='${TERM:-dumb}'
		LAB_INTERACTIVE='$LAB_INTERACTIVE'
		LAB_PORTS='$LAB_PORTS'
		LAB_CHAOS='${LAB_CHAOS:-}'
		LAB_FRR10='${LAB_FRR10:-}'
	END
}

lab_end() {
	rm -rf "${LAB_RUN:?}"
}

# lab_plan KERNEL SUFFIX FILE...: these scenarios run on that kernel, under
# their name with the suffix. The longest come first.
lab_plan() {
	local plan=$LAB_RUN/plan.$1 suffix=$2 file limit
	shift 2
	for file; do
		limit=${LAB_LIMIT:-$(lab_header "$file" limit)}
		echo "$(basename "$file" .sh)$suffix ${limit:-120}" \
			"/src/${file#"$ROOT"/}"
	done | sort -k2,2nr -k1,1 >"$plan"
}

# lab_plan_left KERNEL: some scenario of that plan was not taken yet.
lab_plan_left() {
	local name rest
	while read -r name rest; do
		[ -e "$LAB_RUN/claims/$name" ] || return 0
	done <"$LAB_RUN/plan.$1"
	return 1
}

# lab_slot SLOT KERNEL...: one machine after the other, until nothing is left.
# What a scenario said is cut from the console and is its log.
lab_slot() {
	local slot=$1 kernel boots=0 before
	shift
	trap 'exit 143' TERM
	for kernel; do
		while lab_plan_left "$kernel"; do
			before=$LAB_FINISHED
			boots=$((boots + 1))
			lab_machine "machine-$slot.$boots" "$kernel"
			# One that achieved nothing will not do better next time.
			[ "$LAB_FINISHED" -gt "$before" ] || break
		done
	done
}

# lab_collect MACHINE alive|died: moves what ended scenarios left to where the
# reader finds it. Those that a dead machine has not ended have failed. A guest
# makes the file of the status first and writes it then: an empty one is not yet
# the end. The array lab_since is lab_machine_once's.
# shellcheck disable=SC2154
lab_collect() {
	local folder name
	for folder in "$LAB_RUN/$1"/*/; do
		[ -d "$folder" ] || continue
		name=$(basename "$folder")
		: "${lab_since[$name]:=$SECONDS}"
		if [ -s "$folder/done" ] || [ "$2" = died ]; then
			lab_finish "$1" "$name"
		fi
	done
}

# lab_finish MACHINE NAME: beside the job folder, NAME.said has what it said and
# NAME.figures "STATUS SECONDS GUEST CPU LIMIT": the host's seconds, the guest's,
# QEMU's processor time and the limit.
lab_finish() {
	local job=$LOGS/lab/$2 guest='' status='' limit console
	console=$LAB_RUN/$1/console
	rm -rf "$job"
	mv "$LAB_RUN/$1/$2" "$job" || return
	LAB_FINISHED=$((LAB_FINISHED + 1))
	awk -v name="$2" '$1 == "####" && $3 == name { on = ($4 == "begins"); next }
		on' "$console" >"$job.said"
	[ ! -e "$job/took" ] || read -r guest <"$job/took"
	[ ! -e "$job/done" ] || read -r status <"$job/done"
	limit=$(awk -v name="$2" '$1 == name { print $2 }' "$LAB_RUN/$1/plan")
	echo "${status:-missing} $((SECONDS - lab_since[$2])) ${guest:-?}" \
		"$(((LAB_CPU_USED - lab_cpu_before) / 100)) $limit" \
		>"$job.figures.new"
	mv "$job.figures.new" "$job.figures"
	lab_cpu_before=$LAB_CPU_USED
	unset "lab_since[$2]"
}

lab_judge_fail() {
	failed=$((failed + 1))
	echo "not ok - $1"
}

# lab_judge_stalls FILE: neither main nor vrrp was held in a system call. A kernel
# that traces nothing, or more than it could keep, has not shown it.
lab_judge_stalls() {
	local line overrun
	overrun=$(sed -n 's/^overrun: //p' "$1" 2>/dev/null | sort -rn | head -n 1)
	if [ "$overrun" != 0 ]; then
		lab_judge_fail "the kernel has traced all stalls (lost: ${overrun:-all})"
	fi
	while IFS= read -r line; do
		lab_judge_fail "nothing blocks: $line"
	done < <(awk -f "$LAB_DIR/stalls.awk" "$1" 2>/dev/null)
}

# lab_judge JOB: counts what the job folder holds into passed and failed, and
# prints each reason for a failure. The console is never parsed.
lab_judge() {
	local job=$1 line status=missing file
	if [ -e "$job/results" ]; then
		while read -r line; do
			case $line in
			"ok "*) passed=$((passed + 1)) ;;
			*) lab_judge_fail "${line#not ok - }" ;;
			esac
		done <"$job/results"
	fi
	[ -e "$job/done" ] && status=$(<"$job/done")
	case $status in
	0) ;;
	124) lab_judge_fail "the scenario ended within its time limit" ;;
	*) lab_judge_fail "the scenario ran to its end (status: $status)" ;;
	esac
	lab_judge_stalls "$job/stalls"
	for file in "$job"/san/*; do
		if [ ! -e "$file" ] || ! report_is_one "$file"; then continue; fi
		lab_judge_fail "no sanitizer report: $file"
		sed -n '1,15s/^/    /p' "$file"
	done
}

# lab_kernels: the kernels to test on: the host's own first, then the other.
lab_kernels() {
	if [ -n "${EVENKEEL_LAB_KERNEL:-}" ]; then
		lab_kernel_chosen
	else
		lab_kernel_chosen
		lab_kernel_other
	fi
}

# How many machines at a time: each has one processor's work.
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

# Every wanted scenario, the core of them on both kernels.
test_lab() {
	local names=() kernels=() slots=() why clock
	local -x LAB_FRR10=''
	# shellcheck disable=SC2207
	kernels=($(lab_kernels))
	if test_wanted directors-four; then
		LAB_FRR10=$(lab_frr10) || warn "FRR of Debian 13 could not be fetched"
	fi
	if [ ${#kernels[@]} -eq 0 ] || ! build_tools ||
		! clock=$(lab_clock /dev/null) || ! lab_begin asan "$clock"; then
		failed=$((failed + 1))
		warn "the lab could not be prepared"
		return
	fi
	why=$(lab_why_not)
	test_lab_plan
	if [ ${#names[@]} -gt 0 ] && [ -z "$why" ]; then
		test_lab_slots
	else
		echo "$why" >"$LAB_RUN/slot.0"
	fi
	test_lab_wait
	lab_end
	if test_wanted demo-keep; then
		test_one lab demo-keep count_tap "$LAB_DIR/keep_test.py"
	fi
	if test_wanted chaos-observers; then
		test_one lab chaos-observers count_tap python3 -B \
			"$LAB_DIR/chaos/chaos_test.py"
	fi
}

# Fills the array names, and writes the plans.
test_lab_plan() {
	local kernel suffix='' file name files
	for kernel in "${kernels[@]}"; do
		files=()
		for file in "$LAB_DIR"/scenarios/*.sh; do
			name=$(basename "$file" .sh)
			test_wanted "$name" || continue
			[ -z "$suffix" ] || [[ " $LAB_CORE " == *" $name "* ]] ||
				continue
			files+=("$file")
			names+=("$name$suffix")
			rm -f "$LOGS/lab/$name$suffix.figures"
		done
		lab_plan "$kernel" "$suffix" "${files[@]}"
		# Only the first kernel's scenarios have their plain name.
		suffix=@${kernels[1]:-}
	done
}

# Starts the slots. The second one begins with the other kernel's plan.
test_lab_slots() {
	local kernel
	for kernel in "${kernels[@]}"; do
		# Fetched now, once, and not by both at the same time.
		lab_kernel_dir "$kernel" >/dev/null
	done
	lab_slot 1 "${kernels[@]}" >"$LAB_RUN/slot.1" 2>&1 &
	slots=($!)
	if [ "$(lab_parallel)" -gt 1 ]; then
		# shellcheck disable=SC2046
		lab_slot 2 $(printf '%s\n' "${kernels[@]}" | tac) \
			>"$LAB_RUN/slot.2" 2>&1 &
		slots+=($!)
	fi
	# shellcheck disable=SC2064
	trap "kill ${slots[*]} 2>/dev/null; rm -rf '$LAB_RUN'" EXIT
}

# Counts each scenario as soon as it has ended, in that order.
test_lab_wait() {
	local name left
	while [ ${#names[@]} -gt 0 ]; do
		left=()
		for name in "${names[@]}"; do
			if [ -e "$LOGS/lab/$name.figures" ]; then
				test_one lab "$name" count_lab test_lab_said "$name"
			else
				left+=("$name")
			fi
		done
		names=("${left[@]}")
		test_lab_running || break
		sleep 0.5
	done
	[ ${#slots[@]} -eq 0 ] || wait "${slots[@]}"
	trap - EXIT
	for name in "${names[@]}"; do
		if [ ! -e "$LOGS/lab/$name.figures" ]; then
			rm -rf "${LOGS:?}/lab/$name"
		fi
		test_one lab "$name" count_lab test_lab_said "$name"
	done
	test_lab_slowest
}

test_lab_running() {
	local pid
	for pid in "${slots[@]}"; do
		kill -0 "$pid" 2>/dev/null && return 0
	done
	return 1
}

# What a scenario said; and why, if it never started.
# shellcheck disable=SC2034
test_lab_said() {
	local status
	if [ ! -e "$LOGS/lab/$1.figures" ]; then
		echo "it was never started; what the machines said:"
		tail -n 20 "$LAB_RUN"/slot.*
		return 1
	fi
	cat "$LOGS/lab/$1.said"
	rm "$LOGS/lab/$1.said"
	read -r status took _ <"$LOGS/lab/$1.figures"
	[ "$status" = 0 ]
}

# The ten that cost most, beside what they may take.
test_lab_slowest() {
	local file
	for file in "$LOGS"/lab/*.figures; do
		[ "$file" -nt "$LAB_RUN/env" ] || continue
		echo "$(basename "$file" .figures) $(<"$file")"
	done | sort -k5,5nr | head -n 10 | awk '
		NR == 1 { print "lab   the slowest, by processor time of the host:" }
		{ printf "      %-34s %4d s of processor, %4d s; by its own clock" \
			" %5.1f of %d s\n", $1, $5, $3, $4, $6 }'
}
