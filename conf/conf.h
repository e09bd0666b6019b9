/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration: the file, bound, validated, with every default and
 * inheritance resolved, so that no reader ever asks "was it set?". A
 * configuration is immutable and lives in one arena.
 *
 * Main reads the file with conf_read() (includes are pulled into one text) and
 * parses the text; its children get the text and parse it with the same code.
 * Equal texts give equal indices everywhere: a check or a server is named
 * between processes by its index.
 */
#ifndef EVENKEEL_CONF_CONF_H
#define EVENKEEL_CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/kinds.h"
#include "lib/addr.h"
#include "lib/scheduling.h"
#include "lib/table.h"
#include "lib/util.h"

struct arena;

/* A place in the files: FILE indexes conf.files, LINE counts from 1. */
struct conf_pos {
	uint32_t file;
	uint32_t line;
};

/* A program to run. COMMAND is NULL if there is none. */
struct conf_script {
	char **argv; /* ended by NULL */
	const char *command; /* as the file has it, for logs */
	const char *user; /* NULL: the default script user */
	const char *group; /* NULL: the user's own */
};

/* "N" or "N%" of something. */
struct conf_share {
	uint32_t value;
	bool percent;
};

/* The keyword in the file: "TCP_CHECK". */
const char *check_kind_name(enum check_kind kind);

enum mysql_tls {
	MYSQL_TLS_OFF,
	MYSQL_TLS_PREFERRED,
	MYSQL_TLS_REQUIRED,
	MYSQL_TLS_VERIFY_CA,
	MYSQL_TLS_VERIFY_IDENTITY,
};

enum mysql_role {
	MYSQL_ROLE_ANY,
	MYSQL_ROLE_REPLICA,
	MYSQL_ROLE_SOURCE,
};

enum mysql_cluster {
	MYSQL_CLUSTER_AUTO,
	MYSQL_CLUSTER_NONE,
	MYSQL_CLUSTER_GALERA,
	MYSQL_CLUSTER_GROUP,
};

struct conf_mysql {
	const char *username; /* never NULL */
	const char *password; /* NULL: none, or in the file below */
	const char *password_file; /* NULL: none; main reads it, see IPC_SECRET */
	const char *database; /* NULL: none */
	const char *query; /* never NULL */
	const char *expect; /* NULL: any row will do */
	enum mysql_role role;
	usec_t max_lag; /* 0: off */
	usec_t resume_lag;
	const char *heartbeat; /* "DB.TABLE"; NULL: replica_status */
	const char *write_check; /* the same; NULL: nothing is written */
	enum mysql_cluster cluster;
	enum mysql_tls tls;
	const char *tls_ca; /* NULL: the system's */
	const char *tls_cert;
	const char *tls_key;
	const char *server_public_key; /* for a login without TLS; NULL: none */
	uint16_t fallback_port; /* 0: none */
	uint32_t fresh_login; /* every Nth round logs in anew; 1: every round */
};

/* Accepted or drain status codes are ranges. */
struct conf_range {
	uint16_t first;
	uint16_t last;
};

struct conf_ranges {
	const struct conf_range *list;
	size_t nr;
};

struct conf_url {
	const char *path;
	const char *digest; /* NULL: none; 32 hexadecimal digits */
	const char *virtualhost; /* NULL: inherited, else the address */
	const char *regex; /* NULL: none; compiles (conf/page_regex.h) */
	bool regex_no_match;
	uint32_t regex_options; /* PCRE2's bits */
	uint32_t regex_min; /* where in the page a match may begin, */
	uint32_t regex_max; /* and until where; CONF_REGEX_ANYWHERE: to the end */
	struct conf_ranges status; /* none: 200-299 */
};

#define CONF_REGEX_ANYWHERE UINT32_MAX

/* The word tls of SSL_GET: what the server's certificate has to be. */
enum http_tls {
	HTTP_TLS_REQUIRED, /* anything: the default */
	HTTP_TLS_VERIFY_CA, /* in force, and of an authority that is trusted */
	HTTP_TLS_VERIFY_IDENTITY, /* and with the name or address that is asked */
};

struct conf_http {
	struct conf_url *urls;
	size_t nr_urls;
	struct conf_ranges drain; /* drain_code */
	const char *virtualhost;
	bool http11;
	bool enable_sni; /* the virtualhost, where there is no sni_name */
	const char *sni_name; /* NULL: none */
	bool fast_recovery;
	enum http_tls tls;
	const char *tls_ca; /* main reads it, see IPC_TRUST; NULL: the system's */
};

struct conf_misc {
	struct conf_script script;
	usec_t timeout;
	bool dynamic;
};

struct conf_smtp {
	const char *helo_name; /* never NULL; printable, at most 255 bytes */
};

struct conf_dns {
	const char *name; /* never NULL; "." is the root */
	int32_t type; /* its number in RFC 1035 and its like */
};

/* The most that is sent, or that an answer is compared with. */
#define CONF_UDP_BYTES_MAX 4096

/* Bytes are kept as text: two hexadecimal digits each, in capitals. */
struct conf_udp {
	const char *payload; /* NULL: a text of ours */
	const char *reply; /* "X" stands for any digit; NULL: any answer */
	bool require_reply; /* else silence is good too */
	uint16_t min_reply, max_reply; /* bytes; count with REPLY only */
};

struct pair_file; /* conf/pair_conf.h */

/* FILE_CHECK: the number in the file times WEIGHT is added to the server's. */
struct conf_number {
	const char *name; /* of the track_file */
	const struct pair_file *file;
	int32_t weight; /* 0: 0 in the file is up, and any other number down */
	bool reverse; /* weight 0: 0 is down; else the product is subtracted */
};

/* BFD_CHECK: the state of the session of a bfd_instance. */
struct conf_neighbor {
	const char *name; /* of the bfd_instance */
};

/*
 * The use that is made of a check's results, beyond good and bad. The kind says
 * it from its words, in conf/lvs/check_KIND.c, so that nobody else has to ask
 * for the kind. All zero: the check says good and bad only.
 */
struct conf_traits {
	usec_t max_lag; /* a server that lags more is soft-failed; 0: off */
	usec_t resume_lag; /* and recovers below this */
	bool needs_source; /* good only for a writable source of replication */
	bool many_sources; /* of a cluster whose nodes may all be writable */
	bool counts_connections; /* reports connections and their limit */
	bool times_server; /* its duration is the server's rather than the network's */
	bool ends_sessions; /* can end the sessions that clients have */
	bool sends_payload; /* can send a payload, for `integrity` */
	bool sends_echoes; /* by ICMP sockets, for which main makes way */
	bool datagrams; /* asks by UDP */
	bool reports_weight; /* FACT_WEIGHT replaces the file's weight */
	bool adds_weight; /* or, with this as well, is added to it */
	bool holds_secret; /* a password in the file itself */
	const char *secret_file; /* main reads it, see IPC_SECRET; NULL: none */
	const char *
		trust_file; /* authorities: main reads it, see IPC_TRUST; or NULL */
	const struct conf_script *script; /* main runs it; NULL: none */
	const struct conf_number *number; /* main reads the file; NULL: none */
	const char
		*neighbor; /* bfd_instance, whose state main says; NULL: none */
};

/* How packets reach a server: lvs_method and its words. */
struct conf_forward {
	uint8_t method; /* enum forward */
	uint8_t tun_type;
	uint16_t tun_port;
	uint16_t tun_flags;
};

/*
 * A probe to be done. Identical ones (same kind, target, parameters, timing)
 * that several servers want are one check, with several users.
 */
struct conf_check {
	enum check_kind kind;
	struct endpoint dst; /* connect_ip and connect_port resolved */
	struct endpoint bind; /* bindto and bind_port; all zero: any */
	const char *bind_if; /* NULL: any */
	uint32_t fwmark; /* of the probe's own packets; 0: none */
	bool client; /* probe_path client: the members below count */
	struct conf_forward forward; /* of its server; all zero without CLIENT */
	struct endpoint service; /* the clients' address, and the port of DST */
	usec_t timeout; /* connect_timeout; MYSQL_CHECK: the whole probe */
	usec_t delay_loop; /* from the start of one probe to the next */
	usec_t delay_before_retry; /* after a failure that is not yet final */
	usec_t warmup; /* upper bound of the random delay before the first; -1: unset */
	uint32_t rise; /* >= 1 */
	uint32_t fall; /* >= 1 */
	uint32_t nr_users;
	bool log_all_failures;
	union { /* by kind; immutable, in the arena */
		const struct conf_mysql *mysql;
		const struct conf_http *http;
		const struct conf_misc *misc;
		const struct conf_udp *udp;
		const struct conf_smtp *smtp;
		const struct conf_dns *dns;
		const struct conf_number *number;
		const struct conf_neighbor *neighbor;
		const void *params; /* any of them; NULL: the kind has none */
	};
	struct conf_traits traits; /* follow from kind and params */
	struct conf_pos pos;
};

/*
 * Whether two checks (of one configuration or of two) are the same probe: same
 * kind, target, parameters and timing, rise and fall included; warmup, nr_users
 * and pos do not count. The hash agrees with it. Used to find duplicates, and at
 * a reload by main and the checker alike.
 */
bool conf_check_equal(const struct conf_check *a, const struct conf_check *b);
/*
 * The same for one of many pairs. LIKE_A and LIKE_B: a pair found equal before, or
 * NULL. Thousands of checks share their parameters, which then are not compared
 * again.
 */
bool conf_check_equal_like(const struct conf_check *a,
			   const struct conf_check *b,
			   const struct conf_check *like_a,
			   const struct conf_check *like_b);
uint32_t conf_check_hash(const struct conf_check *check);

struct conf;

/*
 * Whether the checker would do the same with the checks of two configurations:
 * the same probes with the same indices. Places and numbers of users do not
 * count.
 */
bool conf_checks_equal(const struct conf *a, const struct conf *b);

/*
 * The target of CHECK, for people: address and port, written into ROOM (of
 * ENDPOINT_TEXT_MAX bytes), or the command of a script.
 */
const char *conf_check_target(const struct conf_check *check, char *room);

/* The first mark of the services for them. */
uint32_t conf_first_mark(const struct conf *conf);
/* Whether any check goes the clients' way. */
bool conf_probes_as_client(const struct conf *conf);

/* The check of SERVER that can send payload; UINT32_MAX: none. */
uint32_t conf_payload_check(const struct conf *conf, uint32_t server);
/*
 * The address that clients of SERVER's pool use, with the port of its check, into
 * SERVICE. False: its payload cannot go through it, or none is sent.
 */
bool conf_payload_service(const struct conf *conf, uint32_t server,
			  struct endpoint *service);

/* The connections of a server that leaves because of a hard failure. */
enum conf_on_leave {
	LEAVE_UNSAID, /* the entry is removed, and the sysctl decides */
	LEAVE_KEEP, /* weight 0 until they end or drain_timeout is over */
	LEAVE_CUT, /* removed, and the next packet is answered with a reset */
	LEAVE_KILL, /* the same, and the server ends their sessions */
};

/* Whether any pool does LEAVE or more. */
bool conf_leaves(const struct conf *conf, enum conf_on_leave leave);
/*
 * The users in kill_spare of all pools that CHECK is of, one a line: its server
 * does not know by which pool a client came. Returns -E2BIG if SIZE is too small
 * for them.
 */
int conf_kill_spare(const struct conf *conf, uint32_t check, char *out,
		    size_t size);

struct conf_slow_start {
	usec_t time; /* 0: off */
	uint32_t from; /* percent */
	bool gate; /* on Threads_running */
};

struct conf_fastest {
	uint32_t low, high; /* percent of the base weight */
	uint32_t step;
	uint32_t dead_band;
};

struct conf_headroom {
	struct conf_share survive;
	uint32_t reserve; /* connections */
	uint32_t high; /* percent */
	bool threshold;
};

/* Payload that is sent and compared. */
struct conf_integrity {
	uint32_t rate; /* bytes a second a server, each way; 0: off */
	uint32_t least, most; /* bytes of one payload */
	uint32_t confirm; /* so many of three have to be bad */
	bool step_down; /* a balancer that alone corrupts leaves its addresses */
};

/* A server's use of a check: "alpha" can differ between users of one check. */
struct conf_use {
	uint32_t check; /* index into conf.checks */
	bool alpha; /* down until the first success */
};

struct conf_server {
	struct endpoint addr;
	uint32_t vs; /* index into conf.virtual_servers */
	uint32_t weight; /* as the file has it */
	uint32_t u_threshold;
	uint32_t l_threshold;
	struct conf_forward forward;
	bool inhibit; /* inhibit_on_failure: weight 0 instead of removal */
	bool backup;
	bool alpha;
	int8_t smtp_alert; /* see conf_mail_wanted() */
	const struct conf_use *uses;
	uint32_t nr_uses; /* 0: never checked, always up */
	usec_t drain_timeout;
	const struct conf_slow_start *slow_start; /* never NULL; often shared */
	const struct conf_script *notify_up; /* NULL: none */
	const struct conf_script *notify_down;
	const struct conf_script *notify_spare; /* with `writers` */
	struct conf_pos pos;
};

struct conf_sorry {
	struct endpoint addr; /* family AF_UNSPEC: no sorry server */
	struct conf_forward forward;
	bool inhibit; /* sorry_server_inhibit: kept at weight 0 while not needed */
};

/* When the address of an announce_group is to be announced. */
enum conf_announce_when {
	ANNOUNCE_QUORUM, /* every pool has its quorum */
	ANNOUNCE_SERVING, /* every pool has a server that serves */
	ANNOUNCE_ALWAYS,
};

/*
 * announce_group: addresses that several balancers serve at the same time, on an
 * interface whose addresses a routing daemon announces.
 */
struct conf_announce_group {
	const char *name; /* unique; never NULL */
	const char *ifname; /* never NULL */
	const char *drain_ifname; /* while this balancer drains; NULL: none */
	const struct addr *addresses;
	uint32_t nr_addresses;
	enum conf_announce_when when;
	usec_t announce_delay;
	usec_t withdraw_delay;
	usec_t linger; /* forwarding goes on so long after a withdrawal */
	usec_t lease; /* the addresses' lifetime; 0: for ever */
	uint32_t min_announcers;
	struct conf_pos pos;
};

#define CONF_NO_GROUP UINT32_MAX

struct conf_virtual_server {
	const char *name; /* "192.0.2.1:3306", "fwmark 5", "group NAME" */
	const struct service_key
		*keys; /* the kernel services it stands for, >= 1 */
	uint32_t nr_keys;
	uint32_t first_server; /* its servers are conf.servers[first .. + nr) */
	uint32_t nr_servers;
	char scheduler[TABLE_NAME_MAX]; /* as programmed: aliases resolved */
	const char *sched_word; /* as written: "fastest" */
	struct conf_forward forward; /* of servers that say nothing of it */
	char pe_name[TABLE_NAME_MAX];
	uint32_t flags; /* enum service_flag, SERVICE_PERSISTENT included */
	uint32_t persistence; /* s; 0: none */
	uint32_t prefix; /* of persistence: 32 or 128 unless set */
	bool group_prefix_set; /* prefix is the file's, else by family of each key */
	bool alpha;
	bool omega;
	bool ha_suspend;
	int8_t smtp_alert; /* see conf_mail_wanted() */
	bool weights_move; /* slow start or fastest: shares must be expressible */
	bool fastest;
	/* A server that failed keeps its place at weight 0, and no weight moves. */
	bool steady;
	uint32_t quorum;
	uint32_t hysteresis;
	const struct conf_script *quorum_up; /* NULL: none */
	const struct conf_script *quorum_down;
	struct conf_sorry sorry;
	struct conf_share min_serving;
	uint32_t writers; /* at most so many serve at a time; 0: all */
	enum conf_on_leave on_leave;
	const char *kill_spare; /* users, one a line; NULL: none */
	bool failback_manual; /* a failed server waits for the operator */
	uint32_t correlated; /* percent; 0: off */
	uint32_t cold_pool_limit; /* percent of max_connections; 0: off */
	uint32_t base_weight; /* the kernel's weight of "weight 1" */
	struct conf_fastest fastest_response;
	struct conf_headroom headroom;
	struct conf_integrity integrity;
	const char *announce; /* the name of its announce_group; NULL: none */
	uint32_t announce_group; /* its index, or CONF_NO_GROUP */
	struct conf_pos pos;
};

/*
 * Sets of addresses (ipset) that are published, and the firewall's chain. The
 * names fit the kernel.
 */
struct conf_sets {
	const char *held4; /* vrrp_ipsets; NULL: not published */
	const char *held6;
	const char *lvs; /* lvs_ipsets, the start of names; NULL: not published */
	const char *chain; /* vrrp_iptables; NULL: INPUT */
};

#define CONF_WEB_NAMES 4
#define CONF_HOST_MAX 254 /* of a name in DNS, with the NUL */

/* Where HTTP is served, and under which names besides our own. */
struct conf_web_listen {
	struct endpoint at; /* AF_UNSPEC: off */
	const char *names[CONF_WEB_NAMES]; /* the first NULL ends them */
};

/* Mail about changes; sent if there is a server and somebody to write to. */
struct conf_mail {
	const char *to; /* addresses, one a line; NULL: nobody */
	const char *from; /* NULL: root at this host */
	const char *server; /* name or address; NULL: none */
	uint16_t port;
	const char *helo; /* NULL: this host's name */
	usec_t timeout; /* smtp_connect_timeout; below 0: not said, so 30 s */
	int8_t alert; /* smtp_alert; -1: not said, as the next two */
	int8_t alert_vrrp;
	int8_t alert_checker;
	bool no_faults; /* an instance in fault is not worth a mail */
};

/* The block SSL, the certificate that SSL_GET shows: paths in PEM, or NULL. */
struct conf_identity {
	const char *ca; /* certificates between its own and the root */
	const char *certificate;
	const char *key;
	const char *password; /* of the key */
};

/* Marks of the services for `probe_path client`, in a row. */
#define CONF_PROBE_MARKS 65536
#define CONF_PROBE_MARKS_FIRST 0x45560000

/* The other balancers of more than a pair: 32 balancers in all. */
#define CONF_OPERATOR_PEERS_MAX 31

/* Another balancer: the words of operators go there, and come from there. */
struct conf_operator_peer {
	struct endpoint at; /* the port is this balancer's own as well */
	const char *key_file; /* never NULL */
};

/* How a process of the daemon is called and run. */
struct conf_process {
	const char *name; /* in lists of processes; NULL: the usual one */
	struct scheduling scheduling;
};

/* A script at the start or the end of the daemon. */
struct conf_life_script {
	const struct conf_script *script; /* NULL: none */
	uint32_t seconds; /* before it is killed */
};

/* umask: as the daemon was started with. */
#define CONF_UMASK_LEFT UINT32_MAX

struct conf_global {
	const char *router_id;
	bool compat; /* keepalived_compat, from the file or the command line */
	const char *control_socket; /* NULL: in the run directory */
	const char *control_user; /* NULL: root only */
	const char *control_group;
	const char *control_read_user; /* may ask, but not change */
	const char *control_read_group;
	const char *state_file; /* NULL: in the run directory */
	const char *recorder_file; /* NULL: nothing is recorded */
	uint64_t recorder_size; /* bytes, of both files together */
	struct conf_operator_peer operator_peers[CONF_OPERATOR_PEERS_MAX];
	uint32_t nr_operator_peers; /* 0: off; no two have the same AT */
	struct conf_web_listen metrics_listen, status_listen;
	const char *checker_user; /* NULL: the built-in default */
	const char *
		script_user; /* NULL: keepalived_script if it exists, else root */
	const char *script_group;
	bool script_security;
	bool lvs_flush; /* at start */
	bool lvs_flush_on_stop;
	bool lvs_flush_on_stop_vs; /* "VS": only our services, one by one */
	uint32_t timeout_tcp, timeout_tcp_fin, timeout_udp; /* s; 0: leave */
	bool lvs_sync_tuning;
	bool lvs_mh_tuning;
	bool log_all_failures;
	uint32_t probe_marks; /* the first of them; 0: CONF_PROBE_MARKS_FIRST */
	struct conf_sets sets;
	struct conf_mail mail;
	struct conf_identity ssl;
	const char *process_name; /* main's; NULL: the usual one */
	struct conf_process checker_process, bfd_process;
	struct conf_life_script startup; /* before anything else is begun */
	struct conf_life_script shutdown; /* when all else has ended */
	uint32_t file_mask; /* umask, or CONF_UMASK_LEFT */
	uint32_t child_wait; /* child_wait_time: s for the end of VRRP */
	const char *net_namespace; /* to run in; NULL: as started */
	const char *net_namespace_ipvs; /* of the table; NULL: the same */
	const char *instance; /* a folder for this daemon in the run directory */
	/* lvs_netlink_monitor_rcv_bufs: bytes, 0: the usual; beyond rmem_max */
	uint32_t monitor_buffer;
	bool monitor_force;
	const char *reload_time_file; /* NULL: none */
	bool reload_repeat; /* the file stays, and counts for each day */
	bool reload_marked; /* reload_file */
	const char *reload_file; /* NULL: in the run directory */
	bool init_notifies; /* notify_up runs for servers that are up at first */
	/* Where iproute2 has its names; NULL: the usual folders. */
	const char *iproute_usr_dir, *iproute_etc_dir;
	uint32_t random_seed; /* of ${_RANDOM}; 0: another at each start */
	bool supplementary_groups; /* scripts have those of their user */
};

/* A program, file or user named in the configuration; may be missing. */
enum conf_outside_kind {
	CONF_OUTSIDE_SCRIPT, /* a program, run as USER and GROUP */
	CONF_OUTSIDE_SECRET, /* a file that only root may read */
	CONF_OUTSIDE_FILE, /* a file that the checker must be able to read */
	CONF_OUTSIDE_CERTIFICATE, /* a file that main must be able to read */
	CONF_OUTSIDE_NUMBER, /* a file that counts as 0 if missing */
	CONF_OUTSIDE_USER,
	CONF_OUTSIDE_GROUP,
};

struct conf_outside {
	enum conf_outside_kind kind;
	const char *keyword; /* that names it */
	const char *name; /* path, user or group */
	const char *user, *group; /* as in struct conf_script */
	struct conf_pos pos; /* the first line that names it */
};

struct pair_conf; /* conf/pair_conf.h */
struct vrrp_conf; /* conf/vrrp_conf.h */

struct conf {
	struct arena *arena;
	struct conf_global global;
	const char **files; /* names, for conf_pos.file */
	uint32_t nr_files;
	struct conf_virtual_server *virtual_servers;
	uint32_t nr_virtual_servers;
	struct conf_server *servers; /* all, grouped by virtual server */
	uint32_t nr_servers;
	struct conf_check *checks;
	uint32_t nr_checks;
	const struct conf_announce_group *announce_groups;
	uint32_t nr_announce_groups;
	const struct conf_outside *outside; /* each once, in the file's order */
	uint32_t nr_outside;
	/* VRRP and PAIR are never NULL; empty without instances in the file. */
	const struct vrrp_conf *vrrp;
	const struct pair_conf *pair;
	const struct bfd_conf *bfd; /* never NULL */
};

/*
 * Numbers of virtual servers that are in NOW alone, in both but different, in
 * BEFORE alone. Every word on a virtual server, its servers and
 * their checks counts; places in the file do not. SAME_CHECKS: the result of
 * conf_checks_equal().
 */
struct conf_changes {
	uint32_t added, changed, gone;
};
struct conf_changes conf_compare(const struct conf *before,
				 const struct conf *now, bool same_checks);

/*
 * The endpoint of a server under one kernel service, into OUT: only NAT can
 * change the port, so any other method has the service's port, not the file's
 * (0 under a fwmark).
 */
void conf_dest_endpoint(const struct service_key *key,
			const struct endpoint *addr,
			const struct conf_forward *forward,
			struct endpoint *out);

/* The things that mail may be sent about. */
enum conf_mail_about {
	CONF_MAIL_SERVER,
	CONF_MAIL_QUORUM,
	CONF_MAIL_VRRP, /* an instance or a group */
};

/*
 * Whether a change of a thing is worth a mail. ALERT: its own smtp_alert, -1 if it
 * says nothing; then global_defs decide. Without any word, as keepalived does it,
 * only changes of real servers are.
 */
bool conf_mail_wanted(const struct conf_mail *mail, enum conf_mail_about about,
		      int8_t alert);

enum conf_severity {
	CONF_NOTE, /* e.g. a keyword that is known but not acted on */
	CONF_WARNING, /* skipped under keepalived_compat; odd but usable */
	CONF_ERROR, /* the file is refused */
};

/* One complaint. The strings live only during the call that reports it. */
struct conf_message {
	enum conf_severity severity;
	const char *file; /* NULL: no place, e.g. the file cannot be opened */
	uint32_t line;
	uint32_t column; /* from 1; 0: the whole line */
	const char *source; /* the line's text, or NULL */
	const char *text; /* "unknown keyword 'wieght'; did you mean 'weight'?" */
};

struct conf_report {
	/* Called for each complaint in the order of the file; may be NULL. */
	void (*say)(struct conf_report *report,
		    const struct conf_message *message);
	void *arg;
	uint32_t notes, warnings, errors;
};

/* A ready-made say(): compiler-like lines with the source line and a caret. */
void conf_report_print(struct conf_report *report,
		       const struct conf_message *message);
/* Another say(): one log line a complaint. */
void conf_report_log(struct conf_report *report,
		     const struct conf_message *message);

struct conf_options {
	/*
	 * The ID for "@ID"; NULL: the host's short name. conf_read() puts the
	 * ID into the text; conf_parse() takes it from there.
	 */
	const char *config_id;
	bool compat; /* --keepalived-compat */
	/* A checker knows checks only: leave servers and services out. */
	bool checks_only;
	/*
	 * The vrrp process knows VRRP only: virtual servers and their checks
	 * are not looked at. Numbers of instances, groups and trackers are
	 * those of the whole, pair_watch.vs is not known.
	 */
	bool vrrp_only;
};

/*
 * Read PATH and its includes into one text that conf_parse() understands (it
 * also carries file names and line numbers). On success *TEXT is the caller's
 * to free(). Returns 0, or -errno after reporting: -ENOENT and the like if the
 * file cannot be read, -EINVAL for include loops, -E2BIG over the limit of 256
 * MiB.
 */
int conf_read(const char *path, const struct conf_options *options, char **text,
	      size_t *length, struct conf_report *report);

/*
 * Parse a text from conf_read(). Pure: no file is opened, no clock is read. On
 * success *CONF is the caller's, for conf_free(). Returns 0, or -EINVAL if the
 * file is refused (report->errors > 0).
 */
int conf_parse(const char *text, size_t length,
	       const struct conf_options *options, struct conf **conf,
	       struct conf_report *report);
void conf_free(struct conf *conf); /* NULL is allowed */

/*
 * Add a complaint about LINE of FILE, from a check beyond the parse. The
 * complaint counts like any other.
 */
void conf_report_add(struct conf_report *report, enum conf_severity severity,
		     const char *file, uint32_t line, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/*
 * keepalived's exit status for -t: 0 fine, notes or not; 4 cannot run; 5 there
 * are warnings.
 */
int conf_exit_status(int result, const struct conf_report *report);

/*
 * Print CONF as a file that parses to the same, secrets masked; for tests and
 * -t -d.
 */
struct _IO_FILE;
void conf_print(const struct conf *conf, struct _IO_FILE *out);

#endif
