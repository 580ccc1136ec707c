from genie.core import errors


def test_suggest_names_the_nearest_known_word() -> None:
    assert errors.suggest("CoinRn", ["maze", "coinrun"]) == " Did you mean 'coinrun'?"
    assert errors.suggest("zzzz", ["maze", "coinrun"]) == ""


def test_exit_codes_are_those_of_the_command_line() -> None:
    assert errors.UsageError.exit_code == errors.KeyScriptError.exit_code == 2
    others = (errors.BundleError, errors.ClipError, errors.WorldError, errors.ActionError, errors.PromptError)
    for error in (*others, errors.DeviceError, errors.ExportError, errors.SourceError, errors.ImageError):
        assert issubclass(error, errors.GenieError)
        assert error.exit_code == 1
