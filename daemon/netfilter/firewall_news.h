/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notifications of the kernel that rules changed: nf_tables, and so
 * iptables-nft, sends one for every change (nfnetlink, group NFTABLES). The
 * older iptables sends none, so the caller has to look now and then all the
 * same.
 */
#ifndef EVENKEEL_DAEMON_NETFILTER_FIREWALL_NEWS_H
#define EVENKEEL_DAEMON_NETFILTER_FIREWALL_NEWS_H

#include "lib/loop.h"

struct firewall_news;

/*
 * CHANGED is called for each batch of changes, our own too. NULL, after saying
 * why in the log, if the kernel cannot be heard.
 */
struct firewall_news *firewall_news_new(struct loop *loop,
					void (*changed)(void *arg), void *arg);
void firewall_news_free(struct firewall_news *news); /* NULL is allowed */

#endif
