// SPDX-License-Identifier: GPL-2.0-only
/*
 * NIST's vectors, from the file that cavp.py makes: a line each,
 *
 *	xts|ctr|cbc|ecb enc|dec KEY IV INPUT OUTPUT
 *	gcm enc|dec KEY IV INPUT OUTPUT AAD TAG
 *
 * in hexadecimal, "-" for nothing; whole blocks except with gcm.
 */

#include <stdlib.h>
#include <string.h>

#include "native.h"

#define FIELD_MAX	4096
#define MODES		5
#define GCM		4

static const char *const names[MODES] = {
	[PK_MODE_XTS] = "xts", [PK_MODE_CTR] = "ctr", [PK_MODE_CBC] = "cbc",
	[PK_MODE_ECB] = "ecb", [GCM] = "gcm",
};

struct field {
	u8 data[FIELD_MAX];
	unsigned int len;
};

struct vector {
	unsigned int mode, decrypt;
	struct field key, iv, in, out, aad, tag;
};

static int parse_field(struct field *field)
{
	const char *text = strtok(NULL, " \n");
	unsigned int byte;

	field->len = 0;
	if (!text || !strcmp(text, "-"))
		return text != NULL;
	for (; *text; text += 2) {
		if (field->len == FIELD_MAX || sscanf(text, "%2x", &byte) != 1)
			return 0;
		field->data[field->len++] = byte;
	}
	return 1;
}

static int parse(struct vector *v, char *line)
{
	const char *mode = strtok(line, " "), *direction = strtok(NULL, " ");

	if (!mode || !direction)
		return 0;
	for (v->mode = 0; v->mode < MODES; v->mode++)
		if (!strcmp(mode, names[v->mode]))
			break;
	v->decrypt = !strcmp(direction, "dec");
	return v->mode < MODES && parse_field(&v->key) && parse_field(&v->iv) &&
	       parse_field(&v->in) && parse_field(&v->out) &&
	       (v->mode != GCM || (parse_field(&v->aad) && parse_field(&v->tag)));
}

static int run_gcm(const struct pk_level *level, struct vector *v,
		   const struct pk_slot *slot)
{
	struct pk_gcm g = { .aad = v->aad.data, .aad_len = v->aad.len };
	int i;

	memcpy(g.counter, v->iv.data, 12);
	g.counter[15] = 2;
	for (i = 0; i < 4; i++) {
		g.lengths[7 - i] = v->aad.len * 8 >> 8 * i;
		g.lengths[15 - i] = v->in.len * 8 >> 8 * i;
	}
	return !level->gcm[v->decrypt][pk_key_size_index(v->key.len)](
			&native_wk, slot, &g, v->in.data, v->in.data,
			v->in.len | 1ULL << PK_GCM_FIRST_BIT |
			1ULL << PK_GCM_LAST_BIT) &&
	       !memcmp(g.tag, v->tag.data, v->tag.len);
}

static int run_cipher(const struct pk_level *level, struct vector *v,
		      const struct pk_slot *slot)
{
	unsigned int size = v->mode == PK_MODE_XTS ? v->key.len / 2 : v->key.len;

	return !level->cipher[v->mode][v->decrypt][pk_key_size_index(size)](
			&native_wk, slot, v->iv.data, v->in.data, v->in.data,
			v->in.len | 1ULL << PK_XTS_FIRST_BIT);
}

static int run(const struct pk_level *level, struct vector *v)
{
	struct pk_slot slot;

	native_import(&slot, v->key.data, v->key.len);
	return (v->mode == GCM ? run_gcm(level, v, &slot) :
				 run_cipher(level, v, &slot)) &&
	       !memcmp(v->in.data, v->out.data, v->out.len);
}

void native_test_vectors(const struct pk_level *level, const char *path)
{
	static char line[6 * 2 * FIELD_MAX];
	static struct vector v;
	unsigned int right[MODES] = { }, total[MODES] = { }, m;
	FILE *file = fopen(path, "r");

	if (!file) {
		perror(path);
		exit(1);
	}
	while (fgets(line, sizeof(line), file)) {
		if (!parse(&v, line)) {
			fprintf(stderr, "pk-native: %s: not a vector\n", path);
			exit(1);
		}
		if (v.mode == GCM && !level->gcm[0][0])
			continue;
		total[v.mode]++;
		right[v.mode] += run(level, &v);
	}
	fclose(file);
	for (m = 0; m < MODES; m++)
		native_result(total[m] && right[m] == total[m],
			      "%s: %s: %u of NIST's %u vectors", level->name,
			      names[m], right[m], total[m]);
}
