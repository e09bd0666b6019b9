#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the processes may ask of the kernel: each is confined, a call that is not
# in its list ends it with a line that names the call, and the lists hold no more
# than the processes were seen to need. No IPVS is needed.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"

net_build a b
chmod 755 "$NET_DIR"
RUN=$NET_DIR/run
LOG=$NET_DIR/log
TRACES=$NET_DIR/traces
mkdir "$TRACES"
(umask 077 && head -c 32 /dev/urandom | base64 >"$NET_DIR/key")
cat >"$NET_DIR/conf" <<END
global_defs {
	metrics_listen 10.79.0.1 9100
	status_listen 10.79.0.1 8080
	operator_peer 10.79.0.2 8850 $NET_DIR/key
	recorder $NET_DIR/recording
	notification_email {
		ops@example.org
	}
	smtp_server mail.example 7125
}
bfd_instance b {
	neighbor_ip 10.79.0.2
	source_ip 10.79.0.1
}
vrrp_instance V1 {
	smtp_alert
	interface eth0
	virtual_router_id 51
	priority 150
	advert_int 0.3
	version 3
	virtual_ipaddress {
		10.79.0.100/24
	}
}
virtual_server 10.79.0.100 7000 {
	lvs_sched wlc
	lvs_method NAT
	protocol TCP
	delay_loop 0.5
	real_server 10.79.0.2 7000 {
		TCP_CHECK {
			connect_timeout 1
		}
		HTTP_GET {
			url {
				path /
				status_code 200
			}
			connect_timeout 1
		}
		DNS_CHECK {
			connect_timeout 1
		}
		PING_CHECK {
		}
	}
	real_server 10.79.0.2 7001 {
		MYSQL_CHECK {
			username check
			password secret
			timeout 1
		}
	}
}
END
running() { kill -0 "$1" 2>/dev/null; }
answers() { "$EVENKEEL_BUILD/evenkeel" --run-dir "$RUN" --json status >"$NET_DIR/answer" 2>/dev/null; [ -s "$NET_DIR/answer" ]; }
logged() { grep -qE -- "$1" "$LOG"; }
scrape() { ns b curl -s --max-time 20 http://10.79.0.1:9100/metrics | grep -q '^evenkeel_up 1'; }
page() { ns b curl -s --max-time 20 http://10.79.0.1:8080/ | grep -qi html; }
# start [WRAPPER...]
start() {
	nsenter --net=/run/netns/a -- "$@" "$EVENKEEL_BUILD/evenkeeld" -n -l -D \
		-f "$NET_DIR/conf" --run-dir "$RUN" >>"$LOG" 2>&1 &
	DAEMON=$!
	wait_for 40 "the daemon answers" answers
}
stop() {
	kill -TERM "$DAEMON"
	wait "$DAEMON"
}
# filters NAME: of the process with that title
filters() {
	sed -n 's/^Seccomp:[[:space:]]*//p' "/proc/$(pgrep -o -x "$1")/status"
}
confined() { [ "$(filters "$1")" = 2 ]; }

step "every process that reads what others send"
start
check_not "there are filters here" logged 'no process has a filter of system calls'
for name in evenkeel-check evenkeel-zygote evenkeel-mysql evenkeel-vrrp \
	evenkeel-peer evenkeel-web evenkeel-record evenkeel-mail \
	evenkeel-bfd; do
	wait_for 20 "$name is confined" confined $name
done
check_equal "main, who runs scripts, is not" 0 \
	"$(sed -n 's/^Seccomp:[[:space:]]*//p' "/proc/$DAEMON/status")"
wait_for 20 "metrics are served" scrape
wait_for 20 "the page too" page

step "another process of the same user"
# Without capabilities; vrrp and the recorder are root's, main is too.
as_its_user() {
	setpriv --reuid "$(stat -c %u "/proc/$1")" --clear-groups \
		--bounding-set -all --inh-caps -all -- "${@:2}" 2>/dev/null
}
reads() {
	as_its_user "$1" python3 -c 'import sys; open(sys.argv[1], "rb").read(1)' \
		"/proc/$1/$2"
}
as_its_user $$ sleep 600 &
wait_for 10 "one without capabilities runs" pgrep -x sleep
other=$(pgrep -x sleep)
check "reads what is not protected" reads "$other" environ
kill "$other"
for pid in "$DAEMON" $(pgrep -P "$DAEMON") $(pgrep -x evenkeel-mysql); do
	name=$(cat "/proc/$pid/comm")
	check_not "reads no environment of $name" reads "$pid" environ
	check_not "nor its memory's map" reads "$pid" maps
	check_not "nor its descriptors" as_its_user "$pid" readlink "/proc/$pid/fd/0"
done

step "a call that is not in the list"
# strace makes it in the place of one that is: of those that the loop waits with.
web=$(pgrep -x evenkeel-web)
timeout 60 strace -qq -p "$web" -o /dev/null \
	-e inject=epoll_wait:error=EINTR:syscall=getpgrp:when=1 &
wait_for 20 "ends the process" eval "! running $web"
check "the log names the process and the call" logged \
	'evenkeel-web: error: system call [0-9]+ \(getpgrp\) is not allowed'
wait_for 20 "main says why it is gone" logged \
	'evenkeeld.* web: error: ended by its filter'
wait_for 30 "and it is started again" scrape

step "the parent of the MySQL helpers is killed"
# The checker may not fork: it ends in order, and is started again with another.
parent=$(pgrep -n -x evenkeel-zygote)
kill -KILL "$parent"
another() { [ "$(pgrep -n -x evenkeel-zygote)" -gt "$parent" ]; }
wait_for 60 "there is another" another
check "the checker said why it ends" logged "without the parent of the MySQL helpers"
stop

step "OpenSSL's configuration names a module"
# Loaded before the process is confined; it could not be after.
cat >"$NET_DIR/openssl.cnf" <<END
openssl_conf = setup
[setup]
providers = providers
[providers]
default = module_default
legacy = module_legacy
[module_default]
activate = 1
[module_legacy]
activate = 1
END
chmod 644 "$NET_DIR/openssl.cnf"
has_module() { grep -q 'ossl-modules/legacy.so' "/proc/$(pgrep -n -x "$1")/maps"; }
start unshare --mount sh -c "mount --bind $NET_DIR/openssl.cnf /etc/ssl/openssl.cnf &&
	exec \"\$@\"" sh
wait_for 30 "the checker has it" has_module evenkeel-check
wait_for 30 "the mail process too" has_module evenkeel-mail
stop

step "what is allowed, and what is done"
# The tracer stays away from the daemon's own processes (-D), so that signals come
# through; it may not be asked for leaks then.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
start strace -D -f -ff -qq -o "$TRACES/t"
wait_for 60 "metrics are served" scrape
wait_for 60 "the page too" page
wait_for 60 "the address is held" eval \
	"ip -n a address show dev eth0 | grep -q 10.79.0.100"
for word in drain ready; do
	"$EVENKEEL_BUILD/evenkeel" --run-dir "$RUN" $word 10.79.0.2:7000 >/dev/null
done
wait_for 60 "the checks have failed" logged '10.79.0.2:7001.*(refused|connect)'
stop
nsenter --net=/run/netns/a -- strace -D -f -ff -qq -o "$TRACES/doctor" \
	"$EVENKEEL_BUILD/evenkeeld" --doctor -f "$NET_DIR/conf" >/dev/null 2>&1
wait_for 20 "the tracers have ended" eval "! pgrep -x strace"
"$EVENKEEL_BUILD/tests/net/tools/confines" >"$NET_DIR/lists"
check "are the same" python3 "$SRC/tests/net/tools/calls.py" "$NET_DIR/lists" \
	"$SRC/tests/net/tools/spare_calls" "$TRACES"/*
check_equal "and no other call was refused" 1 \
	"$(grep -c "system call .* is not allowed" "$LOG")"
finish
