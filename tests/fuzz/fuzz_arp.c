/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any frame as an answer of ARP: taken or not, and then as it stands. */
#include <stdlib.h>
#include <string.h>

#include "daemon/doctor/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t mac[DOCTOR_MAC];
	struct addr addr;

	if (!wire_answer(data, size, &addr, mac))
		return 0;
	if (size < WIRE_ARP || addr.family != AF_INET ||
	    memcmp(mac, data + 8, DOCTOR_MAC) != 0)
		abort();
	return 0;
}
