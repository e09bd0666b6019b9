/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "record/recording_internal.h"

struct recording_writer {
	struct pack out; /* whole frames, and the open one at the end */
	size_t open; /* where the open data frame begins */
	bool is_open;
	bool taken; /* OUT was handed out, and is empty at the next call */
	bool reserve, reserve_known; /* the last that was said */
	usec_t offset; /* of the wall clock */
	uint64_t inputs;
	struct record_memory memory;
};

struct recording_writer *recording_writer_new(void)
{
	return xcalloc(1, sizeof(struct recording_writer));
}

void recording_writer_free(struct recording_writer *writer)
{
	if (!writer)
		return;
	record_memory_free(&writer->memory);
	pack_free(&writer->out);
	free(writer);
}

void recording_writer_clock(struct recording_writer *writer, usec_t offset)
{
	writer->offset = offset;
}

static void writer_fresh(struct recording_writer *writer)
{
	if (!writer->taken)
		return;
	writer->taken = false;
	writer->out.used = 0;
}

static void writer_put32(unsigned char *at, uint32_t value)
{
	int i;

	for (i = 0; i < 4; i++)
		at[i] = (unsigned char)(value >> (8 * i));
}

static size_t writer_open(struct recording_writer *writer,
			  enum record_frame type)
{
	size_t start = writer->out.used;

	pack_room(&writer->out, RECORD_HEADER);
	*pack_room(&writer->out, 1) = (unsigned char)type;
	return start;
}

static void writer_close(struct recording_writer *writer, size_t start)
{
	unsigned char *at = writer->out.data + start;
	size_t length = writer->out.used - start - RECORD_HEADER;

	writer_put32(at, RECORD_MAGIC);
	writer_put32(at + 4, (uint32_t)length);
	writer_put32(at + 8, pack_crc(0, at + RECORD_HEADER, length));
	writer_put32(at + 12, pack_crc(0, at, RECORD_HEADER - 4));
}

static void writer_close_data(struct recording_writer *writer)
{
	if (!writer->is_open)
		return;
	writer->is_open = false;
	writer_close(writer, writer->open);
}

/* The time of a frame of any type. */
static void writer_time(struct recording_writer *writer, usec_t now)
{
	pack_int(&writer->out, now);
	pack_int(&writer->out, writer->offset);
	writer->memory.now = now;
}

static void writer_conf(struct recording_writer *writer,
			const struct conf *conf)
{
	size_t length = 0;
	char *text = recording_conf_text(conf, &length);

	pack_uint(&writer->out, conf->nr_checks);
	pack_uint(&writer->out, conf->nr_servers);
	pack_uint(&writer->out, conf->nr_virtual_servers);
	pack_bytes(&writer->out, text, text ? length : 0);
	free(text);
	record_memory_reset(&writer->memory, conf->nr_checks);
	writer->reserve_known = false;
}

void recording_writer_begin(struct recording_writer *writer,
			    const struct recording_begin *begin,
			    const struct balance *balance)
{
	struct pack state = { 0 };
	size_t start;

	writer_fresh(writer);
	writer_close_data(writer);
	if (begin->reason != RECORD_START)
		balance_save(balance, &state);
	start = writer_open(writer, RECORD_BEGIN);
	pack_uint(&writer->out, RECORD_FORMAT);
	writer_time(writer, begin->now);
	pack_text(&writer->out, PACKAGE_VERSION);
	pack_uint(&writer->out, begin->reason);
	pack_uint(&writer->out, begin->lost);
	pack_int(&writer->out, begin->lost_since);
	writer_conf(writer, balance_conf(balance));
	pack_bytes(&writer->out, state.data, state.used);
	writer_close(writer, start);
	pack_free(&state);
}

void recording_writer_reload(struct recording_writer *writer,
			     const struct balance *balance, usec_t now)
{
	size_t start;

	writer_fresh(writer);
	writer_close_data(writer);
	start = writer_open(writer, RECORD_RELOAD);
	writer_time(writer, now);
	writer_conf(writer, balance_conf(balance));
	writer_close(writer, start);
	writer->inputs++;
}

/* Ready a data frame for a record of NOW (0: of no time). */
static struct pack *writer_record(struct recording_writer *writer,
				  unsigned kind, usec_t now)
{
	writer_fresh(writer);
	if (writer->is_open &&
	    writer->out.used - writer->open >= RECORD_FRAME_FULL)
		writer_close_data(writer);
	if (!writer->is_open) {
		writer->open = writer_open(writer, RECORD_DATA);
		writer->is_open = true;
		writer_time(writer, now ? now : writer->memory.now);
	}
	pack_uint(&writer->out, kind);
	if (!now)
		return &writer->out;
	pack_int(&writer->out, now - writer->memory.now);
	writer->memory.now = now;
	return &writer->out;
}

static bool writer_repeats(struct recording_writer *writer,
			   const struct balance_input *input)
{
	bool same = writer->reserve_known && writer->reserve == input->reserve;

	writer->reserve_known = true;
	writer->reserve = input->reserve;
	return same;
}

void recording_writer_hear(void *arg, const struct balance_input *input)
{
	struct recording_writer *writer = arg;
	struct record_memory *memory = &writer->memory;
	struct pack *out;

	if (input->kind == INPUT_VERDICT &&
	    input->verdict->check >= memory->nr_verdicts)
		return;
	if (input->kind == INPUT_RESERVE && writer_repeats(writer, input))
		return;
	out = writer_record(writer, input->kind + 1,
			    input->kind == INPUT_DECIDED ? 0 : input->now);
	writer->inputs += input->kind != INPUT_DECIDED;
	switch (input->kind) {
	case INPUT_ADOPT:
	case INPUT_CONNECTIONS:
		table_delta_pack(out, &memory->tables[RECORD_TABLE_KERNEL],
				 input->table);
		break;
	case INPUT_VERDICT:
		pack_uint(out, input->verdict->check);
		verdict_delta_pack(out,
				   &memory->verdicts[input->verdict->check],
				   input->verdict, input->now);
		break;
	case INPUT_OVERRIDE:
		pack_uint(out, input->server);
		pack_uint(out, input->override);
		pack_uint(out, input->weight);
		break;
	case INPUT_SEAT:
		pack_uint(out, input->server);
		pack_int(out, input->term);
		break;
	case INPUT_FAILBACK:
	case INPUT_FELL:
		pack_uint(out, input->server);
		break;
	case INPUT_SEAT_LEFT:
		pack_uint(out, input->vs);
		pack_int(out, input->term);
		break;
	case INPUT_RESERVE:
		pack_uint(out, input->reserve);
		break;
	case INPUT_DECIDED:
		table_delta_pack(out, &memory->tables[RECORD_TABLE_WANTED],
				 input->table);
		break;
	case INPUT_PAUSE:
		pack_uint(out, input->vs);
		pack_int(out, input->until);
		break;
	case INPUT_DECIDE:
	case INPUTS:
		break;
	}
}

void recording_writer_note(struct recording_writer *writer, usec_t now,
			   const char *text)
{
	pack_text(writer_record(writer, RECORD_NOTE, now), text);
}

size_t recording_writer_ready(const struct recording_writer *writer)
{
	return writer->taken ? 0 : writer->out.used;
}

uint64_t recording_writer_inputs(const struct recording_writer *writer)
{
	return writer->inputs;
}

const unsigned char *recording_writer_take(struct recording_writer *writer,
					   size_t *length)
{
	writer_fresh(writer);
	writer_close_data(writer);
	writer->taken = true;
	writer->inputs = 0;
	*length = writer->out.used;
	return writer->out.data;
}
