/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libcurl's multi interface on our event loop: its sockets and its timer are
 * ours, it starts no thread and looks up no name. The engine knows transfers
 * only; requests and the meaning of answers are http.c's matter.
 */
#ifndef EVENKEEL_CHECKERS_HTTP_ENGINE_H
#define EVENKEEL_CHECKERS_HTTP_ENGINE_H

#include <curl/curl.h>
#include <stdbool.h>

struct http_engine;
struct loop;

struct http_transfer {
	CURL *easy;
	/* Its socket is or was waited for: connect() did not fail at once. */
	bool watched;
	/* The transfer is over and no longer in the engine; done() may start it
	 * again. */
	void (*done)(struct http_transfer *transfer, CURLcode code);
};

/* Set up libcurl, and OpenSSL by it; kept to the end. Returns 0 or -ENOMEM. */
int http_engine_load_library(void);
/* NULL if libcurl cannot be set up. */
struct http_engine *http_engine_new(struct loop *loop);
/* No transfer may be left. NULL is fine. */
void http_engine_free(struct http_engine *engine);

/* A handle with no option set, or NULL; and give it back. */
CURL *http_engine_take(struct http_engine *engine);
void http_engine_give(struct http_engine *engine, CURL *easy);

/* Start a transfer; done() is called later. False: libcurl refuses. */
bool http_engine_start(struct http_engine *engine,
		       struct http_transfer *transfer);
/* End it without done(). Not from within a callback of libcurl. */
void http_engine_stop(struct http_engine *engine,
		      struct http_transfer *transfer);

#endif
