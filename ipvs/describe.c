/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes and errors in words, for logs and for `evenkeel plan`.
 */
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "ipvs/backend.h"
#include "lib/text.h"

const char *ipvs_forward_name(unsigned forward)
{
	static const char *const names[] = {
		[FORWARD_NAT] = "NAT",
		[FORWARD_LOCAL] = "local",
		[FORWARD_TUN] = "TUN",
		[FORWARD_DR] = "DR",
	};

	return forward < sizeof(names) / sizeof(names[0]) ? names[forward] :
							    "?";
}

const char *ipvs_tunnel_name(unsigned tun_type)
{
	static const char *const names[] = {
		[TUNNEL_IPIP] = "ipip",
		[TUNNEL_GUE] = "gue",
		[TUNNEL_GRE] = "gre",
	};

	return tun_type < sizeof(names) / sizeof(names[0]) ? names[tun_type] :
							     "?";
}

static void describe_tunnel(struct text *text, const struct table_dest *dest)
{
	if (dest->forward != FORWARD_TUN)
		return;
	text_add(text, " %s", ipvs_tunnel_name(dest->tun_type));
	if (dest->tun_type == TUNNEL_GUE)
		text_add(text, " port %u", dest->tun_port);
	if (dest->tun_flags & TUNNEL_CSUM)
		text_add(text, " csum");
	if (dest->tun_flags & TUNNEL_REMCSUM)
		text_add(text, " remcsum");
}

static void describe_forward(struct text *text, const struct table_dest *dest)
{
	text_add(text, "%s", ipvs_forward_name(dest->forward));
	describe_tunnel(text, dest);
}

static void describe_flags(struct text *text, uint32_t flags)
{
	static const struct {
		uint32_t flag;
		const char *name;
	} names[] = {
		{ SERVICE_PERSISTENT, "persistent" },
		{ SERVICE_ONEPACKET, "one-packet" },
		{ SERVICE_SCHED1, "flag-1" },
		{ SERVICE_SCHED2, "flag-2" },
		{ SERVICE_SCHED3, "flag-3" },
	};
	const char *comma = "";
	size_t i;

	if (!(flags & SERVICE_FLAGS_ALL))
		text_add(text, "none");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!(flags & names[i].flag))
			continue;
		text_add(text, "%s%s", comma, names[i].name);
		comma = ",";
	}
}

static void describe_engine(struct text *text, const char *name)
{
	text_add(text, "%s", name[0] ? name : "none");
}

/* The settings of a service, besides its identity. */
static void describe_service(struct text *text, const struct table_service *svc)
{
	text_add(text, " scheduler %s", svc->scheduler);
	if (svc->flags & SERVICE_PERSISTENT)
		text_add(text, " persistence %u s /%u", svc->timeout,
			 svc->prefix);
	if (svc->pe_name[0])
		text_add(text, " engine %s", svc->pe_name);
	if (svc->flags & SERVICE_FLAGS_ALL & ~(uint32_t)SERVICE_PERSISTENT) {
		text_add(text, " flags ");
		describe_flags(text,
			       svc->flags & ~(uint32_t)SERVICE_PERSISTENT);
	}
}

static void describe_service_edit(struct text *text,
				  const struct ipvs_change *change)
{
	const struct table_service *old = change->old_service;
	const struct table_service *svc = change->service;

	if (change->fields & IPVS_FIELD_SCHEDULER)
		text_add(text, " scheduler %s to %s,", old->scheduler,
			 svc->scheduler);
	if (change->fields & IPVS_FIELD_FLAGS) {
		text_add(text, " flags ");
		describe_flags(text, old->flags);
		text_add(text, " to ");
		describe_flags(text, svc->flags);
		text_add(text, ",");
	}
	if (change->fields & IPVS_FIELD_TIMEOUT)
		text_add(text, " persistence %u s to %u s,", old->timeout,
			 svc->timeout);
	if (change->fields & IPVS_FIELD_PREFIX)
		text_add(text, " prefix /%u to /%u,", old->prefix, svc->prefix);
	if (change->fields & IPVS_FIELD_PE) {
		text_add(text, " engine ");
		describe_engine(text, old->pe_name);
		text_add(text, " to ");
		describe_engine(text, svc->pe_name);
		text_add(text, ",");
	}
}

static void describe_dest_edit(struct text *text,
			       const struct ipvs_change *change)
{
	const struct table_dest *old = change->old_dest;
	const struct table_dest *dest = change->dest;

	if (change->fields & IPVS_FIELD_WEIGHT)
		text_add(text, " weight %u to %u,", old->weight, dest->weight);
	if (change->fields & (IPVS_FIELD_FORWARD | IPVS_FIELD_TUNNEL)) {
		text_add(text, " method ");
		describe_forward(text, old);
		text_add(text, " to ");
		describe_forward(text, dest);
		text_add(text, ",");
	}
	if (change->fields & IPVS_FIELD_THRESHOLDS)
		text_add(text, " thresholds %u/%u to %u/%u,", old->u_threshold,
			 old->l_threshold, dest->u_threshold,
			 dest->l_threshold);
}

static void describe_new_dest(struct text *text, const struct table_dest *dest,
			      const char *rip)
{
	text_add(text, "add server %s weight %u ", rip, dest->weight);
	describe_forward(text, dest);
	if (dest->u_threshold || dest->l_threshold)
		text_add(text, " thresholds %u/%u", dest->u_threshold,
			 dest->l_threshold);
}

static void describe_service_change(struct text *text,
				    const struct ipvs_change *change)
{
	char vip[SERVICE_TEXT_MAX];

	service_key_format(&change->service->key, vip);
	if (change->op == IPVS_NEW_SERVICE) {
		text_add(text, "add service %s", vip);
		describe_service(text, change->service);
	} else if (change->op == IPVS_SET_SERVICE) {
		text_add(text, "change service %s:", vip);
		describe_service_edit(text, change);
		text_drop_end(text, ',');
	} else {
		text_add(text, "remove service %s with %zu servers", vip,
			 change->service->nr_dests);
	}
}

static void describe_dest_change(struct text *text,
				 const struct ipvs_change *change)
{
	char vip[SERVICE_TEXT_MAX], rip[ENDPOINT_TEXT_MAX];

	service_key_format(&change->service->key, vip);
	endpoint_format(&change->dest->rip, rip);
	if (change->op == IPVS_NEW_DEST) {
		describe_new_dest(text, change->dest, rip);
		text_add(text, " to %s", vip);
	} else if (change->op == IPVS_SET_DEST) {
		text_add(text, "change server %s of %s:", rip, vip);
		describe_dest_edit(text, change);
		text_drop_end(text, ',');
	} else {
		text_add(text, "remove server %s from %s", rip, vip);
	}
}

const char *ipvs_change_format(const struct ipvs_change *change, char *out,
			       size_t size)
{
	struct text text = text_in(out, size);

	if (change->dest)
		describe_dest_change(&text, change);
	else
		describe_service_change(&text, change);
	return out;
}

static const char *describe_kernel_release(struct utsname *name)
{
	return uname(name) == 0 ? name->release : "this kernel";
}

/* ENOENT to a service means that the scheduler or the engine is not to be had. */
static void describe_no_module(struct text *text,
			       const struct table_service *svc)
{
	struct utsname name;

	if (svc->pe_name[0])
		text_add(
			text,
			"the kernel has no scheduler %s or no persistence engine %s: try "
			"\"modprobe ip_vs_%s\" and \"modprobe ip_vs_pe_%s\"; kernel %s",
			svc->scheduler, svc->pe_name, svc->scheduler,
			svc->pe_name, describe_kernel_release(&name));
	else
		text_add(
			text,
			"the kernel has no scheduler %s: try \"modprobe ip_vs_%s\"; if there is no "
			"such module, kernel %s was built without it",
			svc->scheduler, svc->scheduler,
			describe_kernel_release(&name));
}

static void describe_service_error(struct text *text,
				   const struct ipvs_change *change, int error)
{
	switch (error) {
	case -ENOENT:
		describe_no_module(text, change->service);
		return;
	case -ESRCH:
		text_add(text, "the service is not there");
		return;
	case -EAFNOSUPPORT:
		text_add(text, "IPv6 is switched off in this kernel");
		return;
	case -EINVAL:
		text_add(text, "the kernel refuses the service's values");
		return;
	}
	text_add(text, "%s", strerror(-error));
}

static void describe_dest_error(struct text *text,
				const struct ipvs_change *change, int error)
{
	bool mixed = change->dest->rip.addr.family !=
		     change->service->key.family;

	switch (error) {
	case -ENOENT:
		text_add(text, "the server is not there");
		return;
	case -ESRCH:
		text_add(text, "its service is not there");
		return;
	case -ERANGE:
		text_add(text,
			 "the kernel refuses the weight or the thresholds");
		return;
	case -EAFNOSUPPORT:
		text_add(text, "IPv6 is switched off in this kernel");
		return;
	case -EINVAL:
		if (mixed)
			text_add(
				text,
				"a tunnel to the other address family is refused while a "
				"connection synchronisation daemon runs");
		else
			text_add(
				text,
				"the kernel refuses the server's address or values");
		return;
	}
	text_add(text, "%s", strerror(-error));
}

/* Errors that mean the same with every command. Returns false for the others. */
static bool describe_common_error(struct text *text, int error)
{
	switch (error) {
	case -EPERM:
		text_add(
			text,
			"not permitted: this needs CAP_NET_ADMIN in the initial user namespace");
		return true;
	case -ENOMEM:
		text_add(text, "the kernel is out of memory");
		return true;
	case -ENOBUFS:
		text_add(text, "the kernel's answer was lost");
		return true;
	case -ENOPROTOOPT:
		text_add(text, "the ip_vs module is being unloaded");
		return true;
	case -EOPNOTSUPP:
		text_add(text, "the kernel does not know the command");
		return true;
	}
	return false;
}

const char *ipvs_error_text(const struct ipvs_change *change, int error,
			    const char *extra, char *out)
{
	struct text text = text_in(out, IPVS_TEXT_MAX);
	bool ours = error == -EINVAL && extra && extra[0];

	/* Our own refusals carry their explanation. */
	if (ours) {
		text_add(&text, "%s", extra);
		return out;
	}
	if (!describe_common_error(&text, error)) {
		if (change->dest)
			describe_dest_error(&text, change, error);
		else
			describe_service_error(&text, change, error);
	}
	if (extra && extra[0])
		text_add(&text, " (%s)", extra);
	return out;
}
