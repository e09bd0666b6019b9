# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += sim/libsim.a
sim_libsim_a_SOURCES = \
	sim/load.c \
	sim/order.c \
	sim/random.c \
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
