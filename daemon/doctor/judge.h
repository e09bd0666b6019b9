/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The judges: from the configuration and the host as it was found to findings.
 * Pure: they open nothing and read no clock.
 */
#ifndef EVENKEEL_DAEMON_DOCTOR_JUDGE_H
#define EVENKEEL_DAEMON_DOCTOR_JUDGE_H

#include "daemon/doctor/doctor_host.h"
#include "daemon/doctor/findings.h"

/* Modules and settings of the kernel. */
void judge_kernel(const struct conf *conf, const struct doctor_host *host,
		  struct findings *findings);
/* Interfaces: their state, packet sizes, offloads and source filters. */
void judge_links(const struct conf *conf, const struct doctor_host *host,
		 struct findings *findings);
/* The firewall: rules that drop adverts, checks or clients' packets. */
void judge_rules(const struct conf *conf, const struct doctor_host *host,
		 struct findings *findings);
/* Rules for routes that take probes another way; ways back that no probe shows. */
void judge_routing(const struct conf *conf, const struct doctor_host *host,
		   struct findings *findings);
/* The answers on the wire: hosts that claim a service's address. */
void judge_wire(const struct conf *conf, const struct doctor_host *host,
		struct findings *findings);
/* The daemon that runs: servers by its checks, and the other balancer. */
void judge_daemon(const struct conf *conf, const struct doctor_host *host,
		  struct findings *findings);

#endif
