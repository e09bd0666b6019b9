# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Starts and ends the lab's machines. Sourced by ./dev; needs kernel.sh.
#
# The host's root is a machine's root, copy on write, so it has the host's
# programs and this repository (as /src) and cannot change either. The only way
# back is the run folder, /mnt inside, which all machines of one run share:
#
#   env             what guest-init reads: the flavour, the clock, screen size
#   plan.KERNEL     the scenarios for that kernel: name, limit, file
#   claims/NAME     made by the machine that runs it: nobody else does
#   MACHINE/booted  written as soon as the guest's own init runs
#   MACHINE/NAME/   what a scenario left:
#     results   one "ok - TEXT" or "not ok - TEXT" line for each check
#     done      its exit status; missing if the machine died
#     took      its seconds, by the guest's clock
#     san/      sanitizer reports; any file there is a failure
#     *.log     whatever its daemons wrote
#
# QEMU runs under timeout(1), so it ends even when this shell is killed.

LAB_MEMORY=${EVENKEEL_LAB_MEMORY:-4096}
LAB_CPUS=${EVENKEEL_LAB_CPUS:-2}

# Interfaces to the host, as QEMU's options, and the host's ports that they lead
# from; see tests/dev/demo.sh. Other machines have none.
LAB_OUTSIDE=()
LAB_PORTS=''

# With a counted clock, an instruction takes two to the power of this
# nanoseconds: 1 makes a processor about as fast as a quiet host emulates one.
LAB_SHIFT=${EVENKEEL_LAB_SHIFT:-1}

# lab_clock FILE: which clock the machine has. A "counted" one counts the
# guest's instructions: however slow the host is, the guest cannot tell, and
# time in which it only waits is skipped. It needs emulation. What measures or
# shows real time says "# clock: host".
lab_clock() {
	case ${EVENKEEL_LAB_CLOCK:-}${EVENKEEL_LAB_ACCEL:-} in
	counted* | host*) echo "$EVENKEEL_LAB_CLOCK" ;;
	kvm*) echo host ;;
	'' | tcg*)
		if [ "$(lab_header "$1" clock)" = host ]; then
			echo host
		else
			echo counted
		fi
		;;
	*) die "EVENKEEL_LAB_CLOCK is counted or host, not $EVENKEEL_LAB_CLOCK" ;;
	esac
}

# lab_accels CLOCK: the accelerators to try, best first. A host can offer a
# /dev/kvm on which a stock kernel hangs in the firmware, so both conditions
# count, and a start that shows no life falls over to the next.
lab_accels() {
	if [ -n "${EVENKEEL_LAB_ACCEL:-}" ]; then
		echo "$EVENKEEL_LAB_ACCEL"
		return
	fi
	if [ "$1" = host ] &&
		grep -qE '^flags.* (vmx|svm)( |$)' /proc/cpuinfo &&
		{ : <>/dev/kvm; } 2>/dev/null; then
		echo kvm
	fi
	echo tcg
}

# Seconds that a start may take before the guest's init shows life.
lab_boot_limit() {
	case $1 in
	kvm*) echo "${EVENKEEL_LAB_BOOT_LIMIT:-20}" ;;
	*) echo "${EVENKEEL_LAB_BOOT_LIMIT:-180}" ;;
	esac
}

# Says what is missing and how to get on, or nothing.
lab_why_not() {
	local kernel
	kernel=$(lab_kernel_chosen) || return
	if [ "$(uname -m)" != x86_64 ]; then
		echo "the lab runs the host's own programs and needs an x86-64 host"
	elif ! command -v qemu-system-x86_64 >/dev/null; then
		echo "qemu-system-x86_64 is missing; run ./dev setup as root"
	elif ! lab_kernel_dir "$kernel" >/dev/null; then
		echo "no kernel for the lab could be fetched; apt needs a network," \
			"once: ./dev lab --fetch-kernel"
	fi
}

# The start-up file system of this start: the cached part and today's /init.
# The kernel unpacks archives that simply follow one another.
lab_initramfs() {
	local kernel=$1 machine=$2 root=$2/initramfs.d
	mkdir "$root" && cp "$LAB_DIR/initramfs-init" "$root/init" || return 1
	(cd "$root" && echo init | cpio --quiet -o -H newc -R 0:0) |
		cat "$kernel/initramfs" - >"$machine/initramfs"
	rm -r "$root"
}

# Fills the array lab_qemu with the command for kernel folder $1, machine $2,
# accelerator $3 and clock $4.
lab_qemu_command() {
	local kernel=$1 machine=$2 accel=$3 cpu=max cpus=$LAB_CPUS clock=()
	local share=security_model=none,multidevs=remap
	local append="console=ttyS0 panic=-1 quiet mitigations=off"
	if [ "$accel" = tcg ]; then
		accel=tcg,thread=multi
		# QEMU finds translated code by its address: programs that always
		# lie at the same one start twice as fast.
		append="$append norandmaps"
		# Emulated, a copy byte by byte takes eight times the steps of
		# one word by word; the guest must not believe that it is fast.
		cpu=max,-erms
	fi
	if [ "$4" = counted ]; then
		accel=tcg,thread=single cpus=1
		clock=(-icount "shift=$LAB_SHIFT,sleep=off" -rtc clock=vm)
	fi
	# shellcheck disable=SC2054
	lab_qemu=(qemu-system-x86_64 -machine q35 -cpu "$cpu" -smp "$cpus"
		-m "$LAB_MEMORY" -accel "$accel" "${clock[@]}"
		-nodefaults -no-reboot -display none -vga none
		-kernel "$kernel/kernel" -initrd "$LAB_RUN/$machine/initramfs"
		-append "$append lab.machine=$machine"
		-virtfs "local,path=/,mount_tag=host,readonly=on,$share"
		-virtfs "local,path=$kernel/modules,mount_tag=modules,readonly=on,$share"
		-virtfs "local,path=$LAB_RUN,mount_tag=job,$share"
		-device virtio-rng-pci -device isa-debug-exit,iobase=0xf4)
	lab_qemu+=("${LAB_OUTSIDE[@]}")
	if [ "$LAB_INTERACTIVE" = yes ]; then
		# The guest's shell gets the interrupt key; QEMU does not.
		lab_qemu+=(-chardev "stdio,id=console,signal=off")
	else
		lab_qemu+=(-chardev "stdio,id=console,signal=on,logfile=$LAB_RUN/$machine/console")
	fi
	lab_qemu+=(-serial chardev:console)
}

# lab_machine MACHINE KERNEL: boots a machine for what is left of that kernel's
# plan; what it says goes to standard output. Returns 0 if it came to life.
lab_machine() {
	local machine=$1 plan=$LAB_RUN/plan.$2 kernel accel
	kernel=$(lab_kernel_dir "$2") || return 1
	for accel in $(lab_accels "$LAB_CLOCK"); do
		rm -rf "${LAB_RUN:?}/$machine"
		mkdir "$LAB_RUN/$machine" &&
			cp "$plan" "$LAB_RUN/$machine/plan" &&
			lab_initramfs "$kernel" "$LAB_RUN/$machine" || return 1
		lab_machine_once "$kernel" "$machine" "$accel"
		rm -f "$LAB_RUN/$machine/initramfs"
		[ ! -e "$LAB_RUN/$machine/booted" ] || return 0
		warn "the lab did not come to life under $accel within" \
			"$(lab_boot_limit "$accel") s; what QEMU said is above"
	done
	warn "set EVENKEEL_LAB_ACCEL=tcg or =kvm to choose, and" \
		"EVENKEEL_LAB_BOOT_LIMIT=SECONDS to wait longer"
	return 1
}

# lab_machine_once KERNEL MACHINE ACCEL: one start, to its end. The last limit
# is for a host on which this shell was killed, and nothing watches any more.
lab_machine_once() {
	local machine=$2 accel=$3 limit=7200 pid lab_qemu=()
	# lab_finish knows by it what the machine's last scenario cost.
	# shellcheck disable=SC2034
	local lab_cpu_before=0
	local -A lab_since=()
	lab_qemu_command "$1" "$machine" "$accel" "$LAB_CLOCK"
	if [ "$LAB_INTERACTIVE" = yes ]; then
		timeout --foreground -k 5 86400 "${lab_qemu[@]}"
		return
	fi
	[ -z "$LAB_PORTS" ] || limit=90000
	timeout -k 5 "$limit" "${lab_qemu[@]}" </dev/null &
	pid=$!
	# shellcheck disable=SC2064
	trap "kill $pid 2>/dev/null" EXIT
	lab_watch "$machine" "$pid" "$(lab_boot_limit "$accel")"
	kill "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	trap - EXIT
	lab_collect "$machine" died
}

# lab_watch MACHINE PID LIMIT: until the machine has ended, or must be ended
# because it shows no life: no start within LIMIT seconds, or a scenario that
# should have ended by its own clock long ago.
lab_watch() {
	local machine=$1 pid=$2 limit=$3 start=$SECONDS slow=0
	while kill -0 "$pid" 2>/dev/null; do
		if [ $slow -eq 0 ] && [ -e "$LAB_RUN/$machine/booted" ]; then
			slow=$(((SECONDS - start) / 8 + 1))
		elif [ $slow -eq 0 ] && [ $((SECONDS - start)) -ge "$limit" ]; then
			return
		fi
		lab_cpu "$pid"
		lab_collect "$machine" alive
		if [ $slow -gt 0 ] && lab_overdue "$machine" $slow; then
			warn "a scenario is overdue; its machine is ended"
			return
		fi
		sleep 0.3
	done
}

# lab_cpu PID: sets LAB_CPU_USED to the processor time, in 1/100 s, of QEMU, the
# child of that timeout(1).
# shellcheck disable=SC2034
lab_cpu() {
	local child line
	child=$(<"/proc/$1/task/$1/children") && [ -n "$child" ] &&
		line=$(<"/proc/${child%% *}/stat") || return 0
	# shellcheck disable=SC2086
	set -- ${line##*) }
	LAB_CPU_USED=$((${12} + ${13}))
} 2>/dev/null

# lab_overdue MACHINE SLOW: the scenario that it runs has had far more of the
# host's time than its limit; SLOW is how slow this host is. Most of it waits.
lab_overdue() {
	local name limit factor=6
	[ "$LAB_CLOCK" = counted ] || factor=1
	while read -r name limit _; do
		[ -n "${lab_since[$name]:-}" ] || continue
		[ $((SECONDS - lab_since[$name])) -gt \
			$(((limit * factor + 90) * $2)) ] && return 0
	done <"$LAB_RUN/$1/plan"
	return 1
}
