"""Parquet, one article a row; pyarrow reads it, where that is installed."""

from collections.abc import Iterator

from index.readers.base import Finding, Source, UnreadableError, missing
from index.readers.metadata import FIRST_YEAR
from index.readers.records.record import read_record

# So many rows are unpacked at a time.
_ROWS = 256


class ParquetReader:
    """Reads `.parquet` in batches of rows: a file of any length fits in memory."""

    def read(self, source: Source) -> Iterator[Finding]:
        """Each row's article; a row that cannot be read is named and skipped."""
        try:
            from pyarrow import ArrowException
            from pyarrow.parquet import ParquetFile
        except ImportError as error:
            raise UnreadableError(missing("pyarrow")) from error
        number = 0
        try:
            with source.open() as file, ParquetFile(file) as table:
                for batch in table.iter_batches(batch_size=_ROWS):
                    for values in batch.to_pylist():
                        number += 1
                        yield from _read_row(source, number, values)
        except (ArrowException, UnicodeDecodeError) as error:
            reason = f"is damaged as Parquet after row {number} ({error}): write it again"
            raise UnreadableError(" ".join(reason.split())) from error


def _read_row(source: Source, number: int, values: dict[str, object]) -> Iterator[Finding]:
    known = {name: value for name, value in values.items() if value is not None}
    yield from read_record(source, f"{source.origin} row {number}", known, None, FIRST_YEAR)


READS = {".parquet": ParquetReader()}
