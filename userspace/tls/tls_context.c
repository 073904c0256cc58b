// SPDX-License-Identifier: GPL-2.0-only
/* Certificates and what else is no secret. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "../cli/cli.h"		/* file_read, fd_read */
#include "config.h"
#include "log.h"
#include "sealed_key.h"
#include "secretmem.h"
#include "tls_context.h"
#include "traffic.h"

#define STAPLE_MAX	16384

/* Certificate and private key are of one moment, whatever becomes of the files. */
struct pair {
	X509 *cert;
	STACK_OF(X509) *chain;
	unsigned char *sealed;	/* no secret */
	size_t sealed_size;
	int plain;		/* or the open file of a key in PEM, else -1 */
};

struct tls_context {
	SSL_CTX *ctx;
	struct pair pairs[CONFIG_CERTS];
	unsigned int count;
	unsigned char *staple;
	size_t staple_size;
};

static const char *reason(void)
{
	unsigned long first = ERR_peek_error();	/* the later ones say less */
	const char *text = ERR_reason_error_string(first);

	if (ERR_SYSTEM_ERROR(first))
		return strerror(ERR_GET_REASON(first));
	return text ? text : "unknown error";
}

static bool bad_file(const struct service *s, const char *path, const char *why)
{
	log_line(LOG_ERR, NULL, "service=%s %s: %s", s->name, path, why);
	ERR_clear_error();
	return false;
}

/* ---- certificates ---- */

static bool load_pair(const struct service *s, struct pair *pair, const char *path)
{
	BIO *file = BIO_new_file(path, "r");
	X509 *more;

	pair->cert = file ? PEM_read_bio_X509(file, NULL, NULL, NULL) : NULL;
	pair->chain = sk_X509_new_null();
	if (!pair->cert || !pair->chain) {
		BIO_free(file);
		return bad_file(s, path, reason());
	}
	while ((more = PEM_read_bio_X509(file, NULL, NULL, NULL)))
		sk_X509_push(pair->chain, more);
	BIO_free(file);
	ERR_clear_error();		/* the file's end */
	return true;
}

static bool load_trust(const struct service *s, SSL_CTX *ctx)
{
	X509_STORE *store = SSL_CTX_get_cert_store(ctx);
	X509_LOOKUP *lookup;

	if (!s->ca)
		return true;
	if (SSL_CTX_load_verify_file(ctx, s->ca) != 1)
		return bad_file(s, s->ca, reason());
	/* the CAs that a server asks for by name */
	if (s->mode == MODE_SERVER && s->verify > VERIFY_NONE)
		SSL_CTX_set_client_CA_list(ctx, SSL_load_client_CA_file(s->ca));
	if (!s->crl)
		return true;
	lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
	if (!lookup || X509_load_crl_file(lookup, s->crl, X509_FILETYPE_PEM) < 1)
		return bad_file(s, s->crl, reason());
	X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
	return true;
}

static bool load_staple(const struct service *s, struct tls_context *tls)
{
	int ret;

	if (!s->ocsp)
		return true;
	tls->staple = malloc(STAPLE_MAX);
	ret = tls->staple ? file_read(s->ocsp, tls->staple, STAPLE_MAX,
				      &tls->staple_size) : -ENOMEM;
	return !ret || bad_file(s, s->ocsp, strerror(-ret));
}

/* ---- private keys ---- */

/* A sealed one is kept as it is; of one in clear no byte is read in the parent. */
static bool load_key(const struct service *s, struct pair *pair, const char *path)
{
	char magic[SEALED_KEY_MAGIC];
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret = -ENOMEM;

	if (fd < 0)
		return bad_file(s, path, strerror(errno));
	if (pread(fd, magic, sizeof(magic), 0) != sizeof(magic) ||
	    !sealed_key_magic(magic)) {
		pair->plain = fd;
		log_line(LOG_WARNING, NULL, "service=%s %s is in clear on the disk: "
			 "protkey-tlsd seal-key", s->name, path);
		return true;
	}
	pair->sealed = malloc(SEALED_KEY_FILE_MAX);
	if (pair->sealed)
		ret = fd_read(fd, pair->sealed, SEALED_KEY_FILE_MAX, &pair->sealed_size);
	close(fd);
	return !ret || bad_file(s, path, strerror(-ret));
}

/* In a broker: into wiped memory. */
static int read_plain(int fd, EVP_PKEY **key)
{
	char *file = secretmem_alloc(SEALED_KEY_FILE_MAX);
	ssize_t size = file ? pread(fd, file, SEALED_KEY_FILE_MAX, 0) : -1;
	BIO *bio = size > 0 ? BIO_new_mem_buf(file, (int)size) : NULL;

	*key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)"") : NULL;
	BIO_free(bio);
	secretmem_free(file);
	return *key ? 0 : -EBADMSG;
}

static int open_key(const struct pair *pair, EVP_PKEY **key)
{
	return pair->sealed ? sealed_key_open(pair->sealed, pair->sealed_size, key) :
	       read_plain(pair->plain, key);
}

static const char *key_error(int err)
{
	switch (err) {
	case -ENOKEY: return "the domain is locked: protkey domain unlock";
	case -EACCES: return "not permitted to use the domain, or there is none";
	case -EBADMSG: return "no private key, or it was changed";
	case -ESTALE: return "sealed under a master key that is gone";
	default: return strerror(-err);
	}
}

static int use_pair(SSL *ssl, struct tls_peer *peer, unsigned int i)
{
	const struct service *s = peer->service;
	const struct pair *pair = &s->tls->pairs[i];
	EVP_PKEY *key = NULL;
	int ret = open_key(pair, &key);
	bool fits;

	if (ret) {
		snprintf(peer->wrong, sizeof(peer->wrong), "%s: %s", s->certs[i].key,
			 key_error(ret));
		return ret;
	}
	fits = SSL_use_cert_and_key(ssl, pair->cert, key, pair->chain, 1) == 1;
	EVP_PKEY_free(key);
	if (!fits)
		snprintf(peer->wrong, sizeof(peer->wrong), "%s: does not fit %s",
			 s->certs[i].key, s->certs[i].cert);
	return fits ? 0 : -EINVAL;
}

bool tls_context_check_key(const struct service *s, unsigned int i)
{
	struct tls_peer peer = { .service = s };
	SSL *ssl = SSL_new(s->tls->ctx);
	int ret = ssl ? use_pair(ssl, &peer, i) : -ENOMEM;

	SSL_free(ssl);
	if (ret)
		log_line(LOG_ERR, NULL, "service=%s %s", s->name,
			 peer.wrong[0] ? peer.wrong : strerror(-ret));
	return !ret;
}

/* ---- what OpenSSL asks in a handshake ---- */

static struct tls_peer *peer_of(const SSL *ssl)
{
	return SSL_get_app_data(ssl);
}

/* The certificate for @name; or their count. */
static unsigned int find_pair(const struct tls_context *tls, const char *name)
{
	unsigned int i = 0;

	while (i < tls->count && X509_check_host(tls->pairs[i].cert, name, 0, 0, NULL) != 1)
		i++;
	return i;
}

/* The client has named a server: show that one's certificate, or the first. */
static int choose_cert(SSL *ssl, void *arg)
{
	struct tls_peer *peer = peer_of(ssl);
	const struct tls_context *tls = peer->service->tls;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	unsigned int i = name ? find_pair(tls, name) : tls->count;

	(void)arg;
	return !use_pair(ssl, peer, i == tls->count ? 0 : i);
}

static int check_name(SSL *ssl, int *alert, void *arg)
{
	struct tls_peer *peer = peer_of(ssl);
	const struct tls_context *tls = peer->service->tls;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	(void)arg;
	if (name && find_pair(tls, name) < tls->count)
		return SSL_TLSEXT_ERR_OK;
	snprintf(peer->wrong, sizeof(peer->wrong), "no certificate has the name it asks for");
	*alert = SSL_AD_UNRECOGNIZED_NAME;
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static int choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *size,
		       const unsigned char *in, unsigned int in_size, void *arg)
{
	const struct service *s = peer_of(ssl)->service;
	unsigned char *chosen;

	(void)arg;
	if (SSL_select_next_proto(&chosen, size, s->alpn, s->alpn_size, in, in_size) !=
	    OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static int give_staple(SSL *ssl, void *arg)
{
	const struct tls_context *tls = peer_of(ssl)->service->tls;
	unsigned char *copy = OPENSSL_memdup(tls->staple, tls->staple_size);

	(void)arg;
	if (!copy)
		return SSL_TLSEXT_ERR_NOACK;
	SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)tls->staple_size);
	return SSL_TLSEXT_ERR_OK;
}

static void keylog(const SSL *ssl, const char *line)
{
	struct tls_peer *peer = peer_of(ssl);

	if (peer && peer->traffic)
		traffic_note(peer->traffic, line);
}

/* ---- the context ---- */

/* No resumption: a ticket would take a record's number, and has secrets in it. */
static bool set_protocol(const struct service *s, SSL_CTX *ctx)
{
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
			    SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_read_ahead(ctx, 0);
	SSL_CTX_set_keylog_callback(ctx, keylog);
	return SSL_CTX_set_num_tickets(ctx, 0) == 1 &&
	       SSL_CTX_set_min_proto_version(ctx, s->min_version == 12 ?
					     TLS1_2_VERSION : TLS1_3_VERSION) == 1 &&
	       SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) == 1 &&
	       SSL_CTX_set_ciphersuites(ctx, "TLS_AES_256_GCM_SHA384:"
					"TLS_AES_128_GCM_SHA256") == 1 &&
	       SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM") == 1;
}

static void set_role(const struct service *s, struct tls_context *tls)
{
	int mode = s->verify > VERIFY_NONE ? SSL_VERIFY_PEER : SSL_VERIFY_NONE;

	if (s->verify == VERIFY_REQUIRED)
		mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
	SSL_CTX_set_verify(tls->ctx, mode, NULL);
	if (s->mode == MODE_CLIENT) {
		if (s->alpn_size)
			SSL_CTX_set_alpn_protos(tls->ctx, s->alpn, s->alpn_size);
		return;
	}
	SSL_CTX_set_cert_cb(tls->ctx, choose_cert, NULL);
	if (s->strict_sni)
		SSL_CTX_set_tlsext_servername_callback(tls->ctx, check_name);
	if (s->alpn_size)
		SSL_CTX_set_alpn_select_cb(tls->ctx, choose_alpn, NULL);
	if (tls->staple)
		SSL_CTX_set_tlsext_status_cb(tls->ctx, give_staple);
}

struct tls_context *tls_context_new(const struct service *s)
{
	struct tls_context *tls = calloc(1, sizeof(*tls));
	bool ok;

	if (!tls)
		return NULL;
	tls->ctx = SSL_CTX_new(s->mode == MODE_SERVER ? TLS_server_method() :
			       TLS_client_method());
	ok = tls->ctx && set_protocol(s, tls->ctx);
	if (!ok)
		log_line(LOG_ERR, NULL, "service=%s OpenSSL: %s", s->name, reason());
	ok = ok && load_trust(s, tls->ctx) && load_staple(s, tls);
	while (ok && tls->count < s->cert_count) {
		struct pair *pair = &tls->pairs[tls->count];
		const struct service_cert *files = &s->certs[tls->count++];

		pair->plain = -1;
		ok = load_pair(s, pair, files->cert) && load_key(s, pair, files->key);
	}
	if (!ok) {
		tls_context_free(tls);
		return NULL;
	}
	set_role(s, tls);
	return tls;
}

void tls_context_free(struct tls_context *tls)
{
	unsigned int i;

	if (!tls)
		return;
	for (i = 0; i < tls->count; i++) {
		X509_free(tls->pairs[i].cert);
		sk_X509_pop_free(tls->pairs[i].chain, X509_free);
		free(tls->pairs[i].sealed);
		if (tls->pairs[i].plain >= 0)
			close(tls->pairs[i].plain);
	}
	SSL_CTX_free(tls->ctx);
	free(tls->staple);
	free(tls);
}

/* Whose certificate it must be; the client's check of the server, too. */
static bool set_names(SSL *ssl, const struct service *s)
{
	unsigned int i;

	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (s->verify == VERIFY_NONE || s->verify == VERIFY_DEFAULT)
		return true;
	for (i = 0; i < s->peer_name_count; i++)
		if (SSL_add1_host(ssl, s->peer_names[i]) != 1)
			return false;
	if (s->mode == MODE_CLIENT && !s->peer_name_count)
		return SSL_set1_host(ssl, s->servername ? s->servername :
				     s->connect.host) == 1;
	return true;
}

SSL *tls_context_ssl(struct tls_peer *peer)
{
	const struct service *s = peer->service;
	SSL *ssl = SSL_new(s->tls->ctx);

	if (!ssl)
		return NULL;
	SSL_set_app_data(ssl, peer);
	if (!set_names(ssl, s))
		goto err_free;
	if (s->mode == MODE_CLIENT) {
		if (s->servername && SSL_set_tlsext_host_name(ssl, s->servername) != 1)
			goto err_free;
		if (s->cert_count && use_pair(ssl, peer, 0))
			goto err_free;
		SSL_set_connect_state(ssl);
	} else {
		SSL_set_accept_state(ssl);
	}
	return ssl;

err_free:
	SSL_free(ssl);
	return NULL;
}
