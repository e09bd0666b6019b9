/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Printing a whole configuration: the parts called by conf_print.c. */
#ifndef EVENKEEL_CONF_CONF_PRINT_H
#define EVENKEEL_CONF_CONF_PRINT_H

#include <stdio.h>

#include "conf/conf.h"
#include "conf/lang/print_value.h"

/* check_kinds.c: the block of a check, as a server whose use is ALPHA has it. */
void conf_print_check(FILE *out, const struct conf_check *check, bool alpha);

/* A virtual server with all that it is, to be compared and not to be parsed. */
void conf_print_pool(FILE *out, const struct conf *conf,
		     const struct conf_virtual_server *vs);

/* print_vrrp.c: in global_defs, and the blocks. */
void conf_print_vrrp_global(FILE *out, const struct conf *conf);
void conf_print_vrrp(FILE *out, const struct conf *conf);

#endif
