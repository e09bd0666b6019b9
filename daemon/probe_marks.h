/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The marks of `probe_path client`: which server has which one, and the services
 * in the kernel's table that go with them. No I/O.
 *
 * A probe that is to take the clients' way connects to the service address. To
 * come out at one server and no other, it has a mark, and the mark has a service
 * of its own: one server in it, forwarded as its pool does, at port 0, which
 * keeps the port of the packet. So one mark does for all checks of a server, on
 * any port and under any service address.
 *
 * Where marks come from: a range of CONF_PROBE_MARKS, with `probe_marks` at
 * another place. A mark that somebody else's service has, in the kernel or in the
 * file, is left alone and another one is taken. A server that stays keeps its
 * mark over a reload. Over a restart the kernel's table itself remembers the
 * marks: a service of ours in the range, with the one server in it.
 *
 * These services have no reference to the configuration (TABLE_NO_REF), by which
 * all others tell them from services of the file.
 */
#ifndef EVENKEEL_DAEMON_PROBE_MARKS_H
#define EVENKEEL_DAEMON_PROBE_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "ipvs/sort.h"
#include "lib/index.h"
#include "lib/table.h"

/* A way to a server. All zero but SERVER and FORWARD: for a search. */
struct probe_mark {
	struct addr server;
	struct conf_forward forward;
	uint32_t mark; /* 0: there was none left */
	bool wanted;
};

/* All zero is empty. */
struct probe_marks {
	struct probe_mark *list;
	size_t nr, room;
	struct index index; /* of LIST, by server and method */
	uint32_t first; /* of the range; 0: not known yet */
	uint32_t foreign; /* a mark in the range that others use; 0: none */
};

void probe_marks_free(struct probe_marks *marks); /* the content */

/* Whether the mark of KEY is in the range of CONF. */
bool probe_marks_has(const struct conf *conf, const struct service_key *key);

/*
 * Take over the marks that ACTUAL, the kernel's table, has for servers of ours;
 * OWNED (sorted) are our services in it.
 */
void probe_marks_adopt(struct probe_marks *marks, const struct conf *conf,
		       const struct table *actual,
		       const struct ipvs_keys *owned);

/*
 * Give each server that CONF probes the clients' way a mark, and take away those
 * of the others. ACTUAL and OWNED as above; ACTUAL may be NULL if the kernel is
 * not known. Returns how many servers got none.
 */
size_t probe_marks_use(struct probe_marks *marks, const struct conf *conf,
		       const struct table *actual,
		       const struct ipvs_keys *owned);

/* Append the services to TABLE. */
void probe_marks_add(const struct probe_marks *marks, struct table *table);

/* The mark for SERVER, forwarded to by FORWARD; NULL if it has none. */
const struct probe_mark *probe_marks_find(const struct probe_marks *marks,
					  const struct addr *server,
					  const struct conf_forward *forward);

/* The service of MARK. */
struct service_key probe_mark_key(const struct probe_mark *mark);

#endif
