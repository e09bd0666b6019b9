# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += lib/liblib.a
lib_liblib_a_SOURCES = \
	lib/addr.c lib/addr.h \
	lib/carry.c lib/carry.h \
	lib/disk_job.c lib/disk_job.h \
	lib/durations.c lib/durations.h \
	lib/history.c lib/history.h \
	lib/hmac.c lib/hmac.h \
	lib/index.c lib/index.h \
	lib/ipc.c lib/ipc.h \
	lib/log.c lib/log.h \
	lib/log_limit.c lib/log_limit.h \
	lib/log_pump.c lib/log_pump.h \
	lib/log_sink.c lib/log_sink.h \
	lib/loop.c lib/loop.h \
	lib/md5.c lib/md5.h \
	lib/mysql_greeting.c lib/mysql_greeting.h \
	lib/others.c lib/others.h \
	lib/bfd_ipc.h lib/mail_ipc.h lib/peer_ipc.h \
	lib/netlink_request.c lib/netlink_request.h \
	lib/arena.c lib/arena.h \
	lib/pack.c lib/pack.h \
	lib/payload.c lib/payload.h \
	lib/replace.c lib/replace.h \
	lib/sheet.c lib/sheet.h \
	lib/table.c lib/table.h \
	lib/scheduling.c lib/scheduling.h \
	lib/text.c lib/text.h \
	lib/util.c lib/util.h \
	lib/verdict.c lib/verdict.h \
	lib/vrrp_ipc.h \
	lib/web_ipc.h
lib_liblib_a_CFLAGS = $(AM_CFLAGS) $(LIBEVENT_CFLAGS) $(LIBNL_CFLAGS)

LIB_LIBS = lib/liblib.a $(LIBEVENT_LIBS)
