/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages that wait for a child: in order, and never without a bound. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "daemon/proc/mailbox.h"

static const struct ipc_header header = { .type = IPC_PROBE_NOW,
					  .generation = 7 };

Test(mailbox, messages_keep_their_order_and_their_files)
{
	int fd = open("/dev/null", O_RDONLY);
	struct mailbox box;

	mailbox_init(&box);
	cr_assert_eq(mailbox_put(&box, &header, "one", 3, fd), 0);
	cr_assert_eq(mailbox_put(&box, &header, "three", 5, -1), 0);
	cr_assert_eq(mailbox_first(&box)->length, 3);
	cr_assert_eq(mailbox_first(&box)->header.generation, 7);
	cr_assert_neq(mailbox_first(&box)->fd, fd);
	cr_assert_eq(fcntl(mailbox_first(&box)->fd, F_GETFD), FD_CLOEXEC);
	mailbox_drop_first(&box);
	cr_assert_eq(mailbox_first(&box)->length, 5);
	mailbox_clear(&box);
	cr_assert(mailbox_is_empty(&box));
	cr_assert_eq(box.bytes, 0);
	cr_assert_eq(box.nr_fds, 0);
	close(fd);
}

Test(mailbox, bytes_have_a_bound)
{
	static char body[IPC_MESSAGE_MAX];
	struct mailbox box;
	size_t count = 0;
	int error;

	mailbox_init(&box);
	do
		error = mailbox_put(&box, &header, body, sizeof(body), -1);
	while (error == 0 && ++count < 1000000);
	cr_assert_eq(error, -ENOBUFS);
	cr_assert_leq(box.bytes, MAILBOX_BYTES);
	cr_assert_gt(box.bytes + 2 * sizeof(body), MAILBOX_BYTES);
	mailbox_drop_first(&box);
	cr_assert_eq(mailbox_put(&box, &header, body, sizeof(body), -1), 0);
	mailbox_clear(&box);
}

Test(mailbox, small_messages_count_with_their_heads)
{
	struct mailbox box;
	size_t count = 0;

	mailbox_init(&box);
	while (count < 10000000 && mailbox_put(&box, &header, NULL, 0, -1) == 0)
		count++;
	cr_assert_lt(count, MAILBOX_BYTES / sizeof(struct mailbox_letter) + 1);
	mailbox_clear(&box);
}

Test(mailbox, files_have_a_bound)
{
	int fd = open("/dev/null", O_RDONLY), i;
	struct mailbox box;

	mailbox_init(&box);
	for (i = 0; i < MAILBOX_FDS; i++)
		cr_assert_eq(mailbox_put(&box, &header, NULL, 0, fd), 0);
	cr_assert_eq(mailbox_put(&box, &header, NULL, 0, fd), -ENOBUFS);
	cr_assert_eq(mailbox_put(&box, &header, NULL, 0, -1), 0);
	mailbox_clear(&box);
	close(fd);
}
