"""scikit-learn's clustering of windows of text: the peer of bench/clustering.ts.

Argument: a JSON object with `windows` (a file of one JSON string a line), `vectors` (where to write the
vectors, as .npy), `terms`, `leastWindows`, `dimensions`, `clusters`, `restarts`, `threads` and `seed`. Prints
one JSON line. The clock runs from the texts in memory to a cluster for each; reading the windows and writing
the vectors are outside of it. All is computed in float32, which is faster here than the default of float64.
"""

import json
import sys
import time

from tuned import blas_in_use, restart_with_settings


def main() -> None:
    task = json.loads(sys.argv[1])
    restart_with_settings(task["threads"])
    import numpy
    import sklearn
    from sklearn.cluster import MiniBatchKMeans
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize

    with open(task["windows"], encoding="utf-8") as lines:
        texts = [json.loads(line) for line in lines]
    vectorizer = TfidfVectorizer(
        max_features=task["terms"],
        min_df=task["leastWindows"],
        stop_words="english",
        sublinear_tf=True,
        dtype=numpy.float32,
    )
    decomposition = TruncatedSVD(task["dimensions"], random_state=task["seed"])
    kmeans = MiniBatchKMeans(task["clusters"], n_init=task["restarts"], random_state=task["seed"])

    marks = [time.perf_counter()]
    weights = vectorizer.fit_transform(texts)
    marks.append(time.perf_counter())
    vectors = normalize(decomposition.fit_transform(weights), copy=False)
    marks.append(time.perf_counter())
    kmeans.fit(vectors)  # its labels_ are those of all vectors
    marks.append(time.perf_counter())

    numpy.save(task["vectors"], numpy.ascontiguousarray(vectors, dtype=numpy.float32))
    result = {
        "seconds": {
            "words": marks[1] - marks[0],
            "vectors": marks[2] - marks[1],
            "clusters": marks[3] - marks[2],
        },
        "inertia": float(kmeans.inertia_),
        "largestCluster": int(numpy.bincount(kmeans.labels_).max()),
        "versions": {"scikit-learn": sklearn.__version__, "NumPy": numpy.__version__, "BLAS": blas_in_use()},
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
