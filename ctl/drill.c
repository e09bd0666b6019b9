/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/drill.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "ctl/ctl_command.h"
#include "ctl/drill_report.h"
#include "ctl/drill_watch.h"

#define DRILL_EXIT_GAP 5
#define DRILL_RATE 10.0
#define DRILL_TIMEOUT 2.0
#define DRILL_DAY 86400.0
/* A --max-gap of fewer intervals says more of the stopwatch than of a service. */
#define DRILL_GAP_INTERVALS_MIN 2
#define DRILL_PASSWORD_MAX 256

struct drill_plan {
	struct drill_target target;
	char password[DRILL_PASSWORD_MAX];
	usec_t interval, limit;
	usec_t max_gap; /* 0: any */
};

/* A number between MIN and MAX, or PRESET without TEXT. */
static int drill_number(const char *option, const char *text, double preset,
			double min, double max, double *out)
{
	char *end;

	*out = preset;
	if (!text)
		return 0;
	*out = strtod(text, &end);
	if (end != text && *end == '\0' && *out >= min && *out <= max)
		return 0;
	fprintf(stderr, "evenkeel: --%s: '%s' is not a number from %g to %g\n",
		option, text, min, max);
	return -EINVAL;
}

static int drill_plan_times(struct drill_plan *plan, const struct ctl *ctl)
{
	const struct drill_words *words = &ctl->drill;
	double rate, timeout, how_long, gap;

	if (drill_number("rate", words->rate, DRILL_RATE, 0.1, 100, &rate) ||
	    drill_number("timeout", words->timeout, DRILL_TIMEOUT, 0.1, 60,
			 &timeout) ||
	    drill_number("for", ctl->how_long, DRILL_DAY, 0.1, DRILL_DAY,
			 &how_long) ||
	    drill_number("max-gap", words->max_gap, 0, 0.1, DRILL_DAY, &gap))
		return -EINVAL;
	if (rate * timeout > DRILL_UNDER_WAY) {
		fprintf(stderr,
			"evenkeel: --rate=%g with --timeout=%g could be %.0f connections at a "
			"time; at most %u\n",
			rate, timeout, rate * timeout, DRILL_UNDER_WAY);
		return -EINVAL;
	}
	/* Between two answers there is an interval and their own time. */
	if (words->max_gap && gap * rate < DRILL_GAP_INTERVALS_MIN) {
		fprintf(stderr,
			"evenkeel: --max-gap=%g with --rate=%g would be exceeded by any "
			"service: it is to be %d intervals at least, %g\n",
			gap, rate, DRILL_GAP_INTERVALS_MIN,
			DRILL_GAP_INTERVALS_MIN / rate);
		return -EINVAL;
	}
	plan->interval = (usec_t)(1e6 / rate + 0.5);
	plan->target.timeout = (usec_t)(timeout * 1e6 + 0.5);
	plan->limit = (usec_t)(how_long * 1e6 + 0.5);
	plan->max_gap = (usec_t)(gap * 1e6 + 0.5);
	return 0;
}

static int drill_plan_address(struct drill_plan *plan, char **args)
{
	char *end;
	long port = strtol(args[1], &end, 10);

	if (*end || end == args[1] || port < 1 || port > 65535) {
		fprintf(stderr, "evenkeel: '%s' is not a port\n", args[1]);
		return -EINVAL;
	}
	plan->target.host = args[0];
	plan->target.port = (unsigned)port;
	return 0;
}

/*
 * The first line that FD gives is the password. Signals are let through by MASK
 * while there is nothing to read; NULL: FD is no terminal.
 */
static int drill_password_read(struct drill_plan *plan, int fd,
			       const sigset_t *mask)
{
	struct pollfd input = { .fd = fd, .events = POLLIN };
	size_t used = 0, room = sizeof(plan->password) - 1;
	ssize_t got = 1;

	while (got > 0 && !memchr(plan->password, '\n', used)) {
		if (used == room)
			return -EMSGSIZE;
		if (mask && ppoll(&input, 1, NULL, mask) < 0)
			return -errno;
		got = read(fd, plan->password + used, room - used);
		if (got < 0)
			return -errno;
		used += (size_t)got;
	}
	plan->password[strcspn(plan->password, "\n")] = '\0';
	plan->target.password = plan->password;
	return 0;
}

static void drill_password_fail(const char *path, int error)
{
	if (error == -EMSGSIZE)
		fprintf(stderr,
			"evenkeel: %s: the password is longer than %d bytes\n",
			path, DRILL_PASSWORD_MAX - 2);
	else
		fprintf(stderr, "evenkeel: %s: %s\n", path, strerror(-error));
}

static int drill_password_file(struct drill_plan *plan, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), error;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		fprintf(stderr, "evenkeel: %s: %s\n", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -EINVAL;
	}
	if (S_ISREG(st.st_mode) && st.st_mode & (S_IRWXO | S_IWGRP)) {
		fprintf(stderr,
			"evenkeel: %s can be read or written by others; "
			"'chmod 600 %s' mends it\n",
			path, path);
		close(fd);
		return -EACCES;
	}
	error = drill_password_read(plan, fd, NULL);
	if (error < 0)
		drill_password_fail(path, error);
	close(fd);
	return error;
}

/* Signals that end a program which waits at a prompt. */
static const int drill_ends[] = { SIGINT, SIGTERM, SIGQUIT, SIGHUP };
static volatile sig_atomic_t drill_ended;

static void drill_end(int signal_number)
{
	drill_ended = signal_number;
}

/*
 * Asks on the terminal TTY, which is as USUAL. A signal only ends the wait, until
 * the terminal is as usual again.
 */
static int drill_password_prompt(struct drill_plan *plan, int tty,
				 const struct termios *usual)
{
	struct sigaction end = { .sa_handler = drill_end };
	struct termios silent = *usual;
	struct sigaction before[ARRAY_SIZE(drill_ends)];
	sigset_t block, mask;
	size_t i;
	int error;

	sigemptyset(&block);
	for (i = 0; i < ARRAY_SIZE(drill_ends); i++)
		sigaddset(&block, drill_ends[i]);
	sigprocmask(SIG_BLOCK, &block, &mask);
	for (i = 0; i < ARRAY_SIZE(drill_ends); i++)
		sigaction(drill_ends[i], &end, &before[i]);
	silent.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(tty, TCSAFLUSH, &silent);
	dprintf(tty, "Password: ");
	error = drill_password_read(plan, tty, &mask);
	tcsetattr(tty, TCSAFLUSH, usual);
	for (i = 0; i < ARRAY_SIZE(drill_ends); i++)
		sigaction(drill_ends[i], &before[i], NULL);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return error;
}

/* Asks on the terminal, which does not show the letters. */
static int drill_password_ask(struct drill_plan *plan)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC), error;
	struct termios usual;

	if (fd < 0 || tcgetattr(fd, &usual) < 0) {
		fputs("evenkeel: there is no terminal to ask for a password; "
		      "--password-file or --defaults-file name a file\n",
		      stderr);
		if (fd >= 0)
			close(fd);
		return -ENOTTY;
	}
	error = drill_password_prompt(plan, fd, &usual);
	dprintf(fd, "\n");
	close(fd);
	if (drill_ended)
		raise(drill_ended);
	else if (error < 0)
		drill_password_fail("/dev/tty", error);
	return error;
}

static int drill_plan_login(struct drill_plan *plan,
			    const struct drill_words *words)
{
	plan->target.user = words->user;
	plan->target.defaults_file = words->defaults_file;
	if (words->defaults_file && access(words->defaults_file, R_OK) < 0) {
		fprintf(stderr, "evenkeel: %s: %s\n", words->defaults_file,
			strerror(errno));
		return -EINVAL;
	}
	if (words->password_file)
		return drill_password_file(plan, words->password_file);
	return words->ask_password ? drill_password_ask(plan) : 0;
}

static int drill_status(const struct drill_watch *watch, usec_t max_gap)
{
	if (watch->stats.counts[DRILL_ANSWERED] == 0)
		return 1;
	return drill_stats_gap_exceeds(&watch->stats, max_gap) ?
		       DRILL_EXIT_GAP :
		       0;
}

int drill_run(struct ctl *ctl, const struct command *command)
{
	struct drill_plan plan = { 0 };
	struct drill_report report;
	struct drill_watch *watch;
	int status;

	/* Others of the same user are not to read the password from memory. */
	prctl(PR_SET_DUMPABLE, 0);
	if (drill_plan_address(&plan, ctl->args) < 0 ||
	    drill_plan_times(&plan, ctl) < 0 ||
	    drill_plan_login(&plan, &ctl->drill) < 0)
		return 2;
	if (drill_probe_prepare() < 0) {
		fputs("evenkeel: the MySQL client library cannot be used\n",
		      stderr);
		return 1;
	}
	drill_report_init(&report, &ctl->output, ctl->json);
	watch = xcalloc(1, sizeof(*watch));
	watch->target = &plan.target;
	watch->report = &report;
	watch->limit = plan.limit;
	drill_stats_init(&watch->stats, plan.interval);
	drill_watch_run(watch);
	explicit_bzero(plan.password, sizeof(plan.password));
	drill_report_end(&report, watch);
	status = drill_status(watch, plan.max_gap);
	drill_stats_free(&watch->stats);
	free(watch);
	return status;
}
