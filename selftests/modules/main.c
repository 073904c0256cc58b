// SPDX-License-Identifier: GPL-2.0-only
/* protkey_test: init and exit. */

#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/module.h>

#include "pktest.h"

static struct dentry *pkt_dir;

static int __init pkt_init(void)
{
	int err;

	pkt_dir = debugfs_create_dir("protkey_test", NULL);
	if (IS_ERR(pkt_dir))
		return PTR_ERR(pkt_dir);

	err = pkt_debugreg_init(pkt_dir);
	if (err)
		goto remove_dir;
	err = pkt_hazard_init(pkt_dir);
	if (err)
		goto exit_debugreg;
	err = pkt_online_init();
	if (err)
		goto exit_hazard;
	err = pkt_cipher_init(pkt_dir);
	if (err)
		goto exit_online;
	pkt_hash_init(pkt_dir);
	pkt_aead_init(pkt_dir);
	return 0;

exit_online:
	pkt_online_exit();
exit_hazard:
	pkt_hazard_exit();
exit_debugreg:
	pkt_debugreg_exit();
remove_dir:
	debugfs_remove(pkt_dir);
	return err;
}

static void __exit pkt_exit(void)
{
	/* first, so that no file runs while its owner goes away */
	debugfs_remove(pkt_dir);
	pkt_aead_exit();
	pkt_cipher_exit();
	pkt_online_exit();
	pkt_hazard_exit();
	pkt_debugreg_exit();
}

module_init(pkt_init);
module_exit(pkt_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Test module of protkey: never load it on a real machine");
