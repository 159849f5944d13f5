"""The surveys of Qingchuan Air: what they ask, in both languages."""

from __future__ import annotations

from dataclasses import dataclass

from zhiyin.demo.touchpoints import RATED, TOUCHPOINTS


@dataclass(frozen=True, slots=True)
class Question:
    """One question: name in its series, metric, kind, and the scale that it is asked on."""

    name: str
    metric: str
    kind: str
    touchpoint: str | None
    scale: tuple[int, int] | None
    english: str
    chinese: str


@dataclass(frozen=True, slots=True)
class Survey:
    """One survey; its questions in order. The last two are the chosen reason and the open one."""

    slug: str
    touchpoint: str | None
    english: str
    chinese: str
    questions: tuple[Question, ...]

    @property
    def scored(self) -> tuple[Question, ...]:
        """The questions with a scale."""
        return tuple(q for q in self.questions if q.scale is not None)


def _reason(kind: str, touchpoint: str | None) -> tuple[Question, Question]:
    return (
        Question("reason", "choice", kind, touchpoint, None,
                 "What is the main reason for your score?", "您打这个分数，最主要的原因是什么？"),
        Question("why", "text", kind, touchpoint, None,
                 "Would you tell us more?", "您愿意多说几句吗？"),
    )  # fmt: skip


def _csat(touchpoint: str, name: str = "satisfied") -> Question:
    of = next(t for t in TOUCHPOINTS if t.slug == touchpoint)
    return Question(name, "csat", "touchpoint", touchpoint, (1, 5),
                    f"How satisfied were you with this: {of.english.lower()}?",
                    f"您对本次「{of.chinese}」是否满意？")  # fmt: skip


def _ces(touchpoint: str, english: str, chinese: str) -> Question:
    return Question("ease", "ces", "touchpoint", touchpoint, (1, 7), english, chinese)


FLIGHT = Survey(
    "flight", None, "After your flight", "乘机后调研",
    (
        Question("recommend_journey", "nps", "journey", None, (0, 10),
                 "After this trip, how likely are you to recommend Qingchuan Air?",
                 "结合本次行程，您有多大可能向亲友推荐晴川航空？"),
        *(_csat(TOUCHPOINTS[t].slug, f"rate_{TOUCHPOINTS[t].slug}") for t in RATED),
        *_reason("journey", None),
    ),
)  # fmt: skip
CONTACT = Survey(
    "contact", "contact", "After you spoke with us", "客户服务评价",
    (
        Question("recommend_contact", "nps", "touchpoint", "contact", (0, 10),
                 "After this conversation, how likely are you to recommend us?",
                 "结合本次服务，您有多大可能推荐我们？"),
        _csat("contact"),
        _ces("contact", "The company made it easy for me to get my issue settled.",
             "解决这个问题，我觉得很轻松。"),
        *_reason("touchpoint", "contact"),
    ),
)  # fmt: skip
REFUND = Survey(
    "refund", "refund", "After your refund", "退款评价",
    (
        _csat("refund"),
        _ces("refund", "It was easy for me to get my refund.", "办理退款，我觉得很轻松。"),
        *_reason("touchpoint", "refund"),
    ),
)  # fmt: skip
BOOKING = Survey(
    "booking", "booking", "After you booked", "订票评价",
    (
        _csat("booking"),
        _ces("booking", "It was easy for me to book.", "订到这张票，我觉得很轻松。"),
        *_reason("touchpoint", "booking"),
    ),
)  # fmt: skip
MINOR = Survey(
    "unaccompanied_minor", "unaccompanied_minor", "Unaccompanied minors", "无成人陪伴儿童服务评价",
    (_csat("unaccompanied_minor"), *_reason("touchpoint", "unaccompanied_minor")),
)  # fmt: skip
RELATIONSHIP = Survey(
    "relationship", None, "How are we doing?", "季度关系调研",
    (
        Question("recommend", "nps", "relationship", None, (0, 10),
                 "All in all, how likely are you to recommend Qingchuan Air to friends or"
                 " colleagues?",
                 "总体来看，您有多大可能向朋友或同事推荐晴川航空？"),
        Question("satisfied_overall", "csat", "relationship", None, (1, 5),
                 "All in all, how satisfied are you with Qingchuan Air?",
                 "总体来看，您对晴川航空是否满意？"),
        *_reason("relationship", None),
    ),
)  # fmt: skip
RECOMMEND_VERSION_2 = (
    "Based on your experience so far, would you recommend Qingchuan Air? (asked last)",
    "根据您至今的体验，您会推荐晴川航空吗？（置于问卷最后）",
)
SURVEYS = (FLIGHT, CONTACT, REFUND, BOOKING, MINOR, RELATIONSHIP)
