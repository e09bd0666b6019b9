/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the vrrp process without the daemon: vrrp_driver FILE. The file has one
 * word and its values a line ("instance V1", "vrid 51", "vip 192.0.2.1/24"); the
 * tables below are all of its language, and how the daemon's says the same.
 * Commands come on standard input, states go to standard output:
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
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "conf/sealed.h"
#include "conf/vrrp_conf.h"
#include "lib/log.h"
#include "lib/vrrp_ipc.h"
#include "vrrp/fsm.h"
#include "vrrp/packet.h"
#include "vrrp/receive.h"
#include "vrrp/vrrp.h"

#define MOST 300

/* The file in words of the daemon's language, as it grows. */
struct draft {
	FILE *out;
	bool bad;
	/* of the instance being read; NAME empty: none */
	char name[64];
	char iface[32];
	char source[64];
	int version;
	bool unicast;
	/* of all */
	char trackers[MOST][64];
	const char *track_blocks[MOST]; /* where an instance names the tracker */
	size_t nr_trackers;
	char members[MOST][64]; /* instances, and the sync group of each */
	char groups[MOST][64];
	size_t nr_members;
};

static int number(const char *text)
{
	return text ? (int)strtol(text, NULL, 10) : 0;
}

/* Microseconds as the language's seconds. */
static void put_time(struct draft *d, const char *word, const char *value)
{
	int usec = number(value);

	fprintf(d->out, "%s %d.%06d\n", word, usec / 1000000, usec % 1000000);
}

static void close_instance(struct draft *d)
{
	if (!d->name[0])
		return;
	if (d->iface[0])
		fprintf(d->out, "interface %s\n", d->iface);
	if (d->source[0])
		fprintf(d->out, "%s %s\n",
			d->unicast ? "unicast_src_ip" : "mcast_src_ip",
			d->source);
	if (d->version)
		fprintf(d->out, "version %d\n", d->version);
	fputs("}\n", d->out);
	d->name[0] = '\0';
}

static void do_instance(struct draft *d, char **w)
{
	close_instance(d);
	snprintf(d->name, sizeof(d->name), "%s", w[1]);
	strcpy(d->iface, "eth0");
	d->source[0] = '\0';
	d->version = 3;
	d->unicast = false;
	fprintf(d->out, "vrrp_instance %s {\n", d->name);
}

static void put_vip(struct draft *d, const char *block, char **w)
{
	fprintf(d->out, "%s {\n%s%s%s %s\n}\n", block, w[1],
		w[2] ? " dev " : "", w[2] ? w[2] : "",
		w[2] && w[3] ? w[3] : "");
	if (strchr(w[1], ':'))
		d->version = 0; /* always 3 */
}

static void do_vip(struct draft *d, char **w)
{
	put_vip(d, "virtual_ipaddress", w);
}

static void do_excluded(struct draft *d, char **w)
{
	put_vip(d, "virtual_ipaddress_excluded", w);
}

static void do_peer(struct draft *d, char **w)
{
	d->unicast = true;
	fprintf(d->out, "unicast_peer {\n%s%s%s\n}\n", w[1],
		w[2] ? " min_ttl " : "", w[2] ? w[2] : "");
}

static void do_group(struct draft *d, char **w)
{
	snprintf(d->members[d->nr_members], sizeof(d->members[0]), "%s",
		 d->name);
	snprintf(d->groups[d->nr_members++], sizeof(d->groups[0]), "%s", w[1]);
}

static void do_tracker(struct draft *d, char **w)
{
	const char *kind = w[2] ? w[2] : "script";

	snprintf(d->trackers[d->nr_trackers], sizeof(d->trackers[0]), "%s",
		 w[1]);
	if (strcmp(kind, "script") == 0)
		fprintf(d->out, "vrrp_script %s {\nscript /bin/true\n}\n",
			w[1]);
	else if (strcmp(kind, "file") == 0)
		fprintf(d->out, "vrrp_track_file %s {\nfile /none\n}\n", w[1]);
	d->track_blocks[d->nr_trackers++] =
		strcmp(kind, "script") == 0 ? "track_script" :
		strcmp(kind, "file") == 0   ? "track_file" :
					      "track_interface";
}

static void do_track(struct draft *d, char **w)
{
	size_t i;

	for (i = 0; i < d->nr_trackers; i++) {
		if (strcmp(d->trackers[i], w[1]) != 0)
			continue;
		fprintf(d->out, "%s {\n%s weight %d\n}\n", d->track_blocks[i],
			w[1], number(w[2]));
		return;
	}
	d->bad = true;
}

static void do_auth(struct draft *d, char **w)
{
	fprintf(d->out, "authentication {\nauth_type PASS\nauth_pass %s\n}\n",
		w[1]);
}

static void do_iface(struct draft *d, char **w)
{
	snprintf(d->iface, sizeof(d->iface), "%s", w[1]);
}

static void do_source(struct draft *d, char **w)
{
	snprintf(d->source, sizeof(d->source), "%s", w[1]);
}

static void do_version(struct draft *d, char **w)
{
	d->version = number(w[1]);
}

static void do_startup(struct draft *d, char **w)
{
	fputs("global_defs {\n", d->out);
	put_time(d, "vrrp_startup_delay", w[1]);
	fputs("}\n", d->out);
}

static const struct {
	const char *word;
	void (*act)(struct draft *d, char **w);
} words[] = {
	{ "instance", do_instance }, { "vip", do_vip },
	{ "excluded", do_excluded }, { "peer", do_peer },
	{ "group", do_group },	     { "tracker", do_tracker },
	{ "track", do_track },	     { "auth", do_auth },
	{ "iface", do_iface },	     { "source", do_source },
	{ "version", do_version },   { "startup_delay", do_startup },
};

/* Words that have just another name in the daemon's language. */
static const struct {
	const char *word, *real;
	bool time;
} renamed[] = {
	{ "vrid", "virtual_router_id", false },
	{ "priority", "priority", false },
	{ "nopreempt", "nopreempt", false },
	{ "use_vmac", "use_vmac", false },
	{ "message_checksum", "v3_checksum_as_v2", false },
	{ "rfc5798", "lower_prio_no_advert", false },
	{ "interval", "advert_int", true },
	{ "preempt_delay", "preempt_delay", true },
	{ "refresh", "garp_master_refresh", true },
	{ "announce_delay", "garp_master_delay", true },
};

static void do_renamed(struct draft *d, char **w)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(renamed); i++) {
		if (strcmp(w[0], renamed[i].word) != 0)
			continue;
		if (renamed[i].time)
			put_time(d, renamed[i].real, w[1]);
		else
			fprintf(d->out, "%s %s\n", renamed[i].real,
				w[1] ? w[1] : "");
		return;
	}
	d->bad = true;
}

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
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(w[0], words[i].word) == 0 && w[1]) {
			words[i].act(d, w);
			return;
		}
	}
	do_renamed(d, w);
}

static void put_groups(struct draft *d)
{
	size_t i, k;

	for (i = 0; i < d->nr_members; i++) {
		for (k = 0; k < i && strcmp(d->groups[i], d->groups[k]) != 0;
		     k++)
			;
		if (k < i)
			continue;
		fprintf(d->out, "vrrp_sync_group %s {\ngroup {\n",
			d->groups[i]);
		for (k = i; k < d->nr_members; k++) {
			if (strcmp(d->groups[i], d->groups[k]) == 0)
				fprintf(d->out, "%s\n", d->members[k]);
		}
		fputs("}\n}\n", d->out);
	}
}

/* TEXT, which is cut up, in the daemon's language; the caller's to free. */
static char *translate(char *text, size_t *length)
{
	struct draft *d = xcalloc(1, sizeof(*d));
	char *out = NULL, *line, *save = NULL;
	bool bad;

	d->out = open_memstream(&out, length);
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		read_line(d, line);
	close_instance(d);
	put_groups(d);
	fclose(d->out);
	bad = d->bad;
	free(d);
	if (bad)
		fatal("driver", "a word is unknown");
	return out;
}

struct driver {
	const char *path;
	int sock;
	uint32_t generation;
	struct config *config; /* of the last reload, to know names */
};

static void send_conf(struct driver *driver)
{
	static char text[1 << 20];
	struct conf_report report = { .say = conf_report_print };
	struct conf_options options = { .compat = false };
	struct config_text sealed = { .options = &options };
	const struct config_part *part;
	struct conf *conf;
	int file = open(driver->path, O_RDONLY);
	ssize_t got = file < 0 ? -1 : read(file, text, sizeof(text) - 1);
	size_t length;
	char *real;

	if (got < 0)
		fatal("driver", "%s: %s", driver->path, strerror(errno));
	close(file);
	text[got] = '\0';
	config_free(driver->config);
	driver->config = NULL;
	real = translate(text, &length);
	sealed.text = real;
	sealed.length = length;
	if (conf_parse(real, length, &options, &conf, &report) < 0 ||
	    config_new(conf, &sealed, ++driver->generation, NULL,
		       &driver->config) < 0)
		fatal("driver", "%s is no good", driver->path);
	free(real);
	part = &driver->config->parts[CONF_PART_VRRP];
	if (ipc_send(driver->sock, IPC_CONF, driver->generation, &part->message,
		     sizeof(part->message), part->memfd) < 0)
		fatal("driver", "cannot send");
}

static void send_track(struct driver *driver, const char *name, int value)
{
	const struct vrrp_conf *conf = driver->config->conf->vrrp;
	struct ipc_vrrp_track track = { .value = value };

	while (track.tracker < conf->nr_trackers &&
	       strcmp(conf->trackers[track.tracker].name, name) != 0)
		track.tracker++;
	if (track.tracker == conf->nr_trackers)
		fatal("driver", "there is no tracker %s", name);
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
	       driver->config->conf->vrrp->instances[state->instance].name,
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
	for (i = 0; i < VRRP_DEVIATIONS; i++) {
		if (state->deviations[i])
			printf(" {%s}=%llu", vrrp_deviation_name(i),
			       (unsigned long long)state->deviations[i]);
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
		return vrrp_main(fds[1]);
	}
	close(fds[1]);
	driver.sock = fds[0];
	printf("pid %d\n", (int)pid);
	fflush(stdout);
	drive(&driver);
	close(fds[0]);
	waitpid(pid, &status, 0);
	config_free(driver.config);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
