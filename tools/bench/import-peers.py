"""Times what Python users would run on the file of the benchmark "import": `python3 import-peers.py FILE [--pca]`.

One JSON line: seconds per step, peak memory and versions. What numba compiles on first use is compiled before, on a few cells.
"""
import importlib.metadata
import json
import resource
import sys
import time
import warnings

warnings.simplefilter("ignore")
import anndata
import numpy as np
import scanpy
import scipy.sparse as sp


def steps(data, clock, pca):
    clock("normalise", lambda: scanpy.pp.normalize_total(data, target_sum=1e4))
    clock("log1p", lambda: scanpy.pp.log1p(data))
    if pca:
        clock("variableGenes", lambda: scanpy.pp.highly_variable_genes(data, n_top_genes=2000))
        clock("pca", lambda: scanpy.pp.pca(data, n_comps=50, random_state=0))


few = anndata.AnnData(sp.random(200, 3000, 0.1, format="csr", dtype=np.float32, random_state=0))
few.X.data = np.ceil(few.X.data * 5)
steps(few, lambda name, work: work(), "--pca" in sys.argv)

seconds = {}


def clock(name, work):
    start = time.perf_counter()
    result = work()
    seconds[name] = round(time.perf_counter() - start, 3)
    return result


data = clock("read", lambda: anndata.read_h5ad(sys.argv[1]))
steps(data, clock, "--pca" in sys.argv)
print(
    json.dumps(
        {
            "seconds": seconds,
            "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            "versions": {name: importlib.metadata.version(name) for name in ("anndata", "scanpy")},
        }
    )
)
