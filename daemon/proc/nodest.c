/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How connections are cut (`on_leave cut`), and why so.
 *
 * IPVS has no request for the end of a connection: netlink knows services and
 * servers only. A connection keeps its server after the server was deleted (the
 * entry waits in the kernel's trash for the last of them), and the sysctl
 * expire_nodest_conn decides about the next packet of such a connection
 * (net/netfilter/ipvs/ip_vs_core.c, ip_vs_in()):
 *
 *	0	the packet is dropped, and the client waits until TCP gives up
 *	1	the entry of the connection ends. The packet, which is no SYN,
 *		finds no other and goes to this host's own TCP, which knows
 *		nothing of it and answers with a reset
 *
 * So with 1 each connection ends with an error at its next use, whether a query
 * was under way or not. Two other ways were left aside. A reset in the
 * client's name to each connection needs its sequence numbers, which no
 * balancer of LVS-DR sees whole. Flushing the whole connection table cuts
 * everybody's connections.
 *
 * The entry must be deleted for this, and not set to weight 0; and it must not
 * come back while its server does not serve, since a server that is added anew
 * gets its old connections back from the trash. The decision sees to both
 * (balance/build.c).
 *
 * The sysctl is one for the whole network namespace. It stays when the daemon
 * stops, as the table does; a reload without any pool that cuts puts it back.
 */
#include "daemon/proc/nodest.h"

#include <string.h>

#include "daemon/proc/sysctl.h"
#include "lib/log.h"

#define NODEST_SYSCTL "expire_nodest_conn"

static void nodest_complain(struct nodest *nodest, int error)
{
	if (error < 0 && nodest->told != error)
		log_error("ipvs",
			  "on_leave cut: net.ipv4.vs.expire_nodest_conn cannot "
			  "be set to 1 (%s): clients of a server that leaves "
			  "hang; set it with sysctl(8)",
			  strerror(-error));
	nodest->told = error;
}

static void nodest_restore(struct nodest *nodest)
{
	if (nodest->set && sysctl_write(NODEST_SYSCTL, "0") == 0)
		log_notice("ipvs",
			   "net.ipv4.vs.expire_nodest_conn is 0 again: no pool "
			   "says on_leave cut any more");
	nodest->set = false;
	nodest->told = 0;
}

void nodest_tend(struct nodest *nodest, bool wanted)
{
	char value[16];
	int error;

	if (!wanted) {
		nodest_restore(nodest);
		return;
	}
	error = sysctl_read(NODEST_SYSCTL, value, sizeof(value));
	if (error == 0 && strcmp(value, "0") == 0) {
		error = sysctl_write(NODEST_SYSCTL, "1");
		if (error == 0) {
			nodest->set = true;
			log_notice("ipvs",
				   "net.ipv4.vs.expire_nodest_conn is 1 now, "
				   "was 0: on_leave cut needs it");
		}
	}
	nodest_complain(nodest, error);
}
