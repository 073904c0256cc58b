/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A block and its bytes, after Hyperledger Fabric's: a header {number, hash of
 * the previous header, hash of the data} and transactions, each a payload
 * (proposal, endorsements, signatures) and the writes that it makes.
 *
 *	u64 number | 32 prev_hash | 32 data_hash | data
 *	data:  u32 count | transactions
 *	transaction:  u32 size | payload | u16 count | writes
 *	write:  u16 size | key | u32 size | value
 *
 * All integers little-endian.
 */
#ifndef PK_LEDGER_BLOCK_H
#define PK_LEDGER_BLOCK_H

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ledger {

using Hash = std::array<uint8_t, 32>;

Hash sha256(std::string_view bytes);
std::string hex(const Hash &hash);

void put_integer(std::string &out, uint64_t value, unsigned int size);
/* Takes @size bytes off the front of @in; throws std::out_of_range. */
uint64_t take_integer(std::string_view &in, unsigned int size);
std::string_view take_bytes(std::string_view &in, size_t size);

struct Write {
	std::string key;
	std::string value;
};

struct Transaction {
	std::string payload;
	std::vector<Write> writes;
};

struct Block {
	uint64_t number = 0;
	Hash prev_hash{};
	std::vector<Transaction> transactions;
};

constexpr size_t header_size = 8 + 32 + 32;

/* The block's bytes, with its data hash computed. */
std::string encode(const Block &block);

/* A look at an encoded block; valid as long as its bytes are. */
struct BlockView {
	uint64_t number;
	Hash prev_hash, data_hash;
	std::string_view header, data;

	/* Throws std::out_of_range if @bytes are too few. */
	explicit BlockView(std::string_view bytes);
	Hash hash() const { return sha256(header); }
	bool data_is_intact() const { return sha256(data) == data_hash; }
	/*
	 * Calls @visit for every write, in order, with the number of its
	 * transaction; returns the count of transactions. Throws
	 * std::out_of_range if the data are malformed.
	 */
	uint32_t each_write(const std::function<void(uint32_t tx, std::string_view key,
						     std::string_view value)> &visit) const;
};

} /* namespace ledger */

#endif
