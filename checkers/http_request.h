/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The request to the server: all options of libcurl but the callbacks. No
 * redirects, no proxy, no name look-up, no other protocol, no compression. A
 * certificate is verified only if the check has the word tls for it: most ask
 * whether the server answers, and a pool's addresses are in nobody's certificate.
 */
#ifndef EVENKEEL_CHECKERS_HTTP_REQUEST_H
#define EVENKEEL_CHECKERS_HTTP_REQUEST_H

#include <curl/curl.h>
#include <stdbool.h>

#include "conf/conf.h"

struct http_request {
	const struct conf_check *conf;
	CURL *easy;
	size_t page; /* of the check's urls */
	struct curl_slist *headers;
	struct curl_slist *connect_to;
	struct checker_identity *identity; /* to show; NULL: none */
	const char *password; /* of its key; NULL: none */
	struct checker_identity *trust; /* of tls_ca; NULL: the system's */
};

/* Set the options common to all pages of a check; once, before the first
 * page. */
void http_request_begin(struct http_request *request);

/*
 * Ask for REQUEST's page. False: the file's page cannot be put in a request,
 * such as a path with a blank.
 */
bool http_request_page(struct http_request *request);

/* Free the memory that the options pointed at. */
void http_request_clear(struct http_request *request);

#endif
