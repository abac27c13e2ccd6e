"""The command line: ``rahulml``, or ``python -m rahulml``. Each command loads what it needs."""

from __future__ import annotations

import json as json_
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import pandas as pd

    from rahulml.reviews import Piles

TRAINED_BY = "rahulml[train]"
"""The extra that brings what `reviews`, `train`, `compare` and `read` need."""

INTERRUPTED = 128 + 2
"""The exit code of a program that SIGINT ended, as shells count."""


class _Told(click.ClickException):
    """What a person can mend: one line, exit code 1."""

    def show(self, file: object = None) -> None:
        click.echo(f"rahulml: {' '.join(self.message.split())}", err=True, file=file)


class _Commands(click.Group):
    """Commands whose errors are one line, and that an interrupt ends quietly."""

    def invoke(self, context: click.Context) -> object:
        """Run a command. What it keeps if it is interrupted stands in ``context.obj``."""
        context.obj = {"kept": lambda: "nothing was written"}
        try:
            return super().invoke(context)
        except ModuleNotFoundError as error:
            needs = f"needs {error.name}: pip install '{TRAINED_BY}'"
            raise _Told(f"{context.invoked_subcommand} {needs}") from error
        except KeyboardInterrupt:
            click.echo(f"\nrahulml: stopped; {context.obj['kept']()}", err=True)
            context.exit(INTERRUPTED)
        except BrokenPipeError:
            raise
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            raise _Told(f"{place}{error.strerror or error}") from error
        except (ValueError, ImportError) as error:
            raise _Told(str(error)) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rahulml")
def main() -> None:
    """Texts to an honest score, and slates without end.

    \b
    rahulml reviews mine.csv                  what would be read, what dropped
    rahulml compare mine.csv                  is an LSTM worth it on these texts?
    rahulml train mine.csv --to mine.keras    a machine to keep
    rahulml read mine.keras "Not bad at all"  what it thinks, word by word
    rahulml slate combine --seed 7            a question for a pencil
    rahulml check combine --seed 7 NAME=VALUE

    Exit codes: 0 is fine, 1 a problem with the data or a wrong answer, 2 a command that was not
    understood, 130 an interrupt.
    """


class _Whole(click.IntRange):
    """A whole number, and called so in help and errors."""

    name = "whole number"


class _Step(click.FloatRange):
    """A number above 0."""

    name = "number"

    def __init__(self):
        super().__init__(0, min_open=True)

    def convert(self, value: object, *where: object) -> float:
        """Return it. Click lets NaN pass, of which no comparison holds."""
        found = super().convert(value, *where)
        return found if found > 0 else self.fail(f"{value!r} is not a valid number.", *where)


def how_many(*names: str, least: int, default: int, help: str) -> Callable:
    """Return an option that takes a whole number, and whose help tells its default."""
    return click.option(*names, type=at_least(least), default=default, show_default=True, help=help)


def options(*decorators: Callable) -> Callable:
    """Return a decorator that gives a command several options, in this order in its help."""

    def give(command: Callable) -> Callable:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return give


def choose_of(value: object, known: Sequence[str], name: str) -> None:
    """Refuse an argument that is not among those known, as a usage error."""
    if value not in known:
        raise click.BadParameter(f"{value!r} is none of {', '.join(known)}.", param_hint=name)


as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for a program.")
at_least, above_0 = _Whole, _Step()

texts = options(
    click.argument("path"),
    click.option("--text", metavar="NAME", help="The column of the texts."),
    click.option("--label", metavar="NAME", help="The column of the labels."),
    click.option("--liked", metavar="LABEL", multiple=True, help="A label that means thumbs up."),
    click.option(
        "--disliked",
        metavar="LABEL",
        multiple=True,
        help="One that means thumbs down; all but --liked if not said.",
    ),
    click.option(
        "--left-out", metavar="LABEL", multiple=True, help="One whose rows are not used at all."
    ),
    click.option("--encoding", metavar="NAME", help="Such as cp1252, if the file is not UTF-8."),
    click.option(
        "--missing",
        type=click.Choice(["refuse", "drop"]),
        default="refuse",
        show_default=True,
        help="What to do with a row without text or label.",
    ),
    click.option(
        "--keep",
        type=click.Choice(["last", "first"]),
        default="last",
        show_default=True,
        help="Which words of a long text are read.",
    ),
    how_many(
        "--words",
        "--max-words",
        "max_words",
        least=1,
        default=100,
        help="How many words of each text are read.",
    ),
    how_many(
        "--vocabulary", least=3, default=10_000, help="How many words have a number of their own."
    ),
    how_many(
        "--seed",
        least=0,
        default=0,
        help="Decides which text goes into which pile, and where a training starts.",
    ),
)

recipe = options(
    how_many("--units", least=1, default=32, help="Numbers in a memory."),
    how_many("--notes", "--embedding", "embedding", least=1, default=32, help="Numbers in a note."),
    how_many(
        "--epochs", "--loops", "epochs", least=1, default=5, help="Loops through the study pile."
    ),
    how_many("--batch-size", least=1, default=64, help="Texts in a grab."),
    click.option(
        "--learning-rate",
        type=above_0,
        default=0.001,
        show_default=True,
        help="How far a dial turns.",
    ),
    click.option("--clipnorm", type=above_0, help="Shorten gradients."),
    click.option("--mask-padding", is_flag=True, help="Pass over padding."),
    click.option(
        "--engine",
        type=click.Choice(["jax", "tensorflow", "torch"]),
        default="jax",
        show_default=True,
        help="What computes.",
    ),
)


def piles_of(path: str, how: dict[str, object]) -> Piles:
    """Load the piles, and take what was said of them out of the options of a command."""
    from rahulml import reviews

    liked, disliked, left_out = (how.pop(name) for name in ("liked", "disliked", "left_out"))
    if disliked or left_out:
        if not liked or not disliked:
            wanted = "with --disliked or --left-out every label is named"
            raise click.UsageError(f"{wanted}: say both --liked and --disliked.")
        meanings = {True: liked, False: disliked, None: left_out}
        if len({*liked, *disliked, *left_out}) < sum(map(len, meanings.values())):
            raise click.UsageError("--liked, --disliked and --left-out: say each label once.")
        liked = {label: means for means, labels in meanings.items() for label in labels}
    names = ("text", "label", "encoding", "missing", "keep", "max_words", "vocabulary")
    told = {name: how.pop(name) for name in names}
    progress = sys.stderr.isatty()
    return reviews.load(path, liked=liked or None, seed=how["seed"], progress=progress, **told)


def warn(piles: Piles) -> None:
    """Say beside the results what a careful person would say of the texts."""
    for warning in piles.report.warnings:
        click.echo(f"WARNING   {warning}", err=True)


def put(found: Mapping[str, object]) -> None:
    """Print a result as JSON, which has no NaN and none of NumPy's numbers."""
    click.echo(json_.dumps(found, indent=2, ensure_ascii=False, default=lambda x: x.item()))


def rows_of(table: pd.DataFrame) -> list[dict[str, object]]:
    """Return the rows of a table as JSON has them, without the cells that are empty."""
    rows = table.to_dict("records")
    return [{name: cell for name, cell in row.items() if cell == cell} for row in rows]


@main.command("reviews")
@texts
@as_json
def reviews_(path: str, as_json: bool, **how: object) -> None:
    """Say what is in PATH: rows, labels, piles, what was dropped, what to beware of.

    PATH is a table (CSV, TSV, JSON lines, JSON, Parquet, packed or not), a folder with pos/ and
    neg/ in it, "packaged" (25,000 film reviews) or "imdb" (all 50,000, downloaded once).

    \b
    rahulml reviews mine.csv
    rahulml reviews stars.csv.gz --liked 4 --liked 5
    rahulml reviews poll.tsv --text answer --label mood --encoding cp1252
    """
    report = piles_of(path, how).report
    put(report.as_dict()) if as_json else click.echo(str(report))


@main.command()
@texts
@recipe
@click.option("--machine", default="lstm", show_default=True, help="Such as rnn, gru, bilstm.")
@click.option("--to", metavar="FILE", help="Keep the machine in this file, such as mine.keras.")
@as_json
def train(path: str, machine: str, to: str | None, as_json: bool, **how: object) -> None:
    """Train one machine on PATH, and grade it.

    It is graded, and kept, as it stood after the loop that did best on the mock exam. For how far
    one training is luck, see compare.

    \b
    rahulml train mine.csv --to mine.keras
    rahulml train mine.csv --machine gru --units 256 --words 400 --epochs 10
    """
    from rahulml._engines.workers import choose

    choose(how.pop("engine"))
    from rahulml import builders, runs, saved, training

    choose_of(machine, list(builders.LAYERS), "--machine")
    if to is not None:
        saved.writable(to)
    piles = piles_of(path, how)
    warn(piles)
    run = training.fit(machine, piles, progress=sys.stderr.isatty(), **how)
    best = run.chosen_loop
    score = runs.SealedExam(piles.exam).grade(run).chosen
    if to is not None:
        run.save(to, loop=best)
    row = run.history.loc[best]
    found = {
        "machine": machine,
        "seed": run.seed,
        "loop": best,
        "study_score": row["study_score"],
        "mock_score": row["mock_score"],
        "exam_score": score,
        "dials": run.dials,
        "seconds": run.seconds,
        "engine": run.engine,
        "file": to,
    }
    if as_json:
        put(found | {"history": run.history.reset_index().to_dict("records")})
        return
    click.echo(f"{machine}: {run.dials:,} dials, {run.last_loop} loops")
    click.echo(f"mock exam  {row['mock_score']:.1%} after loop {best}, its best")
    click.echo(f"exam       {score:.1%}, never looked at before")
    if to is not None:
        click.echo(f"kept in    {to}")


@main.command()
@texts
@recipe
@click.option(
    *("--machine", "machines"),
    multiple=True,
    default=["rnn", "lstm"],
    show_default=True,
    help="Which ones; say it again for each.",
)
@how_many("--seeds", least=2, default=5, help="Trainings of each machine.")
@click.option("--jobs", "n_jobs", type=at_least(1), help="Trainings at once; a core each.")
@click.option(
    "--store",
    metavar="FOLDER",
    type=click.Path(file_okay=False),
    help="Keep each training there, and go on from them.",
)
@as_json
def compare(
    path: str,
    machines: tuple[str, ...],
    seeds: int,
    n_jobs: int | None,
    store: str | None,
    as_json: bool,
    **how: object,
) -> None:
    """Train several machines on PATH, beside two readers that only count, and judge.

    Each machine is trained from several seeds. The verdicts hold for all pairs together, starts and
    texts both counted as luck: told apart, about the same (within a point), or undecided.

    \b
    rahulml compare mine.csv
    rahulml compare mine.csv --machine lstm --machine gru --seeds 10 --store kept
    """
    from rahulml._engines.workers import choose

    engine = how.pop("engine")
    choose(engine)
    from rahulml import baselines, builders, runs, scores, study

    for machine in machines:
        choose_of(machine, list(builders.LAYERS), "--machine")
    piles = piles_of(path, how)
    warn(piles)
    del how["seed"]
    click.get_current_context().obj["kept"] = _kept_in(store)
    trained = study.train(
        list(dict.fromkeys(machines)),
        piles,
        seeds=seeds,
        n_jobs=n_jobs,
        engine=engine,
        store=store,
        progress=sys.stderr.isatty(),
        **how,
    )
    exam = runs.SealedExam(piles.exam)
    for one in [*trained, *(baselines.fit(reader, piles) for reader in baselines.READERS)]:
        exam.grade(one)
    sheets = exam.sheets
    verdicts = scores.pairs(sheets)
    if as_json:
        shares = {name: sheet.mean(axis=1).tolist() for name, sheet in sheets.items()}
        put({"exam_scores": shares, "pairs": verdicts.to_dict("records")})
        return
    wide = max(map(len, sheets))
    click.echo(f"Shares right on the exam, {len(piles.exam):,} texts, {seeds} seeds:")
    for name, sheet in sheets.items():
        right = sheet.mean(axis=1)
        spread = f"   {right.min():.1%} to {right.max():.1%}" if right.min() < right.max() else ""
        click.echo(f"  {name:{wide}}  {right.mean():.1%}{spread}")
    click.echo("Which may be told apart (difference in points, its 95 % interval):")
    for pair in verdicts.itertuples():
        points = [f"{100 * share:+.1f}" for share in (pair.difference, pair.low, pair.high)]
        pair_of = f"{pair.first:{wide}}  {pair.second:{wide}}"
        click.echo(f"  {pair_of}  {points[0]:>5} ({points[1]} to {points[2]})  {pair.verdict}")


def _kept_in(store: str | None) -> Callable[[], str]:
    """Return what says, if it is asked, how many trainings the folder has got since now."""
    from rahulml.study import KEPT

    def count() -> int:
        return len(list(Path(store, KEPT).glob("*.npz")))

    if store is None:
        return lambda: "nothing was kept (--store FOLDER keeps each training that is finished)"
    before = count()
    return lambda: (
        f"trainings kept in {store}: {count() - before} more; the same command goes on from there"
    )


@main.command()
@click.argument("machine")
@click.argument("text")
@as_json
def read(machine: str, text: str, as_json: bool) -> None:
    """Let the machine in the file MACHINE read TEXT, word by word.

    After each word: the leaning, from 0 (thumbs down) to 1 (thumbs up), if the text ended there. Of
    an LSTM also its votes, on average over the slots, and how much of what the word wrote into
    memory-A is left at the end.

    \b
    rahulml read mine.keras "Not boring at all, I loved it"
    """
    from rahulml._engines.workers import choose

    choose("jax")
    from rahulml import reading, saved

    loaded = saved.load_machine(machine)
    table = reading.word_by_word(loaded, text)
    leaning = float(loaded.predict([text])[0])
    if as_json:
        put({"leaning": leaning, "words": rows_of(table)})
        return
    names = [f"{row.word}{'' if row.known else ' (unknown)'}" for row in table.itertuples()]
    wide = max(map(len, [*names, "word"]))
    columns = [name for name in ("keep", "admit", "show", "left") if name in table]
    click.echo(f"{'word':{wide}}  {''.join(f'{name:>5}  ' for name in columns)}leaning")
    for name, row in zip(names, table.to_dict("records"), strict=True):
        cells = [f"{row[c]:5.2f}  " if row[c] == row[c] else " " * 7 for c in columns]
        click.echo(f"{name:{wide}}  {''.join(cells)}{row['leaning']:7.2f}  {_bar(row['leaning'])}")
    click.echo(f"thumbs {'up' if leaning > 0.5 else 'down'}: {leaning:.2f}")


def _bar(leaning: float, half: int = 10) -> str:
    """Return the leaning as a bar that grows from the middle, to the right for thumbs up."""
    reach = round((leaning - 0.5) * 2 * half)
    left, right = "#" * max(-reach, 0), "#" * max(reach, 0)
    return f"{left:>{half}}|{right:{half}}".rstrip()


topic_and_seed = options(
    click.argument("topic", required=False),
    how_many("--seed", least=0, default=0, help="Which question."),
)


def _exercise(topic: str | None, seed: int) -> object:
    from rahulml import exercises

    if topic is None:
        raise click.UsageError(f"TOPIC is missing: {', '.join(exercises.TOPICS)}.")
    choose_of(topic, exercises.TOPICS, "TOPIC")
    return exercises.make(topic, seed)


@main.command()
@topic_and_seed
@click.option("--answer", is_flag=True, help="The answer with its steps, too.")
@click.option("--to", metavar="FILE", help="Worksheets, .pdf or .html; the key goes beside them.")
@click.option("--copies", type=at_least(1), help="With --to: how many, each with other numbers.")
@click.option("--names", metavar="CSV", help="With --to: a sheet for each student in a table.")
@click.option("--encoding", metavar="NAME", help="With --names: such as cp1252, if not UTF-8.")
@click.option("--paper", type=click.Choice(["A4", "Letter"]), default="A4", show_default=True)
@as_json
def slate(
    topic: str | None, seed: int, answer: bool, to: str | None, as_json: bool, **sheets: object
) -> None:
    """Ask a question about TOPIC for a pencil; each seed gives another.

    Without TOPIC the topics are named.

    \b
    rahulml slate combine --seed 7
    rahulml slate combine --seed 7 --answer
    rahulml slate combine --seed 7 --copies 25 --to sheets.pdf
    """
    exercise = _exercise(topic, seed)
    if sheets["encoding"] and not sheets["names"]:
        raise click.UsageError("--encoding is that of the table of --names: say --names, too.")
    if to and (answer or as_json):
        raise click.UsageError("--to makes worksheets and a key: leave out --answer and --json.")
    if to:
        from rahulml import exercises

        for path in exercises.worksheets(topic, to, seed=seed, **sheets):
            click.echo(path)
        return
    if sheets["copies"] or sheets["names"]:
        raise click.UsageError("--copies and --names make worksheets: say where --to.")
    if as_json:
        found = {"topic": topic, "seed": seed, "question": exercise.question}
        found |= {"answer": exercise.answer, "steps": exercise.steps} if answer else {}
        put(found)
        return
    click.echo(exercise.question)
    if answer:
        click.echo("\n" + "\n".join(exercise.steps))


# What the shell takes for options are numbers below 0: "-0.5".
@main.command(context_settings={"ignore_unknown_options": True})
@topic_and_seed
@click.argument("given", nargs=-1, metavar="NAME=VALUE...")
@as_json
def check(topic: str | None, seed: int, given: tuple[str, ...], as_json: bool) -> None:
    """Check your numbers for the question of TOPIC and SEED; a wrong one shows which slip it was.

    Each number with its name, as the question gives it, or all of them in its order.

    \b
    rahulml check keeping --seed 2 "share left=0.24" "amount left=1.705"
    rahulml check keeping --seed 2 0.24 1.705
    """
    from rahulml import exercises

    exercise = _exercise(topic, seed)
    try:
        found = exercises.diagnose(exercise, _numbers(given))
    except ValueError as error:  # what was typed is no answer, right or wrong
        raise click.UsageError(str(error)) from error
    if as_json:
        put(
            {"right": found.right, "slips": found.slips, "off": found.off, "message": found.message}
        )
    else:
        click.echo(found.message)
    sys.exit(0 if found.right else 1)


def _numbers(given: Sequence[str]) -> dict[str, float] | list[float]:
    """Return what was typed, as numbers by name or in a row."""
    from rahulml.checks import shown

    named = [one.rpartition("=") for one in given]
    values = []
    for name, _, value in named:
        try:
            values.append(float(value))
        except ValueError:
            which = f"{name.strip()}: " if name else ""
            got = f"got {shown(value)}{' (a comma, where 0.31 has a point)' * (',' in value)}"
            raise ValueError(f"{which}expected a number, {got}") from None
    names = [name.strip() for name, _, _ in named]
    if not any(names):
        return values
    if not all(names):
        raise ValueError("NAME=VALUE: expected a name for each number or for none, got some")
    if len(set(names)) < len(names):
        raise ValueError(f"NAME=VALUE: expected each name once, got {shown(names)}")
    return dict(zip(names, values, strict=True))


if __name__ == "__main__":
    main()
