"""Loads what `export --what sae-lens` writes with SAELens itself and compares 1,000 rows, for each architecture.

Needs numpy and sae-lens (which brings torch), and the built command line:

    python tests/interop/sae_lens_folder.py node out/main/cli.js

The words after the script's name start the command line. Everything is made in a temporary folder: rows with planted
directions, a project and a short training run for each architecture. Compared are SAELens' activations with the ones
stored in the project (`export --what activations`), and its reconstruction with the one computed in double precision
from the tensors. Exit code: 0 all within 1e-5, 1 not, 2 a package is missing.
"""

import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import numpy as np
    import torch
    from sae_lens import SAE
except ImportError as missing:
    print(f"skipped: {missing.name} is not installed", file=sys.stderr)
    sys.exit(2)

ROWS, DIMS, LATENTS, K = 1_000, 32, 128, 6
TOLERANCE = 1e-5
WRITTEN_AS = {
    "batchtopk": "jumprelu",
    "matryoshka": "jumprelu",
    "topk": "topk",
    "relu": "standard",
    "jumprelu": "jumprelu",
    "gated": "gated",
}
# Trained with another preparation than the usual one, which must be folded into the weights as well.
PREPARATIONS = {"relu": "whiten", "gated": "zscore"}


def planted_rows() -> np.ndarray:
    """Rows of about 4 directions out of 48, with noise and a mean far from 0."""
    random = np.random.default_rng(7)
    directions = random.normal(size=(48, DIMS))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    strengths = (random.random((ROWS, 48)) < 4 / 48) * (0.5 + random.random((ROWS, 48)))
    return (3 + strengths @ directions + 0.05 * random.normal(size=(ROWS, DIMS))).astype(np.float32)


def run(command: list[str], *words: str) -> dict:
    """One verb of the command line; its JSON answer."""
    done = subprocess.run([*command, *words, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(words)} ended with {done.returncode}: {done.stdout or done.stderr}")
    return json.loads(done.stdout)


def stored_activations(table: Path) -> np.ndarray:
    """Rows × latents from the exported table; cells of an array file are called `cell 1`, `cell 2` …"""
    activations = np.zeros((ROWS, LATENTS))
    with table.open(newline="", encoding="utf-8") as lines:
        for line in csv.DictReader(lines):
            activations[int(line["cell"].removeprefix("cell ")) - 1, int(line["latent"])] = float(line["activation"])
    return activations


def worst(found: np.ndarray, expected: np.ndarray) -> float:
    """Largest distance of a row, relative to the length of the expected row."""
    lengths = np.linalg.norm(expected, axis=1)
    return float(np.max(np.linalg.norm(found - expected, axis=1) / np.maximum(lengths, 1e-12)))


def compare(command: list[str], architecture: str, rows: np.ndarray, folder: Path) -> bool:
    project, model, table = (str(folder / f"{architecture}{ending}") for ending in (".latiscope", "-sae", ".csv"))
    run(command, "new", project)
    run(command, "import", project, str(folder / "rows.npy"))
    sizes = ["--latents", str(LATENTS), "--k", str(K), "--steps", "1000", "--seed", "1"]
    preparation = PREPARATIONS.get(architecture, "scale")
    run(command, "train", project, "--arch", architecture, "--normalise", preparation, *sizes)
    run(command, "export", project, "--what", "sae-lens", "--out", model)
    run(command, "export", project, "--what", "activations", "--out", table)

    sae = SAE.load_from_disk(model, device="cpu")
    with torch.no_grad():
        activations = sae.encode(torch.from_numpy(rows))
        reconstruction = sae.decode(activations).numpy().astype(np.float64)
    found = activations.numpy().astype(np.float64)
    stored = stored_activations(Path(table))
    decoder, bias = (part.detach().numpy().astype(np.float64) for part in (sae.W_dec, sae.b_dec))
    expected = stored @ decoder + bias

    kind = sae.cfg.architecture()
    switched = int(np.sum((found > 0) != (stored > 0)))
    apart, decoded_apart = worst(found, stored), worst(reconstruction, expected)
    provenance = sae.cfg.metadata.training_architecture
    print(
        f"{architecture} ({preparation}) as {kind}: {ROWS} rows, {int(np.sum(stored > 0))} activations, {switched} on in only one of the two, "
        f"activations within {apart:.1e}, reconstruction within {decoded_apart:.1e}"
    )
    same = switched == 0 and apart <= TOLERANCE and decoded_apart <= TOLERANCE
    return same and kind == WRITTEN_AS[architecture] and provenance == architecture and bool(np.any(stored))


def main() -> int:
    command = sys.argv[1:] or ["node", "out/main/cli.js"]
    rows = planted_rows()
    with tempfile.TemporaryDirectory(prefix="latiscope-interop-") as name:
        folder = Path(name)
        np.save(folder / "rows.npy", rows)
        results = [compare(command, architecture, rows, folder) for architecture in WRITTEN_AS]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
