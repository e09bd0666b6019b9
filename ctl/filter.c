/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/filter.h"

#include <ctype.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/fields.h"
#include "lib/addr.h"
#include "lib/util.h"

bool filter_means(const char *wanted, const char *address)
{
	struct endpoint meant, is;

	if (!wanted)
		return true;
	if (endpoint_parse(&meant, wanted) < 0 ||
	    endpoint_parse(&is, address) < 0)
		return false;
	return addr_cmp(&meant.addr, &is.addr) == 0 &&
	       (meant.port == 0 || meant.port == is.port);
}

/* Whether a name that ends before AT may be a longer one. */
static bool filter_goes_on(const char *at)
{
	/* The full stop of a sentence is none of a name. */
	if (*at == '.')
		return isalnum((unsigned char)at[1]);
	return isalnum((unsigned char)*at) || *at == '_' || *at == '-';
}

bool filter_mentions(const char *text, const char *name)
{
	size_t length = strlen(name);
	const char *at = text;

	if (length == 0)
		return false;
	for (; (at = strstr(at, name)); at++) {
		bool begins = at > text && (isalnum((unsigned char)at[-1]) ||
					    strchr("._-:", at[-1]));

		if (!begins && !filter_goes_on(at + length))
			return true;
	}
	return false;
}

/*
 * Whether TEXT is about SERVER: an event that names an address alone, as an
 * operator may, is about each of its ports.
 */
static bool filter_about(const char *text, const char *server)
{
	const char *at = text;
	char *alone;
	size_t length;
	bool about = filter_mentions(text, server);
	struct endpoint endpoint;

	if (about || endpoint_parse(&endpoint, server) < 0 ||
	    endpoint.port == 0)
		return about;
	alone = xstrdup(server);
	length = (size_t)(strrchr(alone, ':') - alone);
	alone[length] = '\0';
	for (; !about && (at = strstr(at, alone)); at++)
		about = at[length] != ':' && filter_mentions(at, alone) &&
			(at == text || at[-1] == ' ');
	free(alone);
	return about;
}

static struct json_object *filter_servers(const struct filter *filter,
					  struct json_object *list)
{
	struct json_object *kept = json_object_new_array(), *one;
	size_t i;

	for (i = 0; list && i < json_object_array_length(list); i++) {
		one = json_object_array_get_idx(list, i);
		if (filter_means(filter->server, field_text(one, "address")))
			json_object_array_add(kept, json_object_get(one));
	}
	return kept;
}

unsigned filter_status(const struct filter *filter, struct json_object *answer)
{
	struct json_object *list = field(answer, "virtual_servers");
	struct json_object *kept = json_object_new_array(), *one, *servers;
	unsigned left = 0;
	size_t i;

	for (i = 0; list && i < json_object_array_length(list); i++) {
		one = json_object_array_get_idx(list, i);
		if (filter->virtual_server &&
		    strcmp(filter->virtual_server, field_text(one, "name")) !=
			    0)
			continue;
		if (filter->server) {
			servers = filter_servers(filter, field(one, "servers"));
			left += (unsigned)json_object_array_length(servers);
			if (json_object_array_length(servers) == 0) {
				json_object_put(servers);
				continue;
			}
			json_object_object_add(one, "servers", servers);
		} else {
			left++;
		}
		json_object_array_add(kept, json_object_get(one));
	}
	json_object_object_add(answer, "virtual_servers", kept);
	return left;
}

unsigned filter_events(const struct filter *filter, struct json_object *answer)
{
	struct json_object *list = field(answer, "events");
	struct json_object *kept = json_object_new_array(), *one;
	const char *text;
	unsigned left;
	size_t i;

	for (i = 0; list && i < json_object_array_length(list); i++) {
		one = json_object_array_get_idx(list, i);
		text = field_text(one, "text");
		if ((!filter->virtual_server ||
		     filter_mentions(text, filter->virtual_server)) &&
		    (!filter->server || filter_about(text, filter->server)))
			json_object_array_add(kept, json_object_get(one));
	}
	left = (unsigned)json_object_array_length(kept);
	json_object_object_add(answer, "events", kept);
	return left;
}
