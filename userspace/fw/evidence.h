/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Evidence: all that one machine can show of its boot, in one file.  JSON:
 *
 *	{ "protkey-evidence": 1, "machine": {"host", "machine-id", "boot-id",
 *	  "kernel", "time"}, "event-log": base64, "ima-log": base64,
 *	  "pcrs": {"sha256": {"0": hex ...}}, "quote": {"nonce": hex,
 *	  "attest": base64, "signature": base64,
 *	  "key": base64 (TPM2B_PUBLIC), "key-name": hex,
 *	  "ek-certificate": base64}, "host": {as `protkey fw host --json`},
 *	  "missing": text }
 *
 * Without a quote PCR values are a claim of whoever wrote the file.
 */
#ifndef PROTKEY_FW_EVIDENCE_H
#define PROTKEY_FW_EVIDENCE_H

#include <json-c/json.h>

#include "component.h"
#include "ima.h"

struct fw_buffer {
	uint8_t *data;
	size_t size;		/* 0 and data NULL: not there */
};

/* All NULL, zero or empty where the machine has none. */
struct fw_evidence {
	char host[65], machine_id[33], boot_id[37], kernel[65];
	uint64_t time;		/* seconds, the machine's clock */
	struct fw_buffer event_log, ima_log;
	struct fw_pcrs pcrs;
	struct fw_buffer nonce, attest, signature, key, ek_certificate;
	uint8_t key_name[34];
	bool quoted;
	struct json_object *host_checks;
	char missing[256];	/* why something is not there, in words */
};

/* From an untrusted file.  0, -EBADMSG and @why says what, -EFBIG, -ENOMEM. */
int fw_evidence_parse(const char *json, size_t size, struct fw_evidence *ev,
		      char why[160]);
struct json_object *fw_evidence_json(const struct fw_evidence *ev);
void fw_evidence_free(struct fw_evidence *ev);

enum fw_quote {
	FW_QUOTE_GOOD,
	FW_QUOTE_NONE,
	FW_QUOTE_MALFORMED,
	FW_QUOTE_SIGNATURE,	/* not made by the key */
	FW_QUOTE_NONCE,		/* of another request: replayed */
	FW_QUOTE_KEY,		/* by another key than expected: another TPM */
	FW_QUOTE_PCRS,		/* the values are not those that were signed */
	FW_QUOTE_RESTRICTED,	/* the key may sign what no TPM made */
	FW_QUOTES
};

/*
 * Checks signature, magic, nonce, key attributes and the digest over PCR
 * values.  @nonce (of @nonce_size) and @key_name NULL: any.  On GOOD @quoted
 * has just the values that are covered by the signature, and the counters are
 * set, which may be NULL.
 */
enum fw_quote fw_quote_check(const struct fw_evidence *ev, const void *nonce,
			     size_t nonce_size, const uint8_t *key_name,
			     struct fw_pcrs *quoted, uint32_t *reset_count,
			     uint32_t *restart_count);
const char *fw_quote_text(enum fw_quote quote);

#endif
