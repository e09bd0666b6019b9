#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The same file read by keepalived and by evenkeel: what each makes of every
# instance, side by side. keepalived runs and writes what it knows; evenkeel
# prints its configuration. What differs on purpose is listed below.
# shellcheck source=tests/net/lib.sh
. "$SRC/tests/net/lib.sh"
DUMP=$EVENKEEL_BUILD/tests/conf/confdump

# Both with a line a fact: "INSTANCE fact value".
cat >"$NET_DIR/facts.py" <<'END'
import re, sys

GARP = {"delay": "master_delay", "repeat": "master_repeat",
        "refresh": "master_refresh",
        "refresh repeat": "master_refresh_repeat",
        "lower priority delay": "lower_prio_delay",
        "lower priority repeat": "lower_prio_repeat"}

def say(out, name, fact, value):
    out.append(f"{name} {fact} {value}")

def address(words):
    """What of a line with an address both print alike."""
    kept = [re.sub(r"/(32|128)$", "", words[0])]
    for word in ("dev", "label"):
        if word in words:
            kept += [word, words[words.index(word) + 1]]
    if "eth0" in kept and kept[kept.index("eth0") - 1] == "dev":
        del kept[kept.index("eth0") - 1:kept.index("eth0") + 1]
    return "_".join(kept)

def keepalived(lines):
    out, name, block = [], None, None
    for line in lines:
        line = line.rstrip("\n").rstrip()
        got = re.match(r" VRRP Instance = (.*)", line)
        if got:
            name, block = got[1], None
            continue
        if line.startswith("---") or line.startswith(" VRRP Sync Group"):
            name = None
        if name is None:
            continue
        if line.startswith("     ") and block:
            words = line.split()
            if block.startswith("vip"):
                say(out, name, block, address(words))
            elif block == "track":
                say(out, name, block, f"{words[0]} {words[2]}")
            elif block == "peer":
                say(out, name, block, " ".join(words))
            continue
        block = {"Virtual IP E": "vip_excluded", "Virtual IP (": "vip",
                 "Tracked inte": "track", "Tracked scri": "track",
                 "Tracked file": "track", "Unicast Peer": "peer",
                 }.get(line.strip()[:12])
        got = re.match(r"   Gratuitous ARP (.*) = (\d+)", line)
        if got:
            say(out, name, GARP[got[1]], got[2])
        for fact, pattern in (
                ("version", r"   VRRP Version = (\d)"),
                ("vrid", r"   Virtual Router ID = (\d+)"),
                ("priority", r"   Priority = (\d+)"),
                ("down", r"   Down timer adverts = (\d+)"),
                ("group", r"   Multicast address ([0-9a-f.:]+)"),
                ("preempt_delay", r"   Preempt delay = (\d+) secs"),
                ("sync_group", r"   Sync group = (.*)")):
            got = re.match(pattern, line)
            if got:
                say(out, name, fact, got[1])
        got = re.match(r"   Advert interval = (\d+) (sec|milli-sec)", line)
        if got:
            say(out, name, "interval",
                int(got[1]) * (1000 if got[2] == "sec" else 1))
        for fact in ("Accept", "Preempt"):
            got = re.match(rf"   {fact} = (\w+)", line)
            if got:
                say(out, name, fact, got[1] == "enabled")
        if "Authentication type = SIMPLE" in line:
            say(out, name, "auth", True)
        if "Enforcing strict" in line:
            say(out, name, "strict", True)
    return out

def evenkeel(lines):
    out, name, block, unicast, members = [], None, None, False, None
    for line in lines:
        words = line.replace('"', "").split()
        if line.startswith("vrrp_instance"):
            name, group = words[1], None
        elif line.startswith("vrrp_sync_group"):
            members = words[1]
        elif line.startswith("}"):
            if name and group and not unicast:
                say(out, name, "group", group)
            name = members = block = None
            unicast = False
        elif members and line.startswith("\t\t") and block == "group":
            say(out, words[0], "sync_group", members)
        elif line.startswith("\t}"):
            block = None
        elif line.startswith("\t") and line.rstrip().endswith("{"):
            block = words[0]
            unicast = unicast or block == "unicast_peer"
        elif not name:
            continue
        elif block in ("virtual_ipaddress", "virtual_ipaddress_excluded"):
            say(out, name, "vip" + block[17:], address(words))
        elif block == "unicast_peer":
            say(out, name, "peer", " ".join(words))
        elif block and block.startswith("track_"):
            say(out, name, "track", f"{words[0]} {words[2]}")
        elif block == "authentication":
            if words[0] == "auth_type":
                say(out, name, "auth", True)
        elif words[0].startswith("garp_"):
            say(out, name, words[0][5:], words[1])
        elif words[0] == "mcast_dst_ip":
            group = words[1]
        elif words[0] == "advert_int":
            say(out, name, "interval", round(float(words[1]) * 1000))
        elif words[0] == "strict_mode" and words[1] == "on":
            say(out, name, "strict", True)
        elif words[0] in ("accept", "no_accept"):
            say(out, name, "Accept", words[0] == "accept")
        elif words[0] in ("preempt", "nopreempt"):
            say(out, name, "Preempt", words[0] == "preempt")
        else:
            fact = {"version": "version", "virtual_router_id": "vrid",
                    "priority": "priority", "down_timer_adverts": "down",
                    "preempt_delay": "preempt_delay"}.get(words[0])
            if fact:
                say(out, name, fact, words[1])
    return out

print("\n".join(sorted(globals()[sys.argv[1]](sys.stdin))))
END

# keepalived writes into /tmp and reads /etc: in a place of its own.
cat >"$NET_DIR/run" <<'END'
ip link set lo up
for i in 0 1 2 3; do
	ip link add "eth$i" type bridge
	ip link set "eth$i" up
	ip addr add "10.0.$i.1/24" dev "eth$i"
done
mount -t tmpfs none /run
cat >/run/x.conf
mount -t tmpfs none /tmp
TMPDIR=/tmp keepalived -P -n -l -D -f /run/x.conf -p /run/k.pid -r /run/v.pid \
	>/run/log 2>&1 &
for ((i = 0; i < 100 * LAB_STRETCH; i++)); do
	grep -q 'Startup complete' /run/log && break
	sleep 0.1
done
kill -USR1 "$(cat /run/v.pid)"
for ((i = 0; i < 100 * LAB_STRETCH; i++)); do
	grep -q 'VRRP Sockpool' /tmp/keepalived.data 2>/dev/null && break
	sleep 0.1
done
cat /tmp/keepalived.data
kill "$(cat /run/k.pid)"
wait
END

# both NAME: the file NAME.conf as each sees it, into NAME.theirs, NAME.ours.
both() {
	unshare --net --mount bash "$NET_DIR/run" <"$NET_DIR/$1.conf" \
		2>"$NET_DIR/$1.log" >"$NET_DIR/$1.data"
	python3 "$NET_DIR/facts.py" keepalived <"$NET_DIR/$1.data" \
		>"$NET_DIR/$1.theirs"
	"$DUMP" -k "$NET_DIR/$1.conf" 2>/dev/null |
		python3 "$NET_DIR/facts.py" evenkeel >"$NET_DIR/$1.ours"
}
# An empty list on either side would prove nothing.
same() {
	[ "$(wc -l <"$NET_DIR/$1.theirs")" -ge "$2" ] || {
		echo "keepalived tells $(wc -l <"$NET_DIR/$1.theirs") facts only"
		tail -n 5 "$NET_DIR/$1.log"
		return 1
	}
	diff -u "$NET_DIR/$1.theirs" "$NET_DIR/$1.ours"
}

instance() {
	cat <<-END
		vrrp_instance $1 {
			interface eth0
			virtual_router_id $2
			virtual_ipaddress {
				192.0.2.$2/24
			}
			$3
		}
	END
}
scripts() {
	cat <<-END
		vrrp_script s {
			script "/bin/true"
			weight 5
			interval 1
		}
		vrrp_script t {
			script "/bin/true"
			interval 1
		}
	END
}

step "defaults, and each word by itself"
{
	scripts
	instance plain 1 ""
	instance master 2 "state MASTER"
	instance prio 3 $'state MASTER\npriority 7'
	instance backup 4 $'state BACKUP\npriority 255'
	instance v3 5 $'version 3\nadvert_int 0.25'
	instance v2 6 $'version 2\nadvert_int 3'
	instance nopreempt 7 "nopreempt"
	instance delay 8 "preempt_delay 20"
	instance noaccept 9 "no_accept"
	instance pass 10 $'authentication {\nauth_type PASS\nauth_pass x\n}'
	instance garp 11 $'garp_master_delay 1\ngarp_master_repeat 2
		garp_master_refresh 3\ngarp_master_refresh_repeat 4
		garp_lower_prio_delay 5\ngarp_lower_prio_repeat 6'
	instance follow 12 $'garp_master_delay 1\ngarp_master_repeat 2'
	instance down 13 "down_timer_adverts 7"
	instance mcast 14 "mcast_dst_ip 224.0.0.99"
	instance mcast2 14 "mcast_dst_ip 224.0.0.98"
	instance strict 15 "strict_mode"
	instance strict3 16 $'strict_mode\nversion 3\ndown_timer_adverts 9'
	instance unicast 17 $'unicast_src_ip 10.0.0.1\nunicast_peer {
		10.0.0.2\n10.0.0.3 min_ttl 5 max_ttl 9\n}'
	instance tracks 18 $'track_script {\ns\nt weight -3\n}
		track_interface {\neth1\neth2 weight 9\n}'
	instance more 19 $'virtual_ipaddress {\n192.0.2.119 dev eth1 label eth1:x no_track
		192.0.2.219/25\n}\nvirtual_ipaddress_excluded {\n192.0.2.220
		2001:db8::19/64\n}'
	cat <<-END
		vrrp_instance six {
			interface eth0
			virtual_router_id 1
			virtual_ipaddress {
				fe80::6/64
				2001:db8::6
			}
		}
	END
	# Strict, and version 2 that IPv6 cannot have.
	cat <<-END
		vrrp_instance strictsix {
			interface eth0
			virtual_router_id 20
			version 2
			strict_mode
			virtual_ipaddress {
				fe80::20/64
			}
		}
		vrrp_instance oldsix {
			interface eth0
			virtual_router_id 21
			version 2
			virtual_ipaddress {
				fe80::21/64
			}
		}
	END
} >"$NET_DIR/words.conf"
both words
check "every instance is the same" same words 260

step "defaults from global_defs"
{
	cat <<-END
		global_defs {
			vrrp_version 3
			vrrp_mcast_group4 224.0.0.50
			vrrp_mcast_group6 ff02::50
			vrrp_garp_master_delay 1
			vrrp_garp_master_repeat 2
			vrrp_garp_master_refresh 3
			vrrp_garp_master_refresh_repeat 4
			vrrp_garp_lower_prio_delay 6
			vrrp_down_timer_adverts 5
		}
	END
	instance plain 1 ""
	instance v2 2 "version 2"
	instance own 3 $'garp_master_repeat 9\ngarp_lower_prio_delay 8
		down_timer_adverts 2'
	instance unstrict 4 "strict_mode off"
	instance strict 5 "strict_mode"
	instance six 6 $'virtual_ipaddress_excluded {\n2001:db8::6\n}'
} >"$NET_DIR/global.conf"
both global
check "every instance is the same" same global 80

step "what keepalived corrects or leaves out"
{
	scripts
	instance half 1 "advert_int 1.5"
	instance long 2 $'version 3\nadvert_int 41'
	instance fine 3 $'version 3\nadvert_int 0.015'
	instance zero 4 $'advert_int 0\npriority 300'
	instance v3pass 5 $'version 3\nauthentication {\nauth_type PASS\nauth_pass x\n}'
	instance spass 6 $'strict_mode\nauthentication {\nauth_type PASS\nauth_pass x\n}'
	instance masters 7 $'state MASTER\npriority 9\nnopreempt\npreempt_delay 5'
	instance owner 8 $'priority 255\nnopreempt\ntrack_script {\ns\nt\n}
		track_interface {\neth1\neth2 weight 9\n}'
	instance mixed 9 $'virtual_ipaddress {\n2001:db8::9\n}'
	instance nobody 10 $'track_script {\nnobody\nt\n}'
	instance nopeer 11 $'unicast_peer {\n}'
	instance member 12 $'track_script {\ns\nt\n}\ntrack_interface {\neth1 weight 5\neth2\n}'
	instance other 13 "track_script {"$'\nt\n}'
	instance free 14 $'track_script {\ns\n}'
	instance free2 15 ""
	instance twice 16 $'virtual_ipaddress {\n192.0.2.16/24 label eth0:1\n}'
	cat <<-END
		vrrp_sync_group g {
			group {
				member
				other
				missing
			}
		}
		vrrp_sync_group h {
			group {
				free
				free2
				member
			}
			sync_group_tracking_weight
		}
	END
} >"$NET_DIR/wrong.conf"
both wrong
check "every instance is the same" same wrong 200
finish
