"""How good a captioner is: its captions of clips it never saw, against the true ones and attributes."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from genie.clips.clip_folder import ClipFolder
from genie.core.errors import ClipError, GenieError
from genie.core.phrases import Phrases
from training.captioning.agreement import AttributeReader
from training.captioning.captioner import cleaned, open_captioner, phrases_of
from training.captioning.scores import score

Report = Callable[[int, int], None]
TOGETHER = 32


@dataclass(frozen=True, kw_only=True)
class EvaluateCaptionsConfig:
    """dataset: clips with true captions and attributes; captioner: as caption takes it.

    phrases: a phrases.json; those beside the captioner if None. out: where the report goes, nowhere if None.
    """

    dataset: Path
    captioner: str
    split: str = "test"
    limit: int | None = None
    phrases: Path | None = None
    out: Path | None = None
    device: str = "auto"


def evaluate_captions(
    config: EvaluateCaptionsConfig, report: Report = lambda done, total: None
) -> dict[str, Any]:
    """Return the report: the scores, the attributes, and some captions beside the true ones.

    Raises ClipError for clips without captions, GenieError for a captioner that cannot be had.
    """
    clips = ClipFolder(config.dataset).clips(config.split)[: config.limit]
    if not clips:
        raise ClipError(f"{config.dataset}: no clips of the split {config.split!r}")
    captioner = open_captioner(config.captioner, config.device)
    said: list[str] = []
    for first in range(0, len(clips), TOGETHER):
        frames = [clip.read_frames() for clip in clips[first : first + TOGETHER]]
        said += [cleaned(text) for text in captioner.describe(frames)]
        report(len(said), len(clips))
    true = [[clip.entry.caption, *(timed.text for timed in clip.entry.captions)] for clip in clips]
    found: dict[str, Any] = {
        "captioner": captioner.name,
        "dataset": config.dataset.name,
        "split": config.split,
        "clips": len(clips),
        "silent": sum(not text for text in said),
        "scores": asdict(score(said, true)),
    }
    agreement = _agreement(_phrases(config), [clip.entry.attributes for clip in clips], said, true)
    if agreement is not None:
        found["attributes"] = agreement
    found["examples"] = [
        {"file": clip.entry.file_name, "said": text, "true": texts[0]}
        for clip, text, texts in zip(clips[:20], said, true, strict=False)
    ]
    if config.out is not None:
        _write(config.out, found)
    return found


def table(found: dict[str, Any]) -> str:
    """The figures of a report as lines to print."""
    lines = [f"{found['clips']} clips of {found['split']}, captioned by {found['captioner']}"]
    lines += [f"  {name:<10}{value:6.3f}" for name, value in found["scores"].items()]
    attributes = found.get("attributes")
    if attributes is None:
        return "\n".join([*lines, "  the clips have no attributes that their captions speak of"])
    for name, value in attributes["accuracy"].items():
        lines.append(f"  {name} said truly: {value:.1%}")
    mean, f1, clips = (attributes[name] for name in ("mean_accuracy", "f1", "clips"))
    lines.append(
        f"  all attributes: {mean:.1%}, F1 {f1:.3f}, on the {clips} clips whose attributes are known"
    )
    return "\n".join(lines)


def _agreement(
    phrases: Phrases | None,
    attributes: Sequence[Mapping[str, object]],
    said: Sequence[str],
    true: Sequence[Sequence[str]],
) -> dict[str, Any] | None:
    """Hold the captions of the clips that have the attributes against them; None where none is spoken of."""
    if phrases is None:
        return None
    known = [n for n, facts in enumerate(attributes) if phrases.values.keys() <= facts.keys()]
    facts = [attributes[n] for n in known]
    reader = AttributeReader(phrases, [(text, attributes[n]) for n in known for text in true[n]])
    agreement = reader.agreement([said[n] for n in known], facts)
    if not agreement.accuracy:
        return None
    told = {"f1": agreement.f1, "mean_accuracy": agreement.mean, "clips": len(known)}
    return {**asdict(agreement), **told}


def _phrases(config: EvaluateCaptionsConfig) -> Phrases | None:
    return phrases_of(config.captioner) if config.phrases is None else Phrases.load(config.phrases)


def _write(out: Path, found: dict[str, Any]) -> None:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise GenieError(f"cannot write {out}: {error.strerror}") from None
