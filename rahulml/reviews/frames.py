"""Tables whose columns have types: a DataFrame, and Parquet batch by batch."""

from collections.abc import Iterator
from typing import BinaryIO

import pandas as pd

from rahulml.reviews.columns import columns_of
from rahulml.reviews.rows import Row, Rows, brief, refusal, said

_BATCH = 1_000  # rows


def frame_rows(frame: pd.DataFrame, text: object, label: object) -> Rows:
    """Return the rows of a DataFrame. A person finds them by number and by index."""
    name = "DataFrame"
    headers = list(frame.columns)
    places = columns_of(name, headers, text, label)
    texts, labels = (frame.iloc[:, place] for place in places)

    def rows() -> Iterator[Row]:
        for number, (index, found, how) in enumerate(
            zip(frame.index, texts, labels, strict=True), 1
        ):
            place = f"row {number} (index {brief(index, 24)})"
            found = None if found is pd.NA else found
            yield place, said(found, name, place), str(how)

    return Rows(name, "DataFrame", rows(), tuple(str(headers[place]) for place in places))


def parquet_rows(file: BinaryIO, name: str, text: object, label: object) -> Rows:
    """Return the rows of a Parquet file, at most 1,000 of them in memory.

    A text that stands there once for many rows, as in a column of categories, is in memory once.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        schema = pq.ParquetFile(file).schema_arrow
        places = columns_of(name, schema.names, text, label)
        columns = [schema.names[place] for place in places]
        once = [column for column in columns if not pa.types.is_nested(schema.field(column).type)]
        table = pq.ParquetFile(file, read_dictionary=once)
    except (pa.ArrowException, OSError) as error:
        raise refusal(name, "a whole Parquet file", f"a damaged one ({error})") from None

    def values(array: pa.Array) -> Iterator[object]:
        if not pa.types.is_dictionary(array.type):
            yield from array.to_pylist()
            return
        seen = {None: None}
        for number in array.indices.to_pylist():
            if number not in seen:
                seen[number] = array.dictionary[number].as_py()
            yield seen[number]

    def rows() -> Iterator[Row]:
        number = 0
        try:
            for batch in table.iter_batches(_BATCH, columns=columns):
                for found, how in zip(*(values(batch.column(c)) for c in columns), strict=True):
                    number += 1
                    place = f"row {number}"
                    yield place, said(found, name, place), "" if how is None else str(how)
        except (pa.ArrowException, OSError) as error:
            got = f"a damaged one after row {number} ({error})"
            raise refusal(name, "a whole Parquet file", got) from None

    return Rows(name, "Parquet", rows(), tuple(columns))
