// SPDX-License-Identifier: GPL-2.0-only
/*
 * The event log: see eventlog.h.
 *
 * SHA-1 only (TCG EFI Platform Specification 1.22, TCG_PCR_EVENT):
 *	u32 pcr | u32 type | 20 digest | u32 size | data
 * crypto-agile (PC Client Platform Firmware Profile, TCG_PCR_EVENT2):
 *	u32 pcr | u32 type | u32 count | {u16 alg, digest} ... | u32 size | data
 *
 * A crypto-agile log begins with one event of the old form, which says which
 * algorithms follow and how long their digests are.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "eventlog.h"
#include "eventtype.h"
#include "fault.h"

#define SHA1_SIZE	20
#define ALGS_MAX	16
#define SPEC_ID_03	"Spec ID Event03"
#define SPEC_ID_02	"Spec ID Event02"
#define SPEC_ID_00	"Spec ID Event00"
#define SIGNATURE_SIZE	16
#define LOCALITY	"StartupLocality"

struct alg {
	uint16_t id;
	uint16_t size;
};

struct parser {
	struct fw_eventlog *log;
	struct bytes in;
	struct alg algs[ALGS_MAX];
	unsigned int alg_count;
	size_t room;
};

#define add_fault(log, event, offset, ...) \
	fw_fault_add(&(log)->faults, &(log)->fault_count, event, offset, \
		     __VA_ARGS__)

/* ---- events ----------------------------------------------------------------- */

static struct fw_event *new_event(struct parser *p)
{
	struct fw_eventlog *log = p->log;

	if (log->count == p->room) {
		size_t room = p->room ? 2 * p->room : 64;
		void *events = reallocarray(log->events, room,
					    sizeof(*log->events));

		if (!events)
			return NULL;
		log->events = events;
		p->room = room;
	}
	memset(&log->events[log->count], 0, sizeof(*log->events));
	return &log->events[log->count];
}

/* The end of every event; false if the log ends before. */
static bool take_data(struct parser *p, struct fw_event *event)
{
	uint32_t size;

	if (!take_le32(&p->in, &size) || !take(&p->in, &event->data, size))
		return false;
	event->size = size;
	return true;
}

static bool take_legacy(struct parser *p, struct fw_event *event)
{
	struct fw_digest *sha1 = &event->digests.bank[FW_SHA1];
	const uint8_t *digest;

	if (!take_le32(&p->in, &event->pcr) || !take_le32(&p->in, &event->type) ||
	    !take(&p->in, &digest, SHA1_SIZE))
		return false;
	memcpy(sha1->bytes, digest, SHA1_SIZE);
	sha1->size = SHA1_SIZE;
	return take_data(p, event);
}

static const struct alg *find_alg(const struct parser *p, uint16_t id)
{
	unsigned int i;

	for (i = 0; i < p->alg_count; i++)
		if (p->algs[i].id == id)
			return &p->algs[i];
	return NULL;
}

/* 1 taken, 0 the log ends before, -EBADMSG an algorithm of unknown size. */
static int take_digest(struct parser *p, struct fw_event *event)
{
	const uint8_t *digest;
	struct fw_digest *to;
	const struct alg *alg;
	enum fw_bank bank;
	uint16_t id;

	if (!take_le16(&p->in, &id))
		return 0;
	alg = find_alg(p, id);
	if (!alg)
		return -EBADMSG;
	if (!take(&p->in, &digest, alg->size))
		return 0;
	if (!fw_bank_of_alg(id, &bank))
		return 1;
	to = &event->digests.bank[bank];
	if (to->size)
		return -EBADMSG;	/* twice */
	memcpy(to->bytes, digest, alg->size);
	to->size = (uint8_t)alg->size;
	return 1;
}

static int take_agile(struct parser *p, struct fw_event *event)
{
	uint32_t count, i;
	int ret;

	if (!take_le32(&p->in, &event->pcr) || !take_le32(&p->in, &event->type) ||
	    !take_le32(&p->in, &count))
		return 0;
	if (count > ALGS_MAX)
		return -EBADMSG;
	for (i = 0; i < count; i++) {
		ret = take_digest(p, event);
		if (ret <= 0)
			return ret;
	}
	return take_data(p, event);
}

/* ---- the header ---------------------------------------------------------------- */

/* What follows "Spec ID Event03": 0 or -EBADMSG. */
static int parse_spec_id(struct parser *p, const struct fw_event *event)
{
	struct bytes in = { event->data, event->size };
	enum fw_bank bank;
	uint32_t count, i;
	uint8_t vendor_size;

	/* signature, platform class, version, errata, size of uintn */
	if (!skip(&in, SIGNATURE_SIZE + 4 + 3 + 1) || !take_le32(&in, &count) ||
	    !count || count > ALGS_MAX)
		return -EBADMSG;
	for (i = 0; i < count; i++) {
		struct alg *alg = &p->algs[p->alg_count++];

		if (!take_le16(&in, &alg->id) || !take_le16(&in, &alg->size) ||
		    !alg->size || alg->size > FW_DIGEST_MAX)
			return -EBADMSG;
		if (!fw_bank_of_alg(alg->id, &bank))
			continue;
		if (alg->size != fw_bank_size(bank) || p->log->bank[bank])
			return -EBADMSG;
		p->log->bank[bank] = true;
	}
	/* some firmware leaves the vendor's part out */
	if (in.left && (!take_u8(&in, &vendor_size) || vendor_size != in.left))
		return add_fault(p->log, 0, event->offset,
				 "the header's vendor part has another length than it says");
	return 0;
}

static bool signed_as(const struct fw_event *event, const char *signature)
{
	return event->type == EV_NO_ACTION && event->size >= SIGNATURE_SIZE &&
	       !memcmp(event->data, signature, strlen(signature) + 1);
}

static void read_locality(struct fw_eventlog *log, const struct fw_event *event)
{
	if (signed_as(event, LOCALITY) && event->size > SIGNATURE_SIZE)
		log->startup_locality = event->data[SIGNATURE_SIZE];
}

/* ---- the whole ------------------------------------------------------------------ */

static bool all_are(const uint8_t *at, size_t size, uint8_t value)
{
	while (size && *at == value)
		at++, size--;
	return !size;
}

/* The log's buffer may be longer than the log: zeros, or ones, behind it. */
static bool is_padding(const struct bytes *in)
{
	return in->left && (all_are(in->at, in->left, 0) ||
			    all_are(in->at, in->left, 0xff));
}

static int check_banks(struct fw_eventlog *log, const struct fw_event *event)
{
	unsigned int bank;

	for (bank = 0; bank < FW_BANKS; bank++)
		if (log->bank[bank] && !event->digests.bank[bank].size)
			return add_fault(log, event->number, event->offset,
					 "it has no digest of bank %s",
					 fw_bank_name((enum fw_bank)bank));
	return 0;
}

static int check_event(struct parser *p, const struct fw_event *event)
{
	int ret = check_banks(p->log, event);

	if (!ret && event->pcr >= FW_PCRS && event->pcr != UINT32_MAX)
		ret = add_fault(p->log, event->number, event->offset,
				"there is no PCR %u", event->pcr);
	if (!ret && event->type == EV_NO_ACTION)
		read_locality(p->log, event);
	return ret;
}

/* 1: go on, 0: the end, or negative errno. */
static int parse_event(struct parser *p)
{
	struct fw_event *event = new_event(p);
	size_t offset = p->log->size - p->in.left;
	int ret;

	if (!event)
		return -ENOMEM;
	if (!p->in.left || is_padding(&p->in))
		return 0;
	event->number = p->log->count;
	event->offset = offset;
	ret = p->log->agile ? take_agile(p, event) : take_legacy(p, event);
	if (ret <= 0)
		return add_fault(p->log, event->number, offset, "%s",
				 ret ? "an algorithm that the header does not name, or names twice: nothing after it can be read" :
				       "the log ends in the middle of it");
	p->log->count++;
	ret = check_event(p, event);
	return ret ? ret : 1;
}

/* The first event, which is of the old form in any log. */
static int parse_first(struct parser *p)
{
	struct fw_event *event = new_event(p);

	if (!event)
		return -ENOMEM;
	if (is_padding(&p->in) || !take_legacy(p, event))
		return -EBADMSG;
	p->log->count = 1;
	p->log->agile = signed_as(event, SPEC_ID_03);
	if (p->log->agile)
		return parse_spec_id(p, event);
	p->log->bank[FW_SHA1] = true;
	if (event->pcr >= FW_PCRS || (event->type == EV_NO_ACTION &&
	    !signed_as(event, SPEC_ID_00) && !signed_as(event, SPEC_ID_02)))
		return add_fault(p->log, 0, 0, "the log has no header that is known");
	return 0;
}

int fw_eventlog_parse(const void *data, size_t size, struct fw_eventlog *log)
{
	struct parser p = { .log = log, .in = { data, size } };
	int ret;

	memset(log, 0, sizeof(*log));
	log->startup_locality = -1;
	log->size = size;
	if (size > FW_EVENTLOG_MAX)
		return -EFBIG;
	ret = parse_first(&p);
	if (!ret)
		do
			ret = parse_event(&p);
		while (ret > 0);
	if (ret)
		fw_eventlog_free(log);
	return ret;
}

void fw_eventlog_free(struct fw_eventlog *log)
{
	free(log->events);
	free(log->faults);
	memset(log, 0, sizeof(*log));
}

/* ---- replay -------------------------------------------------------------------- */

static void start_pcrs(const struct fw_eventlog *log, struct fw_pcrs *pcrs)
{
	unsigned int bank, pcr;

	memset(pcrs, 0, sizeof(*pcrs));
	for (bank = 0; bank < FW_BANKS; bank++) {
		size_t size = fw_bank_size((enum fw_bank)bank);

		pcrs->known[bank] = log->bank[bank];
		for (pcr = 0; pcr < FW_PCRS; pcr++) {
			struct fw_digest *value = &pcrs->value[bank][pcr];

			value->size = (uint8_t)size;
			/* dynamic ones, until something launches dynamically */
			if (pcr >= 17 && pcr <= 22)
				memset(value->bytes, 0xff, size);
		}
		/* TPM2_Startup at another locality leaves its number in PCR 0 */
		if (log->startup_locality > 0)
			pcrs->value[bank][0].bytes[size - 1] =
				(uint8_t)log->startup_locality;
	}
}

void fw_eventlog_replay(const struct fw_eventlog *log, size_t count,
			struct fw_pcrs *pcrs)
{
	unsigned int bank;
	size_t i;

	start_pcrs(log, pcrs);
	for (i = 0; i < count && i < log->count; i++) {
		const struct fw_event *event = &log->events[i];

		if (event->type == EV_NO_ACTION || event->pcr >= FW_PCRS)
			continue;
		for (bank = 0; bank < FW_BANKS; bank++) {
			const struct fw_digest *digest =
				&event->digests.bank[bank];

			/* a bank of which a digest or OpenSSL lacks is not known */
			if (pcrs->known[bank] && (!digest->size ||
			    fw_digest_extend((enum fw_bank)bank,
					     &pcrs->value[bank][event->pcr],
					     digest)))
				pcrs->known[bank] = false;
		}
	}
}
