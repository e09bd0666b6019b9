# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# FRR of Debian 13 on a host of another release: `./dev bench directors` compares it
# with the host's own. Sourced by ./dev; needs kernel.sh. Owns $LAB_CACHE/frr-10.3, the
# files of the package and of all that it depends on, libraries and their loader too:
# nothing is installed, and nothing of the host's is asked for.

# lab_frr10: prints the folder, fetching it if there is none; nothing on Debian 13.
lab_frr10() {
	[ "$(lab_kernel_native)" != 6.12 ] || return 0
	mkdir -p "$LAB_CACHE" || return 1
	(
		flock 9
		lab_frr10_locked "$LAB_CACHE/frr-10.3"
	) 9>"$LAB_CACHE/.kernel.lock"
}

lab_frr10_locked() {
	local dir=$1 lab_apt work deb
	if [ -d "$dir" ]; then
		echo "$dir"
		return
	fi
	say "fetching FRR of Debian 13 (once)" >&2
	lab_kernel_apt 6.12 && work=$(mktemp -d "$LAB_CACHE/frr.XXXXXX") || return 1
	mkdir -p "$work/cache/archives/partial" "$work/root"
	apt-get "${lab_apt[@]}" -o Dir::Cache="$work/cache" -o Debug::NoLocking=1 \
		-qq -y --no-install-recommends --download-only install frr \
		>"$work/log" 2>&1 || {
		tail -n 5 "$work/log" >&2
		rm -rf "$work"
		return 1
	}
	for deb in "$work"/cache/archives/*.deb; do
		dpkg -x "$deb" "$work/root" || return 1
	done
	mv "$work/root" "$dir"
	rm -rf "$work"
	echo "$dir"
}
