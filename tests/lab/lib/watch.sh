# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Observers that see what a look now and then would miss: a counter in the
# kernel for every request that changes an IPVS table, and a reader of the
# table that never pauses. Neither asks evenkeel.

TRACING=/sys/kernel/tracing
IPVS_EVENT=lab_ipvs_set

# requests_watch: from now on the kernel counts calls of the function through
# which every change of a service or server passes, whoever makes it.
requests_watch() {
	modprobe ip_vs
	[ -e $TRACING/kprobe_events ] || mount -t tracefs tracefs $TRACING
	echo "p:$IPVS_EVENT ip_vs_genl_set_cmd" >$TRACING/kprobe_events
	echo 1 >$TRACING/events/kprobes/$IPVS_EVENT/enable
}

# requests_seen: sets REQUESTS to how many there were so far. No fork.
requests_seen() {
	local event hits misses
	REQUESTS=0
	while read -r event hits misses; do
		[ "$event" != $IPVS_EVENT ] || REQUESTS=$((hits + misses))
	done <$TRACING/kprobe_profile
}

# requests_none_since NUMBER: nobody has asked the kernel to change anything.
requests_none_since() {
	requests_seen
	echo "$((REQUESTS - $1)) requests"
	[ "$REQUESTS" -eq "$1" ]
}

# table_watch LB: reads its table again and again from now on; whatever differs
# from the table as it is now goes to a file.
table_watch() {
	WATCH_FILE=$LAB_LOG/watch.$1
	: >"$WATCH_FILE"
	: >/run/watch.on
	rm -f /run/watch.looks
	table "$1" >/run/watch.first
	in_ns "$1" table_watch_loop "$WATCH_FILE" >/dev/null 2>&1 &
	WATCH_PID=$!
	poll 20 test -s /run/watch.looks
}

# In the namespace, a shell of its own, which no signal to the job would reach:
# it ends when its file is gone.
table_watch_loop() {
	local first seen looks=0
	first=$(</run/watch.first)
	while [ -e /run/watch.on ]; do
		seen=$(ipvsadm -Sn | sort)
		if [ "$seen" != "$first" ]; then
			printf '%s\n%s\n\n' "$EPOCHREALTIME" "$seen" >>"$1"
		fi
		looks=$((looks + 1))
		echo $looks >/run/watch.looks
		read -r -t 0.1 <>/run/watch.fifo
	done
}

# table_watch_stop: sets LOOKS to how often it has looked.
table_watch_stop() {
	rm /run/watch.on
	wait "$WATCH_PID"
	LOOKS=$(</run/watch.looks)
}

# table_watch_end TEXT: one check: the table was the same all the time.
table_watch_end() {
	table_watch_stop
	check "$1 ($LOOKS looks)" table_watch_is_clean "$LOOKS"
}

table_watch_is_clean() {
	cat "$WATCH_FILE"
	[ "$1" -ge 3 ] && [ ! -s "$WATCH_FILE" ]
}
[ -p /run/watch.fifo ] || mkfifo /run/watch.fifo
