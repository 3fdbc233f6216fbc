"""Names of the linkage benchmarks, by script, as unevenly borne as names are. Put together: nobody is meant."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from random import Random
from typing import Literal, TypeVar, get_args

from simulator.records.names import GIVEN, LATIN_GIVEN, LATIN_SURNAMES, SURNAMES

T = TypeVar("T")
Script = Literal["hanzi", "pinyin", "latin", "transliterated"]
SCRIPTS: tuple[Script, ...] = get_args(Script)

_TRANSLITERATED = (
    "Adela阿德拉 Alba阿尔芭 Anton安东 Bianca比安卡 Bruno布鲁诺 Carla卡拉 Clara克拉拉 Daniel丹尼尔 Diego迭戈 "
    "Elena埃琳娜 Emil埃米尔 Eva伊娃 Fabian法比安 Felix费利克斯 Filip菲利普 Greta格蕾塔 Hanna汉娜 Hugo雨果 "
    "Ines伊内斯 Ivan伊万 Jakob雅各布 Joana若安娜 Jonas约纳斯 Julia朱莉娅 Karl卡尔 Laura劳拉 Lena莱娜 "
    "Leon莱昂 Lucas卢卡斯 Luisa路易莎 Marco马尔科 Maria玛丽亚 Marta玛尔塔 Mateo马特奥 Milan米兰 Nadia娜迪亚 "
    "Nora诺拉 Oscar奥斯卡 Paula保拉 Pedro佩德罗 Petra佩特拉 Rafael拉斐尔 Rosa罗莎 Sara萨拉 Simon西蒙 "
    "Sofia索菲亚 Stefan斯特凡 Teresa特蕾莎 Thomas托马斯 Tobias托比亚斯 Vera薇拉 Victor维克托 Viola薇奥拉 "
    "Almeida阿尔梅达 Andersen安德森 Bakker巴克尔 Barros巴罗斯 Bergmann贝格曼 Brandt勃兰特 Cabrera卡布雷拉 "
    "Carvalho卡瓦略 Castillo卡斯蒂略 Dupont杜邦 Eriksen埃里克森 Fischer菲舍尔 Fontaine方丹 Garrido加里多 "
    "Hansen汉森 Herrera埃雷拉 Horvat霍瓦特 Jansen扬森 Kaminski卡明斯基 Kowalski科瓦尔斯基 Larsen拉森 "
    "Lehmann莱曼 Lindqvist林奎斯特 Marchetti马尔凯蒂 Mendes门德斯 Moreau莫罗 Navarro纳瓦罗 Nowak诺瓦克 "
    "Okafor奥卡福 Oliveira奥利维拉 Pavlov巴甫洛夫 Petersen彼得森 Quintana金塔纳 Ricci里奇 Romero罗梅罗 "
    "Santos桑托斯 Schneider施奈德 Silva席尔瓦 Torres托雷斯 Vasquez巴斯克斯 Virtanen维尔塔宁 Weber韦伯 "
    "Zielinski杰林斯基"
)
# Characters that clerks take for one another because they sound alike.
_SOUND_ALIKE = (
    "伟维炜 静婧靖 敏珉 丽莉立利礼 军君钧 杰洁 涛韬 明铭茗 平萍 英瑛 华桦 秀绣 晨辰 晓小筱 琳林霖 文雯 辉晖 "
    "红宏鸿洪 浩皓昊 佳嘉家 欣新昕 俊峻骏 荣容蓉 瑞睿蕊 清青卿 玉雨宇羽 志智 建健剑 思斯 亚娅雅 玛马 卡喀 拉腊 "
    "埃艾 莱来 菲费斐 娜纳 罗洛 里理李 维威薇 莎沙 蕾雷 科柯 佩裴 基吉 伊依 德得 夫福 诗施 艳燕 娟鹃 芳方 勇永 刚钢"
)
_STEEPNESS = 2.0  # the n-th surname is borne in proportion to 1 / (n + this); likewise given names


@dataclass(frozen=True, slots=True)
class Bearing:
    """One name as its bearer has it; `written` is in the script of their papers."""

    surname: str
    given: tuple[str, ...]  # characters, or given names in Latin letters
    script: Script
    pinyin: tuple[str, tuple[str, ...]] | None = None
    share: float = 0.0  # of the bearers of names in this script

    @property
    def written(self) -> str:
        if self.script == "latin":
            return " ".join((*self.given, self.surname))
        if self.script == "transliterated":
            return "·".join(sinicised(part) for part in (*self.given, self.surname))
        return self.surname + "".join(self.given)

    @property
    def in_letters(self) -> tuple[str, str]:
        """Surname and given name."""
        if self.pinyin is None:
            return self.surname, " ".join(self.given)
        return self.pinyin[0], "".join(self.pinyin[1]).capitalize()


def random_name(random: Random, script: Script) -> Bearing:
    if script in ("latin", "transliterated"):
        (surname,), part = _drawn(random, LATIN_SURNAMES, 1)
        given, part_given = _drawn(random, LATIN_GIVEN, random.choice((1, 2)))
        return Bearing(surname, tuple(given), script, share=part * part_given / 2)
    (surname,), part = _drawn(random, SURNAMES, 1)
    one = random.random() < 0.15
    given, part_given = _drawn(random, GIVEN, 1 if one else 2)
    return chinese(surname, given, script, part * part_given * (0.15 if one else 0.85))


def sibling_name(random: Random, name: Bearing) -> Bearing:
    """The same surname; of two Chinese characters the first stays, as in many families."""
    if name.pinyin is None:
        given = random.choice([it for it in LATIN_GIVEN if it not in name.given])
        return Bearing(name.surname, (given,), name.script, share=name.share)
    kept = list(zip(name.given[:-1], name.pinyin[1][:-1], strict=True))
    other = random.choice([it for it in GIVEN if it[0] not in name.given])
    return chinese((name.surname, name.pinyin[0]), [*kept, other], name.script, name.share)


def chinese(surname: tuple[str, str], given: list[tuple[str, str]], script: Script, share: float) -> Bearing:
    reading = tuple(it[1] for it in given)
    return Bearing(surname[0], tuple(it[0] for it in given), script, (surname[1], reading), share)


def sinicised(part: str) -> str:
    return _dictionary()[part]


def sound_alikes(character: str) -> str:
    return _alikes().get(character, "")


def _drawn(random: Random, parts: tuple[T, ...], count: int) -> tuple[list[T], float]:
    weights, total = _weights(len(parts))
    places = random.choices(range(len(parts)), cum_weights=weights, k=count)
    share = 1.0
    for place in places:
        share /= (place + _STEEPNESS) * total
    return [parts[place] for place in places], share


@cache
def _weights(count: int) -> tuple[list[float], float]:
    cumulative = list(accumulate(1 / (place + _STEEPNESS) for place in range(count)))
    return cumulative, cumulative[-1]


@cache
def _dictionary() -> dict[str, str]:
    found = {}
    for entry in _TRANSLITERATED.split():
        latin = "".join(letter for letter in entry if letter.isascii())
        found[latin] = entry[len(latin) :]
    return found


@cache
def _alikes() -> dict[str, str]:
    return {it: group.replace(it, "") for group in _SOUND_ALIKE.split() for it in group}
