/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/probe.h"

#include "checkers/http_engine.h"
#include "checkers/mysql/mysql_pool.h"

/* A kind without an entry is known to the configuration but not run here. */
static const struct probe_type *const probe_types[CHECK_KINDS] = {
	[CHECK_TCP] = &probe_tcp,      [CHECK_MYSQL] = &probe_mysql,
	[CHECK_HTTP] = &probe_http,    [CHECK_SSL] = &probe_http,
	[CHECK_MISC] = &probe_misc,    [CHECK_UDP] = &probe_udp,
	[CHECK_PING] = &probe_ping,    [CHECK_SMTP] = &probe_smtp,
	[CHECK_DNS] = &probe_dns,      [CHECK_FILE] = &probe_file,
	[CHECK_BFD] = &probe_neighbor,
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
