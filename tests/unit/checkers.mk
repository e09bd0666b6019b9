# SPDX-License-Identifier: GPL-2.0-or-later
if HAVE_CRITERION
# Pure parts, and the process.
check_PROGRAMS += tests/unit/test_checkers tests/unit/test_checkers_process
tests_unit_test_checkers_SOURCES = \
	tests/unit/test_checkers_classify.c \
	tests/unit/test_checkers_cluster.c \
	tests/unit/test_checkers_dns.c \
	tests/unit/test_checkers_file.c \
	tests/unit/test_checkers_http.c \
	tests/unit/test_checkers_identity.c \
	tests/unit/test_checkers_leftover.c \
	tests/unit/test_checkers_login.c \
	tests/unit/test_checkers_misc.c \
	tests/unit/test_checkers_evict.c \
	tests/unit/test_checkers_mysql.c \
	tests/unit/test_checkers_ping.c \
	tests/unit/test_checkers_regex.c \
	tests/unit/test_checkers_replica.c \
	tests/unit/test_checkers_sched.c \
	tests/unit/test_checkers_smtp.c \
	tests/unit/test_checkers_socket.c \
	tests/unit/test_checkers_timing.c \
	tests/unit/test_checkers_udp.c \
	tests/unit/test_checkers_wire.c
tests_unit_test_checkers_CFLAGS = $(CRITERION_TEST_CFLAGS) $(LIBEVENT_CFLAGS) \
	$(MYSQL_CFLAGS) $(PCRE2_CFLAGS)
tests_unit_test_checkers_LDADD = $(CHECKERS_LIBS) $(CONF_LIBS) $(CRITERION_LIBS)
# Oracle's library is never let go, and logs in nowhere without TLS or a key.
if MYSQL_IS_MARIADB
check_PROGRAMS += tests/unit/test_checkers_link
tests_unit_test_checkers_link_SOURCES = tests/unit/test_checkers_link.c
tests_unit_test_checkers_link_CFLAGS = $(tests_unit_test_checkers_CFLAGS)
tests_unit_test_checkers_link_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=mysql_init -Wl,--wrap=mysql_close
tests_unit_test_checkers_link_LDADD = $(tests_unit_test_checkers_LDADD)
endif
tests_unit_test_checkers_process_SOURCES = \
	tests/unit/checker_conf.c tests/unit/checker_conf.h \
	tests/unit/test_checkers_outbox.c \
	tests/unit/test_checkers_path.c \
	tests/unit/test_checkers_reload.c \
	tests/unit/test_checkers_zygote.c
tests_unit_test_checkers_process_CFLAGS = \
	$(tests_unit_test_checkers_CFLAGS)
tests_unit_test_checkers_process_LDADD = $(tests_unit_test_checkers_LDADD)

# The helpers, the loop and the clock are the test itself.
check_PROGRAMS += tests/unit/test_checkers_pool
tests_unit_test_checkers_pool_SOURCES = tests/unit/test_checkers_pool.c
tests_unit_test_checkers_pool_CFLAGS = $(tests_unit_test_checkers_CFLAGS)
tests_unit_test_checkers_pool_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=loop_now -Wl,--wrap=loop_timer_init \
	-Wl,--wrap=loop_timer_set -Wl,--wrap=loop_timer_clear \
	-Wl,--wrap=loop_io_start -Wl,--wrap=loop_io_stop \
	-Wl,--wrap=zygote_ask -Wl,--wrap=zygote_take \
	-Wl,--wrap=zygote_leave
tests_unit_test_checkers_pool_LDADD = $(tests_unit_test_checkers_LDADD)

# The pool of helpers is the test itself.
check_PROGRAMS += tests/unit/test_checkers_orders
tests_unit_test_checkers_orders_SOURCES = tests/unit/test_checkers_orders.c \
	tests/unit/checker_conf.c tests/unit/checker_conf.h
tests_unit_test_checkers_orders_CFLAGS = $(tests_unit_test_checkers_CFLAGS)
tests_unit_test_checkers_orders_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=mysql_pool_new -Wl,--wrap=mysql_pool_free \
	-Wl,--wrap=mysql_pool_join -Wl,--wrap=mysql_pool_leave \
	-Wl,--wrap=mysql_pool_submit -Wl,--wrap=mysql_pool_withdraw \
	-Wl,--wrap=mysql_pool_forget -Wl,--wrap=loop_timer_set
tests_unit_test_checkers_orders_LDADD = $(tests_unit_test_checkers_LDADD)
endif

include tests/net/checkers.mk
