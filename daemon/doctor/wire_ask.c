/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/doctor/wire_ask.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/ethernet.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/doctor/wire.h"

static void wire_ask_send(const struct wire_job *job,
			  const struct wire_asked *asked)
{
	const struct wire_link *link = &job->links[asked->at];
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ARP),
		.sll_ifindex = (int)link->index,
		.sll_halen = DOCTOR_MAC,
	};
	uint8_t frame[WIRE_ARP];

	memset(to.sll_addr, 0xff, DOCTOR_MAC);
	wire_question(&asked->addr, link->mac, frame);
	/* A frame that cannot be sent is sent in the next round. */
	(void)sendto(WIRE_SOCKETS + (int)asked->at, frame, sizeof(frame), 0,
		     (const void *)&to, sizeof(to));
}

static void wire_ask_read(const struct wire_job *job, uint32_t at, int tell)
{
	struct doctor_answer answer = { .link = job->links[at].link };
	struct sockaddr_ll from = { 0 };
	socklen_t size = sizeof(from);
	uint8_t frame[256];
	ssize_t got;

	got = recvfrom(WIRE_SOCKETS + (int)at, frame, sizeof(frame), 0,
		       (void *)&from, &size);
	if (got < 0 || from.sll_pkttype == PACKET_OUTGOING ||
	    !wire_answer(frame, (size_t)got, &answer.addr, answer.mac))
		return;
	/* Below PIPE_BUF a write is whole or not at all. */
	(void)!write(tell, &answer, sizeof(answer));
}

static void wire_ask_rounds(const struct wire_job *job,
			    const struct wire_asked *asked, int tell)
{
	usec_t next = clock_now(), end = next + WIRE_ROUNDS * WIRE_PAUSE, now;
	struct pollfd links[WIRE_LINKS_MAX];
	uint32_t i;

	for (i = 0; i < job->nr_links; i++)
		links[i] = (struct pollfd){ .fd = WIRE_SOCKETS + (int)i,
					    .events = POLLIN };
	while ((now = clock_now()) < end) {
		for (i = 0; now >= next && i < job->nr_asked; i++)
			wire_ask_send(job, &asked[i]);
		if (now >= next)
			next += WIRE_PAUSE;
		if (poll(links, job->nr_links,
			 (int)(WIRE_PAUSE / USEC_PER_MSEC / 10)) <= 0)
			continue;
		for (i = 0; i < job->nr_links; i++)
			if (links[i].revents & POLLIN)
				wire_ask_read(job, i, tell);
	}
}

static bool wire_ask_fits(const struct wire_job *job,
			  const struct wire_asked *asked)
{
	uint32_t i;

	for (i = 0; i < job->nr_asked; i++)
		if (asked[i].at >= job->nr_links)
			return false;
	return true;
}

int wire_ask_main(int tell)
{
	struct wire_asked *asked;
	struct wire_job job;
	size_t size;
	bool whole;

	if (pread(WIRE_JOB, &job, sizeof(job), 0) != sizeof(job) ||
	    job.nr_links > WIRE_LINKS_MAX)
		return EXIT_FAILURE;
	asked = xcalloc(job.nr_asked + 1, sizeof(*asked));
	size = job.nr_asked * sizeof(*asked);
	whole = pread(WIRE_JOB, asked, size, sizeof(job)) == (ssize_t)size &&
		wire_ask_fits(&job, asked);
	close(WIRE_JOB);
	if (whole)
		wire_ask_rounds(&job, asked, tell);
	free(asked);
	return whole ? EXIT_SUCCESS : EXIT_FAILURE;
}
