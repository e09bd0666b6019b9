/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interface of a probe type; check.h has the services of the process.
 *
 * A type is a const struct of functions in a table indexed by enum check_kind
 * (probe.c); nothing else in this room switches on the kind of a check. The
 * scheduler calls start() when a check is due. From then on the type owns the
 * probe and ends it with exactly one call of check_finish(), from start()
 * itself or later; or the scheduler ends it, by expire() at its deadline or by
 * cancel() when the check has vanished from the configuration.
 */
#ifndef EVENKEEL_CHECKERS_PROBE_H
#define EVENKEEL_CHECKERS_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "checkers/sched.h"
#include "checkers/timing.h"
#include "conf/conf.h"
#include "lib/ipc.h"
#include "lib/verdict.h"

struct checker;
struct checker_identity;
struct loop;
struct zygote;

/* Sockets for probe_path client that a check keeps at most. */
#define PATH_SOCKETS 2

/* The way of a check's probes; see check_path.h. */
struct check_path {
	int sockets[PATH_SOCKETS];
	uint8_t nr_sockets;
	uint8_t rest; /* failures until the server itself is asked again */
	uint32_t renewed; /* how often all sockets became stale */
	bool asked; /* main, for a socket */
	bool direct; /* the probe at hand goes to the server's own address */
	bool used; /* the probe at hand has taken the last of the sockets */
	bool joined; /* that may have a connection, of an earlier probe too */
	bool stale; /* the sockets are, and the probe at hand has one */
	bool lacking; /* because there is no socket */
	int error; /* why there is none, an errno */
	usec_t began; /* when FIRST started */
	struct probe_result
		*first; /* of the clients' way, while DIRECT; or NULL */
};

/* A check at run time. The struct never moves while it lives. */
struct check {
	const struct conf_check *conf;
	const struct probe_type *type; /* NULL: not run */
	struct checker *checker;
	/* While it waits: its next start. While a probe runs: the deadline. */
	struct sched_item item;
	usec_t started; /* of the running probe; 0: none */
	usec_t late_since; /* when it was first put off; 0: it is not */
	struct timing timing;
	uint32_t index; /* in the configuration */
	uint32_t failures; /* in a row */
	uint32_t outbox; /* place of its unsent verdict, from 1; 0: none */
	enum outcome reported; /* in its newest verdict */
	void *probe; /* the type's, while a probe runs */
	void *state; /* the type's, for as long as the check lives */
	char *secret; /* the content of its password_file, or NULL */
	struct check_path path; /* with probe_path client */
};

/* A probe's result; the scheduler fills in the rest of the verdict. */
struct probe_result {
	enum outcome outcome;
	uint16_t server_errno;
	uint32_t duration; /* us; 0: from the start until now */
	struct facts facts;
	char text[VERDICT_TEXT_MAX];
};

/* Sockets that types keep for later probes, at most. */
#define PROBE_SOCKETS_KEPT 128

/* The means of the process, for what a type's checks share. */
struct probe_means {
	struct loop *loop;
	struct zygote
		*zygote; /* of probe_zygote_start(); whoever takes it says so */
	unsigned helpers_max; /* processes at a time */
};

struct probe_type {
	const char *name;
	/* How long after the check's timeout the deadline is enforced: a type
	 * that ends its probes by itself gets a moment to report. */
	usec_t grace;
	/* Marked sockets that a probe takes at the most; 0: it takes none. */
	unsigned sockets;
	/*
	 * Begin a probe. Returns 0, or -errno for want of descriptors or
	 * processes: the probe is then put off and tried again.
	 */
	int (*start)(struct check *check);
	/* End the running probe and say nothing. */
	void (*cancel)(struct check *check);
	/* The deadline has passed: end the probe and fill RESULT with the
	 * findings. A timeout or a hang does not count if we come late. */
	void (*expire)(struct check *check, struct probe_result *result);
	/* A check appears or vanishes; attach and detach may be NULL. */
	void (*attach)(struct check *check);
	void (*detach)(struct check *check);
	/*
	 * For all checks of the type together, see check_shared(). NULL: they
	 * share nothing. OPEN may return NULL, and is then called again when
	 * it is needed.
	 */
	void *(*open)(const struct probe_means *means);
	void (*close)(void *shared);
	/* Main wants the clients of the server out, or no more; NULL: cannot. */
	void (*evict)(struct check *check, const struct ipc_evict *order);
	/* Main has read the check's file anew; NULL: there is none. */
	void (*hear_number)(struct check *check, const struct ipc_number *news);
	/*
	 * Send a payload, with the socket FD (-1: none), which is taken; NULL:
	 * cannot. The answer goes to main as IPC_PAYLOAD.
	 */
	void (*payload)(struct check *check, const struct ipc_payload_ask *ask,
			int fd);
	/* Main ran a script for one of them; NULL: the type asks for none. */
	void (*script_end)(void *shared, const struct ipc_script_end *end);
};

/* NULL: checks of this kind are not run. */
const struct probe_type *probe_type(enum check_kind kind);

/* Fork the helper that probes need, before the process has grown. Returns 0, or -errno. */
int probe_zygote_start(struct zygote *zygote);

/*
 * Set up the libraries that load others by a configuration of their own, as
 * OpenSSL does its providers: before the process is confined. Returns 0 or -ENOMEM.
 */
int probe_load_libraries(void);

#define PROBE_OF_KIND(number, name, ...) \
	extern const struct probe_type probe_##name;

CONF_CHECK_KINDS(PROBE_OF_KIND, CONF_KIND_NOTHING)

#endif
