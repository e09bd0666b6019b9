# SPDX-License-Identifier: GPL-2.0-or-later
# The language, conf/lang, knows nothing of what its blocks mean.
noinst_LIBRARIES += conf/lang/liblang.a
conf_lang_liblang_a_SOURCES = \
	conf/lang/bind.c conf/lang/bind.h \
	conf/lang/buf.c \
	conf/lang/define.c \
	conf/lang/expand.c conf/lang/expand.h \
	conf/lang/find.c \
	conf/lang/guess.c \
	conf/lang/include.c \
	conf/lang/intern.c conf/lang/intern.h \
	conf/lang/lex.c conf/lang/lex.h \
	conf/lang/message.c \
	conf/lang/outside.c conf/lang/outside.h \
	conf/lang/parse.h \
	conf/lang/print_value.c conf/lang/print_value.h \
	conf/lang/read.c conf/lang/read.h \
	conf/lang/tables.c \
	conf/lang/script_words.c \
	conf/lang/seq.c \
	conf/lang/tree.c conf/lang/tree_build.c \
	conf/lang/type.c \
	conf/lang/value.c
# Of a text, what its bytes are compared with tells a fuzzer nothing that the dictionary
# does not, and takes a third of the time of each run.
if ENABLE_FUZZERS
FUZZ_TEXT_CFLAGS = -fno-sanitize-coverage=trace-cmp
endif
conf_lang_liblang_a_CFLAGS = $(AM_CFLAGS) $(FUZZ_TEXT_CFLAGS)

noinst_LIBRARIES += conf/libconf.a
conf_libconf_a_SOURCES = \
	conf/bfd_conf.h \
	conf/blank.c conf/blank.h \
	conf/conf.c conf/conf.h \
	conf/conf_print.c conf/conf_print.h \
	conf/digest.c conf/digest.h \
	conf/known.c \
	conf/kinds.h \
	conf/page_regex.c conf/page_regex.h \
	conf/pair_conf.h \
	conf/print_vrrp.c \
	conf/sealed.c conf/sealed.h \
	conf/vrrp_conf.c conf/vrrp_conf.h \
	conf/lvs/address_sets.c \
	conf/lvs/announce_group.c \
	conf/lvs/mail_words.c \
	conf/lvs/process_words.c \
	conf/vrrp/vrrp_linkbeat.c \
	conf/vrrp/vrrp_links.c \
	conf/lvs/changes.c \
	conf/lvs/check_bfd.c \
	conf/lvs/check_common.c \
	conf/lvs/check_dns.c \
	conf/lvs/check_file.c \
	conf/lvs/check_http.c \
	conf/lvs/check_kinds.c \
	conf/lvs/check_misc.c \
	conf/lvs/check_mysql.c \
	conf/lvs/check_ping.c \
	conf/lvs/check_smtp.c \
	conf/lvs/check_tcp.c \
	conf/lvs/check_udp.c \
	conf/lvs/draft.h \
	conf/lvs/forward.c \
	conf/lvs/global_defs.c \
	conf/lvs/pool_blocks.c \
	conf/lvs/real_server.c \
	conf/lvs/resolve.c \
	conf/lvs/sane.c \
	conf/lvs/server_group.c \
	conf/lvs/settle.c \
	conf/lvs/ssl_words.c \
	conf/lvs/virtual_server.c \
	conf/vrrp/vrrp_address.c \
	conf/vrrp/vrrp_advise.c \
	conf/vrrp/vrrp_bfd.c \
	conf/vrrp/vrrp_blocks.c conf/vrrp/vrrp_blocks.h \
	conf/vrrp/vrrp_equal.c \
	conf/vrrp/vrrp_global.c \
	conf/vrrp/vrrp_group.c \
	conf/vrrp/vrrp_hmac.c \
	conf/vrrp/vrrp_instance.c \
	conf/vrrp/vrrp_line.c conf/vrrp/vrrp_line.h \
	conf/vrrp/vrrp_lists.c \
	conf/vrrp/vrrp_notify.c \
	conf/vrrp/vrrp_resolve.c \
	conf/vrrp/vrrp_route.c \
	conf/vrrp/vrrp_rule.c \
	conf/vrrp/vrrp_settle.c \
	conf/vrrp/vrrp_sync.c \
	conf/vrrp/vrrp_track.c \
	conf/vrrp/vrrp_track_group.c \
	conf/vrrp/vrrp_tracker.c \
	conf/vrrp/vrrp_value.c
conf_libconf_a_CFLAGS = $(AM_CFLAGS) $(PCRE2_CFLAGS)

# Each needs the other: conf_parse() and the list of all blocks are in libconf.
CONF_LIBS = conf/libconf.a conf/lang/liblang.a conf/libconf.a \
	conf/lang/liblang.a $(LIB_LIBS) $(PCRE2_LIBS)
