/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Main's side of probe_path client, with a kernel in memory: its table is a fake,
 * its sysctls and the way to a server are functions of this test.
 */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conf_world.h"
#include "daemon/kernel.h"
#include "daemon/probe_paths.h"
#include "daemon/proc/own_address.h"
#include "daemon/proc/route_news.h"
#include "daemon/proc/sysctl.h"
#include "ipvs_fake.h"
#include "lib/log.h"
#include "lib/verdict.h"

#define CLIENT "probe_path client"
#define DIRECT ""

static struct kernel *kernel;
static struct probe_paths *paths;
static struct world world;
static struct table wanted;

int __wrap_own_address_find(const struct ifaddrs *all,
			    const struct addr *server, own_address_moves *moves,
			    void *arg, struct own_address *out);

static unsigned searches; /* for a source */
static bool news; /* of routes and addresses */

void __wrap_route_news_open(struct route_news *out);
bool __wrap_route_news_take(struct route_news *from);

void __wrap_route_news_open(struct route_news *out)
{
	out->sock = dup(STDERR_FILENO);
}

bool __wrap_route_news_take(struct route_news *from)
{
	bool any = news;

	news = false;
	return any;
}

/* Every server is reached from 127.0.0.1, by an interface that is not the loopback. */
int __wrap_own_address_find(const struct ifaddrs *all,
			    const struct addr *server, own_address_moves *moves,
			    void *arg, struct own_address *out)
{
	searches++;
	memset(out, 0, sizeof(*out));
	out->addr.family = AF_INET;
	out->addr.v4.s_addr = htonl(INADDR_LOOPBACK);
	snprintf(out->link, sizeof(out->link), "eth0");
	return 0;
}

/* net.ipv4.conf.eth0.accept_local, and how often another was written. */
static char accept_local[16];
static unsigned strangers;

int __wrap_sysctl_read(const char *name, char *out, size_t size);
int __wrap_sysctl_write(const char *name, const char *value);

int __wrap_sysctl_read(const char *name, char *out, size_t size)
{
	bool ours = strcmp(name, "net/ipv4/conf/eth0/accept_local") == 0;

	snprintf(out, size, "%s", ours ? accept_local : "0");
	return 0;
}

int __wrap_sysctl_write(const char *name, const char *value)
{
	if (strcmp(name, "net/ipv4/conf/eth0/accept_local") == 0)
		snprintf(accept_local, sizeof(accept_local), "%s", value);
	else
		strangers++;
	return 0;
}

int __wrap_ipvs_netlink_open(struct ipvs_backend **out,
			     char text[IPVS_TEXT_MAX]);

/* No test here reaches the host's table. */
int __wrap_ipvs_netlink_open(struct ipvs_backend **out,
			     char text[IPVS_TEXT_MAX])
{
	snprintf(text, IPVS_TEXT_MAX, "no kernel here");
	return -ENODEV;
}

static bool reason(void *arg, const struct ipvs_change *change, char *out,
		   size_t size)
{
	out[0] = '\0';
	return false;
}

static const struct conf *use_file(const char *word)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "virtual_server 192.0.2.10 3306 {\nlvs_sched rr\n"
		 "protocol TCP\nlvs_method DR\n%s\n"
		 "real_server 10.0.0.1 3306 {\nTCP_CHECK { }\n}\n}\n",
		 word);
	world_free(&world);
	world = world_parse(text, true);
	cr_assert_not_null(world.conf, "%s", world.said);
	return world.conf;
}

/* Of the interfaces with accept_local. */
static char names[64];

static void start(void)
{
	kernel = kernel_new("/nonexistent/services", reason, NULL);
	paths = probe_paths_new(kernel, names);
}

static void stop(void)
{
	probe_paths_free(paths);
	kernel_free(kernel);
	world_free(&world);
	world = (struct world){ 0 };
	table_free(&wanted);
}

static void teardown(void)
{
	stop();
	unlink(names);
}

static void setup(void)
{
	log_init("test", LOG_TO_STDERR, 0, LOG_LEVEL_ERROR);
	strcpy(accept_local, "0");
	strangers = searches = 0;
	news = false;
	snprintf(names, sizeof(names), "/tmp/evenkeel-paths-%d", (int)getpid());
	unlink(names);
	start();
}

TestSuite(probe_paths, .init = setup, .fini = teardown);

/* As main does at the first contact with the kernel. */
static void adopt(const char *word)
{
	struct table empty = { 0 };

	kernel_use(kernel, ipvs_fake_new(NULL));
	probe_paths_adopt(paths, use_file(word), &empty);
}

static void apply(void)
{
	table_clear(&wanted);
	probe_paths_add(paths, &wanted);
	(void)kernel_apply(kernel, &wanted);
	probe_paths_applied(paths);
}

/* Main has tried to reach it before a checker runs. */
Test(probe_paths, a_check_does_not_wait_for_a_kernel_that_cannot_be_reached)
{
	cr_expect_eq(probe_paths_socket(paths, 0), -ENOTCONN);
}

Test(probe_paths, a_check_waits_for_a_service_that_is_about_to_be_made)
{
	int fd;

	adopt(CLIENT);
	cr_expect_eq(probe_paths_socket(paths, 0), -EAGAIN);
	apply();
	cr_expect_eq(wanted.nr_services, 1);
	fd = probe_paths_socket(paths, 0);
	/* A mark takes a right that the test may not have. */
	cr_expect(fd >= 0 || fd == -EPERM, "%d", fd);
	if (fd >= 0)
		close(fd);
}

Test(probe_paths, a_check_does_not_wait_for_a_kernel_that_was_lost)
{
	adopt(CLIENT);
	apply();
	kernel_use(kernel, NULL);
	probe_paths_configure(paths, use_file(DIRECT), &wanted);
	probe_paths_configure(paths, use_file(CLIENT), &wanted);
	probe_paths_applied(paths);
	cr_expect_eq(probe_paths_socket(paths, 0), -ENOTCONN);
}

static int refuse_ipv6(void *arg, const struct ipvs_request *request)
{
	return request->op == IPVS_NEW_SERVICE &&
			       request->service->key.fwmark &&
			       request->service->key.family == AF_INET6 ?
		       -EAFNOSUPPORT :
		       0;
}

/* How often the log has TEXT. */
static unsigned logged(FILE *log, const char *text)
{
	char line[1024];
	unsigned found = 0;

	rewind(log);
	while (fgets(line, sizeof(line), log))
		found += strstr(line, text) != NULL;
	return found;
}

/* A kernel without IPv6 in its IPVS has services of IPv4 marks all the same. */
Test(probe_paths, a_kernel_may_refuse_the_marks_of_one_family)
{
	struct ipvs_backend *fake = ipvs_fake_new(NULL);
	struct ipvs_fake_hooks hooks = { .before = refuse_ipv6 };
	struct table empty = { 0 };
	FILE *log = tmpfile();
	int own = dup(STDERR_FILENO), i, fd;

	cr_assert_not_null(log);
	dup2(fileno(log), STDERR_FILENO);
	ipvs_fake_set_hooks(fake, &hooks);
	kernel_use(kernel, fake);
	world_free(&world);
	world = world_parse(
		"virtual_server 192.0.2.10 3306 {\nprobe_path client\n"
		"lvs_sched rr\nprotocol TCP\nlvs_method DR\n"
		"real_server 10.0.0.1 3306 {\nTCP_CHECK { }\n}\n}\n"
		"virtual_server 2001:db8::10 3306 {\nprobe_path client\n"
		"lvs_sched rr\nprotocol TCP\nlvs_method DR\n"
		"real_server 2001:db8::1 3306 {\nTCP_CHECK { }\n}\n}\n",
		true);
	probe_paths_adopt(paths, world.conf, &empty);
	apply();
	for (i = 0; i < 3; i++) {
		fd = probe_paths_socket(paths, 0);
		/* A mark takes a right that the test may not have. */
		cr_expect(fd >= 0 || fd == -EPERM, "%d", fd);
		if (fd >= 0)
			close(fd);
		/* The check goes to the server itself. */
		cr_expect_eq(probe_paths_socket(paths, 1), -ENOENT);
	}
	/* The kernel has learnt it. */
	ipvs_fake_set_hooks(fake, &(struct ipvs_fake_hooks){ 0 });
	apply();
	for (i = 0; i < 2; i++) {
		fd = probe_paths_socket(paths, 1);
		if (fd >= 0)
			close(fd);
	}
	dup2(own, STDERR_FILENO);
	cr_expect(fd != -ENOENT && fd != -EAGAIN, "%d", fd);
	cr_expect_eq(logged(log, "the kernel refuses the service of an IPv6 "
				 "mark (Address family not supported"),
		     1);
	cr_expect_eq(logged(log, "IPv4 mark"), 0);
	fclose(log);
	close(own);
}

/*
 * A mark takes a right that the test may not have, and a packet a network: both are
 * given by the test.
 */
static int send_errno;
static unsigned datagrams;

int __real_setsockopt(int fd, int level, int name, const void *value,
		      socklen_t size);
int __wrap_setsockopt(int fd, int level, int name, const void *value,
		      socklen_t size);
ssize_t __wrap_sendto(int fd, const void *bytes, size_t length, int flags,
		      const struct sockaddr *to, socklen_t size);

int __wrap_setsockopt(int fd, int level, int name, const void *value,
		      socklen_t size)
{
	return name == SO_MARK ?
		       0 :
		       __real_setsockopt(fd, level, name, value, size);
}

ssize_t __wrap_sendto(int fd, const void *bytes, size_t length, int flags,
		      const struct sockaddr *to, socklen_t size)
{
	const struct sockaddr_in *in = (const void *)to;
	char text[INET_ADDRSTRLEN];

	datagrams++;
	inet_ntop(AF_INET, &in->sin_addr, text, sizeof(text));
	cr_expect_str_eq(text, "192.0.2.10", "the clients' address");
	cr_expect_eq(ntohs(in->sin_port), 3306);
	cr_expect_eq(length, 0);
	errno = send_errno;
	return send_errno ? -1 : 0;
}

static const char *judged(enum outcome outcome)
{
	static struct verdict verdict;

	memset(&verdict, 0, sizeof(verdict));
	verdict.outcome = (uint16_t)outcome;
	strcpy(verdict.text, "as the checker said");
	probe_paths_judge_verdict(paths, &verdict);
	cr_expect_eq(verdict.outcome, outcome);
	return verdict.text;
}

Test(probe_paths, a_firewall_of_our_own_is_told_as_that)
{
	datagrams = 0;
	send_errno = EPERM;
	cr_expect_str_eq(judged(PROBE_CLIENT_PATH), "as the checker said");
	adopt(CLIENT);
	/* IPVS drops them itself as long as there is no service. */
	cr_expect_str_eq(judged(PROBE_CLIENT_PATH), "as the checker said");
	apply();
	cr_expect_eq(datagrams, 0);
	cr_expect_str_eq(
		judged(PROBE_CLIENT_PATH),
		"answers at its own address, but not at 192.0.2.10: a "
		"firewall rule on this balancer drops packets with the "
		"mark 0x45560000");
	cr_expect_eq(datagrams, 1);
	/* Packets leave, or do not for another reason. */
	send_errno = 0;
	cr_expect_str_eq(judged(PROBE_CLIENT_PATH), "as the checker said");
	send_errno = ENETUNREACH;
	cr_expect_str_eq(judged(PROBE_CLIENT_PATH), "as the checker said");
	cr_expect_eq(datagrams, 3);
	/* Other verdicts cost nothing. */
	send_errno = EPERM;
	cr_expect_str_eq(judged(PROBE_TIMEOUT), "as the checker said");
	cr_expect_eq(datagrams, 3);
	probe_paths_configure(paths, use_file(DIRECT), &wanted);
	cr_expect_str_eq(judged(PROBE_CLIENT_PATH), "as the checker said");
	cr_expect_eq(datagrams, 3);
}

static void put_names(const char *text)
{
	FILE *file = fopen(names, "w");

	cr_assert_not_null(file);
	fputs(text, file);
	fclose(file);
}

Test(probe_paths, accept_local_is_set_for_as_long_as_a_check_needs_it)
{
	adopt(CLIENT);
	cr_expect_str_eq(accept_local, "1");
	probe_paths_configure(paths, use_file(DIRECT), &wanted);
	cr_expect_str_eq(accept_local, "0");
}

Test(probe_paths, after_a_restart_accept_local_is_known_for_our_own)
{
	adopt(CLIENT);
	stop(); /* as killed: the setting stays */
	cr_expect_str_eq(accept_local, "1");
	start();
	adopt(CLIENT);
	stop();
	start();
	adopt(CLIENT);
	probe_paths_configure(paths, use_file(DIRECT), &wanted);
	cr_expect_str_eq(accept_local, "0");
	/* It is nobody's now: the next one is the administrator's. */
	stop();
	strcpy(accept_local, "1");
	start();
	adopt(DIRECT);
	cr_expect_str_eq(accept_local, "1");
}

Test(probe_paths, a_restart_without_the_word_puts_accept_local_back)
{
	adopt(CLIENT);
	stop();
	start();
	adopt(DIRECT);
	cr_expect_str_eq(accept_local, "0");
}

Test(probe_paths, accept_local_of_the_administrator_is_left_alone)
{
	strcpy(accept_local, "1");
	adopt(CLIENT);
	probe_paths_configure(paths, use_file(DIRECT), &wanted);
	stop();
	start();
	adopt(DIRECT);
	cr_expect_str_eq(accept_local, "1");
}

Test(probe_paths, names_that_no_interface_has_lead_nowhere)
{
	strcpy(accept_local, "1");
	stop();
	put_names("../../../kernel/x\n\n..\n.\neth0/../eth0\na b\neth0:1\n"
		  "a-name-that-is-too-long\n");
	start();
	adopt(DIRECT);
	cr_expect_eq(strangers, 0);
	cr_expect_str_eq(accept_local, "1");
}

/* With hundreds of servers the searches would cost as much as the probes. */
Test(probe_paths, sources_are_searched_when_routes_change)
{
	adopt(CLIENT);
	cr_expect_eq(searches, 1);
	(void)probe_paths_tend(paths);
	(void)probe_paths_tend(paths);
	cr_expect_eq(searches, 1);
	news = true;
	(void)probe_paths_tend(paths);
	(void)probe_paths_tend(paths);
	cr_expect_eq(searches, 2);
	probe_paths_configure(paths, use_file(CLIENT), &wanted);
	cr_expect_eq(searches, 3, "another configuration, other servers");
}
