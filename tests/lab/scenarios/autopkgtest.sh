# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: the package's own test passes on a kernel with IPVS
# needs: nothing
# limit: 90
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh

topology_build 1
AUTOPKGTEST_TMP=/tmp/autopkgtest
mkdir -p $AUTOPKGTEST_TMP
check "the pool is in the table and outlives the daemon" \
	ns lb1 env AUTOPKGTEST_TMP=$AUTOPKGTEST_TMP \
	PATH="$EVENKEEL_BUILD:$PATH" sh /src/debian/tests/table
check_equal "and the test takes its table away" "" "$(table)"
finish
