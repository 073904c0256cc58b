// SPDX-License-Identifier: GPL-2.0-only
/*
 * The AVX-512 routines on an emulated CPU, without an operating system: the
 * tests of selftests/native, with just enough of a C library.
 *
 * What they are compared with are the AES-NI routines, which pk-native compares
 * with OpenSSL on a real CPU (cipher_native).
 */

#include <openssl/evp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "native.h"

#define DECLARE_XTS(level)						\
	int pk_xts_enc128_##level(const struct pk_wk *, const struct pk_slot *,	\
				  u8 *, const u8 *, u8 *, u64);		\
	int pk_xts_dec128_##level(const struct pk_wk *, const struct pk_slot *,	\
				  u8 *, const u8 *, u8 *, u64);		\
	int pk_xts_enc256_##level(const struct pk_wk *, const struct pk_slot *,	\
				  u8 *, const u8 *, u8 *, u64);		\
	int pk_xts_dec256_##level(const struct pk_wk *, const struct pk_slot *,	\
				  u8 *, const u8 *, u8 *, u64)
#define XTS(level) {							\
	{ pk_xts_enc128_##level, NULL, pk_xts_enc256_##level },		\
	{ pk_xts_dec128_##level, NULL, pk_xts_dec256_##level },		\
}

DECLARE_XTS(aesni);
DECLARE_XTS(avx512_256);
DECLARE_XTS(avx512);

static const struct pk_level levels[] = {
	{ .name = "avx512-256", .cipher = { [PK_MODE_XTS] = XTS(avx512_256) } },
	{ .name = "avx512", .cipher = { [PK_MODE_XTS] = XTS(avx512) } },
};

/* The serial line, and the port by which Bochs is told to stop. */
static void out8(unsigned short port, u8 value)
{
	asm volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static u8 in8(unsigned short port)
{
	u8 value;

	asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void serial_init(void)
{
	out8(0x3fb, 0x83);		/* divisor 1: 115200 baud */
	out8(0x3f8, 1);
	out8(0x3f9, 0);
	out8(0x3fb, 3);			/* 8 bits */
}

int putchar(int c)
{
	while (!(in8(0x3fd) & 0x20))
		;
	out8(0x3f8, c);
	return c;
}

static void stop(void)
{
	const char *word;

	while (!(in8(0x3fd) & 0x40))
		;
	for (;;)
		for (word = "Shutdown"; *word; word++)
			out8(0x8900, *word);
}

/* C library: what the tests use of it. */
void *memcpy(void *dst, const void *src, size_t n)
{
	void *ret = dst;

	asm volatile("rep movsb" : "+D"(dst), "+S"(src), "+c"(n) : : "memory");
	return ret;
}

void *memset(void *dst, int c, size_t n)
{
	void *ret = dst;

	asm volatile("rep stosb" : "+D"(dst), "+c"(n) : "a"(c) : "memory");
	return ret;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const u8 *x = a, *y = b;

	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

static u64 state = 0x9e3779b97f4a7c15;

int rand(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state >> 33;
}

ssize_t getrandom(void *buf, size_t len, unsigned int flags)
{
	u8 *byte = buf;
	size_t i;

	(void)flags;
	for (i = 0; i < len; i++)
		byte[i] = rand();
	return len;
}

static void print_number(unsigned int n)
{
	if (n > 9)
		print_number(n / 10);
	putchar('0' + n % 10);
}

/* %s and %u. */
int vprintf(const char *format, va_list args)
{
	for (; *format; format++) {
		if (*format != '%') {
			putchar(*format);
		} else if (*++format == 's') {
			const char *s = va_arg(args, const char *);

			while (*s)
				putchar(*s++);
		} else {
			print_number(va_arg(args, unsigned int));
		}
	}
	return 0;
}

int printf(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	return 0;
}

FILE *stderr;

int fprintf(FILE *file, const char *format, ...)
{
	va_list args;

	(void)file;
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	return 0;
}

void perror(const char *what)
{
	printf("# %s\n", what);
}

void exit(int status)
{
	(void)status;
	stop();
	for (;;)
		;
}

/* The reference. */
struct evp_cipher_ctx {
	struct pk_slot slot;
	pk_cipher_fn fn;
	u8 iv[16];
};

static struct evp_cipher_ctx the_ctx;

EVP_CIPHER_CTX *EVP_CIPHER_CTX_new(void)
{
	return &the_ctx;
}

void EVP_CIPHER_CTX_free(EVP_CIPHER_CTX *ctx)
{
	(void)ctx;
}

const EVP_CIPHER *EVP_aes_128_xts(void)
{
	return (const EVP_CIPHER *)pk_xts_enc128_aesni;
}

const EVP_CIPHER *EVP_aes_256_xts(void)
{
	return (const EVP_CIPHER *)pk_xts_enc256_aesni;
}

int EVP_EncryptInit_ex(EVP_CIPHER_CTX *ctx, const EVP_CIPHER *cipher,
		       void *engine, const unsigned char *key,
		       const unsigned char *iv)
{
	(void)engine;
	ctx->fn = (pk_cipher_fn)cipher;
	native_import(&ctx->slot, key, ctx->fn == pk_xts_enc256_aesni ? 64 : 32);
	memcpy(ctx->iv, iv, 16);
	return 1;
}

int EVP_EncryptUpdate(EVP_CIPHER_CTX *ctx, unsigned char *out, int *done,
		      const unsigned char *in, int len)
{
	*done = len;
	return !ctx->fn(&native_wk, &ctx->slot, ctx->iv, in, out,
			(u64)len | 1UL << PK_XTS_FIRST_BIT);
}

/* KTAP, as in selftests/native/main.c. */
static unsigned int count, failed;

void native_result(int good, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("%s %u ", good ? "ok" : "not ok", ++count);
	vprintf(format, args);
	putchar('\n');
	va_end(args);
	failed += !good;
}

int main(void)
{
	unsigned int i;

	serial_init();
	printf("KTAP version 1\n");
	native_init();
	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		native_test_xts(&levels[i]);
		native_test_clear(&levels[i], 1);
	}
	printf("1..%u\n# Totals: pass:%u fail:%u xfail:0 xpass:0 skip:0 error:0\n",
	       count, count - failed, failed);
	stop();
	return 0;
}
