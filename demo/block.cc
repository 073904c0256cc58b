// SPDX-License-Identifier: GPL-2.0-only
#include <openssl/evp.h>

#include <algorithm>
#include <stdexcept>

#include "block.h"

namespace ledger {

Hash sha256(std::string_view bytes)
{
	Hash hash;

	if (!EVP_Digest(bytes.data(), bytes.size(), hash.data(), nullptr, EVP_sha256(),
			nullptr))
		throw std::runtime_error("SHA-256 failed");
	return hash;
}

std::string hex(const Hash &hash)
{
	static const char digits[] = "0123456789abcdef";
	std::string text;

	for (uint8_t byte : hash) {
		text += digits[byte >> 4];
		text += digits[byte & 15];
	}
	return text;
}

void put_integer(std::string &out, uint64_t value, unsigned int size)
{
	for (unsigned int i = 0; i < size; i++)
		out += static_cast<char>(value >> (8 * i));
}

std::string_view take_bytes(std::string_view &in, size_t size)
{
	std::string_view bytes = in.substr(0, size);

	if (bytes.size() != size)
		throw std::out_of_range("block is cut short");
	in.remove_prefix(size);
	return bytes;
}

uint64_t take_integer(std::string_view &in, unsigned int size)
{
	std::string_view bytes = take_bytes(in, size);
	uint64_t value = 0;

	for (unsigned int i = size; i-- > 0;)
		value = value << 8 | static_cast<uint8_t>(bytes[i]);
	return value;
}

static void put_hash(std::string &out, const Hash &hash)
{
	out.append(reinterpret_cast<const char *>(hash.data()), hash.size());
}

static Hash take_hash(std::string_view &in)
{
	std::string_view bytes = take_bytes(in, 32);
	Hash hash;

	std::copy(bytes.begin(), bytes.end(), hash.begin());
	return hash;
}

static std::string encode_data(const Block &block)
{
	std::string data;

	put_integer(data, block.transactions.size(), 4);
	for (const Transaction &transaction : block.transactions) {
		put_integer(data, transaction.payload.size(), 4);
		data += transaction.payload;
		put_integer(data, transaction.writes.size(), 2);
		for (const Write &write : transaction.writes) {
			put_integer(data, write.key.size(), 2);
			data += write.key;
			put_integer(data, write.value.size(), 4);
			data += write.value;
		}
	}
	return data;
}

std::string encode(const Block &block)
{
	std::string data = encode_data(block), bytes;

	put_integer(bytes, block.number, 8);
	put_hash(bytes, block.prev_hash);
	put_hash(bytes, sha256(data));
	return bytes + data;
}

BlockView::BlockView(std::string_view bytes)
{
	header = bytes.substr(0, header_size);
	number = take_integer(bytes, 8);
	prev_hash = take_hash(bytes);
	data_hash = take_hash(bytes);
	data = bytes;
}

uint32_t BlockView::each_write(
	const std::function<void(uint32_t tx, std::string_view key,
				 std::string_view value)> &visit) const
{
	std::string_view rest = data;
	uint32_t transactions = static_cast<uint32_t>(take_integer(rest, 4));

	for (uint32_t tx = 0; tx < transactions; tx++) {
		take_bytes(rest, take_integer(rest, 4));
		for (uint64_t n = take_integer(rest, 2); n > 0; n--) {
			std::string_view key = take_bytes(rest, take_integer(rest, 2));
			std::string_view value = take_bytes(rest, take_integer(rest, 4));

			visit(tx, key, value);
		}
	}
	if (!rest.empty())
		throw std::out_of_range("bytes after the last transaction");
	return transactions;
}

} /* namespace ledger */
