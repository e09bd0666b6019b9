# SPDX-License-Identifier: GPL-2.0-or-later
if HAVE_CRITERION
check_PROGRAMS += tests/unit/test_vrrp
tests_unit_test_vrrp_SOURCES = \
	tests/unit/test_vrrp_announce.c \
	tests/unit/test_vrrp_fsm.c \
	tests/unit/test_vrrp_group.c \
	tests/unit/test_vrrp_net.c \
	tests/unit/test_vrrp_packet.c \
	tests/unit/test_vrrp_receive.c \
	tests/unit/test_vrrp_mismatch.c \
	tests/unit/test_vrrp_router.c \
	tests/unit/test_vrrp_signature.c \
	tests/unit/test_vrrp_sim.c \
	tests/unit/test_vrrp_timer.c \
	tests/unit/test_vrrp_track.c
tests_unit_test_vrrp_CFLAGS = $(CRITERION_TEST_CFLAGS) $(LIBEVENT_CFLAGS)
# Look-ups of interfaces and sockets are counted.
tests_unit_test_vrrp_LDFLAGS = -Wl,--wrap=vrrp_net_link \
	-Wl,--wrap=vrrp_net_source -Wl,--wrap=vrrp_sock_open
tests_unit_test_vrrp_LDADD = $(VRRP_LIBS) $(CRITERION_LIBS)
endif

# The process without the daemon, and forged packets: for namespace tests.
noinst_PROGRAMS += tests/net/tools/vrrp_driver tests/net/tools/vrrp_inject \
	tests/net/tools/vrrp_capture tests/net/tools/vrrp_stopwatch
tests_net_tools_vrrp_driver_SOURCES = tests/net/tools/vrrp_driver.c
tests_net_tools_vrrp_driver_CFLAGS = $(AM_CFLAGS) $(LIBEVENT_CFLAGS)
tests_net_tools_vrrp_driver_LDADD = $(VRRP_LIBS)
tests_net_tools_vrrp_inject_SOURCES = tests/net/tools/vrrp_inject.c
tests_net_tools_vrrp_inject_CFLAGS = $(AM_CFLAGS) $(LIBEVENT_CFLAGS)
tests_net_tools_vrrp_inject_LDADD = $(VRRP_LIBS)
tests_net_tools_vrrp_capture_SOURCES = tests/net/tools/vrrp_capture.c
tests_net_tools_vrrp_stopwatch_SOURCES = tests/net/tools/vrrp_stopwatch.c
