// SPDX-License-Identifier: GPL-2.0-or-later
//
// The main rules of WCAG 2.2 that a program can judge, computed in the document
// as it is shown: contrast, names, headings, tables, language, sizes. The value of
// this script is the list of what breaks one.
(() => {
const found = [];
const bad = (rule, node, text) => found.push(`${rule}: ${text} at ${place(node)}`);
function place(node) {
	const parts = [];
	for (; node && node.nodeType === 1 && parts.length < 4; node = node.parentElement)
		parts.unshift(node.tagName.toLowerCase() + (node.id ? `#${node.id}` : "") +
			      (node.getAttribute("class") ? `.${node.getAttribute("class").split(" ").join(".")}` : ""));
	return parts.join(" > ");
}
function shown(node) {
	return node.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
}
function colour(text) {
	const part = text.match(/[\d.]+/g).map(Number);
	return { r: part[0], g: part[1], b: part[2], a: part.length > 3 ? part[3] : 1 };
}
function light(c) {
	const one = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
	return 0.2126 * one(c.r) + 0.7152 * one(c.g) + 0.0722 * one(c.b);
}
function contrast(a, b) {
	const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
	return (x + 0.05) / (y + 0.05);
}
function ground(node) {
	for (; node; node = node.parentElement) {
		const c = colour(getComputedStyle(node).backgroundColor);
		if (c.a === 1)
			return c;
		if (c.a > 0)
			bad("contrast", node, "half transparent ground cannot be judged");
	}
	return { r: 255, g: 255, b: 255, a: 1 };
}
function textContrast(node, style, text) {
	const size = parseFloat(style.fontSize), bold = Number(style.fontWeight) >= 700;
	const wanted = size >= 24 || (bold && size >= 18.66) ? 3 : 4.5;
	const ratio = contrast(colour(style.color), ground(node));
	if (ratio < wanted)
		bad("contrast", node, `${ratio.toFixed(2)} < ${wanted} for "${text.trim().slice(0, 30)}"`);
}
let texts = 0;
for (const node of document.body.querySelectorAll("*")) {
	if (!shown(node) || node.closest("svg"))
		continue;
	const own = [...node.childNodes].filter((n) => n.nodeType === 3 && n.data.trim());
	if (own.length) {
		texts++;
		textContrast(node, getComputedStyle(node), own[0].data);
	}
	const before = getComputedStyle(node, "::before");
	if (!["none", "normal", '""'].includes(before.content) && before.display !== "none")
		textContrast(node, before, before.content);
}
if (texts < 10)
	bad("audit", document.body, `only ${texts} texts seen`);
for (const shape of document.querySelectorAll(".shape, .share .bar, .share .mark")) {
	if (!shown(shape))
		continue;
	const ratio = contrast(colour(getComputedStyle(shape).fill), ground(shape.closest(":not(svg, svg *)")));
	if (ratio < 3)
		bad("contrast", shape, `${ratio.toFixed(2)} < 3 for a shape`);
}
for (const line of document.querySelectorAll(".spark-line")) {
	const ratio = contrast(colour(getComputedStyle(line).stroke), ground(line.closest("td")));
	if (ratio < 3)
		bad("contrast", line, `${ratio.toFixed(2)} < 3 for a line`);
}
if (!/^[a-z]{2}/.test(document.documentElement.lang))
	bad("language", document.documentElement, "none");
if (!document.title.trim())
	bad("title", document.documentElement, "none");
if (/user-scalable *= *no|maximum-scale/.test(document.querySelector("meta[name=viewport]").content))
	bad("zoom", document.documentElement, "forbidden");
for (const tag of ["main", "h1", "header"])
	if (document.querySelectorAll(tag).length !== 1)
		bad("landmarks", document.body, `${document.querySelectorAll(tag).length} ${tag}`);
let level = 0;
for (const head of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
	if (!shown(head))
		continue;
	const now = Number(head.tagName[1]);
	if (now > level + 1)
		bad("headings", head, `h${now} after h${level}`);
	if (!head.textContent.trim())
		bad("headings", head, "empty");
	level = now;
}
const ids = new Set();
for (const node of document.querySelectorAll("[id]")) {
	if (ids.has(node.id))
		bad("ids", node, "stands twice");
	ids.add(node.id);
}
for (const name of ["aria-labelledby", "aria-controls", "aria-describedby", "for"])
	for (const node of document.querySelectorAll(`[${name}]`))
		for (const id of node.getAttribute(name).split(/\s+/))
			if (!document.getElementById(id))
				bad("ids", node, `${name} names ${id}, which is not there`);
for (const node of document.querySelectorAll("button, a[href], input, select, textarea, [tabindex]")) {
	if (!shown(node))
		continue;
	const name = node.getAttribute("aria-label") || (node.labels && [...node.labels].map((l) => l.textContent).join(" ")) || node.textContent;
	if (!name.trim())
		bad("names", node, "nothing says what it is");
	if (node.tabIndex > 0)
		bad("focus", node, "an order of its own");
	const box = node.getBoundingClientRect();
	if (node.tagName === "BUTTON" && (box.height < 23.9 || box.width < 23.9))
		bad("size", node, `${box.width} x ${box.height}`);
}
for (const svg of document.querySelectorAll("svg"))
	if (svg.getAttribute("aria-hidden") !== "true" && !svg.querySelector("title"))
		bad("names", svg, "a picture without a name");
for (const table of document.querySelectorAll("table")) {
	if (!shown(table))
		continue;
	if (!table.caption || !table.caption.textContent.trim())
		bad("tables", table, "no caption");
	const heads = table.tHead ? [...table.tHead.rows[0].cells] : [];
	for (const head of heads)
		if (head.tagName !== "TH" || head.scope !== "col" || !head.textContent.trim())
			bad("tables", head, "no head of a column");
	for (const row of table.tBodies[0].rows) {
		const cells = [...row.cells].reduce((n, cell) => n + cell.colSpan, 0);
		if (cells !== heads.length)
			bad("tables", row, `${cells} cells, ${heads.length} heads`);
		if (row.cells.length > 1 && (row.cells[0].tagName !== "TH" || row.cells[0].scope !== "row"))
			bad("tables", row, "no head of the row");
	}
	for (const part of table.querySelectorAll("table, thead, tbody, tr, th, td"))
		if (!part.getAttribute("role"))
			bad("tables", part, "no role, which display: block would take away");
}
// A state is never told by its colour alone.
for (const state of document.querySelectorAll(".state:not(.plain)"))
	if (shown(state) && (!state.querySelector(".word").textContent.trim() ||
			     !/^#shape-/.test(state.querySelector("use").getAttribute("href")) ||
			     !document.querySelector(state.querySelector("use").getAttribute("href"))))
		bad("states", state, "no word or no shape");
if (document.documentElement.scrollWidth > innerWidth)
	bad("reflow", document.documentElement, `${document.documentElement.scrollWidth} wide in ${innerWidth}`);
for (const node of document.querySelectorAll("main *")) {
	if (!shown(node) || node.closest("svg, thead"))
		continue;
	const box = node.getBoundingClientRect();
	if (box.width > 0 && box.right > innerWidth + 1)
		bad("reflow", node, `ends at ${Math.round(box.right)} of ${innerWidth}`);
}
return [...new Set(found)].slice(0, 40);
})()
