#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A disk that stands still, under everything that is named in the file: the
# configuration and what it includes, the state file and the drain beside it,
# reload_time_file, passwords, keys, scripts, files with numbers. Main and VRRP go
# on, operators are told, and what was said is there when the disk comes back. No
# IPVS is needed.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"

net_build a
DISK=$NET_DIR/disk
STAND=$NET_DIR/stand
RUN=$NET_DIR/run.a
LOG=$NET_DIR/a.log
mkdir "$DISK"
assert_diagnose() { tail -n 15 "$LOG" | cut -c1-180; }
gone() { ! kill -0 "$1" 2>/dev/null; }
has_vip() { ip -n a addr show dev eth0 | grep -qF "10.79.0.100/"; }
logged() { grep -qF -- "$1" "$LOG"; }
loads() { [ "$(grep -c "a.conf is in force" "$LOG")" -gt "$1" ]; }
loaded() { grep -c "a.conf is in force" "$LOG"; }
ctl() { timeout 30 "$EVENKEEL_BUILD/evenkeel" --run-dir "$RUN" "$@" >"$NET_DIR/said" 2>&1; }
answers() { ctl --json status; [ -s "$NET_DIR/said" ] && says generation; }
says() { grep -qF -- "$1" "$NET_DIR/said"; }
conf() {
	cat >"$DISK/a.conf" <<-END
		global_defs {
			state_file $DISK/state
			reload_time_file $DISK/time
			reload_file $DISK/mark
			operator_peer 10.79.0.9 8850 $DISK/key
			enable_script_security
			script_user root
		}
		${2:-}
		track_file level {
			file $DISK/level
		}
		vrrp_script look {
			script $DISK/look
			interval 1
			weight 1
		}
		announce_group anycast {
			interface eth0
			when always
			virtual_ipaddress {
				10.79.0.150
			}
		}
		vrrp_instance ONE {
			interface eth0
			virtual_router_id 51
			priority 100
			version 3
			advert_int 0.1
			track_file {
				level weight 1
			}
			virtual_ipaddress {
				10.79.0.100/24
			}
		}
		virtual_server 10.79.0.100 80 {
			lvs_sched rr
			lvs_method NAT
			protocol TCP
			real_server 10.79.0.1 80 {
				weight $1
				TCP_CHECK {
				}
				MYSQL_CHECK {
					username check
					password_file $DISK/password
				}
				FILE_CHECK {
					track_file level
				}
			}
		}
	END
}
daemon_start() {
	LD_PRELOAD=$EVENKEEL_BUILD/tests/net/tools/stand.so \
		STAND_BELOW=$DISK STAND_WHILE=$STAND \
		ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0 \
		nsenter --net=/run/netns/a -- "$EVENKEEL_BUILD/evenkeeld" -n -l \
		-f "$DISK/a.conf" --run-dir "$RUN" >>"$LOG" 2>&1 &
	DAEMON=$!
	wait_for 20 "the daemon answers" answers
}

step "a disk that answers"
echo 5 >"$DISK/level"
(umask 077 && head -c 32 /dev/urandom | base64 >"$DISK/key" && echo secret >"$DISK/password")
printf '#!/bin/sh\nexit 0\n' >"$DISK/look"
chmod 755 "$NET_DIR" "$DISK" "$DISK/look"
# The first file does not include it.
echo "! nothing but this line" >"$DISK/new"
conf 1
daemon_start
wait_for 20 "the address is held" has_vip
check "a word is kept" ctl drain 10.79.0.1:80
check "it is on the disk" grep -q drain "$DISK/state"
check "a reload" ctl reload
check_not "its mark is gone" test -e "$DISK/mark"

step "it stands still"
BEFORE=$(loaded)
conf 7 "include $DISK/new"
echo 9 >"$DISK/level"
touch "$STAND"
status=0
ctl ready 10.79.0.1:80 || status=$?
check_equal "a word counts, with an exit status of its own" 4 $status
check "and the operator is told" says "the disk does not answer"
check "the log says so too" logged "$DISK/state: the disk does not answer"
check "main answers" answers
check_not "a reload waits for the disk" ctl reload
check "which it says" says "the file's disk does not answer"
check_not "and does nothing" loads "$BEFORE"
check "main answers" answers
check_equal "a drain of this balancer counts too" 4 \
	"$(ctl drain --director || echo $?)"
check "and the operator is told" says "the disk does not answer"
check "the next word is told at once" eval "ctl drain 10.79.0.1:80; says 'does not answer'"
check "the address is held" has_vip
check "nobody was replaced" eval "! grep -q 'has not answered for' '$LOG'"
check "the old word is on the disk" grep -q '"word":"drain"' <(tr -d ' ' <"$DISK/state")
ctl ready 10.79.0.1:80

step "it answers again"
rm "$STAND"
wait_for 20 "the last word is written" logged "$DISK/state holds what was said"
check "it is on the disk" grep -q '"word":"ready"' <(tr -d ' ' <"$DISK/state")
wait_for 20 "the drain of this balancer too" test -e "$DISK/state.drained"
check "that is taken back" ctl ready --director
check_not "at once" test -e "$DISK/state.drained"
wait_for 20 "the reload that was asked for is done" loads "$BEFORE"
check_equal "once" $((BEFORE + 1)) "$(loaded)"
check "a word is kept" ctl drain 10.79.0.1:80
check "a reload" ctl reload
level() { ctl --json vrrp && tr -d ' ' <"$NET_DIR/said" | grep -q "\"priority\":$1,"; }
wait_for 20 "the number in the file counts" level 109

step "a file whose disk stands still"
touch "$STAND"
mv "$DISK/level" "$DISK/level.old"
echo 20 >"$DISK/level"
holds 3 "main answers" answers
check "with the number of before" level 109
check "the address is held" has_vip
rm "$STAND"
wait_for 20 "the new one counts when it answers" level 120

step "the process that tries the files is killed, or stopped"
BEFORE=$(loaded)
tries() { pgrep -x evenkeel-reload; }
touch "$STAND"
ctl reload &
ASKED=$!
wait_for 20 "the files are tried" tries
check "it is killed" pkill -KILL -x evenkeel-reload
wait_for 20 "which is said" logged "was ended by signal 9"
wait_for 20 "another one tries" tries
check "main answers" eval "timeout 30 '$EVENKEEL_BUILD/evenkeel' --run-dir '$RUN' vrrp >/dev/null"
check "it is stopped" pkill -STOP -x evenkeel-reload
wait "$ASKED"
rm "$STAND"
check_not "the file is not in force" loads "$BEFORE"
check "the next reload does not wait for it" ctl reload
check "it is in force" loads "$BEFORE"
check_not "and nobody is left" tries
touch "$STAND"
ctl reload &
ASKED=$!
killed_each_time() {
	pkill -KILL -x evenkeel-reload
	logged "cannot be tried, so it is not read"
}
wait_for 20 "killed each time, the file is not read" killed_each_time
wait "$ASKED"
check "which the operator is told" says "was killed each time"
rm "$STAND"
check "the next reload is done" ctl reload

step "a child is replaced while its password and its key stand still"
child() { pgrep -P "$DAEMON" -f "evenkeel-$1" | head -n 1; }
has_child() { [ -n "$(child "$1")" ]; }
checker_is_other() { has_child checker && [ "$(child checker)" != "$1" ]; }
OLD_CHECKER=$(child checker)
OLD_PEER=$(child peer)
touch "$STAND"
kill -KILL "$OLD_CHECKER" "$OLD_PEER"
wait_for 20 "their ends are seen" logged "checker: error: killed by signal 9"
check "main answers" answers
check "and VRRP" eval "timeout 30 '$EVENKEEL_BUILD/evenkeel' --run-dir '$RUN' vrrp >/dev/null"
check "the address is held" has_vip
wait_for 30 "the log says what they wait for" \
	logged "the disk of a file with a password or a key for it does not answer"
check "main answers" answers
check_not "there is no checker" has_child checker
wait_for 20 "one of those that try is stopped" pkill -STOP -x evenkeel-look
rm "$STAND"
wait_for 60 "there is one when the disk answers" checker_is_other "$OLD_CHECKER"
wait_for 60 "and a peer process" has_child peer
wait_for 20 "and nobody is left" eval "! pgrep -x evenkeel-look"

step "a reload whose time comes while it stands"
BEFORE=$(loaded)
date -u -d '+4 seconds' '+%Y-%m-%d %TZ' >"$DISK/time.new"
mv "$DISK/time.new" "$DISK/time"
wait_for 20 "it is planned" logged "the next reload is at"
touch "$STAND"
wait_for 30 "its time comes" logged "the reload is done at its time all the same"
check "main answers" answers
rm "$STAND"
wait_for 20 "it is done" loads "$BEFORE"

step "the end, while it stands"
touch "$STAND"
ctl ready 10.79.0.1:80
kill "$DAEMON"
wait_for 20 "the daemon ends" gone "$DAEMON"
check "the log says what is lost" logged "a restart forgets what was said last"
rm "$STAND"
daemon_start
wait_for 20 "another one begins" has_vip
kill "$DAEMON"
wait_for 20 "it ends" gone "$DAEMON"
finish
