/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/operator/peer_main.h"

#include <errno.h>
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
	PEER_MAIN_COMPLAINTS,
};

/* All that this balancer says is said once a round. */
struct peer_main_round {
	bool busy; /* not all is said yet */
	usec_t next; /* the next one begins then, if this one is over */
	unsigned class; /* of the next words; OVERRIDE_CLASSES: all are said */
	size_t at; /* the next one, in the store */
	uint32_t page; /* the next one */
};

struct peer_main {
	struct loop *loop;
	int sock; /* to main */
	struct loop_io main;
	struct loop_io net; /* fd -1: none */
	struct loop_timer timer;
	struct peer_main_round round;
	usec_t rested; /* no datagram before, after those of the last moment */
	struct log_pump pump;
	struct ipc_peer_conf conf;
	uint32_t generation; /* main's, of the other balancer in CONF */
	struct override_store *store;
	usec_t told; /* time of main's last message */
	usec_t complain[PEER_MAIN_COMPLAINTS]; /* not before */
	struct ipc_peer_page *pages[PEER_PAGES_MAX]; /* main's; NULL: none */
	bool due[PEER_PAGES_MAX]; /* new from main, not sent yet */
	uint32_t nr_due;
	int64_t paged[PEER_PAGES_MAX]; /* the peer's clock in its last ones */
	struct ipc_peer_heard news; /* not yet reported to main */
	bool heard; /* a valid datagram of the peer has come */
	struct ipc_message message;
};

/* The next words of CLASS in the store from *AT on; returns how many. */
static size_t peer_main_collect(const struct peer_main *child,
				enum override_class class, size_t *at,
				struct ipc_peer_word words[PEER_WORDS_MAX])
{
	const struct ipc_peer_word *word;
	size_t count = 0;

	while (count < PEER_WORDS_MAX &&
	       (word = override_store_at(child->store, *at))) {
		if (override_store_class(word->kind) == class)
			words[count++] = *word;
		++*at;
	}
	return count;
}

/*
 * A datagram of the round's next words; false: there are none. Words on servers
 * go out even if there are none, as a sign of life. Errors are ignored: a lost or
 * refused datagram is repeated.
 */
static bool peer_main_send_words(struct peer_main *child)
{
	struct peer_main_round *round = &child->round;
	struct ipc_peer_word words[PEER_WORDS_MAX];
	uint8_t packet[PEER_PACKET_MAX];
	size_t count, length;

	while (round->class < OVERRIDE_CLASSES) {
		enum override_class class = (enum override_class)round->class;

		count = peer_main_collect(child, class, &round->at, words);
		if (count < PEER_WORDS_MAX) {
			round->class ++;
			round->at = 0;
		}
		if (class != OVERRIDE_CLASS_SERVER && count == 0)
			continue;
		length = peer_encode(&child->conf, words, count,
				     override_store_clock(), packet);
		(void)send(child->net.fd, packet, length, MSG_NOSIGNAL);
		return true;
	}
	return false;
}

static void peer_main_send_page(struct peer_main *child, uint32_t page)
{
	uint8_t packet[PEER_PACKET_MAX];
	size_t length = peer_encode_page(&child->conf, child->pages[page],
					 override_store_clock(), packet);

	(void)send(child->net.fd, packet, length, MSG_NOSIGNAL);
	child->nr_due -= child->due[page];
	child->due[page] = false;
}

static uint32_t peer_main_count_pages(const struct peer_main *child)
{
	uint32_t pages = child->pages[0] ? child->pages[0]->pages : 0;

	return pages < PEER_PAGES_MAX ? pages : PEER_PAGES_MAX;
}

/* New words of a page go before all that is said again. */
static bool peer_main_send_due(struct peer_main *child)
{
	uint32_t i, pages = peer_main_count_pages(child);

	for (i = 0; child->nr_due > 0 && i < pages; i++) {
		if (!child->due[i])
			continue;
		peer_main_send_page(child, i);
		return true;
	}
	return false;
}

static bool peer_main_send_next(struct peer_main *child)
{
	struct peer_main_round *round = &child->round;
	uint32_t pages = peer_main_count_pages(child);

	if (peer_main_send_due(child) || peer_main_send_words(child))
		return true;
	while (round->page < pages && !child->pages[round->page])
		round->page++;
	if (round->page >= pages)
		return false;
	peer_main_send_page(child, round->page++);
	return true;
}

static void peer_main_tell_heard(struct peer_main *child)
{
	const struct ipc_peer_heard *news = &child->news;

	/* If main does not read now, the counts are sent the next time. */
	if (news->datagrams + news->strangers > 0 &&
	    ipc_send(child->sock, IPC_PEER_HEARD, child->generation, news,
		     sizeof(*news), -1) == 0)
		child->news = (struct ipc_peer_heard){ 0 };
}

static void peer_main_timer(struct loop_timer *timer)
{
	struct peer_main *child = container_of(timer, struct peer_main, timer);
	struct peer_main_round *round = &child->round;
	usec_t now = loop_now(child->loop);
	unsigned sent = 0;

	if (!round->busy && now >= round->next) {
		*round = (struct peer_main_round){
			.busy = true, .next = now + PEER_MAIN_EVERY
		};
		peer_main_tell_heard(child);
	}
	while (child->net.fd >= 0 && sent < PEER_MAIN_AT_ONCE &&
	       peer_main_send_next(child))
		sent++;
	round->busy = sent == PEER_MAIN_AT_ONCE;
	child->rested = now + PEER_MAIN_PAUSE;
	loop_timer_set(timer, round->busy || round->next < child->rested ?
				      child->rested :
				      round->next);
}

static void peer_main_send_soon(struct peer_main *child)
{
	usec_t now = loop_now(child->loop);

	loop_timer_set(&child->timer,
		       now < child->rested ? child->rested : now);
}

static void peer_main_complain(struct peer_main *child,
			       enum peer_main_complaint what)
{
	usec_t now = loop_now(child->loop);

	if (now < child->complain[what])
		return;
	child->complain[what] = now + PEER_MAIN_COMPLAIN;
	switch (what) {
	case PEER_MAIN_OTHER_KEY:
		log_warning("peer", "a datagram with another key is ignored");
		break;
	case PEER_MAIN_OTHER_CLOCK:
		log_warning("peer",
			    "the peer's clock differs by more than %lld s: "
			    "what it says is ignored",
			    (long long)(PEER_WINDOW / USEC_PER_SEC));
		break;
	case PEER_MAIN_FUTURE:
		log_warning(
			"peer",
			"a word of the peer's was said in the future, by a "
			"clock that was wrong then: it is ignored until the "
			"other balancer says it again");
		break;
	case PEER_MAIN_NONSENSE:
		log_warning("peer", "a datagram makes no sense");
		break;
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

/* Send main the words that are new here; main decides whether they count. */
static void peer_main_take(struct peer_main *child,
			   const struct ipc_peer_word *words, size_t count)
{
	struct ipc_peer_word fresh[PEER_WORDS_MAX];
	const struct ipc_peer_word *known;
	size_t i, nr = 0;
	int64_t clock = override_store_clock();
	int error;

	/*
	 * The peer's clock and ours agree: a word with a time from the future
	 * was said at the latest when main sent it.
	 */
	override_store_settle(child->store, clock,
			      clock - (loop_now(child->loop) - child->told));
	if (!child->heard)
		log_notice("peer", "the other balancer is heard");
	child->heard = true;
	child->news.datagrams++;
	for (i = 0; i < count; i++) {
		known = override_store_find(child->store, &words[i]);
		if (!known || known->said < words[i].said)
			fresh[nr++] = words[i];
	}
	if (nr == 0)
		return;
	error = ipc_send(child->sock, IPC_PEER_WORDS, 0, fresh,
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
static void peer_main_take_page(struct peer_main *child,
				const struct ipc_peer_page *page)
{
	int64_t clock = override_store_clock(), sent = clock + page->ahead;
	int64_t *last = &child->paged[page->page];

	if (sent <= *last && *last <= clock + PEER_WINDOW)
		return;
	*last = sent;
	/* If main does not read now, the next one comes soon. */
	(void)ipc_send(child->sock, IPC_PEER_PAGE, child->generation, page,
		       sizeof(*page), -1);
}

static void peer_main_receive(struct loop_io *io, unsigned what)
{
	struct peer_main *child = container_of(io, struct peer_main, net);
	uint8_t packet[PEER_PACKET_MAX + 1];
	struct peer_heard heard;
	ssize_t got;
	int i, error;

	for (i = 0; i < PEER_MAIN_BURST; i++) {
		got = recv(io->fd, packet, sizeof(packet), MSG_DONTWAIT);
		if (got < 0)
			return; /* none, or "port unreachable" */
		error = peer_decode(&child->conf, packet, (size_t)got,
				    override_store_clock(), &heard);
		child->news.strangers += error == -ETIME;
		if (error < 0) {
			peer_main_complain(child, peer_main_why(error));
			continue;
		}
		if (heard.future > 0)
			peer_main_complain(child, PEER_MAIN_FUTURE);
		peer_main_take(child, heard.words, heard.count);
		if (heard.has_page)
			peer_main_take_page(child, &heard.page);
	}
}

static void peer_main_close_net(struct peer_main *child)
{
	int fd = child->net.fd;

	if (fd < 0)
		return;
	loop_io_stop(&child->net);
	close(fd);
	child->net.fd = -1;
}

/*
 * Our port has the peer's number; connect() limits senders to its address.
 * Returns fd or -errno.
 */
static int peer_main_open_socket(const struct endpoint *peer)
{
	struct endpoint own = { .addr.family = peer->addr.family,
				.port = peer->port };
	struct sockaddr_storage ss;
	socklen_t length;
	int fd, error = 0;

	fd = socket(peer->addr.family,
		    SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	length = endpoint_to_sockaddr(&own, &ss);
	/*
	 * Not with SO_REUSEADDR: any user of this host could then share the
	 * port, and the datagrams would be his.
	 */
	if (bind(fd, (struct sockaddr *)&ss, length) < 0)
		error = -errno;
	length = endpoint_to_sockaddr(peer, &ss);
	if (error == 0 && connect(fd, (struct sockaddr *)&ss, length) < 0)
		error = -errno;
	if (error == 0)
		return fd;
	close(fd);
	return error;
}

static void peer_main_open_net(struct peer_main *child)
{
	char text[ENDPOINT_TEXT_MAX];
	int fd = peer_main_open_socket(&child->conf.peer);
	int error = fd < 0 ? fd : 0;

	if (error == 0)
		error = loop_io_start(child->loop, &child->net, fd, LOOP_READ,
				      peer_main_receive);
	if (error == 0)
		return;
	if (fd >= 0)
		close(fd);
	child->net.fd = -1;
	/* Ending lets main start us again: a route may come. */
	log_error("peer", "no socket to %s: %s",
		  endpoint_format(&child->conf.peer, text), strerror(-error));
	loop_stop(child->loop);
}

/*
 * The other balancer is another one: its clock and its words are not known yet.
 */
static void peer_main_meet(struct peer_main *child, uint32_t generation)
{
	child->generation = generation;
	child->heard = false;
	child->news = (struct ipc_peer_heard){ 0 };
	memset(child->paged, 0, sizeof(child->paged));
}

static void peer_main_take_conf(void *arg, const struct ipc_message *msg)
{
	struct peer_main *child = arg;
	const struct ipc_peer_conf *conf = (const void *)msg->body;

	peer_main_close_net(child);
	child->conf = *conf;
	explicit_bzero(child->message.body, sizeof(*conf));
	if (msg->header.generation != child->generation)
		peer_main_meet(child, msg->header.generation);
	if (child->conf.length < PEER_KEY_MIN ||
	    child->conf.length > PEER_KEY_MAX)
		return;
	peer_main_open_net(child);
}

static void peer_main_take_words(void *arg, const struct ipc_message *msg)
{
	struct peer_main *child = arg;
	const struct ipc_peer_word *words = (const void *)msg->body;
	size_t count = msg->length / sizeof(*words), i;

	for (i = 0; i < count; i++)
		override_store_put(child->store, &words[i]);
	child->told = loop_now(child->loop);
	child->round.next = child->told;
	peer_main_send_soon(child);
}

static void peer_main_take_report(void *arg, const struct ipc_message *msg)
{
	struct peer_main *child = arg;
	const struct ipc_peer_page *page = (const void *)msg->body;

	if (page->page >= PEER_PAGES_MAX || page->count > PEER_ITEMS_MAX)
		return;
	if (!child->pages[page->page])
		child->pages[page->page] = xcalloc(1, sizeof(*page));
	*child->pages[page->page] = *page;
	child->nr_due += !child->due[page->page];
	child->due[page->page] = true;
	peer_main_send_soon(child);
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
	child->net.fd = -1;
	child->store = override_store_new();
	child->loop = loop_new();
	if (!child->loop)
		fatal("peer", "no event loop: %s", strerror(errno));
	log_pump_start(&child->pump, child->loop);
	loop_timer_init(child->loop, &child->timer, peer_main_timer);
	loop_timer_set(&child->timer, loop_now(child->loop));
	error = loop_io_start(child->loop, &child->main, sock, LOOP_READ,
			      peer_main_main_ready);
	if (error == 0)
		error = loop_run(child->loop);
	peer_main_close_net(child);
	loop_io_stop(&child->main);
	loop_timer_clear(&child->timer);
	log_pump_stop(&child->pump);
	loop_free(child->loop);
	override_store_free(child->store);
	for (i = 0; i < PEER_PAGES_MAX; i++)
		free(child->pages[i]);
	explicit_bzero(&child->conf, sizeof(child->conf));
	free(child);
	return error < 0 ? 1 : 0;
}
