/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a broken or hostile checker could send to main: any bytes as messages on
 * the channel, through the same path as in the daemon (receive, check, sanitize)
 * into the decision. After every message the decision is made, and what people
 * would be shown of it is formatted.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "balance/balance.h"
#include "lib/ipc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_SERVERS 3

static struct conf_check checks[FUZZ_SERVERS];
static struct conf_use uses[FUZZ_SERVERS];
static struct conf_server servers[FUZZ_SERVERS];
static struct conf_slow_start slow_start;
static struct service_key key = { .family = AF_INET, .protocol = IPPROTO_TCP };
static struct conf_virtual_server vs = { .name = "vs",
					 .keys = &key,
					 .nr_keys = 1 };
static struct conf conf;

static void fuzz_build_conf(void)
{
	uint32_t i;

	endpoint_parse(&key.vip, "192.0.2.1:3306");
	for (i = 0; i < FUZZ_SERVERS; i++) {
		checks[i] = (struct conf_check){ .kind = CHECK_TCP,
						 .rise = i + 1,
						 .fall = 3 - i };
		checks[i].delay_loop = USEC_PER_SEC;
		uses[i].check = i;
		endpoint_parse(&servers[i].addr, "10.0.0.1:3306");
		servers[i].addr.port = (uint16_t)(3306 + i);
		servers[i].weight = 1;
		servers[i].uses = &uses[i];
		servers[i].nr_uses = 1;
		servers[i].slow_start = &slow_start;
	}
	vs.nr_servers = FUZZ_SERVERS;
	vs.quorum = 1;
	vs.base_weight = 1;
	vs.sched_word = "wlc";
	conf.virtual_servers = &vs;
	conf.nr_virtual_servers = 1;
	conf.servers = servers;
	conf.nr_servers = FUZZ_SERVERS;
	conf.checks = checks;
	conf.nr_checks = FUZZ_SERVERS;
}

static void fuzz_look(struct balance *balance, usec_t now, struct table *wanted)
{
	struct balance_check_view view;
	struct balance_event event;
	char text[64];
	uint32_t i;
	size_t d;

	balance_decide(balance, now, wanted);
	for (d = 0; d < wanted->nr_dests; d++)
		if (wanted->dests[d].weight > INT32_MAX)
			abort();
	while (balance_next_event(balance, &event))
		;
	for (i = 0; i < FUZZ_SERVERS; i++) {
		balance_view_check(balance, i, now, &view);
		if (view.outcome >= PROBE_OUTCOMES || view.when > now)
			abort();
		balance_reason(balance, 0, i, now, text, sizeof(text));
		if (!memchr(text, '\0', sizeof(text)))
			abort();
	}
}

static void fuzz_take(struct balance *balance, const struct ipc_message *msg,
		      usec_t now)
{
	const struct ipc_verdicts *head = (const void *)msg->body;
	const struct verdict *all = (const void *)(msg->body + sizeof(*head));
	struct verdict one;
	uint32_t i;

	if (msg->header.type != IPC_VERDICTS)
		return;
	for (i = 0; i < head->count; i++) {
		one = all[i];
		verdict_sanitize(&one);
		balance_verdict(balance, &one, now);
	}
}

/*
 * Half of the messages are the input's bytes as they are; the others get a head
 * that fits, so that the verdicts themselves are reached. Returns the length.
 */
static size_t fuzz_message(unsigned char *out, const uint8_t *data, size_t len,
			   bool framed)
{
	struct ipc_header header = { .type = IPC_VERDICTS };
	struct ipc_verdicts head = { .next_by = USEC_PER_SEC };

	if (!framed) {
		memcpy(out, data, len);
		return len;
	}
	head.count = (uint32_t)(len / sizeof(struct verdict));
	if (head.count > IPC_VERDICTS_MAX)
		head.count = IPC_VERDICTS_MAX;
	len = head.count * sizeof(struct verdict);
	memcpy(out, &header, sizeof(header));
	memcpy(out + sizeof(header), &head, sizeof(head));
	memcpy(out + sizeof(header) + sizeof(head), data, len);
	return sizeof(header) + sizeof(head) + len;
}

/* One message: two bytes of length (the topmost bit: framed), then its bytes. */
static size_t fuzz_next(const uint8_t *data, size_t size, unsigned char *out,
			size_t *out_len)
{
	size_t len = (size_t)data[0] | (size_t)(data[1] & 0x7f) << 8;

	if (len > size - 2)
		len = size - 2;
	if (len > IPC_MESSAGE_MAX)
		len = IPC_MESSAGE_MAX;
	*out_len = fuzz_message(out, data + 2, len, data[1] & 0x80);
	return len + 2;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ipc_message msg;
	static unsigned char out[IPC_MESSAGE_MAX + 64];
	struct table wanted = { 0 };
	struct balance *balance;
	usec_t now = USEC_PER_SEC;
	size_t used, len;
	int fds[2];

	if (conf.nr_checks == 0)
		fuzz_build_conf();
	if (ipc_pair(fds) < 0)
		return 0;
	balance = balance_new(&conf, now);
	for (; size > 2; data += used, size -= used) {
		used = fuzz_next(data, size, out, &len);
		if (len == 0 || send(fds[0], out, len, MSG_DONTWAIT) < 0 ||
		    ipc_recv(fds[1], &msg) != 1)
			continue;
		now += USEC_PER_SEC / 2;
		fuzz_take(balance, &msg, now);
		fuzz_look(balance, now, &wanted);
	}
	table_free(&wanted);
	balance_free(balance);
	close(fds[0]);
	close(fds[1]);
	return 0;
}
