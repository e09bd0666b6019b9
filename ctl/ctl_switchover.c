/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/ctl_switchover.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ctl/client.h"
#include "ctl/fields.h"
#include "lib/util.h"

#define SWITCHOVER_POLL_MS 100
/* A long advert_int of 10 s, times three. */
#define SWITCHOVER_PATIENCE 40.0

enum switchover_stage {
	SWITCHOVER_WAITS,
	SWITCHOVER_DONE,
	SWITCHOVER_FAILED, /* this balancer serves again */
};

static double switchover_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int switchover_print(const struct output *output,
			    struct json_object *answer)
{
	struct json_object *list = field(answer, "instances");
	size_t i;

	for (i = 0; list && i < json_object_array_length(list); i++)
		printf("vrrp_instance %s: leaves its addresses to the other "
		       "balancer\n",
		       json_object_get_string(
			       json_object_array_get_idx(list, i)));
	if (field(answer, "note"))
		printf("note: %s\n", field_text(answer, "note"));
	return 0;
}

/* An instance of which an advert has come since the question, AGE s ago. */
static enum switchover_stage switchover_judge_one(struct json_object *one,
						  double age)
{
	bool master = strcmp(field_text(one, "state"), "MASTER") == 0;
	struct json_object *heard = field(one, "heard_s");

	if (!field(one, "behind"))
		return SWITCHOVER_FAILED;
	if (!master && heard && json_object_get_double(heard) < age &&
	    field_number(one, "peer_priority") > 0)
		return SWITCHOVER_DONE;
	return SWITCHOVER_WAITS;
}

static bool switchover_moves(struct json_object *names, const char *name)
{
	size_t i;

	for (i = 0; i < json_object_array_length(names); i++)
		if (strcmp(json_object_get_string(
				   json_object_array_get_idx(names, i)),
			   name) == 0)
			return true;
	return false;
}

/* The stage of the instances in NAMES together, by the answer VRRP of the daemon. */
static enum switchover_stage switchover_judge(struct json_object *names,
					      struct json_object *vrrp,
					      double age)
{
	struct json_object *list = field(vrrp, "instances"), *one;
	enum switchover_stage stage = SWITCHOVER_DONE, his;
	size_t i;

	for (i = 0; list && i < json_object_array_length(list); i++) {
		one = json_object_array_get_idx(list, i);
		if (!switchover_moves(names, field_text(one, "name")))
			continue;
		his = switchover_judge_one(one, age);
		if (his == SWITCHOVER_FAILED)
			return his;
		if (his == SWITCHOVER_WAITS)
			stage = his;
	}
	return list ? stage : SWITCHOVER_WAITS;
}

static int switchover_ended(const struct ctl *ctl, enum switchover_stage stage,
			    double seconds)
{
	switch (stage) {
	case SWITCHOVER_DONE:
		if (!ctl->json)
			printf("the other balancer is master, heard after %.1f "
			       "s\n",
			       seconds);
		return 0;
	case SWITCHOVER_FAILED:
		fputs("evenkeel: the other balancer did not take over, or not "
		      "for long, and this one has its own priority again; its "
		      "log there says why\n",
		      stderr);
		return 1;
	case SWITCHOVER_WAITS:
		break;
	}
	fputs("evenkeel: the other balancer is not heard as master yet; "
	      "'evenkeel vrrp' says how it is now\n",
	      stderr);
	return 1;
}

static int switchover_wait(struct ctl *ctl, struct json_object *names,
			   double start)
{
	const struct timespec pause = { .tv_nsec =
						SWITCHOVER_POLL_MS * 1000000L };
	enum switchover_stage stage = SWITCHOVER_WAITS;
	struct json_object *vrrp;
	double age = 0;

	while (stage == SWITCHOVER_WAITS && age < SWITCHOVER_PATIENCE) {
		nanosleep(&pause, NULL);
		vrrp = client_ask(ctl->socket, "vrrp");
		if (!vrrp)
			return 1;
		age = switchover_clock() - start;
		stage = switchover_judge(names, vrrp, age);
		json_object_put(vrrp);
	}
	return switchover_ended(ctl, stage, age);
}

int switchover_run(struct ctl *ctl, const struct command *command)
{
	double start;
	struct json_object *answer, *names;
	int status;

	answer = client_ask(ctl->socket, command->word);
	/* An advert of the one before must not count. */
	start = switchover_clock();
	status = command_show(ctl, answer, switchover_print);
	names = field(answer, "instances");
	fflush(stdout);
	if (status == 0 && names)
		status = switchover_wait(ctl, names, start);
	json_object_put(answer);
	return status;
}
