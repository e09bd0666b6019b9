/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/blank.h"
#include "conf/lang/parse.h"
#include "lib/util.h"

/* Nobody can shorten or write a text with these; main sets one more. */
#define SEALED_SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static int sealed_write(int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t wrote = write(fd, text, length);

		if (wrote < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		text += wrote;
		length -= (size_t)wrote;
	}
	return 0;
}

/* Returns the descriptor or -errno. */
static int sealed_memfd(const char *text, size_t length)
{
	int fd = memfd_create("evenkeel.conf", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int error;

	if (fd < 0)
		return -errno;
	error = sealed_write(fd, text, length);
	if (error == 0 &&
	    fcntl(fd, F_ADD_SEALS, SEALED_SEALS | F_SEAL_SEAL) < 0)
		error = -errno;
	if (error < 0) {
		close(fd);
		return error;
	}
	return fd;
}

/* Seal a copy with the values of KEYWORD blanked: the descriptor or -errno. */
static int sealed_memfd_without(const char *text, size_t length,
				const char *keyword)
{
	char *copy = xcalloc(1, length + 1);
	int fd;

	memcpy(copy, text, length);
	blank_values(copy, length, keyword);
	fd = sealed_memfd(copy, length);
	explicit_bzero(copy, length);
	free(copy);
	return fd;
}

int config_new(struct conf *conf, const char *text, size_t length,
	       const struct conf_options *options, uint32_t generation,
	       struct config **config)
{
	struct config *made = xcalloc(1, sizeof(*made));
	int error = 0;

	made->generation = generation;
	made->message.length = (uint32_t)length;
	made->message.compat = options->compat;
	snprintf(made->message.config_id, sizeof(made->message.config_id), "%s",
		 options->config_id ? options->config_id : "");
	made->checks_memfd = sealed_memfd_without(text, length, "auth_pass");
	made->vrrp_memfd = sealed_memfd_without(text, length, "password");
	if (made->checks_memfd < 0)
		error = made->checks_memfd;
	else if (made->vrrp_memfd < 0)
		error = made->vrrp_memfd;
	if (error < 0) {
		config_free(made);
		return error;
	}
	made->conf = conf;
	*config = made;
	return 0;
}

void config_free(struct config *config)
{
	if (!config)
		return;
	conf_free(config->conf);
	if (config->checks_memfd >= 0)
		close(config->checks_memfd);
	if (config->vrrp_memfd >= 0)
		close(config->vrrp_memfd);
	free(config);
}

/* Whether FD is a text of LENGTH bytes that nobody can change any more. */
static int sealed_check(int fd, size_t length)
{
	struct stat st;
	int seals;

	if (length > CONF_TEXT_MAX)
		return -E2BIG;
	if (fd < 0 || length == 0)
		return -EBADMSG;
	seals = fcntl(fd, F_GET_SEALS);
	if (seals < 0 || (seals & SEALED_SEALS) != SEALED_SEALS)
		return -EBADMSG;
	if (fstat(fd, &st) < 0)
		return -errno;
	return st.st_size == (off_t)length ? 0 : -EBADMSG;
}

static int sealed_parse(int fd, size_t length,
			const struct conf_options *options, struct conf **conf)
{
	struct conf_report report = { .say = NULL }; /* main has complained */
	char *text;
	int error;

	/* The seals keep the file as long as the mapping. */
	text = mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, 0);
	if (text == MAP_FAILED)
		return -errno;
	error = conf_parse(text, length, options, conf, &report);
	munmap(text, length);
	return error;
}

int conf_from_message(const struct ipc_message *msg, enum conf_part part,
		      struct conf **conf)
{
	const struct ipc_conf *head = (const void *)msg->body;
	struct conf_options options = {
		.checks_only = part == CONF_PART_CHECKS,
		.vrrp_only = part == CONF_PART_VRRP,
	};
	char config_id[sizeof(head->config_id)];
	int error;

	*conf = NULL;
	if (msg->header.type != IPC_CONF || msg->length != sizeof(*head) ||
	    head->compat > 1)
		return -EBADMSG;
	error = sealed_check(msg->fd, head->length);
	if (error < 0)
		return error;
	text_copy_printable(config_id, sizeof(config_id), head->config_id,
			    sizeof(head->config_id));
	if (config_id[0])
		options.config_id = config_id;
	options.compat = head->compat == 1;
	return sealed_parse(msg->fd, head->length, &options, conf);
}
