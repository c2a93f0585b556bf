"""The drawn photos of the demo: real pictures, the same everywhere, and only where they suit the category."""

import csv
import hashlib
import io
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from demo.photos import _BY_CATEGORY, KEYS, photo_bytes, scene_for

CATALOGUE = Path(__file__).parents[2] / "setup_wizard" / "starter" / "catalogue.csv"


@pytest.fixture(scope="module")
def drawn():
    """Every picture, drawn once."""
    return {key: photo_bytes(key) for key in KEYS}


def test_every_key_is_another_small_picture(drawn):
    assert len(KEYS) >= 24
    assert len({hashlib.sha256(data).digest() for data in drawn.values()}) == len(KEYS)
    for key, data in drawn.items():
        with Image.open(io.BytesIO(data)) as picture:
            picture.load()
            assert (picture.format, picture.size) == ("JPEG", (1200, 900)), key
            assert max(high - low for low, high in picture.getextrema()) > 120, f"{key} is nearly blank"
        assert 20_000 < len(data) < 200_000, key


def test_before_and_after_are_unlike(drawn):
    for before in (key for key in KEYS if key.endswith("-before")):
        after = before.replace("-before", "-after")
        assert after in KEYS
        small = [Image.open(io.BytesIO(drawn[key])).resize((64, 48)) for key in (before, after)]
        changed = sum(abs(a - b) > 24 for a, b in zip(*(one.tobytes() for one in small), strict=True))
        assert changed > 64 * 48 * 3 * 0.02, before


@pytest.mark.parametrize("key", ["bins-b-before", "lamp-a-after"])
def test_another_process_draws_the_same_bytes(key):
    script = f"import hashlib; from demo.photos import photo_bytes as p; print(hashlib.sha256(p({key!r})).hexdigest())"
    told = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=CATALOGUE.parents[2],
        env={**os.environ, "PYTHONHASHSEED": "17"},
    )
    assert told.stdout.strip() == hashlib.sha256(photo_bytes(key)).hexdigest()


def test_an_unknown_key_is_an_error():
    with pytest.raises(KeyError):
        photo_bytes("lamp-z-before")


def test_scenes_come_in_matching_pairs_for_about_two_thirds():
    rng = random.Random(1)
    found = [scene_for("010403", rng) for _ in range(600)]
    pairs = [pair for pair in found if pair]
    assert 0.6 < len(pairs) / len(found) < 0.73
    assert {key.split("-")[0] for key, _ in pairs} == {"bench", "fitness"}
    for before, after in pairs:
        assert before in KEYS
        assert after in KEYS
        assert before.removesuffix("before") == after.removesuffix("after")


def test_categories_are_known_and_papers_get_no_picture():
    with CATALOGUE.open(encoding="utf-8", newline="") as lines:
        codes = {row["code"] for row in csv.DictReader(lines)}
    assert set(_BY_CATEGORY) <= codes
    rng = random.Random(2)
    assert all(scene_for("070102", rng) is None for _ in range(50))


def test_the_choice_follows_the_seed():
    def choices(seed: int) -> list[tuple[str, str] | None]:
        rng = random.Random(seed)
        return [scene_for(code, rng) for code in sorted(_BY_CATEGORY) * 4]

    assert choices(3) == choices(3)
    assert choices(3) != choices(4)
