/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libprotkey: the module's device nodes.
 *
 * Everywhere in this library: functions return 0 (or a file descriptor) on
 * success and a negative errno on failure, print nothing, and keep no state of
 * their own, so that they may be called from any thread.
 */
#ifndef PROTKEY_DEVICE_H
#define PROTKEY_DEVICE_H

#include <protkey/uapi.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * protkey_control_open() - open the control node
 *
 * Return: a file descriptor (close-on-exec); -ENODEV the module is not loaded,
 * -EACCES not permitted.
 */
int protkey_control_open(void);

/**
 * protkey_domain_open() - open the node of one domain
 * @name: of the domain
 *
 * Return: a file descriptor (close-on-exec); -EINVAL not a domain's name,
 * -ENODEV the module is not loaded, -ENOENT it does not know this domain,
 * -EACCES not permitted.
 */
int protkey_domain_open(const char *name);

/**
 * protkey_status_get() - what the module says of itself
 * @control: from protkey_control_open()
 * @status: filled
 *
 * Return: 0; -EPROTO the module speaks another version of the ABI.
 */
int protkey_status_get(int control, struct protkey_status *status);

/**
 * protkey_bench() - measure what reading the debug registers costs here
 * @control: from protkey_control_open()
 * @bench: what, size and samples as struct protkey_bench says; filled
 *
 * Return: 0; -EINVAL, -EACCES, -ENOKEY no wrapping key, -EAGAIN no hardware
 * entropy, -EIO this CPU's half of the wrapping key is wrong.
 */
int protkey_bench(int control, struct protkey_bench *bench);

#ifdef __cplusplus
}
#endif
#endif
