// SPDX-License-Identifier: GPL-2.0-only
/*
 * protkey_test: compare phmac() with the kernel's own hmac().
 *
 *	hash_run	"HASH REQUESTS SEED", returns when done
 *	hash_result	what the last run saw, a line "NAME VALUE" for each
 *
 * The keys are those of cipher_blob and cipher_clear.  A message of random
 * length comes in random parts, each strewn over pages; some parts where SIMD
 * is not usable, so that they are queued; some after an export and an import.
 * The write to hash_run gives -EIO if a result was wrong.
 */

#include <linux/crypto.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/irq_work.h>
#include <linux/mutex.h>
#include <linux/prandom.h>
#include <linux/processor.h>
#include <linux/scatterlist.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/fpu/api.h>
#include <asm/simd.h>
#include <crypto/hash.h>

#include "pktest.h"

#define MAX_LEN		9000
#define MAX_PIECES	12
#define MAX_GAP		80
#define STATE_MAX	512
#define AREA		(MAX_LEN + MAX_PIECES * MAX_GAP)

struct hash_run {
	struct crypto_ahash *tfm, *other, *ref;
	struct ahash_request *req, *copy;
	struct rnd_state rnd;
	u8 *message, *area;
	u8 got[HASH_MAX_DIGESTSIZE], want[HASH_MAX_DIGESTSIZE];
	u8 state[STATE_MAX];
	struct scatterlist sg[MAX_PIECES];
	/* the call that runs */
	struct irq_work irq_work;
	struct crypto_wait wait;
	int (*call)(struct ahash_request *req);
	struct ahash_request *calls;
	int err;
	bool fired;
};

static struct {
	unsigned long ok, wrong, queued, moved, foreign;
	char driver[CRYPTO_MAX_ALG_NAME], reference[CRYPTO_MAX_ALG_NAME];
} result;

static DEFINE_MUTEX(hash_lock);

static u32 below(struct hash_run *run, u32 ceil)
{
	return prandom_u32_state(&run->rnd) % ceil;
}

/* Strew @len bytes at @from over the area, gaps between some of the pieces. */
static void strew(struct hash_run *run, const u8 *from, unsigned int len)
{
	unsigned int count = 1 + below(run, min_t(u32, MAX_PIECES, len ?: 1));
	unsigned int i, cut, at = 0;

	sg_init_table(run->sg, count);
	memset(run->area, 0x5a, AREA);
	for (i = 0; i < count; i++) {
		/* leave at least one byte for each that follows */
		cut = i + 1 < count ? 1 + below(run, len - (count - 1 - i)) : len;
		at += below(run, 2) * below(run, MAX_GAP);
		memcpy(run->area + at, from, cut);
		sg_set_buf(&run->sg[i], run->area + at, cut);
		at += cut;
		from += cut;
		len -= cut;
	}
}

static void in_interrupt_of_fpu(struct irq_work *work)
{
	struct hash_run *run = container_of(work, struct hash_run, irq_work);

	run->err = run->call(run->calls);
	WRITE_ONCE(run->fired, true);
}

/* Call @call on @req, sometimes while the FPU is in use. */
static int submit(struct hash_run *run, int (*call)(struct ahash_request *),
		  struct ahash_request *req)
{
	bool no_simd = !below(run, 4);
	u32 flags = CRYPTO_TFM_REQ_MAY_BACKLOG;

	ahash_request_set_callback(req, flags, crypto_req_done, &run->wait);
	if (!no_simd) {
		run->err = call(req);
	} else {
		run->call = call;
		run->calls = req;
		run->fired = false;
		kernel_fpu_begin();
		irq_work_queue(&run->irq_work);
		while (!READ_ONCE(run->fired))
			cpu_relax();
		kernel_fpu_end();
	}
	if (run->err == -EINPROGRESS)
		result.queued++;
	return crypto_wait_req(run->err, &run->wait);
}

/* Go on with a copy of the running state. */
static int move(struct hash_run *run)
{
	int err = crypto_ahash_export(run->req, run->state);

	if (err)
		return err;
	err = crypto_ahash_import(run->copy, run->state);
	if (err)
		return err;
	swap(run->req, run->copy);
	result.moved++;
	return 0;
}

static int in_parts(struct hash_run *run, unsigned int len)
{
	unsigned int parts = below(run, 5), at = 0, n;
	int err = crypto_ahash_init(run->req);

	while (!err && parts--) {
		n = below(run, len - at + 1);
		strew(run, run->message + at, n);
		ahash_request_set_crypt(run->req, run->sg, NULL, n);
		err = submit(run, crypto_ahash_update, run->req);
		at += n;
		if (!err && !below(run, 3))
			err = move(run);
	}
	if (err)
		return err;
	strew(run, run->message + at, len - at);
	ahash_request_set_crypt(run->req, run->sg, run->got, len - at);
	if (below(run, 2))
		return submit(run, crypto_ahash_finup, run->req);
	err = submit(run, crypto_ahash_update, run->req);
	return err ?: submit(run, crypto_ahash_final, run->req);
}

static int whole(struct hash_run *run, unsigned int len)
{
	strew(run, run->message, len);
	ahash_request_set_crypt(run->req, run->sg, run->got, len);
	return submit(run, crypto_ahash_digest, run->req);
}

static int reference(struct hash_run *run, unsigned int len)
{
	struct ahash_request *req = ahash_request_alloc(run->ref, GFP_KERNEL);
	struct scatterlist sg;
	DECLARE_CRYPTO_WAIT(wait);
	int err;

	if (!req)
		return -ENOMEM;
	sg_init_one(&sg, run->message, len);
	ahash_request_set_callback(req, 0, crypto_req_done, &wait);
	ahash_request_set_crypt(req, &sg, run->want, len);
	err = crypto_wait_req(crypto_ahash_digest(req), &wait);
	ahash_request_free(req);
	return err;
}

static int one(struct hash_run *run)
{
	unsigned int len = below(run, 2) ? below(run, 300) : below(run, MAX_LEN);
	unsigned int size = crypto_ahash_digestsize(run->tfm);
	int err;

	prandom_bytes_state(&run->rnd, run->message, len);
	memset(run->got, 0, sizeof(run->got));
	err = reference(run, len);
	if (!err)
		err = below(run, 3) ? in_parts(run, len) : whole(run, len);
	if (err)
		return err;
	if (size == crypto_ahash_digestsize(run->ref) &&
	    !memcmp(run->got, run->want, size))
		result.ok++;
	else
		result.wrong++;
	return 0;
}

/* A state with a block in it belongs to its handle and to its key. */
static int foreign(struct hash_run *run)
{
	struct ahash_request *req = ahash_request_alloc(run->other, GFP_KERNEL);
	int err;

	if (!req)
		return -ENOMEM;
	err = crypto_ahash_init(run->req);
	if (!err) {
		strew(run, run->message, MAX_LEN);
		ahash_request_set_crypt(run->req, run->sg, NULL, MAX_LEN);
		err = submit(run, crypto_ahash_update, run->req);
	}
	if (!err)
		err = crypto_ahash_export(run->req, run->state);
	if (!err && crypto_ahash_import(req, run->state) == -ESTALE)
		result.foreign = 1;
	ahash_request_free(req);
	return err;
}

static struct crypto_ahash *alloc_hash(const char *format, const char *name,
				       const struct pkt_key *key)
{
	char full[CRYPTO_MAX_ALG_NAME];
	struct crypto_ahash *tfm;
	int err;

	snprintf(full, sizeof(full), format, name);
	tfm = crypto_alloc_ahash(full, 0, 0);
	if (IS_ERR(tfm))
		return tfm;
	err = crypto_ahash_setkey(tfm, key->bytes, key->len);
	if (!err)
		return tfm;
	crypto_free_ahash(tfm);
	return ERR_PTR(err);
}

static int perform(struct hash_run *run, unsigned int requests)
{
	int err = crypto_ahash_statesize(run->tfm) > STATE_MAX ? -EINVAL : 0;

	memset(&result, 0, sizeof(result));
	strscpy(result.driver, crypto_hash_alg_common(run->tfm)->base.cra_driver_name,
		sizeof(result.driver));
	strscpy(result.reference, crypto_hash_alg_common(run->ref)->base.cra_driver_name,
		sizeof(result.reference));
	crypto_init_wait(&run->wait);
	init_irq_work(&run->irq_work, in_interrupt_of_fpu);
	run->message = kmalloc(MAX_LEN, GFP_KERNEL);
	run->area = kmalloc(AREA, GFP_KERNEL);
	run->req = ahash_request_alloc(run->tfm, GFP_KERNEL);
	run->copy = ahash_request_alloc(run->tfm, GFP_KERNEL);
	if (!run->message || !run->area || !run->req || !run->copy)
		err = -ENOMEM;
	while (!err && requests--)
		err = one(run);
	if (!err)
		err = foreign(run);
	irq_work_sync(&run->irq_work);
	ahash_request_free(run->copy);
	ahash_request_free(run->req);
	kfree(run->area);
	kfree(run->message);
	return err ?: result.wrong ? -EIO : 0;
}

static int run_hash(const char *name, unsigned int requests, u64 seed)
{
	struct hash_run *run = kzalloc(sizeof(*run), GFP_KERNEL);
	int err;

	if (!run)
		return -ENOMEM;
	prandom_seed_state(&run->rnd, seed);
	run->tfm = alloc_hash("phmac(%s)", name, pkt_cipher_blob());
	run->other = alloc_hash("phmac(%s)", name, pkt_cipher_blob());
	run->ref = alloc_hash("hmac(%s)", name, pkt_cipher_clear());
	err = PTR_ERR_OR_ZERO(run->tfm) ?: PTR_ERR_OR_ZERO(run->other) ?:
	      PTR_ERR_OR_ZERO(run->ref) ?: perform(run, requests);
	if (!IS_ERR(run->ref))
		crypto_free_ahash(run->ref);
	if (!IS_ERR(run->other))
		crypto_free_ahash(run->other);
	if (!IS_ERR(run->tfm))
		crypto_free_ahash(run->tfm);
	kfree(run);
	return err;
}

static ssize_t run_write(struct file *file, const char __user *buf, size_t len,
			 loff_t *pos)
{
	char line[64], name[32];
	unsigned int requests;
	u64 seed;
	int err;

	if (len >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, buf, len))
		return -EFAULT;
	line[len] = '\0';
	if (sscanf(line, "%31s %u %llu", name, &requests, &seed) != 3)
		return -EINVAL;
	mutex_lock(&hash_lock);
	err = run_hash(name, requests, seed);
	mutex_unlock(&hash_lock);
	return err ?: len;
}

static const struct file_operations run_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = run_write,
};

static int result_show(struct seq_file *m, void *data)
{
	seq_printf(m, "driver %s\nreference %s\n", result.driver, result.reference);
	seq_printf(m, "ok %lu\nwrong %lu\nqueued %lu\nmoved %lu\nforeign %lu\n",
		   result.ok, result.wrong, result.queued, result.moved,
		   result.foreign);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(result);

void pkt_hash_init(struct dentry *dir)
{
	debugfs_create_file("hash_run", 0200, dir, NULL, &run_fops);
	debugfs_create_file("hash_result", 0400, dir, NULL, &result_fops);
}
