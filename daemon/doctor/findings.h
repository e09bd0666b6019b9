/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The findings of the doctor: each a fault, and the command that mends it,
 * which can be pasted into a root shell of the host that it is for.
 */
#ifndef EVENKEEL_DAEMON_DOCTOR_FINDINGS_H
#define EVENKEEL_DAEMON_DOCTOR_FINDINGS_H

#include <stddef.h>

#include "lib/addr.h"

#define FINDING_TEXT_MAX 640
#define FINDING_MEND_MAX 320

enum finding_severity {
	FINDING_NOTE, /* may be as somebody wants it */
	FINDING_WARNING, /* will hurt some day, or some clients */
	FINDING_ERROR, /* the service does not work */
	FINDING_SEVERITIES,
};

struct finding {
	enum finding_severity severity;
	const char *id; /* one word, for programs: "ip_forward" */
	char text[FINDING_TEXT_MAX];
	char mend[FINDING_MEND_MAX]; /* "": no command can */
	struct addr host; /* where MEND is to be run; AF_UNSPEC: here */
};

/* A list that grows; all zero is an empty one. */
struct findings {
	struct finding *list;
	size_t nr;
	size_t room;
};

void findings_free(struct findings *findings); /* an empty one is left */

/*
 * A new finding without a MEND, valid until the next; the text as by printf(),
 * cut at FINDING_TEXT_MAX. ID must outlive the list.
 */
struct finding *findings_add(struct findings *findings,
			     enum finding_severity severity, const char *id,
			     const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* Set the command that mends FINDING, as by printf(). */
void finding_mend(struct finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The worst severity; FINDING_NOTE for an empty list. */
enum finding_severity findings_worst(const struct findings *findings);

/* Print to stdout for people, the worst first, or as JSON. */
void findings_print(const struct findings *findings);
void findings_print_json(const struct findings *findings);

#endif
