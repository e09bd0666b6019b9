# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: the guide's first pair, word for word, on two balancers
# limit: 180
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh

# The part of the page that is about direct routing.
page() { sed '/^## By NAT/,$d' /src/doc/first-pair.md; }
# part PATTERN...: the indented lines of it that hold one of the patterns,
# and everything up to the next line that is not.
part() {
	page | awk -v pattern="$1" '
		/^    / && $0 ~ pattern { on = 1 }
		!/^    / { on = 0 }
		on { sub(/^    /, ""); print }'
}
sample() {
	page | awk '/^```$/ { on = 0 } on { print } /^```evenkeel$/ { on = 1 }'
}
# show COMMAND...: what the reader would see, for the log and for the guide.
show() {
	local status
	echo "# $*" >/run/shown
	"$@" >>/run/shown 2>&1 </dev/null
	status=$?
	echo >>/run/shown
	tee -a "$LAB_JOB/output" </run/shown
	return $status
}
is_out() { table_has_not "-r 192.0.2.$1:3306"; }
login() {
	ns client mariadb --no-defaults --skip-ssl --connect-timeout=5 \
		-h 192.0.2.10 -u app -papp-secret -BN -e "SELECT @@server_id"
}
timeouts() {
	ns lb1 ipvsadm -L --timeout | grep 'Timeout (tcp tcpfin udp): 28800 '
}
has_address() { ip -n "$1" -br addr show dev eth0 | grep -q 192.0.2.10/32; }

step "two balancers and three servers, prepared as the guide says"
topology_build 3 2
for node in client:1 lb1:2 lb2:3 db1:11 db2:12 db3:13; do
	ip -n "${node%:*}" addr add "192.0.2.${node#*:}/24" dev eth0
done
part '^ *net.ipv4.conf.all.arp' >/tmp/servers.sysctl
check "two settings for the servers" test "$(wc -l </tmp/servers.sysctl)" -eq 2
for i in 1 2 3; do
	check "server $i takes them" ns "db$i" sysctl -q -p /tmp/servers.sysctl
	# shellcheck disable=SC2046
	check "and the address" ns "db$i" $(part '^ *ip addr add .* dev lo')
done
mariadb_start 1 2 3
part '^ *CREATE USER' | head -n 2 >/tmp/grants.sql
for i in 1 2 3; do
	check "server $i takes MariaDB's grants" sql "$i" "$(cat /tmp/grants.sql)"
done

step "the balancers"
mkdir -p /etc/evenkeel
part 'check.password' | head -n 1 >/tmp/password.sh
check "the password" sh /tmp/password.sh
check_equal "is for root alone" 600 "$(stat -c %a /etc/evenkeel/check.password)"
sample >/etc/evenkeel/evenkeel.conf
check "the file is fine" "$EVENKEEL_BUILD/evenkeeld" -t
show ns lb1 "$EVENKEEL_BUILD/evenkeeld" --dry-run --run-dir /run/evenkeel-lb1
(umask 077 && head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n' >/etc/evenkeel/pair.key)
part '^ *operator_peer' >/tmp/peer
sed '/lvs_sync_daemon/r /tmp/peer' /etc/evenkeel/evenkeel.conf >/tmp/lb1.conf
check "lb1 tells lb2 what operators say" grep -q 'operator_peer 192.0.2.3 ' /tmp/lb1.conf
sed 's/priority 100/priority 90/;s/operator_peer 192.0.2.3/operator_peer 192.0.2.2/' \
	/tmp/lb1.conf >/tmp/lb2.conf
check "another priority for lb2" grep -q 'priority 90' /tmp/lb2.conf
for lb in lb1 lb2; do
	# shellcheck disable=SC2046
	ns $lb sysctl -q -w $(part '^ *net.ipv4.vs' | tr -d ' ')
	evenkeel_start /tmp/$lb.conf $lb
done
wait_for 30 "lb1 takes the address" has_address lb1
for i in 11 12 13; do
	for lb in lb1 lb2; do
		wait_for 30 "server $i is in on $lb" \
			table_has "-r 192.0.2.$i:3306 -g" $lb
	done
done
check "the smaller server has the smaller weight" \
	table_weight 192.0.2.13:3306 50
check "idle connections are kept for 8 hours" timeouts
check "an application reaches a server" login
show ns lb1 ipvsadm -Ln
show evenkeel lb1 status

step "a server dies"
mariadb_kill 2
wait_for 30 "it leaves lb1" is_out 12
check "an application still reaches a server" login
show ns lb1 ipvsadm -Ln
show evenkeel lb1 status
mariadb_start 2
wait_for 30 "it returns" table_has "-r 192.0.2.12:3306 -g"

step "planned work"
# The page's commands for a server, on the balancer that has the address.
sed -n '/^## A database server/,/^## The writer/s/^    evenkeel //p' \
	/src/doc/planned-work.md >/tmp/planned
check "drain --wait is one of them" grep -q '^drain --wait ' /tmp/planned
while read -ra words; do
	check "evenkeel ${words[*]}" show evenkeel lb1 "${words[@]}"
	case ${words[0]} in
	drain)
		wait_for 10 "without a connection it is out" is_out 11
		wait_for 10 "of lb2 as well" table_has_not "-r 192.0.2.11:3306" lb2
		;;
	ready) wait_for 20 "it is back" table_weight 192.0.2.11:3306 100 ;;
	weight) wait_for 10 "it is weaker" table_weight 192.0.2.11:3306 30 ;;
	esac
done </tmp/planned
sed -n 's/^    \(sysctl -w .*\)/\1/p' /src/doc/mysql.md >/tmp/sysctl
# shellcheck disable=SC2046
check "the writer's setting is one of the kernel's" ns lb2 $(cat /tmp/sysctl)

command=$(sed -n 's/^    evenkeel \(switchover\)$/\1/p' /src/doc/planned-work.md)
for way in "lb1 lb2" "lb2 lb1"; do
	check "evenkeel $command on ${way% *}" show evenkeel "${way% *}" "$command"
	wait_for 20 "${way#* } has the address" has_address "${way#* }"
done
check "an application reaches a server" login

step "the first balancer dies"
show evenkeel lb2 vrrp
pair_kill lb1
wait_for 30 "lb2 has the address" has_address lb2
wait_for 30 "and takes logins" login

daemon_stop evenkeeld.lb2
finish
