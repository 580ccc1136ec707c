"""How a world is measured: figures of another protocol cannot be held beside these."""

from dataclasses import asdict
from typing import Any

from training.detail import BLOCK
from training.evaluate.config import Extent
from training.evaluate.counterfactuals import FUTURE, PAST
from training.evaluate.horizon import EMPTIEST, EVERY, GOOD_ENOUGH, LIVING
from training.evaluate.interval import RESAMPLES
from training.evaluate.judge_score import SOUND
from training.evaluate.mapped_keys import CLIPS_A_DRAW, DRAWS, MOMENTS, MOMENTS_SEED
from training.evaluate.random_keys import RANDOM_KEYS_SEED
from training.evaluate.real_clips import CONTEXT, PREDICTED
from training.evaluate.revisits import AWAY, BACK, FARTHEST, NEAREST, REVISITS_SEED
from training.evaluate.session_starts import PLAY_SEED
from training.evaluate.text import PROMPTS_SEED
from training.evaluate.transitions import LABELS_SEED
from training.evaluate.wording import CHANGES_SEED, PLAYED, SECOND


def protocol(extent: Extent, *, looks_alone: bool) -> dict[str, Any]:
    """The numbers that figures depend on most, beside the world, the clips and the judge.

    looks_alone: whether captions were reworded to say no more than what clips look like.
    """
    return {
        "context_frames": CONTEXT,
        "predicted_frames": PREDICTED,
        "another_view_at_most_db": AWAY,
        "the_same_view_at_least_db": BACK,
        "frames_away": [NEAREST, FARTHEST],
        "moment_past_frames": PAST,
        "moment_held_frames": FUTURE,
        "look_every_frames": EVERY,
        "good_enough_db": GOOD_ENOUGH,
        "detail_block_pixels": BLOCK,
        "emptiest_share_of_real_clips": EMPTIEST,
        "living_share": LIVING,
        "judge_minimum": SOUND,
        "frames_played_of_a_prompt": PLAYED,
        "of_which_not_read": SECOND,
        "interval": f"95%: bootstrap over clips, moments, sessions or combinations of a prompt, {RESAMPLES} "
        "resamples (Fréchet distances 100, mutual information 200); of shares of sessions Wilson's; of keys "
        "from few labels over draws and moments, Student's",
        "captions": "name what clips look like, and nothing that happens in them"
        if looks_alone
        else "the clips' own, which may say what happens in them",
        "sessions_begin": "in frames drawn from clips that distances are not measured from",
        "real_frames": "of the clips that sessions begin in",
        "changes_ask": "for looks that training clips have, where those are there",
        "labels": {str(labels): {"draws": draws} for labels, draws in DRAWS.items()},
        "labels_of_clips": CLIPS_A_DRAW * DRAWS[1_000],
        "moments_of_mapped_keys": MOMENTS,
        "seeds": {
            "clips": 0,
            "moments": 0,
            "revisits": REVISITS_SEED,
            "random_keys": RANDOM_KEYS_SEED,
            "bootstrap": 0,
            "prompts": PROMPTS_SEED,
            "changes": CHANGES_SEED,
            "long_play": PLAY_SEED,
            "labels": LABELS_SEED,
            "moments_of_mapped_keys": MOMENTS_SEED,
            "session": "its number",
        },
        "temperature": "the world's default",
        "strength_of_words": "the world's default",
        "extent": asdict(extent),
    }
