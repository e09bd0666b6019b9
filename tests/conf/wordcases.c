/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every keyword of every block with values that are wrong for most: for the comparison
 * with keepalived by tests/conf/beside_keepalived.py. One line a case on standard
 * output, with tabs between the fields:
 *
 *   BLOCK WORD VALUE CLASS IDLE LINE TEXT SAID
 *
 * VALUE names the kind of value. CLASS is of evenkeel with --keepalived-compat:
 * "silent" (notes do not count), "said" (a complaint names a line of the word),
 * "elsewhere" (one names other lines only), "refused" (the whole file). IDLE is "idle"
 * for a word that is not acted on. LINE is the word's in TEXT, which is a file with
 * "\n" for its ends of lines and '#' for a number that makes names unique. SAID is the
 * first complaint. A line of BLOCK alone, of one field, is a place whose text without
 * any word is TEXT: "BLOCK - - - - - TEXT".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/lang/bind.h"
#include "lib/util.h"

/* Where the lines of a block stand in a file. A '%' stands for them. */
struct place {
	const char *name;
	enum conf_block_id block;
	const char *text;
};

#define SERVICE(body, server)                                           \
	"virtual_server 192.0.2.# 80 {\nlvs_sched rr\nlvs_method NAT\n" \
	"protocol TCP\n" body "real_server 192.0.2.2 8080 {\n" server "}\n}\n"
#define SCRIPTS "global_defs {\nscript_user root\nenable_script_security\n}\n"
#define INSTANCE(body)                                            \
	"global_defs {\ndynamic_interfaces\n}\n"                  \
	"vrrp_instance i# {\ninterface e0\nvirtual_router_id #\n" \
	"virtual_ipaddress {\n192.0.2.#\n}\n" body "}\n"
#define GROUP(body)                                    \
	INSTANCE("")                                   \
	INSTANCE_TWO "vrrp_sync_group g# {\ngroup {\n" \
		     "i#\nj#\n}\n" body "}\n"
#define INSTANCE_TWO                                              \
	"vrrp_instance j# {\ninterface e1\nvirtual_router_id #\n" \
	"virtual_ipaddress {\n198.51.100.#\n}\n}\n"

static const struct place places[] = {
	{ "file", BLOCK_FILE, "global_defs {\n}\n%" },
	{ "global_defs", BLOCK_GLOBAL, "global_defs {\n%}\n" },
	{ "virtual_server", BLOCK_VIRTUAL_SERVER, SERVICE("%", "") },
	{ "real_server", BLOCK_REAL_SERVER, SERVICE("", "%") },
	{ "TCP_CHECK", BLOCK_TCP_CHECK, SERVICE("", "TCP_CHECK {\n%}\n") },
	{ "HTTP_GET", BLOCK_HTTP_CHECK,
	  SERVICE("", "HTTP_GET {\nurl {\npath /\n}\n%}\n") },
	{ "SSL_GET", BLOCK_HTTP_CHECK,
	  SERVICE("", "SSL_GET {\nurl {\npath /\n}\n%}\n") },
	{ "url", BLOCK_URL, SERVICE("", "HTTP_GET {\nurl {\npath /\n%}\n}\n") },
	{ "MISC_CHECK", BLOCK_MISC_CHECK,
	  SCRIPTS SERVICE("", "MISC_CHECK {\nmisc_path /bin/true\n%}\n") },
	{ "SMTP_CHECK", BLOCK_SMTP_CHECK, SERVICE("", "SMTP_CHECK {\n%}\n") },
	{ "DNS_CHECK", BLOCK_DNS_CHECK, SERVICE("", "DNS_CHECK {\n%}\n") },
	{ "UDP_CHECK", BLOCK_UDP_CHECK, SERVICE("", "UDP_CHECK {\n%}\n") },
	{ "PING_CHECK", BLOCK_PING_CHECK, SERVICE("", "PING_CHECK {\n%}\n") },
	{ "FILE_CHECK", BLOCK_FILE_CHECK,
	  "track_file f# {\nfile /f\n}\n" SERVICE(
		  "", "FILE_CHECK {\ntrack_file f#\n%}\n") },
	{ "BFD_CHECK", BLOCK_BFD_CHECK,
	  "bfd_instance f# {\nneighbor_ip 198.51.100.#\n}\n" SERVICE(
		  "", "BFD_CHECK {\nname f#\n%}\n") },
	{ "SSL", BLOCK_SSL,
	  "SSL {\n%}\n" SERVICE("", "SSL_GET {\nurl {\npath /\n}\n}\n") },
	{ "vrrp_instance", BLOCK_VRRP_INSTANCE, INSTANCE("%") },
	{ "authentication", BLOCK_VRRP_AUTH,
	  INSTANCE("authentication {\nauth_type PASS\n%}\n") },
	{ "vrrp_sync_group", BLOCK_VRRP_GROUP, GROUP("%") },
	{ "vrrp_script", BLOCK_VRRP_SCRIPT,
	  SCRIPTS "vrrp_script s# {\nscript /bin/true\n%}\n" INSTANCE(
		  "track_script {\ns#\n}\n") },
	{ "track_file", BLOCK_TRACK_FILE,
	  "track_file f# {\nfile /f\n%}\n" INSTANCE("track_file {\nf#\n}\n") },
	{ "vrrp_track_process", BLOCK_TRACK_PROCESS,
	  "vrrp_track_process p# {\nprocess x\n%}\n" INSTANCE(
		  "track_process {\np#\n}\n") },
	{ "bfd_instance", BLOCK_BFD,
	  "bfd_instance f# {\nneighbor_ip 198.51.100.#\n%}\n" },
	{ "track_group", BLOCK_TRACK_GROUP,
	  INSTANCE("") "track_group t# {\n%}\n" },
	{ "garp_group", BLOCK_GARP_GROUP, "garp_group {\n%}\n" },
};

/* Words in a line, which the tables of blocks do not have. */
static const struct line_place {
	struct place place;
	const char *words;
} line_places[] = {
	{ { "virtual_ipaddress", BLOCK_IDS,
	    INSTANCE("virtual_ipaddress {\n203.0.113.# %}\n") },
	  "peer brd dev scope label preferred_lft no_track track_group" },
	{ { "unicast_peer", BLOCK_IDS,
	    INSTANCE("unicast_peer {\n203.0.113.# %}\n") },
	  "min_ttl max_ttl" },
	{ { "virtual_routes", BLOCK_IDS,
	    INSTANCE("virtual_routes {\n203.0.113.#/32 dev e0 %}\n") },
	  "via gw or src table scope metric priority preference mtu advmss "
	  "hoplimit initcwnd initrwnd window reordering quickack from encap "
	  "tos dsfield protocol proto onlink no_track track_group nexthop "
	  "weight rtt rttvar rto_min ssthresh cwnd realms realm features "
	  "congctl pref as expires fastopen_no_cookie ttl-propagate" },
	{ { "virtual_rules", BLOCK_IDS,
	    INSTANCE("virtual_rules {\nfrom 203.0.113.# table 9 %}\n") },
	  "to iif dev oif fwmark tos dsfield priority preference pref order "
	  "no_track track_group suppress_prefixlength sup_pl "
	  "suppress_ifgroup sup_group l3mdev type goto nop tun_id uidrange "
	  "protocol ipproto ip-proto ip_proto dport sport realms realm "
	  "blackhole unreachable prohibit" },
};

/* A value as it is written; NULL: one that is right, and one word more. */
static const struct value {
	const char *name, *text;
} values[] = {
	{ "none", "" },	      { "word", "nonsense" }, { "huge", "99999999999" },
	{ "negative", "-1" }, { "zero", "0" },	      { "decimal", "1.5" },
	{ "empty", "\"\"" },  { "extra", NULL },
};

/*
 * Of one parse: its complaints, each with an end of line, the first that the place
 * alone does not give, and whether one of these was about the lines of the word.
 */
struct said {
	uint32_t from, to;
	const struct said *plain;
	char all[4096];
	char first[512];
	bool here;
};

static void case_say(struct conf_report *report,
		     const struct conf_message *message)
{
	struct said *said = report->arg;
	char text[512];
	size_t used;

	/* A place has the words that it needs. */
	if (message->severity == CONF_NOTE ||
	    strstr(message->text, "for the second time"))
		return;
	snprintf(text, sizeof(text), "%s\n", message->text);
	used = strlen(said->all);
	snprintf(said->all + used, sizeof(said->all) - used, "%s", text);
	if (said->plain && strstr(said->plain->all, text))
		return;
	if (said->first[0] == '\0')
		snprintf(said->first, sizeof(said->first), "%s", message->text);
	if (message->line >= said->from && message->line <= said->to)
		said->here = true;
}

/* TEXT with 1 for each '#', the caller's. */
static char *case_numbered(const char *text)
{
	char *copy = strdup(text), *p;

	if (!copy)
		abort();
	for (p = copy; *p; p++)
		if (*p == '#')
			*p = '1';
	return copy;
}

/* Is there a configuration? */
static bool case_read(const char *text, struct said *said)
{
	struct conf_options options = { .compat = true, .config_id = "here" };
	struct conf_report report = { .say = case_say, .arg = said };
	char *copy = case_numbered(text);
	struct conf *conf = NULL;
	bool good;

	conf_parse(copy, strlen(copy), &options, &conf, &report);
	good = conf != NULL;
	conf_free(conf);
	free(copy);
	return good;
}

static const char *case_class(bool good, const struct said *said)
{
	if (!good)
		return "refused";
	if (said->first[0] == '\0')
		return "silent";
	return said->here ? "said" : "elsewhere";
}

static void case_put(const char *text)
{
	for (; *text; text++)
		if (*text == '\n')
			fputs("\\n", stdout);
		else if (*text == '\t')
			putchar(' ');
		else
			putchar(*text);
}

/* A value that KW takes, or NULL. */
static const char *value_right(const struct conf_keyword *kw)
{
	const struct conf_type *type = kw->type;
	static char text[32];
	int64_t number = kw->preset > kw->min && kw->preset <= kw->max ?
				 kw->preset :
				 kw->min + 1;

	if (type == &conf_type_time)
		number = (number + USEC_PER_SEC - 1) / USEC_PER_SEC;
	snprintf(text, sizeof(text), "%lld", (long long)number);
	if (type == &conf_type_u32 || type == &conf_type_u16 ||
	    type == &conf_type_u8 || type == &conf_type_time)
		return text;
	if (type == &conf_type_port)
		return "99";
	if (type == &conf_type_addr)
		return "192.0.2.77";
	if (type == &conf_type_string)
		return "text";
	if (type == &conf_type_outside)
		return kw->min == CONF_OUTSIDE_USER ? "nobody" : "/bin/true";
	if (type == &conf_type_script)
		return "/bin/true";
	if (type == &conf_type_bool || type == &conf_type_flag ||
	    type == &conf_type_maybe)
		return "on";
	if (type == &conf_type_true)
		return "";
	if (type == &conf_type_choice || type == &conf_type_either)
		return ((const struct conf_choice *)kw->data)->word;
	return NULL;
}

/* KW with VALUE as the lines of a file, the caller's; NULL: there is none. */
static char *case_lines(const struct conf_keyword *kw,
			const struct value *value)
{
	const char *right = value->text ? value->text : value_right(kw);
	const char *more = value->text ? "" : " more";
	char *lines;
	int length;

	if (!right)
		return NULL;
	if ((kw->flags & KW_BLOCK) && (kw->flags & KW_VALUES))
		length = asprintf(&lines, "%s {\n%s%s\n}\n", kw->name, right,
				  more);
	else if (kw->flags & KW_BLOCK)
		length = asprintf(&lines, "%s %s%s {\n}\n", kw->name, right,
				  more);
	else
		length = asprintf(&lines, "%s %s%s\n", kw->name, right, more);
	if (length < 0)
		abort();
	return lines;
}

static uint32_t case_count_lines(const char *text, size_t length)
{
	uint32_t nr = 0;
	size_t i;

	for (i = 0; i < length; i++)
		nr += text[i] == '\n';
	return nr;
}

static void case_try(const struct place *place, const struct conf_keyword *kw,
		     const struct value *value, const struct said *plain)
{
	size_t at = (size_t)(strchr(place->text, '%') - place->text);
	struct said said = { .plain = plain,
			     .from = case_count_lines(place->text, at) + 1 };
	char *lines = case_lines(kw, value), *text;
	bool good;

	if (!lines)
		return;
	said.to = said.from + case_count_lines(lines, strlen(lines)) - 1;
	if (asprintf(&text, "%.*s%s%s", (int)at, place->text, lines,
		     place->text + at + 1) < 0)
		abort();
	good = case_read(text, &said);
	printf("%s\t%s\t%s\t%s\t%s\t%u\t", place->name, kw->name, value->name,
	       case_class(good, &said), kw->flags & KW_IDLE ? "idle" : "-",
	       said.from);
	case_put(text);
	putchar('\t');
	case_put(said.first);
	putchar('\n');
	free(lines);
	free(text);
}

static char *place_plain(const struct place *place)
{
	char *text = strdup(place->text), *at;

	if (!text)
		abort();
	at = strchr(text, '%');
	if (at > text && at[-1] == ' ')
		at[0] = '\n';
	else
		memmove(at, at + 1, strlen(at));
	return text;
}

/* Says the place; what is said of its text alone is left in PLAIN. */
static void place_begin(const struct place *place, struct said *plain)
{
	char *text = place_plain(place);

	if (!case_read(text, plain)) {
		fprintf(stderr, "%s: %s\n%s", place->name, plain->first, text);
		exit(1);
	}
	printf("%s\t-\t-\t-\t-\t0\t", place->name);
	case_put(text);
	printf("\t-\n");
	free(text);
}

static void place_try(const struct place *place)
{
	struct said plain = { 0 };
	struct conf_shape shape;
	uint32_t n;
	size_t i;

	place_begin(place, &plain);
	for (n = 0; conf_keyword_at(conf_blocks[place->block], n, &shape); n++)
		for (i = 0; i < ARRAY_SIZE(values); i++)
			case_try(place, shape.kw, &values[i], &plain);
}

static void line_place_try(const struct line_place *line)
{
	struct said plain = { 0 };
	struct conf_keyword kw = { 0 };
	char *words = strdup(line->words), *rest;
	size_t i;

	if (!words)
		abort();
	place_begin(&line->place, &plain);
	for (kw.name = strtok_r(words, " ", &rest); kw.name;
	     kw.name = strtok_r(NULL, " ", &rest))
		for (i = 0; i < ARRAY_SIZE(values); i++)
			case_try(&line->place, &kw, &values[i], &plain);
	free(words);
}

int main(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++)
		place_try(&places[i]);
	for (i = 0; i < ARRAY_SIZE(line_places); i++)
		line_place_try(&line_places[i]);
	return 0;
}
