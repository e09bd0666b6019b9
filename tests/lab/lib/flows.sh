# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Hundreds of connections, each with a source port that counts upwards, to servers
# that tell their number: see tools/flows.c. The reports are read as those of held
# connections, by held_value and held_is.

# named_server N...: a server that tells its number, on port 3306 of dbN.
named_server() {
	local n
	for n; do TOY_NAME=$n toys_start "db$n" name "$MARIADB_PORT"; done
}

# flows_start NAME NAMESPACE [OPTION...]: connections that stay and ask. At its end
# /run/map.NAME says which connection had which server.
flows_start() {
	local name=$1 from=$2
	shift 2
	rm -f "/run/held.$name" "/run/map.$name"
	"$LAB_NS" "$from" "$LAB_SRC/build/lab-tools/flows" -h "$VIP" \
		-P "$MARIADB_PORT" -o "/run/held.$name" -m "/run/map.$name" \
		"$@" >>"$LAB_LOG/flows.$name.log" 2>&1 &
	DAEMON_PID["flows.$name"]=$!
}

# flows_stop NAME: ends it; the last report is then complete.
flows_stop() {
	daemon_stop "flows.$1"
	cp "/run/held.$1" "$LAB_LOG/held.$1"
}

# flows_once NAME NAMESPACE [OPTION...]: connections that ask once and are reset; how
# each kind of them ended stays in the job folder.
flows_once() {
	flows_start "$@" --once
	wait "${DAEMON_PID["flows.$1"]}"
	cp "/run/held.$1" "/run/map.$1" "$LAB_LOG"
}

# flows_even NAME SERVER...: the connections are spread evenly over the servers.
# Chi-squared stays below what one even spread in a thousand exceeds, for the
# degrees of freedom of two to four servers.
flows_even() {
	local name=$1 n seen all=0 sum=0
	local limit=(0 0 1083 1382 1627)
	shift
	for n; do
		seen=$(held_value "$name" "server.$n.open")
		echo "server $n: $seen"
		all=$((all + seen))
		sum=$((sum + seen * seen))
	done
	[ $all -gt 0 ] || return 1
	# In hundredths.
	sum=$((100 * (sum * $# - all * all) / all))
	echo "chi-squared: $sum/100, at most ${limit[$#]}/100"
	[ $sum -le "${limit[$#]}" ]
}
