/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A datagram as if from the kernel: sorted to requests, and each reply read as
 * all that it could be. What comes out must be in order and printable.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipvs/encode.h"
#include "ipvs/link.h"
#include "ipvs/validate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
	if (!good)
		abort();
}

static void check_service(const struct table_service *svc)
{
	char text[SERVICE_TEXT_MAX];

	must(memchr(svc->scheduler, '\0', sizeof(svc->scheduler)));
	must(memchr(svc->pe_name, '\0', sizeof(svc->pe_name)));
	must(!(svc->flags & ~(uint32_t)SERVICE_FLAGS_ALL));
	must(svc->prefix <= 128);
	must(service_key_cmp(&svc->key, &svc->key) == 0);
	must(strlen(service_key_format(&svc->key, text)) < sizeof(text));
	(void)ipvs_validate_service(svc);
}

static void check_dest(const struct table_dest *dest)
{
	char text[ENDPOINT_TEXT_MAX];

	must(strlen(endpoint_format(&dest->rip, text)) < sizeof(text));
	must(strlen(ipvs_forward_name(dest->forward)) > 0);
	must(strlen(ipvs_tunnel_name(dest->tun_type)) > 0);
}

static int reply(struct ipvs_exchange *exchange, struct nlmsghdr *message)
{
	const struct service_key key = { .family = AF_INET };
	struct ipvs_timeouts timeouts;
	struct table_service svc;
	struct table_dest dest;
	struct ipvs_info info;

	(void)exchange;
	if (ipvs_decode_service(message, &svc) == 0)
		check_service(&svc);
	if (ipvs_decode_dest(message, &key, &dest) == 0)
		check_dest(&dest);
	(void)ipvs_decode_info(message, &info);
	return ipvs_decode_timeouts(message, &timeouts);
}

static void verdict(struct ipvs_exchange *exchange, uint32_t seq, int error,
		    const char *text)
{
	(void)exchange;
	(void)seq;
	(void)error;
	for (; *text; text++)
		must(*text >= ' ' && *text <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ipvs_exchange exchange = { .last = UINT32_MAX, .reply = reply };
	void *copy;

	if (size == 0 || size > 65536)
		return 0;
	/* Once with verdicts and once with errors as results. */
	exchange.verdict = data[0] & 1 ? verdict : NULL;
	copy = malloc(size);
	if (!copy)
		return 0;
	memcpy(copy, data, size);
	ipvs_link_sort(&exchange, copy, size);
	free(copy);
	return 0;
}
