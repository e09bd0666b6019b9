/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages between our processes: SOCK_SEQPACKET socket pairs, so the kernel
 * keeps message borders; each message is a small header and a body of fixed
 * structs. The sender and the receiver are the same binary, so the layout is
 * the compiler's.
 *
 * The receiver trusts nothing: a body is handed on only if its type is known
 * and its length is a whole number of the structs that the type carries (see
 * ipc_message_check()); anything else is dropped and counted by the caller.
 */
#ifndef EVENKEEL_LIB_IPC_H
#define EVENKEEL_LIB_IPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/addr.h"
#include "lib/payload.h"
#include "lib/util.h"
#include "lib/verdict.h"

enum ipc_type {
	IPC_NONE,
	/* main to a child */
	IPC_CONF, /* struct ipc_conf, and a sealed memfd that holds the text */
	IPC_SECRET, /* struct ipc_secret; before IPC_CONF */
	IPC_PROBE_NOW, /* struct ipc_probe_now: do this check at once */
	IPC_LOG_LEVEL, /* struct ipc_log_level */
	/* main to any child, and its answer: see ipc_answer() */
	IPC_PING, /* struct ipc_ping */
	IPC_PONG, /* the same */
	/* checker to main */
	IPC_READY, /* struct ipc_ready: the configuration is in use */
	IPC_VERDICTS, /* struct ipc_verdicts, then 0 to IPC_VERDICTS_MAX verdicts */
	/* main to vrrp and back: lib/vrrp_ipc.h */
	IPC_VRRP_TRACK, /* up to IPC_VRRP_TRACKS_MAX struct ipc_vrrp_track */
	IPC_VRRP_ASK, /* struct ipc_vrrp_ask */
	IPC_VRRP_STATE, /* struct ipc_vrrp_state */
	IPC_VRRP_YIELD, /* struct ipc_vrrp_yield, then struct ipc_vrrp_behind */
	/* checker to main, and main's answer */
	IPC_SCRIPT_RUN, /* struct ipc_script_run: run the script of this check */
	IPC_SCRIPT_STOP, /* struct ipc_script_stop: the checker waits no more */
	IPC_SCRIPT_END, /* struct ipc_script_end: the script's outcome */
	/* main to peer and back: lib/peer_ipc.h */
	IPC_PEER_CONF, /* up to PEER_CHANNELS_MAX struct ipc_peer_conf */
	IPC_PEER_HEARD, /* struct ipc_peer_heard */
	IPC_PEER_WORDS, /* up to IPC_PEER_WORDS_MAX struct ipc_peer_word */
	IPC_PEER_PAGE, /* struct ipc_peer_page */
	IPC_PEER_SETTLED, /* struct ipc_peer_settled */
	/* main to web and back: lib/web_ipc.h */
	IPC_WEB_CONF, /* struct ipc_web_conf */
	IPC_WEB_ASK, /* struct ipc_web_ask */
	IPC_WEB_ANSWER, /* struct ipc_web_answer, and a memfd with the text */
	/* main to recorder, and its answer */
	IPC_RECORD_OPEN, /* struct ipc_record_open */
	IPC_RECORD_BYTES, /* struct ipc_record_bytes, then the bytes */
	IPC_RECORD_BLOB, /* struct ipc_record_blob, and a memfd with the bytes */
	IPC_RECORD_STATE, /* struct ipc_record_state */
	IPC_EVICT, /* main to checker: struct ipc_evict */
	/* main to mail and back: lib/mail_ipc.h */
	IPC_MAIL_CONF, /* struct ipc_mail_conf */
	IPC_MAIL_LETTER, /* struct ipc_mail_letter */
	IPC_MAIL_DONE, /* struct ipc_mail_done */
	IPC_SOCKET_ASK, /* checker to main: struct ipc_socket_ask */
	IPC_SOCKET, /* its answer: struct ipc_socket, and the socket */
	IPC_NUMBER, /* main to checker: struct ipc_number */
	IPC_PAYLOAD_ASK, /* main to checker: struct ipc_payload_ask, perhaps a socket */
	IPC_PAYLOAD, /* its answer: struct ipc_payload */
	/* main to checker, before IPC_CONF: struct ipc_identity, and a memfd */
	IPC_IDENTITY,
	/* main to bfd and back: lib/bfd_ipc.h */
	IPC_BFD_CONF, /* struct ipc_bfd_conf, then up to IPC_BFD_PAGE sessions */
	IPC_BFD_STATE, /* struct ipc_bfd_state */
	IPC_VRRP_KEY, /* struct ipc_vrrp_key */
	/* main to checker, before IPC_CONF: struct ipc_trust, and a memfd */
	IPC_TRUST,
	IPC_TYPES,
};

struct ipc_header {
	uint32_t type; /* enum ipc_type */
	uint32_t generation; /* of the configuration that the body speaks of */
};

struct ipc_conf {
	uint32_t length; /* bytes of text in the memfd */
	uint32_t compat; /* 1: keepalived_compat was given on the command line */
	char config_id[64]; /* -i ID, ended by NUL */
};

/*
 * The content of a password_file, which the checker cannot read itself: for the
 * checks from CHECK to LAST of the configuration, as far as they have such a file.
 */
struct ipc_secret {
	uint32_t check;
	uint32_t last;
	uint32_t length;
	char text[256];
};

struct ipc_probe_now {
	uint32_t check;
};

#define IPC_SPARE_MAX 4096 /* users of kill_spare, one a line, with the NUL */

/* End the sessions of clients in the server of CHECK, until it came to an end. */
struct ipc_evict {
	uint32_t check;
	uint32_t wanted; /* 0: not any more */
	char spare[IPC_SPARE_MAX];
};

/* Wanted: a socket for the clients' way to the server of CHECK. */
struct ipc_socket_ask {
	uint32_t check;
};

#define IPC_SOCKETS_STALE UINT32_MAX

/*
 * Marked and bound, or with ERROR an errno and no socket: EAGAIN means soon. With
 * CHECK IPC_SOCKETS_STALE, without a socket: those of before are of no use.
 */
struct ipc_socket {
	uint32_t check;
	uint32_t error;
};

enum ipc_identity_part {
	IPC_IDENTITY_CA,
	IPC_IDENTITY_CERTIFICATE,
	IPC_IDENTITY_KEY,
	IPC_IDENTITY_PARTS,
};

/* The most bytes of one part. */
#define IPC_IDENTITY_MAX (256u << 10)

/*
 * The files of the block SSL, which the checker cannot read itself: one behind the
 * other in the memfd. With ERROR, an errno, one of them cannot be used, and there
 * is no memfd.
 */
struct ipc_identity {
	uint32_t lengths[IPC_IDENTITY_PARTS]; /* 0: the file names none */
	uint32_t error;
};

/*
 * The file of authorities (conf_traits.trust_file) of CHECK, and of all other
 * checks that name the same: as IPC_IDENTITY_CA of FILES.
 */
struct ipc_trust {
	struct ipc_identity files;
	uint32_t check;
};

/*
 * The number in the file of CHECK, which the checker cannot read itself: after
 * each configuration, and whenever it changes.
 */
struct ipc_number {
	uint32_t check;
	int32_t value;
	char why[96]; /* why the file counts as 0; ended by NUL, empty: no fault */
};

/*
 * Send a payload (lib/payload.h) to the server of CHECK, and compare its
 * echo. A socket comes along if it is to go to SERVICE, the clients' way.
 */
struct ipc_payload_ask {
	uint64_t ticket; /* main's; comes back with the answer */
	uint64_t seed;
	uint32_t check;
	uint32_t size; /* bytes */
	usec_t timeout; /* of it all, login included */
	struct endpoint service; /* family AF_UNSPEC: the server's own address */
};

struct ipc_payload {
	uint64_t ticket;
	uint32_t outcome; /* enum outcome: PROBE_OK, or why nothing was compared */
	uint32_t duration; /* us */
	struct payload_found found;
	char text[VERDICT_TEXT_MAX]; /* with OUTCOME, for people, ended by NUL */
};

struct ipc_log_level {
	uint32_t level; /* enum log_level */
};

/*
 * The checker cannot take a script's user, so main runs it. The checker names a
 * check, never a command, so it can only run commands of the file.
 */
struct ipc_script_run {
	uint64_t ticket; /* the checker's; comes back with the answer */
	uint32_t check;
	uint32_t pad;
};

struct ipc_script_stop {
	uint64_t ticket;
};

enum ipc_script_how {
	IPC_SCRIPT_EXITED, /* STATUS: its exit status */
	IPC_SCRIPT_SIGNALLED, /* STATUS: the signal */
	IPC_SCRIPT_TIMED_OUT,
	IPC_SCRIPT_UNFIT, /* it cannot be run, for a reason in the file or on disk */
	IPC_SCRIPT_SHORTAGE, /* main has nothing to run it with */
	IPC_SCRIPT_BUSY, /* its last run has not ended */
	IPC_SCRIPT_STALE, /* main has a newer configuration */
};

struct ipc_script_end {
	uint64_t ticket;
	uint32_t how; /* enum ipc_script_how */
	int32_t status;
	char why[128]; /* for people, ended by NUL */
};

#define IPC_RECORD_PATH_MAX 256

/* Bytes that follow go to PATH, and to none before. */
struct ipc_record_open {
	uint64_t most; /* bytes of one file */
	char path[IPC_RECORD_PATH_MAX];
};

/* Whole frames of a recording, and the number of inputs in them. */
struct ipc_record_bytes {
	uint64_t inputs;
};

enum ipc_record_flag {
	/* The recording begins again: errors from before are forgotten. */
	IPC_RECORD_BEGINS = 1,
	/* In a new file; the present one becomes FILE.1. */
	IPC_RECORD_ROLL = 2,
};

struct ipc_record_blob {
	uint64_t length; /* bytes in the memfd */
	uint64_t inputs;
	uint32_t flags; /* enum ipc_record_flag */
	uint32_t pad;
};

struct ipc_record_state {
	uint64_t taken; /* bytes, written or not, since IPC_RECORD_OPEN */
	uint64_t inputs; /* written since IPC_RECORD_BEGINS */
	uint64_t size; /* of the file */
	uint32_t error; /* an errno: nothing is written until it begins again */
	uint32_t begun; /* how many IPC_RECORD_BEGINS were taken */
};

/* "Are you there?", from main's side of the channel; the child repeats NUMBER. */
struct ipc_ping {
	uint64_t token; /* of the question; sent back as it came */
	uint32_t number;
	uint32_t reserved; /* 0 */
};

struct ipc_ready {
	uint32_t checks;
};

struct ipc_verdicts {
	/*
	 * The checker plans to speak again before this time. The field is for
	 * listeners only; main finds out with IPC_PING whether the checker
	 * lives.
	 */
	usec_t next_by;
	uint32_t count;
	uint32_t pad;
};

#define IPC_VERDICTS_MAX 32
/* The largest message, header included. */
#define IPC_MESSAGE_MAX 16384

#define IPC_RECORD_BYTES_MAX (IPC_MESSAGE_MAX - 64)

struct ipc_message {
	struct ipc_header header;
	size_t length; /* of the body */
	int fd; /* passed along, or -1; the receiver owns it */
	/* Aligned so that the body can be read as the struct it holds. */
	_Alignas(16) unsigned char body[IPC_MESSAGE_MAX];
};

/* A connected pair, both ends close-on-exec and non-blocking. 0 or -errno. */
int ipc_pair(int fds[2]);

/*
 * Send one message; FD >= 0 is passed along (and stays the caller's). Returns
 * 0, or -errno: -EAGAIN if the other side does not read, -EPIPE if it is gone.
 */
int ipc_send(int sock, enum ipc_type type, uint32_t generation,
	     const void *body, size_t length, int fd);

/* Whether the other side has messages of ours to read. */
bool ipc_unread(int sock);

/*
 * Receive one message into MSG. Returns 1, 0 at the end of the stream, or
 * -errno: -EAGAIN if there is none, -EBADMSG for a message that is malformed
 * (it is consumed, and a descriptor that came with it closed).
 */
int ipc_recv(int sock, struct ipc_message *msg);

/*
 * In a child: PING, which is an IPC_PING, is answered. A main that does not read
 * now asks again, so an answer that has no room is not missed.
 */
void ipc_answer(int sock, const struct ipc_message *ping);

/* The function for messages of TYPE. */
struct ipc_handler {
	enum ipc_type type;
	void (*handle)(void *arg, const struct ipc_message *msg);
};

/*
 * Hand MSG to its row of HANDLERS, which a row of type IPC_NONE ends. Returns
 * whether there is one: a process gets no other messages.
 */
bool ipc_dispatch(const struct ipc_handler *handlers, void *arg,
		  const struct ipc_message *msg);

/* In a child: MSG, an IPC_LOG_LEVEL, is obeyed. */
void ipc_obey_log_level(const struct ipc_message *msg);

/*
 * Whether type and length of a message fit together (and, for verdicts, the
 * count). Pure; ipc_recv() has done it already. The values inside the structs
 * are still to be checked by their user.
 */
bool ipc_message_check(const struct ipc_message *msg);

#endif
