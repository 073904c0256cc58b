// SPDX-License-Identifier: GPL-2.0-only
/* Memory for the secrets of a handshake. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "secretmem.h"

#define ARENA_SIZE	((size_t)8 << 20)	/* pages come as they are touched */
#define STACK_SIZE	((size_t)512 << 10)
#define GUARD_SIZE	((size_t)64 << 10)
#define MIN_SHIFT	5
#define CLASSES		48			/* 32, 48, 64, 96, 128 ... */

#ifndef SYS_memfd_secret
#define SYS_memfd_secret 447
#endif

/* In front of every allocation; its size keeps what follows aligned to 16. */
struct header {
	size_t size;
	size_t class;
};

static struct {
	char *base;
	size_t used;
	struct header *free[CLASSES];
} arena;

static ucontext_t outside, inside;
static struct {
	void (*f)(void *arg);
	void *arg;
} task;

static size_t class_size(size_t class)
{
	size_t size = (size_t)1 << (class / 2 + MIN_SHIFT);

	return class % 2 ? size + size / 2 : size;
}

static size_t class_of(size_t size)
{
	size_t class = 0;

	while (class < CLASSES && class_size(class) < size)
		class++;
	return class;
}

static struct header *arena_take(size_t size)
{
	size_t class = class_of(size);
	struct header *h;
	size_t room;

	if (class == CLASSES)
		return NULL;
	h = arena.free[class];
	if (h) {
		arena.free[class] = *(struct header **)(h + 1);
		return h;
	}
	room = sizeof(*h) + class_size(class);
	if (room > ARENA_SIZE - arena.used)
		return NULL;
	h = (struct header *)(arena.base + arena.used);
	arena.used += room;
	h->class = class;
	return h;
}

/* The parent's allocations are older than the arena: they are on the heap. */
static bool in_arena(const struct header *h)
{
	uintptr_t at = (uintptr_t)h, base = (uintptr_t)arena.base;

	return arena.base && at >= base && at < base + ARENA_SIZE;
}

void *secretmem_alloc(size_t size)
{
	struct header *h;

	if (!size || size > SIZE_MAX - sizeof(*h))
		return NULL;
	h = arena.base ? arena_take(size) : malloc(sizeof(*h) + size);
	if (!h)
		return NULL;
	h->size = size;
	return h + 1;
}

void secretmem_free(void *p)
{
	struct header *h;

	if (!p)
		return;
	h = (struct header *)p - 1;
	explicit_bzero(p, h->size);
	if (in_arena(h)) {
		*(struct header **)p = arena.free[h->class];
		arena.free[h->class] = h;
	} else {
		free(h);
	}
}

static void *openssl_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return secretmem_alloc(size);
}

static void openssl_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	secretmem_free(p);
}

static void *openssl_realloc(void *p, size_t size, const char *file, int line)
{
	size_t old = p ? ((struct header *)p - 1)->size : 0;
	void *q = secretmem_alloc(size);

	(void)file;
	(void)line;
	if (size && !q)
		return NULL;
	if (q && p)
		memcpy(q, p, old < size ? old : size);
	secretmem_free(p);
	return q;
}

int secretmem_init(void)
{
	return CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc,
					openssl_free) ? 0 : -EBUSY;
}

bool secretmem_is_hidden(void)
{
	int fd = (int)syscall(SYS_memfd_secret, 0);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

/* Mapped after the fork: a child of ours would not have it. */
static void *map_hidden(size_t size)
{
	int fd = (int)syscall(SYS_memfd_secret, O_CLOEXEC);
	void *at = MAP_FAILED;

	if (fd < 0)
		return NULL;
	if (!ftruncate(fd, (off_t)size))
		at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return at == MAP_FAILED ? NULL : at;
}

static void *map_locked(size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return NULL;
	if (mlock2(at, size, MLOCK_ONFAULT)) {
		munmap(at, size);
		return NULL;
	}
	return at;
}

static void *map_secret(size_t size)
{
	void *at = map_hidden(size);

	if (!at)
		at = map_locked(size);
	if (at && (madvise(at, size, MADV_DONTDUMP) ||
		   madvise(at, size, MADV_DONTFORK))) {
		munmap(at, size);
		return NULL;
	}
	return at;
}

/* Not zeros: the kernel does not store registers that are in their first state,
 * and what it stored before would stay. */
__attribute__((target("avx"))) static void wipe_avx(void)
{
	static const unsigned char fill[32] = { [0 ... 31] = 0x5a };

	asm volatile(
		"vmovdqu %0, %%ymm0\n\t"
		"vmovdqa %%ymm0, %%ymm1\n\tvmovdqa %%ymm0, %%ymm2\n\t"
		"vmovdqa %%ymm0, %%ymm3\n\tvmovdqa %%ymm0, %%ymm4\n\t"
		"vmovdqa %%ymm0, %%ymm5\n\tvmovdqa %%ymm0, %%ymm6\n\t"
		"vmovdqa %%ymm0, %%ymm7\n\tvmovdqa %%ymm0, %%ymm8\n\t"
		"vmovdqa %%ymm0, %%ymm9\n\tvmovdqa %%ymm0, %%ymm10\n\t"
		"vmovdqa %%ymm0, %%ymm11\n\tvmovdqa %%ymm0, %%ymm12\n\t"
		"vmovdqa %%ymm0, %%ymm13\n\tvmovdqa %%ymm0, %%ymm14\n\t"
		"vmovdqa %%ymm0, %%ymm15\n\t"
		: : "m" (fill)
		: "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
		  "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
}

#define FILL(n)	"vmovdqa64 %%zmm0, %%zmm" #n "\n\t"
__attribute__((target("avx512f"))) static void wipe_avx512(void)
{
	static const unsigned char fill[64] = { [0 ... 63] = 0x5a };

	asm volatile(
		"vmovdqu64 %0, %%zmm0\n\t"
		FILL(1) FILL(2) FILL(3) FILL(4) FILL(5) FILL(6) FILL(7) FILL(8)
		FILL(9) FILL(10) FILL(11) FILL(12) FILL(13) FILL(14) FILL(15)
		FILL(16) FILL(17) FILL(18) FILL(19) FILL(20) FILL(21) FILL(22)
		FILL(23) FILL(24) FILL(25) FILL(26) FILL(27) FILL(28) FILL(29)
		FILL(30) FILL(31)
		: : "m" (fill)
		: "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
		  "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15",
		  "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22",
		  "xmm23", "xmm24", "xmm25", "xmm26", "xmm27", "xmm28", "xmm29",
		  "xmm30", "xmm31");
}

void secretmem_wipe_registers(void)
{
	if (__builtin_cpu_supports("avx512f"))
		wipe_avx512();
	else if (__builtin_cpu_supports("avx"))
		wipe_avx();	/* protkey.ko needs it, so it is there */
}

static void run_task(void)
{
	task.f(task.arg);
}

static int on_stack(char *stack)
{
	if (getcontext(&inside))
		return -errno;
	inside.uc_stack.ss_sp = stack + GUARD_SIZE;
	inside.uc_stack.ss_size = STACK_SIZE - GUARD_SIZE;
	inside.uc_link = &outside;
	makecontext(&inside, run_task, 0);
	if (swapcontext(&outside, &inside))
		return -errno;
	return 0;
}

int secretmem_run(void (*f)(void *arg), void *arg)
{
	char *stack = map_secret(STACK_SIZE);
	int ret;

	task.f = f;
	task.arg = arg;
	arena.base = map_secret(ARENA_SIZE);
	if (!stack || !arena.base || mprotect(stack, GUARD_SIZE, PROT_NONE))
		return -ENOMEM;
	ret = on_stack(stack);
	secretmem_wipe_registers();
	/* the kernel's copy of the registers becomes that of the wiped ones */
	usleep(1);
	explicit_bzero(&inside, sizeof(inside));
	explicit_bzero(stack + GUARD_SIZE, STACK_SIZE - GUARD_SIZE);
	explicit_bzero(arena.base, arena.used);
	memset(arena.free, 0, sizeof(arena.free));
	arena.used = 0;
	return ret;
}
