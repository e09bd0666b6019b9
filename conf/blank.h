/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EVENKEEL_CONF_BLANK_H
#define EVENKEEL_CONF_BLANK_H

#include <stddef.h>

/*
 * Hide the values in a configuration's TEXT that goes to a child without use
 * for them: each letter behind KEYWORD in a line becomes an 'x', so that the
 * text is still parsed to the same shape. A value that comes out of a "$NAME"
 * is left.
 */
void blank_values(char *text, size_t length, const char *keyword);

#endif
