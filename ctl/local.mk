# SPDX-License-Identifier: GPL-2.0-or-later
bin_PROGRAMS += evenkeel
evenkeel_SOURCES = \
	ctl/client.c ctl/client.h \
	ctl/ctl_command.c ctl/ctl_command.h \
	ctl/fields.c ctl/fields.h \
	ctl/evenkeel.c \
	ctl/metrics.c ctl/metrics.h \
	ctl/operate.c ctl/operate.h \
	ctl/output.c ctl/output.h \
	ctl/print.c ctl/print.h \
	ctl/show_vrrp.c
evenkeel_CPPFLAGS = $(AM_CPPFLAGS) -DSBINDIR='"$(sbindir)"'
evenkeel_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)
evenkeel_LDADD = $(LIB_LIBS) $(JSONC_LIBS)
