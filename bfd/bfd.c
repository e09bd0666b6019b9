/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bfd/bfd.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "bfd/bfd_session.h"
#include "bfd/bfd_sock.h"
#include "lib/bfd_ipc.h"
#include "lib/carry.h"
#include "lib/ipc.h"
#include "lib/log.h"
#include "lib/log_pump.h"
#include "lib/loop.h"

/* Datagrams read in one turn of the loop at most, so that timers do not starve. */
#define BFD_DATAGRAMS 256
/* A port that cannot be had, and reports that main does not read: so much later. */
#define BFD_LISTEN_RETRY (5 * USEC_PER_SEC)
#define BFD_REPORT_RETRY (20 * USEC_PER_MSEC)

/* A session at run time. */
struct bfd_link {
	struct ipc_bfd_session conf;
	struct bfd_session session;
	struct bfd *bfd;
	struct loop_timer timer;
	int fd; /* to send from; -1: none yet */
	int error; /* of the last packet, as logged; 0: none */
	uint32_t index; /* in the configuration */
	bool report_due;
};

/* IPv4 and IPv6, over one hop and over several. */
enum bfd_port {
	BFD_PORT_MANY = 1 << 0,
	BFD_PORT_V6 = 1 << 1,
	BFD_PORTS = 4,
};

struct bfd_listener {
	struct bfd *bfd;
	struct loop_io io;
	int fd; /* -1: none */
	int error; /* as logged */
	bool wanted;
	bool multihop;
};

struct bfd {
	struct loop *loop;
	int sock; /* to main */
	struct loop_io io;
	struct loop_signal term, interrupt;
	struct log_pump pump;
	struct loop_task report;
	struct loop_timer report_retry, listen_retry;
	struct bfd_listener listeners[BFD_PORTS];
	uint32_t generation;
	struct bfd_link **links;
	uint32_t nr_links;
	struct index by_neighbor;
	/* A configuration of which messages are still missing. */
	struct ipc_bfd_session *coming;
	uint32_t nr_coming;
	struct ipc_message message; /* large, so not on a stack */
};

static uint32_t bfd_random(void)
{
	uint32_t random = 0;

	/* Without it packets are spread less, which harms nothing. */
	(void)!getrandom(&random, sizeof(random), 0);
	return random;
}

/* Packets */

/* A neighbour that cannot be sent to is a line in the log, once each reason. */
static void bfd_link_note(struct bfd_link *link, int error)
{
	char text[ADDR_TEXT_MAX];

	if (error < 0 && error != link->error)
		log_warning("bfd", "cannot send to %s: %s",
			    addr_format(&link->conf.neighbor, text),
			    strerror(-error));
	link->error = error;
}

static void bfd_link_send(struct bfd_link *link, bool final)
{
	const struct ipc_bfd_session *conf = &link->conf;
	usec_t now = loop_now(link->bfd->loop);
	uint8_t bytes[BFD_PACKET_LENGTH];
	struct bfd_packet packet;
	int error = 0;

	if (!bfd_session_packet(&link->session, final, bfd_random(), now,
				&packet))
		return;
	bfd_packet_encode(&packet, bytes);
	if (link->fd < 0)
		link->fd = bfd_sock_open(conf->neighbor.family, &conf->source,
					 conf->ttl);
	if (link->fd < 0)
		error = link->fd;
	else
		error = bfd_sock_send(link->fd, &conf->neighbor, conf->multihop,
				      bytes, sizeof(bytes));
	/* The answer of a host without the port is to the packet before. */
	if (error == -ECONNREFUSED)
		error = 0;
	bfd_link_note(link, error);
}

static void bfd_link_plan(struct bfd_link *link)
{
	usec_t next = bfd_session_next(&link->session);

	if (next)
		loop_timer_set(&link->timer, next);
	else
		loop_timer_clear(&link->timer);
}

static void bfd_link_act(struct bfd_link *link, unsigned want)
{
	usec_t now = loop_now(link->bfd->loop);

	if (want & BFD_WANT_ANSWER)
		bfd_link_send(link, true);
	else if (want & BFD_WANT_PACKET)
		bfd_link_send(link, false);
	if (bfd_session_is_due(&link->session, now))
		bfd_link_send(link, false);
	if (want & BFD_WANT_REPORT) {
		link->report_due = true;
		loop_task_want(&link->bfd->report);
	}
	bfd_link_plan(link);
}

static void bfd_link_expired(struct loop_timer *timer)
{
	struct bfd_link *link = container_of(timer, struct bfd_link, timer);

	bfd_link_act(link, bfd_session_expire(&link->session,
					      loop_now(link->bfd->loop)));
}

static uint32_t bfd_neighbor_hash(const struct addr *neighbor, bool multihop)
{
	return addr_hash(neighbor) * 2 + multihop;
}

static struct bfd_link *bfd_find(const struct bfd *bfd,
				 const struct addr *neighbor, bool multihop)
{
	struct index_walk walk;
	uint32_t i;

	index_for_each (&bfd->by_neighbor,
			bfd_neighbor_hash(neighbor, multihop), &walk, i) {
		struct bfd_link *link = bfd->links[i];

		if (link->conf.multihop == multihop &&
		    addr_cmp(&link->conf.neighbor, neighbor) == 0)
			return link;
	}
	return NULL;
}

static void bfd_take(struct bfd *bfd, const struct bfd_datagram *datagram,
		     bool multihop)
{
	struct bfd_link *link = bfd_find(bfd, &datagram->from, multihop);
	size_t length = datagram->length;
	struct bfd_packet packet;
	unsigned want;

	if (!link || datagram->ttl < link->conf.ttl_least)
		return;
	if (length > sizeof(datagram->data))
		length = sizeof(datagram->data);
	if (bfd_packet_decode(datagram->data, length, &packet) == BFD_TAKEN &&
	    bfd_session_receive(&link->session, &packet, loop_now(bfd->loop),
				&want) == BFD_TAKEN)
		bfd_link_act(link, want);
}

static void bfd_listener_ready(struct loop_io *io, unsigned what)
{
	struct bfd_listener *listener =
		container_of(io, struct bfd_listener, io);
	struct bfd_datagram datagram;
	int i, error;

	for (i = 0; i < BFD_DATAGRAMS; i++) {
		error = bfd_sock_receive(listener->fd, &datagram);
		if (error == -EAGAIN)
			return;
		if (error == 0)
			bfd_take(listener->bfd, &datagram, listener->multihop);
	}
}

/* Listeners */

static void bfd_listener_close(struct bfd_listener *listener)
{
	if (listener->fd < 0)
		return;
	loop_io_stop(&listener->io);
	close(listener->fd);
	listener->fd = -1;
}

static int bfd_listener_open(struct bfd_listener *listener, sa_family_t family)
{
	int error;

	listener->fd = bfd_sock_listen(family, listener->multihop);
	if (listener->fd < 0)
		return listener->fd;
	error = loop_io_start(listener->bfd->loop, &listener->io, listener->fd,
			      LOOP_READ, bfd_listener_ready);
	if (error < 0) {
		close(listener->fd);
		listener->fd = -1;
	}
	return error;
}

/* Open the wanted ports, and close the rest; a port of others is asked for again. */
static void bfd_listen(struct bfd *bfd)
{
	bool missing = false;
	unsigned i;

	for (i = 0; i < BFD_PORTS; i++) {
		struct bfd_listener *listener = &bfd->listeners[i];
		int error = 0;

		if (!listener->wanted)
			bfd_listener_close(listener);
		else if (listener->fd < 0)
			error = bfd_listener_open(
				listener, i & BFD_PORT_V6 ? AF_INET6 : AF_INET);
		if (error < 0 && error != listener->error)
			log_error(
				"bfd",
				"no packet can be received at the port for %s: %s; does another BFD daemon run here?",
				listener->multihop ? "several hops" : "one hop",
				strerror(-error));
		listener->error = error;
		missing |= error < 0;
	}
	if (missing)
		loop_timer_set(&bfd->listen_retry,
			       loop_now(bfd->loop) + BFD_LISTEN_RETRY);
}

static void bfd_listen_again(struct loop_timer *timer)
{
	bfd_listen(container_of(timer, struct bfd, listen_retry));
}

static void bfd_want_listeners(struct bfd *bfd)
{
	uint32_t i;

	for (i = 0; i < BFD_PORTS; i++)
		bfd->listeners[i].wanted = false;
	for (i = 0; i < bfd->nr_links; i++) {
		const struct ipc_bfd_session *conf = &bfd->links[i]->conf;
		unsigned port = conf->multihop ? BFD_PORT_MANY : 0;

		if (conf->neighbor.family == AF_INET6)
			port |= BFD_PORT_V6;
		bfd->listeners[port].wanted = true;
	}
	bfd_listen(bfd);
}

/* Reports */

static int bfd_link_report(const struct bfd_link *link)
{
	const struct bfd_session *session = &link->session;
	struct ipc_bfd_state state = {
		.session = link->index,
		.up = bfd_session_finding(session) == BFD_FINDING_UP,
		.remote_state = (uint8_t)session->remote.state,
		.diag = session->diag,
		.remote_diag = session->remote.diag,
	};

	if (bfd_session_finding(session) == BFD_FINDING_NONE)
		return 0;
	return ipc_send(link->bfd->sock, IPC_BFD_STATE, link->bfd->generation,
			&state, sizeof(state), -1);
}

static void bfd_report(struct bfd *bfd)
{
	uint32_t i;
	int error;

	for (i = 0; i < bfd->nr_links; i++) {
		if (!bfd->links[i]->report_due)
			continue;
		error = bfd_link_report(bfd->links[i]);
		if (error == -EAGAIN || error == -ENOBUFS) {
			loop_timer_set(&bfd->report_retry,
				       loop_now(bfd->loop) + BFD_REPORT_RETRY);
			return;
		}
		/* A main that is gone is seen by the end of its stream. */
		bfd->links[i]->report_due = false;
	}
}

static void bfd_report_task(struct loop_task *task)
{
	bfd_report(container_of(task, struct bfd, report));
}

static void bfd_report_again(struct loop_timer *timer)
{
	bfd_report(container_of(timer, struct bfd, report_retry));
}

/* Configuration */

static struct bfd_terms bfd_terms_of(const struct ipc_bfd_session *conf)
{
	return (struct bfd_terms){
		.min_rx = conf->min_rx * (usec_t)USEC_PER_MSEC,
		.min_tx = conf->min_tx * (usec_t)USEC_PER_MSEC,
		.idle_tx = conf->idle_tx * (usec_t)USEC_PER_MSEC,
		.multiplier = conf->multiplier,
		.passive = conf->passive,
	};
}

static struct bfd_link *bfd_link_new(struct bfd *bfd,
				     const struct ipc_bfd_session *conf)
{
	struct bfd_link *link = xcalloc(1, sizeof(*link));
	struct bfd_terms terms = bfd_terms_of(conf);
	uint32_t mine;

	do
		mine = bfd_random();
	while (mine == 0);
	link->bfd = bfd;
	link->conf = *conf;
	link->fd = -1;
	loop_timer_init(bfd->loop, &link->timer, bfd_link_expired);
	bfd_session_begin(&link->session, &terms, mine, loop_now(bfd->loop));
	return link;
}

/* The neighbour is told, as far as one packet can. */
static void bfd_link_end(struct bfd_link *link)
{
	if (!link)
		return;
	if (link->session.remote.discriminator) {
		bfd_session_end(&link->session);
		bfd_link_send(link, false);
	}
	loop_timer_clear(&link->timer);
	if (link->fd >= 0)
		close(link->fd);
	free(link);
}

/* With the terms of before nothing changes. */
static void bfd_link_change(struct bfd_link *link,
			    const struct ipc_bfd_session *conf)
{
	struct bfd_terms terms = bfd_terms_of(conf);
	bool moved = addr_cmp(&link->conf.source, &conf->source) != 0 ||
		     link->conf.ttl != conf->ttl;

	link->conf = *conf;
	/* The next packet opens another. */
	if (moved && link->fd >= 0) {
		close(link->fd);
		link->fd = -1;
	}
	bfd_session_agree(&link->session, &terms, loop_now(link->bfd->loop));
}

/* Put the sessions COMING into use; those with the same neighbours go on. */
static void bfd_use(struct bfd *bfd)
{
	struct bfd_link **before = bfd->links;
	uint32_t nr_before = bfd->nr_links, i;
	struct bfd_link **links =
		xcalloc((size_t)bfd->nr_coming + 1, sizeof(struct bfd_link *));

	for (i = 0; i < bfd->nr_coming; i++) {
		const struct ipc_bfd_session *conf = &bfd->coming[i];
		struct bfd_link *link =
			bfd_find(bfd, &conf->neighbor, conf->multihop);

		if (link && before[link->index] == link) {
			before[link->index] = NULL;
			links[i] = link;
			bfd_link_change(link, conf);
		}
	}
	index_free(&bfd->by_neighbor);
	bfd->by_neighbor = (struct index){ 0 };
	for (i = 0; i < nr_before; i++)
		bfd_link_end(before[i]);
	free(before);
	bfd->links = links;
	bfd->nr_links = bfd->nr_coming;
	for (i = 0; i < bfd->nr_links; i++) {
		const struct ipc_bfd_session *conf = &bfd->coming[i];

		if (!links[i])
			links[i] = bfd_link_new(bfd, conf);
		links[i]->index = i;
		links[i]->report_due = true;
		index_put(&bfd->by_neighbor,
			  bfd_neighbor_hash(&conf->neighbor, conf->multihop),
			  i);
		bfd_link_plan(links[i]);
	}
	bfd_want_listeners(bfd);
	loop_task_want(&bfd->report);
}

/* Whether the state machine can work by CONF; main has checked the file. */
static bool bfd_is_sound(const struct ipc_bfd_session *conf)
{
	const uint32_t most = BFD_INTERVAL_MAX / USEC_PER_MSEC;
	bool family = conf->neighbor.family == AF_INET ||
		      conf->neighbor.family == AF_INET6;

	return family &&
	       (!addr_is_set(&conf->source) ||
		conf->source.family == conf->neighbor.family) &&
	       conf->multiplier > 0 && conf->ttl > 0 && conf->multihop <= 1 &&
	       conf->min_rx > 0 && conf->min_rx <= most && conf->min_tx > 0 &&
	       conf->min_tx <= most && conf->idle_tx <= most;
}

static void bfd_take_conf(void *arg, const struct ipc_message *msg)
{
	struct bfd *bfd = arg;
	const struct ipc_bfd_conf *head = (const void *)msg->body;
	const struct ipc_bfd_session *sessions =
		(const void *)(msg->body + sizeof(*head));
	size_t nr = (msg->length - sizeof(*head)) / sizeof(*sessions), i;

	if (head->first == 0)
		bfd->nr_coming = 0;
	if (head->first != bfd->nr_coming ||
	    head->total > IPC_BFD_SESSIONS_MAX ||
	    nr > head->total - bfd->nr_coming) {
		log_warning("bfd", "main's sessions make no sense");
		return;
	}
	for (i = 0; i < nr; i++) {
		if (!bfd_is_sound(&sessions[i])) {
			log_warning("bfd", "main's sessions make no sense");
			return;
		}
		bfd->coming[bfd->nr_coming++] = sessions[i];
	}
	if (bfd->nr_coming < head->total)
		return;
	bfd->generation = msg->header.generation;
	bfd_use(bfd);
}

static void bfd_take_log_level(void *arg, const struct ipc_message *msg)
{
	ipc_obey_log_level(msg);
}

static void bfd_take_ping(void *arg, const struct ipc_message *msg)
{
	struct bfd *bfd = arg;

	ipc_answer(bfd->sock, msg);
}

static const struct ipc_handler bfd_messages[] = {
	{ IPC_BFD_CONF, bfd_take_conf },
	{ IPC_LOG_LEVEL, bfd_take_log_level },
	{ IPC_PING, bfd_take_ping },
	{ IPC_NONE, NULL },
};

static void bfd_main_ready(struct loop_io *io, unsigned what)
{
	struct bfd *bfd = container_of(io, struct bfd, io);
	struct ipc_message *msg = &bfd->message;
	int got = ipc_recv(bfd->sock, msg);

	if (got == 0 || got == -EPIPE || got == -ECONNRESET) {
		loop_stop(bfd->loop);
		return;
	}
	if (got < 0) {
		if (got != -EAGAIN)
			log_warning("bfd", "bad message from main: %s",
				    strerror(-got));
		return;
	}
	if (!ipc_dispatch(bfd_messages, bfd, msg))
		log_warning("bfd", "unexpected message %u from main",
			    msg->header.type);
	if (msg->fd >= 0)
		close(msg->fd);
}

static void bfd_signal_caught(struct loop_signal *sig, int signo)
{
	loop_stop(sig->loop);
}

static int bfd_open(struct bfd *bfd)
{
	unsigned i;
	int error;

	bfd->loop = loop_new();
	if (!bfd->loop)
		return -errno;
	log_pump_start(&bfd->pump, bfd->loop);
	loop_task_init(bfd->loop, &bfd->report, bfd_report_task);
	loop_timer_init(bfd->loop, &bfd->report_retry, bfd_report_again);
	loop_timer_init(bfd->loop, &bfd->listen_retry, bfd_listen_again);
	for (i = 0; i < BFD_PORTS; i++)
		bfd->listeners[i] = (struct bfd_listener){
			.bfd = bfd, .fd = -1, .multihop = i & BFD_PORT_MANY
		};
	bfd->coming = xcalloc(IPC_BFD_SESSIONS_MAX, sizeof(*bfd->coming));
	error = loop_signal_start(bfd->loop, &bfd->term, SIGTERM,
				  bfd_signal_caught);
	if (error == 0)
		error = loop_signal_start(bfd->loop, &bfd->interrupt, SIGINT,
					  bfd_signal_caught);
	if (error == 0)
		error = loop_io_start(bfd->loop, &bfd->io, bfd->sock, LOOP_READ,
				      bfd_main_ready);
	return error;
}

static void bfd_close(struct bfd *bfd)
{
	uint32_t i;

	if (!bfd->loop)
		return;
	for (i = 0; i < bfd->nr_links; i++)
		bfd_link_end(bfd->links[i]);
	free(bfd->links);
	index_free(&bfd->by_neighbor);
	free(bfd->coming);
	for (i = 0; i < BFD_PORTS; i++)
		bfd_listener_close(&bfd->listeners[i]);
	loop_io_stop(&bfd->io);
	loop_signal_stop(&bfd->term);
	loop_signal_stop(&bfd->interrupt);
	loop_task_clear(&bfd->report);
	loop_timer_clear(&bfd->report_retry);
	loop_timer_clear(&bfd->listen_retry);
	log_pump_stop(&bfd->pump);
	loop_free(bfd->loop);
}

int bfd_main(int sock)
{
	struct bfd *bfd = xcalloc(1, sizeof(*bfd));
	int error;

	/* A reload is main's, and comes as a message. */
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	bfd->sock = sock;
	error = bfd_open(bfd);
	if (error < 0)
		log_error("bfd", "cannot start: %s", strerror(-error));
	else
		error = loop_run(bfd->loop);
	bfd_close(bfd);
	free(bfd);
	return error < 0 ? 1 : 0;
}
