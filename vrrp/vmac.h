/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtual MAC address (RFC 9568 7.3), as a macvlan above the instance's
 * interface: 00:00:5e:00:01:VRID for IPv4, 00:00:5e:00:02:VRID for IPv6. The
 * virtual addresses are on it, and adverts come and go through it: Linux hands a
 * frame whose source is the address of a private macvlan of ours to that
 * macvlan alone, so nobody else would hear a peer that uses the same.
 *
 * A macvlan that a killed daemon left behind is used again. The macvlan is
 * removed when its router ends.
 */
#ifndef EVENKEEL_VRRP_VMAC_H
#define EVENKEEL_VRRP_VMAC_H

#include "vrrp/interfaces.h"

/* The virtual MAC of FAMILY and VRID, into MAC. */
void vrrp_vmac_address(uint16_t family, uint8_t vrid, uint8_t *mac);
/* The name that CONF wants for it, into NAME (IFNAMSIZ bytes). */
void vrrp_vmac_name(const struct vrrp_conf_instance *conf, char *name);

/*
 * Have the macvlan of CONF above PARENT. Returns its index; -EAGAIN if it was
 * made just now and is not in NET's picture yet (the news will come); -EEXIST if
 * another interface has its name; else -errno.
 */
int vrrp_vmac_ensure(struct vrrp_net *net,
		     const struct vrrp_conf_instance *conf,
		     const struct vrrp_link *parent);

/*
 * Settings of a macvlan in use (named NAME) and of its PARENT, without which
 * Linux would answer for each other's addresses or drop arriving packets.
 */
void vrrp_vmac_tune(const char *name, const char *parent);

/*
 * The link-local address that the macvlan above an interface with the address
 * MAC sends from, into OUT: both routers of a pair have the same virtual MAC,
 * and must not have the same address made from it (RFC 9568 7.4).
 */
void vrrp_vmac_link_local(const uint8_t *mac, uint8_t vrid, struct addr *out);

/* Put the link-local address SOURCE on the macvlan INDEX. 0 or -errno. */
int vrrp_vmac_source(struct vrrp_net *net, int index,
		     const struct addr *source);

/* Remove the macvlan of CONF, if it is there. 0 or -errno. */
int vrrp_vmac_remove(struct vrrp_net *net,
		     const struct vrrp_conf_instance *conf);

/*
 * Set net.ipv4.conf.NAME.SETTING, of any interface, to the digit VALUE; a failure is
 * logged.
 */
void vrrp_vmac_write_setting(const char *name, const char *setting, char value);

#endif
