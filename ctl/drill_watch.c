/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/drill_watch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ctl/drill_report.h"

static volatile sig_atomic_t watch_ended;

static void watch_end(int signal_number)
{
	watch_ended = 1;
}

static void watch_slot_free(struct drill_slot *slot)
{
	kill(slot->pid, SIGKILL);
	while (waitpid(slot->pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(slot->sock);
	slot->pid = 0;
}

static void watch_count(struct drill_watch *watch, struct drill_slot *slot,
			const struct drill_message *message, usec_t end)
{
	struct drill_result result = {
		.start = slot->start - watch->begin,
		.end = end - watch->begin,
		.kind = (enum drill_kind)message->kind,
		.id = message->id,
		.read_only = message->read_only != 0,
	};
	char news[DRILL_NEWS_MAX];

	if (result.end < result.start)
		result.end = result.start;
	snprintf(result.name, sizeof(result.name), "%s", message->name);
	if (message->text[0])
		snprintf(watch->texts[result.kind], DRILL_TEXT_MAX, "%s",
			 message->text);
	if (drill_stats_add(&watch->stats, &result, news))
		drill_report_news(watch->report, result.end, news,
				  message->text);
}

/* Take what an attempt has said; if that was its last word, its slot is free. */
static void watch_slot_read(struct drill_watch *watch, struct drill_slot *slot)
{
	struct drill_message message;
	int got;

	while ((got = drill_probe_read(slot->sock, &message)) > 0) {
		slot->logged_in = true;
		if (!message.done)
			continue;
		watch_count(watch, slot, &message, message.when);
		watch_slot_free(slot);
		return;
	}
	if (got == 0)
		return;
	/* The attempt's process is gone without a word. */
	message = (struct drill_message){ .kind = DRILL_OTHER };
	snprintf(message.text, sizeof(message.text),
		 "the client library gave up");
	watch_count(watch, slot, &message, clock_now());
	watch_slot_free(slot);
}

static void watch_slot_expire(struct drill_watch *watch,
			      struct drill_slot *slot)
{
	struct drill_message message = { .kind = slot->logged_in ?
							 DRILL_NO_ANSWER :
							 DRILL_NO_LOGIN };

	watch_count(watch, slot, &message,
		    slot->start + watch->target->timeout);
	watch_slot_free(slot);
}

static int watch_try(struct drill_watch *watch, usec_t now)
{
	struct drill_slot *slot = watch->slots;
	int sock;

	while (slot < watch->slots + DRILL_SLOTS && slot->pid)
		slot++;
	if (slot == watch->slots + DRILL_SLOTS)
		return -EAGAIN;
	sock = drill_probe_start(watch->target, &slot->pid);
	if (sock < 0) {
		slot->pid = 0;
		return sock;
	}
	slot->sock = sock;
	slot->start = now;
	slot->logged_in = false;
	return 0;
}

/* An attempt that cannot be started is this host's fault, counted apart. */
static void watch_start(struct drill_watch *watch, usec_t now)
{
	int error = watch_try(watch, now);

	if (error == 0)
		return;
	watch->not_started = -error;
	if (drill_stats_not_started(&watch->stats, now - watch->begin))
		drill_report_news(watch->report, now - watch->begin,
				  "no attempt can be started",
				  strerror(-error));
}

/* Wait until UNTIL, the next deadline, a message or a signal. */
static void watch_wait(struct drill_watch *watch, usec_t until,
		       const sigset_t *mask)
{
	struct pollfd polls[DRILL_SLOTS];
	usec_t now = clock_now(), wait;
	struct timespec patience;
	nfds_t nr = 0;
	unsigned i;

	for (i = 0; i < DRILL_SLOTS; i++) {
		struct drill_slot *slot = &watch->slots[i];

		if (!slot->pid)
			continue;
		if (slot->start + watch->target->timeout < until)
			until = slot->start + watch->target->timeout;
		polls[nr++] =
			(struct pollfd){ .fd = slot->sock, .events = POLLIN };
	}
	wait = until > now ? until - now : 0;
	patience.tv_sec = wait / USEC_PER_SEC;
	patience.tv_nsec = wait % USEC_PER_SEC * 1000;
	ppoll(polls, nr, &patience, mask);
}

/* Returns whether an attempt is still under way. */
static bool watch_slots(struct drill_watch *watch)
{
	usec_t now = clock_now();
	bool busy = false;
	unsigned i;

	for (i = 0; i < DRILL_SLOTS; i++) {
		struct drill_slot *slot = &watch->slots[i];

		if (slot->pid)
			watch_slot_read(watch, slot);
		if (slot->pid && now >= slot->start + watch->target->timeout)
			watch_slot_expire(watch, slot);
		busy |= slot->pid != 0;
	}
	return busy;
}

static void watch_loop(struct drill_watch *watch, const sigset_t *mask)
{
	usec_t next = watch->begin, last = watch->begin + watch->limit, now;
	bool busy = true;

	while (!watch_ended && (next < last || busy)) {
		now = clock_now();
		if (next < last && now >= next) {
			next = drill_stats_due(&watch->stats, next, now);
			watch_start(watch, now);
		}
		watch_wait(watch, next < last ? next : now + USEC_PER_SEC,
			   mask);
		busy = watch_slots(watch);
		drill_report_live(watch->report, &watch->stats,
				  clock_now() - watch->begin);
	}
}

void drill_watch_run(struct drill_watch *watch)
{
	struct sigaction end = { .sa_handler = watch_end };
	sigset_t block, mask;
	unsigned i;

	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGTERM);
	sigprocmask(SIG_BLOCK, &block, &mask);
	sigdelset(&mask, SIGINT);
	sigdelset(&mask, SIGTERM);
	sigaction(SIGINT, &end, NULL);
	sigaction(SIGTERM, &end, NULL);
	watch->begin = clock_now();
	watch_loop(watch, &mask);
	watch->took = clock_now() - watch->begin;
	for (i = 0; i < DRILL_SLOTS; i++)
		if (watch->slots[i].pid)
			watch_slot_free(&watch->slots[i]);
	drill_stats_end(&watch->stats, watch->took);
}
