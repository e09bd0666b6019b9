/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/control/control.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <json-c/json.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "conf/conf.h"
#include "daemon/control/answer.h"
#include "daemon/control/control_seats.h"
#include "lib/log.h"
#include "lib/loop.h"

#define CONTROL_BACKLOG 128
#define CONTROL_REQUEST_MAX 512
/* For the whole request, and once more for the whole answer. */
#define CONTROL_PATIENCE (10 * USEC_PER_SEC)

struct control_client {
	struct control *control;
	int seat; /* in the control's clients */
	uid_t uid;
	uint64_t number;
	struct loop_io io;
	struct loop_timer patience;
	char request[CONTROL_REQUEST_MAX];
	size_t asked;
	struct json_object *answer; /* NULL while the request is being read */
	const char *text; /* the answer's, owned by it */
	size_t left;
};

struct control {
	struct loop *loop;
	const struct control_ops *ops;
	void *arg;
	const struct conf_global *global;
	struct loop_io listener;
	struct loop_timer pause; /* no descriptor for a client: ask later */
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
	int fd = client->io.fd;

	loop_io_stop(&client->io);
	loop_timer_clear(&client->patience);
	close(fd);
	if (client->answer)
		json_object_put(client->answer);
	client->control->clients[client->seat] = NULL;
	free(client);
}

static void control_write(struct loop_io *io, unsigned what)
{
	struct control_client *client =
		container_of(io, struct control_client, io);
	ssize_t wrote = send(io->fd, client->text, client->left,
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

static void control_answer(struct control_client *client)
{
	struct control *control = client->control;
	int fd = client->io.fd;

	client->answer =
		answer_request(control->ops, control->arg, client->request);
	client->text = json_object_to_json_string_length(
		client->answer, JSON_C_TO_STRING_PLAIN, &client->left);
	loop_io_stop(&client->io);
	loop_timer_set(&client->patience,
		       loop_now(control->loop) + CONTROL_PATIENCE);
	if (loop_io_start(control->loop, &client->io, fd, LOOP_WRITE,
			  control_write) < 0)
		control_drop(client);
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
		control_answer(client);
	} else if (got <= 0 || client->asked == sizeof(client->request) - 1) {
		control_drop(client);
	}
}

static void control_impatient(struct loop_timer *timer)
{
	control_drop(container_of(timer, struct control_client, patience));
}

static bool control_in_group(const struct ucred *peer, const char *name)
{
	const struct group *gr = getgrnam(name);
	const struct passwd *pw;
	size_t i;

	if (!gr)
		return false;
	if (peer->gid == gr->gr_gid)
		return true;
	pw = getpwuid(peer->uid);
	for (i = 0; pw && gr->gr_mem[i]; i++)
		if (strcmp(gr->gr_mem[i], pw->pw_name) == 0)
			return true;
	return pw && pw->pw_gid == gr->gr_gid;
}

static bool control_may_ask(const struct control *control, int fd, uid_t *uid)
{
	const struct conf_global *global = control->global;
	const struct passwd *pw;
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return false;
	*uid = peer.uid;
	if (peer.uid == 0 || peer.uid == geteuid())
		return true;
	if (global->control_user) {
		pw = getpwnam(global->control_user);
		if (pw && pw->pw_uid == peer.uid)
			return true;
	}
	if (global->control_group &&
	    control_in_group(&peer, global->control_group))
		return true;
	log_warning(
		"control",
		"user %u is not allowed to ask (control_socket PATH USER GROUP)",
		(unsigned)peer.uid);
	return false;
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
		seats[i].asked = client->answer != NULL;
		seats[i].uid = client->uid;
		seats[i].number = client->number;
	}
	i = control_seat_for(seats, uid);
	if (i >= 0 && control->clients[i])
		control_drop(control->clients[i]);
	return i;
}

static void control_seat_client(struct control *control, int fd, int seat,
				uid_t uid)
{
	struct loop *loop = control->loop;
	struct control_client *client = xcalloc(1, sizeof(*client));

	client->control = control;
	client->seat = seat;
	client->uid = uid;
	client->number = control->accepted++;
	control->clients[seat] = client;
	loop_timer_init(loop, &client->patience, control_impatient);
	client->io.fd = fd;
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
	seat = control_may_ask(control, fd, &uid) ?
		       control_find_seat(control, uid) :
		       -1;
	if (seat < 0)
		close(fd);
	else
		control_seat_client(control, fd, seat, uid);
}

/*
 * Sets owner and mode of the socket FD (O_PATH), by the descriptor and not by
 * name: the folder may belong to a user, and that user can put a link to any
 * file there.
 */
static int control_give(int fd, uid_t uid, gid_t gid, mode_t mode)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	/*
	 * At a reload the socket is the user's, and main may only change the
	 * mode of a file of its own.
	 */
	if (fchownat(fd, "", geteuid(), (gid_t)-1, AT_EMPTY_PATH) < 0 ||
	    chmod(path, mode) < 0 ||
	    fchownat(fd, "", uid, gid, AT_EMPTY_PATH) < 0)
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
	const struct conf_global *global = control->global;
	const struct passwd *pw =
		global->control_user ? getpwnam(global->control_user) : NULL;
	const struct group *gr =
		global->control_group ? getgrnam(global->control_group) : NULL;
	int fd, error;

	if ((global->control_user && !pw) || (global->control_group && !gr))
		log_error("control",
			  "control_socket: there is no user %s or no group %s",
			  global->control_user ? global->control_user : "-",
			  global->control_group ? global->control_group : "-");
	fd = control_open_path(control);
	if (fd < 0)
		return fd;
	error = control_give(fd, pw ? pw->pw_uid : (uid_t)-1,
			     gr ? gr->gr_gid : (gid_t)-1, gr ? 0660 : 0600);
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
	loop_timer_init(loop, &control->pause, control_resume);
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
	free(control);
}

void control_configure(struct control *control,
		       const struct conf_global *global, const char *path)
{
	char wanted[sizeof(control->path)];
	int error;

	control->global = global;
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
