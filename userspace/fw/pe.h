/* SPDX-License-Identifier: GPL-2.0-only */
/* EFI programs (PE/COFF) as the firmware measures them. */
#ifndef PROTKEY_FW_PE_H
#define PROTKEY_FW_PE_H

#include "digest.h"

/*
 * The Authenticode digest of @image: without its checksum, the entry of its
 * signatures, and these themselves.  It is what is in PCR 4, the same before
 * and after signing.  0, -EBADMSG if it is no such image, -EOPNOTSUPP.
 */
int fw_pe_digest(enum fw_bank bank, const void *image, size_t size,
		 struct fw_digest *digest);

#endif
