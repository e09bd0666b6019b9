/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mail process: it has one letter at a time, speaks SMTP by libcurl, and says
 * how that went. It keeps nothing: main has the letters, and decides what is tried
 * again. So a mail process that is killed loses no letter.
 */
#ifndef EVENKEEL_MAIL_MAIL_H
#define EVENKEEL_MAIL_MAIL_H

/* Runs until main closes SOCK, its socket to us. Returns the exit status. */
int mail_main(int sock);

#endif
