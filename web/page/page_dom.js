// SPDX-License-Identifier: GPL-2.0-or-later
//
// The document's parts. Every text goes in as text, never as markup: names come
// out of files and off the network. Nothing is written that is there already, so
// a look at a thousand servers of which three have changed costs three changes.
"use strict";

const DOM_SVG = "http://www.w3.org/2000/svg";
const DOM_SPARK = { points: 40, width: 60, height: 16 };
const DOM_TEXT_MAX = 2000;

// domNew("td", { class: "x", role: "cell" }, "text" or nodes...)
function domNew(tag, attributes, ...children) {
	const node = document.createElement(tag);
	for (const name in attributes)
		node.setAttribute(name, attributes[name]);
	node.append(...children);
	return node;
}

function domSvg(tag, attributes, ...children) {
	const node = document.createElementNS(DOM_SVG, tag);
	for (const name in attributes)
		node.setAttribute(name, attributes[name]);
	node.append(...children);
	return node;
}

function domText(node, text, most = DOM_TEXT_MAX) {
	text = String(text);
	if (text.length > most)
		text = `${text.slice(0, most)}…`;
	if (node.textContent !== text)
		node.textContent = text;
}

function domSet(node, name, value) {
	if (node.getAttribute(name) !== value)
		node.setAttribute(name, value);
}

function domHide(node, hidden) {
	if (node.hidden !== hidden)
		node.hidden = hidden;
}

// domKeep(PARENT, KNOWN, LIST, KEY, MAKE, UPDATE): PARENT's children are those of
// LIST in its order. KNOWN, a Map, has for each key what MAKE gave: { node, ... }.
// A child that stays stays the same node, so focus and selection stay as well.
function domKeep(parent, known, list, key, make, update) {
	const used = new Map(), seen = new Map();
	let at = parent.firstChild;
	for (const one of list) {
		const name = key(one), count = seen.get(name) || 0;
		const id = JSON.stringify([name, count]);
		seen.set(name, count + 1);
		const part = known.get(id) || make(one);
		used.set(id, part);
		update(part, one);
		for (const node of part.nodes || [part.node]) {
			if (node === at)
				at = at.nextSibling;
			else
				parent.insertBefore(node, at);
		}
	}
	while (at) {
		const next = at.nextSibling;
		at.remove();
		at = next;
	}
	known.clear();
	for (const [id, part] of used)
		known.set(id, part);
}

// A state: a shape, a colour and a word.
function domState() {
	const use = domSvg("use", {});
	const shape = domSvg("svg", { class: "shape", "aria-hidden": "true",
				      focusable: "false" }, use);
	const word = domNew("span", { class: "word" });
	return { node: domNew("span", { class: "state" }, shape, word), use, word };
}

// TONE: see wordsTone(); or "plain", for a word that is no state.
function domStateSet(state, tone, word) {
	if (tone !== "plain")
		domSet(state.use, "href", `#shape-${tone}`);
	domSet(state.node, "class", `state ${tone}`);
	domText(state.word, word);
}

// A bar for a share of connections, with a mark where the weight's share is.
function domShare() {
	const bar = domSvg("rect", { class: "bar", x: "0", y: "3", height: "8",
				     width: "0" });
	const mark = domSvg("rect", { class: "mark", y: "0", height: "14",
				      width: "2", x: "0" });
	const svg = domSvg("svg", { class: "share", viewBox: "0 0 60 14",
				    "aria-hidden": "true", focusable: "false" },
			   domSvg("rect", { class: "groove", x: "0", y: "3",
					    height: "8", width: "60" }),
			   bar, mark);
	const text = domNew("span", {});
	return { nodes: [svg, text], svg, bar, mark, text };
}

function domShareSet(share, part, whole, weight, weights) {
	const of = (a, b) => b > 0 ? Math.min(Math.max(a / b, 0), 1) : 0;
	domSet(share.bar, "width", (of(part, whole) * 60).toFixed(1));
	domSet(share.mark, "x", (of(weight, weights) * 58).toFixed(1));
	domText(share.text, ` ${wordsShare(part, whole)} of ${wordsShare(weight, weights)}`);
}

// The last check times. Null: the check has not ended anew, or gave no time.
function domSpark() {
	const line = domSvg("polyline", { class: "spark-line", points: "" });
	const svg = domSvg("svg", { class: "spark", "aria-hidden": "true",
				    focusable: "false", viewBox:
				    `0 0 ${DOM_SPARK.width} ${DOM_SPARK.height}` }, line);
	const text = domNew("span", {});
	return { nodes: [svg, text], line, text, times: [] };
}

function domSparkAdd(spark, ms) {
	spark.times.push(ms);
	if (spark.times.length > DOM_SPARK.points)
		spark.times.shift();
	const most = Math.max(...spark.times, 0.001) * 1.2;
	const step = DOM_SPARK.width / (DOM_SPARK.points - 1);
	const from = DOM_SPARK.points - spark.times.length;
	const points = spark.times.map((time, i) =>
		`${((from + i) * step).toFixed(1)},${(DOM_SPARK.height - 1 -
			(time / most) * (DOM_SPARK.height - 2)).toFixed(1)}`);
	spark.line.setAttribute("points", points.join(" "));
}

// domTable(CAPTION, [[class, head]...]): a table with a body and no rows yet. Roles
// are said aloud, because a narrow screen shows rows as cards (display: block),
// and a browser may then forget that they are rows.
function domTable(caption, columns) {
	const body = domNew("tbody", { role: "rowgroup" });
	const heads = columns.map(([name, text]) =>
		domNew("th", { class: name, scope: "col", role: "columnheader" }, text));
	const title = domNew("caption", {}, caption);
	const table = domNew("table", { role: "table" }, title,
			     domNew("thead", { role: "rowgroup" },
				    domNew("tr", { role: "row" }, ...heads)), body);
	return { node: table, title, body, heads };
}

// One row: a cell for each column, the first being the row's head.
function domRow(columns) {
	const cells = {}, list = columns.map(([name, text], i) => {
		const cell = i === 0 ?
			domNew("th", { class: name, scope: "row", role: "rowheader" }) :
			domNew("td", { class: name, role: "cell", "data-head": text });
		cells[name] = cell;
		return cell;
	});
	return { node: domNew("tr", { role: "row" }, ...list), cells };
}

// A command to copy. Where the browser lets a page write to the clipboard (https
// or this machine itself) it does, elsewhere the text is marked for Ctrl-C.
function domCommand(text) {
	const code = domNew("code", {}, text);
	const button = domNew("button", { type: "button", class: "copy" }, "copy");
	const said = domNew("span", { role: "status", class: "said" });
	button.setAttribute("aria-label", `copy ${text}`);
	button.addEventListener("click", async () => {
		try {
			await navigator.clipboard.writeText(text);
			domText(said, "copied");
		} catch {
			getSelection().selectAllChildren(code);
			domText(said, "marked: copy it with Ctrl-C");
		}
	});
	return domNew("li", {}, code, " ", button, " ", said);
}
