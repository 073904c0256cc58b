// SPDX-License-Identifier: GPL-2.0-only
/* The walk: see walk.h. */

#include <crypto/scatterwalk.h>
#include <linux/prefetch.h>
#include <linux/string.h>

#include "walk.h"

void pk_walk_side_start(struct pk_walk_side *s, struct scatterlist *sg,
			unsigned int skip)
{
	s->sg = sg;
	s->offset = 0;
	pk_walk_side_skip(s, skip);
}

/* Copy one block between @buf and the list, whatever its pieces are. */
static void side_copy_block(const struct pk_walk_side *s, u8 *buf, bool to_sg)
{
	scatterwalk_map_and_copy(buf, s->sg, s->offset, PK_WALK_BLOCK, to_sg);
}

void pk_walk_side_copy(struct pk_walk_side *s, u8 *buf, unsigned int len,
		       bool to_list)
{
	while (len) {
		unsigned int n = pk_walk_side_run(s, len);

		if (to_list)
			memcpy(pk_walk_side_at(s), buf, n);
		else
			memcpy(buf, pk_walk_side_at(s), n);
		pk_walk_side_skip(s, n);
		buf += n;
		len -= n;
	}
}

void pk_walk_side_prefetch(struct pk_walk_side s, unsigned int len)
{
	while (len) {
		unsigned int n = pk_walk_side_run(&s, len), i;
		const u8 *at = pk_walk_side_at(&s);

		for (i = 0; i < n; i += L1_CACHE_BYTES)
			prefetch(at + i);
		prefetch(at + n - 1);
		pk_walk_side_skip(&s, n);
		len -= n;
	}
}

void pk_walk_start(struct pk_walk *w, struct scatterlist *src,
		   struct scatterlist *dst, unsigned int skip, unsigned int len)
{
	w->left = len;
	if (len) {
		pk_walk_side_start(&w->src, src, skip);
		pk_walk_side_start(&w->dst, dst, skip);
	}
}

bool pk_walk_next(struct pk_walk *w, unsigned int max)
{
	if (!w->left)
		return false;
	w->len = min(w->left, max);
	w->len = min(pk_walk_side_run(&w->src, w->len),
		     pk_walk_side_run(&w->dst, w->len));
	w->len = round_down(w->len, PK_WALK_BLOCK);
	w->bounced = !w->len;
	if (w->bounced) {
		w->len = PK_WALK_BLOCK;
		side_copy_block(&w->src, w->bounce, false);
		w->in = w->bounce;
		w->out = w->bounce;
		return true;
	}
	w->in = pk_walk_side_at(&w->src);
	w->out = pk_walk_side_at(&w->dst);
	return true;
}

void pk_walk_done(struct pk_walk *w, bool ok)
{
	if (w->bounced) {
		if (ok)
			side_copy_block(&w->dst, w->bounce, true);
		memzero_explicit(w->bounce, sizeof(w->bounce));
	}
	if (!ok)
		return;
	w->left -= w->len;
	if (!w->left)
		return;
	pk_walk_side_skip(&w->src, w->len);
	pk_walk_side_skip(&w->dst, w->len);
}
