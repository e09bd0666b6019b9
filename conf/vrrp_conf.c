/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names and comparisons of the parts of a struct vrrp_conf. */
#include "conf/vrrp_conf.h"

const char *vrrp_tracker_kind_name(enum vrrp_tracker_kind kind)
{
	switch (kind) {
	case VRRP_TRACK_INTERFACE:
		return "interface";
	case VRRP_TRACK_SCRIPT:
		return "script";
	case VRRP_TRACK_PROCESS:
		return "process";
	case VRRP_TRACK_POOL:
		return "virtual server";
	case VRRP_TRACK_FILE:
		return "file";
	case VRRP_TRACK_BFD:
		return "bfd_instance";
	case VRRP_TRACK_FIREWALL:
		return "firewall";
	}
	return "";
}
