"""A world learned from video alone, given keys by a player who saw what its actions do."""

from dataclasses import replace

from genie.app.plan import Plan
from genie.app.settings import Calibration
from genie.core.actions import Action, ActionSet


def needs_keys(actions: ActionSet) -> bool:
    """Whether no key leads to any of the actions: nobody has said yet what they mean."""
    return len(actions) > 1 and not actions.keys


def calibrated(plan: Plan, calibration: Calibration) -> Plan:
    """Return a plan whose actions are on the keys of a calibration; what no longer fits is left out."""
    known = plan.manifest.actions
    taken: set[frozenset[str]] = set()
    actions = []
    for action in known:
        keys = tuple(dict.fromkeys(calibration.keys.get(action.name, ())))
        if action.name == calibration.idle or frozenset(keys) in taken:
            keys = ()
        if keys:
            taken.add(frozenset(keys))
        actions.append(Action(action.name, keys))
    idle = calibration.idle if calibration.idle in known.names else known.idle.name
    return replace(plan, manifest=replace(plan.manifest, actions=ActionSet(actions, idle)))
