# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# about: a table changed by hand is repaired; services of others are left alone
# limit: 120
# shellcheck source=tests/lab/lib.sh
. /src/tests/lab/lib.sh

FOREIGN="-A -t 10.77.0.99:80 -s rr
-a -t 10.77.0.99:80 -r 10.78.0.7:80 -m -w 7"
by_hand() { ns lb1 ipvsadm "$@"; }

# The wanted table; `ipvsadm -Sn` does not show thresholds, and there are none.
as_wanted() {
	table_is "$WANTED" && ! ns lb1 ipvsadm -Ln --thresholds |
		grep -qE '10.78.0.2:3306 +9 +2'
}

# repaired WHAT COMMAND...: changes the table, then waits for the old one.
repaired() {
	local what=$1 before
	shift
	evenkeel_log_count lb1 "somebody else changed the table"
	before=$LOG_COUNT
	by_hand "$@"
	check "done by hand: $what" test $? = 0
	wait_for 15 "$what: repaired" as_wanted
	check "$what: logged" evenkeel_log_more lb1 \
		"somebody else changed the table" "$before"
}

step "two services, one with a group of addresses, and one of somebody else"
topology_build 0
by_hand -R <<<"$FOREIGN"
evenkeel_start /src/tests/lab/conf/drift.conf
WANTED=$(sort <<<"-A -f 7 -s wrr
-A -t 10.77.0.100:3306 -s wlc
-A -t 10.77.0.101:3306 -s sh -p 60 -b sh-port
-A -t 10.77.0.102:3306 -s sh -p 60 -b sh-port
-a -f 7 -r 10.78.0.1:0 -g -w 3
-a -t 10.77.0.100:3306 -r 10.78.0.1:3306 -g -w 1
-a -t 10.77.0.100:3306 -r 10.78.0.2:3306 -g -w 20
-a -t 10.77.0.100:3306 -r 10.78.0.3:3306 -g -w 0
-a -t 10.77.0.101:3306 -r 10.78.0.1:3306 -g -w 1
-a -t 10.77.0.102:3306 -r 10.78.0.1:3306 -g -w 1
$FOREIGN")
wait_for 20 "the table is complete, the foreign service beside it" \
	table_is "$WANTED"
requests_watch
requests_seen
quiet=$REQUESTS
holds 5 "audits alone change nothing" requests_none_since "$quiet"

step "one thing at a time"
vs=10.77.0.100:3306
repaired "another weight" -e -t $vs -r 10.78.0.2:3306 -g -w 99
repaired "another method" -e -t $vs -r 10.78.0.2:3306 -m -w 20
repaired "thresholds" -e -t $vs -r 10.78.0.2:3306 -g -w 20 -x 9 -y 2
repaired "a server removed" -d -t $vs -r 10.78.0.1:3306
repaired "a server of somebody's in our service" -a -t $vs -r 10.78.0.9:3306 -g
repaired "a service removed" -D -t $vs
repaired "a service of fwmark removed" -D -f 7
repaired "another scheduler" -E -t $vs -s lc
repaired "persistence" -E -t $vs -s wlc -p 300
repaired "flags lost" -E -t 10.77.0.101:3306 -s sh -p 60

step "somebody works on a service of his own"
requests_seen
before=$REQUESTS
by_hand -e -t 10.77.0.99:80 -r 10.78.0.7:80 -m -w 8
by_hand -a -t 10.77.0.99:80 -r 10.78.0.8:80 -m -w 8
by_hand -A -u 10.77.0.100:53 -s rr
WANTED=$(table lb1)
holds 5 "evenkeel makes no request" requests_none_since $((before + 3))
check_equal "the foreign services are as they were made" "$WANTED" "$(table lb1)"

step "ipvsadm -C takes everything"
WANTED=$(grep -v -e '10.77.0.99:80' -e '-u 10.77.0.100:53' <<<"$WANTED")
repaired "the whole table" -C
check "the status counts repairs" status_lacks lb1 '"repairs":0'
daemon_stop evenkeeld.lb1
check_equal "and the end leaves it" "$WANTED" "$(table lb1)"
finish
