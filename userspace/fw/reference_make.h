/* SPDX-License-Identifier: GPL-2.0-only */
/* References from boots that are known to be good. */
#ifndef PROTKEY_FW_REFERENCE_MAKE_H
#define PROTKEY_FW_REFERENCE_MAKE_H

#include "evidence.h"
#include "reference.h"

/*
 * A boot that accounts for itself: quoted, its log complete and leading to the
 * quoted values in @ref's banks and PCRs.  0, -EBADMSG and @why, -ENOMEM.
 */
int fw_reference_check_boot(const struct fw_reference *ref,
			    const struct fw_evidence *ev, char why[FW_WHY]);
/*
 * Which PCRs of @ref->pcrs the log of @ev does lead to in every bank of @ref.
 * 0, -EBADMSG and @why, -ENOMEM.
 */
int fw_reference_explained(const struct fw_reference *ref,
			   const struct fw_evidence *ev, uint32_t *pcrs,
			   char why[FW_WHY]);
/* Accept all of this boot in a reference that has no entries yet. */
int fw_reference_start(struct fw_reference *ref, const struct fw_evidence *ev);
/*
 * Accept it too.  @added: how many values and entries are new, or demands are
 * lower now.
 */
int fw_reference_merge(struct fw_reference *ref, const struct fw_evidence *ev,
		       size_t *added);
/* Accept every file of its IMA list. */
int fw_reference_accept_ima(struct fw_reference *ref,
			    const struct fw_evidence *ev, size_t *added);

#endif
