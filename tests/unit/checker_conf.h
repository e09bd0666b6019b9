/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Main's part in tests of the checker: a configuration, as a message. */
#ifndef EVENKEEL_TESTS_CHECKER_CONF_H
#define EVENKEEL_TESTS_CHECKER_CONF_H

#include "lib/ipc.h"

/* Fill MSG with IPC_CONF; its descriptor, sealed, has TEXT. */
void checker_conf_message(struct ipc_message *msg, uint32_t generation,
			  const char *text);

#endif
