/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libprotkey: TLS connections whose traffic keys are protected keys.
 *
 * The program does the handshake with the TLS library it likes, and hands the
 * connection to the kernel here: protkey_tls_attach() before the handshake,
 * protkey_tls_install() for each direction after it.  What the library itself
 * keeps of the secrets is the program's to wipe: Documentation/ktls.md.
 */
#ifndef PROTKEY_TLS_H
#define PROTKEY_TLS_H

#include <linux/tls.h>
#include <protkey/uapi.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct protkey_tls_key - one direction of a connection
 * @import: version, cipher, direction, kind, secret_size and secret, the rest
 *	zero, as the user ABI says
 * @salt: with PROTKEY_KTLS_KEY: first 4 bytes of the IV
 * @iv: with PROTKEY_KTLS_KEY: the other 8 bytes of TLS 1.3's IV, or what TLS
 *	1.2 sends as the explicit nonce of the next record
 * @sequence: number of the next record; 0 right after a handshake of TLS 1.3, 1
 *	after one of TLS 1.2
 *
 * Keep it in memory of protkey_secret_alloc() and write the secret right into
 * it: then there is no second copy of this library's making.
 */
struct protkey_tls_key {
	struct protkey_ktls_import import;
	__u8 salt[4];
	__u8 iv[8];
	__u64 sequence;
};

/** enum protkey_tls_step - where protkey_tls_install() failed */
enum protkey_tls_step {
	PROTKEY_TLS_DONE = 0,
	PROTKEY_TLS_ATTACH,	/* TCP_ULP: no kTLS, or not connected */
	PROTKEY_TLS_IMPORT,	/* the module refused the key */
	PROTKEY_TLS_SET,	/* TLS_TX or TLS_RX */
	PROTKEY_TLS_CONFIRM,	/* the socket works with something else */
};

/**
 * protkey_tls_attach() - prepare a socket for kTLS
 * @socket: a connected TCP socket
 *
 * Data passes as before until keys are installed.  Call it before the handshake:
 * once the peer has closed its side it is too late.  A socket that is prepared
 * already is fine.
 *
 * Return: 0; -ENOENT the kernel has no TLS (modprobe tls), -ENOTCONN not
 * connected or the peer has gone, and what setsockopt() gives.
 */
int protkey_tls_attach(int socket);

/**
 * protkey_tls_install() - give one direction of a connection its protected key
 * @domain: from protkey_domain_open(); stays open until both directions are
 *	installed, and may be closed then
 * @socket: connected; protkey_tls_attach() is called if it was not yet
 * @key: wiped, whatever the outcome
 * @step: where it failed, or NULL
 *
 * No byte that belongs to the records may have been read or written beside the
 * kernel.  After an error the socket is in an unknown state: close it.
 *
 * Return: 0; -EINVAL version, cipher, direction, kind, size or IV, -EOPNOTSUPP
 * protkey-ktls is not loaded, -ENOKEY domain locked, -EDQUOT too many
 * keys, -ENOSPC too many pending tokens, -EBUSY this direction has a key, -EKEYREJECTED the socket
 * works with something else (a network card's offload), and what
 * protkey_tls_attach() and setsockopt() give.
 */
int protkey_tls_install(int domain, int socket, struct protkey_tls_key *key,
			enum protkey_tls_step *step);

/**
 * protkey_tls_step_name() - a step in words, for messages
 * @step: of protkey_tls_install()
 *
 * Return: a constant.
 */
const char *protkey_tls_step_name(enum protkey_tls_step step);

/** enum protkey_tls_label - secrets of a key log that a connection needs */
enum protkey_tls_label {
	PROTKEY_TLS_CLIENT_SECRET = 1,	/* TLS 1.3: what the client sends with */
	PROTKEY_TLS_SERVER_SECRET,	/* TLS 1.3: what the server sends with */
	PROTKEY_TLS_MASTER_SECRET,	/* TLS 1.2 */
};

/** struct protkey_tls_keylog - a line of a key log */
struct protkey_tls_keylog {
	__u32 label;		/* enum protkey_tls_label */
	__u32 size;		/* bytes of @secret */
	__u8 client_random[32];
	__u8 secret[64];
};

/**
 * protkey_tls_keylog_parse() - read a line that a TLS library logs
 * @line: as NSS's SSLKEYLOGFILE has it, without the newline; OpenSSL gives it
 *	to the callback of SSL_CTX_set_keylog_callback()
 * @log: filled; in memory of protkey_secret_alloc()
 *
 * The line is left alone: OpenSSL wipes it after the callback.
 *
 * Return: 0; -ENOENT a secret that a connection does not need, -EBADMSG no such
 * line.  @log is wiped then.
 */
int protkey_tls_keylog_parse(const char *line, struct protkey_tls_keylog *log);

/**
 * protkey_tls_status() - what became of the tokens
 * @domain: from protkey_domain_open()
 * @status: filled
 *
 * Return: 0; -EOPNOTSUPP protkey-ktls is not loaded.
 */
int protkey_tls_status(int domain, struct protkey_ktls_status *status);

/**
 * protkey_tls_list() - a page of the domain's TLS keys, and its totals
 * @domain: from protkey_domain_open()
 * @page: zeroed for the first page; for the next as it came back
 *
 * It was the last page when its cursor is 0.
 *
 * Return: 0; -EOPNOTSUPP protkey-ktls is not loaded, -ENOMEM, -EPROTO the module
 * gave a page that cannot be.
 */
int protkey_tls_list(int domain, struct protkey_ktls_list *page);

#ifdef __cplusplus
}
#endif
#endif
