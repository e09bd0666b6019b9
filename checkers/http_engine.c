/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/http_engine.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/log.h"
#include "lib/loop.h"

/* Handles that wait for the next probe instead of being made anew. */
#define ENGINE_IDLE_MAX 64
/* Connections between the pages of one check; the rest end with it. */
#define ENGINE_CONNECTIONS_MAX 256

struct http_engine {
	struct loop *loop;
	struct loop_timer timer;
	CURLM *multi;
	CURL *idle[ENGINE_IDLE_MAX];
	size_t nr_idle;
};

/* A socket of libcurl's that is watched. */
struct http_watch {
	struct loop_io io;
	struct http_engine *engine;
};

/* Call done() for the transfers that have ended; done() may start and stop
 * others. */
static void engine_collect(struct http_engine *engine)
{
	struct http_transfer *transfer;
	CURLMsg *message;
	CURLcode code;
	int left;

	while ((message = curl_multi_info_read(engine->multi, &left))) {
		if (message->msg != CURLMSG_DONE)
			continue;
		code = message->data.result;
		transfer = NULL;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
				  (char **)(void *)&transfer);
		curl_multi_remove_handle(engine->multi, message->easy_handle);
		transfer->done(transfer, code);
	}
}

static void engine_act(struct http_engine *engine, curl_socket_t fd, int what)
{
	int running;

	curl_multi_socket_action(engine->multi, fd, what, &running);
	engine_collect(engine);
}

static void engine_ready(struct loop_io *io, unsigned what)
{
	struct http_watch *watch = container_of(io, struct http_watch, io);

	engine_act(watch->engine, io->fd,
		   (what & LOOP_READ ? CURL_CSELECT_IN : 0) |
			   (what & LOOP_WRITE ? CURL_CSELECT_OUT : 0));
}

static void engine_timer(struct loop_timer *timer)
{
	engine_act(container_of(timer, struct http_engine, timer),
		   CURL_SOCKET_TIMEOUT, 0);
}

static int engine_on_timer(CURLM *multi, long wait, void *arg)
{
	struct http_engine *engine = arg;

	if (wait < 0)
		loop_timer_clear(&engine->timer);
	else
		loop_timer_set(&engine->timer, loop_now_exact(engine->loop) +
						       wait * USEC_PER_MSEC);
	return 0;
}

static void engine_watch(struct http_engine *engine, curl_socket_t fd, int what,
			 struct http_watch *watch)
{
	unsigned ready = (what & CURL_POLL_IN ? LOOP_READ : 0) |
			 (what & CURL_POLL_OUT ? LOOP_WRITE : 0);
	int error;

	if (watch) {
		loop_io_stop(&watch->io);
	} else {
		watch = xcalloc(1, sizeof(*watch));
		watch->engine = engine;
		curl_multi_assign(engine->multi, fd, watch);
	}
	error = loop_io_start(engine->loop, &watch->io, fd, ready,
			      engine_ready);
	/* Then its probe ends at the deadline. */
	if (error < 0)
		log_warning("http", "cannot watch a socket: %d", error);
}

static int engine_on_socket(CURL *easy, curl_socket_t fd, int what, void *arg,
			    void *assigned)
{
	struct http_engine *engine = arg;
	struct http_transfer *transfer = NULL;
	struct http_watch *watch = assigned;

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)(void *)&transfer);
	if (transfer && what != CURL_POLL_REMOVE)
		transfer->watched = true;
	if (what != CURL_POLL_REMOVE) {
		engine_watch(engine, fd, what, watch);
	} else if (watch) {
		curl_multi_assign(engine->multi, fd, NULL);
		loop_io_stop(&watch->io);
		free(watch);
	}
	return 0;
}

int http_engine_load_library(void)
{
	return curl_global_init(CURL_GLOBAL_DEFAULT) == 0 ? 0 : -ENOMEM;
}

struct http_engine *http_engine_new(struct loop *loop)
{
	struct http_engine *engine;
	CURLM *multi = NULL;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) == 0)
		multi = curl_multi_init();
	if (!multi)
		return NULL;
	engine = xcalloc(1, sizeof(*engine));
	engine->loop = loop;
	engine->multi = multi;
	loop_timer_init(loop, &engine->timer, engine_timer);
	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, engine_on_socket);
	curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, engine);
	curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, engine_on_timer);
	curl_multi_setopt(multi, CURLMOPT_TIMERDATA, engine);
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS,
			  (long)ENGINE_CONNECTIONS_MAX);
	return engine;
}

void http_engine_free(struct http_engine *engine)
{
	if (!engine)
		return;
	while (engine->nr_idle > 0)
		curl_easy_cleanup(engine->idle[--engine->nr_idle]);
	/* Connections that are left end here, and their watches with them. */
	curl_multi_cleanup(engine->multi);
	loop_timer_clear(&engine->timer);
	curl_global_cleanup();
	free(engine);
}

CURL *http_engine_take(struct http_engine *engine)
{
	if (engine->nr_idle > 0)
		return engine->idle[--engine->nr_idle];
	return curl_easy_init();
}

void http_engine_give(struct http_engine *engine, CURL *easy)
{
	if (engine->nr_idle == ENGINE_IDLE_MAX) {
		curl_easy_cleanup(easy);
		return;
	}
	curl_easy_reset(easy);
	engine->idle[engine->nr_idle++] = easy;
}

bool http_engine_start(struct http_engine *engine,
		       struct http_transfer *transfer)
{
	transfer->watched = false;
	curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, transfer);
	return curl_multi_add_handle(engine->multi, transfer->easy) == CURLM_OK;
}

void http_engine_stop(struct http_engine *engine,
		      struct http_transfer *transfer)
{
	curl_multi_remove_handle(engine->multi, transfer->easy);
}
