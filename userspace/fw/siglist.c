// SPDX-License-Identifier: GPL-2.0-only
/* What lists of signatures have in them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/x509.h>

#include "describe.h"
#include "siglist.h"

/* As they are in memory. */
static const uint8_t guid_x509[SIGNATURE_GUID] = {
	0xa1, 0x59, 0xc0, 0xa5, 0xe4, 0x94, 0xa7, 0x4a,
	0x87, 0xb5, 0xab, 0x15, 0x5c, 0x2b, 0xf0, 0x72
};
static const uint8_t guid_sha256[SIGNATURE_GUID] = {
	0x26, 0x16, 0xc4, 0xc1, 0x4c, 0x50, 0x92, 0x40,
	0xac, 0xa9, 0x41, 0xf9, 0x36, 0x93, 0x43, 0x28
};

void certificate_text(const uint8_t *der, size_t size, char *text, size_t room)
{
	const unsigned char *at = der;
	X509 *cert = d2i_X509(NULL, &at, (long)size);
	BIO *bio = BIO_new(BIO_s_mem());
	int got = 0;

	if (cert && bio && X509_NAME_print_ex(bio, X509_get_subject_name(cert),
					      0, XN_FLAG_RFC2253) > 0)
		got = BIO_read(bio, text, (int)room - 1);
	text[got > 0 ? got : 0] = '\0';
	BIO_free(bio);
	X509_free(cert);
}

struct lists {
	struct fw_component *of;
	unsigned int certificates, hashes, others;
	char *text;		/* subjects */
	size_t used, room;
};

static char *entry_name(const char *type, const struct fw_digest *digest)
{
	char *name = malloc(strlen(type) + 2 * digest->size + 2);

	if (name)
		fw_hex_encode(digest->bytes, digest->size,
			      name + sprintf(name, "%s:", type));
	return name;
}

static void add_subject(struct lists *l, const uint8_t *der, size_t size)
{
	char subject[256];
	int n;

	certificate_text(der, size, subject, sizeof(subject));
	if (!*subject || l->used >= l->room)
		return;
	n = snprintf(l->text + l->used, l->room - l->used, "%s%s",
		     l->used ? "; " : "", subject);
	l->used += n > 0 ? (size_t)n : 0;
}

static int add_signature(struct lists *l, const uint8_t *type,
			 const uint8_t *data, size_t size)
{
	struct fw_component *of = l->of;
	struct fw_digest digest;
	char **grown;
	char *name;

	if (!memcmp(type, guid_sha256, SIGNATURE_GUID) && size == 32) {
		l->hashes++;
		digest.size = 32;
		memcpy(digest.bytes, data, 32);
		name = entry_name("sha256", &digest);
	} else {
		bool cert = !memcmp(type, guid_x509, SIGNATURE_GUID);

		l->certificates += cert;
		l->others += !cert;
		if (cert)
			add_subject(l, data, size);
		if (fw_digest_of(FW_SHA256, data, size, &digest))
			return -ENOMEM;
		name = entry_name(cert ? "x509" : "other", &digest);
	}
	grown = reallocarray(of->signatures, of->signature_count + 1,
			     sizeof(*grown));
	if (!name || !grown) {
		free(name);
		if (grown)
			of->signatures = grown;
		return -ENOMEM;
	}
	of->signatures = grown;
	grown[of->signature_count++] = name;
	return 0;
}

static int add_list(struct lists *l, const struct signature_list *list)
{
	struct bytes in = list->entries;
	const uint8_t *entry;
	int ret = 0;

	while (!ret && take(&in, &entry, list->each))
		ret = add_signature(l, list->type, entry + SIGNATURE_OWNER,
				    list->each - SIGNATURE_OWNER);
	return ret;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int signature_lists(struct fw_component *of, struct bytes in, bool *valid,
		    char *text, size_t room)
{
	char subjects[400] = "";
	struct lists l = { .of = of, .text = subjects, .room = sizeof(subjects) };
	struct signature_list list;
	int ret = 0;

	while (!ret && take_signature_list(&in, &list))
		ret = add_list(&l, &list);
	*valid = !in.left;
	if (of->signature_count)
		qsort(of->signatures, of->signature_count,
		      sizeof(*of->signatures), compare);
	snprintf(text, room, "%u certificates, %u hashes%s%s%s%s",
		 l.certificates, l.hashes, l.others ? ", others" : "",
		 *subjects ? " (" : "", subjects, *subjects ? ")" : "");
	return ret;
}
