/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libipset, version 7 of its interface. A command is a bag of options and a
 * number; the bag is empty again afterwards. A command's messages are one text,
 * which stays until it is reset.
 *
 * Adding with a line number other than 0 collects members of one set into as few
 * messages as hold them, until another command comes.
 */
#include "daemon/netfilter/addrset.h"

#include <errno.h>
#include <libipset/data.h>
#include <libipset/session.h>
#include <libipset/types.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/util.h"

#define WHY_MAX 256
/* The kernel's default is 65536. */
#define MEMBERS_LEAST 65536u

struct addrset_kernel {
	struct ipset_session *session;
	char why[WHY_MAX];
	char spare[ADDRSET_NAME_MAX]; /* the set that is built and swapped in */
	/* The text of a listing. */
	char *text;
	size_t length, room;
};

__attribute__((format(printf, 3, 4))) static int
kernel_print(struct ipset_session *session, void *arg, const char *format, ...)
{
	struct addrset_kernel *kernel = arg;
	va_list args;
	int more;

	va_start(args, format);
	more = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (more < 0)
		return -1;
	while (kernel->length + (size_t)more + 1 > kernel->room)
		kernel->text = array_grow(kernel->text, kernel->room,
					  &kernel->room, 1);
	va_start(args, format);
	vsnprintf(kernel->text + kernel->length, (size_t)more + 1, format,
		  args);
	va_end(args);
	kernel->length += (size_t)more;
	return more;
}

int addrset_kernel_open(struct addrset_kernel **out)
{
	struct addrset_kernel *kernel = xcalloc(1, sizeof(*kernel));

	ipset_load_types();
	kernel->session = ipset_session_init(kernel_print, kernel);
	if (!kernel->session) {
		free(kernel);
		return -EPROTO;
	}
	ipset_session_output(kernel->session, IPSET_LIST_SAVE);
	snprintf(kernel->spare, sizeof(kernel->spare), "evenkeel-new-%d",
		 (int)getpid());
	*out = kernel;
	return 0;
}

void addrset_kernel_free(struct addrset_kernel *kernel)
{
	if (!kernel)
		return;
	ipset_session_fini(kernel->session);
	free(kernel->text);
	free(kernel);
}

const char *addrset_kernel_why(const struct addrset_kernel *kernel)
{
	return kernel->why;
}

/* Keep libipset's message, in one line, and reset it for the next command. */
static int kernel_failed(struct addrset_kernel *kernel)
{
	const char *text = ipset_session_report_msg(kernel->session);

	snprintf(kernel->why, sizeof(kernel->why), "%s",
		 text && *text ? text : "libipset gives no reason");
	kernel->why[strcspn(kernel->why, "\n")] = '\0';
	ipset_session_report_reset(kernel->session);
	return -EIO;
}

static void addrset_kernel_set_name(struct addrset_kernel *kernel,
				    const char *name)
{
	ipset_session_data_set(kernel->session, IPSET_SETNAME, name);
}

static int kernel_command(struct addrset_kernel *kernel, enum ipset_cmd cmd,
			  uint32_t line)
{
	if (ipset_cmd(kernel->session, cmd, line) == 0) {
		ipset_session_report_reset(kernel->session);
		return 0;
	}
	return kernel_failed(kernel);
}

static bool kernel_has(struct addrset_kernel *kernel, const char *name)
{
	addrset_kernel_set_name(kernel, name);
	return kernel_command(kernel, IPSET_CMD_HEADER, 0) == 0;
}

static int kernel_create(struct addrset_kernel *kernel, const char *name,
			 const struct addrset *set)
{
	uint8_t family = (uint8_t)set->family;
	uint32_t most = MEMBERS_LEAST;
	const struct ipset_type *type;

	while (most < set->nr)
		most *= 2;
	addrset_kernel_set_name(kernel, name);
	ipset_session_data_set(kernel->session, IPSET_OPT_TYPENAME,
			       set->ports ? "hash:ip,port" : "hash:ip");
	ipset_session_data_set(kernel->session, IPSET_OPT_FAMILY, &family);
	type = ipset_type_get(kernel->session, IPSET_CMD_CREATE);
	if (!type)
		return kernel_failed(kernel);
	ipset_session_data_set(kernel->session, IPSET_OPT_TYPE, type);
	ipset_session_data_set(kernel->session, IPSET_OPT_MAXELEM, &most);
	return kernel_command(kernel, IPSET_CMD_CREATE, 0);
}

static int kernel_add(struct addrset_kernel *kernel, const char *name,
		      const struct addrset *set,
		      const struct addrset_member *member, uint32_t line)
{
	uint8_t family = (uint8_t)set->family;
	uint8_t protocol = (uint8_t)member->protocol;

	addrset_kernel_set_name(kernel, name);
	if (!ipset_type_get(kernel->session, IPSET_CMD_ADD))
		return kernel_failed(kernel);
	ipset_session_data_set(kernel->session, IPSET_OPT_FAMILY, &family);
	ipset_session_data_set(kernel->session, IPSET_OPT_IP,
			       member->ep.addr.bytes);
	if (set->ports) {
		ipset_session_data_set(kernel->session, IPSET_OPT_PROTO,
				       &protocol);
		ipset_session_data_set(kernel->session, IPSET_OPT_PORT,
				       &member->ep.port);
	}
	return kernel_command(kernel, IPSET_CMD_ADD, line);
}

static int kernel_fill(struct addrset_kernel *kernel, const char *name,
		       const struct addrset *set)
{
	uint32_t line = 0;
	size_t i;
	int error;

	for (i = 0; i < set->nr; i++) {
		error = kernel_add(kernel, name, set, &set->members[i], ++line);
		if (error < 0)
			return error;
	}
	if (ipset_commit(kernel->session) != 0)
		return kernel_failed(kernel);
	return 0;
}

static int kernel_destroy(struct addrset_kernel *kernel, const char *name)
{
	addrset_kernel_set_name(kernel, name);
	return kernel_command(kernel, IPSET_CMD_DESTROY, 0);
}

static int kernel_swap(struct addrset_kernel *kernel, const char *name,
		       const char *other)
{
	addrset_kernel_set_name(kernel, name);
	ipset_session_data_set(kernel->session, IPSET_OPT_SETNAME2, other);
	return kernel_command(kernel, IPSET_CMD_SWAP, 0);
}

int addrset_kernel_write(struct addrset_kernel *kernel,
			 const struct addrset *wanted)
{
	char why[WHY_MAX];
	int error;

	if (kernel_has(kernel, kernel->spare))
		kernel_destroy(kernel, kernel->spare);
	error = kernel_create(kernel, kernel->spare, wanted);
	if (error < 0)
		return error;
	error = kernel_fill(kernel, kernel->spare, wanted);
	if (error == 0 && !kernel_has(kernel, wanted->name))
		error = kernel_create(kernel, wanted->name, wanted);
	if (error == 0)
		error = kernel_swap(kernel, kernel->spare, wanted->name);
	/* Keep the message of the first failure: the removal may fail too. */
	memcpy(why, kernel->why, sizeof(why));
	kernel_destroy(kernel, kernel->spare);
	memcpy(kernel->why, why, sizeof(why));
	return error;
}

/* "create NAME TYPE ..." and "add NAME MEMBER ..." */
static int kernel_take_line(struct addrset *set, const char *line, size_t len,
			    bool *kind_fits)
{
	const char *what = set->ports ? "hash:ip,port " : "hash:ip ";
	const char *family = set->family == AF_INET6 ? "family inet6 " :
						       "family inet ";
	size_t skip = strlen(set->name) + 1;
	const char *at, *end = line + len;

	if (len > 7 + skip && strncmp(line, "create ", 7) == 0) {
		at = line + 7 + skip;
		*kind_fits = strncmp(at, what, strlen(what)) == 0 &&
			     memmem(at, (size_t)(end - at), family,
				    strlen(family)) != NULL;
		return 0;
	}
	if (len <= 4 + skip || strncmp(line, "add ", 4) != 0)
		return 0;
	at = line + 4 + skip;
	return addrset_parse_member(set, at, strcspn(at, " \n"));
}

static int kernel_take_text(struct addrset *set, const char *text)
{
	bool kind_fits = false;
	int error = 0;

	while (*text && error == 0) {
		size_t len = strcspn(text, "\n");

		error = kernel_take_line(set, text, len, &kind_fits);
		text += len + (text[len] == '\n');
	}
	return error == 0 && kind_fits ? 0 : -EIO;
}

int addrset_kernel_read(struct addrset_kernel *kernel, struct addrset *set)
{
	int error;

	if (!kernel_has(kernel, set->name))
		return -ENOENT;
	addrset_clear(set);
	kernel->length = 0;
	addrset_kernel_set_name(kernel, set->name);
	error = kernel_command(kernel, IPSET_CMD_LIST, 0);
	if (error < 0)
		return error;
	error = kernel_take_text(set, kernel->length ? kernel->text : "");
	addrset_settle(set);
	if (error < 0)
		snprintf(kernel->why, sizeof(kernel->why),
			 "the set in the kernel is of another kind");
	return error;
}

int addrset_kernel_remove(struct addrset_kernel *kernel, const char *name)
{
	if (!kernel_has(kernel, name) || kernel_destroy(kernel, name) == 0)
		return 0;
	return strstr(kernel->why, "in use") ? -EBUSY : -EIO;
}

int addrset_kernel_flush(struct addrset_kernel *kernel, const char *name)
{
	if (!kernel_has(kernel, name))
		return 0;
	addrset_kernel_set_name(kernel, name);
	return kernel_command(kernel, IPSET_CMD_FLUSH, 0);
}
