# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += balance/libbalance.a
balance_libbalance_a_SOURCES = \
	balance/actual.c \
	balance/adopt.c \
	balance/arbiter.c \
	balance/balance.c balance/balance.h \
	balance/build.c \
	balance/correlate.c \
	balance/crowd.c \
	balance/explain.c \
	balance/fastest.c \
	balance/ghost.c \
	balance/headroom.c \
	balance/health.c balance/health.h \
	balance/inherit.c \
	balance/internal.h \
	balance/learn.c \
	balance/median.c \
	balance/name.c \
	balance/notice.c \
	balance/override.c \
	balance/quorum.c \
	balance/ramp.c \
	balance/reason.c \
	balance/sim.h balance/sim_internal.h \
	balance/sim_conf.c \
	balance/sim_load.c \
	balance/sim_order.c \
	balance/sim_probe.c \
	balance/sim_random.c \
	balance/sim_run.c \
	balance/sim_schedule.c \
	balance/sim_script.c \
	balance/soft.c \
	balance/source.c \
	balance/standing.c \
	balance/threshold.c \
	balance/verdict.c \
	balance/view.c \
	balance/words.c
