/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of calls of each process. The test confined watches the processes at
 * work: a call that is made there and is missing here ends the process, and a
 * call that is here, and never made there, has to be named as spare in that
 * test, with its reason.
 *
 * A name that an architecture does not have (open, poll and epoll_wait on
 * arm64) means nothing there; beside each stands the call that takes its place.
 */
#include <sys/socket.h>

#include "confine/confine_internal.h"
#include "lib/util.h"

/* Memory, time, signals, and the end: of the C library in any process. */
#define CONFINE_RUNTIME                                                      \
	"brk mmap munmap mremap mprotect madvise read write writev close "   \
	"fstat newfstatat lseek getpid gettid geteuid getuid getegid "       \
	"getgid futex futex_waitv rt_sigaction rt_sigprocmask rt_sigreturn " \
	"sigaltstack clock_gettime clock_getres gettimeofday time "          \
	"clock_nanosleep nanosleep restart_syscall getrandom exit "          \
	"exit_group rseq set_robust_list sched_yield sched_getaffinity "     \
	"sysinfo prlimit64 getrlimit membarrier prctl uname"

/* The event loop. */
#define CONFINE_LOOP                                                   \
	"epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 " \
	"timerfd_create timerfd_settime poll ppoll pipe2 fcntl eventfd2"

/* The log, messages with main and descriptors in them. */
#define CONFINE_TALK "socket connect sendmsg recvmsg sendto recvfrom"

/* Sockets to others. */
#define CONFINE_NET \
	"bind getsockname getpeername getsockopt setsockopt shutdown"

/* Files that a library reads: the time zone, certificates. */
#define CONFINE_READ \
	"open openat readlink readlinkat access faccessat faccessat2 pread64"

/* A library that blocks while it talks with one server, until a deadline ends it. */
#define CONFINE_HELPER "poll ppoll fcntl dup2 dup3 alarm setitimer ioctl"

/* A helper's, of which the zygote needs all: helpers inherit its filter. */
#define CONFINE_HELPERS_TOO \
	CONFINE_RUNTIME, CONFINE_TALK, CONFINE_NET, CONFINE_READ, CONFINE_HELPER

/* Of a process with the event loop, which talks with main and with others. */
#define CONFINE_SERVICE \
	CONFINE_RUNTIME, CONFINE_LOOP, CONFINE_TALK, CONFINE_NET, CONFINE_READ

#define CALLS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* Certificates, the time zone, and OpenSSL's own settings. */
static const char *const confine_tls_paths[] = {
	"/etc/localtime",
	"/usr/share/zoneinfo",
	"/etc/ssl",
	"/etc/pki",
	"/etc/crypto-policies",
	"/usr/lib/ssl",
	"/usr/share/ca-certificates",
	"/usr/local/share/ca-certificates",
	"/dev/urandom",
	NULL
};
static const char *const confine_everything[] = { "/", NULL };
static const char *const confine_clock_paths[] = { "/etc/localtime",
						   "/usr/share/zoneinfo",
						   NULL };

const struct confine confine_checker = {
	.name = "evenkeel-checker",
	.flags = CONFINE_CONNECTS,
	.families = CONFINE_INET | CONFINE_LOG,
	.calls = CALLS(CONFINE_SERVICE,
		       "pidfd_send_signal wait4 socketpair ioctl"),
	.paths = confine_tls_paths,
};

/* The zygote forks helpers, which have their files from the checker's words. */
const struct confine confine_zygote = {
	.name = "evenkeel-zygote",
	.flags = CONFINE_FORKS | CONFINE_LOADS | CONFINE_CONNECTS |
		 CONFINE_WRITES | CONFINE_SEES_ALL,
	.families = CONFINE_INET | CONFINE_LOG,
	.calls = CALLS(CONFINE_HELPERS_TOO,
		       "clone wait4 socketpair pidfd_open getppid seccomp "
		       "close_range landlock_create_ruleset "
		       "landlock_add_rule landlock_restrict_self"),
};

const struct confine confine_helper = {
	.name = "evenkeel-mysql",
	.flags = CONFINE_LOADS | CONFINE_CONNECTS,
	.families = CONFINE_INET | CONFINE_LOG,
	.calls = CALLS(CONFINE_HELPERS_TOO),
	.paths = confine_everything,
};

const struct confine confine_peer = {
	.name = "evenkeel-peer",
	.families = CONFINE_INET | CONFINE_LOG,
	.calls = CALLS(CONFINE_SERVICE),
	.paths = confine_clock_paths,
};

const struct confine confine_bfd = {
	.name = "evenkeel-bfd",
	.families = CONFINE_INET | CONFINE_LOG,
	.calls = CALLS(CONFINE_SERVICE),
	.paths = confine_clock_paths,
};

const struct confine confine_web = {
	.name = "evenkeel-web",
	.families = CONFINE_INET | CONFINE_LOG,
	.calls = CALLS(CONFINE_SERVICE, "accept4 listen sendfile"),
	.paths = confine_clock_paths,
};

/*
 * libcurl looks names up in a thread, by the system's modules: these read files
 * anywhere below /etc, /run and /usr, and ask the kernel for the addresses here.
 */
const struct confine confine_mail = {
	.name = "evenkeel-mail",
	.flags = CONFINE_LOADS | CONFINE_FORKS | CONFINE_CONNECTS,
	.families = CONFINE_INET | CONFINE_LOG | CONFINE_FAMILY(AF_NETLINK),
	.calls = CALLS(CONFINE_RUNTIME, CONFINE_TALK, CONFINE_NET, CONFINE_READ,
		       "poll ppoll fcntl pipe2 eventfd2 socketpair ioctl clone "
		       "sendmmsg"),
	.paths = confine_everything,
};

const struct confine confine_recorder = {
	.name = "evenkeel-recorder",
	.flags = CONFINE_WRITES | CONFINE_SEES_ALL,
	.families = CONFINE_LOG,
	.calls = CALLS(
		CONFINE_RUNTIME, CONFINE_TALK, CONFINE_READ,
		"poll ppoll fcntl umask ftruncate fchmod flock renameat renameat2"),
};

const struct confine confine_arp = {
	.name = "evenkeel-arp",
	.families = CONFINE_LOG,
	.calls = CALLS(CONFINE_RUNTIME, CONFINE_TALK, "poll ppoll pread64"),
};

/*
 * The VRRP process is root and holds the addresses: it makes sockets of every
 * kind that VRRP, ARP and netlink need, now and after each reload.
 */
const struct confine confine_vrrp = {
	.name = "evenkeel-vrrp",
	.flags = CONFINE_WRITES | CONFINE_SEES_ALL | CONFINE_LINKS,
	.families = CONFINE_INET | CONFINE_LOG | CONFINE_FAMILY(AF_NETLINK) |
		    CONFINE_FAMILY(AF_PACKET),
	.calls = CALLS(CONFINE_SERVICE,
		       "sched_setscheduler sched_setaffinity setpriority "
		       "mlockall munlockall ioctl"),
};

const struct confine *const confine_roles[] = {
	&confine_checker,
	&confine_zygote,
	&confine_helper,
	&confine_peer,
	&confine_web,
	&confine_recorder,
	&confine_arp,
	&confine_vrrp,
	&confine_mail,
	&confine_bfd,
	NULL,
};
