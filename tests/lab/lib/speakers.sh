# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Who speaks BGP on the router and on the directors of directors.sh, as the guide's
# chapter "More than a pair" has it:
#
#   frr     FRR of the host's distribution: zebra, bgpd, and bfdd where asked
#   frr10   FRR of Debian 13, 10.3: the host's own there, elsewhere $LAB_FRR10, a
#           folder with that release's files, run with that release's libraries
#   bird    BIRD 2

SPEAKERS_DIR=/run/speakers
# Read in directors.sh: who speaks on the router, and on the directors, in turn.
# shellcheck disable=SC2034
DIRECTORS_ROUTER=frr DIRECTORS_SPEAKERS=frr
DIRECTORS_BFD=no

# speaker_start NAME KIND ROLE [N]: in the namespace NAME; ROLE is router or director.
speaker_start() {
	local name=$1 kind=$2 role=$3
	rm -rf "${SPEAKERS_DIR:?}/$name"
	mkdir -p "$SPEAKERS_DIR/$name"
	case $kind in
	bird) "${role}_bird" "${@:4}" | bird_start "$name" ;;
	*) "${role}_frr" "${@:4}" | frr_start "$name" "$kind" ;;
	esac
	# The pipes' right ends are subshells: the pids are in files.
	speaker_pids "$name"
}

# speaker_pids NAME: DAEMON_PID.speaker.NAME.PROGRAM for each.
speaker_pids() {
	local file program
	for file in "$SPEAKERS_DIR/$1"/*.child; do
		program=$(basename "$file" .child)
		DAEMON_PID["speaker.$1.$program"]=$(<"$file")
	done
}

# speaker_kill NAME: at once, without a word to anybody.
speaker_kill() {
	local key
	for key in "${!DAEMON_PID[@]}"; do
		[[ $key == speaker.$1.* ]] || continue
		kill -KILL "${DAEMON_PID[$key]}"
		poll 10 processes_gone "${DAEMON_PID[$key]}"
		unset "DAEMON_PID[$key]"
	done
	return 0
}

# speaker_exec NAME PROGRAM COMMAND...
speaker_exec() {
	"$LAB_NS" "$1" "${@:3}" >>"$LAB_LOG/speaker.$1.log" 2>&1 &
	echo $! >"$SPEAKERS_DIR/$1/$2.child"
}

# bird_start NAME: the standard input is its configuration.
bird_start() {
	local dir=$SPEAKERS_DIR/$1
	cat >"$dir/bird.conf"
	speaker_exec "$1" bird bird -f -c "$dir/bird.conf" -s "$dir/bird.ctl" \
		-P "$dir/bird.pid"
	poll 20 test -S "$dir/bird.ctl" || assert_fail "BIRD of $1 listens"
}

# frr_program KIND DAEMON: sets the array FRR to what starts it.
frr_program() {
	local libraries
	FRR=("/usr/lib/frr/$2")
	if [ "$1" != frr10 ] || [ -z "${LAB_FRR10:-}" ]; then
		return
	fi
	libraries=$LAB_FRR10/usr/lib/x86_64-linux-gnu
	FRR=("$LAB_FRR10/usr/lib64/ld-linux-x86-64.so.2" --library-path
		"$libraries:$libraries/frr" "$LAB_FRR10/usr/lib/frr/$2")
}

# frr_start NAME KIND: the standard input is bgpd's configuration.
frr_start() {
	local name=$1 kind=$2 dir=$SPEAKERS_DIR/$1 daemon bfd=()
	: >"$dir/zebra.conf"
	printf '%s\n' "bfd" " profile fast" "  detect-multiplier 3" \
		"  receive-interval 100" "  transmit-interval 100" \
		>"$dir/bfdd.conf"
	cat >"$dir/bgpd.conf"
	# FRR as root must be a member of its own groups.
	if ! grep -q '^frrvty:x:107:root' /etc/group; then
		grep -v '^frr' /etc/group >/tmp/group
		printf '%s\n' "frrvty:x:107:root" "frr:x:108:root" >>/tmp/group
		cp /tmp/group /etc/group
	fi
	[ $DIRECTORS_BFD = no ] || bfd=(bfdd)
	for daemon in zebra "${bfd[@]}" bgpd; do
		set -- -u root -g root -z "$dir/zserv" --vty_socket "$dir" \
			-f "$dir/$daemon.conf" -i "$dir/$daemon.pid"
		frr_program "$kind" "$daemon"
		# Where it has that socket, all of them would share one.
		if [ "$daemon" = bfdd ] && [[ $("${FRR[@]}" --help) == *--bfdctl* ]]; then
			set -- "$@" --bfdctl "$dir/bfd.sock"
		fi
		speaker_exec "$name" "$daemon" "${FRR[@]}" "$@"
		poll 20 test -S "$dir/$daemon.vty" ||
			assert_fail "$daemon of $name listens"
	done
}

frr_bfd() {
	[ $DIRECTORS_BFD = no ] || echo "neighbor $1 bfd profile fast"
}

router_frr() {
	cat <<-END
		router bgp 65000
		 bgp router-id 10.77.0.1
		 no bgp ebgp-requires-policy
		 bgp graceful-restart-disable
		 bgp bestpath as-path multipath-relax
		 neighbor DIRECTORS peer-group
		 neighbor DIRECTORS remote-as 65001
		 neighbor DIRECTORS timers 3 9
		 $(frr_bfd DIRECTORS)
		 bgp listen range 10.79.0.0/16 peer-group DIRECTORS
		 address-family ipv4 unicast
		  maximum-paths 16
		 exit-address-family
	END
}

# BIRD's routes are of the origin IGP, redistributed ones of FRR of none: a router that
# gets both takes those of BIRD alone, and spreads nothing.
director_frr() {
	cat <<-END
		router bgp 65001
		 bgp router-id 10.79.$1.2
		 no bgp ebgp-requires-policy
		 bgp graceful-restart-disable
		 neighbor 10.79.$1.1 remote-as 65000
		 neighbor 10.79.$1.1 timers 3 9
		 neighbor 10.79.$1.1 timers connect 1
		 $(frr_bfd "10.79.$1.1")
		 address-family ipv4 unicast
		  redistribute connected route-map EVENKEEL
		 exit-address-family
		route-map EVENKEEL permit 10
		 match interface evk-up
		 set origin igp
	END
}

# bird_common ROUTER-ID: what router and director have in common.
bird_common() {
	cat <<-END
		log stderr { info, warning, error, fatal, auth, remote, bug };
		router id $1;
		protocol device { }
		template bgp bgp_of_both {
			hold time 9;
			graceful restart off;
			connect delay time 1;
			connect retry time 1;
			error wait time 1, 2;
			$([ $DIRECTORS_BFD = no ] || echo "bfd on;")
		}
	END
	[ $DIRECTORS_BFD = no ] ||
		echo 'protocol bfd { interface "*" { interval 100 ms; multiplier 3; }; }'
}

router_bird() {
	bird_common 10.77.0.1
	cat <<-END
		protocol kernel {
			merge paths on limit 16;
			ipv4 { import none; export where source = RTS_BGP; };
		}
		protocol bgp directors from bgp_of_both {
			local as 65000;
			neighbor range 10.79.0.0/16 as 65001;
			ipv4 { import where net ~ [ $VIP/32 ]; export none; };
		}
	END
}

director_bird() {
	bird_common "10.79.$1.2"
	cat <<-END
		protocol direct {
			ipv4;
			interface "evk-*";
		}
		protocol bgp uplink from bgp_of_both {
			local as 65001;
			neighbor 10.79.$1.1 as 65000;
			ipv4 {
				import none;
				export where source = RTS_DEVICE && ifname = "evk-up";
			};
		}
	END
}
