/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kinds of check, a line each: the register from which come the kind's number, its
 * word in a real_server, its type and its block (conf/lvs/check_NAME.c), and its
 * probe (checkers/NAME.c).
 *
 *   KIND(NUMBER, name, word)                CHECK_NUMBER, BLOCK_NUMBER_CHECK,
 *                                           conf_NAME_type, conf_block_NAME_check,
 *                                           probe_NAME
 *   LIKE(NUMBER, name, word, other)         a type of its own, with the block and the
 *                                           probe of OTHER
 *
 * The number of a kind stands in recordings: a new one comes last.
 */
#ifndef EVENKEEL_CONF_KINDS_H
#define EVENKEEL_CONF_KINDS_H

/* clang-format off */
#define CONF_CHECK_KINDS(KIND, LIKE)         \
	KIND(TCP, tcp, "TCP_CHECK")          \
	KIND(MYSQL, mysql, "MYSQL_CHECK")    \
	KIND(HTTP, http, "HTTP_GET")         \
	LIKE(SSL, ssl, "SSL_GET", http)      \
	KIND(MISC, misc, "MISC_CHECK")       \
	KIND(SMTP, smtp, "SMTP_CHECK")       \
	KIND(DNS, dns, "DNS_CHECK")          \
	KIND(UDP, udp, "UDP_CHECK")          \
	KIND(PING, ping, "PING_CHECK")       \
	KIND(FILE, file, "FILE_CHECK")       \
	KIND(BFD, bfd, "BFD_CHECK")
/* clang-format on */

/* For a use of the register that passes over the kinds with or without a block. */
#define CONF_KIND_NOTHING(...)

#define CONF_KIND_NUMBER(number, ...) CHECK_##number,

enum check_kind {
	CONF_CHECK_KINDS(CONF_KIND_NUMBER, CONF_KIND_NUMBER) CHECK_KINDS
};

#endif
