"""Times scanpy's Wilcoxon on data like that of the benchmark: <cells> <genes> <groups> <density>. Prints one JSON line."""
import json
import sys
import time
import warnings

import anndata
import numpy as np
import scanpy
import scipy.sparse as sp

cells, genes, groups = (int(word) for word in sys.argv[1:4])
density = float(sys.argv[4])
rng = np.random.default_rng(1)
matrix = sp.random(cells, genes, density=density, format="csr", random_state=rng, dtype=np.float32)
matrix.data = np.log1p(1 + rng.integers(0, 40, matrix.nnz) / 4).astype(np.float32)
data = anndata.AnnData(matrix)
data.obs["group"] = (np.arange(cells) % groups).astype(str)
data.obs["group"] = data.obs["group"].astype("category")
data.uns["log1p"] = {"base": None}
warnings.simplefilter("ignore")
start = time.perf_counter()
scanpy.tl.rank_genes_groups(data, "group", method="wilcoxon", n_genes=100)
print(json.dumps({"seconds": time.perf_counter() - start, "version": scanpy.__version__}))
