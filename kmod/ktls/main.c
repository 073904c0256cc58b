// SPDX-License-Identifier: GPL-2.0-only
/* protkey-ktls: kTLS connections with protected keys. */

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <net/tls.h>

#include "aead.h"
#include "domain.h"
#include "ktls.h"
#include "roster.h"
#include "secret.h"
#include "socket.h"
#include "token.h"
#include "uapi/protkey.h"

static unsigned int key_size(unsigned int cipher)
{
	switch (cipher) {
	case TLS_CIPHER_AES_GCM_128:
		return TLS_CIPHER_AES_GCM_128_KEY_SIZE;
	case TLS_CIPHER_AES_GCM_256:
		return TLS_CIPHER_AES_GCM_256_KEY_SIZE;
	default:
		return 0;
	}
}

static int check_import(const struct protkey_ktls_import *req)
{
	unsigned int size = key_size(req->cipher);

	if (req->version != TLS_1_2_VERSION && req->version != TLS_1_3_VERSION)
		return -EINVAL;
	if (req->direction != TLS_TX && req->direction != TLS_RX)
		return -EINVAL;
	if (!size)
		return -EINVAL;
	if (req->kind == PROTKEY_KTLS_SECRET && req->version == TLS_1_3_VERSION)
		size = pk_secret_size(size);
	else if (req->kind != PROTKEY_KTLS_KEY)
		return -EINVAL;
	if (req->secret_size != size ||
	    memchr_inv(req->secret + size, 0, sizeof(req->secret) - size))
		return -EINVAL;
	if (req->lifetime_ms > PROTKEY_KTLS_LIFETIME_MS || req->reserved)
		return -EINVAL;
	return 0;
}

/* The next generation's traffic key. */
static int add_key(struct pk_token *t, struct pk_domain *d, const u8 *key64)
{
	struct pk_traffic *traffic = pk_traffic_import(d, key64, t->size);

	if (IS_ERR(traffic))
		return PTR_ERR(traffic);
	t->traffic[t->record.generations++] = traffic;
	return 0;
}

/*
 * All generations at once: a KeyUpdate is then a change of slots in the middle of
 * the socket's work, and the secret is needed nowhere any more.
 */
static int add_secret(struct pk_token *t, struct pk_domain *d, u8 *secret)
{
	u8 key[64] = { };
	unsigned int i;
	int ret = 0;

	t->record.derived = true;
	for (i = 0; i < PK_RECORD_GENERATIONS && !ret; i++)
		ret = pk_secret_step(secret, t->size, key, t->record.iv[i]) ?:
		      add_key(t, d, key);
	memzero_explicit(key, sizeof(key));
	return ret;
}

static int import(struct pk_domain *d, const void *file,
		  struct protkey_ktls_import *req)
{
	struct pk_token *t;
	int ret = check_import(req);

	if (ret)
		return ret;
	t = kzalloc(sizeof(*t), GFP_KERNEL);
	if (!t)
		return -ENOMEM;
	INIT_LIST_HEAD(&t->list);
	pk_record_init(&t->record);
	t->size = key_size(req->cipher);
	t->version = req->version;
	t->direction = req->direction;
	memset(req->token, 0, sizeof(req->token));
	ret = req->kind == PROTKEY_KTLS_SECRET ? add_secret(t, d, req->secret) :
						 add_key(t, d, req->secret);
	ret = ret ?: pk_token_offer(t, file, req->lifetime_ms ?: PROTKEY_KTLS_LIFETIME_MS,
			     req->token);
	if (ret)
		pk_token_free(t);
	return ret;
}

/* The secret is wiped here and in the caller's memory, whatever the outcome. */
static long ioctl_import(struct pk_domain *d, const void *file,
			 struct protkey_ktls_import __user *arg)
{
	struct protkey_ktls_import req;
	long ret = -EFAULT;

	if (copy_from_user(&req, arg, sizeof(req)))
		goto wipe;
	ret = import(d, file, &req);
	memzero_explicit(req.secret, sizeof(req.secret));
	if (clear_user(arg->secret, sizeof(arg->secret)) ||
	    (!ret && copy_to_user(arg->token, req.token, sizeof(req.token))))
		ret = -EFAULT;	/* the token ends unused */
wipe:
	memzero_explicit(&req, sizeof(req));
	return ret;
}

static long ioctl_confirm(struct pk_domain *d, void __user *arg)
{
	struct protkey_ktls_confirm req;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	return req.reserved ? -EINVAL : pk_socket_confirm(req.socket, d, req.token);
}

static long ioctl_status(struct pk_domain *d, void __user *arg)
{
	struct protkey_ktls_status status = { };
	struct pk_token_stat stat;

	pk_token_stat(d, &stat);
	status.tokens_made = stat.made;
	status.tokens_taken = stat.taken;
	status.tokens_expired = stat.expired;
	status.tokens_refused = stat.refused;
	status.pending = stat.pending;
	status.keys = pk_traffic_count(d);
	return copy_to_user(arg, &status, sizeof(status)) ? -EFAULT : 0;
}

static long ioctl_list(struct pk_domain *d, struct protkey_ktls_list __user *arg)
{
	struct protkey_ktls_list *list = kzalloc(sizeof(*list), GFP_KERNEL);
	u32 reserved;
	u64 cursor;
	long ret = -EFAULT;

	if (!list)
		return -ENOMEM;
	if (get_user(cursor, &arg->cursor) ||
	    get_user(reserved, &arg->reserved0))
		goto free;
	ret = -EINVAL;
	if (reserved)
		goto free;
	list->connections = atomic64_read(&d->traffic_totals.connections);
	list->updates = atomic64_read(&d->traffic_totals.updates);
	list->records = percpu_counter_sum_positive(&d->traffic_totals.records);
	list->bytes = percpu_counter_sum_positive(&d->traffic_totals.bytes);
	pk_roster_list(d, cursor, list);
	ret = copy_to_user(arg, list, sizeof(*list)) ? -EFAULT : 0;
free:
	kfree(list);
	return ret;
}

static long ktls_ioctl(struct pk_domain *d, const void *file, unsigned int cmd,
		       void __user *arg)
{
	switch (cmd) {
	case PROTKEY_IOC_KTLS_IMPORT:
		return ioctl_import(d, file, arg);
	case PROTKEY_IOC_KTLS_CONFIRM:
		return ioctl_confirm(d, arg);
	case PROTKEY_IOC_KTLS_STATUS:
		return ioctl_status(d, arg);
	case PROTKEY_IOC_KTLS_LIST:
		return ioctl_list(d, arg);
	default:
		return -ENOTTY;
	}
}

static const struct pk_ktls_ops ktls_ops = {
	.ioctl = ktls_ioctl,
	.release = pk_token_drop,
};

static int __init protkey_ktls_init(void)
{
	int ret;

	pk_token_init();
	ret = pk_secret_init();
	if (ret)
		return ret;
	ret = pk_ktls_aead_init();
	if (ret)
		goto exit_secret;
	/* last: from here on there can be tokens */
	ret = pk_ktls_register(&ktls_ops);
	if (ret)
		goto exit_aead;
	pr_info("kTLS takes protected keys\n");
	return 0;

exit_aead:
	pk_ktls_aead_exit();
exit_secret:
	pk_secret_exit();
	return ret;
}

/* No cipher handle is open: it holds the module. */
static void __exit protkey_ktls_exit(void)
{
	pk_ktls_unregister();
	pk_token_exit();
	pk_ktls_aead_exit();
	pk_secret_exit();
}

module_init(protkey_ktls_init);
module_exit(protkey_ktls_exit);

MODULE_DESCRIPTION("kTLS with protected keys: gcm(aes) that takes tokens");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(PROTKEY);
