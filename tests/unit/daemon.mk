# SPDX-License-Identifier: GPL-2.0-or-later
if HAVE_CRITERION
check_PROGRAMS += tests/unit/test_daemon
tests_unit_test_daemon_SOURCES = \
	tests/unit/ipvs_fake.c tests/unit/ipvs_fake.h \
	tests/unit/test_daemon_addrset.c tests/unit/test_daemon_kernel.c \
	tests/unit/test_daemon_owned.c tests/unit/test_daemon_pair.c \
	tests/unit/test_daemon_pair_equal.c \
	tests/unit/test_daemon_check_scripts.c tests/unit/test_daemon_control.c \
	tests/unit/test_daemon_heartbeat.c tests/unit/test_daemon_history.c \
	tests/unit/test_daemon_outside.c \
	tests/unit/test_daemon_peer.c tests/unit/test_daemon_pidfile.c \
	tests/unit/test_daemon_script.c \
	tests/unit/test_daemon_sets.c tests/unit/test_daemon_systemd.c \
	tests/unit/test_daemon_describe.c \
	tests/unit/test_daemon_track.c
tests_unit_test_daemon_CFLAGS = $(CRITERION_TEST_CFLAGS) $(LIBEVENT_CFLAGS)
tests_unit_test_daemon_LDADD = $(DAEMON_LIBS) $(CRITERION_LIBS)
endif
