# SPDX-License-Identifier: GPL-2.0-or-later
#
# The figures of several columns (see columns.sh) as one table in Markdown: a line
# for each row that one of them has, in the order of ROWS, a cell "broken/hung/moved".
BEGIN {
	n = split("killed|`kill -9` of the daemon|" \
		"drained|`drain --director`|" \
		"returns|`ready --director` after it|" \
		"cut|power cut, the router sees the link die|" \
		"boots|it boots|" \
		"silent|power cut, silence|" \
		"dies|a server dies|" \
		"comes|it returns|" \
		"killed-swap|`kill -9`; one server dies, one returns|" \
		"drained-swap|drain; one server dies, one returns|" \
		"returns-swap|`ready`; one server dies, one returns|" \
		"cut-swap|link dies; one server dies, one returns|" \
		"boots-swap|it boots; one server dies, one returns|" \
		"silent-swap|silence; one server dies, one returns|" \
		"all-dead|40 new connections, all servers dead", part, "|")
	for (i = 1; i < n; i += 2) {
		order[++rows] = part[i]
		text[part[i]] = part[i + 1]
	}
}

FNR == 1 {
	k = split(FILENAME, folder, "/")
	column[++columns] = folder[k - 1]
}

$1 == "all-dead" {
	cell[columns, $1] = $3 > 0 ? "no route" : $2 " refused"
	seen[$1] = 1
	next
}

{
	cell[columns, $1] = $2 "/" $3 "/" $4
	if ($6 != "")
		cell[columns, $1] = cell[columns, $1] sprintf(", %.1f s", $6 / 1000)
	seen[$1] = 1
}

END {
	line = "| " corner " |"
	rule = "|---|"
	for (c = 1; c <= columns; c++) {
		line = line " " column[c] " |"
		rule = rule "---|"
	}
	print "\n" line "\n" rule
	for (i = 1; i <= rows; i++) {
		if (!(order[i] in seen))
			continue
		line = "| " text[order[i]] " |"
		for (c = 1; c <= columns; c++)
			line = line " " cell[c, order[i]] " |"
		print line
	}
}
