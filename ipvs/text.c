/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes and errors in words, for logs and for `evenkeel plan`.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "ipvs/backend.h"

/* Text that grows in a buffer and stops at its end. */
struct text {
	char *out;
	size_t size;
	size_t used;
};

__attribute__((format(printf, 2, 3))) static void say(struct text *text,
						      const char *fmt, ...)
{
	va_list ap;
	int length;

	va_start(ap, fmt);
	length = vsnprintf(text->out + text->used, text->size - text->used, fmt,
			   ap);
	va_end(ap);
	if (length > 0)
		text->used += (size_t)length;
	if (text->used >= text->size)
		text->used = text->size - 1;
}

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

static void text_say_tunnel(struct text *text, const struct table_dest *dest)
{
	if (dest->forward != FORWARD_TUN)
		return;
	say(text, " %s", ipvs_tunnel_name(dest->tun_type));
	if (dest->tun_type == TUNNEL_GUE)
		say(text, " port %u", dest->tun_port);
	if (dest->tun_flags & TUNNEL_CSUM)
		say(text, " csum");
	if (dest->tun_flags & TUNNEL_REMCSUM)
		say(text, " remcsum");
}

static void text_say_forward(struct text *text, const struct table_dest *dest)
{
	say(text, "%s", ipvs_forward_name(dest->forward));
	text_say_tunnel(text, dest);
}

static void text_say_flags(struct text *text, uint32_t flags)
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
		say(text, "none");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!(flags & names[i].flag))
			continue;
		say(text, "%s%s", comma, names[i].name);
		comma = ",";
	}
}

static void text_say_engine(struct text *text, const char *name)
{
	say(text, "%s", name[0] ? name : "none");
}

/* The settings of a service, besides its identity. */
static void text_say_service(struct text *text, const struct table_service *svc)
{
	say(text, " scheduler %s", svc->scheduler);
	if (svc->flags & SERVICE_PERSISTENT)
		say(text, " persistence %u s /%u", svc->timeout, svc->prefix);
	if (svc->pe_name[0])
		say(text, " engine %s", svc->pe_name);
	if (svc->flags & SERVICE_FLAGS_ALL & ~(uint32_t)SERVICE_PERSISTENT) {
		say(text, " flags ");
		text_say_flags(text,
			       svc->flags & ~(uint32_t)SERVICE_PERSISTENT);
	}
}

static void text_say_service_edit(struct text *text,
				  const struct ipvs_change *change)
{
	const struct table_service *old = change->old_service;
	const struct table_service *svc = change->service;

	if (change->fields & IPVS_FIELD_SCHEDULER)
		say(text, " scheduler %s to %s,", old->scheduler,
		    svc->scheduler);
	if (change->fields & IPVS_FIELD_FLAGS) {
		say(text, " flags ");
		text_say_flags(text, old->flags);
		say(text, " to ");
		text_say_flags(text, svc->flags);
		say(text, ",");
	}
	if (change->fields & IPVS_FIELD_TIMEOUT)
		say(text, " persistence %u s to %u s,", old->timeout,
		    svc->timeout);
	if (change->fields & IPVS_FIELD_PREFIX)
		say(text, " prefix /%u to /%u,", old->prefix, svc->prefix);
	if (change->fields & IPVS_FIELD_PE) {
		say(text, " engine ");
		text_say_engine(text, old->pe_name);
		say(text, " to ");
		text_say_engine(text, svc->pe_name);
		say(text, ",");
	}
}

static void text_say_dest_edit(struct text *text,
			       const struct ipvs_change *change)
{
	const struct table_dest *old = change->old_dest;
	const struct table_dest *dest = change->dest;

	if (change->fields & IPVS_FIELD_WEIGHT)
		say(text, " weight %u to %u,", old->weight, dest->weight);
	if (change->fields & (IPVS_FIELD_FORWARD | IPVS_FIELD_TUNNEL)) {
		say(text, " method ");
		text_say_forward(text, old);
		say(text, " to ");
		text_say_forward(text, dest);
		say(text, ",");
	}
	if (change->fields & IPVS_FIELD_THRESHOLDS)
		say(text, " thresholds %u/%u to %u/%u,", old->u_threshold,
		    old->l_threshold, dest->u_threshold, dest->l_threshold);
}

static void text_end_list(struct text *text)
{
	if (text->used && text->out[text->used - 1] == ',')
		text->out[--text->used] = '\0';
}

static void text_say_new_dest(struct text *text, const struct table_dest *dest,
			      const char *rip)
{
	say(text, "add server %s weight %u ", rip, dest->weight);
	text_say_forward(text, dest);
	if (dest->u_threshold || dest->l_threshold)
		say(text, " thresholds %u/%u", dest->u_threshold,
		    dest->l_threshold);
}

static void text_say_service_change(struct text *text,
				    const struct ipvs_change *change)
{
	char vip[SERVICE_TEXT_MAX];

	service_key_format(&change->service->key, vip);
	if (change->op == IPVS_NEW_SERVICE) {
		say(text, "add service %s", vip);
		text_say_service(text, change->service);
	} else if (change->op == IPVS_SET_SERVICE) {
		say(text, "change service %s:", vip);
		text_say_service_edit(text, change);
		text_end_list(text);
	} else {
		say(text, "remove service %s with %zu servers", vip,
		    change->service->nr_dests);
	}
}

static void text_say_dest_change(struct text *text,
				 const struct ipvs_change *change)
{
	char vip[SERVICE_TEXT_MAX], rip[ENDPOINT_TEXT_MAX];

	service_key_format(&change->service->key, vip);
	endpoint_format(&change->dest->rip, rip);
	if (change->op == IPVS_NEW_DEST) {
		text_say_new_dest(text, change->dest, rip);
		say(text, " to %s", vip);
	} else if (change->op == IPVS_SET_DEST) {
		say(text, "change server %s of %s:", rip, vip);
		text_say_dest_edit(text, change);
		text_end_list(text);
	} else {
		say(text, "remove server %s from %s", rip, vip);
	}
}

static struct text text_in(char *out, size_t size)
{
	struct text text = { .size = size };

	text.out = out;
	out[0] = '\0';
	return text;
}

const char *ipvs_change_format(const struct ipvs_change *change, char *out,
			       size_t size)
{
	struct text text = text_in(out, size);

	if (change->dest)
		text_say_dest_change(&text, change);
	else
		text_say_service_change(&text, change);
	return out;
}

static const char *text_kernel_release(struct utsname *name)
{
	return uname(name) == 0 ? name->release : "this kernel";
}

/* ENOENT to a service means that the scheduler or the engine is not to be had. */
static void text_say_no_module(struct text *text,
			       const struct table_service *svc)
{
	struct utsname name;

	if (svc->pe_name[0])
		say(text,
		    "the kernel has no scheduler %s or no persistence engine %s: try "
		    "\"modprobe ip_vs_%s\" and \"modprobe ip_vs_pe_%s\"; kernel %s",
		    svc->scheduler, svc->pe_name, svc->scheduler, svc->pe_name,
		    text_kernel_release(&name));
	else
		say(text,
		    "the kernel has no scheduler %s: try \"modprobe ip_vs_%s\"; if there is no "
		    "such module, kernel %s was built without it",
		    svc->scheduler, svc->scheduler, text_kernel_release(&name));
}

static void text_say_service_error(struct text *text,
				   const struct ipvs_change *change, int error)
{
	switch (error) {
	case -ENOENT:
		text_say_no_module(text, change->service);
		return;
	case -ESRCH:
		say(text, "the service is not there");
		return;
	case -EAFNOSUPPORT:
		say(text, "IPv6 is switched off in this kernel");
		return;
	case -EINVAL:
		say(text, "the kernel refuses the service's values");
		return;
	}
	say(text, "%s", strerror(-error));
}

static void text_say_dest_error(struct text *text,
				const struct ipvs_change *change, int error)
{
	bool mixed = change->dest->rip.addr.family !=
		     change->service->key.family;

	switch (error) {
	case -ENOENT:
		say(text, "the server is not there");
		return;
	case -ESRCH:
		say(text, "its service is not there");
		return;
	case -ERANGE:
		say(text, "the kernel refuses the weight or the thresholds");
		return;
	case -EAFNOSUPPORT:
		say(text, "IPv6 is switched off in this kernel");
		return;
	case -EINVAL:
		if (mixed)
			say(text,
			    "a tunnel to the other address family is refused while a "
			    "connection synchronisation daemon runs");
		else
			say(text,
			    "the kernel refuses the server's address or values");
		return;
	}
	say(text, "%s", strerror(-error));
}

/* Errors that mean the same with every command. Returns false for the others. */
static bool text_say_common_error(struct text *text, int error)
{
	switch (error) {
	case -EPERM:
		say(text,
		    "not permitted: this needs CAP_NET_ADMIN in the initial user namespace");
		return true;
	case -ENOMEM:
		say(text, "the kernel is out of memory");
		return true;
	case -ENOBUFS:
		say(text, "the kernel's answer was lost");
		return true;
	case -ENOPROTOOPT:
		say(text, "the ip_vs module is being unloaded");
		return true;
	case -EOPNOTSUPP:
		say(text, "the kernel does not know the command");
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
		say(&text, "%s", extra);
		return out;
	}
	if (!text_say_common_error(&text, error)) {
		if (change->dest)
			text_say_dest_error(&text, change, error);
		else
			text_say_service_error(&text, change, error);
	}
	if (extra && extra[0])
		say(&text, " (%s)", extra);
	return out;
}
