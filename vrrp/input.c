/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets in. A rejected packet is counted by its reason, and logged once a
 * minute for each reason of each instance: an attacker with changing sources
 * does not get more lines.
 */
#include <string.h>

#include "lib/log.h"
#include "vrrp/vrrp_internal.h"
#include "vrrp/receive.h"

/* At most so many datagrams, and two of one VRID, before timers have a turn. */
#define DRAIN_MAX 64
#define STRAY_PAUSE (100 * USEC_PER_MSEC)

_Static_assert(VRRP_DEVIATIONS <= IPC_VRRP_DEVIATIONS, "each has a counter");

/*
 * The reason of a drop, for the warning: an advert with none of our addresses
 * is another pair's, even if more is wrong with it, and no second master of
 * ours.
 */
static enum vrrp_drop
input_mismatch_reason(const struct vrrp_router *router, enum vrrp_drop drop,
		      const struct vrrp_datagram *datagram)
{
	struct vrrp_advert advert;

	if (vrrp_mismatch_advice(drop) &&
	    vrrp_packet_decode(datagram, &advert) == VRRP_DROP_NONE &&
	    !vrrp_receive_is_of_pair(router->conf, &advert))
		return VRRP_DROP_FOREIGN;
	return drop;
}

static void input_note_drop(struct vrrp_router *router, enum vrrp_drop drop,
			    const struct vrrp_datagram *datagram)
{
	usec_t now = loop_now(router->vrrp->loop);
	const struct addr *src = &datagram->src;
	char text[ADDR_TEXT_MAX];
	uint64_t skipped;

	router->report.drops[drop]++;
	vrrp_mismatch_note(&router->mismatch,
			   input_mismatch_reason(router, drop, datagram), src,
			   now);
	vrrp_router_warn_mismatch(router);
	if (!vrrp_limit_ok(&router->limits[drop], now, &skipped))
		return;
	if (drop == VRRP_DROP_OWN_ADDRESS)
		log_warning("vrrp",
			    "%s: another host sends from our address %s",
			    router->conf->name, addr_format(src, text));
	else
		log_info(
			"vrrp",
			"%s: packet from %s dropped: %s (%llu more since the last line)",
			router->conf->name, addr_format(src, text),
			vrrp_drop_name(drop), (unsigned long long)skipped);
}

static void input_note_deviations(struct vrrp_router *router, unsigned odd,
				  const struct addr *src)
{
	char text[ADDR_TEXT_MAX];
	unsigned bit;

	for (bit = 0; bit < VRRP_DEVIATIONS; bit++) {
		if (!(odd & 1u << bit))
			continue;
		router->report.deviations[bit]++;
		if (router->deviations_logged & 1u << bit)
			continue;
		router->deviations_logged |= 1u << bit;
		log_warning("vrrp", "%s: advert from %s: %s",
			    router->conf->name, addr_format(src, text),
			    vrrp_deviation_name(bit));
	}
}

static void input_accept_advert(struct vrrp_router *router,
				const struct vrrp_datagram *datagram,
				const struct vrrp_advert *advert)
{
	struct ipc_vrrp_state *report = &router->report;
	struct vrrp_event event = { .kind = VRRP_EVENT_ADVERT };
	bool other = addr_cmp(&report->peer, &datagram->src) != 0;

	report->received++;
	if (advert->priority == VRRP_PRIORITY_STOP)
		report->stops_received++;
	report->heard = loop_now(router->vrrp->loop);
	report->peer = datagram->src;
	report->peer_priority = advert->priority;
	event.advert.priority = advert->priority;
	event.advert.interval = advert->interval;
	event.advert.order = addr_cmp(&datagram->src, &router->source);
	vrrp_router_event(router, &event);
	if (other)
		vrrp_router_report_soon(router);
}

/*
 * An advert for a router of ours that listens elsewhere: it uses
 * unicast and the sender multicast, or the reverse. With other addresses the
 * advert is another pair's, which may be why this pair uses unicast.
 */
static void input_take_overheard(struct vrrp_sock *sock,
				 struct vrrp_router *router,
				 const struct vrrp_datagram *datagram)
{
	struct vrrp_advert advert;

	if (vrrp_packet_decode(datagram, &advert) == VRRP_DROP_NONE &&
	    addr_cmp(&datagram->src, &router->source) != 0 &&
	    vrrp_receive_is_of_pair(router->conf, &advert))
		input_note_drop(router, VRRP_DROP_CAST, datagram);
	else
		sock->strays++;
}

/* log_unknown_vrids, of the routers that share the socket. */
static bool input_logs_strays(const struct vrrp_sock *sock)
{
	const struct vrrp_router *router;
	size_t vrid;

	for (vrid = 1; vrid < ARRAY_SIZE(sock->by_vrid); vrid++) {
		router = sock->by_vrid[vrid];
		if (router)
			return router->vrrp->conf->log_unknown_vrids;
	}
	return false;
}

/*
 * An advert with a VRID that no router has here. If it has an address of ours,
 * two files disagree on the VRID. The search looks at every address here, so it
 * is made for one advert in STRAY_PAUSE only.
 */
static void input_take_stray(struct vrrp_sock *sock,
			     const struct vrrp_datagram *datagram, usec_t now)
{
	char from[ADDR_TEXT_MAX];
	struct vrrp_advert advert;
	struct vrrp_router *router;
	size_t vrid;

	sock->strays++;
	if (now < sock->next_stray)
		return;
	sock->next_stray = now + STRAY_PAUSE;
	if (vrrp_packet_decode(datagram, &advert) != VRRP_DROP_NONE)
		return;
	if (input_logs_strays(sock))
		log_notice(
			"vrrp",
			"%s: an advert with VRID %u, which no instance here has",
			addr_format(&datagram->src, from), advert.vrid);
	for (vrid = 1; vrid < ARRAY_SIZE(sock->by_vrid); vrid++) {
		router = sock->by_vrid[vrid];
		if (router && vrrp_receive_shares(router->conf, &advert))
			input_note_drop(router, VRRP_DROP_OTHER_VRID, datagram);
	}
}

static void input_take_datagram(struct vrrp_sock *sock,
				const struct vrrp_datagram *datagram)
{
	uint8_t vrid = vrrp_packet_vrid(datagram);
	struct vrrp_router *router = sock->by_vrid[vrid];
	struct vrrp_advert advert;
	enum vrrp_drop drop;
	bool skewed = false;
	unsigned odd;

	if (!router && sock->other_cast[vrid]) {
		input_take_overheard(sock, sock->other_cast[vrid], datagram);
		return;
	}
	if (!router) {
		input_take_stray(sock, datagram, loop_now(sock->io.loop));
		return;
	}
	drop = vrrp_receive(router->conf, &router->source, &router->report.peer,
			    datagram, &advert, &odd);
	if (drop == VRRP_DROP_NONE)
		drop = vrrp_signature_check(&router->signature,
					    &router->conf->hmac, datagram,
					    &advert, vrrp_signature_now(),
					    &skewed);
	if (skewed)
		odd |= VRRP_DEVIATION_SKEW;
	if (drop != VRRP_DROP_NONE) {
		input_note_drop(router, drop, datagram);
		return;
	}
	input_note_deviations(router, odd, &datagram->src);
	input_accept_advert(router, datagram, &advert);
}

void vrrp_input_drain(struct vrrp_sock *sock)
{
	struct vrrp_datagram datagram;
	enum vrrp_drop drop;
	uint8_t seen[256];
	uint8_t vrid;
	int i;

	memset(seen, 0, sizeof(seen));
	for (i = 0; i < DRAIN_MAX; i++) {
		/* The error is of the interface, whose link is monitored. */
		if (vrrp_sock_read(sock, &datagram, &drop) <= 0)
			return;
		if (drop != VRRP_DROP_NONE) {
			sock->strays++;
			continue;
		}
		vrid = vrrp_packet_vrid(&datagram);
		input_take_datagram(sock, &datagram);
		if (++seen[vrid] == 2)
			return;
	}
}
