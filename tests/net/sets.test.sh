#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# long: yes
#
# no_accept and the published sets, by the real daemon with -P (nothing here
# needs IPVS: what is let through to it reaches a listener on the address, which
# in real life IPVS would have taken). "lb" holds the addresses, "cl" asks.
. "$SRC/tests/net/lib.sh"

net_build lb cl
RUN=$NET_DIR/run
CONF=$NET_DIR/evenkeel.conf
LOG=$NET_DIR/log
VIP=10.79.0.100
VIP6=fd79::100
chmod 755 "$NET_DIR"

logged() { grep -qF -- "$1" "$LOG"; }
logged_times() { [ "$(grep -cF -- "$1" "$LOG")" -ge "$2" ]; }
lb() { ns lb "$@"; }
# members SET: what is in it, in one line.
members() {
	lb ipset save "$1" 2>/dev/null | sed -n 's/^add [^ ]* //p' | sort |
		tr '\n' ' '
}
has_members() { [ "$(members "$1")" = "$2" ]; }
set_gone() { ! lb ipset list -n | grep -qx -- "$1"; }
own_set() { lb ipset list -n | grep "^$1-[0-9a-f]*$"; }
# Neither rules nor sets of ours.
nothing_left() {
	! lb iptables -S | grep -q EVENKEEL &&
		! lb ip6tables -S | grep -q EVENKEEL &&
		! lb ipset list -n | grep -q evenkeel
}
hooked() { lb "$1" -S INPUT | grep -q -- '-A INPUT -j EVENKEEL'; }
# answers ADDRESS PORT: a connection is made within a second.
answers() { ns cl timeout 1 bash -c "exec 3<>/dev/tcp/$1/$2" 2>/dev/null; }
silent() { ! answers "$1" "$2"; }

VIA=()
start() {
	lb "${VIA[@]}" "$EVENKEEL_BUILD/evenkeeld" -n -l -D -D -P -f "$CONF" \
		--run-dir "$RUN" >>"$LOG" 2>&1 &
	wait_for 20 "started${2:+, and $2}" "${1:-holds_vips}"
	DAEMON=$(cat "$RUN/evenkeeld.pid")
}
holds_vips() {
	lb ip -o addr | grep -q "$VIP/" && lb ip -o addr | grep -q "$VIP6/"
}
set_not_held() { ! lb ip -o addr | grep -q "$VIP/"; }
gone() { ! kill -0 "$DAEMON" 2>/dev/null; }
reload() {
	local before
	before=$(grep -c "is in force" "$LOG")
	kill -HUP "$DAEMON"
	wait_for 10 "the file is in force" logged_times "is in force" \
		$((before + 1))
}

# The rules were written before the last time that it became the master.
rules_first() {
	sed -n '/what is not served is dropped/h;/v4: .* -> MASTER/{x;p;x}' \
		"$LOG" | tail -n 1 | grep -q dropped
}

# conf WORD [GLOBAL...]: WORD is accept or no_accept.
conf() {
	local word=$1
	shift
	cat >"$CONF" <<-END
		global_defs {
			checker_user nobody
			$(printf '%s\n' "$@")
		}
		vrrp_instance v4 {
			interface eth0
			virtual_router_id 7
			advert_int 1
			$word
			virtual_ipaddress {
				$VIP
			}
		}
		vrrp_instance v6 {
			interface eth0
			virtual_router_id 8
			advert_int 1
			$word
			virtual_ipaddress {
				fe80::100
				$VIP6
			}
		}
	END
	local vip
	for vip in $VIP $VIP6; do
		cat >>"$CONF" <<-END
			virtual_server $vip 3306 {
				lvs_sched wlc
				lvs_method DR
				protocol TCP
				real_server $vip 3306 {
				}
			}
		END
	done
}

python3 - >"$NET_DIR/servers.log" 2>&1 <<-END &
	import ctypes, os, selectors, socket
	fd = os.open("/run/netns/lb", os.O_RDONLY)
	assert ctypes.CDLL(None).setns(fd, 0) == 0
	wait = selectors.DefaultSelector()
	for port in 22, 3306:
	    sock = socket.create_server(("::", port), family=socket.AF_INET6,
	                                dualstack_ipv6=True)
	    wait.register(sock, selectors.EVENT_READ)
	while True:
	    for key, _ in wait.select():
	        key.fileobj.accept()[0].close()
END
SERVERS=$!

step "without no_accept nothing is touched"
conf accept
start
wait_for 5 "another port of the address answers" answers $VIP 22
check "no set, no rule" nothing_left

step "no_accept by a reload, beside the rules of others"
lb iptables -A INPUT -s 192.0.2.9 -j DROP
lb ip6tables -A INPUT -s 2001:db8::9 -j DROP
OTHERS=$(lb iptables -S; lb ip6tables -S)
conf no_accept vrrp_ipsets
reload
wait_for 5 "what is not served is silent" silent $VIP 22
wait_for 5 "so it is over IPv6" silent $VIP6 22
check "what is served answers" answers $VIP 3306
ns cl ip -6 neigh flush dev eth0
check "over IPv6 too, its neighbour just forgotten" answers $VIP6 3306
check "the host's own address is as before" answers 10.79.0.1 22
check_not "an echo request is not answered" \
	ns cl ping -c 1 -W 1 $VIP
check "rules name sets" test -n "$(lb iptables -S | grep match-set)"
DROP=$(own_set evenkeel-drop)
ACCEPT6=$(own_set evenkeel6-accept)
check_equal "the addresses" "$(members "$DROP")" "$VIP "
check_equal "what is served" "$(members "$ACCEPT6")" "$VIP6,tcp:3306 "

step "published: what is held now"
wait_for 5 "IPv4" has_members evenkeel "$VIP "
wait_for 5 "IPv6" has_members evenkeel6 "$VIP6 fe80::100 "
lb ip link set eth0 down
wait_for 10 "a link is lost: nothing is held" has_members evenkeel ""
lb ip link set eth0 up
wait_for 20 "it is back" has_members evenkeel "$VIP "
check_equal "the rules did not care" "$(members "$DROP")" "$VIP "

step "somebody flushes"
TOLD="the kernel tells of changed rules"
told=$(grep -c "$TOLD" "$LOG")
lb iptables -F
case $(iptables --version) in
*nf_tables*)
	wait_for 5 "the kernel tells of it" logged_times "$TOLD" $((told + 1))
	;;
esac
wait_for 20 "it is seen" logged "somebody changed our rules"
wait_for 20 "the rules are back" silent $VIP 22
lb iptables -A INPUT -s 192.0.2.9 -j DROP
lb ip6tables -D INPUT 1
wait_for 20 "so is the jump" hooked ip6tables
lb ipset flush "$DROP"
wait_for 20 "and members" has_members "$DROP" "$VIP "
check "what is served answers" answers $VIP 3306

step "killed, all of it stays; the next daemon takes it over"
kill -KILL "$DAEMON"
wait_for 10 "killed" gone
check "rules are there" hooked iptables
wait_for 10 "the addresses are given up" set_not_held
start
wait_for 5 "served" answers $VIP 3306
check "the rest is dropped" silent $VIP 22
check_equal "hooked once" \
	"$(lb iptables -S INPUT | grep -c -- '-j EVENKEEL')" 1

step "a set in use cannot go"
lb iptables -A OUTPUT -m set --match-set evenkeel src -j ACCEPT
conf accept
reload
wait_for 5 "no_accept is gone" answers $VIP 22
wait_for 5 "and its sets" set_gone "$DROP"
wait_for 5 "the one in use is empty" has_members evenkeel ""
check "it is there" lb ipset list evenkeel
lb iptables -D OUTPUT 1
check_equal "the rules of others are as they were" \
	"$(lb iptables -S; lb ip6tables -S)" "$OTHERS"

step "the end takes all with it"
conf no_accept vrrp_ipsets
reload
wait_for 5 "dropped" silent $VIP6 22
kill "$DAEMON"
wait_for 10 "stopped" gone
check "nothing of ours is left" nothing_left
check_equal "what is not ours is" "$(lb iptables -S; lb ip6tables -S)" "$OTHERS"

step "under no_new_privs, as systemd runs it"
VIA=(setpriv --no-new-privs)
start
wait_for 5 "dropped" silent $VIP 22
check "the rules came before the address" rules_first
check "served" answers $VIP 3306
kill "$DAEMON"
wait_for 10 "stopped" gone
check "nothing of ours is left" nothing_left
VIA=()

step "killed, and the word taken out before the next start"
start
wait_for 5 "dropped" silent $VIP 22
kill -KILL "$DAEMON"
wait_for 10 "killed" gone
wait_for 10 "the addresses are given up" set_not_held
conf accept
start
wait_for 5 "accepted again" answers $VIP 22
wait_for 5 "nothing of ours is left" nothing_left
kill "$DAEMON"
wait_for 10 "stopped" gone

step "without iptables the addresses stay away"
: >"$NET_DIR/nothing" # of our mounts only; and it cannot be executed
mount --bind "$NET_DIR/nothing" "$(readlink -f "$(command -v iptables)")"
# in_fault NAME: by what is down, and nothing else.
in_fault() {
	"$EVENKEEL_BUILD/evenkeel" --run-dir "$RUN" vrrp |
		grep -qE "^$1 +FAULT .*no_accept is down"
}
both_in_fault() { in_fault v4 && in_fault v6; }
conf no_accept
start both_in_fault "in fault"
check "the log says why" logged "instances that need it are in FAULT"
check "nobody has the address" set_not_held
umount "$(readlink -f "$(command -v iptables)")"
wait_for 30 "with iptables back it is served" answers $VIP 3306
check "and nothing else" silent $VIP 22
mount --bind "$NET_DIR/nothing" "$(readlink -f "$(command -v iptables)")"
lb nft flush ruleset
wait_for 30 "and again in fault when it goes and the rules too" both_in_fault
wait_for 10 "the address is given up" set_not_held
umount "$(readlink -f "$(command -v iptables)")"
wait_for 30 "and taken again" holds_vips
conf accept
reload
check "no instance minds what it does not need" holds_vips
conf no_accept
reload
wait_for 20 "a reload that asks for it keeps the address" silent $VIP 22
check "all the time" holds_vips

step "iptables stands still: nobody waits for it"
printf '%s\n' '#!/bin/sh' "echo \$\$ >$NET_DIR/hung" 'exec sleep 600' \
	>"$NET_DIR/hangs"
chmod 755 "$NET_DIR/hangs"
mount --bind "$NET_DIR/hangs" "$(readlink -f "$(command -v iptables)")"
# answers_meanwhile: main says something while the tool is under way.
answers_meanwhile() {
	local tool
	rm -f "$NET_DIR/hung"
	poll 60 test -s "$NET_DIR/hung" || return
	tool=$(<"$NET_DIR/hung")
	"$EVENKEEL_BUILD/evenkeel" --run-dir "$RUN" vrrp >/dev/null &&
		kill -0 "$tool"
}
wait_for 120 "it answers meanwhile" answers_meanwhile
umount "$(readlink -f "$(command -v iptables)")"
wait_for 120 "later all is well" holds_vips
kill "$DAEMON"
wait_for 10 "stopped" gone
wait_for 10 "and nothing of ours is left" nothing_left
kill $SERVERS
finish
