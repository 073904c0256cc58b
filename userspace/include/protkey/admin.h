/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libprotkey: administrators of a domain, and what they sign. */
#ifndef PROTKEY_ADMIN_H
#define PROTKEY_ADMIN_H

#include <stddef.h>
#include <protkey/store.h>
#include <protkey/uapi.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * protkey_state_admin() - certificate of an administrator
 * @state: a sealed state
 * @index: from 0
 * @cert: set to its bytes (DER), in the state
 * @size: how many
 *
 * Return: 0; -ENOENT past the last, errors of protkey_state_check().
 */
int protkey_state_admin(const struct protkey_state *state, unsigned int index,
			const void **cert, size_t *size);

/**
 * protkey_state_thresholds() - how many signatures each class wants
 * @state: a sealed state
 * @thresholds: PROTKEY_CLASSES of them, by enum protkey_class; zero: no
 *	administrators
 *
 * Return: 0; errors of protkey_state_check().
 */
int protkey_state_thresholds(const struct protkey_state *state,
			     __u8 *thresholds);

/**
 * protkey_admin_set() - make these the administrators; save the state then
 * @domain: from protkey_domain_open(); unlocked
 * @list: all of them
 * @slot: one-person domain: a seal slot
 * @kek: its KEK; NULL for a domain that has administrators
 *
 * Return: 0; errors of PROTKEY_IOC_ADMIN_SET.
 */
int protkey_admin_set(int domain, const struct protkey_admin_list *list,
		      unsigned int slot, const __u8 *kek);

/**
 * protkey_admin_request() - the text that administrators sign for an act
 * @domain: from protkey_domain_open(); unlocked
 * @request: the act; text_ptr and text_size are set here
 * @text: PROTKEY_ADMIN_TEXT_MAX bytes
 * @size: how many it has
 *
 * Return: 0; errors of PROTKEY_IOC_ADMIN_REQUEST.
 */
int protkey_admin_request(int domain, struct protkey_admin_request *request,
			  char *text, size_t *size);

/**
 * protkey_admin_sign() - bring a signature on that text
 * @domain: from protkey_domain_open(); unlocked
 * @signature: CMS, DER
 * @size: how many bytes
 * @result: filled: whose it is, how many there are and are needed
 *
 * Return: 0; errors of PROTKEY_IOC_ADMIN_SIGN.
 */
int protkey_admin_sign(int domain, const void *signature, size_t size,
		       struct protkey_admin_sign *result);

/** protkey_admin_status() - what is to be signed now */
int protkey_admin_status(int domain, struct protkey_admin_status *status);

#ifdef __cplusplus
}
#endif
#endif
