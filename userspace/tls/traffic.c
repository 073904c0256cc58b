// SPDX-License-Identifier: GPL-2.0-only
/* Traffic keys. */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <linux/tls.h>
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <protkey/protkey.h>

#include "traffic.h"

#ifndef SOL_TLS
#define SOL_TLS 282
#endif

#define RANDOM_SIZE	32
#define MASTER_SIZE	48
#define SALT_SIZE	4

/* One direction, as the kernel wants it. */
struct key {
	uint16_t version, cipher, kind;
	const unsigned char *secret;
	size_t size;
	unsigned char salt[SALT_SIZE];
	unsigned char seq[8];		/* and explicit nonce of TLS 1.2 */
};

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' :
	       c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "LABEL CLIENT-RANDOM SECRET", both in hex. */
void traffic_note(struct traffic *t, const char *line)
{
	static const char client[] = "CLIENT_TRAFFIC_SECRET_0 ";
	static const char server[] = "SERVER_TRAFFIC_SECRET_0 ";
	bool is_client = !strncmp(line, client, sizeof(client) - 1);
	unsigned char *to = is_client ? t->client : t->server;
	size_t n = 0;

	if (!is_client && strncmp(line, server, sizeof(server) - 1))
		return;
	line = strchr(line + sizeof(client) - 1, ' ');
	while (line && n < TRAFFIC_SECRET_MAX && hex_digit(line[1]) >= 0 &&
	       hex_digit(line[2]) >= 0) {
		to[n++] = (unsigned char)(hex_digit(line[1]) << 4 | hex_digit(line[2]));
		line += 2;
	}
	*(is_client ? &t->client_size : &t->server_size) = n;
}

static int set_key(int sock, int direction, const struct key *key,
		   const unsigned char *token)
{
	struct tls12_crypto_info_aes_gcm_128 small = {
		.info = { key->version, key->cipher } };
	struct tls12_crypto_info_aes_gcm_256 large = {
		.info = { key->version, key->cipher } };

	if (key->cipher == TLS_CIPHER_AES_GCM_128) {
		memcpy(small.key, token, sizeof(small.key));
		memcpy(small.salt, key->salt, SALT_SIZE);
		memcpy(small.rec_seq, key->seq, sizeof(small.rec_seq));
		if (key->kind == PROTKEY_KTLS_KEY)
			memcpy(small.iv, key->seq, sizeof(small.iv));
		return setsockopt(sock, SOL_TLS, direction, &small, sizeof(small));
	}
	memcpy(large.key, token, sizeof(large.key));
	memcpy(large.salt, key->salt, SALT_SIZE);
	memcpy(large.rec_seq, key->seq, sizeof(large.rec_seq));
	if (key->kind == PROTKEY_KTLS_KEY)
		memcpy(large.iv, key->seq, sizeof(large.iv));
	return setsockopt(sock, SOL_TLS, direction, &large, sizeof(large));
}

/* Import, set, confirm. */
static int install(int node, int sock, int direction, const struct key *key)
{
	struct protkey_ktls_import import = {
		.version = key->version, .cipher = key->cipher, .kind = key->kind,
		.direction = (uint16_t)direction, .secret_size = (uint32_t)key->size };
	struct protkey_ktls_confirm confirm = { .socket = sock };
	int ret = 0;

	memcpy(import.secret, key->secret, key->size);
	if (ioctl(node, PROTKEY_IOC_KTLS_IMPORT, &import)) {
		ret = -errno;
	} else {
		memcpy(confirm.token, import.token, sizeof(confirm.token));
		if (set_key(sock, direction, key, import.token) ||
		    ioctl(node, PROTKEY_IOC_KTLS_CONFIRM, &confirm))
			ret = -errno;
	}
	explicit_bzero(&import, sizeof(import));
	return ret;
}

static int install_13(const struct traffic *t, int node, int sock, bool server,
		      struct key key)
{
	size_t size = key.cipher == TLS_CIPHER_AES_GCM_128 ? 32 : 48;
	int ret;

	if (t->client_size != size || t->server_size != size)
		return -EPROTO;
	key.kind = PROTKEY_KTLS_SECRET;
	key.size = size;
	key.secret = server ? t->server : t->client;
	ret = install(node, sock, TLS_TX, &key);
	key.secret = server ? t->client : t->server;
	return ret ? ret : install(node, sock, TLS_RX, &key);
}

/* RFC 5246, 6.3: key_block = PRF(master secret, "key expansion", randoms). */
static int key_block(SSL *ssl, unsigned char *block, size_t size)
{
	static const char label[] = "key expansion";
	const EVP_MD *md = SSL_CIPHER_get_handshake_digest(SSL_get_current_cipher(ssl));
	unsigned char master[MASTER_SIZE], randoms[2 * RANDOM_SIZE];
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS1-PRF", NULL);
	EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(OSSL_KDF_PARAM_DIGEST,
				       (char *)EVP_MD_get0_name(md), 0),
		OSSL_PARAM_octet_string(OSSL_KDF_PARAM_SECRET, master, sizeof(master)),
		OSSL_PARAM_octet_string(OSSL_KDF_PARAM_SEED, (char *)label,
					sizeof(label) - 1),
		OSSL_PARAM_octet_string(OSSL_KDF_PARAM_SEED, randoms, sizeof(randoms)),
		OSSL_PARAM_END,
	};
	bool ok;

	SSL_get_server_random(ssl, randoms, RANDOM_SIZE);
	SSL_get_client_random(ssl, randoms + RANDOM_SIZE, RANDOM_SIZE);
	ok = ctx && SSL_SESSION_get_master_key(SSL_get_session(ssl), master,
					       sizeof(master)) == sizeof(master) &&
	     EVP_KDF_derive(ctx, block, size, params) == 1;
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	explicit_bzero(master, sizeof(master));
	return ok ? 0 : -EPROTO;
}

/* Each side's Finished was its record number 0 under these keys. */
static int install_12(SSL *ssl, int node, int sock, bool server, struct key key)
{
	unsigned char block[2 * 32 + 2 * SALT_SIZE];
	int ret, own = server, i;

	key.kind = PROTKEY_KTLS_KEY;
	key.size = key.cipher == TLS_CIPHER_AES_GCM_128 ? 16 : 32;
	key.seq[7] = 1;
	ret = key_block(ssl, block, 2 * key.size + 2 * SALT_SIZE);
	/* first what we send, then what we get; in the block the client's comes first */
	for (i = 0; i < 2 && !ret; i++) {
		int whose = i ? !own : own;

		key.secret = block + (size_t)whose * key.size;
		memcpy(key.salt, block + 2 * key.size + (size_t)whose * SALT_SIZE,
		       SALT_SIZE);
		ret = install(node, sock, i ? TLS_RX : TLS_TX, &key);
	}
	explicit_bzero(block, sizeof(block));
	return ret;
}

int traffic_install(const struct traffic *t, SSL *ssl, int node, int sock, bool server)
{
	struct key key = { .version = (uint16_t)SSL_version(ssl) };

	/* the ciphers that we offer are these two */
	key.cipher = SSL_CIPHER_get_cipher_nid(SSL_get_current_cipher(ssl)) ==
		     NID_aes_128_gcm ? TLS_CIPHER_AES_GCM_128 : TLS_CIPHER_AES_GCM_256;
	if (key.version == TLS_1_3_VERSION)
		return install_13(t, node, sock, server, key);
	return install_12(ssl, node, sock, server, key);
}

const char *traffic_error(int err)
{
	switch (err) {
	case -EOPNOTSUPP: return "modprobe protkey-ktls";
	case -ENOPROTOOPT: return "modprobe tls";
	case -ENOKEY: return "the domain is locked";
	case -ENOSPC: return "too many keys of this domain";
	case -EKEYREJECTED: return "the socket works with another key: TLS offload of "
				   "the network card? (ethtool -K)";
	case -EACCES: return "not permitted to use the domain's node";
	default: return strerror(-err);
	}
}
