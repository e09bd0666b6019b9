/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model follows net/netfilter/ipvs/ip_vs_ctl.c of Linux 6.1: the order of
 * its checks and its error numbers. The model keeps services, and the servers
 * of each, in order, so that additions in order are cheap.
 */
#include "tests/unit/ipvs_fake.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

struct fake_service {
	struct table_service service;
	struct table_dest *dests;
	size_t nr;
	size_t room;
};

struct fake {
	struct ipvs_backend base;
	struct ipvs_fake_hooks hooks;
	struct fake_service *services;
	size_t nr;
	size_t room;
	struct ipvs_timeouts timeouts;
	struct ipvs_sync sync[IPVS_SYNC_ROLES]; /* by role; role 0: none runs */
};

static struct fake *fake_of(struct ipvs_backend *backend)
{
	return container_of(backend, struct fake, base);
}

/* The position where KEY is or would be; *FOUND tells which. */
static size_t fake_find_service(const struct fake *fake,
				const struct service_key *key, bool *found)
{
	size_t low = 0, high = fake->nr;

	*found = false;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order =
			service_key_cmp(key, &fake->services[mid].service.key);

		if (order == 0) {
			*found = true;
			return mid;
		}
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

static size_t fake_find_dest(const struct fake_service *service,
			     const struct endpoint *rip, bool *found)
{
	size_t low = 0, high = service->nr;

	*found = false;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = endpoint_cmp(rip, &service->dests[mid].rip);

		if (order == 0) {
			*found = true;
			return mid;
		}
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

static bool fake_knows_scheduler(const char *name)
{
	/* Linux has these; which of them a kernel was built with, it alone knows. */
	static const char *const names[] = { "rr",   "wrr",   "lc",  "wlc",
					     "lblc", "lblcr", "dh",  "sh",
					     "sed",  "nq",    "fo",  "ovf",
					     "mh",   "twos",  "none" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static int fake_check_service(const struct table_service *service)
{
	if (!fake_knows_scheduler(service->scheduler))
		return -ENOENT;
	if (service->pe_name[0] && strcmp(service->pe_name, "sip") != 0)
		return -ENOENT;
	if (service->key.family == AF_INET6 &&
	    (service->prefix < 1 || service->prefix > 128))
		return -EINVAL;
	return 0;
}

static struct fake_service *
fake_insert_service(struct fake *fake, const struct table_service *service,
		    size_t at)
{
	struct fake_service *slot;

	fake->services = array_grow(fake->services, fake->nr, &fake->room,
				    sizeof(*fake->services));
	slot = &fake->services[at];
	memmove(slot + 1, slot, (fake->nr - at) * sizeof(*slot));
	fake->nr++;
	memset(slot, 0, sizeof(*slot));
	slot->service = *service;
	slot->service.ref = TABLE_NO_REF;
	return slot;
}

static int fake_new_service(struct fake *fake,
			    const struct table_service *service, size_t at)
{
	struct fake_service *slot;
	int err = fake_check_service(service);

	if (err < 0)
		return err;
	slot = fake_insert_service(fake, service, at);
	slot->service.flags &= SERVICE_FLAGS_ALL;
	slot->service.conns = 0;
	slot->service.in_bytes = 0;
	slot->service.out_bytes = 0;
	return 0;
}

static int fake_set_service(struct fake_service *have,
			    const struct table_service *service)
{
	int err = fake_check_service(service);

	if (err < 0)
		return err;
	memcpy(have->service.scheduler, service->scheduler,
	       sizeof(service->scheduler));
	memcpy(have->service.pe_name, service->pe_name,
	       sizeof(service->pe_name));
	have->service.flags = service->flags & SERVICE_FLAGS_ALL;
	have->service.timeout = service->timeout;
	have->service.prefix = service->prefix;
	return 0;
}

static int fake_del_service(struct fake *fake, size_t at)
{
	free(fake->services[at].dests);
	fake->nr--;
	memmove(&fake->services[at], &fake->services[at + 1],
		(fake->nr - at) * sizeof(*fake->services));
	return 0;
}

static bool fake_is_unicast(const struct addr *addr)
{
	static const uint8_t none[16];

	if (memcmp(addr->bytes, none, sizeof(none)) == 0)
		return false;
	if (addr->family == AF_INET6)
		return addr->bytes[0] != 0xff &&
		       !(addr->bytes[0] == 0xfe &&
			 (addr->bytes[1] & 0xc0) == 0x80);
	return (addr->bytes[0] & 0xf0) != 0xe0 &&
	       addr->v4.s_addr != INADDR_BROADCAST;
}

static int fake_check_dest(const struct fake_service *service,
			   const struct table_dest *dest)
{
	if (dest->rip.addr.family != service->service.key.family &&
	    dest->forward != FORWARD_TUN)
		return -EINVAL;
	if (dest->weight > INT32_MAX || dest->l_threshold > dest->u_threshold)
		return -ERANGE;
	if (dest->forward == FORWARD_TUN && dest->tun_type == TUNNEL_GUE &&
	    dest->tun_port == 0)
		return -EINVAL;
	if (!fake_is_unicast(&dest->rip.addr) || dest->u_threshold > INT32_MAX)
		return -EINVAL;
	return 0;
}

static struct table_dest *fake_insert_dest(struct fake_service *service,
					   const struct table_dest *dest,
					   size_t at)
{
	struct table_dest *slot;

	service->dests = array_grow(service->dests, service->nr, &service->room,
				    sizeof(*slot));
	slot = &service->dests[at];
	memmove(slot + 1, slot, (service->nr - at) * sizeof(*slot));
	service->nr++;
	*slot = *dest;
	slot->ref = TABLE_NO_REF;
	return slot;
}

static int fake_new_dest(struct fake_service *service,
			 const struct table_dest *dest, size_t at)
{
	struct table_dest *slot;
	int err = fake_check_dest(service, dest);

	if (err < 0)
		return err;
	slot = fake_insert_dest(service, dest, at);
	slot->active = 0;
	slot->inactive = 0;
	slot->persistent = 0;
	return 0;
}

static int fake_set_dest(struct fake_service *service,
			 const struct table_dest *dest, size_t at)
{
	struct table_dest *have = &service->dests[at];
	struct table_dest old = *have;
	int err = fake_check_dest(service, dest);

	if (err < 0)
		return err;
	*have = *dest;
	have->ref = TABLE_NO_REF;
	have->active = old.active;
	have->inactive = old.inactive;
	have->persistent = old.persistent;
	return 0;
}

static int fake_del_dest(struct fake_service *service, size_t at)
{
	service->nr--;
	memmove(&service->dests[at], &service->dests[at + 1],
		(service->nr - at) * sizeof(*service->dests));
	return 0;
}

static int fake_carry_out_dest(struct fake_service *service, enum ipvs_op op,
			       const struct table_dest *dest)
{
	bool found;
	size_t at = fake_find_dest(service, &dest->rip, &found);

	if (op == IPVS_NEW_DEST)
		return found ? -EEXIST : fake_new_dest(service, dest, at);
	if (!found)
		return -ENOENT;
	return op == IPVS_SET_DEST ? fake_set_dest(service, dest, at) :
				     fake_del_dest(service, at);
}

int ipvs_fake_submit(struct ipvs_backend *backend, enum ipvs_op op,
		     const struct table_service *service,
		     const struct table_dest *dest)
{
	struct fake *fake = fake_of(backend);
	bool found;
	size_t at = fake_find_service(fake, &service->key, &found);

	switch (op) {
	case IPVS_NEW_SERVICE:
		return found ? -EEXIST : fake_new_service(fake, service, at);
	case IPVS_SET_SERVICE:
		return found ? fake_set_service(&fake->services[at], service) :
			       -ESRCH;
	case IPVS_DEL_SERVICE:
		return found ? fake_del_service(fake, at) : -ESRCH;
	case IPVS_NEW_DEST:
	case IPVS_SET_DEST:
	case IPVS_DEL_DEST:
		return found ? fake_carry_out_dest(&fake->services[at], op,
						   dest) :
			       -ESRCH;
	}
	return -EOPNOTSUPP;
}

static int fake_submit_batch(struct ipvs_backend *backend,
			     struct ipvs_request *requests, size_t nr)
{
	struct fake *fake = fake_of(backend);
	size_t i;

	if (nr > IPVS_BATCH_MAX)
		return -E2BIG;
	for (i = 0; i < nr; i++) {
		struct ipvs_request *request = &requests[i];

		memset(request->text, 0, sizeof(request->text));
		request->result = 0;
		if (fake->hooks.before)
			request->result =
				fake->hooks.before(fake->hooks.arg, request);
		if (request->result == 0)
			request->result = ipvs_fake_submit(backend, request->op,
							   request->service,
							   request->dest);
		if (fake->hooks.after)
			fake->hooks.after(fake->hooks.arg, request);
	}
	return 0;
}

static bool fake_hidden(const struct fake *fake, const struct service_key *key,
			const struct table_dest *dest)
{
	return fake->hooks.hide && fake->hooks.hide(fake->hooks.arg, key, dest);
}

static int fake_dump_services(struct ipvs_backend *backend, struct table *table)
{
	const struct fake *fake = fake_of(backend);
	size_t i;

	for (i = 0; i < fake->nr; i++)
		if (!fake_hidden(fake, &fake->services[i].service.key, NULL))
			ipvs_append_service(table, &fake->services[i].service);
	return 0;
}

static int fake_dump_dests(struct ipvs_backend *backend,
			   const struct service_key *key, struct table *table)
{
	const struct fake *fake = fake_of(backend);
	const struct fake_service *service;
	bool found;
	size_t i, at = fake_find_service(fake, key, &found);

	if (!found)
		return 0;
	service = &fake->services[at];
	for (i = 0; i < service->nr; i++)
		if (!fake_hidden(fake, key, &service->dests[i]))
			*table_add_dest(table) = service->dests[i];
	return 0;
}

static int fake_get_service(struct ipvs_backend *backend,
			    const struct service_key *key, struct table *table)
{
	const struct fake *fake = fake_of(backend);
	bool found;
	size_t at = fake_find_service(fake, key, &found);

	if (!found)
		return -ESRCH;
	ipvs_append_service(table, &fake->services[at].service);
	return 0;
}

static int fake_flush(struct ipvs_backend *backend)
{
	struct fake *fake = fake_of(backend);

	while (fake->nr)
		fake_del_service(fake, fake->nr - 1);
	return 0;
}

static int fake_get_info(struct ipvs_backend *backend, struct ipvs_info *info)
{
	info->version = 0x010201;
	info->conn_tab_size = 4096;
	return 0;
}

static int fake_get_timeouts(struct ipvs_backend *backend,
			     struct ipvs_timeouts *timeouts)
{
	*timeouts = fake_of(backend)->timeouts;
	return 0;
}

static int fake_set_timeouts(struct ipvs_backend *backend,
			     const struct ipvs_timeouts *timeouts)
{
	struct ipvs_timeouts *have = &fake_of(backend)->timeouts;

	if (timeouts->tcp)
		have->tcp = timeouts->tcp;
	if (timeouts->tcp_fin)
		have->tcp_fin = timeouts->tcp_fin;
	if (timeouts->udp)
		have->udp = timeouts->udp;
	return 0;
}

static int fake_get_sync(struct ipvs_backend *backend,
			 struct ipvs_sync list[IPVS_SYNC_ROLES])
{
	const struct fake *fake = fake_of(backend);
	int i, nr = 0;

	for (i = 0; i < IPVS_SYNC_ROLES; i++)
		if (fake->sync[i].role)
			list[nr++] = fake->sync[i];
	return nr;
}

static int fake_start_sync(struct ipvs_backend *backend,
			   const struct ipvs_sync *sync)
{
	struct ipvs_sync *have = &fake_of(backend)->sync[sync->role - 1];

	if (have->role)
		return -EEXIST;
	*have = *sync;
	/* As the kernel: its own choice, and nothing beyond a packet. */
	if (have->maxlen == 0 || have->maxlen > 1472)
		have->maxlen = 1472;
	return 0;
}

static int fake_stop_sync(struct ipvs_backend *backend,
			  enum ipvs_sync_role role)
{
	struct ipvs_sync *have = &fake_of(backend)->sync[role - 1];

	if (!have->role)
		return -ESRCH;
	memset(have, 0, sizeof(*have));
	return 0;
}

static void fake_close(struct ipvs_backend *backend)
{
	struct fake *fake = fake_of(backend);

	fake_flush(backend);
	free(fake->services);
	free(fake);
}

static const struct ipvs_backend_ops fake_ops = {
	.dump_services = fake_dump_services,
	.dump_dests = fake_dump_dests,
	.get_service = fake_get_service,
	.submit = fake_submit_batch,
	.flush = fake_flush,
	.get_info = fake_get_info,
	.get_timeouts = fake_get_timeouts,
	.set_timeouts = fake_set_timeouts,
	.get_sync = fake_get_sync,
	.start_sync = fake_start_sync,
	.stop_sync = fake_stop_sync,
	.close = fake_close,
};

/* A kernel's table is right as it is: no checks, and with its connections. */
static void fake_copy_service(struct fake *fake, const struct table *table,
			      const struct table_service *service)
{
	struct ipvs_dests dest = ipvs_dests(table, service);
	struct fake_service *have;
	bool found;
	size_t at = fake_find_service(fake, &service->key, &found);

	if (found)
		return;
	have = fake_insert_service(fake, service, at);
	for (; dest.at < dest.end; dest.at++) {
		at = fake_find_dest(have, &dest.at->rip, &found);
		if (!found)
			fake_insert_dest(have, dest.at, at);
	}
}

struct ipvs_backend *ipvs_fake_new(const struct table *initial)
{
	struct fake *fake = xcalloc(1, sizeof(*fake));
	size_t i, nr = 0;

	fake->base.ops = &fake_ops;
	fake->timeouts = (struct ipvs_timeouts){ .tcp = 900,
						 .tcp_fin = 120,
						 .udp = 300 };
	if (initial && initial->services)
		nr = initial->nr_services;
	for (i = 0; i < nr; i++)
		fake_copy_service(fake, initial, &initial->services[i]);
	return &fake->base;
}

void ipvs_fake_set_hooks(struct ipvs_backend *backend,
			 const struct ipvs_fake_hooks *hooks)
{
	fake_of(backend)->hooks = *hooks;
}

void ipvs_fake_snapshot(struct ipvs_backend *backend, struct table *table)
{
	const struct fake *fake = fake_of(backend);
	size_t i, j;

	table_clear(table);
	for (i = 0; i < fake->nr; i++) {
		ipvs_append_service(table, &fake->services[i].service);
		for (j = 0; j < fake->services[i].nr; j++)
			*table_add_dest(table) = fake->services[i].dests[j];
	}
}
