/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TLS 1.3 traffic secrets: key and IV of each generation, RFC 8446, 7.2 and 7.3.
 *
 * The hash is the kernel's, which works in memory: interrupts are off meanwhile,
 * and what it leaves is wiped, its stack included.
 */
#ifndef PK_KTLS_SECRET_H
#define PK_KTLS_SECRET_H

#include <linux/types.h>

#define PK_SECRET_MAX_SIZE	48

/* Of the cipher suite with AES keys of this size: SHA-256 or SHA-384. */
unsigned int pk_secret_size(unsigned int key_size);

/*
 * Key and IV of the generation whose secret is @secret; then make it the next
 * generation's.
 */
int pk_secret_step(u8 *secret, unsigned int key_size, u8 *key, u8 *iv);

int pk_secret_init(void);
void pk_secret_exit(void);

#endif /* PK_KTLS_SECRET_H */
