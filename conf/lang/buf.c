/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A growing piece of text that leaves no copy of itself behind: it may hold
 * passwords.
 */
#include <stdlib.h>
#include <string.h>

#include "conf/lang/lex.h"
#include "lib/util.h"

void conf_buf_move(struct conf_buf *buf)
{
	char *text = xrealloc_array(NULL, buf->room, 1);

	if (buf->len)
		memcpy(text, buf->text, buf->len);
	if (buf->text)
		explicit_bzero(buf->text, buf->len);
	free(buf->text);
	buf->text = text;
}

void conf_buf_add(struct conf_buf *buf, const char *text, size_t len)
{
	if (buf->room - buf->len < len) {
		while (buf->room - buf->len < len)
			buf->room = buf->room ? buf->room * 2 : 256;
		conf_buf_move(buf);
	}
	if (len)
		memcpy(buf->text + buf->len, text, len);
	buf->len += len;
}

void conf_buf_char(struct conf_buf *buf, char c)
{
	conf_buf_add(buf, &c, 1);
}

void conf_buf_free(struct conf_buf *buf)
{
	if (buf->text)
		explicit_bzero(buf->text, buf->room);
	free(buf->text);
	memset(buf, 0, sizeof(*buf));
}
