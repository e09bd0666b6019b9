# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: the same file gives the same table as with keepalived
# limit: 240
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh

SAMPLES=/usr/share/doc/keepalived/samples
OURS=/src/tests/lab/conf/compat

# The table, thresholds too: `ipvsadm -Sn` leaves them out.
table_whole() {
	table "$1"
	ns "$1" ipvsadm -Ln --thresholds |
		awk '/^[A-Z]/ { s = $1 " " $2 } / -> / && ($3 || $4) { print s, $2, $3, $4 }' |
		sort
}

keepalived_started() {
	grep -q "Startup complete" "$LAB_LOG/keepalived.lb1.log"
}

same_tables() {
	local seen
	seen=$(table_whole lb2)
	diff -u --label keepalived --label evenkeel <(echo "$WANTED") \
		<(echo "$seen")
}

# compare FILE: keepalived programs lb1, evenkeeld lb2. No packet of either
# arrives anywhere, so no check ends before its time limit.
compare() {
	local name=${1##*/}
	: >"$LAB_LOG/keepalived.lb1.log"
	evenkeel_launch "$1" lb2 --keepalived-compat
	keepalived_start "$1" lb1 --check -i lab
	if ! poll 20 keepalived_started; then
		check "$name: keepalived starts" cat "$LAB_LOG/keepalived.lb1.log"
	fi
	WANTED=$(table_whole lb1)
	echo "$WANTED" >"$LAB_LOG/$name.wanted"
	wait_for 15 "$name: $(wc -l <<<"$WANTED") lines are the same" same_tables
	kill "${DAEMON_PID[keepalived.lb1]}" "${DAEMON_PID[evenkeeld.lb2]}"
	wait "${DAEMON_PID[evenkeeld.lb2]}"
	check "$name: it ends in good order" test $? = 0
	check_equal "$name: and takes its table away, as keepalived does" "" \
		"$(table lb2)"
	wait "${DAEMON_PID[keepalived.lb1]}"
	ns lb1 ipvsadm -C
	ns lb2 ipvsadm -C
}

silent_node lb1
silent_node lb2
# keepalived asks for the host's full name, and would wait for an answer.
: >/etc/resolv.conf
step "keepalived's samples"
for name in sample HTTP_GET.port SSL_GET IPv6 PING_CHECK UDP_CHECK SMTP_CHECK \
	fwmark inhibit misc_check misc_check_arg quorum status_code \
	virtual_server_group virtualhost vrrp.lvs_syncd; do
	compare $SAMPLES/keepalived.conf.$name
done
step "what they do not cover"
for file in "$OURS"/*.conf; do
	compare "$file"
done
finish
