// SPDX-License-Identifier: GPL-2.0-only
/* Traffic secrets: see secret.h. */

#include <crypto/hash.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "record.h"
#include "secret.h"

/*
 * The generic code: it keeps its state where it is told to and on the stack, and
 * uses no vector registers, of which a copy could stay behind.
 */
static const char * const hmac_names[] = {
	"hmac(sha256-generic)", "hmac(sha384-generic)"
};
static struct crypto_shash *hmacs[ARRAY_SIZE(hmac_names)];
static DEFINE_SPINLOCK(hmac_lock);

static unsigned int hash_of(unsigned int key_size)
{
	return key_size == 16 ? 0 : 1;
}

unsigned int pk_secret_size(unsigned int key_size)
{
	return key_size == 16 ? 32 : 48;
}

/* HKDF-Expand-Label without a context, of at most one hash. */
static int expand_label(struct crypto_shash *hmac, const char *label, u8 *out,
			unsigned int size)
{
	unsigned int label_len = strlen(label);
	u8 info[2 + 1 + 6 + 16 + 1 + 1], full[PK_SECRET_MAX_SIZE];
	SHASH_DESC_ON_STACK(desc, hmac);
	u8 *p = info;
	int ret;

	*p++ = 0;
	*p++ = size;
	*p++ = 6 + label_len;
	memcpy(p, "tls13 ", 6);
	memcpy(p + 6, label, label_len);
	p += 6 + label_len;
	*p++ = 0;		/* empty context */
	*p++ = 1;		/* HKDF-Expand's counter */
	desc->tfm = hmac;
	ret = crypto_shash_digest(desc, info, p - info, full);
	memcpy(out, full, size);
	memzero_explicit(full, sizeof(full));
	shash_desc_zero(desc);
	return ret;
}

static noinline int step(struct crypto_shash *hmac, u8 *secret,
			 unsigned int key_size, u8 *key, u8 *iv)
{
	static const u8 nothing[PK_SECRET_MAX_SIZE];
	unsigned int size = pk_secret_size(key_size);
	int ret;

	ret = crypto_shash_setkey(hmac, secret, size) ?:
	      expand_label(hmac, "key", key, key_size) ?:
	      expand_label(hmac, "iv", iv, PK_RECORD_IV_SIZE) ?:
	      expand_label(hmac, "traffic upd", secret, size);
	/* the states that it made of the secret */
	crypto_shash_setkey(hmac, nothing, size);
	return ret;
}

/* Where step() and what it called had their frames, and what registers hold. */
#if __has_attribute(zero_call_used_regs)
__attribute__((zero_call_used_regs("all-gpr")))
#endif
static noinline void wipe_stack(unsigned int more)
{
	u8 area[768];

	if (more)
		wipe_stack(more - 1);
	memzero_explicit(area, sizeof(area));
}

int pk_secret_step(u8 *secret, unsigned int key_size, u8 *key, u8 *iv)
{
	unsigned long flags;
	int ret;

	spin_lock_irqsave(&hmac_lock, flags);
	ret = step(hmacs[hash_of(key_size)], secret, key_size, key, iv);
	wipe_stack(1);
	spin_unlock_irqrestore(&hmac_lock, flags);
	return ret;
}

int pk_secret_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hmacs); i++) {
		struct crypto_shash *hmac = crypto_alloc_shash(hmac_names[i], 0, 0);

		if (IS_ERR(hmac)) {
			pr_err("no %s: %ld\n", hmac_names[i], PTR_ERR(hmac));
			pk_secret_exit();
			return PTR_ERR(hmac);
		}
		hmacs[i] = hmac;
	}
	return 0;
}

void pk_secret_exit(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hmacs); i++) {
		crypto_free_shash(hmacs[i]);	/* NULL is fine */
		hmacs[i] = NULL;
	}
}
