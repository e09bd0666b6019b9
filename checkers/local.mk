# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += checkers/libcheckers.a
checkers_libcheckers_a_SOURCES = \
	checkers/check.c checkers/process.h \
	checkers/checker.c checkers/checker.h \
	checkers/outbox.c checkers/outbox.h \
	checkers/probe.c checkers/probe.h \
	checkers/reload.c \
	checkers/sched.c checkers/sched.h \
	checkers/tcp.c \
	checkers/timing.c checkers/timing.h
checkers_libcheckers_a_CFLAGS = $(AM_CFLAGS) $(LIBEVENT_CFLAGS) $(MYSQL_CFLAGS)

CHECKERS_LIBS = checkers/libcheckers.a $(MYSQL_LIBS)
