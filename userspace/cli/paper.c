// SPDX-License-Identifier: GPL-2.0-only
/* Secrets on paper: see paper.h. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "paper.h"
#include "../fw/digest.h"

#define LINES		4
#define LINE_BYTES	(PAPER_SECRET / LINES)
#define CHECK_BYTES	2

/* Of one line: it is tied to all that the text says of itself. */
static void line_check(const char *head, unsigned int line, const uint8_t *bytes,
		       uint8_t check[CHECK_BYTES])
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	const uint8_t number = (uint8_t)line;

	EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);
	EVP_DigestUpdate(ctx, head, strlen(head));
	EVP_DigestUpdate(ctx, &number, 1);
	EVP_DigestUpdate(ctx, bytes, LINE_BYTES);
	EVP_DigestFinal_ex(ctx, digest, NULL);
	EVP_MD_CTX_free(ctx);
	memcpy(check, digest, CHECK_BYTES);
}

size_t paper_write(const char *head, const uint8_t *secret, char *text)
{
	uint8_t line[LINE_BYTES + CHECK_BYTES];
	unsigned int i, byte;
	size_t at;

	at = (size_t)snprintf(text, PAPER_MAX, "%s", head);
	for (i = 0; i < LINES; i++) {
		memcpy(line, secret + i * LINE_BYTES, LINE_BYTES);
		line_check(head, i, line, line + LINE_BYTES);
		at += (size_t)snprintf(text + at, PAPER_MAX - at, "%u:", i + 1);
		for (byte = 0; byte < sizeof(line); byte++)
			at += (size_t)snprintf(text + at, PAPER_MAX - at, "%s%02x",
					       byte % 2 ? "" : " ", line[byte]);
		at += (size_t)snprintf(text + at, PAPER_MAX - at, "\n");
	}
	protkey_secret_wipe(line, sizeof(line));
	return at;
}

/* ---- reading -------------------------------------------------------------- */

char *paper_next_line(char **text)
{
	char *line = *text, *end;

	while (line && (*line == '\n' || *line == '\r'))
		line++;
	if (!line || !*line)
		return NULL;
	end = strpbrk(line, "\r\n");
	*text = end ? end + 1 : NULL;
	if (end)
		*end = '\0';
	return line;
}

/* Typed by hand: capitals, and spaces wherever. */
static bool parse_line(const char *text, const char *head, unsigned int line,
		       uint8_t *bytes)
{
	uint8_t all[LINE_BYTES + CHECK_BYTES] = { 0 }, check[CHECK_BYTES];
	char digits[2 * sizeof(all) + 1];
	unsigned int count = 0;
	bool fine;

	if (*text++ != (char)('1' + line) || *text++ != ':')
		return false;
	for (; *text; text++) {
		if (isspace((unsigned char)*text))
			continue;
		if (count == 2 * sizeof(all))
			break;
		digits[count++] = (char)tolower((unsigned char)*text);
	}
	digits[count] = '\0';
	fine = !*text && fw_hex_decode(digits, all, sizeof(all));
	line_check(head, line, all, check);
	fine = fine && !memcmp(check, all + LINE_BYTES, CHECK_BYTES);
	memcpy(bytes, all, LINE_BYTES);
	protkey_secret_wipe(all, sizeof(all));
	protkey_secret_wipe(digits, sizeof(digits));
	return fine;
}

int paper_read(const char *path, const char *head, char *text, uint8_t *secret)
{
	unsigned int i;
	char *line;

	for (i = 0; i < LINES; i++) {
		line = paper_next_line(&text);
		if (!line || !parse_line(line, head, i, secret + i * LINE_BYTES))
			return fail(EXIT_DAMAGED, "%s: line \"%u:\" is missing or not as it was written: compare it with the paper (or one of the first four)",
				    path, i + 1);
	}
	line = paper_next_line(&text);
	return line ? fail(EXIT_DAMAGED, "%s: there is more in it", path) : EXIT_OK;
}

char *paper_load(const char *path, int *status)
{
	char *text = protkey_secret_alloc(PAPER_MAX + 1);
	size_t size = 0;
	int ret;

	if (!text) {
		*status = fail_errno(-errno, "locked memory");
		return NULL;
	}
	ret = file_read(path, text, PAPER_MAX, &size);
	if (!ret)
		return text;
	*status = fail_errno(ret, path);
	paper_free(text);
	return NULL;
}

void paper_free(char *text)
{
	protkey_secret_free(text, PAPER_MAX + 1);
}
