# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The lab's kernel: fetched, never installed. Sourced by ./dev; owns the folder
# $LAB_CACHE/kernel-VERSION with
#
#   kernel             the distribution's own kernel
#   modules/VERSION/   its modules, only the groups a network lab can need
#   initramfs          busybox and the few modules that reach the host's files;
#                      its /init is added at each start (see vm.sh)
#   recipe-N           how it was unpacked: $LAB_KERNEL_RECIPE, or it is made anew
#
# The package manager is asked for the package's file and nothing is put into
# the host's /boot, so the host needs no IPVS and no root for this. A kernel
# once fetched is used until `./dev lab --fetch-kernel` asks for a newer one:
# then no start has to wait for apt, and a host without a network still tests.
#
# A kernel is called by its number: 6.1 is Debian 12's, 6.12 Debian 13's, and
# "host" that of a host which is neither. The host's own comes through its own
# apt; the other through a private configuration with lists of its own in the
# cache, so that the host's sources stay untouched.

LAB_CACHE=${EVENKEEL_LAB_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/evenkeel}

# It signs both releases.
LAB_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# To be counted up when another set of modules is unpacked.
LAB_KERNEL_RECIPE=2

# What the start-up file system must load before the host's files are there.
LAB_BOOT_MODULES="virtio_pci 9pnet_virtio 9p overlay"

# lab_release: "ID ID_LIKE..." and, on a line of its own, the code name of the
# host's release, by os-release(5). A root without that file is of the release
# from which its apt installs.
lab_release() {
	local file ID='' ID_LIKE='' VERSION_CODENAME=''
	for file in ${EVENKEEL_OS_RELEASE:-/etc/os-release /usr/lib/os-release}; do
		[ -e "$file" ] || continue
		# shellcheck disable=SC1090
		. "$file"
		printf '%s\n' "$ID $ID_LIKE" "$VERSION_CODENAME"
		return
	done
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(CODENAME)' 'Created-By: Packages' \
		'Origin: Debian' 2>/dev/null | grep -E '^(bookworm|trixie)$' |
		head -n 1 | sed '1i debian'
}

# The meta package whose dependency is the kernel to run. Debian's "cloud"
# flavour and Ubuntu's "virtual" one lack 9p or IPVS.
lab_kernel_meta() {
	local id
	id=$(lab_release | head -n 1)
	case " $id " in
	*" ubuntu "*) echo linux-image-generic ;;
	*) echo linux-image-amd64 ;;
	esac
}

# The kernel of the host's release.
lab_kernel_native() {
	case $(lab_release | tr '\n' ' ') in
	"debian "*bookworm*) echo 6.1 ;;
	"debian "*trixie*) echo 6.12 ;;
	*) echo host ;;
	esac
}

# The kernel to run: the host's own unless EVENKEEL_LAB_KERNEL names another.
lab_kernel_chosen() {
	case ${EVENKEEL_LAB_KERNEL:-} in
	'') lab_kernel_native ;;
	6.1 | bookworm) echo 6.1 ;;
	6.12 | trixie) echo 6.12 ;;
	*)
		warn "EVENKEEL_LAB_KERNEL is 6.1 (bookworm) or 6.12 (trixie)," \
			"not $EVENKEEL_LAB_KERNEL"
		return 1
		;;
	esac
}

# The kernel on which the core scenarios run besides.
lab_kernel_other() {
	case $(lab_kernel_native) in
	6.1) echo 6.12 ;;
	6.12) echo 6.1 ;;
	esac
}

# lab_kernel_apt KERNEL: fills the array lab_apt with what apt's programs need
# to know that kernel's release, and asks for its lists.
lab_kernel_apt() {
	local dir=$LAB_CACHE/apt-$1 suite=bookworm mirror
	lab_apt=()
	# Root's apt downloads as the user _apt, who may not write here.
	[ "$(id -u)" != 0 ] || lab_apt=(-o APT::Sandbox::User=root)
	[ "$1" != "$(lab_kernel_native)" ] || return 0
	[ "$1" != 6.12 ] || suite=trixie
	# shellcheck disable=SC2016
	mirror=$(apt-get indextargets --format '$(REPO_URI)' \
		'Created-By: Packages' 'Origin: Debian' 2>/dev/null |
		grep -m 1 '/debian/$')
	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial" || return 1
	: >"$dir/status"
	echo "deb [arch=amd64 signed-by=$LAB_KEYRING]" \
		"${mirror:-http://deb.debian.org/debian/} $suite main" \
		>"$dir/sources.list"
	lab_apt+=(-o "Dir::Etc::SourceList=$dir/sources.list"
		-o Dir::Etc::SourceParts=/dev/null
		-o "Dir::State::Lists=$dir/lists" -o "Dir::Cache=$dir/cache"
		-o "Dir::State::Status=$dir/status" -o Acquire::Languages=none)
	apt-get "${lab_apt[@]}" update -qq
}

# Prints the packages that together hold the image and all modules of the
# newest kernel that apt knows; on Debian that is one, on Ubuntu three.
lab_kernel_packages() {
	local image
	image=$(apt-cache "${lab_apt[@]}" depends --no-recommends \
		"$(lab_kernel_meta)" |
		sed -n 's/^ *Depends: \(linux-image-[0-9][^ ]*\)$/\1/p' | head -n 1)
	[ -n "$image" ] || return 1
	echo "$image"
	local version=${image#linux-image-} package
	for package in linux-modules-"$version" linux-modules-extra-"$version"; do
		if [ -n "$(apt-cache "${lab_apt[@]}" policy "$package" 2>/dev/null)" ]; then
			echo "$package"
		fi
	done
}

# Unpacks one package into $2, leaving out the drivers of real hardware (four
# fifths of it); of block devices those stay that need none.
lab_kernel_unpack() {
	dpkg --fsys-tarfile "$1" | tar -x -C "$2" --warning=no-unknown-keyword \
		--exclude='*/kernel/drivers/net/*/*' \
		--exclude='*/kernel/drivers/[ac-mo-u]*' \
		--exclude='*/kernel/drivers/b[a-km-z]*' \
		--exclude='*/kernel/drivers/bluetooth' \
		--exclude='*/kernel/drivers/[w-z]*' \
		--exclude='*/kernel/sound' --exclude='./usr/share' \
		--wildcards './boot/vmlinuz*' '*lib/modules/*'
}

# lab_kernel_fetch KERNEL: into $LAB_CACHE; prints nothing but errors. One at a
# time, whichever clone of the repository it is for.
lab_kernel_fetch() {
	mkdir -p "$LAB_CACHE" || return 1
	(
		flock 9
		lab_kernel_fetch_locked "$1"
	) 9>"$LAB_CACHE/.kernel.lock"
}

lab_kernel_fetch_locked() {
	local packages version dir work lab_apt
	if ! lab_kernel_apt "$1"; then
		warn "apt knows nothing of the release whose kernel is $1"
		return 1
	fi
	if ! packages=$(lab_kernel_packages) && [ "$(id -u)" = 0 ]; then
		apt-get "${lab_apt[@]}" update -qq || return 1
		packages=$(lab_kernel_packages)
	fi
	if [ -z "$packages" ]; then
		warn "apt does not know $(lab_kernel_meta) of the kernel $1;" \
			"for the host's own, as root: apt-get update"
		return 1
	fi
	version=$(head -n 1 <<<"$packages")
	version=${version#linux-image-}
	dir=$LAB_CACHE/kernel-$version
	[ -e "$dir/recipe-$LAB_KERNEL_RECIPE" ] && { touch "$dir"; return 0; }

	say "fetching the lab's kernel $version (once)"
	mkdir -p "$LAB_CACHE" && work=$(mktemp -d "$LAB_CACHE/fetch.XXXXXX") ||
		return 1
	if lab_kernel_build "$work" "$version" "$packages" >"$work/log" 2>&1; then
		rm -rf "$dir" && mv "$work/out" "$dir"
		rm -rf "$work"
		return 0
	fi
	tail -n 20 "$work/log" >&2
	rm -rf "$work"
	return 1
}

# Does the work of lab_kernel_fetch in the folder $1.
lab_kernel_build() {
	local work=$1 version=$2 packages=$3 deb
	mkdir -p "$work/tree/usr/lib" "$work/out/modules" || return 1
	# Debian moved /lib to /usr/lib; unpack both spellings into one.
	ln -s usr/lib "$work/tree/lib"
	# shellcheck disable=SC2086
	(cd "$work" && apt-get "${lab_apt[@]}" download $packages) || return 1
	for deb in "$work"/*.deb; do
		lab_kernel_unpack "$deb" "$work/tree" || return 1
	done
	lab_kernel_plain "$work"/tree/boot/vmlinuz* "$work/out/kernel" ||
		mv "$work"/tree/boot/vmlinuz* "$work/out/kernel" || return 1
	depmod -b "$work/tree" "$version" || return 1
	lab_initramfs_build "$work/tree" "$version" "$work/out/initramfs" ||
		return 1
	: >"$work/out/recipe-$LAB_KERNEL_RECIPE"
	mv "$work/tree/usr/lib/modules/$version" "$work/out/modules/"
}

# Unpacks the kernel itself, which QEMU can start directly: unpacking under
# emulation takes three seconds of every start. Fails, and then the packed one
# is used, if the kernel lacks the note that says where such a start enters.
lab_kernel_plain() {
	local magic unpack at
	while read -r magic unpack; do
		at=$(LC_ALL=C grep -aboP -m 1 "$magic" "$1" | head -n 1)
		[ -n "$at" ] || continue
		# What follows the packed kernel makes the unpacker complain.
		tail -c "+$((${at%%:*} + 1))" "$1" | $unpack >"$2" 2>/dev/null
		readelf -n "$2" 2>/dev/null | grep -q '0x00000012' && return 0
	done <<-'END'
		\xfd7zXZ\x00 xz -dc --single-stream
		\x28\xb5\x2f\xfd zstd -dc
		\x1f\x8b\x08 gzip -dc
	END
	return 1
}

# Copies one module uncompressed (Ubuntu's are .zst, newer Debian's .xz, and
# busybox cannot read those).
lab_module_copy() {
	case $1 in
	*.zst) zstd -qdc "$1" >"$2" ;;
	*.xz) xz -dc "$1" >"$2" ;;
	*) cp "$1" "$2" ;;
	esac
}

# The start-up file system without its /init: busybox, and the modules named
# after the order in which they load.
lab_initramfs_build() {
	local tree=$1 version=$2 out=$3 root name path count=0
	root=$(dirname "$out")/root
	mkdir -p "$root/bin" "$root/modules" || return 1
	cp "$(command -v busybox)" "$root/bin/busybox" || return 1
	# --show-depends prints "insmod PATH" in load order, "builtin NAME" else.
	for name in $LAB_BOOT_MODULES; do
		modprobe -d "$tree" -S "$version" --show-depends "$name"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$root/list"
	while read -r path; do
		count=$((count + 1))
		lab_module_copy "$path" \
			"$root/modules/$(printf '%02d' $count).ko" || return 1
	done <"$root/list"
	rm "$root/list"
	(cd "$root" && find . | cpio --quiet -o -H newc -R 0:0) >"$out"
	rm -rf "$root"
}

# lab_kernel_dir KERNEL: prints the folder of the newest such kernel at hand,
# fetching one if there is none. For one with fewer modules, which serves where none
# can be fetched, that is tried once.
lab_kernel_dir() {
	local dir tried
	dir=$(lab_kernel_newest "$1")
	tried=$dir/tried-$LAB_KERNEL_RECIPE
	if [ -z "$dir" ]; then
		lab_kernel_fetch "$1" >&2 || return 1
		dir=$(lab_kernel_newest "$1")
	elif [ ! -e "$dir/recipe-$LAB_KERNEL_RECIPE" ] && [ ! -e "$tried" ]; then
		: >"$tried"
		! lab_kernel_fetch "$1" >&2 || dir=$(lab_kernel_newest "$1")
	fi
	echo "$dir"
}

lab_kernel_newest() {
	local file newest='' number=$1
	[ "$number" != host ] || number='[0-9]*'
	# shellcheck disable=SC2231
	for file in "$LAB_CACHE"/kernel-$number.*/initramfs; do
		[ -e "$file" ] || continue
		if [ -z "$newest" ] || [ "$file" -nt "$newest" ]; then
			newest=$file
		fi
	done
	[ -n "$newest" ] && dirname "$newest"
}
