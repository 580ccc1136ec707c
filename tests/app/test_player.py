"""Whatever is done in a session, every branch of it is what rendering it again gives."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from genie.app.player import Player
from genie.app.recorder import Recorder
from genie.app.take import Start, render
from genie.clips.session_log import checksum, read_session
from genie.core.errors import GenieError
from genie.runtime.world import World
from tests.support.tiny_bundle import write_tiny_bundle

PROMPTS = ("a red sprite on snow", "the sprite by night", "a blue sprite on sand")
START = Start(prompt="a red sprite", seed=3, expand=False)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World.open(write_tiny_bundle(tmp_path_factory.mktemp("player") / "bundle"), device="cpu")


def check(player: Player) -> None:
    """Hold every branch against rendering it again."""
    tree = player.tree
    for branch in range(len(tree.branches)):
        frames = list(render(player.world, player.take(branch)))
        end = tree.branches[branch].end
        assert [checksum(frame) for frame in frames[1:]] == tree.digests(branch, end), branch
        np.testing.assert_array_equal(player.picture(branch, end), frames[-1])


def test_a_prompt_set_at_a_fork_stays_on_its_branch(world: World) -> None:
    player = Player(world, START)
    for _ in range(40):
        player.step(2)
    player.go(0, 20)
    player.describe(PROMPTS[0])
    player.go(1, 19)
    player.go(0, 20)
    assert player.moment().prompt == START.prompt
    player.step(1)
    check(player)


def test_beginning_again_takes_the_words_as_they_are_and_other_starts_keep_their_strength(
    world: World, tmp_path: Path
) -> None:
    recorder = Recorder(tmp_path, keep_empty=False)
    player = Player(world, START, recorder)
    player.step(2)
    player.weigh(2.5)
    assert player.another(seed=9).strength == 2.5
    assert (player.start.choice, player.start.strength) == (1, None)
    assert player.take().line.strengths == ((0, 2.5),)
    player.step(2)
    check(player)
    player.restart()
    assert (player.start.strength, player.take().line.strengths, player.strength) == (2.5, (), 2.5)
    player.weigh(3)
    assert player.begin(player.start).strength == 2.5, "as a script began"
    player.weigh(3)
    player.close()
    assert len(recorder.paths) == 2, "how much words would count is nothing played"


@pytest.mark.parametrize("chance", [1, 2, 3, 4])
def test_any_play_can_be_rendered_again(world: World, tmp_path: Path, chance: int) -> None:
    hand = random.Random(chance)
    player = Player(world, START, Recorder(tmp_path / "a.genie-session"))
    for _ in range(150):
        done = hand.random()
        if done < 0.65:
            player.step(hand.randrange(6))
        elif done < 0.68 and len(player.tree.living) > 1:
            player.remove(hand.choice(player.tree.living))
        elif done < 0.7:
            player.bring_back()
        elif done < 0.8:
            player.describe(hand.choice(PROMPTS))
        elif done < 0.85:
            player.weigh(hand.choice((0, 1, 2.5, 4)))
        else:
            branch = hand.choice(player.tree.living)
            frame = max(0, player.tree.branches[branch].end - hand.choice((0, 0, 1, 2, 5, 20)))
            player.go(branch, frame)
        line = player.take().line
        assert player.moment().prompt == (line.prompts[-1][1] if line.prompts else START.prompt)
        assert player.moment().strength == (line.strengths[-1][1] if line.strengths else 1)
    check(player)
    player.close()
    read = read_session(tmp_path / "a.genie-session").tree
    for branch in range(len(player.tree.branches)):
        assert read.line(branch) == player.tree.line(branch)
    assert (read.branch, read.frame) == (player.tree.branch, player.tree.frame)
    assert read.removed == player.tree.removed


def test_a_session_that_cannot_be_followed_leaves_the_one_that_is_played(
    world: World, tmp_path: Path
) -> None:
    recorder = Recorder(tmp_path)
    player = Player(world, START, recorder)
    player.step(2)
    other = Player(world, START, Recorder(tmp_path / "other.genie-session"))
    other.step(1)
    other.close()
    record = read_session(tmp_path / "other.genie-session")
    record.tree.branches[0].actions[0] = 99
    with pytest.raises(GenieError, match="99"):
        player.begin(START, record)
    assert (player.session, player.index) == (0, 1)
    player.step(2)
    check(player)
    player.close()
    assert len(recorder.paths) == 1 and len(read_session(recorder.paths[0]).actions) == 2
