/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a boot consisted of: each event of the log as a thing with a name that
 * stays the same from boot to boot, said in words a person knows.  References
 * and verdicts are about these, not about event numbers or PCR values.
 */
#ifndef PROTKEY_FW_COMPONENT_H
#define PROTKEY_FW_COMPONENT_H

#include "eventlog.h"

enum fw_class {
	FW_CLASS_FIRMWARE,	/* SRTM version, firmware volumes, option ROMs */
	FW_CLASS_SECURE_BOOT,	/* SecureBoot, PK, KEK, db, dbx, MokList ... */
	FW_CLASS_AUTHORITY,	/* which key allowed what was started */
	FW_CLASS_LOADER,	/* shim, grub, systemd-boot, UKI: PCR 4 */
	FW_CLASS_KERNEL,
	FW_CLASS_INITRD,
	FW_CLASS_CMDLINE,
	FW_CLASS_CONFIG,	/* boot variables, GPT, ACPI, SMBIOS: may change */
	FW_CLASS_ACTION,	/* separators, "Calling EFI Application ..." */
	FW_CLASS_OTHER,
	FW_CLASSES
};

struct fw_component {
	/*
	 * Unique in its list: "firmware.volume.0", "secure-boot.db",
	 * "loader.shim", "loader.1", "kernel", "initrd.0", "command-line.0",
	 * "boot-order", "gpt", "grub.cfg.12" ...
	 */
	char name[64];
	enum fw_class class;
	uint32_t pcr;
	size_t event;
	bool is_volatile;	/* changes without anybody's doing wrong */
	struct fw_digests digests;	/* as measured */
	/*
	 * Does the event's data hash to its digest in each bank that has one?  Only
	 * then @text was measured; else it is just a claim of who wrote the log.
	 */
	bool data_measured;
	/* Must data of this kind be what was measured?  Then false is tampering. */
	bool data_must_measure;
	char *text;		/* one line, printable, for people */
	/* Set for lists of signatures (PK, KEK, db, dbx ...): sorted, hex. */
	char **signatures;	/* "x509:SHA256" of the certificate, "sha256:HASH" */
	size_t signature_count;
	/* SBAT level, kernel version and the like: "shim,3"; may be NULL. */
	char *version;
};

struct fw_components {
	struct fw_component *list;	/* in the log's order */
	size_t count;
};

/* 0 or -ENOMEM. */
int fw_components_of(const struct fw_eventlog *log, struct fw_components *of);
void fw_components_free(struct fw_components *of);
const struct fw_component *fw_component_find(const struct fw_components *of,
					     const char *name);
const char *fw_class_name(enum fw_class class);

#endif
