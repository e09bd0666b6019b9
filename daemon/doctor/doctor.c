/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/doctor/doctor.h"

#include "daemon/doctor/collect.h"
#include "daemon/doctor/judge.h"
#include "daemon/doctor/wire.h"

int doctor_run(const struct conf *conf, const char *socket, bool json)
{
	struct findings findings = { 0 };
	struct doctor_host host;
	int status;

	collect_host(&host, conf);
	collect_daemon(&host, socket);
	collect_routing(&host);
	if (host.root) {
		collect_rules(&host);
		host.wire_error = wire_collect(&host);
	}
	judge_kernel(conf, &host, &findings);
	judge_links(conf, &host, &findings);
	judge_rules(conf, &host, &findings);
	judge_routing(conf, &host, &findings);
	judge_wire(conf, &host, &findings);
	judge_daemon(conf, &host, &findings);
	if (json)
		findings_print_json(&findings);
	else
		findings_print(&findings);
	status = (int)findings_worst(&findings);
	findings_free(&findings);
	collect_free(&host);
	return status;
}
