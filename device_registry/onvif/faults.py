"""What can go wrong with an ONVIF device, as kinds that a program can tell apart and a technician can mend.

DeviceError
├── DeviceUnreachable    no connection: power, cable, address, port
│   └── DeviceOldTls     it encrypts, but with nothing newer than TLS 1.1
├── CertificateChanged   it shows another certificate than the pinned one; nothing was said to it
├── DeviceSilent         connected, but the answer did not come whole within the time allowed
├── DeviceAuthFailed     user name or password refused, or none given where they are asked for
├── DeviceFault          the device understood and answered no (SOAP fault)
└── AnswerRefused        what came is none that may be used: a redirect, no XML, a DTD, too large
"""

from __future__ import annotations

from foundation.errors import DeviceError


class DeviceUnreachable(DeviceError):
    kind = "device_unreachable"


class DeviceOldTls(DeviceUnreachable):
    kind = "old_tls"


class CertificateChanged(DeviceError):
    """`extensions` has its fingerprint as `tls_sha256`."""

    kind = "certificate_changed"


class DeviceSilent(DeviceError):
    kind = "device_silent"


class DeviceAuthFailed(DeviceError):
    """It is apart because trying again would lock the account at many cameras."""

    kind = "device_auth_failed"


class DeviceFault(DeviceError):
    kind = "device_fault"


class AnswerRefused(DeviceError):
    kind = "device_answer_refused"
