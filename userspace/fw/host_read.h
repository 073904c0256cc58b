/* SPDX-License-Identifier: GPL-2.0-only */
/* Small files below a root directory, and the checks that read them. */
#ifndef PROTKEY_FW_HOST_READ_H
#define PROTKEY_FW_HOST_READ_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "host.h"

#define HOST_PATH	256
#define HOST_LIKE(fmt, args)	__attribute__((format(printf, fmt, args)))

/*
 * All paths are formats, relative to the root.  Errors are negative errno;
 * -EBADMSG: what was read is not what the kernel writes there.
 */

/* At most @room bytes of it from @offset; how many. */
ssize_t host_bytes(const struct host *host, void *buf, size_t room,
		   off_t offset, const char *path, ...) HOST_LIKE(5, 6);
/* Text without its last newline, cut off at @room. */
int host_text(const struct host *host, char *buf, size_t room,
	      const char *path, ...) HOST_LIKE(4, 5);
int host_number(const struct host *host, long *number, const char *path, ...)
	HOST_LIKE(3, 4);
/* 1, 0, or an error. */
int host_exists(const struct host *host, const char *path, ...)
	HOST_LIKE(2, 3);
/* The last component of a symbolic link's target. */
int host_link(const struct host *host, char *buf, size_t room,
	      const char *path, ...) HOST_LIKE(4, 5);

/*
 * Call @each for every entry that begins with @prefix until it returns
 * something else than 0, and return that; -ENOENT only if there is no such
 * directory.
 */
typedef int host_each(const struct host *host, const char *name, void *arg);
int host_list(const struct host *host, const char *dir, const char *prefix,
	      host_each *each, void *arg);

/* Is @flag among those of the first CPU: 1, 0, or an error. */
int host_cpu_flag(const struct host *host, const char *flag);
/* Is this a virtual machine: 1, 0, or an error. */
int host_is_guest(const struct host *host);
int host_msr(const struct host *host, uint32_t msr, uint64_t *value);
/* What the command line says last of @name, which ends with "=", or -ENOENT. */
int host_cmdline(const struct host *host, const char *name, char value[16]);
/* The word of lockdown that is in force. */
int host_lockdown(const struct host *host, char word[32]);

void host_say(struct host_fact *fact, enum host_state state, const char *fmt,
	      ...) HOST_LIKE(3, 4);
/* @what could not be read, because of @err. */
void host_unread(struct host_fact *fact, int err, const char *what);
/*
 * For what only the machine itself has: says so in a guest, or where that
 * cannot be told, and returns true.
 */
bool host_says_guest(const struct host *host, struct host_fact *fact);

/* ---- the checks, in the order of their table ---- */

typedef void host_reader(const struct host *host, struct host_fact *fact);

host_reader host_read_hypervisor, host_read_kvm;
host_reader host_read_tpm, host_read_pcrs;
host_reader host_read_secure_boot, host_read_setup_mode, host_read_keys,
	    host_read_dbx;
host_reader host_read_flash, host_read_rollback, host_read_debug;
host_reader host_read_lockdown, host_read_signatures, host_read_taint,
	    host_read_kexec, host_read_perf;
host_reader host_read_iommu, host_read_preboot_dma, host_read_thunderbolt;
host_reader host_read_encryption, host_read_init_on_free;
host_reader host_read_swap, host_read_hibernation;
host_reader host_read_microcode, host_read_vulnerabilities;

#endif
