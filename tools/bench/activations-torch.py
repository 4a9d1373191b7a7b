"""Times what PyTorch takes to encode rows to their k largest positive activations: `rows d n k repeats threads`, one JSON line."""

import json
import sys
import time

import torch

rows, d, n, k, repeats, threads = (int(word) for word in sys.argv[1:7])
torch.set_num_threads(threads)
torch.manual_seed(0)
block = torch.randn(1000, d)
data = block.repeat((rows + 999) // 1000, 1)[:rows]
encoder = torch.nn.functional.normalize(torch.randn(n, d), dim=1).T.contiguous()
bias = torch.zeros(n)
best = float("inf")
with torch.no_grad():
    for _ in range(repeats):
        indices = torch.empty(rows, k, dtype=torch.int32)
        values = torch.empty(rows, k)
        start = time.perf_counter()
        for at in range(0, rows, 1024):
            top = torch.relu(data[at : at + 1024] @ encoder + bias).topk(k, dim=1, sorted=False)
            indices[at : at + 1024] = top.indices
            values[at : at + 1024] = top.values
        best = min(best, time.perf_counter() - start)
print(json.dumps({"seconds": best, "torch": torch.__version__}))
