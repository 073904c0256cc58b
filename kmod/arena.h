/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The arena: pages that hold wrapped keys and the vault's share.
 *
 * The pages are marked offline, so that /proc/kcore, hibernation images and
 * makedumpfile leave them out.  Security does not rest on the mark: what is in
 * them is worthless without the debug registers.
 */
#ifndef PK_ARENA_H
#define PK_ARENA_H

#include <linux/types.h>
#include "x86/asm.h"

/*
 * A zeroed slot with a fresh id, or NULL.  The arena keeps a few spare slots
 * and never sleeps for I/O (GFP_NOIO): a key may be set while the block device
 * under the page cache is suspended.
 */
struct pk_slot *pk_slot_alloc(void);

/* Wipe and give back; NULL is fine.  No section may still use the slot. */
void pk_slot_free(struct pk_slot *slot);

/* Header of an unpublished slot: bound to the key by the nonce. */
void pk_slot_set_header(struct pk_slot *slot, u32 type, u32 size);

/* Order of a writer, see struct pk_slot. */
void pk_slot_publish(struct pk_slot *slot, u64 epoch);
/* After this no new section uses the slot; running ones end by
 * synchronize_rcu(). */
void pk_slot_invalidate(struct pk_slot *slot);
/* Destroy the content; the slot is invalid and no section uses it. */
void pk_slot_wipe(struct pk_slot *slot);

static inline u64 pk_slot_epoch(const struct pk_slot *slot)
{
	return READ_ONCE(slot->epoch);
}

struct pk_arena_stat {
	u32 used;
	u32 total;
};
void pk_arena_stat(struct pk_arena_stat *stat);

/*
 * Whether the pages are marked offline.  A hibernation image must have them:
 * their bookkeeping has to come back with the pointers to it.  Only between
 * pk_vault_wipe() and pk_vault_resume(), when nothing in them is worth hiding.
 */
void pk_arena_set_hidden(bool hidden);

void pk_arena_init(void);
void pk_arena_exit(void);

#endif /* PK_ARENA_H */
