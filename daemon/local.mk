# SPDX-License-Identifier: GPL-2.0-or-later
# Everything but main() is a library, so that tests can link it.
noinst_LIBRARIES += daemon/libdaemon.a
daemon_libdaemon_a_SOURCES = \
	daemon/advice.c daemon/advice.h \
	daemon/answer.c daemon/answer.h \
	daemon/blank.c daemon/blank.h \
	daemon/check_scripts.c daemon/check_scripts.h \
	daemon/command.c daemon/command.h \
	daemon/configuration.c daemon/configuration.h \
	daemon/control.c daemon/control.h \
	daemon/control_seats.c daemon/control_seats.h \
	daemon/director.c daemon/director.h \
	daemon/dryrun.c daemon/dryrun.h \
	daemon/fifo.c daemon/fifo.h \
	daemon/firewall.c daemon/firewall.h \
	daemon/firewall_news.c daemon/firewall_news.h \
	daemon/firewall_text.c \
	daemon/heartbeat.c daemon/heartbeat.h \
	daemon/history.c daemon/history.h \
	daemon/kernel.c daemon/kernel.h \
	daemon/ledger.c daemon/ledger.h \
	daemon/notify.c daemon/notify.h \
	daemon/operator.c daemon/operator.h \
	daemon/options.c daemon/options.h \
	daemon/orphans.c daemon/orphans.h \
	daemon/outside.c daemon/outside.h \
	daemon/owned.c daemon/owned.h \
	daemon/owners.c daemon/owners.h \
	daemon/pair.c daemon/pair.h \
	daemon/pair_child.c daemon/pair_child.h \
	daemon/pair_equal.c daemon/pair_equal.h \
	daemon/pair_tell.c daemon/pair_tell.h \
	daemon/peer.c daemon/peer.h \
	daemon/peer_child.c daemon/peer_child.h \
	daemon/peer_wire.c daemon/peer_wire.h \
	daemon/pidfile.c daemon/pidfile.h \
	daemon/privs.c daemon/privs.h \
	daemon/probe.c daemon/probe.h \
	daemon/process.c daemon/process.h \
	daemon/refusals.c daemon/refusals.h \
	daemon/environment.c daemon/environment.h \
	daemon/replace.c daemon/replace.h \
	daemon/script.c daemon/script.h \
	daemon/script_exec.c daemon/script_exec.h \
	daemon/sets.c daemon/sets.h \
	daemon/sets_wanted.c \
	daemon/show.c daemon/show.h \
	daemon/show_pair.c \
	daemon/simulate.c daemon/simulate.h \
	daemon/simulate_plot.c \
	daemon/simulate_svg.c \
	daemon/state.c daemon/state.h \
	daemon/sync.c daemon/sync.h \
	daemon/sysctl.c daemon/sysctl.h \
	daemon/systemd.c daemon/systemd.h \
	daemon/tell.c daemon/tell.h \
	daemon/tracker.c daemon/tracker.h daemon/tracker_impl.h \
	daemon/tracker_file.c \
	daemon/tracker_process.c \
	daemon/tracker_script.c \
	daemon/watch.c daemon/watch.h \
	daemon/words.c daemon/words.h
daemon_libdaemon_a_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS) $(CAPNG_CFLAGS) $(LIBEVENT_CFLAGS)

DAEMON_LIBS = daemon/libdaemon.a balance/libbalance.a ipvs/libipvs.a checkers/libcheckers.a \
	vrrp/libvrrp.a $(LIB_LIBS) $(LIBNLROUTE_LIBS) $(LIBNL_LIBS) $(IPSET_LIBS) $(JSONC_LIBS) \
	$(CAPNG_LIBS) $(MYSQL_LIBS) $(CURL_LIBS) -lm

sbin_PROGRAMS += evenkeeld
evenkeeld_SOURCES = daemon/main.c
evenkeeld_CFLAGS = $(AM_CFLAGS) $(LIBEVENT_CFLAGS)
evenkeeld_LDADD = $(DAEMON_LIBS)
