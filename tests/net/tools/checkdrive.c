/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * checkdrive [OPTION...] FILE - plays the main process: loads a configuration,
 * runs the checker in a child, and prints what the checker says, one line each:
 *
 *	pid PID				the checker's
 *	ready GENERATION CHECKS
 *	verdict TIME CHECK KIND SERVER OUTCOME ERRNO FAILURES MS [NAME=N...] TEXT
 *	silent				it broke the promise to speak by a time
 *	malformed
 *	end STATUS cpu=MS rss=KB	of the checker
 *
 * TIME is in seconds since the start, MS how long the probe took. SIGHUP reloads
 * FILE, SIGUSR1 stops reading, SIGUSR2 reads on, SIGTERM ends. SIGWINCH orders all
 * checks to end the sessions of clients (`on_leave kill`).
 *
 *	--nofile N	the checker may have N descriptors
 *	--nproc N	and its user N processes
 *	--uid N		run the checker as this user
 *	--quiet		count verdicts instead of printing them
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "checkers/checker.h"
#include "conf/conf.h"
#include "lib/ipc.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/verdict.h"

static struct {
	struct loop *loop;
	const char *file;
	struct conf *conf; /* of the newest generation */
	uint32_t generation;
	usec_t start;
	usec_t next_by;
	int sock;
	pid_t pid;
	bool quiet;
	unsigned long verdicts;
	struct loop_io io;
	struct loop_timer silence;
	struct loop_signal hup, usr1, usr2, winch, term;
} drive;

static struct option options[] = {
	{ "nofile", required_argument, NULL, 'n' },
	{ "nproc", required_argument, NULL, 'p' },
	{ "uid", required_argument, NULL, 'u' },
	{ "quiet", no_argument, NULL, 'q' },
	{ NULL, 0, NULL, 0 },
};

struct limits {
	rlim_t nofile, nproc;
	uid_t uid;
};

/* Returns what the limit was. */
static rlim_t drive_limit(int which, rlim_t value, bool hard)
{
	struct rlimit limit;
	rlim_t old;

	if (getrlimit(which, &limit) < 0)
		fatal("drive", "getrlimit: %s", strerror(errno));
	old = limit.rlim_cur;
	limit.rlim_cur = value;
	if (hard)
		limit.rlim_max = value;
	if (value && setrlimit(which, &limit) < 0)
		fatal("drive", "setrlimit: %s", strerror(errno));
	return old;
}

static int drive_child(int sock, const struct limits *limits)
{
	rlim_t nproc = drive_limit(RLIMIT_NPROC, limits->nproc, false);
	int status;

	drive_limit(RLIMIT_NOFILE, limits->nofile, true);
	if (limits->uid && (setgroups(0, NULL) < 0 || setgid(limits->uid) < 0 ||
			    setuid(limits->uid) < 0))
		fatal("drive", "setuid: %s", strerror(errno));
	/* The leak sanitizer traces its own process, and may not after that;
	 * and it does so from a new one. */
	prctl(PR_SET_DUMPABLE, 1);
	status = checker_main(sock);
	drive_limit(RLIMIT_NPROC, nproc, false);
	return status;
}

static int drive_memfd(const char *text, size_t length)
{
	int fd = memfd_create("conf", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || write(fd, text, length) != (ssize_t)length ||
	    fcntl(fd, F_ADD_SEALS,
		  F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
		fatal("drive", "memfd: %s", strerror(errno));
	return fd;
}

static void drive_send_secret(uint32_t check, const char *path)
{
	struct ipc_secret secret = { .check = check, .last = check };
	FILE *file = fopen(path, "r");

	if (!file || !fgets(secret.text, sizeof(secret.text), file))
		fatal("drive", "%s: %s", path, strerror(errno));
	fclose(file);
	secret.text[strcspn(secret.text, "\n")] = '\0';
	secret.length = (uint32_t)strlen(secret.text);
	if (ipc_send(drive.sock, IPC_SECRET, drive.generation, &secret,
		     sizeof(secret), -1) < 0)
		fatal("drive", "cannot send a secret");
}

static void drive_load(void)
{
	struct conf_options conf_options = { .compat = false };
	struct conf_report report = { .say = conf_report_print };
	struct ipc_conf body = { .compat = 0 };
	size_t length;
	uint32_t i;
	char *text;
	int fd;

	conf_free(drive.conf);
	if (conf_read(drive.file, &conf_options, &text, &length, &report) < 0 ||
	    conf_parse(text, length, &conf_options, &drive.conf, &report) < 0)
		fatal("drive", "%s is refused", drive.file);
	drive.generation++;
	for (i = 0; i < drive.conf->nr_checks; i++) {
		const char *path = drive.conf->checks[i].traits.secret_file;

		if (path)
			drive_send_secret(i, path);
	}
	fd = drive_memfd(text, length);
	free(text);
	body.length = (uint32_t)length;
	if (ipc_send(drive.sock, IPC_CONF, drive.generation, &body,
		     sizeof(body), fd) < 0)
		fatal("drive", "cannot send the configuration");
	close(fd);
}

static void drive_print_facts(const struct facts *facts)
{
	if (facts->have & FACT_THREADS_RUNNING)
		printf(" running=%u", facts->threads_running);
	if (facts->have & FACT_THREADS_CONNECTED)
		printf(" connected=%u", facts->threads_connected);
	if (facts->have & FACT_MAX_CONNECTIONS)
		printf(" max=%u", facts->max_connections);
	if (facts->have & FACT_MAX_USED)
		printf(" used=%u", facts->max_used);
	if (facts->have & FACT_WAIT_TIMEOUT)
		printf(" wait=%u", facts->wait_timeout);
	if (facts->have & FACT_UPTIME)
		printf(" uptime=%lld",
		       (long long)(facts->uptime / USEC_PER_SEC));
	if (facts->have & FACT_HTTP_STATUS)
		printf(" http_status=%u", facts->http_status);
	if (facts->have & FACT_READ_ONLY)
		printf(" read_only=%u", facts->read_only);
	if (facts->have & FACT_IS_REPLICA)
		printf(" replica=%u", facts->is_replica);
	if (facts->have & FACT_CHANNELS)
		printf(" channels=%u", facts->channels);
	if (facts->have & FACT_LAG)
		printf(" lag=%lld", (long long)(facts->lag / USEC_PER_SEC));
	if (facts->have & FACT_EVICTED)
		printf(" evicted=%u", facts->evicted);
}

static void drive_print(struct verdict *verdict)
{
	const struct conf_check *check;
	char where[ENDPOINT_TEXT_MAX];

	verdict_sanitize(verdict);
	drive.verdicts++;
	if (drive.quiet)
		return;
	if (verdict->check >= drive.conf->nr_checks) {
		printf("malformed check=%u\n", verdict->check);
		return;
	}
	check = &drive.conf->checks[verdict->check];
	printf("verdict %.4f %u %s %s %s %u %u %.3f",
	       (double)(verdict->when - drive.start) / 1e6, verdict->check,
	       check_kind_name(check->kind),
	       endpoint_format(&check->dst, where),
	       outcome_info(verdict->outcome)->name, verdict->server_errno,
	       verdict->failures, verdict->duration / 1e3);
	drive_print_facts(&verdict->facts);
	printf(" %s\n", verdict->text);
}

static void drive_take_verdicts(struct ipc_message *msg)
{
	const struct ipc_verdicts *head = (const void *)msg->body;
	struct verdict *verdicts = (void *)(msg->body + sizeof(*head));
	uint32_t i;

	/* What was said of another configuration has other numbers. */
	for (i = 0;
	     i < head->count && msg->header.generation == drive.generation; i++)
		drive_print(&verdicts[i]);
	drive.next_by = head->next_by;
	if (drive.next_by)
		loop_timer_set(&drive.silence, drive.next_by);
	else
		loop_timer_clear(&drive.silence);
}

static void drive_ready(struct loop_io *io, unsigned what)
{
	static struct ipc_message msg;
	int got;

	while ((got = ipc_recv(drive.sock, &msg)) == 1) {
		if (msg.header.type == IPC_READY)
			printf("ready %u %u\n", msg.header.generation,
			       ((const struct ipc_ready *)(void *)msg.body)
				       ->checks);
		else if (msg.header.type == IPC_VERDICTS)
			drive_take_verdicts(&msg);
		else
			printf("malformed type=%u\n", msg.header.type);
	}
	if (got == -EBADMSG)
		printf("malformed\n");
	else if (got != -EAGAIN)
		loop_stop(drive.loop);
}

static void drive_silent(struct loop_timer *timer)
{
	printf("silent\n");
}

static void drive_send_evictions(void)
{
	struct ipc_evict order = { .wanted = 1 };

	for (; order.check < drive.conf->nr_checks; order.check++) {
		if (ipc_send(drive.sock, IPC_EVICT, drive.generation, &order,
			     sizeof(order), -1) < 0)
			fatal("drive", "cannot send an order");
	}
}

static void drive_signal(struct loop_signal *sig, int signo)
{
	if (signo == SIGHUP) {
		drive_load();
	} else if (signo == SIGUSR1) {
		loop_io_stop(&drive.io);
		loop_timer_clear(&drive.silence);
		printf("deaf\n");
	} else if (signo == SIGUSR2) {
		loop_io_start(drive.loop, &drive.io, drive.sock, LOOP_READ,
			      drive_ready);
		printf("listening\n");
	} else if (signo == SIGWINCH) {
		drive_send_evictions();
	} else {
		loop_stop(drive.loop);
	}
}

static int drive_end(void)
{
	struct rusage usage;
	int status = 0;

	close(drive.sock);
	if (wait4(drive.pid, &status, 0, &usage) < 0)
		fatal("drive", "wait4: %s", strerror(errno));
	printf("end %d cpu=%ld rss=%ld verdicts=%lu\n", status,
	       (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
		       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000,
	       usage.ru_maxrss, drive.verdicts);
	conf_free(drive.conf);
	return status == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void drive_start(const struct limits *limits)
{
	int ends[2];

	if (ipc_pair(ends) < 0)
		fatal("drive", "socketpair");
	drive.pid = fork();
	if (drive.pid == 0) {
		close(ends[0]);
		exit(drive_child(ends[1], limits));
	}
	close(ends[1]);
	drive.sock = ends[0];
	printf("pid %d\n", (int)drive.pid);
}

static void drive_watch(void)
{
	drive.loop = loop_new();
	if (!drive.loop || loop_io_start(drive.loop, &drive.io, drive.sock,
					 LOOP_READ, drive_ready) < 0)
		fatal("drive", "no event loop");
	loop_timer_init(drive.loop, &drive.silence, drive_silent);
	loop_signal_start(drive.loop, &drive.hup, SIGHUP, drive_signal);
	loop_signal_start(drive.loop, &drive.usr1, SIGUSR1, drive_signal);
	loop_signal_start(drive.loop, &drive.usr2, SIGUSR2, drive_signal);
	loop_signal_start(drive.loop, &drive.winch, SIGWINCH, drive_signal);
	loop_signal_start(drive.loop, &drive.term, SIGTERM, drive_signal);
	drive.start = loop_now_exact(drive.loop);
}

int main(int argc, char **argv)
{
	struct limits limits = { 0 };
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'n')
			limits.nofile = strtoul(optarg, NULL, 10);
		else if (c == 'p')
			limits.nproc = strtoul(optarg, NULL, 10);
		else if (c == 'u')
			limits.uid = (uid_t)strtoul(optarg, NULL, 10);
		else if (c == 'q')
			drive.quiet = true;
		else
			return EXIT_FAILURE;
	}
	if (optind != argc - 1) {
		fprintf(stderr, "usage: checkdrive [OPTION...] FILE\n");
		return EXIT_FAILURE;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	drive.file = argv[optind];
	drive_start(&limits);
	drive_watch();
	drive_load();
	loop_run(drive.loop);
	return drive_end();
}
