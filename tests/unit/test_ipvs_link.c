/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sorting answers to their requests, with datagrams written by hand.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipvs/link.h"

#define FAMILY 29

/* A datagram being written, in memory that ends where it does. */
struct datagram {
	char *bytes;
	size_t length;
};

static void *append(struct datagram *d, const void *data, size_t length)
{
	size_t padded = NLMSG_ALIGN(length);

	d->bytes = realloc(d->bytes, d->length + padded);
	memset(d->bytes + d->length, 0, padded);
	memcpy(d->bytes + d->length, data, length);
	d->length += padded;
	return d->bytes + d->length - padded;
}

static void append_message(struct datagram *d, uint16_t type, uint16_t flags,
			   uint32_t seq, const void *payload, size_t length)
{
	struct nlmsghdr header = { .nlmsg_len =
					   (uint32_t)(NLMSG_HDRLEN + length),
				   .nlmsg_type = type,
				   .nlmsg_flags = flags,
				   .nlmsg_seq = seq };

	append(d, &header, sizeof(header));
	append(d, payload, length);
}

/* An error with an echo of ECHO bytes beyond the header, and words. */
static void append_error(struct datagram *d, uint32_t seq, int error,
			 size_t echo, const char *text)
{
	struct {
		struct nlmsgerr error;
		char rest[256];
	} payload = { 0 };
	size_t used = sizeof(payload.error) + NLMSG_ALIGN(echo);
	uint16_t flags = echo ? 0 : NLM_F_CAPPED;
	struct nlattr attr = { 0, NLMSGERR_ATTR_MSG };

	payload.error.error = error;
	payload.error.msg.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + echo);
	if (text) {
		attr.nla_len = (uint16_t)(NLA_HDRLEN + strlen(text) + 1);
		memcpy((char *)&payload + used, &attr, sizeof(attr));
		memcpy((char *)&payload + used + NLA_HDRLEN, text,
		       strlen(text) + 1);
		used += attr.nla_len;
		flags |= NLM_F_ACK_TLVS;
	}
	append_message(d, NLMSG_ERROR, flags, seq, &payload, used);
}

struct seen {
	unsigned replies;
	unsigned verdicts;
	uint32_t seq;
	int error;
	char text[96];
	int give; /* what reply() returns */
};

static int reply(struct ipvs_exchange *exchange, struct nlmsghdr *message)
{
	struct seen *seen = exchange->arg;

	(void)message;
	seen->replies++;
	return seen->give;
}

static void verdict(struct ipvs_exchange *exchange, uint32_t seq, int error,
		    const char *text)
{
	struct seen *seen = exchange->arg;

	seen->verdicts++;
	seen->seq = seq;
	seen->error = error;
	snprintf(seen->text, sizeof(seen->text), "%s", text);
}

static bool sort(struct datagram *d, struct ipvs_exchange *exchange)
{
	bool done = ipvs_link_sort(exchange, d->bytes, d->length);

	free(d->bytes);
	memset(d, 0, sizeof(*d));
	return done;
}

Test(ipvs_link, a_batch_ends_with_its_last)
{
	struct seen seen = { 0 };
	struct ipvs_exchange exchange = { .first = 10,
					  .last = 12,
					  .reply = reply,
					  .verdict = verdict,
					  .arg = &seen };
	struct datagram d = { 0 };

	append_error(&d, 11, -EEXIST, 0, NULL);
	cr_assert_not(sort(&d, &exchange));
	cr_assert_eq(seen.verdicts, 1);
	cr_assert_eq(seen.seq, 11);
	cr_assert_eq(seen.error, -EEXIST);
	append_error(&d, 12, 0, 0, NULL);
	cr_assert(sort(&d, &exchange));
	cr_assert_eq(seen.verdicts, 2);
	cr_assert_eq(exchange.result, 0);
}

Test(ipvs_link, several_in_one_datagram)
{
	struct seen seen = { 0 };
	struct ipvs_exchange exchange = { .first = 10,
					  .last = 12,
					  .reply = reply,
					  .verdict = verdict,
					  .arg = &seen };
	struct datagram d = { 0 };

	append_error(&d, 10, -ESRCH, 0, NULL);
	append_error(&d, 11, -ENOENT, 100, NULL);
	append_error(&d, 12, -EINVAL, 0, NULL);
	cr_assert(sort(&d, &exchange));
	cr_assert_eq(seen.verdicts, 3);
}

Test(ipvs_link, leftovers_are_skipped)
{
	struct seen seen = { 0 };
	/* Numbers go round. */
	struct ipvs_exchange exchange = { .first = UINT32_MAX,
					  .last = 1,
					  .reply = reply,
					  .verdict = verdict,
					  .arg = &seen };
	struct datagram d = { 0 };

	append_error(&d, UINT32_MAX - 1, -EINVAL, 0, NULL);
	append_error(&d, 2, -EINVAL, 0, NULL);
	append_message(&d, FAMILY, 0, 2, "1234", 4);
	append_message(&d, NLMSG_DONE, NLM_F_MULTI, 3, "1234", 4);
	cr_assert_not(sort(&d, &exchange));
	cr_assert_eq(seen.verdicts + seen.replies, 0);
	append_error(&d, 0, -EINVAL, 0, NULL);
	append_error(&d, UINT32_MAX, -EINVAL, 0, NULL);
	cr_assert_not(sort(&d, &exchange));
	append_error(&d, 1, 0, 0, NULL);
	cr_assert(sort(&d, &exchange));
	cr_assert_eq(seen.verdicts, 3);
}

Test(ipvs_link, the_kernels_words)
{
	struct seen seen = { 0 };
	struct ipvs_exchange exchange = {
		.first = 1, .last = 1, .verdict = verdict, .arg = &seen
	};
	struct datagram d = { 0 };

	append_error(&d, 1, -EINVAL, 0, "Attribute failed\n");
	cr_assert(sort(&d, &exchange));
	cr_assert_str_eq(seen.text, "Attribute failed?");
	/* Behind an echo of the request. */
	append_error(&d, 1, -EINVAL, 37, "after an echo");
	cr_assert(sort(&d, &exchange));
	cr_assert_str_eq(seen.text, "after an echo");
}

Test(ipvs_link, a_dump_and_its_end)
{
	struct seen seen = { 0 };
	struct ipvs_exchange exchange = {
		.first = 5, .last = 5, .reply = reply, .arg = &seen
	};
	struct datagram d = { 0 };
	int error = 0;

	append_message(&d, FAMILY, NLM_F_MULTI, 5, "1234", 4);
	append_message(&d, FAMILY, NLM_F_MULTI, 5, "1234", 4);
	cr_assert_not(sort(&d, &exchange));
	cr_assert_eq(seen.replies, 2);
	append_message(&d, NLMSG_DONE, NLM_F_MULTI, 5, &error, sizeof(error));
	cr_assert(sort(&d, &exchange));
	cr_assert_eq(exchange.result, 0);
	cr_assert_not(exchange.interrupted);
	error = -ENOMEM;
	append_message(&d, NLMSG_DONE, NLM_F_MULTI | NLM_F_DUMP_INTR, 5, &error,
		       sizeof(error));
	cr_assert(sort(&d, &exchange));
	cr_assert_eq(exchange.result, -ENOMEM);
	cr_assert(exchange.interrupted);
}

Test(ipvs_link, a_single_answer)
{
	struct seen seen = { 0 };
	struct ipvs_exchange exchange = {
		.first = 5, .last = 5, .reply = reply, .arg = &seen
	};
	struct datagram d = { 0 };

	append_message(&d, FAMILY, 0, 5, "1234", 4);
	cr_assert(sort(&d, &exchange));
	cr_assert_eq(seen.replies, 1);
	append_error(&d, 5, -ESRCH, 0, NULL);
	cr_assert(sort(&d, &exchange));
	cr_assert_eq(exchange.result, -ESRCH);
}

/* A message that nobody understands does not leave the dump half read. */
Test(ipvs_link, bad_content_does_not_stop_the_reading)
{
	struct seen seen = { .give = -EBADMSG };
	struct ipvs_exchange exchange = {
		.first = 5, .last = 5, .reply = reply, .arg = &seen
	};
	struct datagram d = { 0 };

	append_message(&d, FAMILY, NLM_F_MULTI, 5, "1234", 4);
	append_message(&d, FAMILY, NLM_F_MULTI, 5, "1234", 4);
	cr_assert_not(sort(&d, &exchange));
	cr_assert_eq(seen.replies, 2);
	append_message(&d, NLMSG_DONE, NLM_F_MULTI, 5, "\0\0\0\0", 4);
	cr_assert(sort(&d, &exchange));
	cr_assert_eq(exchange.result, -EBADMSG);
}

/* Every shorter datagram, and every length that a header can claim. */
Test(ipvs_link, cut_and_lying_datagrams)
{
	struct seen seen = { 0 };
	struct ipvs_exchange exchange = { .first = 1,
					  .last = 3,
					  .reply = reply,
					  .verdict = verdict,
					  .arg = &seen };
	struct datagram d = { 0 };
	size_t length, claim;

	append_error(&d, 1, -EINVAL, 20, "words");
	append_error(&d, 3, -EINVAL, 0, "words");
	for (length = 0; length < d.length; length++) {
		char *copy = malloc(length + 1);

		memcpy(copy, d.bytes, length);
		cr_expect_not(ipvs_link_sort(&exchange, copy, length) &&
			      length < d.length - 80);
		free(copy);
	}
	for (claim = 0; claim < 300; claim++) {
		char *copy = malloc(d.length);

		memcpy(copy, d.bytes, d.length);
		((struct nlmsghdr *)(void *)copy)->nlmsg_len = (uint32_t)claim;
		ipvs_link_sort(&exchange, copy, d.length);
		memcpy(copy, d.bytes, d.length);
		((struct nlmsgerr *)(void *)(copy + NLMSG_HDRLEN))
			->msg.nlmsg_len = (uint32_t)claim;
		ipvs_link_sort(&exchange, copy, d.length);
		free(copy);
	}
	cr_assert_gt(seen.verdicts, 300);
	free(d.bytes);
}

/* A socket that is no kernel's: an error, and nothing left open. */
Test(ipvs_link, opens_and_asks)
{
	struct ipvs_link link;
	uint32_t seq;

	cr_assert_eq(ipvs_link_open(&link), 0);
	cr_assert_eq(ipvs_link_resolve(&link, "no-such-family"), -ENOENT);
	cr_assert_eq(ipvs_link_resolve(&link, "nlctrl"), 1);
	cr_assert_eq(link.family, 0x10);
	cr_assert_eq(ipvs_link_resolve(&link, "nlctrl"), 0);
	seq = ipvs_link_next(&link);
	cr_assert_eq(ipvs_link_next(&link), seq + 1);
	ipvs_link_close(&link);
}
