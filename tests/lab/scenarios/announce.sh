# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: an announced address goes with its pool, and comes back with it
# limit: 240
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
CONF=/tmp/evenkeel.conf
# Outside of every connected network: the client's router is played by a route.
VIP=203.0.113.10

announced() { ip -n lb1 -o addr show dev evk-up | grep -F " $VIP/32 "; }
withdrawn() { ! announced; }
says() { evenkeel lb1 announce --json | tr -d ' \n' | grep -F -- "$1"; }

cat >$CONF <<-END
	announce_group databases {
		virtual_ipaddress {
			$VIP
		}
		when quorum
		announce_delay 0.1
		withdraw_delay 0.1
		linger 1
	}
	virtual_server $VIP 3306 {
		delay_loop 0.5
		lvs_sched wlc
		lvs_method DR
		protocol TCP
		announce databases
		real_server 10.78.0.1 3306 {
			TCP_CHECK {
				connect_timeout 2
				retry 0
			}
		}
	}
END

step "a pool that works, and an interface that evenkeel makes"
topology_build 1
real_server_dr db1
ip -n client route add $VIP/32 via 10.77.0.11
mariadb_start 1
evenkeel_start $CONF
wait_for 60 "the address is announced" announced
check "because the pool works" says '"why":"itsvirtualserverswork"'
check "by a dummy interface" eval \
	"ip -n lb1 -d link show dev evk-up | grep -w dummy"
check "a client is served" client_sql "SELECT 1"

step "the only server dies"
mariadb_kill 1
wait_for 60 "the address is withdrawn" withdrawn
check "for the pool" says '"why":"avirtualserverhasfailed"'

step "it comes back"
mariadb_start 1
wait_for 60 "the address is announced again" announced
check "a client is served again" client_sql "SELECT 1"

step "the drain of this balancer counts what is left"
held_start app --connections 20 --interval 500
wait_for 60 "20 connections are open" held_is app placed -eq 20
check "drain" evenkeel lb1 drain --director
check "the address is withdrawn" withdrawn
wait_for 60 "their number is said" says '"active":20,"idle":false'
check "none of them broke" held_is app broken -eq 0
check "and all are open" held_is app open -eq 20
held_stop app
wait_for 120 "then this balancer may be switched off" says '"active":0,"idle":true'
check "ready" evenkeel lb1 ready --director
wait_for 60 "the address is announced again" announced

step "kill -9 while it is announced: it stays"
daemon_kill evenkeeld.lb1
check "with no daemon" announced
mariadb_kill 1
check "and with no server" announced
evenkeel_start $CONF
wait_for 60 "the next daemon withdraws it, as its pool has failed" withdrawn
check "for the pool" says '"why":"avirtualserverhasfailed"'

step "kill -9 while it is withdrawn: so it stays"
ip -n lb1 monitor address >/tmp/changes &
MONITOR=$!
daemon_kill evenkeeld.lb1
check "with no daemon" withdrawn
evenkeel_start $CONF
wait_for 60 "the next daemon knows the pool" says '"why":"avirtualserverhasfailed"'
check "it is withdrawn" withdrawn
kill $MONITOR
wait $MONITOR
check_equal "and was not announced in between" "" "$(grep -F $VIP /tmp/changes)"
mariadb_start 1
wait_for 60 "with the server it is announced again" announced
check "a client is served" client_sql "SELECT 1"

step "kill -9 while it is withdrawn, and the server comes back meanwhile"
mariadb_kill 1
wait_for 60 "withdrawn" withdrawn
daemon_kill evenkeeld.lb1
mariadb_start 1
check "with no daemon it stays withdrawn" withdrawn
evenkeel_start $CONF
wait_for 60 "the next daemon announces it" announced
check_equal "on one interface" 1 "$(ip -n lb1 -o addr | grep -cF " $VIP/")"
check "a client is served" client_sql "SELECT 1"

step "kill -9 while this balancer is drained"
check "drain" evenkeel lb1 drain --director
check "withdrawn" withdrawn
daemon_kill evenkeeld.lb1
check "with no daemon" withdrawn
evenkeel_start $CONF
wait_for 60 "its pool works" says '"works":true'
check "it stays withdrawn" withdrawn
check "for the drain" says '"why":"theoperatordrainsthisbalancer"'
check "ready" evenkeel lb1 ready --director
wait_for 60 "announced" announced

step "a stop and the next start"
check "it ends" daemon_stop evenkeeld.lb1
check "a stop withdraws" withdrawn
evenkeel_start $CONF
wait_for 60 "the address is announced again" announced
check "it ends" daemon_stop evenkeeld.lb1
finish
