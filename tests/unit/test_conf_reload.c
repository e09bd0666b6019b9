/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random histories of one file. Main is played by config_new(), which says
 * which part of the file is news for which child; each child keeps what it was
 * given last. After every reload the view of the children must be that of a
 * child that has just parsed the last file; the view is printed here member by
 * member, by no means of the comparison under test.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf_print.h"
#include "conf/sealed.h"
#include "conf/vrrp_conf.h"
#include "conf_world.h"

#define SERVICES 3
#define SERVERS 8 /* of a service */
#define INSTANCES 3
#define KINDS 9 /* of checks, none included */

struct server {
	unsigned addr, port, weight, kind, timing, warmup, params, secret;
	unsigned target;
};

struct service {
	unsigned addr, delay, nr_servers;
	struct server servers[SERVERS];
};

struct instance {
	unsigned addr, priority, secret, interval, track, garp;
};

/* The file to be, which the edits change. */
struct file {
	unsigned nr_services, nr_instances, user, startup, comment, notify;
	bool variable; /* passwords stand in a definition */
	struct service services[SERVICES];
	struct instance instances[INSTANCES];
};

struct child {
	struct conf *conf;
	uint32_t generation; /* as its messages to main would say */
	unsigned told;
};

static uint64_t dice;

static unsigned roll(unsigned sides)
{
	dice = dice * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(dice >> 33) % sides;
}

/* The words of the kinds that ask a single question. */
static void write_question(FILE *out, const struct server *server)
{
	static const char *const types[] = { "A", "MX", "TXT" };

	if (server->kind == 5)
		fprintf(out, "payload 0%u\nrequire_reply 0%u\n", server->params,
			server->secret);
	if (server->kind == 7)
		fprintf(out, "helo_name h%u\n", server->params);
	if (server->kind == 7 && server->secret)
		fprintf(out, "host {\nconnect_port %u\n}\n",
			25 + server->secret);
	if (server->kind == 8)
		fprintf(out, "type %s\nname n%u\n", types[server->params],
			server->secret);
}

static void write_check(FILE *out, const struct file *file,
			const struct server *server)
{
	static const char *const kinds[] = {
		"",	      "TCP_CHECK",  "MYSQL_CHECK",
		"HTTP_GET",   "MISC_CHECK", "UDP_CHECK",
		"PING_CHECK", "SMTP_CHECK", "DNS_CHECK"
	};

	if (server->kind == 0)
		return;
	fprintf(out, "%s {\n", kinds[server->kind]);
	if (server->kind == 2 && file->variable)
		fprintf(out, "username u%u\npassword $P%u\n", server->params,
			server->secret);
	else if (server->kind == 2)
		fprintf(out, "username u%u\npassword s%u\n", server->params,
			server->secret);
	if (server->kind == 3)
		fprintf(out, "url {\npath /%u\nstatus_code %u\n}\n",
			server->params, 200 + server->secret);
	if (server->kind == 4)
		fprintf(out, "misc_path \"/bin/true %u\"\nmisc_timeout %u\n",
			server->params, 1 + server->secret);
	write_question(out, server);
	if (server->kind != 4 && server->target > 1)
		fprintf(out, "connect_ip 10.0.3.%u\nfwmark %u\n",
			server->target, server->target % 3);
	if (server->timing)
		fprintf(out, "delay_loop %u\nrise %u\nfall %u\n",
			server->timing, 1 + server->timing % 2,
			1 + server->timing % 3);
	fprintf(out, "warmup %u\n", server->warmup);
	fprintf(out, "}\n");
}

static void write_service(FILE *out, const struct file *file,
			  const struct service *service)
{
	unsigned i;

	fprintf(out,
		"virtual_server 10.0.0.%u 3306 {\nlvs_sched rr\nlvs_method "
		"NAT\nprotocol TCP\ndelay_loop %u\n",
		service->addr, service->delay);
	for (i = 0; i < service->nr_servers; i++) {
		fprintf(out, "real_server 10.0.1.%u %u {\nweight %u\n",
			service->servers[i].addr, service->servers[i].port,
			service->servers[i].weight);
		write_check(out, file, &service->servers[i]);
		fprintf(out, "}\n");
	}
	fprintf(out, "}\n");
}

static void write_instance(FILE *out, const struct file *file,
			   const struct instance *instance, unsigned i)
{
	fprintf(out,
		"vrrp_instance V%u {\ninterface lo\nvirtual_router_id %u\n"
		"version 2\npriority %u\nadvert_int %u\ngarp_master_repeat %u\n"
		"authentication {\nauth_type PASS\nauth_pass a%u\n}\n"
		"virtual_ipaddress {\n10.0.2.%u\n}\n",
		i, i + 1, instance->priority, instance->interval,
		instance->garp, instance->secret, instance->addr);
	if (instance->track)
		fprintf(out, "track_file {\nf weight %u\n}\n", instance->track);
	if (file->notify)
		fprintf(out, "notify /bin/true%u\n", file->notify);
	fprintf(out, "}\n");
}

/* The caller's to free. */
static char *write_file(const struct file *file)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	unsigned i;

	for (i = 0; i < file->comment; i++)
		fprintf(out, "# a line more\n");
	for (i = 0; file->variable && i < 4; i++)
		fprintf(out, "$P%u=s%u\n", i, i);
	fprintf(out,
		"global_defs {\nchecker_user u%u\nvrrp_startup_delay %u\n}\n",
		file->user, file->startup);
	fprintf(out, "vrrp_track_file f {\nfile /tmp/f\n}\n");
	for (i = 0; i < file->nr_services; i++)
		write_service(out, file, &file->services[i]);
	for (i = 0; i < file->nr_instances; i++)
		write_instance(out, file, &file->instances[i], i);
	fclose(out);
	return text;
}

/* The edits; a weight, as the most frequent one, has the most numbers. */
static void edit_server(struct server *server)
{
	switch (roll(12)) {
	case 0:
		server->port = 3306 + roll(3);
		break;
	case 1:
		server->kind = roll(KINDS);
		break;
	case 2:
		server->timing = roll(4);
		break;
	case 3:
		server->params = roll(3);
		break;
	case 4:
		server->secret = roll(4);
		break;
	case 5:
		server->target = roll(4);
		break;
	case 6:
		server->warmup = roll(3);
		break;
	default:
		server->weight = roll(9);
	}
}

static void edit_service(struct service *service)
{
	struct server moved;
	unsigned i, k;

	switch (roll(8)) {
	case 0:
		service->delay = 1 + roll(3);
		break;
	case 1: /* a server more, perhaps with the check of another */
		if (service->nr_servers == SERVERS)
			break;
		i = service->nr_servers++;
		service->servers[i] = service->servers[roll(i + 1)];
		service->servers[i].addr = service->servers[0].addr + i;
		break;
	case 2:
		if (service->nr_servers > 1)
			service->nr_servers--;
		break;
	case 3:
		i = roll(service->nr_servers);
		k = roll(service->nr_servers);
		moved = service->servers[i];
		service->servers[i] = service->servers[k];
		service->servers[k] = moved;
		break;
	default:
		edit_server(&service->servers[roll(service->nr_servers)]);
	}
}

static void edit_instance(struct instance *instance)
{
	switch (roll(6)) {
	case 0:
		instance->addr = 1 + roll(9);
		break;
	case 1:
		instance->priority = 90 + roll(9);
		break;
	case 2:
		instance->secret = roll(9);
		break;
	case 3:
		instance->interval = 1 + roll(2);
		break;
	case 4:
		instance->track = roll(3);
		break;
	case 5:
		instance->garp = 1 + roll(3);
		break;
	}
}

static void edit_file(struct file *file)
{
	switch (roll(16)) {
	case 0:
		file->user = roll(3);
		break;
	case 1:
		file->startup = roll(3);
		break;
	case 2:
		file->comment = roll(5);
		break;
	case 3:
		file->notify = roll(3);
		break;
	case 4:
		file->variable = !file->variable;
		break;
	case 5:
		file->nr_services = roll(SERVICES + 1);
		break;
	case 6:
		file->nr_instances = roll(INSTANCES + 1);
		break;
	case 7:
	case 8:
	case 9:
		edit_instance(&file->instances[roll(INSTANCES)]);
		break;
	default:
		edit_service(&file->services[roll(SERVICES)]);
	}
}

static void start_file(struct file *file)
{
	unsigned i, k;

	*file = (struct file){ .nr_services = SERVICES, .nr_instances = 1 };
	for (i = 0; i < SERVICES; i++) {
		file->services[i] = (struct service){ .addr = i + 1,
						      .delay = 1,
						      .nr_servers = 4 };
		for (k = 0; k < SERVERS; k++)
			file->services[i].servers[k] =
				(struct server){ .addr = 1 + i * 20 + k,
						 .port = 3306,
						 .kind = roll(KINDS) };
	}
	for (i = 0; i < INSTANCES; i++)
		file->instances[i] = (struct instance){ .addr = 1 + i * 10,
							.priority = 90,
							.interval = 1,
							.garp = 1 };
}

/* Everything that the checker reads of a check, the secrets as they are. */
static void print_checks(FILE *out, const struct conf *conf)
{
	char room[ENDPOINT_TEXT_MAX];
	uint32_t i;

	for (i = 0; i < conf->nr_checks; i++) {
		const struct conf_check *check = &conf->checks[i];

		fprintf(out, "%u: %s, %lld %lld %lld %lld, %u %u %d, mark %u\n",
			i, conf_check_target(check, room),
			(long long)check->timeout, (long long)check->delay_loop,
			(long long)check->delay_before_retry,
			(long long)check->warmup, check->rise, check->fall,
			check->log_all_failures, check->fwmark);
		conf_print_check(out, check, false);
		if (check->kind == CHECK_MYSQL)
			fprintf(out, "secret %s\n", check->mysql->password);
	}
}

/* The blocks of VRRP; what stands in global_defs is resolved into them. */
static void print_vrrp(FILE *out, const struct conf *conf)
{
	char *text = NULL;
	size_t length;
	FILE *blocks = open_memstream(&text, &length);
	const char *line, *end;
	uint32_t i;

	conf_print_vrrp(blocks, conf);
	fclose(blocks);
	/* Scripts are main's. */
	for (line = text; (end = strchr(line, '\n')); line = end + 1) {
		if (!memmem(line, (size_t)(end - line), "notify", 6))
			fprintf(out, "%.*s\n", (int)(end - line), line);
	}
	free(text);
	fprintf(out, "delay %lld\n", (long long)conf->vrrp->startup_delay);
	for (i = 0; i < conf->vrrp->nr_instances; i++)
		fprintf(out, "%s %.8s\n", conf->vrrp->instances[i].name,
			(const char *)conf->vrrp->instances[i].auth_data);
}

static char *view(const struct conf *conf, enum conf_part part)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	cr_assert_not_null(conf);
	if (part == CONF_PART_CHECKS)
		print_checks(out, conf);
	else
		print_vrrp(out, conf);
	fclose(out);
	return text;
}

/* A child takes PART of CONFIG, as after a start. */
static void tell(struct child *child, const struct config *config,
		 enum conf_part part)
{
	static struct ipc_message msg;
	const struct config_part *sent = &config->parts[part];

	msg.header = (struct ipc_header){ IPC_CONF, config->generation };
	msg.length = sizeof(sent->message);
	memcpy(msg.body, &sent->message, sizeof(sent->message));
	msg.fd = sent->memfd;
	conf_free(child->conf);
	cr_assert_eq(conf_from_message(&msg, part, &child->conf), 0);
	child->generation = config->generation;
	child->told++;
}

/* The view of CHILD is that of a child that parses TEXT itself. */
static void compare(const struct child *child, const char *text,
		    enum conf_part part, unsigned seed, unsigned step)
{
	struct conf_options options = { .checks_only = part == CONF_PART_CHECKS,
					.vrrp_only = part == CONF_PART_VRRP,
					.compat = true };
	struct conf_report report = { .say = NULL };
	char *has, *should;
	struct conf *fresh;

	cr_assert_eq(conf_parse(text, strlen(text), &options, &fresh, &report),
		     0);
	has = view(child->conf, part);
	should = view(fresh, part);
	cr_assert_str_eq(has, should, "seed %u, step %u, part %d:\n%s", seed,
			 step, part, text);
	free(has);
	free(should);
	conf_free(fresh);
}

static struct config *load(const char *text, const struct config *before)
{
	struct conf_options options = { .compat = true };
	struct config_text sealed = { text, strlen(text), &options };
	struct conf_report report = { .say = NULL };
	struct config *config;
	struct conf *conf;

	cr_assert_eq(conf_parse(text, strlen(text), &options, &conf, &report),
		     0, "%s", text);
	cr_assert_eq(config_new(conf, &sealed,
				before ? before->generation + 1 : 1, before,
				&config),
		     0);
	return config;
}

static void history(unsigned seed, unsigned steps, struct child *children)
{
	struct config *config = NULL, *before;
	enum conf_part part;
	struct file file;
	unsigned step;
	char *text;

	dice = seed;
	start_file(&file);
	for (step = 0; step < steps; step++) {
		text = write_file(&file);
		before = config;
		config = load(text, before);
		for (part = 0; part < CONF_PARTS; part++) {
			/* Now and then one is killed, and another started. */
			if (!config_keeps(before, config, part) ||
			    roll(50) == 0)
				tell(&children[part], config, part);
			compare(&children[part], text, part, seed, step);
			cr_assert_leq(config->parts[part].since,
				      children[part].generation);
		}
		config_free(before);
		free(text);
		edit_file(&file);
	}
	config_free(config);
}

Test(conf_reload, children_see_the_last_file)
{
	unsigned seed, steps = 250, told = 0;
	enum conf_part part;

	for (seed = 1; seed <= 8; seed++) {
		struct child children[CONF_PARTS] = { 0 };

		history(seed, steps, children);
		for (part = 0; part < CONF_PARTS; part++) {
			told += children[part].told;
			conf_free(children[part].conf);
		}
	}
	/* Most reloads are no news for a child; some are. */
	cr_expect_lt(told, CONF_PARTS * 8 * steps / 2);
	cr_expect_gt(told, CONF_PARTS * 8 * steps / 20);
}

/* Each edit by itself, and whose news it is. */
Test(conf_reload, whose_news_an_edit_is)
{
	struct config *config, *next;
	struct file file;
	char *text;
	bool news[CONF_PARTS];
	unsigned i;

	for (i = 0; i < 7; i++) {
		dice = 1;
		start_file(&file);
		file.services[0].servers[0].kind = 2;
		text = write_file(&file);
		config = load(text, NULL);
		free(text);
		news[CONF_PART_CHECKS] = i == 2 || i == 3 || i == 6;
		news[CONF_PART_VRRP] = i == 4 || i == 5;
		file.services[0].servers[0].weight += i == 0;
		file.comment += i == 1;
		file.services[0].servers[0].secret += i == 2;
		file.services[0].servers[0].kind -= i == 3;
		file.instances[0].secret += i == 4;
		file.startup += i == 5;
		file.services[0].servers[0].warmup += i == 6;
		text = write_file(&file);
		next = load(text, config);
		free(text);
		cr_expect_eq(config_keeps(config, next, CONF_PART_CHECKS),
			     !news[CONF_PART_CHECKS], "edit %u", i);
		cr_expect_eq(config_keeps(config, next, CONF_PART_VRRP),
			     !news[CONF_PART_VRRP], "edit %u", i);
		config_free(config);
		config_free(next);
	}
}
