/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names and comparisons of the parts of a struct vrrp_conf. */
#include "conf/vrrp_conf.h"

#include <string.h>

const char *vrrp_tracker_kind_name(enum vrrp_tracker_kind kind)
{
	switch (kind) {
	case VRRP_TRACK_INTERFACE:
		return "interface";
	case VRRP_TRACK_SCRIPT:
		return "script";
	case VRRP_TRACK_PROCESS:
		return "process";
	case VRRP_TRACK_POOL:
		return "virtual server";
	case VRRP_TRACK_FILE:
		return "file";
	case VRRP_TRACK_BFD:
		return "bfd_instance";
	case VRRP_TRACK_FIREWALL:
		return "firewall";
	}
	return "";
}

static int vrrp_conf_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static const char *vrrp_conf_read_hex(struct vrrp_conf_key *key,
				      const char *text, size_t length)
{
	int high, low;
	size_t i;

	if (length % 2)
		return "has an odd number of hexadecimal digits";
	if (length < 2 * VRRP_KEY_MIN || length > 2 * VRRP_KEY_MAX)
		return "must have 64 to 128 hexadecimal digits";
	for (i = 0; i < length; i += 2) {
		high = vrrp_conf_digit(text[i]);
		low = vrrp_conf_digit(text[i + 1]);
		if (high < 0 || low < 0)
			return "has a character that is no hexadecimal digit";
		key->data[i / 2] = (uint8_t)(high << 4 | low);
	}
	key->length = (uint8_t)(length / 2);
	return NULL;
}

const char *vrrp_conf_key_read(struct vrrp_conf_key *key, const char *text,
			       size_t length)
{
	static const char hex[] = "hex:";

	if (length >= strlen(hex) && memcmp(text, hex, strlen(hex)) == 0)
		return vrrp_conf_read_hex(key, text + strlen(hex),
					  length - strlen(hex));
	if (length < VRRP_KEY_MIN || length > VRRP_KEY_MAX)
		return "must have 32 to 64 bytes";
	memcpy(key->data, text, length);
	key->length = (uint8_t)length;
	return NULL;
}
