/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>

#include "vrrp/track.h"

static const struct vrrp_conf_tracker trackers[] = {
	{ .name = "script", .kind = VRRP_TRACK_SCRIPT },
	{ .name = "file", .kind = VRRP_TRACK_FILE },
	{ .name = "late", .kind = VRRP_TRACK_SCRIPT, .init_fail = true },
};
static const struct vrrp_conf conf = {
	.trackers = trackers,
	.nr_trackers = 3,
};

static struct vrrp_track_result judge(struct vrrp_conf_track use, bool known,
				      int32_t value)
{
	struct vrrp_conf_instance instance = { .priority = 100,
					       .tracks = &use,
					       .nr_tracks = 1 };
	struct vrrp_track_value values[3] = { { false, 0 } };

	values[use.tracker].known = known;
	values[use.tracker].value = value;
	return vrrp_track_judge(&conf, &instance, NULL, values);
}

struct row {
	struct vrrp_conf_track use;
	bool known;
	int32_t value;
	int priority; /* 0: fault; -1: waiting */
};

Test(vrrp_track, each_kind_of_use)
{
	static const struct row rows[] = {
		/* tracker, weight, reverse; known, value; wanted */
		{ { 0, 0, false }, true, 1, 100 },
		{ { 0, 0, false }, true, 0, 0 },
		{ { 0, 0, true }, true, 1, 0 },
		{ { 0, 0, true }, true, 0, 100 },
		{ { 0, 0, false }, false, 0, -1 },
		{ { 0, 20, false }, true, 1, 120 },
		{ { 0, 20, false }, true, 0, 100 },
		{ { 0, 20, true }, true, 0, 120 },
		{ { 0, 20, false }, false, 0, 100 },
		{ { 0, -20, false }, true, 1, 100 },
		{ { 0, -20, false }, true, 0, 80 },
		{ { 0, -20, true }, true, 1, 80 },
		{ { 0, -20, false }, false, 0, 100 },
		{ { 0, -253, false }, true, 0, 1 },
		{ { 0, 253, false }, true, 1, 254 },
		{ { 0, 0, false }, true, VRRP_TRACK_NO_EFFECT, 100 },
		{ { 0, 0, true }, true, VRRP_TRACK_NO_EFFECT, 100 },
		{ { 0, 20, false }, true, VRRP_TRACK_NO_EFFECT, 100 },
		{ { 0, -20, false }, true, VRRP_TRACK_NO_EFFECT, 100 },
		{ { 0, -20, true }, true, VRRP_TRACK_NO_EFFECT, 100 },
		{ { 1, 1, false }, true, VRRP_TRACK_NO_EFFECT, 99 },
		{ { 2, 0, false }, false, 0, 0 },
		{ { 2, -20, false }, false, 0, 80 },
		{ { 2, -20, false }, true, 1, 100 },
		{ { 1, 0, false }, true, 0, 100 },
		{ { 1, 0, false }, true, 5, 0 },
		{ { 1, 1, false }, true, 5, 105 },
		{ { 1, 1, true }, true, 5, 95 },
		{ { 1, 2, false }, true, -20, 60 },
		{ { 1, 2, false }, true, -127, 0 },
		{ { 1, 1, false }, true, INT32_MAX, 254 },
		{ { 1, 253, false }, true, INT32_MIN, 0 },
	};
	struct vrrp_track_result got;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		got = judge(rows[i].use, rows[i].known, rows[i].value);
		cr_expect_eq(got.fault, rows[i].priority <= 0, "row %zu", i);
		cr_expect_eq(got.waiting, rows[i].priority < 0, "row %zu", i);
		if (rows[i].priority > 0)
			cr_expect_eq(got.priority, rows[i].priority, "row %zu",
				     i);
	}
}

Test(vrrp_track, an_owner_stays_one)
{
	static const struct vrrp_conf_track use = { 0, -20, false };
	static const struct vrrp_track_value down[3] = { { true, 0 } };
	static const struct vrrp_conf_instance owner = { .priority = 255,
							 .tracks = &use,
							 .nr_tracks = 1 };

	cr_expect_eq(vrrp_track_judge(&conf, &owner, NULL, down).priority, 255);
}

Test(vrrp_track, uses_add_up_and_the_group_counts)
{
	static const struct vrrp_conf_track own[] = { { 0, -20, false },
						      { 2, -30, false } };
	static const struct vrrp_conf_track shared = { 1, 0, false };
	static const struct vrrp_conf_group group = { .name = "G",
						      .tracks = &shared,
						      .nr_tracks = 1 };
	static const struct vrrp_conf_instance instance = { .priority = 100,
							    .tracks = own,
							    .nr_tracks = 2 };
	struct vrrp_track_value values[3] = { { true, 0 },
					      { true, 0 },
					      { true, 0 } };
	struct vrrp_track_result got;

	got = vrrp_track_judge(&conf, &instance, &group, values);
	cr_expect_eq(got.priority, 50);
	cr_expect_not(got.fault);
	values[1].value = 1;
	got = vrrp_track_judge(&conf, &instance, &group, values);
	cr_expect(got.fault);
	cr_expect_eq(got.fault_tracker, 1);
}
