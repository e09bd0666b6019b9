/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Printing checks. */
#include <stdio.h>

#include "conf/conf_print.h"

static void print_mysql(FILE *out, const struct conf_mysql *mysql)
{
	static const char *const roles[] = { "any", "replica", "source" };
	static const char *const clusters[] = { "auto", "none", "galera",
						"group_replication" };
	static const char *const tls[] = { "off", "preferred", "required",
					   "verify_ca", "verify_identity" };
	const char *in = "\t\t\t";

	conf_print_quoted(out, in, "username", mysql->username);
	if (mysql->password)
		fprintf(out, "%spassword ***\n", in);
	conf_print_quoted(out, in, "password_file", mysql->password_file);
	conf_print_quoted(out, in, "database", mysql->database);
	conf_print_quoted(out, in, "query", mysql->query);
	conf_print_quoted(out, in, "expect", mysql->expect);
	fprintf(out, "%srole %s\n", in, roles[mysql->role]);
	conf_print_time(out, in, "max_lag", mysql->max_lag);
	conf_print_time(out, in, "resume_lag", mysql->resume_lag);
	if (mysql->heartbeat)
		fprintf(out, "%slag_source heartbeat \"%s\"\n", in,
			mysql->heartbeat);
	fprintf(out, "%scluster %s\n", in, clusters[mysql->cluster]);
	fprintf(out, "%stls %s\n", in, tls[mysql->tls]);
	conf_print_quoted(out, in, "tls_ca", mysql->tls_ca);
	conf_print_quoted(out, in, "tls_cert", mysql->tls_cert);
	conf_print_quoted(out, in, "tls_key", mysql->tls_key);
	conf_print_quoted(out, in, "server_public_key",
			  mysql->server_public_key);
	if (mysql->fallback_port)
		fprintf(out, "%sfallback_port %u\n", in, mysql->fallback_port);
	fprintf(out, "%sfresh_login %u\n", in, mysql->fresh_login);
}

static void print_ranges(FILE *out, const char *indent, const char *word,
			 const struct conf_range *ranges, size_t nr)
{
	size_t i;

	if (nr == 0)
		return;
	fprintf(out, "%s%s", indent, word);
	for (i = 0; i < nr; i++)
		fprintf(out, " %u-%u", ranges[i].first, ranges[i].last);
	fputc('\n', out);
}

static void print_http(FILE *out, const struct conf_http *http)
{
	const char *in = "\t\t\t\t";
	const struct conf_url *url;
	size_t i;

	for (i = 0; i < http->nr_urls; i++) {
		url = &http->urls[i];
		fputs("\t\t\turl {\n", out);
		conf_print_quoted(out, in, "path", url->path);
		conf_print_quoted(out, in, "digest", url->digest);
		conf_print_quoted(out, in, "virtualhost", url->virtualhost);
		if (url->regex) {
			fprintf(out, "%sregex ", in);
			fputc('"', out);
			conf_print_escaped(out, url->regex);
			fputc('"', out);
			fputc('\n', out);
		}
		if (url->regex_no_match)
			fprintf(out, "%sregex_no_match\n", in);
		print_ranges(out, in, "status_code", url->status,
			     url->nr_status);
		fputs("\t\t\t}\n", out);
	}
	print_ranges(out, "\t\t\t", "drain_code", http->drain, http->nr_drain);
	conf_print_quoted(out, "\t\t\t", "virtualhost", http->virtualhost);
	fprintf(out, "\t\t\thttp_protocol %s\n", http->http11 ? "1.1" : "1.0");
	if (http->enable_sni)
		fputs("\t\t\tenable_sni\n", out);
	if (http->fast_recovery)
		fputs("\t\t\tfast_recovery\n", out);
}

static void print_target(FILE *out, const struct conf_check *check)
{
	char text[ADDR_TEXT_MAX];

	fprintf(out, "\t\t\tconnect_ip %s\n",
		addr_format(&check->dst.addr, text));
	if (check->dst.port)
		fprintf(out, "\t\t\tconnect_port %u\n", check->dst.port);
	if (addr_is_set(&check->bind.addr))
		fprintf(out, "\t\t\tbindto %s\n",
			addr_format(&check->bind.addr, text));
	if (check->bind.port)
		fprintf(out, "\t\t\tbind_port %u\n", check->bind.port);
	conf_print_quoted(out, "\t\t\t", "bind_if", check->bind_if);
	if (check->fwmark)
		fprintf(out, "\t\t\tfwmark %u\n", check->fwmark);
}

/* The keywords of the kind; the others are common. */
static void print_kind(FILE *out, const struct conf_check *check)
{
	const char *in = "\t\t\t";

	switch (check->kind) {
	case CHECK_TCP:
	case CHECK_SMTP:
	case CHECK_DNS:
	case CHECK_UDP:
	case CHECK_PING:
	case CHECK_BFD:
	case CHECK_FILE:
		conf_print_time(out, in, "connect_timeout", check->timeout);
		break;
	case CHECK_MYSQL:
		print_mysql(out, check->mysql);
		conf_print_time(out, in, "timeout", check->timeout);
		break;
	case CHECK_HTTP:
	case CHECK_SSL:
		print_http(out, check->http);
		conf_print_time(out, in, "connect_timeout", check->timeout);
		break;
	case CHECK_MISC:
		fprintf(out, "%smisc_path ", in);
		conf_print_command(out, &check->misc->script);
		fputc('\n', out);
		conf_print_user(out, in, "user", check->misc->script.user,
				check->misc->script.group);
		conf_print_time(out, in, "misc_timeout", check->timeout);
		if (check->misc->dynamic)
			fprintf(out, "%smisc_dynamic\n", in);
		break;
	case CHECK_KINDS:
		break;
	}
}

void conf_print_check(FILE *out, const struct conf_check *check, bool alpha)
{
	const char *in = "\t\t\t";

	fprintf(out, "\t\t%s {\n", check_kind_name(check->kind));
	/* BFD_CHECK and FILE_CHECK have next to no words. */
	if (check->kind == CHECK_BFD || check->kind == CHECK_FILE) {
		fputs("\t\t}\n", out);
		return;
	}
	if (check->kind != CHECK_MISC)
		print_target(out, check);
	print_kind(out, check);
	conf_print_time(out, in, "delay_loop", check->delay_loop);
	conf_print_time(out, in, "delay_before_retry",
			check->delay_before_retry);
	conf_print_time(out, in, "warmup", check->warmup);
	fprintf(out, "%srise %u\n%sfall %u\n", in, check->rise, in,
		check->fall);
	fprintf(out, "%salpha %s\n", in, alpha ? "on" : "off");
	if (check->log_all_failures)
		fprintf(out, "%slog_all_failures on\n", in);
	fputs("\t\t}\n", out);
}
