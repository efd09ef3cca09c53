"""The members of the final model, fitted once more on all rows.

Measured (two splits of each data set, seeds 100 and 101, AUC or log loss on unseen rows): where a
candidate was validated in three folds, each of its models knows two thirds of the rows, and two
copies that know them all are better than the three (400 columns: .901 -> .915 and .935 -> .941;
missing values: .863 -> .874 and .864 -> .869; ten classes: log loss .052 -> .041 and .041 ->
.029); one copy is worse than two (.9190 against .9203, .8639 against .8677), and so is one beside
the three. Where members are many they average as much without a second copy (eight networks:
1.015 -> 1.006 and 1.069 -> 1.076). Where a tenth was held out the model that knows the rest is as
good as a copy, so it stays, with one beside it (Bank Marketing: .94943 -> .94976; two copies alone
.94961). Where a fifth was held out in turn the five models that know the rest stay, with two copies
beside them (ten splits of each set: 480 rows with steps, error .9 % above that of ten folds in
place of 1.2 % with one copy and 1.6 % without; two copies alone, log loss of 560 mixed rows 3.8 %
above, four splits; 353 and 455 rows, no difference). With ten folds copies were worse, as ten
models average more, but for models that hardly change with a few rows: one of them is as good as
ten, and written and read in less time.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bankml.backends.local.automl.models.assembly import rounds_of
from bankml.backends.local.automl.training.worker import Refit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from bankml.backends.local.automl.candidates.candidate import Candidate
    from bankml.backends.local.automl.session import Session

_MOST_FOLDS = 5
_NEARLY_ALL = 0.85
# Models of folds that together know all rows may each know fewer.
_MOST_OF_THEM = 0.75
# More rows than a fold had ask for a few more rounds.
_MORE_ROUNDS = 0.5
_RANDOM = ("LightGBM", "MultiLayerPerceptron")
# A few rows more or less change them little, so that ten of them are no better than one.
_STEADY = ("LogisticRegression", "ElasticNet", "SVM", "KNN")
# Neither does a forest that is large enough. Ten of them with fifty trees each take a second to
# write, as skops describes every tree.
_FORESTS = ("RandomForest", "ExtremeRandomTrees")
_TIMES_THE_TREES = 3
_MANY_MEMBERS = 5
# A round grows a tree for each class.
_MANY_MEMBERS_OF_CLASSES = 4
FOLDER = "refitted"


def refit(session: Session, members: Iterable[int]) -> Mapping[int, Sequence[Path]]:
    """Fit members on all rows, where that helps and the time is enough.

    Args:
        session: The run, after its candidates; its workers are still there.
        members: Numbers of the children that the final model is made of.

    Returns:
        The folders with each member's models: of its folds, refitted ones, or both.
    """
    folders = {number: session.child_folder(number) for number in members}
    of_folds = {number: [folder] for number, folder in folders.items()}
    again = [number for number in folders if _is_better_again(session, number)]
    tasks = [task for number in again for task in _tasks(session, number, len(folders))]
    if not session.run_to_the_end(tasks):
        return of_folds
    refitted = {
        number: [folder, folder / FOLDER] if _keeps_folds(session, number) else [folder / FOLDER]
        for number, folder in folders.items()
        if number in again
    }
    return {**of_folds, **refitted}


def _is_better_again(session: Session, number: int) -> bool:
    """Tell whether a fit on all rows is better than what there is, or as good and smaller."""
    if session.is_sampled:
        return False
    algorithm = session.candidates[number].algorithm
    return not _has_many_folds(session) or algorithm in (*_STEADY, *_FORESTS)


def _has_many_folds(session: Session) -> bool:
    return len(session.data.store.folds) > _MOST_FOLDS


def _is_random(session: Session, number: int) -> bool:
    """Tell whether two fits of a candidate differ, so that their average is better than one."""
    return session.candidates[number].algorithm in _RANDOM


def _keeps_folds(session: Session, number: int) -> bool:
    """Tell whether a candidate's models know enough rows, and differ from those fitted again."""
    shape = session.data.shape
    share = _NEARLY_ALL if shape.folds == 1 else _MOST_OF_THEM
    return _is_random(session, number) and shape.fitted_rows >= share * shape.rows


def _copies(session: Session, number: int, members: int) -> int:
    if not _is_random(session, number):
        return 1
    shape = session.data.shape
    if _keeps_folds(session, number):
        return 1 if shape.folds == 1 else 2
    many = _MANY_MEMBERS_OF_CLASSES if shape.classes > 2 else _MANY_MEMBERS
    return 1 if members >= many else 2


def _of_more_trees(candidate: Candidate) -> Candidate:
    trees = int(str(candidate.parameters["n_estimators"]))
    return replace(
        candidate, parameters={**candidate.parameters, "n_estimators": _TIMES_THE_TREES * trees}
    )


def _tasks(session: Session, number: int, members: int) -> list[Refit]:
    store, shape, folder = session.data.store, session.data.shape, session.child_folder(number)
    candidate = session.candidates[number]
    if candidate.algorithm in _FORESTS and _has_many_folds(session):
        candidate = _of_more_trees(candidate)
    more = 1 + _MORE_ROUNDS * (shape.rows / shape.fitted_rows - 1)
    return [
        Refit(
            number=number,
            candidate=candidate,
            store=store,
            folder=folder / FOLDER,
            seconds=session.seconds_left,
            stop_file=session.data.stop_file,
            seed=session.settings.random_state + number + 1000 * (copy + 1),
            guide=session.guide_of(candidate),
            copy=copy,
            rounds=round(more * rounds_of(folder, store.classes)),
        )
        for copy in range(_copies(session, number, members))
    ]
