// SPDX-License-Identifier: GPL-2.0-or-later
//
// Both balancers side by side, as this one sees them, and VRRP in detail.
"use strict";

const PAIR_COLUMNS = [
	["fact", "Fact"], ["here", "This balancer"], ["there", "The other one"],
];
const PAIR_INSTANCE_COLUMNS = [
	["name", "VRRP instance"], ["what", "State"], ["number since", "Since"],
	["why", "Why"], ["number priority", "Priority"], ["place", "Interface, VRID"],
	["addresses", "Addresses"], ["heard", "Other balancer heard"],
	["adverts", "Adverts"], ["number takeovers", "Takeovers"],
];
const PAIR_TRACKER_COLUMNS = [
	["name", "Watched"], ["what", "State"], ["number since", "Since"],
	["why", "Seen last"],
];

const pair = {
	table: null, instanceTable: null, trackerTable: null,
	facts: new Map(), instances: new Map(), trackers: new Map(),
};

/* Facts: { name, here, there }, each side [tone, word, more], or null: not told */

// What the other balancers report of themselves on the operator channel.
function pairReports(daemon) {
	return pairPeers(daemon).filter((one) => one.reports);
}

function pairPeers(daemon) {
	return daemon.peers ?? (daemon.peer ? [daemon.peer] : []);
}

// Their own words on an instance; without any, what its adverts show.
function pairTheirState(one, reports) {
	const told = reports.flatMap((report) => report.instances)
		.filter((it) => it.name === one.name && it.state)
		.map((it) => it.state);
	if (!told.length)
		return wordsOtherState(one);
	if (told.includes("MASTER") && one.state === "MASTER")
		return ["bad", "MASTER as well"];
	const state = told.includes("MASTER") ? "MASTER" :
		told.find((it) => wordsTone(it) === "bad") ?? told[0];
	return [wordsTone(state), state];
}

function pairInstanceFact(one, reports) {
	const why = one.why ?? "not told yet";
	const theirs = pairTheirState(one, reports);
	return {
		name: `VRRP ${one.name}`,
		here: [wordsTone(one.state), one.state,
		       `for ${wordsTime(one.since_s)}: ${why}; priority ` +
		       `${one.priority ?? one.priority_configured}`],
		there: [...theirs, one.peer ?
			`${one.peer}, priority ${one.peer_priority ?? "unknown"}, ` +
			`last advert ${wordsTime(one.heard_s ?? NaN)} ago` :
			"no advert heard yet"],
	};
}

function pairChannelFact(peer, name) {
	const open = peer.running && peer.answering !== false;
	const never = peer.heard_s === null;
	const ago = never ? "" : `, ${wordsTime(peer.heard_s)} ago`;
	if (peer.clocks_apart)
		return {
			name,
			here: [open ? "good" : "bad", open ? "open" : "closed", ""],
			there: ["bad", "another time", `${peer.address}: more than 60 s ` +
				"apart, so that nothing it says is taken"],
		};
	return {
		name,
		here: [open ? "good" : "bad", open ? "open" : "closed", ""],
		there: [peer.silent ? "bad" : never ? "faint" : "good",
			peer.silent ? "silent" : never ? "not heard yet" : "heard",
			`${peer.address}${ago}`],
	};
}

function pairSyncFact(sync) {
	const words = [sync.sends && "sending", sync.receives && "receiving"]
		.filter(Boolean);
	return {
		name: "Connection sync",
		here: [words.length ? "good" : "bad",
		       words.join(", ") || "standing still",
		       `${sync.interface}, id ${sync.id}`],
		there: null,
	};
}

// A fact of the other balancers: whether it is as it should be, in words. WELL and
// MORE are of one report. Of several, those that are not well are named.
function pairTheirs(reports, well, yes, no, more = () => "") {
	const bad = reports.filter((one) => !well(one));
	if (!reports.length)
		return null;
	if (reports.length === 1)
		return bad.length ? ["warn", no, more(bad[0])] :
			["good", yes, more(reports[0])];
	if (!bad.length)
		return ["good", `all ${reports.length}: ${yes}`, ""];
	return ["warn", `${bad.length} of ${reports.length}: ${no}`,
		bad.map((one) => `${one.address} ${more(one)}`.trim()).join(", ")];
}

function pairDaemonFacts(daemon, reports) {
	const checker = daemon.checker, kernel = daemon.kernel;
	const checks = checker && checker.running && checker.answering !== false;
	return [
		{ name: "Version", here: ["plain", daemon.version, ""],
		  there: pairTheirs(reports, (one) => one.same_version, "the same",
				    "another one", (one) => one.version) },
		{ name: "Configuration", here: [
			daemon.config_refused ? "warn" : "plain", daemon.config_file,
			`generation ${daemon.generation}` + (daemon.config_refused ?
				"; the file was refused at the last reload" : "")],
		  there: pairTheirs(reports, (one) => one.same_configuration,
				    "the same virtual servers",
				    "other virtual servers") },
		{ name: "Checks", here: [checks ? "good" : "bad",
			checks ? "running" : "not running",
			checker ? `${checker.verdicts} results` : ""],
		  there: pairTheirs(reports, (one) => one.verdicts_complete,
				    "all have spoken", "not all have spoken") },
		{ name: "Kernel's table", here: !kernel ? ["plain", "not used", ""] :
			[kernel.reached ? "good" : "bad",
			 kernel.reached ? "readable" : "not readable",
			 `${kernel.repairs} repairs, compared ` +
			 `${wordsTime(kernel.audited_s ?? NaN)} ago`],
		  there: pairTheirs(reports, (one) => one.table_complete,
				    "complete", "not complete") },
	];
}

function pairSum(pools) {
	return pools.reduce((sum, pool) => sum + (pool.up ?? 0), 0);
}

function pairAhead(report) {
	const ahead = report.clock_ahead_s ?? 0;
	return `${ahead < 0 ? "behind" : "ahead"} by ${Math.abs(ahead).toFixed(1)} s`;
}

// Of all: the servers that are up, and the clock.
function pairReportFacts(reports, pools) {
	const here = pairSum(pools);
	const there = reports.map((one) => pairSum(one.pools));
	return [
		{ name: "Servers up", here: ["plain", String(here), ""],
		  there: [there.some((sum) => sum < here) ? "warn" : "plain",
			  there.join(", "), ""] },
		{ name: "Clock", here: ["plain", "this one counts", ""],
		  there: pairTheirs(reports,
				    (one) => Math.abs(one.clock_ahead_s ?? 0) <= 1,
				    "the same", "another time", pairAhead) },
	];
}

function pairBfdFact(bfd) {
	const nr = bfd.sessions.length;
	const up = bfd.sessions.filter((one) => one.state === "up").length;
	const down = bfd.sessions.some((one) => one.state === "down");
	return { name: "BFD neighbours",
		 here: [up === nr ? "good" : down ? "bad" : "faint",
			`${up} of ${nr} up`, bfd.sessions.filter((one) =>
				one.state !== "up").map((one) =>
				`${one.name} ${one.state}`).join(", ")],
		 there: null };
}

function pairFacts(status, vrrp) {
	const daemon = status.daemon, reports = pairReports(daemon);
	const list = vrrp.instances.map((one) => pairInstanceFact(one, reports));
	list.push(...(status.announce?.groups ?? []).map((one) => ({
		name: `Announced ${one.name}`, here: wordsAnnounced(one),
		there: wordsAnnouncedThere(one) })));
	const peers = pairPeers(daemon);
	for (const one of peers)
		list.push(pairChannelFact(one, peers.length > 1 ?
			`Channel to ${one.address}` : "Operator channel"));
	if (daemon.bfd)
		list.push(pairBfdFact(daemon.bfd));
	if (vrrp.sync)
		list.push(pairSyncFact(vrrp.sync));
	list.push(...pairDaemonFacts(daemon, reports));
	if (reports.length)
		list.push(...pairReportFacts(reports, status.virtual_servers));
	return list;
}

function pairSideNew(cell) {
	const state = domState(), more = domNew("span", {});
	cell.append(state.node, more);
	return { state, more };
}

function pairSideSet(side, value) {
	domHide(side.state.node, !value);
	domSet(side.more, "class", value ? "more" : "more none");
	domText(side.more, value ? value[2] && ` ${value[2]}` : "not told");
	if (value)
		domStateSet(side.state, value[0], value[1]);
}

function pairFactNew(fact) {
	const row = domRow(PAIR_COLUMNS);
	domText(row.cells.fact, fact.name);
	return { node: row.node, here: pairSideNew(row.cells.here),
		 there: pairSideNew(row.cells.there) };
}

function pairShow(status, vrrp) {
	if (!pair.table) {
		pair.table = domTable("Both balancers, as this one sees them", PAIR_COLUMNS);
		pair.instanceTable = domTable("VRRP instances of this balancer",
					      PAIR_INSTANCE_COLUMNS);
		pair.trackerTable = domTable("What VRRP watches", PAIR_TRACKER_COLUMNS);
		pageById("pair").append(pair.table.node);
		pageById("details").append(pair.instanceTable.node,
					   pair.trackerTable.node);
	}
	domKeep(pair.table.body, pair.facts, pairFacts(status, vrrp),
		(fact) => fact.name, pairFactNew, (part, fact) => {
			pairSideSet(part.here, fact.here);
			pairSideSet(part.there, fact.there);
		});
	domHide(pageById("details-section"), !vrrp.instances.length);
	domKeep(pair.instanceTable.body, pair.instances, vrrp.instances,
		(one) => one.name, () => pairRowNew(PAIR_INSTANCE_COLUMNS),
		pairInstanceSet);
	domHide(pair.trackerTable.node, !vrrp.trackers.length);
	domKeep(pair.trackerTable.body, pair.trackers, vrrp.trackers,
		(one) => `${one.kind} ${one.name}`,
		() => pairRowNew(PAIR_TRACKER_COLUMNS), pairTrackerSet);
}

function pairRowNew(columns) {
	const row = domRow(columns);
	row.state = domState();
	row.cells.what.append(row.state.node);
	return row;
}

function pairInstanceSet(row, one) {
	const cells = row.cells;
	const drops = Object.entries(one.dropped || {}).map(([why, n]) => `${n} ${why}`);
	const changed = one.priority !== undefined &&
			one.priority !== one.priority_configured;
	domText(cells.name, one.name);
	domStateSet(row.state, wordsTone(one.state), one.state);
	domText(cells["number since"], wordsTime(one.since_s));
	domText(cells.why,
		[one.why, ...one.faults || []].filter(Boolean).join("; ") || "–");
	domText(cells["number priority"], (changed ? `${one.priority} of ` : "") +
		one.priority_configured);
	domText(cells.place, `${one.interface}, ${one.vrid}`);
	domText(cells.addresses, one.addresses.join(", "));
	domText(cells.heard, one.peer ?
		`${one.peer}, ${wordsTime(one.heard_s ?? NaN)} ago` : "never");
	domText(cells.adverts, `${one.adverts_sent ?? 0} sent, ` +
		`${one.adverts_received ?? 0} received` +
		(drops.length ? `; dropped: ${drops.join(", ")}` : ""));
	domText(cells["number takeovers"], one.takeovers ?? 0);
}

// [tone, word] of what is watched.
function pairTrackerState(one) {
	if (one.value === null)
		return ["faint", "not known"];
	if (one.kind === "file")
		return ["good", String(one.value)];
	if (one.value < 0)
		return ["warn", "cannot be run"];
	return one.value ? ["good", "up"] : ["bad", "down"];
}

function pairTrackerSet(row, one) {
	domText(row.cells.name, `${one.kind} ${one.name}`);
	domStateSet(row.state, ...pairTrackerState(one));
	domText(row.cells["number since"], wordsTime(one.since_s ?? NaN));
	domText(row.cells.why, one.text || "–");
}
