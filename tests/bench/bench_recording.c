/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench_recording [HOURS] - what a recording costs, and what its replay does: 200
 * servers that are asked every two seconds for HOURS (24), one decision a second,
 * every thousandth check a failure.
 *
 * The same history is decided without a recorder, with one whose bytes are thrown
 * away, and with one whose bytes take the daemon's way: through a socket of
 * messages to a reader that appends them to a file. The differences are the cost
 * in main and the cost of all. Processor time, the kernel's included, so that
 * what others run meanwhile is not in it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "balance/balance.h"
#include "conf/conf.h"
#include "record/recording.h"
#include "sim/replay.h"

#define SERVERS 200
#define PERIOD 2 /* s from one check of a server to the next */
#define RATE 10000 /* verdicts a second, for the share of a core */
#define MESSAGE (64 * 1024)

enum way {
	WAY_NONE, /* nothing is recorded */
	WAY_MAIN, /* the bytes are made */
	WAY_ALL, /* and go to the disk */
};

struct history {
	struct conf *conf;
	int channel[2];
	int file;
	uint64_t bytes;
	unsigned seconds;
};

static double spent_now(void)
{
	struct timespec time;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) < 0)
		abort();
	return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static struct conf *history_conf(void)
{
	static char text[65536];
	struct conf_options options = { .config_id = "bench" };
	struct conf_report report = { .say = NULL };
	struct conf *conf = NULL;
	char *at = text;
	unsigned i;

	at += sprintf(at,
		      "virtual_server 192.0.2.1 3306 {\nprotocol TCP\n"
		      "delay_loop %u\nlvs_sched wlc\nlvs_method DR\n",
		      PERIOD);
	for (i = 0; i < SERVERS; i++)
		at += sprintf(at,
			      "real_server 10.0.0.%u 3306 {\nMYSQL_CHECK {\n"
			      "username u\npassword p\nmax_lag 30\n}\n}\n",
			      i + 1);
	sprintf(at, "}\n");
	if (conf_parse(text, strlen(text), &options, &conf, &report) < 0)
		abort();
	return conf;
}

/* The recorder's process, without one: what main sends is appended. */
static void history_pass(struct history *history, const unsigned char *bytes,
			 size_t length)
{
	static unsigned char message[MESSAGE];
	size_t part;
	ssize_t got;

	for (; length > 0; bytes += part, length -= part) {
		part = length < MESSAGE ? length : MESSAGE;
		if (send(history->channel[0], bytes, part, 0) != (ssize_t)part)
			abort();
		got = recv(history->channel[1], message, sizeof(message), 0);
		if (got != (ssize_t)part ||
		    write(history->file, message, part) != got)
			abort();
	}
}

static void history_flush(struct history *history,
			  struct recording_writer *writer, enum way way)
{
	size_t length;
	const unsigned char *bytes = recording_writer_take(writer, &length);

	history->bytes += length;
	if (way == WAY_ALL)
		history_pass(history, bytes, length);
}

static void history_verdict(struct balance *balance, uint32_t check,
			    uint32_t salt, usec_t now)
{
	struct verdict verdict = { .check = check,
				   .outcome = salt % 1000 ? PROBE_OK :
							    PROBE_REFUSED,
				   .when = now,
				   .duration = 800 + salt % 700 };

	verdict.facts = (struct facts){
		.have = FACT_LAG | FACT_THREADS_RUNNING |
			FACT_THREADS_CONNECTED | FACT_MAX_CONNECTIONS |
			FACT_MAX_USED | FACT_UPTIME,
		.lag = salt % 7 * 100000,
		.threads_running = 4 + salt % 9,
		.threads_connected = 60 + salt % 40,
		.max_connections = 151,
		.max_used = 110,
		.uptime = now + 90 * USEC_PER_SEC,
	};
	verdict_sanitize(&verdict);
	balance_verdict(balance, &verdict, now);
}

static struct recording_writer *history_writer(struct balance *balance,
					       usec_t now)
{
	struct recording_writer *writer = recording_writer_new();
	struct recording_begin begin = { .reason = RECORD_START, .now = now };

	recording_writer_clock(writer, 1700000000 * USEC_PER_SEC);
	recording_writer_begin(writer, &begin, balance);
	balance_listen(balance, recording_writer_hear, writer);
	return writer;
}

/* us of the processor for the whole history. */
static double history_run(struct history *history, enum way way)
{
	usec_t now = 1000 * USEC_PER_SEC;
	struct balance *balance = balance_new(history->conf, now);
	struct recording_writer *writer =
		way == WAY_NONE ? NULL : history_writer(balance, now);
	struct table wanted = { 0 };
	struct balance_event event;
	struct balance_notice notice;
	double start = spent_now();
	uint32_t salt = 1, second, i;

	history->bytes = 0;
	for (second = 0; second < history->seconds; second++) {
		for (i = second % PERIOD; i < SERVERS; i += PERIOD) {
			now += USEC_PER_SEC * PERIOD / SERVERS;
			salt = salt * 1664525 + 1013904223;
			history_verdict(balance, i, salt >> 8, now);
		}
		balance_decide(balance, now, &wanted);
		while (balance_next_event(balance, &event))
			;
		while (balance_next_notice(balance, &notice))
			;
		if (writer)
			history_flush(history, writer, way);
	}
	start = spent_now() - start;
	balance_free(balance);
	recording_writer_free(writer);
	table_free(&wanted);
	return start;
}

static int history_replay(const struct history *history)
{
	static const struct replay_watcher watcher;
	struct replay *replay = replay_new(&watcher, NULL);
	const struct replay_counts *counts;
	void *data = mmap(NULL, history->bytes, PROT_READ, MAP_PRIVATE,
			  history->file, 0);
	double start = spent_now();
	int status;

	if (data == MAP_FAILED)
		abort();
	replay_file(replay, data, history->bytes);
	start = spent_now() - start;
	counts = replay_counts(replay);
	printf("replay: %.1f s for %.1f h of %u servers: %llu inputs, %llu "
	       "decisions, %llu of them otherwise\n",
	       start / 1e6, history->seconds / 3600.0, SERVERS,
	       (unsigned long long)counts->inputs,
	       (unsigned long long)counts->decisions,
	       (unsigned long long)counts->differing);
	status = counts->decisions < history->seconds || counts->differing > 0;
	munmap(data, history->bytes);
	replay_free(replay);
	return status;
}

int main(int argc, char **argv)
{
	struct history history = { .conf = history_conf() };
	char path[] = "/tmp/evenkeel-recording.XXXXXX";
	double took[WAY_ALL + 1], verdicts;
	int way, status;

	history.seconds =
		(argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 24) * 3600;
	history.file = mkstemp(path);
	if (history.file < 0 || unlink(path) < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, history.channel) < 0) {
		perror(path);
		return 1;
	}
	for (way = WAY_NONE; way <= WAY_ALL; way++)
		took[way] = history_run(&history, (enum way)way);
	verdicts = (double)history.seconds * SERVERS / PERIOD;
	printf("recorder: %.0f verdicts, %.1f bytes each; a verdict costs %.2f "
	       "us in main, %.2f us with the channel and the file\n",
	       verdicts, (double)history.bytes / verdicts,
	       (took[WAY_MAIN] - took[WAY_NONE]) / verdicts,
	       (took[WAY_ALL] - took[WAY_NONE]) / verdicts);
	printf("recorder: %.2f %% of a core at %u verdicts a second, %.2f %% of "
	       "it in main\n",
	       (took[WAY_ALL] - took[WAY_NONE]) / verdicts * RATE / 1e4, RATE,
	       (took[WAY_MAIN] - took[WAY_NONE]) / verdicts * RATE / 1e4);
	status = history_replay(&history);
	conf_free(history.conf);
	return status;
}
