# SPDX-License-Identifier: GPL-2.0-or-later
if HAVE_CRITERION
check_PROGRAMS += tests/unit/test_ctl
tests_unit_test_ctl_SOURCES = tests/unit/test_ctl_complete.c \
	tests/unit/test_ctl_drill.c tests/unit/test_ctl_filter.c \
	tests/unit/test_ctl_metrics.c tests/unit/test_ctl_top.c
tests_unit_test_ctl_CFLAGS = $(CRITERION_TEST_CFLAGS) $(JSONC_CFLAGS)
tests_unit_test_ctl_LDADD = $(CTL_LIBS) $(CRITERION_LIBS)
endif
