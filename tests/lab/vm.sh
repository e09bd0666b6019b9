# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Starts and ends the lab's machine. Sourced by ./dev; needs kernel.sh.
#
# One machine runs one scenario. The host's root is its root, copy on write, so
# it has the host's programs and this repository (as /src) and cannot change
# either. The only way back is the job folder, /mnt inside:
#
#   env       what guest-init reads: the scenario, the flavour, screen size
#   booted    written as soon as the guest's own init runs
#   results   one "ok - TEXT" or "not ok - TEXT" line for each check
#   done      the scenario's exit status; missing if the machine died
#   san/      sanitizer reports; any file there is a failure
#   *.log     whatever the scenario's daemons wrote
#
# QEMU runs under timeout(1), so it ends even when this shell is killed.

LAB_MEMORY=${EVENKEEL_LAB_MEMORY:-4096}
LAB_CPUS=${EVENKEEL_LAB_CPUS:-2}

# Prints the accelerators to try, best first. A host can offer a /dev/kvm on
# which a stock kernel hangs in the firmware, so both conditions count, and a
# start that shows no life falls over to the next.
lab_accels() {
	if [ -n "${EVENKEEL_LAB_ACCEL:-}" ]; then
		echo "$EVENKEEL_LAB_ACCEL"
		return
	fi
	if grep -qE '^flags.* (vmx|svm)( |$)' /proc/cpuinfo &&
		{ : <>/dev/kvm; } 2>/dev/null; then
		echo kvm
	fi
	echo tcg
}

# Seconds that a start may take before the guest's init shows life.
lab_boot_limit() {
	case $1 in
	kvm*) echo "${EVENKEEL_LAB_BOOT_LIMIT:-20}" ;;
	*) echo "${EVENKEEL_LAB_BOOT_LIMIT:-90}" ;;
	esac
}

# Says what is missing and how to get on, or nothing.
lab_why_not() {
	if [ "$(uname -m)" != x86_64 ]; then
		echo "the lab runs the host's own programs and needs an x86-64 host"
	elif ! command -v qemu-system-x86_64 >/dev/null; then
		echo "qemu-system-x86_64 is missing; run ./dev setup as root"
	elif ! lab_kernel_dir >/dev/null; then
		echo "no kernel for the lab could be fetched; apt needs a network," \
			"once: ./dev lab --fetch-kernel"
	fi
}

# The start-up file system of this start: the cached part and today's /init.
# The kernel unpacks archives that simply follow one another.
lab_initramfs() {
	local kernel=$1 job=$2 root=$2/initramfs.d
	mkdir "$root" && cp "$LAB_DIR/initramfs-init" "$root/init" || return 1
	(cd "$root" && echo init | cpio --quiet -o -H newc -R 0:0) |
		cat "$kernel/initramfs" - >"$job/initramfs"
	rm -r "$root"
}

# Fills the array lab_qemu with the command for kernel folder $1, job $2 and
# accelerator $3.
lab_qemu_command() {
	local kernel=$1 job=$2 accel=$3 share=security_model=none,multidevs=remap
	local append="console=ttyS0 panic=-1 quiet mitigations=off"
	if [ "$accel" = tcg ]; then
		accel=tcg,thread=multi
		# QEMU finds translated code by its address: programs that always
		# lie at the same one start twice as fast.
		append="$append norandmaps"
	fi
	# shellcheck disable=SC2054
	lab_qemu=(qemu-system-x86_64 -machine q35 -cpu max -smp "$LAB_CPUS"
		-m "$LAB_MEMORY" -accel "$accel" -nodefaults -no-reboot
		-display none -vga none
		-kernel "$kernel/kernel" -initrd "$job/initramfs"
		-append "$append"
		-virtfs "local,path=/,mount_tag=host,readonly=on,$share"
		-virtfs "local,path=$kernel/modules,mount_tag=modules,readonly=on,$share"
		-virtfs "local,path=$job,mount_tag=job,$share"
		-device virtio-rng-pci -device isa-debug-exit,iobase=0xf4)
	if [ "$LAB_INTERACTIVE" = yes ]; then
		# The guest's shell gets the interrupt key; QEMU does not.
		lab_qemu+=(-chardev "stdio,id=console,signal=off")
	else
		lab_qemu+=(-chardev "stdio,id=console,signal=on")
	fi
	lab_qemu+=(-serial chardev:console)
}

# lab_job_prepare FOLDER SCENARIO FLAVOUR LIMIT: an empty job folder.
lab_job_prepare() {
	local job=$1 size
	rm -rf "$job"
	mkdir -p "$job/san" || return 1
	# The checker runs as another user and must be able to report too.
	chmod 1777 "$job" "$job/san"
	# shellcheck disable=SC2153
	echo "$ROOT" >"$job/repo"
	cp "$LAB_TEMPLATE" "$job/mariadb.tar" || return 1
	size=$(stty size 2>/dev/null </dev/tty) || size="24 80"
	cat >"$job/env" <<-END
		LAB_SCENARIO='$2'
		LAB_FLAVOUR='$3'
		LAB_LIMIT='$4'
		LAB_COLOUR='$COLOUR'
		LAB_SCREEN='$size'
		LAB_TERM='${TERM:-dumb}'
		LAB_INTERACTIVE='$LAB_INTERACTIVE'
	END
}

# lab_wait_boot JOB PID LIMIT: 0 once the guest's init runs or QEMU has ended
# (a scenario may be very short), 1 if there was no life within the limit.
lab_wait_boot() {
	local job=$1 pid=$2 limit=$3 start=$SECONDS
	until [ -e "$job/booted" ]; do
		kill -0 "$pid" 2>/dev/null || return 0
		[ $((SECONDS - start)) -ge "$limit" ] && return 1
		sleep 0.2
	done
}

# lab_run_once KERNEL JOB ACCEL LIMIT: one start; 0 if the guest came to life.
lab_run_once() {
	local kernel=$1 job=$2 accel=$3 limit=$4 pid
	local lab_qemu=()
	lab_qemu_command "$kernel" "$job" "$accel"
	if [ "$LAB_INTERACTIVE" = yes ]; then
		timeout --foreground -k 5 "$limit" "${lab_qemu[@]}"
		[ -e "$job/booted" ]
		return
	fi
	timeout -k 5 "$limit" "${lab_qemu[@]}" </dev/null &
	pid=$!
	# shellcheck disable=SC2064
	trap "kill $pid 2>/dev/null" EXIT
	if ! lab_wait_boot "$job" "$pid" "$(lab_boot_limit "$accel")"; then
		kill "$pid" 2>/dev/null
	fi
	wait "$pid" 2>/dev/null
	trap - EXIT
	[ -e "$job/booted" ]
}

# lab_run JOB SCENARIO FLAVOUR LIMIT: boots the machine for one scenario, its
# output on standard output, within LIMIT seconds. Runs in a subshell so that
# an interrupt ends QEMU too. Returns 0 if the guest came to life; what the
# scenario found is in the job folder.
lab_run() (
	job=$1
	kernel=$(lab_kernel_dir) || return 1
	for accel in $(lab_accels); do
		lab_job_prepare "$job" "$2" "$3" "$4" || return 1
		lab_initramfs "$kernel" "$job" || return 1
		lab_run_once "$kernel" "$job" "$accel" $(($4 + 90))
		status=$?
		rm -f "$job/mariadb.tar" "$job/initramfs"
		[ $status -ne 0 ] || return 0
		warn "the lab did not come to life under $accel within" \
			"$(lab_boot_limit "$accel") s; what QEMU said is above"
	done
	warn "set EVENKEEL_LAB_ACCEL=tcg or =kvm to choose, and" \
		"EVENKEEL_LAB_BOOT_LIMIT=SECONDS to wait longer"
	return 1
)

lab_judge_fail() {
	failed=$((failed + 1))
	echo "not ok - $1"
}

# lab_judge JOB: counts what the job folder holds into passed and failed, and
# prints each reason for a failure. The console is never parsed.
lab_judge() {
	local job=$1 line status=missing file
	if [ -e "$job/results" ]; then
		while read -r line; do
			case $line in
			"ok "*) passed=$((passed + 1)) ;;
			*) lab_judge_fail "${line#not ok - }" ;;
			esac
		done <"$job/results"
	fi
	[ -e "$job/done" ] && status=$(<"$job/done")
	case $status in
	0) ;;
	124) lab_judge_fail "the scenario ended within its time limit" ;;
	*) lab_judge_fail "the scenario ran to its end (status: $status)" ;;
	esac
	for file in "$job"/san/*; do
		[ -e "$file" ] || continue
		lab_judge_fail "no sanitizer report: $file"
		sed -n '1,15s/^/    /p' "$file"
	done
}
