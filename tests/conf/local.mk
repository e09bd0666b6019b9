# SPDX-License-Identifier: GPL-2.0-or-later
# Prints a configuration for tests/conf/run.
noinst_PROGRAMS += tests/conf/confdump tests/conf/wordcases
tests_conf_confdump_SOURCES = tests/conf/confdump.c
tests_conf_confdump_LDADD = $(CONF_LIBS)
tests_conf_wordcases_SOURCES = tests/conf/wordcases.c
tests_conf_wordcases_LDADD = $(CONF_LIBS)
EXTRA_DIST += tests/conf tests/fuzz
