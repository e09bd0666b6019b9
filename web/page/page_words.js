// SPDX-License-Identifier: GPL-2.0-or-later
//
// Figures into words. No function here touches the document.
"use strict";

const WORDS_TONE = {
	up: "good", normal: "good", MASTER: "good", BACKUP: "good",
	down: "bad", nothing: "bad", "last-resort": "bad", FAULT: "bad",
	unknown: "faint", starting: "faint", INIT: "faint", spare: "faint",
};

// "good", "warn", "bad" or "faint"; a state from a newer daemon is a warning.
function wordsTone(state) {
	return Object.hasOwn(WORDS_TONE, state) ? WORDS_TONE[state] : "warn";
}

const WORDS_WORSE = ["good", "faint", "warn", "bad"];

function wordsWorst(one, other) {
	return WORDS_WORSE.indexOf(one) > WORDS_WORSE.indexOf(other) ? one :
								       other;
}

function wordsCount(number, one, many) {
	return `${number} ${number === 1 ? one : many}`;
}

// "0.4 s", "35 s", "12 min", "3 h 5 min", "4 d 2 h"
function wordsTime(seconds) {
	if (!Number.isFinite(seconds))
		return "–";
	if (seconds < 9.95)
		return `${Math.max(seconds, 0).toFixed(1)} s`;
	if (seconds < 120)
		return `${Math.floor(seconds)} s`;
	const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60);
	if (minutes < 60)
		return `${minutes} min`;
	if (hours < 24)
		return minutes % 60 ? `${hours} h ${minutes % 60} min` :
				      `${hours} h`;
	const days = Math.floor(hours / 24);
	return hours % 24 ? `${days} d ${hours % 24} h` : `${days} d`;
}

// A length of time in whole seconds, for lines that are read aloud when they
// change: with tenths they would change all the time.
function wordsSpan(seconds) {
	return Number.isFinite(seconds) && seconds < 9.95 ?
		       `${Math.floor(Math.max(seconds, 0))} s` :
		       wordsTime(seconds);
}

// "870", "1.5 k", "23 M"; not known: a dash.
function wordsRate(rate) {
	if (rate === null || rate === undefined || !Number.isFinite(rate))
		return "–";
	const units = ["", " k", " M", " G", " T"];
	let unit = 0;
	while (rate >= 999.5 && unit + 1 < units.length) {
		rate /= 1000;
		unit++;
	}
	return rate.toFixed(rate < 9.95 && (unit || rate % 1) ? 1 : 0) +
	       units[unit];
}

function wordsShare(part, whole) {
	return whole > 0 ? `${Math.round((part * 100) / whole)} %` : "–";
}

function wordsMs(ms) {
	if (!Number.isFinite(ms))
		return "–";
	return `${ms < 9.95 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

// What may be left out of "192.0.2.11:3306: refused ..." after its address.
function wordsReason(server) {
	return typeof server.reason === "string" && server.reason ?
		       server.reason : "no reason given";
}

const WORDS_LEVEL = {
	starting: "no server serves yet, not every one is known",
	unproven: "no server is proven to be up; those that answer are used",
	sorry: "the quorum is lost: the sorry server serves",
	nothing: "nothing serves",
	holding: "soft-failed servers serve, because too few others are left",
	"upstream-failure": "a failure that servers share: nobody is taken out for it",
	"last-resort": "all are down; the last that served stay in",
};

// A server's tone: green only as long as something vouches for it.
function wordsServerTone(server) {
	const tone = wordsTone(server.state);
	const checks = server.checks || [];
	if (tone === "good" && (checks.some((check) => check.stale) ||
				server.operator ||
				server.weight_kernel !== server.weight_wanted))
		return "warn";
	return tone;
}

function wordsServerState(server) {
	return (server.checks || []).some((check) => check.stale) ?
		       `${server.state}, check is stale` : String(server.state);
}

// A server's state, and all else for which the server is not shown in green.
function wordsServerLong(server) {
	const parts = [wordsServerState(server)];
	if (server.operator)
		parts.push(server.drained ? "drained" : `operator: ${server.operator}`);
	else if (server.weight_kernel !== server.weight_wanted)
		parts.push(`weight ${wordsWeight(server)}`);
	return parts.join(", ");
}

function wordsTroubled(servers) {
	const list = servers.filter((s) => wordsServerTone(s) !== "good" &&
					   s.state !== "spare");
	return list.sort((a, b) => WORDS_WORSE.indexOf(wordsServerTone(b)) -
				   WORDS_WORSE.indexOf(wordsServerTone(a)));
}

// "may lose 1 more"
function wordsSurvives(headroom) {
	if (!headroom || !headroom.servers)
		return "how many may fail is not known";
	if (headroom.survives < 0)
		return "connections do not fit even now";
	if (headroom.survives === 0)
		return "may lose nobody more";
	return `may lose ${headroom.survives} more`;
}

function wordsPoolTone(vs, headroom) {
	let tone = wordsTone(vs.level);
	if (tone === "good" && (!vs.quorum || vs.paused || wordsTroubled(vs.servers).length))
		tone = "warn";
	if (tone === "good" && headroom && headroom.servers &&
	    headroom.survives < headroom.target)
		tone = "warn";
	return vs.sources > Math.max(vs.writers, 1) ? "bad" : tone;
}

// "paused, 12 min left: nobody is taken out or put in"
function wordsPause(vs) {
	return `paused, ${wordsSpan(vs.pause_left_s ?? NaN)} left: ` +
	       (vs.pause_keeps_table ? "nobody is taken out or put in" :
		"there was no table to keep, so the checks decide");
}

// One sentence: "3 of 4 serve; db2 down for 2 min: refused; may lose 1 more"
function wordsPool(vs, headroom) {
	const parts = [], bad = wordsTroubled(vs.servers);
	if (vs.paused)
		parts.push(wordsPause(vs));
	if (Object.hasOwn(WORDS_LEVEL, vs.level))
		parts.push(WORDS_LEVEL[vs.level]);
	else if (vs.level !== "normal")
		parts.push(`level ${vs.level}`);
	const all = vs.servers_all ?? vs.servers.length;
	parts.push(`${vs.serving} of ${all} ${all === 1 ? "serves" : "serve"}`);
	if (bad.length) {
		const first = bad[0];
		let text = `${first.address} ${wordsServerLong(first)}`;
		if (Number.isFinite(first.since_s))
			text += ` for ${wordsSpan(first.since_s)}`;
		text += `: ${wordsReason(first)}`;
		parts.push(text);
		if (bad.length > 1)
			parts.push(wordsCount(bad.length - 1, "other is not well either",
					      "others are not well either"));
	}
	if (vs.spares)
		parts.push(`${vs.spares} to spare`);
	if (vs.sources > Math.max(vs.writers, 1))
		parts.push(`${vs.sources} sources, ${vs.writers || 1} wanted`);
	if (!vs.quorum)
		parts.push("the quorum is not reached");
	parts.push(wordsSurvives(headroom));
	return parts.join("; ");
}

// "40 of 100": in the kernel, of the file's; "out": not in the table.
function wordsWeight(server) {
	const file = String(server.weight_configured);
	const now = String(server.weight_kernel ?? "out");
	const wanted = server.weight_kernel === server.weight_wanted ? "" :
		       `, ${server.weight_wanted ?? "out"} wanted`;
	return (now === file ? now : `${now} of ${file}`) + wanted;
}

function wordsRole(server) {
	const words = [];
	if (server.replica)
		words.push("replica");
	if (server.read_only !== null && server.read_only !== undefined)
		words.push(server.read_only ? "read-only" : "writable");
	return words.join(", ") || "–";
}

// A process of the daemon that is not well, or null.
function wordsProcess(name, process, use) {
	if (!process.running)
		return `${name} does not run: ${use}`;
	return process.answering === false ?
		       `${name} does not answer: ${use}` : null;
}

// The troubles with one other balancer, of several: [tone, text]...
function wordsPeerTroubles(peer, several) {
	const list = [], at = several ? ` at ${peer.address}` : "";
	if (peer.clocks_apart)
		list.push(["warn", `the clocks of this balancer and of ${peer.address} ` +
			"are more than 60 s apart: neither takes what the other says"]);
	else if (peer.silent)
		list.push(["warn", `the other balancer at ${peer.address} is silent ` +
			"on the operator channel"]);
	if (peer.reports && peer.same_version && !peer.same_configuration)
		list.push(["warn", `the file of the other balancer${at} has other virtual ` +
			"servers: a takeover would change what is served"]);
	return list;
}

function wordsNeighbourTroubles(sessions) {
	return sessions.filter((one) => one.state === "down").map((one) =>
		["bad", `BFD ${one.name}: ${one.neighbor} is down for ` +
			`${wordsTime(one.since_s ?? NaN)}: ${one.why}`]);
}

// What is wrong with the daemon's own parts: [tone, text or null]...
function wordsPartTroubles(daemon) {
	const list = [], { checker, kernel, vrrp, peer, bfd, mail } = daemon;
	const peers = daemon.peers || (peer ? [peer] : []);
	if (checker)
		list.push(["bad", wordsProcess("the checker", checker,
			"states are those of the last checks")]);
	if (checker && checker.stale_checks)
		list.push(["warn", wordsCount(checker.stale_checks, "check has", "checks have") +
			" no result for much longer than the interval"]);
	if (kernel && !kernel.reached)
		list.push(["bad", "the kernel's table cannot be read: weights and " +
			"connections are not known; the log says why"]);
	if (vrrp)
		list.push(["bad", wordsProcess("the vrrp process", vrrp,
			"addresses are not looked after")]);
	if (vrrp && vrrp.waits_for_table)
		list.push(["warn", "VRRP waits until the kernel's table is complete"]);
	if (peer)
		list.push(["warn", wordsProcess("the peer process", peer,
			"the other balancer does not hear what operators say")]);
	for (const one of peers)
		list.push(...wordsPeerTroubles(one, peers.length > 1));
	if (bfd)
		list.push(["warn", wordsProcess("the bfd process", bfd,
			"what is known of the neighbours holds")],
			...wordsNeighbourTroubles(bfd.sessions));
	if (mail)
		list.push(["warn", wordsProcess("the mail process", mail,
			"nobody is told of changes by mail")]);
	if (mail && mail.failing)
		list.push(["warn", `${mail.server} takes no mail: ` +
			`${wordsCount(mail.waiting, "mail waits", "mails wait")}; ` +
			"the log says why"]);
	if (daemon.log_lines_lost)
		list.push(["warn", wordsCount(daemon.log_lines_lost, "log line was",
			"log lines were") + " lost"]);
	return list;
}

// Whether an advert of another balancer came lately.
function wordsHeard(one) {
	return Number.isFinite(one.heard_s) && Number.isFinite(one.interval_s) &&
	       one.heard_s <= 4 * one.interval_s;
}

function wordsInstanceTroubles(one) {
	const list = [];
	if (one.state === "FAULT")
		list.push(["bad", `VRRP ${one.name} is in FAULT: ` +
			((one.faults || []).join(", ") || one.why)]);
	if (one.state === "MASTER" && wordsHeard(one))
		list.push(["bad", `VRRP ${one.name}: two masters, ${one.peer} sends ` +
			"adverts as well"]);
	return list;
}

// An announce_group of this balancer, [tone, word, more]: green only while it is
// announced, and its virtual servers work.
function wordsAnnounced(group) {
	if (!group.state)
		return ["faint", "not known", group.addresses.join(", ")];
	const since = Number.isFinite(group.since_s) ?
		`for ${wordsTime(group.since_s)}: ` : "";
	const more = `${group.addresses.join(", ")}` +
		(group.interface ? ` on ${group.interface}` : "") +
		`; ${since}${group.trouble ?? group.why}` +
		(group.turns_to ? `; ${group.turns_to} in ` +
			wordsTime(group.turns_in_s ?? NaN) : "");
	const fails = group.announced && !group.works;
	const tone = group.trouble ? "bad" :
		!group.announced || fails || group.turns_to ? "warn" : "good";
	return [tone, group.state + (fails ? ", although it fails" : ""), more];
}

// The same group at the other balancers, as they say it; null: none is named.
function wordsAnnouncedThere(group) {
	const said = group.others_said ?? [];
	if (!said.length)
		return null;
	const lacking = said.filter((one) => one.state !== "announced");
	const announce = said.length - lacking.length;
	const tone = announce === said.length ? "good" : announce ? "warn" : "bad";
	return [tone, `${announce} of ${said.length} announce it`,
		lacking.map((one) => `${one.address} ` +
			(one.heard ? one.state ?? "says nothing of it" :
				     "is not heard")).join(", ")];
}

function wordsGroupTroubles(group) {
	const [tone, word, more] = wordsAnnounced(group);
	return ["bad", "warn"].includes(tone) ?
		[[tone, `announce_group ${group.name}: ${word}, ${more}`]] : [];
}

// What is wrong with the balancer itself: [tone, text]...
function wordsTroubles(status, vrrp) {
	return [...wordsPartTroubles(status.daemon),
		...(status.announce?.groups ?? []).flatMap(wordsGroupTroubles),
		...vrrp.instances.flatMap(wordsInstanceTroubles)]
		.filter(([, text]) => text);
}

// The other balancer of an instance, as far as adverts tell it.
function wordsOtherState(one) {
	const heard = wordsHeard(one);
	if (one.state === "BACKUP" && heard)
		return ["good", "MASTER"];
	if (one.state === "MASTER")
		return heard ? ["bad", "MASTER as well"] :
			       ["faint", "silent, as a backup is"];
	return ["faint", "not known"];
}
