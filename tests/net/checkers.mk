# SPDX-License-Identifier: GPL-2.0-or-later
#
# Programs for the namespace tests of the checker: one plays main, one plays a
# bad server.
noinst_PROGRAMS += tests/net/tools/checkdrive tests/net/tools/toyserver \
	tests/net/tools/confines tests/net/tools/fastmysql
# Loaded into other programs, so no sanitizer's and no program of its own.
noinst_PROGRAMS += tests/net/tools/stand.so
tests_net_tools_stand_so_SOURCES = tests/net/tools/stand.c
tests_net_tools_stand_so_CFLAGS = -std=c17 $(WARN_CFLAGS) -fPIC
tests_net_tools_stand_so_LDFLAGS = -shared
tests_net_tools_fastmysql_SOURCES = tests/net/tools/fastmysql.c
tests_net_tools_confines_SOURCES = tests/net/tools/confines.c
tests_net_tools_confines_LDADD = $(CONFINE_LIBS) $(LIB_LIBS)
tests_net_tools_checkdrive_SOURCES = tests/net/tools/checkdrive.c
tests_net_tools_checkdrive_CFLAGS = $(AM_CFLAGS) $(LIBEVENT_CFLAGS)
tests_net_tools_checkdrive_LDADD = $(CHECKERS_LIBS) $(CONF_LIBS)
tests_net_tools_toyserver_SOURCES = tests/net/tools/toyserver.c

# The same, for tests/bench/confined.sh.
noinst_PROGRAMS += tests/bench/unconfined.so
tests_bench_unconfined_so_SOURCES = tests/bench/unconfined.c
tests_bench_unconfined_so_CFLAGS = -std=c17 $(WARN_CFLAGS) -fPIC
tests_bench_unconfined_so_LDFLAGS = -shared
