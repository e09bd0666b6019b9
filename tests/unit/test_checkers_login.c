/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a server's greeting says, and what it may be told then. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "checkers/mysql/mysql_login.h"
#include "lib/mysql_greeting.h"

/* A greeting as MariaDB and MySQL send it. Returns its size. */
static size_t greeting_make(char *out, bool tls, const char *method)
{
	static const char head[] = "\x0a"
				   "8.4.3\0"
				   "\x07\0\0\0"
				   "12345678\0";
	static const char rest[] = "\x2d\x02\0\x0a\0\x15"
				   "\0\0\0\0\0\0\0\0\0\0"
				   "abcdefghijkl";
	size_t size = 4;

	memcpy(out + size, head, sizeof(head) - 1);
	size += sizeof(head) - 1;
	out[size++] = '\x0f';
	out[size++] = (char)(0x82 | (tls ? 8 : 0));
	memcpy(out + size, rest, sizeof(rest));
	size += sizeof(rest);
	size += (size_t)snprintf(out + size, 64, "%s", method) + 1;
	memset(out, 0, 4);
	out[0] = (char)(size - 4);
	return size;
}

Test(checkers_login, a_greeting_is_read_whole_or_not_at_all)
{
	struct mysql_greeting greeting;
	char bytes[256];
	size_t size = greeting_make(bytes, true, "caching_sha2_password");
	size_t i;

	for (i = 0; i < size; i++)
		cr_expect_eq(mysql_greeting_read(bytes, i, &greeting),
			     MYSQL_GREETING_SHORT);
	cr_expect_not(greeting.tls);
	cr_expect_eq(mysql_greeting_read(bytes, size, &greeting),
		     MYSQL_GREETING_WHOLE);
	cr_expect(greeting.tls);
	cr_expect_str_eq(greeting.method, "caching_sha2_password");
	size = greeting_make(bytes, false, "");
	cr_expect_eq(mysql_greeting_read(bytes, size, &greeting),
		     MYSQL_GREETING_WHOLE);
	cr_expect_not(greeting.tls);
	cr_expect_str_eq(greeting.method, "");
}

Test(checkers_login, what_is_none_is_not_taken_for_one)
{
	struct mysql_greeting greeting;
	char bytes[256];
	size_t size;

	cr_expect_eq(mysql_greeting_read("\x05\0\0\0\xff\x10\x04no", 9,
					 &greeting),
		     MYSQL_GREETING_NONE);
	cr_expect_eq(mysql_greeting_read("HTTP/1.1 400", 12, &greeting),
		     MYSQL_GREETING_NONE);
	/* A version without an end, and a greeting that ends after it. */
	cr_expect_eq(mysql_greeting_read("\x04\0\0\0\x0a"
					 "8.4",
					 8, &greeting),
		     MYSQL_GREETING_ODD);
	cr_expect_eq(mysql_greeting_read("\x05\0\0\0\x0a"
					 "8.4",
					 9, &greeting),
		     MYSQL_GREETING_ODD);
	cr_expect_eq(mysql_greeting_read("\x01\0\0\0\x0a", 5, &greeting),
		     MYSQL_GREETING_ODD);
	/* Cut short anywhere, but told to be whole: no byte beyond is read. */
	size = greeting_make(bytes, true, "mysql_native_password");
	for (; size > 5; size--) {
		char *exact = malloc(size);

		cr_assert_not_null(exact);
		memcpy(exact, bytes, size);
		exact[0] = (char)(size - 4);
		mysql_greeting_read(exact, size, &greeting);
		cr_expect_lt(strlen(greeting.method), sizeof(greeting.method));
		free(exact);
	}
}

Test(checkers_login, the_way_follows_from_the_file_and_the_greeting)
{
	static const struct {
		enum mysql_tls tls;
		enum mysql_way without, without_key, with;
	} cases[] = {
		{ MYSQL_TLS_OFF, MYSQL_WAY_KEY, MYSQL_WAY_PLAIN,
		  MYSQL_WAY_PLAIN },
		{ MYSQL_TLS_PREFERRED, MYSQL_WAY_KEY, MYSQL_WAY_PLAIN,
		  MYSQL_WAY_TLS },
		{ MYSQL_TLS_REQUIRED, MYSQL_WAY_REFUSED, MYSQL_WAY_REFUSED,
		  MYSQL_WAY_TLS },
		{ MYSQL_TLS_VERIFY_CA, MYSQL_WAY_REFUSED, MYSQL_WAY_REFUSED,
		  MYSQL_WAY_TLS },
		{ MYSQL_TLS_VERIFY_IDENTITY, MYSQL_WAY_REFUSED,
		  MYSQL_WAY_REFUSED, MYSQL_WAY_TLS },
	};
	const struct mysql_greeting no = { .tls = false },
				    yes = { .tls = true };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_expect_eq(mysql_way_choose(cases[i].tls, true, &no),
			     cases[i].without);
		cr_expect_eq(mysql_way_choose(cases[i].tls, false, &no),
			     cases[i].without_key);
		cr_expect_eq(mysql_way_choose(cases[i].tls, false, &yes),
			     cases[i].with);
	}
}

Test(checkers_login, methods_are_whole_names)
{
	static const char *const never[] = { "",
					     ",",
					     "password",
					     "mysql_native_passwor",
					     "mysql_native_password,",
					     "mysql_clear_password",
					     "sha256_password",
					     "dialog" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(never); i++)
		cr_expect_not(mysql_way_allows(MYSQL_WAY_TLS, never[i]));
	cr_expect(mysql_way_allows(MYSQL_WAY_PLAIN, "mysql_native_password"));
	cr_expect(mysql_way_allows(MYSQL_WAY_PLAIN, "parsec"));
	cr_expect_not(
		mysql_way_allows(MYSQL_WAY_PLAIN, "caching_sha2_password"));
	cr_expect(mysql_way_allows(MYSQL_WAY_KEY, "caching_sha2_password"));
	cr_expect(mysql_way_allows(MYSQL_WAY_TLS, "caching_sha2_password"));
}

/* What one end says, as the other sees it first. */
static enum mysql_way look_at(const void *bytes, size_t size,
			      struct mysql_login *login)
{
	struct mysql_request request = { .tls = MYSQL_TLS_REQUIRED };
	struct mysql_greeting greeting;
	enum mysql_way way;
	char back[256];
	int ends[2], i;

	for (i = 0; i < MYSQL_STRINGS; i++)
		request.strings[i] = MYSQL_NO_STRING;
	*login = (struct mysql_login){ .request = &request };
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	cr_assert_eq(write(ends[1], bytes, size), (ssize_t)size);
	shutdown(ends[1], SHUT_WR);
	way = mysql_login_look(ends[0], login, &greeting);
	cr_expect_eq(read(ends[0], back, sizeof(back)),
		     (ssize_t)(size < sizeof(back) ? size : sizeof(back)),
		     "nothing was taken away");
	close(ends[0]);
	close(ends[1]);
	return way;
}

Test(checkers_login, a_look_takes_nothing_away)
{
	static const uint8_t odd[] = { 0xff, 0xff, 0xff, 0, 0x0a };
	char bytes[2048] = { 0 };
	struct mysql_login login;
	size_t size = greeting_make(bytes, true, "parsec");

	cr_expect_eq(look_at(bytes, size, &login), MYSQL_WAY_TLS);
	cr_expect_null(login.refused);
	size = greeting_make(bytes, false, "parsec");
	cr_expect_eq(look_at(bytes, size, &login), MYSQL_WAY_REFUSED);
	cr_expect_eq(login.outcome, PROBE_MISCONFIGURED);
	/* It ends in the middle: the library will find that. */
	cr_expect_eq(look_at(bytes, 20, &login), MYSQL_WAY_PLAIN);
	cr_expect_null(login.refused);
	memcpy(bytes, odd, sizeof(odd));
	cr_expect_eq(look_at(bytes, sizeof(bytes), &login), MYSQL_WAY_REFUSED);
	cr_expect_eq(login.outcome, PROBE_GARBAGE);
}
