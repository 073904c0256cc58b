/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * gcm(aes) that takes tokens.  A key that is none goes to the driver that would
 * have been chosen without us.
 */
#ifndef PK_KTLS_AEAD_H
#define PK_KTLS_AEAD_H

#include <linux/types.h>

struct crypto_aead;
struct pk_token;

int pk_ktls_aead_init(void);
void pk_ktls_aead_exit(void);

/* Be the first choice for gcm(aes), or the last. */
void pk_ktls_aead_prefer(bool first);

/* The token that @tfm works with; NULL: none, or not our driver's. */
struct pk_token *pk_ktls_aead_token(struct crypto_aead *tfm);

#endif /* PK_KTLS_AEAD_H */
