/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>

#include "vrrp/group.h"

#define B                                 \
	{                                 \
		VRRP_BACKUP, false, false \
	}
#define R                                \
	{                                \
		VRRP_BACKUP, true, false \
	}
#define A                                 \
	{                                 \
		VRRP_ACTIVE, false, false \
	}
#define F                                \
	{                                \
		VRRP_FAULT, false, false \
	}
#define I                               \
	{                               \
		VRRP_INIT, false, false \
	}
#define BROKEN(s)                \
	{                        \
		(s), false, true \
	}

#define NONE VRRP_EVENT_NONE
#define UP VRRP_EVENT_GROUP_UP
#define DOWN VRRP_EVENT_GROUP_DOWN
#define FAULT VRRP_EVENT_FAULT
#define RECOVER VRRP_EVENT_RECOVER

struct row {
	struct vrrp_member members[3];
	enum vrrp_event_kind want[3];
};

Test(vrrp_group, verdicts)
{
	static const struct row rows[] = {
		{ { B, B, B }, { NONE, NONE, NONE } },
		{ { R, B, R }, { NONE, NONE, NONE } },
		{ { R, R, R }, { UP, UP, UP } },
		{ { A, R, R }, { NONE, UP, UP } },
		{ { A, A, A }, { NONE, NONE, NONE } },
		{ { A, B, A }, { DOWN, NONE, DOWN } },
		{ { A, B, R }, { DOWN, NONE, NONE } },
		{ { R, R, I }, { NONE, NONE, NONE } },
		{ { BROKEN(VRRP_BACKUP), B, R }, { FAULT, FAULT, FAULT } },
		{ { BROKEN(VRRP_ACTIVE), A, A }, { FAULT, FAULT, FAULT } },
		{ { BROKEN(VRRP_FAULT), F, B }, { NONE, NONE, FAULT } },
		{ { BROKEN(VRRP_FAULT), F, F }, { NONE, NONE, NONE } },
		{ { F, F, F }, { RECOVER, RECOVER, RECOVER } },
		{ { F, B, A }, { RECOVER, NONE, NONE } },
	};
	enum vrrp_event_kind events[3];
	size_t i, k;
	bool any;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		any = false;
		for (k = 0; k < 3; k++)
			any = any || rows[i].want[k] != NONE;
		cr_expect_eq(vrrp_group_judge(rows[i].members, 3, events), any,
			     "row %zu", i);
		for (k = 0; k < 3; k++)
			cr_expect_eq(events[k], rows[i].want[k],
				     "row %zu member %zu", i, k);
	}
}

Test(vrrp_group, an_instance_alone_knows_only_faults)
{
	static const struct vrrp_member alone[] = { B, A, I };
	static const struct vrrp_member broken = BROKEN(VRRP_ACTIVE);
	enum vrrp_event_kind event;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(alone); i++)
		cr_expect_not(vrrp_group_judge(&alone[i], 1, &event));
	cr_expect(vrrp_group_judge(&broken, 1, &event));
	cr_expect_eq(event, FAULT);
}
