# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: the peer works in the lab: keepalived programs a table and repairs it
# needs: nothing
# limit: 60
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh

topology_build 2
cat >/tmp/keepalived.conf <<END
virtual_server $VIP 3306 {
	delay_loop 1
	lb_algo wlc
	lb_kind DR
	protocol TCP
	real_server 10.78.0.1 3306 {
		weight 3
		TCP_CHECK {
			connect_timeout 2
		}
	}
	real_server 10.78.0.2 3306 {
		weight 4
	}
}
END
keepalived_start /tmp/keepalived.conf
wait_for 20 "the server without a check is in" table_weight 10.78.0.2:3306 4
wait_for 20 "the one whose check fails is out" \
	table_has_not "-r 10.78.0.1:3306"
check "it stops" daemon_stop keepalived.lb1
check_equal "and takes its table away" "" "$(table)"
finish
