/* SPDX-License-Identifier: GPL-2.0-only */
/* A kTLS socket, as far as it takes to know whose key it works with. */
#ifndef PK_KTLS_SOCKET_H
#define PK_KTLS_SOCKET_H

#include <linux/types.h>

struct pk_domain;

/*
 * Confirm that the socket @fd works, in software and through our driver, with
 * the token @bytes of @d, which current has made: from now on it may be used.
 * -EBADF, -ENOTSOCK, -EOPNOTSUPP no kTLS socket, -EKEYREJECTED it works with
 * something else, -EALREADY.
 */
int pk_socket_confirm(int fd, struct pk_domain *d, const u8 *bytes);

#endif /* PK_KTLS_SOCKET_H */
