# SPDX-License-Identifier: GPL-2.0-or-later
# All but main(), for the unit tests.
noinst_LIBRARIES += ctl/libctl.a
ctl_libctl_a_SOURCES = \
	ctl/client.c ctl/client.h \
	ctl/complete.c ctl/complete.h \
	ctl/ctl_command.c ctl/ctl_command.h \
	ctl/ctl_options.c ctl/ctl_options.h \
	ctl/ctl_switchover.c ctl/ctl_switchover.h \
	ctl/drill.c ctl/drill.h \
	ctl/drill_login.h \
	ctl/drill_plot.c ctl/drill_plot.h \
	ctl/drill_probe.c ctl/drill_probe.h \
	ctl/drill_report.c ctl/drill_report.h \
	ctl/drill_stats.c ctl/drill_stats.h \
	ctl/drill_watch.c ctl/drill_watch.h \
	ctl/fields.c ctl/fields.h \
	ctl/filter.c ctl/filter.h \
	ctl/metrics.c ctl/metrics.h \
	ctl/metrics_rows.c ctl/metrics_rows.h \
	ctl/metrics_run.c ctl/metrics_run.h \
	ctl/metrics_table.c ctl/metrics_table.h \
	ctl/operate.c ctl/operate.h \
	ctl/output.c ctl/output.h \
	ctl/print.c ctl/print.h \
	ctl/print_integrity.c \
	ctl/show_announced.c \
	ctl/show_vrrp.c \
	ctl/top.c ctl/top.h \
	ctl/top_frame.c ctl/top_frame.h \
	ctl/top_rows.c ctl/top_rows.h
if MYSQL_IS_MARIADB
ctl_libctl_a_SOURCES += ctl/drill_login_mariadb.c
else
ctl_libctl_a_SOURCES += ctl/drill_login_mysql.c
endif
EXTRA_DIST += ctl/drill_login_mariadb.c ctl/drill_login_mysql.c
ctl_libctl_a_CPPFLAGS = $(AM_CPPFLAGS) -DSBINDIR='"$(sbindir)"'
ctl_libctl_a_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS) $(MYSQL_CFLAGS)

CTL_LIBS = ctl/libctl.a $(LIB_LIBS) $(JSONC_LIBS) $(MYSQL_LIBS)

bin_PROGRAMS += evenkeel
evenkeel_SOURCES = ctl/evenkeel.c
evenkeel_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)
evenkeel_LDADD = $(CTL_LIBS)

# The shells' completion, where each looks for it; a distribution may know
# another place for zsh's.
bashcompdir = $(datadir)/bash-completion/completions
zshcompdir = $(datadir)/zsh/site-functions
dist_bashcomp_DATA = completion/evenkeel
dist_zshcomp_DATA = completion/_evenkeel
