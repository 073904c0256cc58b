// SPDX-License-Identifier: GPL-2.0-only
/*
 * protkey_test: requests on a CPU that the vault does not cover yet.
 *
 * Hotplug states of the online section run in the order of registration when a
 * CPU comes up, and backwards when it goes down.  So if this module is loaded
 * before protkey, its callback works on a CPU without a wrapping key half:
 * exactly what bound kernel threads and interrupts can do.
 */

#include <linux/cpuhotplug.h>
#include <linux/mutex.h>

#include "cipher.h"
#include "pktest.h"

#define BATCH	8		/* requests per callback */
#define BATCHES	16

static int online_state;
static DEFINE_MUTEX(online_lock);
static struct pkt_run *online_run;
static struct pkt_slot *online_slots[BATCHES * BATCH];
static unsigned int online_batches;	/* that have been submitted */

static void online_submit(struct pkt_slot **slots)
{
	int i;

	for (i = 0; i < BATCH; i++)
		pkt_slot_submit(slots[i], i % 2 ? PKT_BH : PKT_PROCESS);
}

/* Never waits: the cipher may need the hotplug lock to get them done. */
static int online_callback(unsigned int cpu)
{
	mutex_lock(&online_lock);
	if (online_run && online_batches < BATCHES)
		online_submit(online_slots + BATCH * online_batches++);
	mutex_unlock(&online_lock);
	return 0;
}

static void online_free_slots(void)
{
	unsigned int i;

	for (i = 0; i < BATCHES * BATCH; i++) {
		/* a request that is stuck still needs its memory */
		if (online_slots[i] && !online_slots[i]->pending)
			pkt_slot_free(online_slots[i]);
		online_slots[i] = NULL;
	}
}

static int online_alloc_slots(struct pkt_run *run)
{
	unsigned int i;

	for (i = 0; i < BATCHES * BATCH; i++) {
		online_slots[i] = pkt_slot_alloc(run->tfm, &run->counts);
		if (!online_slots[i]) {
			online_free_slots();
			return -ENOMEM;
		}
		online_slots[i]->may_backlog = true;
		pkt_slot_set_sample(online_slots[i],
				    &run->samples[i % PKT_SAMPLES]);
	}
	return 0;
}

int pkt_online_arm(struct pkt_run *run)
{
	int err;

	mutex_lock(&online_lock);
	err = online_alloc_slots(run);
	if (!err) {
		online_batches = 0;
		online_run = run;
	}
	mutex_unlock(&online_lock);
	return err;
}

int pkt_online_disarm(void)
{
	unsigned int i;

	mutex_lock(&online_lock);
	online_run = NULL;
	mutex_unlock(&online_lock);

	for (i = 0; i < online_batches * BATCH; i++)
		pkt_slot_finish(online_slots[i]);
	online_free_slots();
	return online_batches;
}

int pkt_online_init(void)
{
	int err;

	err = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "protkey_test:online",
					online_callback, online_callback);
	if (err < 0)
		return err;
	online_state = err;
	return 0;
}

void pkt_online_exit(void)
{
	cpuhp_remove_state_nocalls(online_state);
}
