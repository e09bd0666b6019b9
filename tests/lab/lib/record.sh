# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Recordings as tests: every scenario has every decision of its daemons recorded,
# through kills and reloads. When it ends, `evenkeel replay` must decide the very
# same from the same inputs, step by step, or the scenario has failed. The recording
# is then in the job folder, to be played again by hand.

RECORD_DIR=/run/recorded
RECORD_LBS=()
# no: a scenario of which a recording would be no test; it says why.
RECORD=yes
# yes: a scenario that stops or kills the recorder.
RECORD_GAPS=no

# record_conf CONF LB: sets RECORD_CONF to the file that the daemon shall read.
# The scenario's own stays as it is, and may be written anew for a reload.
record_conf() {
	RECORD_CONF=$1
	[ $RECORD = yes ] || return 0
	mkdir -p "$RECORD_DIR" && chmod 700 "$RECORD_DIR"
	RECORD_CONF=$RECORD_DIR/$2.conf
	printf '%s\n' "global_defs {" "recorder $RECORD_DIR/$2" "}" \
		"include $1" >"$RECORD_CONF"
	[[ " ${RECORD_LBS[*]} " == *" $2 "* ]] || RECORD_LBS+=("$2")
}

# record_closed LB: its last process has written what it was given.
record_closed() {
	local pid
	for pid in /proc/[0-9]*/fd/*; do
		[ "$pid" -ef "$RECORD_DIR/$1" ] || continue
		echo "$pid is open"
		return 1
	done
}

# record_same LB: its replay decided, and nothing is missing or different. Sets
# RECORD_SAID.
record_same() {
	local status=0
	RECORD_SAID=$("$EVENKEEL_BUILD/evenkeel" replay --json --to @0 \
		"$RECORD_DIR/$1" 2>&1) || status=$?
	echo "$RECORD_SAID"
	[ $status -eq 0 ] && [[ $RECORD_SAID != *'"decisions":0,'* &&
		$RECORD_SAID == *'"decisions":'* ]] &&
		[[ $RECORD_GAPS = yes || $RECORD_SAID == *'"gaps":0,'* ]]
}

# Called by finish.
assert_end() {
	local lb line
	for lb in "${RECORD_LBS[@]}"; do
		poll 20 record_closed "$lb"
		cp "$RECORD_DIR/$lb" "$LAB_LOG/recorded.$lb"
		check "the replay decides as $lb did, step by step" \
			record_same "$lb"
		while read -r line; do
			[[ $line != \"inputs* && $line != \"decisions* ]] ||
				echo "   $line"
		done <<<"$RECORD_SAID"
	done
}
