/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a child has no use for is not in the text that it gets. */
#include <criterion/criterion.h>
#include <string.h>

#include "conf/blank.h"

Test(blank, values_and_nothing_else)
{
	char text[] = "authentication {\n"
		      "\tauth_pass s3c-ret # mine\n"
		      "  auth_pass \"two words\"\n"
		      "auth_pass\tlast }\n"
		      "auth_pass $PASS\n"
		      "auth_passed on\n"
		      "password auth_pass\n"
		      "auth_pass auth_pass auth_pass\n"
		      "auth_pass\n"
		      "xauth_pass seen\n"
		      "auth_pass end";
	static const char wanted[] = "authentication {\n"
				     "\tauth_pass xxxxxxx # xxxx\n"
				     "  auth_pass \"xxx xxxxx\"\n"
				     "auth_pass\txxxx }\n"
				     "auth_pass $PASS\n"
				     "auth_passed on\n"
				     "password auth_pass\n"
				     "auth_pass xxxxxxxxx xxxxxxxxx\n"
				     "auth_pass\n"
				     "xauth_pass seen\n"
				     "auth_pass xxx";

	blank_values(text, strlen(text), "auth_pass");
	cr_assert_str_eq(text, wanted);
	blank_values(text, 0, "auth_pass");
	blank_values(text, strlen(text), "password");
	cr_assert_not_null(strstr(text, "password xxxxxxxxx\n"));
}

/* A blanked key is a key still, so that the block is read as before. */
Test(blank, keys_but_not_their_numbers)
{
	char text[] = "key 1 hex:0aF9 # mine\n"
		      "\tkey 2 \"two words\"\n"
		      "key\t255\tfile:/etc/k}\n"
		      "key 3 $KEY\n"
		      "key /etc/ssl/key\n"
		      "key\n"
		      "keys 1 seen\n"
		      "key 4  hex:\n"
		      "key 4 end";
	static const char wanted[] = "key 1 hex:0000 # 0000\n"
				     "\tkey 2 \"000 00000\"\n"
				     "key\t255\tfile:000000}\n"
				     "key 3 $KEY\n"
				     "key /etc/ssl/key\n"
				     "key\n"
				     "keys 1 seen\n"
				     "key 4  hex:\n"
				     "key 4 000";

	blank_keys(text, strlen(text), "key");
	cr_assert_str_eq(text, wanted);
}
