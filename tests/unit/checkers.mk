# SPDX-License-Identifier: GPL-2.0-or-later
if HAVE_CRITERION
# Pure parts, and the process.
check_PROGRAMS += tests/unit/test_checkers tests/unit/test_checkers_process
tests_unit_test_checkers_SOURCES = \
	tests/unit/test_checkers_classify.c \
	tests/unit/test_checkers_cluster.c \
	tests/unit/test_checkers_dns.c \
	tests/unit/test_checkers_http.c \
	tests/unit/test_checkers_leftover.c \
	tests/unit/test_checkers_login.c \
	tests/unit/test_checkers_misc.c \
	tests/unit/test_checkers_mysql.c \
	tests/unit/test_checkers_ping.c \
	tests/unit/test_checkers_replica.c \
	tests/unit/test_checkers_sched.c \
	tests/unit/test_checkers_smtp.c \
	tests/unit/test_checkers_timing.c \
	tests/unit/test_checkers_udp.c
tests_unit_test_checkers_CFLAGS = $(CRITERION_TEST_CFLAGS) $(LIBEVENT_CFLAGS) \
	$(MYSQL_CFLAGS)
tests_unit_test_checkers_LDADD = $(CHECKERS_LIBS) $(CONF_LIBS) $(CRITERION_LIBS)
tests_unit_test_checkers_process_SOURCES = \
	tests/unit/test_checkers_outbox.c \
	tests/unit/test_checkers_reload.c \
	tests/unit/test_checkers_zygote.c
tests_unit_test_checkers_process_CFLAGS = \
	$(tests_unit_test_checkers_CFLAGS)
tests_unit_test_checkers_process_LDADD = $(tests_unit_test_checkers_LDADD)
endif

include tests/net/checkers.mk
