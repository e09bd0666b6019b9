// SPDX-License-Identifier: GPL-2.0-or-later
//
// Pools, their servers, and the details of a server on a click.
"use strict";

const POOLS_NAME_MAX = 64; // of a server: longer than any address
const POOLS_COLUMNS = [
	["name", "Server"], ["what", "State"], ["number since", "Since"],
	["number weight", "Weight"], ["tight shares", "Share, of weight"],
	["number active", "Active + inactive"], ["number rate", "New/s"],
	["number lag", "Lag"], ["role", "Role"], ["tight check", "Last check"],
	["operator", "Operator"], ["why", "Why"],
];
// Characters that are not seen, and that a terminal or an eye may obey.
const POOLS_UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/u;
const POOLS_COMMANDS = ["explain", "drain", "ready", "disable"];

const pools = {
	known: new Map(),
	rates: new Map(), // counters of the look before, and what they came to
	rated: new Map(), // the same, of this look
	open: new Set(), // servers whose details are shown
};

// By how much a counter grew each second since the look before, by the daemon's
// own clock; null: not known yet, or begun anew.
function poolsRate(key, value, uptime) {
	const before = pools.rates.get(key);
	let rate = null;
	if (value === null || value === undefined)
		return null;
	if (before && before.uptime < uptime && value >= before.value)
		rate = (value - before.value) / (uptime - before.uptime);
	pools.rated.set(key, { value, uptime });
	return rate;
}

// Returns the tone of each pool.
function poolsShow(status, rooms) {
	const tones = [], uptime = status.daemon.uptime_s;
	pools.rated = new Map();
	domKeep(pageById("pools"), pools.known, status.virtual_servers,
		(vs) => vs.name, poolsNew, (pool, vs) => {
			const at = tones.length;
			const room = rooms[at] && rooms[at].name === vs.name ?
					     rooms[at] : null;
			tones.push(wordsPoolTone(vs, room));
			poolsSet(pool, vs, room, {
				id: `${at} ${vs.name}`, uptime, tone: tones[at],
			});
		});
	pools.rates = pools.rated;
	return tones;
}

function poolsNew() {
	const head = domNew("h3", {}), state = domState();
	const sentence = domNew("p", { class: "sentence" }, state.node);
	const quiet = domNew("p", { class: "quiet" });
	const table = domTable("", POOLS_COLUMNS);
	const node = domNew("article", { class: "pool" }, head, sentence, quiet, table.node);
	return { node, head, state, quiet, table, rows: new Map(), list: [] };
}

function poolsSum(vs, key) {
	return vs.servers.reduce((sum, server) => sum + (server[key] || 0), 0);
}

// What stands below the sentence.
function poolsQuiet(vs, room, of) {
	const rate = (key) => wordsRate(poolsRate(`${of.id} ${key}`, vs[key], of.uptime));
	const bytes = (key) => `${rate(key).replace(/\d$/, "$& ")}B/s`;
	const parts = [
		`level ${vs.level}`, vs.services.join(", "), `scheduler ${vs.scheduler}`,
		`${rate("connections_total")} new connections/s, ` +
		`${bytes("bytes_in_total")} in, ${bytes("bytes_out_total")} out`,
		`${of.active} active and ${poolsSum(vs, "inactive")} inactive connections` +
		(room && room.connections_room ? `, room for ${room.connections_room}` : ""),
	];
	if (vs.sorry_server)
		parts.push(`sorry server ${vs.sorry_server.address} ` +
			   (vs.sorry_server.weight_kernel === null ? "not in use" : "in use"));
	return parts.join("; ");
}

// OF: the pool's sums, and what its rates are kept by.
function poolsSet(pool, vs, room, of) {
	of.active = poolsSum(vs, "active");
	of.weight = poolsSum(vs, "weight_kernel");
	domText(pool.head, vs.name);
	domStateSet(pool.state, of.tone, wordsPool(vs, room));
	domText(pool.quiet, poolsQuiet(vs, room, of));
	domText(pool.table.title, `Servers of ${vs.name}`);
	pool.list = [];
	domKeep(pool.table.body, pool.rows, vs.servers, (server) => server.address,
		(server) => poolsServerNew(server, vs), (row, server) => {
			poolsServerSet(row, server, of);
			pool.list.push(row);
		});
}

/* A server */

function poolsServerNew(server, vs) {
	const row = domRow(POOLS_COLUMNS), cells = row.cells;
	const button = domNew("button", { type: "button", "aria-expanded": "false" });
	Object.assign(row, {
		address: server.address, pool: vs.name, nodes: [row.node],
		button, state: domState(), share: domShare(), spark: domSpark(),
		age: Infinity, detail: null,
	});
	cells.name.append(button);
	cells.what.append(row.state.node);
	cells["tight shares"].append(...row.share.nodes);
	cells["tight check"].append(...row.spark.nodes);
	button.addEventListener("click", () => poolsToggle(row));
	return row;
}

// A cell that may have nothing to say: then a card leaves it out.
function poolsCell(cell, text) {
	const none = text === "–";
	domText(cell, text);
	if (cell.classList.contains("none") !== none)
		cell.classList.toggle("none", none);
}

function poolsServerSet(row, server, of) {
	const cells = row.cells, tone = wordsServerTone(server);
	row.bad = tone !== "good";
	row.text = `${server.address} ${row.pool} ${server.state} ${server.reason}`
		.toLowerCase();
	domText(row.button, server.address, POOLS_NAME_MAX);
	domStateSet(row.state, tone, wordsServerState(server));
	domText(cells["number since"], wordsTime(server.since_s ?? NaN));
	domText(cells["number weight"], wordsWeight(server));
	domShareSet(row.share, server.active, of.active, server.weight_kernel || 0,
		    of.weight);
	domText(cells["number active"], `${server.active} + ${server.inactive}`);
	poolsCell(cells["number rate"], wordsRate(poolsRate(`${of.id} ${server.address}`,
		server.connections_total, of.uptime)));
	poolsCell(cells["number lag"], wordsTime(server.lag_s ?? NaN));
	poolsCell(cells.role, wordsRole(server));
	poolsCell(cells.operator, server.operator ?
		server.operator + (server.drained ? ", drained" : "") : "–");
	domText(cells.why, wordsReason(server));
	poolsCheckSet(row, server.checks || []);
}

// The slowest of its checks; a point for each new result.
function poolsCheckSet(row, checks) {
	const slowest = checks.reduce((a, b) =>
		!a || b.duration_ms > a.duration_ms ? b : a, null);
	if (!slowest || slowest.age_s === null) {
		domText(row.spark.text, checks.length ? "none yet" : "no check");
		return;
	}
	if (slowest.age_s <= row.age)
		domSparkAdd(row.spark, slowest.duration_ms);
	row.age = slowest.age_s;
	domText(row.spark.text, wordsMs(slowest.duration_ms));
}

// The details of a server, below its row.

function poolsExplain(row) {
	return pageGet(`api/explain?server=${encodeURIComponent(row.address)}` +
		       `&virtual=${encodeURIComponent(row.pool)}`)
		.catch((error) => ({ error: error.message }));
}

// [row, answer]... of those that are open.
function poolsExplainAll() {
	return Promise.all([...pools.open].map(async (row) =>
		[row, await poolsExplain(row)]));
}

function poolsToggle(row) {
	domSet(row.button, "aria-expanded", String(!row.detail));
	if (row.detail) {
		row.detail.remove();
		row.detail = null;
		row.nodes = [row.node];
		pools.open.delete(row);
		return;
	}
	const columns = String(POOLS_COLUMNS.length);
	row.chain = domNew("dl", {});
	row.said = domNew("p", { class: "quiet" }, "asking …");
	row.detail = domNew("tr", { class: "detail", role: "row" },
		domNew("td", { role: "cell", colspan: columns, "aria-colspan": columns },
		       domNew("h4", {}, "How its weight came about"),
		       row.said, row.chain,
		       domNew("h4", {}, "Commands, for a terminal on a balancer"),
		       domNew("ul", {}, ...poolsCommands(row))));
	row.node.after(row.detail);
	row.nodes = [row.node, row.detail];
	pools.open.add(row);
	poolsExplain(row).then((answer) => poolsDetailSet(row, answer));
}

// A word of a shell's.
function poolsQuote(text) {
	return /^[\w.:\/-]+$/.test(text) ? text :
					   `'${text.replaceAll("'", "'\\''")}'`;
}

function poolsCommands(row) {
	if (POOLS_UNSEEN.test(row.address) || POOLS_UNSEEN.test(row.pool))
		return [domNew("li", {},
			       "none: the name has characters that are not seen")];
	const words = `${poolsQuote(row.address)} ${poolsQuote(row.pool)}`;
	return POOLS_COMMANDS.map((word) => domCommand(`evenkeel ${word} ${words}`));
}

function poolsDetailSet(row, answer) {
	if (!row.detail)
		return;
	const one = (answer.servers || []).find((server) =>
		server.virtual_server === row.pool);
	const parts = one ? one.chain.flatMap((link) =>
		[["dt", link.step], ["dd", link.text]]) : [];
	domHide(row.said, Boolean(one));
	domText(row.said, answer.error || "this server is no longer there");
	parts.forEach(([tag, text], i) => {
		if (!row.chain.children[i])
			row.chain.append(domNew(tag, {}));
		domText(row.chain.children[i], text);
	});
	while (row.chain.children.length > parts.length)
		row.chain.lastChild.remove();
}

function poolsShowDetails(details) {
	for (const [row, answer] of details) {
		if (row.node.isConnected)
			poolsDetailSet(row, answer);
		else
			pools.open.delete(row);
	}
}

// Hides servers without TEXT, and with ONLY_BAD those that are well.
function poolsFilter(text, onlyBad) {
	let shown = 0, all = 0;
	for (const pool of pools.known.values()) {
		let some = 0;
		for (const row of pool.list) {
			const hide = (onlyBad && !row.bad) || !row.text.includes(text);
			domHide(row.node, hide);
			if (row.detail)
				domHide(row.detail, hide);
			some += !hide;
		}
		all += pool.list.length;
		shown += some;
		domHide(pool.node, !some && pool.list.length > 0);
	}
	return { shown, all };
}
