/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The helper process: takes one request at a time from its socket, blocks in
 * the client library, answers. A helper holds the session of one server at
 * most.
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_MYSQL_HELPER_H
#define EVENKEEL_CHECKERS_MYSQL_MYSQL_HELPER_H

/* Once in the zygote: prepare the state that all helpers share from then on. */
void mysql_helper_prepare(void);

/* Returns when the other end of SOCK is closed. */
void mysql_helper_run(int sock);

#endif
