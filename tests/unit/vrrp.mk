# SPDX-License-Identifier: GPL-2.0-or-later
if HAVE_CRITERION
check_PROGRAMS += tests/unit/test_vrrp
tests_unit_test_vrrp_SOURCES = \
	tests/unit/test_vrrp_announce.c \
	tests/unit/test_vrrp_fsm.c \
	tests/unit/test_vrrp_group.c \
	tests/unit/test_vrrp_packet.c \
	tests/unit/test_vrrp_receive.c \
	tests/unit/test_vrrp_sim.c \
	tests/unit/test_vrrp_timer.c \
	tests/unit/test_vrrp_track.c
tests_unit_test_vrrp_CFLAGS = $(CRITERION_TEST_CFLAGS) $(LIBEVENT_CFLAGS)
tests_unit_test_vrrp_LDADD = $(VRRP_LIBS) $(CRITERION_LIBS)
endif
