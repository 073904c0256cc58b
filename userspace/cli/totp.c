// SPDX-License-Identifier: GPL-2.0-only
/* The secret of a second factor, for an authenticator: URI and QR code. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <qrencode.h>

#include "login.h"

#define URI_MAX	512
#define QUIET	4	/* modules of margin, ISO/IEC 18004 */

void base32_text(const __u8 *bytes, size_t size, char text[BASE32_ROOM])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	unsigned int bits = 0, have = 0;
	size_t i;

	for (i = 0; i < size; i++) {
		bits = bits << 8 | bytes[i];
		for (have += 8; have >= 5; have -= 5)
			*text++ = letters[bits >> (have - 5) & 31];
	}
	if (have)
		*text++ = letters[bits << (5 - have) & 31];
	*text = '\0';
}

static bool dark(const QRcode *code, int x, int y)
{
	return x >= 0 && y >= 0 && x < code->width && y < code->width &&
	       code->data[y * code->width + x] & 1;
}

/* Two rows of modules a line, light ones lit: for terminals with dark background. */
static void print_code(const QRcode *code)
{
	static const char *const halves[2][2] = { { "█", "▀" }, { "▄", " " } };
	int x, y;

	for (y = -QUIET; y < code->width + QUIET; y += 2) {
		for (x = -QUIET; x < code->width + QUIET; x++)
			fputs(halves[dark(code, x, y)][dark(code, x, y + 1)], stdout);
		putchar('\n');
	}
}

static int show_qr(const char *uri)
{
	QRcode *code = QRcode_encodeString(uri, 0, QR_ECLEVEL_M, QR_MODE_8, 1);

	if (!code)
		return fail_errno(-errno, "QR code");
	print_code(code);
	protkey_secret_wipe(code->data, (size_t)(code->width * code->width));
	QRcode_free(code);
	return EXIT_OK;
}

int totp_show(const char *domain, const struct protkey_person *person,
	      const __u8 *secret, size_t size, bool qr)
{
	char *uri = protkey_secret_alloc(URI_MAX), base32[BASE32_ROOM];
	int ret, status = EXIT_OK;

	if (!uri)
		return fail_errno(-errno, "locked memory");
	base32_text(secret, size, base32);
	snprintf(uri, URI_MAX, "otpauth://totp/protkey:%s@%s?secret=%s&issuer=protkey&algorithm=%s&digits=%u&period=%d\n",
		 person->name, domain, base32,
		 person->factor == PROTKEY_FACTOR_TOTP_SHA1 ? "SHA1" : "SHA256",
		 person->digits, PROTKEY_TOTP_STEP);
	protkey_secret_wipe(base32, sizeof(base32));
	printf("second factor of %s, shown this once, for an authenticator:\n",
	       person->name);
	fflush(stdout);
	/* not through a buffer of stdio, which nobody wipes */
	ret = fd_write(STDOUT_FILENO, uri, strlen(uri));
	uri[strlen(uri) - 1] = '\0';
	if (ret)
		status = fail_errno(ret, "standard output");
	else if (qr || isatty(STDOUT_FILENO))
		status = show_qr(uri);
	protkey_secret_free(uri, URI_MAX);
	return status;
}
