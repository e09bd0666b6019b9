/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A named pipe that tells of events, a line each (notify_fifo and its kin), and
 * the script that reads it, if the file names one.
 *
 * The pipe is opened for reading too, so that lines wait in it while nobody
 * reads; a pipe that is full never holds the daemon up. Lines for a full pipe
 * are lost: the loss is logged once, and once more with their number when the
 * pipe takes lines again.
 */
#ifndef EVENKEEL_DAEMON_PAIR_FIFO_H
#define EVENKEEL_DAEMON_PAIR_FIFO_H

#include "conf/conf.h"
#include "conf/pair_conf.h"

struct fifo;
struct loop;
struct scripts;

/*
 * Make the pipe, unless there is one, and start its script with the path as the
 * last argument; a script that ends is started again. Returns NULL if CONF has
 * no path or the pipe cannot be had, which is logged: another kind of file at
 * the path is left alone.
 */
struct fifo *fifo_new(struct loop *loop, struct scripts *scripts,
		      const struct pair_fifo *conf,
		      const struct conf_global *global);
/* Ends the script, and removes the pipe if it was made here. NULL is allowed. */
void fifo_free(struct fifo *fifo);

/* Whether FIFO also serves a new configuration, with its CONF and GLOBAL. */
bool fifo_use(struct fifo *fifo, const struct pair_fifo *conf,
	      const struct conf_global *global);

/* Write LINE, with its newline, whole or not at all. NULL is allowed. */
void fifo_write(struct fifo *fifo, const char *line);

#endif
