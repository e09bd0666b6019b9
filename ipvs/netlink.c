/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel as a backend, over the generic netlink family "IPVS".
 *
 * Requests travel up to 64 at a time. The kernel carries out all requests of
 * one send() before it returns, in order, and an error of one stops no other;
 * it always answers an error, and success only when asked. So only the last
 * request of a batch asks: its answer is the end, and a request without an
 * error before that has succeeded. At most 64 answers can wait unread, which
 * fits even the 64 KiB that libnl sets as receive buffer (one answer is charged
 * 768 bytes), so that none is lost where SO_RCVBUFFORCE is refused.
 *
 * The number of the family changes when the module is loaded anew; the kernel
 * then says ENOENT to everything. So ENOENT is believed only after the number
 * was asked for again.
 */
#include <errno.h>
#include <linux/ip_vs.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipvs/encode.h"
#include "ipvs/link.h"
#include "ipvs/request.h"
#include "lib/util.h"

/* How often a dump that the kernel calls inconsistent is begun again. */
#define DUMP_TRIES 4

struct netlink {
	struct ipvs_backend base;
	struct ipvs_link link;
	/* The requests being built. */
	_Alignas(NLMSG_ALIGNTO) char out[IPVS_BATCH_MAX * IPVS_MESSAGE_MAX];
};

static struct netlink *netlink_of(struct ipvs_backend *backend)
{
	return container_of(backend, struct netlink, base);
}

/* Was ENOENT about the family? Then its new number is known now. */
static bool netlink_family_changed(struct netlink *nl)
{
	return ipvs_link_resolve(&nl->link, IPVS_GENL_NAME) == 1;
}

/* A single request; at most one of the pointers is set. */
struct question {
	uint8_t cmd;
	uint16_t flags;
	const struct service_key *key;
	const struct ipvs_timeouts *timeouts;
	const struct ipvs_sync *sync;
};

static int netlink_encode_question(struct netlink *nl,
				   const struct question *question,
				   uint32_t seq)
{
	struct ipvs_envelope envelope = { seq, nl->link.family,
					  question->flags };

	if (question->key)
		return ipvs_encode_key(nl->out, sizeof(nl->out), &envelope,
				       question->cmd, question->key);
	if (question->timeouts)
		return ipvs_encode_timeouts(nl->out, sizeof(nl->out), &envelope,
					    question->timeouts);
	if (question->sync)
		return ipvs_encode_sync(nl->out, sizeof(nl->out), &envelope,
					question->cmd, question->sync);
	return ipvs_encode_plain(nl->out, sizeof(nl->out), &envelope,
				 question->cmd);
}

static int netlink_ask_once(struct netlink *nl, const struct question *question,
			    struct ipvs_exchange *exchange)
{
	uint32_t seq = ipvs_link_next(&nl->link);
	int length = netlink_encode_question(nl, question, seq);
	int err;

	if (length < 0)
		return length;
	exchange->first = seq;
	exchange->last = seq;
	exchange->result = 0;
	exchange->interrupted = false;
	err = ipvs_link_send(&nl->link, nl->out, (size_t)length);
	if (err < 0)
		return err;
	return ipvs_link_collect(&nl->link, exchange);
}

/* Send one request and give its answers to EXCHANGE. Returns 0 or -errno. */
static int netlink_ask(struct netlink *nl, const struct question *question,
		       struct ipvs_exchange *exchange)
{
	int err = netlink_ask_once(nl, question, exchange);

	if (err == -ENOENT && netlink_family_changed(nl))
		err = netlink_ask_once(nl, question, exchange);
	return err;
}

/* The content of a dump, as it comes in. */
struct netlink_dump {
	struct table *table;
	const struct service_key *key; /* of the servers being read */
	size_t nr_services, nr_dests; /* before the dump */
};

static int netlink_take_service(struct ipvs_exchange *exchange,
				struct nlmsghdr *message)
{
	struct netlink_dump *netlink_dump = exchange->arg;
	struct table_service decoded;
	int err = ipvs_decode_service(message, &decoded);

	if (err < 0)
		return err;
	ipvs_append_service(netlink_dump->table, &decoded);
	return 0;
}

static int netlink_take_dest(struct ipvs_exchange *exchange,
			     struct nlmsghdr *message)
{
	struct netlink_dump *netlink_dump = exchange->arg;
	struct table_dest decoded;
	int err = ipvs_decode_dest(message, netlink_dump->key, &decoded);

	if (err == 0)
		*table_add_dest(netlink_dump->table) = decoded;
	return err;
}

static struct netlink_dump netlink_dump_begin(struct table *table,
					      const struct service_key *key)
{
	struct netlink_dump netlink_dump = { table, key, table->nr_services,
					     table->nr_dests };

	return netlink_dump;
}

/* Take back the appended entries. */
static void netlink_dump_undo(struct netlink_dump *netlink_dump)
{
	struct table *table = netlink_dump->table;

	if (netlink_dump->key)
		table->services[table->nr_services - 1].nr_dests -=
			table->nr_dests - netlink_dump->nr_dests;
	table->nr_services = netlink_dump->nr_services;
	table->nr_dests = netlink_dump->nr_dests;
}

static int netlink_dump(struct netlink *nl, const struct question *question,
			struct ipvs_exchange *exchange)
{
	int tries, err;

	for (tries = 0; tries < DUMP_TRIES; tries++) {
		err = netlink_ask(nl, question, exchange);
		if (err == 0 && !exchange->interrupted)
			return 0;
		netlink_dump_undo(exchange->arg);
		if (err < 0)
			return err;
	}
	return -EINTR;
}

static int netlink_dump_services(struct ipvs_backend *backend,
				 struct table *table)
{
	const struct question question = { .cmd = IPVS_CMD_GET_SERVICE,
					   .flags = NLM_F_DUMP };
	struct netlink_dump content = netlink_dump_begin(table, NULL);
	struct ipvs_exchange exchange = { .reply = netlink_take_service,
					  .arg = &content };

	return netlink_dump(netlink_of(backend), &question, &exchange);
}

static int netlink_dump_dests(struct ipvs_backend *backend,
			      const struct service_key *key,
			      struct table *table)
{
	const struct question question = { .cmd = IPVS_CMD_GET_DEST,
					   .flags = NLM_F_DUMP,
					   .key = key };
	struct netlink_dump content = netlink_dump_begin(table, key);
	struct ipvs_exchange exchange = { .reply = netlink_take_dest,
					  .arg = &content };

	return netlink_dump(netlink_of(backend), &question, &exchange);
}

static int netlink_get_service(struct ipvs_backend *backend,
			       const struct service_key *key,
			       struct table *table)
{
	const struct question question = { .cmd = IPVS_CMD_GET_SERVICE,
					   .key = key };
	struct netlink_dump content = netlink_dump_begin(table, NULL);
	struct ipvs_exchange exchange = { .reply = netlink_take_service,
					  .arg = &content };

	return netlink_dump(netlink_of(backend), &question, &exchange);
}

/* A batch on its way, by sequence number. */
struct batch {
	struct ipvs_request *requests;
	size_t nr;
};

static void netlink_take_result(struct ipvs_exchange *exchange, uint32_t seq,
				int error, const char *text)
{
	struct batch *batch = exchange->arg;
	struct ipvs_request *request = &batch->requests[seq - exchange->first];

	request->result = error;
	snprintf(request->text, sizeof(request->text), "%s", text);
}

static int netlink_encode_batch(struct netlink *nl, const struct batch *batch,
				struct ipvs_exchange *exchange, size_t *used)
{
	struct ipvs_envelope envelope = { .family = nl->link.family };
	size_t i;
	int length;

	*used = 0;
	for (i = 0; i < batch->nr; i++) {
		struct ipvs_request *request = &batch->requests[i];

		request->result = 0;
		request->text[0] = '\0';
		envelope.seq = ipvs_link_next(&nl->link);
		if (i == 0)
			exchange->first = envelope.seq;
		if (i + 1 == batch->nr)
			envelope.flags = NLM_F_ACK;
		length = ipvs_encode_request(nl->out + *used,
					     sizeof(nl->out) - *used, &envelope,
					     request);
		if (length < 0)
			return length;
		*used += (size_t)length;
	}
	exchange->last = envelope.seq;
	return 0;
}

static int netlink_send_batch(struct netlink *nl, struct batch *batch)
{
	struct ipvs_exchange exchange = { .verdict = netlink_take_result,
					  .arg = batch };
	size_t i, length;
	int err;

	err = netlink_encode_batch(nl, batch, &exchange, &length);
	if (err < 0)
		return err;
	err = ipvs_link_send(&nl->link, nl->out, length);
	if (err < 0)
		return err;
	err = ipvs_link_collect(&nl->link, &exchange);
	if (err == 0)
		return 0;
	/* Errors that were answered are known; the other results are not. */
	for (i = 0; i < batch->nr; i++)
		if (batch->requests[i].result == 0)
			batch->requests[i].result = -ENOBUFS;
	return 0;
}

static bool netlink_batch_has(const struct batch *batch, int error)
{
	size_t i;

	for (i = 0; i < batch->nr; i++)
		if (batch->requests[i].result == error)
			return true;
	return false;
}

static int netlink_submit(struct ipvs_backend *backend,
			  struct ipvs_request *requests, size_t nr)
{
	struct netlink *nl = netlink_of(backend);
	struct batch batch = { requests, nr };
	int err;

	if (nr == 0)
		return 0;
	if (nr > IPVS_BATCH_MAX)
		return -E2BIG;
	err = netlink_send_batch(nl, &batch);
	if (err == 0 && netlink_batch_has(&batch, -ENOENT) &&
	    netlink_family_changed(nl))
		err = netlink_send_batch(nl, &batch);
	return err;
}

static int netlink_flush(struct ipvs_backend *backend)
{
	const struct question question = { .cmd = IPVS_CMD_FLUSH,
					   .flags = NLM_F_ACK };
	struct ipvs_exchange exchange = { 0 };

	return netlink_ask(netlink_of(backend), &question, &exchange);
}

static int netlink_take_info(struct ipvs_exchange *exchange,
			     struct nlmsghdr *message)
{
	return ipvs_decode_info(message, exchange->arg);
}

static int netlink_get_info(struct ipvs_backend *backend,
			    struct ipvs_info *info)
{
	const struct question question = { .cmd = IPVS_CMD_GET_INFO };
	struct ipvs_exchange exchange = { .reply = netlink_take_info,
					  .arg = info };

	memset(info, 0, sizeof(*info));
	return netlink_ask(netlink_of(backend), &question, &exchange);
}

static int netlink_take_timeouts(struct ipvs_exchange *exchange,
				 struct nlmsghdr *message)
{
	return ipvs_decode_timeouts(message, exchange->arg);
}

static int netlink_get_timeouts(struct ipvs_backend *backend,
				struct ipvs_timeouts *timeouts)
{
	const struct question question = { .cmd = IPVS_CMD_GET_CONFIG };
	struct ipvs_exchange exchange = { .reply = netlink_take_timeouts,
					  .arg = timeouts };

	memset(timeouts, 0, sizeof(*timeouts));
	return netlink_ask(netlink_of(backend), &question, &exchange);
}

static int netlink_set_timeouts(struct ipvs_backend *backend,
				const struct ipvs_timeouts *timeouts)
{
	const struct question question = { .flags = NLM_F_ACK,
					   .timeouts = timeouts };
	struct ipvs_exchange exchange = { 0 };

	return netlink_ask(netlink_of(backend), &question, &exchange);
}

struct sync_list {
	struct ipvs_sync *list;
	int nr;
};

static int netlink_take_sync(struct ipvs_exchange *exchange,
			     struct nlmsghdr *message)
{
	struct sync_list *got = exchange->arg;

	if (got->nr == IPVS_SYNC_ROLES)
		return 0;
	return ipvs_decode_sync(message, &got->list[got->nr++]);
}

static int netlink_get_sync(struct ipvs_backend *backend,
			    struct ipvs_sync list[IPVS_SYNC_ROLES])
{
	const struct question question = { .cmd = IPVS_CMD_GET_DAEMON,
					   .flags = NLM_F_DUMP };
	struct sync_list got = { list, 0 };
	struct ipvs_exchange exchange = { .reply = netlink_take_sync,
					  .arg = &got };
	int err = netlink_ask(netlink_of(backend), &question, &exchange);

	return err < 0 ? err : got.nr;
}

static int netlink_start_sync(struct ipvs_backend *backend,
			      const struct ipvs_sync *sync)
{
	const struct question question = { .cmd = IPVS_CMD_NEW_DAEMON,
					   .flags = NLM_F_ACK,
					   .sync = sync };
	struct ipvs_exchange exchange = { 0 };

	return netlink_ask(netlink_of(backend), &question, &exchange);
}

static int netlink_stop_sync(struct ipvs_backend *backend,
			     enum ipvs_sync_role role)
{
	const struct ipvs_sync sync = { .role = role };
	const struct question question = { .cmd = IPVS_CMD_DEL_DAEMON,
					   .flags = NLM_F_ACK,
					   .sync = &sync };
	struct ipvs_exchange exchange = { 0 };

	return netlink_ask(netlink_of(backend), &question, &exchange);
}

static void netlink_close(struct ipvs_backend *backend)
{
	struct netlink *nl = netlink_of(backend);

	ipvs_link_close(&nl->link);
	free(nl);
}

static const struct ipvs_backend_ops netlink_ops = {
	.dump_services = netlink_dump_services,
	.dump_dests = netlink_dump_dests,
	.get_service = netlink_get_service,
	.submit = netlink_submit,
	.flush = netlink_flush,
	.get_info = netlink_get_info,
	.get_timeouts = netlink_get_timeouts,
	.set_timeouts = netlink_set_timeouts,
	.get_sync = netlink_get_sync,
	.start_sync = netlink_start_sync,
	.stop_sync = netlink_stop_sync,
	.close = netlink_close,
};

int ipvs_netlink_new(struct ipvs_backend **backend)
{
	struct netlink *nl = xcalloc(1, sizeof(*nl));
	int err;

	nl->base.ops = &netlink_ops;
	err = ipvs_link_open(&nl->link);
	if (err < 0) {
		free(nl);
		return err;
	}
	err = ipvs_link_resolve(&nl->link, IPVS_GENL_NAME);
	if (err < 0) {
		ipvs_close(&nl->base);
		return err;
	}
	*backend = &nl->base;
	return 0;
}
