/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records of a connection: which generation's key, which nonce.
 *
 * The kernel's TLS before 6.14 takes one key for a connection's life.  A TLS 1.3
 * peer may change keys by a KeyUpdate message; it passes here in clear, and the
 * records behind it get the next generation's key and count from zero.
 */
#ifndef PK_KTLS_RECORD_H
#define PK_KTLS_RECORD_H

#include <linux/scatterlist.h>
#include <linux/string.h>
#include <linux/types.h>

#define PK_RECORD_GENERATIONS	8
#define PK_RECORD_IV_SIZE	12

struct pk_record {
	/* with a traffic secret: IVs of ours; else there is one generation and
	 * the IV is the socket's */
	bool derived;
	unsigned int generations;
	u8 iv[PK_RECORD_GENERATIONS][PK_RECORD_IV_SIZE];

	unsigned int generation;
	u64 base;			/* its first sequence number, and of */
	u64 last_base;			/* the one before */
	bool ended;			/* KeyUpdate, and no further generation */
	/* handshake messages: the current one, its bytes still to come, and IV
	 * of the last record that had any */
	bool key_update;
	u32 left;
	u8 seen[PK_RECORD_IV_SIZE];
};

static inline void pk_record_init(struct pk_record *r)
{
	memset(r->seen, 0xff, sizeof(r->seen));		/* no record's */
}

/*
 * Generation and nonce of the record for which the socket made the IV @iv.
 * -EKEYREJECTED the keys have ended, -EINVAL the socket has an IV beside ours.
 */
int pk_record_begin(const struct pk_record *r, const u8 *iv,
		    unsigned int *generation, u8 *nonce);

/*
 * This record has the inner plaintext of @len bytes, @skip bytes into @sg: notice
 * a KeyUpdate.  True: a new generation, or the end, comes behind it.
 */
bool pk_record_end(struct pk_record *r, const u8 *iv, struct scatterlist *sg,
		   unsigned int skip, unsigned int len);

#endif /* PK_KTLS_RECORD_H */
