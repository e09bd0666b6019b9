/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/doctor/findings.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/util.h"

static const char *const finding_words[FINDING_SEVERITIES] = {
	[FINDING_NOTE] = "note",
	[FINDING_WARNING] = "warning",
	[FINDING_ERROR] = "error",
};

void findings_free(struct findings *findings)
{
	free(findings->list);
	*findings = (struct findings){ 0 };
}

struct finding *findings_add(struct findings *findings,
			     enum finding_severity severity, const char *id,
			     const char *format, ...)
{
	struct finding *one;
	va_list args;

	findings->list = array_grow(findings->list, findings->nr,
				    &findings->room, sizeof(*findings->list));
	one = &findings->list[findings->nr++];
	*one = (struct finding){ .severity = severity, .id = id };
	va_start(args, format);
	vsnprintf(one->text, sizeof(one->text), format, args);
	va_end(args);
	return one;
}

void finding_mend(struct finding *finding, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(finding->mend, sizeof(finding->mend), format, args);
	va_end(args);
}

enum finding_severity findings_worst(const struct findings *findings)
{
	enum finding_severity worst = FINDING_NOTE;
	size_t i;

	for (i = 0; i < findings->nr; i++)
		if (findings->list[i].severity > worst)
			worst = findings->list[i].severity;
	return worst;
}

static void findings_print_one(const struct finding *finding)
{
	char host[ADDR_TEXT_MAX];

	printf("%-8s %s\n", finding_words[finding->severity], finding->text);
	if (!finding->mend[0])
		return;
	if (addr_is_set(&finding->host))
		printf("         on %s: %s\n",
		       addr_format(&finding->host, host), finding->mend);
	else
		printf("         mend: %s\n", finding->mend);
}

void findings_print(const struct findings *findings)
{
	size_t counts[FINDING_SEVERITIES] = { 0 }, i;
	int severity;

	for (severity = FINDING_ERROR; severity >= FINDING_NOTE; severity--) {
		for (i = 0; i < findings->nr; i++) {
			if ((int)findings->list[i].severity != severity)
				continue;
			findings_print_one(&findings->list[i]);
			counts[severity]++;
		}
	}
	printf("%zu errors, %zu warnings, %zu notes\n", counts[FINDING_ERROR],
	       counts[FINDING_WARNING], counts[FINDING_NOTE]);
}

static void findings_text(struct json_object *obj, const char *name,
			  const char *text)
{
	json_object_object_add(obj, name,
			       text && text[0] ? json_object_new_string(text) :
						 NULL);
}

static struct json_object *findings_one_json(const struct finding *finding)
{
	struct json_object *obj = json_object_new_object();
	char host[ADDR_TEXT_MAX];

	findings_text(obj, "severity", finding_words[finding->severity]);
	findings_text(obj, "finding", finding->id);
	findings_text(obj, "text", finding->text);
	findings_text(obj, "mend", finding->mend);
	findings_text(obj, "on",
		      addr_is_set(&finding->host) ?
			      addr_format(&finding->host, host) :
			      NULL);
	return obj;
}

void findings_print_json(const struct findings *findings)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < findings->nr; i++)
		json_object_array_add(list,
				      findings_one_json(&findings->list[i]));
	json_object_object_add(obj, "findings", list);
	findings_text(obj, "worst",
		      findings->nr ? finding_words[findings_worst(findings)] :
				     NULL);
	puts(json_object_to_json_string_ext(
		obj, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(obj);
}
