/* SPDX-License-Identifier: GPL-2.0-only */
/* What log-in and the enrolment of persons share. */
#ifndef PROTKEY_CLI_LOGIN_H
#define PROTKEY_CLI_LOGIN_H

#include "cli.h"

/* 0, -ENOENT, or errors of protkey_state_check(). */
int person_find(const struct protkey_state *state, const char *name,
		struct protkey_person *person);
/* A service's, from its file: a status, and said why. */
int credential_read(const char *file, __u8 *credential);
/* The code of --code, or asked for; 0 without second factor: a status. */
int login_code(const struct protkey_person *person, __u32 *code);

/* ---- second factor (totp.c) ---- */

/* Letters of base32 (RFC 4648) of a secret of up to 64 bytes, with the NUL. */
#define BASE32_ROOM	105

void base32_text(const __u8 *bytes, size_t size, char text[BASE32_ROOM]);
/*
 * Show a secret to an authenticator: as an otpauth URI, and as a QR code where
 * standard output is a terminal, or if @qr.
 */
int totp_show(const char *domain, const struct protkey_person *person,
	      const __u8 *secret, size_t size, bool qr);

#endif
