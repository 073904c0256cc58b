// SPDX-License-Identifier: GPL-2.0-only
/* Traffic keys. */
#include <errno.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "traffic.h"

#define RANDOM_SIZE	32
#define MASTER_SIZE	48
#define SALT_SIZE	4
#define KEY_MAX		32

void traffic_note(struct traffic *t, const char *line)
{
	struct protkey_tls_keylog log;

	if (!protkey_tls_keylog_parse(line, &log)) {
		if (log.label == PROTKEY_TLS_CLIENT_SECRET)
			t->client = log;
		else if (log.label == PROTKEY_TLS_SERVER_SECRET)
			t->server = log;
	}
	explicit_bzero(&log, sizeof(log));
}

static int install_13(struct traffic *t, int node, int sock, bool server,
		      unsigned int cipher)
{
	unsigned int size = cipher == TLS_CIPHER_AES_GCM_128 ? 32 : 48;
	int ret = 0, i;

	for (i = 0; i < 2 && !ret; i++) {
		const struct protkey_tls_keylog *log =
			server == !i ? &t->server : &t->client;
		struct protkey_tls_key key = { .import = {
			.version = TLS_1_3_VERSION, .cipher = (__u16)cipher,
			.direction = i ? TLS_RX : TLS_TX, .kind = PROTKEY_KTLS_SECRET,
			.secret_size = size } };

		if (log->size != size)
			return -EPROTO;
		memcpy(key.import.secret, log->secret, size);
		ret = protkey_tls_install(node, sock, &key, &t->step);
	}
	return ret;
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
static int install_12(struct traffic *t, SSL *ssl, int node, int sock, bool server,
		      unsigned int cipher)
{
	unsigned int size = cipher == TLS_CIPHER_AES_GCM_128 ? 16 : 32;
	unsigned char block[2 * KEY_MAX + 2 * SALT_SIZE];
	int ret = key_block(ssl, block, 2 * size + 2 * SALT_SIZE), i;

	for (i = 0; i < 2 && !ret; i++) {
		/* the block has the client's key and salt first */
		unsigned int whose = server == !i;
		struct protkey_tls_key key = { .import = {
			.version = TLS_1_2_VERSION, .cipher = (__u16)cipher,
			.direction = i ? TLS_RX : TLS_TX, .kind = PROTKEY_KTLS_KEY,
			.secret_size = size }, .iv = { [7] = 1 }, .sequence = 1 };

		memcpy(key.import.secret, block + whose * size, size);
		memcpy(key.salt, block + 2 * size + whose * SALT_SIZE, SALT_SIZE);
		ret = protkey_tls_install(node, sock, &key, &t->step);
	}
	explicit_bzero(block, sizeof(block));
	return ret;
}

int traffic_install(struct traffic *t, SSL *ssl, int node, int sock, bool server)
{
	/* the ciphers that we offer are these two */
	unsigned int cipher =
		SSL_CIPHER_get_cipher_nid(SSL_get_current_cipher(ssl)) == NID_aes_128_gcm ?
		TLS_CIPHER_AES_GCM_128 : TLS_CIPHER_AES_GCM_256;

	if (SSL_version(ssl) == TLS1_3_VERSION)
		return install_13(t, node, sock, server, cipher);
	return install_12(t, ssl, node, sock, server, cipher);
}

const char *traffic_error(int err)
{
	switch (err) {
	case -EOPNOTSUPP: return "modprobe protkey-ktls";
	case -ENOENT: return "modprobe tls";
	case -ENOKEY: return "the domain is locked";
	case -EDQUOT: return "the domain's quota of TLS keys is used up";
	case -ENOSPC: return "too many tokens of this domain";
	case -EKEYREJECTED: return "the socket works with another key: TLS offload of "
				   "the network card? (ethtool -K)";
	case -EACCES: return "not permitted to use the domain's node";
	default: return strerror(-err);
	}
}
