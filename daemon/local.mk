# SPDX-License-Identifier: GPL-2.0-or-later
# Everything but main() is in libraries, so that tests can link it.
noinst_LIBRARIES += daemon/libdaemon.a
daemon_libdaemon_a_SOURCES = \
	daemon/advice.c daemon/advice.h \
	daemon/bfd_proc.c daemon/bfd_proc.h \
	daemon/announcer.c daemon/announcer.h \
	daemon/announcer_file.c daemon/announcer_internal.h \
	daemon/announcer_kernel.c \
	daemon/check_files.c daemon/check_files.h \
	daemon/check_once.c daemon/check_once.h \
	daemon/check_scripts.c daemon/check_scripts.h \
	daemon/configuration.c daemon/configuration.h \
	daemon/core.c daemon/core.h daemon/core_control.c \
	daemon/core_reload.c daemon/core_internal.h \
	daemon/dryrun.c daemon/dryrun.h \
	daemon/integrity.c daemon/integrity.h \
	daemon/kernel.c daemon/kernel.h \
	daemon/life.c daemon/life.h \
	daemon/options.c daemon/options.h \
	daemon/outside_names.c daemon/outside_names.h \
	daemon/owned.c daemon/owned.h \
	daemon/probe_marked.c daemon/probe_marked.h \
	daemon/probe_marks.c daemon/probe_marks.h \
	daemon/accept_local.c daemon/accept_local.h \
	daemon/probe_paths.c daemon/probe_paths.h \
	daemon/recorder.c daemon/recorder.h \
	daemon/recorder_main.c daemon/recorder_main.h \
	daemon/refusals.c daemon/refusals.h \
	daemon/reload_time.c daemon/reload_time.h \
	daemon/switchover.c daemon/switchover.h \
	daemon/describe_log.c daemon/describe_log.h \
	daemon/checker_proc.c daemon/checker_proc.h \
	daemon/web_proc.c daemon/web_proc.h
daemon_libdaemon_a_CFLAGS = $(AM_CFLAGS) $(LIBNL_CFLAGS) $(JSONC_CFLAGS) $(CAPNG_CFLAGS) $(LIBEVENT_CFLAGS)

noinst_LIBRARIES += daemon/control/libcontrol.a
daemon_control_libcontrol_a_SOURCES = \
	daemon/control/answer.c daemon/control/answer.h \
	daemon/control/control.c daemon/control/control.h \
	daemon/control/control_rights.c daemon/control/control_rights.h \
	daemon/control/control_seats.c daemon/control/control_seats.h \
	daemon/control/dest_counts.c daemon/control/dest_counts.h \
	daemon/control/feed.c daemon/control/feed.h \
	daemon/control/feed_daemon.c daemon/control/feed_internal.h \
	daemon/control/overview.c daemon/control/overview.h \
	daemon/control/walk.c daemon/control/walk.h \
	daemon/control/probe_times.c daemon/control/probe_times.h \
	daemon/control/same_pools.c daemon/control/same_pools.h \
	daemon/control/tallies.c daemon/control/tallies.h \
	daemon/control/show.c daemon/control/show.h \
	daemon/control/show_announce.c \
	daemon/control/show_integrity.c \
	daemon/control/show_pair.c \
	daemon/control/show_peer.c \
	daemon/control/view.h
daemon_control_libcontrol_a_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS) $(CAPNG_CFLAGS) $(LIBEVENT_CFLAGS)

noinst_LIBRARIES += daemon/pair/libpair.a
daemon_pair_libpair_a_SOURCES = \
	daemon/pair/fifo.c daemon/pair/fifo.h \
	daemon/pair/mail_proc.c daemon/pair/mail_proc.h \
	daemon/pair/mail_queue.c daemon/pair/mail_queue.h \
	daemon/pair/mail_text.c daemon/pair/mail_text.h \
	daemon/pair/notify.c daemon/pair/notify.h \
	daemon/pair/pair.c daemon/pair/pair.h \
	daemon/pair/vrrp_proc.c daemon/pair/vrrp_proc.h \
	daemon/pair/notification.c daemon/pair/notification.h \
	daemon/pair/sync.c daemon/pair/sync.h \
	daemon/pair/tracker.c daemon/pair/tracker.h \
	daemon/pair/tracker_file.c \
	daemon/pair/tracker_impl.h \
	daemon/pair/tracker_process.c \
	daemon/pair/tracker_script.c \
	daemon/pair/yields.c daemon/pair/yields.h
daemon_pair_libpair_a_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS) $(CAPNG_CFLAGS) $(LIBEVENT_CFLAGS)

noinst_LIBRARIES += daemon/operator/liboperator.a
daemon_operator_liboperator_a_SOURCES = \
	daemon/operator/override_store.c daemon/operator/override_store.h \
	daemon/operator/operator.c daemon/operator/operator.h \
	daemon/operator/keeper.c daemon/operator/keeper.h \
	daemon/operator/overrides.c daemon/operator/overrides.h \
	daemon/operator/word_index.c daemon/operator/word_index.h \
	daemon/operator/peer_proc.c daemon/operator/peer_proc.h \
	daemon/operator/peer_main.c daemon/operator/peer_main.h \
	daemon/operator/peer_reports.c daemon/operator/peer_reports.h \
	daemon/operator/peer_wire.c daemon/operator/peer_wire.h \
	daemon/operator/fitness.c daemon/operator/fitness.h \
	daemon/operator/state.c daemon/operator/state.h
daemon_operator_liboperator_a_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS) $(CAPNG_CFLAGS) $(LIBEVENT_CFLAGS)

noinst_LIBRARIES += daemon/integrity/libintegrity.a
daemon_integrity_libintegrity_a_SOURCES = \
	daemon/integrity/integrity_matrix.c daemon/integrity/integrity_matrix.h
daemon_integrity_libintegrity_a_CFLAGS = $(AM_CFLAGS)

noinst_LIBRARIES += daemon/netfilter/libnetfilter.a
daemon_netfilter_libnetfilter_a_SOURCES = \
	daemon/netfilter/addrset.c daemon/netfilter/addrset.h \
	daemon/netfilter/addrset_kernel.c \
	daemon/netfilter/firewall.c daemon/netfilter/firewall.h \
	daemon/netfilter/firewall_news.c daemon/netfilter/firewall_news.h \
	daemon/netfilter/firewall_text.c \
	daemon/netfilter/sets.c daemon/netfilter/sets.h \
	daemon/netfilter/sets_wanted.c
daemon_netfilter_libnetfilter_a_CFLAGS = $(AM_CFLAGS) $(IPSET_CFLAGS) $(JSONC_CFLAGS) $(CAPNG_CFLAGS) $(LIBEVENT_CFLAGS)

noinst_LIBRARIES += daemon/doctor/libdoctor.a
daemon_doctor_libdoctor_a_SOURCES = \
	daemon/doctor/collect.h \
	daemon/doctor/collect_daemon.c \
	daemon/doctor/collect_host.c \
	daemon/doctor/collect_links.c \
	daemon/doctor/doctor.c daemon/doctor/doctor.h \
	daemon/doctor/doctor_host.c daemon/doctor/doctor_host.h \
	daemon/doctor/findings.c daemon/doctor/findings.h \
	daemon/doctor/iptables.c daemon/doctor/iptables.h \
	daemon/doctor/judge.h \
	daemon/doctor/judge_daemon.c \
	daemon/doctor/judge_kernel.c \
	daemon/doctor/judge_links.c \
	daemon/doctor/judge_routing.c \
	daemon/doctor/judge_rules.c \
	daemon/doctor/judge_wire.c \
	daemon/doctor/wire.c daemon/doctor/wire.h \
	daemon/doctor/wire_ask.c daemon/doctor/wire_ask.h \
	daemon/doctor/ruleset.c daemon/doctor/ruleset.h \
	daemon/doctor/ruleset_match.c daemon/doctor/ruleset_match.h
daemon_doctor_libdoctor_a_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)

noinst_LIBRARIES += daemon/migrate/libmigrate.a
daemon_migrate_libmigrate_a_SOURCES = \
	daemon/migrate/migrate.c daemon/migrate/migrate.h \
	daemon/migrate/migrate_check.c \
	daemon/migrate/migrate_print.c
daemon_migrate_libmigrate_a_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)

noinst_LIBRARIES += daemon/proc/libproc.a
daemon_proc_libproc_a_SOURCES = \
	daemon/proc/environment.c daemon/proc/environment.h \
	daemon/proc/heartbeat.c daemon/proc/heartbeat.h \
	daemon/proc/identity.c daemon/proc/identity.h \
	daemon/proc/mailbox.c daemon/proc/mailbox.h \
	daemon/proc/number_file.c daemon/proc/number_file.h \
	daemon/proc/orphans.c daemon/proc/orphans.h \
	daemon/proc/own_address.c daemon/proc/own_address.h \
	daemon/proc/route_news.c daemon/proc/route_news.h \
	daemon/proc/owners.c daemon/proc/owners.h \
	daemon/proc/ping_range.c daemon/proc/ping_range.h \
	daemon/proc/pidfile.c daemon/proc/pidfile.h \
	daemon/proc/privs.c daemon/proc/privs.h \
	daemon/proc/process.c daemon/proc/process.h \
	daemon/proc/run_command.c daemon/proc/run_command.h \
	daemon/proc/script.c daemon/proc/script.h \
	daemon/proc/script_exec.c daemon/proc/script_exec.h \
	daemon/proc/secret_file.c daemon/proc/secret_file.h \
	daemon/proc/nodest.c daemon/proc/nodest.h \
	daemon/proc/sloppy.c daemon/proc/sloppy.h \
	daemon/proc/namespace.c daemon/proc/namespace.h \
	daemon/proc/sysctl.c daemon/proc/sysctl.h \
	daemon/proc/systemd.c daemon/proc/systemd.h
daemon_proc_libproc_a_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS) $(CAPNG_CFLAGS) $(LIBEVENT_CFLAGS)

DAEMON_LIBS = daemon/libdaemon.a daemon/control/libcontrol.a \
	daemon/doctor/libdoctor.a daemon/migrate/libmigrate.a \
	daemon/pair/libpair.a daemon/operator/liboperator.a \
	daemon/integrity/libintegrity.a \
	daemon/netfilter/libnetfilter.a daemon/proc/libproc.a \
	sim/libsim.a record/librecord.a balance/libbalance.a announce/libannounce.a ipvs/libipvs.a checkers/libcheckers.a \
	vrrp/libvrrp.a bfd/libbfd.a web/libweb.a mail/libmail.a ctl/libctl.a $(CONFINE_LIBS) $(CONF_LIBS) $(LIBNLROUTE_LIBS) $(LIBNL_LIBS) $(IPSET_LIBS) \
	$(JSONC_LIBS) $(CAPNG_LIBS) $(MYSQL_LIBS) $(CURL_LIBS) $(MICROHTTPD_LIBS) -lm

sbin_PROGRAMS += evenkeeld
evenkeeld_SOURCES = daemon/evenkeeld.c
evenkeeld_CFLAGS = $(AM_CFLAGS) $(LIBEVENT_CFLAGS)
evenkeeld_LDADD = $(DAEMON_LIBS)
