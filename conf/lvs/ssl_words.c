/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The block SSL: the certificate that a check by TLS shows. */
#include <stddef.h>

#include "conf/vrrp/vrrp_blocks.h"

#define SSL(member) CONF_MEMBER(struct conf_identity, member)

static const struct conf_keyword ssl_keywords[] = {
	{ "password", .type = &conf_type_string, SSL(password), .least = 1,
	  .most = 1, .flags = KW_SECRET | KW_WHOLE },
	{ "ca", .type = &conf_type_outside, .min = CONF_OUTSIDE_CERTIFICATE,
	  SSL(ca), .least = 1, .most = 1 },
	{ "certificate", .type = &conf_type_outside,
	  .min = CONF_OUTSIDE_CERTIFICATE, SSL(certificate), .least = 1,
	  .most = 1 },
	{ "key", .type = &conf_type_outside, .min = CONF_OUTSIDE_SECRET,
	  SSL(key), .least = 1, .most = 1 },
};

const struct conf_block conf_block_ssl =
	CONF_BLOCK(BLOCK_SSL, "SSL", ssl_keywords, NULL);

void conf_bind_ssl(struct conf_ctx *ctx, const struct conf_keyword *kw,
		   const struct conf_node *node, void *target)
{
	/* The draft of global_defs, which may stand below. */
	struct conf_identity *ssl = &ctx->draft->vrrp->global.global.ssl;

	(void)kw;
	(void)target;
	conf_bind_block(ctx, &conf_block_ssl, node, ssl);
	ctx->conf->global.ssl = *ssl;
	if (!ssl->certificate != !ssl->key)
		conf_say(
			ctx, CLASS_WARNING, node, 0,
			"'certificate' and 'key' belong together: without one of them no certificate is shown");
}
