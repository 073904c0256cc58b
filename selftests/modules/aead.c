// SPDX-License-Identifier: GPL-2.0-only
/*
 * protkey_test: compare gcm(paes) with the kernel's own gcm(aes), and look for
 * plaintext that it leaves behind.
 *
 *	aead_run	"diff REQUESTS SEED": random requests
 *			"hold", "scan", "drop": get a handle; run requests whose
 *			plaintext is a pattern and look for that in all of
 *			memory; let go of the handle
 *	aead_result	what the last run saw, a line "NAME VALUE" for each
 *
 * The keys are those of cipher_blob and cipher_clear.  Associated data, data and
 * tag are strewn together, source and destination differently: see strew().
 * Some requests come where SIMD is not usable, some are forged.  The write
 * gives -EIO if a result was wrong.
 */

#include <linux/crypto.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/irq_work.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/prandom.h>
#include <linux/processor.h>
#include <linux/random.h>
#include <linux/scatterlist.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/fpu/api.h>
#include <crypto/aead.h>

#include "pktest.h"

#define TAG		16
#define IV		12
#define MAX_AAD		300
#define MAX_LEN		40000		/* more than two sections take */
#define MAX_STREAM	(MAX_AAD + MAX_LEN + TAG)
#define MAX_PIECES	80		/* more than one section takes */
#define MAX_GAP		80
#define AREA		(MAX_STREAM + MAX_PIECES * MAX_GAP)
#define TLS_RECORD	16385		/* of TLS 1.3, with the byte of its type */
#define MAX_PFN		(1UL << 20)

struct strewn {
	unsigned int count;
	unsigned int at[MAX_PIECES], len[MAX_PIECES];
	struct scatterlist sg[MAX_PIECES];
	u8 *area, *want;
};

struct aead_run {
	struct crypto_aead *tfm, *ref;
	struct aead_request *req, *ref_req;
	struct rnd_state rnd;
	struct strewn src, dst;
	u8 *plain, *sealed;	/* associated data and data; and with the tag */
	u8 iv[IV];
	/* the request that runs */
	struct irq_work irq_work;
	struct crypto_wait wait;
	bool encrypt;
	int err;
	bool fired;
};

static struct {
	unsigned long ok, wrong, touched, queued, forged, in_place, found, left;
	int error;
	char driver[CRYPTO_MAX_ALG_NAME], reference[CRYPTO_MAX_ALG_NAME];
} result;

static DEFINE_MUTEX(aead_lock);
static struct crypto_aead *held;

static u32 below(struct aead_run *run, u32 ceil)
{
	return prandom_u32_state(&run->rnd) % ceil;
}

/* ---- lists ------------------------------------------------------------------- */

enum shape { SHAPE_FEW, SHAPE_TINY, SHAPE_PAGES, SHAPE_EMPTY, SHAPES };

static unsigned int piece(struct aead_run *run, enum shape shape, bool first)
{
	switch (shape) {
	case SHAPE_TINY:
		return 1 + below(run, 40);
	case SHAPE_PAGES:
		return first ? 1 + below(run, PAGE_SIZE) : PAGE_SIZE;
	case SHAPE_EMPTY:
		return below(run, 2) ? 0 : below(run, 2000);
	default:
		return 1 + below(run, MAX_LEN);
	}
}

/*
 * A list for @len bytes: a few pieces of any size, many of some bytes, pages as the
 * kernel's TLS has them, or pieces some of which are empty.  Between two there is a
 * gap, or none.  What does not fit in MAX_PIECES is in the last.
 */
static void strew(struct aead_run *run, struct strewn *s, unsigned int len)
{
	enum shape shape = below(run, SHAPES);
	unsigned int at = 0, n;

	s->count = 0;
	do {
		n = min(len, piece(run, shape, !s->count));
		if (s->count == MAX_PIECES - 1)
			n = len;
		at += below(run, 2) * below(run, MAX_GAP);
		s->at[s->count] = at;
		s->len[s->count++] = n;
		at += n;
		len -= n;
	} while (len);
	sg_init_table(s->sg, s->count);
	for (n = 0; n < s->count; n++)
		sg_set_buf(&s->sg[n], s->area + s->at[n], s->len[n]);
}

/* Put @len bytes at @from to where the list has them in @area. */
static void put(const struct strewn *s, u8 *area, const u8 *from,
		unsigned int skip, unsigned int len)
{
	unsigned int i, n;

	for (i = 0; i < s->count && len; i++) {
		if (skip >= s->len[i]) {
			skip -= s->len[i];
			continue;
		}
		n = min(len, s->len[i] - skip);
		memcpy(area + s->at[i] + skip, from, n);
		from += n;
		len -= n;
		skip = 0;
	}
}

/* ---- calls ------------------------------------------------------------------- */

static int call(struct aead_run *run)
{
	return run->encrypt ? crypto_aead_encrypt(run->req) :
			      crypto_aead_decrypt(run->req);
}

static void in_interrupt_of_fpu(struct irq_work *work)
{
	struct aead_run *run = container_of(work, struct aead_run, irq_work);

	run->err = call(run);
	WRITE_ONCE(run->fired, true);
}

static int submit(struct aead_run *run, bool no_simd)
{
	aead_request_set_callback(run->req, CRYPTO_TFM_REQ_MAY_BACKLOG,
				  crypto_req_done, &run->wait);
	if (!no_simd) {
		run->err = call(run);
	} else {
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

/* @run->sealed := what the kernel's own makes of @run->plain. */
static int reference(struct aead_run *run, unsigned int aad, unsigned int len)
{
	DECLARE_CRYPTO_WAIT(wait);
	struct scatterlist sg;
	u8 iv[IV];

	memcpy(run->sealed, run->plain, aad + len);
	memcpy(iv, run->iv, IV);
	sg_init_one(&sg, run->sealed, aad + len + TAG);
	aead_request_set_callback(run->ref_req, CRYPTO_TFM_REQ_MAY_BACKLOG,
				  crypto_req_done, &wait);
	aead_request_set_ad(run->ref_req, aad);
	aead_request_set_crypt(run->ref_req, &sg, &sg, len, iv);
	return crypto_wait_req(crypto_aead_encrypt(run->ref_req), &wait);
}

/* ---- against the kernel's own -------------------------------------------------- */

static unsigned int pick_len(struct aead_run *run)
{
	switch (below(run, 4)) {
	case 0:
		return below(run, 600);
	case 1:
		return TLS_RECORD;
	default:
		return below(run, MAX_LEN + 1);
	}
}

/* Both areas, and what they must be afterwards. */
static void lay_out(struct aead_run *run, unsigned int aad, unsigned int len,
		    bool in_place)
{
	const u8 *from = run->encrypt ? run->plain : run->sealed;
	const u8 *to = run->encrypt ? run->sealed : run->plain;
	unsigned int in = len + (run->encrypt ? 0 : TAG);
	unsigned int out = len + (run->encrypt ? TAG : 0);
	struct strewn *dst = in_place ? &run->src : &run->dst;

	memset(run->src.area, 0x5a, AREA);
	memset(run->dst.area, 0xa5, AREA);
	strew(run, &run->src, aad + max(in, in_place ? out : 0));
	if (!in_place)
		strew(run, &run->dst, aad + out);
	put(&run->src, run->src.area, from, 0, aad + in);
	memcpy(run->src.want, run->src.area, AREA);
	memcpy(run->dst.want, run->dst.area, AREA);
	put(dst, dst->want, to + aad, aad, out);
	aead_request_set_ad(run->req, aad);
	aead_request_set_crypt(run->req, run->src.sg, dst->sg, in, run->iv);
}

static void judge(struct aead_run *run, bool in_place)
{
	if (memcmp(run->src.area, run->src.want, AREA)) {
		if (in_place)
			result.wrong++;
		else
			result.touched++;
	} else if (memcmp(run->dst.area, run->dst.want, AREA)) {
		result.wrong++;
	} else {
		result.ok++;
	}
}

static int one(struct aead_run *run)
{
	unsigned int aad = below(run, 2) ? 5 : below(run, MAX_AAD + 1);
	unsigned int len = pick_len(run);
	bool in_place = below(run, 2), forge;
	int err;

	run->encrypt = below(run, 2);
	forge = !run->encrypt && !below(run, 6);
	prandom_bytes_state(&run->rnd, run->plain, aad + len);
	prandom_bytes_state(&run->rnd, run->iv, IV);
	err = reference(run, aad, len);
	if (err)
		return err;
	if (forge)
		run->sealed[below(run, aad + len + TAG)] ^= 1 << below(run, 8);
	lay_out(run, aad, len, in_place);
	err = submit(run, !below(run, 4));
	if (forge && err == -EBADMSG) {
		result.forged++;
		return 0;
	}
	if (err)
		return err;
	result.in_place += in_place;
	if (forge)
		result.wrong++;
	else
		judge(run, in_place);
	return 0;
}

/* ---- what is left behind -------------------------------------------------------- */

/* Whether a page has 16 bytes of the pattern whose complement is @hidden. */
static bool page_has(const u64 *page, u64 hidden)
{
	unsigned int i, bits;

	for (i = 0; i < PAGE_SIZE / 8; i += 2) {
		if (page[i] != page[i + 1])
			continue;
		for (bits = 0; bits < 64; bits += 8)
			if (~page[i] == rol64(hidden, bits))
				return true;
	}
	return false;
}

/* Pages of memory with the pattern. */
static int scan(u64 hidden, unsigned long *count)
{
	u64 *page = (u64 *)__get_free_page(GFP_KERNEL);
	unsigned long pfn;

	if (!page)
		return -ENOMEM;
	*count = 0;
	for (pfn = 0; pfn < MAX_PFN; pfn++) {
		if (!pfn_valid(pfn) || __va(PFN_PHYS(pfn)) == page)
			continue;
		if (!copy_from_kernel_nofault(page, __va(PFN_PHYS(pfn)),
					      PAGE_SIZE) &&
		    page_has(page, hidden))
			++*count;
		if (!(pfn % 1024))
			cond_resched();
	}
	free_page((unsigned long)page);
	return 0;
}

static void fill(u8 *to, unsigned int len, u64 hidden)
{
	u64 pattern = ~hidden;

	for (; len >= 8; len -= 8, to += 8)
		memcpy(to, &pattern, 8);
}

static int seal_and_open(struct aead_run *run, u64 hidden)
{
	const unsigned int len = 16384;
	int err, way;

	for (way = 0; way < 8; way++) {
		strew(run, &run->src, len + TAG);
		fill(run->plain, len, hidden);
		put(&run->src, run->src.area, run->plain, 0, len);
		run->encrypt = true;
		aead_request_set_ad(run->req, 0);
		aead_request_set_crypt(run->req, run->src.sg, run->src.sg, len,
				       run->iv);
		err = submit(run, way & 1);
		if (err)
			return err;
		strew(run, &run->dst, len);
		run->encrypt = false;
		aead_request_set_crypt(run->req, run->src.sg, run->dst.sg,
				       len + TAG, run->iv);
		err = submit(run, way & 2);
		if (err)
			return err;
	}
	return 0;
}

static int seal_and_scan(struct aead_run *run)
{
	u64 hidden = get_random_u64();
	int err;

	result.error = seal_and_open(run, hidden);
	err = scan(hidden, &result.found);
	memzero_explicit(run->plain, MAX_STREAM);
	memzero_explicit(run->src.area, AREA);
	memzero_explicit(run->dst.area, AREA);
	return err ?: scan(hidden, &result.left);
}

/* ---- runs ----------------------------------------------------------------------- */

static struct crypto_aead *alloc_aead(const char *name, const struct pkt_key *key)
{
	struct crypto_aead *tfm = crypto_alloc_aead(name, 0, 0);
	int err;

	if (IS_ERR(tfm))
		return tfm;
	err = crypto_aead_setkey(tfm, key->bytes, key->len) ?:
	      crypto_aead_setauthsize(tfm, TAG);
	if (!err)
		return tfm;
	crypto_free_aead(tfm);
	return ERR_PTR(err);
}

static int diff(struct aead_run *run, unsigned int requests)
{
	int err = 0;

	strscpy(result.reference, crypto_tfm_alg_driver_name(crypto_aead_tfm(run->ref)),
		sizeof(result.reference));
	run->ref_req = aead_request_alloc(run->ref, GFP_KERNEL);
	if (!run->ref_req)
		return -ENOMEM;
	while (!err && requests--)
		err = one(run);
	aead_request_free(run->ref_req);
	return err ?: result.wrong || result.touched ? -EIO : 0;
}

static int perform(struct aead_run *run, unsigned int requests)
{
	int err = -ENOMEM;

	memset(&result, 0, sizeof(result));
	strscpy(result.driver, crypto_tfm_alg_driver_name(crypto_aead_tfm(run->tfm)),
		sizeof(result.driver));
	crypto_init_wait(&run->wait);
	init_irq_work(&run->irq_work, in_interrupt_of_fpu);
	run->plain = kmalloc(MAX_STREAM, GFP_KERNEL);
	run->sealed = kmalloc(MAX_STREAM, GFP_KERNEL);
	run->src.area = kmalloc(AREA, GFP_KERNEL);
	run->dst.area = kmalloc(AREA, GFP_KERNEL);
	run->src.want = kmalloc(AREA, GFP_KERNEL);
	run->dst.want = kmalloc(AREA, GFP_KERNEL);
	run->req = aead_request_alloc(run->tfm, GFP_KERNEL);
	if (run->plain && run->sealed && run->src.area && run->dst.area &&
	    run->src.want && run->dst.want && run->req)
		err = run->ref ? diff(run, requests) : seal_and_scan(run);
	irq_work_sync(&run->irq_work);
	aead_request_free(run->req);
	kfree(run->dst.want);
	kfree(run->src.want);
	kfree(run->dst.area);
	kfree(run->src.area);
	kfree(run->sealed);
	kfree(run->plain);
	return err;
}

static int run_diff(struct aead_run *run, unsigned int requests)
{
	int err;

	run->tfm = alloc_aead("gcm(paes)", pkt_cipher_blob());
	if (IS_ERR(run->tfm))
		return PTR_ERR(run->tfm);
	run->ref = alloc_aead("gcm(aes)", pkt_cipher_clear());
	err = PTR_ERR_OR_ZERO(run->ref) ?: perform(run, requests);
	if (!IS_ERR(run->ref))
		crypto_free_aead(run->ref);
	crypto_free_aead(run->tfm);
	return err;
}

static int hold(void)
{
	struct crypto_aead *tfm;

	if (held)
		return -EBUSY;
	tfm = alloc_aead("gcm(paes)", pkt_cipher_blob());
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	held = tfm;
	return 0;
}

static int run_scan(struct aead_run *run)
{
	if (!held)
		return -EINVAL;
	run->tfm = held;
	prandom_seed_state(&run->rnd, 1);
	return perform(run, 0);
}

static void drop(void)
{
	if (held)
		crypto_free_aead(held);
	held = NULL;
}

static int command(const char *line)
{
	struct aead_run *run;
	unsigned int requests;
	int err = -EINVAL;
	u64 seed;

	run = kzalloc(sizeof(*run), GFP_KERNEL);
	if (!run)
		return -ENOMEM;
	if (sscanf(line, "diff %u %llu", &requests, &seed) == 2) {
		prandom_seed_state(&run->rnd, seed);
		err = run_diff(run, requests);
	} else if (sysfs_streq(line, "hold")) {
		err = hold();
	} else if (sysfs_streq(line, "scan")) {
		err = run_scan(run);
	} else if (sysfs_streq(line, "drop")) {
		drop();
		err = 0;
	}
	kfree(run);
	return err;
}

static ssize_t run_write(struct file *file, const char __user *buf, size_t len,
			 loff_t *pos)
{
	char line[64];
	int err;

	if (len >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, buf, len))
		return -EFAULT;
	line[len] = '\0';
	mutex_lock(&aead_lock);
	err = command(line);
	mutex_unlock(&aead_lock);
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
	seq_printf(m, "ok %lu\nwrong %lu\ntouched %lu\nqueued %lu\nforged %lu\nin_place %lu\n",
		   result.ok, result.wrong, result.touched, result.queued,
		   result.forged, result.in_place);
	seq_printf(m, "error %d\nfound %lu\nleft %lu\n", result.error, result.found,
		   result.left);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(result);

void pkt_aead_init(struct dentry *dir)
{
	debugfs_create_file("aead_run", 0200, dir, NULL, &run_fops);
	debugfs_create_file("aead_result", 0400, dir, NULL, &result_fops);
}

/* Nobody runs any more. */
void pkt_aead_exit(void)
{
	drop();
}
