/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/host.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/log.h"

#define HOST_IGMP "/proc/sys/net/ipv4/igmp_link_local_mcast_reports"

static bool host_igmp_is_on(void)
{
	int fd = open(HOST_IGMP, O_RDONLY | O_CLOEXEC);
	char value = '0';

	if (fd < 0)
		return false;
	if (read(fd, &value, 1) != 1)
		value = '0';
	close(fd);
	return value != '0';
}

static bool host_write_igmp(char value)
{
	int fd = open(HOST_IGMP, O_WRONLY | O_CLOEXEC);
	bool good = fd >= 0 && write(fd, &value, 1) == 1;

	if (!good)
		log_warning("vrrp", "cannot set %s to %c: %s", HOST_IGMP, value,
			    strerror(errno));
	if (fd >= 0)
		close(fd);
	return good;
}

void vrrp_host_igmp(struct vrrp_host *host, bool quiet)
{
	if (quiet == host->igmp_off)
		return;
	if (quiet && host_igmp_is_on())
		host->igmp_off = host_write_igmp('0');
	else if (!quiet && host_write_igmp('1'))
		host->igmp_off = false;
}
