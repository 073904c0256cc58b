// SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later
/*
 * Sealed state v1 of a domain: parsing.
 *
 * pk_sealed_parse() checks structure only; whether the state is authentic is
 * known after its MAC was computed with a key derived from the master key.
 * It looks at every section once, and then at the sections before each pin: the
 * size of a state bounds that to some 10^7 short steps.
 */
#include "attest.h"
#include "der.h"
#include "sealdata.h"
#include "sealed.h"
#include "wire.h"

static_assert(sizeof(struct pk_sealed_header) == 192, "header on disk");
static_assert(sizeof(struct protkey_seal_params) == 88, "derivation context");
static_assert(sizeof(struct pk_section_seal) == 168, "seal on disk");
static_assert(sizeof(struct pk_section_register) == 224, "register on disk");
static_assert(sizeof(struct pk_section_admin) == 16, "administrator on disk");
static_assert(sizeof(struct pk_section_thresholds) == 16, "thresholds on disk");
static_assert(sizeof(struct pk_section_quota) == 24, "quotas on disk");
static_assert(sizeof(struct pk_section_measured) == 656, "demand on disk");
static_assert(sizeof(struct pk_section_volume) == 128, "pin on disk");
static_assert(sizeof(struct pk_section_person) == 248, "person on disk");

#define PK_SEALED_FLAGS		PROTKEY_DOMAIN_ONE_PERSON
#define PK_SEAL_KINDS		(PROTKEY_SEAL_SHARES + 1)
#define PK_SEAL_SHARES_MAX	16
#define PK_SECTION_ALIGN	8
#define PK_SEALED_MIN \
	(sizeof(struct pk_sealed_header) + PK_SEALED_MAC_SIZE)

static bool pk_name_char_ok(char c, bool first)
{
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
		return true;
	return !first && (c == '_' || c == '.' || c == '-');
}

bool pk_name_valid(const char *name)
{
	size_t i;

	for (i = 0; i < PROTKEY_NAME_SIZE && name[i]; i++)
		if (!pk_name_char_ok(name[i], i == 0))
			return false;
	return i > 0 && i < PROTKEY_NAME_SIZE && strcmp(name, "control");
}

/* A text field of @size bytes: a terminated string, then only zeros. */
static bool pk_text_padded(const __u8 *text, size_t size)
{
	size_t len = 0;

	while (len < size && text[len])
		len++;
	return len < size && !memchr_inv(text + len, 0, size - len);
}

static bool pk_text_printable(const __u8 *text)
{
	for (; *text; text++)
		if (*text < 0x20 || *text == 0x7f)
			return false;
	return true;
}

/* Where the sections end and the MAC begins. */
static size_t pk_sealed_end(const struct pk_sealed_header *header)
{
	return le32_to_cpu(header->length) - PK_SEALED_MAC_SIZE;
}

static bool pk_sealed_header_ok(const struct pk_sealed_header *header,
				size_t len)
{
	return le32_to_cpu(header->length) == len &&
	       !(le16_to_cpu(header->flags) & ~PK_SEALED_FLAGS) &&
	       pk_text_padded(header->name, sizeof(header->name)) &&
	       pk_name_valid((const char *)header->name) &&
	       memchr_inv(header->uuid, 0, sizeof(header->uuid)) &&
	       memchr_inv(header->pattern_current, 0,
			  sizeof(header->pattern_current)) &&
	       !memchr_inv(header->reserved, 0, sizeof(header->reserved));
}

/* What was seen of slots, a bit each: seals, and data by kind. */
struct pk_slots {
	unsigned int seals;
	unsigned int wanted[PK_SEAL_KINDS], data[PK_SEAL_KINDS];
};

bool pk_seal_has_data(unsigned int kind)
{
	return kind == PROTKEY_SEAL_TPM || kind == PROTKEY_SEAL_CLEVIS;
}

bool pk_seal_params_valid(const struct protkey_seal_params *params)
{
	if (params->slot >= PK_SEALED_SLOTS || params->reserved0 ||
	    params->reserved1 ||
	    memchr_inv(params->reserved2, 0, sizeof(params->reserved2)))
		return false;
	if (params->kind == PROTKEY_SEAL_PASSPHRASE)
		return params->time_cost && params->memory_kib &&
		       params->parallelism;
	/* how many shares open, of how many */
	if (params->kind == PROTKEY_SEAL_SHARES)
		return params->time_cost > 1 && !params->memory_kib &&
		       params->time_cost <= params->parallelism &&
		       params->parallelism <= PK_SEAL_SHARES_MAX;
	return !params->time_cost && !params->memory_kib &&
	       !params->parallelism;
}

/* The wire form in the order of this machine. */
static struct protkey_seal_params
pk_seal_params_host(const struct protkey_seal_params *wire)
{
	struct protkey_seal_params params = *wire;

	params.kind = le16_to_cpu((__force __le16)wire->kind);
	params.slot = le16_to_cpu((__force __le16)wire->slot);
	return params;
}

/*
 * The parameters lie in a packed stream of sections that are multiples of 8
 * long, so every field is aligned as far as the buffer is.
 */
static int pk_sealed_check_seal(const struct pk_section *section,
				struct pk_slots *slots)
{
	const struct pk_section_seal *seal = (const void *)section;
	struct protkey_seal_params params;

	if (le32_to_cpu(section->length) != sizeof(*seal))
		return -EBADMSG;
	params = pk_seal_params_host(&seal->params);
	if (params.kind >= PK_SEAL_KINDS)
		return -EOPNOTSUPP;
	if (!params.kind || !pk_seal_params_valid(&params) ||
	    slots->seals & (1U << params.slot))
		return -EBADMSG;
	slots->seals |= 1U << params.slot;
	if (pk_seal_has_data(params.kind))
		slots->wanted[params.kind] |= 1U << params.slot;
	return 0;
}

static int pk_sealed_check_data(const struct pk_section *section,
				struct pk_slots *slots)
{
	const struct pk_section_seal_data *data = (const void *)section;
	unsigned int *seen, bit;
	int ret = pk_seal_data_parse(section);

	if (ret)
		return ret;
	seen = &slots->data[le16_to_cpu(data->kind)];
	bit = 1U << le16_to_cpu(data->slot);
	if (*seen & bit)
		return -EBADMSG;
	*seen |= bit;
	return 0;
}

static bool pk_sealed_sector_size_ok(__u32 size)
{
	return size == 512 || size == 1024 || size == 2048 || size == 4096;
}

static int pk_sealed_check_volume(const struct pk_section *section)
{
	const struct pk_section_volume *volume = (const void *)section;

	if (le32_to_cpu(section->length) != sizeof(*volume))
		return -EBADMSG;
	if (!pk_text_padded(volume->cipher, sizeof(volume->cipher)) ||
	    !pk_text_padded(volume->label, sizeof(volume->label)) ||
	    !pk_text_printable(volume->cipher) ||
	    !pk_text_printable(volume->label) || !volume->cipher[0])
		return -EBADMSG;
	if (!memchr_inv(volume->uuid, 0, sizeof(volume->uuid)) ||
	    !memchr_inv(volume->pattern, 0, sizeof(volume->pattern)) ||
	    !pk_sealed_sector_size_ok(le32_to_cpu(volume->sector_size)) ||
	    le32_to_cpu(volume->key_size) != PROTKEY_BLOB_SIZE)
		return -EBADMSG;
	return 0;
}

/* Each part that is loaded has a pattern, no other has. */
static bool pk_sealed_parts_ok(const struct pk_section_register *reg)
{
	unsigned int i, loaded = le16_to_cpu(reg->loaded);

	for (i = 0; i < PROTKEY_MK_PARTS_MAX; i++)
		if (!memchr_inv(reg->parts[i], 0, sizeof(reg->parts[i])) !=
		    (i >= loaded))
			return false;
	return true;
}

static int pk_sealed_check_register(const struct pk_section *section)
{
	const struct pk_section_register *reg = (const void *)section;
	unsigned int loaded, wanted;
	__u32 flags;

	if (le32_to_cpu(section->length) != sizeof(*reg))
		return -EBADMSG;
	loaded = le16_to_cpu(reg->loaded);
	wanted = le16_to_cpu(reg->wanted);
	flags = le32_to_cpu(reg->flags);
	switch (le32_to_cpu(reg->which)) {
	case PROTKEY_MK_OLD:
		if (loaded || wanted || flags || reg->officers)
			return -EBADMSG;
		break;
	case PROTKEY_MK_NEW:
		if (!loaded || loaded > wanted ||
		    wanted < PROTKEY_MK_PARTS_MIN ||
		    wanted > PROTKEY_MK_PARTS_MAX ||
		    flags & ~PK_REGISTER_COMMITTED ||
		    (flags && loaded != wanted))
			return -EBADMSG;
		break;
	default:
		return -EBADMSG;
	}
	return pk_sealed_parts_ok(reg) ? 0 : -EBADMSG;
}

static int pk_sealed_check_admin(const struct pk_section *section)
{
	const struct pk_section_admin *admin = (const void *)section;
	size_t length = le32_to_cpu(section->length), size;
	const __u8 *der = (const __u8 *)(admin + 1);
	struct pk_cert cert;

	if (length < sizeof(*admin) || admin->reserved)
		return -EBADMSG;
	size = le32_to_cpu(admin->size);
	if (size > PROTKEY_ADMIN_CERT_MAX ||
	    length != pk_section_admin_length(size) ||
	    memchr_inv(der + size, 0, length - sizeof(*admin) - size))
		return -EBADMSG;
	return pk_cert_parse(der, size, &cert);
}

static int pk_sealed_check_thresholds(const struct pk_section *section)
{
	const struct pk_section_thresholds *t = (const void *)section;

	return le32_to_cpu(section->length) == sizeof(*t) &&
	       !memchr_inv(t->reserved, 0, sizeof(t->reserved)) ? 0 : -EBADMSG;
}

bool pk_quota_valid(const struct protkey_quota *quota)
{
	return quota->keys <= PROTKEY_QUOTA_KEYS &&
	       quota->sessions <= PROTKEY_QUOTA_SESSIONS_MAX &&
	       quota->tls_keys <= PROTKEY_QUOTA_TLS_KEYS && !quota->reserved;
}

/* The section in the order of this machine. */
static struct protkey_quota pk_quota_host(const struct pk_section_quota *wire)
{
	return (struct protkey_quota) {
		.keys = le32_to_cpu(wire->keys),
		.sessions = le32_to_cpu(wire->sessions),
		.tls_keys = le32_to_cpu(wire->tls_keys),
		.reserved = wire->reserved,
	};
}

static int pk_sealed_check_quota(const struct pk_section *section)
{
	struct protkey_quota quota;

	if (le32_to_cpu(section->length) != sizeof(struct pk_section_quota))
		return -EBADMSG;
	quota = pk_quota_host((const void *)section);
	return pk_quota_valid(&quota) ? 0 : -EBADMSG;
}

bool pk_person_params_valid(const struct protkey_seal_params *params)
{
	return (params->kind == PROTKEY_SEAL_PASSPHRASE ||
		params->kind == PROTKEY_SEAL_FILE) && !params->slot &&
	       pk_seal_params_valid(params);
}

bool pk_person_factor_valid(unsigned int factor, unsigned int digits)
{
	if (factor == PROTKEY_FACTOR_NONE)
		return !digits;
	return factor <= PROTKEY_FACTOR_TOTP_SHA256 && digits >= 6 && digits <= 8;
}

static int pk_sealed_check_person(const struct pk_section *section)
{
	const struct pk_section_person *person = (const void *)section;
	struct protkey_seal_params params;
	__u32 roles;

	if (le32_to_cpu(section->length) != sizeof(*person))
		return -EBADMSG;
	params = pk_seal_params_host(&person->params);
	roles = le32_to_cpu(person->roles);
	if (!pk_text_padded(person->name, sizeof(person->name)) ||
	    !pk_name_valid((const char *)person->name) || !person->id ||
	    !roles || roles >> PROTKEY_ROLES ||
	    le16_to_cpu(person->number) >= PROTKEY_PERSONS_MAX ||
	    !pk_person_factor_valid(person->factor, person->digits) ||
	    !pk_person_params_valid(&params))
		return -EBADMSG;
	return 0;
}

/* The section in the order of this machine. */
static void pk_measured_host(const struct pk_section_measured *wire,
			     struct protkey_measured *measured)
{
	*measured = wire->measured;
	measured->pcrs = le32_to_cpu((__force __le32)wire->measured.pcrs);
	measured->key_size = le16_to_cpu((__force __le16)wire->measured.key_size);
	measured->count = le16_to_cpu((__force __le16)wire->measured.count);
}

static int pk_sealed_check_measured(const struct pk_section *section)
{
	struct protkey_measured measured;

	if (le32_to_cpu(section->length) != sizeof(struct pk_section_measured))
		return -EBADMSG;
	pk_measured_host((const void *)section, &measured);
	return pk_measured_check(&measured) ? -EBADMSG : 0;
}

static int pk_sealed_check_section(const struct pk_section *section,
				   struct pk_slots *slots)
{
	if (le16_to_cpu(section->flags) & ~PK_SECTION_CRITICAL)
		return -EBADMSG;
	switch (le16_to_cpu(section->type)) {
	case PK_SECTION_SEAL:
		return pk_sealed_check_seal(section, slots);
	case PK_SECTION_VOLUME:
		return pk_sealed_check_volume(section);
	case PK_SECTION_MK_REGISTER:
		return pk_sealed_check_register(section);
	case PK_SECTION_ADMIN:
		return pk_sealed_check_admin(section);
	case PK_SECTION_THRESHOLD:
		return pk_sealed_check_thresholds(section);
	case PK_SECTION_SEAL_DATA:
		return pk_sealed_check_data(section, slots);
	case PK_SECTION_QUOTA:
		return pk_sealed_check_quota(section);
	case PK_SECTION_PERSON:
		return pk_sealed_check_person(section);
	case PK_SECTION_MEASURED:
		return pk_sealed_check_measured(section);
	case 0:
		return -EBADMSG;
	default:
		/* kept as it is, unless it says that it matters */
		if (le16_to_cpu(section->flags) & PK_SECTION_CRITICAL)
			return -EOPNOTSUPP;
		return 0;
	}
}

/* One pass over the sections, which must fill the space before the MAC. */
static int pk_sealed_check_sections(const struct pk_sealed_header *header)
{
	size_t at = sizeof(*header), end = pk_sealed_end(header);
	struct pk_slots slots = { 0 };
	__u32 count = 0;

	while (at < end) {
		const struct pk_section *section =
			(const void *)((const __u8 *)header + at);
		size_t length;
		int ret;

		if (end - at < sizeof(*section))
			return -EBADMSG;
		length = le32_to_cpu(section->length);
		if (length < sizeof(*section) || length > end - at ||
		    length % PK_SECTION_ALIGN)
			return -EBADMSG;
		ret = pk_sealed_check_section(section, &slots);
		if (ret)
			return ret;
		at += length;
		count++;
	}
	if (memcmp(slots.wanted, slots.data, sizeof(slots.wanted)))
		return -EBADMSG;
	return count == le32_to_cpu(header->sections) ? 0 : -EBADMSG;
}

/* The lengths are good by now: each pin is the first one of its volume. */
static bool pk_sealed_pins_unique(const struct pk_sealed_header *header)
{
	const struct pk_section *at = NULL;

	while ((at = pk_sealed_next(header, at))) {
		const struct pk_section_volume *volume = (const void *)at;

		if (le16_to_cpu(at->type) == PK_SECTION_VOLUME &&
		    pk_sealed_find_volume(header, volume->uuid) != volume)
			return false;
	}
	return true;
}

static unsigned int pk_sealed_count(const struct pk_sealed_header *header,
				    unsigned int type)
{
	const struct pk_section *at = NULL;
	unsigned int count = 0;

	while ((at = pk_sealed_next(header, at)))
		count += le16_to_cpu(at->type) == type;
	return count;
}

/* A register is in its section if the header has its pattern, and only once. */
static bool pk_sealed_registers_ok(const struct pk_sealed_header *header)
{
	unsigned int want = 0;

	if (memchr_inv(header->pattern_old, 0, sizeof(header->pattern_old))) {
		if (!pk_sealed_find_register(header, PROTKEY_MK_OLD))
			return false;
		want++;
	}
	if (memchr_inv(header->pattern_new, 0, sizeof(header->pattern_new))) {
		if (!pk_sealed_find_register(header, PROTKEY_MK_NEW))
			return false;
		want++;
	}
	return pk_sealed_count(header, PK_SECTION_MK_REGISTER) == want;
}

/* Administrators have thresholds that they can reach; one person has none. */
static bool pk_sealed_admins_ok(const struct pk_sealed_header *header)
{
	unsigned int i, admins = pk_sealed_count(header, PK_SECTION_ADMIN);
	const struct pk_section_thresholds *t = pk_sealed_find_thresholds(header);
	bool one = le16_to_cpu(header->flags) & PROTKEY_DOMAIN_ONE_PERSON;

	if (one == !!admins || !t == !!admins || admins > PROTKEY_ADMINS_MAX ||
	    pk_sealed_count(header, PK_SECTION_THRESHOLD) > 1)
		return false;
	for (i = 0; t && i < PROTKEY_CLASSES; i++)
		if (t->m[i] > admins || (!t->m[i] && i != PROTKEY_CLASS_DESTROY))
			return false;
	return true;
}

/* Each has a name and a number of his own, and one can administer, one unlock. */
static bool pk_sealed_persons_ok(const struct pk_sealed_header *header)
{
	const struct pk_section *at = NULL;
	__u32 numbers = 0, bit;

	while ((at = pk_sealed_next(header, at))) {
		const struct pk_section_person *person = (const void *)at;

		if (le16_to_cpu(at->type) != PK_SECTION_PERSON)
			continue;
		bit = 1U << le16_to_cpu(person->number);
		if (numbers & bit ||
		    pk_sealed_find_person(header, (const char *)person->name) != person)
			return false;
		numbers |= bit;
	}
	return !numbers ||
	       (pk_sealed_persons(header, PROTKEY_ROLE_ADMINISTRATOR) &&
		pk_sealed_persons(header, PROTKEY_ROLE_OPERATOR));
}

int pk_sealed_parse(const void *buf, size_t len,
		    const struct pk_sealed_header **header)
{
	const struct pk_sealed_header *h = buf;
	int ret;

	if (len < PK_SEALED_MIN || len > PROTKEY_STATE_MAX)
		return -EBADMSG;
	if (memcmp(h->magic, PK_SEALED_MAGIC, sizeof(h->magic)))
		return -EBADMSG;
	if (le16_to_cpu(h->version) > PK_SEALED_VERSION)
		return -EOPNOTSUPP;
	if (le16_to_cpu(h->version) != PK_SEALED_VERSION ||
	    !pk_sealed_header_ok(h, len))
		return -EBADMSG;
	ret = pk_sealed_check_sections(h);
	if (ret)
		return ret;
	if (!pk_sealed_pins_unique(h) || !pk_sealed_registers_ok(h) ||
	    !pk_sealed_admins_ok(h) || !pk_sealed_persons_ok(h) ||
	    pk_sealed_count(h, PK_SECTION_QUOTA) > 1 ||
	    pk_sealed_count(h, PK_SECTION_MEASURED) > 1)
		return -EBADMSG;
	*header = h;
	return 0;
}

const struct pk_section *pk_sealed_next(const struct pk_sealed_header *header,
					const struct pk_section *prev)
{
	const __u8 *base = (const __u8 *)header;
	const __u8 *next = base + sizeof(*header);

	if (prev)
		next = (const __u8 *)prev + le32_to_cpu(prev->length);
	if ((size_t)(next - base) >= pk_sealed_end(header))
		return NULL;
	return (const struct pk_section *)next;
}

const struct pk_section_seal *
pk_sealed_find_seal(const struct pk_sealed_header *header, unsigned int slot)
{
	const struct pk_section *at = NULL;

	while ((at = pk_sealed_next(header, at))) {
		const struct pk_section_seal *seal = (const void *)at;

		if (le16_to_cpu(at->type) == PK_SECTION_SEAL &&
		    le16_to_cpu((__force __le16)seal->params.slot) == slot)
			return seal;
	}
	return NULL;
}

const struct pk_section_volume *
pk_sealed_find_volume(const struct pk_sealed_header *header, const __u8 *uuid)
{
	const struct pk_section *at = NULL;

	while ((at = pk_sealed_next(header, at))) {
		const struct pk_section_volume *volume = (const void *)at;

		if (le16_to_cpu(at->type) == PK_SECTION_VOLUME &&
		    !memcmp(volume->uuid, uuid, sizeof(volume->uuid)))
			return volume;
	}
	return NULL;
}

const struct pk_section_register *
pk_sealed_find_register(const struct pk_sealed_header *header,
			unsigned int which)
{
	const struct pk_section *at = NULL;

	while ((at = pk_sealed_next(header, at))) {
		const struct pk_section_register *reg = (const void *)at;

		if (le16_to_cpu(at->type) == PK_SECTION_MK_REGISTER &&
		    le32_to_cpu(reg->which) == which)
			return reg;
	}
	return NULL;
}

unsigned int pk_sealed_admins(const struct pk_sealed_header *header)
{
	return pk_sealed_count(header, PK_SECTION_ADMIN);
}

static const struct pk_section *
pk_sealed_find(const struct pk_sealed_header *header, unsigned int type)
{
	const struct pk_section *at = NULL;

	while ((at = pk_sealed_next(header, at)))
		if (le16_to_cpu(at->type) == type)
			break;
	return at;
}

const struct pk_section_thresholds *
pk_sealed_find_thresholds(const struct pk_sealed_header *header)
{
	return (const void *)pk_sealed_find(header, PK_SECTION_THRESHOLD);
}

const struct pk_section_quota *
pk_sealed_find_quota(const struct pk_sealed_header *header)
{
	return (const void *)pk_sealed_find(header, PK_SECTION_QUOTA);
}

void pk_sealed_quota(const struct pk_sealed_header *header,
		     struct protkey_quota *quota)
{
	const struct pk_section_quota *found = pk_sealed_find_quota(header);

	if (found) {
		*quota = pk_quota_host(found);
		return;
	}
	*quota = (struct protkey_quota) {
		.keys = PROTKEY_QUOTA_KEYS,
		.sessions = PROTKEY_QUOTA_SESSIONS,
		.tls_keys = PROTKEY_QUOTA_TLS_KEYS,
	};
}

const struct pk_section_person *
pk_sealed_find_person(const struct pk_sealed_header *header, const char *name)
{
	const struct pk_section *at = NULL;

	while ((at = pk_sealed_next(header, at))) {
		const struct pk_section_person *person = (const void *)at;

		if (le16_to_cpu(at->type) == PK_SECTION_PERSON &&
		    !strcmp((const char *)person->name, name))
			return person;
	}
	return NULL;
}

unsigned int pk_sealed_persons(const struct pk_sealed_header *header, __u32 roles)
{
	const struct pk_section *at = NULL;
	unsigned int count = 0;

	while ((at = pk_sealed_next(header, at))) {
		const struct pk_section_person *person = (const void *)at;

		count += le16_to_cpu(at->type) == PK_SECTION_PERSON &&
			 le32_to_cpu(person->roles) & roles ? 1 : 0;
	}
	return count;
}

const struct pk_section *
pk_sealed_find_measured(const struct pk_sealed_header *header)
{
	return pk_sealed_find(header, PK_SECTION_MEASURED);
}

bool pk_sealed_measured(const struct pk_sealed_header *header,
			struct protkey_measured *measured)
{
	const struct pk_section *found = pk_sealed_find_measured(header);

	if (found)
		pk_measured_host((const void *)found, measured);
	return found;
}
