// SPDX-License-Identifier: GPL-2.0-only
/* The arena: see arena.h. */

#include <linux/bitops.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "arena.h"

#define ARENA_MAGIC_TAIL	"ROTKEY-ARENA\0\0"	/* 15 bytes with the NUL */
#define ARENA_SLOTS	(PAGE_SIZE / PK_SLOT_SIZE)
#define ARENA_ALL	GENMASK(ARENA_SLOTS - 1, 0)

/* First slot of every arena page.  The magic lets tests find the page. */
struct arena_page {
	u8 magic[16];
	struct list_head list;
	unsigned long used;		/* bit 0: this header */
};

static LIST_HEAD(arena_pages);
static DEFINE_SPINLOCK(arena_lock);
static atomic64_t arena_next_id = ATOMIC64_INIT(1);
static u32 arena_used, arena_total;

static bool arena_hidden = true;

static void arena_page_mark(struct arena_page *p, bool hidden)
{
	struct page *page = virt_to_page(p);

	if (hidden && !PageOffline(page))
		__SetPageOffline(page);
	else if (!hidden && PageOffline(page))
		__ClearPageOffline(page);
}

/*
 * /proc/kcore shows the kernel's image by its own mapping too and there does not
 * look at the mark, but parts of the image are given to the page allocator
 * after boot (init sections).  So pages inside the image are not for us.
 */
#define IMAGE_BRK_MAX	SZ_4M		/* _end lies behind the bss by the brk area */
#define IMAGE_TRIES	8192		/* more pages than init sections have */

static phys_addr_t image_start, image_end;

static void arena_find_image(void)
{
	struct resource *ram, *r;

	for (ram = iomem_resource.child; ram; ram = ram->sibling) {
		for (r = ram->child; r; r = r->sibling) {
			if (!r->name || strncmp(r->name, "Kernel ", 7))
				continue;
			if (!image_end || r->start < image_start)
				image_start = r->start;
			image_end = max_t(phys_addr_t, image_end,
					  r->end + IMAGE_BRK_MAX);
		}
	}
}

static bool in_image(struct page *page)
{
	phys_addr_t at = page_to_phys(page);

	return at >= image_start && at < image_end;
}

/* The unsuitable ones are held until there is a good one: else they come again. */
static struct page *arena_alloc_page(void)
{
	struct page *page, *next;
	unsigned int tries = 0;
	struct page *good = NULL;
	LIST_HEAD(unsuitable);

	while (!good && tries++ < IMAGE_TRIES) {
		page = alloc_page(GFP_NOIO | __GFP_NOWARN);
		if (!page)
			break;
		if (in_image(page))
			list_add(&page->lru, &unsuitable);
		else
			good = page;
	}
	list_for_each_entry_safe(page, next, &unsuitable, lru) {
		list_del(&page->lru);
		__free_page(page);
	}
	return good;
}

static struct arena_page *arena_page_new(void)
{
	struct page *page = arena_alloc_page();
	struct arena_page *p;

	BUILD_BUG_ON(ARENA_SLOTS > BITS_PER_LONG);
	BUILD_BUG_ON(sizeof(struct arena_page) > PK_SLOT_SIZE);
	if (!page)
		return NULL;
	p = page_address(page);
	clear_page(p);
	/* in two parts: whole it would stand in .rodata, where tests find it */
	memcpy(p->magic + 1, ARENA_MAGIC_TAIL, sizeof(p->magic) - 1);
	WRITE_ONCE(p->magic[0], 'P');
	p->used = BIT(0);
	return p;
}

static void arena_page_destroy(struct arena_page *p)
{
	struct page *page = virt_to_page(p);

	memzero_explicit(p, PAGE_SIZE);
	arena_page_mark(p, false);
	__free_page(page);
}

/* Caller holds arena_lock. */
static struct pk_slot *arena_take(struct arena_page *p)
{
	unsigned int i = ffz(p->used);

	__set_bit(i, &p->used);
	arena_used++;
	/* full pages go to the end, where the search comes last */
	if (p->used == ARENA_ALL)
		list_move_tail(&p->list, &arena_pages);
	return (void *)p + i * PK_SLOT_SIZE;
}

struct pk_slot *pk_slot_alloc(void)
{
	struct arena_page *p, *fresh = NULL;
	struct pk_slot *slot = NULL;

	for (;;) {
		spin_lock(&arena_lock);
		if (fresh) {
			arena_page_mark(fresh, arena_hidden);
			list_add(&fresh->list, &arena_pages);
			arena_total += ARENA_SLOTS - 1;
		}
		p = list_first_entry_or_null(&arena_pages, struct arena_page,
					     list);
		if (p && p->used != ARENA_ALL)
			slot = arena_take(p);
		spin_unlock(&arena_lock);
		if (slot)
			break;
		fresh = arena_page_new();
		if (!fresh)
			return NULL;
	}
	slot->id = atomic64_inc_return(&arena_next_id);
	return slot;
}

void pk_slot_free(struct pk_slot *slot)
{
	struct arena_page *p, *empty = NULL;

	if (!slot)
		return;
	p = (void *)((unsigned long)slot & PAGE_MASK);
	memzero_explicit(slot, sizeof(*slot));

	spin_lock(&arena_lock);
	__clear_bit(((unsigned long)slot & ~PAGE_MASK) / PK_SLOT_SIZE, &p->used);
	arena_used--;
	list_move(&p->list, &arena_pages);
	/* keep the last page: setkey must not wait for memory in vain */
	if (p->used == BIT(0) && !list_is_singular(&arena_pages)) {
		list_del(&p->list);
		arena_total -= ARENA_SLOTS - 1;
		empty = p;
	}
	spin_unlock(&arena_lock);
	if (empty)
		arena_page_destroy(empty);
}

void pk_slot_set_header(struct pk_slot *slot, u32 type, u32 size)
{
	slot->type = type;
	slot->size = size;
}

void pk_slot_publish(struct pk_slot *slot, u64 epoch)
{
	smp_store_release(&slot->epoch, epoch);
}

void pk_slot_invalidate(struct pk_slot *slot)
{
	WRITE_ONCE(slot->epoch, 0);
}

void pk_slot_wipe(struct pk_slot *slot)
{
	memzero_explicit(slot->nonce, sizeof(slot->nonce));
	memzero_explicit(slot->ct, sizeof(slot->ct));
}

void pk_arena_stat(struct pk_arena_stat *stat)
{
	spin_lock(&arena_lock);
	stat->used = arena_used;
	stat->total = arena_total;
	spin_unlock(&arena_lock);
}

void pk_arena_set_hidden(bool hidden)
{
	struct arena_page *p;

	spin_lock(&arena_lock);
	arena_hidden = hidden;
	list_for_each_entry(p, &arena_pages, list)
		arena_page_mark(p, hidden);
	spin_unlock(&arena_lock);
}

void pk_arena_init(void)
{
	arena_find_image();
}

void pk_arena_exit(void)
{
	struct arena_page *p, *next;

	WARN_ON(arena_used);
	list_for_each_entry_safe(p, next, &arena_pages, list) {
		list_del(&p->list);
		arena_page_destroy(p);
	}
}
