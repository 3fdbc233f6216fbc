"""How a name in Chinese characters may be read, in pinyin without tones, surname first.

Surnames have readings of their own (Table of General Standard Chinese Characters, 2013; Xiandai Hanyu Cidian). A clerk
or a program may have written the usual reading of the character all the same, so both are possible. In given names
nobody but the bearer knows which reading of a polyphone is meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice, product

_MOST_READINGS = 8
_COMPOUND = (
    "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶太叔申屠公孙慕容"
    "仲孙钟离长孙宇文司徒鲜于司空令狐呼延轩辕拓跋完颜西门百里东郭南门"
)
_COMPOUND_SURNAMES = frozenset(_COMPOUND[at : at + 2] for at in range(0, len(_COMPOUND), 2))
_SURNAMES = {
    "万俟": ("moqi", "wansi"), "尉迟": ("yuchi", "weichi"), "澹台": ("tantai", "dantai"),
    "长孙": ("zhangsun", "changsun"), "单": ("shan", "dan"), "曾": ("zeng", "ceng"), "仇": ("qiu", "chou"),
    "解": ("xie", "jie"), "查": ("zha", "cha"), "朴": ("piao", "pu"), "盖": ("ge", "gai"), "区": ("ou", "qu"),
    "召": ("shao", "zhao"), "乐": ("yue", "le"), "翟": ("zhai", "di"), "缪": ("miao", "mou"), "覃": ("qin", "tan"),
    "黑": ("he", "hei"), "种": ("chong", "zhong"), "秘": ("bi", "mi"), "折": ("she", "zhe"), "员": ("yun", "yuan"),
    "能": ("nai", "neng"), "祭": ("zhai", "ji"), "繁": ("po", "fan"), "那": ("na", "nuo"), "柏": ("bai", "bo"),
    "谌": ("chen", "shen"), "郇": ("xun", "huan"), "宓": ("mi", "fu"), "洗": ("xian", "xi"), "隗": ("wei", "kui"),
    "郗": ("xi", "chi"), "牟": ("mu", "mou"), "车": ("che", "ju"), "贲": ("ben", "bi"), "句": ("gou", "ju"),
    "尉": ("wei", "yu"), "重": ("chong", "zhong"),
}  # fmt: skip
# Characters of given names with more than one reading in use.
_GIVEN = {
    "乐": ("le", "yue"), "茜": ("qian", "xi"), "行": ("xing", "hang"), "重": ("zhong", "chong"),
    "长": ("chang", "zhang"), "朝": ("chao", "zhao"), "晟": ("sheng", "cheng"), "盛": ("sheng", "cheng"),
    "娜": ("na", "nuo"), "莎": ("sha", "suo"), "蔚": ("wei", "yu"), "强": ("qiang", "jiang"), "柏": ("bai", "bo"),
    "传": ("chuan", "zhuan"), "奇": ("qi", "ji"), "屏": ("ping", "bing"), "阿": ("a", "e"), "曾": ("zeng", "ceng"),
    "单": ("dan", "shan"), "露": ("lu", "lou"), "参": ("can", "shen"), "见": ("jian", "xian"), "俞": ("yu", "shu"),
    "解": ("jie", "xie"), "都": ("du", "dou"), "合": ("he", "ge"), "泊": ("bo", "po"), "宿": ("su", "xiu"),
    "会": ("hui", "kuai"), "省": ("sheng", "xing"), "翟": ("zhai", "di"), "覃": ("tan", "qin"),
    "倩": ("qian", "qing"), "隽": ("juan", "jun"), "栖": ("qi", "xi"), "徵": ("zhi", "zheng"), "峤": ("qiao", "jiao"),
    "佛": ("fo", "fu"), "仔": ("zi", "zai"), "伯": ("bo", "bai"), "拓": ("tuo", "ta"), "厦": ("xia", "sha"),
    "藏": ("cang", "zang"), "率": ("shuai", "lv"), "乾": ("qian", "gan"),
}  # fmt: skip


def readings(name: str, surname: str) -> Sequence[tuple[str, ...]]:
    """The most likely one first, each in the parts surname and given name; at most eight.

    `surname` is empty where it is not known; of a name of two to four characters it is then found.
    """
    if not surname and len(name) <= 4:
        surname = name[:2] if len(name) > 2 and name[:2] in _COMPOUND_SURNAMES else name[:1]
    given = name[len(surname) :]
    choices = [read(part) for read, part in ((_of_surname, surname), (_of_given_name, given)) if part]
    return list(islice(product(*choices), _MOST_READINGS))


@lru_cache(maxsize=4096)
def _of_surname(surname: str) -> tuple[str, ...]:
    return _SURNAMES.get(surname) or _joined(_usual(character) for character in surname)


@lru_cache(maxsize=65536)
def _of_given_name(given: str) -> tuple[str, ...]:
    """The reading of the whole leads where a dictionary knows the word: 朝阳 is chaoyang."""
    if _GIVEN.keys().isdisjoint(given):
        return _joined(_usual(character) for character in given)
    likely = "".join(_spellings(syllable)[0] for syllable in _pinyin(given))
    return tuple(dict.fromkeys((likely, *_joined(_possible(character) for character in given))))


def _joined(choices: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple("".join(syllables) for syllables in islice(product(*choices), _MOST_READINGS))


def _possible(character: str) -> tuple[str, ...]:
    known = _GIVEN.get(character)
    return tuple(spelling for syllable in known for spelling in _spellings(syllable)) if known else _usual(character)


@lru_cache(maxsize=32768)
def _usual(character: str) -> tuple[str, ...]:
    return _spellings(_pinyin(character)[0])


def _pinyin(text: str) -> list[str]:
    from pypinyin import lazy_pinyin  # its dictionaries take half a second to load, which most commands can do without

    return lazy_pinyin(text)


def _spellings(syllable: str) -> tuple[str, ...]:
    """Lü is LYU in passports since 2012, LU or LV in older papers (pypinyin writes v for ü)."""
    if syllable[:2] not in ("lv", "nv"):
        return (syllable,)
    return tuple(syllable.replace("v", letter) for letter in ("yu", "u", "v"))
