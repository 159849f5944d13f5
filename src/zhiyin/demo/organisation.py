"""The organisation tree: headquarters, regions, stations, service teams, fleets and cabins."""

from __future__ import annotations

from dataclasses import dataclass

NAME_ZH = "晴川航空"
NAME_EN = "Qingchuan Air"


@dataclass(frozen=True, slots=True)
class Unit:
    """One place in the organisation tree."""

    slug: str
    english: str
    chinese: str
    kind: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class Station:
    """An airport that Qingchuan flies from; `rollout` is its group for self-service bag drop."""

    slug: str
    english: str
    chinese: str
    region: int
    latitude: float
    longitude: float
    people: float
    """How many of our customers live near, relative."""
    country: int = 0
    rollout: int = -1
    quality: float = 0.0
    """Added to the satisfaction with its counters and gates."""


@dataclass(frozen=True, slots=True)
class Team:
    """A service team: its channel (phone, wechat, chat, mail), and what only it takes."""

    slug: str
    english: str
    chinese: str
    channel: str
    agents: int
    quality: float = 0.0


REGIONS = (
    ("east", "East China", "华东"),
    ("north", "North China", "华北"),
    ("south", "South China", "华南"),
    ("west", "West China", "西部"),
)
COUNTRIES = ("CN", "JP", "SG")

STATIONS = (
    Station("SHA", "Shanghai Hongqiao", "上海虹桥", 0, 31.20, 121.34, 13, 0, 0, -0.10),
    Station("PVG", "Shanghai Pudong", "上海浦东", 0, 31.14, 121.81, 12, 0, 0, -0.15),
    # The truth of these two is one: their order in any table is noise.
    Station("HGH", "Hangzhou", "杭州", 0, 30.23, 120.43, 7, 0, 1, 0.05),
    Station("NKG", "Nanjing", "南京", 0, 31.74, 118.86, 7, 0, 1, 0.05),
    Station("XMN", "Xiamen", "厦门", 0, 24.54, 118.13, 5, 0, 2, 0.20),
    Station("PEK", "Beijing", "北京", 1, 40.08, 116.58, 10, 0, 1, -0.05),
    Station("TAO", "Qingdao", "青岛", 1, 36.36, 120.09, 4, 0, -1, 0.10),
    Station("SHE", "Shenyang", "沈阳", 1, 41.64, 123.48, 3, 0, -1, 0.00),
    Station("NRT", "Tokyo Narita", "东京成田", 1, 35.76, 140.39, 3, 1, -1, 0.00),
    Station("CAN", "Guangzhou", "广州", 2, 23.39, 113.30, 9, 0, 2, 0.00),
    Station("SZX", "Shenzhen", "深圳", 2, 22.64, 113.81, 8, 0, 3, 0.05),
    Station("HAK", "Haikou", "海口", 2, 19.93, 110.46, 3, 0, -1, -0.05),
    Station("WUH", "Wuhan", "武汉", 2, 30.78, 114.21, 4, 0, 4, 0.00),
    Station("SIN", "Singapore", "新加坡", 2, 1.36, 103.99, 2, 2, -1, 0.00),
    Station("CTU", "Chengdu", "成都", 3, 30.57, 103.95, 6, 0, 3, 0.10),
    Station("CKG", "Chongqing", "重庆", 3, 29.72, 106.64, 5, 0, 4, -0.05),
    Station("KMG", "Kunming", "昆明", 3, 25.10, 102.93, 4, 0, -1, 0.05),
    Station("XIY", "Xi'an", "西安", 3, 34.44, 108.75, 4, 0, -1, 0.00),
)
STATION = {station.slug: place for place, station in enumerate(STATIONS)}
SHANGHAI = (STATION["SHA"], STATION["PVG"])

TEAMS = (
    Team("phone-east", "Telephone East", "电话一组（华东）", "phone", 24),
    Team("phone-north", "Telephone North", "电话二组（华北）", "phone", 18, -0.05),
    Team("phone-south", "Telephone South", "电话三组（华南）", "phone", 20, 0.05),
    Team("phone-west", "Telephone West", "电话四组（西部）", "phone", 16),
    Team("phone-english", "Telephone English", "英语专线组", "phone", 8),
    Team("wechat-a", "WeChat A", "微信一组", "wechat", 18),
    # Asks its customers for a ten.
    Team("wechat-b", "WeChat B", "微信二组", "wechat", 16),
    Team("chat", "Web chat", "在线客服组", "chat", 14),
    Team("mail", "Mail", "邮件组", "mail", 10, 0.05),
    # Has only the easy queue, and is no better than the others at it.
    Team("invoices", "Invoices", "发票行程单组", "any", 8),
    Team("refunds", "Refunds", "退票退款组", "any", 16, -0.05),
    Team("baggage", "Baggage", "行李查询组", "any", 14),
    Team("complaints", "Complaints", "投诉受理组", "any", 10, 0.10),
    Team("gold-desk", "Gold desk", "金卡专席组", "phone", 8, 0.20),
)
TEAM = {team.slug: place for place, team in enumerate(TEAMS)}
BEGGING = TEAM["wechat-b"]
EASY = TEAM["invoices"]

FLEETS = (
    ("A320", "Airbus A320", "空客A320"),
    ("B737", "Boeing 737", "波音737"),
    ("A330", "Airbus A330", "空客A330"),
    ("C919", "COMAC C919", "国产C919"),
    ("E190", "Embraer E190", "巴航E190"),
)
CABINS = (
    ("economy", "Economy", "经济舱"),
    ("premium", "Premium economy", "超级经济舱"),
    ("business", "Business", "公务舱"),
)

UNITS = (
    Unit("headquarters", f"{NAME_EN} headquarters", f"{NAME_ZH}总部", "headquarters", None),
    *(Unit(slug, en, zh, "region", "headquarters") for slug, en, zh in REGIONS),
    *(Unit(s.slug, s.english, s.chinese, "station", REGIONS[s.region][0]) for s in STATIONS),
    Unit("service-centre", "Service centre", "客户服务中心", "department", "headquarters"),
    *(Unit(t.slug, t.english, t.chinese, "team", "service-centre") for t in TEAMS),
    Unit("digital", "Digital channels", "数字渠道部", "department", "headquarters"),
    Unit("fleet", "Fleets", "机队", "department", "headquarters"),
    *(Unit(f"fleet-{slug}", en, zh, "fleet", "fleet") for slug, en, zh in FLEETS),
    Unit("cabins", "Cabins", "客舱产品", "department", "headquarters"),
    *(Unit(f"cabin-{slug}", en, zh, "cabin", "cabins") for slug, en, zh in CABINS),
)
UNIT_SLUGS = tuple(unit.slug for unit in UNITS)
UNIT = {slug: place for place, slug in enumerate(UNIT_SLUGS)}

AGENT_SLUGS = tuple(
    f"{team.slug}-{number:02d}" for team in TEAMS for number in range(1, team.agents + 1)
)
AGENT_FIRST = tuple(sum(t.agents for t in TEAMS[:place]) for place in range(len(TEAMS)))

AGENCIES = tuple(f"AG{number:02d}" for number in range(1, 13))
"""Ticket agencies (代理人), who sell under their own name."""
