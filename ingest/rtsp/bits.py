"""Bits and Exp-Golomb codes of a raw byte sequence payload (ITU-T H.264, 7.2 and 9.1; H.265 alike), or of any bytes."""

from __future__ import annotations

from foundation.errors import InvalidInput

_MAX_LEADING_ZEROS = 31


class BitReader:
    """`InvalidInput` past the end. The emulation prevention bytes of a NAL unit are taken out, if it is one."""

    def __init__(self, payload: bytes, *, escaped: bool = True) -> None:
        raw = payload.replace(b"\x00\x00\x03", b"\x00\x00") if escaped else payload
        self._value = int.from_bytes(raw, "big")
        self._left = len(raw) * 8

    @property
    def left(self) -> int:
        """Bits not read yet."""
        return self._left

    def u(self, bits: int) -> int:
        if bits > self._left:
            raise InvalidInput("a parameter set ends too early.")
        self._left -= bits
        return (self._value >> self._left) & ((1 << bits) - 1)

    def flag(self) -> bool:
        return self.u(1) == 1

    def ue(self) -> int:
        zeros = 0
        while not self.flag():
            zeros += 1
            if zeros > _MAX_LEADING_ZEROS:
                raise InvalidInput("a parameter set holds a number out of range.")
        return (1 << zeros) - 1 + self.u(zeros)

    def se(self) -> int:
        code = self.ue()
        return (code + 1) // 2 if code & 1 else -(code // 2)
