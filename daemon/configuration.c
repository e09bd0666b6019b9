/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/configuration.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/blank.h"
#include "daemon/options.h"
#include "daemon/outside_names.h"
#include "daemon/proc/owners.h"
#include "lib/log.h"

static int configuration_config_write(int fd, const char *text, size_t length)
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
static int configuration_config_seal(const char *text, size_t length)
{
	int fd = memfd_create("evenkeel.conf", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int error;

	if (fd < 0)
		return -errno;
	error = configuration_config_write(fd, text, length);
	if (error == 0 &&
	    fcntl(fd, F_ADD_SEALS,
		  F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
		error = -errno;
	if (error < 0) {
		close(fd);
		return error;
	}
	return fd;
}

/* Seal a copy with the values of KEYWORD blanked: the descriptor or -errno. */
static int configuration_config_seal_without(const char *text, size_t length,
					     const char *keyword)
{
	char *copy = xcalloc(1, length + 1);
	int fd;

	memcpy(copy, text, length);
	blank_values(copy, length, keyword);
	fd = configuration_config_seal(copy, length);
	explicit_bzero(copy, length);
	free(copy);
	return fd;
}

/* Returns 0 or -errno. */
static int configuration_config_seal_all(struct config *config,
					 const char *text, size_t length)
{
	int checks =
		configuration_config_seal_without(text, length, "auth_pass");
	int vrrp = configuration_config_seal_without(text, length, "password");

	if (checks >= 0 && vrrp >= 0) {
		config->checks_memfd = checks;
		config->vrrp_memfd = vrrp;
		return 0;
	}
	if (checks >= 0)
		close(checks);
	if (vrrp >= 0)
		close(vrrp);
	return checks < 0 ? checks : vrrp;
}

static struct config *configuration_config_new(struct conf *conf, size_t length,
					       const struct options *options,
					       uint32_t generation)
{
	struct config *config = xcalloc(1, sizeof(*config));

	config->conf = conf;
	config->checks_memfd = -1;
	config->vrrp_memfd = -1;
	config->generation = generation;
	config->message.length = (uint32_t)length;
	config->message.compat = options->compat;
	snprintf(config->message.config_id, sizeof(config->message.config_id),
		 "%s", options->config_id ? options->config_id : "");
	return config;
}

int config_load(const struct options *options, uint32_t generation,
		void (*say)(struct conf_report *, const struct conf_message *),
		struct config **config, int *status)
{
	struct conf_options how = { .config_id = options->config_id,
				    .compat = options->compat };
	struct conf_report report = { .say = say };
	struct conf *conf = NULL;
	char *text = NULL;
	size_t length = 0;
	int error;

	error = conf_read(options_config_file(options), &how, &text, &length,
			  &report);
	if (error == 0)
		error = conf_parse(text, length, &how, &conf, &report);
	if (error == 0) {
		outside_check(conf, &report);
		error = owners_check(conf, &report);
	}
	*status = conf_exit_status(error, &report);
	if (error < 0) {
		conf_free(conf);
		goto out;
	}
	*config = configuration_config_new(conf, length, options, generation);
	error = configuration_config_seal_all(*config, text, length);
	if (error < 0) {
		log_error("conf",
			  "cannot keep the configuration's text in memory: %s",
			  strerror(-error));
		config_free(*config);
		*config = NULL;
	}
out:
	if (text)
		explicit_bzero(text, length); /* it may hold passwords */
	free(text);
	return error;
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

static int configuration_config_secret_check(int fd, const char *path)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode)) {
		log_error("conf", "%s is not a regular file", path);
		return -EINVAL;
	}
	if (st.st_mode & (S_IRWXO | S_IWGRP)) {
		log_error("conf",
			  "%s can be read or written by others; "
			  "'chmod 600 %s' mends it",
			  path, path);
		return -EACCES;
	}
	if (st.st_uid != 0 && st.st_uid != geteuid()) {
		log_error("conf",
			  "%s belongs to user %u, who can read and change it; "
			  "'chown root %s' mends it",
			  path, (unsigned)st.st_uid, path);
		return -EACCES;
	}
	return 0;
}

static int configuration_config_secret_read(const char *path, char *out,
					    size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t got;
	int error;

	if (fd < 0) {
		error = -errno;
		log_error("conf", "%s: %s", path, strerror(-error));
		return error;
	}
	error = configuration_config_secret_check(fd, path);
	if (error == 0) {
		got = read(fd, out, size);
		error = got < 0 ? -errno : (int)got;
	}
	close(fd);
	return error;
}

int config_read_secret(const struct conf *conf, uint32_t check,
		       struct ipc_secret *secret)
{
	const struct conf_check *cc = &conf->checks[check];
	char line[sizeof(secret->text) + 1];
	const char *path;
	size_t len;
	int got;

	if (cc->kind != CHECK_MYSQL || !cc->mysql->password_file)
		return -ENOENT;
	path = cc->mysql->password_file;
	memset(line, 0, sizeof(line));
	got = configuration_config_secret_read(path, line, sizeof(line));
	if (got < 0)
		return got;
	len = strcspn(line, "\r\n");
	if (len >= sizeof(secret->text)) {
		log_error(
			"conf",
			"password_file %s: the first line is longer than %zu bytes",
			path, sizeof(secret->text) - 1);
		explicit_bzero(line, sizeof(line));
		return -E2BIG;
	}
	memset(secret, 0, sizeof(*secret));
	secret->check = check;
	secret->length = (uint32_t)len;
	memcpy(secret->text, line, len);
	explicit_bzero(line, sizeof(line));
	return 0;
}

int config_read_key(const char *path, uint8_t *out, size_t size)
{
	char line[256];
	size_t length;
	int got;

	memset(line, 0, sizeof(line));
	got = configuration_config_secret_read(path, line, sizeof(line) - 1);
	if (got < 0)
		return got;
	length = strcspn(line, "\r\n");
	if (length > size)
		length = size;
	memcpy(out, line, length);
	explicit_bzero(line, sizeof(line));
	return (int)length;
}
