// SPDX-License-Identifier: GPL-2.0-only
/* protkey: protected keys on x86-64. */

#include <linux/module.h>

#include "arena.h"
#include "audit.h"
#include "control.h"
#include "crypto/cipher.h"
#include "domain.h"
#include "person.h"
#include "power.h"
#include "queue.h"
#include "selftest/selftest.h"
#include "tamper.h"
#include "traffic.h"
#include "vault.h"
#include "x86/isa.h"

static int run_queued(struct crypto_async_request *req)
{
	switch (crypto_tfm_alg_type(req->tfm)) {
	case CRYPTO_ALG_TYPE_AEAD:
		return pk_aead_run_async(req);
	case CRYPTO_ALG_TYPE_AHASH:
		return pk_ahash_run_async(req);
	default:
		return pk_cipher_run_async(req);
	}
}

static int __init protkey_init(void)
{
	int ret;

	ret = pk_isa_init() ?: pk_tamper_check_platform();
	if (ret)
		return ret;
	pk_arena_init();
	ret = pk_vault_init();
	if (ret)
		goto exit_arena;
	ret = pk_selftest();
	if (ret)
		goto exit_vault;
	ret = pk_queue_init(run_queued);
	if (ret)
		goto exit_vault;
	ret = pk_audit_init();
	if (ret)
		goto exit_queue;
	ret = pk_tamper_init();
	if (ret)
		goto exit_audit;
	ret = pk_power_init();
	if (ret)
		goto exit_tamper;
	ret = pk_control_init();
	if (ret)
		goto exit_power;
	ret = pk_cipher_register();
	if (ret)
		goto exit_control;
	ret = pk_aead_register();
	if (ret)
		goto exit_cipher;
	ret = pk_ahash_register();
	if (ret)
		goto exit_aead;

	pr_info("ready: vault %s, level %s\n", pk_vault_name(), pk_isa.name);
	if (IS_ENABLED(PK_LEAKTEST))
		pr_warn("TEST BUILD: tells every secret to I/O port 0xe9. Never use it\n");
	return 0;

exit_aead:
	pk_aead_unregister();
exit_cipher:
	pk_cipher_unregister();
exit_control:
	pk_control_exit();
exit_power:
	pk_power_exit();
exit_tamper:
	pk_tamper_exit();
exit_audit:
	pk_audit_exit();
exit_queue:
	pk_queue_exit();
exit_vault:
	pk_vault_exit();
exit_arena:
	pk_arena_exit();
	return ret;
}

/* No cipher handle and no node is open: they hold the module. */
static void __exit protkey_exit(void)
{
	pk_ahash_unregister();
	pk_aead_unregister();
	pk_cipher_unregister();
	pk_traffic_exit();
	pk_domains_exit();
	pk_person_exit();
	pk_control_exit();
	pk_power_exit();
	pk_tamper_exit();
	pk_queue_exit();
	pk_audit_exit();
	pk_vault_exit();
	pk_arena_exit();
}

module_init(protkey_init);
module_exit(protkey_exit);

MODULE_DESCRIPTION("Protected keys: wrapped in memory, clear only in CPU registers");
MODULE_LICENSE("GPL");
MODULE_ALIAS_CRYPTO("paes");
MODULE_ALIAS_CRYPTO("xts(paes)");
MODULE_ALIAS_CRYPTO("ctr(paes)");
MODULE_ALIAS_CRYPTO("cbc(paes)");
MODULE_ALIAS_CRYPTO("ecb(paes)");
MODULE_ALIAS_CRYPTO("gcm(paes)");
MODULE_ALIAS_CRYPTO("phmac(sha256)");
MODULE_ALIAS_CRYPTO("phmac(sha512)");
