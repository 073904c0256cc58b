// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libprotkey-ktls-preload.so: for programs whose TLS library gives its AES keys
 * to kTLS by itself.  In their setsockopt(TLS_TX, TLS_RX) the key becomes a
 * protected key of the domain PROTKEY_TLS_DOMAIN, and kTLS gets a token.
 *
 * A clear key never gets through: what cannot be protected fails with EIO, and
 * the TLS library goes on in user space, or, with PROTKEY_TLS_REQUIRE=1, finds
 * the connection shut.
 */
#include <dlfcn.h>
#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <protkey/protkey.h>

#ifndef SOL_TLS
#define SOL_TLS 282
#endif

typedef int setsockopt_fn(int, int, int, const void *, socklen_t);

/* nginx clears its environment: what it said at the start counts. */
static char domain[PROTKEY_NAME_SIZE];
static bool required, verbose;
/* The library's own setsockopt() comes through here too. */
static __thread bool within;

static bool is_set(const char *name)
{
	const char *value = secure_getenv(name);

	return value && !strcmp(value, "1");
}

static __attribute__((constructor)) void read_environment(void)
{
	const char *name = secure_getenv("PROTKEY_TLS_DOMAIN");

	if (name && strlen(name) < sizeof(domain))
		strcpy(domain, name);
	required = is_set("PROTKEY_TLS_REQUIRE");
	verbose = is_set("PROTKEY_TLS_VERBOSE");
}

static setsockopt_fn *next_setsockopt(void)
{
	static setsockopt_fn *next;

	if (!next)
		next = (setsockopt_fn *)dlsym(RTLD_NEXT, "setsockopt");
	return next;
}

/* What the program set, as the module wants it, and where its key is. */
static int read_info(const void *value, socklen_t size, int direction,
		     struct protkey_tls_key *key, const unsigned char **clear)
{
	const struct tls12_crypto_info_aes_gcm_128 *aes_128 = value;
	const struct tls12_crypto_info_aes_gcm_256 *aes_256 = value;
	const unsigned char *sequence;

	key->import.direction = (__u16)direction;
	key->import.kind = PROTKEY_KTLS_KEY;
	if (size == sizeof(*aes_128) &&
	    aes_128->info.cipher_type == TLS_CIPHER_AES_GCM_128) {
		*clear = aes_128->key;
		key->import.secret_size = sizeof(aes_128->key);
		memcpy(key->salt, aes_128->salt, sizeof(key->salt));
		memcpy(key->iv, aes_128->iv, sizeof(key->iv));
		sequence = aes_128->rec_seq;
	} else if (size == sizeof(*aes_256) &&
		   aes_256->info.cipher_type == TLS_CIPHER_AES_GCM_256) {
		*clear = aes_256->key;
		key->import.secret_size = sizeof(aes_256->key);
		memcpy(key->salt, aes_256->salt, sizeof(key->salt));
		memcpy(key->iv, aes_256->iv, sizeof(key->iv));
		sequence = aes_256->rec_seq;
	} else {
		return -EOPNOTSUPP;	/* another cipher */
	}
	key->import.version = aes_128->info.version;
	key->import.cipher = aes_128->info.cipher_type;
	memcpy(key->import.secret, *clear, key->import.secret_size);
	memcpy(&key->sequence, sequence, sizeof(key->sequence));
	key->sequence = be64toh(key->sequence);
	return 0;
}

/* Opened each time: the program may have forked, or changed its user. */
static int install(int socket, struct protkey_tls_key *key,
		   enum protkey_tls_step *step)
{
	int node = protkey_domain_open(domain);
	int ret;

	if (node < 0)
		return node;
	within = true;
	ret = protkey_tls_install(node, socket, key, step);
	within = false;
	close(node);
	return ret;
}

static int protect(int socket, int direction, const void *value, socklen_t size,
		   enum protkey_tls_step *step)
{
	struct protkey_tls_key *key = protkey_secret_alloc(sizeof(*key));
	const unsigned char *clear;
	int ret;

	if (!key)
		return -errno;
	ret = read_info(value, size, direction, key, &clear);
	if (!ret)
		ret = install(socket, key, step);
	/* in the program's memory; if it failed the program needs it yet */
	if (!ret)
		explicit_bzero((void *)clear, size == sizeof(struct tls12_crypto_info_aes_gcm_128) ?
			       16 : 32);
	protkey_secret_free(key, sizeof(*key));
	return ret;
}

static int fail(int socket, int err, enum protkey_tls_step step)
{
	/* with a token that is not confirmed nothing works any more */
	bool shut = required || step == PROTKEY_TLS_CONFIRM;

	if (verbose)
		dprintf(STDERR_FILENO, "protkey: domain '%s': %s: %s: %s\n", domain,
			step == PROTKEY_TLS_DONE ? "not tried" :
			protkey_tls_step_name(step), strerror(-err),
			shut ? "connection shut" : "TLS stays in user space");
	if (shut)
		shutdown(socket, SHUT_RDWR);
	errno = EIO;
	return -1;
}

__attribute__((visibility("default")))
int setsockopt(int socket, int level, int name, const void *value, socklen_t size)
{
	enum protkey_tls_step step = PROTKEY_TLS_DONE;
	int ret;

	if (within || level != SOL_TLS || (name != TLS_TX && name != TLS_RX))
		return next_setsockopt()(socket, level, name, value, size);
	ret = protect(socket, name, value, size, &step);
	return ret ? fail(socket, ret, step) : 0;
}
