/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/operator/peer_main.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/operator/override_store.h"
#include "daemon/operator/peer_wire.h"
#include "lib/ipc.h"
#include "lib/log.h"
#include "lib/log_pump.h"
#include "lib/loop.h"

#define PEER_MAIN_EVERY (2 * USEC_PER_SEC)
/*
 * The kernel keeps about 90 datagrams for a reader that is busy, and loses the
 * rest: the same ones each time, if a long report or many words come at once.
 */
#define PEER_MAIN_AT_ONCE 16
#define PEER_MAIN_PAUSE (20 * USEC_PER_MSEC)
/* Datagrams taken in one turn, of any sender. */
#define PEER_MAIN_BURST 64
#define PEER_MAIN_COMPLAIN (60 * USEC_PER_SEC)

/*
 * A kind of complaint has a limit of its own: a flood of one must not hide
 * another.
 */
enum peer_main_complaint {
	PEER_MAIN_OTHER_KEY,
	PEER_MAIN_OTHER_CLOCK,
	PEER_MAIN_FUTURE,
	PEER_MAIN_NONSENSE,
	PEER_MAIN_NO_SOCKET,
	PEER_MAIN_COMPLAINTS,
};

/* All that this balancer says is said once a round, to each peer. */
struct peer_main_round {
	bool busy; /* not all is said yet */
	usec_t next; /* the next one begins then, if this one is over */
	unsigned class; /* of the next words; OVERRIDE_CLASSES: all are said */
	size_t at; /* the next one, in the store */
	uint32_t page; /* the next one */
};

/*
 * One other balancer. A channel has a socket, a pace and complaints of its own: a
 * peer that floods, or is away, must not hinder others.
 */
struct peer_main_channel {
	struct peer_main *child;
	struct ipc_peer_conf conf;
	char name[ENDPOINT_TEXT_MAX]; /* its address and port */
	struct loop_io net; /* fd -1: none */
	struct loop_timer timer;
	struct peer_main_round round;
	usec_t rested; /* no datagram before, after those of the last moment */
	usec_t complain[PEER_MAIN_COMPLAINTS]; /* not before */
	bool due[PEER_PAGES_MAX]; /* new from main, not sent yet */
	uint32_t nr_due;
	int64_t paged[PEER_PAGES_MAX]; /* the peer's clock in its last ones */
	struct ipc_peer_heard news; /* not yet reported to main */
	bool heard; /* a valid datagram of the peer has come */
};

struct peer_main {
	struct loop *loop;
	int sock; /* to main */
	struct loop_io main;
	struct log_pump pump;
	struct peer_main_channel *channels[PEER_CHANNELS_MAX];
	uint32_t nr_channels;
	struct override_store *store;
	usec_t told; /* time of main's last message */
	struct ipc_peer_page *pages[PEER_PAGES_MAX]; /* main's; NULL: none */
	struct ipc_message message;
};

/*
 * A datagram of the round's next words; false: there are none. Words on servers
 * go out even if there are none, as a sign of life. Errors are ignored: a lost or
 * refused datagram is repeated.
 */
static bool peer_main_send_words(struct peer_main_channel *channel)
{
	struct peer_main_round *round = &channel->round;
	struct ipc_peer_word words[PEER_WORDS_MAX];
	uint8_t packet[PEER_PACKET_MAX];
	size_t count, length;

	while (round->class < OVERRIDE_CLASSES) {
		enum override_class class = (enum override_class)round->class;

		count = override_store_collect(channel->child->store, class,
					       &round->at, words,
					       PEER_WORDS_MAX);
		if (count < PEER_WORDS_MAX) {
			round->class ++;
			round->at = 0;
		}
		if (class != OVERRIDE_CLASS_SERVER && count == 0)
			continue;
		length = peer_encode(&channel->conf, words, count,
				     override_store_clock(), packet);
		(void)send(channel->net.fd, packet, length, MSG_NOSIGNAL);
		return true;
	}
	return false;
}

static void peer_main_send_page(struct peer_main_channel *channel,
				uint32_t page)
{
	uint8_t packet[PEER_PACKET_MAX];
	size_t length = peer_encode_page(&channel->conf,
					 channel->child->pages[page],
					 override_store_clock(), packet);

	(void)send(channel->net.fd, packet, length, MSG_NOSIGNAL);
	channel->nr_due -= channel->due[page];
	channel->due[page] = false;
}

static uint32_t peer_main_count_pages(const struct peer_main *child)
{
	uint32_t pages = child->pages[0] ? child->pages[0]->pages : 0;

	return pages < PEER_PAGES_MAX ? pages : PEER_PAGES_MAX;
}

/* New words of a page go before all that is said again. */
static bool peer_main_send_due(struct peer_main_channel *channel)
{
	uint32_t i, pages = peer_main_count_pages(channel->child);

	for (i = 0; channel->nr_due > 0 && i < pages; i++) {
		if (!channel->due[i])
			continue;
		peer_main_send_page(channel, i);
		return true;
	}
	return false;
}

static bool peer_main_send_next(struct peer_main_channel *channel)
{
	struct peer_main_round *round = &channel->round;
	const struct peer_main *child = channel->child;
	uint32_t pages = peer_main_count_pages(child);

	if (peer_main_send_due(channel) || peer_main_send_words(channel))
		return true;
	while (round->page < pages && !child->pages[round->page])
		round->page++;
	if (round->page >= pages)
		return false;
	peer_main_send_page(channel, round->page++);
	return true;
}

static void peer_main_tell_heard(struct peer_main_channel *channel)
{
	const struct ipc_peer_heard *news = &channel->news;

	/* If main does not read now, the counts are sent the next time. */
	if (news->datagrams + news->strangers > 0 &&
	    ipc_send(channel->child->sock, IPC_PEER_HEARD, channel->conf.id,
		     news, sizeof(*news), -1) == 0)
		channel->news = (struct ipc_peer_heard){ 0 };
}

static void peer_main_open_net(struct peer_main_channel *channel);

static void peer_main_timer(struct loop_timer *timer)
{
	struct peer_main_channel *channel =
		container_of(timer, struct peer_main_channel, timer);
	struct peer_main_round *round = &channel->round;
	usec_t now = loop_now(channel->child->loop);
	unsigned sent = 0;

	if (!round->busy && now >= round->next) {
		*round = (struct peer_main_round){
			.busy = true, .next = now + PEER_MAIN_EVERY
		};
		if (channel->net.fd < 0) /* a route may have come */
			peer_main_open_net(channel);
		peer_main_tell_heard(channel);
	}
	while (channel->net.fd >= 0 && sent < PEER_MAIN_AT_ONCE &&
	       peer_main_send_next(channel))
		sent++;
	round->busy = sent == PEER_MAIN_AT_ONCE;
	channel->rested = now + PEER_MAIN_PAUSE;
	loop_timer_set(timer, round->busy || round->next < channel->rested ?
				      channel->rested :
				      round->next);
}

static void peer_main_send_soon(struct peer_main_channel *channel)
{
	usec_t now = loop_now(channel->child->loop);

	loop_timer_set(&channel->timer,
		       now < channel->rested ? channel->rested : now);
}

/* Whether to say it; not again within PEER_MAIN_COMPLAIN. */
static bool peer_main_may_complain(struct peer_main_channel *channel,
				   enum peer_main_complaint what)
{
	usec_t now = loop_now(channel->child->loop);

	if (now < channel->complain[what])
		return false;
	channel->complain[what] = now + PEER_MAIN_COMPLAIN;
	return true;
}

static void peer_main_complain(struct peer_main_channel *channel,
			       enum peer_main_complaint what)
{
	if (!peer_main_may_complain(channel, what))
		return;
	switch (what) {
	case PEER_MAIN_OTHER_KEY:
		log_warning("peer",
			    "a datagram with another key is ignored, from %s",
			    channel->name);
		break;
	case PEER_MAIN_OTHER_CLOCK:
		log_warning("peer",
			    "the peer's clock differs by more than %lld s: "
			    "what it says is ignored (%s)",
			    (long long)(PEER_WINDOW / USEC_PER_SEC),
			    channel->name);
		break;
	case PEER_MAIN_FUTURE:
		log_warning(
			"peer",
			"a word of the peer's (%s) was said in the future, by "
			"a clock that was wrong then: it is ignored until the "
			"other balancer says it again",
			channel->name);
		break;
	case PEER_MAIN_NONSENSE:
		log_warning("peer", "a datagram from %s makes no sense",
			    channel->name);
		break;
	case PEER_MAIN_NO_SOCKET:
	case PEER_MAIN_COMPLAINTS:
		break;
	}
}

static enum peer_main_complaint peer_main_why(int error)
{
	if (error == -EKEYREJECTED)
		return PEER_MAIN_OTHER_KEY;
	return error == -ETIME ? PEER_MAIN_OTHER_CLOCK : PEER_MAIN_NONSENSE;
}

/*
 * Clocks agree: a word with a time from the future was said at the latest when
 * main sent it. Main's store must say the same, or it would refuse words that
 * this one takes.
 */
static void peer_main_settle(struct peer_main *child, int64_t clock)
{
	int64_t said = clock - (loop_now(child->loop) - child->told);
	struct ipc_peer_settled settled = { .said = said };
	struct ipc_peer_word now;
	size_t at = 0;

	while (override_store_settle(child->store, clock, said, &at,
				     &settled.was)) {
		if (ipc_send(child->sock, IPC_PEER_SETTLED, 0, &settled,
			     sizeof(settled), -1) == 0)
			continue;
		/* Main does not read now: the same with the next datagram. */
		now = settled.was;
		now.said = said;
		override_store_settled(child->store, &now, settled.was.said);
		return;
	}
}

/* Send main the words that are new here; main decides whether they count. */
static void peer_main_take(struct peer_main_channel *channel,
			   const struct ipc_peer_word *words, size_t count)
{
	struct peer_main *child = channel->child;
	struct ipc_peer_word fresh[PEER_WORDS_MAX];
	size_t i, nr = 0;
	int64_t clock = override_store_clock();
	int error;

	peer_main_settle(child, clock);
	if (!channel->heard)
		log_notice("peer", "the other balancer is heard: %s",
			   channel->name);
	channel->heard = true;
	channel->news.datagrams++;
	for (i = 0; i < count; i++)
		if (override_store_is_news(child->store, &words[i], clock))
			fresh[nr++] = words[i];
	if (nr == 0)
		return;
	error = ipc_send(child->sock, IPC_PEER_WORDS, channel->conf.id, fresh,
			 nr * sizeof(fresh[0]), -1);
	/*
	 * If main does not read now, it gets the words with the next datagram.
	 */
	if (error < 0 && error != -EAGAIN)
		log_warning("peer", "cannot tell main: %s", strerror(-error));
}

/*
 * Send main a page that was written after the last one of its number: an older
 * one that somebody repeats could show a balancer that is fit no more. Unless
 * the clock has been set back by more than the window, of course.
 */
static void peer_main_take_page(struct peer_main_channel *channel,
				const struct ipc_peer_page *page)
{
	int64_t clock = override_store_clock(), sent = clock + page->ahead;
	int64_t *last = &channel->paged[page->page];

	if (sent <= *last && *last <= clock + PEER_WINDOW)
		return;
	*last = sent;
	/* If main does not read now, the next one comes soon. */
	(void)ipc_send(channel->child->sock, IPC_PEER_PAGE, channel->conf.id,
		       page, sizeof(*page), -1);
}

static void peer_main_receive(struct loop_io *io, unsigned what)
{
	struct peer_main_channel *channel =
		container_of(io, struct peer_main_channel, net);
	uint8_t packet[PEER_PACKET_MAX + 1];
	struct peer_heard heard;
	ssize_t got;
	int i, error;

	for (i = 0; i < PEER_MAIN_BURST; i++) {
		got = recv(io->fd, packet, sizeof(packet), MSG_DONTWAIT);
		if (got < 0)
			return; /* none, or "port unreachable" */
		error = peer_decode(&channel->conf, packet, (size_t)got,
				    override_store_clock(), &heard);
		channel->news.strangers += error == -ETIME;
		if (error < 0) {
			peer_main_complain(channel, peer_main_why(error));
			continue;
		}
		if (heard.future > 0)
			peer_main_complain(channel, PEER_MAIN_FUTURE);
		peer_main_take(channel, heard.words, heard.count);
		if (heard.has_page)
			peer_main_take_page(channel, &heard.page);
	}
}

static void peer_main_close_net(struct peer_main_channel *channel)
{
	int fd = channel->net.fd;

	if (fd < 0)
		return;
	loop_io_stop(&channel->net);
	close(fd);
	channel->net.fd = -1;
}

/* Whether another channel has our port of the same family. */
static bool peer_main_shares_port(const struct peer_main_channel *channel)
{
	const struct peer_main *child = channel->child;
	const struct endpoint *own = &channel->conf.peer, *peer;
	uint32_t i;

	for (i = 0; i < child->nr_channels; i++) {
		peer = &child->channels[i]->conf.peer;
		if (child->channels[i] != channel && peer->port == own->port &&
		    peer->addr.family == own->addr.family)
			return true;
	}
	return false;
}

/*
 * Not with SO_REUSEADDR: any user of this host could then share the port, and the
 * datagrams would be his. With SO_REUSEPORT the user has to be ours, and a socket
 * gets the datagrams of the peer that it is connected to.
 */
static int peer_main_bind(int fd, const struct peer_main_channel *channel)
{
	const struct endpoint *peer = &channel->conf.peer;
	struct endpoint own = { .addr.family = peer->addr.family,
				.port = peer->port };
	struct sockaddr_storage ss;
	socklen_t length = endpoint_to_sockaddr(&own, &ss);
	int yes = 1;

	/* A socket of the other family may have the same port. */
	if (peer->addr.family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes)) < 0)
		return -errno;
	if (peer_main_shares_port(channel) &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof(yes)) < 0)
		return -errno;
	return bind(fd, (struct sockaddr *)&ss, length) < 0 ? -errno : 0;
}

/*
 * Our port has the peer's number; connect() limits senders to its address.
 * Returns fd or -errno.
 */
static int peer_main_open_socket(const struct peer_main_channel *channel)
{
	const struct endpoint *peer = &channel->conf.peer;
	struct sockaddr_storage ss;
	socklen_t length;
	int fd, error;

	fd = socket(peer->addr.family,
		    SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	error = peer_main_bind(fd, channel);
	length = endpoint_to_sockaddr(peer, &ss);
	if (error == 0 && connect(fd, (struct sockaddr *)&ss, length) < 0)
		error = -errno;
	if (error == 0)
		return fd;
	close(fd);
	return error;
}

static void peer_main_open_net(struct peer_main_channel *channel)
{
	int fd, error;

	if (channel->conf.length < PEER_KEY_MIN ||
	    channel->conf.length > PEER_KEY_MAX)
		return;
	fd = peer_main_open_socket(channel);
	error = fd < 0 ? fd : 0;
	if (error == 0)
		error = loop_io_start(channel->child->loop, &channel->net, fd,
				      LOOP_READ, peer_main_receive);
	if (error == 0)
		return;
	if (fd >= 0)
		close(fd);
	channel->net.fd = -1;
	/* The next round tries again: a route may come. */
	if (peer_main_may_complain(channel, PEER_MAIN_NO_SOCKET))
		log_error("peer", "no socket to %s: %s", channel->name,
			  strerror(-error));
}

static void peer_main_free_channel(struct peer_main_channel *channel)
{
	if (!channel)
		return;
	peer_main_close_net(channel);
	loop_timer_clear(&channel->timer);
	explicit_bzero(&channel->conf, sizeof(channel->conf));
	free(channel);
}

/* A balancer whose clock and words are not known yet. */
static struct peer_main_channel *peer_main_meet(struct peer_main *child)
{
	struct peer_main_channel *channel = xcalloc(1, sizeof(*channel));
	uint32_t i, pages = peer_main_count_pages(child);

	channel->child = child;
	channel->net.fd = -1;
	for (i = 0; i < pages; i++) {
		channel->due[i] = child->pages[i] != NULL;
		channel->nr_due += channel->due[i];
	}
	loop_timer_init(child->loop, &channel->timer, peer_main_timer);
	return channel;
}

/* Takes the channel of CONF out of the COUNT ones OLD; NULL: there is none. */
static struct peer_main_channel *
peer_main_take_over(struct peer_main_channel **old, uint32_t count,
		    const struct ipc_peer_conf *conf)
{
	struct peer_main_channel *channel;
	uint32_t i;

	for (i = 0; i < count; i++) {
		channel = old[i];
		if (!channel || channel->conf.id != conf->id)
			continue;
		old[i] = NULL;
		return channel;
	}
	return NULL;
}

/* All sockets are closed before one is opened: two may have one port. */
static void peer_main_take_conf(void *arg, const struct ipc_message *msg)
{
	struct peer_main *child = arg;
	const struct ipc_peer_conf *conf = (const void *)msg->body;
	uint32_t count = (uint32_t)(msg->length / sizeof(*conf)), i;
	struct peer_main_channel *old[PEER_CHANNELS_MAX], *channel;
	uint32_t nr_old = child->nr_channels;

	for (i = 0; i < nr_old; i++) {
		old[i] = child->channels[i];
		peer_main_close_net(old[i]);
	}
	for (i = 0; i < count; i++) {
		channel = peer_main_take_over(old, nr_old, &conf[i]);
		if (!channel)
			channel = peer_main_meet(child);
		channel->conf = conf[i];
		endpoint_format(&conf[i].peer, channel->name);
		child->channels[i] = channel;
	}
	child->nr_channels = count;
	explicit_bzero(child->message.body, msg->length);
	for (i = 0; i < nr_old; i++)
		peer_main_free_channel(old[i]);
	for (i = 0; i < count; i++) {
		peer_main_open_net(child->channels[i]);
		peer_main_send_soon(child->channels[i]);
	}
}

static void peer_main_take_words(void *arg, const struct ipc_message *msg)
{
	struct peer_main *child = arg;
	const struct ipc_peer_word *words = (const void *)msg->body;
	size_t count = msg->length / sizeof(*words), i;
	int64_t clock = override_store_clock();

	for (i = 0; i < count; i++)
		override_store_put(child->store, &words[i], clock);
	child->told = loop_now(child->loop);
	for (i = 0; i < child->nr_channels; i++) {
		child->channels[i]->round.next = child->told;
		peer_main_send_soon(child->channels[i]);
	}
}

static void peer_main_take_report(void *arg, const struct ipc_message *msg)
{
	struct peer_main *child = arg;
	const struct ipc_peer_page *page = (const void *)msg->body;
	struct peer_main_channel *channel;
	uint32_t i;

	if (page->page >= PEER_PAGES_MAX || page->count > PEER_ITEMS_MAX)
		return;
	if (!child->pages[page->page])
		child->pages[page->page] = xcalloc(1, sizeof(*page));
	*child->pages[page->page] = *page;
	for (i = 0; i < child->nr_channels; i++) {
		channel = child->channels[i];
		channel->nr_due += !channel->due[page->page];
		channel->due[page->page] = true;
		peer_main_send_soon(channel);
	}
}

static void peer_main_take_ping(void *arg, const struct ipc_message *msg)
{
	struct peer_main *child = arg;

	ipc_answer(child->sock, msg);
}

static const struct ipc_handler peer_main_messages[] = {
	{ IPC_PEER_CONF, peer_main_take_conf },
	{ IPC_PEER_WORDS, peer_main_take_words },
	{ IPC_PEER_PAGE, peer_main_take_report },
	{ IPC_PING, peer_main_take_ping },
	{ IPC_NONE, NULL },
};

static void peer_main_main_ready(struct loop_io *io, unsigned what)
{
	struct peer_main *child = container_of(io, struct peer_main, main);
	int got = ipc_recv(child->sock, &child->message);

	if (got == 0 || got == -EPIPE || got == -ECONNRESET)
		loop_stop(child->loop);
	if (got != 1)
		return;
	if (child->message.fd >= 0)
		close(child->message.fd);
	if (!ipc_dispatch(peer_main_messages, child, &child->message))
		log_warning("peer", "message %u from main makes no sense",
			    child->message.header.type);
}

int peer_main(int sock)
{
	struct peer_main *child = xcalloc(1, sizeof(*child));
	uint32_t i;
	int error;

	child->sock = sock;
	child->store = override_store_new();
	child->loop = loop_new();
	if (!child->loop)
		fatal("peer", "no event loop: %s", strerror(errno));
	log_pump_start(&child->pump, child->loop);
	error = loop_io_start(child->loop, &child->main, sock, LOOP_READ,
			      peer_main_main_ready);
	if (error == 0)
		error = loop_run(child->loop);
	for (i = 0; i < child->nr_channels; i++)
		peer_main_free_channel(child->channels[i]);
	loop_io_stop(&child->main);
	log_pump_stop(&child->pump);
	loop_free(child->loop);
	override_store_free(child->store);
	for (i = 0; i < PEER_PAGES_MAX; i++)
		free(child->pages[i]);
	free(child);
	return error < 0 ? 1 : 0;
}
