/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * protkey_test: what its files share.
 *
 * Everything is driven through /sys/kernel/debug/protkey_test; each .c file
 * owns the files that it creates there.
 */
#ifndef PKTEST_H
#define PKTEST_H

#include <linux/types.h>

struct dentry;
struct pkt_slot;

int pkt_debugreg_init(struct dentry *dir);
void pkt_debugreg_exit(void);

int pkt_hazard_init(struct dentry *dir);
void pkt_hazard_exit(void);

int pkt_cipher_init(struct dentry *dir);
void pkt_cipher_exit(void);

#define PKT_KEY_MAX	256

struct pkt_key {
	u8 bytes[PKT_KEY_MAX];
	unsigned int len;
};

/* The key of the runs. */
const struct pkt_key *pkt_cipher_blob(void);
const struct pkt_key *pkt_cipher_clear(void);

void pkt_hash_init(struct dentry *dir);

void pkt_aead_init(struct dentry *dir);
void pkt_aead_exit(void);

int pkt_online_init(void);
void pkt_online_exit(void);

#endif /* PKTEST_H */
