/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/probe.h"

#include "checkers/http_engine.h"
#include "checkers/mysql/mysql_pool.h"

#define PROBE_OWN(number, name, word) [CHECK_##number] = &probe_##name,
#define PROBE_OF(number, name, word, other) [CHECK_##number] = &probe_##other,

static const struct probe_type *const probe_types[CHECK_KINDS] = {
	CONF_CHECK_KINDS(PROBE_OWN, PROBE_OF)
};

int probe_zygote_start(struct zygote *zygote)
{
	return zygote_start(zygote, &mysql_zygote_kind);
}

int probe_load_libraries(void)
{
	return http_engine_load_library();
}

const struct probe_type *probe_type(enum check_kind kind)
{
	return kind < CHECK_KINDS ? probe_types[kind] : NULL;
}
