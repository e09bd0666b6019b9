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
		rs_mysql 127.0.0.1 $((7000 + i)) "timeout 600"
	done
	vs_end
} >"$NET_DIR/conf"
drive_start

# Nobody gives up the hung ones while this is waited for: a checker in which the
# others wait for them does not get there.
everybody_is_asked() {
	awk '$1 == "verdict" && $5 ~ /^127\.1\.0\./ && $6 == "ok" { n[$5]++ }
	END {
		for (s in n) full += n[s] >= 7
		printf "%d of '"$GOOD"' servers seven times ok\n", full
		exit full != '"$GOOD"'
	}' "$OUT"
}
wait_for 300 "each of the $GOOD good servers is asked seven times" \
	everybody_is_asked
check_not "before a hung one is given up" grep -qE \
	'^verdict .* 127\.0\.0\.1:70[0-9]+ hung' "$OUT"
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
# With a time limit that one can wait for.
sed -i 's/^timeout 600$/timeout 2/' "$NET_DIR/conf"
kill -HUP "$DRIVE_PID"
wait_for 120 "the $BAD that hang are known" bad_are_hung
echo "# $(helpers | grep -c .) helpers"
check_not "main was never left without a word" grep silent "$OUT"
drive_stop
db_stop
finish
