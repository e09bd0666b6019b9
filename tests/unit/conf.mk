# SPDX-License-Identifier: GPL-2.0-or-later
if HAVE_CRITERION
check_PROGRAMS += tests/unit/test_conf
tests_unit_test_conf_SOURCES = \
	tests/unit/conf_world.c tests/unit/conf_world.h \
	tests/unit/test_conf_bind.c \
	tests/unit/test_conf_blank.c \
	tests/unit/test_conf_dict.c \
	tests/unit/test_conf_digest.c \
	tests/unit/test_conf_figures.c \
	tests/unit/test_conf_keepalived.c \
	tests/unit/test_conf_lex.c \
	tests/unit/test_conf_manual.c \
	tests/unit/test_conf_parse.c \
	tests/unit/test_conf_random.c \
	tests/unit/test_conf_read.c \
	tests/unit/test_conf_reload.c \
	tests/unit/test_conf_report.c \
	tests/unit/test_conf_rows.c \
	tests/unit/test_conf_sealed.c \
	tests/unit/test_conf_value.c \
	tests/unit/test_conf_vrrp.c \
	tests/unit/test_conf_vrrp_count.c \
	tests/unit/test_conf_vrrp_equal.c \
	tests/unit/test_conf_vrrp_errors.c \
	tests/unit/test_conf_vrrp_track.c
tests_unit_test_conf_CFLAGS = $(CRITERION_TEST_CFLAGS)
# test_conf_vrrp_count.c counts these.
tests_unit_test_conf_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=strcmp \
	-Wl,--wrap=memcmp -Wl,--wrap=addr_cmp -Wl,--wrap=array_grow
tests_unit_test_conf_LDADD = $(CONF_LIBS) $(CRITERION_LIBS)

# The language once more, so that test_conf_linear.c can count its steps.
check_LIBRARIES += tests/unit/libcounted.a
tests_unit_libcounted_a_SOURCES = $(conf_libconf_a_SOURCES) \
	$(conf_lang_liblang_a_SOURCES)
tests_unit_libcounted_a_CFLAGS = $(AM_CFLAGS) $(PCRE2_CFLAGS) -fsanitize-coverage=trace-pc

check_PROGRAMS += tests/unit/test_conf_linear
tests_unit_test_conf_linear_SOURCES = tests/unit/test_conf_linear.c \
	tests/unit/conf_world.c tests/unit/conf_world.h
tests_unit_test_conf_linear_CFLAGS = $(CRITERION_TEST_CFLAGS)
tests_unit_test_conf_linear_LDADD = tests/unit/libcounted.a $(LIB_LIBS) $(PCRE2_LIBS) \
	$(CRITERION_LIBS)
endif
