/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "confine/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "confine/confine_internal.h"
#include "lib/log.h"
#include "lib/util.h"

#define CONFINE_NAME_MAX 32
#define CONFINE_NUMBERS 1024
/* So many calls, younger than libseccomp, answer ENOSYS. */
#define CONFINE_YOUNGER 64
#define CONFINE_FAMILIES 64
#define CONFINE_NAMESPACES                                             \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | \
	 CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)
#define CONFINE_CREATES (O_ACCMODE | O_CREAT | O_TRUNC)
/* glibc names memory that it maps; older headers do not know the word. */
#define CONFINE_SET_VMA 0x53564d41

/* For the handler, which may ask nobody. */
static const char *confine_names[CONFINE_NUMBERS];
static const char *confine_self;

static char *confine_append(char *at, const char *text)
{
	size_t length = strlen(text);

	memcpy(at, text, length + 1);
	return at + length;
}

static char *confine_append_number(char *at, unsigned number)
{
	char digits[12], *digit = digits + sizeof(digits) - 1;

	*digit = '\0';
	do
		*--digit = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	return confine_append(at, digit);
}

/* The signal may come in the middle of anything: no call here takes a lock. */
static void confine_refused(int signo, siginfo_t *info, void *context)
{
	unsigned number = (unsigned)info->si_syscall;
	const char *name = number < CONFINE_NUMBERS ? confine_names[number] :
						      NULL;
	char text[256], *at = text;

	at = confine_append(at, "system call ");
	at = confine_append_number(at, number);
	at = confine_append(at, " (");
	at = confine_append(at, name ? name : "unknown");
	at = confine_append(at, ") is not allowed: this process has no need of "
				"it, and ends; a fault of evenkeel, or "
				"somebody has broken in: see evenkeeld(8), "
				"System calls");
	*at = '\0';
	log_from_signal(confine_self, text);
	_exit(CONFINE_STATUS);
}

static int confine_catch(void)
{
	struct sigaction action = { .sa_sigaction = confine_refused,
				    .sa_flags = SA_SIGINFO };
	static bool known; /* also in a process that was forked */
	int number;

	for (number = 0; number < CONFINE_NUMBERS && !known; number++)
		confine_names[number] = seccomp_syscall_resolve_num_arch(
			SCMP_ARCH_NATIVE, number);
	known = true;
	return sigaction(SIGSYS, &action, NULL) < 0 ? -errno : 0;
}

static int confine_rule(scmp_filter_ctx filter, int call,
			struct scmp_arg_cmp arg)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1, arg);
}

static int confine_socket(scmp_filter_ctx filter, const struct confine *confine,
			  int call)
{
	uint64_t families = confine->families | confine_extra.families;
	unsigned family;
	int error = 0;

	for (family = 0; family < CONFINE_FAMILIES && error == 0; family++)
		if (families & CONFINE_FAMILY(family))
			error = confine_rule(filter, call,
					     SCMP_A0(SCMP_CMP_EQ, family, 0));
	return error;
}

static int confine_prctl(scmp_filter_ctx filter, const struct confine *confine,
			 int call)
{
	static const unsigned what[] = { PR_SET_NAME,	      PR_GET_NAME,
					 PR_SET_PDEATHSIG,    PR_SET_DUMPABLE,
					 PR_GET_DUMPABLE,     CONFINE_SET_VMA,
					 PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP };
	int error = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(what) && error == 0; i++)
		error = confine_rule(filter, call,
				     SCMP_A0(SCMP_CMP_EQ, what[i], 0));
	if (error == 0 && (confine_extra.flags & CONFINE_FORKS))
		error = confine_rule(filter, call,
				     SCMP_A0(SCMP_CMP_EQ, PR_SET_PTRACER, 0));
	return error;
}

static int confine_clone(scmp_filter_ctx filter, const struct confine *confine,
			 int call)
{
	return confine_rule(filter, call,
			    SCMP_A0(SCMP_CMP_MASKED_EQ, CONFINE_NAMESPACES, 0));
}

static int confine_open(scmp_filter_ctx filter, const struct confine *confine,
			int call)
{
	return confine_rule(filter, call,
			    SCMP_A1(SCMP_CMP_MASKED_EQ, CONFINE_CREATES, 0));
}

static int confine_openat(scmp_filter_ctx filter, const struct confine *confine,
			  int call)
{
	return confine_rule(filter, call,
			    SCMP_A2(SCMP_CMP_MASKED_EQ, CONFINE_CREATES, 0));
}

static int confine_map(scmp_filter_ctx filter, const struct confine *confine,
		       int call)
{
	return confine_rule(filter, call,
			    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
}

/* How much there is to read; and whether it is a terminal, which none is. */
static int confine_ioctl(scmp_filter_ctx filter, const struct confine *confine,
			 int call)
{
	static const unsigned what[] = { FIONREAD, FIONBIO, TCGETS };
	static const unsigned links[] = { SIOCGMIIPHY, SIOCGMIIREG, SIOCETHTOOL,
					  SIOCGIFFLAGS };
	int error = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(what) && error == 0; i++)
		error = confine_rule(filter, call,
				     SCMP_A1(SCMP_CMP_EQ, what[i], 0));
	for (i = 0; i < ARRAY_SIZE(links) && error == 0; i++)
		if (confine->flags & CONFINE_LINKS)
			error = confine_rule(filter, call,
					     SCMP_A1(SCMP_CMP_EQ, links[i], 0));
	return error;
}

/* For abort() and raise(): signals to this process alone. */
static int confine_own(scmp_filter_ctx filter, const struct confine *confine,
		       int call)
{
	return confine_rule(filter, call,
			    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));
}

/* The calls whose arguments are looked at, unless FREE is set for the process. */
static const struct confine_call {
	const char *name;
	unsigned free;
	int (*allow)(scmp_filter_ctx filter, const struct confine *confine,
		     int call);
} confine_calls[] = {
	{ "socket", 0, confine_socket },
	{ "prctl", 0, confine_prctl },
	{ "clone", 0, confine_clone },
	{ "open", CONFINE_WRITES, confine_open },
	{ "openat", CONFINE_WRITES, confine_openat },
	{ "mmap", CONFINE_LOADS, confine_map },
	{ "mprotect", CONFINE_LOADS, confine_map },
	{ "ioctl", 0, confine_ioctl },
	{ "tgkill", CONFINE_FORKS | CONFINE_SIGNALS, confine_own },
};

static int confine_allow_call(scmp_filter_ctx filter,
			      const struct confine *confine, const char *name)
{
	unsigned flags = confine->flags | confine_extra.flags;
	int call = seccomp_syscall_resolve_name(name), error;
	size_t i;

	/* Not of this architecture, or not of this libseccomp. */
	if (call < 0)
		return 0;
	for (i = 0; i < ARRAY_SIZE(confine_calls); i++)
		if (strcmp(confine_calls[i].name, name) == 0 &&
		    !(confine_calls[i].free & flags))
			return confine_calls[i].allow(filter, confine, call);
	error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
	return error == -EEXIST ? 0 : error;
}

/* The next name of *TEXT, which is moved on; NULL: there is none. */
static const char *confine_word(const char **text, char name[CONFINE_NAME_MAX])
{
	size_t length;

	*text += strspn(*text, " ");
	length = strcspn(*text, " ");
	if (length == 0)
		return NULL;
	snprintf(name, CONFINE_NAME_MAX, "%.*s", (int)length, *text);
	*text += length;
	return name;
}

static int confine_allow_calls(scmp_filter_ctx filter,
			       const struct confine *confine,
			       const char *const *groups)
{
	char name[CONFINE_NAME_MAX];
	const char *text;
	int error = 0;

	for (; groups && *groups; groups++)
		for (text = *groups; error == 0 && confine_word(&text, name);)
			error = confine_allow_call(filter, confine, name);
	return error;
}

/*
 * A younger C library tries younger calls first. clone3() has its flags where no
 * filter sees them.
 */
static int confine_deny_younger(scmp_filter_ctx filter)
{
	int number = CONFINE_NUMBERS, known, error;
	uint32_t deny = SCMP_ACT_ERRNO(ENOSYS);

	while (number > 0 && !confine_names[number - 1])
		number--;
	known = number;
	error = 0;
	for (; number < known + CONFINE_YOUNGER && error == 0; number++)
		error = seccomp_rule_add(filter, deny, number, 0);
	known = seccomp_syscall_resolve_name("clone3");
	if (error == 0 && known > 0)
		error = seccomp_rule_add(filter, deny, known, 0);
	return error;
}

static int confine_fill(scmp_filter_ctx filter, const struct confine *confine)
{
	int error;

	/* Without these the defaults hold, which are as safe. */
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_SSB, 1);
	error = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
				 SCMP_ACT_KILL_PROCESS);
	if (error == 0)
		error = confine_allow_calls(filter, confine, confine->calls);
	if (error == 0)
		error = confine_allow_calls(filter, confine,
					    confine_extra.calls);
	if (error == 0)
		error = confine_deny_younger(filter);
	return error;
}

static int confine_filter(const struct confine *confine)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
	int error;

	if (!filter)
		return -ENOMEM;
	error = confine_fill(filter, confine);
	if (error == 0)
		error = seccomp_load(filter);
	seccomp_release(filter);
	return error;
}

const char *confine_why_unfiltered(uint32_t arch, int error)
{
	/* The lists have been compared with processes at work on these. */
	if (arch != SCMP_ARCH_X86_64 && arch != SCMP_ARCH_AARCH64)
		return "the lists of calls are for x86_64 and arm64, and this is "
		       "another architecture";
	if (error == EINVAL || error == ENOSYS)
		return "this kernel is built without CONFIG_SECCOMP_FILTER";
	/* No checks at all would be worse than the outer filter alone. */
	if (error == EPERM || error == EACCES)
		return "a filter around evenkeeld refuses the call seccomp: "
		       "allow it, in the unit by SystemCallFilter=seccomp";
	return NULL;
}

const char *confine_lacks_filter(void)
{
	int error = 0;

	/* A kernel with filters looks at the address first. */
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL) < 0)
		error = errno;
	return confine_why_unfiltered(seccomp_arch_native(), error);
}

int confine_enter(const struct confine *confine)
{
	int error;

	/* A filtered process may not look for its time zone any more. */
	tzset();
	error = confine_files(confine);
	if (error < 0)
		return error;
	if (confine_lacks_filter())
		return 0; /* main has said so */
	confine_self = confine->name;
	error = confine_catch();
	return error < 0 ? error : confine_filter(confine);
}
