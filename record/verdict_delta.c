/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/verdict_delta.h"

#include <string.h>

/* Bits of a verdict's first number: the parts that are not as expected. */
enum verdict_delta_change {
	DELTA_OUTCOME = 1 << 0,
	DELTA_ERRNO = 1 << 1,
	DELTA_FAILURES = 1 << 2,
	DELTA_HAVE = 1 << 3,
	DELTA_FACTS = 1 << 4,
	DELTA_TEXT = 1 << 5,
	DELTA_ALL = (1 << 6) - 1,
};

/* In the order of enum fact; the last belongs to the one before it. */
static const struct verdict_delta_fact {
	size_t offset, size;
} verdict_delta_facts[] = {
#define FACT(member)                                        \
	{                                                   \
		offsetof(struct facts, member),             \
			sizeof(((struct facts *)0)->member) \
	}
	FACT(lag),
	FACT(read_only),
	FACT(is_replica),
	FACT(threads_running),
	FACT(threads_connected),
	FACT(max_connections),
	FACT(max_used),
	FACT(wait_timeout),
	FACT(uptime),
	FACT(weight),
	FACT(http_status),
	FACT(exit_status),
	FACT(channels),
	FACT(evicted),
	FACT(evict_errno),
#undef FACT
};

_Static_assert(FACT_EVICTED == 1 << (ARRAY_SIZE(verdict_delta_facts) - 2),
	       "each fact has its row");

#define DELTA_FACTS_ALL ((1u << ARRAY_SIZE(verdict_delta_facts)) - 1)

static int64_t verdict_delta_get(const struct facts *facts, size_t i)
{
	int64_t value = 0;

	memcpy(&value, (const char *)facts + verdict_delta_facts[i].offset,
	       verdict_delta_facts[i].size);
	return value;
}

/* Also of facts that the verdict has not: the memory keeps them all. */
static uint32_t verdict_delta_moved(const struct facts *last,
				    const struct facts *facts)
{
	uint32_t moved = 0;
	size_t i;

	if (memcmp(last, facts, sizeof(*last)) == 0)
		return 0;
	for (i = 0; i < ARRAY_SIZE(verdict_delta_facts); i++) {
		if (verdict_delta_get(last, i) != verdict_delta_get(facts, i))
			moved |= 1u << i;
	}
	return moved;
}

static void verdict_delta_pack_facts(struct pack *out, struct facts *last,
				     const struct facts *facts, uint32_t moved)
{
	pack_uint(out, moved);
	for (; moved; moved &= moved - 1) {
		size_t i = (size_t)__builtin_ctz(moved);

		pack_int(out, verdict_delta_get(facts, i) -
				      verdict_delta_get(last, i));
		memcpy((char *)last + verdict_delta_facts[i].offset,
		       (const char *)facts + verdict_delta_facts[i].offset,
		       verdict_delta_facts[i].size);
	}
}

static uint32_t verdict_delta_failures(uint32_t last, unsigned outcome)
{
	return outcome == PROBE_OK ? 0 : last + 1;
}

static unsigned verdict_delta_changes(const struct verdict *last,
				      const struct verdict *verdict,
				      uint32_t moved)
{
	unsigned changes = 0;

	if (verdict->outcome != last->outcome)
		changes |= DELTA_OUTCOME;
	if (verdict->server_errno != last->server_errno)
		changes |= DELTA_ERRNO;
	if (verdict->failures !=
	    verdict_delta_failures(last->failures, verdict->outcome))
		changes |= DELTA_FAILURES;
	if (verdict->facts.have != last->facts.have)
		changes |= DELTA_HAVE;
	if (moved)
		changes |= DELTA_FACTS;
	if (strcmp(verdict->text, last->text) != 0)
		changes |= DELTA_TEXT;
	return changes;
}

void verdict_delta_pack(struct pack *out, struct verdict *last,
			const struct verdict *verdict, usec_t now)
{
	uint32_t moved = verdict_delta_moved(&last->facts, &verdict->facts);
	unsigned changes = verdict_delta_changes(last, verdict, moved);

	pack_uint(out, changes);
	pack_int(out, now - verdict->when);
	pack_uint(out, verdict->duration);
	if (changes & DELTA_OUTCOME)
		pack_uint(out, verdict->outcome);
	if (changes & DELTA_ERRNO)
		pack_uint(out, verdict->server_errno);
	if (changes & DELTA_FAILURES)
		pack_uint(out, verdict->failures);
	if (changes & DELTA_HAVE)
		pack_uint(out, verdict->facts.have);
	if (changes & DELTA_FACTS)
		verdict_delta_pack_facts(out, &last->facts, &verdict->facts,
					 moved);
	if (changes & DELTA_TEXT) {
		pack_text(out, verdict->text);
		memcpy(last->text, verdict->text, sizeof(last->text));
	}
	last->outcome = verdict->outcome;
	last->server_errno = verdict->server_errno;
	last->failures = verdict->failures;
	last->facts.have = verdict->facts.have;
}

static void verdict_delta_unpack_facts(struct unpack *in, struct facts *last)
{
	uint32_t moved = (uint32_t)unpack_upto(in, DELTA_FACTS_ALL);
	uint64_t value;

	for (; moved; moved &= moved - 1) {
		size_t i = (size_t)__builtin_ctz(moved);

		value = (uint64_t)verdict_delta_get(last, i) +
			(uint64_t)unpack_int(in);
		memcpy((char *)last + verdict_delta_facts[i].offset, &value,
		       verdict_delta_facts[i].size);
	}
}

void verdict_delta_unpack(struct unpack *in, struct verdict *last, usec_t now)
{
	unsigned changes = (unsigned)unpack_upto(in, DELTA_ALL);
	usec_t before = unpack_int(in);

	if (before > RECORD_TIME_MAX || before < -RECORD_TIME_MAX) {
		in->failed = true;
		before = 0;
	}
	last->when = now - before;
	last->duration = (uint32_t)unpack_upto(in, UINT32_MAX);
	if (changes & DELTA_OUTCOME)
		last->outcome = (uint16_t)unpack_upto(in, PROBE_OUTCOMES - 1);
	if (changes & DELTA_ERRNO)
		last->server_errno = (uint16_t)unpack_upto(in, UINT16_MAX);
	if (changes & DELTA_FAILURES)
		last->failures = (uint32_t)unpack_upto(in, UINT32_MAX);
	else
		last->failures =
			verdict_delta_failures(last->failures, last->outcome);
	if (changes & DELTA_HAVE)
		last->facts.have = (uint32_t)unpack_upto(in, UINT32_MAX);
	if (changes & DELTA_FACTS)
		verdict_delta_unpack_facts(in, &last->facts);
	if (changes & DELTA_TEXT)
		unpack_text(in, last->text, sizeof(last->text));
}
