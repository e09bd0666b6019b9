# SPDX-License-Identifier: GPL-2.0-or-later
if HAVE_CRITERION
check_PROGRAMS += tests/unit/test_confine
tests_unit_test_confine_CFLAGS = $(CRITERION_TEST_CFLAGS)
tests_unit_test_confine_LDADD = $(CONFINE_LIBS) $(LIB_LIBS) $(CRITERION_LIBS)
endif
