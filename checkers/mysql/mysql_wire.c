/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/mysql/mysql_wire.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "checkers/mysql/mysql_rows.h"
#include "lib/util.h"

#define WIRE_HEAD 4
#define WIRE_COM_QUIT 1
#define WIRE_COM_QUERY 3

/* First bytes of packets. */
#define WIRE_OK 0x00
#define WIRE_LOCAL_FILE 0xfb
#define WIRE_END 0xfe
#define WIRE_ERROR 0xff
/* The end of the columns, or of rows in the elder form: never an OK, which is
 * longer. */
#define WIRE_EOF_LENGTH 5
/* In place of a length: NULL, or the bytes that the length takes. */
#define WIRE_NULL 0xfb
#define WIRE_TWO 0xfc
#define WIRE_THREE 0xfd
/* In the status: another result follows. */
#define WIRE_MORE 8
/* An error packet that is none, but tells how far the server has got. */
#define WIRE_PROGRESS 65535

/* The client libraries' numbers. */
#define WIRE_GONE 2006
#define WIRE_LOST 2013
#define WIRE_TOO_LARGE 2020
#define WIRE_MALFORMED 2027

/* No packet of an answer to a check is larger. */
#define WIRE_PACKET_MAX (1u << 20)
#define WIRE_ROOM 16384
/* Columns beyond are read and not handed on. */
#define WIRE_COLUMNS 256
#define WIRE_COLUMNS_MAX 4096
/* Of rows that nobody wants, and of results: beyond, the session is broken off. */
#define WIRE_ROWS_MAX 1000
#define WIRE_RESULTS_MAX 16
/* An answer after another that takes so long may be one that waits for an ACK. */
#define WIRE_HELD_BACK (30 * USEC_PER_MSEC)

/*
 * The bytes received. One question is asked at a time in a process, and when its
 * answer has been read there is nothing here, unless more are under way: so one
 * buffer for all sessions will do.
 */
static struct {
	uint8_t *bytes;
	size_t room, from, to;
} wire_in;

/* The columns of the result that is being read. */
static struct {
	unsigned count; /* at most WIRE_COLUMNS */
	char *text; /* the names, each ended by NUL */
	size_t used, room;
	size_t at[WIRE_COLUMNS];
	const char *names[WIRE_COLUMNS];
	char *values[WIRE_COLUMNS];
	unsigned long lengths[WIRE_COLUMNS];
} wire_columns;

/* A packet, or the rest of one. */
struct wire_packet {
	uint8_t *at;
	size_t length;
};

/* An answer that is being read. */
struct wire_answer {
	struct mysql_wire *wire;
	mysql_row_fn *take; /* NULL: nobody wants rows any more */
	void *arg;
	unsigned rows; /* that nobody wanted */
	uint8_t sequence;
	bool more; /* results */
};

void mysql_wire_init(struct mysql_wire *wire, int sock)
{
	*wire = (struct mysql_wire){ .sock = sock };
}

/* The connection is of no use any more. */
static int wire_break(struct mysql_wire *wire, unsigned error, const char *text)
{
	wire->broken = true;
	wire->nr_ahead = 0;
	wire_in.from = wire_in.to = 0;
	wire->error = error;
	snprintf(wire->text, sizeof(wire->text), "%s", text);
	return -1;
}

static int wire_malformed(struct mysql_wire *wire)
{
	return wire_break(wire, WIRE_MALFORMED, "Malformed packet");
}

static int wire_lost(struct mysql_wire *wire)
{
	return wire_break(wire, WIRE_LOST,
			  "Lost connection to server during query");
}

/* The library may have left the socket in either mode. */
static bool wire_wait(int sock, short events)
{
	struct pollfd poll_for = { .fd = sock, .events = events };

	return poll(&poll_for, 1, -1) >= 0 || errno == EINTR;
}

static void wire_in_make_room(size_t room)
{
	if (wire_in.bytes && wire_in.from > 0) {
		wire_in.to -= wire_in.from;
		memmove(wire_in.bytes, wire_in.bytes + wire_in.from,
			wire_in.to);
		wire_in.from = 0;
	}
	if (wire_in.room < room) {
		wire_in.bytes = xrealloc_array(wire_in.bytes, room, 1);
		wire_in.room = room;
	}
}

/* The room for one large answer is not kept. */
static void wire_in_shrink(void)
{
	if (wire_in.from < wire_in.to || wire_in.room <= WIRE_ROOM)
		return;
	free(wire_in.bytes);
	wire_in.bytes = NULL;
	wire_in.room = wire_in.from = wire_in.to = 0;
}

/*
 * As recv(), as much as fits. A server or a proxy that has not set TCP_NODELAY waits
 * for an ACK before it sends its next answer, and our kernel holds an ACK back for
 * 40 ms, to send it together with our next question, of which there is none. Where
 * that has happened, and only there, a further answer is hurried.
 */
static ssize_t wire_recv(struct mysql_wire *wire)
{
	usec_t before = wire->heard ? clock_now() : 0;
	int yes = 1;
	ssize_t got;

	if (wire->heard && wire->hurries)
		(void)setsockopt(wire->sock, IPPROTO_TCP, TCP_QUICKACK, &yes,
				 sizeof(yes));
	got = recv(wire->sock, wire_in.bytes + wire_in.to,
		   wire_in.room - wire_in.to, 0);
	if (wire->heard && clock_now() - before >= WIRE_HELD_BACK)
		wire->hurries = true;
	wire->heard |= got > 0;
	return got;
}

/* Receive until there are LENGTH bytes. The watchdog ends it. */
static int wire_receive(struct mysql_wire *wire, size_t length)
{
	ssize_t got;

	while (wire_in.to - wire_in.from < length) {
		if (wire_in.room - wire_in.from < length || !wire_in.bytes ||
		    wire_in.from == wire_in.to)
			wire_in_make_room(length > WIRE_ROOM ? length :
							       WIRE_ROOM);
		got = wire_recv(wire);
		if (got > 0)
			wire_in.to += (size_t)got;
		else if (got == 0 || (errno != EINTR && errno != EAGAIN) ||
			 (errno == EAGAIN && !wire_wait(wire->sock, POLLIN)))
			return wire_lost(wire);
	}
	return 0;
}

/* The next packet; it is valid until the one after it is asked for. */
static int wire_next(struct wire_answer *answer, struct wire_packet *packet)
{
	struct mysql_wire *wire = answer->wire;
	const uint8_t *head;
	size_t length;

	if (wire_receive(wire, WIRE_HEAD) < 0)
		return -1;
	head = wire_in.bytes + wire_in.from;
	length = (size_t)head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16;
	if (length > WIRE_PACKET_MAX)
		return wire_break(wire, WIRE_TOO_LARGE,
				  "Got packet bigger than 1 MB");
	if (length == 0)
		return wire_malformed(wire);
	if (wire_receive(wire, WIRE_HEAD + length) < 0)
		return -1;
	head = wire_in.bytes + wire_in.from;
	packet->at = wire_in.bytes + wire_in.from + WIRE_HEAD;
	packet->length = length;
	wire_in.from += WIRE_HEAD + length;
	/* The last words to a session that was idle have a number of their own. */
	if (head[3] != answer->sequence &&
	    (answer->sequence != 1 || packet->at[0] != WIRE_ERROR))
		return wire_malformed(wire);
	answer->sequence++;
	return 0;
}

static uint64_t wire_integer(const uint8_t *at, unsigned bytes)
{
	uint64_t value = 0;

	while (bytes-- > 0)
		value = value << 8 | at[bytes];
	return value;
}

/* How many bytes come after the first of a length. */
static unsigned wire_length_bytes(uint8_t first)
{
	return first < WIRE_NULL   ? 0 :
	       first == WIRE_TWO   ? 2 :
	       first == WIRE_THREE ? 3 :
				     8;
}

/* Take a number off PACKET; false: there is none. */
static bool wire_take_integer(struct wire_packet *packet, uint64_t *value)
{
	unsigned bytes;

	if (packet->length == 0 || packet->at[0] == WIRE_NULL ||
	    packet->at[0] == WIRE_ERROR)
		return false;
	bytes = wire_length_bytes(packet->at[0]);
	if (packet->length < 1 + bytes)
		return false;
	*value = bytes ? wire_integer(packet->at + 1, bytes) : packet->at[0];
	packet->at += 1 + bytes;
	packet->length -= 1 + bytes;
	return true;
}

/*
 * Take a string off PACKET, which is moved over its own length, so that there is
 * room for a NUL at its end. NULL is a string, too: *TEXT is NULL.
 */
static bool wire_take_string(struct wire_packet *packet, char **text,
			     unsigned long *length)
{
	uint8_t *begin = packet->at;
	uint64_t size;

	*text = NULL;
	*length = 0;
	if (packet->length > 0 && begin[0] == WIRE_NULL) {
		packet->at++;
		packet->length--;
		return true;
	}
	if (!wire_take_integer(packet, &size) || size > packet->length)
		return false;
	memmove(begin, packet->at, size);
	begin[size] = '\0';
	packet->at += size;
	packet->length -= size;
	*text = (char *)begin;
	*length = size;
	return true;
}

/* The server's error: the number and its words. Returns 1 if it is none. */
static int wire_take_error(struct mysql_wire *wire,
			   const struct wire_packet *packet)
{
	const char *text;
	size_t length;

	if (packet->length < 3)
		return wire_malformed(wire);
	wire->error = (unsigned)wire_integer(packet->at + 1, 2);
	if (wire->error == WIRE_PROGRESS)
		return 1;
	if (wire->error == 0)
		return wire_malformed(wire);
	text = (const char *)packet->at + 3;
	length = packet->length - 3;
	/* "#" and the SQLSTATE. */
	if (length >= 6 && text[0] == '#') {
		text += 6;
		length -= 6;
	}
	snprintf(wire->text, sizeof(wire->text), "%.*s", (int)length, text);
	return -1;
}

/* OK, or the end of rows in the newer form, after its first byte. */
static int wire_take_ok(struct wire_answer *answer, struct wire_packet *packet)
{
	uint64_t rows, id;

	packet->at++;
	packet->length--;
	if (!wire_take_integer(packet, &rows) ||
	    !wire_take_integer(packet, &id) || packet->length < 2)
		return wire_malformed(answer->wire);
	answer->more = wire_integer(packet->at, 2) & WIRE_MORE;
	return 0;
}

/* The end of rows in either form. */
static int wire_take_end(struct wire_answer *answer, struct wire_packet *packet)
{
	if (packet->length != WIRE_EOF_LENGTH)
		return wire_take_ok(answer, packet);
	answer->more = wire_integer(packet->at + 3, 2) & WIRE_MORE;
	return 0;
}

/* The name of a column, which is the fifth of the strings of its packet. */
static int wire_take_column(struct wire_answer *answer)
{
	struct wire_packet packet;
	unsigned long length = 0;
	char *text = NULL;
	size_t size;
	int i;

	if (wire_next(answer, &packet) < 0)
		return -1;
	for (i = 0; i < 5; i++) {
		if (!wire_take_string(&packet, &text, &length))
			return wire_malformed(answer->wire);
	}
	if (wire_columns.count == WIRE_COLUMNS)
		return 0;
	size = wire_columns.used + length + 1;
	if (size > wire_columns.room) {
		wire_columns.room = size + WIRE_ROOM / 4;
		wire_columns.text =
			xrealloc_array(wire_columns.text, wire_columns.room, 1);
	}
	wire_columns.at[wire_columns.count++] = wire_columns.used;
	memcpy(wire_columns.text + wire_columns.used, text ? text : "", length);
	wire_columns.used = size;
	wire_columns.text[size - 1] = '\0';
	return 0;
}

static int wire_take_columns(struct wire_answer *answer, uint64_t count)
{
	uint64_t i;

	if (count == 0 || count > WIRE_COLUMNS_MAX)
		return wire_malformed(answer->wire);
	wire_columns.count = 0;
	wire_columns.used = 0;
	for (i = 0; i < count; i++) {
		if (wire_take_column(answer) < 0)
			return -1;
	}
	for (i = 0; i < wire_columns.count; i++)
		wire_columns.names[i] = wire_columns.text + wire_columns.at[i];
	return 0;
}

/* A row. The session is broken off if there is no end to unwanted ones. */
static int wire_take_row(struct wire_answer *answer, struct wire_packet *packet)
{
	struct mysql_row row = { .columns = wire_columns.count,
				 .values = wire_columns.values,
				 .lengths = wire_columns.lengths,
				 .names = wire_columns.names };
	unsigned i;

	if (!answer->take) {
		if (++answer->rows < WIRE_ROWS_MAX)
			return 0;
		shutdown(answer->wire->sock, SHUT_RDWR);
		wire_lost(answer->wire);
		return 1;
	}
	for (i = 0; i < row.columns; i++) {
		if (!wire_take_string(packet, &wire_columns.values[i],
				      &wire_columns.lengths[i]))
			return wire_malformed(answer->wire);
	}
	if (!answer->take(answer->arg, &row))
		answer->take = NULL;
	return 0;
}

/* Rows until their end. Returns 1 if there was none, and the rest is unread. */
static int wire_take_rows(struct wire_answer *answer)
{
	struct wire_packet packet;
	bool first = true;
	int error;

	for (;; first = false) {
		if (wire_next(answer, &packet) < 0)
			return -1;
		/* Between the columns and the rows there is an end, or none. */
		if (first && packet.at[0] == WIRE_END &&
		    packet.length == WIRE_EOF_LENGTH)
			continue;
		/* A row that began so would be larger than any that is taken. */
		if (packet.at[0] == WIRE_END)
			return wire_take_end(answer, &packet);
		if (packet.at[0] == WIRE_ERROR) {
			error = wire_take_error(answer->wire, &packet);
			if (error < 0)
				return -1;
			continue;
		}
		error = wire_take_row(answer, &packet);
		if (error)
			return error;
	}
}

/*
 * Read a result: OK, an error, or columns and rows. Returns 0, -1 for an error, or 1
 * if it has no end and the rest is unread.
 */
static int wire_take_result(struct wire_answer *answer)
{
	struct wire_packet packet;
	uint64_t columns;

	answer->more = false;
	do {
		if (wire_next(answer, &packet) < 0)
			return -1;
		if (packet.at[0] == WIRE_OK)
			return wire_take_ok(answer, &packet);
		if (packet.at[0] == WIRE_ERROR &&
		    wire_take_error(answer->wire, &packet) < 0)
			return -1;
	} while (packet.at[0] == WIRE_ERROR);
	/* A server that asks for a file of ours has no answer. */
	if (packet.at[0] == WIRE_LOCAL_FILE ||
	    !wire_take_integer(&packet, &columns) || packet.length > 1)
		return wire_malformed(answer->wire);
	if (wire_take_columns(answer, columns) < 0)
		return -1;
	return wire_take_rows(answer);
}

/* The answer to the first question under way. */
static int wire_read(struct mysql_wire *wire, mysql_row_fn *take, void *arg)
{
	struct wire_answer answer = {
		.wire = wire, .take = take, .arg = arg, .sequence = 1
	};
	unsigned results = 0;
	int error;

	do {
		error = wire_take_result(&answer);
		/* A procedure has several results: the first counts. */
		answer.take = NULL;
		if (error == 0 && ++results > WIRE_RESULTS_MAX) {
			shutdown(wire->sock, SHUT_RDWR);
			wire_lost(wire);
			error = 1;
		}
	} while (error == 0 && answer.more);
	if (wire->broken)
		return error < 0 ? -1 : 0;
	wire->nr_ahead--;
	memmove(wire->ahead, wire->ahead + 1,
		wire->nr_ahead * sizeof(wire->ahead[0]));
	/* Bytes beyond would be taken for the next answer. */
	if (wire->nr_ahead == 0 && wire_in.from < wire_in.to)
		return wire_malformed(wire);
	wire_in_shrink();
	return error;
}

/* Send all of PARTS, which are used up; if that fails, the session is broken. */
static void wire_put(struct mysql_wire *wire, struct iovec *parts, size_t count)
{
	struct msghdr msg = { .msg_iov = parts, .msg_iovlen = count };
	ssize_t sent;

	while (msg.msg_iovlen > 0) {
		sent = sendmsg(wire->sock, &msg, MSG_NOSIGNAL);
		if (sent < 0 && errno == EAGAIN &&
		    wire_wait(wire->sock, POLLOUT))
			continue;
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0) {
			wire_break(wire, WIRE_GONE, "Server has gone away");
			return;
		}
		while (msg.msg_iovlen > 0 &&
		       (size_t)sent >= msg.msg_iov->iov_len) {
			sent -= (ssize_t)msg.msg_iov->iov_len;
			msg.msg_iov++;
			msg.msg_iovlen--;
		}
		if (msg.msg_iovlen > 0) {
			msg.msg_iov->iov_base =
				(uint8_t *)msg.msg_iov->iov_base + sent;
			msg.msg_iov->iov_len -= (size_t)sent;
		}
	}
}

/* Read the answers to all questions under way, for nobody. */
static void wire_forget(struct mysql_wire *wire)
{
	while (wire->nr_ahead > 0 && !wire->broken)
		(void)wire_read(wire, NULL, NULL);
}

void mysql_wire_send(struct mysql_wire *wire, const char *const *sql,
		     unsigned count)
{
	uint8_t heads[MYSQL_WIRE_AHEAD][WIRE_HEAD + 1];
	struct iovec parts[2 * MYSQL_WIRE_AHEAD];
	size_t length;
	unsigned i;

	if (wire->nr_ahead > 0)
		return;
	for (i = 0; i < count; i++) {
		length = strlen(sql[i]);
		heads[i][0] = (uint8_t)(length + 1);
		heads[i][1] = (uint8_t)((length + 1) >> 8);
		heads[i][2] = (uint8_t)((length + 1) >> 16);
		heads[i][3] = 0;
		heads[i][4] = WIRE_COM_QUERY;
		parts[2 * i] = (struct iovec){ heads[i], sizeof(heads[i]) };
		parts[2 * i + 1] =
			(struct iovec){ (char *)(uintptr_t)sql[i], length };
		wire->ahead[i] = sql[i];
	}
	wire->nr_ahead = count;
	wire->heard = false;
	if (!wire->broken)
		wire_put(wire, parts, 2 * (size_t)count);
}

int mysql_wire_ask(struct mysql_wire *wire, const char *sql, mysql_row_fn *take,
		   void *arg)
{
	if (wire->nr_ahead > 0 && strcmp(wire->ahead[0], sql) != 0)
		wire_forget(wire);
	if (wire->broken)
		return -1;
	wire->error = 0;
	mysql_wire_send(wire, &sql, 1);
	if (wire->broken)
		return -1;
	return wire_read(wire, take, arg);
}

void mysql_wire_quit(struct mysql_wire *wire)
{
	uint8_t quit[] = { 1, 0, 0, 0, WIRE_COM_QUIT };
	struct iovec part = { quit, sizeof(quit) };

	wire_forget(wire);
	if (!wire->broken)
		wire_put(wire, &part, 1);
}
