/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/mysql/mysql_msg.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "checkers/leftover.h"

#define MYSQL_FACTS                                                           \
	(FACT_LAG | FACT_READ_ONLY | FACT_IS_REPLICA | FACT_THREADS_RUNNING | \
	 FACT_THREADS_CONNECTED | FACT_MAX_CONNECTIONS | FACT_MAX_USED |      \
	 FACT_WAIT_TIMEOUT | FACT_UPTIME | FACT_CHANNELS | FACT_EVICTED)

static int mysql_request_add(struct mysql_request *request,
			     enum mysql_string which, const char *text)
{
	size_t size;

	request->strings[which] = MYSQL_NO_STRING;
	if (!text)
		return 0;
	size = strlen(text) + 1;
	if (size > sizeof(request->text) - request->used)
		return -E2BIG;
	memcpy(request->text + request->used, text, size);
	request->strings[which] = request->used;
	request->used += (uint16_t)size;
	return 0;
}

int mysql_request_fill(struct mysql_request *request,
		       const struct conf_check *conf, const char *secret)
{
	const struct conf_mysql *mysql = conf->mysql;
	char host[ADDR_TEXT_MAX], bind[ADDR_TEXT_MAX];
	char name[HOST_NAME_MAX + 1] = "";
	const char *strings[MYSQL_STRINGS] = {
		[MYSQL_STRING_HOST] = addr_format(&conf->dst.addr, host),
		[MYSQL_STRING_USERNAME] = mysql->username,
		[MYSQL_STRING_PASSWORD] = secret ? secret : mysql->password,
		[MYSQL_STRING_DATABASE] = mysql->database,
		[MYSQL_STRING_QUERY] = mysql->query,
		[MYSQL_STRING_EXPECT] = mysql->expect,
		[MYSQL_STRING_TLS_CA] = mysql->tls_ca,
		[MYSQL_STRING_TLS_CERT] = mysql->tls_cert,
		[MYSQL_STRING_TLS_KEY] = mysql->tls_key,
		[MYSQL_STRING_SERVER_KEY] = mysql->server_public_key,
		[MYSQL_STRING_HEARTBEAT] = mysql->heartbeat,
		[MYSQL_STRING_WRITE] = mysql->write_check,
	};
	int error = 0;
	int i;

	if (addr_is_set(&conf->bind.addr))
		strings[MYSQL_STRING_BIND] =
			addr_format(&conf->bind.addr, bind);
	if (mysql->write_check && gethostname(name, sizeof(name) - 1) == 0)
		strings[MYSQL_STRING_BALANCER] = name;
	request->evict = 0;
	request->nothing_else = 0;
	request->payload = 0;
	request->seed = 0;
	request->port = conf->dst.port;
	request->fallback_port = mysql->fallback_port;
	request->tls = (uint8_t)mysql->tls;
	request->role = (uint8_t)mysql->role;
	request->cluster = (uint8_t)mysql->cluster;
	request->replication = mysql->role != MYSQL_ROLE_ANY ||
			       (mysql->max_lag > 0 && !mysql->heartbeat);
	request->timeout = conf->timeout;
	request->used = 0;
	for (i = 0; i < MYSQL_STRINGS && error == 0; i++)
		error = mysql_request_add(request, (enum mysql_string)i,
					  strings[i]);
	return error;
}

uint64_t mysql_request_login(const struct conf_check *conf, const char *secret)
{
	const struct conf_mysql *mysql = conf->mysql;
	const char *secrets[] = { mysql->username,
				  secret ? secret : mysql->password,
				  mysql->tls_cert, mysql->tls_key,
				  mysql->server_public_key };
	uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
	const char *at;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(secrets); i++) {
		for (at = secrets[i]; at && *at; at++)
			hash = (hash ^ (uint8_t)*at) * 0x100000001b3u;
		/* A byte that ends each, so that no two run into each other. */
		hash = (hash ^ 0xff) * 0x100000001b3u;
	}
	return hash ? hash : 1;
}

int mysql_request_evict(struct mysql_request *request, const char *spare)
{
	int error = mysql_request_add(request, MYSQL_STRING_SPARE, spare);

	/* Without the names it would end the sessions that are to be spared. */
	request->evict = error == 0;
	if (error == 0)
		request->fresh = 1;
	return error;
}

void mysql_request_nothing_else(struct mysql_request *request)
{
	request->nothing_else = 1;
}

int mysql_request_service(struct mysql_request *request,
			  const struct addr *service)
{
	char text[ADDR_TEXT_MAX];

	return mysql_request_add(request, MYSQL_STRING_SERVICE,
				 addr_format(service, text));
}

void mysql_request_payload(struct mysql_request *request, uint32_t size,
			   uint64_t seed)
{
	request->payload = size;
	request->seed = seed;
	request->fresh = 1;
	request->fallback_port = 0;
	if (request->tls == MYSQL_TLS_PREFERRED)
		request->tls = MYSQL_TLS_OFF;
}

size_t mysql_request_size(const struct mysql_request *request)
{
	return offsetof(struct mysql_request, text) + request->used;
}

const char *mysql_request_string(const struct mysql_request *request,
				 enum mysql_string which)
{
	uint16_t offset = request->strings[which];

	return offset == MYSQL_NO_STRING ? NULL : request->text + offset;
}

/* Whether a MySQL probe can have this outcome. */
static bool mysql_outcome_is_possible(unsigned outcome)
{
	switch ((enum outcome)outcome) {
	case PROBE_OK:
	case PROBE_REFUSED:
	case PROBE_UNREACHABLE:
	case PROBE_TIMEOUT:
	case PROBE_HUNG:
	case PROBE_CLOSED:
	case PROBE_GARBAGE:
	case PROBE_LOCAL_FAULT:
	case PROBE_SQL_ERROR:
	case PROBE_SQL_UNEXPECTED:
	case PROBE_NOT_READY:
	case PROBE_SATURATED:
	case PROBE_BLOCKED:
	case PROBE_MISCONFIGURED:
	case PROBE_LAGGING:
	case PROBE_SOURCE_LOST:
	case PROBE_NOT_REPLICA:
	case PROBE_REPLICATION_BROKEN:
	case PROBE_ROLE:
		return true;
	case PROBE_NONE:
	case PROBE_STATUS:
	case PROBE_DRAIN:
	case PROBE_SCRIPT:
	case PROBE_FILE:
	case PROBE_NEIGHBOR:
	case PROBE_CLIENT_PATH:
	case PROBE_CORRUPT:
	case PROBE_OTHER_SERVER:
	case PROBE_UNTRUSTED:
	case PROBE_OUTCOMES:
		return false;
	}
	return false;
}

int mysql_reply_read(const void *message, size_t length, uint64_t serial,
		     struct probe_result *result, struct mysql_kept *kept)
{
	struct mysql_reply reply;

	if (length != sizeof(reply))
		return -EBADMSG;
	memcpy(&reply, message, sizeof(reply));
	if (reply.serial != serial ||
	    !mysql_outcome_is_possible(reply.outcome) ||
	    (reply.facts.have & ~(uint32_t)MYSQL_FACTS) ||
	    reply.facts.lag < 0 || reply.facts.uptime < 0 ||
	    reply.facts.read_only > 1 || reply.facts.is_replica > 1 ||
	    reply.session_open > 1 || reply.socket > 1 ||
	    reply.leftovers > LEFTOVERS_MAX)
		return -EBADMSG;
	*result = (struct probe_result){
		.outcome = (enum outcome)reply.outcome,
		.server_errno = reply.server_errno,
		.duration = reply.duration,
		.facts = reply.facts,
	};
	text_copy_printable(result->text, sizeof(result->text), reply.text,
			    sizeof(reply.text));
	kept->session = reply.session_open;
	kept->socket = reply.socket;
	kept->leftovers = reply.leftovers > 0;
	kept->found = reply.found;
	payload_sanitize(&kept->found);
	return 0;
}
