#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two hundred MySQL servers, of which twenty hang: the others do not wait for
# them. (They are one MariaDB under many addresses; the checker cannot know.)
# shellcheck disable=SC2119
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/checker-lib.sh
. "$SRC/tests/net/checker-lib.sh"

GOOD=180
BAD=20
db_install
db_start --max-connections=400
toy silent 7000 $BAD
{
	vs_begin "delay_loop 2"
	for i in $(seq 1 $GOOD); do rs_mysql "127.1.0.$i" 3306 "timeout 30"; done
	for i in $(seq 0 $((BAD - 1))); do
		rs_mysql 127.0.0.1 $((7000 + i)) "timeout 20"
	done
	vs_end
} >"$NET_DIR/conf"
drive_start
rounds_are_done() { count_reaches 127.1.0.1:3306 ok 7; }

# A checker that waits for the hung ones asks the others once for each of them
# that it gives up; this one has asked every one of them again and again by the
# time the first is given up.
hung_one_is_known() { grep -qE '^verdict .* 127\.0\.0\.1:70[0-9]+ hung' "$OUT"; }
wait_for 60 "the first that hangs is given up" hung_one_is_known
judge_rounds() {
	awk '$1 != "verdict" { next }
	$6 == "hung" { known = 1 }
	$5 ~ /^127\.1\.0\./ {
		all[$5]++
		if (!known && $6 == "ok") early[$5]++
	}
	END {
		for (s in all) {
			seen++
			if (early[s] < few || seen == 1) few = early[s] + 0
		}
		printf "%d servers, ok %d times at least before that\n",
			seen, few
		exit !(seen == '$GOOD' && few >= 2)
	}' "$OUT"
}
check "until then the $GOOD good servers did not wait for it" judge_rounds
echo "# $(judge_rounds)"
wait_for 40 "seven rounds" rounds_are_done
# A busy host may not have made two hundred helpers by then: that is our own
# fault and is called so.
all_good_are_ok() {
	! awk '$1 == "verdict" && $5 ~ /^127\.1\.0\./ && $6 != "ok" &&
		$6 != "local-fault"' "$OUT" | grep .
}
check "and nothing is said against them" all_good_are_ok
bad_are_hung() {
	awk '$1 == "verdict" && $5 ~ /^127\.0\.0\.1:70/ {
		if ($6 == "hung") n[$5]++
		else if ($6 != "local-fault") { print; bad = 1 }
	} END { for (s in n) seen++; exit bad || seen != '"$BAD"' }' "$OUT"
}
wait_for 40 "the $BAD that hang are known" bad_are_hung
echo "# $(helpers | grep -c .) helpers"
check_not "main was never left without a word" grep silent "$OUT"
drive_stop
db_stop
finish
