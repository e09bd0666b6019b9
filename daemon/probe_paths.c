/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/probe_paths.h"

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conf/vrrp_conf.h"
#include "daemon/accept_local.h"
#include "daemon/kernel.h"
#include "daemon/probe_marks.h"
#include "daemon/proc/own_address.h"
#include "daemon/proc/route_news.h"
#include "lib/log.h"
#include "lib/util.h"
#include "lib/verdict.h"

struct probe_paths {
	struct kernel *kernel;
	const struct conf *conf; /* NULL: not configured yet */
	struct probe_marks marks;
	struct own_address *own; /* by the place in MARKS */
	size_t nr_own;
	struct addr *moving; /* addresses that balancers share, in order */
	size_t nr_moving;
	struct accept_local *accept;
	struct route_news news;
	bool restless; /* OWN may be out of date without any news */
	bool pending; /* the kernel was not given the table yet */
	/* As last logged. */
	uint32_t told_foreign;
	size_t told_without;
	int told_socket; /* -errno */
	int told_refused[2]; /* -errno, of IPv4 and IPv6 */
};

struct probe_paths *probe_paths_new(struct kernel *kernel,
				    const char *accept_file)
{
	struct probe_paths *paths = xcalloc(1, sizeof(*paths));

	paths->kernel = kernel;
	paths->accept = accept_local_new(accept_file);
	paths->news.sock = -1;
	return paths;
}

void probe_paths_free(struct probe_paths *paths)
{
	if (!paths)
		return;
	probe_marks_free(&paths->marks);
	free(paths->own);
	free(paths->moving);
	accept_local_free(paths->accept);
	route_news_close(&paths->news);
	free(paths);
}

static int probe_paths_cmp(const void *a, const void *b)
{
	return addr_cmp(a, b);
}

static bool probe_paths_moves(void *arg, const struct addr *addr)
{
	const struct probe_paths *paths = arg;

	return paths->nr_moving > 0 &&
	       bsearch(addr, paths->moving, paths->nr_moving, sizeof(*addr),
		       probe_paths_cmp);
}

/* Service addresses, and all others that an instance holds. */
static void probe_paths_list_moving(struct probe_paths *paths)
{
	const struct conf *conf = paths->conf;
	const struct vrrp_conf *vrrp = conf->vrrp;
	size_t room = 0, nr = 0;
	struct addr *list;
	uint32_t i, k;

	for (i = 0; i < conf->nr_virtual_servers; i++)
		room += conf->virtual_servers[i].nr_keys;
	for (i = 0; i < vrrp->nr_instances; i++)
		room += vrrp->instances[i].nr_addresses +
			vrrp->instances[i].nr_excluded;
	list = xcalloc(room + 1, sizeof(*list));
	for (i = 0; i < conf->nr_virtual_servers; i++)
		for (k = 0; k < conf->virtual_servers[i].nr_keys; k++)
			list[nr++] = conf->virtual_servers[i].keys[k].vip.addr;
	for (i = 0; i < vrrp->nr_instances; i++) {
		for (k = 0; k < vrrp->instances[i].nr_addresses; k++)
			list[nr++] = vrrp->instances[i].addresses[k].addr;
		for (k = 0; k < vrrp->instances[i].nr_excluded; k++)
			list[nr++] = vrrp->instances[i].excluded[k].addr;
	}
	qsort(list, nr, sizeof(*list), probe_paths_cmp);
	free(paths->moving);
	paths->moving = list;
	paths->nr_moving = nr;
}

static void probe_paths_complain(struct probe_paths *paths, size_t without)
{
	const struct probe_marks *marks = &paths->marks;

	if (marks->foreign && marks->foreign != paths->told_foreign)
		log_warning(
			"ipvs",
			"probe_path client: mark 0x%08x has a service that is not evenkeel's, and other marks are used; give evenkeel a range of its own with 'probe_marks FIRST' in global_defs",
			marks->foreign);
	if (without && without != paths->told_without)
		log_error(
			"ipvs",
			"probe_path client: %zu servers are asked at their own address, for all %u marks from 0x%08x on are in use",
			without, (unsigned)CONF_PROBE_MARKS, marks->first);
	paths->told_foreign = marks->foreign;
	paths->told_without = without;
}

static void probe_paths_use(struct probe_paths *paths, const struct conf *conf,
			    const struct table *actual)
{
	size_t without = probe_marks_use(&paths->marks, conf, actual,
					 kernel_owned(paths->kernel));

	paths->conf = conf;
	probe_paths_complain(paths, without);
	probe_paths_list_moving(paths);
	free(paths->own);
	paths->nr_own = paths->marks.nr;
	paths->own = xcalloc(paths->nr_own + 1, sizeof(*paths->own));
	paths->pending = true;
	paths->restless = true;
	paths->told_socket = 0;
	memset(paths->told_refused, 0, sizeof(paths->told_refused));
	probe_paths_tend(paths);
}

void probe_paths_adopt(struct probe_paths *paths, const struct conf *conf,
		       const struct table *actual)
{
	probe_marks_adopt(&paths->marks, conf, actual,
			  kernel_owned(paths->kernel));
	probe_paths_use(paths, conf, actual);
}

void probe_paths_configure(struct probe_paths *paths, const struct conf *conf,
			   const struct table *wanted)
{
	probe_paths_use(paths, conf,
			conf_probes_as_client(conf) ?
				kernel_read(paths->kernel, wanted) :
				NULL);
}

void probe_paths_add(const struct probe_paths *paths, struct table *table)
{
	probe_marks_add(&paths->marks, table);
}

void probe_paths_applied(struct probe_paths *paths)
{
	paths->pending = false;
}

/* Whether answers of the server come in from the service address. */
static bool probe_paths_needs_link(const struct probe_mark *mark,
				   const struct own_address *own)
{
	return mark->server.family == AF_INET &&
	       mark->forward.method != FORWARD_NAT && own->link[0] &&
	       strcmp(own->link, "lo") != 0;
}

static void probe_paths_tend_links(struct probe_paths *paths)
{
	size_t i;

	accept_local_begin(paths->accept);
	for (i = 0; i < paths->nr_own; i++)
		if (probe_paths_needs_link(&paths->marks.list[i],
					   &paths->own[i]))
			accept_local_want(paths->accept, paths->own[i].link);
	accept_local_settle(paths->accept);
}

/* The source and the interface of each mark. Returns whether one is another. */
static bool probe_paths_find_own(struct probe_paths *paths)
{
	struct ifaddrs *all = NULL;
	bool changed = false;
	size_t i;

	if (getifaddrs(&all) < 0)
		return false;
	paths->restless = false;
	for (i = 0; i < paths->nr_own; i++) {
		struct own_address own;

		/* Without a way now, the address of before is as good. */
		if (own_address_find(all, &paths->marks.list[i].server,
				     probe_paths_moves, paths, &own) < 0)
			continue;
		changed |= addr_cmp(&own.addr, &paths->own[i].addr) != 0;
		paths->own[i] = own;
	}
	freeifaddrs(all);
	return changed;
}

/* Whether the kernel's choices may be others than before. */
static bool probe_paths_have_news(struct probe_paths *paths)
{
	if (paths->nr_own == 0) {
		route_news_close(&paths->news);
		return false;
	}
	if (paths->news.sock < 0)
		route_news_open(&paths->news);
	/* The news are taken in any case. */
	return route_news_take(&paths->news) || paths->restless;
}

bool probe_paths_tend(struct probe_paths *paths)
{
	bool changed = false;

	if (probe_paths_have_news(paths)) {
		paths->restless = true;
		changed = probe_paths_find_own(paths);
	}
	probe_paths_tend_links(paths);
	return changed;
}

/* Where the file wants the probe to come from, else from an own address. */
static int probe_paths_bind(int fd, const struct endpoint *bind_to,
			    const struct own_address *own, uint16_t family)
{
	struct endpoint from = *bind_to;
	struct sockaddr_storage ss;
	socklen_t size;
	int on = 1;

	if (!addr_is_set(&from.addr))
		from.addr = own->addr;
	if (!addr_is_set(&from.addr) && from.port == 0)
		return 0;
	from.addr.family = family;
	/* The port is chosen by the connection, not kept for the socket. */
	if (from.port == 0)
		(void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on,
				 sizeof(on));
	size = endpoint_to_sockaddr(&from, &ss);
	return bind(fd, (struct sockaddr *)&ss, size) < 0 ? -errno : 0;
}

static int probe_paths_make(int type, const struct endpoint *bind_to,
			    const struct probe_mark *mark,
			    const struct own_address *own)
{
	uint16_t family = mark->server.family;
	int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error = 0;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_MARK, &mark->mark,
		       sizeof(mark->mark)) < 0)
		error = -errno;
	if (error == 0)
		error = probe_paths_bind(fd, bind_to, own, family);
	if (error == 0)
		return fd;
	close(fd);
	return error;
}

static void probe_paths_say_none(struct probe_paths *paths, int error)
{
	if (error == paths->told_socket)
		return;
	paths->told_socket = error;
	if (error == -ENOENT)
		log_error(
			"ipvs",
			"probe_path client: the kernel does not have the service of every mark, and those servers are asked at their own address until it has");
	else if (error == -ENOTCONN)
		log_error(
			"ipvs",
			"probe_path client: the kernel's table cannot be reached (see above), and servers are asked at their own address until it can");
	else if (error < 0)
		log_error(
			"ipvs",
			"probe_path client: no socket can be marked and bound (%s), and servers are asked at their own address meanwhile",
			strerror(-error));
}

/* A kernel can lack marks of one family alone; then the other one's serve. */
static void probe_paths_say_refused(struct probe_paths *paths, uint16_t family,
				    int error)
{
	int *told = &paths->told_refused[family == AF_INET6];

	if (error != *told && error != 0)
		log_error(
			"ipvs",
			"probe_path client: the kernel refuses the service of an %s mark (%s), and such servers are asked at their own address until it takes it",
			family == AF_INET6 ? "IPv6" : "IPv4", strerror(-error));
	*told = error;
}

/* The kernel lacks the service of a mark: why, as an -errno. */
static int probe_paths_lack(struct probe_paths *paths,
			    const struct service_key *key)
{
	int error = kernel_is_open(paths->kernel) ? -ENOENT : -ENOTCONN;
	int refused = kernel_refused(paths->kernel, key);

	if (paths->pending)
		return -EAGAIN;
	if (error == -ENOENT && refused)
		probe_paths_say_refused(paths, key->family, refused);
	else
		probe_paths_say_none(paths, error);
	return error;
}

/* A socket marked for MARK, or -errno, which has been logged. */
static int probe_paths_hand_out(struct probe_paths *paths,
				const struct probe_mark *mark,
				const struct endpoint *bind_to)
{
	struct service_key key;
	int fd;

	if (!mark)
		return -ENOSPC; /* the reload has said so */
	key = probe_mark_key(mark);
	if (!kernel_has(paths->kernel, &key))
		return probe_paths_lack(paths, &key);
	probe_paths_say_refused(paths, key.family, 0);
	fd = probe_paths_make(SOCK_STREAM, bind_to, mark,
			      &paths->own[mark - paths->marks.list]);
	if (fd < 0)
		probe_paths_say_none(paths, fd);
	else if (paths->told_socket != -ENOENT)
		paths->told_socket = 0;
	return fd;
}

int probe_paths_socket(struct probe_paths *paths, uint32_t check)
{
	const struct conf_check *asked;

	/* Main has tried before the checker began, and goes on trying. */
	if (!paths->conf) {
		probe_paths_say_none(paths, -ENOTCONN);
		return -ENOTCONN;
	}
	if (check >= paths->conf->nr_checks ||
	    !paths->conf->checks[check].client)
		return -EINVAL;
	asked = &paths->conf->checks[check];
	return probe_paths_hand_out(paths,
				    probe_marks_find(&paths->marks,
						     &asked->dst.addr,
						     &asked->forward),
				    &asked->bind);
}

int probe_paths_server_socket(struct probe_paths *paths, uint32_t server)
{
	const struct conf_server *asked;
	uint32_t check;

	if (!paths->conf || server >= paths->conf->nr_servers)
		return -ENOTCONN;
	check = conf_payload_check(paths->conf, server);
	if (check == UINT32_MAX)
		return -EINVAL;
	asked = &paths->conf->servers[server];
	return probe_paths_hand_out(paths,
				    probe_marks_find(&paths->marks,
						     &asked->addr.addr,
						     &asked->forward),
				    &paths->conf->checks[check].bind);
}

/*
 * Whether this host does not let packets of MARK out. A connection does not tell, for
 * the kernel takes a packet that a rule has dropped for a lost one; a datagram
 * does, unless the rule is for TCP alone.
 */
static bool probe_paths_is_dropped(const struct probe_paths *paths,
				   const struct conf_check *check,
				   const struct probe_mark *mark)
{
	int fd = probe_paths_make(SOCK_DGRAM, &check->bind, mark,
				  &paths->own[mark - paths->marks.list]);
	struct sockaddr_storage to;
	socklen_t size = endpoint_to_sockaddr(&check->service, &to);
	bool dropped;

	if (fd < 0)
		return false;
	dropped = sendto(fd, "", 0, MSG_NOSIGNAL, (struct sockaddr *)&to,
			 size) < 0 &&
		  errno == EPERM;
	close(fd);
	return dropped;
}

void probe_paths_judge_verdict(const struct probe_paths *paths,
			       struct verdict *verdict)
{
	const struct probe_mark *mark;
	const struct conf_check *check;
	char service[ADDR_TEXT_MAX];
	struct service_key key;

	if (verdict->outcome != PROBE_CLIENT_PATH || !paths->conf ||
	    verdict->check >= paths->conf->nr_checks)
		return;
	check = &paths->conf->checks[verdict->check];
	mark = probe_marks_find(&paths->marks, &check->dst.addr,
				&check->forward);
	if (!mark)
		return;
	key = probe_mark_key(mark);
	/* IPVS itself drops the packets of a mark whose server is gone. */
	if (!kernel_has(paths->kernel, &key) ||
	    !probe_paths_is_dropped(paths, check, mark))
		return;
	snprintf(
		verdict->text, sizeof(verdict->text),
		"answers at its own address, but not at %s: " VERDICT_DROPPED_HERE
		" packets with the mark 0x%08x",
		addr_format(&check->service.addr, service), mark->mark);
}
