/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP_GET and SSL_GET: pages, and the answers that count as good. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "conf/lang/print_value.h"
#include "conf/page_regex.h"
#include "conf/lvs/draft.h"

#define URL(member) CONF_BOTH(struct url_draft, url, struct conf_url, member)
#define HTTP(member) \
	CONF_BOTH(struct check_draft, http.http, struct conf_http, member)

struct url_draft {
	struct conf_url url;
};

/* Is it 1.1? */
static const struct conf_choice versions[] = {
	{ "1.0", 0 }, { "1.0C", 0 }, { "1.0c", 0 }, { "1.1", 1 }, { NULL, 0 },
};

static const struct conf_choice tls_modes[] = {
	{ "required", HTTP_TLS_REQUIRED },
	{ "verify_ca", HTTP_TLS_VERIFY_CA },
	{ "verify_identity", HTTP_TLS_VERIFY_IDENTITY },
	{ NULL, 0 },
};

/* "200" or "200-299" */
static bool http_range(const struct conf_word *word, struct conf_range *range)
{
	uint64_t a, b;

	if (!conf_get_range(word, 100, 999, &a, &b))
		return false;
	*range = (struct conf_range){ (uint16_t)a, (uint16_t)b };
	return true;
}

/*
 * Append all values of a line as status codes to the values of earlier lines.
 */
static void check_http_bind_ranges(struct conf_ctx *ctx,
				   const struct conf_keyword *kw,
				   const struct conf_node *node, void *target)
{
	struct conf_ranges *ranges =
		(struct conf_ranges *)(void *)((char *)target + kw->offset);
	size_t nr = ranges->nr;
	struct conf_range *all = xcalloc(nr + node->nr_words, sizeof(*all));
	uint32_t i;

	if (nr)
		memcpy(all, ranges->list, nr * sizeof(*all));
	for (i = 1; i < node->nr_words; i++) {
		if (http_range(conf_word(ctx, node, i), &all[nr]))
			nr++;
		else
			conf_bad_value(ctx, kw, node, i,
				       "a status code or a range like 200-299");
	}
	ranges->list = conf_share(ctx, all, nr * sizeof(*all));
	ranges->nr = nr;
	free(all);
}

static void check_http_bind_digest(struct conf_ctx *ctx,
				   const struct conf_keyword *kw,
				   const struct conf_node *node, void *target)
{
	const struct conf_word *word = conf_word(ctx, node, 1);
	struct url_draft *draft = target;
	uint32_t i;

	for (i = 0;
	     i < word->len && strchr("0123456789abcdefABCDEF", word->text[i]);
	     i++)
		;
	if (word->len == 32 && i == 32)
		draft->url.digest = conf_string(ctx, word->text, word->len);
	else
		conf_bad_value(ctx, kw, node, 1,
			       "an MD5 sum of 32 hexadecimal digits");
}

/* A regular expression is written like a command: quotes and escapes. */
static void check_http_bind_regex(struct conf_ctx *ctx,
				  const struct conf_keyword *kw,
				  const struct conf_node *node, void *target)
{
	const struct conf_word *first = conf_word(ctx, node, 1);
	const struct conf_word *last = conf_word(ctx, node, node->nr_words - 1);
	const char *text = first->text - first->quoted;
	size_t len = (size_t)(last->text + last->len + last->quoted - text);
	struct conf_words words = conf_script_split(ctx->scratch, text, len);
	struct url_draft *draft = target;

	if (words.error || words.nr == 0)
		conf_say(ctx, CLASS_FAULT, node, 1,
			 "the expression of '%s' holds %s", kw->name,
			 words.error ? words.error : "nothing");
	else
		draft->url.regex = conf_string(ctx, words.words[0],
					       strlen(words.words[0]));
}

static void check_http_bind_options(struct conf_ctx *ctx,
				    const struct conf_keyword *kw,
				    const struct conf_node *node, void *target)
{
	struct url_draft *draft = target;
	uint32_t i, option;

	for (i = 1; i < node->nr_words; i++) {
		const struct conf_word *word = conf_word(ctx, node, i);

		option = page_regex_option(word->text, word->len);
		if (option)
			draft->url.regex_options |= option;
		else
			conf_bad_value(ctx, kw, node, i,
				       "an option such as caseless");
	}
}

static void check_http_print_ranges(FILE *out, const char *indent,
				    const struct conf_keyword *kw,
				    const void *member)
{
	const struct conf_ranges *ranges = member;
	size_t i;

	if (ranges->nr == 0)
		return;
	fprintf(out, "%s%s", indent, kw->name);
	for (i = 0; i < ranges->nr; i++)
		fprintf(out, " %u-%u", ranges->list[i].first,
			ranges->list[i].last);
	fputc('\n', out);
}

static bool check_http_equal_ranges(const void *a, const void *b)
{
	const struct conf_ranges *x = a, *y = b;

	return x->nr == y->nr &&
	       (x->nr == 0 ||
		memcmp(x->list, y->list, x->nr * sizeof(*x->list)) == 0);
}

static const struct conf_type check_http_ranges = {
	.bind = check_http_bind_ranges,
	.print = check_http_print_ranges,
	.equal = check_http_equal_ranges,
};

static void check_http_print_regex(FILE *out, const char *indent,
				   const struct conf_keyword *kw,
				   const void *member)
{
	const char *regex = *(const char *const *)member;

	if (!regex)
		return;
	fprintf(out, "%s%s \"", indent, kw->name);
	conf_print_escaped(out, regex);
	fputs("\"\n", out);
}

static void check_http_print_options(FILE *out, const char *indent,
				     const struct conf_keyword *kw,
				     const void *member)
{
	uint32_t options = *(const uint32_t *)member;

	if (!options)
		return;
	fprintf(out, "%s%s", indent, kw->name);
	page_regex_print(out, options);
	fputc('\n', out);
}

static void check_http_print_max(FILE *out, const char *indent,
				 const struct conf_keyword *kw,
				 const void *member)
{
	if (*(const uint32_t *)member != CONF_REGEX_ANYWHERE)
		conf_print_u32(out, indent, kw, member);
}

static const struct conf_type check_http_digest = {
	.bind = check_http_bind_digest,
	.print = conf_print_string,
	.equal = conf_equal_string,
};

static const struct conf_type check_http_regex = {
	.bind = check_http_bind_regex,
	.print = check_http_print_regex,
	.equal = conf_equal_string,
};

static const struct conf_type check_http_options = {
	.bind = check_http_bind_options,
	.print = check_http_print_options,
	.equal = conf_equal_u32,
};

static const struct conf_type check_http_max = {
	.bind = conf_bind_u32,
	.print = check_http_print_max,
	.equal = conf_equal_u32,
};

static const struct conf_keyword url_keywords[] = {
	{ "path", .type = &conf_type_string, URL(path), .least = 1, .most = 1 },
	{ "digest", .type = &check_http_digest, URL(digest), .least = 1,
	  .most = 1 },
	{ "virtualhost", .type = &conf_type_string, URL(virtualhost),
	  .least = 1, .most = 1 },
	{ "regex", .type = &check_http_regex, URL(regex), .least = 1,
	  .most = KW_ANY, .flags = KW_SCRIPT },
	{ "regex_no_match", .type = &conf_type_true, URL(regex_no_match) },
	{ "regex_options", .type = &check_http_options, URL(regex_options),
	  .least = 1, .most = KW_ANY, .flags = KW_REPEAT },
	{ "regex_min_offset", .type = &conf_type_u32, URL(regex_min),
	  .least = 1, .most = 1, .min = 0, .max = CONF_REGEX_ANYWHERE - 1,
	  .flags = KW_ZERO_UNSET },
	{ "regex_max_offset", .type = &check_http_max, URL(regex_max),
	  .least = 1, .most = 1, .min = 0, .max = CONF_REGEX_ANYWHERE - 1 },
	{ "status_code", .type = &check_http_ranges, URL(status), .least = 1,
	  .most = KW_ANY, .flags = KW_REPEAT },
	KW_NOTHING("regex_stack"),
	/* Libcurl does so in any case. */
	{ .name = "tls_compliant", .most = 1 },
};

const struct conf_block conf_block_url =
	CONF_BLOCK(BLOCK_URL, "url", url_keywords, NULL);

/* Words about an expression that is not there, or that cannot be used. */
static void check_http_settle_regex(struct conf_ctx *ctx,
				    const struct conf_node *node,
				    struct conf_url *url)
{
	static const char *const words[] = { "regex_no_match", "regex_options",
					     "regex_min_offset",
					     "regex_max_offset" };
	char why[160];
	size_t i;

	for (i = 0; !url->regex && i < ARRAY_SIZE(words); i++) {
		const struct conf_node *line =
			conf_line_of(ctx, node, words[i]);

		if (line != node)
			conf_say(ctx, CLASS_ODD, line, 0,
				 "'%s' does nothing without 'regex'", words[i]);
	}
	if (!url->regex)
		return;
	if (url->regex_min > url->regex_max)
		conf_say(ctx, CLASS_ODD,
			 conf_line_of(ctx, node, "regex_max_offset"), 0,
			 "no match can begin: 'regex_max_offset' is less than "
			 "'regex_min_offset'");
	if (page_regex_is_good(url, why, sizeof(why)))
		return;
	conf_say(ctx, CLASS_FAULT, conf_line_of(ctx, node, "regex"), 1,
		 "'regex' is no expression of PCRE2: %s; nobody looks at what "
		 "the page says",
		 why);
	url->regex = NULL;
}

static void check_http_bind_url(struct conf_ctx *ctx,
				const struct conf_keyword *kw,
				const struct conf_node *node, void *target)
{
	struct check_draft *draft = target;
	struct http_draft *http = &draft->http;
	struct url_draft url;

	memset(&url, 0, sizeof(url));
	url.url.regex_max = CONF_REGEX_ANYWHERE;
	conf_bind_block(ctx, &conf_block_url, node, &url);
	check_http_settle_regex(ctx, node, &url.url);
	if (!url.url.path) {
		conf_say(ctx, CLASS_FAULT, node, 0, "a url needs a 'path'");
		return;
	}
	http->urls = array_grow(http->urls, http->http.nr_urls,
				&http->room_urls, sizeof(*http->urls));
	http->urls[http->http.nr_urls++] = url.url;
}

static void check_http_print_urls(FILE *out, const char *indent,
				  const struct conf_keyword *kw,
				  const void *member)
{
	const struct conf_http *http = member;
	size_t i;

	for (i = 0; i < http->nr_urls; i++) {
		fprintf(out, "%s%s {\n", indent, kw->name);
		conf_block_print(out, "\t\t\t\t", &conf_block_url,
				 &http->urls[i]);
		fprintf(out, "%s}\n", indent);
	}
}

static bool check_http_equal_urls(const void *a, const void *b)
{
	const struct conf_http *x = a, *y = b;
	size_t i;

	if (x->nr_urls != y->nr_urls)
		return false;
	for (i = 0; i < x->nr_urls; i++)
		if (!conf_block_equal(&conf_block_url, &x->urls[i],
				      &y->urls[i]))
			return false;
	return true;
}

static uint32_t check_http_hash_urls(const void *member)
{
	const struct conf_http *http = member;
	uint32_t hash = 0;
	size_t i;

	for (i = 0; i < http->nr_urls; i++)
		hash = conf_hash_add(hash, conf_block_hash(&conf_block_url,
							   &http->urls[i]));
	return hash;
}

static const struct conf_type check_http_urls = {
	.bind = check_http_bind_url,
	.print = check_http_print_urls,
	.equal = check_http_equal_urls,
	.hash = check_http_hash_urls,
};

/* The default is of no use in HTTP_GET, which has the same words. */
static void check_http_print_tls(FILE *out, const char *indent,
				 const struct conf_keyword *kw,
				 const void *member)
{
	if (*(const enum http_tls *)member != HTTP_TLS_REQUIRED)
		conf_type_choice.print(out, indent, kw, member);
}

static const struct conf_type check_http_tls = {
	.bind = conf_bind_choice,
	.print = check_http_print_tls,
	.equal = conf_equal_u32,
};

/* Without a name it is enable_sni. */
static void check_http_bind_sni(struct conf_ctx *ctx,
				const struct conf_keyword *kw,
				const struct conf_node *node, void *target)
{
	struct check_draft *draft = target;

	if (node->nr_words > 1)
		conf_bind_string(ctx, kw, node, target);
	else
		draft->http.http.enable_sni = true;
}

static const struct conf_keyword http_keywords[] = {
	{ "url", .type = &check_http_urls, .kept = CONF_KEPT_WHOLE,
	  .flags = KW_BLOCK | KW_REPEAT },
	{ "drain_code", .type = &check_http_ranges, HTTP(drain), .least = 1,
	  .most = KW_ANY, .flags = KW_REPEAT },
	{ "virtualhost", .type = &conf_type_string, HTTP(virtualhost),
	  CONF_INHERITS(struct rs_draft, virtualhost), .least = 1, .most = 1 },
	{ "http_protocol", .type = &conf_type_either, .data = versions,
	  HTTP(http11), .least = 1, .most = 1 },
	{ "enable_sni", .type = &conf_type_flag, HTTP(enable_sni), .most = 1 },
	{ "sni_name", .bind = check_http_bind_sni, .type = &conf_type_string,
	  HTTP(sni_name), .most = 1 },
	{ "fast_recovery", .type = &conf_type_flag, HTTP(fast_recovery),
	  .most = 1 },
	{ "nb_get_retry", .type = &conf_type_u32,
	  .offset = offsetof(struct check_draft, timing.retry), .least = 1,
	  .most = 1, .min = 0, .max = RETRY_MAX, .preset = CONF_UNSET },
	/* Libcurl does so in any case. */
	{ .name = "tls_compliant", .most = 1 },
	{ "tls", .type = &check_http_tls, .data = tls_modes, HTTP(tls),
	  .preset = HTTP_TLS_REQUIRED, .least = 1, .most = 1 },
	{ "tls_ca", .type = &conf_type_outside, .min = CONF_OUTSIDE_CERTIFICATE,
	  HTTP(tls_ca), .least = 1, .most = 1 },
};

const struct conf_block conf_block_http_check = CONF_BLOCK(
	BLOCK_HTTP_CHECK, "HTTP_GET", http_keywords, &conf_block_connect);

/* Words of TLS in a check that has none. */
static void check_http_say_tls(struct conf_ctx *ctx,
			       const struct check_draft *draft)
{
	static const char *const words[] = { "enable_sni", "sni_name", "tls",
					     "tls_ca" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		const struct conf_node *line =
			conf_line_of(ctx, draft->node, words[i]);

		if (line != draft->node)
			conf_say(ctx, CLASS_ODD, line, 0,
				 "'%s' does nothing in HTTP_GET, which has no "
				 "TLS; SSL_GET has",
				 words[i]);
	}
}

/* The authorities of a check that verifies nothing are read by nobody. */
static void check_http_settle_trust(struct conf_ctx *ctx,
				    struct check_draft *draft)
{
	const struct conf_http *http = &draft->http.http;
	const struct conf_node *line = conf_line_of(ctx, draft->node, "tls_ca");

	if (http->tls != HTTP_TLS_REQUIRED)
		draft->check.traits.trust_file = http->tls_ca;
	else if (line != draft->node)
		conf_say(
			ctx, CLASS_ODD, line, 0,
			"'tls_ca' does nothing without 'tls verify_ca' or 'tls verify_identity'");
}

static bool http_finish(struct conf_ctx *ctx, struct check_draft *draft)
{
	struct http_draft *http = &draft->http;
	size_t n = http->http.nr_urls;

	http->http.urls = (struct conf_url *)(uintptr_t)conf_share(
		ctx, http->urls, n * sizeof(*http->urls));
	free(http->urls);
	if (draft->check.kind == CHECK_HTTP)
		check_http_say_tls(ctx, draft);
	else
		check_http_settle_trust(ctx, draft);
	if (n == 0) {
		conf_say(ctx, CLASS_FAULT, draft->node, 0,
			 "%s needs a 'url' block",
			 check_kind_name(draft->check.kind));
		return false;
	}
	draft->check.http = conf_share(ctx, &http->http, sizeof(http->http));
	return true;
}

const struct conf_check_type conf_http_type = {
	.kind = CHECK_HTTP,
	.marks = true,
	.connects = true,
	.by_service = true,
	.block = &conf_block_http_check,
	.timeout_word = "connect_timeout",
	.retry = 1,
	.delay_before_retry = 3 * USEC_PER_SEC,
	.finish = http_finish,
};

const struct conf_check_type conf_ssl_type = {
	.kind = CHECK_SSL,
	.marks = true,
	.connects = true,
	.by_service = true,
	.block = &conf_block_http_check,
	.timeout_word = "connect_timeout",
	.retry = 1,
	.delay_before_retry = 3 * USEC_PER_SEC,
	.finish = http_finish,
};
