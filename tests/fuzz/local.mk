# SPDX-License-Identifier: GPL-2.0-or-later
if ENABLE_FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_conf
tests_fuzz_fuzz_conf_SOURCES = tests/fuzz/fuzz_conf.c
tests_fuzz_fuzz_conf_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_conf_LDADD = $(CONF_LIBS)

noinst_PROGRAMS += tests/fuzz/fuzz_vrrp_packet
tests_fuzz_fuzz_vrrp_packet_SOURCES = tests/fuzz/fuzz_vrrp_packet.c
tests_fuzz_fuzz_vrrp_packet_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_vrrp_packet_LDADD = $(VRRP_LIBS)

noinst_PROGRAMS += tests/fuzz/fuzz_bfd
tests_fuzz_fuzz_bfd_SOURCES = tests/fuzz/fuzz_bfd.c
tests_fuzz_fuzz_bfd_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_bfd_LDADD = bfd/libbfd.a $(LIB_LIBS)

noinst_PROGRAMS += tests/fuzz/fuzz_verdicts
tests_fuzz_fuzz_verdicts_SOURCES = tests/fuzz/fuzz_verdicts.c
tests_fuzz_fuzz_verdicts_CFLAGS = $(AM_CFLAGS) $(LIBEVENT_CFLAGS)
tests_fuzz_fuzz_verdicts_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_verdicts_LDADD = balance/libbalance.a $(CONF_LIBS)

noinst_PROGRAMS += tests/fuzz/fuzz_netlink
tests_fuzz_fuzz_netlink_SOURCES = tests/fuzz/fuzz_netlink.c
tests_fuzz_fuzz_netlink_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_netlink_LDADD = $(IPVS_LIBS) $(LIB_LIBS)

noinst_PROGRAMS += tests/fuzz/fuzz_checker_ipc tests/fuzz/fuzz_mysql_helper
tests_fuzz_fuzz_checker_ipc_SOURCES = tests/fuzz/fuzz_checker_ipc.c
tests_fuzz_fuzz_checker_ipc_CFLAGS = $(AM_CFLAGS) $(LIBEVENT_CFLAGS)
tests_fuzz_fuzz_checker_ipc_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_checker_ipc_LDADD = $(CHECKERS_LIBS) $(CONF_LIBS)
tests_fuzz_fuzz_mysql_helper_SOURCES = tests/fuzz/fuzz_mysql_helper.c
tests_fuzz_fuzz_mysql_helper_CFLAGS = $(AM_CFLAGS) $(MYSQL_CFLAGS)
tests_fuzz_fuzz_mysql_helper_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_mysql_helper_LDADD = $(CHECKERS_LIBS) $(CONF_LIBS)

noinst_PROGRAMS += tests/fuzz/fuzz_mysql_wire
tests_fuzz_fuzz_mysql_wire_SOURCES = tests/fuzz/fuzz_mysql_wire.c
tests_fuzz_fuzz_mysql_wire_CFLAGS = $(AM_CFLAGS) $(MYSQL_CFLAGS)
tests_fuzz_fuzz_mysql_wire_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_mysql_wire_LDADD = $(CHECKERS_LIBS) $(CONF_LIBS)

noinst_PROGRAMS += tests/fuzz/fuzz_answers
tests_fuzz_fuzz_answers_SOURCES = tests/fuzz/fuzz_answers.c
tests_fuzz_fuzz_answers_CFLAGS = $(AM_CFLAGS) $(LIBEVENT_CFLAGS)
tests_fuzz_fuzz_answers_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_answers_LDADD = $(CHECKERS_LIBS) $(CONF_LIBS)

noinst_PROGRAMS += tests/fuzz/fuzz_regex
tests_fuzz_fuzz_regex_SOURCES = tests/fuzz/fuzz_regex.c
tests_fuzz_fuzz_regex_CFLAGS = $(AM_CFLAGS) $(LIBEVENT_CFLAGS)
tests_fuzz_fuzz_regex_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_regex_LDADD = $(CHECKERS_LIBS) $(CONF_LIBS)

noinst_PROGRAMS += tests/fuzz/fuzz_peer
tests_fuzz_fuzz_peer_SOURCES = tests/fuzz/fuzz_peer.c
tests_fuzz_fuzz_peer_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_peer_LDADD = daemon/operator/liboperator.a $(LIB_LIBS)

noinst_PROGRAMS += tests/fuzz/fuzz_http_words
tests_fuzz_fuzz_http_words_SOURCES = tests/fuzz/fuzz_http_words.c
tests_fuzz_fuzz_http_words_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_http_words_LDADD = web/libweb.a

noinst_PROGRAMS += tests/fuzz/fuzz_arp
tests_fuzz_fuzz_arp_SOURCES = tests/fuzz/fuzz_arp.c
tests_fuzz_fuzz_arp_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_arp_LDADD = daemon/doctor/libdoctor.a daemon/proc/libproc.a \
	$(CONF_LIBS) $(JSONC_LIBS) $(CAPNG_LIBS)

noinst_PROGRAMS += tests/fuzz/fuzz_recording
tests_fuzz_fuzz_recording_SOURCES = tests/fuzz/fuzz_recording.c
tests_fuzz_fuzz_recording_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_recording_LDADD = sim/libsim.a $(RECORD_LIBS) $(CONF_LIBS) \
	$(JSONC_LIBS) -lm

noinst_PROGRAMS += tests/fuzz/fuzz_sheet
tests_fuzz_fuzz_sheet_SOURCES = tests/fuzz/fuzz_sheet.c
tests_fuzz_fuzz_sheet_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_sheet_LDADD = $(CTL_LIBS)
endif
