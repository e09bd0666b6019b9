# SPDX-License-Identifier: GPL-2.0-or-later
if HAVE_CRITERION
check_PROGRAMS += tests/unit/test_web
tests_unit_test_web_SOURCES = tests/unit/test_web_figures.c \
	tests/unit/test_web_store.c \
	tests/unit/test_web_words.c
tests_unit_test_web_CFLAGS = $(CRITERION_TEST_CFLAGS) $(LIBEVENT_CFLAGS)
tests_unit_test_web_LDADD = $(WEB_LIBS) $(CRITERION_LIBS)
endif
