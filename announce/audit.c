/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "announce/audit.h"

void audit_begin(struct audit *audit, usec_t now)
{
	audit->last = now;
	audit->due = 0;
}

void audit_after(struct audit *audit, usec_t interval)
{
	audit->due = audit->last + interval;
}

bool audit_changed(struct audit *audit, usec_t now)
{
	usec_t when = now + AUDIT_SOON;

	if (audit->last && when < audit->last + AUDIT_PAUSE)
		when = audit->last + AUDIT_PAUSE;
	if (audit->due && when >= audit->due)
		return false;
	audit->due = when;
	return true;
}
