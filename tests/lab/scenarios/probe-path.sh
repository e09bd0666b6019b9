# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: checks through the service address (probe_path client), three methods
# limit: 420
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh

MARK=1163264000 # 0x45560000
DR="answers at its own address, but not at $VIP by direct routing: is $VIP on its loopback, with arp_ignore=1 and arp_announce=2?"
DR6="answers at its own address, but not at $VIP6 by direct routing: is $VIP6 on its loopback?"
TUN="answers at its own address, but not at $VIP through the tunnel"
TUN6="answers at its own address, but not at $VIP6 through the tunnel"

DROPPED="answers at its own address, but not at $VIP: a firewall rule on this balancer drops packets with the mark 0x4556"

declare -A WEB

# paths_conf SERVERS CHECK...: one server for each method, IPv4 and IPv6.
paths_pool() {
	local service=$1 servers=$2 n methods=(x DR TUN NAT) check
	shift 2
	cat <<-END
		virtual_server $service $MARIADB_PORT {
			delay_loop 1
			lvs_sched rr
			lvs_method DR
			protocol TCP
			retry 1
			delay_before_retry 1
			connect_timeout 2
			probe_path client
	END
	for n in $servers; do
		case $service in
		*:*) echo "real_server fd78::$n $MARIADB_PORT {" ;;
		*) echo "real_server 10.78.0.$n $MARIADB_PORT {" ;;
		esac
		echo "lvs_method ${methods[n]}"
		for check; do echo "$check"; done
		echo "}"
	done
	echo "}"
}

paths_conf() {
	printf '%s\n' "global_defs {" "lvs_ipsets ek" "}"
	paths_pool "$VIP" "$@"
	paths_pool "$VIP6" "$@"
}

CHECKS="TCP_CHECK {
}
MYSQL_CHECK {
	username check
	password check-secret
	timeout 2
}"
HTTP="HTTP_GET {
	connect_port 8080
	url {
		path /
	}
}
SSL_GET {
	connect_port 8443
	url {
		path /
	}
}
SMTP_CHECK {
	connect_port 8025
}"

# up LB NUMBER [CHECKS]: so many servers are up, both families together, as their
# checks (2) are.
up() {
	local json count
	json=$(evenkeel "$1" status --json) || return
	echo "$json"
	count=$(grep -o '"state":"up"' <<<"$json" | wc -l)
	[ "$count" = $(((1 + ${3:-2}) * $2)) ]
}

# both TEXT COMMAND...: on both balancers, the active one first.
both() {
	local text=$1 lb
	shift
	for lb in lb1 lb2; do
		wait_for 40 "$text ($lb)" "${1}" "$lb" "${@:2}"
	done
}

# says LB SERVER TEXT: what is found of the server has the text.
says() {
	local shown
	shown=$(evenkeel "$1" explain "$2" | tr -s ' \n' ' ') || return
	echo "$shown"
	[[ $shown == *"$3"* ]]
}

# verdicts LB: so many probes have ended.
verdicts() {
	local json
	json=$(evenkeel "$1" status --json) || return
	# The shell would take seconds to search so long a text.
	grep -o '"verdicts":[0-9]*' <<<"$json" | tail -n 1 | grep -o '[0-9]*$'
}

verdicts_reach() { [ "$(verdicts "$1")" -ge "$2" ]; }

# doctored LB: what the doctor says there, into /tmp/doctor.said.
doctored() {
	ns "$1" "$EVENKEEL_BUILD/evenkeel" --run-dir "/run/evenkeel-$1" doctor \
		>/tmp/doctor.said
}

# headroom_is NUMBER TEXT: of all pools that lb1 tells of, so many have the text.
headroom_is() {
	local json
	json=$(evenkeel lb1 headroom --json) || return
	echo "$json"
	[ "$(grep -o '"survives":' <<<"$json" | wc -l)" = "$1" ] &&
		[ "$(grep -o -e "$2" <<<"$json" | wc -l)" = "$1" ]
}

marks() { table "$1" | grep -e '-f 11632640' -e '-f 11632641'; }

# Each server in lb1's table has the mark that it had before.
servers_keep_marks() {
	local line
	while read -r line; do
		[[ $line != -a* ]] || grep -qxF -- "$line" /tmp/marks.before ||
			return 1
	done < <(marks lb1)
}

topology_build 3 2
real_server_dr db1
real_server_tun db2
mariadb_start 1 2 3
service_address_add lb1
paths_conf "1 2 3" "$CHECKS" >/tmp/paths.conf
evenkeel_start /tmp/paths.conf lb1
evenkeel_start /tmp/paths.conf lb2

step "every method, both families, from the active balancer and the passive one"
both "all are up" up 6
check "a mark has a service, with one server in it" \
	table_has "-f $MARK -r 10.78.0.1:0 -g -w 1" lb1
check "IPv6 as well" test "$(marks lb1 | grep -c -e '-6')" != 0
check "accept_local is on" test \
	"$(ns lb1 cat /proc/sys/net/ipv4/conf/eth0/accept_local)" = 1
check "the log says so" evenkeel_log lb1 "eth0.accept_local is 1 now, was 0"
check "the operator sees no service of a mark" status_lacks lb1 "$MARK"
check "the firewall has a set of what is served" eval \
	"ns lb1 ipset -n list >/tmp/sets && grep -q '^ek' /tmp/sets"
check_not "and none of a mark" grep -q fwmark /tmp/sets
check "the headroom is that of two pools with three servers each" \
	headroom_is 2 '"servers":3,'

step "the address is not on the server's loopback"
ip -n db1 addr del "$VIP/32" dev lo
both "it is named" says 10.78.0.1:3306 "$DR"
both "IPv6 still works" up 5
mend=$(evenkeel lb1 doctor | sed -n "s/^ *on 10\.78\.0\.1: //p" | grep -F "$VIP/32")
check "the doctor has a command for the server" test -n "$mend"
check "it runs there" ns db1 sh -c "$mend"
both "and mends it" up 6
ip -n db1 addr del "$VIP6/128" dev lo
both "the same of IPv6" says "[fd78::1]:3306" "$DR6"
ip -n db1 addr add "$VIP6/128" dev lo nodad
both "all are well again" up 6

step "the server's answers find no way back from the address"
# Its own address has one.
for n in 1 2; do
	ip -n db$n rule add from "$VIP/32" blackhole
	ip -n db$n -6 rule add from "$VIP6/128" blackhole
done
both "by direct routing" says 10.78.0.1:3306 "$DR"
both "and by IPv6" says "[fd78::1]:3306" "$DR6"
both "by the tunnel" says 10.78.0.2:3306 "$TUN"
both "and by IPv6" says "[fd78::2]:3306" "$TUN6"
for n in 1 2; do
	ip -n db$n rule del from "$VIP/32"
	ip -n db$n -6 rule del from "$VIP6/128"
done
both "all are well again" up 6

step "a server without arp_ignore"
ns db1 sysctl -qw net.ipv4.conf.all.arp_ignore=0
mac=$(ip -n db1 -o link show dev eth0 | sed 's/.*ether \([^ ]*\).*/\1/')
doctored lb2
check "the doctor names it by its MAC" grep -q -F \
	"the server 10.78.0.1 ($mac) answers ARP for $VIP" /tmp/doctor.said
mend=$(sed -n "s/^ *on 10\.78\.0\.1: //p" /tmp/doctor.said | grep -F arp_ignore)
check "its command runs there" ns db1 sh -c "$mend"
doctored lb2
check_not "and mends it" grep -q "answers ARP" /tmp/doctor.said

step "the address that probes of lb2 came from is another now"
ip -n lb2 addr del 10.78.0.252/24 dev eth0
ip -n lb2 addr add 10.78.0.253/24 dev eth0
until2=$(($(verdicts lb2) + 24))
wait_for 40 "two rounds" verdicts_reach lb2 $until2
wait_for 20 "all are well" up lb2 6
ip -n lb2 addr del 10.78.0.253/24 dev eth0
ip -n lb2 addr add 10.78.0.252/24 dev eth0

step "the tunnel is down"
printf '%s\n' "link set tunl0 down" "link set ip6tnl0 down" | ip -n db2 -batch -
both "it is named" says 10.78.0.2:3306 "$TUN"
both "and of IPv6" says "[fd78::2]:3306" "$TUN6"
printf '%s\n' "link set tunl0 up" "link set ip6tnl0 up" | ip -n db2 -batch -
both "all are well again" up 6

step "a firewall drops packets with a mark"
for lb in lb1 lb2; do
	ns $lb nft -f - <<-END
		table inet eat {
			chain out {
				type route hook output priority mangle;
				meta mark & 0xffff0000 == 0x45560000 ip daddr $VIP drop
			}
		}
	END
done
for n in 1 2 3; do
	both "it is named, for the method $n" says 10.78.0.$n:3306 "$DROPPED"
done
doctored lb1
check "the doctor names the rule" grep -q -F \
	"by the clients' way (and 3 more), in the chain out of inet eat (a rule)" \
	/tmp/doctor.said
for lb in lb1 lb2; do ns $lb nft delete table inet eat; done
both "all are well again" up 6

step "a server that is down is not the way's fault"
mariadb_kill 3
both "refused" says 10.78.0.3:3306 "refused"
mariadb_start 3
both "all are well again" up 6

step "somebody removes a service"
ns lb1 ipvsadm -D -f $MARK
wait_for 15 "it is made again" table_has "-f $MARK -r 10.78.0.1:0 -g -w 1" lb1

step "the service address moves, again and again"
evenkeel_log_count lb1 "up -> down"
before=$LOG_COUNT
for to in lb2 lb1 lb2 lb1; do
	from=lb1
	[ $to = lb2 ] || from=lb2
	service_address_del $from
	service_address_add $to
	ns $to arping -c 1 -A -I eth0 "$VIP" >/dev/null 2>&1 &
	announced=$!
	# Both ask at the same time.
	until1=$(($(verdicts lb1) + 24))
	until2=$(($(verdicts lb2) + 24))
	wait_for 30 "two rounds on lb1 with the address on $to" \
		verdicts_reach lb1 $until1
	wait_for 30 "two rounds on lb2 with the address on $to" \
		verdicts_reach lb2 $until2
	wait $announced
done
evenkeel_log_count lb1 "up -> down"
check "no server fell for it" test "$LOG_COUNT" = "$before"

step "a reload and a restart leave the marks as they are"
marks lb1 >/tmp/marks.before
paths_conf "2 3" "$CHECKS" >/tmp/paths.conf
daemon_signal evenkeeld.lb1 HUP
wait_for 20 "the first server's mark is gone" table_has_not "-f $MARK " lb1
check "the others kept theirs" servers_keep_marks
paths_conf "1 2 3" "$CHECKS" >/tmp/paths.conf
daemon_signal evenkeeld.lb1 HUP
wait_for 20 "it has one again" table_has "-f $MARK -r 10.78.0.1:0 -g -w 1" lb1
daemon_kill evenkeeld.lb1
marks lb1 >/tmp/marks.before
evenkeel_start /tmp/paths.conf lb1
wait_for 40 "all are up after a kill" up lb1 6
check "with the same marks" test "$(marks lb1)" = "$(cat /tmp/marks.before)"

step "without the word all is as before"
sed '/probe_path/d' /tmp/paths.conf >/tmp/direct.conf
cp /tmp/paths.conf /tmp/again.conf
cp /tmp/direct.conf /tmp/paths.conf
daemon_signal evenkeeld.lb1 HUP
wait_for 20 "no mark is left" table_has_not "-f " lb1
# Set by the daemon that was killed; the one of now knows it for evenkeel's.
wait_for 20 "accept_local is off again" evenkeel_log lb1 "accept_local is 0 again"
wait_for 20 "all are up" up lb1 6
cp /tmp/again.conf /tmp/paths.conf

step "by NAT: the server's way back to clients, as a probe from their network takes it"
{
	printf '%s\n' "global_defs {" "}"
	paths_pool "$VIP" 3 "TCP_CHECK {
		bindto 10.77.0.11
	}"
} >/tmp/paths.conf
daemon_signal evenkeeld.lb1 HUP
wait_for 40 "it is up" up lb1 1 1
ip -n db3 route replace 10.77.0.0/24 via 10.78.0.199
wait_for 40 "a wrong route is seen" up lb1 0
ip -n db3 route replace 10.77.0.0/24 dev eth0
wait_for 40 "it is up again" up lb1 1 1
cp /tmp/again.conf /tmp/paths.conf
daemon_signal evenkeeld.lb1 HUP
wait_for 40 "all are up" up lb1 6

step "a mark that somebody else uses"
daemon_stop evenkeeld.lb2
ns lb2 ipvsadm -C
rm -f /run/evenkeel-lb2/services
ns lb2 ipvsadm -A -f $MARK -s rr
evenkeel_start /tmp/paths.conf lb2
wait_for 40 "all are up" up lb2 6
check "it is said, with the way out" evenkeel_log lb2 \
	"mark 0x45560000 has a service that is not evenkeel's, and other marks are used"
check "that service is left alone" table_has_not "-f $MARK -r" lb2

step "pages"
mkdir -p /run/pages
echo page >/run/pages/index.html
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=web \
	-keyout /run/web.key -out /run/web.pem 2>/dev/null
for db in db1 db2 db3; do
	ns $db busybox httpd -f -p "[::]:8080" -h /run/pages &
	WEB[http.$db]=$!
	ns $db openssl s_server -quiet -accept 8443 -www -key /run/web.key \
		-cert /run/web.pem >/dev/null 2>&1 &
	WEB[ssl.$db]=$!
	ns $db /src/tests/net/tools/mailserver.py good :: 8025 >/dev/null &
	WEB[smtp.$db]=$!
done
paths_conf "1 2 3" "$HTTP" >/tmp/paths.conf
for lb in lb1 lb2; do daemon_signal evenkeeld.$lb HUP; done
both "all are up" up 6 3
ip -n db1 addr del "$VIP/32" dev lo
both "it is named" says 10.78.0.1:3306 "$DR"
ip -n db1 addr add "$VIP/32" dev lo
both "all are up again" up 6 3
kill "${WEB[@]}"
check "lb1 ends" daemon_stop evenkeeld.lb1
check "lb2 ends" daemon_stop evenkeeld.lb2
finish
