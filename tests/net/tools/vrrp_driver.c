/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the vrrp process without the daemon: vrrp_driver FILE. The file has one
 * word and its values a line ("instance V1", "vrid 51", "vip 192.0.2.1/24"); the
 * table below is all of its language. Commands come on standard input, states
 * go to standard output:
 *
 *	reload			read the file again
 *	track NAME VALUE	a tracker speaks
 *	ask			print every state and counter
 *	stop			end in good order (as does end of input)
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/arena.h"
#include "lib/vrrp_ipc.h"
#include "vrrp/fsm.h"
#include "vrrp/packet.h"
#include "vrrp/receive.h"
#include "vrrp/vrrp.h"

#define MOST 300

struct draft {
	struct arena *arena;
	struct vrrp_conf conf;
	struct vrrp_conf_instance instances[MOST];
	struct vrrp_conf_group groups[MOST];
	struct vrrp_conf_tracker trackers[MOST];
	/* of the instance being read */
	struct vrrp_conf_instance *now;
	struct vrrp_conf_address vips[MOST], excluded[MOST];
	struct vrrp_conf_peer peers[MOST];
	struct vrrp_conf_track tracks[MOST];
	bool bad;
};

static int number(const char *text)
{
	return text ? (int)strtol(text, NULL, 10) : 0;
}

/* Copy what was gathered for an instance. */
static void close_instance(struct draft *d)
{
	struct vrrp_conf_instance *now = d->now;

	if (!now)
		return;
	now->addresses = arena_copy(d->arena, d->vips, now->nr_addresses,
				    sizeof(d->vips[0]));
	now->excluded = arena_copy(d->arena, d->excluded, now->nr_excluded,
				   sizeof(d->excluded[0]));
	now->peers = arena_copy(d->arena, d->peers, now->nr_peers,
				sizeof(d->peers[0]));
	now->tracks = arena_copy(d->arena, d->tracks, now->nr_tracks,
				 sizeof(d->tracks[0]));
}

static struct addr read_addr(struct draft *d, const char *text)
{
	struct addr addr = { 0 };

	if (!text || addr_parse(&addr, text, strlen(text)) < 0)
		d->bad = true;
	return addr;
}

static void do_instance(struct draft *d, char **w)
{
	close_instance(d);
	d->now = &d->instances[d->conf.nr_instances++];
	*d->now = (struct vrrp_conf_instance){
		.name = arena_strdup(d->arena, w[1]),
		.ifname = "eth0",
		.family = AF_INET,
		.version = 3,
		.priority = 100,
		.interval = USEC_PER_SEC,
		.down_adverts = 3,
		.preempt = true,
		.check_unicast_src = true,
		.ttl = 255,
		.garp = { .master_repeat = 5,
			  .master_delay = 5 * USEC_PER_SEC,
			  .master_refresh_repeat = 1,
			  .lower_repeat = 5,
			  .lower_delay = 5 * USEC_PER_SEC },
		.track_primary = true,
		.sync_group = VRRP_NO_GROUP,
		.group = read_addr(d, "224.0.0.18"),
	};
}

static struct vrrp_conf_address read_vip(struct draft *d, char *text)
{
	struct vrrp_conf_address vip = { .preferred_lft = VRRP_LFT_DEFAULT };
	char *slash = strchr(text, '/');

	if (slash)
		*slash = '\0';
	vip.addr = read_addr(d, text);
	vip.prefix = vip.addr.family == AF_INET6 ? 128 : 32;
	if (slash)
		vip.prefix = (uint8_t)number(slash + 1);
	return vip;
}

static void do_vip(struct draft *d, char **w)
{
	struct vrrp_conf_address *vip = &d->vips[d->now->nr_addresses++];

	*vip = read_vip(d, w[1]);
	if (w[2])
		vip->dev = arena_strdup(d->arena, w[2]);
	d->now->family = d->vips[0].addr.family;
	if (d->now->family == AF_INET6)
		d->now->group = read_addr(d, "ff02::12");
}

static void do_excluded(struct draft *d, char **w)
{
	d->excluded[d->now->nr_excluded++] = read_vip(d, w[1]);
}

static void do_peer(struct draft *d, char **w)
{
	d->peers[d->now->nr_peers++] = (struct vrrp_conf_peer){
		.addr = read_addr(d, w[1]),
		.min_ttl = (uint8_t)number(w[2]),
		.max_ttl = 255,
	};
}

static void do_group(struct draft *d, char **w)
{
	uint32_t i;

	for (i = 0; i < d->conf.nr_groups; i++) {
		if (strcmp(d->groups[i].name, w[1]) == 0)
			break;
	}
	if (i == d->conf.nr_groups)
		d->groups[d->conf.nr_groups++].name =
			arena_strdup(d->arena, w[1]);
	d->now->sync_group = i;
}

static void do_tracker(struct draft *d, char **w)
{
	struct vrrp_conf_tracker *tracker;

	tracker = &d->trackers[d->conf.nr_trackers++];
	tracker->name = arena_strdup(d->arena, w[1]);
	tracker->kind = VRRP_TRACK_SCRIPT;
	if (w[2] && strcmp(w[2], "file") == 0)
		tracker->kind = VRRP_TRACK_FILE;
	if (w[2] && strcmp(w[2], "interface") == 0) {
		tracker->kind = VRRP_TRACK_INTERFACE;
		tracker->ifname = tracker->name;
	}
}

static uint32_t find_tracker(struct draft *d, const char *name)
{
	uint32_t i;

	for (i = 0; i < d->conf.nr_trackers; i++) {
		if (strcmp(d->trackers[i].name, name) == 0)
			return i;
	}
	d->bad = true;
	return 0;
}

static void do_track(struct draft *d, char **w)
{
	d->tracks[d->now->nr_tracks++] = (struct vrrp_conf_track){
		.tracker = find_tracker(d, w[1]),
		.weight = number(w[2]),
	};
}

static void do_auth(struct draft *d, char **w)
{
	d->now->auth = VRRP_AUTH_SIMPLE;
	memcpy(d->now->auth_data, w[1], strnlen(w[1], VRRP_AUTH_LENGTH));
}

static void do_word(struct draft *d, char **w)
{
	struct vrrp_conf_instance *now = d->now;
	int value = number(w[1]);

	if (strcmp(w[0], "iface") == 0)
		now->ifname = arena_strdup(d->arena, w[1]);
	else if (strcmp(w[0], "anyiface") == 0)
		now->ifname = "";
	else if (strcmp(w[0], "version") == 0)
		now->version = (uint8_t)value;
	else if (strcmp(w[0], "vrid") == 0)
		now->vrid = (uint8_t)value;
	else if (strcmp(w[0], "priority") == 0)
		now->priority = (uint8_t)value;
	else if (strcmp(w[0], "interval") == 0)
		now->interval = value;
	else if (strcmp(w[0], "nopreempt") == 0)
		now->preempt = false;
	else if (strcmp(w[0], "preempt_delay") == 0)
		now->preempt_delay = value;
	else if (strcmp(w[0], "message_checksum") == 0)
		now->checksum = VRRP_CHECKSUM_MESSAGE;
	else if (strcmp(w[0], "source") == 0)
		now->source = read_addr(d, w[1]);
	else if (strcmp(w[0], "ttl") == 0)
		now->ttl = (uint8_t)value;
	else if (strcmp(w[0], "use_vmac") == 0)
		now->use_vmac = true;
	else if (strcmp(w[0], "rfc5798") == 0)
		now->lower_prio_no_advert = true;
	else if (strcmp(w[0], "refresh") == 0)
		now->garp.master_refresh = value;
	else
		d->bad = true;
}

static const struct {
	const char *word;
	void (*act)(struct draft *d, char **w);
} words[] = {
	{ "instance", do_instance }, { "vip", do_vip },
	{ "excluded", do_excluded }, { "peer", do_peer },
	{ "group", do_group },	     { "tracker", do_tracker },
	{ "track", do_track },	     { "auth", do_auth },
};

static void read_line(struct draft *d, char *line)
{
	char *w[5] = { NULL }, *save = NULL;
	size_t i;

	for (i = 0; i < 4; i++) {
		w[i] = strtok_r(i == 0 ? line : NULL, " \t", &save);
		if (!w[i])
			break;
	}
	if (!w[0])
		return;
	if (strcmp(w[0], "startup_delay") == 0 && w[1]) {
		d->conf.startup_delay = number(w[1]);
		return;
	}
	if (strcmp(w[0], "rt_priority") == 0 && w[1]) {
		d->conf.rt_priority = number(w[1]);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(w[0], words[i].word) == 0 && w[1]) {
			words[i].act(d, w);
			return;
		}
	}
	if (d->now)
		do_word(d, w);
	else
		d->bad = true;
}

static int load(const char *text, size_t length, const struct ipc_conf *head,
		const struct vrrp_conf **conf, void **owner)
{
	struct draft *d = xcalloc(1, sizeof(*d));
	char *copy, *line, *save = NULL;

	d->arena = arena_new();
	copy = arena_strndup(d->arena, text, length);
	for (line = strtok_r(copy, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		read_line(d, line);
	close_instance(d);
	d->conf.instances = d->instances;
	d->conf.groups = d->groups;
	d->conf.trackers = d->trackers;
	*conf = &d->conf;
	*owner = d;
	if (!d->bad)
		return 0;
	arena_free(d->arena);
	free(d);
	return -EINVAL;
}

static void release(void *owner)
{
	struct draft *d = owner;

	arena_free(d->arena);
	free(d);
}

static const struct vrrp_loader loader = { load, release };

/* The driver's own reading of the file, to know names. */
struct driver {
	const char *path;
	int sock;
	uint32_t generation;
	struct draft *draft;
};

static void send_conf(struct driver *driver)
{
	static char text[1 << 20];
	struct ipc_conf head = { 0 };
	const struct vrrp_conf *conf;
	int file = open(driver->path, O_RDONLY), memfd;
	ssize_t length = file < 0 ? -1 : read(file, text, sizeof(text));

	memfd = memfd_create("conf", MFD_CLOEXEC);
	if (length < 0 || memfd < 0 || write(memfd, text, length) != length)
		fatal("driver", "%s: %s", driver->path, strerror(errno));
	if (driver->draft)
		release(driver->draft);
	if (load(text, (size_t)length, &head, &conf, (void **)&driver->draft) <
	    0)
		fatal("driver", "%s is no good", driver->path);
	head.length = (uint32_t)length;
	if (ipc_send(driver->sock, IPC_CONF, ++driver->generation, &head,
		     sizeof(head), memfd) < 0)
		fatal("driver", "cannot send");
	close(memfd);
	close(file);
}

static void send_track(struct driver *driver, const char *name, int value)
{
	struct ipc_vrrp_track track = { find_tracker(driver->draft, name),
					value };

	if (ipc_send(driver->sock, IPC_VRRP_TRACK, driver->generation, &track,
		     sizeof(track), -1) < 0)
		fatal("driver", "cannot send");
}

static bool command(struct driver *driver, char *line)
{
	struct ipc_vrrp_ask ask = { 0 };
	char *save = NULL, *word, *name, *value;

	if (strcmp(line, "reload") == 0)
		send_conf(driver);
	else if (strcmp(line, "ask") == 0)
		(void)ipc_send(driver->sock, IPC_VRRP_ASK, driver->generation,
			       &ask, sizeof(ask), -1);
	else if (strcmp(line, "stop") == 0)
		return false;
	word = strtok_r(line, " ", &save);
	name = strtok_r(NULL, " ", &save);
	value = strtok_r(NULL, " ", &save);
	if (word && strcmp(word, "track") == 0 && name && value)
		send_track(driver, name, number(value));
	return true;
}

static void print_state(struct driver *driver,
			const struct ipc_vrrp_state *state)
{
	char peer[ADDR_TEXT_MAX];
	unsigned i;

	printf("%s %s priority=%u faults=%u takeovers=%llu sent=%llu received=%llu strays=%llu peer=%s",
	       driver->draft->instances[state->instance].name,
	       vrrp_state_name(state->state), state->priority, state->faults,
	       (unsigned long long)state->takeovers,
	       (unsigned long long)state->sent,
	       (unsigned long long)state->received,
	       (unsigned long long)state->strays,
	       addr_format(&state->peer, peer));
	for (i = 0; i < VRRP_DROPS; i++) {
		if (state->drops[i])
			printf(" [%s]=%llu", vrrp_drop_name(i),
			       (unsigned long long)state->drops[i]);
	}
	for (i = 0; i < VRRP_ODDITIES; i++) {
		if (state->oddities[i])
			printf(" {%s}=%llu", vrrp_oddity_name(i),
			       (unsigned long long)state->oddities[i]);
	}
	printf("\n");
}

static bool take_message(struct driver *driver)
{
	static struct ipc_message msg;
	int got = ipc_recv(driver->sock, &msg);

	if (got == 0 || got == -EPIPE)
		return false;
	if (got == 1 && msg.header.type == IPC_VRRP_STATE)
		print_state(driver, (const void *)msg.body);
	else if (got == 1 && msg.header.type == IPC_READY)
		printf("ready\n");
	fflush(stdout);
	return true;
}

static bool take_input(struct driver *driver)
{
	static char line[4096];
	static size_t used;
	ssize_t got = read(0, line + used, sizeof(line) - 1 - used);
	char *end;

	if (got <= 0)
		return false;
	used += (size_t)got;
	line[used] = '\0';
	while ((end = strchr(line, '\n'))) {
		*end = '\0';
		if (!command(driver, line))
			return false;
		used -= (size_t)(end + 1 - line);
		memmove(line, end + 1, used + 1);
	}
	return true;
}

static void drive(struct driver *driver)
{
	struct pollfd fds[2] = { { .fd = 0, .events = POLLIN },
				 { .fd = driver->sock, .events = POLLIN } };

	send_conf(driver);
	for (;;) {
		if (poll(fds, 2, -1) < 0)
			break;
		if (fds[1].revents && !take_message(driver))
			break;
		if (fds[0].revents && !take_input(driver))
			break;
	}
}

int main(int argc, char **argv)
{
	struct driver driver = { .path = argc > 1 ? argv[1] : "" };
	int fds[2], status = 0;
	pid_t pid;

	log_init("vrrp", LOG_TO_STDERR, LOG_DAEMON, LOG_LEVEL_DEBUG);
	if (ipc_pair(fds) < 0)
		return 1;
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		return vrrp_main(fds[1], &loader);
	}
	close(fds[1]);
	driver.sock = fds[0];
	printf("pid %d\n", (int)pid);
	fflush(stdout);
	drive(&driver);
	close(fds[0]);
	waitpid(pid, &status, 0);
	if (driver.draft)
		release(driver.draft);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
