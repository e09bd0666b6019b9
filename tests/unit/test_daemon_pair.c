/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What main tells of the pair: lines, scripts in order, pipes, sync threads. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/vrrp_conf.h"
#include "daemon/pair/fifo.h"
#include "lib/history.h"
#include "daemon/pair/notify.h"
#include "daemon/pair/notification.h"
#include "daemon/proc/script.h"
#include "daemon/pair/sync.h"
#include "daemon/proc/sysctl.h"
#include "tests/unit/ipvs_fake.h"
#include "lib/log.h"
#include "lib/loop.h"

Test(pair, lines_of_instances_and_groups)
{
	struct vrrp_notification notification = { .name = "V1",
						  .state = VRRP_NOTIFY_MASTER,
						  .priority = 150 };
	char line[128];

	cr_assert_str_eq(notification_line(&notification, line, sizeof(line)),
			 "INSTANCE \"V1\" MASTER 150\n");
	notification = (struct vrrp_notification){
		.group = true, .name = "G 1", .state = VRRP_NOTIFY_BACKUP
	};
	cr_assert_str_eq(notification_line(&notification, line, sizeof(line)),
			 "GROUP \"G 1\" BACKUP 0\n");
	notification.state = VRRP_NOTIFY_BACKUP_PRIORITY;
	cr_assert_str_eq(notification_line(&notification, line, sizeof(line)),
			 "GROUP \"G 1\" BACKUP_PRIORITY 0\n");
}

static struct endpoint endpoint_of(const char *text)
{
	struct endpoint endpoint;

	cr_assert_eq(endpoint_parse(&endpoint, text), 0);
	return endpoint;
}

Test(pair, lines_of_pools)
{
	struct service_key keys[] = {
		{ .vip = endpoint_of("192.0.2.1:3306"),
		  .family = AF_INET,
		  .protocol = IPPROTO_TCP },
		{ .fwmark = 7, .family = AF_INET },
		{ .vip = endpoint_of("[2001:db8::1]:53"),
		  .family = AF_INET6,
		  .protocol = IPPROTO_UDP },
	};
	struct conf_virtual_server vs[] = {
		{ .name = "192.0.2.1:3306", .keys = &keys[0], .nr_keys = 1 },
		{ .name = "fwmark 7", .keys = &keys[1], .nr_keys = 1 },
		{ .name = "group POOL", .keys = &keys[2], .nr_keys = 1 },
		{ .name = "group POOL", .keys = &keys[2], .nr_keys = 1 },
	};
	struct conf_server server = { .addr = endpoint_of("10.0.0.5:3306") };
	struct conf conf = { .virtual_servers = vs,
			     .nr_virtual_servers = 4,
			     .servers = &server,
			     .nr_servers = 1 };
	struct balance_event event = { .kind = EVENT_SERVER_UP };
	char line[256];

	cr_assert_str_eq(notification_lvs_line(&conf, &event, line,
					       sizeof(line)),
			 "RS [10.0.0.5]:tcp:3306 [192.0.2.1]:tcp:3306 UP\n");
	event.vs = 1;
	event.kind = EVENT_SERVER_DOWN;
	cr_assert_str_eq(notification_lvs_line(&conf, &event, line,
					       sizeof(line)),
			 "RS [10.0.0.5]:tcp:3306 FWM 7 DOWN\n");
	event.kind = EVENT_QUORUM_UP;
	cr_assert_str_eq(notification_lvs_line(&conf, &event, line,
					       sizeof(line)),
			 "VS FWM 7 UP\n");
	event.vs = 3;
	event.kind = EVENT_QUORUM_DOWN;
	cr_assert_str_eq(notification_lvs_line(&conf, &event, line,
					       sizeof(line)),
			 "VS [POOL]:1 DOWN\n");
	event.kind = EVENT_LEVEL;
	cr_assert_null(
		notification_lvs_line(&conf, &event, line, sizeof(line)));
}

static struct notify *notify;

static void until_idle(struct loop_timer *timer)
{
	if (notify_idle(notify))
		loop_stop(timer->loop);
	else
		loop_timer_set(timer, loop_now(timer->loop) + USEC_PER_MSEC);
}

/* Twenty changes at once: each script sees its own words, in their order. */
Test(pair, scripts_are_told_in_order, .timeout = 60)
{
	static char path[] = "/tmp/evenkeel-pair-XXXXXX";
	static char program[] = "/bin/sh", minus_c[] = "-c";
	char command[128], seen[2048] = "", wanted[2048] = "";
	char *argv[] = { program, minus_c, command, program, NULL };
	struct conf_script script = { .argv = argv };
	struct pair_notify scripts_of = { .any = &script };
	struct conf_global global = { 0 };
	struct notify_targets targets = { .global = &global };
	struct loop *loop;
	struct scripts *scripts;
	struct loop_timer timer;
	size_t used = 0;
	int fd = mkstemp(path), i;

	log_init("test", LOG_TO_STDERR, 0, LOG_LEVEL_ERROR);
	cr_assert_geq(fd, 0);
	snprintf(command, sizeof(command), "echo $@ >>%s", path);
	loop = loop_new();
	scripts = scripts_new(loop);
	notify = notify_new(scripts);
	targets.notify = notify;
	for (i = 0; i < 20; i++) {
		struct vrrp_notification notification = {
			.name = "V1",
			.state = i % 2 ? VRRP_NOTIFY_BACKUP :
					 VRRP_NOTIFY_MASTER,
			.priority = 100 + (unsigned)i,
			.scripts = &scripts_of
		};

		notification_send(&targets, &notification);
		used += (size_t)snprintf(wanted + used, sizeof(wanted) - used,
					 "INSTANCE V1 %s %d\n",
					 i % 2 ? "BACKUP" : "MASTER", 100 + i);
	}
	loop_timer_init(loop, &timer, until_idle);
	loop_timer_set(&timer, 1);
	cr_assert_eq(loop_run(loop), 0);
	cr_assert_gt(pread(fd, seen, sizeof(seen) - 1, 0), 0);
	cr_assert_str_eq(seen, wanted);
	notify_free(notify);
	scripts_free(scripts);
	loop_free(loop);
	close(fd);
	unlink(path);
}

Test(pair, pipes)
{
	static char dir[] = "/tmp/evenkeel-pair-XXXXXX";
	char path[64], seen[64] = "";
	struct pair_fifo conf = { .path = path };
	struct conf_global global = { 0 };
	struct stat st;
	struct loop *loop;
	struct fifo *fifo;
	int fd, i;

	log_init("test", LOG_TO_STDERR, 0, LOG_LEVEL_ERROR);
	cr_assert(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/fifo", dir);
	loop = loop_new();
	fifo = fifo_new(loop, NULL, &conf, &global);
	cr_assert(fifo);
	cr_assert_eq(stat(path, &st), 0);
	cr_assert(S_ISFIFO(st.st_mode));
	cr_assert_eq(st.st_mode & 0777, 0600);
	fifo_write(fifo, "one\n");
	fifo_write(fifo, "two\n");
	fd = open(path, O_RDONLY | O_NONBLOCK);
	cr_assert_eq(read(fd, seen, sizeof(seen)), 8);
	cr_assert_str_eq(seen, "one\ntwo\n");
	/* Nobody reads: it must not hold us up, whatever is lost. */
	for (i = 0; i < 100000; i++)
		fifo_write(fifo, "a line that is some bytes long\n");
	cr_assert(fifo_use(fifo, &conf, &global));
	conf.user = "nobody";
	cr_assert_not(fifo_use(fifo, &conf, &global));
	fifo_free(fifo);
	cr_assert_neq(stat(path, &st), 0, "what we made goes with us");
	close(fd);
	/* A file in its place is no pipe, and nothing is written into it. */
	fd = open(path, O_CREAT | O_RDWR, 0600);
	conf.user = NULL;
	log_set_level(LOG_LEVEL_ERROR);
	cr_assert_null(fifo_new(loop, NULL, &conf, &global));
	cr_assert_eq(lseek(fd, 0, SEEK_END), 0);
	close(fd);
	fifo_write(NULL, "nobody\n");
	unlink(path);
	rmdir(dir);
	loop_free(loop);
}

Test(pair, sysctl_values)
{
	char text[] = " 3\t50\n";
	char one[] = "1\n", none[] = "\n";

	sysctl_tidy(text);
	cr_assert_str_eq(text, "3 50");
	sysctl_tidy(one);
	cr_assert_str_eq(one, "1");
	sysctl_tidy(none);
	cr_assert_str_eq(none, "");
}

/* Threads of the connection sync, in a model of the kernel. */
static struct ipvs_sync list[IPVS_SYNC_ROLES];

Test(pair, sync_threads_are_kept)
{
	struct pair_conf pair = { .sync = { .ifname = "eth0",
					    .id = 5,
					    .maxlen = 9000,
					    .port = 8848,
					    .ttl = 1 } };
	struct conf conf = { .pair = &pair };
	struct ipvs_backend *fake = ipvs_fake_new(NULL);
	struct history *history = history_new();
	struct sync *sync = sync_new(history);
	struct ipvs_sync foreign = { .role = IPVS_SYNC_MASTER,
				     .ifname = "eth7" };

	log_init("test", LOG_TO_STDERR, 0, LOG_LEVEL_ERROR);
	addr_parse(&pair.sync.group, "224.0.0.81", 10);
	sync_reconcile(sync, fake, &conf);
	cr_assert_eq(ipvs_get_sync(fake, list), 2);
	cr_assert_eq(list[0].role, IPVS_SYNC_MASTER);
	cr_assert_eq(list[1].role, IPVS_SYNC_BACKUP);
	cr_assert_eq(list[1].id, 5);
	/* The kernel cut maxlen: that is no reason to start it again. */
	cr_assert_eq(list[0].maxlen, 1472);
	cr_assert(sync_same(&list[0],
			    &(struct ipvs_sync){ .ifname = "eth0",
						 .id = 5,
						 .maxlen = 9000,
						 .port = 8848,
						 .ttl = 1,
						 .group = pair.sync.group },
			    9000));
	cr_assert_eq(ipvs_stop_sync(fake, IPVS_SYNC_BACKUP), 0);
	log_set_level(LOG_LEVEL_ERROR);
	sync_reconcile(sync, fake, &conf);
	cr_assert_eq(ipvs_get_sync(fake, list), 2, "somebody stopped one");
	pair.sync.id = 6;
	sync_reconcile(sync, fake, &conf);
	cr_assert_eq(ipvs_get_sync(fake, list), 2);
	cr_assert_eq(list[0].id, 6);
	cr_assert_eq(list[1].id, 6);
	pair.sync.ifname = NULL;
	sync_reconcile(sync, fake, &conf);
	cr_assert_eq(ipvs_get_sync(fake, list), 0, "ours go with the file");
	cr_assert_eq(ipvs_start_sync(fake, &foreign), 0);
	sync_reconcile(sync, fake, &conf);
	sync_release(sync, fake);
	cr_assert_eq(ipvs_get_sync(fake, list), 1, "others' stay");
	sync_free(sync);
	history_free(history);
	ipvs_close(fake);
}

Test(pair, unchanged_vrrp_is_recognised)
{
	struct vrrp_conf_address address[2] = { { .prefix = 24 },
						{ .prefix = 24 } };
	struct vrrp_conf_track track[2] = { { .weight = 5 }, { .weight = 5 } };
	struct vrrp_conf_tracker tracker[2] = { { .name = "s" },
						{ .name = "s" } };
	char name[] = "V1", same_name[] = "V1";
	struct vrrp_conf_instance one[2] = {
		{ .name = name, .ifname = "e", .priority = 100 },
		{ .name = same_name, .ifname = "e", .priority = 100 },
	};
	struct vrrp_conf first, second, *conf[] = { &first, &second };
	int i;

	memset(&first, 0, sizeof(first));
	memset(&second, 0, sizeof(second));
	for (i = 0; i < 2; i++) {
		one[i].addresses = &address[i];
		one[i].nr_addresses = 1;
		one[i].tracks = &track[i];
		one[i].nr_tracks = 1;
		conf[i]->instances = &one[i];
		conf[i]->nr_instances = 1;
		conf[i]->trackers = &tracker[i];
		conf[i]->nr_trackers = 1;
	}
	cr_assert(vrrp_conf_equal(&first, &second));
	one[1].priority = 99;
	cr_assert_not(vrrp_conf_equal(&first, &second));
	one[1].priority = 100;
	address[1].prefix = 25;
	cr_assert_not(vrrp_conf_equal(&first, &second));
	address[1].prefix = 24;
	address[1].dev = "e1";
	cr_assert_not(vrrp_conf_equal(&first, &second));
	address[1].dev = NULL;
	track[1].weight = 6;
	cr_assert_not(vrrp_conf_equal(&first, &second));
	track[1].weight = 5;
	tracker[1].name = "t";
	cr_assert_not(vrrp_conf_equal(&first, &second));
	tracker[1].name = "s";
	second.scheduling.rt_priority = 1;
	cr_assert_not(vrrp_conf_equal(&first, &second));
	second.scheduling.rt_priority = 0;
	cr_assert(vrrp_conf_equal(&first, &second));
}
