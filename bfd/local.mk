# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += bfd/libbfd.a
bfd_libbfd_a_SOURCES = \
	bfd/bfd.c bfd/bfd.h \
	bfd/bfd_packet.c bfd/bfd_packet.h \
	bfd/bfd_session.c bfd/bfd_session.h \
	bfd/bfd_sock.c bfd/bfd_sock.h
bfd_libbfd_a_CFLAGS = $(AM_CFLAGS) $(LIBEVENT_CFLAGS)
