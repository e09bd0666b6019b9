/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Main's side of the checker, which is played by the test: passwords in files. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/sealed.h"
#include "conf_world.h"
#include "daemon/checker_proc.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "process_double.h"

static struct world world;
static struct config config;
static struct loop *loop;
static struct checker_proc *checker;
static char files[2][64];

/* The passwords as they came: "0-4=one " for the checks 0 to 4. */
static char heard[256];

static int take(enum ipc_type type, uint32_t generation, const void *body,
		size_t length, int fd)
{
	const struct ipc_secret *secret = body;
	size_t used = strlen(heard);

	if (type == IPC_SECRET)
		snprintf(heard + used, sizeof(heard) - used, "%u-%u=%.9s ",
			 secret->check, secret->last, secret->text);
	return 0;
}

static void put_file(unsigned which, const char *text, mode_t mode)
{
	FILE *out;

	snprintf(files[which], sizeof(files[which]),
		 "/tmp/evenkeel-secret-%u-%d", which, (int)getpid());
	unlink(files[which]);
	out = fopen(files[which], "w");
	cr_assert_not_null(out);
	fprintf(out, "%s\n", text);
	fclose(out);
	cr_assert_eq(chmod(files[which], mode), 0);
}

/* A server a letter: its MYSQL_CHECK has file a or b, or (m) a password. */
static void file_says(const char *servers)
{
	char text[4096];
	size_t used = (size_t)snprintf(
		text, sizeof(text),
		"virtual_server 192.0.2.10 3306 {\nlvs_sched rr\n"
		"protocol TCP\nlvs_method NAT\n");
	unsigned i;

	for (i = 0; servers[i]; i++)
		used += (size_t)snprintf(
			text + used, sizeof(text) - used,
			"real_server 10.0.0.%u 3306 {\nTCP_CHECK { }\n"
			"MYSQL_CHECK {\nusername u\n%s %s\n}\n}\n",
			i + 1, servers[i] == 'm' ? "password" : "password_file",
			servers[i] == 'm' ? "own" : files[servers[i] - 'a']);
	snprintf(text + used, sizeof(text) - used, "}\n");
	world = world_parse(text, true);
	cr_assert_not_null(world.conf, "%s", world.said);
	config.conf = world.conf;
	heard[0] = '\0';
	checker_proc_configure(checker, &config);
	cr_assert_eq(process_double.role->send_conf(process_double.arg), 0);
}

static void setup(void)
{
	log_set_level(LOG_LEVEL_ERROR);
	put_file(0, "one", 0600);
	put_file(1, "two", 0600);
	process_double.send = take;
	loop = loop_new();
	checker = checker_proc_new(loop, NULL, NULL, NULL, NULL);
}

static void teardown(void)
{
	checker_proc_free(checker);
	loop_free(loop);
	world_free(&world);
	unlink(files[0]);
	unlink(files[1]);
}

TestSuite(checker_proc, .init = setup, .fini = teardown);

/* Thousands of checks mostly have one file: main keeps what is not read yet. */
Test(checker_proc, checks_with_one_file_are_told_its_password_once)
{
	file_says("aaaa");
	cr_expect_str_eq(heard, "1-7=one ");
}

Test(checker_proc, another_file_begins_another_message)
{
	file_says("aambba");
	cr_expect_str_eq(heard, "1-3=one 7-9=two 11-11=one ");
}

Test(checker_proc, a_file_that_cannot_be_taken_is_told_to_nobody)
{
	put_file(1, "two", 0644);
	file_says("aba");
	cr_expect_str_eq(heard, "1-1=one 5-5=one ");
}
