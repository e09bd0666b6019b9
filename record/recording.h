/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A recording: every input of the decision as it came, and each decision, so
 * that a night can be played again. The daemon writes one (daemon/recorder.h),
 * `evenkeel replay` reads it (sim/replay.h); this room knows the format, and
 * neither opens a file nor reads a clock.
 *
 * An input is whatever changes the memory of the decision. By the contract of
 * balance/balance.h these are, and there are no others:
 *
 *	the configuration, at the start and at each reload
 *	the kernel's table at the start (balance_adopt)
 *	the verdicts of the checks
 *	the words of operators, ours and those that the other balancer or the
 *		state file brings (balance_override, balance_failback)
 *	the pauses of pools (balance_pause)
 *	the terms of writers' seats from there (balance_seat)
 *	whether this balancer is in reserve (balance_reserve)
 *	the kernel's counts of connections (balance_note_connections)
 *	the time of each decision
 *
 * The balance itself says them to its listener, not its many callers, so none
 * can be forgotten at a place. After each decision the wanted table is kept as
 * its difference from the one before. A player that gives the same inputs to
 * the same decision must get the same tables; any difference is a fault, of
 * the program or of the recording. Lines of the daemon's history (notes) stand
 * between the inputs, for `evenkeel events --at`.
 *
 * A file is a row of frames:
 *
 *	4 bytes magic, 4 length of the payload, 4 CRC-32C of the payload, 4
 *	CRC-32C of these twelve bytes; all little endian; then the payload,
 *	which begins with a byte for the frame's type
 *
 *	RECORD_BEGIN	all that a player must know to begin here: the
 *			configuration as text, and the memory of the balance (or
 *			that it was new)
 *	RECORD_RELOAD	another configuration, which inherits
 *	RECORD_DATA	the time, and the records of inputs, decisions and notes
 *
 * A record is short because it holds differences: times from the record before,
 * a verdict from the check's last one, a table from the last of its sort. So a
 * lost frame makes the following ones useless to the decision until the next
 * RECORD_BEGIN. Whoever writes puts one at the start of each file, after a loss
 * (with the number of inputs lost: a gap), and when the daemon starts.
 *
 * The file is bounded because it is two files: when FILE has half of the size,
 * it becomes FILE.1 (the one before is gone) and a new FILE begins with a
 * RECORD_BEGIN. Either half can be played alone.
 *
 * It is readable after a crash at any byte because frames are only appended,
 * each is checked by itself, and a reader that meets a broken one looks for the
 * next magic. A frame that is cut off by the file's end is the ordinary end of
 * a crash, and said as such; a damaged frame elsewhere is an error.
 *
 * Secrets are not in it: the configuration's text is the print of the parsed
 * one (`evenkeeld -t -d`), where passwords are "***", and which parses to
 * the same decision.
 */
#ifndef EVENKEEL_RECORD_RECORDING_H
#define EVENKEEL_RECORD_RECORDING_H

#include "balance/balance.h"

#define RECORD_MAGIC 0x31526b45u /* "EkR1" */
#define RECORD_HEADER 16
/* Format of the payloads; a reader refuses a younger one. */
#define RECORD_FORMAT 1
#define RECORD_VERSION_MAX 64
/* A data frame is closed when it has so many bytes. */
#define RECORD_FRAME_FULL 12288

enum record_frame {
	RECORD_BEGIN = 1,
	RECORD_RELOAD,
	RECORD_DATA,
};

/* Why a recording begins anew. */
enum record_reason {
	RECORD_START, /* the daemon started; the balance is new */
	RECORD_SWITCHED_ON, /* by a reload */
	RECORD_ROLLED, /* the file was full */
	RECORD_GAP, /* something was lost before */
	RECORD_REASONS,
};

struct recording_begin {
	enum record_reason reason;
	usec_t now;
	uint64_t lost; /* inputs, at least; with RECORD_GAP */
	usec_t lost_since; /* with RECORD_GAP */
};

/*
 * CONF as the text that a recording holds; the caller frees it. NULL without
 * memory.
 */
char *recording_conf_text(const struct conf *conf, size_t *length);

/* Makes the bytes. */
struct recording_writer;

/* Never NULL; writes nothing before recording_writer_begin(). */
struct recording_writer *recording_writer_new(void);
void recording_writer_free(struct recording_writer *writer); /* NULL: allowed */
/* The wall clock's time is the loop's plus OFFSET from now on. */
void recording_writer_clock(struct recording_writer *writer, usec_t offset);
/*
 * Begin (again) with BALANCE, between two of its inputs. With RECORD_START the
 * balance is new, as balance_new() made it at BEGIN->now.
 */
void recording_writer_begin(struct recording_writer *writer,
			    const struct recording_begin *begin,
			    const struct balance *balance);
/* BALANCE, made of another configuration, has inherited at NOW. */
void recording_writer_reload(struct recording_writer *writer,
			     const struct balance *balance, usec_t now);
/* The listener for balance_listen(); ARG is the writer. */
void recording_writer_hear(void *arg, const struct balance_input *input);
/* Add a line of the history, said at NOW; TEXT has 500 bytes at most. */
void recording_writer_note(struct recording_writer *writer, usec_t now,
			   const char *text);
/* Bytes that are ready, those of an open frame included. */
size_t recording_writer_ready(const struct recording_writer *writer);
/* Inputs that the ready bytes hold. */
uint64_t recording_writer_inputs(const struct recording_writer *writer);
/*
 * Take the ready bytes, which are whole frames and good until the next call of
 * any function; *LENGTH may be 0.
 */
const unsigned char *recording_writer_take(struct recording_writer *writer,
					   size_t *length);

/* Reads the bytes. */
struct recording_reader;

enum record_item_kind {
	RECORD_ITEM_END,
	RECORD_ITEM_BEGIN,
	RECORD_ITEM_RELOAD,
	RECORD_ITEM_INPUT, /* also INPUT_DECIDED, with the recorded table */
	RECORD_ITEM_NOTE,
	RECORD_ITEM_DAMAGE, /* bytes that are no frame: a gap without a count */
	RECORD_ITEM_CUT, /* the last frame is not whole */
};

struct record_item {
	enum record_item_kind kind;
	usec_t now; /* by the daemon's loop */
	usec_t wall; /* since 1970 */
	size_t offset; /* of the frame, or of the damage */
	size_t damaged; /* bytes */
	struct recording_begin begin;
	char version[RECORD_VERSION_MAX]; /* of the program that wrote */
	uint32_t nr_checks, nr_servers, nr_services;
	const char *conf; /* not ended by NUL */
	size_t conf_length;
	const unsigned char *snapshot; /* for balance_restore() */
	size_t snapshot_length; /* 0: the balance is new */
	struct balance_input input;
	const char *note;
};

/* DATA must outlive the reader. NULL is never returned. */
struct recording_reader *recording_reader_new(const unsigned char *data,
					      size_t length);
void recording_reader_free(struct recording_reader *reader); /* NULL: allowed */
/* For fuzzing: take frames whose checksum is wrong. */
void recording_reader_trust(struct recording_reader *reader);
/*
 * When the first frame and the last record of LENGTH bytes of a recording were,
 * by the wall clock. Returns false if no frame has a time.
 */
bool recording_span(const unsigned char *data, size_t length, usec_t *first,
		    usec_t *last);
/*
 * The next ITEM, whose pointers are good until the next call. Inputs come only
 * where the rows before them are whole. Returns false at the end.
 */
bool recording_next(struct recording_reader *reader, struct record_item *item);

#endif
