"""Loads what `export --what dictionary-learning` and `--what sparsify` write with those tools themselves, and brings models
made by them into a project with `import-model`; compares activations and reconstructions on 1,000 rows.

Needs numpy, torch, dictionary-learning and eai-sparsify (each tool is skipped when it is missing), and the built command
line:

    python tests/interop/other_tools.py node out/main/cli.js

The words after the script's name start the command line. Everything is made in a temporary folder. Exit code: 0 all within
2e-5, 1 not, 2 a package is missing.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import numpy as np
    import torch
except ImportError as missing:
    print(f"skipped: {missing.name} is not installed", file=sys.stderr)
    sys.exit(2)

ROWS, DIMS, LATENTS, K = 1_000, 32, 128, 6
TOLERANCE = 2e-5


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


def stored_activations(command: list[str], project: str, number: int, table: Path) -> np.ndarray:
    """Rows × latents as the project holds them; cells of an array file are called `cell 1`, `cell 2` …"""
    run(command, "export", project, "--run", str(number), "--what", "activations", "--out", str(table))
    activations = np.zeros((ROWS, LATENTS))
    with table.open(newline="", encoding="utf-8") as lines:
        for line in csv.DictReader(lines):
            activations[int(line["cell"].removeprefix("cell ")) - 1, int(line["latent"])] = float(line["activation"])
    return activations


def worst(found: np.ndarray, expected: np.ndarray) -> float:
    """Largest distance of a row, relative to the length of the expected row."""
    lengths = np.linalg.norm(expected, axis=1)
    return float(np.max(np.linalg.norm(found - expected, axis=1) / np.maximum(lengths, 1e-12)))


def report(name: str, found: np.ndarray, stored: np.ndarray, decoded: tuple[np.ndarray, np.ndarray] | None = None) -> bool:
    switched = int(np.sum((found > 0) != (stored > 0)))
    apart = worst(found, stored)
    decoded_apart = worst(*decoded) if decoded else 0.0
    print(
        f"{name}: {ROWS} rows, {int(np.sum(stored > 0))} activations, {switched} on in only one of the two, "
        f"activations within {apart:.1e}" + (f", reconstruction within {decoded_apart:.1e}" if decoded else "")
    )
    return switched == 0 and apart <= TOLERANCE and decoded_apart <= TOLERANCE and bool(np.any(stored))


def train(command: list[str], folder: Path, architecture: str) -> str:
    project = str(folder / f"{architecture}.latiscope")
    run(command, "new", project)
    run(command, "import", project, str(folder / "rows.npy"))
    sizes = ["--latents", str(LATENTS), "--k", str(K), "--steps", "1000", "--seed", "1"]
    run(command, "train", project, "--arch", architecture, *sizes)
    return project


def doubles(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().numpy().astype(np.float64)


def check_dictionary_learning(command: list[str], rows: np.ndarray, folder: Path) -> list[bool]:
    from dictionary_learning.dictionary import AutoEncoder, GatedAutoEncoder, JumpReluAutoEncoder
    from dictionary_learning.trainers.batch_top_k import BatchTopKSAE
    from dictionary_learning.trainers.matryoshka_batch_top_k import MatryoshkaBatchTopKSAE
    from dictionary_learning.trainers.top_k import AutoEncoderTopK
    from dictionary_learning.utils import load_dictionary

    inputs, results = torch.from_numpy(rows), []
    for architecture in ("topk", "batchtopk", "matryoshka", "relu", "jumprelu", "gated"):
        project = train(command, folder, architecture)
        path = folder / f"dl-{architecture}"
        run(command, "export", project, "--what", "dictionary-learning", "--out", str(path))
        state = torch.load(path / "ae.pt", weights_only=True)
        dictionary, _ = load_dictionary(str(path), device="cpu")
        stored = stored_activations(command, project, 1, folder / "table.csv")
        with torch.no_grad():
            found = dictionary.encode(inputs)
            decoded = doubles(dictionary.decode(found))
        decoder = state["W_dec"] if "W_dec" in state else state["decoder.weight"].T
        centre = next(state[part] for part in ("b_dec", "bias", "decoder_bias") if part in state)
        if architecture == "relu":  # written with decoder rows of length 1, as the tool makes them
            stored *= json.loads((path / "config.json").read_text())["latiscope"]["decoder_row_length"]
        expected = stored @ doubles(decoder) + doubles(centre)
        results.append(report(f"dictionary_learning loads {architecture}", doubles(found), stored, (decoded, expected)))

    torch.manual_seed(3)
    mean = torch.from_numpy(rows.mean(axis=0))
    batch = BatchTopKSAE(DIMS, LATENTS, K)
    batch.threshold.fill_(0.4)
    nested = MatryoshkaBatchTopKSAE(DIMS, LATENTS, K, [8, 24, 96])
    nested.threshold.fill_(0.4)
    jump = JumpReluAutoEncoder(DIMS, LATENTS)
    jump.threshold.data.uniform_(0.2, 0.6)
    jump.W_dec.data *= torch.rand(LATENTS, 1) + 0.5
    gated = GatedAutoEncoder(DIMS, LATENTS)
    for part, low in ((gated.r_mag, -0.5), (gated.gate_bias, -0.5), (gated.mag_bias, 0.0)):
        part.data.uniform_(low, low + 0.5)
    gated.decoder.weight.data *= torch.rand(LATENTS) + 0.5
    made = {"AutoEncoderTopK": AutoEncoderTopK(DIMS, LATENTS, K), "BatchTopKSAE": batch}
    made |= {"MatryoshkaBatchTopKSAE": nested, "JumpReluAutoEncoder": jump, "AutoEncoder": AutoEncoder(DIMS, LATENTS)}
    made["GatedAutoEncoder"] = gated
    project = str(folder / "topk.latiscope")
    for name, model in made.items():
        centre = {"AutoEncoder": "bias", "GatedAutoEncoder": "decoder_bias"}.get(name, "b_dec")
        getattr(model, centre).data = mean.clone()
        if name == "JumpReluAutoEncoder":
            model.b_enc.data = -mean @ model.W_enc.data
        path = folder / f"made-{name}"
        path.mkdir()
        torch.save(model.state_dict(), path / "ae.pt")
        (path / "config.json").write_text(json.dumps({"trainer": {"dict_class": name, "k": K}}))
        answer = run(command, "import-model", project, str(path))
        stored = stored_activations(command, project, answer["run"], folder / "table.csv")
        with torch.no_grad():
            found = doubles(model.encode(inputs))
        parity = answer["parity"]
        results.append(report(f"import of {answer['architecture']} (own check {parity['maxRelativeDifference']:.1e})", found, stored))
    return results


def check_sparsify(command: list[str], rows: np.ndarray, folder: Path) -> list[bool]:
    os.environ["SPARSIFY_DISABLE_TRITON"] = "1"  # its other decoder needs a graphics card
    from sparsify import SparseCoder, SparseCoderConfig

    def dense(acts: torch.Tensor, indices: torch.Tensor) -> np.ndarray:
        return doubles(torch.zeros(ROWS, LATENTS).scatter_(1, indices, acts))

    inputs = torch.from_numpy(rows)
    project = str(folder / "topk.latiscope")
    if not Path(project).exists():
        train(command, folder, "topk")
    path = folder / "sp-topk"
    run(command, "export", project, "--run", "1", "--what", "sparsify", "--out", str(path))
    coder = SparseCoder.load_from_disk(path)
    stored = stored_activations(command, project, 1, folder / "table.csv")
    with torch.no_grad():
        encoded = coder.encode(inputs)
        decoded = doubles(coder.decode(encoded.top_acts, encoded.top_indices))
    expected = stored @ doubles(coder.W_dec) + doubles(coder.b_dec)
    results = [report("sparsify loads topk", dense(encoded.top_acts, encoded.top_indices), stored, (decoded, expected))]

    torch.manual_seed(4)
    made = SparseCoder(DIMS, SparseCoderConfig(num_latents=LATENTS, k=K))
    made.b_dec.data = torch.from_numpy(rows.mean(axis=0)).clone()
    made.save_to_disk(folder / "made-sparsify")
    answer = run(command, "import-model", project, str(folder / "made-sparsify"))
    stored = stored_activations(command, project, answer["run"], folder / "table.csv")
    with torch.no_grad():
        encoded = made.encode(inputs)
    parity = answer["parity"]["maxRelativeDifference"]
    results.append(report(f"import from sparsify (own check {parity:.1e})", dense(encoded.top_acts, encoded.top_indices), stored))
    return results


def main() -> int:
    command = sys.argv[1:] or ["node", "out/main/cli.js"]
    rows = planted_rows()
    results: list[bool] = []
    with tempfile.TemporaryDirectory(prefix="latiscope-interop-") as name:
        folder = Path(name)
        np.save(folder / "rows.npy", rows)
        for check in (check_dictionary_learning, check_sparsify):
            try:
                results += check(command, rows, folder)
            except ImportError as missing:
                print(f"skipped {check.__name__.removeprefix('check_')}: {missing}", file=sys.stderr)
    if not results:
        return 2
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
