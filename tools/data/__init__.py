"""From a user's files to a typed catalogue, one step a file, each usable alone.

- `read.py`          a CSV, TSV, JSONL or Parquet file -> rows of raw cells with line numbers
- `values.py`        one raw cell -> one typed value, or the reason why not
- `schema.py`        what each field is, and the editable file that says so
- `columns.py`       the columns of a table, as inference looks at them
- `roles.py`         what a column's name and type say it is for
- `infer.py`         rows -> a first schema
- `items.py`         rows and schema -> typed items, and a report of what was left out
- `interactions.py`  a file of who used what -> arrays over the catalogue's items
"""
