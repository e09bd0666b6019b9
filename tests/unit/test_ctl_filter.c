/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which servers, pools and events a filter leaves. */
#include <criterion/criterion.h>
#include <json-c/json.h>

#include "ctl/filter.h"

#include "lib/util.h"

Test(ctl_filter, a_server_is_meant_with_its_port_or_without)
{
	cr_expect(filter_means(NULL, "192.0.2.1:3306"));
	cr_expect(filter_means("192.0.2.1", "192.0.2.1:3306"));
	cr_expect(filter_means("192.0.2.1:3306", "192.0.2.1:3306"));
	cr_expect(filter_means("[2001:db8::0:1]:80", "[2001:db8::1]:80"));
	cr_expect_not(filter_means("192.0.2.1:3307", "192.0.2.1:3306"));
	cr_expect_not(filter_means("192.0.2.10", "192.0.2.1:3306"));
	cr_expect_not(filter_means("db1", "192.0.2.1:3306"));
}

Test(ctl_filter, a_name_is_a_word_of_its_own)
{
	static const struct {
		const char *text, *name;
		bool mentioned;
	} cases[] = {
		{ "server 192.0.2.1:3306 of a: up", "192.0.2.1:3306", true },
		{ "server 192.0.2.1:3306 of a: up", "192.0.2.1", true },
		{ "server 192.0.2.1:33060 of a: up", "192.0.2.1:3306", false },
		{ "server 192.0.2.10:3306 of a: up", "192.0.2.1", false },
		{ "server 192.0.2.1.", "192.0.2.1", true },
		{ "server 1192.0.2.1:3306", "192.0.2.1", false },
		{ "server [2001:db8::1]:80 of a", "[2001:db8::1]:80", true },
		{ "server [2001:db8::1]:80 of a", "2001:db8::1", true },
		{ "server [2001:db8::1]:80 of a", "db8::1", false },
		{ "pool-a: level", "pool", false },
		{ "of pool-a: level", "pool-a", true },
		{ "pool: level; of pool-a", "pool", true },
		{ "pool-a of pool: level", "pool", true },
		{ "text", "", false },
		{ "", "text", false },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(filter_mentions(cases[i].text, cases[i].name),
			     cases[i].mentioned, "'%s' in '%s'", cases[i].name,
			     cases[i].text);
}

static const char status[] =
	"{ \"virtual_servers\": ["
	"{ \"name\": \"a\", \"servers\": [ { \"address\": \"192.0.2.1:1\" },"
	"{ \"address\": \"192.0.2.2:1\" } ] },"
	"{ \"name\": \"b\", \"servers\": [ { \"address\": \"192.0.2.1:2\" } ] },"
	"{ \"name\": \"c\", \"servers\": [ { \"address\": \"192.0.2.3:1\" } ] }"
	"] }";

/* The rest of TEXT after a filter, without blanks. */
static void left(const char *text,
		 unsigned (*apply)(const struct filter *filter,
				   struct json_object *answer),
		 const char *virtual_server, const char *server, unsigned count,
		 const char *expected)
{
	struct filter filter = { virtual_server, server };
	struct json_object *answer = json_tokener_parse(text);
	const char *is;

	cr_expect_eq(apply(&filter, answer), count);
	is = json_object_to_json_string_ext(answer, JSON_C_TO_STRING_PLAIN);
	cr_expect_str_eq(is, expected);
	json_object_put(answer);
}

Test(ctl_filter, status_keeps_the_pools_of_a_server)
{
	left(status, filter_status, NULL, "192.0.2.1", 2,
	     "{\"virtual_servers\":["
	     "{\"name\":\"a\",\"servers\":[{\"address\":\"192.0.2.1:1\"}]},"
	     "{\"name\":\"b\",\"servers\":[{\"address\":\"192.0.2.1:2\"}]}]}");
	left(status, filter_status, "b", NULL, 1,
	     "{\"virtual_servers\":["
	     "{\"name\":\"b\",\"servers\":[{\"address\":\"192.0.2.1:2\"}]}]}");
	left(status, filter_status, "b", "192.0.2.2", 0,
	     "{\"virtual_servers\":[]}");
	left("{}", filter_status, "b", NULL, 0, "{\"virtual_servers\":[]}");
}

Test(ctl_filter, an_operator_may_mean_all_ports)
{
	static const char events[] =
		"{ \"events\": [ { \"text\": \"operator: drain 192.0.2.1\" },"
		"{ \"text\": \"operator: drain 192.0.2.1:2\" },"
		"{ \"text\": \"operator: drain 192.0.2.10\" } ] }";

	left(events, filter_events, NULL, "192.0.2.1:1", 1,
	     "{\"events\":[{\"text\":\"operator: drain 192.0.2.1\"}]}");
	left(events, filter_events, NULL, "192.0.2.1", 2,
	     "{\"events\":[{\"text\":\"operator: drain 192.0.2.1\"},"
	     "{\"text\":\"operator: drain 192.0.2.1:2\"}]}");
}

Test(ctl_filter, events_of_a_pool_and_of_a_server)
{
	static const char events[] =
		"{ \"events\": [ { \"text\": \"server 192.0.2.1:1 of a: up\" },"
		"{ \"text\": \"a: level normal\" },"
		"{ \"text\": \"server 192.0.2.1:1 of b: up\" } ] }";

	left(events, filter_events, "a", NULL, 2,
	     "{\"events\":[{\"text\":\"server 192.0.2.1:1 of a: up\"},"
	     "{\"text\":\"a: level normal\"}]}");
	left(events, filter_events, "b", "192.0.2.1", 1,
	     "{\"events\":[{\"text\":\"server 192.0.2.1:1 of b: up\"}]}");
	left(events, filter_events, NULL, NULL, 3,
	     "{\"events\":[{\"text\":\"server 192.0.2.1:1 of a: up\"},"
	     "{\"text\":\"a: level normal\"},"
	     "{\"text\":\"server 192.0.2.1:1 of b: up\"}]}");
}
