/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/verdict.h"

#include <string.h>

static const struct outcome_info outcome_infos[PROBE_OUTCOMES] = {
	[PROBE_NONE] = { "unknown", "not checked yet", OUTCOME_UNKNOWN },
	[PROBE_OK] = { "ok", "check passed", OUTCOME_GOOD },
	[PROBE_REFUSED] = { "refused", "connection refused", OUTCOME_HARD },
	[PROBE_UNREACHABLE] = { "unreachable", "no route to the server",
				OUTCOME_HARD },
	[PROBE_TIMEOUT] = { "timeout", "no connection within the time limit",
			    OUTCOME_HARD },
	[PROBE_HUNG] = { "hung",
			 "connected, but no answer within the time limit",
			 OUTCOME_HARD },
	[PROBE_CLOSED] = { "closed", "the server closed the connection",
			   OUTCOME_HARD },
	[PROBE_GARBAGE] = { "garbage", "the answer is not of the protocol",
			    OUTCOME_HARD },
	[PROBE_LOCAL_FAULT] = { "local-fault",
				"the checker could not run the probe",
				OUTCOME_UNKNOWN },
	[PROBE_SQL_ERROR] = { "sql-error", "the query failed", OUTCOME_HARD },
	[PROBE_SQL_UNEXPECTED] = { "unexpected",
				   "the query's answer is not the expected one",
				   OUTCOME_HARD },
	[PROBE_NOT_READY] = { "not-ready", "the cluster node is not ready",
			      OUTCOME_HARD },
	[PROBE_SATURATED] = { "saturated", "too many connections",
			      OUTCOME_SATURATED },
	[PROBE_BLOCKED] = { "blocked",
			    "the server blocks the checker's host (FLUSH HOSTS)",
			    OUTCOME_HOLD },
	[PROBE_MISCONFIGURED] = { "misconfigured",
				  "the check itself is misconfigured",
				  OUTCOME_HOLD },
	[PROBE_LAGGING] = { "lagging", "replication lag above the limit",
			    OUTCOME_SOFT },
	[PROBE_SOURCE_LOST] = { "source-lost",
				"the replica has lost its source",
				OUTCOME_SOFT },
	[PROBE_NOT_REPLICA] = { "not-replica", "the server does not replicate",
				OUTCOME_SOFT },
	[PROBE_REPLICATION_BROKEN] = { "broken", "replication has stopped",
				       OUTCOME_SOFT },
	[PROBE_ROLE] = { "role", "the server does not have the expected role",
			 OUTCOME_SOFT },
	[PROBE_STATUS] = { "status", "the answer is not an accepted one",
			   OUTCOME_HARD },
	[PROBE_DRAIN] = { "drain", "the server asks to be drained",
			  OUTCOME_DRAIN },
	[PROBE_CLIENT_PATH] = { "client-path",
				"no answer the way that clients take",
				OUTCOME_HARD },
	[PROBE_FILE] = { "file", "the number in the file takes it out",
			 OUTCOME_HARD },
	[PROBE_NEIGHBOR] = { "neighbor", "the BFD session is not up",
			     OUTCOME_HARD },
	[PROBE_CORRUPT] = { "corrupt", "bytes arrive other than they were sent",
			    OUTCOME_SOFT },
	[PROBE_OTHER_SERVER] = { "other-server",
				 "another server answers the way that clients "
				 "take",
				 OUTCOME_SOFT },
	[PROBE_UNTRUSTED] = { "untrusted",
			      "its certificate is not the one that is asked for",
			      OUTCOME_HARD },
	[PROBE_SCRIPT] = { "script", "the script reports a failure",
			   OUTCOME_HARD },
};

const struct outcome_info *outcome_info(unsigned outcome)
{
	return &outcome_infos[outcome < PROBE_OUTCOMES ? outcome : PROBE_NONE];
}

/* Over a century: sums and differences of such times stay in range. */
#define TIME_PLAUSIBLE_MAX ((usec_t)1 << 52)

static bool verdict_time_is_plausible(usec_t when)
{
	return when >= 0 && when <= TIME_PLAUSIBLE_MAX;
}

void verdict_sanitize(struct verdict *verdict)
{
	char text[VERDICT_TEXT_MAX];

	if (verdict->outcome >= PROBE_OUTCOMES)
		verdict->outcome = PROBE_NONE;
	if (!verdict_time_is_plausible(verdict->when))
		verdict->when = verdict->when < 0 ? 0 : TIME_PLAUSIBLE_MAX;
	if (!verdict_time_is_plausible(verdict->facts.lag))
		verdict->facts.have &= ~(uint32_t)FACT_LAG;
	if (!verdict_time_is_plausible(verdict->facts.uptime))
		verdict->facts.have &= ~(uint32_t)FACT_UPTIME;
	text_copy_printable(text, sizeof(text), verdict->text,
			    sizeof(verdict->text));
	memcpy(verdict->text, text, sizeof(text));
}
