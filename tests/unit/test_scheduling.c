/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the kernel runs a process: what is asked of the kernel for each setting that
 * differs, and for no other; and the settings as a word, there and back. The system
 * calls are noted here and not made: by another name, which the makefile gives them.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "lib/scheduling.h"
#include "lib/util.h"

/* Each call of the test, one a line; errno that the calls give, 0: none. */
static char asked[1024];
static int refusal;
static cpu_set_t processors;

static int answer(void)
{
	errno = refusal;
	return refusal ? -1 : 0;
}

#define ask(...)                                                       \
	snprintf(asked + strlen(asked), sizeof(asked) - strlen(asked), \
		 __VA_ARGS__)

int mlockall(int flags)
{
	ask("lock %d\n", flags == (MCL_CURRENT | MCL_FUTURE));
	return answer();
}

int munlockall(void)
{
	ask("unlock\n");
	return answer();
}

int setrlimit(__rlimit_resource_t resource, const struct rlimit *rlimits)
{
	cr_expect_eq(rlimits->rlim_max, RLIM_INFINITY);
	ask("%s %lld\n",
	    resource == RLIMIT_RTTIME  ? "rttime" :
	    resource == RLIMIT_MEMLOCK ? "memlock" :
					 "?",
	    rlimits->rlim_cur == RLIM_INFINITY ? -1 :
						 (long long)rlimits->rlim_cur);
	return answer();
}

int setpriority(__priority_which_t which, id_t who, int prio)
{
	cr_expect(which == PRIO_PROCESS && who == 0);
	ask("nice %d\n", prio);
	return answer();
}

int sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *set)
{
	cr_expect(pid == 0 && size == sizeof(*set));
	processors = *set;
	ask("processors %d\n", CPU_COUNT(set));
	return answer();
}

int sched_setscheduler(pid_t pid, int policy, const struct sched_param *param)
{
	cr_expect_eq(pid, 0);
	ask("%s %d\n",
	    policy == (SCHED_RR | SCHED_RESET_ON_FORK) ? "real time" :
	    policy == SCHED_OTHER		       ? "usual" :
							 "?",
	    param->sched_priority);
	return answer();
}

static const struct scheduling usual;
static const struct scheduling all = {
	.nice = -7,
	.rt_priority = 50,
	.rlimit_rttime = 10000,
	.lock_memory = true,
	.cpus = { .bits = { 1, [1] = 1ull << 63 } },
};

/* Each setting alone, and what is asked for it, and for the usual one after it. */
static const struct setting {
	struct scheduling settings;
	const char *on, *off;
} settings[] = {
	{ { .nice = 19 }, "nice 19\n", "nice 0\n" },
	{ { .rt_priority = 1 }, "real time 1\n", "usual 0\n" },
	{ { .rlimit_rttime = 1 }, "rttime 1\n", "rttime -1\n" },
	{ { .lock_memory = true }, "memlock -1\nlock 1\n", "unlock\n" },
	{ { .cpus = { .bits = { [15] = 1ull << 63 } } },
	  "processors 1\n",
	  "processors 1024\n" },
	{ { .cpus = { .bits = { 5 } } }, "processors 2\n", "processors 1024\n" },
};

static void check_asked(const struct scheduling *wanted,
			const struct scheduling *before, const char *what)
{
	asked[0] = '\0';
	scheduling_apply(wanted, before, "test");
	cr_expect_str_eq(asked, what);
}

Test(scheduling, asks_for_what_differs_only)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		const struct setting *setting = &settings[i];

		check_asked(&setting->settings, &usual, setting->on);
		check_asked(&usual, &setting->settings, setting->off);
		check_asked(&setting->settings, &setting->settings, "");
	}
	check_asked(&all, &usual,
		    "memlock -1\nlock 1\nprocessors 2\nnice -7\n"
		    "rttime 10000\nreal time 50\n");
	check_asked(&all, &all, "");
}

Test(scheduling, chooses_the_processors_that_are_named)
{
	scheduling_apply(&all, &usual, "test");
	cr_expect(CPU_ISSET(0, &processors) && CPU_ISSET(127, &processors));
	cr_expect(!CPU_ISSET(1, &processors) && !CPU_ISSET(63, &processors) &&
		  !CPU_ISSET(64, &processors) && !CPU_ISSET(126, &processors));
}

/* The kernel refuses each setting, and all are asked for nevertheless. */
static unsigned warnings;

void __wrap_log_warning(const char *part, const char *fmt, ...);

void __wrap_log_warning(const char *part, const char *fmt, ...)
{
	cr_expect_str_eq(part, "test");
	cr_expect_str_not_empty(fmt);
	warnings++;
}

Test(scheduling, a_refusal_is_logged_and_the_rest_is_asked)
{
	refusal = EPERM;
	check_asked(&all, &usual,
		    "memlock -1\nlock 1\nprocessors 2\nnice -7\n"
		    "rttime 10000\nreal time 50\n");
	cr_expect_eq(warnings, 5);
	warnings = 0;
	check_asked(&usual, &all,
		    "unlock\nprocessors 1024\nnice 0\nrttime -1\nusual 0\n");
	cr_expect_eq(warnings, 5);
	refusal = 0;
	warnings = 0;
	scheduling_apply(&all, &usual, "test");
	cr_expect_eq(warnings, 0);
}

Test(scheduling, each_setting_counts_when_two_are_compared)
{
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		cr_expect(!scheduling_equal(&settings[i].settings, &usual));
		for (n = 0; n < ARRAY_SIZE(settings); n++)
			cr_expect_eq(scheduling_equal(&settings[i].settings,
						      &settings[n].settings),
				     i == n);
	}
	cr_expect(scheduling_has_cpus(&all.cpus));
	cr_expect(!scheduling_has_cpus(&usual.cpus));
	for (i = 0; i < SCHEDULING_CPUS; i++) {
		struct scheduling_cpus one = { 0 };

		one.bits[i / 64] = 1ull << i % 64;
		cr_expect(scheduling_has_cpus(&one));
	}
}

static void check_word(const struct scheduling *scheduling)
{
	char text[SCHEDULING_TEXT_MAX];
	struct scheduling again;

	scheduling_format(scheduling, text);
	cr_expect(!strpbrk(text, " \t\n"));
	memset(&again, 0xff, sizeof(again));
	cr_assert(scheduling_parse(&again, text), "%s", text);
	cr_expect(scheduling_equal(scheduling, &again), "%s", text);
}

Test(scheduling, a_word_there_and_back)
{
	struct scheduling most = {
		.nice = -20,
		.rt_priority = UINT32_MAX,
		.rlimit_rttime = UINT32_MAX,
		.lock_memory = true,
	};
	size_t i;

	memset(&most.cpus, 0xff, sizeof(most.cpus));
	check_word(&usual);
	check_word(&all);
	check_word(&most);
	for (i = 0; i < ARRAY_SIZE(settings); i++)
		check_word(&settings[i].settings);
}

/* The word comes from main; what is no such word is not taken for half of one. */
Test(scheduling, no_other_word)
{
	char text[SCHEDULING_TEXT_MAX + 1], *comma;
	struct scheduling scheduling;
	size_t length, i;

	scheduling_format(&all, text);
	length = strlen(text);
	for (i = 0; i < length; i++) {
		char kept = text[i];

		text[i] = '\0';
		cr_expect(!scheduling_parse(&scheduling, text), "%zu", i);
		text[i] = 'x';
		cr_expect(!scheduling_parse(&scheduling, text), "%zu", i);
		text[i] = kept;
	}
	text[length] = '0';
	text[length + 1] = '\0';
	cr_expect(!scheduling_parse(&scheduling, text));
	text[length] = '\0';
	/* A number that is none, or too large, before what is right. */
	for (comma = text; (comma = strchr(comma, ',')) && comma[1]; comma++) {
		char other[2 * SCHEDULING_TEXT_MAX];

		snprintf(other, sizeof(other), "%.*s%s%s", (int)(comma - text),
			 text, "99999999999999999999", comma);
		cr_expect(!scheduling_parse(&scheduling, other), "%s", other);
	}
	errno = ERANGE;
	cr_expect(scheduling_parse(&scheduling, text), "errno of before");
}
