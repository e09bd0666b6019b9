/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "web/pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/metrics.h"
#include "lib/log.h"
#include "web/figures.h"
#include "web/http_words.h"
#include "web/page_files.h"

/* How much of the metrics is made at a time. */
#define PAGES_BLOCK 4096
/* Likewise of the page's data. */
#define PAGES_DATA_BLOCK 4096

#define PAGES_PLAIN "text/plain; charset=utf-8"
#define PAGES_JSON "application/json; charset=utf-8"

/* Of all answers: only our own files, no data of elsewhere, nothing kept. */
static const struct {
	const char *name, *value;
} pages_headers[] = {
	{ "Content-Security-Policy",
	  "default-src 'none'; script-src 'self'; style-src 'self'; "
	  "connect-src 'self'; img-src 'self'; base-uri 'none'; "
	  "form-action 'none'; frame-ancestors 'none'" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Cache-Control", "no-store" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
};

/* A request that waits for main, or has waited. */
struct pages_request {
	struct pages *pages;
	struct MHD_Connection *connection;
	struct store_waiter waiter;
	bool waited;
};

typedef enum MHD_Result pages_serve(struct pages_request *request,
				    const char *url);

static struct MHD_Response *pages_dress(struct MHD_Response *response,
					const char *type)
{
	size_t i;

	if (!response)
		return NULL;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	for (i = 0; i < ARRAY_SIZE(pages_headers); i++)
		MHD_add_response_header(response, pages_headers[i].name,
					pages_headers[i].value);
	return response;
}

/* RESPONSE is given up; NULL: there is no memory for it. */
static enum MHD_Result pages_send(struct MHD_Connection *connection,
				  unsigned status,
				  struct MHD_Response *response)
{
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

/* TEXT lives for good. */
static enum MHD_Result pages_say(struct MHD_Connection *connection,
				 unsigned status, const char *text,
				 const char *type)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);

	response = pages_dress(response, type);
	if (response && status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW,
					"GET, HEAD");
	return pages_send(connection, status, response);
}

static const char *pages_argument(struct MHD_Connection *connection,
				  const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND,
					   name);
}

static void pages_answered(struct store_waiter *waiter)
{
	struct pages_request *request =
		container_of(waiter, struct pages_request, waiter);

	listener_resume(request->connection);
}

/*
 * The answer to the question in the request's waiter, held for the caller. NULL:
 * there will be none if the request has waited; else it waits now.
 */
static struct store_answer *pages_ask(struct pages_request *request)
{
	struct store_waiter *waiter = &request->waiter;
	struct store_answer *answer;

	if (request->waited) {
		answer = waiter->answer;
		waiter->answer = NULL;
		return answer;
	}
	answer = store_find(request->pages->store, waiter->kind,
			    waiter->argument);
	if (answer)
		return answer;
	request->waited = true;
	waiter->done = pages_answered;
	MHD_suspend_connection(request->connection);
	store_wait(request->pages->store, waiter);
	return NULL;
}

/*
 * Whether the client asks for a name of this host. The first other name after a
 * reload goes to the log, for the owner of a scraper to add; as it
 * comes from a stranger, only if it can be a name at all.
 */
static bool pages_is_ours(struct MHD_Connection *connection,
			  struct pages_names *names, const char *keyword)
{
	const char *host = MHD_lookup_connection_value(
		connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);

	if (http_host_is_ours(host, names->all))
		return true;
	if (host && *host && !names->refused && http_is_host(host)) {
		names->refused = true;
		log_warning("web",
			    "%s: a client that asked for '%s' was refused: "
			    "this host has no such name; if it shall be "
			    "served, add the name to %s",
			    keyword, host, keyword);
	}
	return false;
}

/* Metrics */

/* More of the metrics for libmicrohttpd. */
static ssize_t pages_figures_read(void *arg, uint64_t at, char *out,
				  size_t size)
{
	ssize_t length = figures_read(arg, out, size);

	if (length < 0)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	return length > 0 ? length : MHD_CONTENT_READER_END_OF_STREAM;
}

static void pages_figures_free(void *arg)
{
	figures_free(arg);
}

/* ANSWER, which is given up, as metrics; NULL: there is none. */
static enum MHD_Result pages_send_figures(struct pages_request *request,
					  struct store_answer *answer,
					  const struct figures_wish *wish)
{
	struct figures *figures =
		figures_new(&request->pages->figures, answer, wish);
	struct MHD_Response *response = MHD_create_response_from_callback(
		MHD_SIZE_UNKNOWN, PAGES_BLOCK, pages_figures_read, figures,
		pages_figures_free);

	if (!response)
		figures_free(figures);
	return pages_send(request->connection, MHD_HTTP_OK,
			  pages_dress(response, figures_type(wish)));
}

static enum MHD_Result pages_serve_metrics(struct pages_request *request,
					   const char *url)
{
	struct MHD_Connection *connection = request->connection;
	const char *scope = pages_argument(connection, "scope");
	struct store_answer *answer;
	struct figures_wish wish;

	if (!pages_is_ours(connection, &request->pages->metrics,
			   pages_metrics.keyword))
		return pages_say(connection, MHD_HTTP_MISDIRECTED_REQUEST,
				 "metrics are not known under this name; "
				 "names can be added to metrics_listen\n",
				 PAGES_PLAIN);
	if (strcmp(url, "/metrics") != 0)
		return pages_say(connection, MHD_HTTP_NOT_FOUND,
				 "there is only /metrics here\n", PAGES_PLAIN);
	wish.openmetrics = http_wants_openmetrics(MHD_lookup_connection_value(
		connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT));
	wish.scope = scope ? metrics_scope_find(scope) : FIGURES_ALL;
	if (scope && wish.scope < 0)
		return pages_say(connection, MHD_HTTP_BAD_REQUEST,
				 "there is no such scope; there are daemon, "
				 "pool, server, check, vrrp, bfd, announce\n",
				 PAGES_PLAIN);
	request->waiter.kind = IPC_WEB_FIGURES;
	answer = pages_ask(request);
	if (!answer && request->waiter.waits)
		return MHD_YES;
	return pages_send_figures(request, answer, &wish);
}

/* The status page */

static enum MHD_Result pages_no_answer(struct MHD_Connection *connection)
{
	return pages_say(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
			 "{\"error\":\"the daemon does not answer\"}",
			 PAGES_JSON);
}

/* The part of an answer that is being sent. */
struct pages_part {
	struct store_answer *answer;
	enum ipc_web_part number;
	char head[96]; /* comes before it */
	size_t skip; /* of its own bytes */
};

static ssize_t pages_part_read(void *arg, uint64_t at, char *out, size_t size)
{
	const struct pages_part *part = arg;
	size_t length = strlen(part->head);
	ssize_t got;

	if (at < length) {
		length -= (size_t)at;
		if (length > size)
			length = size;
		memcpy(out, part->head + at, length);
		return (ssize_t)length;
	}
	got = store_read(part->answer, part->number,
			 (size_t)at - length + part->skip, out, size);
	if (got < 0)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	return got > 0 ? got : MHD_CONTENT_READER_END_OF_STREAM;
}

static void pages_part_free(void *arg)
{
	struct pages_part *part = arg;

	store_let_go(part->answer);
	free(part);
}

/*
 * A document of ANSWER, which is given up. The status begins with the age of the
 * answer, as it is now, in the same object.
 */
static struct MHD_Response *pages_part(struct store_answer *answer,
				       enum ipc_web_part number, usec_t now)
{
	struct pages_part *part = xcalloc(1, sizeof(*part));
	struct MHD_Response *response;

	part->answer = answer;
	part->number = number;
	if (number == IPC_WEB_STATUS && answer->lengths[number] > 2 &&
	    answer->lengths[IPC_WEB_VRRP] > 0) {
		snprintf(part->head, sizeof(part->head),
			 "{\"age_s\":%.3f,\"generated_at\":%.3f,",
			 (double)(now - answer->asked) / 1e6,
			 (double)answer->generated / 1e6);
		part->skip = 1;
	}
	response = MHD_create_response_from_callback(
		strlen(part->head) + answer->lengths[number] - part->skip,
		PAGES_DATA_BLOCK, pages_part_read, part, pages_part_free);
	if (!response)
		pages_part_free(part);
	return pages_dress(response, PAGES_JSON);
}

static enum MHD_Result pages_serve_part(struct pages_request *request,
					enum ipc_web_part number)
{
	struct store_answer *answer = pages_ask(request);

	if (!answer && request->waiter.waits)
		return MHD_YES;
	if (!answer || answer->lengths[number] == 0) {
		store_let_go(answer);
		return pages_no_answer(request->connection);
	}
	return pages_send(request->connection, MHD_HTTP_OK,
			  pages_part(answer, number,
				     loop_now(request->pages->loop)));
}

static enum MHD_Result pages_overview(struct pages_request *request,
				      enum ipc_web_part number)
{
	request->waiter.kind = IPC_WEB_OVERVIEW;
	return pages_serve_part(request, number);
}

static enum MHD_Result pages_serve_status(struct pages_request *request,
					  const char *url)
{
	return pages_overview(request, IPC_WEB_STATUS);
}

static enum MHD_Result pages_serve_headroom(struct pages_request *request,
					    const char *url)
{
	return pages_overview(request, IPC_WEB_HEADROOM);
}

static enum MHD_Result pages_serve_vrrp(struct pages_request *request,
					const char *url)
{
	return pages_overview(request, IPC_WEB_VRRP);
}

static enum MHD_Result pages_serve_events(struct pages_request *request,
					  const char *url)
{
	const char *after = pages_argument(request->connection, "after");

	if (after && (!http_is_word(after, 20) || !*after ||
		      after[strspn(after, "0123456789")] != '\0'))
		return pages_say(request->connection, MHD_HTTP_BAD_REQUEST,
				 "{\"error\":\"after: a number is expected\"}",
				 PAGES_JSON);
	request->waiter.kind = IPC_WEB_EVENTS;
	snprintf(request->waiter.argument, sizeof(request->waiter.argument),
		 "%s", after ? after : "last");
	return pages_serve_part(request, 0);
}

static enum MHD_Result pages_serve_explain(struct pages_request *request,
					   const char *url)
{
	const char *server = pages_argument(request->connection, "server");
	const char *pool = pages_argument(request->connection, "virtual");
	char *argument = request->waiter.argument;

	if (!server || !*server || !http_is_word(server, 80) ||
	    (pool && !http_is_name(pool, 300)))
		return pages_say(request->connection, MHD_HTTP_BAD_REQUEST,
				 "{\"error\":\"server=ADDRESS:PORT is "
				 "expected\"}",
				 PAGES_JSON);
	request->waiter.kind = IPC_WEB_EXPLAIN;
	snprintf(argument, sizeof(request->waiter.argument), "%s%s%s", server,
		 pool && *pool ? " " : "", pool ? pool : "");
	return pages_serve_part(request, 0);
}

static const struct {
	const char *path;
	pages_serve *serve;
} pages_data[] = {
	{ "/api/status", pages_serve_status },
	{ "/api/headroom", pages_serve_headroom },
	{ "/api/vrrp", pages_serve_vrrp },
	{ "/api/events", pages_serve_events },
	{ "/api/explain", pages_serve_explain },
};

static enum MHD_Result pages_serve_file(struct MHD_Connection *connection,
					const struct page_file *file)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		file->length, (void *)(uintptr_t)file->bytes,
		MHD_RESPMEM_PERSISTENT);

	return pages_send(connection, MHD_HTTP_OK,
			  pages_dress(response, file->type));
}

static enum MHD_Result pages_serve_page(struct pages_request *request,
					const char *url)
{
	struct MHD_Connection *connection = request->connection;
	const struct page_file *file;
	size_t i;

	if (!pages_is_ours(connection, &request->pages->status,
			   pages_status.keyword))
		return pages_say(connection, MHD_HTTP_MISDIRECTED_REQUEST,
				 "the status page is not known under this "
				 "name; names can be added to status_listen\n",
				 PAGES_PLAIN);
	for (i = 0; i < ARRAY_SIZE(pages_data); i++)
		if (strcmp(url, pages_data[i].path) == 0)
			return pages_data[i].serve(request, url);
	for (file = page_files; file->path; file++)
		if (strcmp(url, file->path) == 0)
			return pages_serve_file(connection, file);
	return pages_say(connection, MHD_HTTP_NOT_FOUND, "not found\n",
			 PAGES_PLAIN);
}

/* Requests of both services */

/* A body is never read: its sender is told at once, and its connection closed. */
static bool pages_has_body(struct MHD_Connection *connection)
{
	const char *length = MHD_lookup_connection_value(
		connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);

	return (length && strcmp(length, "0") != 0) ||
	       MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
					   MHD_HTTP_HEADER_TRANSFER_ENCODING);
}

static enum MHD_Result pages_begin(struct pages *pages,
				   const struct listener_service *service,
				   struct MHD_Connection *connection,
				   const char *method, void **context)
{
	struct pages_request *request;

	listener_asked(connection);
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
	    strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return pages_say(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
				 "only GET is understood here\n", PAGES_PLAIN);
	if (pages_has_body(connection))
		return pages_say(connection, MHD_HTTP_BAD_REQUEST,
				 "a question has no body here\n", PAGES_PLAIN);
	request = xcalloc(1, sizeof(*request));
	request->pages = pages;
	request->connection = connection;
	request->waiter.owner = service;
	*context = request;
	return MHD_YES;
}

static enum MHD_Result
pages_handle_metrics(void *arg, struct MHD_Connection *connection,
		     const char *url, const char *method, const char *version,
		     const char *upload, size_t *size, void **context)
{
	if (!*context)
		return pages_begin(arg, &pages_metrics, connection, method,
				   context);
	return pages_serve_metrics(*context, url);
}

static enum MHD_Result
pages_handle_status(void *arg, struct MHD_Connection *connection,
		    const char *url, const char *method, const char *version,
		    const char *upload, size_t *size, void **context)
{
	if (!*context)
		return pages_begin(arg, &pages_status, connection, method,
				   context);
	return pages_serve_page(*context, url);
}

static void pages_ended(void *arg, struct MHD_Connection *connection,
			void **context, enum MHD_RequestTerminationCode code)
{
	struct pages_request *request = *context;

	if (!request)
		return;
	store_leave(&request->waiter);
	store_let_go(request->waiter.answer);
	free(request);
	*context = NULL;
}

static void pages_closing_metrics(void *arg)
{
	struct pages *pages = arg;

	store_give_up(pages->store, &pages_metrics);
}

static void pages_closing_status(void *arg)
{
	struct pages *pages = arg;

	store_give_up(pages->store, &pages_status);
}

const struct listener_service pages_metrics = {
	.keyword = "metrics_listen",
	.handle = pages_handle_metrics,
	.ended = pages_ended,
	.closing = pages_closing_metrics,
};

const struct listener_service pages_status = {
	.keyword = "status_listen",
	.handle = pages_handle_status,
	.ended = pages_ended,
	.closing = pages_closing_status,
};
