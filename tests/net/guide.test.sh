#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each command of evenkeel that the guide shows is given to a running daemon, which
# has the configuration of the guide's first pair: the servers, pools and options
# that a page names are there, and a command that must fail here fails for the reason
# that is expected. No IPVS is needed; lab/readme and lab/move take the same pages on
# a real kernel, from the first packet to a takeover. What the pages say to a server,
# a client, a routing daemon or in a terminal is said here as well, to real ones; what
# they say to MySQL is said in tests/mysql.
# shellcheck disable=SC2119
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
# shellcheck source=tests/net/checker-lib.sh
. "$SRC/tests/net/checker-lib.sh"

net_build a
chmod 755 "$NET_DIR"
cd "$SRC" || exit 1

# line PATTERN FILE: the first of the commands in FILE that begins so.
line() { sed -nE "s/^    ($1.*)/\\1/p" "$2" | head -n 1; }

# The first configuration of the first page, with its password.
line '\(umask' doc/first-pair.md | sed "s|/etc/evenkeel|$NET_DIR|" >"$NET_DIR/sh"
check "the guide writes a password" sh "$NET_DIR/sh"
check_equal "that root alone can read" 600 "$(stat -c %a "$NET_DIR/check.password")"
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

step "a server, as the first page prepares it"
ip -n a addr add 192.0.2.10/32 dev lo
for i in 1 2 3; do ip -n a addr add "192.0.2.1$i/32" dev lo; done
db_install
DB_UNDER=(nsenter --net=/run/netns/a --)
db_start
grants() { sed -nE 's/^    ((CREATE|GRANT) .*)/\1/p' doc/first-pair.md | head -n 2; }
check_equal "two statements for MariaDB" 2 "$(grants | wc -l)"
check "it takes them" sql "$(grants)"
sql "CREATE USER app@'%' IDENTIFIED BY 'app-secret'"
line 'evenkeeld -t --probe' doc/mysql.md >"$NET_DIR/lines"
probe() {
	local words
	read -ra words <"$NET_DIR/lines"
	ns a "$EVENKEEL_BUILD/${words[0]}" "${words[@]:1}" -f "$NET_DIR/a.conf"
}
probe >"$NET_DIR/said" 2>&1
cat "$NET_DIR/said"
check_equal "the page's check passes at all of them" 3 \
	"$(grep -cE 'ok +192.0.2.1[123]:3306 +MYSQL_CHECK' "$NET_DIR/said")"

# in_terminal COMMAND: as the guide has it, in a terminal; what it writes is in
# $NET_DIR/screen, its status in $NET_DIR/status.
mux() { ns a tmux -S "$NET_DIR/tmux" -f /dev/null "$@"; }
in_terminal() {
	rm -f "$NET_DIR/status"
	: >"$NET_DIR/screen"
	local said=${1/#evenkeel /"$EVENKEEL_BUILD/evenkeel --run-dir=$NET_DIR/run.a "}
	printf '%s\n' "script -qefc \"$said\" $NET_DIR/screen" \
		"echo \$? >$NET_DIR/status" >"$NET_DIR/terminal"
	TERM=screen HOME=$NET_DIR mux new-session -d -x 100 -y 40 "sh $NET_DIR/terminal"
}
shown() { grep -qE -- "$1" "$NET_DIR/screen"; }
ended() { [ -s "$NET_DIR/status" ]; }
typed() { mux send-keys "$@"; }
# A client of MariaDB 11.8 asks for TLS, which this server has not.
printf '[client]\nskip-ssl\n' >"$NET_DIR/.my.cnf"

step "what the guide does in a terminal"
command=$(line 'mariadb ' doc/first-pair.md)
in_terminal "$command"
wait_for 20 "$command" shown "password"
typed app-secret Enter
wait_for 20 "it ends" ended
check "with the name of a server" shown "$(hostname)"
for page in doc/first-pair.md doc/planned-work.md; do
	command=$(line 'evenkeel drill ' $page)
	in_terminal "$command"
	wait_for 20 "$page: $command" shown "Password"
	typed app-secret Enter
	wait_for 20 "the service answers" shown "answers"
	typed C-c
	wait_for 20 "it ends" ended
	check_equal "well" 0 "$(cat "$NET_DIR/status")"
	check "with a summary" shown "attempts, [1-9][0-9]* answered"
done
command=$(line 'evenkeel top' README.md | sed 's/ *#.*//')
in_terminal "$command"
wait_for 20 "$command" shown "192.0.2.12:3306"
typed q
wait_for 20 "it ends" ended
check_equal "well" 0 "$(cat "$NET_DIR/status")"

step "what the guide gives to routing daemons"
# part FIRST: the indented part of the page that begins with that line.
part() {
	awk -v first="    $1" '$0 == first { on = 1 } on && /^[^ ]/ { exit }
		on { print substr($0, 5) }' doc/more-than-a-pair.md
}
# understood FIRST LINES: FRR's parser has no complaint about the part. It wants to
# be of a group that this test's root need not be in.
grep -v '^frr' /etc/group >"$NET_DIR/group"
printf 'frrvty:x:107:root\nfrr:x:108:root\n' >>"$NET_DIR/group"
mount --bind "$NET_DIR/group" /etc/group
parsed() {
	ns a /usr/lib/frr/bgpd -C -u root -g root -f "$1" 2>&1
}
# Its exit status is the same for words that it does not know.
understood() {
	part "$1" >"$NET_DIR/frr.conf"
	[ "$(wc -l <"$NET_DIR/frr.conf")" -ge "$2" ] || return
	echo "no such words" | cat - "$NET_DIR/frr.conf" >"$NET_DIR/bad.conf"
	parsed "$NET_DIR/bad.conf" | grep "No such command on config line 1:" &&
		! parsed "$NET_DIR/frr.conf" | grep -E "No such command|rror"
}
check "FRR: a director's bgpd" understood "router bgp 65001" 10
check "FRR: what a drained one adds" understood "route-map EVENKEEL permit 20" 3
check "FRR: a router's bgpd" understood "router bgp 65000" 8
# bird_takes FIRST
bird_takes() {
	part "$1" >"$NET_DIR/bird.conf"
	# Without a name of its own it takes its address for one, if it has any.
	sed '1i router id 192.0.2.1;' -i "$NET_DIR/bird.conf"
	[ "$(wc -l <"$NET_DIR/bird.conf")" -ge 10 ] && bird -p -c "$NET_DIR/bird.conf"
}
if command -v bird >/dev/null; then
	check "BIRD: a director" bird_takes "protocol device { }"
	check "BIRD: a router" bird_takes "protocol kernel {"
else
	echo "skipped BIRD: it is not here"
fi

kill "$BALANCER"
wait "$BALANCER"
check_equal "it ends in good order" 0 $?
check "no sanitizer has a report" \
	eval "! grep -q 'Sanitizer\|runtime error' '$NET_DIR/a.log'"
finish
