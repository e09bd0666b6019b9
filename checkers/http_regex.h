/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `regex` of a url block: whether a page matches an expression, by PCRE2. The
 * expression is the file's and the page is the server's, so that a match can take any
 * time if the two go together badly. Work and memory have a limit, beyond which the
 * page counts as bad: the checker has other servers to ask. The limit counts steps
 * and not time, so that the same page gets the same verdict on every host.
 */
#ifndef EVENKEEL_CHECKERS_HTTP_REGEX_H
#define EVENKEEL_CHECKERS_HTTP_REGEX_H

#include <stddef.h>

#include "checkers/probe.h"
#include "conf/conf.h"

#define HTTP_REGEX_MAX (256u << 10) /* bytes of a page */
#define HTTP_REGEX_WORK 10000000u /* steps, a few tenths of a second at most */
#define HTTP_REGEX_MEMORY (32u << 10) /* KiB, while a page is looked at */

struct http_regex;

/* URL's expression, made ready; NULL: there is no memory for it. */
struct http_regex *http_regex_new(const struct conf_url *url);
/* NULL is fine. */
void http_regex_free(struct http_regex *regex);

/* Judge URL's page of LENGTH bytes: RESULT stays as it is, or becomes PROBE_STATUS. */
void http_regex_judge(const struct http_regex *regex,
		      const struct conf_url *url, const char *page,
		      size_t length, struct probe_result *result);

#endif
