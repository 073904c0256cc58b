// SPDX-License-Identifier: GPL-2.0-only
/* Evidence as JSON: see evidence.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "evidence.h"
#include "field.h"

#define WHY		160
#define VERSION		1
#define QUOTE_PART_MAX	4096	/* of what a TPM makes */
#define NONCE_MAX	64
#define CERTIFICATE_MAX	8192

static int bad(char why[WHY], const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static int bad(char why[WHY], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, WHY, fmt, ap);
	va_end(ap);
	return -EBADMSG;
}

/* ---- base64, RFC 4648 -------------------------------------------------------- */

/* OpenSSL skips blanks at the ends; nothing but the alphabet is wanted here. */
static bool is_base64(const char *text, size_t size)
{
	size_t body = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "abcdefghijklmnopqrstuvwxyz0123456789+/");

	return !(size % 4) && size - body <= 2 &&
	       strspn(text + body, "=") == size - body;
}

/* One text for the same bytes: the bits that padding leaves over are zero. */
static bool is_canonical(const char *text, size_t size, const uint8_t *bytes,
			 size_t pad)
{
	unsigned char last[5];

	EVP_EncodeBlock(last, bytes + size / 4 * 3 - 3, (int)(3 - pad));
	return !memcmp(last, text + size - 4, 4);
}

static int decode(const char *text, size_t max, struct fw_buffer *to)
{
	size_t size = strlen(text), pad;
	int got;

	if (!size || !is_base64(text, size) || size / 4 * 3 > max + 2)
		return -EBADMSG;
	pad = (text[size - 1] == '=') + (text[size - 2] == '=');
	to->data = malloc(size / 4 * 3);
	if (!to->data)
		return -ENOMEM;
	got = EVP_DecodeBlock(to->data, (const unsigned char *)text, (int)size);
	if (got < 0 || (size_t)got - pad > max ||
	    !is_canonical(text, size, to->data, pad)) {
		free(to->data);
		to->data = NULL;
		return -EBADMSG;
	}
	to->size = (size_t)got - pad;
	return 0;
}

static int add_base64(struct json_object *obj, const char *name,
		      const struct fw_buffer *from)
{
	char *text;

	if (!from->size)
		return 0;
	text = malloc((from->size + 2) / 3 * 4 + 1);
	if (!text)
		return -ENOMEM;
	EVP_EncodeBlock((unsigned char *)text, from->data, (int)from->size);
	json_object_object_add(obj, name, json_object_new_string(text));
	free(text);
	return 0;
}

/* ---- reading ------------------------------------------------------------------- */

/* Missing fields are no error: that is what there is evidence of. */
static int read_buffer(struct json_object *obj, const char *name, size_t max,
		       struct fw_buffer *to, char why[WHY])
{
	const char *text;
	int ret = fw_json_string(obj, name, &text);

	if (ret == -ENOENT)
		return 0;
	if (!ret)
		ret = decode(text, max, to);
	return ret == -EBADMSG ? bad(why, "\"%s\" is no base64, or too long", name) :
				 ret;
}

static int read_text(struct json_object *obj, const char *name, char *to,
		     size_t room, char why[WHY])
{
	int ret = fw_json_text(obj, name, to, room);

	if (!ret || ret == -ENOENT)
		return 0;
	return bad(why, "\"%s\" is no text of less than %zu bytes", name, room);
}

static int read_inner(struct json_object *obj, const char *name,
		      const char *const *names, struct json_object **inner,
		      char why[WHY])
{
	const char *unknown;
	int ret = fw_json_object(obj, name, inner);

	if (ret == -ENOENT) {
		*inner = NULL;
		return 0;
	}
	if (ret)
		return bad(why, "\"%s\" is no object", name);
	unknown = names ? fw_json_unknown(*inner, names) : NULL;
	return unknown ? bad(why, "\"%s\" has an unknown field \"%.40s\"", name,
			     unknown) : 0;
}

static int read_machine(struct json_object *obj, struct fw_evidence *ev,
			char why[WHY])
{
	static const char *const names[] = { "host", "machine-id", "boot-id",
					     "kernel", "time", NULL };
	struct json_object *machine;
	int ret = read_inner(obj, "machine", names, &machine, why);

	if (ret || !machine)
		return ret;
	ret = read_text(machine, "host", ev->host, sizeof(ev->host), why);
	if (!ret)
		ret = read_text(machine, "machine-id", ev->machine_id,
				sizeof(ev->machine_id), why);
	if (!ret)
		ret = read_text(machine, "boot-id", ev->boot_id,
				sizeof(ev->boot_id), why);
	if (!ret)
		ret = read_text(machine, "kernel", ev->kernel,
				sizeof(ev->kernel), why);
	if (!ret && fw_json_number(machine, "time", &ev->time) == -EBADMSG)
		ret = bad(why, "\"time\" is no number");
	return ret;
}

static int read_bank(struct json_object *values, enum fw_bank bank,
		     struct fw_pcrs *pcrs, char why[WHY])
{
	size_t size = fw_bank_size(bank);
	unsigned int pcr, count = 0;
	char name[4];

	for (pcr = 0; pcr < FW_PCRS; pcr++) {
		struct fw_digest *value = &pcrs->value[bank][pcr];
		const char *hex;
		int ret;

		snprintf(name, sizeof(name), "%u", pcr);
		ret = fw_json_string(values, name, &hex);
		if (ret == -ENOENT)
			continue;
		if (ret || !fw_hex_decode(hex, value->bytes, size))
			return bad(why, "PCR %u of bank %s is not %zu bytes of hex",
				   pcr, fw_bank_name(bank), size);
		value->size = (uint8_t)size;
		count++;
	}
	if (count != (unsigned int)json_object_object_length(values))
		return bad(why, "bank %s has what is no PCR",
			   fw_bank_name(bank));
	pcrs->known[bank] = count > 0;
	return 0;
}

static int read_pcrs(struct json_object *obj, struct fw_evidence *ev,
		     char why[WHY])
{
	struct json_object *pcrs, *values;
	unsigned int i, banks = 0;
	int ret = read_inner(obj, "pcrs", NULL, &pcrs, why);

	if (ret || !pcrs)
		return ret;
	for (i = 0; i < FW_BANKS && !ret; i++) {
		ret = read_inner(pcrs, fw_bank_name((enum fw_bank)i), NULL,
				 &values, why);
		if (!ret && values) {
			ret = read_bank(values, (enum fw_bank)i, &ev->pcrs, why);
			banks++;
		}
	}
	if (!ret && banks != (unsigned int)json_object_object_length(pcrs))
		ret = bad(why, "\"pcrs\" has a bank that is not known");
	return ret;
}

static int read_hex(struct json_object *obj, const char *name,
		    struct fw_buffer *to, char why[WHY])
{
	const char *hex;
	size_t size;

	if (fw_json_string(obj, name, &hex))
		return bad(why, "the quote has no \"%s\" in hex", name);
	size = strlen(hex) / 2;
	if (!size || size > NONCE_MAX)
		return bad(why, "\"%s\" is empty or too long", name);
	to->data = malloc(size);
	if (!to->data)
		return -ENOMEM;
	to->size = size;
	return fw_hex_decode(hex, to->data, size) ? 0 :
	       bad(why, "\"%s\" is no hex", name);
}

static int read_quote(struct json_object *obj, struct fw_evidence *ev,
		      char why[WHY])
{
	static const char *const names[] = { "nonce", "attest", "signature",
					     "key", "key-name",
					     "ek-certificate", NULL };
	struct json_object *quote;
	const char *hex;
	int ret = read_inner(obj, "quote", names, &quote, why);

	if (ret || !quote)
		return ret;
	ret = read_hex(quote, "nonce", &ev->nonce, why);
	if (!ret)
		ret = read_buffer(quote, "attest", QUOTE_PART_MAX, &ev->attest,
				  why);
	if (!ret)
		ret = read_buffer(quote, "signature", QUOTE_PART_MAX,
				  &ev->signature, why);
	if (!ret)
		ret = read_buffer(quote, "key", QUOTE_PART_MAX, &ev->key, why);
	if (!ret)
		ret = read_buffer(quote, "ek-certificate", CERTIFICATE_MAX,
				  &ev->ek_certificate, why);
	if (!ret && (fw_json_string(quote, "key-name", &hex) ||
		     !fw_hex_decode(hex, ev->key_name, sizeof(ev->key_name))))
		ret = bad(why, "\"key-name\" is not %zu bytes of hex",
			  sizeof(ev->key_name));
	ev->quoted = !ret;
	return ret;
}

static int read_host(struct json_object *obj, struct fw_evidence *ev,
		     char why[WHY])
{
	struct json_object *host;
	int ret = read_inner(obj, "host", NULL, &host, why);

	if (!ret && host)
		ev->host_checks = json_object_get(host);
	return ret;
}

static int read_all(struct json_object *obj, struct fw_evidence *ev,
		    char why[WHY])
{
	static const char *const names[] = { "protkey-evidence", "machine",
					     "event-log", "ima-log", "pcrs",
					     "quote", "host", "missing", NULL };
	const char *unknown = fw_json_unknown(obj, names);
	uint64_t version;
	int ret;

	if (fw_json_number(obj, "protkey-evidence", &version))
		return bad(why, "is no evidence of `protkey fw measure`");
	if (version != VERSION)
		return bad(why, "is of version %llu: update protkey",
			   (unsigned long long)version);
	if (unknown)
		return bad(why, "has an unknown field \"%.40s\"", unknown);
	ret = read_machine(obj, ev, why);
	if (!ret)
		ret = read_buffer(obj, "event-log", FW_EVENTLOG_MAX,
				  &ev->event_log, why);
	if (!ret)
		ret = read_buffer(obj, "ima-log", FW_IMA_MAX, &ev->ima_log, why);
	if (!ret)
		ret = read_pcrs(obj, ev, why);
	if (!ret)
		ret = read_quote(obj, ev, why);
	if (!ret)
		ret = read_host(obj, ev, why);
	if (!ret)
		ret = read_text(obj, "missing", ev->missing,
				sizeof(ev->missing), why);
	return ret;
}

int fw_evidence_parse(const char *json, size_t size, struct fw_evidence *ev,
		      char why[WHY])
{
	struct json_object *obj;
	const char *said;
	int ret;

	memset(ev, 0, sizeof(*ev));
	why[0] = '\0';
	obj = fw_json_parse(json, size, &said);
	if (!obj)
		return bad(why, "%s", said);
	ret = read_all(obj, ev, why);
	json_object_put(obj);
	if (ret)
		fw_evidence_free(ev);
	return ret;
}

void fw_evidence_free(struct fw_evidence *ev)
{
	free(ev->event_log.data);
	free(ev->ima_log.data);
	free(ev->nonce.data);
	free(ev->attest.data);
	free(ev->signature.data);
	free(ev->key.data);
	free(ev->ek_certificate.data);
	json_object_put(ev->host_checks);
	memset(ev, 0, sizeof(*ev));
}

/* ---- writing -------------------------------------------------------------------- */

static void add_text(struct json_object *obj, const char *name, const char *text)
{
	if (*text)
		json_object_object_add(obj, name, json_object_new_string(text));
}

static void add_hex(struct json_object *obj, const char *name, const void *bytes,
		    size_t size)
{
	char hex[2 * NONCE_MAX + 1];

	fw_hex_encode(bytes, size, hex);
	json_object_object_add(obj, name, json_object_new_string(hex));
}

static void add_pcrs(struct json_object *obj, const struct fw_pcrs *pcrs)
{
	struct json_object *all = json_object_new_object();
	unsigned int bank, pcr;
	char name[4];

	for (bank = 0; bank < FW_BANKS; bank++) {
		struct json_object *values;

		if (!pcrs->known[bank])
			continue;
		values = json_object_new_object();
		for (pcr = 0; pcr < FW_PCRS; pcr++) {
			const struct fw_digest *value = &pcrs->value[bank][pcr];

			snprintf(name, sizeof(name), "%u", pcr);
			if (value->size)
				add_hex(values, name, value->bytes, value->size);
		}
		json_object_object_add(all, fw_bank_name((enum fw_bank)bank),
				       values);
	}
	json_object_object_add(obj, "pcrs", all);
}

static int add_quote(struct json_object *obj, const struct fw_evidence *ev)
{
	struct json_object *quote;
	int ret;

	if (!ev->quoted)
		return 0;
	quote = json_object_new_object();
	json_object_object_add(obj, "quote", quote);
	add_hex(quote, "nonce", ev->nonce.data, ev->nonce.size);
	ret = add_base64(quote, "attest", &ev->attest);
	if (!ret)
		ret = add_base64(quote, "signature", &ev->signature);
	if (!ret)
		ret = add_base64(quote, "key", &ev->key);
	if (!ret)
		ret = add_base64(quote, "ek-certificate", &ev->ek_certificate);
	add_hex(quote, "key-name", ev->key_name, sizeof(ev->key_name));
	return ret;
}

struct json_object *fw_evidence_json(const struct fw_evidence *ev)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *machine = json_object_new_object();
	int ret;

	json_object_object_add(obj, "protkey-evidence",
			       json_object_new_int(VERSION));
	add_text(machine, "host", ev->host);
	add_text(machine, "machine-id", ev->machine_id);
	add_text(machine, "boot-id", ev->boot_id);
	add_text(machine, "kernel", ev->kernel);
	json_object_object_add(machine, "time",
			       json_object_new_int64((int64_t)ev->time));
	json_object_object_add(obj, "machine", machine);
	ret = add_base64(obj, "event-log", &ev->event_log);
	if (!ret)
		ret = add_base64(obj, "ima-log", &ev->ima_log);
	add_pcrs(obj, &ev->pcrs);
	if (!ret)
		ret = add_quote(obj, ev);
	if (ev->host_checks)
		json_object_object_add(obj, "host",
				       json_object_get(ev->host_checks));
	add_text(obj, "missing", ev->missing);
	if (!ret)
		return obj;
	json_object_put(obj);
	return NULL;
}
