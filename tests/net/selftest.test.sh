#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The namespaces of these tests work, and stay apart from the host's.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"

net_build a b
check "a reaches b" ns a ping -c 1 -W 2 10.79.0.2
check "a reaches b over IPv6" ns a ping -c 1 -W 2 fd79::2
check_not "a does not reach an address that nobody has" \
	ns a ping -c 1 -W 1 10.79.0.3
check_not "the outer namespace has no way there" ping -c 1 -W 1 10.79.0.1

ns b ip link set eth0 down &
b_is_gone() { ! ns a ping -c 1 -W 1 10.79.0.2; }
wait_for 10 "a loses b" b_is_gone
finish
