// SPDX-License-Identifier: GPL-2.0-only
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <system_error>

#include "block.h"
#include "blockfile.h"
#include "ledger.h"
#include "peer.h"

namespace ledger {

namespace {

[[noreturn]] void fail(const std::string &what)
{
	throw std::system_error(errno, std::generic_category(), what);
}

class Socket {
public:
	explicit Socket(int fd = -1) : fd(fd) {}
	Socket(const Socket &) = delete;
	Socket &operator=(const Socket &) = delete;
	~Socket()
	{
		if (fd >= 0)
			close(fd);
	}

	void reset(int other)
	{
		if (fd >= 0)
			close(fd);
		fd = other;
	}

	void send_all(std::string_view bytes) const
	{
		while (!bytes.empty()) {
			ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);

			if (sent < 0 && errno == EINTR)
				continue;
			if (sent < 0)
				fail("cannot send to the peer");
			bytes.remove_prefix(static_cast<size_t>(sent));
		}
	}

	std::string receive_all(size_t size) const
	{
		std::string bytes(size, '\0');

		for (size_t at = 0; at < size;) {
			ssize_t got = recv(fd, &bytes[at], size - at, 0);

			if (got < 0 && errno == EINTR)
				continue;
			if (got < 0)
				fail("cannot receive from the peer");
			if (got == 0)
				throw std::runtime_error("the peer hung up");
			at += static_cast<size_t>(got);
		}
		return bytes;
	}

	int fd;
};

void send_integer(const Socket &socket, uint64_t value, unsigned int size)
{
	std::string bytes;

	put_integer(bytes, value, size);
	socket.send_all(bytes);
}

uint64_t receive_integer(const Socket &socket, unsigned int size)
{
	std::string bytes = socket.receive_all(size);
	std::string_view view = bytes;

	return take_integer(view, size);
}

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

Addresses look_up(const std::string &host, const std::string &port, int flags)
{
	addrinfo hints{}, *found = nullptr;

	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = flags | AI_NUMERICSERV;
	int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
	if (error)
		throw std::runtime_error(host + ":" + port + ": " + gai_strerror(error));
	return Addresses(found, freeaddrinfo);
}

int open_socket(const addrinfo &address)
{
	return socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC,
		      address.ai_protocol);
}

void listen_on(Socket &listener, const std::string &port)
{
	Addresses address = look_up("127.0.0.1", port, AI_NUMERICHOST);
	int on = 1;

	listener.reset(open_socket(*address));
	if (listener.fd < 0 ||
	    setsockopt(listener.fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(listener.fd, address->ai_addr, address->ai_addrlen) ||
	    listen(listener.fd, 16))
		fail("cannot listen on port " + port);
}

void connect_to(Socket &peer, const std::string &host, const std::string &port)
{
	Addresses addresses = look_up(host, port, 0);

	for (const addrinfo *at = addresses.get(); at; at = at->ai_next) {
		peer.reset(open_socket(*at));
		if (peer.fd >= 0 && !connect(peer.fd, at->ai_addr, at->ai_addrlen))
			return;
	}
	fail("cannot connect to " + host + ":" + port);
}

void answer(const Socket &peer, const std::string &dir)
{
	uint64_t first = receive_integer(peer, 8);
	BlockReader reader(dir + "/chains");
	std::string bytes;

	reader.seek(0, 0);
	while (reader.next(bytes)) {
		if (BlockView(bytes).number < first)
			continue;
		send_integer(peer, bytes.size(), 4);
		peer.send_all(bytes);
	}
	if (!reader.at_end())
		throw std::runtime_error("the block files are damaged: run verify");
	send_integer(peer, 0, 4);
}

} /* namespace */

void serve(const std::string &dir, const std::string &port, uint64_t connections)
{
	Socket listener;

	listen_on(listener, port);
	for (uint64_t served = 0; !connections || served < connections; served++) {
		Socket peer(accept4(listener.fd, nullptr, nullptr, SOCK_CLOEXEC));

		if (peer.fd < 0)
			fail("cannot accept");
		try {
			answer(peer, dir);
		} catch (const std::exception &error) {
			fprintf(stderr, "pk-ledger: a peer: %s\n", error.what());
		}
	}
}

Pulled pull(const std::string &dir, const std::string &host, const std::string &port)
{
	Ledger ledger(dir);
	Socket peer;
	Pulled pulled;

	connect_to(peer, host, port);
	send_integer(peer, ledger.height(), 8);
	while (uint64_t length = receive_integer(peer, 4)) {
		if (length > block_size_max)
			throw std::runtime_error("the peer's block is too long");
		pulled.bytes += ledger.append_received(peer.receive_all(length));
		pulled.blocks++;
	}
	return pulled;
}

} /* namespace ledger */
