# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += record/librecord.a
record_librecord_a_SOURCES = \
	record/recording.h \
	record/recording_internal.h \
	record/recording_memory.c \
	record/recording_read.c \
	record/recording_write.c \
	record/table_delta.c record/table_delta.h \
	record/verdict_delta.c record/verdict_delta.h
record_librecord_a_CFLAGS = $(AM_CFLAGS)

RECORD_LIBS = record/librecord.a balance/libbalance.a
