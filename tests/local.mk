# SPDX-License-Identifier: GPL-2.0-or-later
# Unit tests of a room are listed in tests/unit/ROOM.mk, fuzz targets in
# tests/fuzz/local.mk, the golden configuration runner in tests/conf/local.mk.
EXTRA_DIST += tests/unit/without-criterion
if !HAVE_CRITERION
TESTS += tests/unit/without-criterion
endif
include tests/unit/lib.mk
include tests/unit/confine.mk
include tests/unit/conf.mk
include tests/unit/ipvs.mk
include tests/unit/announce.mk
include tests/unit/balance.mk
include tests/unit/sim.mk
include tests/unit/checkers.mk
include tests/unit/vrrp.mk
include tests/unit/web.mk
include tests/unit/bfd.mk
include tests/unit/mail.mk
include tests/unit/daemon.mk
include tests/unit/ctl.mk
include tests/conf/local.mk
include tests/fuzz/local.mk

# Namespace tests: NET_TESTS is every tests/net/NAME.test.sh; tests/docs/run
# holds the list against the folder.
include tests/net/local.mk
