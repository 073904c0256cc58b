// SPDX-License-Identifier: GPL-2.0-only
/* KBKDF, AES-256-KWP and CMAC by OpenSSL 3, with published vectors. */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "recover.h"

/*
 * @framed: label || 00 || context || [L] are what is hashed after the counter;
 * else it is the label alone, as in NIST's vectors.
 */
static int kbkdf(const uint8_t ki[KEY_SIZE], const void *label,
		 size_t label_size, const void *context, size_t context_size,
		 int framed, uint8_t *out, size_t size)
{
	char mac[] = "CMAC", cipher[] = "AES-256-CBC", mode[] = "counter";
	EVP_KDF *type = EVP_KDF_fetch(NULL, "KBKDF", NULL);
	EVP_KDF_CTX *ctx = type ? EVP_KDF_CTX_new(type) : NULL;
	OSSL_PARAM params[9], *p = params;
	int ok;

	*p++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_MAC, mac, 0);
	*p++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_CIPHER, cipher, 0);
	*p++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_MODE, mode, 0);
	*p++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY,
						 (void *)ki, KEY_SIZE);
	*p++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT,
						 (void *)label, label_size);
	if (context_size)
		*p++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO,
							 (void *)context,
							 context_size);
	*p++ = OSSL_PARAM_construct_int(OSSL_KDF_PARAM_KBKDF_USE_L, &framed);
	*p++ = OSSL_PARAM_construct_int(OSSL_KDF_PARAM_KBKDF_USE_SEPARATOR,
					&framed);
	*p = OSSL_PARAM_construct_end();
	ok = ctx && EVP_KDF_derive(ctx, out, size, params) == 1;
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(type);
	return ok ? 0 : -1;
}

int kdf(const uint8_t ki[KEY_SIZE], const char *label, const void *context,
	size_t context_size, uint8_t *out, size_t size)
{
	return kbkdf(ki, label, strlen(label), context, context_size, 1, out,
		     size);
}

int kdf_fixed(const uint8_t ki[KEY_SIZE], const void *fixed, size_t fixed_size,
	      uint8_t *out, size_t size)
{
	return kbkdf(ki, fixed, fixed_size, NULL, 0, 0, out, size);
}

int unwrap(const uint8_t kek[KEY_SIZE], const void *wrapped, size_t size,
	   uint8_t *out, size_t *out_size)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-256-WRAP-PAD", NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t plain[256];
	int len = 0, ok;

	if (ctx)
		EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	ok = cipher && ctx && size <= sizeof(plain) &&
	     EVP_DecryptInit_ex2(ctx, cipher, kek, NULL, NULL) == 1 &&
	     EVP_DecryptUpdate(ctx, plain, &len, wrapped, (int)size) == 1 &&
	     len > 0;
	if (ok) {
		memcpy(out, plain, (size_t)len);
		*out_size = (size_t)len;
	}
	OPENSSL_cleanse(plain, sizeof(plain));
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	return ok ? 0 : -1;
}

int cmac(const uint8_t key[KEY_SIZE], const void *data, size_t size,
	 uint8_t mac[16])
{
	size_t len = 0;

	return EVP_Q_mac(NULL, "CMAC", NULL, "AES-256-CBC", NULL, key, KEY_SIZE,
			 data, size, mac, 16, &len) && len == 16 ? 0 : -1;
}

static void from_hex(const char *hex, uint8_t *bytes)
{
	long len;
	unsigned char *buf = OPENSSL_hexstr2buf(hex, &len);

	memcpy(bytes, buf, (size_t)len);
	OPENSSL_free(buf);
}

/* SP 800-38B, example 3 of AES-256 (40 bytes). */
static int selftest_cmac(void)
{
	uint8_t key[32], data[40], want[16], mac[16];

	from_hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", key);
	from_hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411", data);
	from_hex("aaf3d8f1de5640c232f5b169b9c911e6", want);
	return cmac(key, data, sizeof(data), mac) || memcmp(mac, want, 16);
}

/*
 * KBKDF: counter mode is one line of CMAC, so compute it by hand for two
 * blocks and compare.  That the two agree shows what OpenSSL puts where.
 */
static int selftest_kdf(void)
{
	static const char label[] = "label", context[] = "the context";
	uint8_t ki[32], input[64], want[32], out[32];
	size_t at;
	uint8_t i;

	for (i = 0; i < 32; i++)
		ki[i] = i;
	for (i = 1; i <= 2; i++) {
		memset(input, 0, sizeof(input));
		input[3] = i;
		memcpy(input + 4, label, 5);
		at = 4 + 5 + 1;
		memcpy(input + at, context, 11);
		at += 11;
		input[at + 2] = 1;	/* [L] = 256 bits, big-endian */
		if (cmac(ki, input, at + 4, want + 16 * (i - 1)))
			return -1;
	}
	return kdf(ki, label, context, 11, out, 32) || memcmp(out, want, 32);
}

/* NIST's KWP_AD_256 for SP 800-38F: the first of 8 bits, and it changed. */
static int selftest_unwrap(void)
{
	uint8_t kek[32], wrapped[16], want[1], out[256];
	size_t size = 0;

	from_hex("20e4ff6a88ffa9a2818b81702793d8a016722c2fa1ff445f24b9db293cb12069", kek);
	from_hex("85011dc927b167f411b0b8e21b11d819", wrapped);
	from_hex("d2", want);
	if (unwrap(kek, wrapped, sizeof(wrapped), out, &size) ||
	    size != sizeof(want) || memcmp(out, want, size))
		return -1;
	wrapped[0] ^= 1;
	return !unwrap(kek, wrapped, sizeof(wrapped), out, &size);
}

int selftest(void)
{
	return selftest_cmac() || selftest_kdf() || selftest_unwrap() ? -1 : 0;
}
