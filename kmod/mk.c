// SPDX-License-Identifier: GPL-2.0-only
/* Master key registers: see mk.h and Documentation/domains.md. */

#include <crypto/algapi.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "derive.h"
#include "mk.h"
#include "person.h"
#include "protkey.h"
#include "seal.h"
#include "sealdata.h"
#include "state.h"

static bool pattern_is(const u8 *a, const u8 *b)
{
	return !crypto_memneq(a, b, PROTKEY_PATTERN_SIZE);
}

static bool register_empty(const struct pk_mk *mk)
{
	return !memchr_inv(mk->pattern, 0, sizeof(mk->pattern));
}

/* Caller knows that no section uses it: only holders of d->lock do. */
static void register_clear(struct pk_mk *mk)
{
	pk_state_scratch_done(mk->slot);
	memset(mk->pattern, 0, sizeof(mk->pattern));
}

/* scratch[0] := key that wraps a register with @pattern under CURRENT. */
static int register_key(struct pk_domain *d, const u8 *pattern)
{
	u8 context[PROTKEY_UUID_SIZE + PROTKEY_PATTERN_SIZE];

	memcpy(context, d->uuid, sizeof(d->uuid));
	memcpy(context + sizeof(d->uuid), pattern, PROTKEY_PATTERN_SIZE);
	pk_slot_set_header(d->scratch[0], PK_SLOT_WRAPPING_KEY, 32);
	return pk_derive_key(d->mk[PROTKEY_MK_CURRENT].slot, PK_LABEL_REGISTER,
			     context, sizeof(context), d->scratch[0]);
}

/* The section of a register as it is now; the caller fills in NEW's parts. */
static int register_section(struct pk_domain *d, u32 which,
			    struct pk_section_register *reg)
{
	struct pk_mk *mk = &d->mk[which];
	int ret;

	pk_state_put_section(&reg->section, PK_SECTION_MK_REGISTER, sizeof(*reg));
	reg->which = cpu_to_le32(which);
	ret = register_key(d, mk->pattern);
	if (!ret)
		ret = pk_op_wrap(d->scratch[0], mk->slot, reg->wrapped);
	pk_state_scratch_done(d->scratch[0]);
	return ret;
}

static int register_open(struct pk_domain *d, u32 which,
			 const struct pk_sealed_header *header,
			 const u8 *pattern)
{
	const struct pk_section_register *reg;
	struct pk_mk *mk = &d->mk[which];
	u8 opened[PROTKEY_PATTERN_SIZE];
	int ret;

	register_clear(mk);
	reg = pk_sealed_find_register(header, which);
	if (!reg)
		return 0;
	ret = register_key(d, pattern);
	if (!ret) {
		pk_slot_set_header(mk->slot, PK_SLOT_MASTER_KEY, 32);
		ret = pk_op_unwrap(d->scratch[0], mk->slot, reg->wrapped);
	}
	pk_state_scratch_done(d->scratch[0]);
	if (!ret)
		ret = pk_derive_pattern(mk->slot, PK_LABEL_MK_PATTERN, NULL, 0,
					opened);
	if (!ret && !pattern_is(opened, pattern))
		ret = -EKEYREJECTED;
	if (ret)
		register_clear(mk);
	else
		memcpy(mk->pattern, pattern, sizeof(mk->pattern));
	return ret;
}

int pk_mk_open(struct pk_domain *d, const struct pk_sealed_header *header)
{
	int ret = register_open(d, PROTKEY_MK_OLD, header, header->pattern_old);

	if (ret)
		return ret;
	ret = register_open(d, PROTKEY_MK_NEW, header, header->pattern_new);
	if (ret)
		register_clear(&d->mk[PROTKEY_MK_OLD]);
	return ret;
}

/* ---- parts --------------------------------------------------------------- */

/* @part := what the request brings; scratch[0] ends empty. */
static int part_get(struct pk_domain *d, struct protkey_mk_load *req,
		    struct pk_slot *part)
{
	u8 clear[64] = { };
	int ret;

	pk_slot_set_header(part, PK_SLOT_MASTER_KEY, 32);
	switch (req->source) {
	case PROTKEY_MK_CLEAR:
		memcpy(clear, req->clear, sizeof(req->clear));
		ret = pk_op_import(part, clear);
		memzero_explicit(clear, sizeof(clear));
		return ret;
	case PROTKEY_MK_GENERATE:
		ret = pk_op_generate(part, 32);
		if (!ret)
			ret = pk_state_seal_key(d, PK_LABEL_PART, req->kek,
						&req->seal);
		if (!ret)
			ret = pk_op_wrap(d->scratch[0], part, req->wrapped);
		break;
	default:
		ret = pk_state_seal_key(d, PK_LABEL_PART, req->kek, &req->seal);
		if (!ret)
			ret = pk_op_unwrap(d->scratch[0], part, req->wrapped);
	}
	pk_state_scratch_done(d->scratch[0]);
	return ret;
}

/*
 * @sum := NEW and @part.  Equal 16-byte halves are refused: zero has them, which
 * is what two equal parts add up to.
 */
static int part_add(struct pk_domain *d, const struct pk_slot *part,
		    struct pk_slot *sum, u8 *pattern)
{
	struct pk_mk *new = &d->mk[PROTKEY_MK_NEW];
	struct pk_slot *zero = d->scratch[1];
	static const u8 zeros[64];
	int ret = 0;

	pk_slot_set_header(sum, PK_SLOT_MASTER_KEY, 32);
	if (register_empty(new)) {
		pk_slot_set_header(zero, PK_SLOT_MASTER_KEY, 32);
		ret = pk_op_import(zero, zeros);
	}
	if (!ret)
		ret = pk_op_xor(register_empty(new) ? zero : new->slot, part,
				sum);
	pk_state_scratch_done(zero);
	if (!ret)
		ret = pk_op_halves(sum, 16);
	return ret ?: pk_derive_pattern(sum, PK_LABEL_MK_PATTERN, NULL, 0,
					pattern);
}

/* What the state says of NEW after one part more. */
static int part_count(const struct pk_section_register *old,
		      struct pk_section_register *reg,
		      const struct protkey_mk_load *req, int officer)
{
	unsigned int i, loaded = 0;

	memset(reg, 0, sizeof(*reg));
	if (old) {
		loaded = le16_to_cpu(old->loaded);
		reg->officers = old->officers;
		memcpy(reg->parts, old->parts, sizeof(reg->parts));
	}
	for (i = 0; i < loaded; i++)
		if (pattern_is(reg->parts[i], req->pattern_part))
			return -EEXIST;
	if (officer >= 0)
		reg->officers |= cpu_to_le32(BIT(officer));
	memcpy(reg->parts[loaded], req->pattern_part, sizeof(reg->parts[0]));
	reg->loaded = cpu_to_le16(loaded + 1);
	reg->wanted = cpu_to_le16(req->wanted);
	return 0;
}

static int part_check(const struct pk_section_register *old,
		      const struct protkey_mk_load *req, int officer)
{
	if (!old)
		return 0;
	if (old->loaded == old->wanted)
		return -EALREADY;
	/* nobody knows two of them */
	if (officer >= 0 && le32_to_cpu(old->officers) & BIT(officer))
		return -EPERM;
	return le16_to_cpu(old->wanted) == req->wanted ? 0 : -EINVAL;
}

/* NEW := @sum, in registers and state; @sum gets the old content. */
static int part_store(struct pk_domain *d, struct pk_slot **sum,
		      const u8 *pattern, struct pk_section_register *reg,
		      const struct pk_section_register *old)
{
	struct pk_mk *new = &d->mk[PROTKEY_MK_NEW], before = *new;
	int ret;

	new->slot = *sum;
	memcpy(new->pattern, pattern, sizeof(new->pattern));
	ret = register_section(d, PROTKEY_MK_NEW, reg);
	if (!ret)
		ret = pk_state_edit(d, &reg->section,
				    old ? &old->section : NULL);
	if (ret)
		*new = before;
	else
		*sum = before.slot;
	return ret;
}

int pk_mk_load(struct pk_domain *d, struct protkey_mk_load *req, int officer)
{
	const struct pk_section_register *old;
	struct pk_section_register reg;
	struct pk_slot *part, *sum;
	int ret;

	old = pk_sealed_find_register(d->sealed, PROTKEY_MK_NEW);
	ret = part_check(old, req, officer);
	if (ret)
		return ret;
	part = pk_slot_alloc();
	sum = pk_slot_alloc();
	ret = part && sum ? part_get(d, req, part) : -ENOMEM;
	if (!ret)
		ret = pk_derive_pattern(part, PK_LABEL_MK_PATTERN, NULL, 0,
					req->pattern_part);
	if (!ret)
		ret = part_count(old, &reg, req, officer);
	if (!ret)
		ret = part_add(d, part, sum, req->pattern);
	if (!ret)
		ret = part_store(d, &sum, req->pattern, &reg, old);
	if (!ret)
		req->loaded = le16_to_cpu(reg.loaded);
	pk_slot_free(sum);
	pk_slot_free(part);
	return ret;
}

/* ---- commit, set, abort, clear ------------------------------------------- */

int pk_mk_new_ready(const struct pk_domain *d)
{
	const struct pk_section_register *reg;

	reg = pk_sealed_find_register(d->sealed, PROTKEY_MK_NEW);
	if (!reg)
		return -ENOENT;
	return le32_to_cpu(reg->flags) & PK_REGISTER_COMMITTED ? 0 : -ENODATA;
}

int pk_mk_commit(struct pk_domain *d, const u8 *pattern)
{
	const struct pk_section_register *old;
	struct pk_section_register reg;
	int ret = pk_mk_new_ready(d);

	if (ret != -ENODATA)
		return ret ?: -EALREADY;
	old = pk_sealed_find_register(d->sealed, PROTKEY_MK_NEW);
	if (old->loaded != old->wanted)
		return -ENODATA;
	if (!pattern_is(pattern, d->mk[PROTKEY_MK_NEW].pattern))
		return -EKEYREJECTED;
	reg = *old;
	reg.flags = cpu_to_le32(PK_REGISTER_COMMITTED);
	return pk_state_edit(d, &reg.section, &old->section);
}

/* Empty a register in memory and in the state. */
static int register_drop(struct pk_domain *d, u32 which)
{
	struct pk_mk *mk = &d->mk[which], before = *mk;
	int ret;

	memset(mk->pattern, 0, sizeof(mk->pattern));
	ret = pk_state_edit(d, NULL,
			    &pk_sealed_find_register(d->sealed, which)->section);
	if (ret)
		*mk = before;
	else
		register_clear(mk);
	return ret;
}

int pk_mk_abort(struct pk_domain *d)
{
	if (register_empty(&d->mk[PROTKEY_MK_NEW]))
		return -ENOENT;
	return register_drop(d, PROTKEY_MK_NEW);
}

int pk_mk_clear_old(struct pk_domain *d, const u8 *pattern)
{
	struct pk_mk *old = &d->mk[PROTKEY_MK_OLD];
	struct pk_key *key;
	u32 from;
	int ret;

	if (register_empty(old))
		return -ENOENT;
	if (!pattern_is(pattern, old->pattern))
		return -EKEYREJECTED;
	/* what is open must be prepared again after the next unlock */
	list_for_each_entry(key, &d->keys, list) {
		if (!pattern_is(key->blob.mk_pattern, old->pattern))
			continue;
		ret = pk_key_reencipher(d, &key->blob, PROTKEY_MK_CURRENT,
					d->scratch[0], d->scratch[1], &from);
		if (ret)
			return ret;
	}
	return register_drop(d, PROTKEY_MK_OLD);
}

/* ---- set ----------------------------------------------------------------- */

static const struct protkey_seal_kek *
kek_of(const struct protkey_seal_kek *keks, unsigned int count, u32 slot)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (keks[i].slot == slot)
			return &keks[i];
	return NULL;
}

/*
 * Seal NEW in the slot @seal (of a copy) if its KEK opens what it has now: a
 * mistyped passphrase must not become the one that counts.
 */
static int seal_again(struct pk_domain *d, struct pk_section_seal *seal,
		      const u8 *kek)
{
	int ret = pk_seal_authorise(d, seal->params.slot, kek);

	if (!ret)
		ret = pk_state_seal_key(d, PK_LABEL_SEAL, kek, &seal->params);
	if (!ret)
		ret = pk_op_wrap(d->scratch[0], d->mk[PROTKEY_MK_NEW].slot,
				 seal->wrapped);
	pk_state_scratch_done(d->scratch[0]);
	return ret;
}

/* Append @s to @draft if it stays; seals are made anew. */
static int set_section(struct pk_domain *d, struct pk_sealed_header *draft,
		       const struct pk_section *s,
		       const struct protkey_seal_kek *keks, unsigned int count)
{
	const struct pk_section_seal_data *data = (const void *)s;
	const struct protkey_seal_kek *kek;
	struct pk_section_person *person;
	struct pk_section_seal *seal;

	switch (le16_to_cpu(s->type)) {
	case PK_SECTION_MK_REGISTER:
		return 0;	/* NEW: OLD is empty */
	case PK_SECTION_PERSON:
		person = pk_state_append(draft, sizeof(*person));
		memcpy(person, s, sizeof(*person));
		return pk_person_rewrap(d, person, d->mk[PROTKEY_MK_CURRENT].slot,
					d->mk[PROTKEY_MK_NEW].slot);
	case PK_SECTION_SEAL_DATA:
		if (kek_of(keks, count, le16_to_cpu(data->slot)))
			pk_state_keep(draft, s);
		return 0;
	case PK_SECTION_SEAL:
		seal = (void *)s;
		kek = kek_of(keks, count, seal->params.slot);
		if (!kek)
			return 0;
		seal = pk_state_append(draft, sizeof(*seal));
		memcpy(seal, s, sizeof(*seal));
		return seal_again(d, seal, kek->kek);
	default:
		pk_state_keep(draft, s);
		return 0;
	}
}

/* Every KEK has its slot, and every slot a KEK unless it may be dropped. */
static int set_check(const struct pk_domain *d,
		     const struct protkey_seal_kek *keks, unsigned int count,
		     u32 flags)
{
	const struct pk_section *s = NULL;
	unsigned int i, seals = 0;
	int ret = pk_mk_new_ready(d);

	if (ret)
		return ret;
	if (!register_empty(&d->mk[PROTKEY_MK_OLD]))
		return -EBUSY;
	for (i = 0; i < count; i++)
		if (kek_of(keks, count, keks[i].slot) != &keks[i] ||
		    !pk_sealed_find_seal(d->sealed, keks[i].slot))
			return -EINVAL;
	while ((s = pk_sealed_next(d->sealed, s)))
		seals += le16_to_cpu(s->type) == PK_SECTION_SEAL;
	return seals > count && !(flags & PROTKEY_MK_DROP_SEALS) ?
	       -ENOTEMPTY : 0;
}

/* NEW -> CURRENT -> OLD, whose slot goes to NEW. */
static void set_turn(struct pk_domain *d)
{
	struct pk_mk free = d->mk[PROTKEY_MK_OLD];

	d->mk[PROTKEY_MK_OLD] = d->mk[PROTKEY_MK_CURRENT];
	d->mk[PROTKEY_MK_CURRENT] = d->mk[PROTKEY_MK_NEW];
	d->mk[PROTKEY_MK_NEW] = free;
}

static void set_turn_back(struct pk_domain *d)
{
	struct pk_mk free = d->mk[PROTKEY_MK_NEW];

	d->mk[PROTKEY_MK_NEW] = d->mk[PROTKEY_MK_CURRENT];
	d->mk[PROTKEY_MK_CURRENT] = d->mk[PROTKEY_MK_OLD];
	d->mk[PROTKEY_MK_OLD] = free;
}

/* Turn the registers, append OLD to @draft and make it the state. */
static int set_finish(struct pk_domain *d, struct pk_sealed_header *draft)
{
	struct pk_section_register *old = pk_state_append(draft, sizeof(*old));
	int ret;

	set_turn(d);
	ret = register_section(d, PROTKEY_MK_OLD, old);
	if (ret)
		kvfree(draft);
	else
		ret = pk_state_finish(d, draft);
	if (ret)
		set_turn_back(d);
	return ret;
}

int pk_mk_set(struct pk_domain *d, const struct protkey_seal_kek *keks,
	      unsigned int count, u32 flags)
{
	const struct pk_section *s = NULL;
	struct pk_sealed_header *draft;
	int ret = set_check(d, keks, count, flags);

	if (ret)
		return ret;
	/* never longer than it was: NEW's section goes, OLD's comes */
	draft = pk_state_draft(d, 0);
	if (IS_ERR(draft))
		return PTR_ERR(draft);
	while (!ret && (s = pk_sealed_next(d->sealed, s)))
		ret = set_section(d, draft, s, keks, count);
	if (!ret)
		return set_finish(d, draft);
	kvfree(draft);
	return ret;
}
