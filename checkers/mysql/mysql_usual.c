/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/mysql/mysql_usual.h"

/* So many times the median is long. */
#define USUAL_TIMES 4
/* The median is followed in steps of this part. */
#define USUAL_STEP 16
#define USUAL_LEAST USEC_PER_MSEC

void mysql_usual_init(struct mysql_usual *usual)
{
	usual->median[0] = usual->median[1] = USUAL_LEAST;
}

void mysql_usual_note(struct mysql_usual *usual, bool logs_in, usec_t took)
{
	usec_t *median = &usual->median[logs_in];
	usec_t step = *median / USUAL_STEP + 1;

	if (took > *median)
		*median += step;
	else if (*median > USUAL_LEAST)
		*median -= step;
}

bool mysql_usual_is_long(const struct mysql_usual *usual, bool logs_in,
			 usec_t took)
{
	usec_t most = USUAL_TIMES * usual->median[logs_in];

	return took >= (most > MYSQL_PATIENCE ? most : MYSQL_PATIENCE);
}
