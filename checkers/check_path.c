/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/check_path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "checkers/check.h"
#include "lib/ipc.h"
#include "lib/text.h"
#include "lib/util.h"

/* A server that hung when asked itself is asked itself again so much later. */
#define PATH_HUNG_ROUNDS 8

bool check_is_client(const struct check *check)
{
	return check->conf->client && !check->path.direct;
}

bool check_is_lent(const struct check *check)
{
	return check_is_client(check) ||
	       (check->conf->fwmark && !check->conf->client);
}

const struct endpoint *check_dst(const struct check *check)
{
	return check_is_client(check) ? &check->conf->service :
					&check->conf->dst;
}

void check_reset_socket(struct check *check)
{
	const struct sockaddr nowhere = { .sa_family = AF_UNSPEC };
	struct check_path *path = &check->path;

	if (path->nr_sockets == 0)
		return;
	path->used = false;
	path->joined = connect(path->sockets[path->nr_sockets - 1], &nowhere,
			       sizeof(nowhere)) < 0;
}

int check_socket(struct check *check)
{
	struct check_path *path = &check->path;

	if (path->nr_sockets == 0)
		return -path->error;
	/* The connection of before ends, and connect() begins anew. */
	if (path->joined)
		check_reset_socket(check);
	path->used = path->joined = true;
	return path->sockets[path->nr_sockets - 1];
}

int check_copy_socket(struct check *check)
{
	int own = check_socket(check);
	int fd = own < 0 ? own : fcntl(own, F_DUPFD_CLOEXEC, 0);

	return fd < 0 && own >= 0 ? -errno : fd;
}

/* The server is to see the end of the connection, though the socket stays. */
static void check_path_end(struct check *check)
{
	struct check_path *path = &check->path;

	if (path->used && path->nr_sockets > 0)
		(void)shutdown(path->sockets[path->nr_sockets - 1], SHUT_RDWR);
	path->used = false;
}

int check_take_socket(struct check *check)
{
	if (check->path.nr_sockets == 0)
		return -1;
	return check->path.sockets[--check->path.nr_sockets];
}

static int check_path_ask(struct check *check)
{
	const struct ipc_socket_ask ask = { .check = check->index };
	int error = 0;

	if (!check->path.asked)
		error = check_tell_main(check, IPC_SOCKET_ASK, &ask,
					sizeof(ask));
	check->path.asked |= error == 0;
	/* Of the last answer, for the verdict of a check that waits long. */
	return check->path.error ? -check->path.error : -EAGAIN;
}

int check_path_begin(struct check *check)
{
	unsigned wanted = check->type->sockets;

	if (!check_is_lent(check) || check->path.nr_sockets >= wanted)
		return 0;
	/* Without a mark it cannot be done; the probe says so. */
	if (!check->conf->client && check->path.lacking) {
		check->path.lacking = false;
		return 0;
	}
	return check_path_ask(check);
}

static void check_path_close(struct check *check)
{
	while (check->path.nr_sockets > 0)
		close(check_take_socket(check));
	check->path.stale = check->path.joined = false;
}

void check_path_stale(struct check *check)
{
	check_path_reset(check);
	check->path.renewed++;
	/* The probe that runs ends first. */
	if (check->started && check_is_lent(check))
		check->path.stale = true;
	else
		check_path_close(check);
}

void check_path_reset(struct check *check)
{
	check->path.asked = false;
}

/* Why there is no socket, as an errno. */
static int check_path_errno(const struct ipc_socket *answer)
{
	return answer->error > 0 && answer->error < 4096 ? (int)answer->error :
							   EPERM;
}

void check_path_answer(struct check *check, const struct ipc_socket *answer,
		       int fd)
{
	struct check_path *path = &check->path;

	if (!path->asked) {
		if (fd >= 0)
			close(fd);
		return;
	}
	path->asked = false;
	if (fd >= 0 && path->nr_sockets < PATH_SOCKETS)
		path->sockets[path->nr_sockets++] = fd;
	else if (fd >= 0)
		close(fd);
	/* No socket yet: the probe stays put off, and its next start asks anew. */
	else if (answer->error == EAGAIN)
		return;
	else
		path->lacking = true;
	path->direct = path->lacking && check->conf->client;
	path->error = path->lacking ? check_path_errno(answer) : 0;
	check_run_now(check);
}

/* For a server that is well, why may the way to it not be? */
static void check_path_add_words(struct text *line,
				 const struct conf_check *conf,
				 const char *service)
{
	bool v4 = conf->service.addr.family == AF_INET;

	switch ((enum forward)conf->forward.method) {
	case FORWARD_DR:
		text_add(line, "by direct routing: is %s on its loopback%s?",
			 service,
			 v4 ? ", with arp_ignore=1 and arp_announce=2" : "");
		break;
	case FORWARD_TUN:
		text_add(line,
			 "through the tunnel: is its tunnel interface up, "
			 "with %s on it%s?",
			 service, v4 ? " and rp_filter=0" : "");
		break;
	case FORWARD_NAT:
	case FORWARD_LOCAL:
		text_add(line,
			 "by NAT: does a firewall rule here drop packets with "
			 "a mark, or is ip_forward 0?");
		break;
	}
}

static void check_path_blame(const struct check *check,
			     struct probe_result *result)
{
	struct text line = text_in(result->text, sizeof(result->text));
	char service[ADDR_TEXT_MAX];

	addr_format(&check->conf->service.addr, service);
	result->outcome = PROBE_CLIENT_PATH;
	result->server_errno = 0;
	text_add(&line, "answers at its own address, but not at %s ", service);
	check_path_add_words(&line, check->conf, service);
}

/*
 * The verdict on two probes, of the clients' way and of the server itself, into
 * RESULT, which is that of the latter.
 */
static void check_path_conclude(struct check *check,
				struct probe_result *result)
{
	struct check_path *path = &check->path;

	path->rest = result->outcome == PROBE_HUNG ? PATH_HUNG_ROUNDS : 0;
	switch (outcome_info(result->outcome)->class) {
	case OUTCOME_GOOD:
	case OUTCOME_SOFT:
	case OUTCOME_SATURATED:
	case OUTCOME_DRAIN:
		check_path_blame(check, result);
		break;
	case OUTCOME_UNKNOWN:
	case OUTCOME_HOLD:
		/* This probe came to no judgement, and the first one did. */
		*result = *path->first;
		break;
	case OUTCOME_HARD:
	case OUTCOME_CLASSES:
		break;
	}
}

bool check_path_continues(struct check *check, struct probe_result *result)
{
	struct check_path *path = &check->path;

	check_path_end(check);
	if (path->stale)
		check_path_close(check);
	if (!check->conf->client)
		return false;
	if (path->first) {
		check_path_conclude(check, result);
		free(path->first);
		path->first = NULL;
		path->direct = false;
		return false;
	}
	if (path->lacking) {
		path->direct = path->lacking = false;
		return false;
	}
	if (outcome_info(result->outcome)->class != OUTCOME_HARD) {
		path->rest = 0;
		return false;
	}
	if (result->outcome == PROBE_HUNG && path->rest > 0 && --path->rest > 0)
		return false;
	path->first = xcalloc(1, sizeof(*path->first));
	*path->first = *result;
	path->began = check->started;
	path->direct = true;
	return true;
}

void check_path_free(struct check *check)
{
	check_path_close(check);
	free(check->path.first);
	check->path.first = NULL;
}
