/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a child accepts as its configuration. Checker and vrrp process use the
 * one function, so every case is tried for the part of each.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conf/sealed.h"
#include "conf/vrrp_conf.h"

#define ALL_SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static const char good[] =
	"virtual_server 192.0.2.1 3306 {\nlvs_sched rr\nlvs_method NAT\n"
	"protocol TCP\nreal_server 192.0.2.7 9 {\nMYSQL_CHECK {\n"
	"username u\npassword secret\n}\n}\n}\n"
	"vrrp_instance V {\ninterface lo\nvirtual_router_id 5\nversion 2\n"
	"authentication {\nauth_type PASS\nauth_pass hidden\n}\n"
	"virtual_ipaddress {\n192.0.2.1\n}\n}\n";

static struct ipc_message msg;

static void message(const char *text, int seals)
{
	struct ipc_conf *head = (void *)msg.body;
	size_t length = strlen(text);

	memset(&msg, 0, sizeof(msg));
	msg.header = (struct ipc_header){ IPC_CONF, 1 };
	msg.length = sizeof(*head);
	head->length = (uint32_t)length;
	msg.fd = memfd_create("conf", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	cr_assert_geq(msg.fd, 0);
	cr_assert_eq(write(msg.fd, text, length), (ssize_t)length);
	cr_assert_eq(fcntl(msg.fd, F_ADD_SEALS, seals), 0);
}

/* Take MSG as PART: the error, or 0 with the configuration dropped. */
static int taken(enum conf_part part)
{
	struct conf *conf = (void *)&msg;
	int error = conf_from_message(&msg, part, &conf);

	cr_assert_eq(error == 0, conf != NULL);
	conf_free(conf);
	return error;
}

static void both_say(int error, const char *what)
{
	cr_expect_eq(taken(CONF_PART_CHECKS), error, "checks, %s", what);
	cr_expect_eq(taken(CONF_PART_VRRP), error, "vrrp, %s", what);
	if (msg.fd >= 0)
		close(msg.fd);
}

Test(conf_sealed, a_good_message)
{
	message(good, ALL_SEALS);
	both_say(0, "good");
	message("", ALL_SEALS);
	both_say(-EBADMSG, "an empty text");
}

Test(conf_sealed, a_text_that_can_change_is_refused)
{
	int without[] = { F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE };
	int pipe_ends[2];
	size_t i;

	for (i = 0; i < 3; i++) {
		message(good, ALL_SEALS & ~without[i]);
		both_say(-EBADMSG, "a seal is missing");
	}
	message(good, ALL_SEALS);
	close(msg.fd);
	cr_assert_eq(pipe2(pipe_ends, O_CLOEXEC), 0);
	msg.fd = pipe_ends[0];
	both_say(-EBADMSG, "a pipe");
	close(pipe_ends[1]);
	message(good, ALL_SEALS);
	close(msg.fd);
	msg.fd = -1;
	both_say(-EBADMSG, "no descriptor");
}

Test(conf_sealed, a_length_that_is_not_the_texts_is_refused)
{
	struct ipc_conf *head = (void *)msg.body;

	message(good, ALL_SEALS);
	head->length++;
	both_say(-EBADMSG, "one byte more");
	message(good, ALL_SEALS);
	head->length--;
	both_say(-EBADMSG, "one byte less");
	message(good, ALL_SEALS);
	head->length = UINT32_MAX;
	both_say(-E2BIG, "over the limit");
	message(good, ALL_SEALS);
	msg.length--;
	both_say(-EBADMSG, "a short body");
	message(good, ALL_SEALS);
	msg.header.type = IPC_SECRET;
	both_say(-EBADMSG, "another type");
}

Test(conf_sealed, a_text_that_is_no_configuration_is_refused)
{
	message("vrrp_instance V {\n", ALL_SEALS);
	both_say(-EINVAL, "a brace that is not closed");
	message("global_defs {\n}\n}\n", ALL_SEALS);
	both_say(-EINVAL, "a brace too many");
}

Test(conf_sealed, options_come_with_the_message)
{
	struct ipc_conf *head = (void *)msg.body;
	enum conf_part part;
	struct conf *conf;

	for (part = CONF_PART_CHECKS; part <= CONF_PART_VRRP; part++) {
		message(good, ALL_SEALS);
		head->compat = 1;
		cr_assert_eq(conf_from_message(&msg, part, &conf), 0);
		cr_expect(conf->global.compat);
		conf_free(conf);
		close(msg.fd);
	}
	message(good, ALL_SEALS);
	head->compat = 2;
	both_say(-EBADMSG, "neither yes nor no");
	/* An ID without its end is cut. */
	message(good, ALL_SEALS);
	memset(head->config_id, '\n', sizeof(head->config_id));
	both_say(0, "an ID of control characters");
}

/* MSG is the one that brings a child PART of CONFIG. */
static void part_message(const struct config *config, enum conf_part part)
{
	const struct config_part *sent = &config->parts[part];

	memset(&msg, 0, sizeof(msg));
	msg.header = (struct ipc_header){ IPC_CONF, config->generation };
	msg.length = sizeof(sent->message);
	memcpy(msg.body, &sent->message, sizeof(sent->message));
	msg.fd = sent->memfd;
}

Test(conf_sealed, each_part_holds_what_its_process_may_know)
{
	struct conf_options options = { .config_id = "one", .compat = true };
	struct config_text text = { good, strlen(good), &options };
	struct conf_report report = { .say = NULL };
	struct config *config;
	struct conf *conf;

	cr_assert_eq(conf_parse(good, strlen(good), &options, &conf, &report),
		     0);
	cr_assert_eq(config_new(conf, &text, 7, NULL, &config), 0);
	part_message(config, CONF_PART_CHECKS);
	cr_assert_eq(conf_from_message(&msg, CONF_PART_CHECKS, &conf), 0);
	cr_assert_eq(conf->nr_checks, 1);
	cr_expect_str_eq(conf->checks[0].mysql->password, "secret");
	conf_free(conf);
	part_message(config, CONF_PART_VRRP);
	cr_assert_eq(conf_from_message(&msg, CONF_PART_VRRP, &conf), 0);
	cr_assert_eq(conf->vrrp->nr_instances, 1);
	cr_expect_eq(memcmp(conf->vrrp->instances[0].auth_data, "hidden\0", 8),
		     0);
	cr_expect_eq(conf->nr_checks, 0);
	conf_free(conf);
	config_free(config);
}
