# SPDX-License-Identifier: GPL-2.0-or-later
if HAVE_CRITERION
check_PROGRAMS += tests/unit/test_balance
tests_unit_test_balance_SOURCES = \
	tests/unit/balance_world.c tests/unit/balance_world.h \
	tests/unit/balance_writer_pool.c tests/unit/balance_writer_pool.h \
	tests/unit/histories.h \
	tests/unit/test_balance_arbiter.c \
	tests/unit/test_balance_cold.c \
	tests/unit/test_balance_correlate.c \
	tests/unit/test_balance_drain.c \
	tests/unit/test_balance_explain.c \
	tests/unit/test_balance_failback.c \
	tests/unit/test_balance_fastest.c \
	tests/unit/test_balance_full.c \
	tests/unit/test_balance_headroom.c \
	tests/unit/test_balance_health.c \
	tests/unit/test_balance_inherit.c \
	tests/unit/test_balance_lag.c \
	tests/unit/test_balance_pause.c \
	tests/unit/test_balance_leave.c \
	tests/unit/test_balance_quorum.c \
	tests/unit/test_balance_ramp.c \
	tests/unit/test_balance_random.c \
	tests/unit/test_balance_restart.c \
	tests/unit/test_balance_reason.c \
	tests/unit/test_balance_snapshot.c \
	tests/unit/test_balance_source.c \
	tests/unit/test_balance_standing.c \
	tests/unit/test_balance_writers.c \
	tests/unit/test_balance_writers_random.c
tests_unit_test_balance_CFLAGS = $(CRITERION_TEST_CFLAGS)
tests_unit_test_balance_LDADD = balance/libbalance.a $(CONF_LIBS) $(CRITERION_LIBS) -lm
endif

# What a decision costs; "--check" fails if it is too much.
noinst_PROGRAMS += tests/bench/bench_balance
tests_bench_bench_balance_SOURCES = tests/bench/bench_balance.c
tests_bench_bench_balance_LDADD = balance/libbalance.a $(CONF_LIBS)
