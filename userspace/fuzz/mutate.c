// SPDX-License-Identifier: GPL-2.0-only
/*
 * Drives the fuzz entry without libFuzzer: mutations of valid input, from a
 * seed that it prints, so that a crash can be had again.
 *
 *	mutate ROUNDS [SEED]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "samples.h"

#define ROOM	(SAMPLE_STATE_SIZE + 64)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t state;

/* xorshift64* */
static uint32_t any(uint32_t below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)((state * 0x2545f4914f6cdd1dULL) >> 33) % below;
}

static const uint32_t edges[] = {
	0, 1, 7, 8, 15, 16, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff,
	0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff,
};

static void mutate(uint8_t *buf, size_t size)
{
	uint32_t value = edges[any(sizeof(edges) / sizeof(edges[0]))];
	size_t at = any((uint32_t)size);

	switch (any(4)) {
	case 0:
		buf[at] ^= (uint8_t)(1U << any(8));
		break;
	case 1:
		buf[at] = (uint8_t)any(256);
		break;
	case 2:	/* an edge in a field that is likely a length */
		at &= ~(size_t)3;
		if (at + 4 <= size)
			memcpy(buf + at, &value, 4);
		break;
	default:
		memset(buf + at, (int)any(256), any((uint32_t)(size - at)) / 8);
	}
}

static size_t sample_attest(uint8_t *sample)
{
	switch (any(5)) {
	case 0:
		sample_quote(sample);
		return SAMPLE_QUOTE_SIZE;
	case 1:
		sample_ak(sample);
		return SAMPLE_AK_SIZE;
	case 2:
		sample_rsa_ak(sample);
		return SAMPLE_RSA_AK_SIZE;
	case 3:
		sample_rsa_signed(sample);
		return SAMPLE_RSA_SIGNED_SIZE;
	default:
		sample_ecdsa(sample);
		return SAMPLE_ECDSA_SIZE;
	}
}

static void round_once(void)
{
	static uint64_t aligned[ROOM / 8 + 1];
	static uint8_t input[1 + ROOM];
	uint8_t *sample = (void *)aligned;
	size_t size, times;

	memset(aligned, 0, sizeof(aligned));
	input[0] = (uint8_t)any(4);
	if (input[0] == 3) {
		input[0] = 4;
		size = sample_attest(sample);
	} else if (input[0] == 2) {
		sample_cert((void *)sample);
		size = SAMPLE_CERT_SIZE;
	} else if (input[0]) {
		sample_state(sample);
		size = SAMPLE_STATE_SIZE;
	} else {
		sample_blob((void *)sample);
		size = PROTKEY_BLOB_SIZE;
	}
	for (times = any(4); times; times--)
		mutate(sample, size);
	if (!any(4))
		size = any((uint32_t)ROOM);
	memcpy(input + 1, sample, size);
	LLVMFuzzerTestOneInput(input, 1 + size);
}

int main(int argc, char **argv)
{
	unsigned long i, rounds = argc > 1 ? strtoul(argv[1], NULL, 0) : 100000;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) :
			(uint64_t)time(NULL);

	printf("seed %llu\n", (unsigned long long)seed);
	fflush(stdout);
	state = seed | 1;
	for (i = 0; i < rounds; i++)
		round_once();
	return 0;
}
