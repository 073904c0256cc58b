/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libprotkey: what a domain demands of the boot that unlocks it. */
#ifndef PROTKEY_MEASURED_H
#define PROTKEY_MEASURED_H

#include <stddef.h>
#include <protkey/store.h>
#include <protkey/uapi.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * protkey_state_measured() - what a sealed state demands
 * @state: a sealed state
 * @measured: filled
 *
 * Return: 0; -ENOENT nothing, errors of protkey_state_check().
 */
int protkey_state_measured(const struct protkey_state *state,
			   struct protkey_measured *measured);

/**
 * protkey_measured_set() - demand a measured boot; save the state then
 * @domain: from protkey_domain_open(); unlocked
 * @measured: what; all zero: nothing any more
 * @slot: one-person domain: a seal slot
 * @kek: its KEK; NULL for a domain that has administrators
 *
 * Return: 0; errors of PROTKEY_IOC_MEASURED_SET.
 */
int protkey_measured_set(int domain, const struct protkey_measured *measured,
			 unsigned int slot, const __u8 *kek);

/**
 * protkey_nonce() - a nonce that a TPM is to quote over
 * @control: from protkey_control_open(), which is then to unlock
 * @nonce: PROTKEY_NONCE_SIZE bytes
 *
 * Return: 0; errors of PROTKEY_IOC_NONCE.
 */
int protkey_nonce(int control, __u8 *nonce);

/**
 * protkey_quote() - the quote over it, for the next protkey_domain_unlock()
 * @control: the same
 * @attest: TPMS_ATTEST
 * @attest_size: how many bytes
 * @signature: TPMT_SIGNATURE
 * @signature_size: how many bytes
 *
 * Return: 0; errors of PROTKEY_IOC_QUOTE.
 */
int protkey_quote(int control, const void *attest, size_t attest_size,
		  const void *signature, size_t signature_size);

#ifdef __cplusplus
}
#endif
#endif
