# SPDX-License-Identifier: GPL-2.0-or-later
if HAVE_CRITERION
check_PROGRAMS += tests/unit/test_lib
tests_unit_test_lib_SOURCES = tests/unit/test_addr.c tests/unit/test_carry.c tests/unit/test_disk_job.c tests/unit/test_durations.c tests/unit/test_sheet.c tests/unit/test_ipc.c \
	tests/unit/test_hmac.c tests/unit/test_index.c tests/unit/test_loop.c tests/unit/test_log.c tests/unit/test_md5.c \
	tests/unit/test_payload.c tests/unit/test_text.c tests/unit/test_util.c
tests_unit_test_lib_CFLAGS = $(CRITERION_TEST_CFLAGS) $(LIBEVENT_CFLAGS)
tests_unit_test_lib_LDADD = $(LIB_LIBS) $(CRITERION_LIBS)

# What is asked of the kernel is noted and not done: calls of another name, since the
# linker would give ours to the sanitizer as well, which calls setrlimit before it is set
# up.
check_PROGRAMS += tests/unit/test_scheduling
tests_unit_test_scheduling_SOURCES = tests/unit/test_scheduling.c lib/scheduling.c
tests_unit_test_scheduling_CFLAGS = $(CRITERION_TEST_CFLAGS) \
	-Dmlockall=asked_mlockall -Dmunlockall=asked_munlockall \
	-Dsetrlimit=asked_setrlimit -Dsetpriority=asked_setpriority \
	-Dsched_setaffinity=asked_sched_setaffinity \
	-Dsched_setscheduler=asked_sched_setscheduler
tests_unit_test_scheduling_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=log_warning
tests_unit_test_scheduling_LDADD = $(LIB_LIBS) $(CRITERION_LIBS)
endif
