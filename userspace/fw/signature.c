// SPDX-License-Identifier: GPL-2.0-only
/* CMS signatures on references, with OpenSSL. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>	/* before cms.h, which declares PEM_*_CMS() then */

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "signature.h"

#define STRENGTH	112	/* bits: RSA-2048, P-224, SHA-224 or better */
#define HASH_BITS	(2 * STRENGTH)
#define SIGN_FLAGS	(CMS_BINARY | CMS_NOSMIMECAP | CMS_DETACHED | CMS_PARTIAL)

static int bad(int err, char why[160], const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int bad(int err, char why[160], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, 160, fmt, ap);
	va_end(ap);
	ERR_clear_error();
	return err;
}

bool fw_signature_is_cms(const void *data, size_t size)
{
	const char *text = data;

	return size > 10 && (text[0] == 0x30 || !strncmp(text, "-----BEGIN", 10));
}

static CMS_ContentInfo *cms_read(const void *data, size_t size)
{
	BIO *bio = size > INT32_MAX ? NULL : BIO_new_mem_buf(data, (int)size);
	CMS_ContentInfo *cms = NULL;

	if (bio && size)
		cms = *(const char *)data == '-' ?
		      PEM_read_bio_CMS(bio, NULL, NULL, NULL) :
		      d2i_CMS_bio(bio, NULL);
	BIO_free(bio);
	if (cms && OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed) {
		CMS_ContentInfo_free(cms);
		cms = NULL;
	}
	return cms;
}

static void name_of(X509 *cert, char name[64])
{
	if (X509_NAME_get_text_by_NID(X509_get_subject_name(cert),
				      NID_commonName, name, 64) < 0)
		X509_NAME_oneline(X509_get_subject_name(cert), name, 64);
	for (; *name; name++)
		if ((unsigned char)*name < ' ' || *name == 0x7f)
			*name = '?';
}

/* Why @cert does not count at @now, or NULL. */
static const char *cert_weakness(X509 *cert, uint64_t now)
{
	time_t when = (time_t)now;
	EVP_PKEY *key = X509_get0_pubkey(cert);

	if (X509_cmp_time(X509_get0_notBefore(cert), &when) != -1)
		return "is not valid yet";
	if (X509_cmp_time(X509_get0_notAfter(cert), &when) != 1)
		return "has expired";
	if (!key || EVP_PKEY_get_security_bits(key) < STRENGTH)
		return "has a weak key";
	if (X509_get_extension_flags(cert) & EXFLAG_INVALID ||
	    !(X509_get_key_usage(cert) & KU_DIGITAL_SIGNATURE))
		return "is not for signatures";
	return NULL;
}

static const char *hash_weakness(CMS_SignerInfo *si)
{
	const ASN1_OBJECT *oid;
	const EVP_MD *md;
	X509_ALGOR *alg;

	CMS_SignerInfo_get0_algs(si, NULL, NULL, &alg, NULL);
	X509_ALGOR_get0(&oid, NULL, NULL, alg);
	md = EVP_get_digestbyobj(oid);
	return md && EVP_MD_get_size(md) * 8 >= HASH_BITS ? NULL :
	       "has used a weak hash";
}

/* Did @si, whose certificate is set, sign what went through @chain? */
static bool signed_it(CMS_SignerInfo *si, BIO *chain)
{
	if (CMS_signed_get_attr_count(si) >= 0 && CMS_SignerInfo_verify(si) <= 0)
		return false;
	return CMS_SignerInfo_verify_content(si, chain) > 0;
}

struct counting {
	const struct fw_trust *trust;
	uint64_t now;
	unsigned int count;
	EVP_PKEY **keys;	/* that were counted */
	char *signers;		/* [256] */
	char *why;		/* [160] */
};

static bool counted_already(const struct counting *c, X509 *cert)
{
	unsigned int i;

	for (i = 0; i < c->count; i++)
		if (EVP_PKEY_eq(c->keys[i], X509_get0_pubkey(cert)) == 1)
			return true;
	return false;
}

/* 0, whether it counts or not, or -EKEYREJECTED. */
static int count_signer(struct counting *c, CMS_SignerInfo *si, X509 *cert,
			BIO *chain)
{
	const char *weakness = cert_weakness(cert, c->now);
	char name[64];
	size_t used = strlen(c->signers);

	name_of(cert, name);
	if (!weakness)
		weakness = hash_weakness(si);
	if (weakness) {
		bad(0, c->why, "the signature of '%s' does not count: it %s",
		    name, weakness);
		return 0;
	}
	CMS_SignerInfo_set1_signer_cert(si, cert);
	if (!signed_it(si, chain))
		return bad(-EKEYREJECTED, c->why, "the signature of '%s' is wrong: the reference was changed",
			   name);
	if (counted_already(c, cert))
		return 0;
	c->keys[c->count++] = X509_get0_pubkey(cert);
	snprintf(c->signers + used, 256 - used, "%s%s", used ? ", " : "", name);
	return 0;
}

static int count_signers(struct counting *c, CMS_ContentInfo *cms, BIO *chain)
{
	STACK_OF(CMS_SignerInfo) *infos = CMS_get0_SignerInfos(cms);
	int i, ret = 0;
	size_t t;

	for (i = 0; !ret && i < sk_CMS_SignerInfo_num(infos); i++) {
		CMS_SignerInfo *si = sk_CMS_SignerInfo_value(infos, i);

		for (t = 0; !ret && t < c->trust->count; t++)
			if (!CMS_SignerInfo_cert_cmp(si, c->trust->list[t]))
				ret = count_signer(c, si, c->trust->list[t],
						   chain);
	}
	return ret;
}

/* The signed content through the CMS's digests: @chain is to be freed. */
static int read_content(CMS_ContentInfo *cms, BIO *detached, BIO **chain,
			struct fw_buffer *content, size_t size)
{
	int got, room = (int)size;

	*chain = CMS_dataInit(cms, detached);
	if (!*chain)
		return -EBADMSG;
	content->data = malloc(size + 1);
	if (!content->data)
		return -ENOMEM;
	for (content->size = 0; room; room -= got) {
		got = BIO_read(*chain, content->data + content->size, room);
		if (got <= 0)
			break;
		content->size += (size_t)got;
	}
	return 0;
}

static int check(CMS_ContentInfo *cms, BIO *detached, size_t size,
		 struct counting *c, struct fw_buffer *content)
{
	BIO *chain = NULL;
	int ret = read_content(cms, detached, &chain, content, size);

	if (ret)
		bad(ret, c->why, "there is no content in the CMS file");
	c->keys = calloc(c->trust->count + 1, sizeof(*c->keys));
	if (!ret)
		ret = c->keys ? count_signers(c, cms, chain) : -ENOMEM;
	free(c->keys);
	/* what was handed in stays out of BIO_free_all()'s reach */
	while (chain && chain != detached) {
		BIO *next = BIO_pop(chain);

		BIO_free(chain);
		chain = next;
	}
	return ret;
}

int fw_signature_check(const void *data, size_t size, const void *cms,
		       size_t cms_size, const struct fw_trust *trust,
		       unsigned int threshold, uint64_t now,
		       struct fw_buffer *content, char signers[256],
		       char why[160])
{
	struct counting c = { .trust = trust, .now = now, .signers = signers,
			      .why = why };
	CMS_ContentInfo *info = cms ? cms_read(cms, cms_size) :
				cms_read(data, size);
	BIO *detached = NULL;
	int ret = -EBADMSG;

	*signers = *why = '\0';
	memset(content, 0, sizeof(*content));
	if (!info)
		return bad(-EBADMSG, why, "the signature is no CMS that is understood");
	if (CMS_is_detached(info) == !cms) {
		bad(ret, why, cms ? "the signature is not a detached one" :
		    "the signature is detached: where is the reference?");
		goto free_info;
	}
	if (cms)
		detached = BIO_new_mem_buf(data, (int)size);
	ret = check(info, detached, size, &c, content);
	BIO_free(detached);
	if (!ret && (c.count < threshold || !c.count)) {
		if (!*why)
			snprintf(why, 160, "%u of %u trusted signers have signed",
				 c.count, threshold);
		ret = -ENOKEY;
	}
free_info:
	CMS_ContentInfo_free(info);
	if (ret) {
		free(content->data);
		memset(content, 0, sizeof(*content));
	}
	ERR_clear_error();
	return ret;
}

/* ---- signing */

static EVP_PKEY *key_read(const char *path)
{
	BIO *bio = BIO_new_file(path, "rb");
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) :
			NULL;

	if (!key && bio && BIO_reset(bio) == 0)
		key = d2i_PrivateKey_bio(bio, NULL);
	BIO_free(bio);
	return key;
}

X509 *fw_cert_read(const char *path)
{
	BIO *bio = BIO_new_file(path, "rb");
	X509 *cert = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;

	if (!cert && bio && BIO_reset(bio) == 0)
		cert = d2i_X509_bio(bio, NULL);
	BIO_free(bio);
	return cert;
}

static int cms_write(CMS_ContentInfo *cms, struct fw_buffer *to)
{
	unsigned char *der = NULL;
	int size = i2d_CMS_ContentInfo(cms, &der);

	if (size <= 0)
		return -ENOMEM;
	free(to->data);
	to->size = (size_t)size;
	to->data = malloc(to->size);
	if (to->data)
		memcpy(to->data, der, to->size);
	OPENSSL_free(der);
	return to->data ? 0 : -ENOMEM;
}

static int first_signature(BIO *bio, EVP_PKEY *key, X509 *cert,
			   struct fw_buffer *to, char why[160])
{
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, bio, SIGN_FLAGS);
	int ret = -EINVAL;

	if (cms && CMS_add1_signer(cms, cert, key, EVP_sha256(), SIGN_FLAGS) &&
	    CMS_final(cms, bio, NULL, SIGN_FLAGS))
		ret = cms_write(cms, to);
	CMS_ContentInfo_free(cms);
	return ret ? bad(ret, why, "OpenSSL could not sign with this key") : 0;
}

static bool has_signed(CMS_ContentInfo *cms, X509 *cert)
{
	STACK_OF(CMS_SignerInfo) *infos = CMS_get0_SignerInfos(cms);
	int i;

	for (i = 0; i < sk_CMS_SignerInfo_num(infos); i++)
		if (!CMS_SignerInfo_cert_cmp(sk_CMS_SignerInfo_value(infos, i),
					     cert))
			return true;
	return false;
}

static int next_signature(BIO *bio, EVP_PKEY *key, X509 *cert,
			  struct fw_buffer *to, char why[160])
{
	CMS_ContentInfo *cms = cms_read(to->data, to->size);
	int ret;

	if (!cms || !CMS_is_detached(cms))
		ret = bad(-EBADMSG, why, "the signature that is there is no detached CMS");
	else if (has_signed(cms, cert))
		ret = bad(-EEXIST, why, "this certificate has signed it already");
	/* the new one takes the digest over from one of these */
	else if (CMS_verify(cms, NULL, NULL, bio, NULL,
			    CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY) != 1)
		ret = bad(-EKEYREJECTED, why, "the signature that is there is of another reference: remove it");
	else if (!CMS_add1_signer(cms, cert, key, EVP_sha256(), CMS_BINARY |
				  CMS_NOSMIMECAP | CMS_REUSE_DIGEST))
		ret = bad(-EINVAL, why, "OpenSSL could not sign with this key");
	else
		ret = cms_write(cms, to);
	CMS_ContentInfo_free(cms);
	return ret;
}

int fw_signature_add(const void *data, size_t size, struct fw_buffer *cms,
		     const char *key, const char *cert, char why[160])
{
	BIO *bio = BIO_new_mem_buf(data, (int)size);
	EVP_PKEY *pkey = key_read(key);
	X509 *x509 = fw_cert_read(cert);
	int ret = -EBADMSG;

	if (!bio || !pkey)
		bad(ret, why, "%.100s: no private key that can be read", key);
	else if (!x509)
		bad(ret, why, "%.100s: no certificate", cert);
	else if (X509_check_private_key(x509, pkey) != 1)
		ret = bad(-EINVAL, why, "key and certificate do not belong together");
	else if (cms->size)
		ret = next_signature(bio, pkey, x509, cms, why);
	else
		ret = first_signature(bio, pkey, x509, cms, why);
	X509_free(x509);
	EVP_PKEY_free(pkey);
	BIO_free(bio);
	ERR_clear_error();
	return ret;
}
