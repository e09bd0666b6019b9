# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: a planned switch, a split brain and a crash of the writer, by pooled clients
# limit: 300
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh
# shellcheck source=tests/lab/lib/writer.sh
. "$LAB_SRC/tests/lab/lib/writer.sh"
CONF=/tmp/evenkeel.conf
SYSCTL=net.ipv4.vs.expire_nodest_conn

# client_idle NAME: a connection that asks nothing until it reads a line.
client_idle() {
	mkfifo "/tmp/$1.in"
	ns client mariadb --no-defaults --skip-ssl -BN --unbuffered -h "$VIP" \
		-P "$MARIADB_PORT" -u app -papp-secret <"/tmp/$1.in" \
		>"/tmp/$1.out" 2>&1 &
}

step "two servers, the first one is the source"
topology_build 2
service_address_add lb1
real_server_dr db1 db2
mariadb_start -o --log-bin=bin -o --log-slave-updates=1 1 2
writer_table 1
check "the check's user may end sessions" sql 1 \
	"GRANT PROCESS, CONNECTION ADMIN ON *.* TO 'check'@'%'"
follow 2 1
wait_for 60 "the table is there" sql 2 "SELECT 1 FROM app.w LIMIT 1"
{
	printf '%s\n' "virtual_server 10.77.0.100 3306 {" "delay_loop 1" \
		"lvs_sched rr" "lvs_method DR" "protocol TCP" "writers 1" \
		"on_leave kill" "kill_spare root"
	for n in 1 2; do
		printf '%s\n' "real_server 10.78.0.$n 3306 {" \
			"notify_spare \"/usr/bin/touch /tmp/spare.$n\" root" \
			"MYSQL_CHECK {" \
			"username check" "password check-secret" "timeout 3" \
			"role source" "}" "}"
	done
	echo "}"
} >$CONF
evenkeel_start $CONF
wait_for 60 "the source serves" is_in 1
check "alone" is_out 2
check_equal "it is set" "$(ns lb1 sysctl -n $SYSCTL)" 1
check "and said" evenkeel_log lb1 "on_leave cut needs it"

step "clients with pooled connections"
for n in 1 2 3; do
	client_writes client &
	clients[n]=$!
done
client_idle idle
exec 8>/tmp/idle.in
echo "SELECT 'first', @@server_id;" >&8
wait_for 30 "the idle one is there" grep -q "first.1" /tmp/idle.out
wait_for 60 "they write at the source" writes_at 1 20

check "four sessions are in the source" sessions_at 1 app 4
sql 1 "DO SLEEP(200)" &
spared=$!
wait_for 20 "and one of a user that is spared" sessions_at 1 root 1

step "a planned switch, and the old source can be written to again"
since=$(clock_at 1)
sql 1 "SET GLOBAL read_only = 1"
wait_for 60 "its role is seen" status_has lb1 '"level":"last-resort"'
promote 2
wait_for 60 "the new source serves" is_in 2
wait_for 2 "no session of a client is left in the old one" sessions_at 1 app 0
check "it alone serves" is_out 1
check "that of the spared user is there" sessions_at 1 root 1
wait_for 10 "the log says so" evenkeel_log lb1 \
	"10.78.0.1:3306: on_leave kill: "
check_not "of none at all" evenkeel_log lb1 "10.78.0.1:3306: on_leave kill: 0 "
sql 1 "SET GLOBAL read_only = 0"
wait_for 60 "the first write at the new source" writes_at 2 1
before=$(written_at 1)
wait_for 60 "it is written to" writes_at 2 30
holds 10 "not one more at the old one" still_written 1 "$before"
check "its last is older than the first at the new one" \
	wrote_in_turn 1 2 "$since"
wait_for 30 "two sources are an error" evenkeel_log lb1 "2 sources, 1 wanted"
check "and it is spare" status_has lb1 '"state":"spare"'
wait_for 10 "its notify script was run" test -e /tmp/spare.1
check_not "and not the other's" test -e /tmp/spare.2
counted_spare() {
	evenkeel lb1 metrics | grep -E '^evenkeel_pool_spares[ {].* 1$'
}
check "and the metrics count it" counted_spare
echo "SELECT 'second', @@server_id;" >&8
wait_for 10 "the idle one has an error at its next use" \
	grep -q "ERROR 2" /tmp/idle.out
check_not "and no answer of the old source" grep -q "second.1" /tmp/idle.out
exec 8>&-

step "the writer dies: the first one serves again, unasked"
since=$(clock_at 1)
mariadb_kill 2
wait_for 60 "the first one serves" is_in 1
wait_for 60 "and is written to" writes_at 1 $((before + 20))
mariadb_start -o --log-bin=bin -o --log-slave-updates=1 2
before=$(written_at 2)
wait_for 30 "the dead one is back, and spare" \
	status_has lb1 '"state":"spare"'
holds 5 "not one more there" still_written 2 "$before"
check "its last is older than the first at the other" \
	wrote_in_turn 2 1 "$since"

kill $spared 2>/dev/null
for n in 1 2 3; do kill "${clients[n]}" 2>/dev/null; done
daemon_stop evenkeeld.lb1
finish
