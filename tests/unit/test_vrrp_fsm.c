/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each row of RFC 9568 section 6.4, and each rule of ours beyond it. */
#include <criterion/criterion.h>

#include "vrrp/fsm.h"

#define S USEC_PER_SEC
#define DOWN_100 3609375
#define SKEW_100 609375

static struct vrrp_conf_instance conf;
static struct vrrp_fsm fsm;
static usec_t now;

static void setup(void)
{
	conf = (struct vrrp_conf_instance){
		.version = 3,
		.priority = 100,
		.interval = S,
		.down_adverts = 3,
		.preempt = true,
		.higher_prio_send_advert = true,
		.sync_group = VRRP_NO_GROUP,
	};
	now = 1000 * S;
	vrrp_fsm_init(&fsm, &conf);
}

TestSuite(vrrp_fsm, .init = setup);

static struct vrrp_step say(enum vrrp_event_kind kind)
{
	struct vrrp_event event = { .kind = kind };

	return vrrp_fsm_step(&fsm, &conf, &event, now);
}

static struct vrrp_step advert(uint8_t priority, int order, usec_t interval)
{
	struct vrrp_event event = { .kind = VRRP_EVENT_ADVERT };

	event.advert.priority = priority;
	event.advert.order = order;
	event.advert.interval = interval;
	return vrrp_fsm_step(&fsm, &conf, &event, now);
}

static struct vrrp_step set_priority(uint8_t priority)
{
	struct vrrp_event event = { .kind = VRRP_EVENT_PRIORITY };

	event.priority = priority;
	return vrrp_fsm_step(&fsm, &conf, &event, now);
}

static struct vrrp_step fire(void)
{
	now = fsm.timer;
	return say(VRRP_EVENT_TIMER);
}

static void be_backup(void)
{
	say(VRRP_EVENT_START);
	cr_assert_eq(fsm.state, VRRP_BACKUP);
}

static void be_active(void)
{
	be_backup();
	fire();
	cr_assert_eq(fsm.state, VRRP_ACTIVE);
}

#define TAKEOVER (VRRP_SEND_ADVERT | VRRP_ADD_ADDRESSES | VRRP_ANNOUNCE)

Test(vrrp_fsm, start_waits_a_down_interval)
{
	struct vrrp_step step = say(VRRP_EVENT_START);

	cr_expect_eq(step.actions, 0);
	cr_expect_eq(fsm.state, VRRP_BACKUP);
	cr_expect_eq(fsm.timer, now + DOWN_100);
	step = fire();
	cr_expect_eq(fsm.state, VRRP_ACTIVE);
	cr_expect_eq(step.actions, TAKEOVER);
	cr_expect_eq(step.reason, VRRP_REASON_SILENCE);
	cr_expect_eq(fsm.timer, now + S);
}

Test(vrrp_fsm, an_owner_starts_as_active)
{
	struct vrrp_step step;

	conf.priority = 255;
	vrrp_fsm_init(&fsm, &conf);
	step = say(VRRP_EVENT_START);
	cr_expect_eq(fsm.state, VRRP_ACTIVE);
	cr_expect_eq(step.actions, TAKEOVER);
	cr_expect_eq(step.reason, VRRP_REASON_OWNER);
}

Test(vrrp_fsm, a_startup_delay_is_waited_for)
{
	struct vrrp_event event = { .kind = VRRP_EVENT_START, .delay = 5 * S };
	usec_t begun = now;

	vrrp_fsm_step(&fsm, &conf, &event, now);
	cr_expect_eq(fsm.state, VRRP_INIT);
	cr_expect_eq(advert(1, 1, S).actions, 0);
	cr_expect_eq(fsm.state, VRRP_INIT);
	/* A fault and its end do not cut it short. */
	say(VRRP_EVENT_FAULT);
	now += S;
	say(VRRP_EVENT_RECOVER);
	cr_expect_eq(fsm.state, VRRP_INIT);
	fire();
	cr_expect_eq(now, begun + 5 * S);
	cr_expect_eq(fsm.state, VRRP_BACKUP);
	cr_expect_eq(fsm.timer, now + DOWN_100);
}

Test(vrrp_fsm, a_timer_before_its_time_does_nothing)
{
	be_backup();
	now = fsm.timer - 1;
	cr_expect_eq(say(VRRP_EVENT_TIMER).actions, 0);
	cr_expect_eq(fsm.state, VRRP_BACKUP);
}

Test(vrrp_fsm, backup_stops_without_a_word)
{
	be_backup();
	cr_expect_eq(say(VRRP_EVENT_STOP).actions, 0);
	cr_expect_eq(fsm.state, VRRP_INIT);
	cr_expect_eq(fsm.timer, 0);
}

Test(vrrp_fsm, backup_obeys_higher_and_equal)
{
	be_backup();
	now += S;
	advert(200, 1, S);
	cr_expect_eq(fsm.timer, now + DOWN_100);
	now += S;
	advert(100, -1, S); /* the address matters to an Active only */
	cr_expect_eq(fsm.timer, now + DOWN_100);
}

Test(vrrp_fsm, backup_learns_the_interval)
{
	be_backup();
	advert(200, 1, S / 2);
	cr_expect_eq(fsm.interval, S / 2);
	cr_expect_eq(fsm.timer, now + 1804688);
	advert(200, 1, 3 * S);
	cr_expect_eq(fsm.timer, now + 3 * 3 * S + 3 * SKEW_100);
	fire();
	cr_expect_eq(fsm.interval, S); /* our own again */
}

Test(vrrp_fsm, version_2_learns_nothing)
{
	conf.version = 2;
	be_backup();
	advert(200, 1, S / 2);
	cr_expect_eq(fsm.interval, S);
}

Test(vrrp_fsm, backup_discards_a_lower_one)
{
	usec_t timer;

	be_backup();
	timer = fsm.timer;
	now += S;
	cr_expect_eq(advert(99, 1, S / 2).reason, VRRP_REASON_LOWER_PRIORITY);
	cr_expect_eq(fsm.timer, timer);
	cr_expect_eq(fsm.interval, S);
}

Test(vrrp_fsm, backup_hears_the_master_stop)
{
	be_backup();
	advert(200, 1, S / 2);
	now += 1000;
	advert(0, 1, S / 2);
	cr_expect_eq(fsm.timer, now + 304688);
	cr_expect_eq(fire().actions, TAKEOVER);
}

Test(vrrp_fsm, nopreempt_obeys_everybody)
{
	conf.preempt = false;
	be_backup();
	now += S;
	advert(1, -1, S);
	cr_expect_eq(fsm.timer, now + DOWN_100);
}

Test(vrrp_fsm, an_owner_always_preempts)
{
	usec_t timer;

	conf.preempt = false;
	conf.priority = 255;
	vrrp_fsm_init(&fsm, &conf);
	say(VRRP_EVENT_START);
	advert(255, 1, S); /* another owner of higher address */
	cr_assert_eq(fsm.state, VRRP_BACKUP);
	timer = fsm.timer;
	now += S;
	advert(254, 1, S);
	cr_expect_eq(fsm.timer, timer);
}

Test(vrrp_fsm, preempt_delay)
{
	usec_t first, timer;

	conf.preempt_delay = 10 * S;
	be_backup();
	first = now;
	for (; now < first + 10 * S; now += S) {
		cr_expect_eq(advert(50, 1, S).reason,
			     VRRP_REASON_PREEMPT_DELAY);
		cr_expect_eq(fsm.timer, now + DOWN_100);
	}
	timer = fsm.timer;
	cr_expect_eq(advert(50, 1, S).reason, VRRP_REASON_LOWER_PRIORITY);
	cr_expect_eq(fsm.timer, timer);
	/* One that must be obeyed begins it anew. */
	advert(100, 1, S);
	cr_expect_eq(fsm.preempt_at, 0);
	advert(50, 1, S);
	cr_expect_eq(fsm.preempt_at, now + 10 * S);
}

Test(vrrp_fsm, active_advertises_on_the_beat)
{
	usec_t begun;

	be_active();
	begun = fsm.timer;
	now = fsm.timer + 3000; /* a little late */
	cr_expect_eq(say(VRRP_EVENT_TIMER).actions, VRRP_SEND_ADVERT);
	cr_expect_eq(fsm.timer, begun + S);
	now = fsm.timer + 5 * S; /* very late */
	cr_expect_eq(say(VRRP_EVENT_TIMER).actions,
		     VRRP_SEND_ADVERT | VRRP_ANNOUNCE_AGAIN);
	cr_expect_eq(fsm.timer, now + S);
}

Test(vrrp_fsm, active_says_when_it_stops)
{
	be_active();
	cr_expect_eq(say(VRRP_EVENT_STOP).actions,
		     VRRP_SEND_STOP | VRRP_REMOVE_ADDRESSES);
	cr_expect_eq(fsm.state, VRRP_INIT);
}

Test(vrrp_fsm, active_answers_priority_0)
{
	be_active();
	now += S / 2;
	cr_expect_eq(advert(0, 1, S).actions, VRRP_SEND_ADVERT);
	cr_expect_eq(fsm.timer, now + S);
	cr_expect_eq(fsm.state, VRRP_ACTIVE);
}

Test(vrrp_fsm, active_yields_to_higher_priority)
{
	be_active();
	cr_expect_eq(advert(101, -1, S / 2).actions,
		     VRRP_SEND_ADVERT | VRRP_REMOVE_ADDRESSES);
	cr_expect_eq(fsm.state, VRRP_BACKUP);
	cr_expect_eq(fsm.interval, S / 2);
	cr_expect_eq(fsm.timer, now + 1804688);
}

Test(vrrp_fsm, active_yields_to_a_higher_address_of_equal_priority)
{
	be_active();
	advert(100, -1, S);
	cr_expect_eq(fsm.state, VRRP_ACTIVE);
	advert(100, 0, S); /* our own address: nobody yields */
	cr_expect_eq(fsm.state, VRRP_ACTIVE);
	cr_expect_eq(advert(100, 1, S).reason, VRRP_REASON_HIGHER_ADDRESS);
	cr_expect_eq(fsm.state, VRRP_BACKUP);
}

Test(vrrp_fsm, active_answers_a_lower_one_at_once)
{
	usec_t timer;

	be_active();
	timer = fsm.timer;
	/* It has told hosts otherwise, at the same time as we or since. */
	cr_expect_eq(advert(99, 1, S).actions,
		     VRRP_SEND_ADVERT | VRRP_ANNOUNCE_AGAIN);
	cr_expect_eq(fsm.timer, timer);
	/* The next answer has to wait, but not for the next beat. */
	now += 10;
	cr_expect_eq(advert(98, 1, S).actions, 0);
	cr_expect_eq(fsm.timer, now - 10 + S / 4);
}

Test(vrrp_fsm, the_last_word_of_a_replaced_one_calls_for_no_announcements)
{
	be_backup();
	advert(50, 1, S);
	fire();
	cr_expect_eq(fsm.state, VRRP_ACTIVE);
	cr_expect_eq(advert(50, 1, S).actions, VRRP_SEND_ADVERT);
	fire();
	now += 10;
	cr_expect_eq(advert(50, 1, S).actions,
		     VRRP_SEND_ADVERT | VRRP_ANNOUNCE_AGAIN);
	/* Nor is it remembered for the next time. */
	advert(200, 1, S);
	fire();
	cr_expect_eq(fsm.state, VRRP_ACTIVE);
	cr_expect_eq(advert(50, 1, S).actions,
		     VRRP_SEND_ADVERT | VRRP_ANNOUNCE_AGAIN);
}

Test(vrrp_fsm, a_flood_gets_few_answers)
{
	int i, answers = 0;

	be_active();
	for (i = 0; i < 10000; i++) {
		now += S / 1000;
		if (advert(99, 1, S).actions & VRRP_SEND_ADVERT)
			answers++;
		if (say(VRRP_EVENT_TIMER).actions & VRRP_SEND_ADVERT)
			answers++;
	}
	cr_expect_lt(answers, 10 * 9); /* in ten intervals */
	cr_expect_gt(answers, 10 * 4);
}

/* Forged last words, with or without forged adverts between them. */
Test(vrrp_fsm, a_flood_of_last_words_gets_few_answers)
{
	int i, mixed, answers;

	for (mixed = 0; mixed < 2; mixed++) {
		setup();
		be_active();
		for (i = 0, answers = 0; i < 10000; i++) {
			now += S / 1000;
			if (advert(0, 1, S).actions & VRRP_SEND_ADVERT)
				answers++;
			if (mixed &&
			    advert(99, 1, S).actions & VRRP_SEND_ADVERT)
				answers++;
			if (say(VRRP_EVENT_TIMER).actions & VRRP_SEND_ADVERT)
				answers++;
		}
		/* In ten intervals. */
		cr_expect_lt(answers, 10 * (mixed ? 14 : 9), "%d", answers);
		cr_expect_gt(answers, 10 * 3);
		cr_expect_eq(fsm.state, VRRP_ACTIVE);
	}
}

/* Whoever was just answered may stop: others must not begin meanwhile. */
Test(vrrp_fsm, a_last_word_is_answered_at_once_after_a_lower_one)
{
	be_active();
	cr_expect(advert(99, 1, S).actions & VRRP_SEND_ADVERT);
	now += 1000;
	cr_expect_eq(advert(0, 1, S).actions, VRRP_SEND_ADVERT);
	now += 1000;
	cr_expect_eq(advert(0, 1, S).actions, 0);
	/* Nor for longer than a quarter of the interval. */
	cr_expect_leq(fsm.timer, now + S / 4);
}

Test(vrrp_fsm, the_answer_can_be_switched_off)
{
	conf.lower_prio_no_advert = true;
	conf.higher_prio_send_advert = false;
	be_active();
	fire();
	cr_expect_eq(advert(99, 1, S).actions, VRRP_ANNOUNCE_AGAIN);
	cr_expect_eq(advert(101, 1, S).actions, VRRP_REMOVE_ADDRESSES);
}

Test(vrrp_fsm, a_last_word_without_answers)
{
	conf.lower_prio_no_advert = true;
	be_active();
	fire();
	cr_expect_eq(advert(99, 1, S).actions, VRRP_ANNOUNCE_AGAIN);
	cr_expect_eq(advert(101, 1, S).actions,
		     VRRP_SEND_ADVERT | VRRP_REMOVE_ADDRESSES);
}

/* As a master whose addresses are configured on it for good. */
Test(vrrp_fsm, an_owner_can_ignore_all_others)
{
	conf.priority = VRRP_PRIORITY_OWNER;
	conf.owner_ignore_adverts = true;
	vrrp_fsm_init(&fsm, &conf);
	say(VRRP_EVENT_START);
	cr_assert_eq(fsm.state, VRRP_ACTIVE);
	cr_expect_eq(advert(255, 1, S).actions, 0);
	cr_expect_eq(advert(100, 1, S).actions, 0);
	cr_expect_eq(advert(0, 1, S).actions, 0);
	cr_expect_eq(fsm.state, VRRP_ACTIVE);
	conf.owner_ignore_adverts = false;
	advert(255, 1, S);
	cr_expect_eq(fsm.state, VRRP_BACKUP);
	/* The word is for owners alone. */
	conf.priority = 100;
	conf.owner_ignore_adverts = true;
	setup();
	conf.owner_ignore_adverts = true;
	be_active();
	advert(101, 1, S);
	cr_expect_eq(fsm.state, VRRP_BACKUP);
}

/* From its last advert on a backup of priority 100 waits for DOWN_100. */
Test(vrrp_fsm, a_master_that_was_held_up_steps_back)
{
	struct vrrp_step step;

	conf.timer_expired_backup = 100;
	be_active();
	now = fsm.timer - S + DOWN_100;
	cr_expect(say(VRRP_EVENT_TIMER).actions & VRRP_SEND_ADVERT);
	cr_assert_eq(fsm.state, VRRP_ACTIVE);
	now = fsm.timer - S + DOWN_100 + 1;
	step = say(VRRP_EVENT_TIMER);
	cr_expect_eq(step.actions, VRRP_REMOVE_ADDRESSES);
	cr_expect_eq(step.reason, VRRP_REASON_LATE);
	cr_expect_eq(fsm.state, VRRP_BACKUP);
	cr_expect_eq(fsm.timer, now + DOWN_100);
	/* If there is nobody after all, it comes back. */
	fire();
	cr_expect_eq(fsm.state, VRRP_ACTIVE);
	conf.timer_expired_backup = 0;
	now = fsm.timer + 60 * S;
	cr_expect_eq(say(VRRP_EVENT_TIMER).actions,
		     VRRP_SEND_ADVERT | VRRP_ANNOUNCE_AGAIN);
	cr_expect_eq(fsm.state, VRRP_ACTIVE);
}

Test(vrrp_fsm, a_new_priority_moves_the_running_timer)
{
	usec_t timer;

	be_backup();
	timer = fsm.timer;
	now += S;
	set_priority(200);
	cr_expect_eq(fsm.timer, timer - SKEW_100 + 218750);
	set_priority(100);
	cr_expect_eq(fsm.timer, timer);
	fire();
	timer = fsm.timer;
	cr_expect_eq(set_priority(50).actions, 0);
	cr_expect_eq(fsm.timer, timer);
	cr_expect_eq(fsm.priority, 50);
}

Test(vrrp_fsm, fault_and_recovery)
{
	be_active();
	cr_expect_eq(say(VRRP_EVENT_FAULT).actions,
		     VRRP_SEND_STOP | VRRP_REMOVE_ADDRESSES);
	cr_expect_eq(fsm.state, VRRP_FAULT);
	cr_expect_eq(say(VRRP_EVENT_FAULT).actions, 0);
	advert(1, 1, S);
	cr_expect_eq(fsm.state, VRRP_FAULT);
	cr_expect_eq(say(VRRP_EVENT_RECOVER).actions, VRRP_ANNOUNCE_SELF);
	cr_expect_eq(fsm.state, VRRP_BACKUP);
	cr_expect_eq(fsm.timer, now + DOWN_100);
	cr_expect_eq(say(VRRP_EVENT_RECOVER).actions, 0);
}

Test(vrrp_fsm, whoever_overslept_listens_first)
{
	be_backup();
	now = fsm.timer + DOWN_100 + 1;
	cr_expect_eq(say(VRRP_EVENT_TIMER).reason, VRRP_REASON_LATE);
	cr_expect_eq(fsm.state, VRRP_BACKUP);
	cr_expect_eq(fsm.timer, now + DOWN_100);
	/* But only once, or a slow box would never take over. */
	now = fsm.timer + DOWN_100 + 1;
	cr_expect_eq(say(VRRP_EVENT_TIMER).actions, TAKEOVER);
}

Test(vrrp_fsm, a_member_of_a_group_asks_first)
{
	conf.sync_group = 0;
	be_backup();
	cr_expect_eq(fire().actions, 0);
	cr_expect_eq(fsm.state, VRRP_BACKUP);
	cr_expect(fsm.ready);
	cr_expect_eq(say(VRRP_EVENT_GROUP_UP).actions, TAKEOVER);
	cr_expect_eq(fsm.state, VRRP_ACTIVE);
	cr_expect_eq(say(VRRP_EVENT_GROUP_DOWN).actions,
		     VRRP_SEND_STOP | VRRP_REMOVE_ADDRESSES);
	cr_expect_eq(fsm.state, VRRP_BACKUP);
	cr_expect_not(fsm.ready);
	cr_expect_eq(fsm.timer, now + DOWN_100);
}

Test(vrrp_fsm, a_ready_member_still_obeys)
{
	conf.sync_group = 0;
	be_backup();
	fire();
	cr_expect(fsm.ready);
	advert(50, 1, S);
	cr_expect(fsm.ready);
	advert(0, 1, S);
	cr_expect(fsm.ready);
	cr_expect_eq(fsm.timer, 0);
	advert(150, 1, S);
	cr_expect_not(fsm.ready);
	cr_expect_eq(fsm.timer, now + DOWN_100);
}

Test(vrrp_fsm, new_settings)
{
	be_active();
	conf.interval = S / 10;
	cr_expect_eq(say(VRRP_EVENT_SETTINGS).actions, VRRP_SEND_ADVERT);
	cr_expect_eq(fsm.timer, now + S / 10);
	advert(200, 1, S);
	cr_expect_eq(say(VRRP_EVENT_SETTINGS).actions, 0);
	cr_expect_eq(fsm.interval, S); /* still the Active's */
	cr_expect_eq(fsm.timer, now + DOWN_100);
}
