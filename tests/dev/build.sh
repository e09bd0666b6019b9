# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Building, one folder for each flavour. Sourced by ./dev.

# What was compiled once, in whatever flavour or clone, is not compiled again if
# nothing that goes into it is different. The folder that somebody has chosen
# for himself is left alone.
if command -v ccache >/dev/null; then
	CCACHE_DIR=${CCACHE_DIR:-$LAB_CACHE/ccache}
	CCACHE_BASEDIR=${CCACHE_BASEDIR:-$ROOT} CCACHE_NOHASHDIR=1
	CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-2G}
	CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-time_macros}
	export CCACHE_DIR CCACHE_BASEDIR CCACHE_NOHASHDIR CCACHE_MAXSIZE \
		CCACHE_SLOPPINESS
	[ ! -d /usr/lib/ccache ] || PATH=/usr/lib/ccache:$PATH
fi

# Prints the words for configure, one a line.
build_options() {
	case $1 in
	release) printf '%s\n' 'CFLAGS=-O2 -g' ;;
	debug) printf '%s\n' 'CFLAGS=-O0 -g' ;;
	asan) printf '%s\n' --enable-sanitizers 'CFLAGS=-O1 -g' ;;
	clang) printf '%s\n' --enable-sanitizers CC=clang \
		'CFLAGS=-O1 -g' ;;
	fuzz) printf '%s\n' --enable-fuzzers CC=clang 'CFLAGS=-O1 -g' ;;
	*) return 1 ;;
	esac
	if [ "${CI:-}" = true ]; then
		echo --enable-werror
	fi
}

# Writes configure if it is missing or older than what it is made from. Later
# changes are noticed by make, which runs the same tools.
build_autogen() {
	[ -x "$ROOT/configure" ] && [ ! "$ROOT/configure.ac" -nt "$ROOT/configure" ] &&
		[ -e "$ROOT/Makefile.in" ] && return
	(cd "$ROOT" && ./autogen.sh)
}

# Configures when there is no Makefile or the options have changed.
build_configure() {
	local dir=$BUILD/$1 options=()
	mapfile -t options < <(build_options "$1")
	mkdir -p "$dir" && cd "$dir" || return 1
	if [ -e Makefile ] && [ -e options ] &&
		[ "$(<options)" = "${options[*]}" ]; then
		return 0
	fi
	"$ROOT/configure" --quiet "${options[@]}" || return 1
	# Objects of other options would be taken for fresh.
	[ ! -e options ] || make --quiet clean || return 1
	echo "${options[*]}" >options
}

build_steps() {
	build_autogen && (build_configure "$1") || return 1
	make -C "$BUILD/$1" -j "$JOBS" --no-print-directory
}

# make_as_if_new FLAVOUR FILE...: prints what make would do if these files, named
# from the root, were new, and runs nothing. The flavour is up to date before.
# make compares names as words, and ccache writes those of headers from the
# folder of the build. config.h is left out: its rule does not always change it.
make_as_if_new() {
	local flavour=$1 file new=()
	shift
	for file; do new+=(-W "$ROOT/$file" -W "../../$file"); done
	# shellcheck disable=SC2016
	make -C "$BUILD/$flavour" -n V=1 --no-print-directory -o config.h \
		"${new[@]}" \
		--eval='.SECONDEXPANSION:' \
		--eval='ek-all: $$(PROGRAMS) $$(LIBRARIES) $$(check_PROGRAMS)' ek-all
}

# build_flavour NAME: builds it; says little, and everything when it fails.
build_flavour() {
	local log=$BUILD/$1.log start=$SECONDS
	build_options "$1" >/dev/null ||
		die "no flavour $1; there are release, asan, clang, fuzz, debug"
	mkdir -p "$BUILD"
	# Two at a time would write the same objects.
	(
		flock 9
		build_steps "$1" >"$log" 2>&1
	) 9>"$BUILD/.$1.lock"
	local status=$?
	if [ $status -ne 0 ]; then
		tail -n 40 "$log" >&2
		warn "building $1 failed; the whole story is in $log"
		return 1
	fi
	grep -E '(warning|error):' "$log" >&2
	say "built build/$1 ($((SECONDS - start)) s)"
}

# The lab's own programs, which need nothing of evenkeel.
build_tools() {
	local source name flags words
	mkdir -p "$BUILD/lab-tools"
	flags=$(pkg-config --cflags --libs mysqlclient 2>/dev/null ||
		pkg-config --cflags --libs libmariadb) || {
		warn "the MySQL client library is missing; run ./dev setup"
		return 1
	}
	for source in "$LAB_DIR"/tools/*.c; do
		name=$BUILD/lab-tools/$(basename "$source" .c)
		[ "$name" -nt "$source" ] &&
			[ "$name" -nt "$LAB_DIR/tools/client.h" ] && continue
		words=-static
		grep -q 'include <mysql.h>' "$source" && words="$flags -lpthread"
		# shellcheck disable=SC2086
		cc -std=gnu17 -Wall -Wextra -O2 -g -o "$name" "$source" $words ||
			return 1
	done
}

cmd_build() {
	local flavours=()
	while [ $# -gt 0 ]; do
		case $1 in
		--flavour) flavours+=("${2:?--flavour needs a name}") && shift ;;
		--flavour=*) flavours+=("${1#*=}") ;;
		*) die "build: unknown word $1" ;;
		esac
		shift
	done
	[ ${#flavours[@]} -gt 0 ] || flavours=(release)
	setup_quietly
	local flavour
	for flavour in "${flavours[@]}"; do
		build_flavour "$flavour" || exit 1
	done
}

# The tarball, as somebody who packages it: automake unpacks it into a folder
# that may not be written, builds, tests, installs and removes it. root may
# write anywhere, so another user does it. The namespace tests, which no folder
# matters to, are left out unless EVENKEEL_CHECK_SKIP says otherwise.
cmd_distcheck() {
	local dir=$BUILD/dist user=()
	setup_quietly
	build_autogen >/dev/null 2>&1 || die "autogen.sh fails; run it to see why"
	# What is left of an earlier one may not be written either.
	[ ! -d "$dir" ] || chmod -R u+w "$dir"
	rm -rf "$dir" && mkdir -p "$dir" || exit
	if [ "$(id -u)" = 0 ]; then
		CCACHE_DIR=$LAB_CACHE/ccache-dist
		mkdir -p "$CCACHE_DIR"
		chown -R games:games "$dir" "$CCACHE_DIR"
		user=(setpriv --reuid games --regid games --clear-groups)
		"${user[@]}" test -w "$CCACHE_DIR" || export CCACHE_DISABLE=1
		if ! "${user[@]}" test -x "$dir"; then
			warn "only root can read this folder; going on as root"
			user=()
		fi
	fi
	(cd "$dir" && export HOME="$dir" TMPDIR="$dir" CCACHE_BASEDIR="$dir" \
		EVENKEEL_CHECK_SKIP="${EVENKEEL_CHECK_SKIP-net}" &&
		"${user[@]}" "$ROOT/configure" --quiet && "${user[@]}" make \
		-j "$JOBS" distcheck) >"$BUILD/dist.log" 2>&1 || {
		grep -aE '^(FAIL|ERROR|#|make.*Error)|error:' "$BUILD/dist.log"
		grep -rlE '^not ok' --include='*.log' --exclude=test-suite.log \
			"$dir" | xargs -r -n 1 "$ROOT/tests/dev/failing"
		tail -n 30 "$BUILD/dist.log"
		die "distcheck failed; the whole story is in $BUILD/dist.log"
	}
	say "make distcheck: $(cd "$dir" && echo ./*.tar.xz) is good"
}
