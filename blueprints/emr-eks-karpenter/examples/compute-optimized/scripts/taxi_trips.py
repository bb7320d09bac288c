"""Taxi trips: what was taken in, by day and way of payment.

Usage: taxi_trips.py INPUT_FOLDER OUTPUT_FOLDER   (CSV in, Parquet out)
"""
import sys

from pyspark.sql import SparkSession, functions as f


def main(source: str, target: str) -> None:
    spark = SparkSession.builder.appName("taxi-trips").getOrCreate()
    trips = spark.read.csv(source, header=True, inferSchema=True)
    trips.printSchema()
    trips.show(10)
    print(f"trips: {trips.count()}")

    takings = (
        trips.where(f.col("total_amount") > 0)
        .withColumn("day", f.to_date("tpep_pickup_datetime"))
        .groupBy("day", "payment_type")
        .agg(f.count("*").alias("trips"), f.sum("total_amount").alias("taken"))
    )
    takings.repartition(2).write.mode("overwrite").parquet(target)
    spark.stop()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
