"""A page on this machine where a person goes through proposed captions: accept, edit or reject, by keys."""

import json
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from genie.clips.png import png_bytes
from genie.clips.video import VideoReader
from genie.core.errors import ClipError, GenieError
from training.captioning.proposals import EDIT, Decision, Proposal, Proposals

PAGE = Path(__file__).with_name("review.html")
MOST_FRAMES = 96  # of a clip, in the film that the page shows
LARGEST_ANSWER = 1 << 20
LARGEST_SIDE = 512  # pixels of a frame in it; browsers draw no picture of any height


class Film(NamedTuple):
    """Every so many-th of a clip's frames, one below the other in a PNG, and how many to show a second."""

    png: bytes
    frames: int
    every: int
    fps: float


class Review:
    """Serves the page at `url` to this machine alone until somebody finishes it, or `close`."""

    def __init__(self, dataset: Path, proposals: Proposals, files: list[str], port: int = 0) -> None:
        """Review the clips `files` that have proposals. Raises GenieError for a port that is taken."""
        self.dataset = dataset
        self.proposals = proposals
        self.files = [file for file in files if file in proposals.by_file and proposals.by_file[file].caption]
        self.lock = threading.Lock()
        self.finished = threading.Event()
        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        except OSError as error:
            raise GenieError(f"port {port} cannot be used ({error.strerror}): give another --port") from None
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, name="review", daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Wait until the person finishes."""
        while not self.finished.wait(0.2):  # in short waits, so that Ctrl-C is heard
            pass

    def close(self) -> None:
        """Stop serving; every decision is on disk already."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def listing(self) -> list[dict[str, Any]]:
        """What the page shows, clip by clip."""
        return [self._told(self.proposals.by_file[file]) for file in self.files]

    def film(self, number: int) -> Film:
        """A clip's frames, as many as a person needs; raises ClipError where it cannot be read."""
        reader = VideoReader(self.dataset / self.files[number])
        kept: list[np.ndarray] = []
        every = 1
        for count, frame in enumerate(reader):
            if count % every == 0:
                coarse = -(-max(frame.shape[:2]) // LARGEST_SIDE)
                kept.append(frame[::coarse, ::coarse].copy())
            if len(kept) > MOST_FRAMES:
                kept, every = kept[::2], 2 * every
        if any(frame.shape != kept[0].shape for frame in kept):
            raise ClipError(f"{reader.path}: its frames have several sizes")
        return Film(png_bytes(np.concatenate(kept)), len(kept), every, reader.fps / every)

    def decide(self, told: Any) -> None:
        """Keep a decision; raises ClipError, ValueError or TypeError for what is none."""
        if not isinstance(told, dict) or not all(isinstance(told.get(k), str) for k in ("file", "decision")):
            raise ValueError("a decision names a file and says accept, edit or reject")
        said: dict[str, Any] = {"file": told["file"], "decision": told["decision"]}
        if told["decision"] == EDIT:
            texts = told.get("captions", [])
            if not isinstance(texts, list) or not all(isinstance(t, str) for t in (told["caption"], *texts)):
                raise ValueError("an edit holds texts")
            said |= {"caption": told["caption"], "captions": tuple(texts)}
        decision = Decision(**said)
        with self.lock:
            self.proposals.decide(decision)

    def _told(self, proposal: Proposal) -> dict[str, Any]:
        decision = self.proposals.decisions.get(proposal.file)
        edited = None
        if decision is not None and decision.decision == EDIT:
            edited = {"caption": decision.caption, "captions": decision.captions}
        return {
            "file": proposal.file,
            "old": proposal.old,
            "caption": proposal.caption,
            "captions": proposal.captions,
            "source": proposal.source,
            "decision": decision.decision if decision else None,
            "edited": edited,
        }


def _handler(review: Review) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not self._is_ours():
                return
            if self.path == "/":
                self._answer(PAGE.read_bytes(), "text/html; charset=utf-8")
            elif self.path == "/clips":
                self._answer(json.dumps(review.listing()).encode(), "application/json")
            elif self.path.startswith("/film/"):
                self._film(self.path.removeprefix("/film/"))
            else:
                self._refuse(HTTPStatus.NOT_FOUND, "There is no such page.")

        def do_POST(self) -> None:
            if not self._is_ours():
                return
            if self.headers.get("Content-Type") != "application/json":
                self._refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Only the page itself may decide.")
            elif self.path == "/done":
                self._answer(b"", "text/plain")
                review.finished.set()
            elif self.path == "/decide":
                self._decide()
            else:
                self._refuse(HTTPStatus.NOT_FOUND, "There is no such page.")

        def _decide(self) -> None:
            try:
                size = int(self.headers.get("Content-Length", ""))
                if not 0 < size <= LARGEST_ANSWER:
                    raise ValueError("the decision is too long")
                review.decide(json.loads(self.rfile.read(size)))
            except (GenieError, ValueError, TypeError, KeyError, RecursionError, OSError) as error:
                self._refuse(HTTPStatus.BAD_REQUEST, f"Not saved: {error}.")
            else:
                self._answer(b"", "text/plain")

        def _film(self, number: str) -> None:
            if not (number.isascii() and number.isdigit() and int(number) < len(review.files)):
                self._refuse(HTTPStatus.NOT_FOUND, "There is no such clip.")
                return
            try:
                film = review.film(int(number))
            except ClipError as error:
                self._refuse(HTTPStatus.UNPROCESSABLE_ENTITY, f"The clip cannot be shown: {error}")
                return
            told = {"X-Frames": str(film.frames), "X-Every": str(film.every), "X-Fps": f"{film.fps:g}"}
            self._answer(film.png, "image/png", told)

        def _is_ours(self) -> bool:
            """Whether the page asks, and not another site that a browser here has open."""
            host = review.url.removeprefix("http://").rstrip("/")
            origin = self.headers.get("Origin")
            if self.headers.get("Host") == host and origin in (None, f"http://{host}"):
                return True
            self._refuse(HTTPStatus.FORBIDDEN, "Only this page may ask.")
            return False

        def _refuse(self, status: HTTPStatus, why: str) -> None:
            self._answer(why.encode(), "text/plain; charset=utf-8", status=status)

        def _answer(
            self,
            body: bytes,
            kind: str,
            headers: dict[str, str] | None = None,
            status: HTTPStatus = HTTPStatus.OK,
        ) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Cache-Control": "no-store", **(headers or {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return  # the terminal is for the person, not for every request

    return Handler
