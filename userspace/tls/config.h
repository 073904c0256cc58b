/* SPDX-License-Identifier: GPL-2.0-only */
/* The configuration file: protkey-tlsd.conf(5). */
#ifndef TLSD_CONFIG_H
#define TLSD_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "address.h"

#define CONFIG_SERVICES		64
#define CONFIG_CERTS		16
#define CONFIG_NAMES		16

enum service_mode { MODE_NONE, MODE_SERVER, MODE_CLIENT };
enum verify_mode { VERIFY_DEFAULT, VERIFY_NONE, VERIFY_OPTIONAL, VERIFY_REQUIRED };

struct service_cert {
	char *cert;		/* files */
	char *key;
};

/* A section of the file. */
struct service {
	char name[32];
	unsigned int line;	/* where it begins */
	enum service_mode mode;
	char domain[32];
	bool by_systemd;	/* listen = systemd */
	bool has_listen;
	struct address listen;
	bool has_connect;
	struct address connect;
	struct service_cert certs[CONFIG_CERTS];
	unsigned int cert_count;
	char *ca;
	char *crl;
	char *ocsp;
	enum verify_mode verify;
	char *peer_names[CONFIG_NAMES];	/* one of them must be the peer's */
	unsigned int peer_name_count;
	char *servername;
	bool strict_sni;
	unsigned char alpn[256];	/* as on the wire */
	unsigned int alpn_size;
	int min_version;		/* 12, 13 */
	unsigned int max_connections;
	unsigned int max_handshakes;
	unsigned int handshake_timeout;	/* seconds */
	unsigned int idle_timeout;	/* seconds, 0: none */
	bool proxy;			/* send a PROXY v2 header */
	struct tls_context *tls;	/* tls_context.c */
};

struct config {
	struct service *services[CONFIG_SERVICES];
	unsigned int count;
	unsigned int drain_timeout;
};

/* What is wrong is said on the log, with its line. NULL then. */
struct config *config_read(const char *path);
void config_free(struct config *config);
struct service *config_find(const struct config *config, const char *name);

#endif
