/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "web/http_words.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define HTTP_BLANK " \t"

/* A part of a value: not ended by NUL. */
struct http_part {
	const char *text;
	size_t length;
};

static bool http_part_is(struct http_part part, const char *text)
{
	return strlen(text) == part.length &&
	       strncasecmp(part.text, text, part.length) == 0;
}

/* Without blanks around it. */
static struct http_part http_trim(struct http_part part)
{
	while (part.length > 0 && strchr(HTTP_BLANK, part.text[0])) {
		part.text++;
		part.length--;
	}
	while (part.length > 0 &&
	       strchr(HTTP_BLANK, part.text[part.length - 1]))
		part.length--;
	return part;
}

/* Cut the part up to SEPARATOR off *REST. Returns false if *REST is empty. */
static bool http_cut(struct http_part *rest, char separator,
		     struct http_part *part)
{
	const char *end;

	if (rest->length == 0)
		return false;
	end = memchr(rest->text, separator, rest->length);
	part->text = rest->text;
	part->length = end ? (size_t)(end - rest->text) : rest->length;
	rest->text += part->length;
	rest->length -= part->length;
	if (end) {
		rest->text++;
		rest->length--;
	}
	*part = http_trim(*part);
	return true;
}

/* A quality, "0.25", in thousandths; another text counts as 1. */
static unsigned http_quality(struct http_part value)
{
	unsigned quality, digit = 100;
	size_t i;

	if (value.length == 0 || value.text[0] != '0')
		return 1000;
	quality = 0;
	for (i = 2; i < value.length && digit > 0; i++, digit /= 10) {
		if (value.text[i] < '0' || value.text[i] > '9')
			break;
		quality += (unsigned)(value.text[i] - '0') * digit;
	}
	return quality;
}

/* One media type of the list: its wish, and how strong that is. */
struct http_range {
	struct http_part type;
	struct http_part version; /* empty: any */
	unsigned quality;
};

static void http_read_range(struct http_part item, struct http_range *range)
{
	struct http_part parameter, name;

	*range = (struct http_range){ .quality = 1000 };
	if (!http_cut(&item, ';', &range->type))
		return;
	while (http_cut(&item, ';', &parameter)) {
		if (!http_cut(&parameter, '=', &name))
			continue;
		parameter = http_trim(parameter);
		if (http_part_is(name, "q"))
			range->quality = http_quality(parameter);
		else if (http_part_is(name, "version"))
			range->version = parameter;
	}
}

static bool http_range_has(const struct http_range *range, const char *version)
{
	return range->version.length == 0 ||
	       http_part_is(range->version, version);
}

bool http_wants_openmetrics(const char *accept)
{
	struct http_part rest = { accept, accept ? strlen(accept) : 0 }, item;
	unsigned open = 0, text = 0;
	struct http_range range;

	while (http_cut(&rest, ',', &item)) {
		http_read_range(item, &range);
		if (http_part_is(range.type, "application/openmetrics-text") &&
		    http_range_has(&range, "1.0.0") && range.quality > open)
			open = range.quality;
		if (http_part_is(range.type, "text/plain") &&
		    http_range_has(&range, "0.0.4") && range.quality > text)
			text = range.quality;
	}
	return open > 0 && open >= text;
}

static bool http_is_address(struct http_part host)
{
	struct in6_addr addr;
	char text[64];

	if (host.length >= sizeof(text))
		return false;
	memcpy(text, host.text, host.length);
	text[host.length] = '\0';
	return inet_pton(AF_INET, text, &addr) == 1 ||
	       inet_pton(AF_INET6, text, &addr) == 1;
}

/* The name or address of "NAME", "NAME:PORT", "[ADDRESS]", "[ADDRESS]:PORT". */
static struct http_part http_host_part(const char *host)
{
	struct http_part part = { host, strcspn(host, ":") };

	if (host[0] == '[') {
		part.text = host + 1;
		part.length = strcspn(host + 1, "]");
	}
	return part;
}

/* "balancer.example." is "balancer.example", said absolutely. */
static struct http_part http_without_dot(struct http_part part)
{
	if (part.length > 1 && part.text[part.length - 1] == '.')
		part.length--;
	return part;
}

bool http_host_is_ours(const char *host, const char *const *names)
{
	struct http_part part, name;

	if (!host)
		return false;
	part = http_without_dot(http_host_part(host));
	if (http_is_address(part) || http_part_is(part, "localhost"))
		return true;
	for (; *names; names++) {
		name = http_without_dot(
			(struct http_part){ *names, strlen(*names) });
		if (name.length > 0 && name.length == part.length &&
		    strncasecmp(name.text, part.text, name.length) == 0)
			return true;
	}
	return false;
}

bool http_is_host(const char *host)
{
	size_t length = strspn(host, "abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789-._:");

	return length > 0 && length < 260 && host[length] == '\0';
}

bool http_is_word(const char *text, unsigned most)
{
	size_t length = strlen(text), i;

	for (i = 0; i < length; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	return length <= most;
}

bool http_is_name(const char *text, unsigned most)
{
	size_t length = strlen(text), i;

	for (i = 0; i < length; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return false;
	return length <= most;
}
