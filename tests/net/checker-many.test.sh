#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two hundred MySQL servers, of which twenty hang: the others are checked on
# time. (They are one MariaDB under many addresses; the checker cannot know.)
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
	for i in $(seq 1 $GOOD); do rs_mysql "127.1.0.$i" 3306; done
	for i in $(seq 0 $((BAD - 1))); do
		rs_mysql 127.0.0.1 $((7000 + i)) "timeout 1"
	done
	vs_end
} >"$NET_DIR/conf"
drive_start
rounds_are_done() { count_reaches 127.1.0.1:3306 ok 7; }
wait_for 40 "seven rounds" rounds_are_done

# Each interval but the first of every server, against the 2 s of the file. A
# checker that waits for the hung ones is late everywhere and by seconds; a busy
# host is late now and then.
judge_intervals() {
	awk '$1 == "verdict" && $5 ~ /^127\.1\.0\./ {
		start = $2 - $9 / 1000
		if ($5 in last) {
			if (n[$5]++) {
				gap = start - last[$5]
				all++
				sum += gap
				if (gap < 1.8 || gap > 2.2) {
					late++
					print $5, gap
				}
				if (gap > most) most = gap
			}
		}
		last[$5] = start
		servers[$5] = 1
	}
	END {
		for (s in servers) seen++
		printf "%d servers, %d intervals, mean %.3f s, longest %.3f s, " \
			"%d off by more than 10 %%\n", seen, all, sum / all,
			most, late
		exit !(seen == '$GOOD' && all > 600 && late <= all * 0.05 &&
			most < 4 && sum / all > 1.9 && sum / all < 2.1)
	}' "$OUT"
}
check "the $GOOD good servers are checked on time" judge_intervals
echo "# $(judge_intervals | tail -n 1)"
all_good_are_ok() {
	! awk '$1 == "verdict" && $5 ~ /^127\.1\.0\./ && $6 != "ok"' "$OUT" |
		grep .
}
check "and ok each time" all_good_are_ok
bad_are_hung() {
	awk '$1 == "verdict" && $5 ~ /^127\.0\.0\.1:70/ {
		n[$5]++; if ($6 != "hung") { print; bad = 1 }
	} END { for (s in n) seen++; exit bad || seen != '"$BAD"' }' "$OUT"
}
check "the $BAD that hang are known" bad_are_hung
echo "# $(helpers | grep -c .) helpers"
check_not "main was never left without a word" grep silent "$OUT"
drive_stop
db_stop
finish
