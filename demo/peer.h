/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How one peer has the blocks of another, as Fabric's Deliver does it, over plain
 * TCP: the security of the wire is somebody else's, here protkey-tlsd's.
 *
 *	the one that asks:	u64 number of the first block wanted
 *	the one that answers:	{u32 length, block} ..., then u32 0
 *
 * Integers little-endian.
 */
#ifndef PK_LEDGER_PEER_H
#define PK_LEDGER_PEER_H

#include <cstdint>
#include <string>

namespace ledger {

/* What came over the wire. */
struct Pulled {
	uint64_t blocks = 0;
	uint64_t bytes = 0;
};

/*
 * Answers one connection after the other on the loopback's @port, from block
 * files that nobody writes to, until @connections were served (0: for ever).
 */
void serve(const std::string &dir, const std::string &port, uint64_t connections);

/*
 * Appends what @host has and the ledger in @dir lacks, which is made if there is
 * none. Throws std::runtime_error; what was appended before stays.
 */
Pulled pull(const std::string &dir, const std::string &host, const std::string &port);

} /* namespace ledger */

#endif
