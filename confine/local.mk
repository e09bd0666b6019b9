# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += confine/libconfine.a
confine_libconfine_a_SOURCES = \
	confine/confine.c confine/confine.h \
	confine/confine_files.c \
	confine/confine_internal.h \
	confine/confine_roles.c
if SANITIZERS
confine_libconfine_a_SOURCES += confine/confine_sanitizers.c
else
confine_libconfine_a_SOURCES += confine/confine_plain.c
endif
EXTRA_DIST += confine/confine_plain.c confine/confine_sanitizers.c
confine_libconfine_a_CFLAGS = $(AM_CFLAGS) $(SECCOMP_CFLAGS)

CONFINE_LIBS = confine/libconfine.a $(SECCOMP_LIBS)
