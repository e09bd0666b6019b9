/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of a server, with three questions of a check under way. */
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "checkers/mysql/mysql_rows.h"
#include "checkers/mysql/mysql_wire.h"

/* As much as a socket takes without a reader. */
#define FUZZ_MOST 65536

static bool fuzz_take(void *arg, const struct mysql_row *row)
{
	unsigned *left = arg;
	unsigned i;

	for (i = 0; i < row->columns; i++)
		*left ^= mysql_row_text(row, i) ? (unsigned)row->lengths[i] :
						  (unsigned)row->names[i][0];
	return *left % 7 != 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const sql[] = { "one", "two", "three" };
	struct mysql_wire wire;
	unsigned left = 1;
	int pair[2], i;

	if (size > FUZZ_MOST || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		return 0;
	if (send(pair[1], data, size, MSG_NOSIGNAL) == (ssize_t)size) {
		shutdown(pair[1], SHUT_WR);
		mysql_wire_init(&wire, pair[0]);
		mysql_wire_send(&wire, sql, 3);
		for (i = 0; i < 3; i++)
			(void)mysql_wire_ask(&wire, sql[i], fuzz_take, &left);
		mysql_wire_quit(&wire);
	}
	close(pair[0]);
	close(pair[1]);
	return 0;
}
