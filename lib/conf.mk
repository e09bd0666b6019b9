# SPDX-License-Identifier: GPL-2.0-or-later
lib_liblib_a_SOURCES += \
	lib/conf.h
