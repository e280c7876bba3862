"""Sound as rooms, microphones and noise change it: what a unit hears is never what was recorded."""

import random

import numpy as np

RATE_HZ = 16_000


def trimmed(sound):
    """Without the silence before and behind it, but for 0.1 s."""
    count = len(sound) // 800
    level = 10 * np.log10((sound[: count * 800].astype(float).reshape(count, 800) ** 2).mean(1) + 1)
    loud = np.nonzero(level > level.max() - 32)[0]
    return sound[max(0, loud[0] - 2) * 800 : (loud[-1] + 3) * 800]


def noise(count, kitchen, speech):
    """A kitchen, hiss of some colour, several people at once, or tones: `count` samples."""
    kind = random.random()
    if kind < 0.35 and len(kitchen) > count:
        start = random.randrange(len(kitchen) - count)
        return kitchen[start : start + count].astype(np.float32)
    if kind < 0.6:
        spectrum = np.fft.rfft(np.random.randn(count))
        return np.fft.irfft(spectrum * np.maximum(np.arange(len(spectrum)), 3.0) ** -random.uniform(0, 1.2), count)
    if kind < 0.85:
        mixed = np.zeros(count, np.float32)
        for _ in range(random.choice([3, 4, 5, 7])):
            one = speech().astype(np.float32)
            start = random.randrange(max(1, count))
            part = one[: count - start]
            mixed[start : start + len(part)] += part / (np.sqrt((one**2).mean()) + 1) * random.uniform(0.5, 1)
        return mixed
    seconds = np.arange(count) / RATE_HZ
    tones = np.random.randn(count) * 0.1
    for _ in range(random.randint(1, 5)):
        pitch = random.uniform(60, 1200)
        for harmonic in range(1, random.randint(2, 8)):
            tones += np.sin(2 * np.pi * pitch * harmonic * seconds + random.random() * 6) / harmonic * random.random()
    return tones * (1 + 0.8 * np.sin(2 * np.pi * random.uniform(0.3, 5) * seconds))


def changed(sound, kitchen, speech):
    """Faster or slower (and with it higher or lower), coloured, in a room, in noise, louder or softer."""
    speed = random.uniform(0.86, 1.22)
    count = int(len(sound) / speed)
    x = np.interp(np.arange(count) * speed, np.arange(len(sound)), sound).astype(np.float32)
    if random.random() < 0.5:
        spectrum = np.fft.rfft(x)
        place = np.linspace(0, 1, len(spectrum))
        gain = sum(random.uniform(-5, 5) * np.cos(np.pi * place * random.uniform(0.5, 4) + random.random() * 6) for _ in range(3))
        x = np.fft.irfft(spectrum * 10 ** (gain / 20), count)
    if random.random() < 0.45:
        length = int(RATE_HZ * random.uniform(0.1, 0.5))
        room = np.random.randn(length) * np.exp(-6.9 * np.arange(length) / length) * random.uniform(0.02, 0.12)
        room[0] = 1
        size = 1 << int(np.ceil(np.log2(count + length)))
        x = np.fft.irfft(np.fft.rfft(x, size) * np.fft.rfft(room, size), size)[: count + length // 2]
    x = np.concatenate([np.zeros(random.randint(800, 5000)), x, np.zeros(random.randint(800, 5000))])
    x = x / (np.sqrt(np.sort(x**2)[-len(x) // 3 :].mean()) + 1)
    if random.random() < 0.75:
        z = noise(len(x), kitchen, speech)
        x = x + z / (np.sqrt((z**2).mean()) + 1e-6) * 10 ** (-random.uniform(4, 28) / 20)
    x = x + np.random.randn(len(x)) * 10 ** (-random.uniform(30, 55) / 20)
    return np.clip(np.round(x * 10 ** random.uniform(1.8, 3.7)), -32768, 32767).astype(np.float32)
