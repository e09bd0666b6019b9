/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "record/recording_internal.h"

#define READER_NOTE_MAX 512
#define READER_TERM_MAX ((int64_t)1 << 60)

struct recording_reader {
	const unsigned char *data;
	size_t length;
	size_t at; /* the next frame */
	size_t frame; /* the present one */
	struct unpack in; /* the rest of a data frame */
	usec_t offset; /* of the wall clock */
	uint32_t nr_servers;
	bool trust; /* with any checksums */
	bool whole; /* nothing is missing since the last RECORD_BEGIN */
	struct record_memory memory;
	struct verdict verdict;
	char note[READER_NOTE_MAX];
};

struct recording_reader *recording_reader_new(const unsigned char *data,
					      size_t length)
{
	struct recording_reader *reader = xcalloc(1, sizeof(*reader));

	reader->data = data;
	reader->length = length;
	return reader;
}

void recording_reader_free(struct recording_reader *reader)
{
	if (!reader)
		return;
	record_memory_free(&reader->memory);
	free(reader);
}

void recording_reader_trust(struct recording_reader *reader)
{
	reader->trust = true;
}

static uint32_t reader_get32(const unsigned char *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

static bool reader_has_header(const struct recording_reader *reader, size_t at)
{
	const unsigned char *head = reader->data + at;

	return reader->length - at > RECORD_HEADER &&
	       reader_get32(head) == RECORD_MAGIC &&
	       (reader->trust || reader_get32(head + 12) ==
					 pack_crc(0, head, RECORD_HEADER - 4));
}

/* The length of the whole frame at AT; 0: there is none. */
static size_t reader_frame(const struct recording_reader *reader, size_t at)
{
	const unsigned char *head = reader->data + at;
	size_t length;

	if (!reader_has_header(reader, at))
		return 0;
	length = reader_get32(head + 4);
	if (length == 0 || length > reader->length - at - RECORD_HEADER)
		return 0;
	if (!reader->trust &&
	    reader_get32(head + 8) != pack_crc(0, head + RECORD_HEADER, length))
		return 0;
	return RECORD_HEADER + length;
}

/* The next whole frame behind AT, or the end. */
static size_t reader_search(const struct recording_reader *reader, size_t at)
{
	static const unsigned char magic[4] = { 'E', 'k', 'R', '1' };
	const unsigned char *found;

	for (; at < reader->length; at = (size_t)(found - reader->data) + 1) {
		found = memmem(reader->data + at, reader->length - at, magic,
			       sizeof(magic));
		if (!found)
			break;
		if (reader_frame(reader, (size_t)(found - reader->data)))
			return (size_t)(found - reader->data);
	}
	return reader->length;
}

static void reader_damage(struct recording_reader *reader,
			  struct record_item *item, size_t from, size_t to)
{
	item->kind = RECORD_ITEM_DAMAGE;
	item->offset = from;
	item->damaged = to - from;
	reader->whole = false;
	reader->in.at = reader->in.end;
}

/* There is no frame at reader->at: go on behind the damage. */
static void reader_resume(struct recording_reader *reader,
			  struct record_item *item)
{
	size_t from = reader->at, rest = reader->length - from;
	bool cut =
		rest <= RECORD_HEADER ||
		(reader_has_header(reader, from) &&
		 reader_get32(reader->data + from + 4) > rest - RECORD_HEADER);

	reader->at = reader_search(reader, from + 1);
	reader_damage(reader, item, from, reader->at);
	if (cut && reader->at == reader->length)
		item->kind = RECORD_ITEM_CUT;
}

static usec_t reader_time(struct unpack *in, usec_t from)
{
	int64_t by = unpack_int(in);

	if (by > RECORD_TIME_MAX || by < -RECORD_TIME_MAX ||
	    from + by > RECORD_TIME_MAX || from + by < -RECORD_TIME_MAX) {
		in->failed = true;
		return from;
	}
	return from + by;
}

static void reader_frame_time(struct recording_reader *reader,
			      struct record_item *item)
{
	reader->memory.now = reader_time(&reader->in, 0);
	reader->offset = reader_time(&reader->in, 0);
	item->now = reader->memory.now;
	item->wall = item->now + reader->offset;
}

static void reader_conf(struct recording_reader *reader,
			struct record_item *item)
{
	struct unpack *in = &reader->in;

	item->nr_checks = (uint32_t)unpack_upto(in, UINT32_MAX);
	item->nr_servers = (uint32_t)unpack_upto(in, UINT32_MAX);
	item->nr_services = (uint32_t)unpack_upto(in, UINT32_MAX);
	item->conf = (const char *)unpack_bytes(in, &item->conf_length);
	/* A check has a line in the text at least. */
	if (item->nr_checks > item->conf_length)
		in->failed = true;
	if (in->failed)
		return;
	record_memory_reset(&reader->memory, item->nr_checks);
	reader->nr_servers = item->nr_servers;
}

static void reader_begin(struct recording_reader *reader,
			 struct record_item *item)
{
	struct unpack *in = &reader->in;

	item->kind = RECORD_ITEM_BEGIN;
	unpack_upto(in, RECORD_FORMAT);
	reader_frame_time(reader, item);
	unpack_text(in, item->version, sizeof(item->version));
	item->begin.now = item->now;
	item->begin.reason =
		(enum record_reason)unpack_upto(in, RECORD_REASONS - 1);
	item->begin.lost = unpack_uint(in);
	item->begin.lost_since = reader_time(in, 0);
	reader_conf(reader, item);
	item->snapshot = unpack_bytes(in, &item->snapshot_length);
	in->failed |= (item->snapshot_length == 0) !=
		      (item->begin.reason == RECORD_START);
	reader->whole = !in->failed;
	in->at = in->end;
}

static void reader_reload(struct recording_reader *reader,
			  struct record_item *item)
{
	item->kind = RECORD_ITEM_RELOAD;
	reader_frame_time(reader, item);
	reader_conf(reader, item);
	reader->in.at = reader->in.end;
}

/* Open the frame at reader->at. Returns whether ITEM is one to be handed out. */
static bool reader_open(struct recording_reader *reader,
			struct record_item *item)
{
	size_t length = reader_frame(reader, reader->at);
	struct unpack *in = &reader->in;

	if (!length) {
		reader_resume(reader, item);
		return true;
	}
	reader->frame = reader->at;
	item->offset = reader->at;
	in->at = reader->data + reader->at + RECORD_HEADER;
	reader->at += length;
	in->end = reader->data + reader->at;
	in->failed = false;
	switch (*in->at++) {
	case RECORD_BEGIN:
		reader_begin(reader, item);
		return true;
	case RECORD_RELOAD:
		reader_reload(reader, item);
		return reader->whole || in->failed;
	case RECORD_DATA:
		reader_frame_time(reader, item);
		return in->failed;
	}
	in->failed = true;
	return true;
}

static void reader_verdict(struct recording_reader *reader,
			   struct record_item *item)
{
	struct record_memory *memory = &reader->memory;
	uint32_t check = (uint32_t)unpack_upto(&reader->in, UINT32_MAX);
	struct verdict lost = { 0 }, *last = &lost;

	if (check < memory->nr_verdicts)
		last = &memory->verdicts[check];
	else
		reader->in.failed |= reader->whole;
	verdict_delta_unpack(&reader->in, last, item->now);
	reader->verdict = *last;
	reader->verdict.check = check;
	verdict_sanitize(&reader->verdict);
	item->input.verdict = &reader->verdict;
}

static void reader_server(struct recording_reader *reader,
			  struct record_item *item)
{
	item->input.server = (uint32_t)unpack_upto(&reader->in, UINT32_MAX);
}

static void reader_table(struct recording_reader *reader,
			 struct record_item *item, enum record_table which)
{
	struct table_memory *memory = &reader->memory.tables[which];

	table_delta_unpack(&reader->in, memory);
	item->input.table = &memory->last;
}

static void reader_term(struct recording_reader *reader,
			struct record_item *item)
{
	struct unpack *in = &reader->in;

	item->input.term = unpack_int(in);
	in->failed |= item->input.term > READER_TERM_MAX ||
		      item->input.term < -READER_TERM_MAX;
}

static void reader_input(struct recording_reader *reader,
			 struct record_item *item)
{
	struct balance_input *input = &item->input;
	struct unpack *in = &reader->in;

	item->kind = RECORD_ITEM_INPUT;
	switch (input->kind) {
	case INPUT_ADOPT:
	case INPUT_CONNECTIONS:
		reader_table(reader, item, RECORD_TABLE_KERNEL);
		break;
	case INPUT_VERDICT:
		reader_verdict(reader, item);
		break;
	case INPUT_OVERRIDE:
		reader_server(reader, item);
		input->override = (enum balance_override_kind)unpack_upto(
			in, OVERRIDE_WEIGHT);
		input->weight = (uint32_t)unpack_upto(in, INT32_MAX);
		break;
	case INPUT_SEAT:
		reader_server(reader, item);
		reader_term(reader, item);
		break;
	case INPUT_FAILBACK:
	case INPUT_FELL:
		reader_server(reader, item);
		break;
	case INPUT_SEAT_LEFT:
		input->vs = (uint32_t)unpack_upto(in, UINT32_MAX);
		reader_term(reader, item);
		break;
	case INPUT_RESERVE:
		input->reserve = unpack_upto(in, 1);
		break;
	case INPUT_PAUSE:
		input->vs = (uint32_t)unpack_upto(in, UINT32_MAX);
		input->until = reader_time(in, 0);
		break;
	case INPUT_DECIDED:
		reader_table(reader, item, RECORD_TABLE_WANTED);
		break;
	case INPUT_DECIDE:
	case INPUTS:
		break;
	}
}

static bool reader_has_time(enum balance_input_kind kind)
{
	switch (kind) {
	case INPUT_ADOPT:
	case INPUT_VERDICT:
	case INPUT_OVERRIDE:
	case INPUT_DECIDE:
	case INPUT_PAUSE:
		return true;
	case INPUT_SEAT:
	case INPUT_FAILBACK:
	case INPUT_FELL:
	case INPUT_SEAT_LEFT:
	case INPUT_RESERVE:
	case INPUT_CONNECTIONS:
	case INPUT_DECIDED:
	case INPUTS:
		break;
	}
	return false;
}

/* The next record of a data frame; returns whether ITEM is to be handed out. */
static bool reader_record(struct recording_reader *reader,
			  struct record_item *item)
{
	struct unpack *in = &reader->in;
	uint64_t kind = unpack_uint(in);
	bool note = kind == RECORD_NOTE;

	item->offset = reader->frame;
	if (!note && (kind == 0 || kind > INPUTS)) {
		in->failed = true;
		return true;
	}
	item->input.kind = note ? INPUTS : (enum balance_input_kind)(kind - 1);
	if (note || reader_has_time(item->input.kind)) {
		reader->memory.now = reader_time(in, reader->memory.now);
		item->input.now = reader->memory.now;
	}
	item->now = reader->memory.now;
	item->wall = item->now + reader->offset;
	if (!note) {
		reader_input(reader, item);
		return reader->whole || in->failed;
	}
	item->kind = RECORD_ITEM_NOTE;
	unpack_text(in, reader->note, sizeof(reader->note));
	item->note = reader->note;
	return true;
}

bool recording_next(struct recording_reader *reader, struct record_item *item)
{
	bool ready = false, record;

	while (!ready) {
		memset(item, 0, sizeof(*item));
		record = reader->in.at < reader->in.end;
		if (record)
			ready = reader_record(reader, item);
		else if (reader->at < reader->length)
			ready = reader_open(reader, item);
		else
			return false;
		/* Behind a loss, that a record makes no sense is no news. */
		if (ready && reader->in.failed && !reader->whole && record) {
			reader->in.failed = ready = false;
			reader->in.at = reader->in.end;
		}
		/* A frame with a right checksum, of a program unknown here. */
		if (ready && reader->in.failed) {
			reader->in.failed = false;
			memset(item, 0, sizeof(*item));
			reader_damage(reader, item, reader->frame, reader->at);
		}
	}
	return true;
}

/* The time in the head of the first frame that has one. */
static bool recording_first(const unsigned char *data, size_t length,
			    usec_t *first)
{
	struct recording_reader *reader = recording_reader_new(data, length);
	struct record_item item = { 0 };
	bool found = false;
	size_t frame;

	while (!found && reader->at < length) {
		frame = reader_frame(reader, reader->at);
		if (!frame) {
			reader->at = reader_search(reader, reader->at + 1);
			continue;
		}
		reader->in.at = data + reader->at + RECORD_HEADER;
		reader->at += frame;
		reader->in.end = data + reader->at;
		reader->in.failed = false;
		if (*reader->in.at++ == RECORD_BEGIN)
			unpack_uint(&reader->in);
		reader_frame_time(reader, &item);
		found = !reader->in.failed;
	}
	*first = item.wall;
	recording_reader_free(reader);
	return found;
}

/* A time is a difference from the one before, so the last needs all of them. */
bool recording_span(const unsigned char *data, size_t length, usec_t *first,
		    usec_t *last)
{
	struct recording_reader *reader;
	struct record_item item;

	if (!recording_first(data, length, first))
		return false;
	reader = recording_reader_new(data, length);
	while (recording_next(reader, &item))
		;
	*last = reader->memory.now + reader->offset;
	recording_reader_free(reader);
	return true;
}
