/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/control/control.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "conf/conf.h"
#include "daemon/control/answer.h"
#include "daemon/control/control_rights.h"
#include "daemon/control/control_seats.h"
#include "daemon/control/feed.h"
#include "daemon/control/overview.h"
#include "daemon/control/view.h"
#include "lib/log.h"
#include "lib/log_limit.h"
#include "lib/loop.h"

#define CONTROL_BACKLOG 128
#define CONTROL_REQUEST_MAX 512
#define CONTROL_GROUPS 1024 /* of one client */
#define CONTROL_REFUSALS 60 /* lines in a minute */
/* For the whole request, and once more for the whole answer. */
#define CONTROL_PATIENCE (10 * USEC_PER_SEC)

struct control_client {
	struct control *control;
	int seat; /* in the control's clients */
	uid_t uid;
	bool may_change;
	uint64_t number;
	int fd; /* also while IO does not watch it */
	struct loop_io io;
	struct loop_timer patience;
	char request[CONTROL_REQUEST_MAX];
	size_t asked;
	bool asks; /* the vrrp process is asked before there is an answer */
	/* The answer is one of these; all NULL while the request is being read. */
	struct json_object *answer;
	struct feed *feed;
	struct overview *overview;
	bool waits; /* the answer is not whole: see answer_settle() */
	bool ready; /* could take something, when the answer is not whole */
	const char *text; /* of the answer, owned by it; NULL: not whole yet */
	size_t left;
};

struct control {
	struct loop *loop;
	const struct control_ops *ops;
	void *arg;
	const struct conf_global *global;
	struct control_rights rights;
	struct log_limit refusals;
	struct loop_io listener;
	struct loop_timer pause; /* no descriptor for a client: ask later */
	struct loop_task slice; /* of an answer that is made in slices */
	int sock;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	/*
	 * Device and inode of our socket; another file at PATH is not touched.
	 */
	dev_t dev;
	ino_t ino;
	uint64_t accepted; /* clients, ever */
	struct control_client *clients[CONTROL_SEATS]; /* NULL: free */
};

static void control_drop(struct control_client *client)
{
	loop_io_stop(&client->io);
	loop_timer_clear(&client->patience);
	close(client->fd);
	json_object_put(client->answer);
	feed_free(client->feed);
	overview_free(client->overview);
	client->control->clients[client->seat] = NULL;
	free(client);
}

/* The request is read. */
static bool control_is_answered(const struct control_client *client)
{
	return client->answer || client->feed || client->overview;
}

static void control_make_slice(struct control_client *client)
{
	client->ready = false;
	if (client->feed) {
		if (feed_step(client->feed))
			client->text = feed_text(client->feed, &client->left);
		return;
	}
	if (overview_step(client->overview))
		client->text = overview_text(client->overview, &client->left);
}

/*
 * At the end of a turn of the loop, the oldest client that waits gets a slice: one in
 * all, however many ask, so that other events come between. The oldest one's answer is
 * whole before the next one's is begun.
 */
static void control_slice(struct loop_task *task)
{
	struct control *control = container_of(task, struct control, slice);
	struct control_client *client, *first = NULL;
	int i;

	for (i = 0; i < CONTROL_SEATS; i++) {
		client = control->clients[i];
		if (client && client->ready &&
		    (!first || client->number < first->number))
			first = client;
	}
	if (first)
		control_make_slice(first);
}

static void control_write(struct loop_io *io, unsigned what)
{
	struct control_client *client =
		container_of(io, struct control_client, io);
	ssize_t wrote;

	if (!client->text) {
		client->ready = true;
		loop_task_want(&client->control->slice);
		return;
	}
	wrote = send(io->fd, client->text, client->left,
		     MSG_NOSIGNAL | MSG_DONTWAIT);
	if (wrote < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (wrote > 0) {
		client->text += wrote;
		client->left -= (size_t)wrote;
	}
	if (wrote <= 0 || client->left == 0)
		control_drop(client);
}

static void control_begin_write(struct control_client *client)
{
	if (client->answer)
		client->text = json_object_to_json_string_length(
			client->answer, JSON_C_TO_STRING_PLAIN, &client->left);
	if (loop_io_start(client->control->loop, &client->io, client->fd,
			  LOOP_WRITE, control_write) < 0)
		control_drop(client);
}

static bool control_wants(const struct control_client *client, const char *word)
{
	return strcmp(client->request, word) == 0;
}

static void control_answer(struct control_client *client)
{
	struct control *control = client->control;

	if (control_wants(client, "metrics"))
		client->feed = feed_new(control->ops, control->arg);
	else if (control_wants(client, "status"))
		client->overview = overview_new(control->ops, control->arg);
	else
		client->answer = answer_request(control->ops, control->arg,
						client->request,
						client->may_change);
	loop_timer_set(&client->patience,
		       loop_now(control->loop) + CONTROL_PATIENCE);
	if (!client->answer ||
	    answer_settle(control->ops, control->arg, client->answer))
		control_begin_write(client);
	else
		client->waits = true;
}

void control_settled(struct control *control)
{
	struct control_client *client;
	int i;

	for (i = 0; i < CONTROL_SEATS; i++) {
		client = control->clients[i];
		if (!client || !client->waits ||
		    !answer_settle(control->ops, control->arg, client->answer))
			continue;
		client->waits = false;
		control_begin_write(client);
	}
}

void control_told(struct control *control)
{
	struct control_client *client;
	int i;

	for (i = 0; i < CONTROL_SEATS; i++) {
		client = control->clients[i];
		if (!client || !client->asks)
			continue;
		client->asks = false;
		control_answer(client);
	}
}

static void control_take(struct control_client *client)
{
	struct control *control = client->control;

	loop_io_stop(&client->io);
	client->asks = (control_wants(client, "metrics") ||
			answer_asks(client->request)) &&
		       control->ops->ask(control->arg);
	if (!client->asks)
		control_answer(client);
}

static void control_read(struct loop_io *io, unsigned what)
{
	struct control_client *client =
		container_of(io, struct control_client, io);
	size_t room = sizeof(client->request) - 1 - client->asked;
	ssize_t got = recv(io->fd, client->request + client->asked, room,
			   MSG_DONTWAIT);
	char *end;

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got > 0)
		client->asked += (size_t)got;
	client->request[client->asked] = '\0';
	end = strchr(client->request, '\n');
	if (end) {
		*end = '\0';
		control_take(client);
	} else if (got <= 0 || client->asked == sizeof(client->request) - 1) {
		control_drop(client);
	}
}

static void control_impatient(struct loop_timer *timer)
{
	control_drop(container_of(timer, struct control_client, patience));
}

/* The groups of the client at FD; the first is its own. Returns their number. */
static size_t control_groups(int fd, gid_t own, gid_t groups[CONTROL_GROUPS])
{
	socklen_t len = (CONTROL_GROUPS - 1) * sizeof(groups[0]);

	groups[0] = own;
	/* A client with more groups than that is judged by its own. */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups + 1, &len) < 0)
		return 1;
	return 1 + len / sizeof(groups[0]);
}

/* Tell a stranger so; it is not waited for. */
static void control_refuse(struct control *control, int fd, uid_t uid)
{
	struct json_object *answer;
	const char *text;
	size_t length;

	if (log_limit_pass(&control->refusals, loop_now(control->loop)))
		log_warning("control",
			    "user %u is not allowed to ask (control_socket "
			    "PATH USER GROUP, or read_user, read_group)",
			    (unsigned)uid);
	answer = answer_error(
		"this user may not ask: do it as root, or be the user or in "
		"the group of 'control_socket PATH USER GROUP' in the "
		"configuration, or of its 'read_user' or 'read_group'");
	text = json_object_to_json_string_length(answer, JSON_C_TO_STRING_PLAIN,
						 &length);
	(void)send(fd, text, length, MSG_NOSIGNAL | MSG_DONTWAIT);
	json_object_put(answer);
}

static enum control_right control_right(struct control *control, int fd,
					uid_t *uid)
{
	gid_t groups[CONTROL_GROUPS];
	enum control_right right;
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return CONTROL_NOTHING;
	*uid = peer.uid;
	if (peer.uid == geteuid())
		return CONTROL_CHANGE;
	right = control_rights_of(&control->rights, peer.uid, groups,
				  control_groups(fd, peer.gid, groups));
	if (right == CONTROL_NOTHING)
		control_refuse(control, fd, peer.uid);
	return right;
}

/* The seat of a new client, free now; -1: there is none for this user. */
static int control_find_seat(struct control *control, uid_t uid)
{
	struct control_seat seats[CONTROL_SEATS] = { 0 };
	const struct control_client *client;
	int i;

	for (i = 0; i < CONTROL_SEATS; i++) {
		client = control->clients[i];
		if (!client)
			continue;
		seats[i].taken = true;
		seats[i].asked = client->asks || control_is_answered(client);
		seats[i].uid = client->uid;
		seats[i].number = client->number;
	}
	i = control_seat_for(seats, uid);
	if (i >= 0 && control->clients[i])
		control_drop(control->clients[i]);
	return i;
}

static void control_seat_client(struct control *control, int fd, int seat,
				uid_t uid, bool may_change)
{
	struct loop *loop = control->loop;
	struct control_client *client = xcalloc(1, sizeof(*client));

	client->control = control;
	client->seat = seat;
	client->uid = uid;
	client->may_change = may_change;
	client->number = control->accepted++;
	control->clients[seat] = client;
	loop_timer_init(loop, &client->patience, control_impatient);
	client->fd = fd;
	if (loop_io_start(loop, &client->io, fd, LOOP_READ, control_read) < 0) {
		control_drop(client);
		return;
	}
	loop_timer_set(&client->patience, loop_now(loop) + CONTROL_PATIENCE);
}

static void control_accept(struct loop_io *io, unsigned what)
{
	struct control *control = container_of(io, struct control, listener);
	struct loop *loop = control->loop;
	int fd = accept4(io->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	enum control_right right;
	uid_t uid;
	int seat;

	if (fd < 0) {
		/* Without a pause the loop would spin on the waiting client. */
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
			loop_io_stop(&control->listener);
			loop_timer_set(&control->pause,
				       loop_now(loop) + USEC_PER_SEC);
		}
		return;
	}
	right = control_right(control, fd, &uid);
	seat = right == CONTROL_NOTHING ? -1 : control_find_seat(control, uid);
	if (seat < 0)
		close(fd);
	else
		control_seat_client(control, fd, seat, uid,
				    right == CONTROL_CHANGE);
}

/*
 * Sets owner and mode of the socket FD (O_PATH), by the descriptor and not by
 * name: the folder may belong to a user, and that user can put a link to any
 * file there.
 */
static int control_give(int fd, const struct control_access *access)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	/*
	 * At a reload the socket is the user's, and main may only change the
	 * mode of a file of its own.
	 */
	if (fchownat(fd, "", geteuid(), getegid(), AT_EMPTY_PATH) < 0 ||
	    chmod(path, access->mode) < 0 ||
	    fchownat(fd, "", access->uid, access->gid, AT_EMPTY_PATH) < 0)
		return -errno;
	return 0;
}

/* The socket itself as O_PATH, or -errno; -ESTALE: another file is there. */
static int control_open_path(const struct control *control)
{
	int fd = open(control->path, O_PATH | O_NOFOLLOW | O_CLOEXEC), error;
	struct stat st;

	if (fd < 0)
		return -errno;
	error = fstat(fd, &st) < 0 ? -errno : 0;
	if (error == 0 && (!S_ISSOCK(st.st_mode) || st.st_nlink != 1 ||
			   (control->ino && (st.st_dev != control->dev ||
					     st.st_ino != control->ino))))
		error = -ESTALE;
	if (error == 0)
		return fd;
	close(fd);
	return error;
}

/* Takes note of the socket that has just been made. */
static int control_note(struct control *control)
{
	struct stat st;
	int fd;

	control->ino = 0;
	fd = control_open_path(control);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) == 0) {
		control->dev = st.st_dev;
		control->ino = st.st_ino;
	}
	close(fd);
	return 0;
}

static int control_own(const struct control *control)
{
	struct control_access access;
	int fd = control_open_path(control), error;

	if (fd < 0)
		return fd;
	control_rights_access(&control->rights, &access);
	error = control_give(fd, &access);
	close(fd);
	return error;
}

static int control_listen(struct control *control)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	mode_t mask;
	int error;

	control->sock =
		socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (control->sock < 0)
		return -errno;
	memcpy(sa.sun_path, control->path, sizeof(sa.sun_path));
	/*
	 * Left by a predecessor that was killed: the pid file says that it is
	 * gone.
	 */
	unlink(control->path);
	mask = umask(0177);
	error = bind(control->sock, (struct sockaddr *)&sa, sizeof(sa)) < 0 ?
			-errno :
			0;
	umask(mask);
	if (error == 0)
		error = control_note(control);
	if (error == 0)
		error = control_own(control);
	if (error == 0 && listen(control->sock, CONTROL_BACKLOG) < 0)
		error = -errno;
	if (error == 0)
		error = loop_io_start(control->loop, &control->listener,
				      control->sock, LOOP_READ, control_accept);
	return error;
}

static void control_resume(struct loop_timer *timer)
{
	struct control *control = container_of(timer, struct control, pause);

	if (control->sock >= 0 &&
	    loop_io_start(timer->loop, &control->listener, control->sock,
			  LOOP_READ, control_accept) < 0)
		loop_timer_set(timer, loop_now(timer->loop) + USEC_PER_SEC);
}

static void control_close(struct control *control)
{
	loop_timer_clear(&control->pause);
	loop_io_stop(&control->listener);
	if (control->sock >= 0) {
		close(control->sock);
		unlink(control->path);
	}
	control->sock = -1;
}

/* The socket's path into OUT. Returns false if it is too long. */
static bool control_wanted_path(const struct control *control, const char *path,
				char *out, size_t size)
{
	if (control->global->control_socket)
		path = control->global->control_socket;
	return snprintf(out, size, "%s", path) < (int)size;
}

static void control_open(struct control *control, const char *path)
{
	int error = -ENAMETOOLONG;

	if (control_wanted_path(control, path, control->path,
				sizeof(control->path)))
		error = control_listen(control);
	if (error < 0) {
		log_error("control", "no control socket at %s: %s",
			  control->path, strerror(-error));
		control_close(control);
	}
}

struct control *control_new(struct loop *loop, const struct control_ops *ops,
			    void *arg)
{
	struct control *control = xcalloc(1, sizeof(*control));

	control->loop = loop;
	control->ops = ops;
	control->arg = arg;
	control->sock = -1;
	control->refusals = (struct log_limit){ .part = "control",
						.what = "refusals",
						.most = CONTROL_REFUSALS };
	loop_timer_init(loop, &control->pause, control_resume);
	loop_task_init(loop, &control->slice, control_slice);
	return control;
}

void control_free(struct control *control)
{
	unsigned i;

	if (!control)
		return;
	for (i = 0; i < CONTROL_SEATS; i++)
		if (control->clients[i])
			control_drop(control->clients[i]);
	control_close(control);
	loop_task_clear(&control->slice);
	free(control);
}

/* A right that a client has lost by a reload is lost for its request as well. */
static void control_review(struct control *control)
{
	struct control_client *client;
	uid_t uid;
	int i;

	for (i = 0; i < CONTROL_SEATS; i++) {
		client = control->clients[i];
		if (!client || control_is_answered(client))
			continue;
		switch (control_right(control, client->fd, &uid)) {
		case CONTROL_NOTHING:
			control_drop(client);
			break;
		case CONTROL_ASK:
			client->may_change = false;
			break;
		case CONTROL_CHANGE:
			client->may_change = true;
			break;
		}
	}
}

void control_configure(struct control *control,
		       const struct conf_global *global, const char *path)
{
	char wanted[sizeof(control->path)];
	int error;

	control->global = global;
	control_rights_find(&control->rights, global);
	control_review(control);
	if (control->sock >= 0 &&
	    control_wanted_path(control, path, wanted, sizeof(wanted)) &&
	    strcmp(wanted, control->path) == 0) {
		error = control_own(control);
		if (error == 0)
			return;
		/* Somebody removed the socket, or put something in its place. */
		log_error("control",
			  "%s is not our socket any more (%s): made anew",
			  control->path, strerror(-error));
	}
	control_close(control);
	control_open(control, path);
}
