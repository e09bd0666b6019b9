# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: the active balancer dies, 50 sessions go on (tunnel)
# limit: 240
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh

topology_build 2 2
real_server_tun db1 db2
mariadb_start 1 2
pair_takeover TUN
check "lb2 ends" daemon_stop evenkeeld.lb2
finish
