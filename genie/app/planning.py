"""Plans made from a command line, checked as far as they can be before anything slow is begun."""

from collections.abc import Sequence

from genie.app.details import first_look
from genie.app.image_file import read_image
from genie.app.options import Options
from genie.app.plan import Plan, check_export, load_world, look_of, make_recorder, new_seed
from genie.app.script import Script
from genie.app.session_plan import replay_plan, resume_plan
from genie.app.take import Start
from genie.core.captions import checked_prompt
from genie.core.errors import UsageError, WorldError
from genie.core.key_script import parse_key_script
from genie.core.manifest import Manifest, read_manifest
from genie.worlds import catalog, find_bundle


def make_plan(options: Options, arguments: Sequence[str] = ()) -> Plan:
    """Resolve names and read files; raises GenieError, with its exit code, for what is wrong."""
    if options.export is not None:
        check_export(options.export)
    if options.replay is not None or options.resume is not None:
        return (replay_plan if options.replay is not None else resume_plan)(options, arguments)
    bundle = find_bundle(options.world or default_world())
    manifest = read_manifest(bundle)
    start = _start(options, manifest)
    return Plan(
        manifest=manifest,
        load=lambda: load_world(bundle, options.device),
        preview=lambda: first_look(bundle, start),
        start=start,
        fps=options.fps or manifest.fps,
        script=_script(options, manifest),
        limit=options.frames,
        recorder=make_recorder(options),
        export=options.export,
        look=look_of(options),
        arguments=tuple(arguments),
    )


def default_world() -> str:
    """Return the id of the first world that can be played; WorldError when there is none."""
    worlds = catalog()
    for spec in worlds:
        if spec.has_bundle:
            return spec.id
    if not worlds:
        raise WorldError(
            "There are no worlds here: run from a checkout, or name a folder of worlds in GENIE_WORLDS."
        )
    raise WorldError(
        f"No world here has been trained yet: make one with python -m training make {worlds[0].id}."
    )


def _start(options: Options, manifest: Manifest) -> Start:
    usual = manifest.default_prompt if options.image is None else ""  # a picture may show anything
    prompt = usual if options.prompt is None else checked_prompt(options.prompt)
    seed = new_seed() if options.seed is None else options.seed
    image = None if options.image is None else read_image(options.image, manifest.frame_size)
    return Start(prompt=prompt, seed=seed, image=image, strength=options.strength, expand=options.expand)


def _script(options: Options, manifest: Manifest) -> Script | None:
    if options.keys is None:
        return None
    names = parse_key_script(options.keys, manifest.actions)
    if not names and options.frames is None:
        raise UsageError('--keys is empty: give it as "right:20 right+up:5".')
    return Script(actions=tuple(manifest.actions.index(name) for name in names))
