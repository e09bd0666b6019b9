# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += announce/libannounce.a
announce_libannounce_a_SOURCES = \
	announce/announcing.c announce/announcing.h \
	announce/audit.c announce/audit.h \
	announce/place.c announce/place.h \
	announce/rtnl.c announce/rtnl.h
announce_libannounce_a_CFLAGS = $(AM_CFLAGS) $(LIBEVENT_CFLAGS) $(LIBNL_CFLAGS) \
	$(LIBNLROUTE_CFLAGS)

ANNOUNCE_LIBS = announce/libannounce.a $(LIB_LIBS) $(LIBNLROUTE_LIBS) $(LIBNL_LIBS)
