# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The lab's network: namespaces on one bridge, each with one interface, eth0.
#
#   name     IPv4                          IPv6
#   client   10.77.0.2                     fd77::2
#   lb1      10.77.0.11  and 10.78.0.251   fd77::11  and fd78::251
#   lb2      10.77.0.12  and 10.78.0.252   fd77::12  and fd78::252
#   dbN      10.78.0.N   (N from 1)        fd78::N   (N's decimal digits)
#   service  10.77.0.100 ($VIP)            fd77::100 ($VIP6)
#
# 10.77.0.0/24, fd77::/64 is the clients' network, 10.78.0.0/24, fd78::/64 the
# servers'; both are on the same wire. Server and client know the other network
# as on-link, so a direct-routing answer goes straight back and a scenario may
# talk to a server past the balancer. Under NAT the server's way to the clients
# leads over lb1 instead.
#
# ns NAME COMMAND... runs a command there, through tools/ns.c, which starts
# faster than nsenter or `ip netns exec`.

VIP=10.77.0.100
VIP6=fd77::100
LAB_NS=$LAB_SRC/build/lab-tools/ns

ns() {
	local name=$1
	shift
	"$LAB_NS" "$name" "$@"
}

# in_ns NAME FUNCTION...: a function of this shell, in the namespace. A forked
# subshell cannot change its namespace, so the function is handed over as text.
in_ns() {
	local name=$1
	shift
	ns "$name" bash -c "$(declare -f "$1"); \"\$@\"" - "$@"
}

# topology_build SERVERS [BALANCERS]: everything but the service address.
topology_build() {
	local servers=$1 balancers=${2:-1} i
	{
		topology_node client
		for ((i = 1; i <= balancers; i++)); do topology_node "lb$i"; done
		for ((i = 1; i <= servers; i++)); do topology_node "db$i"; done
	} >/tmp/topology
	ip netns add wire
	ip -n wire link add br0 type bridge forward_delay 0 mcast_snooping 0
	ip -n wire link set br0 up
	ip -force -batch /tmp/topology
	{
		echo "link set lo up"
		for i in client $(seq -f lb%g "$balancers") \
			$(seq -f db%g "$servers"); do
			echo "link set dev $i master br0 up"
		done
	} | ip -n wire -batch -
	topology_client
	for ((i = 1; i <= balancers; i++)); do topology_balancer "$i"; done
	for ((i = 1; i <= servers; i++)); do topology_server "$i"; done
}

# The lines for `ip -batch` that make one namespace and its cable.
topology_node() {
	echo "netns add $1"
	echo "link add name $1 netns wire type veth peer name eth0 netns $1"
}

# No duplicate address detection: its second of waiting proves nothing here.
topology_addresses() {
	local name=$1 address
	shift
	ns "$name" sh -c 'echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_dad
		echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter
		echo 0 >/proc/sys/net/ipv4/conf/eth0/rp_filter
		echo 0 >/proc/sys/net/ipv4/conf/all/send_redirects
		echo 0 >/proc/sys/net/ipv4/conf/eth0/send_redirects
		echo 0 >/proc/sys/net/ipv4/conf/all/accept_redirects
		echo 0 >/proc/sys/net/ipv6/conf/all/accept_redirects'
	{
		echo "link set lo up"
		echo "link set eth0 up"
		for address; do
			case $address in
			*:*) echo "addr add $address dev eth0 nodad" ;;
			*) echo "addr add $address dev eth0" ;;
			esac
		done
	}
}

topology_client() {
	{
		topology_addresses client 10.77.0.2/24 fd77::2/64
		echo "route add 10.78.0.0/24 dev eth0"
		echo "route add fd78::/64 dev eth0"
	} | ip -n client -batch -
}

topology_balancer() {
	topology_addresses "lb$1" "10.77.0.1$1/24" "fd77::1$1/64" \
		"10.78.0.25$1/24" "fd78::25$1/64" | ip -n "lb$1" -batch -
	ns "lb$1" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward
		echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
}

topology_server() {
	{
		topology_addresses "db$1" "10.78.0.$1/24" "fd78::$1/64"
		echo "route add 10.77.0.0/24 dev eth0"
		echo "route add fd77::/64 dev eth0"
	} | ip -n "db$1" -batch -
}

# service_address_add LB, service_address_del LB: who answers for the service.
# The client's memory of the old owner goes with it.
service_address_add() {
	printf '%s\n' "addr add $VIP/32 dev eth0" \
		"addr add $VIP6/128 dev eth0 nodad" | ip -n "$1" -batch -
	ip -n client neigh flush dev eth0
}

service_address_del() {
	printf '%s\n' "addr del $VIP/32 dev eth0" \
		"addr del $VIP6/128 dev eth0" | ip -n "$1" -batch -
}

# real_server_dr DB...: direct routing: the server has the service address too,
# but never answers an ARP request for it. IPv6 has no arp_ignore; addresses on
# lo are not announced by themselves.
real_server_dr() {
	local name
	for name; do
		ns "$name" sh -c 'echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore
			echo 2 >/proc/sys/net/ipv4/conf/all/arp_announce'
		printf '%s\n' "addr add $VIP/32 dev lo" \
			"addr add $VIP6/128 dev lo nodad" | ip -n "$name" -batch -
	done
}

# real_server_nat DB...: the way back to the clients leads over lb1. The server
# must not learn a shorter one, so redirects are off everywhere.
real_server_nat() {
	local name
	for name; do
		printf '%s\n' "route replace 10.77.0.0/24 via 10.78.0.251" \
			"route replace fd77::/64 via fd78::251" |
			ip -n "$name" -batch -
	done
}

# real_server_tun DB...: IPv4 in IPv4 (and IPv6 in IPv6) arrives on the tunnel
# interfaces that the kernel makes with its modules.
real_server_tun() {
	local name
	modprobe -a ipip ip6_tunnel
	for name; do
		real_server_dr "$name"
		ip -n "$name" link show tunl0 >/dev/null 2>&1 ||
			ip -n "$name" link add tunl0 type ipip
		printf '%s\n' "link set tunl0 up" "link set ip6tnl0 up" |
			ip -n "$name" -batch -
		ns "$name" sh -c \
			'echo 0 >/proc/sys/net/ipv4/conf/tunl0/rp_filter'
	done
}

# silent_node NAME: a namespace whose packets go nowhere and where none arrive:
# every probe waits for its time limit.
silent_node() {
	ip netns add "$1"
	printf '%s\n' "link set lo up" "link add eth0 type dummy" \
		"link set eth0 up" "addr add 10.77.0.11/24 dev eth0" \
		"addr add fd77::11/64 dev eth0 nodad" \
		"route add default dev eth0" | ip -n "$1" -batch -
	ip -n "$1" -6 route add default dev eth0
}

# many_addresses DB NETWORK: the server has every address of the network, and
# the balancer finds them there.
many_addresses() {
	ip -n "$1" route add local "$2" dev lo
	ip -n lb1 route add "$2" via "10.78.0.${1#db}"
}

# table [LB]: the kernel's IPVS table as text that two programs can be compared
# by: numeric, sorted.
table() {
	ns "${1:-lb1}" ipvsadm -Sn | sort
}

# table_is TEXT [LB]: the whole table is that text.
table_is() {
	local seen
	seen=$(table "${2:-lb1}")
	diff -u --label wanted --label seen <(echo "$1") <(echo "$seen")
}

# table_has TEXT [LB]: some line of the table holds the text.
table_has() {
	local lines
	lines=$(ns "${2:-lb1}" ipvsadm -Sn)
	echo "$lines"
	[[ $lines == *"$1"* ]]
}

table_has_not() {
	! table_has "$@"
}

# table_weight SERVER:PORT WEIGHT [LB]: the server is in with that weight
# wherever it is in at all.
table_weight() {
	local lines line found=1
	lines=$(ns "${3:-lb1}" ipvsadm -Sn)
	echo "$lines"
	while read -r line; do
		[[ $line == *" -r $1 "* ]] || continue
		[[ "$line " == *" -w $2 "* ]] || return 1
		found=0
	done <<<"$lines"
	return $found
}
