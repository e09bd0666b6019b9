/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/file_judge.h"

#include <stdio.h>
#include <string.h>

#include "checkers/check.h"
#include "lib/util.h"

/* The difference to the weight; INT32_MIN: the server is out. */
static int32_t file_judge_weight(const struct conf_number *conf, int32_t value)
{
	int64_t weight = (int64_t)value * conf->weight;

	if (conf->weight == 0)
		return (value == 0) == conf->reverse ? INT32_MIN : 0;
	if (conf->reverse)
		weight = -weight;
	if (weight > INT32_MAX)
		return INT32_MAX;
	return weight < INT32_MIN ? INT32_MIN : (int32_t)weight;
}

void file_judge(const struct conf_number *conf, const struct ipc_number *news,
		struct probe_result *result)
{
	int32_t weight = file_judge_weight(conf, news->value);
	char why[sizeof(news->why)];
	const char *says = "it has";

	text_copy_printable(why, sizeof(why), news->why, sizeof(news->why));
	if (why[0])
		says = ", so it counts as";
	probe_result_fill(result, weight == INT32_MIN ? PROBE_FILE : PROBE_OK,
			  0);
	if (weight == INT32_MIN || conf->weight == 0) {
		snprintf(result->text, sizeof(result->text), "%s%s %d", why,
			 says, news->value);
		return;
	}
	result->facts.have = FACT_WEIGHT;
	result->facts.weight = (uint32_t)weight;
	snprintf(result->text, sizeof(result->text), "%s%s %d: weight %+d", why,
		 says, news->value, weight);
}
