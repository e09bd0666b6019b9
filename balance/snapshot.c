/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory of a balance as bytes, and back: a record that has lost its
 * beginning goes on from a snapshot.
 *
 * The members are listed in tables, and a snapshot carries their names: another
 * version of the program fills the members that both know, leaves its new ones as
 * in a new balance, and passes over names that are gone. A member that
 * is missing in a table would be forgotten by a snapshot; a test compares the
 * tables with the sizes of the structs, and plays random histories on from
 * snapshots.
 *
 * A snapshot may come from a damaged or forged file, so whatever is used as an
 * index or a kind has its highest value here, and times stay so small that sums
 * of a few do not overflow.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "balance/snapshot.h"
#include "lib/pack.h"

/* Names of members of one struct; more than any has. */
#define SNAPSHOT_FIELDS_MAX 96
#define SNAPSHOT_NAME_MAX 48
#define SNAPSHOT_TIME_MAX ((int64_t)1 << 60)

#define FIELD_MOST(type, member, most)                               \
	{                                                            \
#member, offsetof(struct type, member),              \
			sizeof(((struct type *)0)->member),          \
			_Generic(((struct type *)0)->member, int64_t \
				 : true, default                     \
				 : false),                           \
			most                                         \
	}
#define FIELD(type, member)                                  \
	FIELD_MOST(type, member,                             \
		   _Generic(((struct type *)0)->member, bool \
			    : (uint64_t)1, default           \
			    : UINT64_MAX))

#define CHECK(member) FIELD(check_state, member)
const struct snapshot_field snapshot_check[] = {
	CHECK(health.value),
	CHECK(health.known),
	CHECK(presumed),
	CHECK(proven),
	CHECK(held),
	CHECK(drain),
	FIELD_MOST(check_state, role, ROLE_PROVED),
	CHECK(weight_presumed),
	CHECK(failing),
	CHECK(lag_known),
	FIELD_MOST(check_state, soft_outcome, PROBE_OUTCOMES - 1),
	CHECK(soft.value),
	CHECK(soft.known),
	CHECK(lag),
	FIELD_MOST(check_state, outcome, PROBE_OUTCOMES - 1),
	CHECK(server_errno),
	CHECK(duration),
	CHECK(failures),
	CHECK(goods),
	CHECK(when),
	CHECK(moved),
	CHECK(stats.latency),
	CHECK(stats.latencies),
	CHECK(stats.running_quick),
	CHECK(stats.running_slow),
	CHECK(stats.runnings),
	CHECK(stats.saturations),
	CHECK(stats.restarts),
	CHECK(stats.booted),
	CHECK(stats.boot_seen),
};
const size_t snapshot_check_fields = ARRAY_SIZE(snapshot_check);

#define FACT(member) FIELD(check_more, facts.member)
const struct snapshot_field snapshot_more[] = {
	FACT(have),
	FACT(threads_running),
	FACT(threads_connected),
	FACT(max_connections),
	FACT(max_used),
	FACT(wait_timeout),
	FACT(weight),
	FACT(http_status),
	FACT(exit_status),
	FACT(read_only),
	FACT(lag),
	FACT(uptime),
	FACT(is_replica),
	FACT(channels),
	FACT(evict_errno),
	FACT(evicted),
};
const size_t snapshot_more_fields = ARRAY_SIZE(snapshot_more);

#define SERVER(member) FIELD(server_state, member)
const struct snapshot_field snapshot_server[] = {
	FIELD_MOST(server_state, standing, STANDINGS - 1),
	FIELD_MOST(server_state, placement, PLACEMENT_IN),
	FIELD_MOST(server_state, prior, PRIOR_ZERO),
	FIELD_MOST(server_state, notified, NOTIFIED_SPARE),
	SERVER(adopted_zero),
	SERVER(adopted),
	SERVER(evict),
	SERVER(as_sorry),
	FIELD_MOST(server_state, share, INT32_MAX),
	FIELD_MOST(server_state, weight, INT32_MAX),
	SERVER(since),
	SERVER(evict_by),
	SERVER(choice.serves),
	SERVER(choice.served),
	SERVER(choice.next),
	SERVER(choice.left),
	SERVER(choice.relieved),
	SERVER(seat.term),
	SERVER(seat.rank),
	FIELD_MOST(server_state, seat.was, STANDINGS - 1),
	SERVER(seat.pending),
	SERVER(seat.due),
	SERVER(seat.barred),
	SERVER(seat.fell),
	SERVER(seat.fell_told),
	SERVER(seat.spare),
	FIELD_MOST(server_state, ramp.share, SHARE_FULL),
	SERVER(ramp.adopted),
	SERVER(ramp.boot_known),
	FIELD_MOST(server_state, ramp.gate, GATE_CUTS),
	SERVER(ramp.limit),
	SERVER(ramp.since),
	SERVER(ramp.stepped),
	SERVER(ramp.skipped),
	SERVER(ramp.booted),
	SERVER(ramp.restarts),
	SERVER(ramp.runnings),
	FIELD_MOST(server_state, latency.factor, INT32_MAX),
	SERVER(latency.moving),
	SERVER(latency.samples),
	FIELD_MOST(server_state, saturation.factor, SHARE_FULL),
	SERVER(saturation.adopted),
	SERVER(saturation.moved),
	SERVER(saturation.count),
	FIELD_MOST(server_state, cold.share, SHARE_FULL),
	SERVER(cold.limit),
	SERVER(cold.stale),
	SERVER(cold.adopted),
	FIELD_MOST(server_state, cold.gate, GATE_CUTS),
	SERVER(cold.since),
	SERVER(cold.stepped),
	SERVER(threshold.limit),
	SERVER(threshold.busy),
	FIELD_MOST(server_state, override.kind, OVERRIDE_WEIGHT),
	SERVER(override.drained),
	FIELD_MOST(server_state, override.weight, INT32_MAX),
	SERVER(override.cut),
	SERVER(override.since),
	SERVER(connections.active),
	SERVER(connections.inactive),
	SERVER(connections.counted),
};
const size_t snapshot_server_fields = ARRAY_SIZE(snapshot_server);

#define SERVICE(member) FIELD(vs_state, member)
const struct snapshot_field snapshot_service[] = {
	FIELD_MOST(vs_state, level, LEVELS - 1),
	SERVICE(quorum),
	SERVICE(quorum_known),
	SERVICE(quorum_found),
	SERVICE(sorry),
	SERVICE(held),
	SERVICE(last_resort),
	SERVICE(waits),
	SERVICE(written),
	SERVICE(last_term),
	SERVICE(left_term),
	SERVICE(freeze.on),
	SERVICE(freeze.from),
	SERVICE(freeze.ended),
	SERVICE(round),
	SERVICE(up),
	SERVICE(soft),
	SERVICE(serving),
	SERVICE(soft_bad),
	SERVICE(need),
	SERVICE(kept),
	SERVICE(backups),
	SERVICE(spares),
	SERVICE(sources),
	SERVICE(sources_notified),
	SERVICE(ramping),
	SERVICE(latency.median),
	SERVICE(latency.acted),
	SERVICE(built),
	SERVICE(pause.until),
	SERVICE(pause.began),
	SERVICE(pause.keeps),
	SERVICE(tight),
	SERVICE(lifted),
	SERVICE(measured),
	SERVICE(up_weight),
	SERVICE(unjudged),
};
const size_t snapshot_service_fields = ARRAY_SIZE(snapshot_service);

#define LEAVING(member) FIELD(leaving, member)
const struct snapshot_field snapshot_leaving[] = {
	LEAVING(vs),
	LEAVING(addr.addr.family),
	LEAVING(addr.port),
	FIELD_MOST(leaving, forward.method, FORWARD_DR),
	FIELD_MOST(leaving, forward.tun_type, TUNNEL_GRE),
	LEAVING(forward.tun_port),
	LEAVING(forward.tun_flags),
	LEAVING(active),
	LEAVING(counted),
	LEAVING(until),
};
const size_t snapshot_leaving_fields = ARRAY_SIZE(snapshot_leaving);

#define WHOLE(member) FIELD(balance, member)
const struct snapshot_field snapshot_balance[] = {
	WHOLE(given), WHOLE(falls), WHOLE(reserve), WHOLE(wake), WHOLE(awaits),
};
const size_t snapshot_balance_fields = ARRAY_SIZE(snapshot_balance);

/* The fields of a snapshot in its order; NULL: a name that is not known here. */
struct snapshot_schema {
	const struct snapshot_field *fields[SNAPSHOT_FIELDS_MAX];
	size_t count;
};

static void snapshot_names(struct pack *out,
			   const struct snapshot_field *fields, size_t count)
{
	size_t i;

	pack_uint(out, count);
	for (i = 0; i < count; i++)
		pack_text(out, fields[i].name);
}

static void snapshot_put(struct pack *out, const void *from,
			 const struct snapshot_field *fields, size_t count)
{
	uint64_t value;
	size_t i;

	for (i = 0; i < count; i++) {
		const char *at = (const char *)from + fields[i].offset;

		value = 0;
		memcpy(&value, at, fields[i].size); /* little endian: below */
		if (fields[i].is_signed)
			pack_int(out, (int64_t)value);
		else
			pack_uint(out, value);
	}
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "snapshot_put() and snapshot_get() copy the low bytes");

static void snapshot_get(struct unpack *in, void *to,
			 const struct snapshot_schema *schema)
{
	size_t i;

	for (i = 0; i < schema->count; i++) {
		const struct snapshot_field *field = schema->fields[i];
		uint64_t value = unpack_uint(in), most;
		int64_t time;

		if (!field)
			continue;
		if (field->is_signed) {
			time = (int64_t)(value & 1 ? ~(value >> 1) :
						     value >> 1);
			in->failed |= time > SNAPSHOT_TIME_MAX ||
				      time < -SNAPSHOT_TIME_MAX;
			value = (uint64_t)time;
		} else {
			most = field->size < 8 ?
				       ((uint64_t)1 << 8 * field->size) - 1 :
				       UINT64_MAX;
			in->failed |= value > most || value > field->most;
		}
		if (in->failed)
			return;
		memcpy((char *)to + field->offset, &value, field->size);
	}
}

static void snapshot_schema_get(struct unpack *in,
				struct snapshot_schema *schema,
				const struct snapshot_field *fields,
				size_t count)
{
	char name[SNAPSHOT_NAME_MAX];
	size_t i, k;

	schema->count = (size_t)unpack_upto(in, SNAPSHOT_FIELDS_MAX);
	for (i = 0; i < schema->count; i++) {
		unpack_text(in, name, sizeof(name));
		schema->fields[i] = NULL;
		for (k = 0; k < count; k++)
			if (strcmp(fields[k].name, name) == 0)
				schema->fields[i] = &fields[k];
	}
}

static void snapshot_save_checks(const struct balance *balance,
				 struct pack *out)
{
	uint32_t i;

	snapshot_names(out, snapshot_check, snapshot_check_fields);
	snapshot_names(out, snapshot_more, snapshot_more_fields);
	for (i = 0; i < balance->conf->nr_checks; i++) {
		const struct check_state *state = &balance->checks[i];

		snapshot_put(out, state, snapshot_check, snapshot_check_fields);
		pack_uint(out, state->more != NULL);
		if (!state->more)
			continue;
		snapshot_put(out, state->more, snapshot_more,
			     snapshot_more_fields);
		pack_text(out, state->more->text);
	}
}

static void snapshot_save_leaving(const struct balance *balance,
				  struct pack *out)
{
	size_t i;

	snapshot_names(out, snapshot_leaving, snapshot_leaving_fields);
	pack_uint(out, balance->nr_leaving);
	for (i = 0; i < balance->nr_leaving; i++) {
		snapshot_put(out, &balance->leaving[i], snapshot_leaving,
			     snapshot_leaving_fields);
		pack_bytes(out, balance->leaving[i].addr.addr.bytes,
			   sizeof(balance->leaving[i].addr.addr.bytes));
	}
}

void balance_save(const struct balance *balance, struct pack *out)
{
	const struct conf *conf = balance->conf;
	uint32_t i;

	pack_uint(out, conf->nr_checks);
	pack_uint(out, conf->nr_servers);
	pack_uint(out, conf->nr_virtual_servers);
	snapshot_save_checks(balance, out);
	snapshot_names(out, snapshot_server, snapshot_server_fields);
	for (i = 0; i < conf->nr_servers; i++)
		snapshot_put(out, &balance->servers[i], snapshot_server,
			     snapshot_server_fields);
	snapshot_names(out, snapshot_service, snapshot_service_fields);
	for (i = 0; i < conf->nr_virtual_servers; i++)
		snapshot_put(out, &balance->services[i], snapshot_service,
			     snapshot_service_fields);
	snapshot_save_leaving(balance, out);
	snapshot_names(out, snapshot_balance, snapshot_balance_fields);
	snapshot_put(out, balance, snapshot_balance, snapshot_balance_fields);
}

static void snapshot_load_checks(struct balance *balance, struct unpack *in)
{
	struct snapshot_schema checks, more;
	uint32_t i;

	snapshot_schema_get(in, &checks, snapshot_check, snapshot_check_fields);
	snapshot_schema_get(in, &more, snapshot_more, snapshot_more_fields);
	for (i = 0; i < balance->conf->nr_checks && !in->failed; i++) {
		struct check_state *state = &balance->checks[i];

		snapshot_get(in, state, &checks);
		if (unpack_upto(in, 1) == 0)
			continue;
		if (!state->more)
			state->more = xcalloc(1, sizeof(*state->more));
		snapshot_get(in, state->more, &more);
		unpack_text(in, state->more->text, sizeof(state->more->text));
	}
	/* A presumed weight is in `more`. */
	for (i = 0; i < balance->conf->nr_checks; i++)
		in->failed |= balance->checks[i].weight_presumed &&
			      !balance->checks[i].more;
}

static void snapshot_load_leaving(struct balance *balance, struct unpack *in)
{
	struct snapshot_schema schema;
	const unsigned char *bytes;
	struct leaving leaving;
	size_t count, length;

	snapshot_schema_get(in, &schema, snapshot_leaving,
			    snapshot_leaving_fields);
	for (count = (size_t)unpack_uint(in); count > 0 && !in->failed;
	     count--) {
		memset(&leaving, 0, sizeof(leaving));
		snapshot_get(in, &leaving, &schema);
		bytes = unpack_bytes(in, &length);
		in->failed |= length != sizeof(leaving.addr.addr.bytes) ||
			      leaving.vs >= balance->conf->nr_virtual_servers;
		if (in->failed)
			return;
		memcpy(leaving.addr.addr.bytes, bytes, length);
		balance->leaving =
			array_grow(balance->leaving, balance->nr_leaving,
				   &balance->room_leaving, sizeof(leaving));
		balance->leaving[balance->nr_leaving++] = leaving;
	}
}

int balance_restore(struct balance *balance, struct unpack *in)
{
	const struct conf *conf = balance->conf;
	struct snapshot_schema schema;
	uint32_t i;

	if (unpack_uint(in) != conf->nr_checks ||
	    unpack_uint(in) != conf->nr_servers ||
	    unpack_uint(in) != conf->nr_virtual_servers)
		return -EINVAL;
	snapshot_load_checks(balance, in);
	snapshot_schema_get(in, &schema, snapshot_server,
			    snapshot_server_fields);
	for (i = 0; i < conf->nr_servers && !in->failed; i++)
		snapshot_get(in, &balance->servers[i], &schema);
	snapshot_schema_get(in, &schema, snapshot_service,
			    snapshot_service_fields);
	for (i = 0; i < conf->nr_virtual_servers && !in->failed; i++)
		snapshot_get(in, &balance->services[i], &schema);
	snapshot_load_leaving(balance, in);
	snapshot_schema_get(in, &schema, snapshot_balance,
			    snapshot_balance_fields);
	snapshot_get(in, balance, &schema);
	return in->failed ? -EINVAL : 0;
}
