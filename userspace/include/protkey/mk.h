/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libprotkey: master key registers of a domain, and moving keys between them. */
#ifndef PROTKEY_MK_H
#define PROTKEY_MK_H

#include <protkey/store.h>
#include <protkey/uapi.h>

#ifdef __cplusplus
extern "C" {
#endif

/** struct protkey_register - what a sealed state says of a register */
struct protkey_register {
	__u8 pattern[PROTKEY_PATTERN_SIZE];	/* zero: empty */
	unsigned int loaded, wanted;		/* parts of NEW; else 0 */
	int committed;				/* NEW */
	__u8 parts[PROTKEY_MK_PARTS_MAX][PROTKEY_PATTERN_SIZE];
};

/**
 * protkey_state_register() - one master key register
 * @state: a sealed state
 * @which: enum protkey_mk_register
 * @reg: filled
 *
 * Return: 0; -EINVAL no such register, errors of protkey_state_check().
 */
int protkey_state_register(const struct protkey_state *state,
			   unsigned int which, struct protkey_register *reg);

/*
 * The steps of a ceremony, on a domain's node.  Each changes the state that the
 * module has: protkey_domain_save() it.  Errors: PROTKEY_IOC_MK_* in uapi.h.
 */

/**
 * protkey_mk_load() - add a part to NEW
 * @domain: from protkey_domain_open(); unlocked
 * @load: in locked memory; the module wipes its secrets
 */
int protkey_mk_load(int domain, struct protkey_mk_load *load);

/**
 * protkey_mk_commit() - say that NEW is complete and right
 * @domain: from protkey_domain_open(); unlocked
 * @pattern: of NEW
 * @slot: a seal slot
 * @kek: its KEK, PROTKEY_KEK_SIZE bytes
 */
int protkey_mk_commit(int domain, const __u8 *pattern, unsigned int slot,
		      const __u8 *kek);

/** protkey_mk_clear() - forget OLD; arguments as for protkey_mk_commit() */
int protkey_mk_clear(int domain, const __u8 *pattern, unsigned int slot,
		     const __u8 *kek);

/**
 * protkey_mk_set() - NEW to CURRENT, CURRENT to OLD
 * @domain: from protkey_domain_open(); unlocked
 * @keks: of the seal slots that shall seal the new key; wiped by the module
 * @count: how many, 1..16
 * @flags: PROTKEY_MK_DROP_SEALS, PROTKEY_MK_TRY
 */
int protkey_mk_set(int domain, struct protkey_seal_kek *keks,
		   unsigned int count, unsigned int flags);

/** protkey_mk_abort() - forget NEW */
int protkey_mk_abort(int domain);

/**
 * protkey_key_reencipher() - wrap a key under another master key of its domain
 * @domain: from protkey_domain_open(); unlocked
 * @blob: PROTKEY_BLOB_SIZE bytes, replaced
 * @to: PROTKEY_MK_CURRENT or PROTKEY_MK_NEW
 * @from: register that it was under; may be NULL
 */
int protkey_key_reencipher(int domain, void *blob, unsigned int to,
			   unsigned int *from);

#ifdef __cplusplus
}
#endif
#endif
