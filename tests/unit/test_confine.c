/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process that is confined: a forbidden call ends it, with a line that names
 * the call; files of no use to it are not there. Each is tried by a child of its
 * own, in the confinement of the real processes. And the documents say the same.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "confine/confine_internal.h"
#include "lib/log.h"
#include "lib/util.h"

/* Not in the way of a sanitizer's own list. */
#define FAILED 1
#define DONE 0

static char said[4096];

/* Run ACT in the confinement of ROLE. Returns the status; its log is in SAID. */
static int confined(const struct confine *role, int (*act)(void))
{
	int ends[2], status;
	size_t length = 0;
	ssize_t got;
	pid_t pid;

	cr_assert_eq(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDERR_FILENO);
		log_init("evenkeel-test", LOG_TO_STDERR, 0, LOG_LEVEL_INFO);
		if (confine_enter(role) != 0)
			_exit(99);
		_exit(act());
	}
	close(ends[1]);
	while ((got = read(ends[0], said + length, sizeof(said) - 1 - length)) >
	       0)
		length += (size_t)got;
	said[length] = '\0';
	close(ends[0]);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFEXITED(status), "status %x: %s", (unsigned)status, said);
	return WEXITSTATUS(status);
}

static int act_nothing(void)
{
	return DONE;
}

static int act_mount(void)
{
	return syscall(SYS_mount, "a", "/", "tmpfs", 0, NULL) < 0 ? FAILED :
								    DONE;
}

static int act_netlink(void)
{
	return socket(AF_NETLINK, SOCK_RAW, 0) < 0 ? FAILED : DONE;
}

static int act_packet(void)
{
	return socket(AF_PACKET, SOCK_DGRAM, 0) < 0 ? FAILED : DONE;
}

static int act_inet(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) < 0 ? FAILED : DONE;
}

static int act_connect(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return FAILED;
	return errno;
}

static int act_keys(void)
{
	return syscall(SYS_keyctl, 0, 0, 0, 0, 0) < 0 ? FAILED : DONE;
}

static int act_bpf(void)
{
	return syscall(SYS_bpf, 0, NULL, 0) < 0 ? FAILED : DONE;
}

static int act_namespace(void)
{
	return syscall(SYS_unshare, 0x10000000) < 0 ? FAILED : DONE;
}

static int act_accept(void)
{
	return accept(0, NULL, NULL) < 0 ? FAILED : DONE;
}

static int act_chmod(void)
{
	return syscall(SYS_fchmodat, AT_FDCWD, "/dev/null", 0666) < 0 ? FAILED :
									DONE;
}

/* With /etc/passwd as a file that anybody may read, and nobody here needs. */
static int act_read(void)
{
	int fd = open("/etc/passwd", O_RDONLY);

	return fd < 0 ? errno : DONE;
}

static int act_certificates(void)
{
	int fd = open("/etc/ssl", O_RDONLY | O_DIRECTORY);

	return fd < 0 ? errno : DONE;
}

static int act_youngest(void)
{
	return syscall(SYS_clone3, NULL, 0) < 0 && errno == ENOSYS ? DONE :
								     FAILED;
}

/* An architecture, or a kernel, without filters: nothing is refused there. */
static void need_filters(void)
{
	const char *why = confine_lacks_filter();

	if (why)
		cr_skip_test("%s", why);
}

static void expect_refused(const struct confine *role, int (*act)(void),
			   const char *call)
{
	need_filters();
	cr_expect_eq(confined(role, act), CONFINE_STATUS, "%s of %s", call,
		     role->name);
	cr_expect(strstr(said, call) && strstr(said, "is not allowed") &&
			  strstr(said, role->name),
		  "%s", said);
	cr_expect_eq(strcspn(said, "\n") + 1, strlen(said), "one line: %s",
		     said);
}

Test(confine, every_process_can_enter)
{
	const struct confine *const *role;

	for (role = confine_roles; *role; role++)
		cr_expect_eq(confined(*role, act_nothing), DONE, "%s: %s",
			     (*role)->name, said);
}

static const struct confine *whose;

/* As nobody, who has not given up what a program of root's could give. */
static int act_enter_as_nobody(void)
{
	if (geteuid() == 0 && setuid(65534) < 0)
		return FAILED;
	return confine_enter(whose) == 0 ? DONE : FAILED;
}

Test(confine, a_process_without_privileges_can_enter)
{
	const struct confine *const *role;
	int status;

	for (role = confine_roles; *role; role++) {
		whose = *role;
		if (fork() == 0)
			_exit(act_enter_as_nobody());
		cr_assert_gt(wait(&status), 0);
		cr_expect_eq(status, 0, "%s", (*role)->name);
	}
}

Test(confine, no_process_has_the_ways_of_an_intruder)
{
	const struct confine *const *role;

	for (role = confine_roles; *role; role++) {
		expect_refused(*role, act_mount, "(mount)");
		expect_refused(*role, act_keys, "(keyctl)");
		expect_refused(*role, act_bpf, "(bpf)");
		expect_refused(*role, act_namespace, "(unshare)");
		if (*role != &confine_recorder)
			expect_refused(*role, act_chmod, "(fchmodat)");
		else
			cr_expect_eq(confined(*role, act_chmod),
				     CONFINE_STATUS);
	}
}

Test(confine, sockets_are_of_the_families_that_a_process_needs)
{
	const struct confine *const *role;

	for (role = confine_roles; *role; role++) {
		if (*role == &confine_vrrp) {
			cr_expect_eq(confined(*role, act_netlink), DONE);
			continue;
		}
		expect_refused(*role, act_packet, "(socket)");
		/* To look a name up the C library asks for the addresses here. */
		if (*role == &confine_mail)
			cr_expect_eq(confined(*role, act_netlink), DONE);
		else
			expect_refused(*role, act_netlink, "(socket)");
	}
	cr_expect_eq(confined(&confine_web, act_inet), DONE, "%s", said);
	expect_refused(&confine_recorder, act_inet, "(socket)");
	expect_refused(&confine_arp, act_inet, "(socket)");
}

Test(confine, nobody_accepts_but_the_web_process)
{
	const struct confine *const *role;

	for (role = confine_roles; *role; role++)
		expect_refused(*role, act_accept, "(accept)");
}

static bool has_landlock(int version)
{
	return syscall(444, NULL, 0, 1) >= version;
}

Test(confine, files_that_a_process_does_not_need_are_not_there)
{
	if (!has_landlock(1))
		cr_skip_test("this kernel has no Landlock");
	cr_expect_eq(confined(&confine_web, act_read), EACCES);
	cr_expect_eq(confined(&confine_peer, act_read), EACCES);
	cr_expect_eq(confined(&confine_checker, act_read), EACCES);
	cr_expect_eq(confined(&confine_checker, act_certificates), DONE);
	cr_expect_eq(confined(&confine_web, act_certificates), EACCES);
	/* The files of `tls` may be anywhere. */
	cr_expect_eq(confined(&confine_helper, act_read), DONE);
}

Test(confine, only_checks_begin_connections)
{
	if (!has_landlock(4))
		cr_skip_test("this kernel's Landlock knows no connections");
	cr_expect_eq(confined(&confine_web, act_connect), EACCES);
	cr_expect_eq(confined(&confine_peer, act_connect), EACCES);
	cr_expect_eq(confined(&confine_checker, act_connect), ECONNREFUSED);
}

Test(confine, the_library_finds_another_way_without_the_youngest_calls)
{
	need_filters();
	cr_expect_eq(confined(&confine_web, act_youngest), DONE);
}

static int open_syslog(const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
	unlink(path);
	cr_assert_eq(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	return fd;
}

/* A confined process of ROLE: a line, a byte to TOLD, a byte of GO, a line. */
static void log_twice(const struct confine *role, const char *path, int told,
		      int go)
{
	char byte = 0;

	log_use_socket(path);
	log_init("evenkeel-test", LOG_TO_SYSLOG, LOG_DAEMON, LOG_LEVEL_INFO);
	if (confine_enter(role) != 0)
		_exit(99);
	log_info("test", "one");
	if (write(told, &byte, 1) != 1 || read(go, &byte, 1) != 1)
		_exit(98);
	log_info("test", "two");
	_exit(DONE);
}

/* A syslogd that was started anew has made its socket anew. */
Test(confine, every_process_finds_a_syslogd_that_was_restarted)
{
	char path[64], line[512];
	const struct confine *const *role;
	int told[2], go[2], log, status;
	ssize_t got;

	snprintf(path, sizeof(path), "/tmp/evenkeel-confine-%d", (int)getpid());
	for (role = confine_roles; *role; role++) {
		log = open_syslog(path);
		cr_assert_eq(pipe(told), 0);
		cr_assert_eq(pipe(go), 0);
		if (fork() == 0) {
			close(log);
			log_twice(*role, path, told[1], go[0]);
		}
		cr_assert_eq(read(told[0], line, 1), 1);
		close(log);
		log = open_syslog(path);
		cr_assert_eq(write(go[1], "", 1), 1);
		cr_assert_gt(wait(&status), 0);
		cr_expect_eq(status, DONE, "%s: status %x", (*role)->name,
			     (unsigned)status);
		got = recv(log, line, sizeof(line) - 1, MSG_DONTWAIT);
		line[got > 0 ? got : 0] = '\0';
		cr_expect_not_null(strstr(line, "two"), "%s: %s", (*role)->name,
				   line);
		close(log);
		close(told[0]);
		close(told[1]);
		close(go[0]);
		close(go[1]);
	}
	unlink(path);
}

Test(confine, filters_are_for_architectures_whose_calls_were_compared)
{
	const uint32_t others[] = { SCMP_ARCH_ARM,     SCMP_ARCH_X86,
				    SCMP_ARCH_X32,     SCMP_ARCH_S390X,
				    SCMP_ARCH_PPC64LE, SCMP_ARCH_RISCV64,
				    SCMP_ARCH_MIPSEL64 };
	size_t i;

	cr_expect_null(confine_why_unfiltered(SCMP_ARCH_X86_64, EFAULT));
	cr_expect_null(confine_why_unfiltered(SCMP_ARCH_AARCH64, EFAULT));
	for (i = 0; i < ARRAY_SIZE(others); i++)
		cr_expect_not_null(confine_why_unfiltered(others[i], EFAULT),
				   "%x", others[i]);
}

Test(confine, a_kernel_without_filters_is_told_from_one_that_refuses)
{
	cr_expect_not_null(confine_why_unfiltered(SCMP_ARCH_X86_64, EINVAL));
	cr_expect_not_null(confine_why_unfiltered(SCMP_ARCH_X86_64, ENOSYS));
	/* The filter around us is one that no process of ours can add to. */
	cr_assert_not_null(confine_why_unfiltered(SCMP_ARCH_X86_64, EPERM));
	cr_expect_not_null(
		strstr(confine_why_unfiltered(SCMP_ARCH_X86_64, EPERM),
		       "SystemCallFilter=seccomp"));
}

/* From here on the kernel answers as one without CONFIG_SECCOMP_FILTER. */
static bool forget_filters(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	uint32_t refuse = SCMP_ACT_ERRNO(EINVAL);
	/* Clang has a warning for what SCMP_A0() leaves out. */
	const struct scmp_arg_cmp is_filter = {
		.arg = 0, .op = SCMP_CMP_EQ, .datum_a = SECCOMP_SET_MODE_FILTER
	};
	const struct scmp_arg_cmp is_seccomp = { .arg = 0,
						 .op = SCMP_CMP_EQ,
						 .datum_a = PR_SET_SECCOMP };
	bool done;

	done = seccomp_rule_add_array(filter, refuse, SCMP_SYS(seccomp), 1,
				      &is_filter) == 0 &&
	       seccomp_rule_add_array(filter, refuse, SCMP_SYS(prctl), 1,
				      &is_seccomp) == 0 &&
	       seccomp_load(filter) == 0;
	seccomp_release(filter);
	return done;
}

static int act_enter_on_an_old_kernel(void)
{
	if (!forget_filters())
		return 97;
	if (confine_enter(&confine_web) != 0)
		return 96;
	return act_keys();
}

Test(confine, a_kernel_without_filters_runs_the_processes_all_the_same)
{
	int status;

	if (fork() == 0)
		_exit(act_enter_on_an_old_kernel());
	cr_assert_gt(wait(&status), 0);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == FAILED,
		  "status %x", (unsigned)status);
}

static const struct {
	int family;
	const char *name;
} families[] = {
	{ AF_INET, "IPv4" },	  { AF_INET6, "IPv6" },
	{ AF_UNIX, "Unix" },	  { AF_NETLINK, "netlink" },
	{ AF_PACKET, "packets" },
};

static const struct {
	unsigned flag;
	const char *words;
} ways[] = {
	{ CONFINE_FORKS, "forks" },
	{ CONFINE_LOADS, "loads libraries" },
	{ CONFINE_CONNECTS, "begins TCP connections" },
	{ CONFINE_WRITES, "writes files" },
	{ CONFINE_LINKS, "asks drivers for links" },
};

static void add(char *out, size_t size, bool *first, const char *word)
{
	size_t length = strlen(out);

	snprintf(out + length, size - length, "%s%s", *first ? "" : ", ", word);
	*first = false;
}

/* The files: all, none, or those of the list. */
static void describe_files(const struct confine *role, char *out, size_t size)
{
	const char *const *path;
	bool first = true;

	if (role->flags & CONFINE_SEES_ALL) {
		add(out, size, &first, "as its user");
		return;
	}
	for (path = role->paths; path && *path; path++)
		add(out, size, &first, *path);
	if (first)
		add(out, size, &first, "none");
}

/* A row of the table in SECURITY.md. */
static void describe(const struct confine *role, char *out, size_t size)
{
	bool first = true;
	size_t i;

	snprintf(out, size, "| `%s` | ", role->name);
	for (i = 0; i < ARRAY_SIZE(families); i++)
		if (role->families & CONFINE_FAMILY(families[i].family))
			add(out, size, &first, families[i].name);
	snprintf(out + strlen(out), size - strlen(out), " | ");
	describe_files(role, out, size);
	snprintf(out + strlen(out), size - strlen(out), " | ");
	first = true;
	for (i = 0; i < ARRAY_SIZE(ways); i++)
		if (role->flags & ways[i].flag)
			add(out, size, &first, ways[i].words);
	snprintf(out + strlen(out), size - strlen(out), "%s |\n",
		 first ? "-" : "");
}

static char *read_page(const char *name)
{
	const char *root = getenv("top_srcdir");
	char path[512], *text = xcalloc(1, 1 << 17);
	size_t got;
	FILE *in;

	if (!root)
		root = getenv("srcdir");
	snprintf(path, sizeof(path), "%s/%s", root ? root : ".", name);
	in = fopen(path, "r");
	cr_assert_not_null(in, "%s", path);
	got = fread(text, 1, (1 << 17) - 1, in);
	cr_assert_gt(got, 0);
	fclose(in);
	return text;
}

static unsigned count_calls(const struct confine *role)
{
	const char *const *group;
	unsigned count = 0;
	const char *at;

	for (group = role->calls; group && *group; group++)
		for (at = *group; *at; at += strspn(at, " ")) {
			at += strcspn(at, " ");
			count++;
		}
	return count;
}

Test(confine, the_documents_say_how_many_calls_there_are)
{
	char *security = read_page("SECURITY.md"), figures[64];
	const struct confine *const *role;
	unsigned least = UINT_MAX, most = 0, count;

	for (role = confine_roles; *role; role++) {
		count = count_calls(*role);
		least = count < least ? count : least;
		most = count > most ? count : most;
	}
	snprintf(figures, sizeof(figures), "lists of %u to %u system calls",
		 least, most);
	cr_expect_not_null(strstr(security, figures), "not in SECURITY.md: %s",
			   figures);
	free(security);
}

Test(confine, the_documents_say_what_each_process_may)
{
	char *security = read_page("SECURITY.md"), row[1024];
	char *manual = read_page("man/evenkeeld.8");
	const struct confine *const *role;

	for (role = confine_roles; *role; role++) {
		describe(*role, row, sizeof(row));
		cr_expect_not_null(strstr(security, row),
				   "not in SECURITY.md:\n%s", row);
		cr_expect_not_null(strstr(manual, (*role)->name),
				   "not in evenkeeld(8): %s", (*role)->name);
	}
	free(security);
	free(manual);
}
