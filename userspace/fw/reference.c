// SPDX-License-Identifier: GPL-2.0-only
/* References in memory. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference.h"

static const char *const rules[FW_RULES] = {
	[FW_RULE_EQUAL] = "equal",
	[FW_RULE_SUPERSET] = "superset",
	[FW_RULE_SUBSET] = "subset",
	[FW_RULE_AT_LEAST] = "at-least",
	[FW_RULE_ANY] = "any",
	[FW_RULE_ABSENT] = "absent",
};

static const char *const ima_rules[] = {
	[FW_IMA_IGNORE] = "ignore",
	[FW_IMA_NO_VIOLATION] = "no-violation",
	[FW_IMA_LISTED] = "listed",
};

#define IMA_RULES	(sizeof(ima_rules) / sizeof(ima_rules[0]))

bool fw_class_find(const char *name, enum fw_class *class)
{
	unsigned int i;

	for (i = 0; i < FW_CLASSES; i++) {
		if (strcmp(fw_class_name(i), name))
			continue;
		*class = i;
		return true;
	}
	return false;
}

int fw_bad(char why[FW_WHY], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, FW_WHY, fmt, ap);
	va_end(ap);
	return -EBADMSG;
}

const char *fw_rule_name(enum fw_rule rule)
{
	return rules[rule];
}

bool fw_rule_find(const char *name, enum fw_rule *rule)
{
	unsigned int i;

	for (i = 0; i < FW_RULES; i++) {
		if (strcmp(rules[i], name))
			continue;
		*rule = i;
		return true;
	}
	return false;
}

const char *fw_ima_rule_name(enum fw_ima_rule rule)
{
	return ima_rules[rule];
}

bool fw_ima_rule_find(const char *name, enum fw_ima_rule *rule)
{
	unsigned int i;

	for (i = 0; i < IMA_RULES; i++) {
		if (strcmp(ima_rules[i], name))
			continue;
		*rule = i;
		return true;
	}
	return false;
}

bool fw_text_ok(const char *text, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return false;
	return true;
}

/* Room for one more at the end of an array, zeroed; NULL: no memory. */
static void *grow(void **array, size_t *count, size_t size)
{
	void *more = reallocarray(*array, *count + 1, size);
	char *last;

	if (!more)
		return NULL;
	*array = more;
	last = (char *)more + *count * size;
	memset(last, 0, size);
	++*count;
	return last;
}

static int add_text(char ***list, size_t *count, const char *text)
{
	char *copy, **slot;
	size_t i;

	for (i = 0; i < *count; i++)
		if (!strcmp((*list)[i], text))
			return -EEXIST;
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	slot = grow((void **)list, count, sizeof(*slot));
	if (!slot) {
		free(copy);
		return -ENOMEM;
	}
	*slot = copy;
	return 0;
}

static void free_texts(char **list, size_t count)
{
	while (count)
		free(list[--count]);
	free(list);
}

/* ---- entries */

static bool is_family(const char *name)
{
	size_t size = strlen(name);

	return size >= 2 && !strcmp(name + size - 2, ".*");
}

bool fw_entry_covers(const struct fw_entry *entry, const char *component)
{
	if (is_family(entry->name))
		return !strncmp(entry->name, component,
				strlen(entry->name) - 1);
	return !strcmp(entry->name, component);
}

struct fw_entry *fw_reference_find(const struct fw_reference *ref,
				   const char *component)
{
	struct fw_entry *best = NULL;
	size_t i;

	for (i = 0; i < ref->entry_count; i++) {
		struct fw_entry *entry = &ref->entries[i];

		if (!fw_entry_covers(entry, component))
			continue;
		if (!is_family(entry->name))
			return entry;
		if (!best || strlen(best->name) < strlen(entry->name))
			best = entry;
	}
	return best;
}

struct fw_entry *fw_reference_entry(const struct fw_reference *ref,
				    const char *name)
{
	size_t i;

	for (i = 0; i < ref->entry_count; i++)
		if (!strcmp(ref->entries[i].name, name))
			return &ref->entries[i];
	return NULL;
}

/* A star is at the end of a family's name, and nowhere else. */
static bool name_ok(const char *name)
{
	size_t size = strlen(name), star = strcspn(name, "*");

	return size && size < sizeof(((struct fw_entry *)0)->name) &&
	       fw_text_ok(name, size) &&
	       (star == size || (star == size - 1 && is_family(name)));
}

struct fw_entry *fw_reference_add(struct fw_reference *ref, const char *name)
{
	struct fw_entry *entry;

	if (!name_ok(name))
		return NULL;
	entry = grow((void **)&ref->entries, &ref->entry_count, sizeof(*entry));
	if (entry)
		strcpy(entry->name, name);
	return entry;
}

static bool same_value(const struct fw_value *value,
		       const struct fw_digests *digests, const char *text)
{
	bool any = false;
	unsigned int bank;

	for (bank = 0; bank < FW_BANKS; bank++) {
		const struct fw_digest *one = &digests->bank[bank];

		any |= one->size;
		if (value->digests.bank[bank].size != one->size ||
		    (one->size &&
		     !fw_digest_equal(&value->digests.bank[bank], one)))
			return false;
	}
	/* of a value with digests the text is but a remark */
	return any || (text && value->text && !strcmp(text, value->text));
}

int fw_entry_accept(struct fw_entry *entry, const struct fw_digests *digests,
		    const char *text)
{
	struct fw_value *value;
	char *copy = NULL;
	size_t i;

	for (i = 0; i < entry->value_count; i++)
		if (same_value(&entry->values[i], digests, text))
			return -EEXIST;
	if (text) {
		copy = strdup(text);
		if (!copy)
			return -ENOMEM;
	}
	value = grow((void **)&entry->values, &entry->value_count,
		     sizeof(*value));
	if (!value) {
		free(copy);
		return -ENOMEM;
	}
	value->digests = *digests;
	value->text = copy;
	return 0;
}

bool fw_entry_takes(const struct fw_entry *entry, enum fw_class class)
{
	return entry->class == class && entry->rule == FW_RULE_EQUAL &&
	       (class != FW_CLASS_LOADER ||
		!strncmp(entry->name, "loader.", 7));
}

int fw_entry_accept_signature(struct fw_entry *entry, const char *signature)
{
	return add_text(&entry->signatures, &entry->signature_count, signature);
}

static void free_entry(struct fw_entry *entry)
{
	while (entry->value_count)
		free(entry->values[--entry->value_count].text);
	free(entry->values);
	free_texts(entry->signatures, entry->signature_count);
	free(entry->version);
}

/* ---- machines, files, host checks */

const struct fw_machine *fw_reference_machine(const struct fw_reference *ref,
					      const uint8_t *key_name)
{
	size_t i;

	for (i = 0; i < ref->machine_count; i++)
		if (!memcmp(ref->machines[i].key_name, key_name,
			    FW_KEY_NAME_SIZE))
			return &ref->machines[i];
	return NULL;
}

int fw_reference_enrol(struct fw_reference *ref, const char *host,
		       const uint8_t *key_name)
{
	struct fw_machine *machine;

	if (fw_reference_machine(ref, key_name))
		return -EEXIST;
	machine = grow((void **)&ref->machines, &ref->machine_count,
		       sizeof(*machine));
	if (!machine)
		return -ENOMEM;
	memcpy(machine->key_name, key_name, FW_KEY_NAME_SIZE);
	strncpy(machine->host, host, sizeof(machine->host) - 1);
	return 0;
}

static int compare_files(const void *a, const void *b)
{
	const struct fw_ima_file *one = a, *other = b;
	int order = strcmp(one->alg, other->alg);

	if (!order)
		order = one->hash.size - other->hash.size;
	return order ? order :
	       memcmp(one->hash.bytes, other->hash.bytes, one->hash.size);
}

static int file_of(const char *alg, const struct fw_digest *hash,
		   struct fw_ima_file *file)
{
	if (strlen(alg) >= sizeof(file->alg))
		return -EINVAL;
	memset(file, 0, sizeof(*file));
	strcpy(file->alg, alg);
	file->hash = *hash;
	return 0;
}

bool fw_reference_has_file(const struct fw_reference *ref, const char *alg,
			   const struct fw_digest *hash)
{
	struct fw_ima_file file;

	return !file_of(alg, hash, &file) && ref->ima_file_count &&
	       bsearch(&file, ref->ima_files, ref->ima_file_count,
		       sizeof(file), compare_files);
}

int fw_reference_accept_file(struct fw_reference *ref, const char *alg,
			     const struct fw_digest *hash)
{
	struct fw_ima_file file, *slot;
	size_t at;
	int ret = file_of(alg, hash, &file);

	if (ret)
		return ret;
	if (fw_reference_has_file(ref, alg, hash))
		return -EEXIST;
	slot = grow((void **)&ref->ima_files, &ref->ima_file_count,
		    sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	/* mostly it is the last already: files come sorted */
	for (at = ref->ima_file_count - 1;
	     at && compare_files(&ref->ima_files[at - 1], &file) > 0; at--)
		ref->ima_files[at] = ref->ima_files[at - 1];
	ref->ima_files[at] = file;
	return 0;
}

int fw_reference_demand_host(struct fw_reference *ref, const char *check)
{
	return add_text(&ref->host, &ref->host_count, check);
}

void fw_reference_free(struct fw_reference *ref)
{
	while (ref->entry_count)
		free_entry(&ref->entries[--ref->entry_count]);
	free(ref->entries);
	free(ref->machines);
	free(ref->ima_files);
	free_texts(ref->host, ref->host_count);
	memset(ref, 0, sizeof(*ref));
}
