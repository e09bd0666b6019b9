# SPDX-License-Identifier: GPL-2.0-or-later
if HAVE_CRITERION
check_PROGRAMS += tests/unit/test_daemon
tests_unit_test_daemon_SOURCES = \
	tests/unit/ipvs_fake.c tests/unit/ipvs_fake.h \
	tests/unit/test_daemon_kernel.c \
	tests/unit/test_daemon_owned.c tests/unit/test_daemon_pair.c \
	tests/unit/test_daemon_check_files.c \
	tests/unit/test_daemon_check_scripts.c \
	tests/unit/test_daemon_probe_times.c \
	tests/unit/test_daemon_heartbeat.c tests/unit/test_daemon_history.c \
	tests/unit/test_daemon_mailbox.c \
	tests/unit/test_daemon_mail.c \
	tests/unit/test_daemon_outside.c \
	tests/unit/test_daemon_pidfile.c \
	tests/unit/test_daemon_reload_time.c \
	tests/unit/test_daemon_integrity.c \
	tests/unit/test_daemon_ping_range.c \
	tests/unit/test_daemon_probe_marks.c \
	tests/unit/test_daemon_scrape.c \
	tests/unit/conf_world.c tests/unit/conf_world.h \
	tests/unit/test_daemon_life.c \
	tests/unit/test_daemon_script.c \
	tests/unit/test_daemon_systemd.c \
	tests/unit/test_daemon_describe.c \
	tests/unit/test_daemon_track.c
tests_unit_test_daemon_CFLAGS = $(CRITERION_TEST_CFLAGS) $(JSONC_CFLAGS) $(LIBEVENT_CFLAGS)
tests_unit_test_daemon_LDADD = $(DAEMON_LIBS) $(CRITERION_LIBS)

# The web process is the test itself.
check_PROGRAMS += tests/unit/test_web_proc
tests_unit_test_web_proc_SOURCES = tests/unit/test_daemon_web_proc.c \
	tests/unit/process_double.c tests/unit/process_double.h
tests_unit_test_web_proc_CFLAGS = $(CRITERION_TEST_CFLAGS) $(JSONC_CFLAGS) $(LIBEVENT_CFLAGS)
tests_unit_test_web_proc_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=process_new \
	-Wl,--wrap=process_free -Wl,--wrap=process_configure \
	-Wl,--wrap=process_running -Wl,--wrap=process_is_behind \
	-Wl,--wrap=process_send -Wl,--wrap=answer_request \
	-Wl,--wrap=overview_step -Wl,--wrap=overview_text \
	-Wl,--wrap=feed_step -Wl,--wrap=feed_text
tests_unit_test_web_proc_LDADD = $(DAEMON_LIBS) $(CRITERION_LIBS)

# The checker is the test itself.
check_PROGRAMS += tests/unit/test_checker_proc
tests_unit_test_checker_proc_SOURCES = tests/unit/test_daemon_checker_proc.c \
	tests/unit/conf_world.c tests/unit/conf_world.h \
	tests/unit/process_double.c tests/unit/process_double.h
tests_unit_test_checker_proc_CFLAGS = $(CRITERION_TEST_CFLAGS) $(LIBEVENT_CFLAGS)
tests_unit_test_checker_proc_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=process_new \
	-Wl,--wrap=process_set_style \
	-Wl,--wrap=process_free -Wl,--wrap=process_configure \
	-Wl,--wrap=process_running -Wl,--wrap=process_wanted \
	-Wl,--wrap=process_send
tests_unit_test_checker_proc_LDADD = $(DAEMON_LIBS) $(CRITERION_LIBS)

# iptables is the test itself.
check_PROGRAMS += tests/unit/test_firewall
tests_unit_test_firewall_SOURCES = tests/unit/test_daemon_firewall.c
tests_unit_test_firewall_CFLAGS = $(CRITERION_TEST_CFLAGS) $(LIBEVENT_CFLAGS)
tests_unit_test_firewall_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=command_start \
	-Wl,--wrap=command_output -Wl,--wrap=command_stop
tests_unit_test_firewall_LDADD = $(DAEMON_LIBS) $(CRITERION_LIBS)

# The disk is the test itself.
check_PROGRAMS += tests/unit/test_keeper
tests_unit_test_keeper_SOURCES = tests/unit/test_daemon_keeper.c
tests_unit_test_keeper_CFLAGS = $(CRITERION_TEST_CFLAGS) $(LIBEVENT_CFLAGS)
tests_unit_test_keeper_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=fsync
tests_unit_test_keeper_LDADD = $(DAEMON_LIBS) $(CRITERION_LIBS)

# The host's sysctls and routes are the test itself.
check_PROGRAMS += tests/unit/test_probe_paths
tests_unit_test_probe_paths_SOURCES = tests/unit/test_daemon_probe_paths.c \
	tests/unit/ipvs_fake.c tests/unit/ipvs_fake.h \
	tests/unit/conf_world.c tests/unit/conf_world.h
tests_unit_test_probe_paths_CFLAGS = $(CRITERION_TEST_CFLAGS)
tests_unit_test_probe_paths_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=sysctl_read -Wl,--wrap=sysctl_write \
	-Wl,--wrap=own_address_find -Wl,--wrap=ipvs_netlink_open \
	-Wl,--wrap=route_news_open -Wl,--wrap=route_news_take \
	-Wl,--wrap=setsockopt -Wl,--wrap=sendto
tests_unit_test_probe_paths_LDADD = $(DAEMON_LIBS) $(CRITERION_LIBS)

# Rooms once more, so that test_reload_linear.c can count their steps.
check_LIBRARIES += tests/unit/libreload.a
tests_unit_libreload_a_SOURCES = $(vrrp_libvrrp_a_SOURCES) \
	$(daemon_pair_libpair_a_SOURCES) \
	daemon/operator/override_store.c daemon/operator/operator.c \
	daemon/operator/keeper.c \
	daemon/operator/overrides.c daemon/operator/state.c \
	daemon/operator/word_index.c lib/carry.c lib/index.c
tests_unit_libreload_a_CFLAGS = $(AM_CFLAGS) $(LIBEVENT_CFLAGS) \
	$(LIBNL_CFLAGS) $(LIBNLROUTE_CFLAGS) $(JSONC_CFLAGS) $(CAPNG_CFLAGS) \
	-fsanitize-coverage=trace-pc
check_PROGRAMS += tests/unit/test_reload_linear
tests_unit_test_reload_linear_SOURCES = tests/unit/test_reload_linear.c \
	tests/unit/conf_world.c tests/unit/conf_world.h
tests_unit_test_reload_linear_CFLAGS = $(CRITERION_TEST_CFLAGS) \
	$(LIBEVENT_CFLAGS) $(LIBNL_CFLAGS) $(LIBNLROUTE_CFLAGS)
tests_unit_test_reload_linear_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=vrrp_address_add -Wl,--wrap=vrrp_route_add \
	-Wl,--wrap=vrrp_route_del -Wl,--wrap=vrrp_rule_add \
	-Wl,--wrap=vrrp_rule_del -Wl,--wrap=process_configure
tests_unit_test_reload_linear_LDADD = tests/unit/libreload.a $(DAEMON_LIBS) \
	$(CRITERION_LIBS)

# The vrrp process is the test itself.
check_PROGRAMS += tests/unit/test_yields
tests_unit_test_yields_SOURCES = tests/unit/test_daemon_yields.c \
	tests/unit/process_double.c tests/unit/process_double.h
tests_unit_test_yields_CFLAGS = $(CRITERION_TEST_CFLAGS) $(LIBEVENT_CFLAGS)
tests_unit_test_yields_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=process_new \
	-Wl,--wrap=process_free -Wl,--wrap=process_configure \
	-Wl,--wrap=process_running -Wl,--wrap=process_wanted \
	-Wl,--wrap=process_send
tests_unit_test_yields_LDADD = $(DAEMON_LIBS) $(CRITERION_LIBS)

# The rooms inside, each with what it may include and no more.
check_PROGRAMS += tests/unit/test_netfilter tests/unit/test_operator \
	tests/unit/test_overrides tests/unit/test_control \
	tests/unit/test_doctor tests/unit/test_migrate
tests_unit_test_migrate_SOURCES = tests/unit/test_daemon_migrate.c \
	tests/unit/conf_world.c tests/unit/conf_world.h
tests_unit_test_migrate_CFLAGS = $(CRITERION_TEST_CFLAGS)
tests_unit_test_migrate_LDADD = daemon/migrate/libmigrate.a $(CONF_LIBS) \
	$(JSONC_LIBS) $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_integrity
tests_unit_test_integrity_SOURCES = tests/unit/test_integrity_matrix.c
tests_unit_test_integrity_CFLAGS = $(CRITERION_TEST_CFLAGS)
tests_unit_test_integrity_LDADD = daemon/integrity/libintegrity.a \
	$(LIB_LIBS) $(CRITERION_LIBS)
tests_unit_test_doctor_SOURCES = tests/unit/test_daemon_doctor.c tests/unit/test_doctor_daemon.c \
	tests/unit/test_doctor_marks.c \
	tests/unit/conf_world.c tests/unit/conf_world.h
tests_unit_test_doctor_CFLAGS = $(CRITERION_TEST_CFLAGS) $(JSONC_CFLAGS)
tests_unit_test_doctor_LDADD = daemon/doctor/libdoctor.a \
	daemon/proc/libproc.a ctl/libctl.a $(CONF_LIBS) $(JSONC_LIBS) $(CAPNG_LIBS) \
	$(CRITERION_LIBS)
tests_unit_test_netfilter_SOURCES = tests/unit/test_daemon_addrset.c \
	tests/unit/test_daemon_sets.c
tests_unit_test_netfilter_CFLAGS = $(CRITERION_TEST_CFLAGS) $(LIBEVENT_CFLAGS)
tests_unit_test_netfilter_LDADD = daemon/netfilter/libnetfilter.a \
	daemon/proc/libproc.a $(CONF_LIBS) $(IPSET_LIBS) $(CAPNG_LIBS) \
	$(CRITERION_LIBS)
tests_unit_test_operator_SOURCES = tests/unit/test_daemon_peer.c \
	tests/unit/test_daemon_fitness.c
tests_unit_test_operator_CFLAGS = $(CRITERION_TEST_CFLAGS) $(LIBEVENT_CFLAGS)
tests_unit_test_operator_LDADD = daemon/operator/liboperator.a \
	daemon/proc/libproc.a balance/libbalance.a $(CONF_LIBS) $(JSONC_LIBS) \
	$(CAPNG_LIBS) -lm $(CRITERION_LIBS)
check_PROGRAMS += tests/unit/test_operator_random
tests_unit_test_operator_random_SOURCES = tests/unit/test_operator_random.c
tests_unit_test_operator_random_CFLAGS = $(tests_unit_test_operator_CFLAGS)
tests_unit_test_operator_random_LDADD = $(tests_unit_test_operator_LDADD)
check_PROGRAMS += tests/unit/test_peer_proc
tests_unit_test_peer_proc_SOURCES = tests/unit/test_daemon_peer_proc.c \
	tests/unit/process_double.c tests/unit/process_double.h
tests_unit_test_peer_proc_CFLAGS = $(CRITERION_TEST_CFLAGS) $(LIBEVENT_CFLAGS)
tests_unit_test_peer_proc_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=process_new \
	-Wl,--wrap=process_free -Wl,--wrap=process_configure \
	-Wl,--wrap=process_running -Wl,--wrap=process_is_behind \
	-Wl,--wrap=process_has_mail \
	-Wl,--wrap=process_get -Wl,--wrap=process_send
tests_unit_test_peer_proc_LDADD = $(tests_unit_test_operator_LDADD)
check_PROGRAMS += tests/unit/test_peer_main
tests_unit_test_peer_main_SOURCES = tests/unit/test_daemon_peer_main.c
tests_unit_test_peer_main_CFLAGS = $(CRITERION_TEST_CFLAGS) $(LIBEVENT_CFLAGS)
tests_unit_test_peer_main_LDADD = $(tests_unit_test_operator_LDADD)
# With a channel to the other balancer and a state file of its own.
tests_unit_test_overrides_SOURCES = tests/unit/test_daemon_overrides.c
tests_unit_test_overrides_CFLAGS = $(CRITERION_TEST_CFLAGS) $(LIBEVENT_CFLAGS)
tests_unit_test_overrides_LDADD = $(tests_unit_test_operator_LDADD)
tests_unit_test_control_SOURCES = tests/unit/test_daemon_control.c
tests_unit_test_control_CFLAGS = $(CRITERION_TEST_CFLAGS) $(LIBEVENT_CFLAGS)
tests_unit_test_control_LDADD = daemon/control/libcontrol.a \
	daemon/integrity/libintegrity.a announce/libannounce.a \
	daemon/pair/libpair.a daemon/operator/liboperator.a \
	daemon/proc/libproc.a balance/libbalance.a ipvs/libipvs.a \
	vrrp/libvrrp.a $(CONF_LIBS) $(LIBNL_LIBS) $(LIBNLROUTE_LIBS) \
	$(JSONC_LIBS) $(CAPNG_LIBS) -lm $(CRITERION_LIBS)
endif
