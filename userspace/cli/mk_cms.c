// SPDX-License-Identifier: GPL-2.0-only
/*
 * The KEK of a master-key part, encrypted to an officer's certificate: CMS (RFC 5652,
 * RFC 5083) with AES-256-GCM, to RSA by OAEP (RFC 3560), to elliptic curves by ECDH
 * (RFC 5753).  His card opens it as well: `openssl cms -decrypt`, then --kek-file.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <openssl/err.h>
#include <openssl/pem.h>	/* before cms.h, which then has PEM too */
#include <openssl/cms.h>
#include <openssl/rsa.h>

#include "mk.h"
#include "../fw/signature.h"

static int fail_openssl(const char *path, const char *what)
{
	unsigned long err = ERR_peek_last_error();
	const char *reason = err ? ERR_reason_error_string(err) : NULL;

	return fail(EXIT_AUTH, "%s: %s%s%s", path, what, reason ? ": " : "",
		    reason ? reason : "");
}

static bool add_recipient(CMS_ContentInfo *cms, X509 *cert)
{
	CMS_RecipientInfo *to = CMS_add1_recipient_cert(cms, cert, CMS_KEY_PARAM);
	EVP_PKEY_CTX *ctx;

	if (!to)
		return false;
	if (EVP_PKEY_get_base_id(X509_get0_pubkey(cert)) != EVP_PKEY_RSA)
		return true;
	ctx = CMS_RecipientInfo_get0_pkey_ctx(to);
	return ctx && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) > 0 &&
	       EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()) > 0;
}

static bool encrypt(X509 *cert, const __u8 *kek, char *pem, size_t room)
{
	CMS_ContentInfo *cms = CMS_encrypt(NULL, NULL, EVP_aes_256_gcm(),
					   CMS_PARTIAL | CMS_BINARY);
	BIO *in = BIO_new_mem_buf(kek, PROTKEY_KEK_SIZE), *out = BIO_new(BIO_s_mem());
	bool done = cms && in && out && add_recipient(cms, cert) &&
		    CMS_final(cms, in, NULL, CMS_BINARY) == 1 &&
		    PEM_write_bio_CMS(out, cms) == 1;
	char *data;
	long size = done ? BIO_get_mem_data(out, &data) : 0;

	done = size > 0 && (size_t)size < room;
	if (done) {
		memcpy(pem, data, (size_t)size);
		pem[size] = '\0';
	}
	BIO_free(in);
	BIO_free(out);
	CMS_ContentInfo_free(cms);
	return done;
}

int mk_cms_encrypt(const char *cert_path, const __u8 *kek, char pem[MK_CMS_ROOM])
{
	X509 *cert = fw_cert_read(cert_path);
	int status = EXIT_OK;

	if (!cert)
		return fail(EXIT_DAMAGED, "%s: no X.509 certificate (PEM or DER)",
			    cert_path);
	if (X509_cmp_current_time(X509_get0_notAfter(cert)) < 0)
		status = fail(EXIT_AUTH, "%s: the certificate has expired", cert_path);
	else if (!encrypt(cert, kek, pem, MK_CMS_ROOM))
		status = fail_openssl(cert_path, "nothing can be encrypted to it");
	X509_free(cert);
	return status;
}

/* A key file's own passphrase; asked once. */
static int ask(char *buf, int room, int writing, void *status)
{
	struct passphrase pass;
	int size;

	(void)writing;
	*(int *)status = passphrase_get(&pass, NULL, "Passphrase of the private key",
					false);
	if (*(int *)status)
		return -1;
	size = pass.size <= (size_t)room ? (int)pass.size : -1;
	if (size > 0)
		memcpy(buf, pass.data, pass.size);
	passphrase_free(&pass);
	return size;
}

static bool decrypt(const char *pem, EVP_PKEY *key, __u8 *kek)
{
	BIO *in = BIO_new_mem_buf(pem, -1), *out = BIO_new(BIO_s_mem());
	CMS_ContentInfo *cms = in ? PEM_read_bio_CMS(in, NULL, NULL, NULL) : NULL;
	char *data;
	bool done = cms && out &&
		    CMS_decrypt(cms, key, NULL, NULL, out, CMS_BINARY) == 1 &&
		    BIO_get_mem_data(out, &data) == PROTKEY_KEK_SIZE;

	if (done)
		memcpy(kek, data, PROTKEY_KEK_SIZE);
	CMS_ContentInfo_free(cms);
	BIO_free(in);
	BIO_free(out);		/* wipes what it holds */
	return done;
}

int mk_cms_decrypt(const char *path, const char *pem, const char *key_path,
		   __u8 *kek)
{
	BIO *in = BIO_new_file(key_path, "r");
	int status = EXIT_OK;
	EVP_PKEY *key;

	/* what OpenSSL works in is freed as it is, but never swapped out */
	if (mlockall(MCL_CURRENT | MCL_FUTURE)) {
		BIO_free(in);
		return fail_errno(-errno, "locked memory");
	}
	key = in ? PEM_read_bio_PrivateKey(in, NULL, ask, &status) : NULL;
	BIO_free(in);
	if (!key)
		return status ? status : fail_openssl(key_path, "no private key");
	if (!decrypt(pem, key, kek))
		status = fail(EXIT_AUTH, "%s was not encrypted to this key", path);
	EVP_PKEY_free(key);
	return status;
}
