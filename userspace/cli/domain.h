/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PROTKEY_CLI_DOMAIN_H
#define PROTKEY_CLI_DOMAIN_H

#include "cli.h"

int cmd_domain_create(const struct command *cmd, int argc, char **argv);
int cmd_domain_unlock(const struct command *cmd, int argc, char **argv);
int cmd_domain_lock(const struct command *cmd, int argc, char **argv);
int cmd_domain_list(const struct command *cmd, int argc, char **argv);
int cmd_domain_delete(const struct command *cmd, int argc, char **argv);
int cmd_domain_save(const struct command *cmd, int argc, char **argv);
int cmd_domain_measured(const struct command *cmd, int argc, char **argv);
int cmd_domain_quota(const struct command *cmd, int argc, char **argv);
int cmd_domain_zeroize(const struct command *cmd, int argc, char **argv);
int cmd_domain_show(const struct command *cmd, int argc, char **argv);

/* Its open volumes are suspended; @say on standard output what was done. */
int domain_lock(const char *name, bool force, bool say);
/*
 * The same in two halves, for a domain that is unlocked: what can fail, which
 * suspends @open volumes, and the lock.  Each undoes the first when it fails.
 */
int domain_lock_begin(int domain, const char *name, bool force,
		      unsigned int *open);
int domain_lock_end(int domain, const char *name, bool force,
		    unsigned int open);
void domain_lock_say(const char *name, unsigned int open);
/* In the module, in the TPM, on the disk; says what was done and what is left. */
int domain_zeroize(const char *name);
/* The fields of a domain for --json. */
struct json_object *domain_json(const struct domain_entry *entry);

extern const struct command admin_commands[];
extern const struct command mk_commands[];
extern const struct command person_commands[];
extern const struct command seal_commands[];

/* The node of a domain that is unlocked. */
int domain_open_unlocked(const char *name, int *domain);

/* An unlocked domain in the middle of an act: node, store, state before it. */
struct domain_act {
	const char *name;
	int domain, store;
	struct protkey_state state;
};

int domain_begin(struct domain_act *act, const char *name);
void domain_end(struct domain_act *act);
/*
 * Write the new state.  What is done in the module cannot be taken back here:
 * says how to go on.
 */
int domain_save(const struct domain_act *act);

struct seal_options;
/*
 * An act that administrators have signed, or, where there are none, that a KEK allows:
 * @use (a seal_use) gets NULL or the KEK of a slot.  A status.
 */
int domain_signed_or_kek(const struct domain_act *act, const struct seal_options *from,
			 int (*use)(unsigned int slot, const __u8 *kek, void *arg),
			 void *arg);

/*
 * How many of the domain's pinned volumes on this machine are, or may be, under the
 * master key with @pattern; names them, and those that are not here (volume_under.c).
 */
int volumes_under(const struct protkey_state *state, const uint8_t *pattern);

/* ---- quotas (domain_quota.c) ---- */

struct quota_options {
	unsigned int keys, sessions, tls_keys;
};

#define QUOTA_AS_IS	UINT32_MAX
#define QUOTA_OPTIONS_INIT	{ QUOTA_AS_IS, QUOTA_AS_IS, QUOTA_AS_IS }
#define QUOTA_OPTS(o) \
	{ "keys", 0, OPT_NUMBER, &(o).keys, "N", "quota: keys in use, volumes included" }, \
	{ "sessions", 0, OPT_NUMBER, &(o).sessions, "N", "quota: sessions" }, \
	{ "tls-keys", 0, OPT_NUMBER, &(o).tls_keys, "N", \
	  "quota: keys of TLS connections, 16 for each with TLS 1.3" }

bool quota_given(const struct quota_options *options);
/* What is not given stays as it is. */
int quota_fill(const struct quota_options *options, int domain,
	       const char *name, struct protkey_quota *quota);
struct json_object *quota_json(const struct protkey_domain_info *info);
void quota_print(const struct protkey_domain_info *info);

/* Locked memory for a KEK, to be given to protkey_secret_free(). */
int kek_alloc(__u8 **kek);
/* KEK of a passphrase; EXIT_OK or the status of an error. */
int domain_kek(const struct protkey_seal_params *params,
	       const struct passphrase *pass, __u8 *kek);
/* What protkey_seal_init() does not like. */
int fail_seal_init(int err);

#endif
