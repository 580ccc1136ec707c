"""The figures of a report that a person should see first, and how to read any figure out of one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure's name, its place under a report's `scores`, and how it is judged.

    better: +1 where more is better, -1 where less is, 0 where it only says something; floor: what a world
    has to reach (or stay under, where less is better), None where nothing is asked; baseline: the place of
    what it is held against, and `beside` what that is called; `rather` is such a
    place and name that go before these where a report has them.
    """

    title: str
    path: str
    unit: str = ""
    better: int = 1
    floor: float | None = None
    baseline: str | None = None
    beside: str = ""
    rather: tuple[str, str] | None = None

    def held_against(self, scores: Any) -> "tuple[Value, str] | None":
        """What a report's figure is held against and what that is called; None where there is nothing."""
        for path, name in filter(None, (self.rather, self.baseline and (self.baseline, self.beside))):
            value = value_at(scores, path)
            if value is not None:
                return value, name
        return None

    def reached(self, value: float) -> bool | None:
        """Whether a value is at the floor or better; None where nothing is asked."""
        return None if self.floor is None else (value - self.floor) * self.better >= 0


FIGURES = (
    Figure(title="Tokenizer, frames coded alone", path="tokenizer.psnr", unit="dB", floor=34.0),
    Figure(title="The same, as SSIM", path="tokenizer.ssim"),
    Figure(title="Values of the tokens' digits in use", path="tokenizer.codebook_used"),
    Figure(
        title="PSNR over 10 predicted frames",
        path="fidelity.psnr",
        unit="dB",
        floor=28.0,
        baseline="fidelity.psnr_copy_last_frame",
        beside="copying the last frame",
    ),
    Figure(
        title="SSIM over 10 predicted frames",
        path="fidelity.ssim",
        baseline="fidelity.ssim_copy_last_frame",
        beside="copying the last frame",
    ),
    Figure(
        title="ΔPSNR at step 4, true minus random keys", path="fidelity.delta_psnr_at_4", unit="dB", floor=1.9
    ),
    Figure(title="ΔPSNR over 10 frames", path="fidelity.delta_psnr", unit="dB"),
    Figure(
        title="A view left and come back to",
        path="revisits.psnr",
        unit="dB",
        baseline="revisits.psnr_remembered",
        beside="forgetting nothing",
    ),
    Figure(
        title="Held keys that do what they do in the simulator",
        path="counterfactuals.obeys",
        baseline="counterfactuals.chance",
        beside="by chance",
    ),
    Figure(
        title="Held keys that the judge names",
        path="held_keys.accuracy",
        baseline="held_keys.accuracy_real",
        beside="in true futures",
    ),
    Figure(
        title="The same, over true futures",
        path="held_keys.accuracy_over_ceiling",
        floor=0.95,
        baseline="held_keys.by_chance_over_ceiling",
        beside="one key always",
    ),
    Figure(
        title="Keys that the judge names, frame by frame",
        path="actions.accuracy",
        baseline="actions.accuracy_real",
        beside="in real clips",
    ),
    Figure(
        title="The same, over real clips",
        path="actions.accuracy_over_ceiling",
        floor=0.95,
        baseline="actions.by_chance_over_ceiling",
        beside="one key always",
    ),
    Figure(
        title="What codes say of keys (mutual information)",
        path="latent_actions.nmi",
        baseline="latent_actions.nmi_of_chance",
        beside="by chance",
    ),
    Figure(
        title="Keys from 100 labels that obey",
        path="latent_actions.by_labels.100.obeys",
        baseline="latent_actions.by_labels.100.chance",
        beside="by chance",
    ),
    Figure(
        title="Keys from 1,000 labels that obey",
        path="latent_actions.by_labels.1000.obeys",
        baseline="latent_actions.by_labels.1000.chance",
        beside="by chance",
    ),
    Figure(
        title="Prompts: what they name is there at the start",
        path="text.named_at_start",
        floor=0.95,
        baseline="text.named_by_chance",
        beside="by chance",
    ),
    Figure(
        title="The same, unseen combinations",
        path="text.unseen.named_at_start",
        floor=0.85,
        baseline="text.unseen.named_by_chance",
        beside="by chance",
    ),
    Figure(
        title="Prompts: what they name is there after a second of play",
        path="text.named",
        baseline="text.named_in_real_clips",
        beside="read off real clips",
    ),
    Figure(
        title="The same, unseen combinations",
        path="text.unseen.named",
        baseline="text.unseen.named_by_chance",
        beside="by chance",
    ),
    Figure(
        title="Prompts changed in play: what they name changed within a second",
        path="text.within_a_second.changed",
        floor=0.9,
        baseline="text.within_a_second.changed_unasked",
        beside="with the prompt left alone",
    ),
    Figure(
        title="And all else was as before",
        path="text.within_a_second.kept",
        floor=0.9,
        baseline="text.within_a_second.kept_unasked",
        beside="with the prompt left alone",
    ),
    Figure(
        title="Prompts changed in play: what they name changed after a second",
        path="text.changed",
        floor=0.9,
        baseline="text.changed_unasked",
        beside="with the prompt left alone",
    ),
    Figure(
        title="And all else stayed",
        path="text.kept",
        floor=0.9,
        baseline="text.kept_unasked",
        beside="with the prompt left alone",
    ),
    Figure(
        title="Few words in play (only what is to change): what they name changed",
        path="text.few_words.changed",
    ),
    Figure(title="And all else stayed", path="text.few_words.kept"),
    Figure(
        title="1,000-frame sessions still alive",
        path="horizon.alive",
        floor=0.95,
        baseline="horizon.alive_of_real",
        beside="real clips",
        rather=("horizon.of_true_game.alive", "the true game, same keys"),
    ),
    Figure(
        title="The same of the true game, under the same keys", path="horizon.of_true_game.alive", better=0
    ),
    Figure(title="10,000-frame sessions still alive", path="long_horizon.alive", floor=0.95),
    Figure(
        title="Fréchet distance, frame 1,000 over 100",
        path="horizon.frechet_last_over_first",
        better=-1,
    ),
    Figure(
        title="Fréchet distance, frame 10,000 over 100",
        path="long_horizon.frechet_last_over_first",
        better=-1,
        floor=1.5,
    ),
    Figure(title="Key to frame, median", path="speed.median_ms", unit="ms", better=-1, floor=16.7),
    Figure(title="Key to frame, p99", path="speed.p99_ms", unit="ms", better=-1),
    Figure(
        title="Key to frame, p99 over median",
        path="speed.p99_over_median",
        better=-1,
        floor=1.5,
        baseline="speed.machine_p99_over_median",
        beside="matrix products alone",
    ),
    Figure(
        title="Key to frame, frame 10,000 over 100",
        path="speed.old_over_young",
        better=-1,
        floor=1.02,
    ),
    Figure(title="Share of the machine's peak", path="speed.share_of_peak", floor=0.35),
    Figure(title="First frame, from the start", path="speed.first_frame_s", unit="s", better=-1, floor=1.5),
    Figure(title="Memory while playing", path="speed.peak_mb", unit="MB", better=-1, floor=700.0),
)


class Value(NamedTuple):
    """A figure's value, with its 95% interval over clips where it has one."""

    mean: float
    low: float | None = None
    high: float | None = None


def value_at(scores: Any, path: str) -> Value | None:
    """The figure at a dotted path; None where the report has none there."""
    return _value(node_at(scores, path))


def node_at(scores: Any, path: str) -> Any:
    """Whatever is at a dotted path; None where nothing is."""
    for part in path.split("."):
        scores = scores.get(part) if isinstance(scores, dict) else None
    return scores


def all_values(scores: Any, path: str = "") -> Iterator[tuple[str, Value]]:
    """Every figure under `scores` with its dotted path, lists left out."""
    value = _value(scores)
    if value is not None:
        yield path, value
    elif isinstance(scores, dict):
        for name, inner in scores.items():
            yield from all_values(inner, f"{path}.{name}" if path else name)


def list_at(scores: Any, path: str) -> list[Value] | None:
    """The list of figures at a dotted path; None where the report has none there."""
    listed = node_at(scores, path)
    if not isinstance(listed, list) or not listed:
        return None
    values = [_value(item) for item in listed]
    return [value for value in values if value is not None] if None not in values else None


def said(number: float, unit: str = "", beside: float | None = None) -> str:
    """A number as a person reads it: three or four digits that matter, a count as it is.

    beside: another number that it is held against; where both read the same, more digits tell them apart.
    """
    size = abs(number)
    digits = 0 if size >= 1000 or type(number) is int else 1 if size >= 100 else 2
    while beside is not None and number != beside and digits < 4:
        if f"{number:.{digits}f}" != f"{beside:.{digits}f}":
            break
        digits += 1
    return f"{number:,.{digits}f}" + (f" {unit}" if unit else "")


def _value(node: Any) -> Value | None:
    if isinstance(node, dict) and "mean" in node:
        return Value(node["mean"], node.get("low"), node.get("high"))
    if isinstance(node, (int, float)) and not isinstance(node, bool):
        return Value(node)
    return None
