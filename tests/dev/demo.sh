# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The demonstration, and the lab that it leaves running. Sourced by ./dev; uses
# lab.sh and tests/lab. Some of what is set here is read in tests/lab/vm.sh.
# shellcheck disable=SC2034,SC2154

# Ports of this host's loopback, for the pages of lb1 and lb2, their metrics, and
# the word that ends it; the first that are free from there on.
DEMO_PORTS_FROM=8651

cmd_demo() {
	local keep=no story=yes
	while [ $# -gt 0 ]; do
		case $1 in
		--keep) keep=yes ;;
		--no-story) story=no ;;
		*) die "demo: unknown option $1" ;;
		esac
		shift
	done
	[ $story = yes ] || [ $keep = yes ] ||
		die "demo: --no-story is for --keep"
	setup_quietly
	build_tools && build_flavour release || exit 1
	mkdir -p "$LOGS/lab"
	if [ $story = yes ]; then
		say "booting the lab"
		demo_run demo
	fi
	[ $keep = no ] || demo_keep
	[ "$failed" = 0 ] && [ "$passed" != 0 ]
}

# demo_run NAME: tests/lab/NAME.sh before the reader's eyes, judged.
demo_run() {
	local job=$LOGS/lab/$1
	[ -f "$LAB_DIR/$1.sh" ] || die "tests/lab/$1.sh is missing"
	# An interrupt is the machine's; the log goes on until its last word.
	lab_scenario "$LAB_DIR/$1.sh" release 2>&1 |
		(trap '' INT && exec tee "$job.log")
	rm -f "$job.said" "$job.figures"
	lab_judge "$job"
}

# A pair that stays, with pages and metrics on this host's loopback, until an
# interrupt. The machine reaches nothing of the host or beyond (restrict).
demo_keep() {
	local ports=() from=$DEMO_PORTS_FROM n guest
	while [ ${#ports[@]} -lt 5 ]; do
		from=$(demo_port "$from")
		ports+=("$from")
		from=$((from + 1))
	done
	LAB_PORTS=${ports[*]}
	LAB_OUTSIDE=()
	for n in 1 2; do
		guest=tcp:127.0.0.1:${ports[n - 1]}-10.0.2.15:8080
		guest+=,hostfwd=tcp:127.0.0.1:${ports[n + 1]}-10.0.2.15:9650
		[ $n != 1 ] ||
			guest+=,hostfwd=tcp:127.0.0.1:${ports[4]}-10.0.2.15:8099
		LAB_OUTSIDE+=(-netdev "user,id=lb$n,restrict=on,hostfwd=$guest"
			-device "virtio-net-pci,netdev=lb$n,mac=52:54:00:65:76:0$n")
	done
	say "booting a pair that stays; Ctrl-C ends it"
	# Held off here, so that the machine can end in good order.
	trap : INT
	demo_run keep
	trap - INT
}

# demo_port FROM: the first port at which nothing of this host listens.
demo_port() {
	local port=$1
	while (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
		port=$((port + 1))
	done
	echo "$port"
}

# At an interrupt, in the shell that watches the machine: it is asked to end,
# and answers; one that does not, as it is starting, is ended.
demo_end() {
	local word=''
	# shellcheck disable=SC2086
	set -- $LAB_PORTS
	if exec {LAB_END}<>"/dev/tcp/127.0.0.1/$5" &&
		read -r -t 5 -u "$LAB_END" word && [ "$word" = bye ]; then
		return
	fi
	warn "the machine is not ready to end by itself, and is ended"
	exit 130
}
