"""What each command does in a game that is played in the window."""

from collections.abc import Callable

from genie.app.boxes import Boxes
from genie.app.game import Game
from genie.app.keymap import Command


def command_table(
    game: Game, boxes: Boxes, toggle_hud: Callable[[], None]
) -> dict[Command, Callable[[], None]]:
    """Return what to call for every command."""
    time = game.time
    return {
        Command.MENU: boxes.menu,
        Command.PAUSE: time.toggle_pause,
        Command.STEP: time.step_once,
        Command.BACK: time.back_once,
        Command.FORWARD: time.forward_once,
        Command.SLOWER: time.slower,
        Command.FASTER: time.faster,
        Command.REWIND: time.begin_rewind,
        Command.REDO: time.begin_forward,
        Command.RESET: game.reset,
        Command.ANOTHER: game.another_start,
        Command.PROMPT: boxes.prompt,
        Command.STRONGER: game.words.strengthen,
        Command.WEAKER: game.words.weaken,
        Command.PAINT: boxes.paint,
        Command.EXPORT: boxes.export,
        Command.MARK_START: time.mark_start,
        Command.MARK_END: time.mark_end,
        Command.BRANCHES: boxes.branches,
        Command.QUICK_SAVE: game.saves.save,
        Command.QUICK_LOAD: game.saves.load,
        Command.SLOTS: boxes.slots,
        Command.KEYS: boxes.choose_keys,
        Command.HUD: toggle_hud,
        Command.HELP: boxes.help,
        Command.QUIT: game.leave,
    }
