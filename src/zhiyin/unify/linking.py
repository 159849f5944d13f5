"""Pairs of records that may be one person, by the Fellegi–Sunter model, with Splink.

Each field of a pair agrees fully, nearly or not; how much an agreement tells follows from how often
it happens among records of one person (m) and of two (u). u is counted in random pairs, m is
estimated without labels by expectation maximisation, and a rare value tells more than a common one
(term frequencies). The match weight is the sum over the fields: log2 of the odds.

When it misleads: two twins at one address look like one person written twice; fields that hang
together (city and postcode) count double. So nothing here is ever applied without a person.

Sources: Fellegi and Sunter 1969; Splink, MIT, https://moj-analytical-services.github.io/splink.
"""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhiyin.kernel.progress import Progress, unseen
from zhiyin.unify.normal import compute

MOST_PER_BLOCK = 60
"""A value that more records have brings no candidates: it is a desk's, or a common name."""

MOST_PER_RECORD = 25
"""Blocking rules that bring more candidates than this for each record are left out."""

MOST_TO_LEARN_FROM = 1_000_000
"""Candidates from which the model learns how often two records of one person agree."""

FEWEST = 30
"""Under so many records there is nothing to learn from."""

NAMES = ("name", "given_name", "surname")
NEARLY = ("street", "number")
EXACT = ("city", "postcode", "country")
FIELDS = (*NAMES, "birth_date", "email", "phone", *NEARLY, *EXACT)
"""Fields that are compared, by name. Others are ignored."""

_BLOCKS: tuple[tuple[tuple[str, int | None], ...], ...] = (
    (("email", None),),
    (("phone", None),),
    (("number", None),),
    (("name", None), ("birth_date", None)),
    (("surname", None), ("given_name", None)),
    (("name", None), ("city", None)),
    (("name", None), ("postcode", None)),
    (("name", None),),
    (("birth_date", None), ("name", 1)),
    (("birth_date", None), ("surname", 2)),
    (("birth_date", None), ("given_name", 2)),
    (("birth_date", None), ("postcode", None)),
    (("phone", -6), ("name", 1)),
    (("phone", 7), ("name", 2)),
    (("email", 5), ("name", 1)),
    (("surname", None), ("postcode", None)),
    (("given_name", None), ("street", 6)),
    (("street", None), ("city", None)),
)
"""What two records must share to be compared at all: any one of these."""


@dataclass(frozen=True, slots=True, eq=False)
class Linked:
    """Pairs of records, the likeliest first.

    Args:
        pairs: ``a``, ``b`` (of `key`), ``weight``, ``probability``, and ``mw_<field>``, the part
            of the weight that each field compared gives.
        fields: those compared.
        compared: candidate pairs.
    """

    pairs: pa.Table
    fields: tuple[str, ...]
    compared: int


STEPS = 5
"""Candidates, what is usual, two blocks to learn in, and the pairs."""


def link(
    records: pa.Table, *, threshold: float = 0.9, seed: int = 1, progress: Progress = unseen
) -> Linked:
    """Pairs of `records` that are one person with at least the probability `threshold`.

    Args:
        records: one row a record: ``key`` (int64, each once) and any of `FIELDS`, as text in one
            form (see `normal`), null where unknown.
        threshold: 0 to 1.
        seed: of the random pairs.
        progress: called with steps done, of `STEPS`.
    """
    fields = tuple(
        name for name in FIELDS if name in records.schema.names and _is_told(records, name)
    )
    blocks = _blocks(records, fields)
    if records.num_rows < FEWEST or not blocks or len(fields) < 2:
        return Linked(_none(fields), fields, 0)
    columns: dict[str, Any] = {"key": records["key"], **{name: records[name] for name in fields}}
    for place, block in enumerate(blocks):
        columns[f"b{place}"] = block.values
    for place, block in enumerate(_training(blocks)):
        columns[f"t{place}"] = _sampled(block.values, seed)
    # Splink tells its story on standard output, which belongs to whoever called.
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        logging.getLogger("splink").setLevel(logging.ERROR)
        found = _splink(pa.table(columns), fields, blocks, threshold, seed, progress)
    return Linked(found, fields, sum(block.pairs for block in blocks))


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    fields: tuple[str, ...]
    is_whole: bool
    values: pa.Array[Any]
    pairs: int


def _is_told(records: pa.Table, name: str) -> bool:
    """Enough records have it, with more than one value."""
    known = records.num_rows - records[name].null_count
    return known >= max(10, records.num_rows // 50) and len(records[name].unique()) > 2


def _blocks(records: pa.Table, fields: Sequence[str]) -> list[_Block]:
    found = []
    for parts in _BLOCKS:
        if not all(name in fields for name, _length in parts):
            continue
        values = [_part(records[name], length) for name, length in parts]
        key = values[0] if len(values) == 1 else compute.binary_join_element_wise(*values, "\x1f")
        code, count = _coded(key)
        few = (count > 1) & (count <= MOST_PER_BLOCK)
        pairs = int((count[few] * (count[few] - 1) // 2).sum())
        if not pairs or pairs > MOST_PER_RECORD * records.num_rows:
            continue
        found.append(
            _Block(
                tuple(name for name, _length in parts),
                all(length is None for _name, length in parts),
                _only(key, code, few),
                pairs,
            )
        )
    return found


def _coded(values: Any) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Each value as the place of its word, −1 for none, and how often each word stands there."""
    coded = values.dictionary_encode()
    code = compute.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
    return code, np.bincount(code[code >= 0], minlength=len(coded.dictionary) or 1)


def _only(values: Any, code: npt.NDArray[np.int64], is_kept: npt.NDArray[np.bool_]) -> Any:
    """The values whose words are kept, null elsewhere."""
    kept = pa.array((code >= 0) & is_kept[np.maximum(code, 0)])
    return compute.if_else(kept, values, pa.scalar(None, pa.string()))


def _part(values: Any, length: int | None) -> Any:
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    if length is None:
        return whole
    if length < 0:
        return compute.utf8_slice_codeunits(whole, start=length)
    return compute.utf8_slice_codeunits(whole, start=0, stop=length)


def _splink(
    table: pa.Table,
    fields: Sequence[str],
    blocks: Sequence[_Block],
    threshold: float,
    seed: int,
    progress: Progress,
) -> pa.Table:
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    api = DuckDBAPI()
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="key",
        comparisons=[_comparison(name) for name in fields],
        blocking_rules_to_generate_predictions=[block_on(f"b{i}") for i in range(len(blocks))],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=True,
    )
    linker = Linker(api.register(table), settings, log_level=logging.CRITICAL)
    sure = [block_on(f"b{i}") for i, block in enumerate(blocks) if block.is_whole][:4]
    linker.training.estimate_probability_two_random_records_match(
        sure or [block_on("b0")], recall=0.7
    )
    progress(1, STEPS)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=seed)
    for place, block in enumerate(_training(blocks)):
        progress(2 + place, STEPS)
        # The fields are named too: what all pairs agree on must not be learnt here.
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(*block.fields, f"t{place}"), estimate_without_term_frequencies=True
        )
    progress(STEPS - 1, STEPS)
    predicted = linker.inference.predict(threshold_match_probability=threshold)
    return _ordered(predicted.as_pyarrow_table(), fields)


def _training(blocks: Sequence[_Block]) -> list[_Block]:
    """Blocks to learn in: each field is left free by one at least."""
    whole = sorted((b for b in blocks if b.is_whole), key=lambda b: -b.pairs)
    chosen: list[_Block] = []
    for block in whole:
        if not chosen:
            chosen.append(block)
        elif not set.intersection(*(set(c.fields) for c in [*chosen, block])):
            chosen.append(block)
            break
    return chosen


def _sampled(values: Any, seed: int) -> Any:
    """Values of a block, so many of them, chosen by chance, as bring `MOST_TO_LEARN_FROM` pairs."""
    code, count = _coded(values)
    order = np.random.default_rng(seed).permutation(len(count))
    pairs = np.cumsum(count[order] * (count[order] - 1) // 2)
    is_chosen = np.zeros(len(count), np.bool_)
    is_chosen[order[pairs <= MOST_TO_LEARN_FROM]] = True
    return _only(values, code, is_chosen)


def _comparison(name: str) -> Any:
    import splink.comparison_library as cl

    if name in NAMES:
        return cl.JaroWinklerAtThresholds(name, [0.92, 0.85, 0.7]).configure(
            term_frequency_adjustments=True
        )
    if name == "email":
        return cl.JaroWinklerAtThresholds(name, [0.95, 0.88]).configure(
            term_frequency_adjustments=True
        )
    if name == "phone":
        return cl.DamerauLevenshteinAtThresholds(name, [1, 2]).configure(
            term_frequency_adjustments=True
        )
    if name == "birth_date":
        return cl.DamerauLevenshteinAtThresholds(name, [1, 2])
    if name == "number":
        return cl.DamerauLevenshteinAtThresholds(name, [1, 2])
    if name == "street":
        return cl.JaroWinklerAtThresholds(name, [0.9, 0.75]).configure(
            term_frequency_adjustments=True
        )
    return cl.ExactMatch(name).configure(term_frequency_adjustments=True)


def _ordered(found: pa.Table, fields: Sequence[str]) -> pa.Table:
    columns = {
        "a": found["key_l"],
        "b": found["key_r"],
        "weight": found["match_weight"],
        "probability": found["match_probability"],
    }
    for name in fields:
        mw: Any = found[f"mw_{name}"]
        tf = f"mw_tf_adj_{name}"
        columns[f"mw_{name}"] = compute.add(mw, found[tf]) if tf in found.schema.names else mw
    return pa.table(columns).sort_by([("weight", "descending"), ("a", "ascending")])


def _none(fields: Sequence[str]) -> pa.Table:
    whole, real = pa.array([], pa.int64()), pa.array([], pa.float64())
    columns: dict[str, Any] = {"a": whole, "b": whole, "weight": real, "probability": real}
    for name in fields:
        columns[f"mw_{name}"] = real
    return pa.table(columns)
