/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values as text. A function with INDENT prints one line: INDENT, the keyword
 * WORD, the value. An unset value prints nothing.
 */
#ifndef EVENKEEL_CONF_LANG_PRINT_VALUE_H
#define EVENKEEL_CONF_LANG_PRINT_VALUE_H

#include <stdio.h>

#include "conf/conf.h"

/* Print a line with WORD and the value; none for a TIME below 0 or for NULL. */
void conf_print_time(FILE *out, const char *indent, const char *word,
		     usec_t time);
void conf_print_quoted(FILE *out, const char *indent, const char *word,
		       const char *text);
void conf_print_script(FILE *out, const char *indent, const char *word,
		       const struct conf_script *script);
/* "USER:GROUP" */
void conf_print_user(FILE *out, const char *indent, const char *word,
		     const char *user, const char *group);

/* Parts of a line: the inside of quotes, a command in quotes, an address. */
void conf_print_escaped(FILE *out, const char *text);
void conf_print_command(FILE *out, const struct conf_script *script);
void conf_print_endpoint(FILE *out, const struct endpoint *ep);

#endif
