// SPDX-License-Identifier: GPL-2.0-or-later
//
// The status page: looks every two seconds (?interval=SECONDS), shows, and says
// how old what it shows is. The rule before all others: never green and stale.
// A look counts only if every part of it came, was new and was shown to its end;
// a page out of sight holds itself for old until the next look after its return.
//
//	page_words.js	figures into words
//	page_fresh.js	how old they are
//	page_dom.js	the parts of the document
//	page_pair.js	the balancers, VRRP
//	page_pools.js	pools, servers, a server's details
"use strict";

const PAGE_EVENTS = 50;
const PAGE_EVENT_COLUMNS = [["when", "Time"], ["what", "Event"]];

const page = {
	fresh: null, // see page_fresh.js
	known: null, // the last look's answers
	looking: false,
	repeated: false, // the last answer was an old one
	failure: "no data yet", // of the last look
	turn: false, // which of the two animations runs
	tone: "faint", summary: "no data yet", box: "evenkeel",
	verdict: null,
	troubles: new Map(), events: new Map(), eventTable: null,
	filter: "", onlyBad: false,
};

function pageById(id) {
	return document.getElementById(id);
}

function pageInterval() {
	const wish = Number(new URLSearchParams(location.search).get("interval"));
	return wish > 0 ? Math.min(Math.max(wish, 0.2), 60) : 2;
}

/* Asking */

class PageError extends Error {}

async function pageRead(answer) {
	const text = await answer.text();
	let json = null;
	try {
		json = JSON.parse(text);
	} catch {
		throw new PageError(`the answer cannot be read (status ${answer.status})`);
	}
	if (json && typeof json.error === "string")
		throw new PageError(json.error);
	if (!answer.ok || !json || typeof json !== "object")
		throw new PageError(`the answer has status ${answer.status}`);
	return json;
}

async function pageGet(path) {
	const stop = new AbortController();
	const timer = setTimeout(() => stop.abort(), page.fresh.limit * 1000);
	try {
		return await pageRead(await fetch(path, {
			cache: "no-store", credentials: "same-origin",
			redirect: "error", signal: stop.signal,
		}));
	} catch (error) {
		if (error instanceof PageError)
			throw error;
		throw new PageError(stop.signal.aborted ? "no answer in time" :
							  "no answer");
	} finally {
		clearTimeout(timer);
	}
}

async function pageLook() {
	if (page.looking || document.hidden)
		return;
	page.looking = true;
	freshLook(page.fresh);
	const asked = freshClock();
	try {
		const [status, vrrp, headroom, events, details] = await Promise.all([
			pageGet("api/status"), pageGet("api/vrrp"),
			pageGet("api/headroom"), pageGet("api/events"),
			poolsExplainAll(),
		]);
		if (document.hidden)
			throw new PageError("the page was out of sight");
		pageTake({ status, vrrp, headroom, events, details }, asked);
	} catch (error) {
		page.failure = error instanceof PageError ? error.message :
			       `this page failed (${error.name})`;
		// Half of what is shown may be of this look, half of an older one.
		if (!(error instanceof PageError))
			freshForget(page.fresh);
	} finally {
		page.looking = false;
		pageAge();
	}
}

function pageTake(look, asked) {
	const { age_s, daemon } = look.status;
	page.failure = null;
	page.repeated = !freshAnswer(page.fresh, asked, age_s ?? 0, daemon.pid,
				     daemon.uptime_s);
	if (page.repeated)
		return;
	page.known = look;
	pageShow(look);
	pageRestart();
}

/* The age */

// The style's own clock begins anew; see page.css.
function pageRestart() {
	const root = document.documentElement;
	const left = Math.max(page.fresh.limit - page.fresh.age, 0);
	page.turn = !page.turn;
	root.style.setProperty("--fresh-for", `${left.toFixed(3)}s`);
	root.classList.toggle("fresh-a", page.turn);
	root.classList.toggle("fresh-b", !page.turn);
}

function pageWarning(stale, age) {
	const why = page.failure || (page.repeated ?
		"the same old answer comes again" : "no new answer yet");
	if (!stale)
		return page.failure ? `The last look failed: ${page.failure}` : "";
	if (!page.known)
		return page.looks ? `Nothing is known yet: ${why}` : "";
	return age < Infinity ?
		`OLD: all below is as it was at ${pageTimeOf(age)}, not as it is: ${why}` :
		`OLD: nothing below counts: ${why}`;
}

// Says how old it is; called often, and whenever the page may have slept.
function pageAge() {
	const now = freshClock(), age = freshAge(page.fresh, now);
	const stale = freshIsStale(page.fresh, now);
	const root = document.documentElement;
	if (root.classList.contains("stale") !== stale)
		root.classList.toggle("stale", stale);
	domText(pageById("age"), age < Infinity ? `${wordsSpan(age)} old` : "");
	const text = pageWarning(stale, age);
	domText(pageById("warning"), text);
	domHide(pageById("warning"), !text);
	pageTitle(stale ? "faint" : page.tone, stale ? "old figures" : page.summary);
}

// The time that was AGE seconds ago, by this browser's clock.
function pageTimeOf(age) {
	return new Date(Date.now() - age * 1000).toLocaleTimeString("en-GB");
}

function pageTitle(tone, summary) {
	const sign = { good: "✓", warn: "▲", bad: "■", faint: "?" }[tone];
	const text = `${sign} ${summary} – ${page.box}`;
	if (document.title !== text)
		document.title = text;
	domSet(pageById("icon"), "href", `icon-${tone}.svg`);
}

/* Showing */

function pageShow(look) {
	const { status, vrrp, headroom } = look;
	const daemon = status.daemon, age = freshAge(page.fresh, freshClock());
	const troubles = wordsTroubles(status, vrrp);
	page.box = status.host || location.host;
	domText(pageById("box"), page.box);
	domText(pageById("box-detail"), `evenkeel ${daemon.version}, up ` +
		`${wordsTime(daemon.uptime_s)}, ${daemon.config_file} ` +
		`(generation ${daemon.generation})`);
	domText(pageById("as-of"), `as of ${pageTimeOf(age)},`);
	pageShowTroubles([...troubles,
			  ...headroom.advice.map((text) => ["faint", text])]);
	pairShow(status, vrrp);
	const tones = poolsShow(status, headroom.virtual_servers);
	pageShowEvents(look.events);
	pageShowVerdict(status, tones, troubles);
	poolsShowDetails(look.details);
	pageFilter();
}

function pageShowVerdict(status, tones, troubles) {
	const bad = tones.filter((tone) => tone !== "good").length;
	const servers = status.virtual_servers.reduce((n, vs) => n + vs.servers.length, 0);
	const pools = wordsCount(tones.length, "pool", "pools");
	const parts = [];
	if (bad)
		parts.push(`${bad} of ${pools} ${bad === 1 ? "needs" : "need"} a look`);
	else if (tones.length)
		parts.push(`${pools}, ${wordsCount(servers, "server", "servers")}: all well`);
	if (troubles.length)
		parts.push(wordsCount(troubles.length, "trouble of the balancer itself",
				      "troubles of the balancer itself"));
	page.tone = [...tones, ...troubles.map(([tone]) => tone)]
		.reduce(wordsWorst, "good");
	page.summary = parts.join("; ") || "no pools";
	if (!page.verdict) {
		page.verdict = domState();
		pageById("verdict").append(page.verdict.node);
	}
	domStateSet(page.verdict, page.tone, page.summary);
}

function pageShowTroubles(troubles) {
	const list = pageById("troubles");
	domKeep(list, page.troubles, troubles, ([, text]) => text, () => {
		const state = domState();
		return { node: domNew("li", {}, state.node), state };
	}, (part, [tone, text]) => domStateSet(part.state, tone, text));
	domHide(list, !troubles.length);
}

/* Events and the filter */

function pageShowEvents(events) {
	if (!page.eventTable) {
		page.eventTable = domTable("", PAGE_EVENT_COLUMNS);
		pageById("events").append(page.eventTable.node);
	}
	const list = events.events.filter((event) => !page.filter ||
		event.text.toLowerCase().includes(page.filter));
	domText(page.eventTable.title, "The last events of this balancer, the newest " +
		`first, by its clock${page.filter ? "; only those with the text above" : ""}`);
	domKeep(page.eventTable.body, page.events, list.reverse().slice(0, PAGE_EVENTS),
		(event) => event.number, () => domRow(PAGE_EVENT_COLUMNS), (row, event) => {
			domText(row.cells.when, event.time.replace("T", " ")
				.replace(/\.\d+/, ""));
			domText(row.cells.what, event.text);
		});
}

function pageFilter() {
	const { shown, all } = poolsFilter(page.filter, page.onlyBad);
	domText(pageById("filter-count"), page.filter || page.onlyBad ?
		`${shown} of ${wordsCount(all, "server", "servers")} shown` : "");
}

function pageFilterChanged() {
	page.filter = pageById("filter-text").value.trim().toLowerCase();
	page.onlyBad = pageById("filter-bad").checked;
	if (page.known) {
		pageShowEvents(page.known.events);
		pageFilter();
	}
}

function pageStart() {
	page.fresh = freshNew(pageInterval());
	pageById("filter-text").addEventListener("input", pageFilterChanged);
	pageById("filter-bad").addEventListener("change", pageFilterChanged);
	document.addEventListener("visibilitychange", () => {
		// Out of sight it is old at once: a returning tab shows no green.
		freshForget(page.fresh);
		page.failure = "the page was out of sight";
		pageAge();
		pageLook();
	});
	for (const name of ["pageshow", "focus", "resume", "online"])
		addEventListener(name, pageAge);
	setInterval(pageAge, Math.min(page.fresh.interval * 250, 500));
	setInterval(pageLook, page.fresh.interval * 1000);
	pageLook();
	page.looks = true;
	pageAge();
}

pageStart();
