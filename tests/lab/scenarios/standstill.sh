# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: whatever is around VRRP stands still, alone and all together: the address goes on
# limit: 180
#
# A pair with an advert every 100 ms. On both balancers a thing stands still, the
# cable of the one with the address is cut, and the other one has it as fast as
# when nothing stood. At no moment have two. The kernels' own announcements of
# the address are the witness, and the guest's clock counts instructions, so the
# times are the program's and not the host's.
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh

DISK=/run/disk
STAND=/run/stand # files, one for each thing that stands still
ASKED=/run/asked
mkdir -m 700 "$DISK"
mkdir "$STAND"
: >"$ASKED"
# A recorder that stands still is not given everything.
RECORD_GAPS=yes
RECORD_DIR=$DISK/recorded
TOOL=$LAB_SRC/tests/lab/tools/bystander.py
declare -A PID

# An instance is Active when the skew is over and three adverts are missing:
# 3 * 100 ms + 100 ms * (256 - 100) / 256 = 361 ms with priority 100, from the last
# advert. One advert's time more is the machine's for the work on the address: main
# may just parse a file, with sanitizers, on the only processor.
FAST=461000

conf() {
	local lb=$1 priority=$2 other=$3
	cat <<-END
		global_defs {
			operator_peer $other 8850 $DISK/key
			state_file $DISK/$lb.state
			reload_time_file $DISK/$lb.time
			metrics_listen 127.0.0.1 9100
			notification_email {
				ops@example.org
			}
			smtp_server 10.78.0.1 25
			script_user root
			enable_script_security
		}
		bfd_instance neighbour {
			neighbor_ip $other
		}
		vrrp_track_file level {
			file $DISK/level
			weight 1
		}
		vrrp_script look {
			script /run/look
			interval 1
			timeout 100
			weight 1
		}
		vrrp_instance SERVICE {
			interface eth0
			virtual_router_id 77
			version 3
			priority $priority
			advert_int 0.1
			nopreempt
			no_accept
			smtp_alert
			notify /run/look
			track_script {
				look
			}
			track_file {
				level weight 1
			}
			virtual_ipaddress {
				$VIP/32
			}
		}
		virtual_server $VIP 3306 {
			delay_loop 1
			lvs_sched rr
			lvs_method DR
			protocol TCP
			real_server 10.78.0.1 3306 {
				MISC_CHECK {
					misc_path /run/look
					misc_timeout 100
				}
				TCP_CHECK {
				}
				MYSQL_CHECK {
					username check
					password secret
					timeout 2
				}
			}
		}
	END
}

# child LB NAME: sets CHILD to main's child with that name.
child() {
	local pid name
	process_tree "${DAEMON_PID[evenkeeld.$1]}"
	for pid in "${TREE[@]}"; do
		name=$(<"/proc/$pid/comm")
		[[ $2 == "$name"* ]] || continue
		CHILD=$pid
		return 0
	done
	echo "no $2 on $1"
	return 1
}
has_children() {
	local name
	for name in "${CHILDREN[@]}" evenkeel-vrrp; do
		child "$1" "$name" || return
	done
}
CHILDREN=(evenkeel-checker evenkeel-peer evenkeel-recorder evenkeel-web
	evenkeel-mail evenkeel-bfd)

# stand_NAME, go_NAME: on both balancers, with something for main to want of it.
stand_nothing() { :; }
go_nothing() { :; }
signal_children() {
	local lb
	for lb in lb1 lb2; do
		child "$lb" "$1" && kill "-$2" "$CHILD"
	done
}
stand_child() { signal_children "$1" STOP; }
go_child() { signal_children "$1" CONT; }
stand_main() { kill -STOP "${DAEMON_PID[evenkeeld.lb1]}" "${DAEMON_PID[evenkeeld.lb2]}"; }
go_main() { kill -CONT "${DAEMON_PID[evenkeeld.lb1]}" "${DAEMON_PID[evenkeeld.lb2]}"; }
stand_scripts() { : >"$STAND/scripts"; }
go_scripts() { rm "$STAND/scripts" && end_asked; }
stand_tools() {
	: >"$STAND/tools"
	for lb in lb1 lb2; do
		ns "$lb" bash -c 'exec -a iptables /run/real -F INPUT'
	done
}
go_tools() { rm "$STAND/tools" && end_asked; }
# The scripts and tools that stand still, and no other process.
end_asked() {
	local pid
	while read -r _ pid; do
		kill "$pid" 2>/dev/null
	done <"$ASKED"
	: >"$ASKED"
}
stand_log() { kill -USR1 "${PID[log.lb1]}" "${PID[log.lb2]}" && reloads; }
go_log() { kill -CONT "${PID[log.lb1]}" "${PID[log.lb2]}"; }
stand_disk() { : >"$STAND/disk" && reloads && words; }
go_disk() { rm "$STAND/disk"; }
stand_clients() {
	local lb
	for lb in lb1 lb2; do
		"$TOOL" clients "/run/evenkeel-$lb/control.sock" 6 \
			>"$STAND/clients.$lb" &
		PID[clients.$lb]=$!
	done
}
sit() { [ -s "$STAND/clients.lb1" ] && [ -s "$STAND/clients.lb2" ]; }
go_clients() { kill "${PID[clients.lb1]}" "${PID[clients.lb2]}"; }
reloads() { kill -HUP "${DAEMON_PID[evenkeeld.lb1]}" "${DAEMON_PID[evenkeeld.lb2]}"; }
words() {
	evenkeel lb1 drain 10.78.0.1:3306 >/dev/null 2>&1 &
	evenkeel lb2 ready 10.78.0.1:3306 >/dev/null 2>&1 &
}
stand_everything() {
	local name
	for name in "${CHILDREN[@]}"; do
		stand_child "$name"
	done
	for name in clients scripts tools log disk; do
		"stand_$name"
	done
}
go_everything() {
	local name
	for name in disk log tools scripts clients; do
		"go_$name"
	done
	for name in "${CHILDREN[@]}"; do
		go_child "$name"
	done
}

HOLDER=lb1
other() { [ "$HOLDER" = lb1 ] && OTHER=lb2 || OTHER=lb1; }
# holds_alone LB: by the witness.
last_holders() {
	local line
	HOLDERS=
	while read -r _ line; do
		HOLDERS=$line
	done <"$STAND/holders"
	echo "held by: $HOLDERS"
}
holds_alone() {
	last_holders
	[ "$HOLDERS" = "$1" ]
}
# judge SINCE: sets TOOK to the microseconds from SINCE to the last change of the
# holders, TWO to those in which there were two, STORY to the changes.
judge() {
	local time names before='' at=$1
	TOOK=0 TWO=0 STORY=
	while read -r time names; do
		time=${time/./}
		[ "$time" -ge "$1" ] || continue
		[[ $before != *" "* ]] || TWO=$((TWO + time - at))
		at=$time before=$names
		TOOK=$((time - $1))
		STORY+="${STORY:+, }${names:-nobody}"
	done <"$STAND/holders"
}

# heard LB: sets HEARD to the packets that its interface has received.
heard() {
	local name count
	HEARD=0
	while read -r name _ count _; do
		[ "$name" != eth0: ] || HEARD=$count
	done <"/proc/${DAEMON_PID[evenkeeld.$1]}/net/dev"
}
# hears LB NUMBER: that many packets since BEFORE.
hears() {
	heard "$1"
	[ $((HEARD - BEFORE)) -ge "$2" ]
}

# fails_over TEXT: the cable of the holder is cut.
fails_over() {
	local start
	other
	start=${EPOCHREALTIME/./}
	ip -n wire link set dev "$HOLDER" down
	wait_for 10 "$1: $OTHER has the address" holds_alone "$OTHER"
	judge "$start"
	check_equal "$1: one holder at each moment" "nobody, $OTHER" "$STORY"
	check "$1: as fast as ever ($((TOOK / 1000)) ms)" test $TOOK -le $FAST
	ip -n wire link set dev "$HOLDER" up
	heard "$HOLDER"
	BEFORE=$HEARD
	wait_for 10 "$1: the cable is back, and eight adverts are heard" \
		hears "$HOLDER" 8
	check "$1: the address stays" holds_alone "$OTHER"
	HOLDER=$OTHER
}

# asked_for WORD: a script or a tool that stands still was begun.
asked_for() { grep -q "^$1 " "$ASKED"; }
answers() { evenkeel "$1" status >/dev/null; }

topology_build 1 2
toys_start db1 accept 3306
cat >/run/look <<'END'
#!/bin/bash
[ -e /run/stand/scripts ] || exit 0
echo "script $$" >>/run/asked
exec sleep 1000
END
cat >/run/tool <<'END'
#!/bin/bash
[ -e /run/stand/tools ] || exec -a "${0##*/}" /run/real "$@"
echo "tool $$" >>/run/asked
exec sleep 1000
END
chmod 755 /run/look /run/tool
echo 5 >$DISK/level
REAL=$(readlink -f "$(command -v iptables)")
cp "$REAL" /run/real
mount --bind /run/tool "$REAL"
(umask 077 && echo "what both balancers know" >$DISK/key)
conf lb1 150 10.77.0.12 >$DISK/lb1.conf
conf lb2 100 10.77.0.11 >$DISK/lb2.conf
for lb in lb1 lb2; do
	mkfifo /run/log.$lb
	"$TOOL" log /run/log.$lb "$LAB_LOG/evenkeeld.$lb.log" &
	PID[log.$lb]=$!
done
"$TOOL" holders "$STAND/holders" &
PID[holders]=$!
wait_for 20 "somebody looks" test -e "$STAND/holders"
EVENKEEL_VIA=(env "LD_PRELOAD=$EVENKEEL_BUILD/tests/net/tools/stand.so"
	"STAND_BELOW=$DISK" "STAND_WHILE=$STAND/disk"
	"ASAN_OPTIONS=${ASAN_OPTIONS:-}:verify_asan_link_order=0")
for lb in lb1 lb2; do
	EVENKEEL_LOG=/run/log.$lb evenkeel_launch $DISK/$lb.conf $lb
	wait_for 40 "$lb answers" answers $lb
	wait_for 20 "$lb has all of its children" has_children $lb
	[ $lb = lb2 ] || wait_for 40 "lb1 has the address" holds_alone lb1
done
wait_for 40 "lb2 is the backup" pair_is lb2 BACKUP

# stands WORD...: a thing stands still, the address moves.
stands() {
	step "$* stands still"
	"stand_$1" "${@:2}"
	[ "$1" != scripts ] || wait_for 10 "it was begun" asked_for script
	[ "$1" != tools ] || wait_for 10 "it was begun" asked_for tool
	[ "$1" != clients ] || wait_for 10 "they are connected" sit
	fails_over "$*"
	"go_$1" "${@:2}"
}
stands nothing
for name in "${CHILDREN[@]}"; do
	stands child "$name"
done
for name in main scripts tools log disk clients; do
	stands "$name"
done
stands everything
wait_for 20 "lb1 answers" answers lb1
wait_for 20 "lb2 answers" answers lb2
for lb in lb1 lb2; do
	wait_for 40 "$lb has all of its children" has_children $lb
done

step "the vrrp process itself stands still"
other
child "$HOLDER" evenkeel-vrrp
start=${EPOCHREALTIME/./}
kill -STOP "$CHILD"
# It cannot remove the address itself: main hears over the operator channel that
# the other one has it, asks, ends it, and its successor removes it.
wait_for 20 "and is replaced" holds_alone "$OTHER"
judge "$start"
check_equal "the other one had the address meanwhile" "lb1 lb2, $OTHER" "$STORY"
echo "   two had it for $((TWO / 1000)) ms"
check "two had it for less than a second" test "$TWO" -lt 1000000

step "the end"
for lb in lb1 lb2; do
	check "$lb ends" daemon_stop evenkeeld.$lb
done
umount "$REAL"
kill "${PID[@]}" 2>/dev/null
finish
