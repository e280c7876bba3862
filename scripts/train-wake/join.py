"""Makes the head that ships of the one that train.py made: what it was trained on is patient, so a quick judge stays.

    join.py FEATURES --word computer --head trained.head --out audio/models/computer.head
"""

import argparse

from head_file import read_head, write_head

# Chosen on the quarter of the recordings that nothing learned from and on other speech: audio/models/README.md.
PATIENT = {
    "computer": {"low": 3.75, "normal": 2.75, "high": 1.25, "played": 1.2},
    "jarvis": {"low": 5, "normal": 4, "high": 3, "played": 1.5},
}
# The first judge of the head that ships, where it is quicker than what train.py makes.
QUICK = {"computer": {"low": 4.25, "normal": 3, "high": 2.5, "played": 1}}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("features")
    parser.add_argument("--word", required=True)
    parser.add_argument("--head", required=True)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    # Its networks are three already, and the mean of more steps would only come later.
    judges = [{**read_head(options.head)[-1], "thresholds": PATIENT[options.word], "smoothed": 1}]
    if options.word in QUICK:
        judges.insert(0, {**read_head(options.out)[0], "thresholds": QUICK[options.word]})
    write_head(options.out, judges)


if __name__ == "__main__":
    main()
