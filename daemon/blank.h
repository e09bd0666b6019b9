/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EVENKEEL_DAEMON_BLANK_H
#define EVENKEEL_DAEMON_BLANK_H

#include <stddef.h>

/*
 * In a configuration's TEXT, which goes to a child that has no use for it: each
 * letter of what follows KEYWORD in a line becomes an 'x', so that the text is
 * still parsed to the same shape. A value that comes out of a "$NAME" is left.
 */
void blank_values(char *text, size_t length, const char *keyword);

#endif
