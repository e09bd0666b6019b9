/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/owned.h"
#include "lib/util.h"

Test(owned, keys_round_trip)
{
	static const char *const texts[] = {
		"TCP 192.0.2.1:3306",
		"UDP [2001:db8::1]:53",
		"SCTP 192.0.2.1:9",
		"TCP 192.0.2.1",
		"FWM 5",
		"FWM 4294967295 IPv6",
	};
	char out[SERVICE_TEXT_MAX];
	struct service_key key;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		cr_assert_eq(owned_parse_key(texts[i], &key), 0, "%s",
			     texts[i]);
		cr_assert_str_eq(service_key_format(&key, out), texts[i]);
	}
}

Test(owned, nonsense_is_refused)
{
	static const char *const texts[] = {
		"",	 "TCP", "TCP ",	      "TCP host:80",	"ICMP 1.2.3.4",
		"FWM 0", "FWM", "FWM 5 IPv7", "FWM 4294967296", "tcp 1.2.3.4:1"
	};
	struct service_key key;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(texts); i++)
		cr_assert_eq(owned_parse_key(texts[i], &key), -EINVAL, "'%s'",
			     texts[i]);
}

Test(owned, file_round_trip_and_damage)
{
	char path[] = "/tmp/evenkeel-owned-XXXXXX";
	struct ipvs_keys keys = { 0 }, back = { 0 };
	struct service_key key;
	int fd = mkstemp(path);
	FILE *file;

	cr_assert_geq(fd, 0);
	close(fd);
	owned_parse_key("TCP 192.0.2.1:3306", &key);
	ipvs_keys_add(&keys, &key);
	owned_parse_key("FWM 7", &key);
	ipvs_keys_add(&keys, &key);
	ipvs_keys_sort(&keys);
	cr_assert_eq(owned_save(path, &keys), 0);
	cr_assert_eq(owned_load(path, &back), 0);
	cr_assert_eq(back.nr, 2);
	cr_assert(ipvs_keys_has(&back, &key));
	file = fopen(path, "a");
	fputs("TCP 1.2.3\n\nFWM 8\n", file);
	fclose(file);
	ipvs_keys_clear(&back);
	cr_assert_eq(owned_load(path, &back), 0);
	cr_assert_eq(back.nr, 3, "a damaged line costs itself only");
	unlink(path);
	ipvs_keys_clear(&back);
	cr_assert_eq(owned_load(path, &back), 0, "no file is no keys");
	cr_assert_eq(back.nr, 0);
	cr_assert_lt(owned_save("/nonexistent/dir/file", &keys), 0);
	ipvs_keys_free(&keys);
	ipvs_keys_free(&back);
}
