/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The blocks of VRRP and BFD, for the file's own table. */
#ifndef EVENKEEL_LIB_CONF_VRRP_H
#define EVENKEEL_LIB_CONF_VRRP_H

#include "lib/conf_bind.h"

extern const struct conf_block conf_block_vrrp_instance, conf_block_vrrp_auth,
	conf_block_vrrp_hmac, conf_block_vrrp_group, conf_block_vrrp_script,
	conf_block_track_file, conf_block_track_process, conf_block_track_group,
	conf_block_bfd, conf_block_garp_group;

#endif
