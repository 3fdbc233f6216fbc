"""Files of records from outside, CSV or Parquet, of any size: row by row, nothing held but the row."""
