"""Synthetic voices: of those that `bench -- commands` uses only two of flite's, which say other sentences here."""

import random
import subprocess

import numpy as np

ACCENTS = "en-us en-gb en-gb-x-rp en-gb-x-gbclan en-gb-x-gbcwmd en-gb-scotland en-029 en-us-nyc".split()
VARIANTS = """m1 m2 m3 m4 m5 m6 m7 m8 f1 f3 f4 f5 adam anika antonio aunty belinda benjamin boris caleb david ed edward
grandma grandpa iven john linda marcelo max michel miguel norbert pablo paul pedro rob robert sandro shelby steph steph2
steph3 travis victor zac Alex Alicia Andrea Andy Annie Denis Diogo Gene Henrique Hugo Jacky Lee Marco Mario Michael Mike
croak klatt klatt2 klatt3 klatt4 klatt6 whisper""".split()


def read_sound(file):
    """Mono, 16 kHz, 16 bit."""
    wanted = ["-t", "raw", "-r", "16000", "-e", "signed", "-b", "16", "-c", "1", "-"]
    raw = subprocess.run(["sox", file, *wanted], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
    return np.frombuffer(raw, dtype=np.int16)


def speak(text, file):
    """By one of them, at some pace; `file` holds it meanwhile."""
    if random.random() < 0.62:
        voice = f"{random.choice(ACCENTS)}+{random.choice(VARIANTS)}"
        pace = ["-s", str(random.randint(130, 215)), "-p", str(random.randint(20, 80))]
        subprocess.run(["espeak-ng", "-v", voice, *pace, "-w", file, text], check=True, capture_output=True)
    else:
        pace = f"duration_stretch={random.uniform(0.8, 1.2):.2f}"
        voice = random.choice(["rms", "rms", "kal16"])
        subprocess.run(["flite", "-voice", voice, "--setf", pace, "-t", text, "-o", file], check=True, capture_output=True)
    return read_sound(file)
