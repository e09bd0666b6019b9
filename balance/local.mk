# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += balance/libbalance.a
balance_libbalance_a_SOURCES = \
	balance/actual.c balance/actual.h \
	balance/adopt.c \
	balance/arbiter.c balance/arbiter.h \
	balance/balance.c balance/balance.h \
	balance/balance_internal.h \
	balance/build.c balance/build.h \
	balance/candidate.c \
	balance/cold.c balance/cold.h \
	balance/correlate.c balance/correlate.h \
	balance/effects.c \
	balance/explain.c \
	balance/failback.c balance/failback.h \
	balance/fastest.c balance/fastest.h \
	balance/headroom.c \
	balance/health.c balance/health.h \
	balance/inherit.c \
	balance/inputs.c \
	balance/leaving.c balance/leaving.h \
	balance/median.c \
	balance/name.c balance/name.h \
	balance/notice.c \
	balance/override.c balance/override.h \
	balance/pause.c balance/pause.h \
	balance/quorum.c \
	balance/ramp.c balance/ramp.h \
	balance/reason.c \
	balance/saturation.c balance/saturation.h \
	balance/snapshot.c balance/snapshot.h \
	balance/soft.c \
	balance/source.c \
	balance/standing.c \
	balance/stats.c balance/stats.h \
	balance/take_verdict.c \
	balance/threshold.c balance/threshold.h \
	balance/view.c \
	balance/writers.c balance/writers.h
balance_libbalance_a_CFLAGS = $(AM_CFLAGS)
