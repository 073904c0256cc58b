/* SPDX-License-Identifier: GPL-2.0-only */
/* In place of OpenSSL, what main.c makes of the AES-NI routines. */
#ifndef PK_EMULATED_EVP_H
#define PK_EMULATED_EVP_H

typedef struct evp_cipher_ctx EVP_CIPHER_CTX;
typedef struct evp_cipher EVP_CIPHER;

EVP_CIPHER_CTX *EVP_CIPHER_CTX_new(void);
void EVP_CIPHER_CTX_free(EVP_CIPHER_CTX *ctx);
const EVP_CIPHER *EVP_aes_128_xts(void);
const EVP_CIPHER *EVP_aes_256_xts(void);
int EVP_EncryptInit_ex(EVP_CIPHER_CTX *ctx, const EVP_CIPHER *cipher,
		       void *engine, const unsigned char *key,
		       const unsigned char *iv);
int EVP_EncryptUpdate(EVP_CIPHER_CTX *ctx, unsigned char *out, int *done,
		      const unsigned char *in, int len);

#endif
