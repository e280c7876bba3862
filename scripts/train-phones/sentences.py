"""What synthetic voices say for `train.py`: words of the dictionary, the inventory with names of it, orders for coffee."""

import json
import random
import re
import subprocess

DICTIONARY = "/usr/share/pocketsphinx/model/en-us/cmudict-en-us.dict"
DIGITS = "zero one two three four five six seven eight nine oh double".split()
# The dictionary lacks them.
MORE_WORDS = {"unblock": "AH N B L AA K", "unmute": "AH N M Y UW T"}


def read_dictionary():
    """Each word's phones; of several ways the first."""
    found = {}
    for line in open(DICTIONARY):
        word, *phones = line.split()
        if re.fullmatch(r"[a-z][a-z']*", word):
            found.setdefault(word, phones)
    return found | {word: phones.split() for word, phones in MORE_WORDS.items()}


def phones_of(text, dictionary):
    """None where the dictionary lacks a word."""
    found = []
    for word in text.split():
        stem = word.removesuffix("'s")
        if word in dictionary:
            found += dictionary[word]
        elif stem != word and stem in dictionary:
            last = dictionary[stem][-1]
            sibilant = last in ("S", "Z", "SH", "CH", "JH", "ZH")
            found += dictionary[stem] + (["IH", "Z"] if sibilant else ["S"] if last in ("P", "T", "K", "F", "TH") else ["Z"])
        else:
            return None
    return found


def say_command(table, names):
    pattern = random.choice(table["patterns"])
    words = []
    for item in pattern["items"]:
        if "word" in item:
            words.append(item["word"])
        elif item["slot"] in ("person", "other"):
            words += random.sample(names, random.choice([1, 1, 2]))
        elif item["slot"] == "number":
            words += random.choices(DIGITS, k=random.randint(3, 9))
        else:
            words.append(random.choice(table["slots"][item["slot"]]))
    if pattern["polite"] and random.random() < 0.25:
        words = [random.choice(table["leads"]), *words] if random.random() < 0.5 else [*words, table["tail"]]
    return " ".join(words).replace(" 's", "'s")


def say_order(rules, rule="cmd"):
    """One of all that a grammar of the recordings' kind lets be said."""
    way = random.choice(rules[rule]).strip()
    way = re.sub(r"\[([^\[\]]*)\]", lambda part: random.choice(part[1].split("|")) if random.random() < 0.6 else "", way)
    return re.sub(r"<(\w+)>", lambda part: say_order(rules, part[1]), way)


def make_sentences(count, grammar, avoided):
    """`avoided`: names that the bench says."""
    dictionary = read_dictionary()
    table = json.loads(subprocess.run(["node", "scripts/train-phones/phrases.ts"], capture_output=True, check=True).stdout)
    rules = {rule: re.split(r"\|(?![^\[]*\])", ways) for rule, ways in re.findall(r"<(\w+)> = ([^;]*);", grammar)}
    names = [word for word in dictionary if len(word) > 3 and word not in avoided]
    made = []
    while len(made) < count:
        kind = random.random()
        if kind < 0.4:
            text = " ".join(random.choices(list(dictionary), k=random.randint(1, 5)))
        else:
            text = say_command(table, names) if kind < 0.88 else say_order(rules)
        text = re.sub(r"\s+", " ", text).strip().lower()
        phones = phones_of(text, dictionary)
        if phones:
            made.append((text, phones))
    return made
