/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a balancer goes on with a connection that another one began
 * (`lvs_mh_tuning`).
 *
 * IPVS schedules a TCP packet for which it has no entry only if it is a SYN; any
 * other goes to this host's own TCP, which answers with a reset. With the sysctl
 * sloppy_tcp every packet but a reset is scheduled
 * (net/netfilter/ipvs/ip_vs_proto_tcp.c, tcp_conn_schedule()). That is right where
 * the scheduler would choose the same server again, as `mh` does, and wrong with
 * every other: the packet then reaches a server that does not know it.
 *
 * The sysctl is one for the whole network namespace. It stays when the daemon
 * stops, as the table does; a reload without the word puts it back, and so does
 * an end that removes the table. A daemon that finds 1 leaves it as it is, since
 * its author is unknown.
 */
#include "daemon/proc/sloppy.h"

#include <string.h>

#include "daemon/proc/sysctl.h"
#include "lib/log.h"

#define SLOPPY_SYSCTL "sloppy_tcp"

static void sloppy_complain(struct sloppy *sloppy, int error)
{
	if (error < 0 && sloppy->told != error)
		log_error("ipvs",
			  "lvs_mh_tuning: net.ipv4.vs.sloppy_tcp cannot be set "
			  "to 1 (%s): connections that another balancer began "
			  "are reset here; set it with sysctl(8)",
			  strerror(-error));
	sloppy->told = error;
}

static void sloppy_restore(struct sloppy *sloppy)
{
	if (sloppy->set && sysctl_write(SLOPPY_SYSCTL, "0") == 0)
		log_notice("ipvs", "net.ipv4.vs.sloppy_tcp is 0 again: "
				   "lvs_mh_tuning is not in force any more");
	sloppy->set = false;
	sloppy->told = 0;
}

void sloppy_tend(struct sloppy *sloppy, bool wanted)
{
	char value[16];
	int error;

	if (!wanted) {
		sloppy_restore(sloppy);
		return;
	}
	error = sysctl_read(SLOPPY_SYSCTL, value, sizeof(value));
	if (error == 0 && strcmp(value, "0") == 0) {
		error = sysctl_write(SLOPPY_SYSCTL, "1");
		if (error == 0) {
			sloppy->set = true;
			log_notice("ipvs",
				   "net.ipv4.vs.sloppy_tcp is 1 now, was 0: "
				   "lvs_mh_tuning asks for it");
		}
	}
	sloppy_complain(sloppy, error);
}
