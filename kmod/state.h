/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sealed state of a domain, as the module builds and authenticates it.
 * Caller holds d->lock, except of pk_state_copy().
 */
#ifndef PK_STATE_H
#define PK_STATE_H

#include "domain.h"

#define PK_STATE_NEW_SIZE						\
	(sizeof(struct pk_sealed_header) + sizeof(struct pk_section_seal) + \
	 PK_SEALED_MAC_SIZE)

/* First state of a new domain: the MK sealed under @kek in one slot. */
int pk_state_create(struct pk_domain *d, const u8 *kek,
		    const struct protkey_seal_params *params);

/*
 * Open the MK of @header with @kek into register CURRENT, check its pattern
 * and the MAC, then what it demands of the boot (pk_measured_judge()), and take a
 * copy as the domain's state.  On failure the register is empty.
 */
int pk_state_open(struct pk_domain *d, const struct pk_sealed_header *header,
		  unsigned int slot, const u8 *kek, struct pk_challenge *challenge);

/* Commit the state with one section more, or less (of d->sealed), or both. */
int pk_state_edit(struct pk_domain *d, const struct pk_section *add,
		  const struct pk_section *drop);

/*
 * A copy to be freed with kvfree(), so that no user page is touched under the
 * lock; @len is the state's length.  ERR_PTR: -ENOSPC larger than @room.
 */
void *pk_state_copy(struct pk_domain *d, u32 room, u32 *len);

/* Errors: PROTKEY_IOC_VOLUME_*. */
int pk_state_pin(struct pk_domain *d, const struct protkey_volume *v);
int pk_state_unpin(struct pk_domain *d, const u8 *uuid);
int pk_state_check(struct pk_domain *d, const struct protkey_volume *v);

/* Errors: PROTKEY_IOC_QUOTA_SET. */
int pk_state_set_quota(struct pk_domain *d, const struct protkey_quota *quota);

/* ---- for seal.c, mk.c and admin.c ---- */

/*
 * scratch[0] := derivation @label of a KEK and its parameters.  Whoever is done with
 * a scratch slot destroys what is in it.
 */
int pk_state_seal_key(struct pk_domain *d, const char *label, const u8 *kek,
		      const struct protkey_seal_params *params);
void pk_state_scratch_done(struct pk_slot *slot);

void pk_state_put_section(struct pk_section *s, unsigned int type, size_t len);

/*
 * The next state, section by section.  The draft has the header and none of the
 * sections, room for as many bytes of them as there are and @more, all zero; append
 * what stays and what is new, then finish it.  ERR_PTR(-ENOMEM).
 */
struct pk_sealed_header *pk_state_draft(const struct pk_domain *d, size_t more);
/* Of @len bytes, for the caller to fill. */
void *pk_state_append(struct pk_sealed_header *draft, size_t len);
void pk_state_keep(struct pk_sealed_header *draft, const struct pk_section *s);
/*
 * Authenticate it, with the patterns of the registers, and make it the state;
 * frees it on failure.  -ENOSPC larger than PROTKEY_STATE_MAX.
 */
int pk_state_finish(struct pk_domain *d, struct pk_sealed_header *draft);

unsigned int pk_state_volumes(const struct pk_domain *d);

#endif /* PK_STATE_H */
