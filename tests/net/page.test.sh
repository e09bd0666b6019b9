#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# long: yes
#
# The status page in Debian's chromium: first before made-up answers (hostile
# names, a thousand servers, answers that hang or come again), then as a real
# daemon serves it, which stands still, ends and returns. Above all: the page is
# never green and stale.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"

TOOLS=$SRC/tests/net/tools
PAGE=$SRC/web/page
export PYTHONDONTWRITEBYTECODE=1

# judge PROGRAM ARGUMENT...: each of its lines "ok - " and "not ok - " is a check;
# lines below a failed one say why. It must end by itself, and say something.
judge() {
	local line failed='' status=0 before=$ASSERT_PASSED
	ns a timeout $((120 * LAB_STRETCH)) python3 "$@" \
		>"$NET_DIR/said" 2>&1 || status=$?
	echo "# end" >>"$NET_DIR/said"
	while IFS= read -r line; do
		case $line in
		"ok - "* | "not ok - "* | "# "*)
			[ -z "$failed" ] || assert_fail "$failed"
			failed=
			: >"$ASSERT_OUT"
			;;
		*) echo "$line" >>"$ASSERT_OUT" ;;
		esac
		case $line in
		"ok - "*) assert_pass "${line#ok - }" ;;
		"not ok - "*) failed=${line#not ok - } ;;
		"# end") ;;
		"# "*) step "${line#\# }" ;;
		esac
	done <"$NET_DIR/said"
	tail -n 30 "$NET_DIR/said" >"$ASSERT_OUT"
	if [ "$ASSERT_PASSED" = "$before" ]; then
		assert_fail "$(basename "$1") has something to say"
	elif [ $status -gt 1 ] || { [ $status = 1 ] &&
		! grep -q '^not ok' "$NET_DIR/said"; }; then
		assert_fail "$(basename "$1") runs to its end (status $status)"
	fi
}

net_build a
chmod 755 "$NET_DIR"
mkdir "$NET_DIR/made-up" "$NET_DIR/real"
judge "$TOOLS/pagecheck.py" "$PAGE" "$NET_DIR/made-up" ${PAGE_SHOTS:+"$PAGE_SHOTS"}
judge "$TOOLS/pagereal.py" "$EVENKEEL_BUILD" "$NET_DIR/real" 10.79.0.1 eth0
finish
