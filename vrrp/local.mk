# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += vrrp/libvrrp.a
vrrp_libvrrp_a_SOURCES = \
	vrrp/address.c vrrp/address.h \
	vrrp/announce.c vrrp/announce.h \
	vrrp/fsm.c vrrp/fsm.h \
	vrrp/group.c vrrp/group.h \
	vrrp/input.c \
	vrrp/vrrp_internal.h \
	vrrp/limit.c vrrp/limit.h \
	vrrp/linkbeat.c vrrp/linkbeat.h \
	vrrp/host.c vrrp/host.h \
	vrrp/hurry.c \
	vrrp/interfaces.c vrrp/interfaces.h \
	vrrp/packet.c vrrp/packet.h \
	vrrp/receive.c vrrp/receive.h \
	vrrp/vrrp_reload.c \
	vrrp/route.c vrrp/route.h \
	vrrp/routes.c vrrp/routes.h \
	vrrp/router.c vrrp/router.h \
	vrrp/mismatch.c vrrp/mismatch.h \
	vrrp/rule.c \
	vrrp/signature.c vrrp/signature.h \
	vrrp/sock.c vrrp/sock.h \
	vrrp/timer.c vrrp/timer.h \
	vrrp/track.c vrrp/track.h \
	vrrp/yield.c vrrp/yield.h \
	vrrp/vips.c vrrp/vips.h \
	vrrp/vmac.c vrrp/vmac.h \
	vrrp/vrrp.c vrrp/vrrp.h
vrrp_libvrrp_a_CFLAGS = $(AM_CFLAGS) $(LIBEVENT_CFLAGS) $(LIBNL_CFLAGS) \
	$(LIBNLROUTE_CFLAGS)

VRRP_LIBS = vrrp/libvrrp.a $(CONF_LIBS) $(LIBNLROUTE_LIBS) $(LIBNL_LIBS)
