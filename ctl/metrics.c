/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/metrics.h"

#include <json-c/json.h>
#include <string.h>
#include <time.h>

#include "ctl/client.h"
#include "ctl/fields.h"
#include "lib/util.h"

/* A family has a sample for each object of its scope. */
enum metric_scope {
	METRIC_DAEMON,
	METRIC_POOL,
	METRIC_SERVER,
	METRIC_CHECK,
	METRIC_VRRP,
	METRIC_SCOPES
};

static const char *const metric_scopes[METRIC_SCOPES] = {
	[METRIC_DAEMON] = "daemon", [METRIC_POOL] = "pool",
	[METRIC_SERVER] = "server", [METRIC_CHECK] = "check",
	[METRIC_VRRP] = "vrrp",
};

/* How the field of the answer becomes a value. */
enum metric_unit {
	METRIC_NUMBER, /* a number, or true and false as 1 and 0 */
	METRIC_PRESENT, /* 1 if the field is not null, else 0 */
	METRIC_PERCENT, /* percent to a ratio */
	METRIC_MS, /* milliseconds to seconds */
	METRIC_AGE, /* seconds ago to seconds since 1970 */
	METRIC_WORD, /* one of the words: a sample for each */
	METRIC_COUNTS, /* an object of counters: a sample for each */
};

struct metric {
	enum metric_scope scope;
	enum metric_unit unit;
	bool counter; /* else a gauge */
	const char *name; /* without evenkeel_ and, of a counter, _total */
	/* The field, with a dot for a field in an object. */
	const char *key;
	const char *help;
	/* Of METRIC_WORD and METRIC_COUNTS: the label, and the words. */
	const char *label;
	const char *const *words;
};

static const char *const metric_states[] = { "up",	"down",	 "drain",
					     "held",	"spare", "soft-failed",
					     "unknown", NULL };
static const char *const metric_levels[] = {
	"normal",	    "starting",	   "unproven", "sorry", "holding",
	"upstream-failure", "last-resort", "nothing",  NULL
};
static const char *const metric_health[] = { "up", "down", "unknown", NULL };
static const char *const metric_vrrp_states[] = { "MASTER", "BACKUP", "FAULT",
						  "INIT", NULL };
static const char *const metric_operator[] = { "drain", "disable", "weight",
					       NULL };

#define GAUGE(scope, unit, name, key, help)                                  \
	{                                                                    \
		METRIC_##scope, METRIC_##unit, false, name, key, help, NULL, \
			NULL                                                 \
	}
#define COUNTER(scope, name, key, help)                                     \
	{                                                                   \
		METRIC_##scope, METRIC_NUMBER, true, name, key, help, NULL, \
			NULL                                                \
	}
#define WORDS(scope, name, key, label, words, help)                         \
	{                                                                   \
		METRIC_##scope, METRIC_WORD, false, name, key, help, label, \
			words                                               \
	}

static const struct metric metrics[] = {
	GAUGE(DAEMON, AGE, "start_time_seconds", "uptime_s",
	      "When the daemon was started"),
	GAUGE(DAEMON, NUMBER, "config_generation", "generation",
	      "How many configurations were in force since the start"),
	COUNTER(DAEMON, "log_lines_lost", "log_lines_lost",
		"Lines that the log did not take"),
	GAUGE(DAEMON, NUMBER, "checker_up", "checker.answering",
	      "The checker process runs and answers"),
	COUNTER(DAEMON, "checker_restarts", "checker.restarts",
		"How often the checker process was started again"),
	COUNTER(DAEMON, "verdicts", "checker.verdicts",
		"Results of checks that the daemon has got"),
	GAUGE(DAEMON, NUMBER, "stale_checks", "checker.stale_checks",
	      "Checks without a result for much longer than their interval"),
	GAUGE(DAEMON, NUMBER, "kernel_reached", "kernel.reached",
	      "The kernel's table could be read"),
	COUNTER(DAEMON, "kernel_changes", "kernel.changes",
		"Changes made to the kernel's table"),
	COUNTER(DAEMON, "kernel_failures", "kernel.failures",
		"Changes that the kernel refused"),
	COUNTER(DAEMON, "kernel_repairs", "kernel.repairs",
		"Changes made by others that were repaired"),
	GAUGE(DAEMON, AGE, "kernel_last_audit_timestamp_seconds",
	      "kernel.audited_s",
	      "When the kernel's table was compared for the last time"),
	GAUGE(DAEMON, NUMBER, "peer_up", "peer.running",
	      "The process that talks to the other balancer runs"),
	GAUGE(DAEMON, NUMBER, "peer_silent", "peer.silent",
	      "The other balancer is not heard"),
	GAUGE(DAEMON, AGE, "peer_heard_timestamp_seconds", "peer.heard_s",
	      "When the other balancer was heard for the last time"),

	WORDS(POOL, "pool_level", "level", "level", metric_levels,
	      "The level of the virtual server"),
	GAUGE(POOL, NUMBER, "pool_quorum", "quorum", "The quorum is reached"),
	GAUGE(POOL, NUMBER, "pool_up", "up", "Servers that are up"),
	GAUGE(POOL, NUMBER, "pool_serving", "serving",
	      "Servers with a weight above 0"),
	GAUGE(POOL, NUMBER, "pool_min_serving", "min_serving",
	      "Servers that soft failures never leave fewer of"),
	GAUGE(POOL, NUMBER, "pool_soft_failed", "soft_failed",
	      "Servers that are soft-failed"),
	GAUGE(POOL, NUMBER, "pool_sources", "sources",
	      "Servers that have shown the role of a source"),
	GAUGE(POOL, NUMBER, "pool_writers", "writers",
	      "Servers that may serve at a time; 0: all"),
	GAUGE(POOL, NUMBER, "pool_spares", "spares",
	      "Servers that could serve, and are held back by writers"),
	GAUGE(POOL, NUMBER, "pool_survives", "headroom.survives",
	      "Servers that may fail before the rest is full"),
	GAUGE(POOL, NUMBER, "pool_survives_wanted", "headroom.target",
	      "Servers that shall be able to fail, by the configuration"),
	GAUGE(POOL, NUMBER, "pool_connections", "headroom.connections",
	      "Connections in use at all servers of the pool"),
	GAUGE(POOL, NUMBER, "pool_connections_room",
	      "headroom.connections_room",
	      "Connections that all servers of the pool can take"),

	WORDS(SERVER, "server_state", "state", "state", metric_states,
	      "The state of the real server"),
	GAUGE(SERVER, NUMBER, "server_weight", "weight_wanted",
	      "The weight that was decided; missing: not in the table"),
	GAUGE(SERVER, NUMBER, "server_weight_configured", "weight_configured",
	      "The weight of the file"),
	GAUGE(SERVER, NUMBER, "server_weight_kernel", "weight_kernel",
	      "The weight in the kernel's table; missing: not in it"),
	GAUGE(SERVER, PRESENT, "server_in_table", "weight_kernel",
	      "The server is in the kernel's table"),
	GAUGE(SERVER, PERCENT, "server_slow_start_ratio", "slow_start_percent",
	      "The share of its weight that slow start allows"),
	GAUGE(SERVER, PERCENT, "server_response_ratio", "response_percent",
	      "The share of its weight by response time"),
	GAUGE(SERVER, PERCENT, "server_saturation_ratio", "saturation_percent",
	      "The share of its weight that too many connections leave"),
	GAUGE(SERVER, NUMBER, "server_connections_active", "active",
	      "Established connections, as the kernel counts them"),
	GAUGE(SERVER, NUMBER, "server_connections_inactive", "inactive",
	      "Other connections, as the kernel counts them"),
	GAUGE(SERVER, NUMBER, "server_replication_lag_seconds", "lag_s",
	      "How far the replica is behind; missing: not known"),
	GAUGE(SERVER, NUMBER, "server_read_only", "read_only",
	      "The server takes no writes; missing: not known"),
	WORDS(SERVER, "server_operator", "operator", "what", metric_operator,
	      "An operator's command is in force"),
	GAUGE(SERVER, AGE, "server_last_change_timestamp_seconds", "since_s",
	      "When the state changed for the last time"),

	WORDS(CHECK, "check_state", "state", "state", metric_health,
	      "The state of the check"),
	GAUGE(CHECK, MS, "check_duration_seconds", "duration_ms",
	      "How long the last probe took"),
	GAUGE(CHECK, NUMBER, "check_failures_in_a_row", "failures",
	      "Failures since the last success"),
	GAUGE(CHECK, NUMBER, "check_stale", "stale",
	      "No result for much longer than the interval"),

	WORDS(VRRP, "vrrp_state", "state", "state", metric_vrrp_states,
	      "The state of the VRRP instance"),
	GAUGE(VRRP, NUMBER, "vrrp_priority", "priority",
	      "The priority with all trackers"),
	GAUGE(VRRP, NUMBER, "vrrp_priority_configured", "priority_configured",
	      "The priority of the file"),
	COUNTER(VRRP, "vrrp_takeovers", "takeovers",
		"How often the instance became master"),
	COUNTER(VRRP, "vrrp_adverts_sent", "adverts_sent", "Adverts sent"),
	COUNTER(VRRP, "vrrp_adverts_received", "adverts_received",
		"Adverts received and accepted"),
	COUNTER(VRRP, "vrrp_send_errors", "send_errors",
		"Adverts that could not be sent"),
	{ METRIC_VRRP, METRIC_COUNTS, true, "vrrp_dropped", "dropped",
	  "Packets dropped, by the reason", "reason", NULL },
	GAUGE(VRRP, AGE, "vrrp_peer_heard_timestamp_seconds", "heard_s",
	      "When an advert was received for the last time"),
};

/* The state of one output: its file, its family, and the labels of the object at hand. */
struct metrics_writer {
	FILE *out;
	const struct metrics_source *source;
	bool openmetrics;
	const struct metric *metric;
	bool headed; /* the family's head is printed */
	char *labels; /* "virtual=\"a\",server=\"b\"" */
	size_t labels_size;
};

static void metrics_head(struct metrics_writer *writer, const char *name,
			 bool counter, const char *help)
{
	const char *end = counter && !writer->openmetrics ? "_total" : "";

	/* OpenMetrics 1.0 wants the type first, 0.0.4 takes any order. */
	fprintf(writer->out, "# TYPE evenkeel_%s%s %s\n", name, end,
		counter ? "counter" : "gauge");
	fprintf(writer->out, "# HELP evenkeel_%s%s %s.\n", name, end, help);
}

/* WORD: the value of the family's own label, NULL without one. */
static void metrics_sample(struct metrics_writer *writer, const char *word,
			   double value)
{
	const struct metric *metric = writer->metric;
	const char *labels = writer->labels ? writer->labels : "";

	if (!writer->headed)
		metrics_head(writer, metric->name, metric->counter,
			     metric->help);
	writer->headed = true;
	fprintf(writer->out, "evenkeel_%s%s", metric->name,
		metric->counter ? "_total" : "");
	if (word)
		fprintf(writer->out, "{%s%s%s=\"%s\"}", labels,
			*labels ? "," : "", metric->label, word);
	else if (*labels)
		fprintf(writer->out, "{%s}", labels);
	fprintf(writer->out, " %.15g\n", value);
}

/* Append NAME="TEXT" to the labels, with the escapes that both formats share. */
static void metrics_label(FILE *labels, const char *name, const char *text)
{
	fprintf(labels, "%s%s=\"", ftell(labels) > 0 ? "," : "", name);
	for (; *text; text++) {
		if (*text == '\n')
			fputs("\\n", labels);
		else if (*text == '"' || *text == '\\')
			fprintf(labels, "\\%c", *text);
		else
			fputc(*text, labels);
	}
	fputc('"', labels);
}

/* The field KEY of OBJ, of which each dot leads into an object. */
static struct json_object *metrics_field(struct json_object *obj,
					 const char *key)
{
	char part[32];
	const char *dot;

	while ((dot = strchr(key, '.'))) {
		snprintf(part, sizeof(part), "%.*s", (int)(dot - key), key);
		obj = field(obj, part);
		if (!obj)
			return NULL;
		key = dot + 1;
	}
	return field(obj, key);
}

static void metrics_words(struct metrics_writer *writer,
			  struct json_object *value)
{
	const char *text = value ? json_object_get_string(value) : "";
	const char *const *word;

	for (word = writer->metric->words; *word; word++)
		metrics_sample(writer, *word, strcmp(*word, text) == 0);
}

static void metrics_counts(struct metrics_writer *writer,
			   struct json_object *value)
{
	json_object_object_foreach(value, reason, count)
		metrics_sample(writer, reason, json_object_get_double(count));
}

/* NUMBER of the answer in the unit of the metric. */
static double metrics_scaled(const struct metrics_writer *writer, double number)
{
	switch (writer->metric->unit) {
	case METRIC_PERCENT:
		return number / 100;
	case METRIC_MS:
		return number / 1000;
	case METRIC_AGE:
		return writer->source->now - number;
	case METRIC_NUMBER:
	case METRIC_PRESENT:
	case METRIC_WORD:
	case METRIC_COUNTS:
		break;
	}
	return number;
}

/* The samples of the family at hand for one object of its scope. */
static void metrics_value(struct metrics_writer *writer,
			  struct json_object *obj)
{
	struct json_object *value = metrics_field(obj, writer->metric->key);

	if (writer->metric->unit == METRIC_WORD)
		metrics_words(writer, value);
	else if (writer->metric->unit == METRIC_PRESENT)
		metrics_sample(writer, NULL, value != NULL);
	else if (value && writer->metric->unit == METRIC_COUNTS)
		metrics_counts(writer, value);
	else if (value)
		metrics_sample(writer, NULL,
			       metrics_scaled(writer,
					      json_object_get_double(value)));
}

/* A list that another version of the daemon does not have is an empty one. */
static size_t metrics_length(struct json_object *list)
{
	return list ? json_object_array_length(list) : 0;
}

/* Start the labels of an object; metrics_labels_end() makes them count. */
static FILE *metrics_labels(struct metrics_writer *writer)
{
	free(writer->labels);
	writer->labels = NULL;
	return open_memstream(&writer->labels, &writer->labels_size);
}

/*
 * A virtual server is known by its name and its protocol: one address may have a
 * service of each.
 */
static void metrics_label_pool(FILE *labels, struct json_object *pool)
{
	struct json_object *services = field(pool, "services");
	const char *service = "";
	char protocol[8];

	if (metrics_length(services) > 0)
		service = json_object_get_string(
			json_object_array_get_idx(services, 0));
	snprintf(protocol, sizeof(protocol), "%.*s%s",
		 (int)strcspn(service, " "), service,
		 strstr(service, " IPv6") ? "6" : "");
	metrics_label(labels, "virtual", field_text(pool, "name"));
	metrics_label(labels, "protocol", protocol);
}

static void metrics_check(struct metrics_writer *writer,
			  struct json_object *pool, struct json_object *server,
			  struct json_object *check, size_t number)
{
	FILE *labels = metrics_labels(writer);
	char text[24];

	snprintf(text, sizeof(text), "%zu", number + 1);
	metrics_label_pool(labels, pool);
	metrics_label(labels, "server", field_text(server, "address"));
	metrics_label(labels, "check", field_text(check, "type"));
	metrics_label(labels, "number", text);
	fclose(labels);
	metrics_value(writer, check);
}

static void metrics_server(struct metrics_writer *writer,
			   struct json_object *pool, struct json_object *server)
{
	struct json_object *checks = field(server, "checks");
	FILE *labels;
	size_t i;

	if (writer->metric->scope == METRIC_CHECK) {
		for (i = 0; i < metrics_length(checks); i++)
			metrics_check(writer, pool, server,
				      json_object_array_get_idx(checks, i), i);
		return;
	}
	labels = metrics_labels(writer);
	metrics_label_pool(labels, pool);
	metrics_label(labels, "server", field_text(server, "address"));
	fclose(labels);
	metrics_value(writer, server);
}

static void metrics_pool(struct metrics_writer *writer,
			 struct json_object *pool)
{
	struct json_object *servers = field(pool, "servers");
	FILE *labels;
	size_t i;

	if (writer->metric->scope != METRIC_POOL) {
		for (i = 0; i < metrics_length(servers); i++)
			metrics_server(writer, pool,
				       json_object_array_get_idx(servers, i));
		return;
	}
	labels = metrics_labels(writer);
	metrics_label_pool(labels, pool);
	fclose(labels);
	metrics_value(writer, pool);
}

static void metrics_instance(struct metrics_writer *writer,
			     struct json_object *instance)
{
	FILE *labels = metrics_labels(writer);

	metrics_label(labels, "instance_name", field_text(instance, "name"));
	metrics_label(labels, "vrid", field_text(instance, "vrid"));
	metrics_label(labels, "interface", field_text(instance, "interface"));
	fclose(labels);
	metrics_value(writer, instance);
}

/* All samples of the family at hand. */
static void metrics_family(struct metrics_writer *writer)
{
	const struct metrics_source *source = writer->source;
	struct json_object *list;
	size_t i;

	free(writer->labels);
	writer->labels = NULL;
	writer->headed = false;
	if (writer->metric->scope == METRIC_DAEMON) {
		metrics_value(writer, field(source->status, "daemon"));
		return;
	}
	if (writer->metric->scope == METRIC_VRRP) {
		list = field(source->vrrp, "instances");
		for (i = 0; i < metrics_length(list); i++)
			metrics_instance(writer,
					 json_object_array_get_idx(list, i));
		return;
	}
	list = field(source->status, "virtual_servers");
	for (i = 0; i < metrics_length(list); i++)
		metrics_pool(writer, json_object_array_get_idx(list, i));
}

/*
 * The answer about headroom has the virtual servers in the order of the status:
 * each becomes a field of its virtual server there. A reload between the two
 * answers can make them differ; a name that is not the same is left out.
 */
static void metrics_join_headroom(const struct metrics_source *source)
{
	struct json_object *rooms = field(source->headroom, "virtual_servers");
	struct json_object *pools = field(source->status, "virtual_servers");
	size_t i;

	for (i = 0; i < metrics_length(rooms) && i < metrics_length(pools);
	     i++) {
		struct json_object *pool = json_object_array_get_idx(pools, i);
		struct json_object *room = json_object_array_get_idx(rooms, i);

		if (strcmp(field_text(pool, "name"),
			   field_text(room, "name")) == 0)
			json_object_object_add(pool, "headroom",
					       json_object_get(room));
	}
}

void metrics_print(FILE *out, const struct metrics_source *source,
		   bool openmetrics, const char *scope)
{
	struct metrics_writer writer = { .out = out,
					 .source = source,
					 .openmetrics = openmetrics };
	struct json_object *daemon = field(source->status, "daemon");
	size_t i;

	metrics_join_headroom(source);
	metrics_head(&writer, "up", false, "The daemon answers");
	fprintf(out, "evenkeel_up %d\n", daemon != NULL);
	if (daemon) {
		metrics_head(&writer, "build_info", false,
			     "The version of the daemon");
		fprintf(out, "evenkeel_build_info{version=\"%s\"} 1\n",
			field_text(daemon, "version"));
	}
	for (i = 0; daemon && i < ARRAY_SIZE(metrics); i++) {
		writer.metric = &metrics[i];
		if (!scope ||
		    strcmp(scope, metric_scopes[metrics[i].scope]) == 0)
			metrics_family(&writer);
	}
	free(writer.labels);
	if (openmetrics)
		fputs("# EOF\n", out);
}

const char *metrics_scope_at(unsigned index)
{
	return index < METRIC_SCOPES ? metric_scopes[index] : NULL;
}

static bool metrics_scope_known(const char *scope)
{
	size_t i;

	for (i = 0; i < METRIC_SCOPES; i++)
		if (strcmp(scope, metric_scopes[i]) == 0)
			return true;
	fprintf(stderr,
		"evenkeel: '%s' is not a scope; there are daemon, pool, "
		"server, check, vrrp\n",
		scope);
	return false;
}

/* NULL if there is no answer; an error is told. */
static struct json_object *metrics_ask(struct ctl *ctl, const char *request)
{
	struct json_object *answer = client_ask(ctl->socket, request);

	if (field(answer, "error")) {
		fprintf(stderr, "evenkeel: %s\n", field_text(answer, "error"));
		json_object_put(answer);
		return NULL;
	}
	return answer;
}

int metrics_run(struct ctl *ctl, const struct command *command)
{
	struct metrics_source source = { 0 };
	struct timespec now;
	int status;

	if (ctl->scope && !metrics_scope_known(ctl->scope))
		return 2;
	source.status = metrics_ask(ctl, "status");
	if (source.status) {
		source.headroom = metrics_ask(ctl, "headroom");
		source.vrrp = metrics_ask(ctl, "vrrp");
	}
	clock_gettime(CLOCK_REALTIME, &now);
	source.now = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
	metrics_print(stdout, &source, ctl->openmetrics, ctl->scope);
	status = source.status ? 0 : 1;
	json_object_put(source.status);
	json_object_put(source.headroom);
	json_object_put(source.vrrp);
	return status;
}
