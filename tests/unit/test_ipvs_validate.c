/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>
#include <string.h>

#include "ipvs/validate.h"
#include "ipvs_world.h"

static void accept_service(const struct table_service *svc)
{
	const char *wrong = ipvs_validate_service(svc);

	cr_expect_null(wrong, "refused: %s", wrong);
}

static void refuse_service(const struct table_service *svc, const char *part)
{
	const char *wrong = ipvs_validate_service(svc);

	cr_expect(wrong && strstr(wrong, part), "not \"%s\" but \"%s\"", part,
		  wrong ? wrong : "(accepted)");
}

static void accept_dest(const struct table_service *svc,
			const struct table_dest *dest)
{
	const char *wrong = ipvs_validate_dest(svc, dest);

	cr_expect_null(wrong, "refused: %s", wrong);
}

static void refuse_dest(const struct table_service *svc,
			const struct table_dest *dest, const char *part)
{
	const char *wrong = ipvs_validate_dest(svc, dest);

	cr_expect(wrong && strstr(wrong, part), "not \"%s\" but \"%s\"", part,
		  wrong ? wrong : "(accepted)");
}

static struct table_service good_service(void)
{
	struct table t = { 0 };
	struct table_service svc = *world_service(&t, 1);

	table_free(&t);
	return svc;
}

static struct table_dest good_dest(void)
{
	struct table t = { 0 };
	struct table_dest dest;

	world_service(&t, 1);
	dest = *world_dest(&t, 1, 1);
	table_free(&t);
	return dest;
}

static void set_addr(struct addr *addr, const char *text)
{
	cr_assert_eq(addr_parse(addr, text, strlen(text)), 0);
}

Test(ipvs_validate, protocols_and_ports)
{
	struct table_service svc = good_service();
	unsigned protocol;

	for (protocol = 0; protocol < 256; protocol++) {
		svc.key.protocol = (uint16_t)protocol;
		if (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP ||
		    protocol == IPPROTO_SCTP)
			accept_service(&svc);
		else
			refuse_service(&svc, "protocol");
	}
	svc = good_service();
	svc.key.vip.port = 0;
	refuse_service(&svc, "port 0");
	svc.flags = SERVICE_PERSISTENT;
	svc.timeout = 60;
	accept_service(&svc);
}

Test(ipvs_validate, firewall_marks)
{
	struct table_service svc = good_service();

	svc.key.fwmark = 1;
	refuse_service(&svc, "firewall mark");
	memset(&svc.key.vip, 0, sizeof(svc.key.vip));
	refuse_service(&svc, "firewall mark");
	svc.key.protocol = 0;
	accept_service(&svc);
	svc.key.fwmark = 0;
	refuse_service(&svc, "protocol");
}

Test(ipvs_validate, addresses_of_services)
{
	struct table_service svc = good_service();

	svc.key.family = AF_INET6;
	refuse_service(&svc, "address family");
	svc.key.family = 7;
	refuse_service(&svc, "address family");
	svc.key.family = AF_INET;
	set_addr(&svc.key.vip.addr, "0.0.0.0");
	refuse_service(&svc, "empty");
	set_addr(&svc.key.vip.addr, "224.0.0.18");
	refuse_service(&svc, "multicast");
	svc.key.family = AF_INET6;
	svc.prefix = 128;
	set_addr(&svc.key.vip.addr, "fd00::1");
	accept_service(&svc);
}

Test(ipvs_validate, persistence)
{
	struct table_service svc = good_service();
	uint32_t prefix;

	svc.flags = SERVICE_PERSISTENT;
	refuse_service(&svc, "timeout");
	svc.timeout = IPVS_TIMEOUT_MAX;
	accept_service(&svc);
	svc.timeout++;
	refuse_service(&svc, "too long");
	svc.timeout = 360;
	for (prefix = 0; prefix < 200; prefix++) {
		svc.prefix = prefix;
		if (prefix >= 1 && prefix <= 32)
			accept_service(&svc);
		else
			refuse_service(&svc, "prefix");
	}
	svc.key.family = AF_INET6;
	set_addr(&svc.key.vip.addr, "fd00::1");
	for (prefix = 0; prefix < 200; prefix++) {
		svc.prefix = prefix;
		if (prefix >= 1 && prefix <= 128)
			accept_service(&svc);
		else
			refuse_service(&svc, "prefix");
	}
}

Test(ipvs_validate, names_and_flags)
{
	struct table_service svc = good_service();

	svc.scheduler[0] = '\0';
	refuse_service(&svc, "scheduler");
	strcpy(svc.scheduler, "../rr");
	refuse_service(&svc, "scheduler");
	strcpy(svc.scheduler, "a b");
	refuse_service(&svc, "scheduler");
	memset(svc.scheduler, 'x', sizeof(svc.scheduler));
	refuse_service(&svc, "scheduler");
	strcpy(svc.scheduler, "none");
	accept_service(&svc);
	strcpy(svc.pe_name, "sip");
	refuse_service(&svc, "persistence engine needs");
	strcpy(svc.pe_name, "s/p");
	refuse_service(&svc, "engine's name");
	svc = good_service();
	svc.flags = 2; /* the kernel's HASHED */
	refuse_service(&svc, "flag");
	svc.flags = 0x40;
	refuse_service(&svc, "flag");
	svc.flags = SERVICE_SCHED1 | SERVICE_SCHED2 | SERVICE_SCHED3 |
		    SERVICE_ONEPACKET;
	accept_service(&svc);
}

Test(ipvs_validate, addresses_of_servers)
{
	static const char *const bad[] = {
		"0.0.0.0",	   "224.0.0.1", "239.255.255.255",
		"255.255.255.255", "::",	"ff02::1"
	};
	static const char *const good[] = { "127.0.0.1", "10.0.0.1",
					    "223.255.255.255", "240.0.0.1" };
	struct table_service svc = good_service();
	struct table_dest dest = good_dest();
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		set_addr(&dest.rip.addr, bad[i]);
		refuse_dest(&svc, &dest, "address");
	}
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		set_addr(&dest.rip.addr, good[i]);
		accept_dest(&svc, &dest);
	}
	memset(&dest.rip.addr, 0, sizeof(dest.rip.addr));
	refuse_dest(&svc, &dest, "neither IPv4 nor IPv6");
}

Test(ipvs_validate, the_other_family_needs_a_tunnel)
{
	struct table_service svc = good_service();
	struct table_dest dest = good_dest();
	uint8_t forward;

	set_addr(&dest.rip.addr, "fd00::1");
	for (forward = 0; forward < 4; forward++) {
		dest.forward = forward;
		if (forward == FORWARD_TUN)
			accept_dest(&svc, &dest);
		else
			refuse_dest(&svc, &dest, "tunnel");
	}
}

Test(ipvs_validate, methods_and_numbers)
{
	struct table_service svc = good_service();
	struct table_dest dest = good_dest();

	dest.forward = 4;
	refuse_dest(&svc, &dest, "forwarding");
	dest.forward = 7;
	refuse_dest(&svc, &dest, "forwarding");
	dest = good_dest();
	dest.weight = INT32_MAX;
	accept_dest(&svc, &dest);
	dest.weight++;
	refuse_dest(&svc, &dest, "weight");
	dest = good_dest();
	dest.l_threshold = 1;
	refuse_dest(&svc, &dest, "lower threshold");
	dest.u_threshold = 1;
	accept_dest(&svc, &dest);
	dest.u_threshold = (uint32_t)INT32_MAX + 1;
	refuse_dest(&svc, &dest, "upper threshold");
}

Test(ipvs_validate, tunnels)
{
	struct table_service svc = good_service();
	struct table_dest dest = good_dest();

	dest.tun_type = 9; /* not a tunnel at all */
	accept_dest(&svc, &dest);
	dest.forward = FORWARD_TUN;
	refuse_dest(&svc, &dest, "tunnel type");
	dest.tun_type = TUNNEL_GUE;
	refuse_dest(&svc, &dest, "port");
	dest.tun_port = 6080;
	dest.tun_flags = TUNNEL_CSUM | TUNNEL_REMCSUM;
	accept_dest(&svc, &dest);
	dest.tun_flags = 4;
	refuse_dest(&svc, &dest, "flag");
	dest.tun_type = TUNNEL_GRE;
	dest.tun_flags = TUNNEL_CSUM;
	accept_dest(&svc, &dest);
	dest.tun_flags = TUNNEL_REMCSUM;
	refuse_dest(&svc, &dest, "remote checksums");
	dest.tun_type = TUNNEL_IPIP;
	dest.tun_flags = TUNNEL_CSUM;
	refuse_dest(&svc, &dest, "IPIP");
}
