# SPDX-License-Identifier: GPL-2.0-or-later
if HAVE_CRITERION
check_PROGRAMS += tests/unit/test_checkers
tests_unit_test_checkers_SOURCES = \
	tests/unit/test_checkers_classify.c \
	tests/unit/test_checkers_mysql.c \
	tests/unit/test_checkers_sched.c \
	tests/unit/test_checkers_timing.c \
	tests/unit/test_checkers_outbox.c
tests_unit_test_checkers_CFLAGS = $(CRITERION_TEST_CFLAGS) $(LIBEVENT_CFLAGS) \
	$(MYSQL_CFLAGS)
tests_unit_test_checkers_LDADD = $(CHECKERS_LIBS) $(LIB_LIBS) $(CRITERION_LIBS)
endif

include tests/net/checkers.mk
