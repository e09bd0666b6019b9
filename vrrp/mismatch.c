/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/mismatch.h"

#define MISMATCH_PAUSE (60 * USEC_PER_SEC)

#define TWO_MASTERS \
	"two masters with the same addresses are likely, until both files agree"

const char *vrrp_mismatch_advice(enum vrrp_drop drop)
{
	static const char *const advice[VRRP_DROPS] = {
		[VRRP_DROP_VERSION] = TWO_MASTERS " on version",
		[VRRP_DROP_INTERVAL] = TWO_MASTERS " on advert_int",
		[VRRP_DROP_TTL] = TWO_MASTERS
		" on min_ttl and max_ttl of unicast_peer",
		[VRRP_DROP_DESTINATION] = TWO_MASTERS
		" on unicast_peer or mcast_dst_ip",
		[VRRP_DROP_SOURCE] = TWO_MASTERS " on unicast_peer",
		[VRRP_DROP_AUTH_TYPE] = TWO_MASTERS " on authentication",
		[VRRP_DROP_AUTH] = TWO_MASTERS " on auth_pass",
		[VRRP_DROP_ADDRESS_LIST] = TWO_MASTERS " on virtual_ipaddress",
		[VRRP_DROP_LINK_LOCAL] = TWO_MASTERS " on strict_mode",
		[VRRP_DROP_OTHER_VRID] = TWO_MASTERS " on virtual_router_id",
		[VRRP_DROP_CAST] = TWO_MASTERS " on unicast_peer",
		[VRRP_DROP_SIGNED] = TWO_MASTERS " on auth_hmac",
		[VRRP_DROP_UNSIGNED] = TWO_MASTERS " on auth_hmac",
		[VRRP_DROP_SIGNATURE] = TWO_MASTERS " on the keys of auth_hmac",
		[VRRP_DROP_STALE] =
			"two masters with the same addresses are likely, until "
			"the clocks of both agree within 'time_window' of "
			"auth_hmac",
		[VRRP_DROP_FOREIGN] =
			"another pair has our virtual_router_id: give one of "
			"the pairs another one",
	};

	return drop < VRRP_DROPS ? advice[drop] : NULL;
}

void vrrp_mismatch_note(struct vrrp_mismatch *mismatch, enum vrrp_drop drop,
			const struct addr *src, usec_t now)
{
	if (!vrrp_mismatch_advice(drop))
		return;
	mismatch->drop = drop;
	mismatch->src = *src;
	mismatch->seen = now;
}

bool vrrp_mismatch_due(struct vrrp_mismatch *mismatch, bool active,
		       usec_t recent, usec_t now)
{
	if (!active || mismatch->seen == 0 || now - mismatch->seen > recent ||
	    now < mismatch->next)
		return false;
	mismatch->next = now + MISMATCH_PAUSE;
	return true;
}
