/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as main's sheet of figures: the web process and evenkeel read it. */
#include <stdint.h>

#include "ctl/metrics.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct metrics *metrics = metrics_parse((const char *)data, size);
	struct metrics_printer *printer;
	char piece[512];

	printer = metrics_printer_new(metrics, size & 1, NULL);
	while (metrics_printer_read(printer, piece, sizeof(piece)) > 0)
		;
	metrics_printer_free(printer);
	metrics_free(metrics);
	return 0;
}
