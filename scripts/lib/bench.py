# SPDX-License-Identifier: GPL-2.0-only
"""The measuring half of scripts/bench: runs User-Mode Linux once for each level
and pk-native-bench, prints a table, writes results.json, .md and .svg."""

import argparse
import datetime
import json
import os
import statistics
import subprocess
import sys
from xml.sax.saxutils import escape

TOP = os.environ["PK_TOP"]
HOME = f"{TOP}/build/bench"
BIN = f"{TOP}/build/bin"
GUEST_TIMEOUT = 1200
# Bytes that a section takes at most, kmod/crypto/cipher.h: serial modes less.
SECTION, SECTION_SERIAL = 16384, 4096
DR_READS = 4                    # a section reads DR0-DR3
DR_CYCLES = 40

DR_SOURCE = (
    "an assumption: no public figure for mov r64, drN on a current CPU was found. "
    "Known are 22 clocks on the 80386 (Intel's manual, MOV special registers) and "
    "that reading DR7 is \"cheaper than a cacheline miss\" (P. Zijlstra, LKML, "
    "2020-05-29, local_db_save). Replace it by --dr-cycles")

# What a level needs of /proc/cpuinfo, and the stock drivers beside it.
AVX512 = {"vaes", "vpclmulqdq", "avx2", "avx512f", "avx512bw", "avx512vl", "avx512dq"}
LEVELS = {
    "aesni": ({"aes", "avx"}, "xts-aes-aesni-avx", "generic-gcm-aesni-avx"),
    # stock has no GCM of this level and takes the one below
    "vaes-avx2": ({"vaes", "vpclmulqdq", "avx2"}, "xts-aes-vaes-avx2",
                  "generic-gcm-aesni-avx"),
    "avx512-256": (AVX512, "xts-aes-vaes-avx10_256", "generic-gcm-vaes-avx10_256"),
    "avx512": (AVX512, "xts-aes-vaes-avx10_512", "generic-gcm-vaes-avx10_512"),
}

METHOD = (
    "Method: stock and protkey take turns in one run, on one CPU; medians, and the "
    "quartiles of the ratios of neighbouring turns. Stock is Linux 6.12's aesni-intel "
    "of the same level, by the crypto API. In User-Mode Linux, code runs natively.")
NOT_IN = (
    "Not in the figures: debug-register reads (the key's half is in memory here), "
    "kernel_fpu_begin (saving registers), switching interrupts off, preemption. "
    "KVM guests: the first access after each VM exit may exit once more.")


def note(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def cpu_info():
    flags, model = set(), "unknown CPU"
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        for line in file:
            name, _, value = line.partition(":")
            if name.strip() == "flags":
                flags = set(value.split())
            elif name.strip() == "model name":
                model = value.strip()
    return flags, model


def known_levels():
    """The names that the module's table has: helpers add levels there."""
    with open(f"{TOP}/kmod/x86/level.c", encoding="utf-8") as file:
        text = file.read()
    return [name for name in LEVELS if f'.name = "{name}"' in text]


def usable_levels():
    flags, _ = cpu_info()
    return [name for name in known_levels() if not LEVELS[name][0] - flags]


def best_level():
    """The one that protkey would take: the last but where zmm costs clock."""
    return usable_levels()[-1]


# ---- what the guest is to do -----------------------------------------------

def call(direction, size, keys, caches, samples):
    return {"direction": direction, "size": size, "keys": keys,
            "caches": caches, "samples": samples}


def calls_of(quick, full):
    samples = 101 if quick else 401
    sizes = (512, 4096, 16384) if quick else (512, 4096, 16384, 65536)
    calls = [call(direction, size, 1, "hot", samples)
             for direction in ("enc", "dec") for size in sizes]
    if not full:
        return calls
    for keys in (64, 1024) if quick else (8, 64, 1024):
        calls += [call("enc", size, keys, "hot", samples) for size in (512, 4096)]
    calls += [call("enc", size, 1, "cold", 25 if quick else 101)
              for size in (512, 4096)]
    return calls


# pk-keytool knows the type of an AES-256 key, PROTKEY_KEY_AES_256, by its number.
AES_256 = "3"


def modes_of(level, quick):
    _, xts, gcm = LEVELS[level]
    mode = {"type": "skcipher", "stock": xts, "protkey": "xts(paes)", "kind": AES_256,
            "key_size": 32, "setkey_samples": 0, "prepare_keys": 0,
            "prepare_samples": 9, "calls": calls_of(quick, False)}
    modes = [dict(mode, what="xts-256", kind="xts-256", key_size=64,
                  calls=calls_of(quick, True), setkey_samples=101,
                  prepare_keys=0 if quick else 256),
             dict(mode, what="xts-128", kind="xts-128"),
             dict(mode, what="gcm-256", type="aead", stock=gcm, protkey="gcm(paes)",
                  calls=calls_of(quick, True), setkey_samples=101)]
    if level == "aesni":        # the other levels have these from here, stock as well
        modes += [dict(mode, what=f"{name}-256", stock=f"{name}-aes-aesni",
                       protkey=f"{name}(paes)") for name in ("ctr", "cbc", "ecb")]
    return modes


def job_of(level, options):
    quick = options.quick
    uml = f"{HOME}/uml"
    disk = {"stock": f"capi:{LEVELS[level][1]}-plain64",
            "protkey": "paes-xts-plain64",
            "sectors": [] if options.tls else [512, 4096], "passes": 9 if quick else 41}
    modules = {
        "crypto_simd": f"{HOME}/stock/crypto_simd.ko",
        "cryptd": f"{uml}/crypto/cryptd.ko",
        "aesni-intel": f"{HOME}/stock/aesni-intel.ko",
        "brd": f"{uml}/drivers/block/brd.ko",
        "dm-crypt": f"{uml}/drivers/md/dm-crypt.ko",
        "af_alg": f"{uml}/crypto/af_alg.ko",
        "algif_skcipher": f"{uml}/crypto/algif_skcipher.ko",
        "algif_aead": f"{uml}/crypto/algif_aead.ko",
        "protkey": f"{HOME}/protkey/protkey.ko",
        "pk_bench": f"{HOME}/module/pk_bench.ko",
        "tls": f"{uml}/net/tls/tls.ko",
        "protkey-ktls": f"{HOME}/protkey/protkey-ktls.ko",
    }
    # gcm(aes) of the kernel's TLS is the best that the CPU has, whatever the level
    best = level == best_level()
    return {
        "modules": modules,
        "order": ["cryptd", "crypto_simd", "aesni-intel", "brd", "dm-crypt",
                  "af_alg", "algif_skcipher", "algif_aead", "protkey", "pk_bench",
                  "tls", "protkey-ktls"],
        "arguments": {"brd": ["rd_nr=2", "rd_size=65536"],
                      "protkey": [f"level={level}"]},
        "keytool": f"{BIN}/pk-keytool",
        "modes": [mode for mode in modes_of(level, quick)
                  if not options.tls or mode["what"].startswith("gcm")],
        "disk": disk,
        "tls": {"key_sizes": [16, 32], "records": [16384],
                "passes": 9 if quick else 41, "service_passes": 5 if quick else 21,
                "transfer": (256 if quick else 2048) << 20,
                "pki": f"{HOME}/pki", "nginx": "/usr/sbin/nginx",
                "stunnel": "/usr/bin/stunnel4",
                "preload": f"{TOP}/build/lib/libprotkey-ktls-preload.so"}
               if best else None,
    }


def make_certificate():
    """For the services that are measured; of no other use."""
    os.makedirs(f"{HOME}/pki", exist_ok=True)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{HOME}/pki/node.key",
                    "-out", f"{HOME}/pki/node.crt", "-subj", "/CN=node", "-days", "2"],
                   check=True, capture_output=True)


def run_guest(level, options):
    """The guest's results; problems are printed."""
    make_certificate()
    job = f"{HOME}/job-{level}.json"
    log = f"{HOME}/guest-{level}.log"
    with open(job, "w", encoding="utf-8") as file:
        json.dump(job_of(level, options), file, indent=1)
    command = ["taskset", "-c", str(options.cpu), f"{HOME}/uml/linux", "mem=1G",
               "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro",
               f"init={TOP}/selftests/bench/init", f"PK_JOB={job}",
               "con=null", "con0=fd:0,fd:1", "quiet"]
    rows, ended = [], False
    with open(log, "w", encoding="utf-8") as out:
        try:
            subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out,
                           stderr=subprocess.STDOUT, timeout=GUEST_TIMEOUT,
                           check=False)
        except subprocess.TimeoutExpired:
            note(f"{level}: stopped after {GUEST_TIMEOUT} s")
    with open(log, encoding="utf-8", errors="replace") as file:
        for line in file:
            line = line.strip()
            if line.startswith("@! "):
                note(f"{level}: {line[3:]}")
                options.failed = True
            elif line.startswith("@ "):
                rows.append(json.loads(line[2:]))
                ended |= rows[-1]["kind"] == "end"
    if not ended:
        note(f"{level}: the guest did not finish; log: {log}")
        options.failed = True
    return rows


# ---- rows --------------------------------------------------------------------

def dr_cycles(what, size, options):
    section = SECTION_SERIAL if what.startswith(("cbc", "hmac")) else SECTION
    return max(1, -(-size // section)) * DR_READS * options.dr_cycles


def dr_ns(what, size, tsc_khz, options):
    return dr_cycles(what, size, options) * 1e6 / tsc_khz


def call_row(level, raw, options):
    khz = raw["tsc_khz"]
    stock, protkey = (raw[side][1] / 1000 * 1e6 / khz
                      for side in ("stock", "protkey"))
    ratio = [value / 10000 for value in raw["ratio"]]
    row = {"what": raw["what"], "level": level, "size": raw["size"],
           "protkey": round(protkey, 1), "stock": round(stock, 1),
           "ratio": round(ratio[1], 3), "unit": "ns",
           "ratio_quartiles": [ratio[0], ratio[2]],
           "ratio_with_dr": round(ratio[1] +
                                  dr_ns(raw["what"], raw["size"], khz, options) / stock, 3),
           "direction": "decrypt" if raw["direction"] == "dec" else "encrypt",
           "keys": raw["keys"], "caches": raw["caches"], "better": "lower"}
    return row


def setkey_row(level, raw):
    """No ratio: there is none without the debug-register reads beside it, and
    nobody has counted the sections of a setkey."""
    stock, protkey = (1e6 * raw["tsc_khz"] / raw[side][1]
                      for side in ("stock", "protkey"))
    return {"what": f"setkey-{raw['what']}", "level": level, "size": 0,
            "protkey": round(protkey), "stock": round(stock),
            "ratio": None, "unit": "1/s", "better": "higher"}


def prepare_row(level, raw):
    return {"what": f"prepare-{raw['what']}", "level": level, "size": 0,
            "protkey": round(raw["per_second"]), "stock": None, "ratio": None,
            "unit": "1/s", "better": "higher"}


def disk_row(level, raw, khz, options):
    pairs = sorted(p / s for p, s in zip(raw["protkey"], raw["stock"]))
    quartiles = [pairs[len(pairs) // 4], pairs[len(pairs) * 3 // 4]]
    protkey, stock = (statistics.median(raw[side]) for side in ("protkey", "stock"))
    ratio = statistics.median(pairs)
    # a section for each sector; seconds a byte grow by its reads
    extra = dr_ns("xts", raw["sector"], khz, options) / raw["sector"]
    with_dr = ratio / (1 + extra * protkey / 1000)
    return {"what": f"dm-crypt-{'write' if raw['write'] else 'read'}",
            "level": level, "size": raw["sector"], "protkey": round(protkey),
            "stock": round(stock), "ratio": round(ratio, 3), "unit": "MB/s",
            "ratio_quartiles": [round(value, 4) for value in quartiles],
            "ratio_with_dr": round(with_dr, 3), "better": "higher"}


def tls_rows(level, raw, khz, options):
    """Megabytes a second through both ends, sections of both ends."""
    def row(what, side, reference, sections):
        pairs = sorted(p / s for p, s in zip(raw[side], raw[reference]))
        ratio = statistics.median(pairs)
        speed = statistics.median(raw[side])
        extra = sections * DR_READS * options.dr_cycles * 1e6 / khz / raw["record"]
        return {"what": what, "level": level, "size": raw["record"],
                "protkey": round(speed), "stock": round(statistics.median(raw[reference])),
                "ratio": round(ratio, 3), "unit": "MB/s",
                "ratio_quartiles": [round(pairs[len(pairs) // 4], 4),
                                    round(pairs[len(pairs) * 3 // 4], 4)],
                "ratio_with_dr": round(ratio / (1 + extra * speed / 1000), 3),
                "better": "higher"}
    return [row(f"ktls-{raw['key']}", "protkey", "bare", 2),
            row(f"ktls-{raw['key']} forwarded", "stock", "bare", 0)]


# A service, and whom it is compared with.
SERVICE_PAIRS = (("tlsd", "stunnel"), ("tlsd", "nginx-proxy"), ("tlsd", "nginx"),
                 ("nginx-protected", "nginx"), ("nginx-protected-proxy", "nginx-proxy"))


def service_rows(level, raw):
    """No column with debug registers: several processes wait for each other on one
    CPU, and what a section costs is a small part of that."""
    for ours, other in SERVICE_PAIRS:
        if ours not in raw["speed"] or other not in raw["speed"]:
            continue
        protkey, stock = raw["speed"][ours], raw["speed"][other]
        pairs = sorted(p / s for p, s in zip(protkey, stock))
        yield {"what": f"{raw['what']} {raw['version']} {ours}:{other}", "level": level,
               "size": 0, "protkey": round(statistics.median(protkey)),
               "stock": round(statistics.median(stock)),
               "ratio": round(statistics.median(pairs), 3),
               "unit": "1/s" if raw["what"] == "connections" else "MB/s",
               "ratio_quartiles": [round(pairs[len(pairs) // 4], 4),
                                   round(pairs[len(pairs) * 3 // 4], 4)],
               "better": "higher"}


def rows_of(level, raws, options):
    rows, khz = [], None
    for raw in raws:
        khz = raw.get("tsc_khz", khz)
        if raw["kind"] == "status" and raw.get("level") != level:
            note(f"{level}: protkey runs {raw.get('level')} instead, left out")
            options.failed = True
            return []
        if raw["kind"] == "call":
            rows.append(call_row(level, raw, options))
        elif raw["kind"] == "setkey":
            rows.append(setkey_row(level, raw))
        elif raw["kind"] == "prepare":
            rows.append(prepare_row(level, raw))
        elif raw["kind"] == "disk" and khz:
            rows.append(disk_row(level, raw, khz, options))
        elif raw["kind"] == "tls" and khz:
            rows += tls_rows(level, raw, khz, options)
        elif raw["kind"] == "service":
            rows += service_rows(level, raw)
        elif raw["kind"] == "transfer":
            note(f"protkey-tlsd: {raw['size'] >> 20} MiB each way, the SHA-256 is right")
    return rows


def native_rows(levels, options):
    tool = f"{BIN}/pk-native-bench"
    if not os.path.exists(tool):
        note("no pk-native-bench: no rows in cycles")
        return []
    done = subprocess.run(["taskset", "-c", str(options.cpu), tool, *levels],
                          stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        note(f"pk-native-bench: exit status {done.returncode}")
        options.failed = True
    rows = []
    for line in done.stdout.splitlines():
        if not line.startswith("{"):
            continue
        row = json.loads(line)
        if row["what"].startswith("hmac"):
            del row["direction"]
        row["ratio_with_dr"] = round(row["ratio"] + dr_cycles(
            row["what"], row["size"], options) / row["stock"], 3)
        rows.append(dict(row, keys=1, caches="hot", better="lower"))
    return rows


# ---- output ------------------------------------------------------------------

def label(row):
    words = [row["what"]]
    if "direction" in row:
        words.append(row["direction"])
    if row.get("keys", 1) != 1:
        words.append(f"{row['keys']} keys")
    if row.get("caches") == "cold":
        words.append("cold")
    return " ".join(words)


def print_table(rows, options):
    print(f"{'':38}{'level':11}{'size':>6}{'stock':>10}{'protkey':>10} "
          f"{'unit':7}{'ratio':>7}  {'quartiles':14}{'with DR':>8}")
    for row in rows:
        spread = row.get("ratio_quartiles")
        print(f"{label(row):38}{row['level']:11}{row['size'] or '':>6}"
              f"{'' if row['stock'] is None else row['stock']:>10}{row['protkey']:>10} "
              f"{row['unit']:7}"
              f"{'' if row['ratio'] is None else format(row['ratio'], '.3f'):>7}  "
              f"{'%.3f-%.3f' % tuple(spread) if spread else '':14}"
              f"{row.get('ratio_with_dr', ''):>8}")
    for text in footer(options):
        print("\n" + text)


def footer(options):
    return [METHOD,
            "Lower ratios are better for ns and cycles, higher ones for MB/s and 1/s.",
            NOT_IN,
            f"\"with DR\" adds {DR_READS} reads a section of {options.dr_cycles} cycles "
            f"each: {DR_SOURCE if options.dr_cycles == DR_CYCLES else 'from --dr-cycles'}."]


MARKDOWN = (
    ("Inside the kernel, one key, hot caches",
     lambda row: row["unit"] == "ns" and row["keys"] == 1 and row["caches"] == "hot"),
    ("dm-crypt on a RAM disk", lambda row: row["what"].startswith("dm-crypt")),
    ("kTLS on loopback", lambda row: row["what"].startswith("ktls")),
    ("Services", lambda row: ":" in row["what"]),
    ("More keys, and cold caches",
     lambda row: row["unit"] == "ns" and (row["keys"] > 1 or row["caches"] == "cold")),
    ("Keys a second", lambda row: row["what"].startswith(("setkey", "prepare"))),
    ("Bare routines", lambda row: row["unit"] == "cycles"),
)


def write_markdown(rows, title):
    """The tables of Documentation/performance.md."""
    out = [f"{title}\n"]
    for heading, belongs in MARKDOWN:
        group = [row for row in rows if belongs(row)]
        if not group:
            continue
        out += [f"### {heading}\n",
                f"| | level | bytes | stock, {group[0]['unit']} | protkey | ratio "
                "| quartiles | with DR |", "|---|---|---|---|---|---|---|---|"]
        for row in group:
            spread = row.get("ratio_quartiles")
            cells = [label(row), row["level"], row["size"] or "",
                     "" if row["stock"] is None else row["stock"], row["protkey"],
                     "" if row["ratio"] is None else f"{row['ratio']:.2f}",
                     "%.2f-%.2f" % tuple(spread) if spread else "",
                     f"{row['ratio_with_dr']:.2f}" if "ratio_with_dr" in row else ""]
            out.append("| " + " | ".join(map(str, cells)) + " |")
        out.append("")
    with open(f"{HOME}/results.md", "w", encoding="utf-8") as file:
        file.write("\n".join(out))


def wrapped(text, width):
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            yield line
            line = ""
        line = f"{line} {word}" if line else word
    yield line


def write_svg(rows, title, options):
    """A bar for each ratio; the thin one behind it has the DR reads."""
    bars = [row for row in rows if row["ratio"] and "ratio_with_dr" in row
            and row.get("caches", "hot") == "hot" and row.get("keys", 1) == 1]
    notes = [line for text in footer(options) for line in wrapped(text, 125)]
    left, scale, step = 330, 250, 18
    height = 60 + step * len(bars) + 16 * len(notes) + 30
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="900" height="{height}" '
           'font-family="sans-serif" font-size="12">',
           '<rect width="100%" height="100%" fill="white"/>',
           f'<text x="10" y="22" font-size="15">{escape(title)}</text>',
           '<text x="10" y="40">protkey to stock; dark: as measured, light: with '
           'debug-register reads; line: 1.00, no difference</text>']
    at = 52
    for row in bars:
        text = f"{label(row)}, {row['level']}, {row['size']} ({row['unit']})"
        out.append(f'<text x="10" y="{at + 12}">{escape(text)}</text>')
        for key, color, inset in (("ratio_with_dr", "#b8cbe0", 1),
                                  ("ratio", "#30567f", 4)):
            wide = min(row[key], 2.1) * scale
            out.append(f'<rect x="{left}" y="{at + inset}" width="{wide:.0f}" '
                       f'height="{16 - 2 * inset}" fill="{color}"/>')
        out.append(f'<text x="{left + min(max(row["ratio"], row["ratio_with_dr"]), 2.1) * scale + 5:.0f}" '
                   f'y="{at + 12}">{row["ratio"]:.2f} / {row["ratio_with_dr"]:.2f}</text>')
        at += step
    out.append(f'<line x1="{left + scale}" x2="{left + scale}" y1="50" y2="{at}" '
               'stroke="#c00" stroke-dasharray="3 3"/>')
    for line in notes:
        at += 16
        out.append(f'<text x="10" y="{at + 8}" font-size="11">{escape(line)}</text>')
    out.append("</svg>\n")
    with open(f"{HOME}/results.svg", "w", encoding="utf-8") as file:
        file.write("\n".join(out))


def parse():
    parser = argparse.ArgumentParser(prog="scripts/bench")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--level", action="append", choices=list(LEVELS))
    parser.add_argument("--cpu", type=int,
                        default=min(1, max(os.sched_getaffinity(0))))
    parser.add_argument("--dr-cycles", type=float, default=DR_CYCLES)
    options = parser.parse_args()
    options.failed = False
    return options


def main():
    options = parse()
    flags, model = cpu_info()
    known, rows, ran = known_levels(), [], []
    for level in options.level or ([best_level()] if options.tls else LEVELS):
        if level not in known:
            note(f"{level}: SKIP, protkey has no such level")
            continue
        lacks = LEVELS[level][0] - flags
        if lacks:
            note(f"{level}: SKIP, this CPU lacks {' '.join(sorted(lacks))}")
            continue
        note(f"{level}: measuring in User-Mode Linux")
        ran.append(level)
        rows += rows_of(level, run_guest(level, options), options)
    if ran and not options.tls:
        note("measuring bare routines")
        rows += native_rows(ran, options)
    now = datetime.datetime.now().strftime("%Y-%m-%d")
    for row in rows:
        row.update(date=now, cpu=model, dr_cycles=options.dr_cycles)
    with open(f"{HOME}/results.json", "w", encoding="utf-8") as file:
        json.dump(rows, file, indent=1)
        file.write("\n")
    title = f"{model}, {now}"
    print(title)
    print_table(rows, options)
    write_svg(rows, title, options)
    write_markdown(rows, title)
    note(f"wrote {HOME}/results.json, results.md and results.svg")
    return 1 if options.failed or not rows else 0


sys.exit(main())
