/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the groups' states to the kernel: addresses, routes, interfaces, ARP. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/announcer_internal.h"
#include "daemon/proc/sysctl.h"
#include "lib/log.h"

#define ANNOUNCER_AUDIT (5 * USEC_PER_SEC)
#define ANNOUNCER_ARP_IGNORE "net/ipv4/conf/all/arp_ignore"

bool announcer_is_open(const struct announcer *announcer)
{
	return announcer->rtnl.request != NULL;
}

/* A host answers ARP for any of its addresses on any interface, unless told. */
static void announcer_tend_arp(struct announcer *announcer)
{
	char value[16];
	int error;

	error = sysctl_read(ANNOUNCER_ARP_IGNORE, value, sizeof(value));
	if (error == 0 && strcmp(value, "0") == 0) {
		/* Noted first: a setting of ours is never forgotten. */
		announcer_note_arp(announcer, true);
		error = sysctl_write(ANNOUNCER_ARP_IGNORE, "1");
		if (error == 0)
			log_notice("announce",
				   "net.ipv4.conf.all.arp_ignore is 1 now, was "
				   "0: an address that is not announced must "
				   "not be answered for");
		else
			announcer_note_arp(announcer, false);
	}
	if (error < 0 && announcer->told_arp != error)
		log_error("announce",
			  "net.ipv4.conf.all.arp_ignore cannot be set to 1 "
			  "(%s): set it with sysctl(8), or this host answers "
			  "ARP for addresses that it does not announce",
			  strerror(-error));
	announcer->told_arp = error;
}

/*
 * No address is hidden any more, so the setting goes back; a value that somebody
 * else has set meanwhile is kept.
 */
static void announcer_put_back_arp(const struct announcer *announcer)
{
	char value[16];
	int error;

	if (!announcer_has_arp(announcer))
		return;
	error = sysctl_read(ANNOUNCER_ARP_IGNORE, value, sizeof(value));
	if (error == 0 && strcmp(value, "1") == 0) {
		error = sysctl_write(ANNOUNCER_ARP_IGNORE, "0");
		if (error == 0)
			log_notice("announce",
				   "net.ipv4.conf.all.arp_ignore is 0 again, "
				   "as there is no announce_group any more");
	}
	if (error < 0)
		log_warning("announce",
			    "net.ipv4.conf.all.arp_ignore cannot be set to 0 "
			    "(%s), though there is no announce_group any more; "
			    "set it with sysctl(8)",
			    strerror(-error));
	announcer_note_arp(announcer, false);
}

static void announcer_tend_after(struct announcer *announcer, usec_t interval)
{
	audit_after(&announcer->audit, interval);
	loop_timer_set(&announcer->tend, announcer->audit.due);
}

static void announcer_changed(void *arg)
{
	struct announcer *announcer = arg;

	if (!announcer->ended &&
	    audit_changed(&announcer->audit, loop_now(announcer->loop)))
		loop_timer_set(&announcer->tend, announcer->audit.due);
}

void announcer_follow_buffer(struct announcer *announcer)
{
	const struct conf_global *global = &announcer->conf->global;

	if (announcer_is_open(announcer))
		rtnl_set_buffer(&announcer->rtnl, global->monitor_buffer,
				global->monitor_force);
}

static int announcer_open(struct announcer *announcer)
{
	int error;

	if (announcer_is_open(announcer))
		return 0;
	error = rtnl_open(&announcer->rtnl, announcer->loop, announcer_changed,
			  announcer);
	if (error == 0)
		announcer_follow_buffer(announcer);
	if (error < 0 && announcer->told_open != error)
		log_error("announce",
			  "rtnetlink cannot be reached: %s; it is tried again",
			  strerror(-error));
	announcer->told_open = error;
	return error;
}

static void announcer_trouble(struct announcer_group *group, const char *text)
{
	if (strcmp(group->trouble, text) == 0)
		return;
	snprintf(group->trouble, sizeof(group->trouble), "%s", text);
	if (text[0])
		log_error("announce", "%s: %s", group->conf->name, text);
	else
		log_notice("announce", "%s: the trouble is over",
			   group->conf->name);
}

static bool announcer_make_link(struct announcer *announcer,
				struct announcer_group *group,
				const char *ifname)
{
	char text[160];
	int made;

	if (!ifname)
		return true;
	made = rtnl_make_link(&announcer->rtnl, ifname);
	if (made > 0)
		log_notice("announce", "%s: the dummy interface %s was made",
			   group->conf->name, ifname);
	if (made >= 0)
		return true;
	rtnl_link_trouble(made, ifname, text, sizeof(text));
	announcer_trouble(group, text);
	return false;
}

/* Warn once: such an address is asked for by ARP, past the routers. */
static void announcer_check_network(struct announcer *announcer,
				    struct announcer_group *group)
{
	const struct conf_announce_group *conf = group->conf;
	const struct place_found *found = NULL;
	char text[ADDR_TEXT_MAX], other[ADDR_TEXT_MAX];
	uint32_t i;

	for (i = 0; !found && i < conf->nr_addresses; i++)
		found = place_network(&announcer->kernel, &conf->addresses[i]);
	if (found && !group->told_network)
		log_warning(
			"announce",
			"%s: %s is in the network %s/%u of %s: hosts there ask "
			"for it by ARP instead of sending to the router, and "
			"get no answer. Take an address outside of all "
			"connected networks",
			conf->name, addr_format(&conf->addresses[i - 1], text),
			addr_format(&found->addr, other), found->prefix,
			found->ifname);
	group->told_network = found != NULL;
}

static const char *announcer_ifname(const struct announcer_group *group)
{
	switch (group->state.where) {
	case ANNOUNCING_NOWHERE:
		return NULL;
	case ANNOUNCING_UP:
		return group->conf->ifname;
	case ANNOUNCING_DRAIN:
		return group->conf->drain_ifname;
	}
	return NULL;
}

/* The first look at a group's addresses tells where a process before was. */
static void announcer_begin(struct announcer *announcer,
			    struct announcer_group *group)
{
	const struct conf_announce_group *conf = group->conf;
	const char *const managed[2] = { conf->ifname, conf->drain_ifname };
	enum announcing_where where = ANNOUNCING_NOWHERE;
	int found = -1;
	uint32_t i;

	for (i = 0; found < 0 && i < conf->nr_addresses; i++)
		found = place_where(&announcer->kernel, &conf->addresses[i],
				    managed);
	if (found >= 0)
		where = found == 0 ? ANNOUNCING_UP : ANNOUNCING_DRAIN;
	group->begun = true;
	announcing_begin(&group->state, where, loop_now(announcer->loop));
	if (found >= 0)
		log_notice("announce", "%s: found on %s, and goes on as it is",
			   conf->name, managed[found]);
}

/* Whether each address of the group is where the last pass has left it. */
static bool announcer_is_there(const struct announcer *announcer,
			       const struct announcer_group *group)
{
	const struct conf_announce_group *conf = group->conf;
	const char *const managed[2] = { conf->ifname, conf->drain_ifname };
	int place = group->state.where == ANNOUNCING_UP ? 0 : 1;
	uint32_t i;

	for (i = 0; i < conf->nr_addresses; i++)
		if (place_where(&announcer->kernel, &conf->addresses[i],
				managed) != place)
			return false;
	return true;
}

/* This process may have stood still, stopped or starved, past the end of a lease. */
static void announcer_check_lease(struct announcer *announcer,
				  struct announcer_group *group)
{
	usec_t now = loop_now(announcer->loop);
	enum announcing_where before = group->state.where;

	if (before == ANNOUNCING_NOWHERE || group->lapses == 0 ||
	    now < group->lapses || announcer_is_there(announcer, group))
		return;
	announcing_lapse(&group->state, now);
	announcer_say(announcer, group, before);
	group->settled = false;
	loop_timer_set(&announcer->step, now);
}

/*
 * The pass is through. A lease that has run for less than a third of its time was
 * not renewed in it.
 */
static void announcer_note_lease(const struct announcer *announcer,
				 struct announcer_group *group)
{
	usec_t lease = group->conf->lease;

	group->lapses = 0;
	if (lease && group->state.where != ANNOUNCING_NOWHERE)
		group->lapses = loop_now(announcer->loop) + lease - lease / 3;
}

static struct place_wanted *announcer_wanted(struct announcer *announcer,
					     size_t *nr)
{
	struct place_wanted *wanted;
	uint32_t g, i;
	size_t n = 0;

	for (g = 0; g < announcer->nr_groups; g++)
		n += announcer->groups[g].conf->nr_addresses;
	wanted = xcalloc(n + 1, sizeof(*wanted));
	*nr = n;
	for (g = 0, n = 0; g < announcer->nr_groups; g++) {
		const struct announcer_group *group = &announcer->groups[g];
		const struct conf_announce_group *conf = group->conf;
		uint32_t lease =
			conf->lease ? (uint32_t)(conf->lease / USEC_PER_SEC) :
				      PLACE_FOREVER;

		for (i = 0; i < conf->nr_addresses; i++)
			wanted[n++] = (struct place_wanted){
				.addr = conf->addresses[i],
				.ifname = announcer_ifname(group),
				.managed = { conf->ifname, conf->drain_ifname },
				.lease = lease,
				.group = g,
			};
	}
	return wanted;
}

/* NULL: nobody wants it any more. */
static struct announcer_group *
announcer_group_of(const struct announcer *announcer,
		   const struct place_change *change)
{
	if (!announcer->groups || change->group >= announcer->nr_groups)
		return NULL;
	return &announcer->groups[change->group];
}

/* A change that is no consequence of a turn of ours. */
static void announcer_log_repair(const struct announcer *announcer,
				 const struct place_change *change)
{
	const struct announcer_group *group =
		announcer_group_of(announcer, change);
	char text[ADDR_TEXT_MAX];

	addr_format(&change->addr, text);
	if (!group) {
		log_notice("announce", "%s is in no announce_group any more",
			   text);
		return;
	}
	if (change->kind == PLACE_RENEW || !group->settled)
		return;
	if (change->kind == PLACE_ADDRESS_ON)
		log_warning(
			"announce",
			"%s: %s was removed from %s by somebody else; it is "
			"added again",
			group->conf->name, text, change->ifname);
	else if (change->kind == PLACE_ADDRESS_OFF)
		log_warning("announce",
			    "%s: %s was added to %s by somebody else; it is "
			    "removed",
			    group->conf->name, text, change->ifname);
}

static void announcer_conflict(struct announcer_group *group,
			       const struct place_change *change)
{
	char text[ADDR_TEXT_MAX];

	if (!group->told_conflict && !group->conflict)
		log_warning("announce",
			    "%s: %s/%u is on %s as well: a routing daemon may "
			    "announce nothing then; take it off there",
			    group->conf->name, addr_format(&change->addr, text),
			    change->prefix, change->ifname);
	group->conflict = true;
}

static const char *announcer_verb(enum place_kind kind)
{
	switch (kind) {
	case PLACE_ROUTE_ON:
		return "deliver";
	case PLACE_ROUTE_OFF:
		return "cease to deliver";
	case PLACE_ADDRESS_ON:
		return "add";
	case PLACE_ADDRESS_OFF:
		return "remove";
	case PLACE_RENEW:
		return "renew";
	case PLACE_CONFLICT:
		break;
	}
	return "";
}

/* Returns false if the kernel refused CHANGE. */
static bool announcer_apply(struct announcer *announcer,
			    const struct place_change *change)
{
	struct announcer_group *group = announcer_group_of(announcer, change);
	char addr[ADDR_TEXT_MAX], text[160];
	int error;

	if (change->kind == PLACE_CONFLICT) {
		if (group)
			announcer_conflict(group, change);
		return true;
	}
	announcer_log_repair(announcer, change);
	error = rtnl_apply(&announcer->rtnl, change);
	if (error == 0)
		return true;
	snprintf(text, sizeof(text), "cannot %s %s%s%s: %s",
		 announcer_verb(change->kind), addr_format(&change->addr, addr),
		 change->ifname[0] ? " on " : "", change->ifname,
		 strerror(-error));
	/* A group tells one failure a pass: several would take turns in the log. */
	if (group && !group->failed)
		announcer_trouble(group, text);
	else if (!group)
		log_error("announce", "%s", text);
	return false;
}

/* Every group's interfaces, whether they are needed now or not. */
static void announcer_make_links(struct announcer *announcer)
{
	uint32_t g;

	for (g = 0; g < announcer->nr_groups; g++) {
		struct announcer_group *group = &announcer->groups[g];
		const struct conf_announce_group *conf = group->conf;
		bool drains = group->state.where == ANNOUNCING_DRAIN;

		group->held = false;
		group->conflict = false;
		group->linked = announcer_make_link(
			announcer, group,
			drains ? conf->drain_ifname : conf->ifname);
		group->failed =
			!group->linked ||
			!announcer_make_link(announcer, group,
					     drains ? conf->ifname :
						      conf->drain_ifname);
	}
}

/* From the groups' states to the kernel. */
static void announcer_carry_out(struct announcer *announcer)
{
	struct announcer_group *group;
	struct place_wanted *wanted;
	size_t nr, i;
	uint32_t g;

	announcer_make_links(announcer);
	wanted = announcer_wanted(announcer, &nr);
	place_plan(&announcer->kernel, wanted, nr, &announcer->plan);
	free(wanted);
	for (i = 0; i < announcer->plan.nr; i++) {
		const struct place_change *change = &announcer->plan.changes[i];

		group = announcer_group_of(announcer, change);
		if (group && !group->linked && change->kind == PLACE_ADDRESS_ON)
			continue;
		if (announcer_apply(announcer, change) || !group)
			continue;
		group->failed = true;
		group->held = group->held || change->kind == PLACE_ADDRESS_OFF;
	}
	for (g = 0; g < announcer->nr_groups; g++) {
		group = &announcer->groups[g];
		group->settled = !group->failed;
		group->told_conflict = group->conflict;
		if (!group->settled)
			continue;
		announcer_trouble(group, "");
		announcer_note_lease(announcer, group);
	}
}

/* The shortest third of a lease, or the time between two audits. */
static usec_t announcer_interval(const struct announcer *announcer)
{
	usec_t interval = ANNOUNCER_AUDIT;
	uint32_t g;

	for (g = 0; g < announcer->nr_groups; g++) {
		usec_t lease = announcer->groups[g].conf->lease;

		if (lease && lease / 3 < interval)
			interval = lease / 3;
	}
	return interval;
}

static int announcer_read(struct announcer *announcer)
{
	uint32_t g;
	int error;

	error = announcer_open(announcer);
	if (error == 0) {
		error = rtnl_read(&announcer->rtnl, &announcer->kernel);
		/* The rest of a broken answer would be taken for the next request's. */
		if (error < 0)
			rtnl_close(&announcer->rtnl);
	}
	for (g = 0; error < 0 && g < announcer->nr_groups; g++)
		announcer->groups[g].held = true;
	return error;
}

void announcer_tend(struct announcer *announcer)
{
	uint32_t g;

	audit_begin(&announcer->audit, loop_now(announcer->loop));
	if (announcer_read(announcer) < 0) {
		announcer_tend_after(announcer, AUDIT_PAUSE);
		return;
	}
	for (g = 0; g < announcer->nr_groups; g++) {
		if (!announcer->groups[g].begun)
			announcer_begin(announcer, &announcer->groups[g]);
		announcer_check_lease(announcer, &announcer->groups[g]);
		announcer_check_network(announcer, &announcer->groups[g]);
	}
	announcer_carry_out(announcer);
	if (announcer->nr_groups == 0) {
		announcer_put_back_arp(announcer);
		rtnl_close(&announcer->rtnl);
		loop_timer_clear(&announcer->tend);
		return;
	}
	announcer_tend_arp(announcer);
	announcer_tend_after(announcer, announcer_interval(announcer));
}

void announcer_tend_again(struct loop_timer *timer)
{
	announcer_tend(container_of(timer, struct announcer, tend));
}
