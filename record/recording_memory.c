/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/recording_internal.h"

void record_memory_reset(struct record_memory *memory, uint32_t nr_checks)
{
	unsigned i;

	free(memory->verdicts);
	memory->verdicts = xcalloc(nr_checks, sizeof(*memory->verdicts));
	memory->nr_verdicts = nr_checks;
	for (i = 0; i < RECORD_TABLES; i++) {
		table_clear(&memory->tables[i].last);
		memory->tables[i].known = false;
	}
}

void record_memory_free(struct record_memory *memory)
{
	unsigned i;

	free(memory->verdicts);
	for (i = 0; i < RECORD_TABLES; i++)
		table_free(&memory->tables[i].last);
}

char *recording_conf_text(const struct conf *conf, size_t *length)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, length);

	if (!out)
		return NULL;
	conf_print(conf, out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
