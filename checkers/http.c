/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HTTP_GET and SSL_GET: the pages of a check, one after the other, on one
 * connection if the server keeps it. Every page must be good; the first bad
 * page ends the probe. A page that asks for a drain does not end the probe: a
 * later page may show that the server is dead, and a dead server is not
 * drained.
 *
 * libcurl speaks HTTP and TLS (see http_engine.h, and http_request.h for its
 * options). The time limit is the scheduler's and holds for all pages together.
 * The length read of an answer is bounded by http_judge.h; an answer is judged
 * as soon as enough of it is there.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "checkers/check.h"
#include "checkers/check_path.h"
#include "checkers/http_engine.h"
#include "checkers/http_judge.h"
#include "checkers/http_regex.h"
#include "checkers/http_request.h"
#include "checkers/tls_identity.h"
#include "checkers/leftover.h"
#include "checkers/probe_socket.h"
#include "checkers/probe.h"
#include "lib/loop.h"

/* How long a server may hold two connections that it does not answer before the
 * check tries again all the same: one worker that is lost for good must not hide
 * that the others serve. */
#define HTTP_PATIENCE (60 * USEC_PER_SEC)

struct http_state {
	struct leftovers leftovers;
	usec_t since; /* the newest of them */
	/*
	 * By page; NULL: it has none, or was not judged yet. A check that lives
	 * on through a reload has the same pages.
	 */
	struct http_regex **regexes;
	size_t nr_regexes;
};

/* Why we ended a page ourselves; libcurl only knows that we did. */
enum http_stop {
	HTTP_GOES_ON,
	HTTP_JUDGED, /* the status says it all */
	HTTP_ENOUGH, /* of a page whose text nobody looks at */
	HTTP_HEADER_LONG,
	HTTP_BODY_LONG,
};

struct http_probe {
	struct http_transfer transfer;
	struct check *check;
	struct http_request request;
	size_t header; /* bytes of this page, and so below */
	bool answered; /* the header is whole, and its status is accepted */
	size_t body;
	char *text; /* the body, for a regex */
	size_t room;
	struct md5 md5;
	enum http_stop stop;
	int fd; /* libcurl's newest socket; -1: none yet */
	int error; /* an errno: no socket could be had */
	struct probe_result drain; /* asked for by an earlier page */
	char trouble[CURL_ERROR_SIZE];
};

static const struct conf_url *http_url(const struct http_probe *probe)
{
	return &probe->check->conf->http->urls[probe->request.page];
}

static void http_free(struct http_probe *probe)
{
	http_engine_give(check_shared(probe->check), probe->transfer.easy);
	http_request_clear(&probe->request);
	tls_identity_leave(probe->request.identity);
	tls_identity_leave(probe->request.trust);
	probe->check->probe = NULL;
	free(probe->text);
	free(probe);
}

/* The answer's status, once its header is there; 0 before. */
static long http_status(const struct http_probe *probe)
{
	long status = 0;

	curl_easy_getinfo(probe->transfer.easy, CURLINFO_RESPONSE_CODE,
			  &status);
	return status;
}

static size_t http_on_header(const char *data, size_t size, size_t count,
			     void *arg)
{
	struct http_probe *probe = arg;
	const struct conf_http *http = probe->check->conf->http;
	size_t length = size * count;
	struct probe_result result;
	long status;

	probe->header += length;
	if (probe->header > HTTP_HEADER_MAX) {
		probe->stop = HTTP_HEADER_LONG;
		return 0;
	}
	/* An empty line ends the header, unless it is an interim one. */
	if (length > 2 || data[0] == ' ' || data[0] == '\t')
		return length;
	status = http_status(probe);
	if (status < 200)
		return length;
	http_judge_status(http, http_url(probe), status, &result);
	if (result.outcome == PROBE_OK) {
		probe->answered = true;
		return length;
	}
	probe->stop = HTTP_JUDGED;
	return 0;
}

/* Whether the page itself is judged, and not its status alone. */
static bool http_is_read(const struct conf_url *url)
{
	return url->digest || url->regex;
}

static unsigned http_page_max(const struct conf_url *url)
{
	return url->regex  ? HTTP_REGEX_MAX :
	       url->digest ? HTTP_DIGEST_MAX :
			     HTTP_BODY_MAX;
}

static void http_keep_text(struct http_probe *probe, const char *data,
			   size_t length)
{
	size_t used = probe->body - length;

	while (probe->room < probe->body)
		probe->text =
			array_grow(probe->text, probe->room, &probe->room, 1);
	if (length)
		memcpy(probe->text + used, data, length);
}

static size_t http_on_body(const char *data, size_t size, size_t count,
			   void *arg)
{
	struct http_probe *probe = arg;
	const struct conf_url *url = http_url(probe);
	size_t length = size * count;

	probe->body += length;
	if (probe->body > http_page_max(url)) {
		probe->stop = http_is_read(url) ? HTTP_BODY_LONG : HTTP_ENOUGH;
		return 0;
	}
	if (url->digest)
		md5_add(&probe->md5, data, length);
	if (url->regex)
		http_keep_text(probe, data, length);
	return length;
}

/* With main's socket: libcurl connects to the address that is left in TO. */
static int http_open_lent(struct check *check, struct curl_sockaddr *to)
{
	struct sockaddr_storage ss;

	to->addrlen = endpoint_to_sockaddr(check_dst(check), &ss);
	memcpy((char *)to + offsetof(struct curl_sockaddr, addr), &ss,
	       to->addrlen);
	return check_copy_socket(check);
}

static int http_open_direct(const struct check *check,
			    const struct curl_sockaddr *to)
{
	int fd = net_stream((sa_family_t)to->family);
	int error = fd < 0 ? 0 : net_bind(fd, check->conf);

	if (!error)
		return fd;
	close(fd);
	return -error;
}

/* libcurl wants a socket. If making the socket fails, the errno is kept for the
 * verdict. */
static curl_socket_t http_on_socket(void *arg, curlsocktype purpose,
				    struct curl_sockaddr *to)
{
	struct http_probe *probe = arg;
	int fd = check_is_lent(probe->check) ?
			 http_open_lent(probe->check, to) :
			 http_open_direct(probe->check, to);

	probe->error = fd < 0 ? -fd : 0;
	if (fd < 0)
		return CURL_SOCKET_BAD;
	probe->fd = fd;
	return fd;
}

static void http_set_callbacks(struct http_probe *probe)
{
	CURL *easy = probe->transfer.easy;

	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, http_on_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, probe);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, http_on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, probe);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, http_on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, probe);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, probe->trouble);
}

/* Ask for the page. Returns false after filling RESULT. */
static bool http_begin_page(struct http_probe *probe,
			    struct probe_result *result)
{
	probe->header = 0;
	probe->answered = false;
	probe->body = 0;
	probe->stop = HTTP_GOES_ON;
	probe->error = 0;
	probe->trouble[0] = '\0';
	md5_init(&probe->md5);
	if (!http_request_page(&probe->request)) {
		probe_result_fill(result, PROBE_MISCONFIGURED, 0);
		snprintf(result->text, sizeof(result->text),
			 "path or virtualhost cannot be asked for");
		return false;
	}
	if (http_engine_start(check_shared(probe->check), &probe->transfer))
		return true;
	probe_result_fill(result, PROBE_LOCAL_FAULT, ENOMEM);
	return false;
}

/* The page's body, as far as it came. */
static void http_judge_text(struct http_probe *probe,
			    struct probe_result *result)
{
	const struct conf_http *http = probe->check->conf->http;
	struct http_state *state = probe->check->state;
	const struct conf_url *url = http_url(probe);
	struct http_regex **regex;

	if (!url->regex)
		return;
	if (!state->regexes) {
		state->nr_regexes = http->nr_urls;
		state->regexes =
			xcalloc(state->nr_regexes, sizeof(struct http_regex *));
	}
	regex = &state->regexes[probe->request.page];
	if (!*regex)
		*regex = http_regex_new(url);
	if (*regex)
		http_regex_judge(*regex, url, probe->text, probe->body, result);
	else
		probe_result_fill(result, PROBE_LOCAL_FAULT, ENOMEM);
}

/* The answer is complete, or as much of it as counts. */
static void http_judge_answer(struct http_probe *probe,
			      struct probe_result *result)
{
	char sum[MD5_TEXT_MAX];

	http_judge_status(probe->check->conf->http, http_url(probe),
			  http_status(probe), result);
	if (result->outcome != PROBE_OK || probe->stop == HTTP_ENOUGH)
		return;
	md5_end(&probe->md5, sum);
	http_judge_digest(http_url(probe), sum, result);
	if (result->outcome == PROBE_OK)
		http_judge_text(probe, result);
}

static void http_judge_limit(const char *what, unsigned limit,
			     struct probe_result *result)
{
	*result = (struct probe_result){ .outcome = PROBE_GARBAGE };
	snprintf(result->text, sizeof(result->text),
		 "the answer's %s is longer than %u KiB", what, limit >> 10);
}

/* libcurl does not tell before TLS is through. */
static bool http_connected(const struct http_probe *probe)
{
	struct tcp_info info = { .tcpi_state = TCP_SYN_SENT };
	socklen_t size = sizeof(info);

	return probe->fd >= 0 &&
	       getsockopt(probe->fd, IPPROTO_TCP, TCP_INFO, &info, &size) ==
		       0 &&
	       info.tcpi_state != TCP_SYN_SENT && info.tcpi_state != TCP_CLOSE;
}

/* There is no connection; libcurl does not always have the errno. */
static void http_judge_connect(const struct http_probe *probe, int error,
			       struct probe_result *result)
{
	if (error && probe->transfer.watched)
		net_fill_reported(result, error);
	else
		probe_result_fill(result,
				  error ? net_outcome(error) : PROBE_REFUSED,
				  error);
}

/* No answer: whose fault is libcurl's error CODE? */
static void http_judge_failure(struct http_probe *probe, CURLcode code,
			       struct probe_result *result)
{
	enum outcome outcome = PROBE_GARBAGE;
	long error = 0, requested = 0;

	/* After the request, libcurl reports a header line without an end as
	 * "out of memory". */
	curl_easy_getinfo(probe->transfer.easy, CURLINFO_REQUEST_SIZE,
			  &requested);
	if (code == CURLE_OUT_OF_MEMORY && requested > 0) {
		http_judge_limit("header", HTTP_HEADER_MAX, result);
		return;
	}
	curl_easy_getinfo(probe->transfer.easy, CURLINFO_OS_ERRNO, &error);
	if (probe->error || code == CURLE_OUT_OF_MEMORY ||
	    code == CURLE_FAILED_INIT) {
		outcome = PROBE_LOCAL_FAULT;
		error = probe->error;
	} else if (code == CURLE_SSL_CERTPROBLEM ||
		   code == CURLE_SSL_CACERT_BADFILE) {
		outcome = PROBE_MISCONFIGURED;
	} else if (code == CURLE_PEER_FAILED_VERIFICATION) {
		outcome = PROBE_UNTRUSTED;
	} else if (code == CURLE_COULDNT_CONNECT) {
		http_judge_connect(probe, (int)error, result);
		return;
	} else if (code == CURLE_GOT_NOTHING || code == CURLE_PARTIAL_FILE ||
		   code == CURLE_SEND_ERROR ||
		   (code == CURLE_RECV_ERROR &&
		    net_outcome((int)error) == PROBE_CLOSED)) {
		outcome = PROBE_CLOSED;
	}
	probe_result_fill(result, outcome, (int)error);
	if (probe->trouble[0] && !error)
		snprintf(result->text, sizeof(result->text), "%.130s",
			 probe->trouble);
}

/*
 * The answer's header is fine, and the page did not end as it should, which is
 * WHY. Of a page that nobody looks at the status counts, and lengths are wrong
 * often, so that a regex is looked for in what came before the end.
 */
static void http_judge_unended(struct http_probe *probe, enum outcome outcome,
			       const char *why, struct probe_result *result)
{
	const struct conf_url *url = http_url(probe);
	char text[VERDICT_TEXT_MAX];

	http_judge_status(probe->check->conf->http, url, http_status(probe),
			  result);
	snprintf(text, sizeof(text), "%.60s, %s", result->text, why);
	memcpy(result->text, text, sizeof(text));
	if (url->digest || (url->regex && outcome == PROBE_HUNG))
		result->outcome = outcome;
	else
		http_judge_text(probe, result);
}

static void http_judge(struct http_probe *probe, CURLcode code,
		       struct probe_result *result)
{
	switch (probe->stop) {
	case HTTP_HEADER_LONG:
		http_judge_limit("header", HTTP_HEADER_MAX, result);
		return;
	case HTTP_BODY_LONG:
		http_judge_limit("body", http_page_max(http_url(probe)),
				 result);
		return;
	case HTTP_JUDGED:
	case HTTP_ENOUGH:
		http_judge_answer(probe, result);
		return;
	case HTTP_GOES_ON:
		break;
	}
	if (code == CURLE_OK)
		http_judge_answer(probe, result);
	else if (probe->answered)
		http_judge_unended(probe, PROBE_CLOSED,
				   "but the page ended too early", result);
	else
		http_judge_failure(probe, code, result);
}

static void http_end(struct http_probe *probe,
		     const struct probe_result *result)
{
	struct check *check = probe->check;

	http_free(probe);
	check_finish(check, result);
}

static void http_done(struct http_transfer *transfer, CURLcode code)
{
	struct http_probe *probe =
		container_of(transfer, struct http_probe, transfer);
	const struct conf_http *http = probe->check->conf->http;
	struct probe_result result;

	http_judge(probe, code, &result);
	http_judge_page(http, http_url(probe), &result);
	if (result.outcome == PROBE_DRAIN)
		probe->drain = result;
	if (result.outcome == PROBE_DRAIN || result.outcome == PROBE_OK) {
		probe->request.page++;
		if (probe->request.page < http->nr_urls &&
		    http_begin_page(probe, &result))
			return;
	}
	if (probe->drain.outcome == PROBE_DRAIN && result.outcome == PROBE_OK)
		result = probe->drain;
	http_end(probe, &result);
}

/* Whether there may be another connection; if not, RESULT says why. */
static bool http_has_room(struct check *check, struct probe_result *result)
{
	struct http_state *state = check->state;

	if (leftovers_sweep(&state->leftovers) < LEFTOVERS_MAX)
		return true;
	if (loop_now(check_loop(check)) - state->since > HTTP_PATIENCE) {
		leftovers_give_up(&state->leftovers);
		return true;
	}
	probe_result_fill(result, PROBE_HUNG, 0);
	snprintf(result->text, sizeof(result->text),
		 "%d earlier requests are not answered yet", LEFTOVERS_MAX);
	return false;
}

/* The time is up, and the server has the connection. */
static void http_keep(struct http_probe *probe)
{
	struct http_state *state = probe->check->state;
	struct leftover leftover = { .hung = true };

	leftover.sock = fcntl(probe->fd, F_DUPFD_CLOEXEC, 0);
	if (leftover.sock < 0)
		return;
	leftovers_add(&state->leftovers, &leftover);
	state->since = loop_now(check_loop(probe->check));
}

static void http_attach(struct check *check)
{
	check->state = xcalloc(1, sizeof(struct http_state));
}

static void http_detach(struct check *check)
{
	struct http_state *state = check->state;
	size_t i;

	leftovers_clear(&state->leftovers);
	for (i = 0; i < state->nr_regexes; i++)
		http_regex_free(state->regexes[i]);
	free(state->regexes);
	free(state);
}

/*
 * The certificate of the block SSL. A check that cannot show it says nothing of
 * the server, which might refuse it for that. Returns false after filling RESULT.
 */
static bool http_has_identity(struct check *check, struct probe_result *result)
{
	struct checker_identity *identity =
		check->conf->kind == CHECK_SSL ? check_identity(check) : NULL;

	if (!identity || !identity->error)
		return true;
	probe_result_fill(result, PROBE_MISCONFIGURED, 0);
	snprintf(result->text, sizeof(result->text),
		 "a file of the block SSL cannot be used (%s): see the log",
		 strerror(identity->error));
	return false;
}

/* The same of the authorities of its tls_ca. */
static bool http_has_trust(struct check *check, struct probe_result *result)
{
	const char *path = check->conf->traits.trust_file;
	struct checker_identity *trust = path ? check_trust(check) : NULL;

	if (!path || (trust && !trust->error))
		return true;
	probe_result_fill(result, PROBE_MISCONFIGURED, 0);
	snprintf(result->text, sizeof(result->text),
		 "tls_ca %.120s cannot be used (%s): see the log", path,
		 strerror(trust ? trust->error : ENOENT));
	return false;
}

static int http_start(struct check *check)
{
	struct http_engine *engine = check_shared(check);
	struct probe_result result;
	struct http_probe *probe;
	CURL *easy;

	if (!http_has_room(check, &result) ||
	    !http_has_identity(check, &result) ||
	    !http_has_trust(check, &result)) {
		check_finish(check, &result);
		return 0;
	}
	easy = engine ? http_engine_take(engine) : NULL;
	if (!easy)
		return -ENOMEM;
	probe = xcalloc(1, sizeof(*probe));
	probe->check = check;
	probe->fd = -1;
	probe->transfer.easy = easy;
	probe->transfer.done = http_done;
	check->probe = probe;
	probe->request.conf = check->conf;
	probe->request.easy = easy;
	if (check->conf->kind == CHECK_SSL) {
		probe->request.identity =
			tls_identity_hold(check_identity(check));
		probe->request.password = check_identity_password(check);
		if (check->conf->traits.trust_file)
			probe->request.trust =
				tls_identity_hold(check_trust(check));
	}
	http_request_begin(&probe->request);
	http_set_callbacks(probe);
	if (!http_begin_page(probe, &result))
		http_end(probe, &result);
	return 0;
}

static void http_cancel(struct check *check)
{
	struct http_probe *probe = check->probe;

	http_engine_stop(check_shared(check), &probe->transfer);
	http_free(probe);
}

/* The time is up: judge by the part of the answer seen until now. */
static void http_judge_late(struct http_probe *probe,
			    struct probe_result *result)
{
	const struct conf_http *http = probe->check->conf->http;

	if (!probe->answered) {
		probe_result_fill(
			result,
			http_connected(probe) ? PROBE_HUNG : PROBE_TIMEOUT, 0);
		return;
	}
	http_judge_unended(probe, PROBE_HUNG,
			   "but the page did not end within the time limit",
			   result);
	/* Pages that were not asked for are not good. */
	if (probe->request.page + 1 < http->nr_urls)
		result->outcome = PROBE_HUNG;
	if (result->outcome == PROBE_OK && probe->drain.outcome == PROBE_DRAIN)
		*result = probe->drain;
}

static void http_expire(struct check *check, struct probe_result *result)
{
	struct http_probe *probe = check->probe;

	http_judge_late(probe, result);
	http_judge_page(check->conf->http, http_url(probe), result);
	if (http_connected(probe))
		http_keep(probe);
	http_cancel(check);
}

static void *http_open(const struct probe_means *means)
{
	return http_engine_new(means->loop);
}

static void http_close(void *shared)
{
	http_engine_free(shared);
}

const struct probe_type probe_http = {
	.name = "http",
	.sockets = 1,
	.start = http_start,
	.cancel = http_cancel,
	.expire = http_expire,
	.attach = http_attach,
	.detach = http_detach,
	.open = http_open,
	.close = http_close,
};
