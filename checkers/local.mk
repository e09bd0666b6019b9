# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += checkers/libcheckers.a
checkers_libcheckers_a_SOURCES = \
	checkers/check.c checkers/process.h \
	checkers/checker.c checkers/checker.h \
	checkers/http.c \
	checkers/http_engine.c checkers/http_engine.h \
	checkers/http_judge.c checkers/http_judge.h \
	checkers/http_request.c checkers/http_request.h \
	checkers/leftover.c checkers/leftover.h \
	checkers/misc.c \
	checkers/misc_judge.c checkers/misc_judge.h \
	checkers/misc_table.c checkers/misc_table.h \
	checkers/mysql.c \
	checkers/mysql_classify.c checkers/mysql_classify.h \
	checkers/mysql_cluster.c checkers/mysql_cluster.h \
	checkers/mysql_examine.c checkers/mysql_examine.h \
	checkers/mysql_facts.c checkers/mysql_facts.h \
	checkers/mysql_greeting.c checkers/mysql_greeting.h \
	checkers/mysql_heartbeat.c checkers/mysql_heartbeat.h \
	checkers/mysql_helper.c checkers/mysql_helper.h \
	checkers/mysql_lib.h \
	checkers/mysql_login.c checkers/mysql_login.h \
	checkers/mysql_msg.c checkers/mysql_msg.h \
	checkers/mysql_pool.c checkers/mysql_pool.h \
	checkers/mysql_replica.c checkers/mysql_replica.h \
	checkers/mysql_room.c checkers/mysql_room.h \
	checkers/mysql_session.c checkers/mysql_session.h \
	checkers/mysql_watchdog.c checkers/mysql_watchdog.h \
	checkers/net.c checkers/net.h \
	checkers/outbox.c checkers/outbox.h \
	checkers/probe.c checkers/probe.h \
	checkers/reload.c \
	checkers/sched.c checkers/sched.h \
	checkers/speak.c \
	checkers/tcp.c \
	checkers/tcp_pool.c checkers/tcp_pool.h \
	checkers/timing.c checkers/timing.h \
	checkers/zygote.c checkers/zygote.h
# What the two client libraries do not have in common.
if MYSQL_IS_MARIADB
checkers_libcheckers_a_SOURCES += checkers/mysql_tls_mariadb.c
else
checkers_libcheckers_a_SOURCES += checkers/mysql_tls_mysql.c
endif
EXTRA_DIST += checkers/mysql_tls_mariadb.c checkers/mysql_tls_mysql.c
checkers_libcheckers_a_CFLAGS = $(AM_CFLAGS) $(LIBEVENT_CFLAGS) $(MYSQL_CFLAGS) $(CURL_CFLAGS)

CHECKERS_LIBS = checkers/libcheckers.a $(MYSQL_LIBS) $(CURL_LIBS)
