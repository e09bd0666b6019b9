/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entries that must never reach the kernel. The kernel would take many of them
 * without a word and then do something else: a tunnel type 9, a forwarding
 * method 7, protocol ICMP, port 0 without persistence, or a service that
 * ignores the port and address it was given.
 */
#ifndef EVENKEEL_IPVS_VALIDATE_H
#define EVENKEEL_IPVS_VALIDATE_H

#include "lib/table.h"

/* Persistence is kept by the kernel as seconds times its tick rate, in 32 bits. */
#define IPVS_TIMEOUT_MAX (UINT32_MAX / 1000)

/* Returns NULL if the entry is fine, else the fault as part of a sentence. */
const char *ipvs_validate_service(const struct table_service *service);
const char *ipvs_validate_dest(const struct table_service *service,
			       const struct table_dest *dest);

#endif
