# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: the active balancer dies, 50 sessions go on (NAT)
# limit: 240
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh

topology_build 2 2
for server in db1 db2; do
	ip -n $server route replace 10.77.0.0/24 via $PAIR_INSIDE
done
mariadb_start 1 2
pair_takeover NAT
check "lb2 ends" daemon_stop evenkeeld.lb2
finish
