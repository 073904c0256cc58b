/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tokens: what kTLS is given in the place of a traffic key.
 *
 * A token is 16 or 32 bytes, as long as the AES key it stands for: half of it
 * magic of this load of the module, half random.  It is pending until a cipher
 * handle takes it, once; then the handle owns it.  A pending token ends unused
 * when its time is up, when the file it came from is closed, or with the module.
 */
#ifndef PK_KTLS_TOKEN_H
#define PK_KTLS_TOKEN_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/time64.h>
#include <linux/types.h>
#include <linux/uidgid.h>

#include "record.h"
#include "traffic.h"

#define PK_TOKEN_MAX_SIZE	32
#define PK_TOKEN_MAX_PENDING	256	/* of a domain */

struct pk_token {
	struct list_head list;		/* while pending, under the lock; as the next */
	struct hlist_node by_bytes;
	u8 bytes[PK_TOKEN_MAX_SIZE];
	unsigned int size;
	unsigned long id;		/* in the roster */
	/* who may take it */
	struct pk_domain *domain;	/* kept alive by the traffic key */
	const void *file;		/* of the domain's node; an identity only */
	struct pid *tgid;
	kuid_t uid;
	unsigned long expires;		/* jiffies */
	/* what it stands for */
	struct pk_traffic *traffic[PK_RECORD_GENERATIONS];
	struct pk_record record;	/* the TLS 1.3 ones */
	u16 version;			/* TLS_1_2_VERSION, TLS_1_3_VERSION */
	u16 direction;			/* TLS_TX, TLS_RX */
	bool confirmed;			/* the socket is known to use it */
	unsigned long inode;		/* that socket's */
	time64_t made;			/* seconds since boot */
	atomic64_t records;		/* under the current key */
	atomic64_t records_before;	/* under the ones before */
	atomic64_t plain;		/* bytes, under all */
	struct pk_token *retired;	/* the one before in the same handle */
};

/*
 * Make @t pending, whose traffic key, version, direction and size are set, and
 * write its bytes to @bytes.  -ENOSPC the domain has too many; -ENOMEM.
 */
int pk_token_offer(struct pk_token *t, const void *file, unsigned int lifetime_ms,
		   u8 *bytes);

/* Whether a key has this load's magic: then it is a token or nothing. */
bool pk_token_has_magic(const u8 *key, unsigned int len);

/*
 * Take the token that is @key, for good.  -ENOKEY unknown, taken, expired or not
 * the caller's.
 */
struct pk_token *pk_token_take(const u8 *key, unsigned int len);

/* Whether current is the user and process that @t was made for. */
bool pk_token_is_mine(const struct pk_token *t);

/* Destroy a token that nobody can find, and its key.  NULL is fine. */
void pk_token_free(struct pk_token *t);

/* End what @file (NULL: anybody) has pending. */
void pk_token_drop(const void *file);

struct pk_token_stat {
	u64 made, taken, expired, refused;
	u32 pending;			/* of @d */
};
void pk_token_stat(const struct pk_domain *d, struct pk_token_stat *stat);

void pk_token_init(void);
void pk_token_exit(void);

#endif /* PK_KTLS_TOKEN_H */
