/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EVENKEEL_CONF_BLANK_H
#define EVENKEEL_CONF_BLANK_H

#include <stddef.h>

/*
 * The value behind a keyword's first value, which is left: "key 1 hex:..." becomes
 * as many zeros, behind a "hex:" or "file:", so that it is a key still.
 */
void blank_keys(char *text, size_t length, const char *keyword);

/*
 * Hide the values in a configuration's TEXT that goes to a child without use
 * for them: each letter behind KEYWORD in a line becomes an 'x', so that the
 * text is still parsed to the same shape. A value that comes out of a "$NAME"
 * is left.
 */
void blank_values(char *text, size_t length, const char *keyword);

#endif
