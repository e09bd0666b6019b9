#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The recorder's price, a verdict and of a core at 10,000 verdicts a second, and how
# long the replay of a day of 200 servers takes (bench_recording.c).
# `./dev bench recording`
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"

"$EVENKEEL_BUILD/tests/bench/bench_recording" 24 | tee "$NET_DIR/said"
number() { sed -n "s/.*recorder: \([0-9.]*\) % of a core.*/\1/p;s/^replay: \([0-9.]*\) s .*/\1/p" "$NET_DIR/said" | sed -n "$1p"; }
check "the recorder takes less than 2 % of a core" \
	awk "BEGIN { exit !($(number 1) < 2) }"
check "a day is replayed in less than 20 s" awk "BEGIN { exit !($(number 2) < 20) }"
check "as it was decided" grep -q ", 0 of them otherwise" "$NET_DIR/said"
finish
