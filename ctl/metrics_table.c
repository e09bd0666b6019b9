/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/metrics_table.h"

#include <string.h>

#include "ctl/metrics.h"
#include "lib/util.h"

const struct metrics_kind_info metrics_kinds[METRICS_KINDS] = {
	[METRICS_DAEMON] = { "daemon",
			     "daemon",
			     METRICS_KINDS,
			     { { NULL, NULL, NULL } } },
	/* A single other balancer needs no address. */
	[METRICS_PEER] = { "peer",
			   "daemon",
			   METRICS_KINDS,
			   { { "peer", "address", NULL } } },
	[METRICS_SYNC] = { "sync",
			   "daemon",
			   METRICS_KINDS,
			   { { "role", "role", NULL } } },
	[METRICS_BFD] = { "bfd",
			  "bfd",
			  METRICS_KINDS,
			  { { "bfd_instance", "name", NULL },
			    { "neighbor", "neighbor", NULL } } },
	/* An address may have a service of each protocol; most have TCP alone. */
	[METRICS_POOL] = { "pool",
			   "pool",
			   METRICS_KINDS,
			   { { "virtual", "name", NULL },
			     { "protocol", "protocol", "TCP" } } },
	[METRICS_STATE] = { "state",
			    "pool",
			    METRICS_POOL,
			    { { "state", "state", NULL } } },
	[METRICS_PROBES] = { "probes",
			     "pool",
			     METRICS_POOL,
			     { { "check", "type", NULL } } },
	[METRICS_SERVER] = { "server",
			     "server",
			     METRICS_POOL,
			     { { "server", "address", NULL } } },
	[METRICS_TRANSITION] = { "transition",
				 "server",
				 METRICS_SERVER,
				 { { "from", "from", NULL },
				   { "to", "to", NULL } } },
	[METRICS_CHECK] = { "check",
			    "check",
			    METRICS_SERVER,
			    { { "check", "type", NULL },
			      { "number", "number", "1" } } },
	[METRICS_RESULT] = { "result",
			     "check",
			     METRICS_CHECK,
			     { { "outcome", "outcome", NULL } } },
	[METRICS_VRRP] = { "vrrp",
			   "vrrp",
			   METRICS_KINDS,
			   { { "instance_name", "name", NULL },
			     { "vrid", "vrid", NULL },
			     { "interface", "interface", NULL } } },
	[METRICS_DROP] = { "drop",
			   "vrrp",
			   METRICS_VRRP,
			   { { "reason", "reason", NULL } } },
	[METRICS_ANNOUNCE] = { "announce",
			       "announce",
			       METRICS_KINDS,
			       { { "group", "name", NULL } } },
	[METRICS_SCRAPE] = { "scrape",
			     "daemon",
			     METRICS_KINDS,
			     { { NULL, NULL, NULL } } },
};

static const char *const metric_states[] = { "up",	"down",	 "drain",
					     "held",	"spare", "soft-failed",
					     "unknown", NULL };
static const char *const metric_levels[] = {
	"normal",	    "starting",	   "unproven", "sorry", "holding",
	"upstream-failure", "last-resort", "nothing",  NULL
};
static const char *const metric_vrrp_states[] = { "MASTER", "BACKUP", "FAULT",
						  "INIT", NULL };
static const char *const metric_neighbor[] = { "up", "down", "unknown", NULL };
static const char *const metric_operator[] = { "drain", "disable", "weight",
					       NULL };

#define GAUGE_AS(kind, unit, name, column, help)                           \
	{                                                                  \
		METRICS_##kind, METRICS_##unit, false, name, column, help, \
			NULL, NULL                                         \
	}
#define GAUGE(kind, name, column, help) \
	GAUGE_AS(kind, NUMBER, name, column, help)
#define MICRO(kind, name, column, help) \
	GAUGE_AS(kind, MICRO, name, column, help)
#define COUNTER(kind, name, column, help)                                 \
	{                                                                 \
		METRICS_##kind, METRICS_NUMBER, true, name, column, help, \
			NULL, NULL                                        \
	}
#define WORDS(kind, name, column, label, words, help)                    \
	{                                                                \
		METRICS_##kind, METRICS_WORD, false, name, column, help, \
			label, words                                     \
	}

const struct metric metrics_table[] = {
	MICRO(DAEMON, "start_time_seconds", "started",
	      "When the daemon was started"),
	GAUGE(DAEMON, "config_generation", "generation",
	      "How many configurations were in force since the start"),
	GAUGE(DAEMON, "config_last_reload_successful", "config_accepted",
	      "The file was accepted when it was read for the last time"),
	MICRO(DAEMON, "config_last_reload_timestamp_seconds", "config_read",
	      "When the file was read for the last time"),
	COUNTER(DAEMON, "log_lines_lost", "log_lines_lost",
		"Lines that the log did not take"),
	GAUGE(DAEMON, "checker_up", "checker_answering",
	      "The checker process runs and answers"),
	COUNTER(DAEMON, "checker_restarts", "checker_restarts",
		"How often the checker process was started again"),
	COUNTER(DAEMON, "verdicts", "verdicts",
		"Results of checks that the daemon has got"),
	GAUGE(DAEMON, "stale_checks", "stale_checks",
	      "Checks without a result for much longer than their interval"),
	GAUGE(DAEMON, "kernel_reached", "kernel_reached",
	      "The kernel's table could be read"),
	COUNTER(DAEMON, "kernel_changes", "kernel_changes",
		"Changes made to the kernel's table"),
	COUNTER(DAEMON, "kernel_failures", "kernel_failures",
		"Changes that the kernel refused"),
	COUNTER(DAEMON, "kernel_repairs", "kernel_repairs",
		"Changes made by others that were repaired"),
	MICRO(DAEMON, "kernel_last_audit_timestamp_seconds", "kernel_audited",
	      "When the kernel's table was compared for the last time"),
	GAUGE(PEER, "peer_up", "running",
	      "The process that talks to the other balancer runs"),
	GAUGE(PEER, "peer_silent", "silent", "The other balancer is not heard"),
	MICRO(PEER, "peer_heard_timestamp_seconds", "heard",
	      "When the other balancer was heard for the last time"),
	GAUGE(PEER, "peer_reachable", "reports",
	      "The other balancer reports on itself"),
	GAUGE(PEER, "peer_same_configuration", "same_configuration",
	      "The other balancer's file has the same virtual servers"),
	GAUGE(PEER, "peer_same_version", "same_version",
	      "The other balancer runs the same version"),
	GAUGE(PEER, "peer_table_complete", "table_complete",
	      "The other balancer's kernel has its whole table"),
	MICRO(PEER, "peer_clock_ahead_seconds", "clock_ahead",
	      "The other balancer's clock less this one's"),
	GAUGE(PEER, "peer_clocks_apart", "clocks_apart",
	      "The clocks differ by so much that nothing is taken"),
	GAUGE(DAEMON, "mail_up", "mail_running",
	      "The process that sends mail runs"),
	GAUGE(DAEMON, "mail_waiting", "mail_waiting",
	      "Mails that are not sent yet"),
	GAUGE(DAEMON, "mail_failing", "mail_failing",
	      "The last attempt to send a mail failed"),
	GAUGE(DAEMON, "bfd_process_up", "bfd_running",
	      "The process that speaks BFD runs"),
	MICRO(SCRAPE, "scrape_duration_seconds", "took",
	      "How long the daemon took for these figures, other work between included"),
	MICRO(SCRAPE, "scrape_held_seconds", "held",
	      "The longest time that these figures kept the daemon from other work"),
	GAUGE(SYNC, "sync_running", "running",
	      "The kernel's thread for connection sync of that role runs"),

	WORDS(POOL, "pool_level", "level", "level", metric_levels,
	      "The level of the virtual server"),
	GAUGE(STATE, "pool_servers", "servers", "Servers in that state"),
	GAUGE(POOL, "pool_quorum", "quorum", "The quorum is reached"),
	GAUGE(POOL, "pool_up", "up", "Servers that are up"),
	GAUGE(POOL, "pool_serving", "serving", "Servers with a weight above 0"),
	GAUGE(POOL, "pool_min_serving", "min_serving",
	      "Servers that soft failures never leave fewer of"),
	GAUGE(POOL, "pool_sources", "sources",
	      "Servers that have shown the role of a source"),
	GAUGE(POOL, "pool_writers", "writers",
	      "Servers that may serve at a time; 0: all"),
	GAUGE(POOL, "pool_spares", "spares",
	      "Servers that could serve, and are held back by writers or failback manual"),
	GAUGE(POOL, "pool_paused", "paused",
	      "The operator has paused the virtual server"),
	GAUGE(POOL, "pool_survives", "survives",
	      "Servers that may fail before the rest is full"),
	GAUGE(POOL, "pool_survives_wanted", "survives_wanted",
	      "Servers that shall be able to fail, by the configuration"),
	GAUGE(POOL, "pool_connections", "connections",
	      "Connections in use at all servers of the pool"),
	GAUGE(POOL, "pool_connections_room", "connections_room",
	      "Connections that all servers of the pool can take"),
	COUNTER(POOL, "pool_new_connections", "new_connections",
		"Connections since the service is in the kernel's table"),
	COUNTER(POOL, "pool_bytes_in", "bytes_in",
		"Bytes from clients since then"),
	COUNTER(POOL, "pool_bytes_out", "bytes_out",
		"Bytes to clients since then, where they come back this way"),
	{ METRICS_PROBES, METRICS_HISTOGRAM, false,
	  "pool_probe_duration_seconds", "sum",
	  "How long the probes took since the start", NULL, NULL },

	WORDS(SERVER, "server_state", "state", "state", metric_states,
	      "The state of the real server"),
	GAUGE(SERVER, "server_weight", "weight_wanted",
	      "The weight that was decided; 0 also outside the table"),
	GAUGE(SERVER, "server_weight_configured", "weight_configured",
	      "The weight of the file"),
	GAUGE(SERVER, "server_weight_kernel", "weight_kernel",
	      "The weight in the kernel's table; 0 also outside it"),
	MICRO(SERVER, "server_slow_start_ratio", "slow_start",
	      "The share of its weight that slow start allows"),
	MICRO(SERVER, "server_response_ratio", "response",
	      "The share of its weight by response time, with fastest"),
	MICRO(SERVER, "server_saturation_ratio", "saturation",
	      "The share of its weight that too many connections leave"),
	MICRO(SERVER, "server_let_in_ratio", "let_in",
	      "The part of max_connections that a cold pool lets in, with cold_pool_limit"),
	GAUGE(SERVER, "server_connections_active", "active",
	      "Established connections, as the kernel counts them"),
	GAUGE(SERVER, "server_connections_inactive", "inactive",
	      "Other connections, as the kernel counts them"),
	COUNTER(SERVER, "server_connections", "connections",
		"Connections since the server is in the kernel's table"),
	COUNTER(SERVER, "server_bytes_in", "bytes_in",
		"Bytes from clients since then"),
	COUNTER(SERVER, "server_bytes_out", "bytes_out",
		"Bytes to clients since then, where they come back this way"),
	COUNTER(SERVER, "server_packets_in", "packets_in",
		"Packets from clients since then"),
	COUNTER(SERVER, "server_packets_out", "packets_out",
		"Packets to clients since then, where they come back this way"),
	MICRO(SERVER, "server_replication_lag_seconds", "lag",
	      "How far the replica is behind; missing: not known"),
	GAUGE(SERVER, "server_read_only", "read_only",
	      "The server takes no writes; missing: not known"),
	WORDS(SERVER, "server_operator", "operator", "what", metric_operator,
	      "An operator's command is in force"),
	MICRO(SERVER, "server_last_change_timestamp_seconds", "since",
	      "When the state changed for the last time"),
	COUNTER(TRANSITION, "server_transitions", "count",
		"Changes of the state since the start; missing: none of that kind"),

	GAUGE(CHECK, "check_up", "up",
	      "The check is up; 0 also before its first result"),
	MICRO(CHECK, "check_duration_seconds", "duration",
	      "How long the last probe took"),
	GAUGE(CHECK, "check_failures_in_a_row", "failures",
	      "Failures since the last success"),
	COUNTER(RESULT, "check_results", "count",
		"Results of the check since the start; missing: none of that outcome"),

	WORDS(VRRP, "vrrp_state", "state", "state", metric_vrrp_states,
	      "The state of the VRRP instance"),
	GAUGE(VRRP, "vrrp_priority", "priority",
	      "The priority with all trackers"),
	GAUGE(VRRP, "vrrp_priority_configured", "priority_configured",
	      "The priority of the file"),
	COUNTER(VRRP, "vrrp_takeovers", "takeovers",
		"How often the instance became master"),
	COUNTER(VRRP, "vrrp_adverts_sent", "adverts_sent", "Adverts sent"),
	COUNTER(VRRP, "vrrp_adverts_received", "adverts_received",
		"Adverts received and accepted"),
	COUNTER(VRRP, "vrrp_send_errors", "send_errors",
		"Adverts that could not be sent"),
	COUNTER(DROP, "vrrp_dropped", "count",
		"Packets dropped, by the reason"),
	MICRO(VRRP, "vrrp_peer_heard_timestamp_seconds", "heard",
	      "When an advert was received for the last time"),

	WORDS(BFD, "bfd_state", "state", "state", metric_neighbor,
	      "Whether the BFD session with the neighbour is up"),
	MICRO(BFD, "bfd_last_change_timestamp_seconds", "since",
	      "When the session went up or down for the last time"),

	GAUGE(ANNOUNCE, "announced", "announced",
	      "The addresses of the group are announced"),
	GAUGE(ANNOUNCE, "announce_works", "works",
	      "The virtual servers of the group are as it asks"),
	GAUGE(ANNOUNCE, "announce_others", "others",
	      "Other balancers that announce the group, with pools that work"),
	GAUGE(ANNOUNCE, "announce_trouble", "trouble",
	      "The kernel refuses something of the group"),
};

const size_t metrics_table_size = ARRAY_SIZE(metrics_table);

static const char *const metrics_scopes[] = { "daemon",	 "pool", "server",
					      "check",	 "vrrp", "bfd",
					      "announce" };

const char *metrics_scope_at(unsigned index)
{
	return index < ARRAY_SIZE(metrics_scopes) ? metrics_scopes[index] :
						    NULL;
}

int metrics_scope_find(const char *scope)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(metrics_scopes); i++)
		if (strcmp(scope, metrics_scopes[i]) == 0)
			return (int)i;
	return -1;
}

const char *metrics_unit_of(const char *name)
{
	static const char *const units[] = { "seconds", "bytes", "ratio" };
	const char *last = strrchr(name, '_');
	size_t i;

	for (i = 0; last && i < ARRAY_SIZE(units); i++)
		if (strcmp(last + 1, units[i]) == 0)
			return units[i];
	return NULL;
}
