// SPDX-License-Identifier: LGPL-2.1-or-later
/* Passphrase to KEK: argon2id. */
#include <argon2.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/sysinfo.h>

#include "internal.h"

#define SEAL_MEMORY_DEFAULT	(256U * 1024)	/* KiB */
#define SEAL_TIME_DEFAULT	3U
/* Of RAM: the machine that unlocks at boot may have other things to do. */
#define SEAL_MEMORY_SHARE	4U

static __u32 seal_memory_default(void)
{
	__u64 share = SEAL_MEMORY_DEFAULT;
	struct sysinfo info;

	if (!sysinfo(&info))
		share = (__u64)info.totalram * info.mem_unit / 1024 /
			SEAL_MEMORY_SHARE;
	if (share > SEAL_MEMORY_DEFAULT)
		share = SEAL_MEMORY_DEFAULT;
	if (share < PROTKEY_SEAL_MEMORY_MIN)
		share = PROTKEY_SEAL_MEMORY_MIN;
	return (__u32)share;
}

static int seal_limits_ok(const struct protkey_seal_params *params)
{
	return params->memory_kib >= PROTKEY_SEAL_MEMORY_MIN &&
	       params->memory_kib <= PROTKEY_SEAL_MEMORY_MAX &&
	       params->time_cost >= 1 &&
	       params->time_cost <= PROTKEY_SEAL_TIME_MAX &&
	       params->parallelism >= 1 &&
	       params->parallelism <= PROTKEY_SEAL_LANES_MAX;
}

PROTKEY_EXPORT int protkey_seal_init(struct protkey_seal_params *params,
				     __u32 memory_kib, __u32 time_cost)
{
	memset(params, 0, sizeof(*params));
	params->kind = PROTKEY_SEAL_PASSPHRASE;
	params->memory_kib = memory_kib ? memory_kib : seal_memory_default();
	params->time_cost = time_cost ? time_cost : SEAL_TIME_DEFAULT;
	params->parallelism = 1;
	if (!seal_limits_ok(params))
		return -EINVAL;
	if (getrandom(params->salt, sizeof(params->salt), 0) !=
	    (ssize_t)sizeof(params->salt))
		return -EIO;
	return 0;
}

/*
 * The blocks that argon2 fills are derived from the passphrase.  Locking some
 * hundred MiB may exceed the limits of the caller: then at least no core dump
 * has them.
 */
static int seal_blocks_alloc(uint8_t **blocks, size_t size)
{
	void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (mem == MAP_FAILED)
		return ARGON2_MEMORY_ALLOCATION_ERROR;
	madvise(mem, size, MADV_DONTDUMP);
	madvise(mem, size, MADV_WIPEONFORK);
	(void)!mlock(mem, size);
	*blocks = mem;
	return ARGON2_OK;
}

static void seal_blocks_free(uint8_t *blocks, size_t size)
{
	explicit_bzero(blocks, size);
	munmap(blocks, size);
}

PROTKEY_EXPORT int protkey_seal_kek(const struct protkey_seal_params *params,
				    const void *passphrase, size_t size,
				    __u8 *kek)
{
	argon2_context context = {
		.out = kek,
		.outlen = PROTKEY_KEK_SIZE,
		.pwd = (uint8_t *)passphrase,
		.pwdlen = (uint32_t)size,
		.salt = (uint8_t *)params->salt,
		.saltlen = sizeof(params->salt),
		.t_cost = params->time_cost,
		.m_cost = params->memory_kib,
		.lanes = params->parallelism,
		.threads = 1,
		.version = ARGON2_VERSION_13,
		.allocate_cbk = seal_blocks_alloc,
		.free_cbk = seal_blocks_free,
		.flags = ARGON2_DEFAULT_FLAGS,
	};

	if (params->kind != PROTKEY_SEAL_PASSPHRASE)
		return -EOPNOTSUPP;
	if (!seal_limits_ok(params) || !size || size > UINT32_MAX)
		return -EINVAL;
	switch (argon2id_ctx(&context)) {
	case ARGON2_OK:
		return 0;
	case ARGON2_MEMORY_ALLOCATION_ERROR:
		return -ENOMEM;
	default:
		explicit_bzero(kek, PROTKEY_KEK_SIZE);
		return -EINVAL;
	}
}
