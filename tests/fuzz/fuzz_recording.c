/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a recording, with checksums and without: played with the recorded
 * configuration, whatever it then is, and beside it with another one.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim/replay.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char fuzz_other[] = "virtual_server 192.0.2.1 3306 {\n"
				 "protocol TCP\nlvs_sched wlc\nlvs_method DR\n"
				 "real_server 10.0.0.1 3306 {\n"
				 "TCP_CHECK {\n}\n}\n}\n";

static struct conf *fuzz_parse(void)
{
	struct conf_options options = { .config_id = "x" };
	struct conf_report report = { .say = NULL };
	struct conf *conf = NULL;

	if (conf_parse(fuzz_other, sizeof(fuzz_other) - 1, &options, &conf,
		       &report) < 0)
		abort();
	return conf;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct replay_watcher nobody;
	static struct conf *other;
	struct recording_reader *reader;
	struct replay *replay;
	int trust;

	if (!other)
		other = fuzz_parse();
	for (trust = 0; trust < 2; trust++) {
		reader = recording_reader_new(data, size);
		if (trust)
			recording_reader_trust(reader);
		replay = replay_new(&nobody, other);
		replay_reader(replay, reader);
		replay_free(replay);
		recording_reader_free(reader);
	}
	return 0;
}
