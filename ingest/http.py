"""HTTP pulls: one client for all providers, with time-outs, retries and paging.

429, 408 and 5xx and broken connections are tried again, waiting as ``Retry-After`` says or twice as
long each time; every other 4xx is permanent at once. A body that is cut off is fetched again and
never used. Next-page links keep the configured base URL, whatever host they name. Errors and logs
hold the endpoint's label and the status: no URL, body or credential.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from urllib.parse import quote, urlsplit

import msgspec
import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.util.retry import Retry

from ingest.errors import PermanentError, TransientError, TruncatedFetch
from ingest.members import lenient_list, lenient_object

log = logging.getLogger(__name__)
# urllib3 logs every request and retry with its whole URL; ours say which endpoint and why.
logging.getLogger("urllib3").setLevel(logging.ERROR)

_RETRIED = (408, 429, 500, 502, 503, 504)
_TIMEOUT_S = (10.0, 60.0)
_RETRIES = 5
_LONGEST_WAIT_S = 120
_BODY_TRIES = 3
_PAGE_BYTES = 64 << 20

Page = dict[str, msgspec.Raw]


class HttpClient:
    """GET requests of JSON below one base URL, with HTTP basic auth. Threads may share it.

    Args (of ``__init__``): ``label`` names the provider in errors; ``base_url`` is the configured
    one, with or without a path; ``auth`` is (user, secret); ``backoff_s`` is the first wait.
    """

    def __init__(
        self, label: str, base_url: str, auth: tuple[str, str], backoff_s: float = 1.0
    ) -> None:
        self._label = label
        self._base = base_url.rstrip("/")
        self._auth = auth
        self._backoff_s = backoff_s
        self._local = threading.local()

    def page(self, endpoint: str, url: str, params: Mapping[str, str] | None = None) -> Page:
        """One JSON object, its members undecoded.

        Args:
            endpoint: The endpoint's name in errors.
            url: A path below the base URL, or a link that the provider gave.
            params: Query parameters.

        Raises:
            PermanentError: a status that no repetition changes, or no JSON object.
            TransientError: still failing after the retries.
        """
        target = self._rebased(url)
        for attempt in range(1, _BODY_TRIES + 1):
            try:
                return _object(self._body(endpoint, target, params), self._named(endpoint))
            except TruncatedFetch:
                if attempt == _BODY_TRIES:
                    raise
                log.warning("%s: body was cut off, fetching again", self._named(endpoint))
                time.sleep(self._backoff_s * 2**attempt / 2)
        raise AssertionError("unreachable")

    def _named(self, endpoint: str) -> str:
        return f"{self._label} {endpoint}"

    def _rebased(self, url: str) -> str:
        """The URL below the configured base, whatever scheme and host it came with."""
        parts = urlsplit(url)
        path = f"/{parts.path.lstrip('/')}"
        base_path = urlsplit(self._base).path
        if parts.netloc and path.startswith(f"{base_path}/"):
            path = path.removeprefix(base_path)
        return f"{self._base}{path}{f'?{parts.query}' if parts.query else ''}"

    def _session(self) -> requests.Session:
        """This thread's session: requests does not promise that threads can share one."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            retry = Retry(
                total=_RETRIES,
                status_forcelist=_RETRIED,
                allowed_methods=("GET",),
                backoff_factor=self._backoff_s,
                backoff_max=_LONGEST_WAIT_S,
                retry_after_max=_LONGEST_WAIT_S,
                raise_on_status=False,
            )
            session = requests.Session()
            session.auth = self._auth
            session.headers["Accept"] = "application/json"
            session.mount("http://", HTTPAdapter(max_retries=retry))
            session.mount("https://", HTTPAdapter(max_retries=retry))
            self._local.session = session
        return session

    def _body(self, endpoint: str, url: str, params: Mapping[str, str] | None) -> bytes:
        name = self._named(endpoint)
        try:
            with self._session().get(
                url, params=params, timeout=_TIMEOUT_S, stream=True, allow_redirects=False
            ) as response:
                _raise_for_status(response.status_code, name)
                return _read(response, name)
        except (requests.exceptions.ChunkedEncodingError, HTTPError):
            raise TruncatedFetch(f"{name}: the body was cut off") from None
        except requests.exceptions.RequestException as error:
            kind = type(error).__name__
            raise TransientError(
                f"{name}: no whole answer after {_RETRIES} retries ({kind})"
            ) from None


def _raise_for_status(status: int, name: str) -> None:
    if status in _RETRIED or status >= 500:
        raise TransientError(f"{name}: HTTP {status} after {_RETRIES} retries")
    if status in {401, 403}:
        raise PermanentError(f"{name}: HTTP {status}, check the credentials and what they may read")
    if status == 404:
        raise NotFoundError(f"{name}: HTTP 404, check the address")
    if status != 200:
        raise PermanentError(f"{name}: HTTP {status}")


class NotFoundError(PermanentError):
    """HTTP 404: for a resource of one call this can mean that there is none."""


def _read(response: requests.Response, name: str) -> bytes:
    body = bytearray()
    for chunk in response.iter_content(1 << 16):
        body += chunk
        if len(body) > _PAGE_BYTES:
            raise PermanentError(f"{name}: a page of more than {_PAGE_BYTES} bytes")
    return bytes(body)


def _object(body: bytes, name: str) -> Page:
    try:
        return msgspec.json.decode(body, type=Page)
    except msgspec.ValidationError:
        raise PermanentError(f"{name}: the answer is no JSON object") from None
    except (ValueError, RecursionError):
        pass
    try:
        return lenient_object(body)
    except ValueError:
        raise TruncatedFetch(f"{name}: the answer is no whole JSON") from None


def members(page: Page, name: str, label: str) -> list[bytes]:
    """The page's records, verbatim, also those that are no valid JSON.

    Raises:
        PermanentError: the page has no list of that name, so it is not what we asked for.
    """
    raw = bytes(page.get(name, b""))
    try:
        return [bytes(record) for record in msgspec.json.decode(raw, type=list[msgspec.Raw])]
    except (ValueError, RecursionError):
        pass
    try:
        return lenient_list(raw)
    except ValueError:
        raise PermanentError(f"{label}: the answer has no list {name!r}") from None


def text_member(page: Page, name: str) -> str | None:
    """A string member of a page; None where it is absent, null, empty or something else."""
    try:
        value = msgspec.json.decode(page[name])
    except (KeyError, ValueError, RecursionError):
        return None
    return value if isinstance(value, str) and value else None


class SeenLinks:
    """Remembers next-page links and cursors, because a provider may repeat one for ever."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def is_new(self, link: str | None, label: str) -> bool:
        """Whether there is a link and it was not followed before."""
        if not link:
            return False
        if link in self._seen:
            log.warning("%s: the provider repeats a page link; paging stops there", label)
            return False
        self._seen.add(link)
        return True


def segment(value: str) -> str:
    """A provider's value as one path segment: nothing in it can leave its place."""
    return (
        quote(value, safe="").replace(".", "%2E") if set(value) <= {"."} else quote(value, safe="")
    )


def pages(
    client: HttpClient, endpoint: str, path: str, params: Mapping[str, str], next_link: str
) -> Iterator[Page]:
    """Pages linked by ``next_link``: a member's name, or two with a dot for a nested one.

    Raises:
        PermanentError, TransientError: as ``HttpClient.page``; pages before stay valid.
    """
    seen = SeenLinks()
    page = client.page(endpoint, path, params)
    while True:
        yield page
        link = _nested(page, next_link)
        if not link or not seen.is_new(link, endpoint):
            return
        page = client.page(endpoint, link)


def _nested(page: Page, name: str) -> str | None:
    parent, _, child = name.rpartition(".")
    if not parent:
        return text_member(page, child)
    try:
        return text_member(msgspec.json.decode(page[parent], type=Page), child)
    except (KeyError, ValueError, RecursionError):
        return None
