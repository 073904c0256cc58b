/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A walk over source and destination of a request that allocates nothing,
 * unlike skcipher_walk, whose slow path does: dm-crypt must be able to write
 * when there is no memory.  A step yields a run of whole blocks that is
 * contiguous on both sides, or one block that straddles, through a bounce buffer
 * on the caller's stack.  Pages of a list are always mapped here, and those of an
 * entry one behind the other.
 */
#ifndef PK_WALK_H
#define PK_WALK_H

#include <linux/scatterlist.h>
#include <linux/types.h>

#define PK_WALK_BLOCK	16

struct pk_walk_side {
	struct scatterlist *sg;
	unsigned int offset;		/* into sg */
};

struct pk_walk {
	struct pk_walk_side src, dst;
	unsigned int left;		/* bytes, multiple of the block */
	/* one step */
	const u8 *in;
	u8 *out;
	unsigned int len;
	bool bounced;
	u8 bounce[PK_WALK_BLOCK];
};

/* One side alone: start @skip bytes into it. */
void pk_walk_side_start(struct pk_walk_side *s, struct scatterlist *sg,
			unsigned int skip);

static inline void *pk_walk_side_at(const struct pk_walk_side *s)
{
	BUILD_BUG_ON(IS_ENABLED(CONFIG_HIGHMEM));
	return sg_virt(s->sg) + s->offset;
}

/*
 * The bytes that lie in one piece here, or @max.  Entries one behind the other are
 * one piece: the pages of a socket's buffer have an entry each.
 */
static inline unsigned int pk_walk_side_run(const struct pk_walk_side *s,
					    unsigned int max)
{
	unsigned int run = s->sg->length - s->offset;
	struct scatterlist *sg = s->sg, *next;

	while (run < max && (next = sg_next(sg)) &&
	       sg_virt(next) == sg_virt(sg) + sg->length) {
		run += next->length;
		sg = next;
	}
	return min(run, max);
}

/* Go on behind @len bytes. */
static inline void pk_walk_side_skip(struct pk_walk_side *s, unsigned int len)
{
	s->offset += len;
	/* past the ends of entries, so that sg and offset name a byte */
	while (s->sg && s->offset >= s->sg->length) {
		s->offset -= s->sg->length;
		s->sg = sg_next(s->sg);
	}
}

/* The next @len bytes are wanted soon. */
void pk_walk_side_prefetch(struct pk_walk_side s, unsigned int len);

/* Copy @len bytes between @buf and the list, and go on behind them. */
void pk_walk_side_copy(struct pk_walk_side *s, u8 *buf, unsigned int len,
		       bool to_list);

/* Start @skip bytes into both lists, for @len bytes of whole blocks. */
void pk_walk_start(struct pk_walk *w, struct scatterlist *src,
		   struct scatterlist *dst, unsigned int skip, unsigned int len);

/* The next run, of at most @max bytes; false at the end. */
bool pk_walk_next(struct pk_walk *w, unsigned int max);

/* End of a step; @ok: the output is there, go on behind it. */
void pk_walk_done(struct pk_walk *w, bool ok);

#endif /* PK_WALK_H */
