/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EVENKEEL_CONF_LANG_OUTSIDE_H
#define EVENKEEL_CONF_LANG_OUTSIDE_H

#include "conf/lang/bind.h"

/* Note a name, with NODE's line, for main to look for. */
void conf_outside_script(struct conf_ctx *ctx, const struct conf_node *node,
			 const char *keyword, const struct conf_script *script);
void conf_outside_name(struct conf_ctx *ctx, const struct conf_node *node,
		       const char *keyword, enum conf_outside_kind kind,
		       const char *name);
/* USER and GROUP may be NULL. */
void conf_outside_user(struct conf_ctx *ctx, const struct conf_node *node,
		       const char *keyword, const char *user,
		       const char *group);
/* conf_bind_string() of a path, of the kind MIN. */
conf_bind_fn conf_bind_outside;

#endif
