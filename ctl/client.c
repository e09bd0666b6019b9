/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/client.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/util.h"

#define CLIENT_PATIENCE_S 30

#define CLIENT_NO_ANSWER                                                \
	"%s: the daemon does not answer; it refuses this user, or has " \
	"too many clients"

/* A question that is being asked. */
struct client {
	const char *path;
	unsigned patience;
	char *why; /* where an explanation goes, of SIZE bytes */
	size_t size;
};

static void client_explain(const struct client *client, int error)
{
	const char *hint = "";

	if (error == ENOENT || error == ECONNREFUSED)
		hint = "; is evenkeeld running? (--run-dir or --socket name another place)";
	else if (error == EACCES || error == EPERM)
		hint = "; ask as root, or let your group in: control_socket "
		       "PATH USER GROUP (read_group GROUP: to look only)";
	snprintf(client->why, client->size, "%s: %s%s", client->path,
		 strerror(error), hint);
}

static int client_connect(const struct client *client)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = client->patience };
	int sock;

	if (strlen(client->path) >= sizeof(sa.sun_path)) {
		client_explain(client, ENAMETOOLONG);
		return -1;
	}
	strncpy(sa.sun_path, client->path, sizeof(sa.sun_path) - 1);
	sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* A daemon that stands still takes no connections either. */
	setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (sock < 0 || connect(sock, (struct sockaddr *)&sa, sizeof(sa)) < 0) {
		client_explain(client, errno == EAGAIN ? ETIMEDOUT : errno);
		if (sock >= 0)
			close(sock);
		return -1;
	}
	return sock;
}

static bool client_send(int sock, const char *request)
{
	char line[512];
	int len = snprintf(line, sizeof(line), "%s\n", request);

	if (len >= (int)sizeof(line)) {
		errno = ENAMETOOLONG;
		shutdown(sock, SHUT_WR);
		return false;
	}
	return send(sock, line, (size_t)len, MSG_NOSIGNAL) == len;
}

static struct json_object *client_receive(const struct client *client, int sock)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *answer = NULL;
	char data[65536];
	ssize_t got;

	while ((got = recv(sock, data, sizeof(data), 0)) > 0) {
		answer = json_tokener_parse_ex(tokener, data, (int)got);
		if (answer ||
		    json_tokener_get_error(tokener) != json_tokener_continue)
			break;
	}
	if (!answer && got < 0)
		client_explain(client, errno == EAGAIN ? ETIMEDOUT : errno);
	else if (!answer)
		snprintf(client->why, client->size, CLIENT_NO_ANSWER,
			 client->path);
	json_tokener_free(tokener);
	return answer;
}

/* All bytes until the daemon closes; NULL: there is none, or an error. */
static char *client_receive_text(const struct client *client, int sock,
				 size_t *length)
{
	size_t room = 65536, used = 0;
	char *text = xcalloc(room, 1);
	ssize_t got;

	while ((got = recv(sock, text + used, room - used, 0)) > 0) {
		used += (size_t)got;
		if (used == room)
			text = xrealloc_array(text, room *= 2, 1);
	}
	*length = used;
	if (got == 0 && used > 0)
		return text;
	if (got < 0)
		client_explain(client, errno == EAGAIN ? ETIMEDOUT : errno);
	else
		snprintf(client->why, client->size, CLIENT_NO_ANSWER,
			 client->path);
	free(text);
	return NULL;
}

char *client_fetch(const char *path, const char *request, size_t *length)
{
	char why[512];
	struct client client = { .path = path,
				 .patience = CLIENT_PATIENCE_S,
				 .why = why,
				 .size = sizeof(why) };
	char *text = NULL;
	int sock = client_connect(&client);

	/* A daemon that refuses this user has said so before it is asked. */
	if (sock >= 0) {
		client_send(sock, request);
		text = client_receive_text(&client, sock, length);
		close(sock);
	}
	if (!text)
		fprintf(stderr, "evenkeel: %s\n", why);
	return text;
}

struct json_object *client_try(const char *path, const char *request,
			       unsigned patience, char *why, size_t size)
{
	struct client client = { .path = path,
				 .patience = patience,
				 .size = size };
	struct json_object *answer;
	int sock, sent;

	client.why = why;
	sock = client_connect(&client);
	if (sock < 0)
		return NULL;
	/* A daemon that refuses this user has said so before it is asked. */
	sent = client_send(sock, request) ? 0 : errno;
	answer = client_receive(&client, sock);
	if (!answer && sent)
		client_explain(&client, sent);
	close(sock);
	return answer;
}

struct json_object *client_ask(const char *path, const char *request)
{
	char why[512];
	struct json_object *answer =
		client_try(path, request, CLIENT_PATIENCE_S, why, sizeof(why));

	if (!answer)
		fprintf(stderr, "evenkeel: %s\n", why);
	return answer;
}
