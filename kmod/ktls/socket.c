// SPDX-License-Identifier: GPL-2.0-only
/* kTLS sockets: see socket.h. */

#include <linux/net.h>
#include <linux/string.h>
#include <net/inet_connection_sock.h>
#include <net/sock.h>
#include <net/tls.h>

#include "aead.h"
#include "domain.h"
#include "socket.h"
#include "token.h"

/* The kTLS state of a socket; NULL.  Caller holds the socket's lock. */
static struct tls_context *ktls_context(struct sock *sk)
{
	const struct tcp_ulp_ops *ulp;

	if ((sk->sk_family != AF_INET && sk->sk_family != AF_INET6) ||
	    sk->sk_type != SOCK_STREAM || sk->sk_protocol != IPPROTO_TCP)
		return NULL;
	ulp = inet_csk(sk)->icsk_ulp_ops;
	return ulp && !strcmp(ulp->name, "tls") ? tls_get_ctx(sk) : NULL;
}

/*
 * The tokens that sending and receiving work with.  A direction that a network
 * card was given has none, whoever else has the key too.
 */
static struct pk_token *token_tx(const struct tls_context *ctx)
{
	return ctx->tx_conf == TLS_SW ?
	       pk_ktls_aead_token(tls_sw_ctx_tx(ctx)->aead_send) : NULL;
}

static struct pk_token *token_rx(const struct tls_context *ctx)
{
	return ctx->rx_conf == TLS_SW ?
	       pk_ktls_aead_token(tls_sw_ctx_rx(ctx)->aead_recv) : NULL;
}

/* Whether @t is the token of these bytes, and made for this direction. */
static bool is_token(const struct pk_token *t, u16 direction,
		     const struct pk_domain *d, const u8 *bytes)
{
	return t && t->domain == d && t->direction == direction &&
	       pk_token_is_mine(t) && !memcmp(t->bytes, bytes, t->size);
}

static struct pk_token *find_token(const struct tls_context *ctx,
				   const struct pk_domain *d, const u8 *bytes)
{
	struct pk_token *t = token_tx(ctx);

	if (is_token(t, TLS_TX, d, bytes))
		return t;
	t = token_rx(ctx);
	return is_token(t, TLS_RX, d, bytes) ? t : NULL;
}

static int confirm(struct sock *sk, unsigned long inode, struct pk_domain *d,
		   const u8 *bytes)
{
	const struct tls_context *ctx = ktls_context(sk);
	struct pk_token *t;

	if (!ctx)
		return -EOPNOTSUPP;
	t = find_token(ctx, d, bytes);
	if (!t) {
		if (ctx->tx_conf == TLS_HW || ctx->rx_conf == TLS_HW)
			pr_warn_ratelimited("a network card's TLS offload took a token for a key: the connection cannot be used. Switch it off (ethtool -K DEV tls-hw-tx-offload off tls-hw-rx-offload off)\n");
		return -EKEYREJECTED;
	}
	if (t->confirmed)
		return -EALREADY;
	t->inode = inode;
	atomic64_inc(&d->traffic_totals.connections);
	WRITE_ONCE(t->confirmed, true);
	return 0;
}

int pk_socket_confirm(int fd, struct pk_domain *d, const u8 *bytes)
{
	struct socket *sock;
	int ret;

	sock = sockfd_lookup(fd, &ret);
	if (!sock)
		return ret;
	lock_sock(sock->sk);
	ret = confirm(sock->sk, SOCK_INODE(sock)->i_ino, d, bytes);
	release_sock(sock->sk);
	sockfd_put(sock);
	return ret;
}
