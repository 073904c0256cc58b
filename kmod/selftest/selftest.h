/* SPDX-License-Identifier: GPL-2.0-only */
/* Known answers at load: a module that computes wrongly does not load. */
#ifndef PK_SELFTEST_H
#define PK_SELFTEST_H

/* 0; -EINVAL with a message naming the vector; or the error of an operation. */
int pk_selftest(void);

#endif /* PK_SELFTEST_H */
