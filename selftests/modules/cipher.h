/* SPDX-License-Identifier: GPL-2.0-only */
/* protkey_test: one run of requests against the cipher under test. */
#ifndef PKTEST_CIPHER_H
#define PKTEST_CIPHER_H

#include "request.h"

#define PKT_SAMPLES	64
#define PKT_MAX_DEPTH	64

enum pkt_mode {
	PKT_DIFF,	/* random requests; every one must succeed */
	PKT_STORM,	/* samples, while something disturbs the cipher */
	PKT_ONLINE,	/* from the callback of a CPU that comes or goes */
	PKT_MODES
};

struct pkt_options {
	enum pkt_mode mode;
	unsigned long requests;	/* stop after so many ... */
	unsigned int seconds;	/* ... or after this time; 0: no limit */
	unsigned int threads;	/* 0: one per online CPU */
	unsigned int cpu;	/* of the first thread, the next ones follow */
	unsigned int depth;	/* requests in flight per thread */
	unsigned int min, max;	/* length in bytes */
	unsigned int seed;
	unsigned int contexts;	/* mask of enum pkt_context */
	bool backlog;		/* let the cipher queue without limit */
	bool errors;		/* an error status is no failure */
	bool whole;		/* only whole blocks: ecb, cbc */
};

struct pkt_run {
	struct pkt_options options;
	struct crypto_skcipher *tfm;	/* under test */
	struct crypto_skcipher *ref;	/* xts(aes) */
	struct pkt_sample *samples;
	struct pkt_counts counts;
	atomic_long_t next;		/* index of the next request */
	unsigned long deadline;		/* jiffies */
	bool stop;
	int status;			/* of a thread that could not work */
	s64 milliseconds;
};

/*
 * While armed, each CPU that comes online or goes offline submits requests
 * from its hotplug callback; disarm waits for them and judges them.
 */
int pkt_online_arm(struct pkt_run *run);
/* Number of callbacks that submitted requests. */
int pkt_online_disarm(void);

#endif /* PKTEST_CIPHER_H */
