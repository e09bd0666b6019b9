# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: bytes changed behind the checksums: who is named, and who steps down
# limit: 1200
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh

A=10.78.0.1:$MARIADB_PORT
B=10.78.0.2:$MARIADB_PORT

# spoil NAMESPACE HOOK PORT: one of 1,000 segments for the servers (PORT is dport) or
# from them (sport) is changed. Between namespaces a checksum is neither made nor
# verified, as within a network card that offloads both: a byte that nftables changes
# arrives as a good one. Each packet is one segment of the wire's size, by
# gso_max_segs; and the wire's are small, for finding goes by the segments, and
# computing by the bytes.
spoil() {
	ns "$1" nft -f - <<-END
		table ip spoil {
			chain way {
				type filter hook $2 priority 0;
				tcp $3 $MARIADB_PORT meta length > 500 numgen random mod 1000 == 0 counter @th,1600,8 set 0x5a
			}
		}
	END
	SPOILT=${EPOCHREALTIME/./}
}
# unspoil NAMESPACE
unspoil() {
	echo "   segments changed in $1: $(ns "$1" nft list table ip spoil |
		grep -o 'counter packets [0-9]*')"
	ns "$1" nft delete table ip spoil
}
# took TEXT: how long it took since spoil.
took() {
	local long=$(((${EPOCHREALTIME/./} - SPOILT) / 100000))
	echo "   $1 after $((long / 10)).$((long % 10)) s"
}

# pool LB PRIORITY RATE SIZES: rows of another rate or of other sizes begin anew at
# a reload, which saves waiting until the last step's changes are forgotten.
pool() {
	pair_conf "$1" "$2" DR | sed "s/^virtual_server .*/&\\
	integrity {\\
		rate $3\\
		sizes $4\\
		step_down on\\
	}/; s/delay_loop 1/delay_loop 10/; s/advert_int 0.5/advert_int 1/" \
		>"/tmp/$1.conf"
}
anew() {
	pool lb1 150 2MB "$1"
	pool lb2 100 2MB "$1"
	for lb in lb1 lb2; do
		check "$lb reads it again" evenkeel $lb reload
	done
}
# figures LB NAME: of each server, its own address first, then the clients' way.
figures() {
	evenkeel "$1" integrity --json | grep -o "\"$2\":[0-9]*" | cut -d: -f2 |
		tr '\n' ' '
}
# quiet: neither balancer has said anything of it.
quiet() {
	for lb in lb1 lb2; do
		check_not "nothing is said of it ($lb)" evenkeel_log $lb " integrity: "
		check_equal "and no payload was a bad one" "0 0 0 0 " \
			"$(figures $lb bad)"
	done
}

# facts LB: the state of each way, the other balancer's word and the blames, in
# the order of the servers; the pool's blame is the first word.
facts() {
	local json
	json=$(evenkeel "$1" integrity --json 2>/dev/null) || [ -n "$json" ] ||
		return
	grep -o '"\(blame\|state\|other\)":"[a-z]*"' <<<"$json" |
		sed 's/.*:"\(.*\)"/\1/' | tr '\n' ' '
}
CLEAN="nobody nobody clean clean clean nobody clean clean clean "
is_clean() {
	local shown
	shown=$(facts "$1")
	echo "$shown"
	[ "$shown" = "$CLEAN" ]
}
all_clean() {
	for lb in lb1 lb2; do
		wait_for 120 "every way is clean, from both sides ($lb)" \
			is_clean $lb
	done
}
# blames LB WORDS: of the pool, of the first server, of the second one.
blames() {
	local shown
	shown=$(evenkeel "$1" integrity --json | grep -o '"blame":"[a-z]*"' |
		sed 's/.*:"\(.*\)"/\1/' | tr '\n' ' ')
	check_equal "to blame by $1: pool, servers" "$2 " "$shown"
}
SOFT="$B of $VIP:$MARIADB_PORT is soft-failed: bytes are changed"
STRAY="$A of $VIP:$MARIADB_PORT is soft-failed: at $VIP answers server_id 2,"
ITSELF="$VIP:$MARIADB_PORT: bytes to and from every server are changed through this balancer, and not through the other one"
STEPS="step_down: the addresses are left to the other balancer, once"

topology_build 2 2
real_server_dr db1 db2
mariadb_start 1 2
for node in lb1 lb2 db1 db2; do
	ip -n $node link set dev eth0 gso_max_segs 1 mtu 600
done
(umask 077 && echo "what both balancers know" >/run/pair.key)
pool lb1 150 10kB 1-1MiB
pool lb2 100 10kB 1-1MiB
evenkeel_launch /tmp/lb1.conf lb1
wait_for 40 "lb1 has the address" pair_holds lb1
evenkeel_launch /tmp/lb2.conf lb2
wait_for 40 "lb2 is its backup" pair_is lb2 BACKUP

step "ten minutes in which all is well"
# No wait_for, whose many looks would be most of the work.
for ((until = ${EPOCHREALTIME%.*} + 600; ${EPOCHREALTIME%.*} < until; )); do
	pause 10
done
for lb in lb1 lb2; do
	check "every way is clean ($lb)" is_clean $lb
	read -ra compared < <(figures $lb bytes)
	for bytes in "${compared[@]}"; do
		check "$lb: $bytes bytes of one way came back as they were" \
			test "$bytes" -gt 1000000
	done
done
quiet

step "plain corruption on the wire, which TCP catches"
ns db2 tc qdisc add dev eth0 root netem corrupt 2%
anew 1-64KiB
all_clean
# csum_errors NAMESPACE: segments that TCP threw away for their checksum.
csum_errors() {
	local fields
	read -ra fields < <(ns "$1" sed -n '/^Tcp: [0-9]/p' /proc/net/snmp)
	echo "${fields[15]}"
}
spoilt=$(($(csum_errors lb1) + $(csum_errors lb2)))
check "the balancers threw $spoilt segments away" test $spoilt -gt 0
ns db2 tc qdisc del dev eth0 root
quiet

step "takeovers in the middle of payloads"
# The servers' answers are so slow that each balancer always waits for some.
for db in db1 db2; do
	ns $db tc qdisc add dev eth0 root tbf rate 2mbit burst 10kb limit 30kb
done
anew 512KiB-513KiB
for lb in lb1 lb2; do
	other=lb1
	[ $lb = lb2 ] || other=lb2
	check "$lb is to leave" evenkeel $lb switchover
	wait_for 30 "$other has the address" pair_holds $other
	wait_for 30 "$lb is its backup" pair_is $lb BACKUP
done
for db in db1 db2; do ns $db tc qdisc del dev eth0 root; done
all_clean
quiet

step "the passive balancer's egress: it names itself, and nothing else happens"
spoil lb2 postrouting dport
anew 1-512KiB
wait_for 120 "lb2 blames itself" evenkeel_log lb2 "$ITSELF"
took "lb2 names itself"
blames lb2 "balancer nobody nobody"
blames lb1 "nobody nobody nobody"
check "lb1 has the address" pair_holds lb1
unspoil lb2

step "the active balancer's egress: it steps down, and no server goes"
spoil lb1 postrouting dport
anew 1-513KiB
wait_for 120 "lb1 blames itself" evenkeel_log lb1 "$ITSELF"
took "lb1 names itself"
wait_for 30 "lb2 has the address" pair_holds lb2
took "lb2 has the address"
blames lb1 "balancer nobody nobody"
blames lb2 "nobody nobody nobody"
unspoil lb1

step "the service address leads to another server"
# Whatever comes to the first server by the clients' way goes on to the second.
ns db1 sysctl -qw net.ipv4.ip_forward=1
ns db1 nft -f - <<-END
	table ip astray {
		chain in {
			type nat hook prerouting priority dstnat;
			ip daddr $VIP tcp dport $MARIADB_PORT dnat to 10.78.0.2
		}
		chain out {
			type nat hook postrouting priority srcnat;
			ip daddr 10.78.0.2 masquerade
		}
	}
END
wait_for 120 "it is said which" evenkeel_log lb2 "$STRAY"
ns db1 nft delete table ip astray

step "one server's link, 1 in 1000: both balancers name that server"
spoil db2 prerouting dport
anew 1-514KiB
for lb in lb1 lb2; do
	wait_for 240 "$lb blames it" evenkeel_log $lb "$SOFT"
	took "$lb names the server"
done
for lb in lb1 lb2; do blames $lb "nobody nobody server"; done
wait_for 10 "the verdict says so" eval \
	"evenkeel lb2 explain $B | tr -s ' \n' ' ' | grep 'bytes are changed'"
unspoil db2

step "all in all"
evenkeel_log_count lb1 "$STEPS"
check_equal "lb1 stepped down once" 1 "$LOG_COUNT"
evenkeel_log_count lb2 "$STEPS"
check_equal "lb2 never did" 0 "$LOG_COUNT"
for lb in lb1 lb2; do
	check_not "the other server was never named ($lb)" evenkeel_log $lb \
		"$A of $VIP:$MARIADB_PORT is soft-failed: bytes are changed"
	check "$lb ends" daemon_stop evenkeeld.$lb
done
finish
