# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Debian packages of the tree as it is, each built in a minimal root of its
# release (see bare.sh) and tried there. Sourced by ./dev. The results lie in
# build/package/SUITE.

cmd_package() {
	local suites=("$@") suite
	# shellcheck disable=SC2206
	[ ${#suites[@]} -gt 0 ] || suites=($BARE_SUITES)
	(cmd_bare "${suites[@]}" -- tests/dev/package-inside)
	local status=$?
	for suite in "${suites[@]}"; do
		[ -d "$LOGS/bare/$suite/package" ] || continue
		rm -rf "$BUILD/package/$suite"
		mkdir -p "$BUILD/package" &&
			mv "$LOGS/bare/$suite/package" "$BUILD/package/$suite"
	done
	return $status
}
