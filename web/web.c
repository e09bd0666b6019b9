/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "web/web.h"

#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/ipc.h"
#include "lib/log.h"
#include "lib/log_pump.h"
#include "lib/loop.h"
#include "web/listener.h"
#include "web/pages.h"
#include "web/store.h"

/* Blocks of this size and above are the kernel's, and go back to it at once. */
#define WEB_BLOCK (64 << 10)

struct web {
	struct loop *loop;
	int sock; /* to main */
	struct loop_io main;
	struct log_pump pump;
	struct store *store;
	struct listener *metrics, *status;
	struct pages pages;
	struct ipc_web_conf conf;
	char host[HOST_NAME_MAX + 1]; /* our own name, whole */
	char short_host[HOST_NAME_MAX + 1]; /* and up to its first dot */
	struct ipc_message message; /* large, so not on a stack */
};

/* The names of one listener: this host's own, and those of the file. */
static void web_take_names(struct web *web, struct pages_names *names,
			   struct ipc_web_listen *listen)
{
	size_t count = 0, i;

	names->all[count++] = web->host;
	names->all[count++] = web->short_host;
	for (i = 0; i < IPC_WEB_NAMES && listen->names[i][0]; i++) {
		listen->names[i][IPC_WEB_NAME_MAX - 1] = '\0';
		names->all[count++] = listen->names[i];
	}
	names->all[count] = NULL;
	names->refused = false;
}

static void web_take_host(struct web *web)
{
	if (gethostname(web->host, sizeof(web->host) - 1) < 0)
		web->host[0] = '\0';
	memcpy(web->short_host, web->host, sizeof(web->host));
	web->short_host[strcspn(web->short_host, ".")] = '\0';
}

static void web_take_conf(void *arg, const struct ipc_message *msg)
{
	struct web *web = arg;

	memcpy(&web->conf, msg->body, sizeof(web->conf));
	web_take_host(web);
	web_take_names(web, &web->pages.metrics, &web->conf.metrics);
	web_take_names(web, &web->pages.status, &web->conf.status);
	/* Both let go before either takes: they may have changed places. */
	listener_leave(web->metrics, &web->conf.metrics.at);
	listener_leave(web->status, &web->conf.status.at);
	listener_configure(web->metrics, &web->conf.metrics.at);
	listener_configure(web->status, &web->conf.status.at);
}

static void web_take_answer(void *arg, const struct ipc_message *msg)
{
	struct web *web = arg;

	store_take(web->store, msg);
}

static void web_take_ping(void *arg, const struct ipc_message *msg)
{
	struct web *web = arg;

	ipc_answer(web->sock, msg);
}

static const struct ipc_handler web_messages[] = {
	{ IPC_WEB_CONF, web_take_conf },
	{ IPC_WEB_ANSWER, web_take_answer },
	{ IPC_PING, web_take_ping },
	{ IPC_NONE, NULL },
};

static void web_main_ready(struct loop_io *io, unsigned what)
{
	struct web *web = container_of(io, struct web, main);
	int got = ipc_recv(web->sock, &web->message);

	if (got == 0 || got == -EPIPE || got == -ECONNRESET)
		loop_stop(web->loop);
	if (got != 1)
		return;
	if (!ipc_dispatch(web_messages, web, &web->message))
		log_warning("web", "message %u from main makes no sense",
			    web->message.header.type);
	if (web->message.fd >= 0)
		close(web->message.fd);
}

static void web_free(struct web *web)
{
	listener_free(web->metrics);
	listener_free(web->status);
	store_free(web->store);
	loop_io_stop(&web->main);
	log_pump_stop(&web->pump);
	loop_free(web->loop);
	free(web);
}

int web_main(int sock)
{
	struct web *web = xcalloc(1, sizeof(*web));
	int error;

	signal(SIGPIPE, SIG_IGN);
	/*
	 * Left alone, the C library raises this bound with each block that is freed:
	 * figures of megabytes would grow on the heap, between the small blocks of
	 * connections, and leave holes as large as themselves.
	 */
	mallopt(M_MMAP_THRESHOLD, WEB_BLOCK);
	mallopt(M_TRIM_THRESHOLD, WEB_BLOCK);
	web->sock = sock;
	web->loop = loop_new();
	if (!web->loop)
		fatal("web", "no event loop: %s", strerror(errno));
	log_pump_start(&web->pump, web->loop);
	web->store = store_new(web->loop, sock);
	web->pages.loop = web->loop;
	web->pages.store = web->store;
	TAILQ_INIT(&web->pages.figures);
	web->metrics = listener_new(web->loop, &pages_metrics, &web->pages);
	web->status = listener_new(web->loop, &pages_status, &web->pages);
	error = loop_io_start(web->loop, &web->main, sock, LOOP_READ,
			      web_main_ready);
	if (error == 0)
		error = loop_run(web->loop);
	web_free(web);
	return error < 0 ? 1 : 0;
}
