/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Main's side of `probe_path client`: a check asks a server the way that clients
 * take, through the service address and IPVS.
 *
 * The sockets. A probe's packets find their server by a mark (probe_marks.h), and
 * a mark takes CAP_NET_ADMIN, which the checker must not have. So main makes each
 * socket, marks it, binds it, and hands it over; the checker owns it from then on
 * and cannot take the mark off. A checker that was broken into gains nothing by
 * it: the marks lead to the servers of its checks, which it may ask anyway.
 *
 * The source. A socket is bound to an address of this host that stays with it.
 * Without that, the balancer that holds the service address would take just that
 * address as the source, and the server would send the answer to itself.
 *
 * The way back. With DR and TUN the server answers from the service address, and
 * the balancer that holds that address takes such a packet for a forgery unless
 * the interface has accept_local (IPv4; IPv6 has no such rule). It is set where
 * probes leave for such servers, on both balancers, since either may become the
 * active one in the middle of a probe. It says so, and puts 0 back once no check
 * needs it. As the table it stays when the daemon stops, and the next daemon
 * knows it for its own (accept_local.h).
 *
 * The refusals: no socket is handed out while the kernel has no service for
 * its mark, for without that a probe from the passive balancer would reach the
 * active one, be balanced like any client, and speak of another server. The check
 * then asks the server itself, as with probe_path direct, and the log says so.
 */
#ifndef EVENKEEL_DAEMON_PROBE_PATHS_H
#define EVENKEEL_DAEMON_PROBE_PATHS_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"
#include "lib/table.h"

struct kernel;
struct probe_paths;

/* KERNEL must outlive the paths; ACCEPT_FILE is of daemon/accept_local.h. */
struct probe_paths *probe_paths_new(struct kernel *kernel,
				    const char *accept_file);
/* Leaves services and sysctls as they are. NULL is allowed. */
void probe_paths_free(struct probe_paths *paths);

/*
 * The first configuration: CONF must live until the next call. ACTUAL is the
 * kernel's table as our predecessor left it, whose marks are kept.
 */
void probe_paths_adopt(struct probe_paths *paths, const struct conf *conf,
		       const struct table *actual);
/*
 * Another configuration: WANTED is the wanted table until now. Services of others in the
 * kernel are read, if there is a check that goes this way.
 */
void probe_paths_configure(struct probe_paths *paths, const struct conf *conf,
			   const struct table *wanted);

/* Append the marks' services to the wanted TABLE. */
void probe_paths_add(const struct probe_paths *paths, struct table *table);

/* The kernel was given the wanted table: a service that it lacks was refused. */
void probe_paths_applied(struct probe_paths *paths);

/*
 * A socket for a probe of CHECK (an index of the configuration), close-on-exec
 * and non-blocking, for the caller to close. Returns -EAGAIN if there will be one
 * soon, or another -errno, which has been logged: there will be none for now.
 */
int probe_paths_socket(struct probe_paths *paths, uint32_t check);

/* The same, for payload to SERVER (an index of the configuration). */
int probe_paths_server_socket(struct probe_paths *paths, uint32_t server);

struct verdict;
/*
 * Look closer at VERDICT of a check. If a server fails on the clients' way alone, a
 * datagram is sent as its probes are: if this host's own firewall does not let it out,
 * the text says that instead.
 */
void probe_paths_judge_verdict(const struct probe_paths *paths,
			       struct verdict *verdict);

/*
 * Look at this host's addresses again, and see to the sysctls. To be called
 * often. Returns whether sockets handed out before are of no use any more.
 */
bool probe_paths_tend(struct probe_paths *paths);

#endif
