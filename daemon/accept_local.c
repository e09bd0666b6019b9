/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/accept_local.h"

#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/proc/sysctl.h"
#include "lib/log.h"
#include "lib/replace.h"
#include "lib/util.h"

/* An interface with accept_local, set by us; it was 0. */
struct accept_local_link {
	char name[IF_NAMESIZE];
	bool set;
	bool wanted;
	int told; /* -errno, as last logged */
};

struct accept_local {
	struct accept_local_link *links;
	size_t nr, room;
	char *file;
	int told; /* -errno of the file, as last logged */
};

void accept_local_free(struct accept_local *accept)
{
	if (!accept)
		return;
	free(accept->links);
	free(accept->file);
	free(accept);
}

static struct accept_local_link *accept_local_find(struct accept_local *accept,
						   const char *name)
{
	struct accept_local_link *link;
	size_t i;

	for (i = 0; i < accept->nr; i++)
		if (strcmp(accept->links[i].name, name) == 0)
			return &accept->links[i];
	accept->links = array_grow(accept->links, accept->nr, &accept->room,
				   sizeof(*accept->links));
	link = &accept->links[accept->nr++];
	memset(link, 0, sizeof(*link));
	snprintf(link->name, sizeof(link->name), "%s", name);
	return link;
}

/* As the kernel judges names; it would be a path below /proc/sys, too. */
static bool accept_local_is_name(const char *text)
{
	return *text && strlen(text) < IF_NAMESIZE && strcmp(text, ".") != 0 &&
	       strcmp(text, "..") != 0 && !strpbrk(text, "/: \t\r\v\f");
}

static int accept_local_load(struct accept_local *accept)
{
	FILE *file = fopen(accept->file, "re");
	char line[128];

	if (!file)
		return errno == ENOENT ? 0 : -errno;
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (accept_local_is_name(line))
			accept_local_find(accept, line)->set = true;
	}
	fclose(file);
	return 0;
}

struct accept_local *accept_local_new(const char *file)
{
	struct accept_local *accept = xcalloc(1, sizeof(*accept));
	int error;

	accept->file = xstrdup(file);
	error = accept_local_load(accept);
	if (error < 0)
		log_warning(
			"ipvs",
			"%s: %s; where an earlier daemon has set accept_local, it stays 1",
			file, strerror(-error));
	return accept;
}

static int accept_local_write(const struct accept_local *accept)
{
	char *text = NULL;
	size_t length = 0, i;
	FILE *file = open_memstream(&text, &length);
	int error;

	if (!file)
		return -errno;
	for (i = 0; i < accept->nr; i++)
		if (accept->links[i].set)
			fprintf(file, "%s\n", accept->links[i].name);
	error = fclose(file) != 0 ? -ENOMEM :
				    replace_file(accept->file, text, length);
	free(text);
	return error;
}

/* Before a setting is made and after it was put back: it is never forgotten. */
static void accept_local_save(struct accept_local *accept)
{
	int error = accept_local_write(accept);

	if (error < 0 && error != accept->told)
		log_warning(
			"ipvs",
			"%s: %s; after a restart accept_local would stay 1 where it is set",
			accept->file, strerror(-error));
	accept->told = error;
}

static void accept_local_note(struct accept_local *accept,
			      struct accept_local_link *link, bool set)
{
	if (link->set == set)
		return;
	link->set = set;
	accept_local_save(accept);
}

static const char *accept_local_path(const char *name, char *room, size_t size)
{
	snprintf(room, size, "net/ipv4/conf/%s/accept_local", name);
	return room;
}

/* The kernel goes by the interface's value or that of all. */
static int accept_local_read(const struct accept_local_link *link, bool *on)
{
	char path[64], value[16];
	int error;

	error = sysctl_read(accept_local_path("all", path, sizeof(path)), value,
			    sizeof(value));
	*on = error == 0 && strcmp(value, "0") != 0;
	if (error < 0 || *on)
		return error;
	error = sysctl_read(accept_local_path(link->name, path, sizeof(path)),
			    value, sizeof(value));
	*on = error == 0 && strcmp(value, "0") != 0;
	return error;
}

static void accept_local_set(struct accept_local *accept,
			     struct accept_local_link *link)
{
	char path[64];
	bool on;
	int error = accept_local_read(link, &on);

	if (error == 0 && !on) {
		accept_local_note(accept, link, true);
		error = sysctl_write(
			accept_local_path(link->name, path, sizeof(path)), "1");
		if (error < 0)
			accept_local_note(accept, link, false);
		else
			log_notice(
				"ipvs",
				"net.ipv4.conf.%s.accept_local is 1 now, was 0: probe_path client needs it, for servers that answer from the service address",
				link->name);
	}
	if (error < 0 && error != link->told)
		log_error(
			"ipvs",
			"probe_path client: net.ipv4.conf.%s.accept_local cannot be set to 1 (%s): while this host holds the service address, no answer to a probe comes in; set it with sysctl(8)",
			link->name, strerror(-error));
	link->told = error;
}

static void accept_local_restore(struct accept_local *accept,
				 struct accept_local_link *link)
{
	char path[64];
	int error;

	link->told = 0;
	if (!link->set)
		return;
	error = sysctl_write(accept_local_path(link->name, path, sizeof(path)),
			     "0");
	if (error == 0)
		log_notice(
			"ipvs",
			"net.ipv4.conf.%s.accept_local is 0 again: no check needs it any more",
			link->name);
	else if (error != -ENOENT)
		log_warning(
			"ipvs",
			"net.ipv4.conf.%s.accept_local cannot be set to 0 (%s), though no check needs it any more; set it with sysctl(8)",
			link->name, strerror(-error));
	accept_local_note(accept, link, false);
}

void accept_local_begin(struct accept_local *accept)
{
	size_t i;

	for (i = 0; i < accept->nr; i++)
		accept->links[i].wanted = false;
}

void accept_local_want(struct accept_local *accept, const char *link)
{
	accept_local_find(accept, link)->wanted = true;
}

void accept_local_settle(struct accept_local *accept)
{
	size_t i;

	for (i = 0; i < accept->nr; i++) {
		if (accept->links[i].wanted)
			accept_local_set(accept, &accept->links[i]);
		else
			accept_local_restore(accept, &accept->links[i]);
	}
}
