/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checker_conf.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void checker_conf_message(struct ipc_message *msg, uint32_t generation,
			  const char *text)
{
	struct ipc_conf *head = (void *)msg->body;
	size_t length = strlen(text);

	memset(msg, 0, sizeof(*msg));
	msg->header = (struct ipc_header){ IPC_CONF, generation };
	msg->length = sizeof(*head);
	head->length = (uint32_t)length;
	msg->fd = memfd_create("conf", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	cr_assert_eq(write(msg->fd, text, length), (ssize_t)length);
	cr_assert_eq(fcntl(msg->fd, F_ADD_SEALS,
			   F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE),
		     0);
}
