/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * evenkeeld: the start and the end of every process of the daemon. Main reads
 * its options and its configuration, becomes a daemon, and hands over to the
 * core; a child drops its privileges and hands over to its room.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bfd/bfd.h"
#include "checkers/checker.h"
#include "confine/confine.h"
#include "daemon/configuration.h"
#include "daemon/core.h"
#include "daemon/doctor/doctor.h"
#include "daemon/doctor/wire_ask.h"
#include "daemon/dryrun.h"
#include "daemon/life.h"
#include "daemon/migrate/migrate.h"
#include "daemon/options.h"
#include "daemon/operator/peer_main.h"
#include "daemon/recorder_main.h"
#include "daemon/proc/pidfile.h"
#include "daemon/proc/privs.h"
#include "daemon/check_once.h"
#include "sim/replay_main.h"
#include "sim/simulate.h"
#include "daemon/proc/systemd.h"
#include "lib/log.h"
#include "lib/log_pump.h"
#include "lib/loop.h"
#include "mail/mail.h"
#include "vrrp/vrrp.h"
#include "web/web.h"

/* keepalived's exit statuses, so that scripts around it go on working. */
enum exit_status {
	EXIT_CONFIG = 2,
	EXIT_PERMISSION = 4,
	EXIT_NO_CONFIG = 6,
};

#define MAIN_CHANNEL 3 /* a child's socket to main: see process.c */

/* How often a pid file that could not be written is tried again. */
#define PIDFILE_AGAIN (10 * USEC_PER_SEC)

struct evenkeeld {
	struct loop *loop;
	struct core *core;
	struct loop_signal hup, term, interrupt, usr1;
	struct log_pump pump;
	const char *pid_file; /* to be written yet, or NULL */
	struct loop_timer pid_again;
	bool stopping;
	bool reload; /* asked for before there was a core */
};

static void main_reload(struct loop_signal *sig, int signo)
{
	struct evenkeeld *self = container_of(sig, struct evenkeeld, hup);

	if (!self->core) {
		self->reload = !self->stopping;
		return;
	}
	systemd_reloading(loop_now(self->loop));
	core_reload(self->core); /* says when it is over */
}

static void main_stop(struct evenkeeld *self, int signo)
{
	log_notice("main", "signal %d (%s): stopping%s", signo,
		   strsignal(signo), self->stopping ? " at once" : "");
	if (self->stopping || !self->core)
		loop_stop(self->loop);
	else
		core_end(self->core);
	self->stopping = true;
}

static void main_stop_term(struct loop_signal *sig, int signo)
{
	main_stop(container_of(sig, struct evenkeeld, term), signo);
}

static void main_stop_interrupt(struct loop_signal *sig, int signo)
{
	main_stop(container_of(sig, struct evenkeeld, interrupt), signo);
}

static void main_show(struct loop_signal *sig, int signo)
{
	struct evenkeeld *self = container_of(sig, struct evenkeeld, usr1);

	if (self->core)
		core_log_state(self->core);
}

static int main_catch_signals(struct evenkeeld *self)
{
	int error;

	signal(SIGPIPE, SIG_IGN);
	error = loop_signal_start(self->loop, &self->hup, SIGHUP, main_reload);
	if (error == 0)
		error = loop_signal_start(self->loop, &self->term, SIGTERM,
					  main_stop_term);
	if (error == 0)
		error = loop_signal_start(self->loop, &self->interrupt, SIGINT,
					  main_stop_interrupt);
	if (error == 0)
		error = loop_signal_start(self->loop, &self->usr1, SIGUSR1,
					  main_show);
	return error;
}

static int main_make_run_dir(const struct options *options)
{
	if (mkdir(options->run_dir, 0755) == 0 || errno == EEXIST)
		return 0;
	fprintf(stderr,
		"evenkeeld: cannot make %s: %s; are you root? (--run-dir names another)\n",
		options->run_dir, strerror(errno));
	return -errno;
}

/*
 * The forked child becomes the daemon; its parent waits until the first table
 * is in the kernel, so that its exit means that the daemon serves.
 */
static int main_to_background(int *tell)
{
	int fds[2];
	char byte;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid > 0) {
		close(fds[1]);
		_exit(read(fds[0], &byte, 1) == 1 ? EXIT_SUCCESS :
						    EXIT_FAILURE);
	}
	close(fds[0]);
	*tell = fds[1];
	if (setsid() < 0 || chdir("/") < 0)
		return -errno;
	return 0;
}

static void main_let_go(const struct options *options, int tell)
{
	int null;

	if (tell < 0)
		return;
	(void)!write(tell, "", 1);
	close(tell);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0)
		return;
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	if (!options->log_console)
		dup2(null, STDERR_FILENO);
	close(null);
}

/*
 * From the first table to the last. *CONFIG becomes the configuration that is in
 * force at the end.
 */
static int main_balance(struct evenkeeld *self, const struct options *options,
			struct config **config, int tell)
{
	int error;

	self->core = core_new(self->loop, options, *config);
	systemd_ready("balancing");
	main_let_go(options, tell);
	if (self->reload)
		core_reload(self->core);
	error = loop_run(self->loop);
	if (error < 0)
		log_error("main", "the event loop failed: %s",
			  strerror(-error));
	systemd_stopping();
	core_release(self->core);
	*config = core_leave_config(self->core);
	core_free(self->core);
	self->core = NULL;
	return error;
}

/* A disk that was full has room some time. */
static void main_write_pid(struct loop_timer *timer)
{
	struct evenkeeld *self =
		container_of(timer, struct evenkeeld, pid_again);

	if (pidfile_write(self->pid_file) < 0)
		loop_timer_set(timer, loop_now(self->loop) + PIDFILE_AGAIN);
	else
		log_notice("main", "%s is written now", self->pid_file);
}

static void main_write_pid_later(struct evenkeeld *self)
{
	loop_timer_init(self->loop, &self->pid_again, main_write_pid);
	if (self->pid_file)
		loop_timer_set(&self->pid_again,
			       loop_now(self->loop) + PIDFILE_AGAIN);
}

/* PID_FILE is the one that is to be written yet, or NULL. */
static int main_run(const struct options *options, struct config *config,
		    const char *pid_file, int tell)
{
	struct evenkeeld self = { .pid_file = pid_file };
	int error = 0;

	self.loop = loop_new();
	if (!self.loop)
		fatal("main", "no event loop: %s", strerror(errno));
	log_pump_start(&self.pump, self.loop);
	main_write_pid_later(&self);
	error = main_catch_signals(&self);
	if (error < 0)
		fatal("main", "cannot catch signals: %s", strerror(-error));
	if (life_run(self.loop, "startup_script", &config->conf->global.startup,
		     &config->conf->global))
		error = main_balance(&self, options, &config, tell);
	life_run(self.loop, "shutdown_script", &config->conf->global.shutdown,
		 &config->conf->global);
	config_free(config);
	loop_signal_stop(&self.hup);
	loop_signal_stop(&self.term);
	loop_signal_stop(&self.interrupt);
	loop_signal_stop(&self.usr1);
	loop_timer_clear(&self.pid_again);
	log_pump_stop(&self.pump);
	loop_free(self.loop);
	return error < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int main_take_pidfile(const struct options *options, char *path,
			     unsigned size)
{
	char number[16];
	int fd, pid;

	if (options->pid_file)
		snprintf(path, size, "%s", options->pid_file);
	else
		options_run_path(options, "evenkeeld.pid", path, size);
	fd = pidfile_take(path, &pid);
	snprintf(number, sizeof(number), "%d", pid);
	if (fd == -EEXIST)
		fprintf(stderr,
			"evenkeeld: a daemon is running already, pid %s (%s); "
			"--run-dir lets several run on one host\n",
			pid > 0 ? number : "unknown", path);
	else if (fd == -EPERM)
		fprintf(stderr,
			"evenkeeld: %s.lock belongs to, or can be opened by, "
			"others: whoever made it could lock it; remove it\n",
			path);
	else if (fd < 0)
		fprintf(stderr, "evenkeeld: %s: %s\n", path, strerror(-fd));
	return fd;
}

/* Returns NULL, or PATH if it is to be written yet: the daemon runs without it. */
static const char *main_announce_pid(const char *path)
{
	int error = pidfile_write(path);

	if (error == 0)
		return NULL;
	log_warning("main", "%s cannot be written and is tried again: %s", path,
		    strerror(-error));
	return path;
}

/* The core owns CONFIG from here on. PID_FILE is written now, or later. */
static int main_serve(const struct options *options, struct config *config,
		      const char *pid_file, int tell)
{
	const char *why = confine_lacks_filter();
	int error;

	log_init("evenkeeld",
		 options->log_console ? LOG_TO_STDERR : LOG_TO_SYSLOG,
		 options->log_facility, options->log_level);
	error = privs_limit_main(config->conf->global.net_namespace_ipvs);
	if (error < 0)
		log_warning("main", "cannot give up privileges: %s",
			    strerror(-error));
	log_notice("main",
		   "started with %s: %u virtual servers, %u real servers, "
		   "%u checks",
		   options_config_file(options),
		   config->conf->nr_virtual_servers, config->conf->nr_servers,
		   config->conf->nr_checks);
	if (why)
		log_warning(
			"main",
			"no process has a filter of system calls: %s; see evenkeeld(8), System calls",
			why);
	return main_run(options, config, main_announce_pid(pid_file), tell);
}

static int main_daemon(struct options *options)
{
	struct config *config;
	int status, error, tell = -1, pidfile;
	char path[256];

	error = config_load(options, NULL, conf_report_print, &config, &status);
	if (error < 0) {
		fprintf(stderr,
			"evenkeeld: %s is refused, nothing was changed\n",
			options_config_file(options));
		return error == -ENOENT ? EXIT_NO_CONFIG : EXIT_CONFIG;
	}
	status = EXIT_PERMISSION;
	if (life_enter_namespace(&config->conf->global) < 0 ||
	    main_make_run_dir(options) < 0)
		goto refuse;
	options_use_instance(options, config->conf->global.instance);
	if (main_make_run_dir(options) < 0)
		goto refuse;
	status = EXIT_FAILURE;
	if (!options->foreground && main_to_background(&tell) < 0)
		goto refuse;
	pidfile = main_take_pidfile(options, path, sizeof(path));
	if (pidfile < 0)
		goto refuse;
	status = main_serve(options, config, path, tell);
	pidfile_drop(path, pidfile);
	return status;
refuse:
	config_free(config);
	return status;
}

static int main_check(const struct options *options)
{
	struct conf *conf;
	int status;

	if (config_try(options, conf_report_print, &conf, &status) == 0 &&
	    options->dump_conf)
		conf_print(conf, stdout);
	conf_free(conf);
	return status;
}

/* Warnings and notes of the file are for -t. */
static void main_doctor_say(struct conf_report *report,
			    const struct conf_message *message)
{
	if (message->severity == CONF_ERROR)
		conf_report_print(report, message);
}

static int main_doctor(struct options *options)
{
	struct config *config;
	const char *socket;
	char path[256];
	int status;

	if (config_load(options, NULL, main_doctor_say, &config, &status) < 0)
		return DOCTOR_NO_CONFIGURATION;
	options_use_instance(options, config->conf->global.instance);
	socket = config->conf->global.control_socket;
	if (!socket)
		socket = options_run_path(options, "control.sock", path,
					  sizeof(path));
	status = life_enter_namespace(&config->conf->global) < 0 ?
			 DOCTOR_NO_CONFIGURATION :
			 doctor_run(config->conf, socket, options->json);
	config_free(config);
	return status;
}

static int main_become_checker(const struct options *options)
{
	privs_raise_files();
	return privs_become(options->child_user);
}

static int main_become_vrrp(const struct options *options)
{
	return privs_limit_vrrp();
}

static int main_become_user(const struct options *options)
{
	return privs_become(options->child_user);
}

static int main_become_recorder(const struct options *options)
{
	return privs_limit_recorder();
}

/* The children: how each gives up its privileges, and what it runs then. */
static const struct main_child {
	const char *name;
	const char *log_name;
	const char *title; /* else ps and top would call it "exe" */
	int (*become)(const struct options *options);
	int (*run)(int sock);
	const struct confine *confine; /* NULL: it does so itself, later */
} main_children[] = {
	[ROLE_CHECKER] = { "checker", "evenkeel-checker", "evenkeel-check",
			   main_become_checker, checker_main, NULL },
	[ROLE_VRRP] = { "vrrp", "evenkeel-vrrp", "evenkeel-vrrp",
			main_become_vrrp, vrrp_main, &confine_vrrp },
	[ROLE_PEER] = { "peer", "evenkeel-peer", "evenkeel-peer",
			main_become_user, peer_main, &confine_peer },
	[ROLE_WEB] = { "web", "evenkeel-web", "evenkeel-web", main_become_user,
		       web_main, &confine_web },
	[ROLE_RECORDER] = { "recorder", "evenkeel-recorder", "evenkeel-record",
			    main_become_recorder, recorder_main,
			    &confine_recorder },
	[ROLE_MAIL] = { "mail", "evenkeel-mail", "evenkeel-mail",
			main_become_user, mail_main, NULL },
	[ROLE_BFD] = { "bfd", "evenkeel-bfd", "evenkeel-bfd", main_become_user,
		       bfd_main, &confine_bfd },
	[ROLE_ARP] = { "arp", "evenkeel-arp", "evenkeel-arp", main_become_user,
		       wire_ask_main, &confine_arp },
};

static int main_child(const struct options *options)
{
	static const struct scheduling usual;
	const struct main_child *child = &main_children[options->role];
	int error;

	log_init(child->log_name,
		 options->log_console ? LOG_TO_STDERR : LOG_TO_SYSLOG,
		 options->log_facility, options->log_level);
	prctl(PR_SET_NAME,
	      options->child_title ? options->child_title : child->title);
	scheduling_apply(&options->child_scheduling, &usual, child->name);
	error = child->become(options);
	if (error == -ENOENT)
		fatal(child->name, "there is no user %s (checker_user)",
		      options->child_user ? options->child_user : "nobody");
	if (error < 0)
		fatal(child->name, "cannot give up privileges: %s",
		      strerror(-error));
	error = child->confine ? confine_enter(child->confine) : 0;
	if (error < 0)
		fatal(child->name, "cannot be confined: %s", strerror(-error));
	return child->run(MAIN_CHANNEL);
}

/*
 * The caller may have closed descriptors 0 to 2. A socket that gets such a
 * number would be taken for the standard output, by a library or by a child of
 * ours.
 */
static void main_open_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	struct options options;
	int status;

	main_open_standard();
	/* A core file would leave passwords and keys in some folder. */
	prctl(PR_SET_DUMPABLE, 0);
	/*
	 * Always map large arrays: unused pages are never touched, and freed
	 * ones go back. By default glibc stops mapping them after the first is
	 * freed.
	 */
	mallopt(M_MMAP_THRESHOLD, 128 * 1024);

	/* `evenkeel simulate` and `replay` need none of the options below. */
	if (argc > 1 && strcmp(argv[1], "--simulate") == 0)
		return simulate_main(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "--replay") == 0)
		return replay_main(argc - 1, argv + 1);
	status = options_parse(&options, argc, argv);
	if (status >= 0)
		return status;
	if (options.role != ROLE_MAIN)
		return main_child(&options);
	if (options.check)
		return options.probe ? probe_main(&options) :
				       main_check(&options);
	if (options.doctor)
		return main_doctor(&options);
	if (options.migrate)
		return migrate_run(options_config_file(&options),
				   options.config_id, options.json);
	if (options.dry_run)
		return dryrun_main(&options);
	return main_daemon(&options);
}
