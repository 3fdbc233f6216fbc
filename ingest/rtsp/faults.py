"""The one fault of a stream that the common error tree does not name: who refuses because of the credentials.

It is apart because trying again soon would lock the account at many cameras.
"""

from __future__ import annotations

from foundation.errors import StreamRefused


class StreamAuthFailed(StreamRefused):
    kind = "stream_auth_failed"
