/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of the status page, which are part of the program: web/page/. */
#ifndef EVENKEEL_WEB_PAGE_FILES_H
#define EVENKEEL_WEB_PAGE_FILES_H

#include <stddef.h>

struct page_file {
	const char *path; /* "/page.css" */
	const char *type; /* the media type */
	const unsigned char *bytes;
	size_t length;
};

/* Ended by a path of NULL. Made by web/embed from the files. */
extern const struct page_file page_files[];

#endif
