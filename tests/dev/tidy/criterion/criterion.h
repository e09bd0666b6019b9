/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Criterion as clang-tidy sees it (tests/dev/tidy.py), never a compiler. Each
 * assertion of the real one also looks at an option and at its own message, so
 * that the analyzer follows eight ways through every assertion and gives up
 * before the end of a long test. Here there are two: it held, or it failed. The
 * message's arguments are still judged, where it failed.
 */
#include_next <criterion/criterion.h>

#ifdef cr_assert_impl
#undef cr_assert_impl
#define cr_assert_impl(Fail, Condition, ...)                         \
	do {                                                         \
		if (!(Condition)) {                                  \
			char *cr_msg__ = NULL;                       \
			CR_EXPAND(cr_asprintf(                       \
				&cr_msg__,                           \
				"x" CR_VA_TAIL(CR_VA_TAIL(           \
					CR_VA_TAIL(__VA_ARGS__))))); \
			cr_asprintf_free(cr_msg__);                  \
			Fail();                                      \
		}                                                    \
	} while (0)
#endif
