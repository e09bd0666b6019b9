/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The expressions of `regex` in a url block: their options, and PCRE2's compiled form
 * of them. A file is told by the same function that the checker uses later whether an
 * expression is one.
 */
#ifndef EVENKEEL_CONF_PAGE_REGEX_H
#define EVENKEEL_CONF_PAGE_REGEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct conf_url;
struct pcre2_real_code_8;

/* The option of regex_options with this name; 0: there is none. */
uint32_t page_regex_option(const char *name, size_t length);
/* The names of OPTIONS, each with a blank before it. */
void page_regex_print(FILE *out, uint32_t options);

/*
 * URL's expression, to be freed by pcre2_code_free(). Every item of it has a callout,
 * by which the work of a match is counted. NULL: it is none, and WHY says so.
 */
struct pcre2_real_code_8 *page_regex_compile(const struct conf_url *url,
					     char *why, size_t size);
/* Whether it can be compiled; if not, WHY says why. */
bool page_regex_is_good(const struct conf_url *url, char *why, size_t size);

#endif
