// SPDX-License-Identifier: GPL-2.0-only
/* References as JSON: strict in, canonical out. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "field.h"
#include "reference.h"

#define FORMAT		"protkey-reference"
#define FORMAT_VERSION	1

/* Of something that was added: -EEXIST and -EINVAL are the file's fault. */
static int added(int ret, const char *what, char why[FW_WHY])
{
	return ret == -EEXIST ? fw_bad(why, "%s: the same twice", what) :
	       ret == -EINVAL ? fw_bad(why, "%s: not understood", what) : ret;
}

/* ---- in: an entry */

static int parse_value(struct json_object *obj, const struct fw_reference *ref,
		       struct fw_entry *entry, char why[FW_WHY])
{
	struct fw_digests digests;
	const char *text = NULL;
	unsigned int bank;
	size_t given = 0, wanted = 0;

	if (!json_object_is_type(obj, json_type_object))
		return fw_bad(why, "%.64s: a value is no object", entry->name);
	if (fw_json_string(obj, "text", &text) == -EBADMSG ||
	    (text && !fw_text_ok(text, strlen(text))))
		return fw_bad(why, "%.64s: a value's text is none", entry->name);
	if (!fw_json_digests(obj, "text", &digests))
		return fw_bad(why, "%.64s: a value's digest is none", entry->name);
	for (bank = 0; bank < FW_BANKS; bank++) {
		given += !!digests.bank[bank].size;
		wanted += ref->bank[bank];
		if (digests.bank[bank].size && !ref->bank[bank])
			return fw_bad(why, "%.64s: a digest of a bank that is not in \"banks\"",
				   entry->name);
	}
	if (given ? given != wanted : !text)
		return fw_bad(why, "%.64s: a value has not a digest in each bank",
			   entry->name);
	return added(fw_entry_accept(entry, &digests, text), entry->name, why);
}

static int parse_values(struct json_object *obj, const struct fw_reference *ref,
			struct fw_entry *entry, char why[FW_WHY])
{
	struct json_object *array;
	int ret = fw_json_array(obj, "accept", &array);
	size_t i;

	if (ret == -ENOENT)
		return 0;
	if (ret)
		return fw_bad(why, "%.64s: \"accept\" is no list", entry->name);
	for (i = 0; !ret && i < json_object_array_length(array); i++)
		ret = parse_value(json_object_array_get_idx(array, i), ref,
				  entry, why);
	return ret;
}

/* The strings of list @name in @obj, each handed to @add. */
static int parse_texts(struct json_object *obj, const char *name,
		       int (*add)(void *arg, const char *text), void *arg,
		       char why[FW_WHY])
{
	struct json_object *array;
	int ret = fw_json_array(obj, name, &array);
	size_t i;

	if (ret == -ENOENT)
		return 0;
	if (ret)
		return fw_bad(why, "\"%s\" is no list", name);
	for (i = 0; !ret && i < json_object_array_length(array); i++) {
		struct json_object *one = json_object_array_get_idx(array, i);
		const char *text = json_object_get_string(one);

		if (!json_object_is_type(one, json_type_string) ||
		    !fw_text_ok(text, (size_t)json_object_get_string_len(one)))
			return fw_bad(why, "\"%s\" has something that is no text",
				   name);
		ret = added(add(arg, text), name, why);
	}
	return ret;
}

static int add_signature(void *arg, const char *text)
{
	return fw_entry_accept_signature(arg, text);
}

/* Has @entry what its rule needs, and nothing that it would ignore? */
static int check_entry(const struct fw_entry *entry, char why[FW_WHY])
{
	/* none is a list too: of an empty dbx anything is a superset */
	bool lists = entry->rule == FW_RULE_SUPERSET ||
		     entry->rule == FW_RULE_SUBSET;

	if ((entry->rule == FW_RULE_EQUAL) != (entry->value_count > 0))
		return fw_bad(why, "%.64s: rule %s %s", entry->name,
			   fw_rule_name(entry->rule), entry->value_count ?
			   "takes no values" : "needs a value");
	if (!lists && entry->signature_count)
		return fw_bad(why, "%.64s: rule %s takes no signatures",
			   entry->name, fw_rule_name(entry->rule));
	if ((entry->rule == FW_RULE_AT_LEAST) != !!entry->version)
		return fw_bad(why, "%.64s: rule %s %s", entry->name,
			   fw_rule_name(entry->rule), entry->version ?
			   "takes no version" : "needs a version");
	if (entry->rule == FW_RULE_ABSENT && entry->required)
		return fw_bad(why, "%.64s: absent and required", entry->name);
	return 0;
}

static int parse_entry(const char *name, struct json_object *obj,
		       struct fw_reference *ref, char why[FW_WHY])
{
	static const char *const known[] = { "class", "rule", "required",
		"accept", "signatures", "version", NULL };
	const char *text = NULL, *unknown;
	struct fw_entry *entry = fw_reference_add(ref, name);
	int ret;

	if (!entry)
		return fw_bad(why, "a component's name is none: %.64s", name);
	if (!json_object_is_type(obj, json_type_object))
		return fw_bad(why, "%.64s: is no object", name);
	unknown = fw_json_unknown(obj, known);
	if (unknown)
		return fw_bad(why, "%.64s: unknown field %.40s", name, unknown);
	if (fw_json_string(obj, "class", &text) ||
	    !fw_class_find(text, &entry->class))
		return fw_bad(why, "%.64s: no class that is known", name);
	if (fw_json_string(obj, "rule", &text) ||
	    !fw_rule_find(text, &entry->rule))
		return fw_bad(why, "%.64s: no rule that is known", name);
	if (fw_json_bool(obj, "required", &entry->required) == -EBADMSG)
		return fw_bad(why, "%.64s: \"required\" is neither true nor false",
			   name);
	text = NULL;
	if (fw_json_string(obj, "version", &text) == -EBADMSG ||
	    (text && !fw_text_ok(text, strlen(text))))
		return fw_bad(why, "%.64s: \"version\" is no text", name);
	if (text && !(entry->version = strdup(text)))
		return -ENOMEM;
	ret = parse_values(obj, ref, entry, why);
	if (!ret)
		ret = parse_texts(obj, "signatures", add_signature, entry, why);
	return ret ? ret : check_entry(entry, why);
}

/* ---- in: the rest */

static int add_bank(void *arg, const char *text)
{
	struct fw_reference *ref = arg;
	enum fw_bank bank;

	if (!fw_bank_find(text, &bank))
		return -EINVAL;
	if (ref->bank[bank])
		return -EEXIST;
	ref->bank[bank] = true;
	return 0;
}

static int add_host(void *arg, const char *text)
{
	return fw_reference_demand_host(arg, text);
}

static int parse_pcrs(struct json_object *obj, struct fw_reference *ref,
		      char why[FW_WHY])
{
	struct json_object *array;
	size_t i;

	if (fw_json_array(obj, "pcrs", &array))
		return fw_bad(why, "\"pcrs\" is no list");
	for (i = 0; i < json_object_array_length(array); i++) {
		struct json_object *one = json_object_array_get_idx(array, i);
		int64_t pcr = json_object_get_int64(one);

		if (!json_object_is_type(one, json_type_int) || pcr < 0 ||
		    pcr >= FW_PCRS || ref->pcrs & 1U << pcr)
			return fw_bad(why, "\"pcrs\" has what is no PCR, or one twice");
		ref->pcrs |= 1U << pcr;
	}
	return ref->pcrs ? 0 : fw_bad(why, "\"pcrs\" has none");
}

static int parse_machine(struct json_object *obj, struct fw_reference *ref,
			 char why[FW_WHY])
{
	static const char *const known[] = { "host", "key-name", NULL };
	uint8_t key_name[FW_KEY_NAME_SIZE];
	char host[65] = "";
	const char *text;

	if (!json_object_is_type(obj, json_type_object) ||
	    fw_json_unknown(obj, known) ||
	    fw_json_text(obj, "host", host, sizeof(host)) == -EBADMSG ||
	    !fw_text_ok(host, strlen(host)) ||
	    fw_json_string(obj, "key-name", &text) ||
	    !fw_hex_decode(text, key_name, sizeof(key_name)))
		return fw_bad(why, "\"machines\" has one without a proper \"key-name\"");
	return added(fw_reference_enrol(ref, host, key_name), "machines", why);
}

static int parse_machines(struct json_object *obj, struct fw_reference *ref,
			  char why[FW_WHY])
{
	struct json_object *array;
	int ret = fw_json_array(obj, "machines", &array);
	size_t i;

	if (ret == -ENOENT)
		return 0;
	/* an empty list is not "any machine": that would be a trap */
	if (ret || !json_object_array_length(array))
		return fw_bad(why, "\"machines\" is no list, or is empty");
	for (i = 0; !ret && i < json_object_array_length(array); i++)
		ret = parse_machine(json_object_array_get_idx(array, i), ref,
				    why);
	return ret;
}

struct file_adder {
	struct fw_reference *ref;
	enum fw_bank bank;
};

static int add_file(void *arg, const char *text)
{
	const struct file_adder *to = arg;
	struct fw_digest hash = { .size = (uint8_t)fw_bank_size(to->bank) };

	if (!fw_hex_decode(text, hash.bytes, hash.size))
		return -EINVAL;
	return fw_reference_accept_file(to->ref, fw_bank_name(to->bank), &hash);
}

static int parse_files(struct json_object *ima, struct fw_reference *ref,
		       char why[FW_WHY])
{
	struct json_object *files;
	int ret = fw_json_object(ima, "files", &files);
	struct file_adder to = { .ref = ref };

	if (ret)
		return ret == -ENOENT ? 0 : fw_bad(why, "\"files\" is no object");
	json_object_object_foreach(files, name, inner) {
		(void)inner;
		if (!fw_bank_find(name, &to.bank))
			return fw_bad(why, "\"files\": unknown hash %.40s", name);
		ret = parse_texts(files, name, add_file, &to, why);
		if (ret)
			return ret;
	}
	return 0;
}

static int parse_ima(struct json_object *obj, struct fw_reference *ref,
		     char why[FW_WHY])
{
	static const char *const known[] = { "rule", "files", NULL };
	struct json_object *ima;
	const char *text;
	int ret = fw_json_object(obj, "ima", &ima);

	if (ret == -ENOENT)
		return 0;
	if (ret || fw_json_unknown(ima, known) ||
	    fw_json_string(ima, "rule", &text) ||
	    !fw_ima_rule_find(text, &ref->ima))
		return fw_bad(why, "\"ima\" has no proper \"rule\", or fields that are unknown");
	ret = parse_files(ima, ref, why);
	if (!ret && (ref->ima == FW_IMA_LISTED) != (ref->ima_file_count > 0))
		return fw_bad(why, "\"ima\": \"files\" go with rule listed");
	return ret;
}

static int parse_head(struct json_object *obj, struct fw_reference *ref,
		      char why[FW_WHY])
{
	static const char *const known[] = { FORMAT, "name", "serial",
		"not-after", "banks", "pcrs", "machines", "components", "ima",
		"host", NULL };
	const char *unknown = fw_json_unknown(obj, known);
	uint64_t version;
	unsigned int bank = 0;
	int ret;

	if (fw_json_number(obj, FORMAT, &version))
		return fw_bad(why, "this is no reference: no field \"%s\"", FORMAT);
	if (version != FORMAT_VERSION)
		return fw_bad(why, "format %llu: a newer protkey reads it",
			   (unsigned long long)version);
	if (unknown)
		return fw_bad(why, "unknown field %.40s", unknown);
	if (fw_json_text(obj, "name", ref->name, sizeof(ref->name)) ||
	    !*ref->name || !fw_text_ok(ref->name, strlen(ref->name)))
		return fw_bad(why, "no \"name\", or none of 1 to 64 letters");
	if (fw_json_number(obj, "serial", &ref->serial) || !ref->serial)
		return fw_bad(why, "no \"serial\" of 1 or more");
	if (fw_json_number(obj, "not-after", &ref->not_after) == -EBADMSG)
		return fw_bad(why, "\"not-after\" is no number of seconds");
	ret = parse_texts(obj, "banks", add_bank, ref, why);
	while (!ret && bank < FW_BANKS && !ref->bank[bank])
		bank++;
	if (!ret && bank == FW_BANKS)
		return fw_bad(why, "no \"banks\"");
	return ret;
}

static int parse(struct json_object *obj, struct fw_reference *ref,
		 char why[FW_WHY])
{
	struct json_object *components;
	int ret = parse_head(obj, ref, why);

	if (!ret)
		ret = parse_pcrs(obj, ref, why);
	if (!ret)
		ret = parse_machines(obj, ref, why);
	if (!ret)
		ret = parse_ima(obj, ref, why);
	if (!ret)
		ret = parse_texts(obj, "host", add_host, ref, why);
	if (ret)
		return ret;
	if (fw_json_object(obj, "components", &components) ||
	    !json_object_object_length(components))
		return fw_bad(why, "no \"components\"");
	json_object_object_foreach(components, name, inner) {
		ret = parse_entry(name, inner, ref, why);
		if (ret)
			return ret;
	}
	return 0;
}

int fw_reference_parse(const char *json, size_t size, struct fw_reference *ref,
		       char why[FW_WHY])
{
	const char *fault;
	struct json_object *obj = NULL;
	int ret = 0;

	memset(ref, 0, sizeof(*ref));
	if (size > FW_REFERENCE_MAX)
		return fw_bad(why, "over %u bytes", FW_REFERENCE_MAX);
	obj = fw_json_parse(json, size, &fault);
	if (!obj)
		return fw_bad(why, "%s", fault);
	ret = parse(obj, ref, why);
	json_object_put(obj);
	if (ret)
		fw_reference_free(ref);
	return ret;
}

/* ---- out */

static void add_texts(struct json_object *obj, const char *name, char **texts,
		      size_t count)
{
	struct json_object *array;
	size_t i;

	if (!count)
		return;
	array = json_object_new_array();
	for (i = 0; i < count; i++)
		json_object_array_add(array, json_object_new_string(texts[i]));
	json_object_object_add(obj, name, array);
}

static struct json_object *entry_json(const struct fw_entry *entry)
{
	struct json_object *obj = json_object_new_object(), *array;
	size_t i;

	json_object_object_add(obj, "class",
			       json_object_new_string(fw_class_name(entry->class)));
	json_object_object_add(obj, "rule",
			       json_object_new_string(fw_rule_name(entry->rule)));
	json_object_object_add(obj, "required",
			       json_object_new_boolean(entry->required));
	if (entry->version)
		json_object_object_add(obj, "version",
				       json_object_new_string(entry->version));
	add_texts(obj, "signatures", entry->signatures, entry->signature_count);
	if (!entry->value_count)
		return obj;
	array = json_object_new_array();
	for (i = 0; i < entry->value_count; i++) {
		const struct fw_value *value = &entry->values[i];
		struct json_object *one = json_object_new_object();

		fw_json_add_digests(one, &value->digests);
		if (value->text)
			json_object_object_add(one, "text",
					       json_object_new_string(value->text));
		json_object_array_add(array, one);
	}
	json_object_object_add(obj, "accept", array);
	return obj;
}

static struct json_object *machines_json(const struct fw_reference *ref)
{
	struct json_object *array = json_object_new_array();
	char text[2 * FW_KEY_NAME_SIZE + 1];
	size_t i;

	for (i = 0; i < ref->machine_count; i++) {
		struct json_object *one = json_object_new_object();

		fw_hex_encode(ref->machines[i].key_name, FW_KEY_NAME_SIZE, text);
		json_object_object_add(one, "host",
			json_object_new_string(ref->machines[i].host));
		json_object_object_add(one, "key-name",
				       json_object_new_string(text));
		json_object_array_add(array, one);
	}
	return array;
}

static struct json_object *ima_json(const struct fw_reference *ref)
{
	struct json_object *obj = json_object_new_object(), *files, *array;
	char text[2 * FW_DIGEST_MAX + 1];
	size_t i;

	json_object_object_add(obj, "rule",
		json_object_new_string(fw_ima_rule_name(ref->ima)));
	if (!ref->ima_file_count)
		return obj;
	files = json_object_new_object();
	for (i = 0; i < ref->ima_file_count; i++) {
		const struct fw_ima_file *file = &ref->ima_files[i];

		if (!json_object_object_get_ex(files, file->alg, &array)) {
			array = json_object_new_array();
			json_object_object_add(files, file->alg, array);
		}
		fw_hex_encode(file->hash.bytes, file->hash.size, text);
		json_object_array_add(array, json_object_new_string(text));
	}
	json_object_object_add(obj, "files", files);
	return obj;
}

static void add_head(struct json_object *obj, const struct fw_reference *ref)
{
	struct json_object *banks = json_object_new_array();
	struct json_object *pcrs = json_object_new_array();
	unsigned int i;

	json_object_object_add(obj, FORMAT,
			       json_object_new_int(FORMAT_VERSION));
	json_object_object_add(obj, "name", json_object_new_string(ref->name));
	json_object_object_add(obj, "serial",
			       json_object_new_uint64(ref->serial));
	if (ref->not_after)
		json_object_object_add(obj, "not-after",
				       json_object_new_uint64(ref->not_after));
	for (i = 0; i < FW_BANKS; i++)
		if (ref->bank[i])
			json_object_array_add(banks,
				json_object_new_string(fw_bank_name(i)));
	json_object_object_add(obj, "banks", banks);
	for (i = 0; i < FW_PCRS; i++)
		if (ref->pcrs & 1U << i)
			json_object_array_add(pcrs, json_object_new_int((int)i));
	json_object_object_add(obj, "pcrs", pcrs);
}

struct json_object *fw_reference_json(const struct fw_reference *ref)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *components = json_object_new_object();
	size_t i;

	if (!obj || !components) {
		json_object_put(obj);
		json_object_put(components);
		return NULL;
	}
	add_head(obj, ref);
	if (ref->machine_count)
		json_object_object_add(obj, "machines", machines_json(ref));
	if (ref->ima != FW_IMA_IGNORE)
		json_object_object_add(obj, "ima", ima_json(ref));
	add_texts(obj, "host", ref->host, ref->host_count);
	for (i = 0; i < ref->entry_count; i++)
		json_object_object_add(components, ref->entries[i].name,
				       entry_json(&ref->entries[i]));
	json_object_object_add(obj, "components", components);
	return obj;
}
