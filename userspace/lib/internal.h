/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of libprotkey share. */
#ifndef PROTKEY_INTERNAL_H
#define PROTKEY_INTERNAL_H

#include <errno.h>
#include <stddef.h>

#include <protkey/protkey.h>

/* The library is built with hidden visibility: this is the one way out. */
#define PROTKEY_EXPORT __attribute__((visibility("default")))

#define PROTKEY_NODES	"/dev/protkey"

/* An ioctl that gives 0 or a negative errno. */
int pk_device_ioctl(int fd, unsigned long request, void *arg);

/* Log in on a node as the service that the environment names, if it does. */
int pk_person_service(int node);

struct protkey_seal_params;
/* A sealed state's parameters in the order of this machine. */
void pk_seal_params_read(const struct protkey_seal_params *wire,
			 struct protkey_seal_params *params);

/* Whether @fd holds exactly @size bytes that this call got: -errno or 0. */
int pk_io_read_all(int fd, void *buf, size_t size);
int pk_io_write_all(int fd, const void *buf, size_t size);

#endif
