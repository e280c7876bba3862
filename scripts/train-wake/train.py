"""Trains wake heads on the features that scripts/train-wake.ts made, and judges them by cross-validation.

They may speak up within half a second of the word: join.py keeps a quicker judge beside them.

Needs Debian's python3-torch and python3-numpy (or newer ones). The same features and seed on the same machine give the
same heads.

    train.py FEATURES [--word computer] [--folds 4] [--seed 1]      figures on recordings that were not trained on
    train.py FEATURES --word computer --out computer.head           a head trained on all of them
"""

import argparse
import glob
import json
import os

import numpy
import torch
from torch import nn

from head_file import write_head

EMBEDDING = 96
STEPS = 16
SMOOTHED = 3
REFRACTORY = 19
STEP_S = 0.08

# The lowest thresholds with no more false accepts an hour than these.
FALSE_PER_HOUR = {"normal": 0.1, "high": 1.0}

# Made speech by other voices, and recordings of other people.
UNLEARNED = {"made-judge": "made speech", "other": "other recordings"}

# The hardest are looked for among so many windows.
SEARCHED = 120_000

# The word's last sound lies in the step `word`: somewhere in these steps the head should speak up.
BEFORE, BEHIND = 0, 6
# A word is said within so many steps; what lies further before its end is not it.
WORD_STEPS = 11


class Features:
    """All clips' embeddings in one row each 80 ms, and what is known of each clip."""

    def __init__(self, folder, stages):
        rows, self.clips = [], []
        start = 0
        for name in sorted(p for stage in stages for p in glob.glob(os.path.join(folder, f"{stage}-*.jsonl"))):
            with open(name) as lines:
                clips = [json.loads(line) for line in lines if line.endswith("}\n")]
            found = numpy.fromfile(name.replace(".jsonl", ".f32"), dtype=numpy.float32)
            total = sum(clip["steps"] for clip in clips)
            rows.append(found[: total * EMBEDDING].reshape(total, EMBEDDING))
            for clip in clips:
                self.clips.append({**clip, "start": start})
                start += clip["steps"]
        rows = torch.from_numpy(numpy.concatenate(rows))
        self.mean, self.deviation = rows[::7].mean(0), rows[::7].std(0) + 1e-3
        self.rows = (rows - self.mean) / self.deviation

    def steps_of(self, clip, first=STEPS - 1, last=None):
        """Row numbers of the clip's steps that end a whole window."""
        last = clip["steps"] if last is None else min(last, clip["steps"])
        return torch.arange(clip["start"] + max(first, STEPS - 1), clip["start"] + max(last, first, STEPS - 1))

    def windows(self, ends, steps):
        return self.rows[ends[:, None] + torch.arange(1 - steps, 1)].reshape(len(ends), steps * EMBEDDING)


class Head(nn.Module):
    def __init__(self, steps, hidden, dropout):
        super().__init__()
        self.steps = steps
        self.dropped = dropout[0]
        sizes = [steps * EMBEDDING, *hidden]
        layers = []
        for given, made in zip(sizes, sizes[1:]):
            layers += [nn.Linear(given, made), nn.ReLU(), nn.Dropout(dropout[1])]
        self.layers = nn.Sequential(*layers, nn.Linear(sizes[-1], 1))

    def forward(self, windows):
        if self.training:
            # Whole steps and whole features are left out, so that no one of them decides.
            rows = windows.reshape(-1, self.steps, EMBEDDING)
            kept = (torch.rand(len(rows), self.steps, 1) > self.dropped).float()
            kept = kept * (torch.rand(len(rows), 1, EMBEDDING) > self.dropped).float()
            windows = (rows * kept / (1 - self.dropped) ** 2).reshape(windows.shape)
        return self.layers(windows)[:, 0]

    def folded(self, mean, deviation):
        """The layers as the detector takes them, inputs as they come."""
        linears = [layer for layer in self.layers if isinstance(layer, nn.Linear)]
        mean, deviation = mean.repeat(self.steps), deviation.repeat(self.steps)
        first = linears[0].weight / deviation
        found = [(first, linears[0].bias - first @ mean)]
        return found + [(layer.weight, layer.bias) for layer in linears[1:]]


def train(features, learn, word, options, seed):
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    said = [clip for clip in learn if clip["word"] == word and clip["wordStep"] + 2 < clip["steps"]]
    negatives = torch.cat([negative_steps(features, clip, word) for clip in learn])
    # Made voices are easy and many: real ones are drawn more often.
    weights = torch.tensor([options.real if clip["set"] == "learn" else 1.0 for clip in said])
    ends = torch.stack([
        (clip["start"] + clip["wordStep"] + torch.arange(-BEFORE, BEHIND)).clamp(max=clip["start"] + clip["steps"] - 1)
        for clip in said
    ])
    head = Head(options.steps, options.hidden, options.dropout)
    optimiser = torch.optim.AdamW(head.parameters(), lr=options.rate, weight_decay=options.decay)
    total = options.rounds * options.batches
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, options.rate, total_steps=total)
    hard = None
    for round_ in range(options.rounds):
        head.train()
        for _ in range(options.batches):
            chosen = ends[torch.multinomial(weights, options.positives, True, generator=generator)]
            random = negatives[torch.randint(len(negatives), (options.negatives,), generator=generator)]
            if hard is not None:
                half = options.negatives // 2
                random[:half] = hard[torch.randint(len(hard), (half,), generator=generator)]
            windows = features.windows(torch.cat([chosen.reshape(-1), random]), head.steps)
            logits = head(windows)
            spoken = logits[: chosen.numel()].reshape(chosen.shape)
            # The mean of the best three steps in a row, as the detector smooths.
            runs = (spoken[:, :-2] + spoken[:, 1:-1] + spoken[:, 2:]) / 3
            wanted = nn.functional.softplus(-runs.max(1).values).mean()
            unwanted = nn.functional.softplus(logits[chosen.numel() :]).mean()
            optimiser.zero_grad()
            (wanted + options.weight * unwanted).backward()
            optimiser.step()
            schedule.step()
        if round_ < options.rounds - 1:
            searched = negatives[torch.randperm(len(negatives), generator=generator)[:SEARCHED]]
            found = score([head], features, searched)
            hard = searched[found.topk(max(2_000, len(searched) // 60)).indices]
    head.eval()
    return head


def negative_steps(features, clip, word):
    if clip["word"] != word:
        return features.steps_of(clip)
    return features.steps_of(clip, last=clip["wordStep"] - WORD_STEPS)


def score(heads, features, ends):
    """The mean of the heads' logits for each window."""
    found = []
    with torch.no_grad():
        for head in heads:
            head.eval()
        for part in ends.split(8_192):
            found.append(torch.stack([head(features.windows(part, head.steps)) for head in heads]).mean(0))
    return torch.cat(found) if found else torch.zeros(0)


def smoothed(heads, features, clip):
    raw = score(heads, features, features.steps_of(clip))
    sums = nn.functional.pad(raw, (SMOOTHED, 0)).cumsum(0)
    return (sums[SMOOTHED:] - sums[:-SMOOTHED]) / SMOOTHED


def detections(scores, threshold):
    count, quiet_until = 0, 0
    for step in (scores > threshold).nonzero()[:, 0].tolist():
        if step >= quiet_until:
            count, quiet_until = count + 1, step + REFRACTORY
    return count


class Judged:
    """Smoothed scores of clips that were not trained on: with the word and without it, by what they are."""

    def __init__(self):
        self.said, self.other = {}, {}

    def add(self, word, kind, scores, clip):
        kinds = self.said if clip["word"] == word else self.other
        kinds.setdefault(kind, []).append(scores)

    def heard(self, kind, threshold):
        return 100 * sum(bool(scores.max() > threshold) for scores in self.said[kind]) / len(self.said[kind])

    def taken(self, kinds, threshold):
        """How often something else is taken for the word, and in how many hours."""
        scores = [each for kind in kinds for each in self.other[kind]]
        return sum(detections(each, threshold) for each in scores), sum(map(len, scores)) * STEP_S / 3600

    def lowest(self, kinds, per_hour):
        """The lowest threshold with no more false accepts an hour than that."""
        for threshold in numpy.arange(0.1, 20, 0.1):
            count, hours = self.taken(kinds, threshold)
            if count <= per_hour * hours:
                return round(float(threshold), 1)
        raise SystemExit("no threshold keeps false accepts so few")

    def print(self, thresholds):
        for name, threshold in thresholds.items():
            heard = ", ".join(f"{kind} {self.heard(kind, threshold):.1f} %" for kind in self.said)
            print(f"{name} ({threshold}): heard {heard}")
            for kind in self.other:
                count, hours = self.taken([kind], threshold)
                print(f"    {kind}: taken for it {count} times in {hours:.2f} h")


def cross_validate(features, word, options):
    recorded = [clip for clip in features.clips if clip["set"] in ("learn", "judge")]
    made = [clip for clip in features.clips if clip["set"] == "made"]
    judged = Judged()
    for fold in range(options.folds):
        held = lambda clip: clip["id"] % options.folds == fold
        if not any(map(held, recorded)):
            print(f"{word}: fold {fold + 1} of {options.folds} has no recordings")
            continue
        learn = [clip for clip in recorded if clip["set"] == "learn" and not held(clip)] + made
        heads = [train(features, learn, word, options, options.seed + 10 * fold + i) for i in range(options.heads)]
        for clip in recorded:
            if clip["set"] == "judge" and held(clip):
                judged.add(word, clip["how"], smoothed(heads, features, clip), clip)
        unlearned = [clip for clip in features.clips if clip["set"] in UNLEARNED]
        add_unlearned(judged, features, heads, word, unlearned[fold :: options.folds])
        print(f"{word}: fold {fold + 1} of {options.folds} is judged", flush=True)
    return judged


def add_unlearned(judged, features, heads, word, clips):
    """What no head ever learns from."""
    for clip in clips:
        judged.add(word, UNLEARNED[clip["set"]], smoothed(heads, features, clip), clip)


def choose(judged):
    """Set on what no fold learned from, for a head as it leaves here; join.py sets them anew."""
    everything = list(judged.other)
    normal = judged.lowest(everything, FALSE_PER_HOUR["normal"])
    high = min(judged.lowest(everything, FALSE_PER_HOUR["high"]), normal - 0.2)
    return {"low": round(normal + 1, 2), "normal": round(normal, 2), "high": round(high, 2), "played": round(high / 2, 2)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("features")
    parser.add_argument("--word", default="computer")
    parser.add_argument("--out", help="where the head trained on everything goes; without it, judged by --folds")
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--heads", type=int, default=3, help="networks whose mean is the score")
    parser.add_argument("--steps", type=int, default=16)
    parser.add_argument("--hidden", type=int, nargs="+", default=[48])
    parser.add_argument("--dropout", type=float, nargs=2, default=[0.1, 0.3], help="of the inputs, of the hidden units")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--decay", type=float, default=0.02)
    parser.add_argument("--rounds", type=int, default=4, help="after each, the hardest negatives are looked for")
    parser.add_argument("--batches", type=int, default=120, help="in each round")
    parser.add_argument("--positives", type=int, default=48)
    parser.add_argument("--negatives", type=int, default=512)
    parser.add_argument("--weight", type=float, default=1.5, help="of a false accept, beside a miss")
    parser.add_argument("--real", type=float, default=2.0, help="how much oftener a real voice is drawn than a made one")
    options = parser.parse_args()
    features = Features(options.features, ["real", "made", "other"])
    file = os.path.join(options.features, f"{options.word}-thresholds.json")
    if options.out is None:
        judged = cross_validate(features, options.word, options)
        thresholds = choose(judged)
        with open(file, "w") as out:
            json.dump(thresholds, out)
        judged.print(thresholds)
        return
    if not os.path.exists(file):
        raise SystemExit(f"{file} is missing: judge first, which sets the thresholds")
    with open(file) as known:
        thresholds = json.load(known)
    learn = [clip for clip in features.clips if clip["set"] in ("learn", "made")]
    heads = [train(features, learn, options.word, options, options.seed + 100 + i) for i in range(options.heads)]
    networks = [head.folded(features.mean, features.deviation) for head in heads]
    networks = [[(weight.detach().numpy(), bias.detach().numpy()) for weight, bias in layers] for layers in networks]
    write_head(options.out, [{"thresholds": thresholds, "smoothed": SMOOTHED, "networks": networks}])
    print(f"{options.out}: {os.path.getsize(options.out)} bytes, of {len(learn)} clips")
    judged = Judged()
    add_unlearned(judged, features, heads, options.word, [c for c in features.clips if c["set"] in UNLEARNED])
    judged.print(thresholds)


if __name__ == "__main__":
    main()
