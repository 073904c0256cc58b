/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A reference: what a good boot of one machine, or of many of a kind, may
 * consist of.  A JSON file, signed; its format is in Documentation/firmware.md.
 */
#ifndef PROTKEY_FW_REFERENCE_H
#define PROTKEY_FW_REFERENCE_H

#include <json-c/json.h>

#include "component.h"

#define FW_REFERENCE_MAX	(4U << 20)
#define FW_KEY_NAME_SIZE	34	/* of a TPM key: SHA-256's number and hash */
#define FW_WHY			160

enum fw_rule {
	FW_RULE_EQUAL,		/* one of the values */
	FW_RULE_SUPERSET,	/* has at least these signatures: dbx */
	FW_RULE_SUBSET,		/* has no other signatures than these: db */
	FW_RULE_AT_LEAST,	/* of this version or a later one */
	FW_RULE_ANY,		/* volatile: whatever it is */
	FW_RULE_ABSENT,		/* must not be there */
	FW_RULES
};

struct fw_value {
	/* In the reference's banks; all empty: @text stands for it. */
	struct fw_digests digests;
	char *text;		/* may be NULL if there are digests */
};

struct fw_entry {
	char name[64];		/* a component's; "grub.cfg.*" is a family */
	enum fw_class class;
	enum fw_rule rule;
	bool required;		/* its absence is tampering */
	struct fw_value *values;
	size_t value_count;
	char **signatures;
	size_t signature_count;
	char *version;
};

struct fw_machine {
	char host[65];
	uint8_t key_name[FW_KEY_NAME_SIZE];
};

enum fw_ima_rule {
	FW_IMA_IGNORE,		/* the reference says nothing of IMA */
	FW_IMA_NO_VIOLATION,
	FW_IMA_LISTED		/* as that, and every file is a listed one */
};

struct fw_ima_file {
	char alg[16];
	struct fw_digest hash;
};

struct fw_reference {
	char name[65];
	uint64_t serial;
	uint64_t not_after;	/* seconds; 0: for ever */
	bool bank[FW_BANKS];	/* that are quoted and compared, all of them */
	uint32_t pcrs;		/* that the log must account for, a bit each */
	struct fw_machine *machines;	/* none: the key is not pinned */
	size_t machine_count;
	struct fw_entry *entries;
	size_t entry_count;
	enum fw_ima_rule ima;
	struct fw_ima_file *ima_files;	/* sorted */
	size_t ima_file_count;
	char **host;		/* host checks that must be good */
	size_t host_count;
};

/*
 * From a file whose signatures were checked, or that nobody vouches for: it is
 * as strict to both.  0, -EBADMSG and @why says what, -ENOMEM.
 */
int fw_reference_parse(const char *json, size_t size, struct fw_reference *ref,
		       char why[FW_WHY]);
/* NULL: no memory. */
struct json_object *fw_reference_json(const struct fw_reference *ref);
void fw_reference_free(struct fw_reference *ref);

/* The entry of this very name, or the longest family that it is of, or NULL. */
struct fw_entry *fw_reference_find(const struct fw_reference *ref,
				   const char *component);
/* The entry of just this name, pattern or not. */
struct fw_entry *fw_reference_entry(const struct fw_reference *ref,
				    const char *name);
/* Is @name of family @pattern, or the same? */
bool fw_entry_covers(const struct fw_entry *entry, const char *component);
const struct fw_machine *fw_reference_machine(const struct fw_reference *ref,
					      const uint8_t *key_name);
bool fw_reference_has_file(const struct fw_reference *ref, const char *alg,
			   const struct fw_digest *hash);

/*
 * A new entry at the end, all else zero; NULL: no memory, or the name is not
 * one.  Entries that were found before are elsewhere then.
 */
struct fw_entry *fw_reference_add(struct fw_reference *ref, const char *name);
/* Copies @text, which may be NULL.  0, -EEXIST, -ENOMEM. */
int fw_entry_accept(struct fw_entry *entry, const struct fw_digests *digests,
		    const char *text);
/*
 * Does it hold values of programs or files of this class?  What a loader was told
 * to do is of its class, too, and is none.
 */
bool fw_entry_takes(const struct fw_entry *entry, enum fw_class class);
int fw_entry_accept_signature(struct fw_entry *entry, const char *signature);
/* 0, -EEXIST, -ENOMEM. */
int fw_reference_enrol(struct fw_reference *ref, const char *host,
		       const uint8_t *key_name);
/* Keeps the order; 0, -EEXIST, -ENOMEM. */
int fw_reference_accept_file(struct fw_reference *ref, const char *alg,
			     const struct fw_digest *hash);
int fw_reference_demand_host(struct fw_reference *ref, const char *check);

/*
 * Is of each line of @floor one of the same name and no older number in @have?
 * (rule.c)
 */
bool fw_version_at_least(const char *have, const char *floor);
bool fw_class_find(const char *name, enum fw_class *class);
const char *fw_rule_name(enum fw_rule rule);
bool fw_rule_find(const char *name, enum fw_rule *rule);
const char *fw_ima_rule_name(enum fw_ima_rule rule);
bool fw_ima_rule_find(const char *name, enum fw_ima_rule *rule);

/* Says in @why what is wrong; gives -EBADMSG. */
int fw_bad(char why[FW_WHY], const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Printable UTF-8 or ASCII without control characters. */
bool fw_text_ok(const char *text, size_t size);

#endif
