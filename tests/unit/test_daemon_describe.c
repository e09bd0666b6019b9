/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is worth a line in a log of the normal level. */
#include <criterion/criterion.h>

#include "daemon/describe_log.h"

static struct conf_slow_start no_slow_start;
static struct conf_misc misc = { .dynamic = true };
static struct conf_check checks[] = {
	{ .kind = CHECK_MISC,
	  .rise = 1,
	  .fall = 1,
	  .misc = &misc,
	  .traits.reports_weight = true },
};
static struct conf_use uses[] = { { .check = 0 } };
static struct service_key key = { .family = AF_INET, .protocol = 6 };
static struct conf_server servers[] = {
	{ .weight = 10,
	  .uses = uses,
	  .nr_uses = 1,
	  .slow_start = &no_slow_start },
	{ .weight = 10, .slow_start = &no_slow_start },
};
static struct conf_virtual_server vs = { .name = "v",
					 .keys = &key,
					 .nr_keys = 1,
					 .nr_servers = 2,
					 .base_weight = 1,
					 .quorum = 1 };
static struct conf conf = { .virtual_servers = &vs,
			    .nr_virtual_servers = 1,
			    .servers = servers,
			    .nr_servers = 2,
			    .checks = checks,
			    .nr_checks = 1 };

static bool is_move(const struct balance *balance, uint32_t server,
		    uint32_t before, uint32_t after, uint32_t fields)
{
	struct table_dest old = { .weight = before },
			  new = { .weight = after, .ref = server };
	struct ipvs_change change = { .op = IPVS_SET_DEST,
				      .fields = fields,
				      .dest = &new,
				      .old_dest = &old };

	return describe_is_move(&conf, balance, &change);
}

Test(tell, a_script_that_wobbles_is_no_news)
{
	struct balance *balance;

	cr_assert_eq(endpoint_parse(&servers[0].addr, "10.0.0.1:80"), 0);
	cr_assert_eq(endpoint_parse(&servers[1].addr, "10.0.0.2:80"), 0);
	balance = balance_new(&conf, 0);
	cr_assert(is_move(balance, 0, 40, 60, IPVS_FIELD_WEIGHT));
	/* Coming and going is news, and so is what a person changed. */
	cr_assert_not(is_move(balance, 0, 40, 0, IPVS_FIELD_WEIGHT));
	cr_assert_not(is_move(balance, 0, 0, 40, IPVS_FIELD_WEIGHT));
	cr_assert_not(is_move(balance, 1, 10, 20, IPVS_FIELD_WEIGHT));
	cr_assert_not(is_move(balance, 0, 40, 60,
			      IPVS_FIELD_WEIGHT | IPVS_FIELD_FORWARD));
	balance_override(balance, 0, OVERRIDE_WEIGHT, 7, 1);
	cr_assert_not(is_move(balance, 0, 40, 7, IPVS_FIELD_WEIGHT));
	balance_free(balance);
}
