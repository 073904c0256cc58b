/* SPDX-License-Identifier: GPL-2.0-only */
/* Every block and every state entry, checked against the block files. */
#ifndef PK_LEDGER_VERIFY_H
#define PK_LEDGER_VERIFY_H

#include <cstdint>
#include <string>

#include "block.h"

namespace ledger {

struct Verdict {
	uint64_t blocks = 0;		/* intact, in the chain */
	uint64_t transactions = 0;
	uint64_t states = 0;		/* equal to the replay's */
	uint64_t mismatches = 0;
	uint64_t bytes = 0;		/* of blocks */
	Hash head{};			/* of the last block */
};

/* What is wrong is told on standard error, the first of it. */
Verdict verify(const std::string &dir);

} /* namespace ledger */

#endif
