/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/http_request.h"

#include <stdio.h>
#include <string.h>

#include "checkers/http_judge.h"
#include "checkers/tls_identity.h"

#define HTTP_BUFFER 4096L
#define HTTP_NAME_MAX 256

static const struct conf_url *
http_request_url(const struct http_request *request)
{
	return &request->conf->http->urls[request->page];
}

void http_request_clear(struct http_request *request)
{
	curl_slist_free_all(request->headers);
	curl_slist_free_all(request->connect_to);
	request->headers = NULL;
	request->connect_to = NULL;
}

static const char *http_virtualhost(const struct http_request *request)
{
	const struct conf_url *url = http_request_url(request);

	return url->virtualhost ? url->virtualhost :
				  request->conf->http->virtualhost;
}

/* The name that TLS asks for; NULL: none. */
static const char *http_sni(const struct http_request *request)
{
	const struct conf_check *conf = request->conf;

	if (conf->kind != CHECK_SSL)
		return NULL;
	if (conf->http->sni_name)
		return conf->http->sni_name;
	/* A name that the certificate has to have is a name to ask for. */
	return conf->http->enable_sni ||
			       conf->http->tls == HTTP_TLS_VERIFY_IDENTITY ?
		       http_virtualhost(request) :
		       NULL;
}

static bool http_add_header(struct http_request *request, const char *name,
			    const char *value)
{
	char line[HTTP_NAME_MAX + 32];
	struct curl_slist *more;

	if (!http_is_sendable(value, true) ||
	    snprintf(line, sizeof(line), "%s: %s", name, value) >=
		    (int)sizeof(line))
		return false;
	more = curl_slist_append(request->headers, line);
	if (more)
		request->headers = more;
	return more;
}

/* Without a virtualhost the host is the address, though TLS may ask for a name. */
static bool http_add_host(struct http_request *request)
{
	const char *virtualhost = http_virtualhost(request);
	const struct endpoint *dst = &request->conf->dst;
	char where[ENDPOINT_TEXT_MAX];

	if (!virtualhost && !http_sni(request))
		return true; /* libcurl says the address */
	endpoint_format(dst, where);
	if (dst->port == 443) /* as libcurl does */
		where[strlen(where) - strlen(":443")] = '\0';
	return http_add_header(request, "Host",
			       virtualhost ? virtualhost : where);
}

/*
 * Where to. The address stands in the URL, so that nothing is looked up; only
 * for TLS to ask for a name this name stands there, and the address is given
 * separately.
 */
static bool http_set_target(struct http_request *request)
{
	const struct conf_check *conf = request->conf;
	const char *scheme = conf->kind == CHECK_SSL ? "https" : "http";
	const char *sni = http_sni(request);
	char where[ENDPOINT_TEXT_MAX], name[HTTP_NAME_MAX];
	char url[HTTP_NAME_MAX + 32], to[ENDPOINT_TEXT_MAX + 4];
	CURL *easy = request->easy;

	endpoint_format(&conf->dst, where);
	if (!sni) {
		snprintf(url, sizeof(url), "%s://%s/", scheme, where);
	} else if (http_host_name(sni, name, sizeof(name))) {
		snprintf(url, sizeof(url), "%s://%s:%u/", scheme, name,
			 conf->dst.port);
		snprintf(to, sizeof(to), "::%s", where);
		request->connect_to = curl_slist_append(NULL, to);
	} else {
		return false;
	}
	curl_easy_setopt(easy, CURLOPT_CONNECT_TO, request->connect_to);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	return true;
}

bool http_request_page(struct http_request *request)
{
	const struct conf_http *http = request->conf->http;
	const char *path = http_request_url(request)->path;
	bool last = request->page + 1 == http->nr_urls;
	CURL *easy = request->easy;

	http_request_clear(request);
	if (!http_is_sendable(path, false) || !http_add_host(request) ||
	    (last && http->http11 &&
	     !http_add_header(request, "Connection", "close")))
		return false;
	curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, path);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, request->headers);
	/* To libcurl both ways are one, so a connection is for a page only. */
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT,
			 request->page == 0 || request->conf->client ? 1L : 0);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE,
			 last || request->conf->client ? 1L : 0);
	return http_set_target(request);
}

/* libcurl reads the parts where they are, as long as the probe holds them. */
static void http_show_identity(struct http_request *request)
{
	static const CURLoption options[IPC_IDENTITY_PARTS] = {
		[IPC_IDENTITY_CA] = CURLOPT_CAINFO_BLOB,
		[IPC_IDENTITY_CERTIFICATE] = CURLOPT_SSLCERT_BLOB,
		[IPC_IDENTITY_KEY] = CURLOPT_SSLKEY_BLOB,
	};
	struct checker_identity *identity = request->identity;
	struct curl_blob blob = { .flags = CURL_BLOB_NOCOPY };
	int i;

	for (i = 0; identity && i < IPC_IDENTITY_PARTS; i++) {
		blob.data = identity->parts[i];
		blob.len = identity->lengths[i];
		if (blob.len > 0)
			curl_easy_setopt(request->easy, options[i], &blob);
	}
	if (identity && request->password)
		curl_easy_setopt(request->easy, CURLOPT_KEYPASSWD,
				 request->password);
}

/*
 * Authorities that are not named are libcurl's own file of them, which it reads
 * once a day, and not for each probe as it would with a folder of them.
 */
static void http_verify(struct http_request *request)
{
	const struct conf_check *conf = request->conf;
	enum http_tls tls = conf->kind == CHECK_SSL ? conf->http->tls :
						      HTTP_TLS_REQUIRED;
	struct checker_identity *trust = request->trust;
	struct curl_blob blob = { .flags = CURL_BLOB_NOCOPY };
	CURL *easy = request->easy;

	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER,
			 tls == HTTP_TLS_REQUIRED ? 0L : 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST,
			 tls == HTTP_TLS_VERIFY_IDENTITY ? 2L : 0L);
	if (tls == HTTP_TLS_REQUIRED)
		return;
	curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, NULL);
	if (!trust)
		return;
	blob.data = trust->parts[IPC_IDENTITY_CA];
	blob.len = trust->lengths[IPC_IDENTITY_CA];
	curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
}

void http_request_begin(struct http_request *request)
{
	CURL *easy = request->easy;
	bool http11 = request->conf->http->http11;

	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
			 http11 ? (long)CURL_HTTP_VERSION_1_1 :
				  (long)CURL_HTTP_VERSION_1_0);
	curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(easy, CURLOPT_SSL_ENABLE_ALPN, 0L);
	curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "evenkeel");
	http_show_identity(request);
	http_verify(request);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, HTTP_BUFFER);
}
