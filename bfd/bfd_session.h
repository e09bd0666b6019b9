/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One BFD session: the state machine of RFC 5880, section 6, in asynchronous mode,
 * without authentication and without echo packets. The machine is pure: packets, the
 * time and random numbers come in, and it says when a packet is to be sent, its
 * content, and the state. bfd.c has the clock and the sockets, the unit tests
 * put two machines against each other.
 *
 * Both sides send packets at an interval that is the larger one of the sender's
 * wish and the receiver's limit, a random quarter shorter so that senders do
 * not fall into step. A side that gets none for the detection time, which is the
 * sender's interval times the sender's multiplier, takes the session down. While a
 * session is not up, packets are sent once a second (idle_tx) at most.
 *
 * A change of an interval while the session is up is agreed upon by a poll: the flag
 * P until the neighbour answers with F. Until then the old interval counts wherever
 * the new one would make a packet come later than the neighbour waits for it, or
 * make us wait less long than the neighbour takes (6.8.3).
 *
 * A session says nothing of its neighbour until it was up, or until the neighbour
 * had as much time as an answer may take: so a process that was started anew, or a
 * start of the whole, is no news of a neighbour that is well.
 */
#ifndef EVENKEEL_BFD_BFD_SESSION_H
#define EVENKEEL_BFD_BFD_SESSION_H

#include "bfd/bfd_packet.h"
#include "lib/util.h"

/* The file's terms: intervals in us, none above BFD_INTERVAL_MAX. */
struct bfd_terms {
	usec_t min_rx; /* the neighbour may send every so often; > 0 */
	usec_t min_tx; /* we want to send so often while the session is up; > 0 */
	usec_t idle_tx; /* and so often while it is not; 1 s at least */
	uint8_t multiplier; /* packets of ours that may get lost, plus 1; > 0 */
	bool passive; /* do not begin: wait for the neighbour's packet */
};

#define BFD_INTERVAL_MAX UINT32_MAX

/* The knowledge of the neighbour. */
enum bfd_finding {
	BFD_FINDING_NONE, /* not yet anything */
	BFD_FINDING_UP,
	BFD_FINDING_DOWN,
};

/* The wishes of a step, as bits. */
enum bfd_want {
	BFD_WANT_ANSWER = 1 << 0, /* a packet with F, now */
	BFD_WANT_PACKET = 1
			  << 1, /* a packet now, since its content is another */
	BFD_WANT_REPORT = 1 << 2, /* the finding, or its reason, is another */
};

/* Of the neighbour; before its first packet, and after silence, as set anew. */
struct bfd_remote {
	enum bfd_state state;
	uint8_t diag;
	uint8_t multiplier;
	bool demand; /* it wants no packets while both are up */
	uint32_t discriminator; /* 0: not known */
	usec_t min_tx, min_rx; /* us */
};

struct bfd_session {
	struct bfd_terms terms;
	uint32_t discriminator; /* ours; never 0 */
	enum bfd_state state;
	uint8_t diag; /* enum bfd_diag: why it was last left */
	struct bfd_remote remote;
	bool polling; /* packets carry P */
	usec_t tx; /* desired interval that counts at present */
	usec_t rx; /* required interval that counts at present */
	usec_t sent; /* the last periodic packet; 0: none */
	usec_t next; /* packet, as planned; 0: none */
	usec_t heard; /* the last packet that counted; 0: none */
	usec_t silent_until; /* no finding before, unless it was up; 0: it has one */
};

/* Begin in Down at NOW (> 0); the first packet is due at once, unless passive. */
void bfd_session_begin(struct bfd_session *session,
		       const struct bfd_terms *terms, uint32_t discriminator,
		       usec_t now);
/* Other terms from NOW on; the session goes on. */
void bfd_session_agree(struct bfd_session *session,
		       const struct bfd_terms *terms, usec_t now);

/*
 * PACKET, as decoded, came from the session's neighbour at NOW. Returns BFD_TAKEN,
 * with bits of enum bfd_want in WANT, or why the packet changed nothing.
 */
enum bfd_drop bfd_session_receive(struct bfd_session *session,
				  const struct bfd_packet *packet, usec_t now,
				  unsigned *want);
/* NOW has come; returns bits of enum bfd_want. */
unsigned bfd_session_expire(struct bfd_session *session, usec_t now);
/* When bfd_session_expire() or a packet is due next; 0: never. */
usec_t bfd_session_next(const struct bfd_session *session);
/* Whether a periodic packet is due at NOW. */
bool bfd_session_is_due(const struct bfd_session *session, usec_t now);
/*
 * A packet to be sent at NOW, into PACKET; FINAL: as an answer. RANDOM, any number,
 * spreads the next one, which is planned here. Returns false if the neighbour is to
 * get none, which is never so of an answer.
 */
bool bfd_session_packet(struct bfd_session *session, bool final,
			uint32_t random, usec_t now, struct bfd_packet *packet);
/* The session ends: its packets say so from now on. */
void bfd_session_end(struct bfd_session *session);

enum bfd_finding bfd_session_finding(const struct bfd_session *session);
/* How long the neighbour may be silent, in us; 0: it was not heard yet. */
usec_t bfd_session_detection(const struct bfd_session *session);

#endif
