"""A learned world as a Gymnasium environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
from gymnasium import spaces

import genie
from genie.core.errors import UsageError, suggest
from genie.envs.transition import Reward, Termination, Transition
from genie.runtime.world import World

if TYPE_CHECKING:
    from genie.envs.window import Window
    from genie.runtime.session import Session

OPTIONS = ("prompt", "image")
RENDER_MODES = ("rgb_array", "human")
BEST = 3
"""How many of the first frames painted for a prompt are begun with: the others show it less well."""
KEPT_BYTES = 0
"""An agent does not rewind: sessions keep no more than they must to go back at all."""


class WorldEnv(gymnasium.Env[np.ndarray, np.int64]):
    """One session of a world: observations are its frames, actions its actions by index.

    Reward and termination are functions of a Transition; without them every reward is 0 and no episode ends
    of itself. `reset(seed=N)` begins the very session that `world.start(seed=N)` does; `reset()` goes on to
    a seed drawn from the last one given. Where first frames have to be painted, which takes a second or more,
    those of the last seed given serve all drawn from it: each chooses one of the best. `reset(options=...)`
    takes "prompt" and "image", for that episode.
    """

    metadata: dict[str, Any] = {"render_modes": list(RENDER_MODES)}  # noqa: RUF012  (the base class's own way)

    def __init__(
        self,
        world: str | Path | World,
        *,
        prompt: str | Sequence[str] | None = None,
        reward: Reward | None = None,
        termination: Termination | None = None,
        temperature: float | None = None,
        strength: float | None = None,
        device: str = "auto",
        render_mode: str | None = None,
    ) -> None:
        """Open a world by its id, by the path of its bundle, or share one that `genie.load` gave.

        `prompt` is text, several texts of which the seed chooses one an episode, or None for the world's
        default; `temperature` 0 (no chance) to 10; `strength` 0 to 10, how much words count; `device` as in
        `genie.load`; `render_mode` None, "rgb_array" or "human", which opens a window. Raises GenieError for
        what cannot be used.
        """
        if render_mode is not None and render_mode not in RENDER_MODES:
            raise UsageError(f"No render mode {render_mode!r}: choose one of {', '.join(RENDER_MODES)}.")
        self.world = world if isinstance(world, World) else genie.load(world, device=device)
        self.metadata = {**type(self).metadata, "render_fps": self.world.fps}
        self.observation_space = spaces.Box(0, 255, (*self.world.frame_size, 3), np.uint8)
        self.action_space = spaces.Discrete(len(self.world.actions))
        self.render_mode = render_mode
        self._prompts = (prompt,) if prompt is None or isinstance(prompt, str) else tuple(prompt)
        if not self._prompts:
            raise UsageError("No prompt to choose from: give one or more, or None for the world's default.")
        self._reward, self._termination = reward, termination
        self._temperature, self._strength = temperature, strength
        self._given_seed = 0
        """The seed that was given last."""
        self._session: Session | None = None
        self._window: Window | None = None

    @property
    def session(self) -> Session:
        """The session of this episode, to be marked, rewound or told a new prompt."""
        if self._session is None:
            raise gymnasium.error.ResetNeeded("Call reset before anything else.")
        return self._session

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Begin an episode and return its first frame, uint8 [height, width, 3], and its info."""
        super().reset(seed=seed)
        options = _checked(options or {})
        chosen = int(self.np_random.integers(2**62)) if seed is None else seed
        if seed is not None or self._session is None:
            self._given_seed = chosen
        prompt = options.get("prompt", self._prompts[chosen % len(self._prompts)])
        image = options.get("image")
        start_seed, choice = (chosen, 0) if image is not None else self._start(prompt, chosen)
        self._session = self.world.start(
            prompt=prompt,
            image=image,
            seed=chosen,
            temperature=self._temperature,
            strength=self._strength,
            start_seed=start_seed,
            choice=choice,
            kept_bytes=KEPT_BYTES,
        )
        frame = self._session.frame
        self._show(frame)
        return frame, self._info()

    def step(self, action: np.int64 | int) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Take an action and return frame, reward, whether it ended the episode, False, and info.

        Episodes are cut off by Gymnasium's own TimeLimit, which `gymnasium.make` puts around this.
        """
        session = self.session
        before = session.frame
        frame = session.step(action)
        transition = Transition(
            before=before,
            frame=frame,
            action=self.world.actions[int(action)].name,
            index=session.index,
            prompt=session.prompt,
        )
        reward = float(self._reward(transition)) if self._reward else 0.0
        ended = bool(self._termination(transition)) if self._termination else False
        self._show(frame)
        return frame, reward, ended, False, self._info()

    def render(self) -> np.ndarray | None:
        """Return the current frame in mode "rgb_array"; the window of mode "human" is always up to date."""
        return self.session.frame if self.render_mode == "rgb_array" else None

    def close(self) -> None:
        """Close the window, if there is one."""
        if self._window is not None:
            self._window.close()
            self._window = None

    def _start(self, prompt: str | None, seed: int) -> tuple[int, int]:
        """Return the seed whose first frames an episode of a seed begins with, and which of them."""
        if seed != self._given_seed:
            first = self.world.first_frames(
                prompt, self._given_seed, temperature=self._temperature, strength=self._strength
            )
            if first.are_repainted:
                return self._given_seed, seed % min(BEST, len(first))
        return seed, 0

    def _info(self) -> dict[str, Any]:
        session = self.session
        return {"index": session.index, "seed": session.seed, "prompt": session.prompt}

    def _show(self, frame: np.ndarray) -> None:
        if self.render_mode != "human":
            return
        if self._window is None:
            from genie.envs.window import Window  # late: only this mode needs pygame

            self._window = Window(self.world.manifest.title, self.world.frame_size, self.world.fps)
        self._window.show(frame)


def _checked(options: Mapping[str, Any]) -> Mapping[str, Any]:
    for name in options:
        if name not in OPTIONS:
            raise UsageError(
                f"No option {name!r} to reset: there are {', '.join(OPTIONS)}.{suggest(name, OPTIONS)}"
            )
    return options
