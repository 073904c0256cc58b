// SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later
/* A little DER: see der.h. */
#include "der.h"
#include "wire.h"

#define INTEGER		0x02
#define OID		0x06
#define UTC_TIME	0x17
#define GENERAL_TIME	0x18
#define SEQUENCE	0x30
#define SET		0x31
#define CONTEXT(n)	(0xa0 + (n))	/* constructed */

struct der {
	const __u8 *at, *end;
};

static bool der_is(const struct der *in, __u8 tag)
{
	return in->at < in->end && *in->at == tag;
}

/* The shortest form of a length, which is in @in as a whole. */
static bool der_length(struct der *in, size_t *length)
{
	size_t count, value = 0;

	if (in->at == in->end)
		return false;
	value = *in->at++;
	if (value >= 0x80) {
		count = value & 0x7f;
		if (!count || count > 3 || (size_t)(in->end - in->at) < count)
			return false;
		for (value = 0; count; count--) {
			value = value << 8 | *in->at++;
			if (!value)
				return false;
		}
		if (value < 0x80)
			return false;
	}
	*length = value;
	return value <= (size_t)(in->end - in->at);
}

/* Take an element of @tag off @in; @body may be NULL. */
static bool der_take(struct der *in, __u8 tag, struct der *body)
{
	size_t length;

	if (!der_is(in, tag))
		return false;
	in->at++;
	if (!der_length(in, &length))
		return false;
	if (body) {
		body->at = in->at;
		body->end = in->at + length;
	}
	in->at += length;
	return true;
}

static bool der_empty(const struct der *in)
{
	return in->at == in->end;
}

static bool der_equal(const struct der *in, const __u8 *bytes, size_t size)
{
	return (size_t)(in->end - in->at) == size &&
	       !memcmp(in->at, bytes, size);
}

/* ---- times ---------------------------------------------------------------- */

static bool digits(const __u8 **at, unsigned int count, unsigned int *value)
{
	*value = 0;
	for (; count; count--, (*at)++) {
		if (**at < '0' || **at > '9')
			return false;
		*value = *value * 10 + (**at - '0');
	}
	return true;
}

static bool leap(unsigned int year)
{
	return (!(year % 4) && year % 100) || !(year % 400);
}

static __s64 days_before(unsigned int year, unsigned int month)
{
	static const unsigned short before[] = { 0, 31, 59, 90, 120, 151, 181,
						 212, 243, 273, 304, 334 };
	unsigned int y = year - 1;

	return (__s64)y * 365 + y / 4 - y / 100 + y / 400 + before[month - 1] +
	       (month > 2 && leap(year)) - 719162;
}

static unsigned int days_of(unsigned int year, unsigned int month)
{
	if (month == 2)
		return leap(year) ? 29 : 28;
	return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/* Of RFC 5280: with seconds, in UTC, two-digit years from 1950 to 2049. */
static bool der_time(struct der *in, __s64 *time)
{
	unsigned int year, month, day, hour, minute, second;
	bool general = der_is(in, GENERAL_TIME);
	struct der text;
	const __u8 *at;

	if (!der_take(in, general ? GENERAL_TIME : UTC_TIME, &text) ||
	    text.end - text.at != (general ? 15 : 13))
		return false;
	at = text.at;
	if (!digits(&at, general ? 4 : 2, &year) || !digits(&at, 2, &month) ||
	    !digits(&at, 2, &day) || !digits(&at, 2, &hour) ||
	    !digits(&at, 2, &minute) || !digits(&at, 2, &second) || *at != 'Z')
		return false;
	if (!general)
		year += year < 50 ? 2000 : 1900;
	if (!year || !month || month > 12 || !day || day > days_of(year, month) ||
	    hour > 23 || minute > 59 || second > 59)
		return false;
	*time = ((days_before(year, month) + day - 1) * 24 + hour) * 3600 +
		minute * 60 + second;
	return true;
}

/* ---- certificates --------------------------------------------------------- */

int pk_cert_parse(const void *der, size_t size, struct pk_cert *cert)
{
	struct der in = { der, (const __u8 *)der + size };
	struct der all, tbs, validity;

	if (!der_take(&in, SEQUENCE, &all) || !der_empty(&in) ||
	    !der_take(&all, SEQUENCE, &tbs))
		return -EBADMSG;
	/* version, which version 1 lacks; serial number, algorithm, issuer */
	der_take(&tbs, CONTEXT(0), NULL);
	if (!der_take(&tbs, INTEGER, NULL) || !der_take(&tbs, SEQUENCE, NULL) ||
	    !der_take(&tbs, SEQUENCE, NULL) ||
	    !der_take(&tbs, SEQUENCE, &validity) ||
	    !der_time(&validity, &cert->not_before) ||
	    !der_time(&validity, &cert->not_after) || !der_empty(&validity))
		return -EBADMSG;
	/* subject */
	if (!der_take(&tbs, SEQUENCE, NULL))
		return -EBADMSG;
	cert->key = tbs.at;
	if (!der_take(&tbs, SEQUENCE, NULL))
		return -EBADMSG;
	cert->key_size = (size_t)(tbs.at - cert->key);
	return 0;
}

/* ---- signatures ----------------------------------------------------------- */

static bool digest_ok(struct der *signer)
{
	/* SHA-256, SHA-384, SHA-512: the last byte is 1, 2, 3 */
	static const __u8 sha2[] = { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04,
				     0x02 };
	struct der algorithm, oid;

	if (!der_take(signer, SEQUENCE, &algorithm) ||
	    !der_take(&algorithm, OID, &oid) ||
	    oid.end - oid.at != sizeof(sha2) + 1)
		return false;
	return !memcmp(oid.at, sha2, sizeof(sha2)) &&
	       oid.at[sizeof(sha2)] >= 1 && oid.at[sizeof(sha2)] <= 3;
}

static int check_signers(struct der *data)
{
	struct der signers, signer;

	if (!der_take(data, SET, &signers) || !der_empty(data) ||
	    !der_take(&signers, SEQUENCE, &signer) ||
	    !der_take(&signer, INTEGER, NULL))
		return -EBADMSG;
	if (!der_empty(&signers))
		return -EKEYREJECTED;
	/* issuer and serial number, or the key's identifier */
	if (!der_take(&signer, SEQUENCE, NULL) && !der_take(&signer, 0x80, NULL))
		return -EBADMSG;
	return digest_ok(&signer) ? 0 : -EKEYREJECTED;
}

int pk_cms_check(const void *der, size_t size)
{
	static const __u8 signed_data[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,
					    0x01, 0x07, 0x02 };
	static const __u8 plain_data[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,
					   0x01, 0x07, 0x01 };
	struct der in = { der, (const __u8 *)der + size };
	struct der all, oid, explicit, data, content;

	if (!der_take(&in, SEQUENCE, &all) || !der_empty(&in) ||
	    !der_take(&all, OID, &oid) ||
	    !der_equal(&oid, signed_data, sizeof(signed_data)) ||
	    !der_take(&all, CONTEXT(0), &explicit) || !der_empty(&all) ||
	    !der_take(&explicit, SEQUENCE, &data) || !der_empty(&explicit))
		return -EBADMSG;
	if (!der_take(&data, INTEGER, NULL) || !der_take(&data, SET, NULL) ||
	    !der_take(&data, SEQUENCE, &content) ||
	    !der_take(&content, OID, &oid) ||
	    !der_equal(&oid, plain_data, sizeof(plain_data)))
		return -EBADMSG;
	/* the text is the module's own; certificates, revocation lists */
	if (!der_empty(&content) || der_is(&data, CONTEXT(0)) ||
	    der_is(&data, CONTEXT(1)))
		return -EKEYREJECTED;
	return check_signers(&data);
}
