"""The schemes F01–F34 (作假方式): their names, and what would show them. A name for a pattern, never a verdict on anybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Scheme:
    """A scheme in words: its title, and the data that can show it."""

    title_zh: str
    title_en: str
    shown_zh: str
    shown_en: str


SCHEMES: Mapping[str, Scheme] = MappingProxyType(
    {
        "F01": Scheme("恒定抽减订单", "constant thinning", "序号断号；他方所知订单；仅凭数量不可识别", "serial gaps; orders others know of; counts alone cannot show it"),
        "F02": Scheme("自某日起抽减", "thinning that starts one day", "与自身过去及同行相比的断点；序号；抽查", "a break against own past and peers; serials; checks"),
        "F03": Scheme("隐去未参保者订单", "dropping uninsured workers' orders", "抽查、经办案件、社保或税务名册；三类数据本身不可识别", "checks, agency cases, social-insurance or tax rolls; the extracts alone cannot show it"),
        "F04": Scheme("隐去夜间订单", "dropping night orders", "分时曲线的缺口；缺口内的申领", "a hole in the hours; claims inside it"),
        "F05": Scheme("隐去某城市", "dropping a city", "缺失的城市；有申领而无订单", "a city that is missing; claims without orders"),
        "F06": Scheme("隐去低价短单", "dropping low-fee or short orders", "低价短单一端被截；序号；抽查", "a cut-off tail of fees and durations; serials; checks"),
        "F07": Scheme("隐去高风险时段", "dropping risky conditions", "风险时段起伏变平；他方事故", "flattened risky hours and days; accidents others know of"),
        "F08": Scheme("复制往日", "copied days", "整日或整行相同", "equal days or equal rows"),
        "F09": Scheme("数量缩放", "scaled counts", "数量比例固定；修订比例恒定", "quantised ratios; constant revision ratios"),
        "F10": Scheme("填充订单", "filler orders", "订单间隔过匀、无人出险、截止前补入", "gaps too even, no claims, rows added at the deadline"),
        "F11": Scheme("虚构人员", "ghost workers", "成批参保而无活动", "bulk enrolment without activity"),
        "F12": Scheme("一人多号", "worker ids split", "同一人多个编号；需身份标识或外部名册", "one person under several ids; identity tokens or outside lists"),
        "F13": Scheme("多人一号或出租", "ids merged or rented", "同时两地、时长超人力", "in two places at once, hours beyond a person"),
        "F14": Scheme("转入个体户外包", "outsourcing to individual businesses", "一批人同时转出，订单仍在或消失", "a cohort leaves together, its orders stay or vanish"),
        "F15": Scheme("事后补参保", "backdated enrolment", "伤后参保；历次版本、时报", "cover recorded after the injury; versions, pulses"),
        "F16": Scheme("轮换参保", "rotating enrolment", "仅出险日有保障", "cover on claim days only"),
        "F17": Scheme("压案不报", "claims suppressed", "申领率过低；经办、医院、交警、热线", "too few claims; agency, hospital, traffic police, hotline"),
        "F18": Scheme("拖延报案", "claims delayed", "报案拖延的尾部", "the tail of reporting delays"),
        "F19": Scheme("转走商业险", "claims moved to commercial cover", "轻伤申领消失而重伤仍在；承保机构数据", "minor claims vanish while serious ones stay; the insurer's data"),
        "F20": Scheme("伤害移出订单", "injury moved off the order", "伤害紧接订单结束之后；改动的结束时间", "injuries just after the finish; edited finish times"),
        "F21": Scheme("压低等级或金额", "severity or amount downgraded", "金额或等级堆积在界线之下", "mass just below a grade or amount"),
        "F22": Scheme("订单移往他省", "orders moved to another province", "交界处跳变、跨省瞬移", "a jump at a border, workers that teleport"),
        "F23": Scheme("行业或费档错归", "industry or tier misclassified", "价格、速度、距离与费档不符", "fee, speed and distance contradict the tier"),
        "F24": Scheme("并单与重号", "merged orders, duplicate ids", "编号重复使用；一费多单", "reused ids; one premium for several orders"),
        "F25": Scheme("事后重编号", "renumbering after the seal", "封存后、时报后编号改变；提交前重编号不可识别", "numbers that change after a seal or pulse; numbering after filtering leaves no trace"),
        "F26": Scheme("平滑序列", "smoothed series", "起伏小于随机", "less spread than chance"),
        "F27": Scheme("金额凑整", "rounded or heaped amounts", "金额尾数集中于0、5", "amounts end in 0 and 5 too often"),
        "F28": Scheme("模板时间", "template timestamps", "时长重复、秒数为零", "repeated durations, seconds at zero"),
        "F29": Scheme("截短时长", "truncated durations", "时长左移、速度升高", "durations shift left, speeds rise"),
        "F30": Scheme("压在浮动线下", "staying under a float threshold", "赔缴比压在线下；经办与税务台账", "the ratio stays under a line; agency and tax ledgers"),
        "F31": Scheme("事后改动", "retroactive edits", "单向且与申领相关的改动；历次版本", "one-sided edits that follow claims; versions"),
        "F32": Scheme("“故障”之夜", "\"outage\" nights", "缺报之夜与申领相关且从不补报", "missing nights that follow claims and are never filled"),
        "F33": Scheme("完成改记取消", "completed orders relabelled cancelled", "取消单有收入、有正常时长；抽查所指的单被取消", "cancelled orders with income and normal durations; checked orders that are cancelled"),
        "F34": Scheme("改称劳动关系", "workers declared employees", "声称职保而社保名册无人", "declared employees whom the social-insurance roll does not know"),
    }
)  # fmt: skip
