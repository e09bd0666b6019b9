#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# evenkeeld -t: what it says of what a file names and is not there, and what it
# exits with; what a daemon says of the same file, and of one that was emptied.
. "$SRC/tests/net/lib.sh"

ip link set lo up
RUN=$NET_DIR/run
CONF=$NET_DIR/evenkeel.conf
SAID=$NET_DIR/said
LOG=$NET_DIR/log
EVENKEELD=$EVENKEEL_BUILD/evenkeeld
chmod 755 "$NET_DIR"

ctl() { "$EVENKEEL_BUILD/evenkeel" --run-dir "$RUN" "$@"; }
# test_file STATUS: what -t says, and whether it exits with this.
test_file() {
	local status
	"$EVENKEELD" -t -f "$CONF" >"$SAID" 2>&1
	status=$?
	cat "$SAID"
	[ "$status" -eq "$1" ]
}
# said TEXT: a warning with this begins a line, with the file and a number.
said() { grep -qE -- "^$CONF:[0-9]+: warning: $1" "$SAID"; }
logged() { grep -qE -- "$1" "$LOG"; }
served() { ctl --json status | grep -c '"state":'; }

pool() {
	cat <<-END
		virtual_server 127.0.0.1 7000 {
			lvs_sched rr
			lvs_method NAT
			protocol TCP
			${1:-}
			real_server 127.0.0.2 7000 {
				${2:-}
				TCP_CHECK {
				}
				${3:-}
			}
		}
	END
}

step "a file with which all is well"
pool >"$CONF"
check "status 0" test_file 0
check "nothing is said" test ! -s "$SAID"

step "advice only"
{
	printf "%s\n" "global_defs {" "json_version 2" "}"
	pool
} >"$CONF"
check "status 0" test_file 0
check "and yet it is said" grep -q ":2:1: note: 'json_version'" "$SAID"

step "a word that is missed"
pool ha_suspend >"$CONF"
check "status 5" test_file 5

step "what is not there"
{
	pool "quorum_down \"/etc/nowhere/quorum x\"" \
		"notify_down /etc/nowhere/notify" "MISC_CHECK {
		misc_path /etc/nowhere/misc
		}
		MISC_CHECK {
		misc_path /bin/true
		user nosuchuser
		}
		MYSQL_CHECK {
		username check
		password_file /etc/nowhere/password
		tls_ca /etc/nowhere/ca
		}"
	cat <<-END
		vrrp_script chk {
			script /etc/nowhere/script
		}
		vrrp_track_file f {
			file /etc/nowhere/number
		}
		vrrp_instance one {
			interface lo
			virtual_router_id 1
			virtual_ipaddress {
				127.0.0.9/32
			}
			track_script {
				chk
			}
			track_file {
				f
			}
			notify /etc/nowhere/notified
			notify_master /etc/nowhere/master
		}
	END
} >"$CONF"
check "status 5" test_file 5
for name in quorum_down/quorum notify_down/notify misc_path/misc \
	password_file/password tls_ca/ca script/script file/number \
	notify/notified notify_master/master; do
	check "${name%/*}" said "${name%/*} '/etc/nowhere/${name#*/}': No such file"
done
check "a user" said "misc_path '/bin/true': there is no user 'nosuchuser'"
check "each once" test "$(grep -c "warning:" "$SAID")" -eq 10

step "the daemon says it too"
sed -i '/^vrrp/,$d' "$CONF"
"$EVENKEELD" -n -l -f "$CONF" --run-dir "$RUN" >"$LOG" 2>&1 &
DAEMON=$!
wait_for 20 "the daemon has its file" eval "[ \"\$(served)\" -ge 1 ]"
check "at the start" logged "quorum_down '/etc/nowhere/quorum'"
pool "quorum_up /etc/nowhere/up" >"$CONF"
check "a reload" ctl reload
check "at a reload" logged "quorum_up '/etc/nowhere/up'.*No such file"

kill "$DAEMON"
wait "$DAEMON"

# In an /etc of our own.
step "keepalived's own file"
cp -a /etc "$NET_DIR/etc" 2>/dev/null
rm -rf "$NET_DIR/etc/evenkeel" "$NET_DIR/etc/keepalived"
mkdir "$NET_DIR/etc/keepalived"
mount --bind "$NET_DIR/etc" /etc
KEEPALIVED=/etc/keepalived/keepalived.conf
pool no_such_word >$KEEPALIVED
cp $KEEPALIVED "$CONF"
check "elsewhere an unknown word is an error" test_file 4
check "there it is a warning" eval \
	"'$EVENKEELD' -t -f $KEEPALIVED >'$SAID' 2>&1; [ \$? -eq 5 ]"
check "and the reason is said" grep -q "note: $KEEPALIVED is keepalived's" "$SAID"
check "once" test "$(grep -c "is keepalived's" "$SAID")" -eq 1
check "without an option too" eval "'$EVENKEELD' -t; [ \$? -eq 5 ]"
ln -s $KEEPALIVED "$NET_DIR/link"
check "by another path too" eval \
	"'$EVENKEELD' -t -f '$NET_DIR/link'; [ \$? -eq 5 ]"
pool >$KEEPALIVED
check "it is no warning" eval "'$EVENKEELD' -t; [ \$? -eq 0 ]"
"$EVENKEELD" -n -l --run-dir "$RUN" >"$LOG" 2>&1 &
DAEMON=$!
wait_for 20 "the daemon has its file" eval "[ \"\$(served)\" -ge 1 ]"
check "the daemon says it" logged "$KEEPALIVED is keepalived's"
check "and its children read the file alike" eval \
	"ctl --json status | grep -q '\"keepalived_compat\": *true'"
kill "$DAEMON"
wait "$DAEMON"
umount /etc

step "the file is emptied"
pool >"$CONF"
"$EVENKEELD" -n -l -f "$CONF" --run-dir "$RUN" >"$LOG" 2>&1 &
DAEMON=$!
wait_for 20 "the daemon has its file" eval "[ \"\$(served)\" -ge 1 ]"
: >"$CONF"
check_not "a reload is refused" ctl reload
check "and why is in the log" logged "holds no block"
check "the servers are still there" test "$(served)" -ge 1
check "status 4" test_file 4
echo "global_defs { }" >"$CONF"
check "who means it can say it" ctl reload
check "and has none" test "$(served)" -eq 0
kill "$DAEMON"
wait "$DAEMON"
finish
