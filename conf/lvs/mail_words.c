/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of global_defs about mail, and smtp_alert, which stands in many
 * blocks. Addresses and names become lines of SMTP and of a header, so a byte
 * that ends such a line or a part of it is refused here.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "conf/lang/print_value.h"
#include "conf/vrrp/vrrp_blocks.h"
#include "lib/mail_ipc.h"
#include "lib/text.h"

#define MAIL(member)                                   \
	.offset = offsetof(struct conf_global, mail) + \
		  offsetof(struct conf_mail, member),  \
	.kept = CONF_KEPT(struct conf_mail, member)

#define MAIL_PORT 25
/* All addresses together, with their line ends. */
#define MAIL_TO_MAX (IPC_MAIL_TO_MAX * IPC_MAIL_NAME_MAX)

static bool mail_words_is_address(const struct conf_word *word)
{
	uint32_t i;

	for (i = 0; i < word->len; i++)
		if (word->text[i] <= ' ' || word->text[i] > '~' ||
		    strchr("<>()[],;:\\\"", word->text[i]))
			return false;
	return word->len > 0 && word->len < IPC_MAIL_NAME_MAX &&
	       word->text[0] != '@' && word->text[word->len - 1] != '@';
}

static bool mail_words_is_host(const struct conf_word *word)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789.-_";
	uint32_t i;

	for (i = 0; i < word->len; i++)
		if (!memchr(allowed, word->text[i], sizeof(allowed) - 1))
			return false;
	return word->len > 0 && word->len < IPC_MAIL_NAME_MAX &&
	       word->text[0] != '-' && word->text[0] != '.';
}

static bool mail_words_has(const char *lines, const struct conf_word *word)
{
	size_t length;

	for (; *lines; lines += length + (lines[length] != '\0')) {
		length = strcspn(lines, "\n");
		if (conf_word_is(word, lines, length))
			return true;
	}
	return false;
}

/* A block of addresses, as many a line as one likes; several blocks add up. */
static void mail_words_bind_to(struct conf_ctx *ctx,
			       const struct conf_keyword *kw,
			       const struct conf_node *node, void *target)
{
	struct conf_mail *mail = &((struct conf_global *)target)->mail;
	char lines[MAIL_TO_MAX];
	struct text text = text_in(lines, sizeof(lines));
	const struct conf_word *word;
	const struct conf_node *line;
	uint32_t i, w, count = 0;

	text_add(&text, "%s", mail->to ? mail->to : "");
	for (i = 0; lines[i]; i++)
		count += lines[i] == '\n';
	conf_for_each(ctx, node, i)
	{
		line = &ctx->nodes[i];
		for (w = 0; w < line->nr_words; w++) {
			word = conf_word(ctx, line, w);
			if (!mail_words_is_address(word))
				conf_bad_value(ctx, kw, line, w,
					       "a mail address");
			else if (count == IPC_MAIL_TO_MAX)
				conf_bad_value(ctx, kw, line, w,
					       "one of 40 addresses at most");
			else if (!mail_words_has(lines, word)) {
				text_add(&text, "%.*s\n", (int)word->len,
					 word->text);
				count++;
			}
		}
	}
	if (count > 0)
		mail->to = conf_string(ctx, lines, text.used);
	ctx->draft->mail_to = node;
}

static void mail_words_print_to(FILE *out, const char *indent,
				const struct conf_keyword *kw,
				const void *member)
{
	const char *at = *(const char *const *)member;
	size_t length;

	if (!at)
		return;
	fprintf(out, "%s%s {\n", indent, kw->name);
	for (; *at; at += length + 1) {
		length = strcspn(at, "\n");
		fprintf(out, "%s\t\"%.*s\"\n", indent, (int)length, at);
	}
	fprintf(out, "%s}\n", indent);
}

static const struct conf_type mail_words_to = {
	.bind = mail_words_bind_to,
	.print = mail_words_print_to,
	.equal = conf_equal_string,
};

static void mail_words_bind_from(struct conf_ctx *ctx,
				 const struct conf_keyword *kw,
				 const struct conf_node *node, void *target)
{
	if (mail_words_is_address(conf_word(ctx, node, 1)))
		conf_bind_string(ctx, kw, node, target);
	else
		conf_bad_value(ctx, kw, node, 1, "a mail address");
}

static void mail_words_bind_helo(struct conf_ctx *ctx,
				 const struct conf_keyword *kw,
				 const struct conf_node *node, void *target)
{
	if (mail_words_is_host(conf_word(ctx, node, 1)))
		conf_bind_string(ctx, kw, node, target);
	else
		conf_bad_value(ctx, kw, node, 1, "the name of a host");
}

/* "HOST [PORT]" */
static void mail_words_bind_server(struct conf_ctx *ctx,
				   const struct conf_keyword *kw,
				   const struct conf_node *node, void *target)
{
	struct conf_mail *mail = &((struct conf_global *)target)->mail;
	const struct conf_word *host = conf_word(ctx, node, 1);
	uint16_t port = MAIL_PORT;
	struct addr addr;

	if (!conf_get_addr(host, &addr) && !mail_words_is_host(host)) {
		conf_bad_value(ctx, kw, node, 1,
			       "the name or the address of a host");
		return;
	}
	if (node->nr_words > 2 &&
	    (!conf_get_port(conf_word(ctx, node, 2), &port) || port == 0)) {
		conf_bad_value(ctx, kw, node, 2, "a port from 1 to 65535");
		return;
	}
	mail->server = conf_string(ctx, host->text, host->len);
	mail->port = port;
	ctx->draft->mail_server = node;
}

static void mail_words_print_server(FILE *out, const char *indent,
				    const struct conf_keyword *kw,
				    const void *member)
{
	const struct conf_mail *mail = member;

	if (mail->server)
		fprintf(out, "%s%s \"%s\" %u\n", indent, kw->name, mail->server,
			mail->port);
}

static bool mail_words_equal_server(const void *a, const void *b)
{
	const struct conf_mail *x = a, *y = b;

	return str_equal(x->server, y->server) && x->port == y->port;
}

static const struct conf_type mail_words_server = {
	.bind = mail_words_bind_server,
	.print = mail_words_print_server,
	.equal = mail_words_equal_server,
};

static void mail_words_bind_checker_emails(struct conf_ctx *ctx,
					   const struct conf_keyword *kw,
					   const struct conf_node *node,
					   void *target)
{
	bool off;

	(void)target;
	if (node->nr_words > 1 && !conf_get_bool(conf_word(ctx, node, 1), &off))
		conf_bad_value(ctx, kw, node, 1,
			       "on, off, true, false, yes or no");
}

/* "email_faults": the opposite of no_email_faults. */
static void mail_words_bind_faults(struct conf_ctx *ctx,
				   const struct conf_keyword *kw,
				   const struct conf_node *node, void *target)
{
	bool *no_faults = (void *)((char *)target + kw->offset);

	conf_bind_bool(ctx, kw, node, target);
	*no_faults = !*no_faults;
}

void conf_bind_smtp_alert(struct conf_ctx *ctx, const struct conf_keyword *kw,
			  const struct conf_node *node, void *target)
{
	int8_t *alert = (void *)((char *)target + kw->offset);

	conf_bind_maybe(ctx, kw, node, target);
	if (*alert > 0 && !ctx->draft->mail_alert)
		ctx->draft->mail_alert = node;
}

#define MAIL_ALERT(word, member)                                           \
	{                                                                  \
		(word), conf_bind_smtp_alert,                              \
			.most = 1, .type = &conf_type_maybe, MAIL(member), \
			.preset = CONF_UNSET                               \
	}

static const struct conf_keyword mail_keywords[] = {
	{ "notification_email", .type = &mail_words_to,
	  .kept = CONF_KEPT(struct conf_mail, to),
	  .flags = KW_BLOCK | KW_VALUES | KW_REPEAT },
	{ "notification_email_from", mail_words_bind_from,
	  .type = &conf_type_string, MAIL(from), .least = 1, .most = 1 },
	{ "smtp_server", .type = &mail_words_server, .kept = CONF_KEPT_WHOLE,
	  .least = 1, .most = 2 },
	{ "smtp_helo_name", mail_words_bind_helo, .type = &conf_type_string,
	  MAIL(helo), .least = 1, .most = 1 },
	{ "smtp_connect_timeout", .type = &conf_type_time, MAIL(timeout),
	  .preset = CONF_UNSET, .least = 1, .most = 1, .min = TIME_MIN,
	  .max = TIME_MAX },
	MAIL_ALERT("smtp_alert", alert),
	MAIL_ALERT("smtp_alert_vrrp", alert_vrrp),
	MAIL_ALERT("smtp_alert_checker", alert_checker),
	{ "no_email_faults", .type = &conf_type_flag, MAIL(no_faults),
	  .most = 1 },
	{ "email_faults", mail_words_bind_faults, MAIL(no_faults), .most = 1,
	  .same = "no_email_faults" },
	/* No more than evenkeel does already: a mail is about a server, not a check. */
	{ "no_checker_emails", mail_words_bind_checker_emails, .most = 1 },
};

const struct conf_block conf_block_mail = CONF_BLOCK(
	BLOCK_MAIL, "global_defs", mail_keywords, &conf_block_process);

bool conf_mail_wanted(const struct conf_mail *mail, enum conf_mail_about about,
		      int8_t alert)
{
	if (alert < 0)
		alert = about == CONF_MAIL_VRRP ? mail->alert_vrrp :
						  mail->alert_checker;
	if (alert < 0)
		alert = mail->alert;
	return alert < 0 ? about == CONF_MAIL_SERVER : alert > 0;
}

void conf_sane_mail(struct conf_ctx *ctx)
{
	const struct conf_draft *draft = ctx->draft;
	const struct conf_mail *mail = &ctx->conf->global.mail;

	if (mail->to && !mail->server)
		conf_say(
			ctx, CLASS_WARNING, draft->mail_to, 0,
			"no mail is sent: 'smtp_server' does not say to which host");
	else if (mail->server && !mail->to)
		conf_say(
			ctx, CLASS_WARNING, draft->mail_server, 0,
			"no mail is sent: 'notification_email' does not say to whom");
	else if (draft->mail_alert && !mail->server)
		conf_say(
			ctx, CLASS_WARNING, draft->mail_alert, 0,
			"no mail is sent: global_defs has neither 'smtp_server' nor 'notification_email'");
}
