"""Makes audio/models/phones.onnx; see its README. From the checkout's root, with python3-torch, onnx, numpy, flite, espeak-ng
and sox:

  python3 scripts/train-phones/train.py --data FOLDER --fold 0 --minutes 55

FOLDER holds commands/ and wake/ of Picovoice's benchmarks, commands/transcripts.json (file to words) beside them: what the
recogniser hears of each, where that is what its label says.
--fold 0 learns from one half of the orders (cut by the level of their background), to be judged by the other.
"""

import argparse
import json
import multiprocessing
import os
import random
import re
import tempfile
import time

import numpy as np
import torch
import torch.nn.functional as F
from network import NUMBER_OF, Phones, Spectrogram
from sentences import make_sentences, phones_of, read_dictionary
from sound import changed, trimmed
from voices import read_sound, speak

WAKE_WORDS = {
    "alexa": "AH L EH K S AH",
    "computer": "K AH M P Y UW T ER",
    "jarvis": "JH AA R V AH S",
    "smart-mirror": "S M AA R T M IH R ER",
    "snowboy": "S N OW B OY",
    "view-glass": "V Y UW G L AE S",
}
# Those that one fold leaves out are said to the other's bench as other speech.
LEFT_OUT = ("computer", "jarvis", "smart-mirror")
# There are few real people: each of their orders counts as much as so many sentences.
ORDER_WEIGHT = 22
# Of the lowest and highest band of the spectrogram.
MELS = 2595 * np.log10(1 + np.array([60, 3800]) / 700)
BATCH = 16
LEARNING_RATE = 2e-3


def read_people(data, fold):
    folder = os.path.join(data, "commands")
    dictionary = read_dictionary()
    orders = []
    for file, text in sorted(json.load(open(os.path.join(folder, "transcripts.json"))).items()):
        sound = read_sound(os.path.join(folder, file))
        quiet = np.sort((sound[: len(sound) // 1600 * 1600].astype(float).reshape(-1, 1600) ** 2).mean(1))
        orders.append((quiet[: max(1, len(quiet) // 8)].mean(), trimmed(sound), phones_of(text, dictionary)))
    orders.sort(key=lambda order: order[0])
    half = [at * 8 // len(orders) % 2 for at in range(len(orders))]
    items = [(x, phones, ORDER_WEIGHT) for (_, x, phones), of in zip(orders, half) if fold in (None, of)]
    for word, phones in WAKE_WORDS.items():
        if fold is not None and word in LEFT_OUT:
            continue
        for file in sorted(os.listdir(os.path.join(data, "wake", word))):
            sound = trimmed(read_sound(os.path.join(data, "wake", word, file)))
            if len(sound) < 48_000:
                items.append((sound, phones.split(), 1))
    return items


def make_speech(data, count):
    avoided = set(re.findall(r"[a-z']+", open("scripts/bench/commands/names.txt").read().lower()))
    grammar = open(os.path.join(data, "commands", "grammar.jsgf")).read()
    sentences = make_sentences(count, grammar, avoided)
    items = []
    with multiprocessing.Pool(initializer=random.seed) as pool:
        for at, sound in enumerate(pool.imap(say, [text for text, _ in sentences], chunksize=20)):
            phones = sentences[at][1]
            if len(sound) > 384 * len(phones):
                items.append((sound, phones, 1))
            if at % 500 == 0:
                print(f"{at} of {count} sentences are spoken", flush=True)
    return items


def say(text):
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        return trimmed(speak(text, file.name))


class Heard(torch.utils.data.IterableDataset):
    def __init__(self, items, kitchen):
        self.items, self.kitchen = items, kitchen

    def __iter__(self):
        weights = np.array([weight for _, _, weight in self.items], float)
        while True:
            chosen = np.random.choice(len(self.items), 24 * BATCH, p=weights / weights.sum())
            chosen = sorted(chosen, key=lambda at: len(self.items[at][0]))
            batches = [chosen[at : at + BATCH] for at in range(0, len(chosen), BATCH)]
            random.shuffle(batches)
            for batch in batches:
                sounds = [changed(self.items[at][0], self.kitchen, lambda: random.choice(self.items)[0]) for at in batch]
                padded = np.random.randn(BATCH, (max(map(len, sounds)) // 1280 + 1) * 1280).astype(np.float32) * 3
                for row, sound in zip(padded, sounds):
                    row[: len(sound)] = sound
                phones = [[NUMBER_OF[phone] for phone in self.items[at][1]] for at in batch]
                yield torch.tensor(padded), phones, [(len(sound) - 512) // 320 for sound in sounds]


def in_another_throat(mel):
    """Longer or shorter by up to a fifth, so that what sounds in it lies lower or higher, but neither slower nor faster."""
    mels = np.linspace(MELS[0], MELS[1], mel.shape[2])
    hertz = 700 * (10 ** (mels / 2595) - 1) * random.uniform(0.84, 1.2)
    place = (2595 * np.log10(1 + hertz / 700) - mels[0]) / (mels[1] - mels[0])
    place = np.clip(place, 0, mel.shape[2] - 1)
    below = np.clip(place.astype(int), 0, mel.shape[2] - 2)
    share = torch.tensor(place - below, dtype=torch.float32)
    return mel[:, :, below] * (1 - share) + mel[:, :, below + 1] * share


def train(net, items, kitchen, minutes):
    spectrogram = Spectrogram()
    for layer in net.body.layers[:3]:
        layer.requires_grad_(False)
    body = [each for each in net.body.parameters() if each.requires_grad]
    head = [each for name, each in net.named_parameters() if not name.startswith("body")]
    optimiser = torch.optim.AdamW([{"params": body}, {"params": head}], weight_decay=1e-4)
    began, mean = time.time(), None
    for step, (sound, phones, lengths) in enumerate(torch.utils.data.DataLoader(Heard(items, kitchen), batch_size=None, num_workers=1, prefetch_factor=8)):
        done = (time.time() - began) / 60 / minutes
        if done >= 1:
            return
        rate = LEARNING_RATE * min(1, step / 150 + 0.05) * (0.5 * (1 + np.cos(np.pi * done)) + 0.01)
        optimiser.param_groups[0]["lr"], optimiser.param_groups[1]["lr"] = 0.35 * rate, rate
        with torch.no_grad():
            mel = spectrogram(sound)
            if random.random() < 0.6:
                mel = in_another_throat(mel)
        if random.random() < 0.4:
            first = random.randrange(28)
            mel[:, :, first : first + random.randint(1, 4)] = mel.mean()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            odds = net(mel)
        odds = odds.float().transpose(0, 1)
        ends = torch.tensor([min(len(odds), length) for length in lengths])
        loss = F.ctc_loss(odds, torch.tensor(sum(phones, [])), ends, torch.tensor([len(each) for each in phones]), zero_infinity=True)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        mean = loss.item() if mean is None else 0.99 * mean + 0.01 * loss.item()
        if step % 50 == 0:
            print(f"step {step}, {100 * done:.0f} %: {mean:.3f} nats a phone", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--minutes", type=float, default=55)
    parser.add_argument("--sentences", type=int, default=13_000)
    parser.add_argument("--fold", type=int, choices=(0, 1))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", default="audio/models/phones.onnx")
    asked = parser.parse_args()
    for seed in (random.seed, np.random.seed, torch.manual_seed):
        seed(asked.seed)
    items = read_people(asked.data, asked.fold) + make_speech(asked.data, asked.sentences)
    kitchen = read_sound(os.path.join(asked.data, "commands", "noise-kitchen.flac"))
    net = Phones().to(memory_format=torch.channels_last)
    # The second half of the kitchen is for judging.
    train(net, items, kitchen[: len(kitchen) // 2], asked.minutes)
    names = {"input_names": ["spectrogram"], "output_names": ["logOdds"]}
    lengths = {"spectrogram": {1: "frames"}, "logOdds": {1: "halves"}}
    net = net.eval().to(memory_format=torch.contiguous_format)
    torch.onnx.export(net, torch.randn(1, 200, 32), asked.out, dynamic_axes=lengths, opset_version=13, dynamo=False, **names)


main()
