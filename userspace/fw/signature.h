/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CMS signatures (RFC 5652) on references: enough of those who are trusted must
 * have signed.  Made and read by `openssl cms` too.
 */
#ifndef PROTKEY_FW_SIGNATURE_H
#define PROTKEY_FW_SIGNATURE_H

#include <sys/stat.h>

#include <openssl/x509.h>

#include "evidence.h"

#define FW_CMS_MAX	(1U << 20)	/* a detached one */

/* Certificates of who may sign. */
struct fw_trust {
	struct x509_st **list;
	size_t count;
};

/*
 * Every *.pem, *.crt, *.cer and *.der in directory @dir.  One that cannot be
 * read is an error: to go on without would change who is asked.  0, -EPERM if
 * others than root and the caller can write there, -EBADMSG, -ENOENT if there
 * is none, -errno; @why says which file.
 */
int fw_trust_load(const char *dir, struct fw_trust *trust, char why[160]);
void fw_trust_free(struct fw_trust *trust);
/* Can nobody but root and the caller change this file or directory? */
bool fw_guarded(const struct stat *st);

/* Does it begin as DER or PEM of CMS does, and not as JSON? */
bool fw_signature_is_cms(const void *data, size_t size);

/*
 * @data was signed by @cms, or, if that is NULL, is CMS that has the signed
 * content inside.  @content is what was signed, the caller's to free.  Counts
 * keys, not certificates; a signer whose certificate is not valid at @now, or
 * whose key or hash is weak, does not count, and @why says so.  0, -ENOKEY if
 * fewer than @threshold of @trust are left, -EKEYREJECTED if a trusted one's
 * signature is wrong (the content was changed), -EBADMSG if it is no CMS,
 * -ENOMEM.  @signers: their names, also when it is not enough.
 */
int fw_signature_check(const void *data, size_t size, const void *cms,
		       size_t cms_size, const struct fw_trust *trust,
		       unsigned int threshold, uint64_t now,
		       struct fw_buffer *content, char signers[256],
		       char why[160]);

/* An X.509 certificate, PEM or DER, or NULL; X509_free(). */
X509 *fw_cert_read(const char *path);

/*
 * Add the signature of @key, whose certificate is @cert (paths, PEM or DER), to
 * @cms, which may be empty, detached from @data.  0, -EEXIST if it has signed
 * already, -EKEYREJECTED if @cms does not fit @data, -EBADMSG, -EINVAL if key
 * and certificate do not belong together; @why.
 */
int fw_signature_add(const void *data, size_t size, struct fw_buffer *cms,
		     const char *key, const char *cert, char why[160]);

#endif
