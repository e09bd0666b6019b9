#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each command of evenkeel that the guide shows is given to a running daemon, which
# has the configuration of the guide's first pair: the servers, pools and options
# that a page names are there, and a command that must fail here fails for the reason
# that is expected. No IPVS is needed; lab/readme and lab/move take the same pages on
# a real kernel, from the first packet to a takeover.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"

net_build a
chmod 755 "$NET_DIR"
cd "$SRC" || exit 1

# The first configuration of the first page, with its password.
(umask 077 && echo secret >"$NET_DIR/check.password")
awk '/^```$/ { on = 0; if (n) exit } on { print; n++ } /^```evenkeel$/ { on = 1 }' \
	doc/first-pair.md | sed "s|/etc/evenkeel/|$NET_DIR/|" >"$NET_DIR/a.conf"
check "the guide begins with a configuration" "$EVENKEEL_BUILD/evenkeeld" -t \
	-f "$NET_DIR/a.conf"
balancer_start a
ctl() { ns a timeout $((10 * LAB_STRETCH)) \
	"$EVENKEEL_BUILD/evenkeel" --run-dir="$NET_DIR/run.a" "$@"; }
wait_for 20 "the daemon answers" ctl --json events

# why COMMAND: the words with which it fails on a host without IPVS and without
# another balancer; none: it succeeds.
why() {
	case $1 in
	status*) echo "level" ;; # 1, as the table cannot be read
	plan*) echo "cannot read the kernel's table" ;;
	doctor*) echo "error|warning|note" ;; # of this host
	"drain --director"*) echo "announce_group" ;;
	failback*) echo "writer|failback" ;;
	switchover*) echo "no channel to the other balancer" ;;
	esac
}
# given COMMAND...: as the guide has it, but for what waits for people or networks.
given() {
	local line=$* said status words
	case $line in
	top*) line+=" --once" ;;
	simulate*) line="simulate etc/scenarios/${line##*/}" ;;
	"drain --wait"*) line=${line/ --wait/} ;; # until the last connection ends
	esac
	read -ra words <<<"$line"
	said=$(ctl "${words[@]}" 2>&1 </dev/null)
	status=$?
	echo "evenkeel $line: $status: $said" | head -n 20
	[ "$status" -le 3 ] && [ -n "$said" ] || return
	if [ "$status" -ne 0 ]; then
		[ -n "$(why "$line")" ] && grep -qE -- "$(why "$line")" <<<"$said"
	fi
}

for page in README.md doc/*.md; do
	sed -nE 's/^    evenkeel (.*[^\\])$/\1/p' "$page" | sed 's/ *#.*//' |
		grep -v '^drill ' >"$NET_DIR/lines"
	[ -s "$NET_DIR/lines" ] || continue
	step "$page"
	while read -r command; do
		check "evenkeel $command" given "$command"
	done <"$NET_DIR/lines"
done
check "the page on planned work has been among them" \
	test "$ASSERT_PASSED" -ge 20
check_not "no command is taken that names another server" \
	given explain 192.0.2.99:3306
kill "$BALANCER"
wait "$BALANCER"
check_equal "it ends in good order" 0 $?
check "no sanitizer has a report" \
	eval "! grep -q 'Sanitizer\|runtime error' '$NET_DIR/a.log'"
finish
