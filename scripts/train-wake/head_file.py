"""Wake heads as audio/engines/wake-head.ts reads them: judges, each of some networks, of layers of weights and bias."""

import struct
import zlib

import numpy

MAGIC = b"PORTERWK"
VERSION = 2
LEVELS = ("low", "normal", "high", "played")


def write_head(path, judges):
    """Each judge: `thresholds` by level, `smoothed` (steps), `networks` (layers: weights, outputs by inputs, and bias)."""
    shape, floats = [VERSION, len(judges)], b""
    for judge in judges:
        shape += [judge["smoothed"], len(judge["networks"])]
        floats += numpy.array([judge["thresholds"][level] for level in LEVELS], "<f4").tobytes()
        for layers in judge["networks"]:
            shape += [len(layers), *(weight.shape[1] for weight, _ in layers)]
            for weight, bias in layers:
                floats += numpy.asarray(weight, "<f4").tobytes() + numpy.asarray(bias, "<f4").tobytes()
    body = MAGIC + struct.pack(f"<{len(shape)}H", *shape) + floats
    with open(path, "wb") as file:
        file.write(body + struct.pack("<I", zlib.crc32(body)))


def read_head(path):
    with open(path, "rb") as file:
        body = file.read()
    at = len(MAGIC)

    def numbers(count):
        nonlocal at
        found = struct.unpack_from(f"<{count}H", body, at)
        at += 2 * count
        return found

    def floats(*sides):
        nonlocal at
        found = numpy.frombuffer(body, "<f4", int(numpy.prod(sides)), at).reshape(sides)
        at += found.nbytes
        return found

    version, count = numbers(2)
    if not body.startswith(MAGIC) or version != VERSION:
        raise SystemExit(f"{path} is no wake head of version {VERSION}")
    shapes = []
    for _ in range(count):
        smoothed, networks = numbers(2)
        shapes.append((smoothed, [[*numbers(numbers(1)[0]), 1] for _ in range(networks)]))
    judges = []
    for smoothed, networks in shapes:
        thresholds = dict(zip(LEVELS, floats(len(LEVELS)).tolist()))
        layers = [[(floats(made, given), floats(made)) for given, made in zip(sizes, sizes[1:])] for sizes in networks]
        judges.append({"thresholds": thresholds, "smoothed": smoothed, "networks": layers})
    return judges
