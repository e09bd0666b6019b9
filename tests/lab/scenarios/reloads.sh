# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: edited files, reloaded, give the same table as with keepalived
# limit: 240
# keepalived programs lb1, evenkeeld lb2, from one file, with the same three servers
# behind them. The file is edited step by step and both get a SIGHUP; after each step
# `ipvsadm -Sn` of both is the same. Each step also says what has to be in the table
# then, so that two reloads that did nothing are not taken for equal.
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh

CONF=/run/reloads.conf

cat >$CONF <<'END'
virtual_server_group pair {
	10.77.0.110 3306
	10.77.0.111 3306
}
virtual_server 10.77.0.100 3306 {
	delay_loop 1
	lvs_sched wlc
	lvs_method NAT
	protocol TCP
	sorry_server 10.78.0.9 3306
	real_server 10.78.0.1 3306 {
		weight 1
		TCP_CHECK {
			connect_timeout 2
			retry 0
		}
	}
	real_server 10.78.0.2 3306 {
		weight 2
		TCP_CHECK {
			connect_timeout 2
			retry 0
		}
	}
}
virtual_server group pair {
	delay_loop 1
	lvs_sched rr
	lvs_method NAT
	protocol TCP
	real_server 10.78.0.1 3306 {
		weight 3
		TCP_CHECK {
			connect_timeout 2
			retry 0
		}
	}
}
virtual_server fwmark 7 {
	delay_loop 1
	lvs_sched wrr
	lvs_method DR
	real_server 10.78.0.3 3306 {
		weight 4
		TCP_CHECK {
			connect_port 3306
			connect_timeout 2
			retry 0
		}
	}
}
END

# A third server, and a fourth service.
cat >/run/server <<'END'
	real_server 10.78.0.3 3306 {
		weight 5
		TCP_CHECK {
			connect_timeout 2
			retry 0
		}
	}
END
cat >/run/service <<'END'
virtual_server 10.77.0.120 3306 {
	delay_loop 1
	lvs_sched lc
	lvs_method NAT
	protocol TCP
	persistence_timeout 90
	real_server 10.78.0.2 3306 {
		weight 6
		TCP_CHECK {
			connect_timeout 2
			retry 0
		}
	}
}
END

# keepalived 2.2.7 takes the servers of an address that its group no longer names, or
# of a group that no virtual_server names, and leaves each address and mark of it as a
# service with none, even at its end. LEFT is the pattern of such lines.
LEFT=nothing
same_tables() {
	diff -u --label keepalived --label evenkeel \
		<(table lb1 | grep -v -- "$LEFT") <(table lb2)
}

# here SIGN TEXT LB: "+": some line of the table holds the text, "-": none.
here() {
	local lines
	lines=$(table "$3")
	[ "$1" = - ] || [[ $lines == *"$2"* ]] && { [ "$1" = + ] || [[ $lines != *"$2"* ]]; }
}
both() {
	here "$1" "$2" lb1 && here "$1" "$2" lb2
}

# edited TEXT SED SIGN WANTED: a step.
edited() {
	local lb=keepalived.lb1
	sed -i -E "$2" $CONF
	kill -HUP "${DAEMON_PID[$lb]}" "${DAEMON_PID[evenkeeld.lb2]}"
	wait_for 15 "$1: $3 $4" both "$3" "$4"
	wait_for 15 "$1: the tables are the same" same_tables
}

topology_build 3 2
for db in db1 db2 db3; do toys_start $db accept 3306; done
: >/etc/resolv.conf

step "from one file"
evenkeel_launch $CONF lb2 --keepalived-compat
keepalived_start $CONF lb1 --check
wait_for 20 "three services and four servers" both + "-f 7 -r 10.78.0.3:0 -g -w 4"
wait_for 20 "the tables are the same" same_tables

step "a pool's servers"
edited "a weight" '0,/weight 1$/s//weight 10/' + "-r 10.78.0.1:3306 -m -w 10"
edited "a server more" '/sorry_server/r /run/server' + "-r 10.78.0.3:3306 -m -w 5"
edited "a server less" '/real_server 10.78.0.2/,/^\t}/d' - "-r 10.78.0.2:3306"
edited "a server on another port" '0,/10.78.0.3 3306/s//10.78.0.3 3307/' - "-r 10.78.0.3:3306 -m"
edited "and back" '0,/10.78.0.3 3307/s//10.78.0.3 3306/' + "-r 10.78.0.3:3306 -m"
edited "all weights" 's/weight (.*)/weight 1\1/' + "-w 15"

step "a service's words"
edited "a scheduler" 's/lvs_sched wlc/lvs_sched wrr/' + "10.77.0.100:3306 -s wrr"
edited "a scheduler with flags" 's/lvs_sched wrr/lvs_sched sh\n\tsh-port/' + "-b sh-port"
edited "without flags" '/sh-port/d' - "sh-port"
edited "persistence" '0,/protocol TCP/s//protocol TCP\n\tpersistence_timeout 60/' + "-p 60"
edited "for longer" 's/persistence_timeout 60/persistence_timeout 70/' + "-p 70"
edited "by network" 's/(persistence_timeout 70)/\1\n\tpersistence_granularity 255.255.255.0/' + "-M 255.255.255.0"
edited "for none" '/persistence/d' - "-p"
edited "a method" '0,/lvs_method NAT/s//lvs_method DR/' + "-r 10.78.0.1:3306 -g"
edited "and back" '0,/lvs_method DR/s//lvs_method NAT/' + "-t 10.77.0.100:3306 -r 10.78.0.1:3306 -m"

step "services"
edited "a service more" "\$r /run/service" + "10.77.0.120:3306 -r 10.78.0.2:3306"
edited "a service less" '/^virtual_server 10.77.0.120/,/^}/d' - "10.77.0.120"
edited "an address of a group more" 's/10.77.0.111 3306/&\n\t10.77.0.112 3306/' + "-t 10.77.0.112:3306 -r"
LEFT='-A -t 10.77.0.110:'
edited "an address of a group less" '/10.77.0.110 3306/d' - "-t 10.77.0.110:3306 -r"
edited "a range of addresses" 's/10.77.0.112 3306/10.77.0.112-114 3306/' + "-t 10.77.0.114:3306 -r"
edited "a smaller range" 's/10.77.0.112-114 3306/10.77.0.112-113 3306/' - "10.77.0.114"
edited "a mark in a group" 's/10.77.0.112-113 3306/&\n\tfwmark 9/' + "-f 9 -r"
edited "another mark" 's/fwmark 7/fwmark 8/' + "-f 8 -r"

step "the file as it is"
requests_watch
requests_seen
before=$REQUESTS
evenkeel_log_count lb2 "is in force"
kill -HUP "${DAEMON_PID[evenkeeld.lb2]}"
wait_for 15 "it is read again" evenkeel_log_more lb2 "is in force" "$LOG_COUNT"
holds 2 "nothing is asked of the kernel" requests_none_since "$before"

step "checks"
edited "a check of a port that is closed" '0,/TCP_CHECK \{/s//&\n\t\t\tconnect_port 3399/' - "10.77.0.100:3306 -r 10.78.0.3:3306"
edited "the server is kept at weight 0" '0,/weight 15/s//&\n\t\tinhibit_on_failure/' + "10.77.0.100:3306 -r 10.78.0.3:3306 -m -w 0"
edited "a weight of a server that is down" '0,/weight 15/s//weight 16/' + "10.77.0.100:3306 -r 10.78.0.3:3306 -m -w 0"
edited "the check is as before" '/connect_port 3399/d' + "10.77.0.100:3306 -r 10.78.0.3:3306 -m -w 16"
edited "another kind of check" '0,/TCP_CHECK \{/s//PING_CHECK {/' + "10.77.0.100:3306 -r 10.78.0.3:3306 -m -w 16"

step "quorum and the sorry server"
edited "a quorum out of reach" '0,/connect_timeout/s//connect_timeout/;0,/TCP_CHECK \{/s//&\n\t\t\tconnect_port 3399/;s/^(\t)sorry_server/\1quorum 20\n\tsorry_server/' + "10.77.0.100:3306 -r 10.78.0.9:3306"
edited "another sorry server" 's/sorry_server 10.78.0.9/sorry_server 10.78.0.8/' + "10.77.0.100:3306 -r 10.78.0.8:3306"
edited "a quorum within reach" 's/quorum 20/quorum 2/' - "-r 10.78.0.8:3306"
edited "no sorry server" '/sorry_server/d' - "-r 10.78.0.8:3306"

step "everything"
LEFT='-A -t 10.77.0.11\|-A -f 9 '
edited "hardly anything" '/^virtual_server (10|group)/,/^}/d' - "10.77.0.100"
for daemon in keepalived.lb1 evenkeeld.lb2; do
	check "$daemon ends" daemon_stop $daemon
done
check_equal "and so does its table" "" "$(table lb2)"
check "as keepalived's" same_tables
for db in db1 db2 db3; do check "$db" daemon_stop toys.$db; done
finish
