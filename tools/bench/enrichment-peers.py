"""Times what Python users would run on the lists of the benchmark "enrichment": `python3 enrichment-peers.py FILE`.

FILE holds {"genes": N, "sets": [[gene, ...]], "lists": [[gene, ...]]}. One JSON line: seconds per peer and the lists they cover;
a peer whose package is absent is left out.
"""
import contextlib
import io
import json
import sys
import time
import warnings

warnings.simplefilter("ignore")


def scipy_memoised(task):
    """Counts by sparse product, each different (k, K, n) once, Benjamini-Hochberg over each list."""
    import numpy as np
    import scipy.sparse as sp
    import scipy.stats as st

    genes, sets, lists = task["genes"], task["sets"], task["lists"]

    def indicator(rows):
        indptr = np.cumsum([0] + [len(row) for row in rows])
        indices = np.concatenate([np.asarray(row) for row in rows])
        return sp.csr_matrix((np.ones(len(indices), "f4"), indices, indptr), shape=(len(rows), genes))

    members = indicator(sets)
    start = time.perf_counter()
    overlap = (indicator(lists) @ members.T).toarray().astype(np.int64)
    size = np.asarray(members.sum(1)).ravel().astype(np.int64)
    drawn = np.array([len(one) for one in lists], np.int64)
    key = (overlap * 100003 + size[None, :]) * 100003 + drawn[:, None]
    different, place = np.unique(key, return_inverse=True)
    p = st.hypergeom.sf(different // 100003**2 - 1, genes, different // 100003 % 100003, different % 100003)
    st.false_discovery_control(p[place].reshape(overlap.shape), axis=1)
    return {"seconds": time.perf_counter() - start, "lists": len(lists)}


def gseapy(task, count=16):
    import gseapy as gp

    sets = {f"T{at}": [f"G{gene}" for gene in row] for at, row in enumerate(task["sets"])}
    background = [f"G{gene}" for gene in range(task["genes"])]
    lists = [[f"G{gene}" for gene in row] for row in task["lists"][:count]]
    start = time.perf_counter()
    for genes in lists:
        gp.enrich(gene_list=genes, gene_sets=sets, background=background, outdir=None, no_plot=True, cutoff=1.0)
    return {"seconds": time.perf_counter() - start, "lists": len(lists)}


def goatools(task, count=2):
    from goatools.go_enrichment import GOEnrichmentStudy
    from goatools.obo_parser import GODag, GOTerm

    dag = GODag.__new__(GODag)
    dict.__init__(dag)
    association = {}
    for at, row in enumerate(task["sets"]):
        term = GOTerm()
        term.id = term.item_id = f"GO:{at:07d}"
        term.name, term.namespace, term.level, term.depth = f"term {at}", "biological_process", 1, 1
        dag[term.id] = term
        for gene in row:
            association.setdefault(f"G{gene}", set()).add(term.id)
    population = [f"G{gene}" for gene in range(task["genes"])]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        study = GOEnrichmentStudy(population, association, dag, propagate_counts=False, alpha=0.05, methods=["fdr_bh"])
        start = time.perf_counter()
        for row in task["lists"][:count]:
            study.run_study({f"G{gene}" for gene in row}, prt=None)
        return {"seconds": time.perf_counter() - start, "lists": min(count, len(task["lists"]))}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        task = json.load(file)
    found = {}
    for name, run in (("scipy", scipy_memoised), ("gseapy", gseapy), ("goatools", goatools)):
        try:
            found[name] = run(task)
        except ImportError:
            continue
        except Exception as problem:  # a peer of another version: said, not hidden
            print(f"{name}: {problem!r}", file=sys.stderr)
    print(json.dumps(found))


main()
