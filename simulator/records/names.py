"""Names put together from parts: nobody is meant. Chinese parts carry their reading in pinyin."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

_SURNAMES = (
    "王Wang 李Li 张Zhang 刘Liu 陈Chen 杨Yang 赵Zhao 黄Huang 周Zhou 吴Wu 徐Xu 孙Sun 胡Hu 朱Zhu 高Gao 林Lin 何He "
    "郭Guo 马Ma 罗Luo 梁Liang 宋Song 郑Zheng 谢Xie 韩Han 唐Tang 冯Feng 于Yu 董Dong 萧Xiao 程Cheng 曹Cao 袁Yuan "
    "邓Deng 许Xu 傅Fu 沈Shen 彭Peng 任Ren 苏Su 卢Lu 蒋Jiang 蔡Cai 贾Jia 丁Ding 魏Wei 薛Xue 叶Ye 阎Yan 余Yu "
    "潘Pan 杜Du 戴Dai 夏Xia 钟Zhong 汪Wang 田Tian 姜Jiang 范Fan 方Fang 石Shi 姚Yao 谭Tan 廖Liao 邹Zou 熊Xiong "
    "金Jin 陆Lu 郝Hao 孔Kong 白Bai 崔Cui 康Kang 毛Mao 邱Qiu 秦Qin 江Jiang 史Shi 顾Gu 侯Hou 邵Shao 孟Meng "
    "龙Long 万Wan 段Duan 钱Qian 汤Tang 尹Yin"
)
_GIVEN = (
    "伟Wei 芳Fang 娜Na 敏Min 静Jing 丽Li 强Qiang 磊Lei 军Jun 洋Yang 勇Yong 艳Yan 杰Jie 娟Juan 涛Tao 明Ming "
    "超Chao 兰Lan 霞Xia 平Ping 刚Gang 桂Gui 英Ying 华Hua 玉Yu 秀Xiu 珍Zhen 鹏Peng 宁Ning 晨Chen 晓Xiao 雪Xue "
    "梅Mei 琳Lin 建Jian 国Guo 志Zhi 文Wen 斌Bin 波Bo 辉Hui 红Hong 春Chun 云Yun 凤Feng 浩Hao 宇Yu 轩Xuan 子Zi "
    "梓Zi 涵Han 佳Jia 怡Yi 欣Xin 雨Yu 思Si 嘉Jia 博Bo 睿Rui 俊Jun 哲Zhe 诗Shi 然Ran 若Ruo 彤Tong 淑Shu 贤Xian "
    "德De 福Fu 荣Rong 瑞Rui 祥Xiang 庆Qing 海Hai 山Shan 江Jiang 松Song 柏Bai 清Qing 泉Quan 林Lin 森Sen 立Li "
    "正Zheng 义Yi 仁Ren 礼Li 智Zhi 信Xin 忠Zhong 孝Xiao 安An 康Kang"
)
_LATIN_SURNAMES = (
    "Almeida Andersen Bakker Barros Bergmann Brandt Cabrera Carvalho Castillo Dupont Eriksen Fischer Fontaine "
    "Garrido Hansen Herrera Horvat Jansen Kaminski Kowalski Larsen Lehmann Lindqvist Marchetti Mendes Moreau "
    "Navarro Nowak Okafor Oliveira Pavlov Petersen Quintana Ricci Romero Santos Schneider Silva Torres Vasquez "
    "Virtanen Weber Zielinski"
)
_LATIN_GIVEN = (
    "Adela Alba Anton Bianca Bruno Carla Clara Daniel Diego Elena Emil Eva Fabian Felix Filip Greta Hanna Hugo "
    "Ines Ivan Jakob Joana Jonas Julia Karl Laura Lena Leon Lucas Luisa Marco Maria Marta Mateo Milan Nadia "
    "Nora Oscar Paula Pedro Petra Rafael Rosa Sara Simon Sofia Stefan Teresa Thomas Tobias Vera Victor Viola"
)


@dataclass(frozen=True, slots=True)
class Name:
    surname: str
    given_name: str
    romanised: tuple[str, str] | None = None  # surname and given name in pinyin, of Chinese names

    @property
    def full(self) -> str:
        return f"{self.surname}{self.given_name}" if self.romanised else f"{self.given_name} {self.surname}"

    def in_pinyin(self) -> Name:
        return Name(*self.romanised) if self.romanised else self


def _parts(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((part[0], part[1:]) for part in text.split())


SURNAMES, GIVEN = _parts(_SURNAMES), _parts(_GIVEN)
LATIN_SURNAMES, LATIN_GIVEN = tuple(_LATIN_SURNAMES.split()), tuple(_LATIN_GIVEN.split())


def random_chinese_name(random: Random) -> Name:
    surname = random.choice(SURNAMES)
    return _chinese(surname, [random.choice(GIVEN) for _ in range(1 if random.random() < 0.15 else 2)])


def random_latin_name(random: Random) -> Name:
    return Name(random.choice(LATIN_SURNAMES), random.choice(LATIN_GIVEN))


def sibling_name(random: Random, name: Name) -> Name:
    """The same surname and another given name; of two Chinese characters the first stays, as in many families."""
    if name.romanised is None:
        return Name(name.surname, random.choice([given for given in LATIN_GIVEN if given != name.given_name]))
    readings = dict(GIVEN)
    kept = [(name.given_name[0], readings[name.given_name[0]])] if len(name.given_name) == 2 else []
    other = random.choice([part for part in GIVEN if part[0] != name.given_name[-1]])
    return _chinese((name.surname, name.romanised[0]), [*kept, other])


def _chinese(surname: tuple[str, str], given: list[tuple[str, str]]) -> Name:
    reading = "".join(part[1] for part in given).capitalize()
    return Name(surname[0], "".join(part[0] for part in given), (surname[1], reading))
