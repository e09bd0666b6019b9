/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of the block SSL, as they come to the checker. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "checkers/tls_identity.h"

static struct ipc_message message(const char *text,
				  const struct ipc_identity *head)
{
	struct ipc_message msg = { .header.type = IPC_IDENTITY,
				   .length = sizeof(*head),
				   .fd = -1 };

	memcpy(msg.body, head, sizeof(*head));
	if (!text)
		return msg;
	msg.fd = memfd_create("identity", MFD_CLOEXEC);
	cr_assert_geq(msg.fd, 0);
	cr_assert_eq(write(msg.fd, text, strlen(text)), (ssize_t)strlen(text));
	return msg;
}

Test(identity, parts)
{
	static const struct ipc_identity head = { .lengths = { 0, 4, 3 } };
	struct ipc_message msg = message("CERTKEY", &head);
	struct checker_identity *identity = tls_identity_take(&msg);

	close(msg.fd);
	cr_assert_eq(identity->error, 0);
	cr_assert_eq(identity->lengths[IPC_IDENTITY_CA], 0);
	cr_assert_eq(identity->lengths[IPC_IDENTITY_CERTIFICATE], 4);
	cr_assert_arr_eq(identity->parts[IPC_IDENTITY_CERTIFICATE], "CERT", 4);
	cr_assert_arr_eq(identity->parts[IPC_IDENTITY_KEY], "KEY", 3);
	/* A second user has it still. */
	cr_assert_eq(tls_identity_hold(identity), identity);
	tls_identity_leave(identity);
	cr_assert_arr_eq(identity->parts[IPC_IDENTITY_KEY], "KEY", 3);
	tls_identity_leave(identity);
	tls_identity_leave(NULL);
}

Test(identity, what_is_not_what_it_says)
{
	static const struct {
		struct ipc_identity head;
		const char *text;
		int error;
	} rows[] = {
		{ { .lengths = { 1, 4, 3 } }, "CERTKEY", EBADMSG },
		{ { .lengths = { 0, 0, 0 } }, "CERTKEY", EBADMSG },
		{ { .lengths = { 0, 4, 3 } }, NULL, EBADMSG },
		{ { .lengths = { 0, IPC_IDENTITY_MAX + 1, 3 } },
		  "CERTKEY",
		  EBADMSG },
		{ { .lengths = { UINT32_MAX, UINT32_MAX, 9 } }, "x", EBADMSG },
		{ { .error = EACCES }, NULL, EACCES },
		{ { .lengths = { 0, 4, 3 }, .error = EACCES },
		  "CERTKEY",
		  EACCES },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ipc_message msg = message(rows[i].text, &rows[i].head);
		struct checker_identity *identity = tls_identity_take(&msg);

		if (msg.fd >= 0)
			close(msg.fd);
		cr_expect_eq(identity->error, rows[i].error, "row %zu", i);
		cr_expect_eq(identity->length, 0, "row %zu", i);
		tls_identity_leave(identity);
	}
}

static void take_trust(struct tls_trusts *trusts, uint32_t check,
		       const char *text)
{
	const struct ipc_identity head = { .lengths = {
						   (uint32_t)strlen(text) } };
	struct ipc_message msg = message(text, &head);
	struct ipc_trust *trust = (void *)msg.body;

	trust->check = check;
	tls_trusts_take(trusts, &msg);
	close(msg.fd);
}

Test(identity, authorities_by_their_names)
{
	struct conf_check checks[] = { { .traits.trust_file = "/a" },
				       { .traits.trust_file = NULL },
				       { .traits.trust_file = "/b" } };
	const struct conf conf = { .checks = checks, .nr_checks = 3 };
	struct tls_trusts trusts = { 0 };
	struct checker_identity *held;

	take_trust(&trusts, 2, "of b");
	take_trust(&trusts, 0, "of a");
	take_trust(&trusts, 1, "of nobody");
	take_trust(&trusts, 99, "of no check");
	cr_assert_null(tls_trusts_find(&trusts, "/a"));
	tls_trusts_name(&trusts, &conf);
	held = tls_identity_hold(tls_trusts_find(&trusts, "/b"));
	cr_assert_arr_eq(held->parts[IPC_IDENTITY_CA], "of b", 4);
	cr_assert_arr_eq(tls_trusts_find(&trusts, "/a")->parts[IPC_IDENTITY_CA],
			 "of a", 4);
	cr_assert_null(tls_trusts_find(&trusts, "/c"));
	tls_trusts_clear(&trusts);
	cr_assert_null(tls_trusts_find(&trusts, "/b"));
	cr_assert_arr_eq(held->parts[IPC_IDENTITY_CA], "of b", 4);
	tls_identity_leave(held);
}
