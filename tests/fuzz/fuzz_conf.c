/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A configuration as text, markers of conf_read() included. There is a
 * configuration or an error, in both modes; a configuration is whole, and what
 * it prints parses to the same.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/pair_conf.h"
#include "conf/vrrp_conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_hold(bool good, int line, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "fuzz_conf.c:%d: does not hold: %s\n", line, what);
	abort();
}

#define must(condition) must_hold(condition, __LINE__, #condition)

static void check_service(const struct conf *conf, uint32_t index)
{
	const struct conf_virtual_server *vs = &conf->virtual_servers[index];
	char text[SERVICE_TEXT_MAX];
	uint32_t i;

	must(vs->name && vs->nr_keys > 0 && vs->sched_word);
	must(memchr(vs->scheduler, '\0', sizeof(vs->scheduler)));
	must(vs->first_server + vs->nr_servers <= conf->nr_servers);
	must(vs->quorum > 0 && vs->hysteresis < vs->quorum);
	must(vs->base_weight > 0 && vs->prefix > 0 && vs->prefix <= 128);
	must(!(vs->flags & ~(uint32_t)SERVICE_FLAGS_ALL));
	for (i = 0; i < vs->nr_keys; i++) {
		must(vs->keys[i].family == AF_INET ||
		     vs->keys[i].family == AF_INET6);
		service_key_format(&vs->keys[i], text);
	}
}

static void check_server(const struct conf *conf, uint32_t index)
{
	const struct conf_server *server = &conf->servers[index];
	const struct conf_virtual_server *vs;
	uint32_t i, check;

	must(server->vs < conf->nr_virtual_servers && server->slow_start);
	vs = &conf->virtual_servers[server->vs];
	must(index >= vs->first_server &&
	     index < vs->first_server + vs->nr_servers);
	must((uint64_t)server->weight * vs->base_weight <= INT32_MAX);
	must(server->pos.file < conf->nr_files);
	for (i = 0; i < server->nr_uses; i++) {
		check = server->uses[i].check;
		must(check < conf->nr_checks);
	}
}

static void check_tracks(const struct vrrp_conf *vrrp,
			 const struct vrrp_conf_track *tracks, uint32_t nr)
{
	uint32_t i;

	for (i = 0; i < nr; i++) {
		must(tracks[i].tracker < vrrp->nr_trackers);
		must(tracks[i].weight >= -254 && tracks[i].weight <= 254);
	}
}

static void check_instance(const struct vrrp_conf *vrrp,
			   const struct vrrp_conf_instance *vi)
{
	uint32_t i;

	must(vi->name && vi->vrid > 0 && vi->priority > 0);
	must(vi->ifname && (vi->ifname[0] || vi->nr_peers > 0));
	must(vi->version == 2 || vi->version == 3);
	must(vi->nr_addresses <= VRRP_ADDRESSES_MAX);
	must(vi->interval > 0 && vi->interval <= 255000000);
	must(vi->interval % (vi->version == 2 ? 1000000 : 10000) == 0);
	must(vi->down_adverts > 0 && vi->group.family == vi->family);
	must(vi->auth == VRRP_AUTH_NONE || vi->version == 2);
	must(vi->preempt || vi->priority < VRRP_PRIORITY_OWNER);
	must(vi->sync_group == VRRP_NO_GROUP ||
	     vi->sync_group < vrrp->nr_groups);
	for (i = 0; i < vi->nr_addresses; i++)
		must(vi->addresses[i].addr.family == vi->family);
	for (i = 0; i < vi->nr_peers; i++)
		must(vi->peers[i].addr.family == vi->family);
	check_tracks(vrrp, vi->tracks, vi->nr_tracks);
}

/* One thing to look at, that of the tracker's kind. */
static void check_watch(const struct conf *conf, const struct pair_watch *watch)
{
	enum vrrp_tracker_kind kind;

	must(watch->tracker < conf->vrrp->nr_trackers);
	kind = conf->vrrp->trackers[watch->tracker].kind;
	must((kind == VRRP_TRACK_SCRIPT) == !!watch->script);
	must((kind == VRRP_TRACK_FILE) == !!watch->file);
	must((kind == VRRP_TRACK_PROCESS) == !!watch->process);
	must((kind == VRRP_TRACK_POOL) ==
	     (watch->vs < conf->nr_virtual_servers));
	must(kind != VRRP_TRACK_INTERFACE);
}

static void check_vrrp(const struct conf *conf)
{
	const struct vrrp_conf *vrrp = conf->vrrp;
	const struct pair_sync *sync = &conf->pair->sync;
	uint32_t i;

	for (i = 0; i < vrrp->nr_instances; i++)
		check_instance(vrrp, &vrrp->instances[i]);
	for (i = 0; i < vrrp->nr_groups; i++)
		check_tracks(vrrp, vrrp->groups[i].tracks,
			     vrrp->groups[i].nr_tracks);
	for (i = 0; i < conf->pair->nr_watches; i++)
		check_watch(conf, &conf->pair->watches[i]);
	must(!sync->ifname || (sync->port > 0 && sync->ttl > 0));
}

static void check_conf(const struct conf *conf)
{
	const struct conf_check *check;
	uint32_t i;

	for (i = 0; i < conf->nr_virtual_servers; i++)
		check_service(conf, i);
	for (i = 0; i < conf->nr_servers; i++)
		check_server(conf, i);
	for (i = 0; i < conf->nr_checks; i++) {
		check = &conf->checks[i];
		must(check->rise > 0 && check->fall > 0 && check->nr_users > 0);
		must(check->delay_loop > 0 && check->timeout > 0);
	}
	check_vrrp(conf);
}

static char *print(const struct conf *conf, size_t *length)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, length);

	conf_print(conf, out);
	fclose(out);
	return text;
}

static void check_again(const struct conf *conf)
{
	struct conf_report report = { 0 };
	size_t length, length2;
	char *once = print(conf, &length), *twice;
	struct conf *again;

	must(conf_parse(once, length, NULL, &again, &report) == 0);
	twice = print(again, &length2);
	must(length == length2 && memcmp(once, twice, length) == 0);
	conf_free(again);
	free(once);
	free(twice);
}

static void say(struct conf_report *report, const struct conf_message *message)
{
	must(message->text);
	must(!message->source || message->line > 0);
	must(!message->line || message->file);
	(void)report;
}

/* Loops of many rounds are bounded, but take their time: not here. */
static bool has_long_loop(const uint8_t *data, size_t size)
{
	size_t i, digits = 0, loops = 0;

	if (size == 0 || !memchr(data, '~', size))
		return false;
	for (i = 0; i < size; i++) {
		loops += data[i] == '~';
		digits = data[i] >= '0' && data[i] <= '9' ? digits + 1 : 0;
		if (loops && (digits > 2 || loops > 2))
			return true;
	}
	return false;
}

/*
 * Memory that was freed is kept from use until so much more was freed: a few
 * inputs' worth, as the rest costs page faults in each run.
 */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "quarantine_size_mb=4:malloc_context_size=4";
}

/*
 * Half a kilobyte holds a block of each kind, and the seeds are as small; a run costs
 * as much as its text is long. An option of the command line that says otherwise
 * counts, since it comes later.
 */
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char longest[] = "-max_len=512";
	char **words = calloc((size_t)*argc + 2, sizeof(*words));

	if (!words)
		abort();
	words[0] = (*argv)[0];
	words[1] = longest;
	memcpy(words + 2, *argv + 1, ((size_t)*argc - 1) * sizeof(*words));
	*argv = words;
	(*argc)++;
	return 0;
}

/* From the input alone, so that it fails the same way again. */
static uint32_t hash(const uint8_t *data, size_t size)
{
	uint32_t result = 2166136261u;
	size_t i;

	for (i = 0; i < size; i++)
		result = (result ^ data[i]) * 16777619u;
	return result ^ result >> 16;
}

static void try_mode(const uint8_t *data, size_t size, bool compat, bool twice)
{
	struct conf_options options = { .config_id = "here", .compat = compat };
	struct conf_report report = { .say = say };
	struct conf *conf;
	int error =
		conf_parse((const char *)data, size, &options, &conf, &report);

	must((error == 0) == (conf != NULL));
	must((error == 0) == (report.errors == 0));
	if (!conf)
		return;
	check_conf(conf);
	/* What a forged marker names a file is not for printing. */
	if (twice && !memchr(data, 0, size))
		check_again(conf);
	conf_free(conf);
}

/*
 * Each input is read in one of the two modes, and one in sixteen in both; one in
 * four of those that are accepted is printed and read again, which costs four
 * times as much as the reading. Inputs that differ in a byte fall differently.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t draw = hash(data, size);
	bool twice = (draw & 3) == 0, both = (draw >> 2 & 15) == 0;

	if (has_long_loop(data, size))
		return -1;
	if (both || (draw >> 6 & 1))
		try_mode(data, size, true, twice);
	if (both || !(draw >> 6 & 1))
		try_mode(data, size, false, twice);
	return 0;
}
