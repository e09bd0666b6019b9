# SPDX-License-Identifier: GPL-2.0-or-later
if HAVE_CRITERION
check_PROGRAMS += tests/unit/test_announce
tests_unit_test_announce_SOURCES = \
	tests/unit/test_announcing.c \
	tests/unit/test_audit.c \
	tests/unit/test_place.c
tests_unit_test_announce_CFLAGS = $(CRITERION_TEST_CFLAGS) $(LIBEVENT_CFLAGS)
tests_unit_test_announce_LDADD = $(ANNOUNCE_LIBS) $(CRITERION_LIBS)
endif
