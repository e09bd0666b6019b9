# SPDX-License-Identifier: GPL-2.0-or-later
lib_liblib_a_SOURCES += \
	lib/conf.c lib/conf.h lib/conf_impl.h \
	lib/conf_bind.c lib/conf_bind.h \
	lib/conf_check.c \
	lib/conf_define.c \
	lib/conf_draft.h \
	lib/conf_equal.c \
	lib/conf_expand.c lib/conf_expand.h \
	lib/conf_find.c \
	lib/conf_forward.c \
	lib/conf_global.c \
	lib/conf_group.c \
	lib/conf_guess.c \
	lib/conf_sane.c \
	lib/conf_http.c \
	lib/conf_include.c \
	lib/conf_known.c \
	lib/conf_lex.c lib/conf_lex.h \
	lib/conf_message.c \
	lib/conf_misc.c \
	lib/conf_mysql.c \
	lib/conf_othercheck.c \
	lib/conf_outside.c \
	lib/conf_pool.c \
	lib/conf_print.c lib/conf_print.h \
	lib/conf_print_check.c \
	lib/conf_print_route.c \
	lib/conf_print_vrrp.c \
	lib/conf_read.c lib/conf_read.h \
	lib/conf_real_server.c \
	lib/conf_resolve.c \
	lib/conf_script.c \
	lib/conf_seq.c \
	lib/conf_set.c \
	lib/conf_sets.c \
	lib/conf_settle.c \
	lib/conf_tree.c \
	lib/conf_value.c \
	lib/conf_virtual_server.c \
	lib/conf_vrrp.c lib/conf_vrrp.h \
	lib/conf_vrrp_address.c \
	lib/conf_vrrp_advise.c \
	lib/conf_vrrp_global.c \
	lib/conf_vrrp_group.c \
	lib/conf_vrrp_instance.c \
	lib/conf_vrrp_lists.c \
	lib/conf_vrrp_notify.c \
	lib/conf_vrrp_resolve.c \
	lib/conf_vrrp_route.c \
	lib/conf_vrrp_rule.c \
	lib/conf_vrrp_settle.c \
	lib/conf_vrrp_sync.c \
	lib/conf_vrrp_track.c \
	lib/conf_vrrp_tracker.c \
	lib/conf_vrrp_value.c \
	lib/pair_conf.h
