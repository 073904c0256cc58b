// SPDX-License-Identifier: GPL-2.0-only
/*
 * protkey_test: compare the cipher under test with the kernel's own.
 *
 *	cipher_alg	name of the cipher, "xts(paes)" by default; it is compared with
 *			"xts(aes)", and so on
 *	cipher_blob	its key, binary
 *	cipher_clear	the same key in clear, binary
 *	cipher_run	"MODE [OPTION=VALUE]...", returns when done: see parse()
 *	cipher_armed	"Y" while a run waits for CPUs to come or go
 *	cipher_result	what the last run saw, a line "NAME VALUE" for each
 *
 * The write to cipher_run gives -EIO if a result was wrong.
 */

#include <linux/cpu.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <crypto/skcipher.h>

#include "cipher.h"
#include "pktest.h"

static DEFINE_MUTEX(cipher_lock);
static char cipher_alg[CRYPTO_MAX_ALG_NAME] = "xts(paes)";
static struct pkt_key cipher_blob, cipher_clear;
static struct pkt_run *cipher_run;	/* the last one */
static char cipher_driver[CRYPTO_MAX_ALG_NAME];
static char reference_driver[CRYPTO_MAX_ALG_NAME];
static bool cipher_armed;
static int online_batches;

const struct pkt_key *pkt_cipher_blob(void)
{
	return &cipher_blob;
}

const struct pkt_key *pkt_cipher_clear(void)
{
	return &cipher_clear;
}

static const char * const mode_names[PKT_MODES] = {
	[PKT_DIFF] = "diff",
	[PKT_STORM] = "storm",
	[PKT_ONLINE] = "online",
};

/* ---- worker threads ------------------------------------------------------ */

struct worker {
	struct pkt_run *run;
	struct task_struct *task;
	struct completion done;
	struct rnd_state rnd;
	struct pkt_slot *slots[PKT_MAX_DEPTH];
};

static bool take_request(struct pkt_run *run, unsigned long *index)
{
	const struct pkt_options *options = &run->options;

	if (READ_ONCE(run->stop))
		return false;
	if (options->seconds && time_after(jiffies, run->deadline))
		return false;
	*index = atomic_long_inc_return(&run->next) - 1;
	return !options->requests || *index < options->requests;
}

static enum pkt_context pick_context(struct worker *worker)
{
	unsigned int mask = worker->run->options.contexts;
	unsigned int steps = prandom_u32_state(&worker->rnd) % hweight32(mask);

	while (steps--)
		mask &= mask - 1;
	return __ffs(mask);
}

/* Every length in turn, each in both directions, however many threads work. */
static int prepare(struct worker *worker, struct pkt_slot *slot,
		   unsigned long index)
{
	struct pkt_run *run = worker->run;
	unsigned int min = run->options.min;
	unsigned int range = run->options.max - min + 1;
	unsigned int len = min + index % range;

	slot->may_backlog = run->options.backlog;
	if (run->options.mode == PKT_DIFF)
		return pkt_slot_randomize(slot, run->ref, &worker->rnd,
					  run->options.whole ? len & ~15U : len,
					  index / range % 2 == 0);
	pkt_slot_set_sample(slot, &run->samples[index % PKT_SAMPLES]);
	return 0;
}

static void stop_run(struct pkt_run *run, int status)
{
	WRITE_ONCE(run->stop, true);
	if (status)
		run->status = status;
}

static void finish(struct worker *worker, struct pkt_slot *slot)
{
	struct pkt_run *run = worker->run;
	int err = pkt_slot_finish(slot);

	if (err == -ETIMEDOUT)
		stop_run(run, 0);
	else if (err)
		usleep_range(20, 100);	/* a locked domain refuses at once */
}

static void work(struct worker *worker)
{
	struct pkt_run *run = worker->run;
	unsigned int turn = 0;
	unsigned long index;
	int err;

	while (take_request(run, &index)) {
		struct pkt_slot *slot = worker->slots[turn++ % run->options.depth];

		if (slot->pending)
			finish(worker, slot);
		if (slot->pending)
			return;
		err = prepare(worker, slot, index);
		if (err)
			return stop_run(run, err);
		pkt_slot_submit(slot, pick_context(worker));
		cond_resched();
	}
}

static int worker_thread(void *data)
{
	struct worker *worker = data;
	unsigned int i;

	set_user_nice(current, 5);	/* leave room for who disturbs us */
	work(worker);
	for (i = 0; i < worker->run->options.depth; i++) {
		if (worker->slots[i]->pending)
			finish(worker, worker->slots[i]);
	}
	complete(&worker->done);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(HZ / 10);
	return 0;
}

static void worker_destroy(struct worker *worker)
{
	unsigned int i;

	if (!worker)
		return;
	if (worker->task)
		kthread_stop(worker->task);
	for (i = 0; i < worker->run->options.depth; i++) {
		/* a request that is stuck still needs its memory */
		if (worker->slots[i] && !worker->slots[i]->pending)
			pkt_slot_free(worker->slots[i]);
	}
	kfree(worker);
}

static struct worker *worker_create(struct pkt_run *run, unsigned int number)
{
	struct worker *worker;
	unsigned int i;

	worker = kzalloc(sizeof(*worker), GFP_KERNEL);
	if (!worker)
		return NULL;
	worker->run = run;
	init_completion(&worker->done);
	prandom_seed_state(&worker->rnd, run->options.seed + number);
	for (i = 0; i < run->options.depth; i++) {
		worker->slots[i] = pkt_slot_alloc(run->tfm, &run->counts);
		if (!worker->slots[i])
			goto destroy;
	}
	worker->task = kthread_create(worker_thread, worker, "pktest_%u", number);
	if (IS_ERR(worker->task)) {
		worker->task = NULL;
		goto destroy;
	}
	return worker;

destroy:
	worker_destroy(worker);
	return NULL;
}

static void worker_start(struct worker *worker, unsigned int number)
{
	unsigned int cpu;

	cpus_read_lock();
	cpu = cpumask_first(cpu_online_mask);
	for (number %= num_online_cpus(); number; number--)
		cpu = cpumask_next(cpu, cpu_online_mask);
	set_cpus_allowed_ptr(worker->task, cpumask_of(cpu));
	cpus_read_unlock();
	wake_up_process(worker->task);
}

static void worker_wait(struct worker *worker)
{
	while (!wait_for_completion_timeout(&worker->done, HZ / 5)) {
		if (signal_pending(current))
			stop_run(worker->run, -EINTR);
	}
}

static int run_workers(struct pkt_run *run)
{
	unsigned int count = run->options.threads ?: num_online_cpus();
	struct worker **workers;
	unsigned int i;
	int err = -ENOMEM;

	workers = kcalloc(count, sizeof(*workers), GFP_KERNEL);
	if (!workers)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		workers[i] = worker_create(run, i);
		if (!workers[i])
			goto destroy;
	}
	run->deadline = jiffies + run->options.seconds * HZ;
	for (i = 0; i < count; i++)
		worker_start(workers[i], run->options.cpu + i);
	for (i = 0; i < count; i++)
		worker_wait(workers[i]);
	err = run->status;

destroy:
	for (i = 0; i < count; i++)
		worker_destroy(workers[i]);
	kfree(workers);
	return err;
}

static int run_online(struct pkt_run *run)
{
	unsigned int left = run->options.seconds * 10;
	int err;

	err = pkt_online_arm(run);
	if (err)
		return err;
	WRITE_ONCE(cipher_armed, true);
	while (left-- && !signal_pending(current))
		msleep_interruptible(100);
	WRITE_ONCE(cipher_armed, false);
	online_batches = pkt_online_disarm();
	return 0;
}

/* ---- a run --------------------------------------------------------------- */

static struct crypto_skcipher *alloc_cipher(const char *name,
					    const struct pkt_key *key)
{
	struct crypto_skcipher *tfm;
	int err;

	tfm = crypto_alloc_skcipher(name, 0, 0);
	if (IS_ERR(tfm))
		return tfm;
	err = crypto_skcipher_setkey(tfm, key->bytes, key->len);
	if (err) {
		crypto_free_skcipher(tfm);
		return ERR_PTR(err);
	}
	return tfm;
}

static void free_samples(struct pkt_run *run)
{
	unsigned int i;

	for (i = 0; run->samples && i < PKT_SAMPLES; i++)
		pkt_sample_free(&run->samples[i]);
	kfree(run->samples);
	run->samples = NULL;
}

static int make_samples(struct pkt_run *run)
{
	const struct pkt_options *options = &run->options;
	struct rnd_state rnd;
	unsigned int i, len;
	int err = 0;

	run->samples = kcalloc(PKT_SAMPLES, sizeof(*run->samples), GFP_KERNEL);
	if (!run->samples)
		return -ENOMEM;
	prandom_seed_state(&rnd, options->seed + 1000);
	for (i = 0; i < PKT_SAMPLES && !err; i++) {
		len = options->min + prandom_u32_state(&rnd) %
				     (options->max - options->min + 1);
		err = pkt_sample_fill(&run->samples[i], run->ref, &rnd,
				      len & ~15U);
	}
	return err;
}

/* "xts(paes)" -> "xts(aes)" */
static void reference_name(char name[CRYPTO_MAX_ALG_NAME])
{
	const char *paes = strstr(cipher_alg, "paes");
	int before = paes ? paes - cipher_alg : 0;

	snprintf(name, CRYPTO_MAX_ALG_NAME, "%.*s%s", before, cipher_alg,
		 cipher_alg + before + (paes ? 1 : 0));
}

static int perform(struct pkt_run *run)
{
	char name[CRYPTO_MAX_ALG_NAME];
	ktime_t start;
	int err;

	reference_name(name);
	run->ref = alloc_cipher(name, &cipher_clear);
	if (IS_ERR(run->ref))
		return PTR_ERR(run->ref);
	strscpy(reference_driver, crypto_skcipher_driver_name(run->ref),
		sizeof(reference_driver));

	run->tfm = alloc_cipher(cipher_alg, &cipher_blob);
	if (IS_ERR(run->tfm)) {
		err = PTR_ERR(run->tfm);
		goto free_ref;
	}
	strscpy(cipher_driver, crypto_skcipher_driver_name(run->tfm),
		sizeof(cipher_driver));

	err = make_samples(run);
	if (err)
		goto free_samples;
	start = ktime_get();
	err = run->options.mode == PKT_ONLINE ? run_online(run) : run_workers(run);
	run->milliseconds = ktime_ms_delta(ktime_get(), start);

free_samples:
	free_samples(run);
	/* a stuck request still refers to its tfm */
	if (!atomic_read(&run->counts.stuck))
		crypto_free_skcipher(run->tfm);
free_ref:
	crypto_free_skcipher(run->ref);
	return err;
}

static int verdict(const struct pkt_run *run)
{
	const struct pkt_counts *counts = &run->counts;

	if (atomic_read(&counts->wrong) || atomic_read(&counts->touched) ||
	    atomic_read(&counts->leftover) || atomic_read(&counts->stuck) ||
	    atomic_read(&counts->no_simd_sync))
		return -EIO;
	if (atomic_read(&counts->errors) && !run->options.errors)
		return -EIO;
	return 0;
}

/* ---- options ------------------------------------------------------------- */

static const struct pkt_options mode_defaults[PKT_MODES] = {
	[PKT_DIFF] = {
		.requests = 16384, .min = PKT_MIN_LEN, .max = PKT_MAX_LEN,
		.depth = 2, .seed = 1, .backlog = true,
		.contexts = BIT(PKT_PROCESS) | BIT(PKT_BH) | BIT(PKT_SOFTIRQ),
	},
	[PKT_STORM] = {
		.requests = 1000000, .min = 512, .max = 512, .depth = 4,
		.seed = 1, .backlog = true, .errors = true,
		.contexts = BIT(PKT_PROCESS),
	},
	[PKT_ONLINE] = {
		.seconds = 10, .min = 512, .max = 4096, .depth = 1,
		.seed = 1, .backlog = true, .contexts = BIT(PKT_PROCESS),
	},
};

static int parse_contexts(char *list, unsigned int *mask)
{
	char *word;
	int context;

	*mask = 0;
	while ((word = strsep(&list, ",")) != NULL) {
		context = match_string(pkt_context_names, PKT_CONTEXTS, word);
		if (context < 0)
			return -EINVAL;
		*mask |= BIT(context);
	}
	return 0;
}

static int parse_option(struct pkt_options *options, char *name, char *value)
{
	if (!strcmp(name, "requests"))
		return kstrtoul(value, 10, &options->requests);
	if (!strcmp(name, "seconds"))
		return kstrtouint(value, 10, &options->seconds);
	if (!strcmp(name, "threads"))
		return kstrtouint(value, 10, &options->threads);
	if (!strcmp(name, "cpu"))
		return kstrtouint(value, 10, &options->cpu);
	if (!strcmp(name, "depth"))
		return kstrtouint(value, 10, &options->depth);
	if (!strcmp(name, "min"))
		return kstrtouint(value, 10, &options->min);
	if (!strcmp(name, "max"))
		return kstrtouint(value, 10, &options->max);
	if (!strcmp(name, "seed"))
		return kstrtouint(value, 10, &options->seed);
	if (!strcmp(name, "backlog"))
		return kstrtobool(value, &options->backlog);
	if (!strcmp(name, "errors"))
		return kstrtobool(value, &options->errors);
	if (!strcmp(name, "whole"))
		return kstrtobool(value, &options->whole);
	if (!strcmp(name, "contexts"))
		return parse_contexts(value, &options->contexts);
	return -EINVAL;
}

/* "MODE [OPTION=VALUE]...", options as in struct pkt_options. */
static int parse(char *line, struct pkt_options *options)
{
	char *word, *value;
	int mode, err;

	word = strsep(&line, " ");
	mode = match_string(mode_names, PKT_MODES, word);
	if (mode < 0)
		return -EINVAL;
	*options = mode_defaults[mode];
	options->mode = mode;
	while ((word = strsep(&line, " ")) != NULL) {
		if (!*word)
			continue;
		value = strchr(word, '=');
		if (!value)
			return -EINVAL;
		*value++ = '\0';
		err = parse_option(options, word, value);
		if (err)
			return err;
	}
	if (options->min < PKT_MIN_LEN || options->max > PKT_MAX_LEN ||
	    options->min > options->max || options->threads > 64 ||
	    !options->depth || options->depth > PKT_MAX_DEPTH)
		return -EINVAL;
	return 0;
}

/* ---- files --------------------------------------------------------------- */

static int start_run(char *line)
{
	struct pkt_run *run = cipher_run;
	int err;

	if (run && atomic_read(&run->counts.stuck))
		return -EBUSY;	/* its counts may still be written */
	kfree(run);
	cipher_run = NULL;
	online_batches = 0;

	run = kzalloc(sizeof(*run), GFP_KERNEL);
	if (!run)
		return -ENOMEM;
	err = parse(line, &run->options);
	if (err) {
		kfree(run);
		return err;
	}
	pkt_counts_init(&run->counts);
	cipher_run = run;
	return perform(run) ?: verdict(run);
}

static ssize_t run_write(struct file *file, const char __user *ubuf,
			 size_t len, loff_t *ppos)
{
	char *line;
	int err;

	line = memdup_user_nul(ubuf, min_t(size_t, len, 512));
	if (IS_ERR(line))
		return PTR_ERR(line);
	err = mutex_lock_interruptible(&cipher_lock);
	if (!err) {
		err = start_run(strim(line));
		mutex_unlock(&cipher_lock);
	}
	kfree(line);
	return err ?: len;
}

static const struct file_operations run_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = run_write,
};

static void show_run(struct seq_file *seq, const struct pkt_run *run)
{
	const struct pkt_counts *counts = &run->counts;
	int i;

	seq_printf(seq, "driver %s\nreference %s\n", cipher_driver,
		   reference_driver);
	seq_printf(seq, "milliseconds %lld\n", run->milliseconds);
	seq_printf(seq, "online_batches %d\n", online_batches);
#define SHOW(name) seq_printf(seq, #name " %d\n", atomic_read(&counts->name))
	SHOW(ok);
	SHOW(errors);
	SHOW(full);
	SHOW(queued);
	SHOW(backlogged);
	SHOW(no_simd);
	SHOW(no_simd_sync);
	SHOW(wrong);
	SHOW(touched);
	SHOW(leftover);
	SHOW(stuck);
#undef SHOW
	for (i = 0; i < ARRAY_SIZE(counts->by_errno); i++) {
		if (atomic_read(&counts->by_errno[i]))
			seq_printf(seq, "errno_%d %d\n", i,
				   atomic_read(&counts->by_errno[i]));
	}
	seq_printf(seq, "first %s\n", counts->first[0] ? counts->first : "-");
}

static int cipher_result_show(struct seq_file *seq, void *unused)
{
	int err;

	err = mutex_lock_interruptible(&cipher_lock);
	if (err)
		return err;
	if (cipher_run)
		show_run(seq, cipher_run);
	mutex_unlock(&cipher_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(cipher_result);

static ssize_t alg_write(struct file *file, const char __user *ubuf,
			 size_t len, loff_t *ppos)
{
	char *name;

	if (len >= sizeof(cipher_alg))
		return -EINVAL;
	name = memdup_user_nul(ubuf, len);
	if (IS_ERR(name))
		return PTR_ERR(name);
	mutex_lock(&cipher_lock);
	strscpy(cipher_alg, strim(name), sizeof(cipher_alg));
	mutex_unlock(&cipher_lock);
	kfree(name);
	return len;
}

static const struct file_operations alg_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = alg_write,
};

/* A key comes in one write; its file is the inode's private data. */
static ssize_t key_write(struct file *file, const char __user *ubuf,
			 size_t len, loff_t *ppos)
{
	struct pkt_key *key = file->private_data;
	ssize_t ret = len;

	if (len > sizeof(key->bytes))
		return -EINVAL;
	mutex_lock(&cipher_lock);
	key->len = len;
	if (copy_from_user(key->bytes, ubuf, len))
		ret = -EFAULT;
	mutex_unlock(&cipher_lock);
	return ret;
}

static const struct file_operations key_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = key_write,
};

int pkt_cipher_init(struct dentry *dir)
{
	debugfs_create_file("cipher_alg", 0200, dir, NULL, &alg_fops);
	debugfs_create_file("cipher_blob", 0200, dir, &cipher_blob, &key_fops);
	debugfs_create_file("cipher_clear", 0200, dir, &cipher_clear, &key_fops);
	debugfs_create_file("cipher_run", 0200, dir, NULL, &run_fops);
	debugfs_create_bool("cipher_armed", 0400, dir, &cipher_armed);
	debugfs_create_file("cipher_result", 0400, dir, NULL, &cipher_result_fops);
	return 0;
}

void pkt_cipher_exit(void)
{
	/* a stuck request may still write to the counts of its run */
	if (!cipher_run || !atomic_read(&cipher_run->counts.stuck))
		kfree(cipher_run);
	memzero_explicit(&cipher_clear, sizeof(cipher_clear));
}
