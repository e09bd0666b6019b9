# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ./dev chaos: the scenario of that name with a seed, for as long as one likes, and
# the search for the few faults of a schedule that break a promise. Sourced by ./dev.

# Runs that the search may take; each is as long as what is left of the schedule.
CHAOS_TRIES=${EVENKEEL_CHAOS_TRIES:-24}
[ "${CI:-}" != true ] || CHAOS_TRIES=0

cmd_chaos() {
	local words=() keep='' list=no flavour=asan
	while [ $# -gt 0 ]; do
		case $1 in
		--keep) keep=${2:?--keep needs numbers} && shift ;;
		--flavour) flavour=${2:?--flavour needs a name} && shift ;;
		--list) list=yes ;;
		-*) die "chaos: unknown option $1" ;;
		*[!0-9.]*) die "chaos: MINUTES and SEED are numbers, not '$1'" ;;
		*) words+=("$1") ;;
		esac
		shift
	done
	local minutes=${words[0]:-3} seed=${words[1]:-$SRANDOM}
	if [ $list = yes ]; then
		python3 -B "$LAB_DIR/chaos/chaos_schedule.py" "$minutes" "$seed"
		exit
	fi
	setup_quietly
	lab_need_build "$flavour" "$LAB_DIR/chaos/chaos.sh" || exit 1
	chaos_run "$keep"
	if [ ${#CHAOS_BEGUN[@]} -gt 0 ]; then
		chaos_shrink
	fi
	test_summary
}

# chaos_run KEEP: one run; sets CHAOS_PROMISE, the broken one or nothing, and the
# array CHAOS_BEGUN, the faults until then, if one is broken. What is judged after the
# last fault, a sanitizer's report or a different replay, is the promise "end". The
# variables minutes, seed and flavour are cmd_chaos's.
# shellcheck disable=SC2154,SC2034
chaos_run() {
	local job=$LOGS/lab/chaos how promise said before=${failed:-0}
	local -x LAB_CHAOS="$minutes $seed $1"
	# Waiting for everything to be whole again takes as long as the faults.
	local LAB_LIMIT
	LAB_LIMIT=$(awk -v m="$minutes" 'BEGIN { print int(m * 180) + 300 }')
	rm -f "$job/chaos.said"
	lab_show "$LAB_DIR/chaos/chaos.sh" "$flavour"
	CHAOS_PROMISE='' CHAOS_BEGUN=()
	[ ! -e "$job/chaos.said" ] || read -r how promise said <"$job/chaos.said"
	if [ "${how:-}" = kept ] && [ "${failed:-0}" -gt "$before" ]; then
		how=broken promise=end
	fi
	[ "${how:-}" = broken ] || return 0
	CHAOS_PROMISE=$promise
	IFS=, read -r -a CHAOS_BEGUN <<<"$said"
}

# chaos_shrink: leaves out faults as long as the same promise is broken without
# them: first what came after, then halves, quarters, and so on.
chaos_shrink() {
	local broken=$CHAOS_PROMISE left=("${CHAOS_BEGUN[@]}") size at try tries=0
	say "seed $seed breaks the promise '$broken' with ${#left[@]} faults;" \
		"the search for fewer takes $CHAOS_TRIES runs at most"
	size=$(((${#left[@]} + 1) / 2))
	while [ "$size" -ge 1 ] && [ ${#left[@]} -gt 1 ]; do
		for ((at = 0; at < ${#left[@]} && tries < CHAOS_TRIES; )); do
			try=("${left[@]:0:at}" "${left[@]:at+size}")
			tries=$((tries + 1))
			if [ ${#try[@]} -gt 0 ] && chaos_still "${try[@]}"; then
				left=("${CHAOS_BEGUN[@]}")
			else
				at=$((at + size))
			fi
		done
		if [ "$tries" -ge "$CHAOS_TRIES" ] || [ "$size" -eq 1 ]; then
			break
		fi
		size=$(((size + 1) / 2))
	done
	say "the promise '$broken' is broken by ${#left[@]} faults of seed $seed:"
	say "./dev chaos $minutes $seed --keep $(chaos_join "${left[@]}")"
}

chaos_join() {
	local IFS=,
	echo "$*"
}

# chaos_still NUMBER...: these faults break the same promise. What the runs of the
# search print and count is not the reader's.
# shellcheck disable=SC2034
chaos_still() {
	local passed=0 failed=0
	chaos_run "$(chaos_join "$@")" >/dev/null 2>&1
	[ "$CHAOS_PROMISE" = "$broken" ] && say "with ${#CHAOS_BEGUN[@]} faults as well"
}
