# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Everything that reads the sources without running them. Sourced by ./dev.

# The rooms, those inside others first: a file belongs to the first that fits.
LINT_INNER="conf/lang conf/lvs conf/vrrp checkers/mysql"
LINT_INNER="$LINT_INNER daemon/proc daemon/netfilter daemon/pair"
LINT_INNER="$LINT_INNER daemon/operator daemon/control daemon/doctor"
LINT_INNER="$LINT_INNER daemon/migrate daemon/integrity"
LINT_ROOMS="lib confine conf balance record sim ipvs announce checkers vrrp bfd web mail daemon ctl tests"

# Files made by others, which keep their own style.
LINT_VENDORED='lib/(queue|tree)\.h$'

# What each room may include besides itself; the table is in the design notes
# and CONTRIBUTING. A wrong include also fails the link of that room's tests.
lint_doors() {
	case $1 in
	lib) echo "lib" ;;
	conf/lang) echo "lib conf/conf.h" ;;
	conf) echo "lib conf/lang conf/lvs conf/vrrp" ;;
	conf/lvs | conf/vrrp) echo "lib conf conf/lang conf/lvs conf/vrrp" ;;
	ipvs | ctl | confine | bfd) echo "lib" ;;
	mail) echo "lib confine/confine.h" ;;
	balance | announce) echo "lib conf/conf.h" ;;
	record) echo "lib conf/conf.h balance/balance.h" ;;
	sim) echo "lib conf conf/lang balance record/recording.h" ;;
	checkers | checkers/mysql) echo "lib confine/confine.h conf conf/lang checkers checkers/mysql" ;;
	# One writer makes the metrics of the command and of the web process.
	web) echo "lib ctl/metrics.h" ;;
	vrrp) echo "lib conf/conf.h conf/sealed.h conf/vrrp_conf.h" ;;
	daemon/proc) echo "lib conf confine/confine.h" ;;
	daemon/migrate) echo "lib conf" ;;
	daemon/integrity) echo "lib conf/conf.h" ;;
	daemon/netfilter) echo "lib conf daemon/proc" ;;
	daemon/doctor) echo "lib conf daemon/proc ctl/client.h" ;;
	daemon/operator) echo "lib conf balance/balance.h daemon/proc" ;;
	daemon/pair)
		echo "lib conf balance/balance.h ipvs daemon/proc vrrp/fsm.h"
		;;
	daemon/control)
		echo "lib conf balance ipvs daemon/pair daemon/operator"
		echo "daemon/integrity"
		# For the names of states, and of dropped datagrams.
		echo "vrrp/fsm.h vrrp/packet.h vrrp/receive.h announce/announcing.h"
		;;
	daemon | tests) echo "$LINT_ROOMS $LINT_INNER" ;;
	esac
}

lint_sources() {
	local room rooms=()
	for room in $LINT_ROOMS; do
		[ -d "$ROOT/$room" ] && rooms+=("$room")
	done
	(cd "$ROOT" && find "${rooms[@]}" -name '*.[ch]' |
		grep -vE "^$LINT_VENDORED" | sort)
}

lint_scripts() {
	(cd "$ROOT" && {
		echo dev
		find .ci tests etc -type f
	} | while read -r file; do
		case $file in
		*.sh) echo "$file" ;;
		*) head -c 64 "$file" | grep -aqE '^#!.*(/| )(ba)?sh' &&
			echo "$file" ;;
		esac
	done | sort)
}

# clang-format's versions do not agree on line breaks, so one version judges
# wherever it runs: that of Debian 12, which later releases do not all have.
LINT_FORMAT_VERSION=14

# Prints the judge's name, if it is here.
lint_formatter() {
	local name
	for name in clang-format-$LINT_FORMAT_VERSION clang-format; do
		if "$name" --version 2>/dev/null |
			grep -q "version $LINT_FORMAT_VERSION\."; then
			echo "$name"
			return
		fi
	done
	echo "line breaks are judged by clang-format $LINT_FORMAT_VERSION," \
		"which is not here; ./dev bare bookworm -- ./dev lint format" \
		"asks it" >&2
	return 1
}

lint_format() {
	local judge
	judge=$(lint_formatter) || return
	lint_sources | xargs "$judge" --dry-run -Werror
}

# lint_sourced FILE: the file, and what shellcheck reads with it, each once.
lint_sourced() {
	local file seen=" " todo=("$1")
	while [ ${#todo[@]} -gt 0 ]; do
		file=${todo[0]}
		todo=("${todo[@]:1}")
		if [[ $seen == *" $file "* ]] || [ ! -f "$file" ]; then
			continue
		fi
		seen+="$file "
		mapfile -t -O ${#todo[@]} todo < <(sed -n \
			's/.*shellcheck source=\([^ ]*\).*/\1/p' "$file")
	done
	echo "$seen"
}

# lint_script FILE: what was judged with the same text of all that goes into it
# is not judged again; see tests/dev/tidy.py.
lint_script() {
	local mark
	# shellcheck disable=SC2046
	mark=$LAB_CACHE/shell/$({
		shellcheck --version
		cat .shellcheckrc $(lint_sourced "$1")
		echo "$1"
	} | sha256sum | cut -c -64)
	if [ ! -e "$mark" ]; then
		shellcheck -x "$1" || return
	fi
	touch "$mark"
}

lint_shell() {
	mkdir -p "$LAB_CACHE/shell"
	find "$LAB_CACHE/shell" -type f -mtime +60 -delete
	export LAB_CACHE
	export -f lint_script lint_sourced
	# shellcheck disable=SC2016
	lint_scripts | xargs -P "$JOBS" -n 1 bash -c 'lint_script "$0"'
}

lint_man() {
	local pages
	pages=$(find "$ROOT/man" -name '*.[158]') && [ -n "$pages" ] || return 0
	# "style" and above would complain about the operating system's name.
	# shellcheck disable=SC2086
	mandoc -T lint -W warning $pages
}

lint_names() {
	(cd "$ROOT" && python3 tests/dev/names.py)
}

lint_cycles() {
	(cd "$ROOT" && python3 tests/dev/cycles.py)
}

lint_shape() {
	(cd "$ROOT" && python3 tests/dev/shape.py)
}

lint_kinds() {
	(cd "$ROOT" && python3 tests/dev/kinds.py)
}

lint_unused() {
	(cd "$ROOT" && python3 tests/dev/unused.py)
}

# lint_room PATH: the room that it is in.
lint_room() {
	local inner
	for inner in $LINT_INNER; do
		case $1 in
		"$inner"/*) echo "$inner" && return ;;
		esac
	done
	echo "${1%%/*}"
}

# Prints every include that goes through a closed door.
lint_rooms() {
	local file room door includes include status=0
	while read -r file; do
		room=$(lint_room "$file")
		includes=$(sed -n 's/^# *include "\([^"]*\)".*/\1/p' "$ROOT/$file")
		for include in $includes; do
			# A name without a folder is the room's own, or config.h.
			[ "${include%%/*}" != "$include" ] || continue
			door=$(lint_room "$include")
			case " $room $(lint_doors "$room" | tr "\n" " ") " in
			*" $door "* | *" $include "*) continue ;;
			esac
			echo "$file: $room may not include \"$include\""
			status=1
		done
	done < <(lint_sources)
	lint_headers || status=1
	return $status
}

# clang-tidy complains of those headers only that its settings name: every room's.
lint_headers() {
	local pattern="/(${LINT_ROOMS// /|})/"
	grep -qxF "HeaderFilterRegex: '$pattern'" "$ROOT/.clang-tidy" && return
	echo ".clang-tidy: HeaderFilterRegex is not '$pattern'"
	return 1
}

# Prints the command of every object of a flavour, which is up to date: as if
# all sources were new, and running nothing.
lint_commands() {
	local sources
	mapfile -t sources < <(lint_sources | grep '\.c$')
	make_as_if_new "$1" "${sources[@]}"
}

lint_tidy() {
	lint_commands clang | "$ROOT/tests/dev/tidy.py" "$ROOT" "$BUILD/clang" \
		"$LAB_CACHE/tidy" "$JOBS"
}

LINT_PARTS="rooms names kinds unused cycles shape format shell man tidy"

cmd_lint() {
	local part parts=("$@")
	# shellcheck disable=SC2206
	[ ${#parts[@]} -gt 0 ] || parts=($LINT_PARTS)
	for part in "${parts[@]}"; do
		[[ " $LINT_PARTS " == *" $part "* ]] ||
			die "lint: no part $part; there are $LINT_PARTS"
	done
	setup_quietly
	mkdir -p "$LOGS"
	for part in "${parts[@]}"; do
		case $part in
		format) lint_formatter >/dev/null || continue ;;
		tidy)
			if ! { build_flavour clang && build_checks clang; }; then
				failed=$((failed + 1))
				continue
			fi
			;;
		esac
		test_one lint "$part" count_status "lint_$part"
	done
	test_summary
}

# The unit tests are sources too: build them, run nothing.
build_checks() {
	make -C "$BUILD/$1" -j "$JOBS" check TESTS= >>"$BUILD/$1.log" 2>&1 ||
		{
			tail -n 30 "$BUILD/$1.log" >&2
			return 1
		}
}

cmd_format() {
	local judge
	setup_quietly
	judge=$(lint_formatter) || exit 1
	(cd "$ROOT" && lint_sources | xargs "$judge" -i)
}
