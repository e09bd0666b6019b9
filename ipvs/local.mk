# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += ipvs/libipvs.a
ipvs_libipvs_a_SOURCES = \
	ipvs/apply.c \
	ipvs/backend.c ipvs/backend.h \
	ipvs/decode.c \
	ipvs/diff.c ipvs/plan.h \
	ipvs/encode.c ipvs/encode.h \
	ipvs/link.c ipvs/link.h \
	ipvs/netlink.c ipvs/request.h \
	ipvs/open.c \
	ipvs/sort.c ipvs/sort.h \
	ipvs/describe.c \
	ipvs/update.c \
	ipvs/validate.c ipvs/validate.h
ipvs_libipvs_a_CFLAGS = $(AM_CFLAGS) $(LIBNL_CFLAGS)

IPVS_LIBS = ipvs/libipvs.a $(LIBNL_LIBS)
