"""The programs of tests/bench/spark on a stock Apache Spark, over the same files."""

import json
import sys
import time

from pyspark.sql import SparkSession


def median_s(runs, work):
    times = []
    for _ in range(runs):
        started = time.monotonic()
        work()
        times.append(time.monotonic() - started)
    return sorted(times)[len(times) // 2]


def word_count(context, path):
    words = context.textFile(path).flatMap(lambda line: line.split())
    return words.map(lambda word: (word, 1)).reduceByKey(lambda a, b: a + b, 4).collect()


def parsed(context, path):
    return context.textFile(path, 8).map(lambda line: [float(x) for x in line.split()])


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: spark-submit spark.py DIRECTORY")
    directory = sys.argv[1]
    context = SparkSession.builder.appName("compare").getOrCreate().sparkContext
    figures = {}
    nothing = context.parallelize([], 10_000)
    figures["empty_tasks_per_s"] = 10_000 / median_s(3, nothing.count)
    figures["wordcount_1gb_s"] = median_s(3, lambda: word_count(context, directory + "/text"))
    rows = parsed(context, directory + "/numbers").cache()
    figures["first_pass_s"] = median_s(1, lambda: rows.map(sum).sum())
    figures["cached_pass_s"] = median_s(5, lambda: rows.map(sum).sum())
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
