# SPDX-License-Identifier: GPL-2.0-or-later
if HAVE_CRITERION
check_PROGRAMS += tests/unit/test_bfd
tests_unit_test_bfd_SOURCES = tests/unit/test_bfd_packet.c \
	tests/unit/test_bfd_random.c \
	tests/unit/test_bfd_session.c
tests_unit_test_bfd_CFLAGS = $(CRITERION_TEST_CFLAGS) $(LIBEVENT_CFLAGS)
tests_unit_test_bfd_LDADD = bfd/libbfd.a $(LIB_LIBS) $(CRITERION_LIBS)
endif
