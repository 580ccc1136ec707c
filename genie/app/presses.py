"""What to press in play, as the player has chosen it, said for the hands that are at it."""

from genie.app.keymap import Command, KeyMap


class Presses:
    """Names keys while a keyboard is used, and a gamepad's buttons while that is."""

    def __init__(self, keys: KeyMap) -> None:
        self.keys = keys
        self.by_pad = False
        """Whether a gamepad was used last."""

    def of(self, command: Command) -> str:
        """Return what is pressed for a command; "" where these hands have nothing for it."""
        return self.keys.label(command, by_pad=self.by_pad)

    def hint(self, command: Command, does: str) -> str:
        """Return what to press and what that does; "" where these hands have nothing for it."""
        press = self.of(command)
        return f"{press} {does}" if press else ""

    def sentence(self, command: Command, does: str) -> str:
        """Return the same to be added to other sentences: with a blank before and a full stop behind."""
        hint = self.hint(command, does)
        return f" {hint}." if hint else ""
