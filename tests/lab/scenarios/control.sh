# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: who may ask over the control socket, what it says, and no secrets anywhere
# limit: 150
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
CONF=/tmp/evenkeel.conf
SOCKET=/run/evenkeel-lb1/control.sock
# Found nowhere else on the machine.
SECRET=hush-4711-inline
FILE_SECRET=hush-4712-from-file

printf '%s\n' 'asker:x:4711:4711::/:/bin/false' \
	'member:x:4712:4712::/:/bin/false' \
	'stranger:x:4713:4713::/:/bin/false' >>/etc/passwd
printf '%s\n' 'asker:x:4711:' 'member:x:4712:' 'stranger:x:4713:' \
	'dbops:x:4720:member' >>/etc/group

# conf_write [GLOBAL...]
conf_write() {
	printf '%s\n' "global_defs {" "$@" "}" >$CONF
	cat >>$CONF <<-END
		virtual_server 10.77.0.100 3306 {
			delay_loop 1
			lvs_sched wlc
			lvs_method NAT
			protocol TCP
			real_server 10.78.0.1 3306 {
				MYSQL_CHECK {
					username one
					password $SECRET
				}
			}
			real_server 10.78.0.1 3307 {
				MYSQL_CHECK {
					username two
					password_file /tmp/password
				}
			}
			real_server 10.78.0.2 3306 {
				weight 5
			}
		}
	END
}

# as USER COMMAND...: with that user's groups.
as() {
	local user=$1
	shift
	setpriv --reuid="$user" --regid="$user" --init-groups "$@"
}
ask_as() {
	as "$1" timeout 20 "$EVENKEEL_BUILD/evenkeel" "--socket=$SOCKET" status \
		--json
}
mode_is() {
	local seen
	seen=$(stat -c '%a %U %G' "$SOCKET")
	echo "$seen"
	[ "$seen" = "$*" ]
}

step "a daemon with a MariaDB server that knows one of two passwords"
topology_build 1
mariadb_start 1
sql 1 "CREATE USER one@'%' IDENTIFIED BY '$SECRET'"
(umask 077 && echo $FILE_SECRET >/tmp/password)
conf_write
EVENKEEL_LOG=$LAB_LOG/evenkeeld.lb1.log
evenkeel_start $CONF lb1 -D -D
wait_for 30 "the server is in" table_has "-r 10.78.0.1:3306"
toys_start db1 garbage 3307

step "who may ask"
check "by default root" evenkeel lb1 status
check "nobody else: the mode says so" mode_is 600 root root
check_not "another user is refused" ask_as stranger
chmod 666 $SOCKET
check_not "even where the mode would let him" ask_as stranger
wait_for 10 "which is logged" evenkeel_log lb1 "user 4713 is not allowed"
conf_write "control_socket $SOCKET asker dbops"
daemon_signal evenkeeld.lb1 HUP
wait_for 20 "control_socket PATH USER GROUP" mode_is 660 asker dbops
check "the user may" ask_as asker
check "a member of the group may" ask_as member
check_not "others may not" ask_as stranger

step "what it says"
evenkeel lb1 status --json >/tmp/status.json
check "the status is valid JSON" python3 -m json.tool /tmp/status.json
evenkeel lb1 plan --json >/tmp/plan.json
check "so is the plan" python3 -m json.tool /tmp/plan.json
check "the plan is empty" grep -q '"changes":\[\]' \
	<(tr -d ' \n' </tmp/plan.json)
# The plan must be asked for before the daemon has repaired it by itself.
plan_shows() {
	ns lb1 ipvsadm -e -t 10.77.0.100:3306 -r 10.78.0.2:3306 -m -w 77
	evenkeel lb1 plan >/tmp/plan
	cat /tmp/plan
	grep -q '10.78.0.2:3306' /tmp/plan
}
wait_for 20 "a change by hand is in the plan" plan_shows
wait_for 20 "and is repaired" table_weight 10.78.0.2:3306 5
check_not "a word that it does not know is an error" evenkeel lb1 nonsense
talk() {
	python3 - $SOCKET "$@" <<-'END'
		import socket, sys
		s = socket.socket(socket.AF_UNIX)
		s.settimeout(15)
		s.connect(sys.argv[1])
		try:
		    s.sendall(eval(sys.argv[2]))
		    s.shutdown(socket.SHUT_WR)
		    while s.recv(65536):
		        pass
		except (BrokenPipeError, ConnectionResetError):
		    pass
	END
}
talk "b'x' * 100000"
talk "b'status'"
talk "b'\\0\\xff\\n' * 1000"
check "after nonsense it still answers" evenkeel lb1 status

step "no secrets"
"$EVENKEEL_BUILD/evenkeeld" -t -d -f $CONF >/tmp/dump 2>&1
check "there is a dump" grep -q 10.78.0.1 /tmp/dump
daemon_signal evenkeeld.lb1 USR1
wait_for 10 "the state is in the log" evenkeel_log lb1 "state:"
sed -i "s/password $SECRET/password $SECRET oops {/" $CONF
daemon_signal evenkeeld.lb1 HUP
wait_for 20 "a broken line with a password is refused" evenkeel_log lb1 \
	"is refused"
"$EVENKEEL_BUILD/evenkeeld" -t -f $CONF >/tmp/complaint 2>&1
sed -i "s/^virtual_server .*/virtual_serverr {/" $CONF
"$EVENKEEL_BUILD/evenkeeld" -t -f $CONF >>/tmp/complaint 2>&1
clean() {
	! grep -a -n -H -e "$SECRET" -e "$FILE_SECRET" "$@"
}
check "not in the status or the plan" clean /tmp/status.json /tmp/plan.json \
	/tmp/plan
check "not in the dump of the configuration" clean /tmp/dump
check "not in what is said of a broken file" clean /tmp/complaint
check "not in the log, with all its details" clean "$EVENKEEL_LOG"
process_tree "${DAEMON_PID[evenkeeld.lb1]}"
TREE+=("${DAEMON_PID[evenkeeld.lb1]}")
check "there are main, checker and helpers" test ${#TREE[@]} -ge 4
for pid in "${TREE[@]}"; do
	cat "/proc/$pid/cmdline" "/proc/$pid/environ" "/proc/$pid/comm"
	echo
done >/tmp/titles
check "not in titles and environments" clean /tmp/titles
check "not in the run directory" clean -r /run/evenkeel-lb1 --exclude=control.sock
daemon_stop evenkeeld.lb1
check "the socket goes with the daemon" test ! -e $SOCKET
finish
