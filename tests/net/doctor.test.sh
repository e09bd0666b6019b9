#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# long: yes
#
# evenkeel doctor: each finding is provoked, and mended by the very command that
# is printed. What IPVS itself lacks is the lab's; here is no IPVS.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"

CONF=$NET_DIR/evenkeel.conf
SAID=$NET_DIR/said

net_build lb server other
ip -n lb link add out type veth peer name in netns other
ip -n lb link set out up
ip -n other link set in up
ip -n lb addr add 10.80.0.1/24 dev out
ip -n other addr add 10.80.0.2/24 dev in

# pool METHOD: a pair's file, its server reached by METHOD.
pool() {
	cat >"$CONF" <<-END
		global_defs {
			lvs_sync_daemon eth0 V
		}
		vrrp_instance V {
			interface eth0
			virtual_router_id 5
			priority 100
			virtual_ipaddress {
				10.79.0.100
			}
		}
		virtual_server 10.79.0.100 3306 {
			lvs_sched wlc
			lvs_method $1
			protocol TCP
			real_server 10.79.0.2 3306 {
				TCP_CHECK {
					connect_timeout 1
				}
			}
		}
	END
}

# ask: the answer into SAID; the exit status is the worst finding's.
ask() {
	ns lb "$EVENKEEL_BUILD/evenkeel" doctor --json "$CONF" >"$SAID"
}
# field FINDING NAME: of the first such finding; fails if there is none.
field() {
	python3 - "$SAID" "$1" "$2" <<-'END'
		import json, sys
		found = [one for one in json.load(open(sys.argv[1]))["findings"]
		         if one["finding"] == sys.argv[2]]
		print(found[0][sys.argv[3]] if found else "")
		sys.exit(not found)
	END
}
found() {
	ask
	field "$1" text
}
quiet_of() { ! found "$1"; }
untold() { ! field "$1" text; }
# says FINDING PATTERN: its text, as it was asked last.
says() { field "$1" text | grep -qE -- "$2"; }
# mended FINDING: the printed command is run where it says, and then the finding
# is gone.
mended() {
	local where=lb
	[ "$(field "$1" on)" != 10.79.0.2 ] || where=server
	ns "$where" sh -c "$(field "$1" mend)" || return
	quiet_of "$1"
}
# provoked FINDING PATTERN SEVERITY: after this, it is found, and can be mended.
provoked() {
	check "$1 is found" found "$1"
	check "its text" says "$1" "$2"
	check_equal "its severity" "$3" "$(field "$1" severity)"
	check "the printed command mends it" mended "$1"
}
rules() { ns lb nft "$@"; }

# host: what the doctor looks at on this host, as far as it changes by nobody else.
host() {
	ns lb sh -c 'ip -4 addr; ip -4 route show table all; ip rule
		nft -s list ruleset; ethtool -k eth0; ethtool -k out
		cd /proc/sys/net && grep -rs . ipv4/conf ipv6/conf ipv4/ip_forward \
			ipv4/vs netfilter/nf_conntrack_max'
}
pool DR
step "what is fine is not told"
ns lb ethtool -K eth0 gro off >/dev/null
host >"$NET_DIR/host.before"
ask
host >"$NET_DIR/host.after"
check "it looked at a host" test "$(wc -l <"$NET_DIR/host.before")" -gt 100
check "and changed nothing" cmp "$NET_DIR/host.before" "$NET_DIR/host.after"
for finding in ip_forward rp_filter send_redirects mtu gro lro interface \
	vrrp_in vrrp_out sync_in sync_out clients checks_out checks_in \
	masquerade not_root; do
	check "no word of $finding" untold "$finding"
done
check_equal "no IPVS: status 2" 2 "$(ask >/dev/null; echo $?)"

step "interfaces"
ns lb ip link set dev eth0 down
provoked interface "eth0.*vrrp_instance V.*down" error
ns lb ethtool -K eth0 gro on >/dev/null
provoked gro "eth0 merges" note
ns lb ip route add default via 10.80.0.2 dev out
ns lb sysctl -qw net.ipv4.conf.all.rp_filter=1
provoked rp_filter "come in on eth0.*leaves through out" error
ns lb sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0

step "sizes"
pool TUN
provoked mtu "1520 bytes on the way to 10.79.0.2:3306 with the tunnel" warning
ns lb ip link set dev eth0 mtu 1500
pool DR

step "NAT"
pool NAT
ns lb sysctl -qw net.ipv4.ip_forward=0 net.ipv4.conf.all.send_redirects=1
provoked ip_forward "10.79.0.2:3306, end here" error
provoked send_redirects "10.79.0.2:3306 is reached by NAT on eth0" warning
rules -f - <<-'END'
	table ip onward {
		chain through {
			type filter hook forward priority 0; policy drop;
			ct state new tcp dport 443 accept
		}
	}
END
provoked nat_answers "answers of 10.79.0.2:3306.*chain through of ip onward \(its policy" error
rules delete table ip onward
pool DR

step "a firewall that knows only of logins"
rules -f - <<-'END'
	table inet filter {
		set admins {
			type ipv4_addr; flags interval;
			elements = { 192.0.2.0/24 }
		}
		chain input {
			type filter hook input priority filter; policy drop;
			ct state vmap { invalid : drop }
			iifname "lo" accept
			ip saddr @admins tcp dport 22 accept
			tcp dport { 80, 443 } counter accept
			icmp type echo-request limit rate 5/second accept
		}
		chain output {
			type filter hook output priority filter; policy accept;
			meta l4proto { vrrp, igmp } drop
			udp dport 8000-9000 jump refuse
			ip daddr 10.79.0.0/25 tcp dport != 3307 counter drop
		}
		chain refuse {
			log prefix "no "
			reject
		}
	}
END
# First: rules for some addresses may be for all the clients there are.
provoked clients "clients of TCP 10.79.0.100:3306" error
provoked vrrp_in "adverts of the other balancer for V, in the chain input of inet filter \(its policy\)" error
provoked vrrp_out "our adverts for V.*output of inet filter \(a rule" error
provoked sync_in "sync that comes in on eth0" error
provoked sync_out "sync that leaves through eth0" error
provoked checks_out "the TCP_CHECK of 10.79.0.2:3306" error
provoked checks_in "answers of 10.79.0.2:3306 to the TCP_CHECK" error

step "what cannot be judged is not told"
rules flush ruleset
rules -f - <<-'END'
	table ip filter {
		chain input {
			type filter hook input priority 0; policy drop;
			limit rate 100/second accept
		}
	}
END
check "a limit may let adverts pass" quiet_of vrrp_in
rules flush ruleset

step "iptables"
tables() { ns lb iptables-nft "$@"; }
tables -A INPUT -i lo -j ACCEPT
tables -A INPUT -p tcp -m multiport --dports 22,80 -m state --state NEW -j ACCEPT
tables -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
tables -P INPUT DROP
check "answers to checks pass" quiet_of checks_in
provoked vrrp_in "chain INPUT of ip filter \(iptables-nft\) \(its policy" error
provoked sync_in "connection sync" error
provoked clients "clients of TCP 10.79.0.100:3306" error
rules flush ruleset

step "marks of probe_path client that others use"
sed -i "s/lvs_method DR/&\nprobe_path client/" "$CONF"
check "nobody does" quiet_of probe_marks
ns lb ip rule add fwmark 0x45560001 lookup 100
check "a rule for routes does" found probe_marks
check "which is said" says probe_marks "mark 0x45560001/0xffffffff .* table 100"
ns lb ip rule del fwmark 0x45560001
tables -t mangle -A OUTPUT -p tcp --dport 25 -j MARK --set-mark 0x45560007
check "a rule of iptables does" found probe_marks
check "which is said" says probe_marks "chain OUTPUT of ip mangle \(iptables-nft\)"
rules flush ruleset
check "nobody does again" quiet_of probe_marks
pool DR

step "who answers ARP"
ns server ip addr add 10.79.0.100/32 dev lo
provoked arp_server "the server 10.79.0.2 \(([0-9a-f]{2}:){5}[0-9a-f]{2}\) answers ARP for 10.79.0.100" error
ns other ip addr add 10.79.0.100/32 dev eth0
ask
check "the other balancer may have it" untold duplicate
check "a server with arp_ignore stays silent" untold arp_server
ns lb ip addr add 10.79.0.100/32 dev eth0
check "not both" found duplicate
mac=$(ip -n other -o link show eth0 | sed "s/.*ether \([^ ]*\).*/\1/")
check "its text" says duplicate "this host has it, and $mac \(eth0\)"
ns lb ping -c 1 -W 2 10.79.0.3 >/dev/null
check "the command finds the host" \
	grep -q "^10.79.0.3 " <(ns lb sh -c "$(field duplicate mend)")
ns other ip addr del 10.79.0.100/32 dev eth0
check "gone" quiet_of duplicate

# The file has passwords, and whoever reads frames needs none of them.
SECRET=Xq7Zw9Kd
# memory PID: how often the secret is in its memory; fails if that is not read.
memory() {
	python3 - "$1" "$SECRET" <<-'END'
		import sys
		found = seen = 0
		with open(f"/proc/{sys.argv[1]}/mem", "rb", 0) as memory:
		    for line in open(f"/proc/{sys.argv[1]}/maps"):
		        begin, end = (int(at, 16) for at in line.split()[0].split("-"))
		        # The shadow of the address sanitizer is larger than any disk.
		        if "rw" not in line or end - begin > 1 << 28:
		            continue
		        try:
		            memory.seek(begin)
		            text = memory.read(end - begin)
		        except OSError:
		            continue
		        seen += len(text)
		        found += text.count(sys.argv[2].encode())
		print(found)
		sys.exit(seen == 0)
	END
}
asker() {
	local doctor child=
	# No function: the number of the background is the doctor's own.
	nsenter --net=/run/netns/lb -- "$EVENKEEL_BUILD/evenkeeld" \
		--doctor=json -f "$CONF" >"$SAID" &
	doctor=$!
	while kill -0 "$doctor" 2>/dev/null; do
		for child in $(pgrep -P "$doctor" -x -U nobody 'evenkeel(d|-arp)'); do
			kill -STOP "$child" 2>/dev/null || continue
			find "/proc/$child/fd" -mindepth 1 -printf '%l\n' \
				>"$NET_DIR/asker" 2>/dev/null
			memory "$child" >"$NET_DIR/memory" 2>/dev/null ||
				: >"$NET_DIR/asker"
			kill -CONT "$child" 2>/dev/null
			! grep -q socket: "$NET_DIR/asker" || {
				wait "$doctor"
				return 0
			}
		done
	done
	return 1
}
sed -i "s/priority 100/&\nauthentication {\nauth_type PASS\nauth_pass $SECRET\n}/" "$CONF"
wait_for 60 "the process that reads frames is seen" asker
cat "$NET_DIR/asker"
check_not "it holds no file's text" \
	grep -q memfd: <(grep -v memfd:evenkeel-arp "$NET_DIR/asker")
check_equal "and no password" 0 "$(cat "$NET_DIR/memory")"
pool DR

step "a server on this very host"
sed -i 's/real_server 10.79.0.2/real_server 127.0.0.2/' "$CONF"
ask
check_not "the loopback forwards nothing" grep -q "ethtool -K lo" "$SAID"
pool DR

step "what stands still holds nothing up"
printf '#!/bin/sh\nexec sleep 3600\n' >"$NET_DIR/slow"
chmod +x "$NET_DIR/slow"
nft=$(readlink -f "$(command -v nft)")
check "an nft that never ends" mount --bind "$NET_DIR/slow" "$nft"
check "is waited for no longer" found firewall_unknown
check "and told" says firewall_unknown "nft does not list its rules"
umount "$nft"
mkdir "$NET_DIR/run"
# silent BACKLOG: a daemon that stands still, with room for so many clients.
silent() {
	local silent
	rm -f "$NET_DIR/run/control.sock"
	python3 - "$NET_DIR/run/control.sock" "$1" <<-'END' >"$NET_DIR/silent-$1" &
	import socket, sys, time
	sock = socket.socket(socket.AF_UNIX)
	sock.bind(sys.argv[1])
	sock.listen(int(sys.argv[2]))
	waiting = socket.socket(socket.AF_UNIX)
	if sys.argv[2] == "0":
	    waiting.connect(sys.argv[1])
	print("it listens", flush=True)
	time.sleep(3600)
END
	silent=$!
	wait_for 20 "a daemon that never $2" grep -q listens "$NET_DIR/silent-$1"
	ns lb "$EVENKEEL_BUILD/evenkeel" --run-dir="$NET_DIR/run" doctor --json \
		"$CONF" >"$SAID" 2>&1
	check "is not waited for either" says servers_unknown "timed out"
	kill "$silent"
}
silent 100 answers
silent 0 "takes a connection"

step "what the daemon knows"
rm "$NET_DIR/run/control.sock"
pool DR
ask
check "without one, that is said" says servers_unknown "is evenkeeld running"
ask_daemon() {
	ns lb "$EVENKEEL_BUILD/evenkeel" --run-dir="$NET_DIR/run" doctor \
		--json "$@" >"$SAID"
}
nsenter --net=/run/netns/lb -- "$EVENKEEL_BUILD/evenkeeld" -n -l -f "$CONF" \
	--run-dir "$NET_DIR/run" >"$NET_DIR/log" 2>&1 &
daemon=$!
refused() {
	ask_daemon
	says server "^10.79.0.2:3306 \(pool 10.79.0.100:3306\) fails its TCP_CHECK: "
}
wait_for 60 "a server that fails its check is named" refused
check_equal "its severity" error "$(field server severity)"
check_equal "the command is for it" 10.79.0.2 "$(field server on)"
check "and runs there" ns server sh -c "$(field server mend)"
check "no word of what is unknown" untold servers_unknown
check "nor of another configuration" untold other_configuration
sed 's/3306 {/3307 {/' "$CONF" >"$NET_DIR/other.conf"
ask_daemon "$NET_DIR/other.conf"
check "a file that the daemon does not have is said" \
	says other_configuration "another configuration"
check "and its servers are not mixed up" untold server
kill "$daemon"
wait "$daemon"

step "for people"
ns lb ip link set dev eth0 down
ns lb "$EVENKEEL_BUILD/evenkeel" doctor "$CONF" >"$SAID"
check "the worst first, the command below it" \
	grep -A1 -qE "^error +the interface eth0" "$SAID"
check "the command" grep -qE "^ +mend: ip link set dev eth0 up" "$SAID"
check "how many" grep -qE "^[0-9]+ errors, [0-9]+ warnings, [0-9]+ notes" "$SAID"

step "not root"
chmod 755 "$NET_DIR"
ns lb setpriv --reuid 65534 --clear-groups "$EVENKEEL_BUILD/evenkeel" \
	doctor --json "$CONF" >"$SAID"
check "said" says not_root "only root"

step "no file"
ns lb "$EVENKEEL_BUILD/evenkeel" doctor "$NET_DIR/none" >"$SAID" 2>&1
check_equal "status 3" 3 $?
finish
