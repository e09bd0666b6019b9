# SPDX-License-Identifier: GPL-2.0-or-later
# The longest first: they run side by side.
NET_TESTS = \
	tests/net/checker-blocked.test.sh \
	tests/net/checker-faults.test.sh \
	tests/net/checker-galera.test.sh \
	tests/net/checker-http.test.sh \
	tests/net/checker-many.test.sh \
	tests/net/checker-misc.test.sh \
	tests/net/checker-mysql.test.sh \
	tests/net/checker-mysql8.test.sh \
	tests/net/checker-pileup.test.sh \
	tests/net/checker-ping.test.sh \
	tests/net/checker-replication.test.sh \
	tests/net/checker-secret.test.sh \
	tests/net/checker-smtp-dns.test.sh \
	tests/net/checker-tcp.test.sh \
	tests/net/checker-tls.test.sh \
	tests/net/checker-udp.test.sh \
	tests/net/ctl-complete.test.sh \
	tests/net/ctl-drill-secret.test.sh \
	tests/net/ctl-drill.test.sh \
	tests/net/ctl-metrics.test.sh \
	tests/net/ctl-top.test.sh \
	tests/net/daemon-check.test.sh \
	tests/net/daemon-peer.test.sh \
	tests/net/daemon-probe.test.sh \
	tests/net/daemon-standstill.test.sh \
	tests/net/daemon-vrrp-apart.test.sh \
	tests/net/daemon-vrrp.test.sh \
	tests/net/daemon.test.sh \
	tests/net/local-users.test.sh \
	tests/net/selftest.test.sh \
	tests/net/sets.test.sh \
	tests/net/vrrp-decoded.test.sh \
	tests/net/vrrp-disagree.test.sh \
	tests/net/vrrp-split.test.sh \
	tests/net/vrrp_conf.test.sh \
	tests/net/vrrp_frr.test.sh \
	tests/net/vrrp_group.test.sh \
	tests/net/vrrp_keepalived.test.sh \
	tests/net/vrrp_packets.test.sh \
	tests/net/vrrp_reload.test.sh \
	tests/net/vrrp_routes.test.sh \
	tests/net/vrrp_time.test.sh \
	tests/net/vrrp_vmac.test.sh
TESTS += $(NET_TESTS)
