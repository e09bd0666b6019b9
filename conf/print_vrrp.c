/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Printing of VRRP by the tables of the blocks; and the part that joins several
 * structs: a track and its tracker, the members of a group. Inherited values
 * stand in each instance; values that only global_defs can hold are printed
 * there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf_print.h"
#include "conf/vrrp/vrrp_blocks.h"

void conf_print_vrrp_global(FILE *out, const struct conf *conf)
{
	conf_block_print(out, "\t", &conf_block_vrrp_global, conf->vrrp);
	conf_block_print(out, "\t", &conf_block_pair_global, conf->pair);
}

static void print_watch(FILE *out, const struct vrrp_conf_tracker *tracker,
			const struct pair_watch *watch)
{
	if (watch->script) {
		fprintf(out, "vrrp_script \"%s\" {\n", tracker->name);
		conf_block_print(out, "\t", &conf_block_vrrp_script,
				 watch->script);
		if (tracker->init_fail)
			fputs("\tinit_fail\n", out);
	} else if (watch->file) {
		fprintf(out, "track_file \"%s\" {\n", tracker->name);
		conf_block_print(out, "\t", &conf_block_track_file,
				 watch->file);
	} else if (watch->process) {
		fprintf(out, "vrrp_track_process \"%s\" {\n", tracker->name);
		conf_block_print(out, "\t", &conf_block_track_process,
				 watch->process);
	} else {
		return;
	}
	fputs("}\n", out);
}

/* Whether an instance tracks the file too, so that it is printed already. */
static bool print_is_watched(const struct conf *conf, const char *name)
{
	const struct pair_conf *pair = conf->pair;
	uint32_t i;

	for (i = 0; i < pair->nr_watches; i++)
		if (pair->watches[i].file &&
		    strcmp(conf->vrrp->trackers[pair->watches[i].tracker].name,
			   name) == 0)
			return true;
	return false;
}

/* Each track_file that only FILE_CHECK has a use for. */
static void print_check_files(FILE *out, const struct conf *conf)
{
	const struct conf_number *number;
	const char **names = xcalloc(conf->nr_checks + 1, sizeof(*names));
	struct index seen = { 0 };
	struct index_walk walk;
	uint32_t i, k, nr = 0;

	for (i = 0; i < conf->nr_checks; i++) {
		number = conf->checks[i].traits.number;
		if (!number || print_is_watched(conf, number->name))
			continue;
		index_for_each (&seen, hash_text(number->name), &walk, k)
			if (strcmp(names[k], number->name) == 0)
				break;
		if (k != INDEX_END)
			continue;
		index_put(&seen, hash_text(number->name), nr);
		names[nr++] = number->name;
		fprintf(out, "track_file \"%s\" {\n", number->name);
		conf_block_print(out, "\t", &conf_block_track_file,
				 number->file);
		fputs("}\n", out);
	}
	index_free(&seen);
	free(names);
}

static void print_bfd(FILE *out, const struct bfd_conf_instance *bfd)
{
	fprintf(out, "bfd_instance \"%s\" {\n", bfd->name);
	conf_block_print(out, "\t", &conf_block_bfd, bfd);
	fputs("}\n", out);
}

static void print_track(FILE *out, const struct vrrp_conf *vrrp,
			const struct vrrp_conf_track *track)
{
	const struct vrrp_conf_tracker *tracker =
		&vrrp->trackers[track->tracker];

	if (tracker->kind != VRRP_TRACK_POOL)
		fprintf(out, "\t\t\"%s\"", tracker->name);
	else if (strncmp(tracker->name, "group ", 6) == 0)
		fprintf(out, "\ttrack_virtual_server group \"%s\"",
			tracker->name + 6);
	else
		fprintf(out, "\ttrack_virtual_server %s", tracker->name);
	fprintf(out, " weight %d %sreverse\n", track->weight,
		track->reverse ? "" : "no");
}

static const char *const track_words[] = {
	[VRRP_TRACK_INTERFACE] = "track_interface",
	[VRRP_TRACK_SCRIPT] = "track_script",
	[VRRP_TRACK_PROCESS] = "track_process",
	[VRRP_TRACK_POOL] = NULL,
	[VRRP_TRACK_FILE] = "track_file",
	[VRRP_TRACK_BFD] = "track_bfd",
};

/* Every tracker gets a block of its own, so that the order stays. */
static void print_tracks(FILE *out, const struct vrrp_conf *vrrp,
			 const struct vrrp_conf_track *tracks, uint32_t nr)
{
	const char *word;
	uint32_t i;

	for (i = 0; i < nr; i++) {
		/* The firewall tracker is no word of the language. */
		if (vrrp->trackers[tracks[i].tracker].kind ==
		    VRRP_TRACK_FIREWALL)
			continue;
		word = track_words[vrrp->trackers[tracks[i].tracker].kind];
		if (word)
			fprintf(out, "\t%s {\n", word);
		print_track(out, vrrp, &tracks[i]);
		if (word)
			fputs("\t}\n", out);
	}
}

/* Instances and groups */

static void print_instance(FILE *out, const struct vrrp_conf *vrrp,
			   const struct vrrp_conf_instance *vi,
			   const struct pair_notify *notify)
{
	fprintf(out, "vrrp_instance \"%s\" {\n", vi->name);
	conf_block_print(out, "\t", &conf_block_vrrp_instance, vi);
	print_tracks(out, vrrp, vi->tracks, vi->nr_tracks);
	conf_block_print(out, "\t", &conf_block_vrrp_member, notify);
	fputs("}\n", out);
}

/* Members in the order of the file; and whether their weights count. */
static void print_vrrp_group(FILE *out, const struct vrrp_conf *vrrp,
			     uint32_t index, const struct pair_notify *notify)
{
	const struct vrrp_conf_group *group = &vrrp->groups[index];
	const struct vrrp_conf_instance *vi;
	bool weights = false;
	uint32_t i, k;

	fprintf(out, "vrrp_sync_group \"%s\" {\n\tgroup {\n", group->name);
	for (i = 0; i < vrrp->nr_instances; i++) {
		vi = &vrrp->instances[i];
		if (vi->sync_group != index)
			continue;
		fprintf(out, "\t\t\"%s\"\n", vi->name);
		for (k = 0; k < vi->nr_tracks; k++)
			weights = weights || vi->tracks[k].weight;
	}
	fputs("\t}\n", out);
	if (weights)
		fputs("\tsync_group_tracking_weight\n", out);
	print_tracks(out, vrrp, group->tracks, group->nr_tracks);
	conf_block_print(out, "\t", &conf_block_vrrp_member, notify);
	fputs("}\n", out);
}

void conf_print_vrrp(FILE *out, const struct conf *conf)
{
	const struct vrrp_conf *vrrp = conf->vrrp;
	const struct pair_conf *pair = conf->pair;
	uint32_t i;

	conf_block_print(out, "", &conf_block_vrrp_static, vrrp);
	for (i = 0; i < pair->nr_watches; i++)
		print_watch(out, &vrrp->trackers[pair->watches[i].tracker],
			    &pair->watches[i]);
	print_check_files(out, conf);
	for (i = 0; i < conf->bfd->nr_instances; i++)
		print_bfd(out, &conf->bfd->instances[i]);
	for (i = 0; i < vrrp->nr_instances; i++)
		print_instance(out, vrrp, &vrrp->instances[i],
			       &pair->instances[i]);
	for (i = 0; i < vrrp->nr_groups; i++)
		print_vrrp_group(out, vrrp, i, &pair->groups[i]);
}
