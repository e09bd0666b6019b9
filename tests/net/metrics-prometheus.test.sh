#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A real Prometheus scrapes a running pair, promtool has no complaint, and the alert
# rules and the dashboard that are shipped ask for figures that there are. No IPVS is
# needed.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"

net_build a b c
chmod 755 "$NET_DIR"
PROM=http://127.0.0.1:9090
RULES=$SRC/etc/prometheus
declare -A DAEMON

(umask 077 && head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$NET_DIR/key")
for name in a b; do
	address=10.79.0.$([ $name = a ] && echo 1 || echo 2)
	other=10.79.0.$([ $name = a ] && echo 2 || echo 1)
	cat >"$NET_DIR/$name.conf" <<-END
		global_defs {
			metrics_listen $address 9100
			operator_peer $other 8850 $NET_DIR/key
			lvs_sync_daemon eth0 PAIR
		}
		bfd_instance other {
			neighbor_ip $other
			min_rx 200
			min_tx 200
			multiplier 15
		}
		announce_group databases {
			virtual_ipaddress {
				203.0.113.10
			}
		}
		vrrp_instance PAIR {
			state BACKUP
			interface eth0
			virtual_router_id 51
			priority $([ $name = a ] && echo 120 || echo 100)
			version 3
			advert_int 0.5
			virtual_ipaddress {
				10.79.0.100/32
			}
		}
		virtual_server 10.79.0.100 7000 {
			lvs_sched fastest
			lvs_method NAT
			protocol TCP
			delay_loop 1
			headroom {
				survive 1
			}
			real_server 127.0.0.2 7000 {
				TCP_CHECK {
				}
			}
		}
	END
	nsenter --net=/run/netns/$name -- "$EVENKEEL_BUILD/evenkeeld" -n -l \
		-f "$NET_DIR/$name.conf" --run-dir "$NET_DIR/run.$name" \
		>"$NET_DIR/$name.log" 2>&1 &
	DAEMON[$name]=$!
done

cat >"$NET_DIR/prometheus.yml" <<END
global:
  scrape_interval: 4s
  scrape_timeout: 4s
  evaluation_interval: 1s
rule_files: ["$RULES/evenkeel.rules.yml"]
scrape_configs:
- job_name: evenkeel
  static_configs:
  - targets: ["10.79.0.1:9100", "10.79.0.2:9100", "127.0.0.1:9200"]
END
nsenter --net=/run/netns/c -- prometheus \
	--config.file="$NET_DIR/prometheus.yml" \
	--storage.tsdb.path="$NET_DIR/data" --web.listen-address=127.0.0.1:9090 \
	>"$NET_DIR/prometheus.log" 2>&1 &
prometheus=$!

# query EXPRESSION: the answer, into $NET_DIR/answer
query() {
	ns c curl -s --max-time 20 -o "$NET_DIR/answer" \
		--data-urlencode "query=$1" "$PROM/api/v1/query"
}
# is EXPRESSION VALUE: one sample, with that value
is() {
	query "$1" && python3 - "$NET_DIR/answer" "$2" <<-'END'
		import json, sys
		answer = json.load(open(sys.argv[1]))
		print(answer)
		values = [s["value"][1] for s in answer["data"]["result"]]
		sys.exit(values != [sys.argv[2]])
	END
}

step "what promtool says"
scrape() { ns c curl -sf --max-time 20 -o "$NET_DIR/text" http://10.79.0.1:9100/metrics; }
wait_for 20 "metrics are served" scrape
check "of the metrics" eval "promtool check metrics <'$NET_DIR/text'"
check "of the rules" promtool check rules "$RULES/evenkeel.rules.yml"
check "they say what they shall, after their time" \
	promtool test rules "$RULES/evenkeel.rules.test.yml"

step "what Prometheus has"
wait_for 60 "both balancers answer its scrapes" is \
	'sum(up{job="evenkeel"})' 2
wait_for 60 "and are up" is 'sum(evenkeel_up)' 2
wait_for 60 "one of them is master" is \
	'sum(evenkeel_vrrp_state{state="MASTER"})' 1
wait_for 60 "the other one is backup" is \
	'sum(evenkeel_vrrp_state{state="BACKUP"})' 1
check "they have one version" is \
	'count(count by (version) (evenkeel_build_info))' 1
check "and the same servers" is \
	'count(count by (server) (evenkeel_server_weight_configured))' 1
wait_for 60 "each sees the other one by BFD" is \
	'sum(evenkeel_bfd_state{bfd_instance="other",state="up"})' 2
check "and says what the scrape itself has cost" is \
	'count(evenkeel_scrape_duration_seconds >= evenkeel_scrape_held_seconds)' 2
check "no rule fails" is \
	'sum(prometheus_rule_evaluation_failures_total) or vector(0)' 0

step "the dashboard"
wait_for 60 "the balancers hear each other" is 'sum(evenkeel_peer_reachable)' 2
DASHBOARD=$SRC/tests/net/tools/dashboard.py
FILE=$RULES/evenkeel-dashboard.json
# Figures that need a kernel with IPVS or a replica come from what the command prints:
# a file that is served beside the balancers.
mkdir "$NET_DIR/www" "$NET_DIR/kernel"
python3 "$SRC/tests/net/tools/kernelsheet.py" "$NET_DIR/run.a/control.sock" \
	"$NET_DIR/kernel/control.sock" &
printed() {
	"$EVENKEEL_BUILD/evenkeel" --run-dir="$NET_DIR/kernel" metrics \
		>"$NET_DIR/www/metrics"
}
wait_for 20 "the command prints all" printed
nsenter --net=/run/netns/c -- python3 -m http.server --bind 127.0.0.1 \
	--directory "$NET_DIR/www" 9200 >"$NET_DIR/www.log" 2>&1 &
textfile=$!
# A rate needs two scrapes.
answered() {
	ns c python3 "$DASHBOARD" ask "$FILE" "$PROM"
}
wait_for 60 "each of its queries has an answer, and a legend for each line" answered
kill $textfile

step "one of them dies"
kill -STOP "${DAEMON[a]}"
wait_for 60 "Prometheus is told" is \
	'evenkeel_up{instance="10.79.0.1:9100"}' 0
kill -CONT "${DAEMON[a]}"
wait_for 60 "and that it is back" is \
	'evenkeel_up{instance="10.79.0.1:9100"}' 1

step "the names of the rules"
# Every metric that a rule names is one that is served.
names() { grep -ohE 'evenkeel_[a-z_]+' "$RULES/evenkeel.rules.yml" | sort -u; }
served() { ns c curl -s http://10.79.0.1:9100/metrics | grep -v '^#'; }
unknown() {
	comm -23 <(names) <(served | grep -oE '^evenkeel_[a-z_]+' | sort -u)
}
check_equal "are served" "" "$(unknown)"

kill $prometheus
for name in a b; do
	kill -TERM "${DAEMON[$name]}"
	wait "${DAEMON[$name]}"
	check_equal "$name ends in good order" 0 $?
done
finish
