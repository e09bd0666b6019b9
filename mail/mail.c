/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libcurl waits for the server and for main in one place, so that a server that
 * stands still never keeps us from answering main. The whole of a letter has a
 * deadline, which no server can move by sending a byte now and then.
 */
#include "mail/mail.h"

#include <curl/curl.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "confine/confine.h"
#include "lib/ipc.h"
#include "lib/log.h"
#include "lib/mail_ipc.h"
#include "mail/letter.h"

/* How long we sleep at most; main and the server wake us before. */
#define MAIL_SLEEP_MS 1000
/* A letter may take so many connect timeouts. */
#define MAIL_DEADLINES 2
/* A server that says more than this is not asked again. */
#define MAIL_REPLIES_MAX 1000

struct mail {
	int sock; /* to main */
	bool ended; /* main is gone */
	CURLM *multi;
	CURL *curl; /* its connection is used again for the next letter */
	bool sending;
	struct ipc_mail_conf conf;
	struct ipc_mail_letter letter;
	struct curl_slist *to;
	char *text; /* of the letter; the part from AT on is not sent yet */
	size_t length, at;
	unsigned replies; /* lines */
	int last; /* code of the last reply */
	bool accepted; /* the server has answered our name well */
	uint32_t refused; /* replies that are errors */
	char reply[IPC_MAIL_WHY_MAX]; /* the last of these */
	char error[CURL_ERROR_SIZE];
	struct ipc_message message; /* large, so not on a stack */
};

static size_t mail_read(char *out, size_t size, size_t count, void *arg)
{
	struct mail *mail = arg;
	size_t length = mail->length - mail->at;

	if (length > size * count)
		length = size * count;
	memcpy(out, mail->text + mail->at, length);
	mail->at += length;
	return length;
}

/*
 * A line of the server's. An error behind the greeting is the answer to EHLO of a
 * server that knows HELO alone, which libcurl tries then.
 */
static size_t mail_reply(char *line, size_t size, size_t count, void *arg)
{
	struct mail *mail = arg;
	size_t length = size * count;
	int code = 0, i;

	if (++mail->replies > MAIL_REPLIES_MAX)
		return 0;
	if (length < 4 || line[3] == '-')
		return length;
	for (i = 0; i < 3; i++) {
		if (line[i] < '0' || line[i] > '9')
			return length;
		code = 10 * code + line[i] - '0';
	}
	if (code >= 400 && mail->last != 220) {
		mail->refused++;
		while (length > 0 && (unsigned char)line[length - 1] <= ' ')
			length--;
		text_copy_printable(mail->reply, sizeof(mail->reply), line,
				    length);
	}
	if (code == 250)
		mail->accepted = true;
	mail->last = code;
	return size * count;
}

/* Only replies are received. */
static size_t mail_drop(char *bytes, size_t size, size_t count, void *arg)
{
	return size * count;
}

static void mail_tell(struct mail *mail, enum ipc_mail_how how, const char *why)
{
	struct ipc_mail_done done = { .number = mail->letter.number,
				      .how = how,
				      .refused = how == IPC_MAIL_SENT ?
							 mail->refused :
							 0 };

	text_copy_printable(done.why, sizeof(done.why), why, strlen(why));
	/* A main that does not hear it sends the letter again. */
	if (ipc_send(mail->sock, IPC_MAIL_DONE, 0, &done, sizeof(done), -1) < 0)
		mail->ended = true;
}

static void mail_finish(struct mail *mail)
{
	curl_multi_remove_handle(mail->multi, mail->curl);
	curl_slist_free_all(mail->to);
	mail->to = NULL;
	free(mail->text);
	mail->text = NULL;
	mail->sending = false;
}

/*
 * 5xx: the same letter would be refused again (RFC 5321, 4.2.1). To a greeting or
 * to our name it is no word on the letter: servers that are full or being changed
 * say so to everybody. A connection that is used again has neither.
 */
static bool mail_is_refused(const struct mail *mail)
{
	long code = 0, connects = 0;

	curl_easy_getinfo(mail->curl, CURLINFO_RESPONSE_CODE, &code);
	curl_easy_getinfo(mail->curl, CURLINFO_NUM_CONNECTS, &connects);
	return code >= 500 && code < 600 && mail->reply[0] &&
	       (connects == 0 || mail->accepted);
}

static void mail_ended(struct mail *mail, CURLcode result)
{
	char why[CURL_ERROR_SIZE + IPC_MAIL_WHY_MAX + 8];
	bool refused = mail_is_refused(mail);

	mail_finish(mail);
	if (result == CURLE_OK) {
		mail_tell(mail, IPC_MAIL_SENT, mail->reply);
		return;
	}
	snprintf(why, sizeof(why), "%s%s%s", mail->reply,
		 mail->reply[0] ? ": " : "",
		 mail->error[0] ? mail->error : curl_easy_strerror(result));
	mail_tell(mail, refused ? IPC_MAIL_NEVER : IPC_MAIL_LATER, why);
}

static void mail_hear_curl(struct mail *mail)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(mail->multi, &left)))
		if (msg->msg == CURLMSG_DONE && mail->sending)
			mail_ended(mail, msg->data.result);
}

/* "smtp://HOST:PORT/NAME": the path is the name that we say. */
static void mail_set_url(struct mail *mail)
{
	const struct ipc_mail_conf *conf = &mail->conf;
	bool v6 = strchr(conf->server, ':') != NULL;
	char url[2 * IPC_MAIL_NAME_MAX + 32];

	snprintf(url, sizeof(url), "smtp://%s%s%s:%u/%s", v6 ? "[" : "",
		 conf->server, v6 ? "]" : "", conf->port, conf->helo);
	curl_easy_setopt(mail->curl, CURLOPT_URL, url);
}

static void mail_set_people(struct mail *mail)
{
	char address[IPC_MAIL_NAME_MAX + 2];
	struct curl_slist *longer;
	uint32_t i;

	snprintf(address, sizeof(address), "<%s>", mail->conf.from);
	curl_easy_setopt(mail->curl, CURLOPT_MAIL_FROM, address);
	for (i = 0; i < mail->conf.nr_to; i++) {
		snprintf(address, sizeof(address), "<%s>", mail->conf.to[i]);
		longer = curl_slist_append(mail->to, address);
		if (!longer)
			fatal("mail", "out of memory");
		mail->to = longer;
	}
	curl_easy_setopt(mail->curl, CURLOPT_MAIL_RCPT, mail->to);
	/* Recipients whom the server knows get the letter all the same. */
	curl_easy_setopt(mail->curl, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
}

static void mail_set_options(struct mail *mail)
{
	long timeout = (long)(mail->conf.timeout / USEC_PER_MSEC) + 1;

	mail_set_url(mail);
	mail_set_people(mail);
	curl_easy_setopt(mail->curl, CURLOPT_PROTOCOLS_STR, "smtp");
	curl_easy_setopt(mail->curl, CURLOPT_PROXY, "");
	curl_easy_setopt(mail->curl, CURLOPT_NOSIGNAL, 1L);
	/* A name server that is silent must not keep us either. */
	curl_easy_setopt(mail->curl, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(mail->curl, CURLOPT_CONNECTTIMEOUT_MS, timeout);
	curl_easy_setopt(mail->curl, CURLOPT_TIMEOUT_MS,
			 MAIL_DEADLINES * timeout);
	curl_easy_setopt(mail->curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(mail->curl, CURLOPT_READFUNCTION, mail_read);
	curl_easy_setopt(mail->curl, CURLOPT_READDATA, mail);
	curl_easy_setopt(mail->curl, CURLOPT_HEADERFUNCTION, mail_reply);
	curl_easy_setopt(mail->curl, CURLOPT_HEADERDATA, mail);
	curl_easy_setopt(mail->curl, CURLOPT_WRITEFUNCTION, mail_drop);
	curl_easy_setopt(mail->curl, CURLOPT_ERRORBUFFER, mail->error);
}

static void mail_take_letter(void *arg, const struct ipc_message *msg)
{
	struct mail *mail = arg;

	/* Main waits for an outcome before it sends another one. */
	if (mail->sending || mail->conf.nr_to == 0)
		return;
	memcpy(&mail->letter, msg->body, sizeof(mail->letter));
	mail->letter.subject[IPC_MAIL_SUBJECT_MAX - 1] = '\0';
	mail->letter.body[IPC_MAIL_BODY_MAX - 1] = '\0';
	mail->text = letter_write(&mail->conf, &mail->letter, &mail->length);
	mail->at = 0;
	mail->replies = 0;
	mail->refused = 0;
	mail->last = 0;
	mail->accepted = false;
	mail->reply[0] = '\0';
	mail->error[0] = '\0';
	mail_set_options(mail);
	mail->sending = true;
	if (curl_multi_add_handle(mail->multi, mail->curl) != CURLM_OK)
		fatal("mail", "a letter cannot be begun");
}

/* A letter on its way goes to whom it was meant for. */
static void mail_take_conf(void *arg, const struct ipc_message *msg)
{
	struct mail *mail = arg;
	struct ipc_mail_conf *conf = &mail->conf;
	uint32_t i;

	memcpy(conf, msg->body, sizeof(*conf));
	conf->server[IPC_MAIL_NAME_MAX - 1] = '\0';
	conf->helo[IPC_MAIL_NAME_MAX - 1] = '\0';
	conf->from[IPC_MAIL_NAME_MAX - 1] = '\0';
	if (conf->nr_to > IPC_MAIL_TO_MAX)
		conf->nr_to = IPC_MAIL_TO_MAX;
	for (i = 0; i < conf->nr_to; i++)
		conf->to[i][IPC_MAIL_NAME_MAX - 1] = '\0';
}

static void mail_take_ping(void *arg, const struct ipc_message *msg)
{
	struct mail *mail = arg;

	ipc_answer(mail->sock, msg);
}

static const struct ipc_handler mail_messages[] = {
	{ IPC_MAIL_CONF, mail_take_conf },
	{ IPC_MAIL_LETTER, mail_take_letter },
	{ IPC_PING, mail_take_ping },
	{ IPC_NONE, NULL },
};

static void mail_hear_main(struct mail *mail)
{
	int got;

	while ((got = ipc_recv(mail->sock, &mail->message)) == 1 ||
	       got == -EBADMSG) {
		if (got != 1)
			continue;
		ipc_dispatch(mail_messages, mail, &mail->message);
		if (mail->message.fd >= 0)
			close(mail->message.fd);
	}
	if (got != -EAGAIN)
		mail->ended = true;
}

int mail_main(int sock)
{
	struct mail *mail = xcalloc(1, sizeof(*mail));
	struct curl_waitfd main = { .fd = sock, .events = CURL_WAIT_POLLIN };
	int running, error;

	signal(SIGPIPE, SIG_IGN);
	mail->sock = sock;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		fatal("mail", "libcurl cannot be set up");
	/* Only now: OpenSSL has loaded the modules of its configuration. */
	error = confine_enter(&confine_mail);
	if (error < 0)
		fatal("mail", "cannot be confined: %s", strerror(-error));
	mail->multi = curl_multi_init();
	mail->curl = curl_easy_init();
	if (!mail->multi || !mail->curl)
		fatal("mail", "out of memory");
	while (!mail->ended) {
		mail_hear_main(mail);
		curl_multi_perform(mail->multi, &running);
		mail_hear_curl(mail);
		curl_multi_poll(mail->multi, &main, 1, MAIL_SLEEP_MS, NULL);
	}
	/*
	 * The end of libcurl's work would be reported to a main that is gone.
	 */
	if (mail->sending)
		mail_finish(mail);
	curl_easy_cleanup(mail->curl);
	curl_multi_cleanup(mail->multi);
	curl_global_cleanup();
	free(mail);
	return 0;
}
