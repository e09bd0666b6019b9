/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FILE_CHECK, from the checker's side, which reads no files: main watches the
 * file and says which number is in it, at each change (daemon/check_files.h).
 */
#include "checkers/file_judge.h"
#include "checkers/heard.h"

static void file_judge_news(const struct check *check,
			    const struct ipc_number *news,
			    struct probe_result *result)
{
	file_judge(check->conf->number, news, result);
}

static int file_start(struct check *check)
{
	return heard_start(check, file_judge_news);
}

static void file_hear(struct check *check, const struct ipc_number *news)
{
	heard_take(check, news, file_judge_news);
}

static void file_expire(struct check *check, struct probe_result *result)
{
	(void)check;
	heard_expire(result,
		     "the main process has not said what is in the file");
}

const struct probe_type probe_file = {
	.name = "file",
	.start = file_start,
	.cancel = heard_cancel,
	.expire = file_expire,
	.attach = heard_attach,
	.detach = heard_detach,
	.hear_number = file_hear,
};
