#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Completion as the shells run it, against a daemon that knows the servers; and
# what status and events leave when a pool or a server is named.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"

net_build a
chmod 755 "$NET_DIR"
RUN=$NET_DIR/run
CONF=$NET_DIR/a.conf
PATH=$EVENKEEL_BUILD:$PATH

ctl() { ns a "$EVENKEEL_BUILD/evenkeel" --run-dir "$RUN" "$@"; }

cat >"$CONF" <<'END'
virtual_server_group "my pool" {
	10.79.0.101 3306
}
virtual_server 10.79.0.100 7000 {
	lvs_sched wlc
	lvs_method NAT
	protocol TCP
	delay_loop 0.2
	real_server 127.0.0.2 7000 {
		TCP_CHECK {
		}
	}
	real_server 127.0.0.20 7000 {
		TCP_CHECK {
		}
	}
}
virtual_server group "my pool" {
	lvs_sched wlc
	lvs_method NAT
	protocol TCP
	delay_loop 0.2
	real_server 127.0.0.2 3306 {
		TCP_CHECK {
		}
	}
}
END
ns a "$EVENKEEL_BUILD/evenkeeld" -n -l -f "$CONF" --run-dir "$RUN" \
	>"$NET_DIR/log" 2>&1 &
wait_for 20 "the daemon answers" ctl --json status

# typed_bash LINE: what bash would offer, as its completion gets it: the words
# that bash makes of the line end at colons and at "=".
typed_bash() {
	LINE=$1 bash --noprofile --norc -c '
		. "$SRC/completion/evenkeel"
		complete -p evenkeel >/dev/null || exit
		COMP_LINE=$LINE COMP_POINT=${#LINE}
		_evenkeel
		printf "%s\n" "${COMPREPLY[@]}"' | paste -sd ' '
}
# typed_zsh LINE: the same; the functions that zsh has only while it completes
# are played.
typed_zsh() {
	LINE=$1 zsh -f -c '
		compadd() { while [[ $1 != -- ]]; do shift; done; shift; print -l -- "$@" }
		compset() { true }
		_files() { print -- FILES }
		words=("${(@s: :)LINE}")
		CURRENT=${#words}
		. "$SRC/completion/_evenkeel"' | paste -sd ' '
}
both() {
	check_equal "bash: '$1'" "$(typed_bash "$1")" "$2"
	if command -v zsh >/dev/null; then
		check_equal "zsh: '$1'" "$(typed_zsh "$1")" "${3-$2}"
	fi
}

step "words of the tables"
both "evenkeel dr" "drain drill"
both "evenkeel --run-dir=$RUN sim" "simulate"
both "evenkeel --soc" "--socket="
both "evenkeel nonsense " ""
both "evenkeel metrics --scope=s" "server" "--scope=server"

step "names from the daemon"
both "evenkeel --run-dir=$RUN drain " "127.0.0.2:7000 127.0.0.20:7000 127.0.0.2:3306"
both "evenkeel --run-dir=$RUN drain 127.0.0.20" "127.0.0.20:7000"
both "evenkeel --run-dir=$RUN drain 127.0.0.2:" "7000 3306" \
	"127.0.0.2:7000 127.0.0.2:3306"
both "evenkeel --run-dir=$RUN drain 127.0.0.2:33" "3306" "127.0.0.2:3306"
both "evenkeel --run-dir=$RUN drain --virtual=10" "10.79.0.100:7000" \
	"--virtual=10.79.0.100:7000"
both "evenkeel --run-dir=$RUN drain --virtual=g" 'group\ my\ pool' \
	"--virtual=group my pool"
check_equal "no daemon, no names" \
	"$(typed_bash "evenkeel --run-dir=$NET_DIR/none drain ")" ""
touch "$NET_DIR/file.sim"
check_equal "files are the shell's" \
	"$(typed_bash "evenkeel simulate $NET_DIR/fi")" "$NET_DIR/file.sim"
check_equal "    of an option too" \
	"$(typed_bash "evenkeel drill --password-file=$NET_DIR/fi")" \
	"$NET_DIR/file.sim"

step "status and events of a part"
of_both() { [ "$(ctl "$@" | grep -c '127\.0\.0\.2:')" = 2 ]; }
servers() {
	ctl --json status "$@" | python3 -c '
import json, sys
print(*(s["address"] for v in json.load(sys.stdin)["virtual_servers"]
        for s in v["servers"]))'
}
check_equal "a server" "$(servers 127.0.0.20:7000)" "127.0.0.20:7000"
check_equal "a server on all of its ports" "$(servers 127.0.0.2)" \
	"127.0.0.2:7000 127.0.0.2:3306"
check_equal "a pool" "$(servers --virtual=10.79.0.100:7000)" \
	"127.0.0.2:7000 127.0.0.20:7000"
check_equal "a server of a pool" \
	"$(servers --virtual=10.79.0.100:7000 127.0.0.2)" "127.0.0.2:7000"
check "a table for people too" of_both status 127.0.0.2
head_line() { ctl status "$@" | grep -o ' of [0-9]* up.*' | sed 's/[0-9]* serving/N serving/'; }
check_equal "    which counts the pool's servers" "$(head_line 127.0.0.2:7000)" \
	" of 2 up, N serving, 1 shown"
check_equal "    and says nothing of those shown if all are" \
	"$(head_line --virtual=10.79.0.100:7000)" " of 2 up, N serving"
check_not "a server that there is not" ctl status 127.0.0.3
# Of operators: when a check says what is its own time.
events() { ctl events "$@" | grep -o "operator: .*" | paste -sd ','; }
ctl drain 127.0.0.2 >/dev/null
ctl drain 127.0.0.20:7000 >/dev/null
ctl disable 127.0.0.2:7000 --virtual=10.79.0.100:7000 >/dev/null
check_equal "all events" "$(events)" "operator: drain 127.0.0.2,\
operator: drain 127.0.0.20:7000,operator: disable 127.0.0.2:7000 of 10.79.0.100:7000"
check_equal "events of a server" "$(events 127.0.0.20)" \
	"operator: drain 127.0.0.20:7000"
check_equal "events of a pool" "$(events --virtual=10.79.0.100:7000)" \
	"operator: disable 127.0.0.2:7000 of 10.79.0.100:7000"
check_equal "events of a port" "$(events 127.0.0.2:3306)" \
	"operator: drain 127.0.0.2"
check_equal "no events of a server that there is not" "$(events 127.0.0.3)" ""
json_events() { ctl --json events 127.0.0.3 | python3 -c '
import json, sys
sys.exit(json.load(sys.stdin)["events"] != [])'; }
check "    as JSON too" json_events
finish
