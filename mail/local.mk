# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += mail/libmail.a
mail_libmail_a_SOURCES = \
	mail/letter.c mail/letter.h \
	mail/mail.c mail/mail.h
mail_libmail_a_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS)
