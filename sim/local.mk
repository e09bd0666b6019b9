# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += sim/libsim.a
sim_libsim_a_SOURCES = \
	sim/load.c \
	sim/order.c \
	sim/random.c \
	sim/replay.c sim/replay.h \
	sim/replay_compare.c sim/replay_compare.h \
	sim/replay_main.c sim/replay_main.h \
	sim/replay_other.c sim/replay_other.h \
	sim/replay_story.c sim/replay_story.h \
	sim/replay_time.c \
	sim/run.c \
	sim/scenario.c \
	sim/scenario_conf.c \
	sim/schedule.c \
	sim/sim.h \
	sim/sim_internal.h \
	sim/sim_probe.c \
	sim/simulate.c sim/simulate.h \
	sim/simulate_plot.c \
	sim/simulate_svg.c
sim_libsim_a_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)
