/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions over a socket, and the watchdog that ends the wait for an answer. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "checkers/mysql/mysql_rows.h"
#include "checkers/mysql/mysql_watchdog.h"
#include "checkers/mysql/mysql_wire.h"
#include "lib/util.h"

#define COLUMN_TAIL "\x0c\x21\0\xff\0\0\0\xfd\0\0\0\0\0"

static struct mysql_wire wire;
static int server;

/* Packets of the server that are not sent yet. */
static unsigned char said[70000];
static size_t used;
static unsigned char sequence;

static void begin_as(int type)
{
	int pair[2];

	cr_assert_eq(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair), 0);
	mysql_wire_init(&wire, pair[0]);
	server = pair[1];
	used = 0;
	sequence = 1;
}

static void begin(void)
{
	begin_as(SOCK_STREAM);
}

static void say(const void *bytes, size_t length)
{
	const unsigned char head[] = { (unsigned char)length,
				       (unsigned char)(length >> 8),
				       (unsigned char)(length >> 16),
				       sequence++ };

	cr_assert_leq(used + length + sizeof(head), sizeof(said));
	memcpy(said + used, head, sizeof(head));
	memcpy(said + used + sizeof(head), bytes, length);
	used += sizeof(head) + length;
}

#define SAY(text) say(text, sizeof(text) - 1)

static size_t put_string(unsigned char *at, const char *text)
{
	size_t length = 0;

	for (; text[length]; length++)
		at[1 + length] = (unsigned char)text[length];
	at[0] = (unsigned char)length;
	return 1 + length;
}

static void say_column(const char *name)
{
	unsigned char text[128] = "\x03"
				  "def\0\0\0";
	size_t length = 7;

	length += put_string(text + length, name) + 1;
	memcpy(text + length, COLUMN_TAIL, sizeof(COLUMN_TAIL) - 1);
	say(text, length + sizeof(COLUMN_TAIL) - 1);
}

/* Rows of one column that has this value, between ends of the elder form. */
static void say_rows(const char *value, unsigned count)
{
	unsigned char text[128];
	size_t length = put_string(text, value);

	SAY("\1");
	say_column("a");
	SAY("\xfe\0\0\2\0");
	while (count-- > 0)
		say(text, length);
	SAY("\xfe\0\0\2\0");
}

/* Send it. The next is another answer. */
static void said_all(void)
{
	cr_assert_eq(send(server, said, used, MSG_NOSIGNAL), (ssize_t)used);
	used = 0;
	sequence = 1;
}

/* Rows as text: "name=value" by blanks, rows by ";". */
struct taken {
	char text[512];
	unsigned rows, most;
};

static bool take(void *arg, const struct mysql_row *row)
{
	struct taken *taken = arg;
	size_t length;
	unsigned i;

	for (i = 0; i < row->columns; i++) {
		length = strlen(taken->text);
		snprintf(taken->text + length, sizeof(taken->text) - length,
			 "%s=%s%s", row->names[i],
			 row->values[i] ? row->values[i] : "NULL",
			 i + 1 < row->columns ? " " : ";");
		if (row->values[i])
			cr_expect_eq(strlen(row->values[i]), row->lengths[i]);
	}
	return ++taken->rows < taken->most;
}

static int ask(const char *sql, struct taken *taken)
{
	*taken = (struct taken){ .most = 100 };
	return mysql_wire_ask(&wire, sql, take, taken);
}

/* The questions that have come to the server, by blanks. */
static const char *heard(void)
{
	static char text[512];
	unsigned char bytes[512];
	ssize_t got = recv(server, bytes, sizeof(bytes), MSG_DONTWAIT);
	ssize_t at = 0;

	text[0] = '\0';
	while (at + 5 <= got) {
		cr_expect_eq(bytes[at + 3], 0);
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "%d:%.*s ", bytes[at + 4], bytes[at] - 1,
			 (const char *)bytes + at + 5);
		at += 4 + bytes[at];
	}
	return text;
}

static void say_two_columns(void)
{
	SAY("\2");
	say_column("a");
	say_column("bc");
}

Test(checkers_wire, rows_between_ends_of_the_elder_form, .init = begin)
{
	struct taken taken;

	say_two_columns();
	SAY("\xfe\0\0\2\0");
	SAY("\3one\xfb");
	SAY("\0\3two");
	SAY("\xfe\0\0\2\0");
	said_all();
	cr_expect_eq(ask("Q", &taken), 0);
	cr_expect_str_eq(taken.text, "a=one bc=NULL;a= bc=two;");
	cr_expect_str_eq(heard(), "3:Q ");
}

/* Without an end behind the columns; the last packet is an OK with more to it. */
Test(checkers_wire, rows_as_newer_servers_end_them, .init = begin)
{
	struct taken taken;

	say_two_columns();
	SAY("\3one\xfb");
	SAY("\xfe\0\0\2\0\0\0\5state");
	said_all();
	cr_expect_eq(ask("Q", &taken), 0);
	cr_expect_str_eq(taken.text, "a=one bc=NULL;");
	cr_expect_not(wire.broken);
}

Test(checkers_wire, it_may_come_byte_by_byte)
{
	struct taken taken;
	size_t i;

	begin_as(SOCK_SEQPACKET);
	say_two_columns();
	SAY("\xfe\0\0\2\0");
	SAY("\3one\3two");
	SAY("\xfe\0\0\2\0");
	for (i = 0; i < used; i++)
		cr_assert_eq(send(server, said + i, 1, MSG_NOSIGNAL), 1);
	cr_expect_eq(ask("Q", &taken), 0);
	cr_expect_str_eq(taken.text, "a=one bc=two;");
}

Test(checkers_wire, an_error_is_the_servers_and_the_session_goes_on,
     .init = begin)
{
	struct taken taken;

	SAY("\xff\x28\x04#42000You have an error");
	said_all();
	cr_expect_eq(ask("Q", &taken), -1);
	cr_expect_eq(wire.error, 1064);
	cr_expect_str_eq(wire.text, "You have an error");
	cr_expect_not(wire.broken);
	SAY("\0\0\0\2\0\0\0");
	said_all();
	cr_expect_eq(ask("R", &taken), 0);
	cr_expect_eq(wire.error, 0);
	/* And in the midst of rows. */
	SAY("\1");
	say_column("a");
	SAY("\1x");
	SAY("\xff\x5c\x07lost its way");
	said_all();
	cr_expect_eq(ask("S", &taken), -1);
	cr_expect_eq(wire.error, 1884);
	cr_expect_str_eq(taken.text, "a=x;");
	cr_expect_not(wire.broken);
}

/* All are with the server before it has said a word. */
Test(checkers_wire, several_questions_go_out_at_once, .init = begin)
{
	static const char *const sql[] = { "ONE", "TWO", "THREE" };
	struct taken taken;

	mysql_wire_send(&wire, sql, 3);
	cr_expect_str_eq(heard(), "3:ONE 3:TWO 3:THREE ");
	say_rows("1", 1);
	sequence = 1;
	SAY("\xff\x28\x04#42000Second");
	sequence = 1;
	say_rows("3", 1);
	said_all();
	cr_expect_eq(ask("ONE", &taken), 0);
	cr_expect_str_eq(taken.text, "a=1;");
	cr_expect_eq(ask("TWO", &taken), -1);
	cr_expect_str_eq(wire.text, "Second");
	cr_expect_eq(ask("THREE", &taken), 0);
	cr_expect_str_eq(taken.text, "a=3;");
	cr_expect_str_eq(heard(), "", "no question was asked twice");
}

Test(checkers_wire, another_question_than_those_under_way, .init = begin,
     .timeout = 60)
{
	static const char *const sql[] = { "ONE", "TWO" };
	struct taken taken;

	mysql_wire_send(&wire, sql, 2);
	say_rows("1", 1);
	sequence = 1;
	say_rows("2", 1);
	said_all();
	cr_expect_str_eq(heard(), "3:ONE 3:TWO ");
	mysql_watchdog_start(2, clock_now() + USEC_PER_SEC / 50);
	mysql_watchdog_mind(wire.sock);
	cr_expect_eq(ask("OTHER", &taken), -1);
	cr_expect_eq(wire.error, 2013, "it waited for an answer of its own");
	cr_expect_str_eq(heard(), "3:OTHER ");
	cr_expect_str_eq(taken.text, "");
	mysql_watchdog_stop();
}

Test(checkers_wire, goodbye_after_what_is_under_way, .init = begin)
{
	static const char *const sql[] = { "ONE", "TWO" };

	mysql_wire_send(&wire, sql, 2);
	say_rows("1", 1);
	sequence = 1;
	say_rows("2", 1);
	said_all();
	mysql_wire_quit(&wire);
	cr_expect_not(wire.broken);
	cr_expect_str_eq(heard(), "3:ONE 3:TWO 1: ");
	cr_expect_eq(recv(wire.sock, said, sizeof(said), MSG_DONTWAIT), -1);
}

Test(checkers_wire, of_several_results_the_first_counts, .init = begin)
{
	struct taken taken;
	int i;

	for (i = 0; i < 2; i++) {
		SAY("\1");
		say_column("a");
		SAY("\xfe\0\0\2\0");
		say(i == 0 ? "\1x" : "\1y", 2);
		SAY("\xfe\0\0\x0a\0");
	}
	SAY("\0\0\0\2\0\0\0");
	said_all();
	cr_expect_eq(ask("Q", &taken), 0);
	cr_expect_str_eq(taken.text, "a=x;");
	cr_expect_not(wire.broken);
}

Test(checkers_wire, how_far_the_server_has_got_is_no_answer, .init = begin)
{
	struct taken taken;

	SAY("\xff\xff\xff\1\1\2\0\0\0\4work");
	SAY("\0\0\0\2\0\0\0");
	said_all();
	cr_expect_eq(ask("Q", &taken), 0);
	cr_expect_not(wire.broken);
}

/* A server says so when it ends a session that was idle. */
Test(checkers_wire, last_words_have_a_number_of_their_own, .init = begin)
{
	struct taken taken;

	sequence = 0;
	SAY("\xff\xbf\x0f#HY000The client was disconnected");
	said_all();
	cr_expect_eq(ask("Q", &taken), -1);
	cr_expect_eq(wire.error, 4031);
}

Test(checkers_wire, rows_without_end_are_broken_off, .init = begin)
{
	struct taken taken = { .most = 1 };

	say_rows("x", 2000);
	said_all();
	cr_expect_eq(mysql_wire_ask(&wire, "Q", take, &taken), 0);
	cr_expect_eq(taken.rows, 1);
	cr_expect(wire.broken);
	cr_expect_eq(mysql_wire_ask(&wire, "R", take, &taken), -1);
	cr_expect_eq(wire.error, 2013);
	mysql_wire_quit(&wire);
}

Test(checkers_wire, results_without_end_are_broken_off, .init = begin)
{
	struct taken taken;
	int i;

	for (i = 0; i < 100; i++)
		SAY("\0\0\0\x0a\0\0\0");
	said_all();
	cr_expect_eq(ask("Q", &taken), 0);
	cr_expect(wire.broken);
}

/* More than there is room for at first, and a row after it. */
Test(checkers_wire, a_large_value, .init = begin)
{
	static unsigned char value[40003] = "\xfc\x40\x9c";
	struct taken taken;

	memset(value + 3, 'x', 40000);
	SAY("\1");
	say_column("a");
	SAY("\xfe\0\0\2\0");
	say(value, sizeof(value));
	SAY("\4last");
	SAY("\xfe\0\0\2\0");
	said_all();
	cr_expect_eq(ask("Q", &taken), 0);
	cr_expect_eq(taken.rows, 2);
	say_rows("1", 1);
	said_all();
	cr_expect_eq(ask("R", &taken), 0);
	cr_expect_str_eq(taken.text, "a=1;");
}

/* Answers that make no sense, or none that there is an end to. */
static const struct {
	const char *bytes;
	size_t length;
	unsigned error;
} bad[] = {
#define BAD(text, error)                      \
	{                                     \
		text, sizeof(text) - 1, error \
	}
	BAD("", 2013), /* it has gone */
	BAD("\x07\0\0", 2013), /* in the midst of a head, */
	BAD("\x07\0\0\1\0\0", 2013), /* or of a packet */
	BAD("\0\0\0\1", 2027), /* nothing in it */
	BAD("\1\0\x10\1", 2020), /* larger than 1 MB */
	BAD("\x07\0\0\2\0\0\0\2\0\0\0", 2027), /* another's number */
	BAD("\2\0\0\1\xff\1", 2027), /* an error without a number, */
	BAD("\3\0\0\1\xff\0\0", 2027), /* or without an error */
	BAD("\3\0\0\1\0\0\0", 2027), /* an OK without status */
	BAD("\6\0\0\1\xfb/file", 2027), /* a file of ours */
	BAD("\1\0\0\1\xfe", 2027), /* no columns, */
	BAD("\3\0\0\1\xfc\0\0", 2027), /* or none, in two bytes, */
	BAD("\3\0\0\1\xfc\1\x10", 2027), /* or far too many */
	BAD("\1\0\0\1\1\3\0\0\2\3de", 2027), /* a column cut off */
	BAD("\1\0\0\1\1\6\0\0\2\0\0\0\0\1a\2\0\0\3\2x", 2027), /* a row */
	BAD("\1\0\0\1\1\6\0\0\2\0\0\0\0\1a\3\0\0\3\xfc\1", 2013),
	BAD("\1\0\0\1\1\6\0\0\2\0\0\0\0\1a\3\0\0\3\xfe\0\0", 2027),
	/* More than was asked for. */
	BAD("\7\0\0\1\0\0\0\2\0\0\0\7\0\0\1\0\0\0\2\0\0\0", 2027),
#undef BAD
};

Test(checkers_wire, answers_that_make_no_sense)
{
	struct taken taken;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		begin();
		cr_assert_eq(send(server, bad[i].bytes, bad[i].length, 0),
			     (ssize_t)bad[i].length);
		shutdown(server, SHUT_WR);
		cr_expect_eq(ask("Q", &taken), -1, "%zu", i);
		cr_expect_eq(wire.error, bad[i].error, "%zu: %u", i,
			     wire.error);
		cr_expect(wire.broken, "%zu", i);
		cr_expect_str_eq(taken.text, "", "%zu", i);
		mysql_wire_quit(&wire);
		close(wire.sock);
		close(server);
	}
}

Test(checkers_wire, a_server_that_is_gone, .init = begin)
{
	struct taken taken;

	close(server);
	cr_expect_eq(ask("Q", &taken), -1);
	cr_expect_eq(wire.error, 2006);
	cr_expect(wire.broken);
}

/* Where the library has its sockets there is none. */
#define NOWHERE 100

Test(checkers_watchdog, ends_the_wait_wherever_the_socket_is, .init = begin,
     .timeout = 60)
{
	int high = fcntl(wire.sock, F_DUPFD_CLOEXEC, 200);
	char byte;

	mysql_watchdog_mind(high);
	mysql_watchdog_start(NOWHERE, clock_now() + USEC_PER_SEC / 100);
	cr_expect_eq(recv(high, &byte, 1, 0), 0);
	cr_expect(mysql_watchdog_expired());
	cr_expect(mysql_watchdog_connected());
	mysql_watchdog_stop();
}

/* The timer of an earlier deadline rings, and nothing is shut down. */
Test(checkers_watchdog, deadlines_that_move_on, .init = begin)
{
	struct timespec pause = { .tv_nsec = 30 * 1000 * 1000 };
	int i;

	mysql_watchdog_mind(wire.sock);
	mysql_watchdog_start(NOWHERE, clock_now() + USEC_PER_SEC / 100);
	mysql_watchdog_stop();
	mysql_watchdog_start(NOWHERE, clock_now() + 3600 * USEC_PER_SEC);
	/* A signal cuts the pause short. */
	for (i = 0; i < 3; i++)
		nanosleep(&pause, NULL);
	cr_expect_not(mysql_watchdog_expired());
	cr_expect_eq(send(server, "x", 1, MSG_NOSIGNAL), 1);
	mysql_watchdog_stop();
}

Test(checkers_watchdog, a_deadline_before_the_last_one, .init = begin,
     .timeout = 60)
{
	char byte;

	mysql_watchdog_mind(wire.sock);
	mysql_watchdog_start(NOWHERE, clock_now() + 3600 * USEC_PER_SEC);
	mysql_watchdog_stop();
	mysql_watchdog_start(NOWHERE, clock_now() + USEC_PER_SEC / 100);
	cr_expect_eq(recv(wire.sock, &byte, 1, 0), 0);
	cr_expect(mysql_watchdog_expired());
	mysql_watchdog_stop();
}
