#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# evenkeel metrics: what a strict parser reads in either format, and that the
# figures are those of the daemon; names that need escapes; no daemon at all.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"

net_build a
chmod 755 "$NET_DIR"
RUN=$NET_DIR/run
CONF=$NET_DIR/a.conf
EXPOSITION=$SRC/tests/net/tools/exposition.py

ctl() { ns a "$EVENKEEL_BUILD/evenkeel" --run-dir "$RUN" "$@"; }

# metrics [WISH...]: both formats are right, and have what is wished for.
metrics() {
	ctl metrics >"$NET_DIR/text" || return
	ctl metrics --openmetrics >"$NET_DIR/open" || return
	python3 "$EXPOSITION" text "$@" <"$NET_DIR/text" &&
		python3 "$EXPOSITION" openmetrics "$@" <"$NET_DIR/open"
}

# scope_has_only NAME PREFIX: besides the daemon's answer itself.
scope_has_only() {
	ctl metrics --scope="$1" >"$NET_DIR/scope" || return
	python3 "$EXPOSITION" text <"$NET_DIR/scope" || return
	grep -q "^evenkeel_$2" "$NET_DIR/scope" &&
		! grep -v '^#' "$NET_DIR/scope" |
		grep -vE "^evenkeel_(up|build_info|$2)"
}

cat >"$CONF" <<'END'
vrrp_instance HERE {
	state BACKUP
	interface eth0
	virtual_router_id 51
	priority 120
	version 3
	advert_int 0.2
	virtual_ipaddress {
		10.79.0.100/32
	}
}
virtual_server_group "data \base" {
	10.79.0.100 3306
	10.79.0.101 3306
}
virtual_server 10.79.0.100 7000 {
	lvs_sched wlc
	lvs_method NAT
	protocol TCP
	delay_loop 0.2
	real_server 127.0.0.2 7000 {
		weight 30
		TCP_CHECK {
		}
		TCP_CHECK {
			connect_port 7001
		}
	}
	real_server 127.0.0.3 7000 {
		weight 20
		TCP_CHECK {
		}
	}
}
virtual_server 10.79.0.100 7000 {
	lvs_sched wlc
	lvs_method NAT
	protocol UDP
	real_server 127.0.0.2 7000 {
	}
}
virtual_server group "data \base" {
	lvs_sched rr
	lvs_method NAT
	protocol TCP
	real_server 127.0.0.2 7000 {
		TCP_CHECK {
		}
	}
}
END

ASSERT_STOP=yes
step "no daemon"
check_not "the status says so" ctl metrics
ctl metrics 2>/dev/null >"$NET_DIR/text"
check "and so does the only figure" \
	python3 "$EXPOSITION" text evenkeel_up=0 <"$NET_DIR/text"
check_equal "there is one" 1 "$(grep -vc '^#' "$NET_DIR/text")"

step "a daemon with a server that is up and one that is down"
ns a python3 -c '
import socket, threading
def serve(port):
    s = socket.create_server(("127.0.0.2", port), backlog=100)
    while True:
        s.accept()[0].close()
for port in 7000, 7001:
    threading.Thread(target=serve, args=(port,)).start()' &
ns a "$EVENKEEL_BUILD/evenkeeld" -n -l -D -f "$CONF" --run-dir "$RUN" \
	>"$NET_DIR/log" 2>&1 &
daemon=$!
first=virtual=10.79.0.100:7000,protocol=
up="$first,server=127.0.0.2:7000"
down="$first,server=127.0.0.3:7000"
wait_for 30 "its figures are right in either format" metrics \
	evenkeel_up=1 evenkeel_config_generation=1 evenkeel_checker_up=1 \
	"evenkeel_pool_up{$first}=1" \
	"evenkeel_pool_level{$first,level=normal}=1" \
	"evenkeel_pool_level{$first,level=nothing}=0" \
	"evenkeel_server_state{$up,state=up}=1" \
	"evenkeel_server_state{$up,state=down}=0" \
	"evenkeel_server_state{$down,state=down}=1" \
	"evenkeel_server_weight_configured{$up}=30" \
	"evenkeel_server_weight{$up}=30" \
	"evenkeel_check_up{$up,check=TCP_CHECK,number=}=1" \
	"evenkeel_check_up{$up,check=TCP_CHECK,number=2}=1" \
	"evenkeel_check_up{$down,check=TCP_CHECK}=0" \
	"evenkeel_pool_servers{$first,state=up}=1" \
	"evenkeel_pool_servers{$first,state=down}=1" \
	"evenkeel_pool_servers{$first,state=drain}=0" \
	"evenkeel_vrrp_state{instance_name=HERE,vrid=51,state=MASTER}=1" \
	"evenkeel_vrrp_priority{instance_name=HERE}=120"
check "one address with two protocols is two pools" metrics \
	"evenkeel_pool_quorum{virtual=10.79.0.100:7000,protocol=UDP}=1"
check "a name with a blank and a backslash is escaped" grep -qF \
	'virtual="group data \\base"' "$NET_DIR/text"
check "a server that is down keeps its series" metrics \
	"evenkeel_server_weight{$down}=0" \
	"evenkeel_check_results_total{$down,outcome=ok}=0" \
	"evenkeel_server_connections_active{$down}=0"

refusals() {
	sed -n "/^evenkeel_check_results_total{.*127.0.0.3:7000.*refused/s/.* //p" \
		"$NET_DIR/text"
}
check "and counts of what its checks found" test "$(refusals)" -gt 0

# Probes count whatever they find: one server of the two refuses them.
tcp='virtual="10.79.0.100:7000",check="TCP_CHECK"'
probes() {
	sed -n "/^evenkeel_pool_probe_duration_seconds_count{$tcp}/s/.* //p" \
		"$NET_DIR/text"
}
more_probes() { metrics evenkeel_up=1 && [ "$(probes)" -gt "$1" ]; }
wait_for 20 "probes are counted by how long they took" more_probes 0
check "an advert that is dropped once will not be a new series" metrics \
	"evenkeel_vrrp_dropped_total{instance_name=HERE,reason=wrong password}=0"
check "the unit of a name is told" grep -qx \
	"# UNIT evenkeel_server_slow_start_ratio ratio" "$NET_DIR/open"

step "an operator's command"
ctl drain 127.0.0.2:7000 >/dev/null
wait_for 20 "is a figure" metrics "evenkeel_server_operator{$up,what=drain}=1" \
	"evenkeel_server_operator{$up,what=disable}=0" \
	"evenkeel_server_weight{$up}=0"

step "a part of it"
for scope in pool server check vrrp; do
	check "only what is of scope $scope" scope_has_only $scope $scope
done
check_not "a scope that is not one is refused" ctl metrics --scope=all

step "a file that is refused"
cp "$CONF" "$CONF.good"
echo "no_such_word" >>"$CONF"
check "at the start it was accepted" metrics \
	evenkeel_config_last_reload_successful=1
at() { sed -n 's/^evenkeel_config_last_reload_timestamp_seconds //p' "$NET_DIR/text"; }
start=$(at)
check_not "a reload says so" ctl reload
wait_for 20 "is a figure" metrics evenkeel_config_last_reload_successful=0 \
	evenkeel_config_generation=1
check "with its time" eval "awk 'BEGIN { exit !($(at) > $start) }'"
ctl status >"$NET_DIR/status"
check "the status has the way out" grep -q \
	"refused when it was read .* ago.*'evenkeeld -t' says why" "$NET_DIR/status"
cp "$CONF.good" "$CONF"
metrics evenkeel_up=1
before=$(probes)
refused=$(refusals)
check "a good one is accepted" ctl reload
wait_for 20 "until one is accepted" metrics \
	evenkeel_config_last_reload_successful=1 evenkeel_config_generation=2
ctl status >"$NET_DIR/status"
check_not "the status says no more of it" grep -q "was refused when" "$NET_DIR/status"

check "the checks of before go on counting" more_probes "$((before - 1))"
check "each by what it found" test "$(refusals)" -ge "$refused"

step "scrapers at the same time"
for ((i = 0; i < 6; i++)); do
	ctl metrics --openmetrics >"$NET_DIR/many.$i" &
	many[i]=$!
done
answered=0
for ((i = 0; i < 6; i++)); do
	wait "${many[i]}" && answered=$((answered + 1))
done
check_equal "all are answered" 6 $answered
kill $daemon
finish
