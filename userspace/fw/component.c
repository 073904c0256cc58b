// SPDX-License-Identifier: GPL-2.0-only
/* What a boot consisted of: see component.h. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"

static const char *const class_names[FW_CLASSES] = {
	[FW_CLASS_FIRMWARE] = "firmware",
	[FW_CLASS_SECURE_BOOT] = "secure-boot",
	[FW_CLASS_AUTHORITY] = "authority",
	[FW_CLASS_LOADER] = "loader",
	[FW_CLASS_KERNEL] = "kernel",
	[FW_CLASS_INITRD] = "initrd",
	[FW_CLASS_CMDLINE] = "command-line",
	[FW_CLASS_CONFIG] = "configuration",
	[FW_CLASS_ACTION] = "action",
	[FW_CLASS_OTHER] = "other",
};

const char *fw_class_name(enum fw_class class)
{
	return class_names[class];
}

/* ---- words ------------------------------------------------------------------- */

void describe_name(struct description *d, enum fw_class class, const char *fmt,
		   ...)
{
	va_list ap;

	d->of->class = class;
	va_start(ap, fmt);
	vsnprintf(d->of->name, sizeof(d->of->name), fmt, ap);
	va_end(ap);
}

int describe_text(struct description *d, const char *fmt, ...)
{
	va_list ap;
	char *at;
	int ret;

	free(d->of->text);
	va_start(ap, fmt);
	ret = vasprintf(&d->of->text, fmt, ap);
	va_end(ap);
	if (ret < 0) {
		d->of->text = NULL;
		return -ENOMEM;
	}
	for (at = d->of->text; *at; at++)
		if (!isprint((unsigned char)*at))
			*at = '?';
	return 0;
}

void describe_candidate(struct description *d, const void *data, size_t size)
{
	if (d->candidates < sizeof(d->candidate) / sizeof(d->candidate[0]))
		d->candidate[d->candidates++] = (struct bytes){ data, size };
}

void utf16_text(const uint8_t *data, size_t size, char *text, size_t room)
{
	size_t i, n = 0;

	for (i = 0; i + 1 < size && n + 1 < room; i += 2) {
		unsigned int c = data[i] | data[i + 1] << 8;

		if (!c)
			break;
		text[n++] = c < 0x80 && isprint((int)c) ? (char)c : '?';
	}
	text[n] = '\0';
}

void ascii_text(const uint8_t *data, size_t size, char *text, size_t room)
{
	size_t n;

	for (n = 0; n < size && n + 1 < room && data[n]; n++)
		text[n] = isprint(data[n]) ? (char)data[n] : '?';
	text[n] = '\0';
}

bool looks_utf16(const uint8_t *data, size_t size)
{
	size_t i;

	for (i = 0; i + 1 < size && (data[i] || data[i + 1]); i += 2)
		if (!isprint(data[i]) || data[i + 1])
			return false;
	return i > 0;
}

const char *base_name(const char *path)
{
	const char *at = path + strlen(path);

	while (at > path && at[-1] != '/' && at[-1] != '\\')
		at--;
	return at;
}

void slug_text(const char *from, char *slug, size_t room)
{
	size_t n = 0;

	for (; *from && n + 1 < room; from++) {
		if (isalnum((unsigned char)*from))
			slug[n++] = (char)tolower((unsigned char)*from);
		else if (n && slug[n - 1] != '-')
			slug[n++] = '-';
	}
	while (n && slug[n - 1] == '-')
		n--;
	slug[n] = '\0';
}

/* ---- was it measured ------------------------------------------------------------ */

/* Whether @data hash to the event's digest in every bank that can be computed. */
static bool hashes_to(const struct fw_digests *digests, struct bytes data)
{
	bool any = false;
	unsigned int bank;

	for (bank = 0; bank < FW_BANKS; bank++) {
		const struct fw_digest *want = &digests->bank[bank];
		struct fw_digest is;

		if (!want->size ||
		    fw_digest_of((enum fw_bank)bank, data.at, data.left, &is))
			continue;
		if (!fw_digest_equal(&is, want))
			return false;
		any = true;
	}
	return any;
}

static bool was_measured(const struct description *d)
{
	unsigned int i;

	for (i = 0; i < d->candidates; i++)
		if (hashes_to(&d->event->digests, d->candidate[i]))
			return true;
	return false;
}

/* ---- the list ---------------------------------------------------------------------- */

/* How many before have this name, with '#' for any number. */
static unsigned int count_alike(const struct fw_components *of,
				const char *name)
{
	const char *number = strchr(name, '#');
	size_t size = number ? (size_t)(number - name) : strlen(name);
	unsigned int count = 0;
	size_t i;

	for (i = 0; i < of->count; i++) {
		const char *other = of->list[i].name;

		if (strncmp(other, name, size))
			continue;
		other += size;
		if (number ? *other && strspn(other, "0123456789") ==
					       strlen(other) :
			     !*other || *other == '+')
			count++;
	}
	return count;
}

/* "x.#" becomes "x.0", "x.1" ...; another "x" becomes "x+2", "x+3" ... */
static void make_unique(const struct fw_components *of, char name[64])
{
	unsigned int alike = count_alike(of, name);
	char *number = strchr(name, '#');
	char suffix[12];

	snprintf(suffix, sizeof(suffix), number ? "%u" : "+%u",
		 number ? alike : alike + 1);
	if (!number && !alike)
		return;
	if (!number)
		number = name + strnlen(name, 63 - strlen(suffix));
	snprintf(number, (size_t)(64 - (number - name)), "%s", suffix);
}

static int describe_other(struct description *d)
{
	const char *type = fw_event_type_name(d->event->type);

	describe_name(d, FW_CLASS_OTHER, "other.%u.#", d->event->pcr);
	if (type)
		return describe_text(d, "%s, %zu bytes", type, d->event->size);
	return describe_text(d, "event of unknown type 0x%x, %zu bytes",
			     d->event->type, d->event->size);
}

static int describe(struct description *d)
{
	static int (*const describers[])(struct description *, bool *) = {
		describe_firmware, describe_variable, describe_image,
		describe_ipl,
	};
	bool mine = false;
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && !mine &&
		    i < sizeof(describers) / sizeof(describers[0]); i++)
		ret = describers[i](d, &mine);
	return ret || mine ? ret : describe_other(d);
}

static int add(struct fw_components *of, const struct fw_eventlog *log,
	       const struct fw_event *event, char *loader)
{
	struct fw_component *component = &of->list[of->count];
	struct description d = {
		.log = log, .event = event, .of = component, .loader = loader,
	};
	int ret;

	component->pcr = event->pcr;
	component->event = event->number;
	component->digests = event->digests;
	ret = describe(&d);
	component->data_measured = was_measured(&d);
	free(d.copy);
	make_unique(of, component->name);
	of->count++;	/* what it has is freed also after an error */
	return ret;
}

int fw_components_of(const struct fw_eventlog *log, struct fw_components *of)
{
	char loader[LOADER_ROOM] = "";
	size_t i;
	int ret = 0;

	memset(of, 0, sizeof(*of));
	of->list = calloc(log->count ? log->count : 1, sizeof(*of->list));
	if (!of->list)
		return -ENOMEM;
	for (i = 0; i < log->count && !ret; i++)
		/* remarks, which no PCR holds */
		if (log->events[i].type != EV_NO_ACTION)
			ret = add(of, log, &log->events[i], loader);
	if (ret)
		fw_components_free(of);
	return ret;
}

void fw_components_free(struct fw_components *of)
{
	size_t i, j;

	for (i = 0; i < of->count; i++) {
		struct fw_component *component = &of->list[i];

		for (j = 0; j < component->signature_count; j++)
			free(component->signatures[j]);
		free(component->signatures);
		free(component->text);
		free(component->version);
	}
	free(of->list);
	memset(of, 0, sizeof(*of));
}

const struct fw_component *fw_component_find(const struct fw_components *of,
					     const char *name)
{
	size_t i;

	for (i = 0; i < of->count; i++)
		if (!strcmp(of->list[i].name, name))
			return &of->list[i];
	return NULL;
}
