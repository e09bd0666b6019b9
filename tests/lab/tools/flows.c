// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * flows - many small connections, each with an address and port of its own.
 *
 * Opens N connections to servers that tell their number (toyserver, mode `name`),
 * from given source addresses and from source ports that count upwards, so that a
 * second run opens the very same ones. Each asks at an interval for the number of
 * its server. Counts what an application would notice, and says which connection
 * has which server. One thread, so that hundreds cost little under emulation.
 *
 * With --once each connection asks once, and all are reset then: no TIME_WAIT is
 * in the way of a second run.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"

#define MAX_SOURCES 16
#define MAX_SERVERS 256
#define TICK_MS 20
#define REPORT_EVERY_MS 200
#define WAITS_MS 1000 /* a question is "waiting" after that */

enum flow_state {
	FLOW_DUE, /* not opened yet */
	FLOW_CONNECTING,
	FLOW_IDLE, /* established, no question is open */
	FLOW_ASKED,
	FLOW_GONE,
};

enum flow_end {
	END_RESET,
	END_CLOSED, /* by the other side */
	END_REFUSED,
	END_UNREACHABLE,
	END_HUNG,
	END_OTHER,
	ENDS,
};

static const char *const end_names[ENDS] = {
	[END_RESET] = "reset",	   [END_CLOSED] = "closed",
	[END_REFUSED] = "refused", [END_UNREACHABLE] = "unreachable",
	[END_HUNG] = "hung",	   [END_OTHER] = "other",
};

struct flow {
	enum flow_state state;
	int fd;
	int server; /* -1: no answer so far */
	unsigned long since; /* ms: asked, or opened */
	unsigned long next; /* ms: when to open, or to ask */
};

struct options {
	struct sockaddr_in to;
	struct in_addr sources[MAX_SOURCES];
	unsigned int nr_sources;
	unsigned int first_port;
	unsigned int connections;
	unsigned int interval_ms;
	unsigned int timeout_ms; /* without an answer: hung */
	const char *output;
	const char *map;
	bool once;
};

struct counts {
	unsigned long broken; /* established ones that ended */
	unsigned long failed; /* that never were */
	unsigned long ends[ENDS];
	unsigned long answers;
	unsigned long changed; /* another server than before answered */
	unsigned long slowest_ms;
};

static struct options opt = {
	.to = { .sin_family = AF_INET },
	.first_port = 20000,
	.connections = 1,
	.interval_ms = 200,
	.timeout_ms = 30000,
};
static struct counts counts;
static struct flow *flows;
static int epoll;
static volatile sig_atomic_t ended;

static struct sockaddr_in flow_source(const struct flow *flow)
{
	unsigned int i = (unsigned int)(flow - flows);
	struct sockaddr_in from = {
		.sin_family = AF_INET,
		.sin_addr = opt.sources[i % opt.nr_sources],
		.sin_port =
			htons((uint16_t)(opt.first_port + i / opt.nr_sources)),
	};

	return from;
}

static enum flow_end end_of(int error)
{
	switch (error) {
	case ECONNRESET:
	case EPIPE:
		return END_RESET;
	case 0:
		return END_CLOSED;
	case ECONNREFUSED:
		return END_REFUSED;
	case EHOSTUNREACH:
	case ENETUNREACH:
		return END_UNREACHABLE;
	case ETIMEDOUT:
		return END_HUNG;
	default:
		return END_OTHER;
	}
}

static void flow_end(struct flow *flow, enum flow_end end)
{
	if (flow->state == FLOW_CONNECTING)
		counts.failed++;
	else
		counts.broken++;
	counts.ends[end]++;
	close(flow->fd);
	flow->state = FLOW_GONE;
}

static void flow_open(struct flow *flow, unsigned long now)
{
	struct sockaddr_in from = flow_source(flow);
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET,
				     .data.ptr = flow };
	int yes = 1;

	flow->fd =
		socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (flow->fd < 0)
		client_die("socket");
	setsockopt(flow->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	setsockopt(flow->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	if (bind(flow->fd, (void *)&from, sizeof(from)) < 0)
		client_die("bind");
	flow->state = FLOW_CONNECTING;
	flow->since = now;
	if (connect(flow->fd, (void *)&opt.to, sizeof(opt.to)) < 0 &&
	    errno != EINPROGRESS) {
		flow_end(flow, end_of(errno));
		return;
	}
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, flow->fd, &event) < 0)
		client_die("epoll_ctl");
}

static void flow_ask(struct flow *flow, unsigned long now)
{
	if (send(flow->fd, "\n", 1, MSG_NOSIGNAL) < 0) {
		flow_end(flow, end_of(errno));
		return;
	}
	flow->state = FLOW_ASKED;
	flow->since = now;
}

static void flow_take(struct flow *flow, unsigned long now)
{
	char text[64];
	ssize_t got = recv(flow->fd, text, sizeof(text) - 1, 0);
	int server;

	if (got < 0 && errno == EAGAIN)
		return;
	if (got <= 0) {
		flow_end(flow, end_of(got < 0 ? errno : 0));
		return;
	}
	text[got] = '\0';
	server = atoi(text) & (MAX_SERVERS - 1);
	counts.answers++;
	if (flow->server >= 0 && flow->server != server)
		counts.changed++;
	flow->server = server;
	if (now - flow->since > counts.slowest_ms)
		counts.slowest_ms = now - flow->since;
	flow->state = FLOW_IDLE;
	while (flow->next <= now)
		flow->next += opt.interval_ms;
}

static void flow_event(struct flow *flow, unsigned long now)
{
	socklen_t size = sizeof(int);
	int error = 0;

	if (flow->state == FLOW_CONNECTING) {
		if (getsockopt(flow->fd, SOL_SOCKET, SO_ERROR, &error, &size) <
		    0)
			client_die("getsockopt");
		if (error) {
			flow_end(flow, end_of(error));
			return;
		}
		flow->state = FLOW_IDLE;
		flow_ask(flow, now);
	} else if (flow->state != FLOW_GONE) {
		flow_take(flow, now);
	}
}

static void flow_tick(struct flow *flow, unsigned long now)
{
	switch (flow->state) {
	case FLOW_DUE:
		if (now >= flow->next)
			flow_open(flow, now);
		return;
	case FLOW_IDLE:
		if (!opt.once && now >= flow->next)
			flow_ask(flow, now);
		return;
	case FLOW_CONNECTING:
	case FLOW_ASKED:
		if (now - flow->since >= opt.timeout_ms)
			flow_end(flow, END_HUNG);
		return;
	case FLOW_GONE:
		return;
	}
}

static unsigned int flows_in(enum flow_state state)
{
	unsigned int i, nr = 0;

	for (i = 0; i < opt.connections; i++)
		nr += flows[i].state == state;
	return nr;
}

static void report_servers(FILE *f)
{
	unsigned int i, open[MAX_SERVERS] = { 0 };

	for (i = 0; i < opt.connections; i++)
		if (flows[i].state != FLOW_GONE && flows[i].server >= 0)
			open[flows[i].server]++;
	for (i = 0; i < MAX_SERVERS; i++)
		if (open[i])
			fprintf(f, "server.%u.open %u\n", i, open[i]);
}

static void report_write(FILE *f, unsigned long now)
{
	unsigned int i, waiting = 0, placed = 0;

	for (i = 0; i < opt.connections; i++) {
		waiting += flows[i].state == FLOW_ASKED &&
			   now - flows[i].since > WAITS_MS;
		placed += flows[i].state != FLOW_GONE && flows[i].server >= 0;
	}
	fprintf(f, "open %u\nplaced %u\nwaiting %u\nbroken %lu\nfailed %lu\n",
		flows_in(FLOW_IDLE) + flows_in(FLOW_ASKED), placed, waiting,
		counts.broken, counts.failed);
	for (i = 0; i < ENDS; i++)
		fprintf(f, "%s %lu\n", end_names[i], counts.ends[i]);
	fprintf(f, "answers %lu\nchanged %lu\nslowest_ms %lu\n", counts.answers,
		counts.changed, counts.slowest_ms);
	report_servers(f);
}

/* A line for each connection: its address, its port, its server or how it is. */
static void map_write(FILE *f)
{
	char address[INET_ADDRSTRLEN];
	unsigned int i;

	for (i = 0; i < opt.connections; i++) {
		struct sockaddr_in from = flow_source(&flows[i]);

		inet_ntop(AF_INET, &from.sin_addr, address, sizeof(address));
		fprintf(f, "%s %u ", address, ntohs(from.sin_port));
		if (flows[i].state == FLOW_GONE || flows[i].server < 0)
			fputs("gone\n", f);
		else
			fprintf(f, "%d\n", flows[i].server);
	}
}

static void files_renew(unsigned long now)
{
	char temporary[CLIENT_PATH_MAX];
	FILE *f;

	if (opt.output) {
		f = client_report_begin(opt.output, temporary);
		report_write(f, now);
		client_report_end(f, temporary, opt.output);
	}
	if (opt.map && (opt.once || ended)) {
		f = client_report_begin(opt.map, temporary);
		map_write(f);
		client_report_end(f, temporary, opt.map);
	}
}

static bool flows_done(void)
{
	unsigned int i;

	for (i = 0; i < opt.connections; i++)
		if (flows[i].state != FLOW_GONE &&
		    (!opt.once || flows[i].state != FLOW_IDLE ||
		     flows[i].server < 0))
			return false;
	return opt.once;
}

static void flows_run(void)
{
	struct epoll_event events[256];
	unsigned long report = 0, tick = 0, now = client_clock_ms();
	int n, i;

	while (!ended && !flows_done()) {
		n = epoll_wait(epoll, events, 256, TICK_MS);
		now = client_clock_ms();
		for (i = 0; i < n; i++)
			flow_event(events[i].data.ptr, now);
		if (now < tick)
			continue;
		tick = now + TICK_MS;
		for (i = 0; i < (int)opt.connections; i++)
			flow_tick(&flows[i], now);
		if (now < report)
			continue;
		report = now + REPORT_EVERY_MS;
		files_renew(now);
	}
	files_renew(client_clock_ms());
}

static void flows_reset(void)
{
	struct linger at_once = { .l_onoff = 1 };
	unsigned int i;

	for (i = 0; i < opt.connections; i++)
		if (flows[i].state != FLOW_GONE && flows[i].state != FLOW_DUE) {
			setsockopt(flows[i].fd, SOL_SOCKET, SO_LINGER, &at_once,
				   sizeof(at_once));
			close(flows[i].fd);
		}
}

/* Spread over an interval, and so are their questions. */
static void flows_prepare(void)
{
	unsigned long now = client_clock_ms();
	unsigned int i;

	flows = calloc(opt.connections, sizeof(*flows));
	if (!flows)
		client_die("flows");
	for (i = 0; i < opt.connections; i++) {
		flows[i].server = -1;
		flows[i].next = now + (unsigned long)i * opt.interval_ms /
					      opt.connections;
	}
}

static void usage(void)
{
	fputs("usage: flows -h HOST -s SOURCE [-s SOURCE]...\n"
	      "  -P, --port N          (3306)\n"
	      "  -p, --first-port N    the first source port of each (20000)\n"
	      "  -c, --connections N   how many, over all sources (1)\n"
	      "  -i, --interval MS     between two questions of one (200)\n"
	      "  -t, --timeout MS      without an answer one has hung (30000)\n"
	      "  -o, --output FILE     keep the counts there\n"
	      "  -m, --map FILE        at the end: address, port, server\n"
	      "  -1, --once            one question each\n",
	      stderr);
	exit(2);
}

static void source_add(const char *text)
{
	if (opt.nr_sources == MAX_SOURCES ||
	    inet_pton(AF_INET, text, &opt.sources[opt.nr_sources++]) != 1)
		usage();
}

static void option_take(int letter)
{
	switch (letter) {
	case 'h':
		if (inet_pton(AF_INET, optarg, &opt.to.sin_addr) != 1)
			usage();
		break;
	case 's':
		source_add(optarg);
		break;
	case 'P':
		opt.to.sin_port = htons((uint16_t)client_number(optarg));
		break;
	case 'p':
		opt.first_port = client_number(optarg);
		break;
	case 'c':
		opt.connections = client_number(optarg);
		break;
	case 'i':
		opt.interval_ms = client_number(optarg);
		break;
	case 't':
		opt.timeout_ms = client_number(optarg);
		break;
	case 'o':
		opt.output = optarg;
		break;
	case 'm':
		opt.map = optarg;
		break;
	case '1':
		opt.once = true;
		break;
	default:
		usage();
	}
}

static void on_signal(int signal)
{
	(void)signal;
	ended = 1;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "source", required_argument, NULL, 's' },
		{ "port", required_argument, NULL, 'P' },
		{ "first-port", required_argument, NULL, 'p' },
		{ "connections", required_argument, NULL, 'c' },
		{ "interval", required_argument, NULL, 'i' },
		{ "timeout", required_argument, NULL, 't' },
		{ "output", required_argument, NULL, 'o' },
		{ "map", required_argument, NULL, 'm' },
		{ "once", no_argument, NULL, '1' },
		{ 0 },
	};
	struct sigaction action = { .sa_handler = on_signal };
	int letter;

	opt.to.sin_port = htons(3306);
	while ((letter = getopt_long(argc, argv, "h:s:P:p:c:i:t:o:m:1", longs,
				     NULL)) != -1)
		option_take(letter);
	if (opt.nr_sources == 0 || optind < argc || opt.interval_ms == 0)
		usage();
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (epoll < 0)
		client_die("epoll_create1");
	flows_prepare();
	flows_run();
	flows_reset();
	return 0;
}
