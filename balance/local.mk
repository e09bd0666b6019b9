# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += balance/libbalance.a
balance_libbalance_a_SOURCES = \
	balance/actual.c \
	balance/adopt.c \
	balance/arbiter.c \
	balance/balance.c balance/balance.h \
	balance/balance_internal.h \
	balance/build.c \
	balance/correlate.c \
	balance/explain.c \
	balance/fastest.c \
	balance/headroom.c \
	balance/health.c balance/health.h \
	balance/inherit.c \
	balance/leaving.c \
	balance/median.c \
	balance/name.c \
	balance/notice.c \
	balance/override.c \
	balance/quorum.c \
	balance/ramp.c \
	balance/reason.c \
	balance/saturation.c \
	balance/soft.c \
	balance/source.c \
	balance/standing.c \
	balance/stats.c \
	balance/take_verdict.c \
	balance/threshold.c \
	balance/view.c
balance_libbalance_a_CFLAGS = $(AM_CFLAGS)
