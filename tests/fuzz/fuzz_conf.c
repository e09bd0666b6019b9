/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A configuration as text, markers of conf_read() included. There is a
 * configuration or an error, in both modes; a configuration is whole, and what
 * it prints parses to the same.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
	if (!good)
		abort();
}

static void check_service(const struct conf *conf, uint32_t index)
{
	const struct conf_virtual_server *vs = &conf->virtual_servers[index];
	char text[SERVICE_TEXT_MAX];
	uint32_t i;

	must(vs->name && vs->nr_keys > 0 && vs->sched_word);
	must(memchr(vs->scheduler, '\0', sizeof(vs->scheduler)));
	must(vs->first_server + vs->nr_servers <= conf->nr_servers);
	must(vs->quorum > 0 && vs->hysteresis < vs->quorum);
	must(vs->base_weight > 0 && vs->prefix > 0 && vs->prefix <= 128);
	must(!(vs->flags & ~(uint32_t)SERVICE_FLAGS_ALL));
	for (i = 0; i < vs->nr_keys; i++) {
		must(vs->keys[i].family == AF_INET ||
		     vs->keys[i].family == AF_INET6);
		service_key_format(&vs->keys[i], text);
	}
}

static void check_server(const struct conf *conf, uint32_t index)
{
	const struct conf_server *server = &conf->servers[index];
	const struct conf_virtual_server *vs;
	uint32_t i, check;

	must(server->vs < conf->nr_virtual_servers && server->slow_start);
	vs = &conf->virtual_servers[server->vs];
	must(index >= vs->first_server &&
	     index < vs->first_server + vs->nr_servers);
	must((uint64_t)server->weight * vs->base_weight <= INT32_MAX);
	must(server->pos.file < conf->nr_files);
	for (i = 0; i < server->nr_uses + server->nr_idle_uses; i++) {
		check = server->uses[i].check;
		must(check < conf->nr_checks + conf->nr_idle_checks);
		must((check < conf->nr_checks) == (i < server->nr_uses));
	}
}

static void check_conf(const struct conf *conf)
{
	const struct conf_check *check;
	uint32_t i;

	for (i = 0; i < conf->nr_virtual_servers; i++)
		check_service(conf, i);
	for (i = 0; i < conf->nr_servers; i++)
		check_server(conf, i);
	for (i = 0; i < conf->nr_checks + conf->nr_idle_checks; i++) {
		check = &conf->checks[i];
		must(check->rise > 0 && check->fall > 0 && check->nr_users > 0);
		must(check->delay_loop > 0 && check->timeout > 0);
	}
}

static char *print(const struct conf *conf, size_t *length)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, length);

	conf_print(conf, out);
	fclose(out);
	return text;
}

static void check_again(const struct conf *conf)
{
	struct conf_report report = { 0 };
	size_t length, length2;
	char *once = print(conf, &length), *twice;
	struct conf *again;

	must(conf_parse(once, length, NULL, &again, &report) == 0);
	twice = print(again, &length2);
	must(length == length2 && memcmp(once, twice, length) == 0);
	conf_free(again);
	free(once);
	free(twice);
}

static void say(struct conf_report *report, const struct conf_message *message)
{
	must(message->text);
	must(!message->source || message->line > 0);
	must(!message->line || message->file);
	(void)report;
}

/* Loops of many rounds are bounded, but take their time: not here. */
static bool has_long_loop(const uint8_t *data, size_t size)
{
	size_t i, digits = 0, loops = 0;

	for (i = 0; i < size; i++) {
		loops += data[i] == '~';
		digits = data[i] >= '0' && data[i] <= '9' ? digits + 1 : 0;
		if (loops && (digits > 2 || loops > 2))
			return true;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf_options options = { .config_id = "here" };
	struct conf_report report;
	struct conf *conf;
	int compat, error;

	if (has_long_loop(data, size))
		return -1;
	for (compat = 0; compat < 2; compat++) {
		report = (struct conf_report){ .say = say };
		options.compat = compat;
		error = conf_parse((const char *)data, size, &options, &conf,
				   &report);
		must((error == 0) == (conf != NULL));
		must((error == 0) == (report.errors == 0));
		if (!conf)
			continue;
		check_conf(conf);
		/* What a forged marker names a file is not for printing. */
		if (!memchr(data, 0, size))
			check_again(conf);
		conf_free(conf);
	}
	return 0;
}
