# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A newcomer's machine: a minimal Debian in a folder, in which nothing of the
# host helps. Sourced by ./dev; owns the folder $LAB_CACHE/bare with
#
#   SUITE            what debootstrap makes, nothing added
#   SUITE-KEY        the same after ./dev setup has run in it; KEY stands for
#                    the packages and for how they are installed
#   SUITE-cache      that root's own cache: what its compilers have compiled
#
# The suite "mysql" is Debian's unstable with MySQL itself and Oracle's client
# library in place of MariaDB's. It changes every day and is not always to be
# had: then its tests count as not tried.
#
# The tree is cloned into it, and the commands run there as root, in namespaces
# of their own (mounts, processes, IPC, host name) whose root directory is that
# folder: what they mount is seen by nobody else and goes away with them. What
# they write goes into a layer above it, which is thrown away.

BARE_SUITES="bookworm trixie"
BARE_MIRROR=${EVENKEEL_BARE_MIRROR:-http://deb.debian.org/debian}
# Then it is made anew, from the packages of that day.
BARE_DAYS=30

# bare_debian SUITE: the name that debootstrap knows.
bare_debian() {
	case $1 in
	mysql) echo sid ;;
	*) echo "$1" ;;
	esac
}

# bare_sources SUITE: for apt. A mirror of unstable may stand still for a while;
# what it has is signed all the same.
bare_sources() {
	local debian
	debian=$(bare_debian "$1")
	echo "deb $BARE_MIRROR $debian main" >"$2/etc/apt/sources.list"
	if [ "$debian" = sid ]; then
		echo 'Acquire::Check-Valid-Until "false";' \
			>"$2/etc/apt/apt.conf.d/90evenkeel"
		return
	fi
	cat >>"$2/etc/apt/sources.list" <<-END
		deb $BARE_MIRROR $debian-updates main
		deb ${BARE_MIRROR%/debian}/debian-security $debian-security main
	END
}

# bare_client SUITE: the value of EVENKEEL_MYSQL in it.
bare_client() {
	case $1 in
	mysql) echo oracle ;;
	esac
}

bare_key() {
	{
		echo "$1 $(EVENKEEL_MYSQL=$(bare_client "$1") setup_packages) $SETUP_OPTIONAL $BARE_MIRROR"
		declare -f bare_base bare_sources bare_layer setup_install setup_all \
			setup_without_services setup_apt setup_known
	} | sha256sum | cut -c -12
}

# The devices that every Linux has, and no disk.
bare_dev() {
	local node
	mount -t tmpfs -o mode=755 dev "$1" && mkdir "$1"/{pts,shm,net}
	for node in null zero full random urandom tty net/tun; do
		[ -e "/dev/$node" ] || continue
		: >"$1/$node" && mount --bind "/dev/$node" "$1/$node" || return
	done
	mount -t devpts -o newinstance,ptmxmode=0666,mode=620 pts "$1/pts" &&
		mount -t tmpfs shm "$1/shm" && ln -s pts/ptmx "$1/ptmx" &&
		ln -s /proc/self/fd "$1/fd" && ln -s fd/0 "$1/stdin" &&
		ln -s fd/1 "$1/stdout" && ln -s fd/2 "$1/stderr"
}

# bare_inside LOWER WORK CACHE COMMAND...: in the new namespaces already. An
# empty WORK: what is written stays in LOWER.
bare_inside() {
	local top=$1 work=$2 cache=$3
	shift 3
	if [ -z "$work" ]; then
		mount --bind "$top" "$top" || return
	elif [ -d "$work/copy" ] || ! mount -t overlay -o \
		"lowerdir=$top,upperdir=$work/upper,workdir=$work/work" \
		overlay "$work/root" 2>/dev/null; then
		# The cache lies on a file system that is a layer itself.
		[ -d "$work/copy" ] || {
			cp -a "$top" "$work/copy" &&
				cp -a "$work/upper/." "$work/copy"
		} || return
		mount --bind "$work/copy" "$work/root" || return
	fi
	[ -z "$work" ] || top=$work/root
	bare_dev "$top/dev" && mount -t proc proc "$top/proc" &&
		mount -t sysfs sysfs "$top/sys" &&
		mount -t tmpfs -o mode=755 run "$top/run" || return
	cp -L /etc/resolv.conf "$top/etc/resolv.conf"
	if [ -n "$cache" ]; then
		mkdir -p "$cache" "$top/var/cache/evenkeel" &&
			mount --bind "$cache" "$top/var/cache/evenkeel" || return
	fi
	hostname newcomer
	mkdir -p "$top/.host" && cd "$top" && pivot_root . .host &&
		cd / && umount -l /.host || return
	# On a busy machine the folder is in use for a moment longer; it is empty.
	rmdir /.host 2>/dev/null
	exec env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb \
		LC_ALL=C.UTF-8 CI="${CI:-}" EVENKEEL_JOBS="$JOBS" \
		EVENKEEL_MYSQL="${EVENKEEL_MYSQL:-}" EVENKEEL_LAB_CACHE=/var/cache/evenkeel "$@" </dev/null
}

# bare_enter LOWER WORK CACHE COMMAND...: runs the command in /src of the root.
bare_enter() {
	local parts
	parts=$(declare -f bare_dev bare_inside)
	JOBS=$JOBS CI=${CI:-} unshare --mount --pid --ipc --uts --fork \
		--kill-child --propagation private bash -c \
		"$parts"$'\n''bare_inside "$@"' - "${@:1:3}" \
		sh -c 'cd /src 2>/dev/null || cd /; exec "$@"' - "${@:4}"
}

# bare_clone FOLDER: the tree as it is, changes that are not committed included.
bare_clone() {
	git clone -q "file://$ROOT" "$1/src" || return
	git -C "$ROOT" diff --binary HEAD |
		git -C "$1/src" apply --whitespace=nowarn --allow-empty || return
	git -C "$ROOT" ls-files -z --others --exclude-standard |
		(cd "$ROOT" && xargs -0 -r cp --parents -t "$1/src")
}

# bare_base SUITE: debootstrap's work, prints its folder.
bare_base() {
	local base=$LAB_CACHE/bare/$1 new=$LAB_CACHE/bare/.new.$1
	if [ -d "$base" ]; then
		echo "$base"
		return
	fi
	rm -rf --one-file-system "$new" && mkdir -p "$new" || return
	say "debootstrap $1" >&2
	unshare --mount --pid --fork --kill-child --propagation private \
		debootstrap --variant=minbase --include=ca-certificates \
		"$(bare_debian "$1")" "$new" "$BARE_MIRROR" >"$LOGS/bare/$1-debootstrap.log" 2>&1 || {
		tail -n 5 "$LOGS/bare/$1-debootstrap.log" >&2
		return 1
	}
	bare_sources "$1" "$new" || return
	printf '127.0.0.1 localhost newcomer\n::1 localhost\n' >"$new/etc/hosts"
	echo newcomer >"$new/etc/hostname"
	mv "$new" "$base" && echo "$base"
}

# bare_layer SUITE: prints the folder in which ./dev setup has run. It is used
# as it is while the packages asked for are the same and it is not too old.
bare_layer() {
	local layer base new=$LAB_CACHE/bare/.new.$1 log=$LOGS/bare/$1-setup.log
	layer=$LAB_CACHE/bare/$1-$(bare_key "$1")
	if [ -n "$(find "$layer" -maxdepth 0 -mtime -$BARE_DAYS 2>/dev/null)" ]; then
		echo "$layer"
		return
	fi
	base=$(bare_base "$1") || return
	rm -rf --one-file-system "$new" "$LAB_CACHE/bare/$1"-[0-9a-f]* || return
	say "$1: ./dev setup" >&2
	cp -a "$base" "$new" && bare_clone "$new" || return
	bare_enter "$new" "" "" sh -c './dev setup &&
		apt-get clean && rm -rf /src' >"$log" 2>&1 || {
		tail -n 20 "$log" >&2
		return 1
	}
	rmdir "$new/src" 2>/dev/null
	touch "$new" && mv "$new" "$layer" && echo "$layer"
}

# What a newcomer does. Each line is counted by its status or by its last line.
bare_steps() {
	case $1 in
	bookworm)
		cat <<-END
			./dev setup
			./dev build --flavour asan
			./dev test --only unit --only docs --only conf --only net
			./dev distcheck
		END
		;;
	trixie)
		cat <<-END
			./dev setup
			./dev build --flavour asan
			./dev test --only unit --only docs --only conf
			./dev test --only net checker-mysql checker-replication checker-secret checker-tls announce
			./dev build --flavour clang
			./dev test --flavour clang --only unit --only docs --only conf
		END
		;;
	mysql)
		cat <<-END
			./dev setup
			./dev build --flavour asan
			./dev test --only unit checkers conf
			./dev test --only net checker-mysql8 checker-secret
			./dev test --only mysql
		END
		;;
	esac
}

# bare_step NAME COMMAND...: shows it, and adds what it counts.
bare_step() {
	local name=$1 log=$LOGS/bare/$1.log status
	shift
	say "$name: ${*:4}"
	bare_enter "$@" 2>&1 | tee "$log"
	status=${PIPESTATUS[0]}
	local good=0 bad=0
	count_summary "$log"
	if [ $good -eq 0 ] && [ $bad -eq 0 ]; then
		count_status "$log" "$status"
	fi
	if [ $bad -eq 0 ] && { [ "$status" -ne 0 ] || [ $good -eq 0 ]; }; then
		bad=1
	fi
	passed=$((passed + good))
	failed=$((failed + bad))
}

# bare_suite SUITE COMMAND...: without a command, the newcomer's.
bare_suite() {
	local suite=$1 work line words
	shift
	work=$(mktemp -d "$LAB_CACHE/bare/run.XXXXXX") || return
	mkdir "$work"/{upper,work,root} && bare_clone "$work/upper" || return
	# A root has no npm, and takes what the host's found.
	mkdir -p "$LAB_CACHE/bare/$suite-cache" &&
		find "$LAB_CACHE" -maxdepth 1 -name 'axe-core-*.tgz' \
			-exec cp -u -t "$LAB_CACHE/bare/$suite-cache" {} +
	if [ $# -gt 0 ]; then
		bare_step "$suite" "$BARE_LAYER" "$work" \
			"$LAB_CACHE/bare/$suite-cache" "$@"
	else
		while read -r line; do
			read -ra words <<<"$line"
			bare_step "$suite" "$BARE_LAYER" "$work" \
				"$LAB_CACHE/bare/$suite-cache" "${words[@]}"
		done < <(bare_steps "$suite")
	fi
	rm -rf "$LOGS/bare/$suite"
	cp -r "$work"/*/src/build/test-logs "$LOGS/bare/$suite" 2>/dev/null
	rm -rf --one-file-system "$work"
}

cmd_bare() {
	local suites=() suite not_tried=0
	while [ $# -gt 0 ]; do
		case $1 in
		--) shift && break ;;
		-*) die "bare: unknown option $1" ;;
		*) suites+=("$1") && shift ;;
		esac
	done
	# shellcheck disable=SC2206
	[ ${#suites[@]} -gt 0 ] || suites=($BARE_SUITES)
	for suite in "${suites[@]}"; do
		[ -n "$(bare_steps "$suite")" ] ||
			die "bare: no suite $suite; there are $BARE_SUITES mysql"
	done
	[ "$(id -u)" = 0 ] || die "bare needs root: it makes a root of its own"
	mkdir -p "$LOGS/bare" "$LAB_CACHE/bare"
	# Two may run side by side, but not install or make the same root.
	# What a run that was killed has left.
	find "$LAB_CACHE/bare" -maxdepth 1 -name 'run.*' -mtime +1 \
		-exec rm -rf --one-file-system {} +
	(flock 9 && setup_install debootstrap git) \
		9>"$LAB_CACHE/bare/.setup.lock" || exit 1
	for suite in "${suites[@]}"; do
		EVENKEEL_MYSQL=$(bare_client "$suite")
		export EVENKEEL_MYSQL
		if ! BARE_LAYER=$({ flock 9 && bare_layer "$suite"; } \
			9>"$LAB_CACHE/bare/.$suite.lock"); then
			if [ "$suite" = mysql ]; then
				not_tried=$((not_tried + $(bare_steps mysql | wc -l)))
			else
				failed=$((failed + 1))
			fi
			continue
		fi
		bare_suite "$suite" "$@"
	done
	bare_summary
}

# The last line, with those before it that could not be tried at all.
bare_summary() {
	if [ "$not_tried" -gt 0 ]; then
		echo "not tried: $not_tried (the root with MySQL could not be had)"
		[ $((passed + failed)) -gt 0 ] || {
			echo "0 passed, 0 failed"
			exit 0
		}
	fi
	test_summary
}
