/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The operator's drain of this balancer, and that arp_ignore was set by us, each as
 * an empty file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/announcer_internal.h"
#include "lib/log.h"

/* The file beside the state file of CONF, which a reload may move. */
static void announcer_use_file(struct announcer *announcer,
			       const struct conf *conf)
{
	const char *path = conf->global.state_file;

	snprintf(announcer->drain_file, sizeof(announcer->drain_file),
		 "%s.drained", path ? path : announcer->state_file);
}

/* The empty file PATH is there, or it is not. */
static int announcer_file_set(const char *path, bool there)
{
	int fd;

	if (!there)
		return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

int announcer_keep(const struct announcer *announcer)
{
	return announcer_file_set(announcer->drain_file, announcer->drained);
}

bool announcer_has_arp(const struct announcer *announcer)
{
	return access(announcer->arp_file, F_OK) == 0;
}

void announcer_note_arp(const struct announcer *announcer, bool set)
{
	int error = announcer_file_set(announcer->arp_file, set);

	if (error < 0)
		log_warning("announce",
			    "%s: %s; it says whether arp_ignore was set here, "
			    "and is to be 0 again without an announce_group",
			    announcer->arp_file, strerror(-error));
}

void announcer_recall(struct announcer *announcer)
{
	announcer->drained = access(announcer->drain_file, F_OK) == 0;
	if (announcer->drained && announcer->nr_groups)
		log_notice(
			"announce",
			"this balancer is drained, as the operator said "
			"before the start; 'evenkeel ready --director' takes "
			"it back");
}

/* The drain goes on in another file, and ends in the one before. */
void announcer_move_file(struct announcer *announcer, const struct conf *conf)
{
	char before[sizeof(announcer->drain_file)];
	int error;

	snprintf(before, sizeof(before), "%s", announcer->drain_file);
	announcer_use_file(announcer, conf);
	if (!announcer->drained || strcmp(before, announcer->drain_file) == 0)
		return;
	error = announcer_keep(announcer);
	if (error < 0)
		log_error("announce",
			  "%s: %s; a restart would forget that this balancer "
			  "is drained",
			  announcer->drain_file, strerror(-error));
	else
		(void)unlink(before);
}
