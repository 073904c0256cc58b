// SPDX-License-Identifier: LGPL-2.1-or-later
/* Memory for secrets. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "internal.h"

static size_t secret_room(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (size + page - 1) / page * page;
}

PROTKEY_EXPORT void *protkey_secret_alloc(size_t size)
{
	size_t room = secret_room(size);
	int err;
	void *secret;

	if (!room || room < size) {
		errno = ENOMEM;
		return NULL;
	}
	secret = mmap(NULL, room, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (secret == MAP_FAILED)
		return NULL;
	if (mlock(secret, room) || madvise(secret, room, MADV_DONTDUMP) ||
	    madvise(secret, room, MADV_WIPEONFORK)) {
		err = errno;
		munmap(secret, room);
		errno = err;
		return NULL;
	}
	return secret;
}

PROTKEY_EXPORT void protkey_secret_free(void *secret, size_t size)
{
	if (!secret)
		return;
	explicit_bzero(secret, size);
	munmap(secret, secret_room(size));
}

PROTKEY_EXPORT void protkey_secret_wipe(void *secret, size_t size)
{
	explicit_bzero(secret, size);
}
