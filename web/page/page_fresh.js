// SPDX-License-Identifier: GPL-2.0-or-later
//
// How old the shown figures are, without believing anybody's clock.
//
// Only lengths of time are used: the age that the answer states of itself, and
// the time since it was asked for, by whichever of the browser's two clocks ran
// further: one stands still while the machine sleeps, the other may be set back.
// An answer in which the daemon has not grown older is an old one, whoever kept
// it. In doubt, figures are old.
"use strict";

const FRESH_INTERVALS = 3;

function freshClock() {
	return { steady: performance.now(), wall: Date.now() };
}

function freshElapsed(from, to) {
	return Math.max(to.steady - from.steady, to.wall - from.wall, 0) / 1000;
}

// INTERVAL: seconds between two looks.
function freshNew(interval) {
	return {
		interval,
		limit: FRESH_INTERVALS * interval,
		missed: 0, // looks since the last new answer
		asked: null, // when the newest answer was asked for
		age: 0, // its own age then
		uptime: 0, // the daemon's, in it
		pid: 0,
	};
}

// A look begins.
function freshLook(fresh) {
	fresh.missed++;
}

// An answer that was asked for at ASKED, of a daemon PID that runs for UPTIME
// seconds, was AGE seconds old when it was sent. Returns whether it is new.
function freshAnswer(fresh, asked, age, pid, uptime) {
	if (!Number.isFinite(uptime) || !Number.isFinite(age) || age < 0)
		return false;
	if (fresh.asked && pid === fresh.pid && uptime <= fresh.uptime &&
	    uptime > freshElapsed(fresh.asked, freshClock()) + fresh.age + 1)
		return false;
	fresh.asked = asked;
	fresh.age = age;
	fresh.pid = pid;
	fresh.uptime = uptime;
	fresh.missed = 0;
	return true;
}

// Nothing that was known counts any longer.
function freshForget(fresh) {
	fresh.asked = null;
}

// Seconds; Infinity: nothing is known.
function freshAge(fresh, now) {
	return fresh.asked ? fresh.age + freshElapsed(fresh.asked, now) :
			     Infinity;
}

function freshIsStale(fresh, now) {
	return fresh.missed > FRESH_INTERVALS ||
	       !(freshAge(fresh, now) <= fresh.limit);
}
