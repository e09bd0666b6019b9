/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the state to JSON. The words of the fields are the tool's interface for
 * machines, described in evenkeel(8).
 */
#ifndef EVENKEEL_DAEMON_CONTROL_SHOW_H
#define EVENKEEL_DAEMON_CONTROL_SHOW_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/util.h"

struct json_object;
struct process_view;
struct table;
struct view;

/*
 * The status in parts, each an object of the caller's: all but the virtual servers,
 * where CORE has the part VIEW_REACHED; one of them, without its servers; a server.
 * ACTUAL is the kernel's table of the virtual server, in order; NULL: it cannot be
 * read.
 */
struct json_object *show_status_head(const struct view *core);
struct json_object *show_pool(const struct view *core,
			      const struct table *actual, uint32_t vs);
struct json_object *show_server(const struct view *core,
				const struct table *actual, uint32_t server);

/* The pair; CORE has the part VIEW_VRRP. */
struct json_object *show_pair(const struct view *core);
/* The pair in short, for the status; NULL without instances. */
struct json_object *show_pair_short(const struct view *core);

/* The channel number I to another balancer, and its report; NULL: none. */
struct json_object *show_peer(const struct view *core, uint32_t i);
/* The channels to all other balancers. */
struct json_object *show_peers(const struct view *core);

/* The bfd process and its sessions; NULL: the file has none. */
struct json_object *show_bfd(const struct view *core);

/* The mail process and the mails that wait for it; NULL: no mail is sent. */
struct json_object *show_mail(const struct view *core);

/* The groups of addresses that this balancer announces, or does not. */
struct json_object *show_announce(const struct view *core);

/* Payload sent and compared: the matrix, and the part to blame. */
struct json_object *show_integrity(const struct view *core);

/* The fields that all processes have. */
void show_process(const struct view *core, struct json_object *obj,
		  const struct process_view *view);

/* The fields on the operator's pause of virtual server VS. */
void show_pause(const struct view *core, uint32_t vs, struct json_object *obj);

/*
 * Add a field that OBJ does not have yet; KEY must outlive OBJ, which then owns
 * VALUE. Likewise below.
 */
void show_object_add(struct json_object *obj, const char *key,
		     struct json_object *value);
/* TEXT NULL is null. */
void show_text(struct json_object *obj, const char *key, const char *text);
void show_number(struct json_object *obj, const char *key, int64_t number);
void show_flag(struct json_object *obj, const char *key, bool flag);
/* Seconds since WHEN; null if WHEN is 0 (never). */
void show_age(struct json_object *obj, const char *key, usec_t when,
	      usec_t now);

#endif
