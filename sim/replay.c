/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/pack.h"
#include "sim/replay_compare.h"
#include "sim/replay_other.h"

struct replay {
	const struct replay_watcher *watcher;
	struct conf *conf;
	struct balance *balance; /* NULL: nothing can be played here */
	struct table wanted;
	struct replay_other *other; /* NULL: there is no other configuration */
	struct replay_counts counts;
	usec_t now, wall;
};

struct replay *replay_new(const struct replay_watcher *watcher,
			  const struct conf *other)
{
	struct replay *replay = xcalloc(1, sizeof(*replay));

	replay->watcher = watcher;
	if (other)
		replay->other = replay_other_new(other);
	return replay;
}

/* The recorded decision ends here, and nothing can be played for a while. */
static void replay_drop(struct replay *replay)
{
	balance_free(replay->balance);
	conf_free(replay->conf);
	replay->balance = NULL;
	replay->conf = NULL;
}

void replay_free(struct replay *replay)
{
	if (!replay)
		return;
	replay_drop(replay);
	replay_other_free(replay->other);
	table_free(&replay->wanted);
	free(replay);
}

const struct replay_counts *replay_counts(const struct replay *replay)
{
	return &replay->counts;
}

const struct conf *replay_conf(const struct replay *replay)
{
	return replay->conf;
}

const struct table *replay_wanted(const struct replay *replay)
{
	return &replay->wanted;
}

const struct table *replay_other_wanted(const struct replay *replay)
{
	return replay->other ? replay_other_table(replay->other) : NULL;
}

const struct conf *replay_other_conf(const struct replay *replay)
{
	return replay->other ? replay_other_is(replay->other) : NULL;
}

uint32_t replay_other_unheard(const struct replay *replay)
{
	return replay->other ? replay_other_nr_unheard(replay->other) : 0;
}

/* BREAKS: the next inputs do not follow upon the last ones. */
static void replay_remark(const struct replay *replay, bool breaks,
			  const char *text)
{
	if (replay->watcher->remark)
		replay->watcher->remark(replay->watcher->arg, replay->wall,
					breaks, text);
}

static void replay_differs(struct replay *replay, const char *text)
{
	replay->counts.differing++;
	if (replay->watcher->differs)
		replay->watcher->differs(replay->watcher->arg, replay->wall,
					 replay->counts.decisions, text);
}

/* The configuration of ITEM; NULL after a remark. */
static struct conf *replay_parse(struct replay *replay,
				 const struct record_item *item)
{
	struct conf_options options = { .config_id = NULL };
	struct conf_report report = { .say = NULL };
	struct conf *conf = NULL;

	if (conf_parse(item->conf, item->conf_length, &options, &conf,
		       &report) == 0 &&
	    conf->nr_checks == item->nr_checks &&
	    conf->nr_servers == item->nr_servers &&
	    conf->nr_virtual_servers == item->nr_services)
		return conf;
	conf_free(conf);
	replay->counts.unreadable++;
	replay_remark(replay, true,
		      "the recorded configuration is not understood as it was "
		      "then; replay it with the version that recorded it");
	return NULL;
}

static const char *const replay_reasons[RECORD_REASONS] = {
	[RECORD_START] = "the daemon starts",
	[RECORD_SWITCHED_ON] = "the recorder is switched on",
	[RECORD_ROLLED] = "a new file begins",
	[RECORD_GAP] = "the recording goes on after a gap",
};

static void replay_remark_begin(struct replay *replay,
				const struct record_item *item)
{
	char text[REPLAY_TEXT_MAX];

	if (item->begin.reason == RECORD_GAP) {
		replay->counts.gaps++;
		snprintf(text, sizeof(text),
			 "a gap: at least %llu inputs of %.1f s are missing",
			 (unsigned long long)item->begin.lost,
			 (double)(item->now - item->begin.lost_since) /
				 USEC_PER_SEC);
		replay_remark(replay, true, text);
		return;
	}
	snprintf(text, sizeof(text), "%s (evenkeel %s)",
		 replay_reasons[item->begin.reason], item->version);
	replay_remark(replay, item->begin.reason != RECORD_ROLLED, text);
}

/* Without a loss, the played memory equals the recorded one. */
static void replay_check_state(struct replay *replay,
			       const struct record_item *item)
{
	struct pack state = { 0 };

	balance_save(replay->balance, &state);
	if (state.used != item->snapshot_length ||
	    memcmp(state.data, item->snapshot, state.used) != 0)
		replay_differs(replay,
			       "the memory of the decision is not the recorded "
			       "one");
	pack_free(&state);
}

static void replay_begin(struct replay *replay, const struct record_item *item)
{
	bool goes_on = replay->balance && item->begin.reason == RECORD_ROLLED;
	struct conf *conf;

	replay_remark_begin(replay, item);
	if (goes_on) {
		replay_check_state(replay, item);
		return;
	}
	conf = replay_parse(replay, item);
	replay_drop(replay);
	if (!conf)
		return;
	replay->conf = conf;
	replay->balance = balance_new(conf, item->now);
	if (item->snapshot_length > 0) {
		struct unpack in = { .at = item->snapshot,
				     .end = item->snapshot +
					    item->snapshot_length };

		if (balance_restore(replay->balance, &in) < 0) {
			replay->counts.unreadable++;
			replay_remark(replay, true,
				      "the recorded memory of the decision "
				      "makes no sense");
			replay_drop(replay);
			return;
		}
	}
	if (replay->other)
		replay_other_begin(replay->other, replay->balance,
				   item->snapshot_length == 0, item->now);
	if (replay->watcher->configured)
		replay->watcher->configured(replay->watcher->arg, replay,
					    replay->wall);
}

static void replay_reload(struct replay *replay, const struct record_item *item)
{
	struct conf *conf = replay_parse(replay, item);
	struct balance *balance;

	replay->counts.inputs++;
	if (!conf || !replay->balance) {
		conf_free(conf);
		replay_drop(replay);
		return;
	}
	replay_remark(replay, false, "another configuration is in force");
	balance = balance_new(conf, item->now);
	balance_inherit(balance, replay->balance, item->now);
	replay_drop(replay);
	replay->balance = balance;
	replay->conf = conf;
	if (replay->other)
		replay_other_map(replay->other, conf);
	if (replay->watcher->configured)
		replay->watcher->configured(replay->watcher->arg, replay,
					    replay->wall);
}

/* Nobody tells these; they would pile up. */
static void replay_forget_effects(struct balance *balance)
{
	struct balance_event event;
	struct balance_notice notice;

	while (balance_next_event(balance, &event))
		;
	while (balance_next_notice(balance, &notice))
		;
}

static void replay_decided(struct replay *replay,
			   const struct balance_input *input)
{
	char text[REPLAY_TEXT_MAX];

	replay->counts.decisions++;
	replay_forget_effects(replay->balance);
	if (!replay_compare(replay->conf, input->table, &replay->wanted, text,
			    sizeof(text)))
		replay_differs(replay, text);
	if (replay->watcher->decided)
		replay->watcher->decided(replay->watcher->arg, replay,
					 replay->wall);
}

static void replay_input(struct replay *replay,
			 const struct balance_input *input)
{
	if (!replay->balance)
		return;
	if (input->kind == INPUT_DECIDED) {
		replay_decided(replay, input);
		return;
	}
	replay->counts.inputs++;
	balance_take(replay->balance, input, &replay->wanted);
	if (replay->other)
		replay_other_take(replay->other, input, replay->now);
}

static void replay_damage(struct replay *replay, const struct record_item *item)
{
	char text[REPLAY_TEXT_MAX];
	bool cut = item->kind == RECORD_ITEM_CUT;

	snprintf(text, sizeof(text),
		 cut ? "the last %zu bytes, from byte %zu, are the beginning "
		       "of something that was not written whole" :
		       "%zu bytes from byte %zu are damaged: what follows "
		       "cannot be played until the recording begins again",
		 item->damaged, item->offset);
	replay_remark(replay, true, text);
	if (!cut)
		replay->counts.gaps++;
	replay_drop(replay);
}

static void replay_item(struct replay *replay, const struct record_item *item)
{
	if (item->kind != RECORD_ITEM_DAMAGE && item->kind != RECORD_ITEM_CUT) {
		replay->now = item->now;
		replay->wall = item->wall;
		if (!replay->counts.first)
			replay->counts.first = item->wall;
		replay->counts.last = item->wall;
	}
	switch (item->kind) {
	case RECORD_ITEM_BEGIN:
		replay_begin(replay, item);
		break;
	case RECORD_ITEM_RELOAD:
		replay_reload(replay, item);
		break;
	case RECORD_ITEM_INPUT:
		replay_input(replay, &item->input);
		break;
	case RECORD_ITEM_NOTE:
		if (replay->watcher->note)
			replay->watcher->note(replay->watcher->arg, item->wall,
					      item->note);
		break;
	case RECORD_ITEM_DAMAGE:
	case RECORD_ITEM_CUT:
		replay_damage(replay, item);
		break;
	case RECORD_ITEM_END:
		break;
	}
}

void replay_reader(struct replay *replay, struct recording_reader *reader)
{
	struct record_item item;

	while (recording_next(reader, &item))
		replay_item(replay, &item);
}

void replay_file(struct replay *replay, const unsigned char *data,
		 size_t length)
{
	struct recording_reader *reader = recording_reader_new(data, length);

	replay_reader(replay, reader);
	recording_reader_free(reader);
}
