# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Everything a lab scenario needs; see README.md for how to write one.
set -u
LAB_JOB=${LAB_JOB:-/mnt}
LAB_SRC=${LAB_SRC:-/src}
LAB_FLAVOUR=${LAB_FLAVOUR:-asan}
# Logs are kept in memory, since writing one line to the host takes a
# millisecond, and go to the job folder at the end.
LAB_LOG=/run/log
lab_lib=$LAB_SRC/tests/lab/lib

lab_keep_logs() {
	cp -r "$LAB_LOG/." "$LAB_JOB"
}
mkdir -p "$LAB_LOG"
trap lab_keep_logs EXIT
trap 'exit 143' TERM

# What a failing check shows: the kernel's table where there is one.
assert_diagnose() {
	[ -e /run/netns/lb1 ] && ns lb1 ipvsadm -Ln
}

# shellcheck source=tests/lab/lib/record.sh
. "$lab_lib/record.sh"
# shellcheck source=tests/lab/lib/assert.sh
. "$lab_lib/assert.sh"
# shellcheck source=tests/lab/lib/net.sh
. "$lab_lib/net.sh"
# shellcheck source=tests/lab/lib/mariadb.sh
. "$lab_lib/mariadb.sh"
# shellcheck source=tests/lab/lib/daemon.sh
. "$lab_lib/daemon.sh"
# shellcheck source=tests/lab/lib/flows.sh
. "$lab_lib/flows.sh"
# shellcheck source=tests/lab/lib/pair.sh
. "$lab_lib/pair.sh"
# shellcheck source=tests/lab/lib/watch.sh
. "$lab_lib/watch.sh"
