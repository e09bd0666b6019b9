/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drafts: the structs that blocks are bound to before they are complete. An
 * inherited member has an unset value and becomes definite when its block ends,
 * since by then all outer values are known (see KW_LATE).
 */
#ifndef EVENKEEL_CONF_LVS_DRAFT_H
#define EVENKEEL_CONF_LVS_DRAFT_H

#include "conf/lang/bind.h"
#include "conf/lang/intern.h"
#include "conf/lang/outside.h"

#define UNSET_U32 UINT32_MAX
#define UNSET_TIME ((usec_t)-1)
#define UNSET_BOOL (-1)
/* The preset of a keyword that is inherited where it is not set. */
enum { CONF_UNSET = -1 };

/*
 * Counts of probes: so that a file's "never" stays never, and sums of two do
 * not overflow.
 */
#define RISE_MAX 1000000
#define FALL_MAX INT32_MAX
#define RETRY_MAX (FALL_MAX - 1)

#define TIME_MIN 1
#define TIME_MAX (2678400 * USEC_PER_SEC)

/* In virtual_server, real_server and every check; the first member of each. */
struct conf_timing {
	usec_t delay_loop, delay_before_retry, warmup, connect_timeout;
	uint32_t retry, rise, fall;
	bool alpha;
	bool client; /* probe_path */
};

/* "probe_path", in all three. */
extern const struct conf_choice conf_probe_paths[];

/* lvs_method and its words, as far as they were given. */
struct forward_draft {
	struct conf_forward forward;
	bool set;
};

struct vrrp_draft;

struct announce_draft {
	struct conf_announce_group group;
	const struct conf_node *node;
	struct addr *addresses; /* while the block is bound */
	size_t nr_addresses, room_addresses;
	bool used; /* by a virtual server */
};

struct conf_sched {
	const char *word; /* in the file */
	const char *kernel; /* in IPVS */
	uint32_t flags;
	bool fastest;
	/*
	 * A hash that is to choose the same server on every balancer, so that no
	 * weight may move: the kernel's table of places is made from the weights.
	 */
	bool steady;
};

struct conf_group {
	const char *name;
	size_t name_len;
	struct service_key *keys; /* protocol 0: the virtual server's */
	size_t nr_keys, room_keys;
	bool has_port_0; /* an address without a port */
	bool used;
};

struct sorry_draft {
	struct endpoint addr;
	struct forward_draft method;
	bool inhibit;
	const struct conf_node *node; /* NULL: none */
};

struct vs_draft {
	struct conf_timing timing;
	struct conf_virtual_server vs;
	struct forward_draft method;
	struct sorry_draft sorry;
	const struct conf_node *node;
	struct conf_group *group;
	struct endpoint addr; /* unset with a fwmark or group */
	uint32_t fwmark;
	uint16_t protocol;
	uint16_t family; /* ip_family; 0: unset */
	const struct conf_sched *sched; /* NULL: unset */
	uint32_t sched_flags;
	const struct conf_node
		*flag_node; /* of a flag that is for one scheduler */
	const char *flag_sched;
	uint32_t weight; /* of servers that say none */
	bool inhibit;
	const char *virtualhost;
	const struct conf_slow_start *slow_start; /* NULL: not in the file */
	usec_t drain_timeout;
	uint32_t granularity; /* persistence_granularity; 0: unset */
	uint64_t weights; /* sum */
	uint32_t families; /* bit 0: it has IPv4 keys, bit 1: IPv6 */
	uint32_t nr_unended; /* servers without a check that ends sessions */
	uint32_t nr_unloaded; /* servers without a check that sends payload */
	uint32_t nr_unchecked; /* servers that have no check, run or not */
	bool starts_slowly; /* some server has slow_start */
	bool counts; /* some server's check counts connections */
	bool reports; /* some server's check says a weight */
	bool checks_wanted; /* some server has a check, run or not */
	const char *client_obstacle; /* of some check that inherits the wish */
	bool client_used; /* some check goes the clients' way */
	bool settled;
	bool has_servers; /* even if all were dropped */
	bool broken; /* complained about; dropped when it ends */
	const struct conf_node *headroom, *fastest;
};

struct rs_draft {
	struct conf_timing timing;
	struct conf_server server;
	struct forward_draft method;
	struct vs_draft *vs;
	const char *virtualhost;
	uint32_t nr_checks; /* of any kind */
	bool ends_sessions; /* by one of its checks */
	bool sends_payload; /* the same */
};

/* urls in the making */
struct http_draft {
	struct conf_http http;
	struct conf_url *urls;
	size_t room_urls;
};

struct mysql_draft {
	struct conf_mysql mysql;
	usec_t timeout;
	uint16_t fallback_port;
};

struct misc_draft {
	struct conf_misc misc;
	const struct conf_script *script;
	const char *user, *group;
};

/* A "host" of SMTP_CHECK; all zero: not said. */
struct smtp_host {
	struct addr connect_ip, bind_ip;
	uint16_t connect_port, bind_port;
	const char *bind_if;
	uint32_t fwmark;
	usec_t connect_timeout;
};

struct smtp_draft {
	struct conf_smtp smtp;
	struct smtp_host *hosts; /* beyond the check itself */
	size_t nr_hosts, room_hosts;
	bool had_host;
};

struct check_draft {
	struct conf_timing timing;
	struct conf_check check;
	struct rs_draft *rs;
	const struct conf_node *node;
	struct addr connect_ip, bind_ip;
	uint16_t connect_port, bind_port;
	int8_t log_all_failures;
	union {
		struct http_draft http;
		struct mysql_draft mysql;
		struct misc_draft misc;
		struct conf_udp udp;
		struct smtp_draft smtp;
		struct conf_dns dns;
		struct conf_number number;
		struct conf_neighbor neighbor;
	};
};

/* A check before anything is bound, and the values handed down by its server. */
struct check_fresh {
	struct check_draft draft;
	struct conf_timing timing;
	const char *virtualhost;
};

/*
 * A kind of check: its words, its defaults, its own functions. The rows of
 * BLOCK are kept in the struct behind conf_check.params, so that the walks of
 * bind.h print, compare and hash it.
 */
struct conf_check_type {
	enum check_kind kind;
	bool connects; /* it has a target, with a port */
	bool by_service; /* it can go through the service address */
	bool portless; /* the target needs no port */
	bool marks; /* its packets can carry a fwmark */
	const struct conf_block *block;
	const char *timeout_word; /* prints conf_check.timeout; NULL: none */
	uint32_t retry;
	usec_t delay_before_retry; /* UNSET_TIME: delay_loop */
	struct conf_traits traits; /* of every check; FINISH adds the rest */
	/*
	 * May be NULL. Returns false, after complaining, to drop the check.
	 */
	bool (*finish)(struct conf_ctx *ctx, struct check_draft *draft);
	/* The target, for people; NULL: the address and port. */
	const char *(*target)(const struct conf_check *check);
};

#define CONF_KIND_TYPE(number, name, ...) \
	extern const struct conf_check_type conf_##name##_type;
#define CONF_KIND_WORDS(number, name, ...) \
	extern const struct conf_block conf_block_##name##_check;

CONF_CHECK_KINDS(CONF_KIND_TYPE, CONF_KIND_TYPE)
CONF_CHECK_KINDS(CONF_KIND_WORDS, CONF_KIND_NOTHING)

/* check_kinds.c: the type of a kind, NULL if there is none. */
const struct conf_check_type *conf_check_type(enum check_kind kind);

/* The file's block SSL. */
conf_bind_fn conf_bind_ssl;
/* For the tables of real_server: DATA is the struct conf_check_type. */
conf_bind_fn conf_bind_check;
/* conf_bind_maybe() of smtp_alert, which needs a server of mail to do anything. */
conf_bind_fn conf_bind_smtp_alert;
/*
 * The fall of a check that hears of changes, as FILE_CHECK: a change counts at once,
 * as with keepalived. "retry" of a block around is for probes that may fail by chance,
 * and does not count here as "fall" does.
 */
uint32_t conf_fall_at_once(const struct check_draft *draft);
/* Settle target and source from the draft's words; false after a complaint. */
bool conf_aim_check(struct conf_ctx *ctx, struct check_draft *draft);
/* Bound to a struct forward_draft, kept as conf_forward or conf_sorry. */
extern const struct conf_type conf_type_forward, conf_type_forward_sorry;
extern const struct conf_type
	conf_type_slow_start, /* const struct conf_slow_start * */
	conf_type_integrity; /* struct conf_integrity */
extern const struct conf_slow_start conf_slow_start_off; /* without the block */
conf_bind_fn conf_bind_group, conf_bind_virtual_server, conf_bind_real_server;
/* The name of the group that VS is, or NULL. */
const char *conf_vs_group(const struct conf_virtual_server *vs);
struct conf_group *conf_group_find(struct conf_ctx *ctx,
				   const struct conf_word *name);

extern const struct conf_block conf_block_file, conf_block_global,
	conf_block_global_idle, conf_block_group, conf_block_virtual_server,
	conf_block_real_server, conf_block_timing, conf_block_connect,
	conf_block_url, conf_block_smtp_host, conf_block_slow_start,
	conf_block_fastest, conf_block_headroom, conf_block_integrity,
	conf_block_ssl, conf_block_checks, conf_block_announce;

/* announce_group.c */
conf_bind_fn conf_bind_announce_group; /* the block */
conf_bind_fn conf_bind_announce; /* the word of a virtual_server */
/* Complain if an address of VS, which has its services, is not in its group. */
void conf_check_announce(struct conf_ctx *ctx, const struct vs_draft *vs);
/* At the file's end, when VRRP's instances are placed: fill CONF's groups. */
void conf_finish_announce(struct conf_ctx *ctx);

/* resolve.c */
/* Fix a server's port by its method and its virtual server. */
void conf_fix_port(struct conf_ctx *ctx, const struct vs_draft *draft,
		   const struct conf_forward *forward, struct endpoint *ep,
		   const struct conf_node *node);
/* Complete the server, or drop it after complaining. */
void conf_finish_server(struct conf_ctx *ctx, struct rs_draft *draft,
			const struct conf_node *node);
/* sane.c: values that are well formed but cannot be intended. */
/* Why no host has ADDR, as "it is a multicast address"; NULL: a host may. */
const char *conf_addr_absurd(const struct addr *addr);
/* Can the first value of NODE be a server's address? Complains. */
bool conf_sane_address(struct conf_ctx *ctx, const struct conf_node *node,
		       const struct addr *addr);
/* Complain if the service's own address is its server. */
void conf_sane_server(struct conf_ctx *ctx, const struct vs_draft *vs,
		      const struct endpoint *addr,
		      const struct conf_forward *forward,
		      const struct conf_node *node);
/* Complain about servers without checks. */
void conf_sane_checks(struct conf_ctx *ctx, const struct vs_draft *vs);
/* Complain about a `probe_path client` that does nothing. */
void conf_sane_client(struct conf_ctx *ctx, const struct vs_draft *vs);
/* Complain about an `integrity` that cannot work. */
void conf_sane_integrity(struct conf_ctx *ctx, const struct vs_draft *vs);
/* Complain about marks that the file gives to services of its own. */
void conf_sane_marks(struct conf_ctx *ctx);
/* Complain about a file without blocks. */
void conf_sane_file(struct conf_ctx *ctx);
/* mail_words.c: complain about mail that nobody gets. */
void conf_sane_mail(struct conf_ctx *ctx);

/*
 * Settle scheduler, persistence and kernel services, when all but the servers
 * is known. FAMILY is the first server's, for marks without a family.
 */
void conf_settle_virtual_server(struct conf_ctx *ctx, struct vs_draft *draft,
				uint16_t family);
void conf_finish_virtual_server(struct conf_ctx *ctx, struct vs_draft *draft);
void conf_use_check(struct conf_ctx *ctx, const struct check_draft *draft);
/* Move the drafts to their final places. */
void conf_finish(struct conf_ctx *ctx);

struct conf_draft {
	/* Blocks before anything is bound; made at the first of each. */
	struct check_fresh *fresh_checks[CHECK_KINDS];
	struct vs_draft *fresh_vs;
	struct rs_draft *fresh_server;
	const struct conf_node *fresh_server_vs; /* it inherits from this one */
	struct conf_virtual_server *vss;
	size_t nr_vss, room_vss;
	struct conf_server *servers;
	size_t nr_servers, room_servers;
	struct conf_check *checks;
	size_t nr_checks, room_checks;
	struct index check_set;
	/* Of the server at hand, then moved to a piece of pool memory. */
	struct conf_use *uses;
	size_t nr_uses, room_uses;
	struct conf_use *chunk;
	size_t chunk_left;
	struct conf_group *groups; /* complete when the first one is used */
	size_t nr_groups, room_groups;
	struct index group_set, key_set, server_set;
	struct service_key *keys;
	size_t nr_keys, room_keys;
	struct announce_draft *announces;
	size_t nr_announces, room_announces;
	/* All their addresses, those of the group at hand included. */
	struct announced {
		struct addr addr;
		uint32_t group;
	} * announced;
	size_t nr_announced, room_announced;
	/* Groups by name; the entries of `announced` by address. */
	struct index announce_set, announced_set;
	const struct conf_node
		*marked; /* a virtual_server in probe_marks, or NULL */
	bool client_used; /* some check goes the clients' way */
	struct vrrp_draft *vrrp; /* vrrp_blocks.h */
	/* The first line that asks for mail; one that names who gets it, or how. */
	const struct conf_node *mail_alert, *mail_to, *mail_server;
};

#endif
