# SPDX-License-Identifier: GPL-2.0-or-later
if HAVE_CRITERION
check_PROGRAMS += tests/unit/test_sim
tests_unit_test_sim_SOURCES = tests/unit/test_sim.c \
	tests/unit/balance_world.c tests/unit/balance_world.h
tests_unit_test_sim_CFLAGS = $(CRITERION_TEST_CFLAGS) \
	-DSCENARIOS_FOLDER='"$(abs_top_srcdir)/etc/scenarios"'
tests_unit_test_sim_LDADD = sim/libsim.a $(RECORD_LIBS) $(CONF_LIBS) \
	$(JSONC_LIBS) $(CRITERION_LIBS) -lm
endif

EXTRA_DIST += etc/scenarios

if HAVE_CRITERION
check_PROGRAMS += tests/unit/test_replay
tests_unit_test_replay_SOURCES = tests/unit/test_replay.c \
	tests/unit/replay_world.c tests/unit/replay_world.h \
	tests/unit/histories.h
tests_unit_test_replay_CFLAGS = $(CRITERION_TEST_CFLAGS)
tests_unit_test_replay_LDADD = sim/libsim.a $(RECORD_LIBS) $(CONF_LIBS) \
	$(JSONC_LIBS) $(CRITERION_LIBS) -lm
endif

# What a recording costs, and its replay.
noinst_PROGRAMS += tests/bench/bench_recording
tests_bench_bench_recording_SOURCES = tests/bench/bench_recording.c
tests_bench_bench_recording_LDADD = sim/libsim.a $(RECORD_LIBS) $(CONF_LIBS) \
	$(JSONC_LIBS) -lm
