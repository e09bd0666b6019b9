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
#include "conf/vrrp_conf.h"
#include "lib/util.h"

/* Nobody can shorten or write a text with these; main sets one more. */
#define SEALED_SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

/* Returns the descriptor or -errno. */
static int sealed_memfd(const char *text, size_t length)
{
	int fd = memfd_create("evenkeel.conf", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int error;

	if (fd < 0)
		return -errno;
	error = write_whole(fd, text, length);
	if (error == 0 &&
	    fcntl(fd, F_ADD_SEALS, SEALED_SEALS | F_SEAL_SEAL) < 0)
		error = -errno;
	if (error < 0) {
		close(fd);
		return error;
	}
	return fd;
}

/* The words of one part that are nothing for the process of the other. */
static const char *const sealed_blanked[CONF_PARTS] = {
	[CONF_PART_CHECKS] = "auth_pass",
	[CONF_PART_VRRP] = "password",
};

/* Seal a copy without the secrets of the part beside PART: the descriptor or -errno. */
static int sealed_memfd_without(const char *text, size_t length,
				enum conf_part part)
{
	char *copy = xcalloc(1, length + 1);
	int fd;

	memcpy(copy, text, length);
	blank_values(copy, length, sealed_blanked[part]);
	if (part == CONF_PART_CHECKS)
		blank_keys(copy, length, "key"); /* of auth_hmac */
	fd = sealed_memfd(copy, length);
	explicit_bzero(copy, length);
	free(copy);
	return fd;
}

static bool sealed_same_part(const struct conf *a, const struct conf *b,
			     enum conf_part part)
{
	switch (part) {
	case CONF_PART_CHECKS:
		return conf_checks_equal(a, b);
	case CONF_PART_VRRP:
		return vrrp_conf_equal(a->vrrp, b->vrrp);
	case CONF_PARTS:
		break;
	}
	return false;
}

static void sealed_message(struct ipc_conf *message,
			   const struct config_text *text)
{
	message->length = (uint32_t)text->length;
	message->compat = text->options->compat;
	snprintf(message->config_id, sizeof(message->config_id), "%s",
		 text->options->config_id ? text->options->config_id : "");
}

/* Fill PART of MADE; it has no memfd after an error, which is returned. */
static int sealed_part(struct config *made, enum conf_part part,
		       const struct config_text *text,
		       const struct config *before)
{
	struct config_part *new = &made->parts[part];
	int fd;

	if (before && sealed_same_part(before->conf, made->conf, part)) {
		*new = before->parts[part];
		fd = fcntl(new->memfd, F_DUPFD_CLOEXEC, 0);
		if (fd < 0)
			fd = -errno;
	} else {
		sealed_message(&new->message, text);
		new->since = made->generation;
		fd = sealed_memfd_without(text->text, text->length, part);
	}
	new->memfd = fd;
	return fd < 0 ? fd : 0;
}

int config_new(struct conf *conf, const struct config_text *text,
	       uint32_t generation, const struct config *before,
	       struct config **config)
{
	struct config *made = xcalloc(1, sizeof(*made));
	enum conf_part part;
	int error = 0;

	made->conf = conf;
	made->generation = generation;
	for (part = 0; part < CONF_PARTS; part++)
		made->parts[part].memfd = -1;
	for (part = 0; part < CONF_PARTS && error == 0; part++)
		error = sealed_part(made, part, text, before);
	if (error < 0) {
		made->conf = NULL;
		config_free(made);
		return error;
	}
	*config = made;
	return 0;
}

void config_free(struct config *config)
{
	enum conf_part part;

	if (!config)
		return;
	conf_free(config->conf);
	for (part = 0; part < CONF_PARTS; part++)
		if (config->parts[part].memfd >= 0)
			close(config->parts[part].memfd);
	free(config);
}

bool config_keeps(const struct config *before, const struct config *config,
		  enum conf_part part)
{
	return before && before->parts[part].since == config->parts[part].since;
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
