# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the host needs, and how it gets it. Sourced by ./dev.
#
# The servers come as their "core" packages, which hold programs and no
# services: nothing starts to listen on a developer's machine. For the few
# packages that do start something, services are held back while they install.

SETUP_PACKAGES="
autoconf automake make gcc libc6-dev pkg-config git ca-certificates
clang clang-tidy libclang-rt-dev shellcheck mandoc ccache
libcriterion-dev default-libmysqlclient-dev libipset-dev libjson-c-dev
libevent-dev libcurl4-openssl-dev libcap-ng-dev libseccomp-dev libmicrohttpd-dev libnl-3-dev libnl-genl-3-dev
libnl-route-3-dev libpcre2-dev
qemu-system-x86 busybox-static kmod cpio zstd xz-utils
iproute2 iputils-ping util-linux e2fsprogs procps ipvsadm ipset iptables nftables ethtool tcpdump
openssl python3 systemd mariadb-server-core mariadb-client-core galera-4 keepalived haproxy frr bird2
tshark strace tmux zsh curl chromium fonts-dejavu-core prometheus
"

# Taken where the distribution has them: the formatter whose line breaks are the
# ones we keep, see lint_format().
SETUP_OPTIONAL="clang-format-14"

# In their place where EVENKEEL_MYSQL=oracle: MySQL itself, whose packages do not
# go together with MariaDB's, and what building and the tests beside it need.
SETUP_ORACLE_PACKAGES="
autoconf automake make gcc libc6-dev pkg-config git ca-certificates ccache
libcriterion-dev libmysqlclient-dev libipset-dev libjson-c-dev
libevent-dev libcurl4-openssl-dev libcap-ng-dev libseccomp-dev libmicrohttpd-dev libnl-3-dev libnl-genl-3-dev
libnl-route-3-dev libpcre2-dev
iproute2 util-linux procps openssl python3 mysql-server-core mysql-client-core
"

# axe-core, which judges the status page beside our own rules. No distribution has
# it, so it comes by npm, where there is one; it lies in the cache as it came.
SETUP_AXE=axe-core-4.14.1
SETUP_AXE_SHA512=1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b734f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5

setup_axe() {
	local file=$LAB_CACHE/$SETUP_AXE.tgz work
	[ ! -e "$file" ] && command -v npm >/dev/null || return 0
	mkdir -p "$LAB_CACHE" && work=$(mktemp -d "$LAB_CACHE/axe.XXXXXX") || return 0
	if (cd "$work" && timeout 60 npm pack --silent --fetch-retries=1 \
		"${SETUP_AXE%-*}@${SETUP_AXE##*-}") >"$work/said" 2>&1 </dev/null &&
		sha512sum --quiet -c - <<<"$SETUP_AXE_SHA512  $work/$SETUP_AXE.tgz"; then
		mv "$work/$SETUP_AXE.tgz" "$file"
	else
		warn "$SETUP_AXE cannot be had; the page's test goes on without it"
	fi
	rm -rf "$work"
}

setup_packages() {
	case ${EVENKEEL_MYSQL:-} in
	oracle) echo "$SETUP_ORACLE_PACKAGES" ;;
	*) echo "$SETUP_PACKAGES" ;;
	esac
}

# Prints those of the packages named that are not installed. A package that another one
# provides (Ubuntu names some differently) counts as installed; one look into
# dpkg's database answers for all.
setup_missing() {
	local installed name
	installed=" $(dpkg-query -W -f \
		'${db:Status-Status} ${Package} ${Provides}\n' |
		sed -n 's/^installed //p' | sed 's/([^)]*)//g' | tr ',\n' '  ') "
	for name; do
		case $installed in
		*" $name "*) ;;
		*) echo "$name" ;;
		esac
	done
}

# Of the names given, those that apt can install.
setup_known() {
	local name
	for name; do
		if apt-cache show "$name" >/dev/null 2>&1; then
			echo "$name"
		fi
	done
}

setup_apt() {
	DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0 \
		-o APT::Get::Assume-Yes=true "$@" </dev/null
}

# Runs a command while newly installed services may not start.
setup_without_services() {
	local policy=/usr/sbin/policy-rc.d status
	if [ -e $policy ]; then
		"$@"
		return
	fi
	printf '#!/bin/sh\nexit 101\n' >$policy && chmod +x $policy
	"$@"
	status=$?
	rm -f $policy
	return $status
}

# setup_install PACKAGE...: installs those of them that are missing.
setup_install() {
	local missing=() log=$BUILD/setup.log
	if ! command -v dpkg-query >/dev/null; then
		die "this needs Debian or Ubuntu (no dpkg here); the packages:" "$*"
	fi
	mapfile -t missing < <(setup_missing "$@")
	[ ${#missing[@]} -gt 0 ] || return 0
	if [ "$(id -u)" != 0 ]; then
		warn "these packages are missing; as root, or with sudo:"
		echo "apt-get install --no-install-recommends ${missing[*]}" >&2
		return 1
	fi
	say "installing ${missing[*]}"
	mkdir -p "$BUILD"
	{
		setup_apt update
		# shellcheck disable=SC2086
		mapfile -t missing < <(setup_known "${missing[@]}" $SETUP_OPTIONAL)
		setup_without_services setup_apt install \
			--no-install-recommends "${missing[@]}"
	} >"$log" 2>&1 && return
	tail -n 20 "$log" >&2
	warn "installing failed; the whole story is in $log"
	return 1
}

# What is wanted, and of what is nice to have only what apt can give.
setup_all() {
	local optional=()
	# shellcheck disable=SC2046,SC2086
	[ "${EVENKEEL_MYSQL:-}" = oracle ] ||
		mapfile -t optional < <(setup_known \
			$(setup_missing $SETUP_OPTIONAL))
	# shellcheck disable=SC2046
	setup_install $(setup_packages) "${optional[@]}"
}

# Before every other command. What is missing may not be needed for it, so this
# goes on; whatever then fails says what it lacks.
setup_quietly() {
	# shellcheck disable=SC2046
	setup_install $(setup_packages) || warn "going on without them"
}
