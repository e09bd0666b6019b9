/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/proc/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/util.h"

static int secret_file_check(int fd, const char *path, bool private)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode)) {
		log_error("conf", "%s is not a regular file", path);
		return -EINVAL;
	}
	if (!private)
		return 0;
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

static int secret_file_open(const char *path, bool private, char *out,
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
	error = secret_file_check(fd, path, private);
	if (error == 0) {
		got = read(fd, out, size);
		error = got < 0 ? -errno : (int)got;
	}
	close(fd);
	return error;
}

bool secret_file_look(const char *path, bool read_it)
{
	char page[4096];
	struct stat st;
	int fd;

	if (!path || !read_it)
		return path;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return true;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		while (read(fd, page, sizeof(page)) > 0)
			;
	close(fd);
	explicit_bzero(page, sizeof(page));
	return true;
}

bool secret_file_look_checker(const struct conf *conf, bool read_them)
{
	const char *path, *last = NULL, *last_trust = NULL;
	bool any = false;
	uint32_t i;

	/* Thousands of checks in a row mostly share one. */
	for (i = 0; i < conf->nr_checks; i++) {
		path = conf->checks[i].traits.secret_file;
		if (path && !str_equal(path, last)) {
			any |= secret_file_look(path, read_them);
			last = path;
		}
		path = conf->checks[i].traits.trust_file;
		if (path && !str_equal(path, last_trust)) {
			any |= secret_file_look(path, read_them);
			last_trust = path;
		}
	}
	any |= secret_file_look(conf->global.ssl.ca, read_them);
	any |= secret_file_look(conf->global.ssl.certificate, read_them);
	any |= secret_file_look(conf->global.ssl.key, read_them);
	return any;
}

bool secret_file_look_peer(const struct conf *conf, bool read_them)
{
	bool any = false;
	uint32_t i;

	for (i = 0; i < conf->global.nr_operator_peers; i++)
		any |= secret_file_look(conf->global.operator_peers[i].key_file,
					read_them);
	return any;
}

bool secret_file_look_vrrp(const struct vrrp_conf *conf, bool read_them)
{
	const struct vrrp_conf_hmac *hmac;
	bool any = false;
	uint32_t i, k;

	for (i = 0; i < conf->nr_instances; i++) {
		hmac = &conf->instances[i].hmac;
		for (k = 0; k < hmac->nr_keys; k++)
			any |= secret_file_look(hmac->keys[k].file, read_them);
	}
	return any;
}

int secret_file_read_all(const char *path, bool private, char *out, size_t size)
{
	char *text = xcalloc(1, size + 1);
	int got = secret_file_open(path, private, text, size + 1);

	if (got == 0 || got > (int)size) {
		log_error("conf", "%s is %s", path,
			  got ? "too large for a key or a certificate" :
				"empty");
		got = got ? -EFBIG : -ENODATA;
	}
	if (got > 0)
		memcpy(out, text, (size_t)got);
	explicit_bzero(text, size + 1);
	free(text);
	return got;
}

int secret_file_read(const struct conf *conf, uint32_t check,
		     struct ipc_secret *secret)
{
	const char *path = conf->checks[check].traits.secret_file;
	char line[sizeof(secret->text) + 1];
	size_t len;
	int got;

	if (!path)
		return -ENOENT;
	memset(line, 0, sizeof(line));
	got = secret_file_open(path, true, line, sizeof(line));
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
	secret->last = check;
	secret->length = (uint32_t)len;
	memcpy(secret->text, line, len);
	explicit_bzero(line, sizeof(line));
	return 0;
}

int secret_file_read_key(const char *path, uint8_t *out, size_t size)
{
	char line[256];
	size_t length;
	int got;

	memset(line, 0, sizeof(line));
	got = secret_file_open(path, true, line, sizeof(line) - 1);
	if (got < 0)
		return got;
	length = strcspn(line, "\r\n");
	if (length > size)
		length = size;
	memcpy(out, line, length);
	explicit_bzero(line, sizeof(line));
	return (int)length;
}

void secret_file_read_vrrp_key(const struct vrrp_conf_key *conf,
			       struct ipc_vrrp_key *key)
{
	struct vrrp_conf_key made = { 0 };
	const char *wrong = NULL;
	uint8_t line[256];
	int got = secret_file_read_key(conf->file, line, sizeof(line));

	memset(key, 0, sizeof(*key));
	key->id = conf->id;
	if (got >= 0)
		wrong = vrrp_conf_key_read(&made, (const char *)line,
					   (size_t)got);
	if (wrong)
		log_error("conf", "key %u of auth_hmac, in %s, %s", conf->id,
			  conf->file, wrong);
	memcpy(key->data, made.data, made.length);
	key->length = made.length;
	explicit_bzero(line, sizeof(line));
	explicit_bzero(&made, sizeof(made));
}
