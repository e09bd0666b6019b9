/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pid file: one holder at a time, and nobody else's lock in the way. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/proc/pidfile.h"

#define STARTERS 6
#define STARTS 2000

static char folder[64], path[96], lock[112];

static void folder_make(void)
{
	snprintf(folder, sizeof(folder), "/tmp/evenkeel-pid-XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
	cr_assert_eq(chmod(folder, 0755), 0);
	snprintf(path, sizeof(path), "%s/d.pid", folder);
	snprintf(lock, sizeof(lock), "%s.lock", path);
}

static void folder_remove(void)
{
	char command[96];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_assert_eq(system(command), 0);
}

Test(pidfile, says_who_runs, .init = folder_make, .fini = folder_remove)
{
	int pid, fd = pidfile_take(path, &pid);

	cr_assert_geq(fd, 0);
	cr_assert_eq(pidfile_write(path), 0);
	cr_assert_eq(pidfile_take(path, &pid), -EEXIST);
	cr_assert_eq(pid, (int)getpid());
	pidfile_drop(path, fd);
	cr_assert_eq(access(path, F_OK), -1);
	cr_assert_eq(access(lock, F_OK), -1, "nothing is left behind");
	fd = pidfile_take(path, &pid);
	cr_assert_geq(fd, 0);
	pidfile_drop(path, fd);
}

/* A child that is still to execute its program has the dead daemon's lock. */
Test(pidfile, the_lock_of_a_killed_daemon_is_waited_for, .init = folder_make,
     .fini = folder_remove)
{
	int pid, dead, fd;
	pid_t daemon, child;
	FILE *file;

	daemon = fork();
	if (daemon == 0)
		_exit(0);
	cr_assert_eq(waitpid(daemon, &dead, 0), daemon);
	fd = pidfile_take(path, &pid);
	cr_assert_geq(fd, 0);
	file = fopen(path, "w");
	cr_assert_not_null(file);
	fprintf(file, "%d\n", (int)daemon);
	fclose(file);
	child = fork();
	if (child == 0) {
		usleep(100000);
		_exit(0);
	}
	close(fd);
	fd = open(lock, O_RDWR | O_CLOEXEC);
	cr_expect_eq(flock(fd, LOCK_EX | LOCK_NB), -1, "the child has it");
	close(fd);
	fd = pidfile_take(path, &pid);
	cr_assert_geq(fd, 0, "%d", fd);
	pidfile_drop(path, fd);
	waitpid(child, NULL, 0);
}

/* What another user can open he can also lock. */
Test(pidfile, no_file_that_others_can_open_is_locked, .init = folder_make,
     .fini = folder_remove)
{
	struct stat st;
	int pid, other, fd;

	umask(077);
	fd = pidfile_take(path, &pid);
	cr_assert_geq(fd, 0);
	cr_assert_eq(pidfile_write(path), 0);
	cr_assert_eq(stat(path, &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0644, "others may read who runs");
	cr_assert_eq(stat(lock, &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0600);
	close(fd); /* killed: both files stay */
	other = open(path, O_RDONLY | O_CLOEXEC);
	cr_assert_geq(other, 0);
	cr_assert_eq(flock(other, LOCK_EX | LOCK_NB), 0);
	fd = pidfile_take(path, &pid);
	cr_assert_geq(fd, 0, "a lock on the pid file keeps nobody out: %d", fd);
	pidfile_drop(path, fd);
	close(other);
	other = open(lock, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
	cr_assert_geq(other, 0);
	cr_assert_eq(fchmod(other, 0644), 0);
	cr_assert_eq(pidfile_take(path, &pid), -EPERM);
	close(other);
}

Test(pidfile, follows_no_link_and_cuts_no_file, .init = folder_make,
     .fini = folder_remove)
{
	char victim[96];
	struct stat st;
	FILE *file;
	int pid, fd;

	snprintf(victim, sizeof(victim), "%s/victim", folder);
	file = fopen(victim, "w");
	cr_assert_not_null(file);
	fputs("more than a pid needs\n", file);
	fclose(file);
	cr_assert_eq(symlink(victim, lock), 0);
	cr_assert_eq(pidfile_take(path, &pid), -ELOOP);
	cr_assert_eq(unlink(lock), 0);
	cr_assert_eq(link(victim, path), 0);
	fd = pidfile_take(path, &pid);
	cr_assert_geq(fd, 0);
	cr_assert_eq(pidfile_write(path), 0);
	cr_assert_eq(stat(victim, &st), 0);
	cr_assert_gt(st.st_size, 10, "another file was written to");
	pidfile_drop(path, fd);
}

/*
 * A full disk keeps no daemon from starting: the lock needs no room. The number of a
 * dead daemon does not stay, as it may be another program's by now. A limit for the
 * size of files stands for the full disk.
 */
Test(pidfile, the_lock_is_good_without_the_number, .init = folder_make,
     .fini = folder_remove)
{
	struct rlimit none = { 0, RLIM_INFINITY }, before;
	int pid, fd;
	FILE *file;

	file = fopen(path, "w");
	cr_assert_not_null(file);
	fprintf(file, "%d\n", (int)getppid());
	fclose(file);
	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
	fd = pidfile_take(path, &pid);
	cr_expect_geq(fd, 0, "%d", fd);
	cr_expect_eq(pidfile_write(path), -EFBIG);
	cr_expect_eq(access(path, F_OK), -1, "a dead daemon's number is there");
	cr_expect_eq(pidfile_take(path, &pid), -EEXIST);
	cr_expect_eq(pid, 0);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
	cr_expect_eq(pidfile_write(path), 0);
	cr_expect_eq(pidfile_take(path, &pid), -EEXIST);
	cr_expect_eq(pid, (int)getpid());
	pidfile_drop(path, fd);
}

static void start_and_stop(atomic_int *holders)
{
	int i, fd, pid;

	for (i = 0; i < STARTS; i++) {
		fd = pidfile_take(path, &pid);
		if (fd < 0)
			continue;
		if (atomic_fetch_add(holders, 1) != 0)
			_exit(1);
		sched_yield(); /* long enough for another to be seen */
		sched_yield();
		atomic_fetch_sub(holders, 1);
		pidfile_drop(path, fd);
	}
	_exit(0);
}

/* Starts while others end: the file that one locks may be gone already. */
Test(pidfile, one_holder_at_a_time, .init = folder_make, .fini = folder_remove)
{
	atomic_int *holders = mmap(NULL, sizeof(*holders),
				   PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int i, status, both = 0;

	cr_assert_neq(holders, MAP_FAILED);
	for (i = 0; i < STARTERS; i++)
		if (fork() == 0)
			start_and_stop(holders);
	for (i = 0; i < STARTERS; i++) {
		cr_assert_gt(wait(&status), 0);
		both += status != 0;
	}
	cr_assert_eq(both, 0, "two had the lock at the same time");
	munmap(holders, sizeof(*holders));
}
