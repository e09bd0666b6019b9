/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * net_namespace_ipvs: the table of virtual servers is in another network namespace
 * than the daemon. A socket stays in the namespace that it was opened in, and so
 * does an open file of /proc/sys, so main is there only while it opens one.
 */
#ifndef EVENKEEL_DAEMON_PROC_NAMESPACE_H
#define EVENKEEL_DAEMON_PROC_NAMESPACE_H

/*
 * Enter the network namespace NAME of /run/netns for good. Returns 0 or -errno,
 * which has been said on stderr with the WORD of the file that asks for it.
 */
int namespace_enter(const char *word, const char *name);

/*
 * Remember the namespace NAME (NULL: the process's own) as that of IPVS. It has to
 * be there. Returns 0 or -errno, which has been said on stderr.
 */
int namespace_use_for_ipvs(const char *name);

/*
 * Go to the namespace of IPVS until namespace_return(), which every way back has to
 * call; without one of its own both do nothing. Returns 0 or -errno: this thread is
 * where it was.
 */
int namespace_visit_ipvs(void);
void namespace_return(void);

#endif
