// SPDX-License-Identifier: LGPL-2.1-or-later
/* TLS connections with protected keys. */
#include <endian.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "internal.h"

#ifndef SOL_TLS
#define SOL_TLS 282
#endif

/* Vector registers end up in the kernel's copy of them: no secret goes there. */
#define SECRET_CODE __attribute__((target("general-regs-only"), noinline))

union crypto_info {
	struct tls_crypto_info info;
	struct tls12_crypto_info_aes_gcm_128 aes_128;
	struct tls12_crypto_info_aes_gcm_256 aes_256;
};

PROTKEY_EXPORT int protkey_tls_attach(int socket)
{
	if (!setsockopt(socket, IPPROTO_TCP, TCP_ULP, "tls", sizeof("tls")) ||
	    errno == EEXIST)
		return 0;
	return -errno;
}

/* What kTLS takes; the token stands where the AES key would. */
static socklen_t fill_info(union crypto_info *c,
			   const struct protkey_tls_key *key)
{
	__u64 sequence = htobe64(key->sequence);

	memset(c, 0, sizeof(*c));
	c->info.version = key->import.version;
	c->info.cipher_type = key->import.cipher;
	if (key->import.cipher == TLS_CIPHER_AES_GCM_128) {
		memcpy(c->aes_128.key, key->import.token, sizeof(c->aes_128.key));
		memcpy(c->aes_128.salt, key->salt, sizeof(c->aes_128.salt));
		memcpy(c->aes_128.iv, key->iv, sizeof(c->aes_128.iv));
		memcpy(c->aes_128.rec_seq, &sequence, sizeof(sequence));
		return sizeof(c->aes_128);
	}
	memcpy(c->aes_256.key, key->import.token, sizeof(c->aes_256.key));
	memcpy(c->aes_256.salt, key->salt, sizeof(c->aes_256.salt));
	memcpy(c->aes_256.iv, key->iv, sizeof(c->aes_256.iv));
	memcpy(c->aes_256.rec_seq, &sequence, sizeof(sequence));
	return sizeof(c->aes_256);
}

static int set_token(int socket, const struct protkey_tls_key *key)
{
	union crypto_info c;
	socklen_t size = fill_info(&c, key);
	int ret;

	ret = setsockopt(socket, SOL_TLS, key->import.direction, &c, size);
	ret = ret ? -errno : 0;
	explicit_bzero(&c, sizeof(c));	/* the IV */
	return ret;
}

/* Not again when interrupted: the first try has wiped the secret. */
static int import_key(int domain, struct protkey_tls_key *key)
{
	if (key->import.kind == PROTKEY_KTLS_SECRET &&
	    (memcmp(key->salt, "\0\0\0", sizeof(key->salt)) ||
	     memcmp(key->iv, "\0\0\0\0\0\0\0", sizeof(key->iv))))
		return -EINVAL;
	return ioctl(domain, PROTKEY_IOC_KTLS_IMPORT, &key->import) ? -errno : 0;
}

static int install(int domain, int socket, struct protkey_tls_key *key,
		   enum protkey_tls_step *step)
{
	struct protkey_ktls_confirm confirm = { .socket = socket };
	int ret;

	*step = PROTKEY_TLS_ATTACH;
	ret = protkey_tls_attach(socket);
	if (ret)
		return ret;
	*step = PROTKEY_TLS_IMPORT;
	ret = import_key(domain, key);
	if (ret)
		return ret;
	*step = PROTKEY_TLS_SET;
	ret = set_token(socket, key);
	if (ret)
		return ret;
	*step = PROTKEY_TLS_CONFIRM;
	memcpy(confirm.token, key->import.token, sizeof(confirm.token));
	ret = pk_device_ioctl(domain, PROTKEY_IOC_KTLS_CONFIRM, &confirm);
	if (!ret)
		*step = PROTKEY_TLS_DONE;
	return ret;
}

PROTKEY_EXPORT int protkey_tls_install(int domain, int socket,
				       struct protkey_tls_key *key,
				       enum protkey_tls_step *step)
{
	enum protkey_tls_step at;
	int ret = install(domain, socket, key, &at);

	explicit_bzero(key, sizeof(*key));
	if (step)
		*step = at;
	return ret;
}

PROTKEY_EXPORT const char *protkey_tls_step_name(enum protkey_tls_step step)
{
	switch (step) {
	case PROTKEY_TLS_DONE:
		return "done";
	case PROTKEY_TLS_ATTACH:
		return "preparing the socket for kTLS";
	case PROTKEY_TLS_IMPORT:
		return "importing the key";
	case PROTKEY_TLS_SET:
		return "giving kTLS the token";
	case PROTKEY_TLS_CONFIRM:
		return "confirming that the socket uses the token";
	default:
		return "unknown step";
	}
}

/* ---- key log ------------------------------------------------------------- */

static const struct {
	const char *name;
	unsigned int label;
	unsigned int size_min, size_max;
} labels[] = {
	{ "CLIENT_TRAFFIC_SECRET_0 ", PROTKEY_TLS_CLIENT_SECRET, 32, 48 },
	{ "SERVER_TRAFFIC_SECRET_0 ", PROTKEY_TLS_SERVER_SECRET, 32, 48 },
	{ "CLIENT_RANDOM ", PROTKEY_TLS_MASTER_SECRET, 48, 48 },
};

static SECRET_CODE int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Bytes read, at most @room; the text ends where they do or -EBADMSG. */
static SECRET_CODE int read_hex(const char **text, __u8 *out, unsigned int room)
{
	unsigned int n;

	for (n = 0; n < room; n++, *text += 2) {
		int high = nibble((*text)[0]);
		int low = high < 0 ? -1 : nibble((*text)[1]);

		if (high < 0)
			break;
		if (low < 0)
			return -EBADMSG;
		out[n] = (__u8)(high << 4 | low);
	}
	return (int)n;
}

static int keylog_parse(const char *line, struct protkey_tls_keylog *log)
{
	size_t i;
	int size;

	for (i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (!strncmp(line, labels[i].name, strlen(labels[i].name)))
			break;
	if (i == sizeof(labels) / sizeof(labels[0]))
		return strchr(line, ' ') ? -ENOENT : -EBADMSG;
	line += strlen(labels[i].name);
	if (read_hex(&line, log->client_random, sizeof(log->client_random)) !=
	    (int)sizeof(log->client_random) || *line++ != ' ')
		return -EBADMSG;
	size = read_hex(&line, log->secret, sizeof(log->secret));
	if (size < (int)labels[i].size_min || size > (int)labels[i].size_max || *line)
		return -EBADMSG;
	log->label = labels[i].label;
	log->size = (unsigned int)size;
	return 0;
}

PROTKEY_EXPORT int protkey_tls_keylog_parse(const char *line,
					    struct protkey_tls_keylog *log)
{
	int ret;

	memset(log, 0, sizeof(*log));
	ret = keylog_parse(line, log);
	if (ret)
		explicit_bzero(log, sizeof(*log));
	return ret;
}

/* ---- what there is --------------------------------------------------------- */

PROTKEY_EXPORT int protkey_tls_status(int domain,
				      struct protkey_ktls_status *status)
{
	memset(status, 0, sizeof(*status));
	return pk_device_ioctl(domain, PROTKEY_IOC_KTLS_STATUS, status);
}
