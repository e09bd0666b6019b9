# SPDX-License-Identifier: GPL-2.0-or-later
if HAVE_CRITERION
check_PROGRAMS += tests/unit/test_daemon
tests_unit_test_daemon_SOURCES = \
	tests/unit/ipvs_fake.c tests/unit/ipvs_fake.h \
	tests/unit/test_daemon_kernel.c \
	tests/unit/test_daemon_owned.c tests/unit/test_daemon_pair.c \
	tests/unit/test_daemon_check_scripts.c \
	tests/unit/test_daemon_heartbeat.c tests/unit/test_daemon_history.c \
	tests/unit/test_daemon_outside.c \
	tests/unit/test_daemon_pidfile.c \
	tests/unit/test_daemon_ping_range.c \
	tests/unit/test_daemon_script.c \
	tests/unit/test_daemon_systemd.c \
	tests/unit/test_daemon_describe.c \
	tests/unit/test_daemon_track.c
tests_unit_test_daemon_CFLAGS = $(CRITERION_TEST_CFLAGS) $(LIBEVENT_CFLAGS)
tests_unit_test_daemon_LDADD = $(DAEMON_LIBS) $(CRITERION_LIBS)

# The rooms inside, each with what it may include and no more.
check_PROGRAMS += tests/unit/test_netfilter tests/unit/test_operator \
	tests/unit/test_overrides tests/unit/test_control
tests_unit_test_netfilter_SOURCES = tests/unit/test_daemon_addrset.c \
	tests/unit/test_daemon_sets.c
tests_unit_test_netfilter_CFLAGS = $(CRITERION_TEST_CFLAGS) $(LIBEVENT_CFLAGS)
tests_unit_test_netfilter_LDADD = daemon/netfilter/libnetfilter.a \
	daemon/proc/libproc.a $(CONF_LIBS) $(IPSET_LIBS) $(CAPNG_LIBS) \
	$(CRITERION_LIBS)
tests_unit_test_operator_SOURCES = tests/unit/test_daemon_peer.c
tests_unit_test_operator_CFLAGS = $(CRITERION_TEST_CFLAGS) $(LIBEVENT_CFLAGS)
tests_unit_test_operator_LDADD = daemon/operator/liboperator.a \
	daemon/proc/libproc.a balance/libbalance.a $(CONF_LIBS) $(JSONC_LIBS) \
	$(CAPNG_LIBS) -lm $(CRITERION_LIBS)
# With a channel to the other balancer and a state file of its own.
tests_unit_test_overrides_SOURCES = tests/unit/test_daemon_overrides.c
tests_unit_test_overrides_CFLAGS = $(CRITERION_TEST_CFLAGS) $(LIBEVENT_CFLAGS)
tests_unit_test_overrides_LDADD = $(tests_unit_test_operator_LDADD)
tests_unit_test_control_SOURCES = tests/unit/test_daemon_control.c
tests_unit_test_control_CFLAGS = $(CRITERION_TEST_CFLAGS) $(LIBEVENT_CFLAGS)
tests_unit_test_control_LDADD = daemon/control/libcontrol.a \
	daemon/pair/libpair.a daemon/operator/liboperator.a \
	daemon/proc/libproc.a balance/libbalance.a ipvs/libipvs.a \
	vrrp/libvrrp.a $(CONF_LIBS) $(LIBNL_LIBS) $(LIBNLROUTE_LIBS) \
	$(JSONC_LIBS) $(CAPNG_LIBS) -lm $(CRITERION_LIBS)
endif
