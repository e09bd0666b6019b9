/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Judge an HTTP answer: pure, from the configuration and the bytes read.
 */
#ifndef EVENKEEL_CHECKERS_HTTP_JUDGE_H
#define EVENKEEL_CHECKERS_HTTP_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "checkers/probe.h"
#include "lib/md5.h"

/* How much of an answer is read; beyond it the verdict does not wait. */
#define HTTP_HEADER_MAX (64u << 10)
#define HTTP_BODY_MAX (64u << 10) /* of a page whose text nobody looks at */
#define HTTP_DIGEST_MAX \
	(4u << 20) /* with a digest; http_regex.h: with a regex */

/*
 * The status code of page URL: PROBE_OK, PROBE_DRAIN (a drain_code, which goes
 * before status_code) or PROBE_STATUS, with its words and fact, into RESULT.
 */
void http_judge_status(const struct conf_http *http, const struct conf_url *url,
		       long status, struct probe_result *result);

/*
 * The MD5 SUM of the page, if URL has a digest: RESULT stays PROBE_OK or
 * becomes PROBE_STATUS.
 */
void http_judge_digest(const struct conf_url *url, const char sum[MD5_TEXT_MAX],
		       struct probe_result *result);

/* Put the page's path in front of the words, if there are several pages. */
void http_judge_page(const struct conf_http *http, const struct conf_url *url,
		     struct probe_result *result);

/*
 * Whether TEXT can stand in a request, without ending its line or adding to it.
 * A path must not hold a blank.
 */
bool http_is_sendable(const char *text, bool blanks);

/*
 * The host of a virtualhost, without a port, into OUT. False if it is not a
 * host name that TLS could ask for.
 */
bool http_host_name(const char *virtualhost, char *out, size_t size);

#endif
