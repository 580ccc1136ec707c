"""What a player can do in a world: named actions, and the keys that ask for them."""

from __future__ import annotations

import operator
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import SupportsIndex

from genie.core.errors import ActionError, suggest


@dataclass(frozen=True)
class Action:
    """One action: its name, and the keys ("left", "space", "a", ...) that are held to ask for it."""

    name: str
    keys: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name or self.name != self.name.strip():
            raise ActionError(f"An action needs a name without spaces around it, not {self.name!r}.")
        if any(c in self.name for c in ": \t\n"):
            raise ActionError(f"The action name {self.name!r} may not hold spaces or colons.")
        if not all(isinstance(key, str) and key for key in self.keys):
            raise ActionError(f"The keys of action '{self.name}' must be key names, not {self.keys!r}.")
        if len(set(self.keys)) != len(self.keys):
            raise ActionError(f"Action '{self.name}' lists the same key twice.")


class ActionSet:
    """The actions of one world, in order; an action's place in that order is the index the model knows it by.

    `idle` names the action taken when no key is held. Raises ActionError for an empty list, a name used
    twice, two actions on the same keys, or an idle action that is not listed.
    """

    def __init__(self, actions: Iterable[Action], idle: str) -> None:
        self._actions = tuple(actions)
        self._places = {action.name: i for i, action in enumerate(self._actions)}
        if not self._actions:
            raise ActionError("A world needs at least one action.")
        if len(self._places) != len(self._actions):
            raise ActionError(f"An action name is used twice: {', '.join(a.name for a in self._actions)}.")
        if idle not in self._places:
            raise ActionError(f"The idle action '{idle}' is not one of: {', '.join(self._places)}.")
        self._by_keys = {frozenset(a.keys): i for i, a in enumerate(self._actions) if a.keys}
        if len(self._by_keys) != sum(bool(action.keys) for action in self._actions):
            raise ActionError("Two actions are on the same keys.")
        self._idle = self._actions[self._places[idle]]

    def __len__(self) -> int:
        return len(self._actions)

    def __iter__(self) -> Iterator[Action]:
        return iter(self._actions)

    def __getitem__(self, index: int) -> Action:
        return self._actions[index]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ActionSet):
            return NotImplemented
        return self._actions == other._actions and self._idle == other._idle

    def __hash__(self) -> int:
        return hash((self._actions, self._idle))

    def __repr__(self) -> str:
        return f"ActionSet({', '.join(self.names)}; idle {self._idle.name})"

    @property
    def idle(self) -> Action:
        """The action taken when no key is held."""
        return self._idle

    @property
    def names(self) -> tuple[str, ...]:
        """The names, by index."""
        return tuple(action.name for action in self._actions)

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key some action uses, in the order of first use."""
        return tuple(dict.fromkeys(key for action in self._actions for key in action.keys))

    def index(self, action: str | SupportsIndex) -> int:
        """Return the index of an action given by name, by its keys joined with "+" in any order, or by index.

        Raises ActionError, with the nearest name, when there is no such action.
        """
        if isinstance(action, str):
            return self._index_of_name(action)
        try:
            place = operator.index(action)
        except TypeError:
            raise ActionError(f"An action is a name or an index, not {action!r}.") from None
        if isinstance(action, bool) or not 0 <= place < len(self):
            raise ActionError(f"No action {action!r}: this world has actions 0 to {len(self) - 1}.")
        return place

    def _index_of_name(self, name: str) -> int:
        if name in self._places:
            return self._places[name]
        keys = frozenset(part.strip() for part in name.split("+"))
        if keys in self._by_keys:
            return self._by_keys[keys]
        known = ", ".join(self.names)
        raise ActionError(f"No action '{name[:60]}' in this world ({known}).{suggest(name, self.names)}")

    def from_held(self, held: Collection[str]) -> Action:
        """Return the action that the held keys ask for: the one with the most keys, all of them held.

        Keys that no action uses do not matter. Of two actions with equally many keys the later listed wins,
        so left and right held together mean "right" where right is listed after left. No match is the idle
        action.
        """
        down = frozenset(held)
        best = self._idle
        for action in self._actions:
            if action.keys and down.issuperset(action.keys) and len(action.keys) >= len(best.keys):
                best = action
        return best
