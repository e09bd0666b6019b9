/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/metrics.h"

#include <json-c/json.h>
#include <string.h>

#include "ctl/fields.h"
#include "lib/text.h"
#include "lib/util.h"

/* A family has a sample for each object of its scope. */
enum metric_scope {
	METRIC_DAEMON,
	METRIC_POOL,
	METRIC_SERVER,
	METRIC_CHECK,
	METRIC_VRRP,
	METRIC_ANNOUNCE,
	METRIC_SCOPES
};

static const char *const metric_scopes[METRIC_SCOPES] = {
	[METRIC_DAEMON] = "daemon", [METRIC_POOL] = "pool",
	[METRIC_SERVER] = "server", [METRIC_CHECK] = "check",
	[METRIC_VRRP] = "vrrp",	    [METRIC_ANNOUNCE] = "announce",
};

/* How the field of the answer becomes a value. */
enum metric_unit {
	METRIC_NUMBER, /* a number, or true and false as 1 and 0 */
	METRIC_ZERO, /* the same, and 0 where the field is null */
	METRIC_KERNEL, /* the same, while the kernel's table can be read */
	METRIC_FALSE, /* false as 1, true as 0 */
	METRIC_PRESENT, /* 1 if the field is not null, else 0 */
	METRIC_PERCENT, /* percent to a ratio */
	METRIC_MS, /* milliseconds to seconds */
	METRIC_AGE, /* seconds ago to seconds since 1970 */
	METRIC_WORD, /* one of the words: a sample for each */
	METRIC_HISTOGRAM, /* a list: counts by the daemon's bounds, with their sum */
	METRIC_COUNTS, /* an object of counters, by the words: absent is 0 */
};

struct metric {
	enum metric_scope scope;
	enum metric_unit unit;
	bool counter; /* else a gauge */
	const char *name; /* without evenkeel_ and, of a counter, _total */
	/* The field, with a dot for a field in an object. */
	const char *key;
	const char *help;
	/* Of METRIC_WORD, METRIC_COUNTS, METRIC_HISTOGRAM: the label, and the words. */
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
static const char *const metric_drops[] = {
	"bad IP header",
	"fragment",
	"too short",
	"wrong version",
	"not an advertisement",
	"unknown virtual router",
	"no addresses",
	"wrong length",
	"bad checksum",
	"wrong interval",
	"wrong TTL",
	"wrong destination",
	"not a listed peer",
	"our own source address",
	"wrong authentication type",
	"wrong password",
	"we own the addresses",
	"other addresses than ours",
	"first address not link-local",
	"none of our addresses",
	"our address, another virtual router",
	"unicast against multicast",
	NULL
};
static const char *const metric_operator[] = { "drain", "disable", "weight",
					       NULL };

#define GAUGE(scope, unit, name, key, help)                                  \
	{                                                                    \
		METRIC_##scope, METRIC_##unit, false, name, key, help, NULL, \
			NULL                                                 \
	}
#define COUNTER_AS(scope, unit, name, key, help)                            \
	{                                                                   \
		METRIC_##scope, METRIC_##unit, true, name, key, help, NULL, \
			NULL                                                \
	}
#define COUNTER(scope, name, key, help) \
	COUNTER_AS(scope, NUMBER, name, key, help)
#define WORDS(scope, name, key, label, words, help)                         \
	{                                                                   \
		METRIC_##scope, METRIC_WORD, false, name, key, help, label, \
			words                                               \
	}
#define HISTOGRAM(scope, name, key, label, help)                          \
	{                                                                 \
		METRIC_##scope, METRIC_HISTOGRAM, false, name, key, help, \
			label, NULL                                       \
	}

static const struct metric metrics[] = {
	GAUGE(DAEMON, AGE, "start_time_seconds", "uptime_s",
	      "When the daemon was started"),
	GAUGE(DAEMON, NUMBER, "config_generation", "generation",
	      "How many configurations were in force since the start"),
	GAUGE(DAEMON, FALSE, "config_last_reload_successful", "config_refused",
	      "The file was accepted when it was read for the last time"),
	GAUGE(DAEMON, AGE, "config_last_reload_timestamp_seconds",
	      "config_read_s", "When the file was read for the last time"),
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
	GAUGE(DAEMON, NUMBER, "peer_reachable", "peer.reports",
	      "The other balancer reports on itself"),
	GAUGE(DAEMON, NUMBER, "peer_same_configuration",
	      "peer.same_configuration",
	      "The other balancer's file has the same virtual servers"),
	GAUGE(DAEMON, NUMBER, "peer_same_version", "peer.same_version",
	      "The other balancer runs the same version"),
	GAUGE(DAEMON, NUMBER, "peer_table_complete", "peer.table_complete",
	      "The other balancer's kernel has its whole table"),
	GAUGE(DAEMON, NUMBER, "peer_clock_ahead_seconds", "peer.clock_ahead_s",
	      "The other balancer's clock less this one's"),
	GAUGE(DAEMON, NUMBER, "peer_clocks_apart", "peer.clocks_apart",
	      "The clocks differ by so much that nothing is taken"),
	GAUGE(DAEMON, NUMBER, "mail_up", "mail.running",
	      "The process that sends mail runs"),
	GAUGE(DAEMON, NUMBER, "mail_waiting", "mail.waiting",
	      "Mails that are not sent yet"),
	GAUGE(DAEMON, NUMBER, "mail_failing", "mail.failing",
	      "The last attempt to send a mail failed"),

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
	      "Servers that could serve, and are held back by writers or "
	      "failback manual"),
	GAUGE(POOL, NUMBER, "pool_paused", "paused",
	      "The operator has paused the virtual server"),
	GAUGE(POOL, NUMBER, "pool_survives", "headroom.survives",
	      "Servers that may fail before the rest is full"),
	GAUGE(POOL, NUMBER, "pool_survives_wanted", "headroom.target",
	      "Servers that shall be able to fail, by the configuration"),
	GAUGE(POOL, NUMBER, "pool_connections", "headroom.connections",
	      "Connections in use at all servers of the pool"),
	GAUGE(POOL, NUMBER, "pool_connections_room",
	      "headroom.connections_room",
	      "Connections that all servers of the pool can take"),
	COUNTER_AS(POOL, KERNEL, "pool_new_connections", "connections_total",
		   "Connections since the service is in the kernel's table"),
	COUNTER_AS(POOL, KERNEL, "pool_in_bytes", "bytes_in_total",
		   "Bytes from clients since then"),
	COUNTER_AS(POOL, KERNEL, "pool_out_bytes", "bytes_out_total",
		   "Bytes to clients since then, where they come back this "
		   "way"),
	HISTOGRAM(POOL, "pool_probe_duration_seconds", "probes", "check",
		  "How long the probes took since the start"),

	WORDS(SERVER, "server_state", "state", "state", metric_states,
	      "The state of the real server"),
	GAUGE(SERVER, ZERO, "server_weight", "weight_wanted",
	      "The weight that was decided; 0 also outside the table"),
	GAUGE(SERVER, NUMBER, "server_weight_configured", "weight_configured",
	      "The weight of the file"),
	GAUGE(SERVER, KERNEL, "server_weight_kernel", "weight_kernel",
	      "The weight in the kernel's table; 0 also outside it"),
	GAUGE(SERVER, PRESENT, "server_in_table", "weight_kernel",
	      "The server is in the kernel's table"),
	GAUGE(SERVER, PERCENT, "server_slow_start_ratio", "slow_start_percent",
	      "The share of its weight that slow start allows"),
	GAUGE(SERVER, PERCENT, "server_response_ratio", "response_percent",
	      "The share of its weight by response time, with fastest"),
	GAUGE(SERVER, PERCENT, "server_saturation_ratio", "saturation_percent",
	      "The share of its weight that too many connections leave"),
	GAUGE(SERVER, PERCENT, "server_let_in_ratio", "let_in_percent",
	      "The part of max_connections that a cold pool lets in, with "
	      "cold_pool_limit"),
	GAUGE(SERVER, NUMBER, "server_connections_active", "active",
	      "Established connections, as the kernel counts them"),
	GAUGE(SERVER, NUMBER, "server_connections_inactive", "inactive",
	      "Other connections, as the kernel counts them"),
	COUNTER_AS(SERVER, KERNEL, "server_new_connections",
		   "connections_total",
		   "Connections since the server is in the kernel's table"),
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
	  "Packets dropped, by the reason", "reason", metric_drops },
	GAUGE(VRRP, AGE, "vrrp_peer_heard_timestamp_seconds", "heard_s",
	      "When an advert was received for the last time"),

	GAUGE(ANNOUNCE, NUMBER, "announced", "announced",
	      "The addresses of the group are announced"),
	GAUGE(ANNOUNCE, NUMBER, "announce_works", "works",
	      "The virtual servers of the group are as it asks"),
	GAUGE(ANNOUNCE, NUMBER, "announce_others", "others",
	      "Other balancers that announce the group, with pools that work"),
	GAUGE(ANNOUNCE, PRESENT, "announce_trouble", "trouble",
	      "The kernel refuses something of the group"),
};

/* The state of one output: its file, its family, and the labels of the object at hand. */
struct metrics_writer {
	FILE *out;
	const struct metrics_source *source;
	bool openmetrics;
	const struct metric *metric;
	bool headed; /* the family's head is printed */
	bool kernel; /* its table could be read */
	char *labels; /* "virtual=\"a\",server=\"b\"" */
	size_t labels_size;
};

/* The unit that NAME ends with, as OpenMetrics has it; NULL: it has none. */
static const char *metrics_unit(const char *name)
{
	static const char *const units[] = { "seconds", "bytes", "ratio" };
	const char *last = strrchr(name, '_');
	size_t i;

	for (i = 0; last && i < ARRAY_SIZE(units); i++)
		if (strcmp(last + 1, units[i]) == 0)
			return units[i];
	return NULL;
}

static void metrics_head(struct metrics_writer *writer, const char *name,
			 const char *type, const char *help)
{
	const char *end = strcmp(type, "counter") == 0 && !writer->openmetrics ?
				  "_total" :
				  "";
	const char *unit = writer->openmetrics ? metrics_unit(name) : NULL;

	/*
	 * Parsers of OpenMetrics 1.0 want the type first; 0.0.4 takes any order
	 * and knows no unit.
	 */
	fprintf(writer->out, "# TYPE evenkeel_%s%s %s\n", name, end, type);
	if (unit)
		fprintf(writer->out, "# UNIT evenkeel_%s %s\n", name, unit);
	fprintf(writer->out, "# HELP evenkeel_%s%s %s.\n", name, end, help);
}

/* The head of the family at hand, once. */
static void metrics_begin(struct metrics_writer *writer, const char *type)
{
	if (!writer->headed)
		metrics_head(writer, writer->metric->name, type,
			     writer->metric->help);
	writer->headed = true;
}

/* WORD: the value of the family's own label, NULL without one. */
static void metrics_sample(struct metrics_writer *writer, const char *word,
			   double value)
{
	const struct metric *metric = writer->metric;
	const char *labels = writer->labels ? writer->labels : "";

	metrics_begin(writer, metric->counter ? "counter" : "gauge");
	fprintf(writer->out, "evenkeel_%s%s", metric->name,
		metric->counter ? "_total" : "");
	if (word)
		fprintf(writer->out, "{%s%s%s=\"%s\"}", labels,
			*labels ? "," : "", metric->label, word);
	else if (*labels)
		fprintf(writer->out, "{%s}", labels);
	fprintf(writer->out, " %.15g\n", value);
}

/*
 * Append NAME="TEXT" to the labels, with the escapes that both formats share. A
 * byte that is no UTF-8 is written out, as Prometheus would refuse the whole
 * scrape for it.
 */
static void metrics_label(FILE *labels, const char *name, const char *text)
{
	size_t length;

	fprintf(labels, "%s%s=\"", ftell(labels) > 0 ? "," : "", name);
	for (; *text; text += length ? length : 1) {
		length = text_character(text);
		if (length == 0)
			fprintf(labels, "\\\\x%02x", (unsigned char)*text);
		else if (*text == '\n')
			fputs("\\n", labels);
		else if (*text == '"' || *text == '\\')
			fprintf(labels, "\\%c", *text);
		else
			fwrite(text, 1, length, labels);
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
	const char *const *word;

	for (word = writer->metric->words; *word; word++)
		metrics_sample(writer, *word,
			       json_object_get_double(field(value, *word)));
}

/* A list that another version of the daemon does not have is an empty one. */
static size_t metrics_length(struct json_object *list)
{
	return json_object_is_type(list, json_type_array) ?
		       json_object_array_length(list) :
		       0;
}

/* BOUND as both formats want it: "1.0", not "1"; the one behind the last is NULL. */
static const char *metrics_bound(struct json_object *bound, char *out,
				 size_t size)
{
	double number = json_object_get_double(bound);

	if (!bound)
		return "+Inf";
	snprintf(out, size, "%.9g", number);
	if (!strpbrk(out, ".e"))
		snprintf(out, size, "%.1f", number);
	return out;
}

/* The labels of the object at hand and the family's own, for the caller to free. */
static char *metrics_own_labels(const struct metrics_writer *writer,
				const char *word)
{
	char *text;
	size_t size;
	FILE *labels = open_memstream(&text, &size);

	fputs(writer->labels, labels);
	metrics_label(labels, writer->metric->label, word);
	fclose(labels);
	return text;
}

/*
 * ONE of the list: its counts end with the first that has all probes. Another
 * version of the daemon may have less than all of this.
 */
static void metrics_histogram(struct metrics_writer *writer,
			      struct json_object *one)
{
	struct json_object *bounds =
		metrics_field(writer->source->status, "daemon.probe_bounds_s");
	struct json_object *counts = field(one, "counts");
	size_t nr = metrics_length(bounds), given = metrics_length(counts), i;
	const char *name = writer->metric->name;
	char *labels, text[24];
	long long count = 0;

	if (nr == 0 || given == 0 || given > nr + 1 || !field(one, "sum_s"))
		return;
	metrics_begin(writer, "histogram");
	labels = metrics_own_labels(writer, field_text(one, "check"));
	for (i = 0; i <= nr; i++) {
		if (i < given)
			count = json_object_get_int64(
				json_object_array_get_idx(counts, i));
		fprintf(writer->out, "evenkeel_%s_bucket{%s,le=\"%s\"} %lld\n",
			name, labels,
			metrics_bound(json_object_array_get_idx(bounds, i),
				      text, sizeof(text)),
			count);
	}
	fprintf(writer->out, "evenkeel_%s_sum{%s} %.15g\n", name, labels,
		json_object_get_double(field(one, "sum_s")));
	fprintf(writer->out, "evenkeel_%s_count{%s} %lld\n", name, labels,
		count);
	free(labels);
}

/* The kinds of checks have a histogram each. */
static void metrics_histograms(struct metrics_writer *writer,
			       struct json_object *list)
{
	size_t i;

	for (i = 0; i < metrics_length(list); i++)
		metrics_histogram(writer, json_object_array_get_idx(list, i));
}

/* NUMBER of the answer in the unit of the metric. */
static double metrics_scaled(const struct metrics_writer *writer, double number)
{
	switch (writer->metric->unit) {
	case METRIC_FALSE:
		return number == 0;
	case METRIC_PERCENT:
		return number / 100;
	case METRIC_MS:
		return number / 1000;
	case METRIC_AGE:
		return writer->source->now - number;
	case METRIC_NUMBER:
	case METRIC_ZERO:
	case METRIC_KERNEL:
	case METRIC_PRESENT:
	case METRIC_WORD:
	case METRIC_COUNTS:
	case METRIC_HISTOGRAM:
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
	else if (writer->metric->unit == METRIC_HISTOGRAM)
		metrics_histograms(writer, value);
	else if (writer->metric->unit == METRIC_COUNTS)
		metrics_counts(writer, value);
	else if (value || writer->metric->unit == METRIC_ZERO ||
		 (writer->metric->unit == METRIC_KERNEL && writer->kernel))
		metrics_sample(writer, NULL,
			       metrics_scaled(writer,
					      json_object_get_double(value)));
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

static void metrics_group(struct metrics_writer *writer,
			  struct json_object *group)
{
	FILE *labels = metrics_labels(writer);

	metrics_label(labels, "group", field_text(group, "name"));
	fclose(labels);
	metrics_value(writer, group);
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
	if (writer->metric->scope == METRIC_ANNOUNCE) {
		list = field(field(source->status, "announce"), "groups");
		for (i = 0; i < metrics_length(list); i++)
			metrics_group(writer,
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
	writer.kernel = json_object_get_boolean(
		metrics_field(daemon, "kernel.reached"));
	metrics_head(&writer, "up", "gauge", "The daemon answers");
	fprintf(out, "evenkeel_up %d\n", daemon != NULL);
	if (daemon) {
		metrics_head(&writer, "build_info", "gauge",
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

int metrics_scope_find(const char *scope)
{
	int i;

	for (i = 0; i < METRIC_SCOPES; i++)
		if (strcmp(scope, metric_scopes[i]) == 0)
			return i;
	return -1;
}
