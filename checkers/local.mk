# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += checkers/libcheckers.a
checkers_libcheckers_a_SOURCES = \
	checkers/check.c checkers/check.h \
	checkers/checker_process.h \
	checkers/checker.c checkers/checker.h \
	checkers/datagram.c checkers/datagram.h \
	checkers/dns.c \
	checkers/dns_query.c checkers/dns_query.h \
	checkers/file.c \
	checkers/file_judge.c checkers/file_judge.h \
	checkers/heard.c checkers/heard.h \
	checkers/http.c \
	checkers/http_engine.c checkers/http_engine.h \
	checkers/http_judge.c checkers/http_judge.h \
	checkers/http_regex.c checkers/http_regex.h \
	checkers/http_request.c checkers/http_request.h \
	checkers/tls_identity.c checkers/tls_identity.h \
	checkers/leftover.c checkers/leftover.h \
	checkers/misc.c \
	checkers/misc_judge.c checkers/misc_judge.h \
	checkers/misc_table.c checkers/misc_table.h \
	checkers/mysql/mysql.c \
	checkers/mysql/mysql_classify.c checkers/mysql/mysql_classify.h \
	checkers/mysql/mysql_cluster.c checkers/mysql/mysql_cluster.h \
	checkers/mysql/mysql_examine.c checkers/mysql/mysql_examine.h \
	checkers/mysql/mysql_facts.c checkers/mysql/mysql_facts.h \
	checkers/mysql/mysql_courier.c checkers/mysql/mysql_courier.h \
	checkers/mysql/mysql_evict.c checkers/mysql/mysql_evict.h \
	checkers/mysql/mysql_evictor.c checkers/mysql/mysql_evictor.h \
	checkers/mysql/mysql_write.c checkers/mysql/mysql_write.h \
	checkers/mysql/mysql_heartbeat.c checkers/mysql/mysql_heartbeat.h \
	checkers/mysql/mysql_helper.c checkers/mysql/mysql_helper.h \
	checkers/mysql/mysql_lib.h \
	checkers/mysql/mysql_link.c checkers/mysql/mysql_link.h \
	checkers/mysql/mysql_login.c checkers/mysql/mysql_login.h \
	checkers/mysql/mysql_msg.c checkers/mysql/mysql_msg.h \
	checkers/mysql/mysql_socket.c checkers/mysql/mysql_socket.h \
	checkers/mysql/mysql_payload.c checkers/mysql/mysql_payload.h \
	checkers/mysql/mysql_pool.c checkers/mysql/mysql_pool.h \
	checkers/mysql/mysql_replica.c checkers/mysql/mysql_replica.h \
	checkers/mysql/mysql_room.c checkers/mysql/mysql_room.h \
	checkers/mysql/mysql_rows.c checkers/mysql/mysql_rows.h \
	checkers/mysql/mysql_session.c checkers/mysql/mysql_session.h \
	checkers/mysql/mysql_usual.c checkers/mysql/mysql_usual.h \
	checkers/mysql/mysql_watchdog.c checkers/mysql/mysql_watchdog.h \
	checkers/mysql/mysql_wire.c checkers/mysql/mysql_wire.h \
	checkers/neighbor.c \
	checkers/ping.c \
	checkers/ping_echo.c checkers/ping_echo.h \
	checkers/probe_socket.c checkers/probe_socket.h \
	checkers/check_path.c checkers/check_path.h \
	checkers/outbox.c checkers/outbox.h \
	checkers/probe.c checkers/probe.h \
	checkers/checker_reload.c \
	checkers/sched.c checkers/sched.h \
	checkers/checker_flush.c \
	checkers/smtp.c \
	checkers/smtp_talk.c checkers/smtp_talk.h \
	checkers/tcp.c \
	checkers/tcp_pool.c checkers/tcp_pool.h \
	checkers/timing.c checkers/timing.h \
	checkers/udp.c \
	checkers/udp_judge.c checkers/udp_judge.h \
	checkers/mysql/zygote.c checkers/mysql/zygote.h
# What the two client libraries do not have in common.
if MYSQL_IS_MARIADB
checkers_libcheckers_a_SOURCES += checkers/mysql/mysql_tls_mariadb.c \
	checkers/mysql/mysql_trust.h
if MYSQL_HAS_VERIFIER
checkers_libcheckers_a_SOURCES += checkers/mysql/mysql_trust_function.c
else
checkers_libcheckers_a_SOURCES += checkers/mysql/mysql_trust_option.c
endif
else
checkers_libcheckers_a_SOURCES += checkers/mysql/mysql_tls_mysql.c
endif
EXTRA_DIST += checkers/mysql/mysql_tls_mariadb.c checkers/mysql/mysql_tls_mysql.c \
	checkers/mysql/mysql_trust.h checkers/mysql/mysql_trust_option.c \
	checkers/mysql/mysql_trust_function.c
checkers_libcheckers_a_CFLAGS = $(AM_CFLAGS) $(LIBEVENT_CFLAGS) $(MYSQL_CFLAGS) $(CURL_CFLAGS) \
	$(PCRE2_CFLAGS)

CHECKERS_LIBS = checkers/libcheckers.a $(CONFINE_LIBS) $(MYSQL_LIBS) $(CURL_LIBS)
