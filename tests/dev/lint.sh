# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Everything that reads the sources without running them. Sourced by ./dev.

LINT_ROOMS="lib balance ipvs checkers vrrp daemon ctl tests"

# Files made by others, which keep their own style.
LINT_VENDORED='lib/(queue|tree)\.h$'

# What each room may include besides itself; the table is in the design notes
# and CONTRIBUTING. A wrong include also fails the link of that room's tests.
lint_doors() {
	case $1 in
	lib) echo "lib" ;;
	balance | ipvs | checkers | vrrp | ctl) echo "$1 lib" ;;
	daemon | tests) echo "$LINT_ROOMS" ;;
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

lint_format() {
	lint_sources | xargs clang-format --dry-run -Werror
}

lint_shell() {
	lint_scripts | xargs shellcheck -x
}

lint_man() {
	local pages
	pages=$(find "$ROOT/man" -name '*.[158]') && [ -n "$pages" ] || return 0
	# "style" and above would complain about the operating system's name.
	# shellcheck disable=SC2086
	mandoc -T lint -W warning $pages
}

# Prints every include that goes through a closed door.
lint_rooms() {
	local file room door includes include status=0
	while read -r file; do
		room=${file%%/*}
		includes=$(sed -n 's/^# *include "\([^"]*\)".*/\1/p' "$ROOT/$file")
		for include in $includes; do
			door=${include%%/*}
			# A name without a folder is the room's own, or config.h.
			[ "$door" != "$include" ] || continue
			case " $(lint_doors "$room") " in
			*" $door "*) continue ;;
			esac
			echo "$file: $room may not include \"$include\""
			status=1
		done
	done < <(lint_sources)
	return $status
}

# One compilation database from the fragments that clang left: the newest for
# each source of ours.
lint_database() {
	python3 - "$BUILD/clang" "$ROOT" <<'END'
import glob, json, os, sys
build, root = sys.argv[1:]
newest = {}
for path in sorted(glob.glob(build + "/cdb/*.json"), key=os.path.getmtime):
    entry = json.loads(open(path).read().strip().rstrip(","))
    source = os.path.normpath(os.path.join(entry["directory"], entry["file"]))
    # configure compiled files too, which are gone.
    if os.path.exists(source) and source.startswith(root + "/"):
        newest[source] = entry
json.dump(list(newest.values()), open(build + "/compile_commands.json", "w"))
print("\n".join(sorted(newest)))
END
}

lint_tidy() {
	local sources
	sources=$(lint_database) || return 1
	if [ -z "$sources" ]; then
		echo "the clang build left no compilation database"
		return 1
	fi
	grep -vE '/lib/(queue|tree)\.c$' <<<"$sources" |
		xargs -n 4 -P "$JOBS" clang-tidy --quiet -p "$BUILD/clang" \
			2> >(grep -v 'warnings\? generated' >&2)
}

cmd_lint() {
	local part
	setup_quietly
	mkdir -p "$LOGS"
	for part in rooms format shell man; do
		test_one lint $part count_status lint_$part
	done
	if build_flavour clang && build_checks clang; then
		test_one lint tidy count_status lint_tidy
	else
		failed=$((failed + 1))
	fi
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
	setup_quietly
	(cd "$ROOT" && lint_sources | xargs clang-format -i)
}
