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
#include "daemon/operator/keeper.h"
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

/* The file of before goes when the one of now is written. */
static void announcer_settled(void *arg)
{
	struct announcer *announcer = arg;

	if (keeper_state(announcer->keeper) == 0 && announcer->left[0]) {
		keeper_put(announcer->remover, announcer->left, NULL);
		announcer->left[0] = '\0';
	}
	announcer->settled(announcer->settled_arg);
}

static void announcer_removed(void *arg)
{
	(void)arg;
}

void announcer_keep_begin(struct announcer *announcer)
{
	announcer->keeper = keeper_new(announcer->loop, "announce",
				       announcer_settled, announcer);
	announcer->remover = keeper_new(announcer->loop, "announce",
					announcer_removed, NULL);
}

void announcer_keep_end(struct announcer *announcer)
{
	keeper_free(announcer->keeper);
	keeper_free(announcer->remover);
}

int announcer_keep(struct announcer *announcer)
{
	keeper_put(announcer->keeper, announcer->drain_file,
		   announcer->drained ? xstrdup("") : NULL);
	return announcer_kept(announcer);
}

int announcer_kept(const struct announcer *announcer)
{
	return keeper_state(announcer->keeper);
}

void announcer_notice(struct announcer *announcer, void (*settled)(void *arg),
		      void *arg)
{
	announcer->settled = settled;
	announcer->settled_arg = arg;
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

	snprintf(before, sizeof(before), "%s", announcer->drain_file);
	announcer_use_file(announcer, conf);
	if (!announcer->drained || strcmp(before, announcer->drain_file) == 0)
		return;
	memcpy(announcer->left, before, sizeof(before));
	(void)announcer_keep(announcer);
}
