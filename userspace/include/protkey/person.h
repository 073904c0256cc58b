/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libprotkey: persons of a domain, their roles, and log-in. */
#ifndef PROTKEY_PERSON_H
#define PROTKEY_PERSON_H

#include <protkey/store.h>
#include <protkey/uapi.h>

#ifdef __cplusplus
extern "C" {
#endif

/** struct protkey_person - what a sealed state says of a person */
struct protkey_person {
	char name[PROTKEY_NAME_SIZE];
	__u32 roles;		/* PROTKEY_ROLE_* */
	unsigned int factor;	/* enum protkey_factor */
	unsigned int digits;	/* of a code */
	/* how the credential comes about: protkey_seal_kek(), or (PROTKEY_SEAL_FILE)
	 * the 32 bytes of a file */
	struct protkey_seal_params params;
};

/**
 * protkey_state_person() - the @index-th person
 * @state: a sealed state
 * @index: from 0
 * @person: filled
 *
 * Return: 0; -ENOENT past the last, errors of protkey_state_check().
 */
int protkey_state_person(const struct protkey_state *state, unsigned int index,
			 struct protkey_person *person);

/**
 * protkey_person_set() - add a person, or change one; save the state then
 * @domain: from protkey_domain_open(); unlocked
 * @set: the whole of it, in protkey_secret_alloc() memory; the module wipes its
 *	secrets
 *
 * Return: 0; errors of PROTKEY_IOC_PERSON_SET.
 */
int protkey_person_set(int domain, struct protkey_person_set *set);

/**
 * protkey_person_remove() - remove a person; save the state then
 * @domain: from protkey_domain_open(); unlocked
 * @name: of the person
 * @slot: seal slot of @kek, where the domain has no administrators
 * @kek: its KEK, or NULL
 *
 * Return: 0; errors of PROTKEY_IOC_PERSON_REMOVE.
 */
int protkey_person_remove(int domain, const char *name, unsigned int slot,
			  const __u8 *kek);

/**
 * protkey_person_login() - log in
 * @node: from protkey_domain_open(): for what is done with it by this process; from
 *	protkey_control_open(): for its next protkey_domain_unlock()
 * @name: of the person
 * @credential: PROTKEY_CREDENTIAL_SIZE bytes
 * @code: of the second factor; 0 without
 * @wait: with -EAGAIN, seconds to wait; may be NULL
 *
 * protkey_domain_open() and protkey_control_open() do this by themselves for a
 * service: as PROTKEY_AS, with the credential in the file PROTKEY_CREDENTIAL.
 *
 * Return: 0; -EKEYREJECTED, -EAGAIN, -ENODATA the domain has no persons, -ENOKEY it
 * is locked.
 */
int protkey_person_login(int node, const char *name, const __u8 *credential,
			 __u32 code, unsigned int *wait);

/**
 * protkey_person_agree() - an operator agrees that the domain be destroyed
 * @domain: from protkey_domain_open(), logged in
 *
 * Return: 0; -EACCES, -ENOKEY.
 */
int protkey_person_agree(int domain);

#ifdef __cplusplus
}
#endif
#endif
