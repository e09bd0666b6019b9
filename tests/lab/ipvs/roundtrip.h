/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the parts of the lab's test program for ipvs/: see roundtrip.c.
 */
#ifndef EVENKEEL_TESTS_LAB_IPVS_ROUNDTRIP_H
#define EVENKEEL_TESTS_LAB_IPVS_ROUNDTRIP_H

#include "ipvs/backend.h"
#include "ipvs/plan.h"
#include "ipvs/sort.h"
#include "lib/table.h"

/* Print "not ok"-like text to standard error and end with status 1. */
_Noreturn void give_up(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));

struct ipvs_backend *open_kernel(void);

/*
 * Bring the kernel's table to DESIRED (put in order here). Ends the program if
 * the kernel could not be reached; what failed is in REPORT.
 */
void bring_to(struct ipvs_backend *backend, struct table *desired,
	      const struct ipvs_keys *owned, struct ipvs_report *report);

/*
 * How many changes the kernel's table is away from DESIRED; services that are
 * not in it do not count if FOREIGN_TOO is false.
 */
size_t distance(struct ipvs_backend *backend, const struct table *desired,
		bool foreign_too);

/* A TCP service of IPv4, 10.A.B.C:3306, round robin. */
struct table_service *add_service(struct table *table, uint32_t number);
/* A server 172.16.0.0 + NUMBER, port 3306, direct routing, weight 1. */
struct table_dest *add_dest(struct table *table, uint32_t number);

/* matrix.c: every combination, and the same in ipvsadm's words. */
void matrix_build(struct table *table);
void matrix_print(const struct table *table);

/* faults.c: each returns if all is well. */
void test_errors(struct ipvs_backend *backend);
void test_all_errors(struct ipvs_backend *backend);
void test_module_reload(struct ipvs_backend *backend);
void test_stale_plans(struct ipvs_backend *backend);
void test_last_service(struct ipvs_backend *backend);
void test_dump_misses(struct ipvs_backend *backend);

/* speed.c */
void bench_fill(struct ipvs_backend *backend, uint32_t services,
		uint32_t dests);

#endif
