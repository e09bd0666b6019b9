// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * heldconn - a pool of application connections, as a lab scenario's client.
 *
 * Opens N connections to one address and runs a query on each at an interval,
 * the way a pooled application does; or, with --fresh, logs in anew for every
 * query. Counts what an application would notice: connects that failed,
 * connections that broke, queries that ran into the time limit, and which
 * server answered. The counts go to a file that is replaced five times a
 * second, so that a shell script can wait for a number without a fork.
 *
 * One thread a connection: the client library blocks, and a hung server must
 * not hide what happens on the others.
 */
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <mysql.h>

#include "client.h"

#define MAX_SERVERS 256
#define MAX_ERRORS 32
#define REPORT_EVERY_MS 200

struct options {
	const char *host;
	unsigned int port;
	const char *user;
	const char *password;
	const char *database;
	const char *query;
	const char *init; /* run once after each login */
	const char *output;
	unsigned int connections;
	unsigned int interval_ms;
	unsigned int timeout_s;
	unsigned int lifetime_s; /* 0: for ever */
	unsigned int seconds; /* 0: until SIGTERM */
	const char *trace;
	const char *losses;
	bool fresh;
	bool reopen;
};

struct server_count {
	unsigned long open;
	unsigned long running; /* queries without an answer yet */
	unsigned long queries;
	unsigned long connects;
};

struct error_count {
	unsigned int number;
	unsigned long seen;
	char text[128]; /* of the first one */
};

struct counts {
	unsigned long connected;
	unsigned long connect_failed;
	unsigned long open;
	unsigned long broken;
	unsigned long timeouts;
	unsigned long queries;
	unsigned long errors;
	unsigned long slowest_ms;
	struct server_count server[MAX_SERVERS];
	struct error_count error[MAX_ERRORS];
};

static struct options opt = {
	.port = 3306,
	.query = "SELECT @@server_id",
	.connections = 1,
	.interval_ms = 100,
	.timeout_s = 5,
};
static struct counts counts;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void pause_ms(unsigned int ms)
{
	struct timespec ts = {
		.tv_sec = ms / 1000,
		.tv_nsec = (long)(ms % 1000) * 1000000,
	};

	while (nanosleep(&ts, &ts) < 0 && errno == EINTR)
		;
}

/* Called with the lock held. */
static void error_add(MYSQL *mysql)
{
	unsigned int number = mysql_errno(mysql);
	struct error_count *e;

	for (e = counts.error; e < counts.error + MAX_ERRORS; e++) {
		if (e->seen == 0) {
			e->number = number;
			snprintf(e->text, sizeof(e->text), "%s",
				 mysql_error(mysql));
		}
		if (e->number == number) {
			e->seen++;
			return;
		}
	}
}

static MYSQL *conn_open(void)
{
	MYSQL *mysql = mysql_init(NULL);

	if (!mysql) {
		fputs("heldconn: out of memory\n", stderr);
		exit(2);
	}
	mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &opt.timeout_s);
	mysql_options(mysql, MYSQL_OPT_READ_TIMEOUT, &opt.timeout_s);
	mysql_options(mysql, MYSQL_OPT_WRITE_TIMEOUT, &opt.timeout_s);
	if (opt.init)
		mysql_options(mysql, MYSQL_INIT_COMMAND, opt.init);
	bool ok = mysql_real_connect(mysql, opt.host, opt.user, opt.password,
				     opt.database, opt.port, NULL, 0);

	pthread_mutex_lock(&lock);
	if (ok) {
		counts.connected++;
		counts.open++;
	} else {
		counts.connect_failed++;
		error_add(mysql);
	}
	pthread_mutex_unlock(&lock);
	if (ok)
		return mysql;
	mysql_close(mysql);
	return NULL;
}

/* server: who answered on this connection so far, -1 if nobody has. */
static void conn_close(MYSQL *mysql, int server)
{
	pthread_mutex_lock(&lock);
	counts.open--;
	if (server >= 0)
		counts.server[server].open--;
	pthread_mutex_unlock(&lock);
	mysql_close(mysql);
}

/* Returns the server that answered, or -1. */
static int query_run(MYSQL *mysql)
{
	int server = -1;

	if (mysql_query(mysql, opt.query))
		return -1;
	MYSQL_RES *result = mysql_store_result(mysql);

	if (!result)
		return -1;
	MYSQL_ROW row = mysql_fetch_row(result);

	if (row && row[0])
		server = atoi(row[0]) & (MAX_SERVERS - 1);
	mysql_free_result(result);
	return server;
}

/* Nobody knows whose the first query of a connection is: SERVER is -1 then. */
static void running_add(int server, int change)
{
	if (server < 0)
		return;
	pthread_mutex_lock(&lock);
	counts.server[server].running += (unsigned long)change;
	pthread_mutex_unlock(&lock);
}

/* One query with its counts; *server is the one that answered before. */
static bool conn_query(MYSQL *mysql, int *server)
{
	unsigned long start = client_clock_ms();
	int now;

	running_add(*server, 1);
	now = query_run(mysql);
	running_add(*server, -1);

	unsigned long took = client_clock_ms() - start;

	pthread_mutex_lock(&lock);
	if (took > counts.slowest_ms)
		counts.slowest_ms = took;
	if (now >= 0) {
		counts.queries++;
		counts.server[now].queries++;
		if (*server < 0) {
			counts.server[now].open++;
			counts.server[now].connects++;
			*server = now;
		}
	} else {
		counts.errors++;
		if (took >= opt.timeout_s * 1000UL)
			counts.timeouts++;
		else
			counts.broken++;
		error_add(mysql);
	}
	pthread_mutex_unlock(&lock);
	return now >= 0;
}

/*
 * When a connection opened now is to be closed: spread, so that they do not
 * come in waves.
 */
static unsigned long lifetime_end(unsigned int *seed)
{
	unsigned long full = opt.lifetime_s * 1000UL;

	if (full == 0)
		return (unsigned long)-1;
	return client_clock_ms() + full / 2 +
	       (unsigned long)rand_r(seed) % full;
}

/*
 * A line for an established connection that broke: when it was opened, when it had
 * its last answer and when it ended, in ms of the clock of /proc/uptime, its
 * server, and the error.
 */
static void loss_write(MYSQL *mysql, unsigned long opened,
		       unsigned long answered, int server)
{
	FILE *f = opt.losses ? fopen(opt.losses, "a") : NULL;

	if (opt.losses && !f)
		client_die(opt.losses);
	if (!f)
		return;
	fprintf(f, "%lu %lu %lu %d %u %s\n", opened, answered,
		client_clock_ms(), server, mysql_errno(mysql),
		mysql_error(mysql));
	fclose(f);
}

/* Queries until the connection breaks or its life is over. */
static void conn_use(MYSQL *mysql, unsigned long end)
{
	unsigned long opened = client_clock_ms(), answered = opened;
	int server = -1;
	bool good;

	while ((good = conn_query(mysql, &server)) && !opt.fresh &&
	       client_clock_ms() < end) {
		answered = client_clock_ms();
		pause_ms(opt.interval_ms);
	}
	if (!good && server >= 0)
		loss_write(mysql, opened, answered, server);
	conn_close(mysql, server);
}

static void *client_run(void *arg)
{
	unsigned int seed = (unsigned int)(size_t)arg;

	mysql_thread_init();
	do {
		MYSQL *mysql = conn_open();
		unsigned long end = lifetime_end(&seed);

		if (mysql)
			conn_use(mysql, end);
		pause_ms(opt.interval_ms);
	} while (opt.fresh || opt.reopen || opt.lifetime_s);
	mysql_thread_end();
	return NULL;
}

/* Lock held. Whose an open connection is, its first answer tells. */
static unsigned long connections_placed(void)
{
	unsigned long placed = 0;

	for (int i = 0; i < MAX_SERVERS; i++)
		placed += counts.server[i].open;
	return placed;
}

/* Called with the lock held. */
static void report_write(FILE *f)
{
	fprintf(f, "connected %lu\nconnect_failed %lu\nopen %lu\nbroken %lu\n",
		counts.connected, counts.connect_failed, counts.open,
		counts.broken);
	fprintf(f, "placed %lu\n", connections_placed());
	fprintf(f, "timeouts %lu\nqueries %lu\nerrors %lu\nslowest_ms %lu\n",
		counts.timeouts, counts.queries, counts.errors,
		counts.slowest_ms);
	for (int i = 0; i < MAX_SERVERS; i++) {
		const struct server_count *s = &counts.server[i];

		if (s->queries)
			fprintf(f,
				"server.%d.open %lu\nserver.%d.queries %lu\n"
				"server.%d.connects %lu\n",
				i, s->open, i, s->queries, i, s->connects);
	}
	for (int i = 0; i < MAX_ERRORS && counts.error[i].seen; i++)
		fprintf(f, "error.%u %lu %s\n", counts.error[i].number,
			counts.error[i].seen, counts.error[i].text);
}

static void report_renew(void)
{
	char temporary[CLIENT_PATH_MAX];
	FILE *f = client_report_begin(opt.output, temporary);

	pthread_mutex_lock(&lock);
	report_write(f);
	pthread_mutex_unlock(&lock);
	client_report_end(f, temporary, opt.output);
}

static void report_print(void)
{
	pthread_mutex_lock(&lock);
	report_write(stdout);
	pthread_mutex_unlock(&lock);
	fflush(stdout);
}

/*
 * A line of the trace: the time as in /proc/uptime, but in ms, and then
 * NUMBER:OPEN:RUNNING for each server.
 */
static void trace_write(FILE *trace)
{
	fprintf(trace, "%lu", client_clock_ms());
	pthread_mutex_lock(&lock);
	for (int i = 0; i < MAX_SERVERS; i++) {
		const struct server_count *s = &counts.server[i];

		if (s->queries)
			fprintf(trace, " %d:%lu:%lu", i, s->open, s->running);
	}
	pthread_mutex_unlock(&lock);
	fputc('\n', trace);
	fflush(trace);
}

static FILE *trace_open(void)
{
	FILE *trace = opt.trace ? fopen(opt.trace, "w") : NULL;

	if (opt.trace && !trace)
		client_die(opt.trace);
	return trace;
}

/* Renews the report until the time is over or a signal ends it. */
static void report_loop(const sigset_t *signals)
{
	const struct timespec every = { .tv_nsec = REPORT_EVERY_MS * 1000000L };
	unsigned long end = client_clock_ms() + opt.seconds * 1000UL;
	FILE *trace = trace_open();
	int signal;

	do {
		if (opt.output)
			report_renew();
		if (trace)
			trace_write(trace);
		signal = sigtimedwait(signals, NULL, &every);
		if (signal == SIGUSR1)
			report_print();
	} while ((signal < 0 || signal == SIGUSR1) &&
		 (opt.seconds == 0 || client_clock_ms() < end));
	if (trace)
		fclose(trace);
}

static void usage(FILE *f)
{
	fputs("usage: heldconn -h HOST [-P PORT] [-u USER] [-p PASSWORD] [-D DB]\n"
	      "  -c, --connections N   how many (1)\n"
	      "  -i, --interval MS     between two queries of one (100)\n"
	      "  -q, --query SQL       its first column is a number, the server\n"
	      "  -n, --init SQL        run once on each connection, after its login\n"
	      "  -t, --timeout S       for connect and for each answer (5)\n"
	      "  -s, --seconds S       end after that; else at SIGTERM\n"
	      "  -f, --fresh           log in anew for every query\n"
	      "  -r, --reopen          open a broken connection again\n"
	      "  -l, --lifetime S      close and open each again after about that\n"
	      "  -o, --output FILE     keep the counts there\n"
	      "  -x, --trace FILE      append a line five times a second: the time\n"
	      "                        in ms, and NUMBER:OPEN:RUNNING a server\n"
	      "  -L, --losses FILE     append a line for each connection that broke:\n"
	      "                        opened, last answer, end (ms), server, error\n"
	      "SIGUSR1 prints the counts; so does the end.\n",
	      f);
}

static bool option_take(int letter)
{
	switch (letter) {
	case 'h':
		opt.host = optarg;
		break;
	case 'P':
		opt.port = client_number(optarg);
		break;
	case 'u':
		opt.user = optarg;
		break;
	case 'p':
		opt.password = optarg;
		break;
	case 'D':
		opt.database = optarg;
		break;
	case 'q':
		opt.query = optarg;
		break;
	case 'n':
		opt.init = optarg;
		break;
	case 'o':
		opt.output = optarg;
		break;
	case 'c':
		opt.connections = client_number(optarg);
		break;
	case 'i':
		opt.interval_ms = client_number(optarg);
		break;
	case 't':
		opt.timeout_s = client_number(optarg);
		break;
	case 's':
		opt.seconds = client_number(optarg);
		break;
	case 'l':
		opt.lifetime_s = client_number(optarg);
		break;
	case 'L':
		opt.losses = optarg;
		break;
	case 'x':
		opt.trace = optarg;
		break;
	case 'f':
		opt.fresh = true;
		break;
	case 'r':
		opt.reopen = true;
		break;
	default:
		return false;
	}
	return true;
}

static void options_parse(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "connections", required_argument, NULL, 'c' },
		{ "interval", required_argument, NULL, 'i' },
		{ "query", required_argument, NULL, 'q' },
		{ "init", required_argument, NULL, 'n' },
		{ "timeout", required_argument, NULL, 't' },
		{ "seconds", required_argument, NULL, 's' },
		{ "lifetime", required_argument, NULL, 'l' },
		{ "output", required_argument, NULL, 'o' },
		{ "losses", required_argument, NULL, 'L' },
		{ "trace", required_argument, NULL, 'x' },
		{ "fresh", no_argument, NULL, 'f' },
		{ "reopen", no_argument, NULL, 'r' },
		{ "help", no_argument, NULL, 'H' },
		{ 0 },
	};
	int letter;

	while ((letter = getopt_long(argc, argv,
				     "h:P:u:p:D:c:i:q:n:t:s:l:o:x:L:fr", longs,
				     NULL)) != -1) {
		if (letter == 'H') {
			usage(stdout);
			exit(0);
		}
		if (!option_take(letter)) {
			usage(stderr);
			exit(2);
		}
	}
	if (!opt.host || optind < argc) {
		usage(stderr);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	pthread_attr_t attr;
	sigset_t signals;

	options_parse(argc, argv);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGUSR1);
	/* Before the threads start, so that they inherit it. */
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	if (mysql_library_init(0, NULL, NULL)) {
		fputs("heldconn: the client library does not start\n", stderr);
		return 2;
	}
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, 256 * 1024);
	for (unsigned int i = 0; i < opt.connections; i++) {
		pthread_t thread;
		int error = pthread_create(&thread, &attr, client_run,
					   (void *)(size_t)(i + 1));

		if (error) {
			fprintf(stderr, "heldconn: thread %u: %s\n", i,
				strerror(error));
			return 2;
		}
	}
	report_loop(&signals);
	if (opt.output)
		report_renew();
	report_print();
	/* The threads may wait for a hung server: they are not joined. */
	_exit(0);
}
