/* SPDX-License-Identifier: GPL-2.0-only */
/* IMA's lists as the kernel would write them, for tests and as fuzz seeds. */
#ifndef PROTKEY_FUZZ_SAMPLES_IMA_H
#define PROTKEY_FUZZ_SAMPLES_IMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ima_sample {
	const char *template;
	unsigned int pcr;
	const char *alg;		/* not for "ima" */
	const char *path;
	size_t signature_size;
	uint8_t fill;			/* each byte of digest and signature */
	bool violation;
};

struct ima_buf {
	uint8_t *at;
	size_t size, room;
};

/* Add an entry to a list of either form. */
void ima_sample_binary(struct ima_buf *list, const struct ima_sample *sample);
void ima_sample_ascii(struct ima_buf *list, const struct ima_sample *sample);
/* What is hashed. */
void ima_sample_data(struct ima_buf *data, const struct ima_sample *sample);
void ima_buf_put(struct ima_buf *buf, const void *bytes, size_t size);

#endif
