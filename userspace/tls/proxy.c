// SPDX-License-Identifier: GPL-2.0-only
/* PROXY protocol, version 2. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "broker.h"
#include "proxy.h"

#define V2_PROXY	0x21
#define TCP_OVER_IPV4	0x11
#define TCP_OVER_IPV6	0x21
#define HEAD_SIZE	16

#define TYPE_ALPN	0x01
#define TYPE_AUTHORITY	0x02
#define TYPE_SSL	0x20
#define SUBTYPE_VERSION	0x21
#define SUBTYPE_CN	0x22
#define SUBTYPE_CIPHER	0x23
#define CLIENT_SSL	0x01
#define CLIENT_CERT_CONN 0x02

struct writer {
	unsigned char *to;
	size_t size;
};

static void put(struct writer *w, const void *bytes, size_t n)
{
	if (n > PROXY_HEADER_MAX - w->size)
		return;		/* cannot be: every part is short */
	memcpy(w->to + w->size, bytes, n);
	w->size += n;
}

static void put_tlv(struct writer *w, unsigned char type, const char *text)
{
	size_t n = strlen(text);
	unsigned char head[3] = { type, (unsigned char)(n >> 8), (unsigned char)n };

	if (!n)
		return;
	put(w, head, sizeof(head));
	put(w, text, n);
}

static void put_size(unsigned char *at, size_t n)
{
	at[0] = (unsigned char)(n >> 8);
	at[1] = (unsigned char)n;
}

static void put_ssl(struct writer *w, const struct session *session)
{
	/* verify 0: there is a certificate, and it is good */
	unsigned char part[8] = { TYPE_SSL, 0, 0, CLIENT_SSL, 0, 0, 0, 1 };
	size_t begin = w->size;

	if (session->has_cert) {
		part[3] |= CLIENT_CERT_CONN;
		part[7] = 0;
	}
	put(w, part, sizeof(part));
	put_tlv(w, SUBTYPE_VERSION, session->version);
	put_tlv(w, SUBTYPE_CIPHER, session->cipher);
	put_tlv(w, SUBTYPE_CN, session->common_name);
	put_size(w->to + begin + 1, w->size - begin - 3);
}

static void put_addresses(struct writer *w, const struct sockaddr_storage *peer,
			  const struct sockaddr_storage *own)
{
	const struct sockaddr_in *p4 = (const void *)peer, *o4 = (const void *)own;
	const struct sockaddr_in6 *p6 = (const void *)peer, *o6 = (const void *)own;

	if (peer->ss_family == AF_INET) {
		put(w, &p4->sin_addr, 4);
		put(w, &o4->sin_addr, 4);
		put(w, &p4->sin_port, 2);
		put(w, &o4->sin_port, 2);
	} else if (IN6_IS_ADDR_V4MAPPED(&p6->sin6_addr)) {
		put(w, &p6->sin6_addr.s6_addr[12], 4);
		put(w, &o6->sin6_addr.s6_addr[12], 4);
		put(w, &p6->sin6_port, 2);
		put(w, &o6->sin6_port, 2);
	} else {
		put(w, &p6->sin6_addr, 16);
		put(w, &o6->sin6_addr, 16);
		put(w, &p6->sin6_port, 2);
		put(w, &o6->sin6_port, 2);
	}
}

size_t proxy_header(unsigned char header[PROXY_HEADER_MAX], int net,
		    const struct session *session)
{
	static const unsigned char signature[12] = "\r\n\r\n\0\r\nQUIT\n";
	struct writer w = { .to = header };
	struct sockaddr_storage peer = { 0 }, own = { 0 };
	socklen_t peer_size = sizeof(peer), own_size = sizeof(own);

	memset(header, 0, HEAD_SIZE);
	memcpy(header, signature, sizeof(signature));
	header[12] = V2_PROXY;
	w.size = HEAD_SIZE;
	if (!getpeername(net, (struct sockaddr *)&peer, &peer_size) &&
	    !getsockname(net, (struct sockaddr *)&own, &own_size)) {
		put_addresses(&w, &peer, &own);
		header[13] = w.size == HEAD_SIZE + 12 ? TCP_OVER_IPV4 : TCP_OVER_IPV6;
	}
	put_tlv(&w, TYPE_ALPN, session->alpn);
	put_tlv(&w, TYPE_AUTHORITY, session->server_name);
	put_ssl(&w, session);
	put_size(header + 14, w.size - HEAD_SIZE);
	return w.size;
}
