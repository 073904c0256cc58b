// SPDX-License-Identifier: GPL-2.0-only
/*
 * pk_bench: time two ciphers against each other, call by call, for scripts/bench.
 * Works on one CPU without preemption: User-Mode Linux.
 *
 * Write one command to /proc/pk_bench, then read the answer, one JSON object of
 * quartiles: TSC cycles of one call in thousandths, and the ratio of the
 * second cipher to the first in ten-thousandths.
 *
 *	key 0|1 HEX		key of the first (stock) or second cipher
 *	run skcipher|aead ALG0 ALG1 enc|dec SIZE KEYS cold|hot SAMPLES
 *	setkey skcipher|aead ALG0 ALG1 SAMPLES
 *
 * The samples alternate between the two, and who is first alternates as well,
 * so that whatever else the machine does falls on both.
 */

#include <linux/hex.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/scatterlist.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <crypto/aead.h>
#include <crypto/skcipher.h>

#define KEY_BYTES_MAX	512
#define KEYS_MAX	1024
#define SAMPLES_MAX	2000
#define SIZE_MAX_BENCH	65536U
#define BATCH_BYTES	32768U	/* of one sample: some microseconds */
#define SETKEY_BATCH	4U
#define COLD_BYTES	(24U << 20)	/* more than most caches of one core */
#define AEAD_TAG	16
#define AEAD_AAD	13		/* as a TLS record has */
#define CACHE_LINE	64

enum { STOCK, PROTKEY, SIDES };

struct key {
	u8 bytes[KEY_BYTES_MAX];
	unsigned int len;
};

struct quartiles {
	u64 q1, median, q3;
};

struct handle {
	struct crypto_skcipher *skcipher;
	struct crypto_aead *aead;
	struct skcipher_request *skcipher_req;
	struct aead_request *aead_req;
};

struct side {
	struct handle *handles;
	unsigned int next;
	u64 *samples;
};

struct bench {
	bool aead, decrypt, cold, setkey;
	unsigned int size, keys, samples;
	struct side side[SIDES];
	u64 *ratios;
	u8 *data;
	u8 *sealed;		/* AEAD decryption: what encryption made of data */
	u8 iv[16];
};

static DEFINE_MUTEX(bench_lock);
static struct key keys[SIDES];
static struct quartiles answer[SIDES + 1];
static u64 tsc_khz;
static u8 *cold_buffer;
static struct crypto_wait wait;

static u64 tsc(void)
{
	u32 low, high;

	/* lfence: nothing before or behind it is counted on the wrong side */
	asm volatile("lfence\n\trdtsc\n\tlfence"
		     : "=a" (low), "=d" (high) : : "memory");
	return (u64)high << 32 | low;
}

static int compare(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

static void summarize(u64 *values, unsigned int count, struct quartiles *to)
{
	sort(values, count, sizeof(*values), compare, NULL);
	to->q1 = values[count / 4];
	to->median = values[count / 2];
	to->q3 = values[count * 3 / 4];
}

static unsigned int aead_bytes(const struct bench *b)
{
	return AEAD_AAD + b->size + AEAD_TAG;
}

/* ---- handles ------------------------------------------------------------- */

static int handle_setkey(struct handle *h, const struct key *key)
{
	return h->aead ? crypto_aead_setkey(h->aead, key->bytes, key->len) :
			 crypto_skcipher_setkey(h->skcipher, key->bytes, key->len);
}

static int handle_open_aead(struct handle *h, const char *alg)
{
	struct crypto_aead *tfm = crypto_alloc_aead(alg, 0, 0);

	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	h->aead = tfm;
	h->aead_req = aead_request_alloc(tfm, GFP_KERNEL);
	if (!h->aead_req)
		return -ENOMEM;
	aead_request_set_callback(h->aead_req, CRYPTO_TFM_REQ_MAY_BACKLOG,
				  crypto_req_done, &wait);
	return crypto_aead_setauthsize(tfm, AEAD_TAG);
}

static int handle_open_skcipher(struct handle *h, const char *alg)
{
	struct crypto_skcipher *tfm = crypto_alloc_skcipher(alg, 0, 0);

	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	h->skcipher = tfm;
	h->skcipher_req = skcipher_request_alloc(tfm, GFP_KERNEL);
	if (!h->skcipher_req)
		return -ENOMEM;
	skcipher_request_set_callback(h->skcipher_req, CRYPTO_TFM_REQ_MAY_BACKLOG,
				      crypto_req_done, &wait);
	return 0;
}

static void handle_close(struct handle *h)
{
	if (h->skcipher) {
		skcipher_request_free(h->skcipher_req);
		crypto_free_skcipher(h->skcipher);
	}
	if (h->aead) {
		aead_request_free(h->aead_req);
		crypto_free_aead(h->aead);
	}
}

static int one_skcipher(const struct bench *b, struct handle *h, u8 *iv,
			struct scatterlist *sg)
{
	skcipher_request_set_crypt(h->skcipher_req, sg, sg, b->size, iv);
	return b->decrypt ? crypto_skcipher_decrypt(h->skcipher_req) :
			    crypto_skcipher_encrypt(h->skcipher_req);
}

static int one_aead(const struct bench *b, struct handle *h, u8 *iv,
		    struct scatterlist *sg)
{
	struct scatterlist sealed;

	aead_request_set_ad(h->aead_req, AEAD_AAD);
	if (!b->decrypt) {
		aead_request_set_crypt(h->aead_req, sg, sg, b->size, iv);
		return crypto_aead_encrypt(h->aead_req);
	}
	sg_init_one(&sealed, b->sealed, aead_bytes(b));
	aead_request_set_crypt(h->aead_req, &sealed, sg, b->size + AEAD_TAG, iv);
	return crypto_aead_decrypt(h->aead_req);
}

static int one_call(struct bench *b, struct handle *h)
{
	struct scatterlist sg;
	u8 iv[16];
	int ret;

	memcpy(iv, b->iv, sizeof(iv));
	sg_init_one(&sg, b->data, b->aead ? aead_bytes(b) : b->size);
	ret = b->aead ? one_aead(b, h, iv, &sg) : one_skcipher(b, h, iv, &sg);
	return crypto_wait_req(ret, &wait);
}

/* Both sides have the same key: what the first one sealed, both can open. */
static int seal(struct bench *b)
{
	int ret;

	b->decrypt = false;
	ret = one_call(b, &b->side[STOCK].handles[0]);
	b->decrypt = true;
	memcpy(b->sealed, b->data, aead_bytes(b));
	return ret;
}

/* ---- samples ------------------------------------------------------------- */

static void cool_down(void)
{
	unsigned int i;

	for (i = 0; i < COLD_BYTES; i += CACHE_LINE)
		cold_buffer[i]++;
}

static unsigned int batch_of(const struct bench *b)
{
	if (b->cold)
		return 1;
	return b->setkey ? SETKEY_BATCH : max(1U, BATCH_BYTES / b->size);
}

static int sample(struct bench *b, unsigned int which, u64 *cycles)
{
	struct side *s = &b->side[which];
	unsigned int i, batch = batch_of(b);
	int ret = 0;
	u64 start;

	if (b->cold)
		cool_down();
	start = tsc();
	for (i = 0; i < batch && !ret; i++) {
		struct handle *h = &s->handles[s->next];

		ret = b->setkey ? handle_setkey(h, &keys[which]) : one_call(b, h);
		if (++s->next == b->keys)
			s->next = 0;
	}
	*cycles = div_u64((tsc() - start) * 1000, batch);
	return ret;
}

static int run_samples(struct bench *b)
{
	unsigned int i, warm = b->cold ? 2 : b->keys / batch_of(b) + 3;
	u64 value[SIDES];
	int ret;

	for (i = 0; i < warm + b->samples; i++) {
		unsigned int first = i & 1;

		ret = sample(b, first, &value[first]) ?:
		      sample(b, !first, &value[!first]);
		if (ret)
			return ret;
		if (i >= warm) {
			b->side[STOCK].samples[i - warm] = value[STOCK];
			b->side[PROTKEY].samples[i - warm] = value[PROTKEY];
			b->ratios[i - warm] = div64_u64(value[PROTKEY] * 10000,
							value[STOCK] ?: 1);
		}
		cond_resched();
	}
	for (i = 0; i < SIDES; i++)
		summarize(b->side[i].samples, b->samples, &answer[i]);
	summarize(b->ratios, b->samples, &answer[SIDES]);
	return 0;
}

static int open_side(struct bench *b, unsigned int which, const char *alg)
{
	struct side *s = &b->side[which];
	unsigned int i;
	int ret;

	s->samples = kvcalloc(b->samples, sizeof(*s->samples), GFP_KERNEL);
	s->handles = kvcalloc(b->keys, sizeof(*s->handles), GFP_KERNEL);
	if (!s->samples || !s->handles)
		return -ENOMEM;
	for (i = 0; i < b->keys; i++) {
		struct handle *h = &s->handles[i];

		ret = b->aead ? handle_open_aead(h, alg) :
				handle_open_skcipher(h, alg);
		ret = ret ?: handle_setkey(h, &keys[which]);
		if (ret)
			return ret;
	}
	return 0;
}

static void close_bench(struct bench *b)
{
	unsigned int which, i;

	for (which = 0; which < SIDES; which++) {
		struct side *s = &b->side[which];

		for (i = 0; s->handles && i < b->keys; i++)
			handle_close(&s->handles[i]);
		kvfree(s->handles);
		kvfree(s->samples);
	}
	kvfree(b->ratios);
	kfree(b->data);
	kfree(b->sealed);
}

static int measure(struct bench *b, const char *alg0, const char *alg1)
{
	int ret = -ENOMEM;

	if (!b->samples || b->samples > SAMPLES_MAX || !b->keys ||
	    b->keys > KEYS_MAX || !b->size || b->size > SIZE_MAX_BENCH)
		return -EINVAL;
	b->ratios = kvcalloc(b->samples, sizeof(*b->ratios), GFP_KERNEL);
	b->data = kzalloc(b->size + PAGE_SIZE, GFP_KERNEL);
	b->sealed = kzalloc(b->size + PAGE_SIZE, GFP_KERNEL);
	if (b->ratios && b->data && b->sealed)
		ret = open_side(b, STOCK, alg0) ?: open_side(b, PROTKEY, alg1);
	if (!ret && b->aead && b->decrypt)
		ret = seal(b);
	if (!ret)
		ret = run_samples(b);
	close_bench(b);
	return ret;
}

/* ---- commands ------------------------------------------------------------ */

static int command_key(const char *line)
{
	static char hex[2 * KEY_BYTES_MAX + 1];	/* under bench_lock */
	static struct key key;
	unsigned int which;

	if (sscanf(line, "key %u %1024s", &which, hex) != 2 || which >= SIDES ||
	    strlen(hex) % 2)
		return -EINVAL;
	key.len = strlen(hex) / 2;
	if (hex2bin(key.bytes, hex, key.len))
		return -EINVAL;
	keys[which] = key;
	return 0;
}

static int command_run(const char *line)
{
	char type[16], alg0[64], alg1[64], direction[8], caches[8];
	struct bench b = { };

	if (sscanf(line, "run %15s %63s %63s %7s %u %u %7s %u", type, alg0, alg1,
		   direction, &b.size, &b.keys, caches, &b.samples) != 8)
		return -EINVAL;
	b.aead = !strcmp(type, "aead");
	b.decrypt = !strcmp(direction, "dec");
	b.cold = !strcmp(caches, "cold");
	return measure(&b, alg0, alg1);
}

static int command_setkey(const char *line)
{
	char type[16], alg0[64], alg1[64];
	struct bench b = { .setkey = true, .size = 16, .keys = 1 };

	if (sscanf(line, "setkey %15s %63s %63s %u", type, alg0, alg1,
		   &b.samples) != 4)
		return -EINVAL;
	b.aead = !strcmp(type, "aead");
	return measure(&b, alg0, alg1);
}

static ssize_t bench_write(struct file *file, const char __user *from,
			   size_t size, loff_t *at)
{
	char *line = memdup_user_nul(from, min_t(size_t, size, PAGE_SIZE));
	int ret;

	if (IS_ERR(line))
		return PTR_ERR(line);
	mutex_lock(&bench_lock);
	if (strstarts(line, "key "))
		ret = command_key(line);
	else if (strstarts(line, "run "))
		ret = command_run(line);
	else
		ret = command_setkey(line);
	mutex_unlock(&bench_lock);
	kfree(line);
	return ret ?: size;
}

static void show_quartiles(struct seq_file *to, const char *name,
			   const struct quartiles *q)
{
	seq_printf(to, "\"%s\":[%llu,%llu,%llu],", name, q->q1, q->median, q->q3);
}

static int bench_show(struct seq_file *to, void *unused)
{
	mutex_lock(&bench_lock);
	seq_puts(to, "{");
	show_quartiles(to, "stock", &answer[STOCK]);
	show_quartiles(to, "protkey", &answer[PROTKEY]);
	show_quartiles(to, "ratio", &answer[SIDES]);
	seq_printf(to, "\"tsc_khz\":%llu}\n", tsc_khz);
	mutex_unlock(&bench_lock);
	return 0;
}

static int bench_open(struct inode *inode, struct file *file)
{
	return single_open(file, bench_show, NULL);
}

static const struct proc_ops bench_ops = {
	.proc_open = bench_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
	.proc_write = bench_write,
};

static void calibrate(void)
{
	u64 start = tsc(), from = ktime_get_ns(), ns;

	do {
		ns = ktime_get_ns() - from;
	} while (ns < 50 * NSEC_PER_MSEC);
	tsc_khz = div64_u64((tsc() - start) * USEC_PER_SEC, ns);
}

static int __init pk_bench_init(void)
{
	cold_buffer = vzalloc(COLD_BYTES);
	if (!cold_buffer)
		return -ENOMEM;
	crypto_init_wait(&wait);
	calibrate();
	if (!proc_create("pk_bench", 0600, NULL, &bench_ops)) {
		vfree(cold_buffer);
		return -ENOMEM;
	}
	return 0;
}

static void __exit pk_bench_exit(void)
{
	remove_proc_entry("pk_bench", NULL);
	vfree(cold_buffer);
}

module_init(pk_bench_init);
module_exit(pk_bench_exit);

MODULE_DESCRIPTION("Times two ciphers against each other");
MODULE_LICENSE("GPL");
