# SPDX-License-Identifier: GPL-2.0-or-later
if HAVE_CRITERION
check_PROGRAMS += tests/unit/test_mail
tests_unit_test_mail_SOURCES = tests/unit/test_mail_letter.c
tests_unit_test_mail_CFLAGS = $(CRITERION_TEST_CFLAGS)
tests_unit_test_mail_LDADD = mail/libmail.a $(LIB_LIBS) $(CURL_LIBS) $(CRITERION_LIBS)
endif
