/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many random histories a property test plays. With the sanitizers each
 * costs five times as much, and the same ones are played without them by
 * `make check` of the tarball and of the packages: a third is enough there.
 */
#ifndef EVENKEEL_TESTS_HISTORIES_H
#define EVENKEEL_TESTS_HISTORIES_H

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HISTORIES_ARE_SLOW 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define HISTORIES_ARE_SLOW 1
#endif

#ifdef HISTORIES_ARE_SLOW
#define HISTORIES_OF(count) ((count) / 3)
#else
#define HISTORIES_OF(count) (count)
#endif

#endif
