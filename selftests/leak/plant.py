#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""usage: plant.py FORM OFFSET MIB DUMP SECRETS

Writes DUMP, MIB of pseudo-random bytes with one key hidden in it at OFFSET in
the given FORM, and SECRETS, the key as pk-scan wants it told.
"""
import hashlib
import random
import struct
import sys


def make_sbox():
    """By brute force over inverses: slow, plain, and not the scanner's way."""
    def multiply(a, b):
        product = 0
        for bit in range(8):
            if b >> bit & 1:
                product ^= a << bit
        for bit in range(14, 7, -1):
            if product >> bit & 1:
                product ^= 0x11B << (bit - 8)
        return product

    box = []
    for x in range(256):
        inverse = next((y for y in range(256) if multiply(x, y) == 1), 0)
        value = 0x63
        for shift in range(5):
            value ^= (inverse << shift | inverse >> (8 - shift)) & 0xFF
        box.append(value)
    return box, multiply


SBOX, MULTIPLY = make_sbox()


def expand(key):
    words = [key[i:i + 4] for i in range(0, len(key), 4)]
    nk, rcon = len(words), 1
    for i in range(nk, 4 * (nk + 7)):
        t = words[-1]
        if i % nk == 0:
            t = bytes(SBOX[b] for b in t[1:] + t[:1])
            t = bytes([t[0] ^ rcon]) + t[1:]
            rcon = MULTIPLY(rcon, 2)
        elif nk == 8 and i % 8 == 4:
            t = bytes(SBOX[b] for b in t)
        words.append(bytes(a ^ b for a, b in zip(words[i - nk], t)))
    flat = b"".join(words)
    return [flat[i:i + 16] for i in range(0, len(flat), 16)]


def inverse_mix(block):
    out = b""
    for c in range(0, 16, 4):
        column = block[c:c + 4]
        for i in range(4):
            value = 0
            for j, factor in enumerate((14, 11, 13, 9)):
                value ^= MULTIPLY(column[(i + j) % 4], factor)
            out += bytes([value])
    return out


def invert(round_keys):
    middle = [inverse_mix(k) for k in round_keys[-2:0:-1]]
    return [round_keys[-1]] + middle + [round_keys[0]]


def swap(data, width):
    return b"".join(data[i:i + width][::-1] for i in range(0, len(data), width))


def root_bits(prime, power, bits):
    """The first bits of the fractional part of a root: FIPS 180-4's constants."""
    scaled, root = prime << power * bits, 1 << bits + 8
    while True:
        better = ((power - 1) * root + scaled // root ** (power - 1)) // power
        if better >= root:
            return root & ((1 << bits) - 1)
        root = better


PRIMES = [n for n in range(2, 410) if all(n % d for d in range(2, n))]
# bits of a word: rounds, rotations of S0, S1, and of s0, s1 (the last one a shift)
SHA2 = {32: (64, (2, 13, 22), (6, 11, 25), (7, 18, 3), (17, 19, 10)),
        64: (80, (28, 34, 39), (14, 18, 41), (1, 8, 7), (19, 61, 6))}


def sha2_block(bits, state, block):
    """The words of the state after one more block."""
    rounds, sum0, sum1, small0, small1 = SHA2[bits]
    mask = (1 << bits) - 1

    def rotate(x, n):
        return (x >> n | x << bits - n) & mask

    def large(x, by):
        return rotate(x, by[0]) ^ rotate(x, by[1]) ^ rotate(x, by[2])

    def small(x, by):
        return rotate(x, by[0]) ^ rotate(x, by[1]) ^ x >> by[2]

    w = [int.from_bytes(block[i:i + bits // 8], "big") for i in range(0, 2 * bits, bits // 8)]
    for t in range(16, rounds):
        w.append((small(w[t - 2], small1) + w[t - 7] + small(w[t - 15], small0) + w[t - 16]) & mask)
    a, b, c, d, e, f, g, h = state
    for t in range(rounds):
        t1 = (h + large(e, sum1) + (e & f ^ ~e & g) + root_bits(PRIMES[t], 3, bits) + w[t]) & mask
        t2 = large(a, sum0) + (a & b ^ a & c ^ b & c)
        a, b, c, d, e, f, g, h = (t1 + t2) & mask, a, b, c, (d + t1) & mask, e, f, g
    return [(x + y) & mask for x, y in zip(state, (a, b, c, d, e, f, g, h))]


def sha2_start(bits):
    return [root_bits(prime, 2, bits) for prime in PRIMES[:8]]


def hmac_state(form, key):
    """hmac-PAD-HASH[-ORDER]: the state after the block of key xor pad."""
    _, pad, name, *order = form.split("-")
    bits = {"256": 32, "512": 64}[name]
    block = bytes(x ^ {"inner": 0x36, "outer": 0x5C}[pad] for x in key.ljust(2 * bits, b"\0"))
    words = [x.to_bytes(bits // 8, "big" if order == ["swapped"] else "little")
             for x in sha2_block(bits, sha2_start(bits), block)]
    if order == ["ours"]:
        words = [words["abcdefgh".index(x)] for x in ("febahgdc" if bits == 32 else "eafbgchd")]
    return b"".join(words)


def check_vectors():
    """FIPS 197: appendices A.1, A.3 and C.1 (equivalent inverse cipher)."""
    last = expand(bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c"))[-1]
    assert last.hex() == "d014f9a8c9ee2589e13f0cc8b6630ca6"
    last = expand(bytes.fromhex("603deb1015ca71be2b73aef0857d7781"
                                "1f352c073b6108d72d9810a30914dff4"))[-1]
    assert last.hex() == "fe4890d1e6188d0b046df344706c631e"
    second = invert(expand(bytes(range(16))))[1]
    assert second.hex() == "13aa29be9c8faff6f770f58000f7bf03"
    for bits, name in ((32, "sha256"), (64, "sha512")):
        block = b"abc\x80".ljust(2 * bits - 1, b"\0") + b"\x18"
        words = sha2_block(bits, sha2_start(bits), block)
        assert b"".join(x.to_bytes(bits // 8, "big") for x in words) == \
            hashlib.new(name, b"abc").digest()


def hidden(form, key):
    """The bytes that a leak of this form leaves behind."""
    parts = {"128": key[:16], "192": key[:24], "256": key[:32]}
    if form.startswith("schedule-"):
        _, order, bits, *swapped = form.split("-")
        keys = expand(parts[bits])
        data = b"".join(keys if order == "encrypt" else invert(keys))
        return swap(data, 4) if swapped else data
    if form == "hmac-fragment":
        return hmac_state("hmac-inner-256", key)[11:19]
    if form.startswith("hmac-"):
        return hmac_state(form, key)
    high = expand(key[32:])
    return {
        "none": b"",
        "whole": key,
        "half": key[32:],
        "fragment": key[27:35],
        "long-fragment": key[3:24],
        "reversed": key[::-1],
        "reversed-fragment": key[40:48][::-1],
        "reversed-words-4": swap(key, 4),
        "reversed-words-8": swap(key, 8),
        "round-key": high[9],
        "round-key-fragment": high[9][5:13],
        "inverse-round-key": inverse_mix(high[6]),
        "inverse-round-key-fragment": inverse_mix(high[6])[1:9],
        "spread-word": high[7][12:] * 4,
        "spread-rotated-word": (high[7][13:] + high[7][12:13]) * 4,
    }[form]


def main():
    check_vectors()
    form, offset, mib = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    rng = random.Random(form)
    key, kek = rng.randbytes(64), rng.randbytes(32)
    dump = bytearray(rng.randbytes(mib << 20))
    data = hidden(form, key)
    dump[offset:offset + len(data)] = data
    # the last bytes of a dump are easily forgotten
    dump = dump[:mib << 20]
    with open(sys.argv[4], "wb") as out:
        out.write(dump)
    with open(sys.argv[5], "wb") as out:
        if form.startswith("schedule-"):
            # a key that the scanner is not told
            out.write(b"other " + kek.hex().encode() + b"\n")
            return
        for tag, payload in ((b"P", key), (b"P", kek + bytes(32)), (b"P", key)):
            out.write(b"\xA5" + tag + struct.pack("B", len(payload)) + payload)


main()
