"""Measures read from answers: what customers said when they were asked."""

from __future__ import annotations

from zhiyin.kernel.text import _
from zhiyin.measure.metric import Metric
from zhiyin.measure.rows import asked, invited

ANSWERED = _(
    "Answered answers only; does not apply, don't know, refused, skipped, hidden,"
    " dismissed and not reached are counted beside"
)
ANSWERED_COUNT = _("answers in the state answered")
ANSWERED_AT = _("the date of the answer, or on request the date of the experience")

NPS = Metric(
    slug="nps",
    label=_("Net Promoter Score (NPS)"),
    asks=_("Would our customers recommend us?"),
    unit="points",
    better="up",
    population=ANSWERED,
    numerator=_("promoters (9–10) minus detractors (0–6)"),
    denominator=ANSWERED_COUNT,
    window=ANSWERED_AT,
    definition=_(
        "Promoters (9–10) minus detractors (0–6), divided by all who answered, times 100;"
        " asked on 0–10. Answers asked on 1–10 are a figure of their own."
    ),
    table="answers",
    estimator="nps",
    rows=asked.rows(asked.nps),
    voting=asked.nps,
    factor=100.0,
    scored=("nps",),
)

CSAT = Metric(
    slug="csat",
    label=_("Customer satisfaction (CSAT)"),
    asks=_("What share of customers is satisfied?"),
    unit="percent",
    better="up",
    population=ANSWERED,
    numerator=_("answers of 4 or 5 on 1–5 (1 or 2 where 1 is best)"),
    denominator=ANSWERED_COUNT,
    window=ANSWERED_AT,
    definition=_("Answers of 4 or 5 on 1–5, divided by all who answered, times 100."),
    table="answers",
    estimator="proportion",
    rows=asked.rows(asked.top_box),
    voting=asked.top_box,
    factor=100.0,
    scored=("csat",),
)

CES = Metric(
    slug="ces",
    label=_("Customer effort score (CES), mean"),
    asks=_("How easy do we make it for customers?"),
    unit="scale",
    better="up",
    population=ANSWERED,
    numerator=_("the sum of the scores"),
    denominator=ANSWERED_COUNT,
    window=ANSWERED_AT,
    definition=_(
        "The mean of the scores on the question's own scale. Where higher is easier (CES 2.0),"
        " up is good; where higher is harder (CES 1.0), down is good. The two are never mixed."
    ),
    table="answers",
    estimator="mean",
    rows=asked.rows(asked.mean),
    voting=asked.mean,
    scored=("ces",),
)

CES_EASY = Metric(
    slug="ces_easy",
    label=_("Customer effort score (CES), share who found it easy"),
    asks=_("What share of customers found it easy?"),
    unit="percent",
    better="up",
    population=ANSWERED,
    numerator=_("answers in the easy boxes: three of 1–7, two of 1–5, at the easy end"),
    denominator=ANSWERED_COUNT,
    window=ANSWERED_AT,
    definition=_(
        "Answers in the easy boxes, divided by all who answered, times 100: 5 to 7 on 1–7 and"
        " 4 or 5 on 1–5 where higher is easier; 1 to 3 and 1 or 2 where higher is harder."
    ),
    table="answers",
    estimator="proportion",
    rows=asked.rows(asked.easy),
    voting=asked.easy,
    factor=100.0,
    scored=("ces",),
)

RATING = Metric(
    slug="rating",
    label=_("Mean rating"),
    asks=_("How do customers rate it on average?"),
    unit="scale",
    better="up",
    population=ANSWERED,
    numerator=_("the sum of the scores"),
    denominator=ANSWERED_COUNT,
    window=ANSWERED_AT,
    definition=_("The mean of the scores on the questions' one scale."),
    table="answers",
    estimator="mean",
    rows=asked.rows(asked.mean),
    voting=asked.mean,
    scored=("rating", "csat"),
    by_name=("ces", "nps"),
)

TOP_BOX = Metric(
    slug="top_box",
    label=_("Top-2 box"),
    asks=_("What share gives one of the two best ratings?"),
    unit="percent",
    better="up",
    population=ANSWERED,
    numerator=_("answers in the two best boxes of the scale"),
    denominator=ANSWERED_COUNT,
    window=ANSWERED_AT,
    definition=_(
        "Answers in the two best boxes of the questions' one scale, divided by all who answered,"
        " times 100."
    ),
    table="answers",
    estimator="proportion",
    rows=asked.rows(asked.top_box),
    voting=asked.top_box,
    factor=100.0,
    scored=("rating", "csat"),
    by_name=("ces", "nps"),
)

BOTTOM_BOX = Metric(
    slug="bottom_box",
    label=_("Bottom-2 box"),
    asks=_("What share gives one of the two worst ratings?"),
    unit="percent",
    better="down",
    population=ANSWERED,
    numerator=_("answers in the two worst boxes of the scale"),
    denominator=ANSWERED_COUNT,
    window=ANSWERED_AT,
    definition=_(
        "Answers in the two worst boxes of the questions' one scale, divided by all who answered,"
        " times 100."
    ),
    table="answers",
    estimator="proportion",
    rows=asked.rows(asked.bottom_box),
    voting=asked.bottom_box,
    factor=100.0,
    scored=("rating", "csat"),
    by_name=("ces", "nps"),
)

NET_BOX = Metric(
    slug="net_box",
    label=_("Net satisfaction"),
    asks=_("Do more customers rate it well than badly?"),
    unit="points",
    better="up",
    population=ANSWERED,
    numerator=_("answers in the two best boxes of the scale minus those in the two worst"),
    denominator=ANSWERED_COUNT,
    window=ANSWERED_AT,
    definition=_(
        "Answers in the two best boxes of the questions' one scale minus those in the two worst,"
        " divided by all who answered, times 100."
    ),
    table="answers",
    estimator="nps",
    rows=asked.rows(asked.net_box),
    voting=asked.net_box,
    factor=100.0,
    scored=("rating", "csat"),
    by_name=("ces",),
)

RESPONSE_RATE = Metric(
    slug="response_rate",
    label=_("Response rate"),
    asks=_("How many of those we ask answer?"),
    unit="percent",
    better="up",
    population=_("Invitations sent, without those that bounced"),
    numerator=_("invitations from which a response came"),
    denominator=_("invitations sent that did not bounce"),
    window=_("the date of the invitation"),
    definition=_(
        "Invitations from which a response came, divided by the invitations sent that did not"
        " bounce, times 100. Without invitations in the log there is no figure."
    ),
    table="exposures",
    estimator="proportion",
    rows=invited.invitations,
    factor=100.0,
)

ALL = (NPS, CSAT, CES, CES_EASY, RATING, TOP_BOX, BOTTOM_BOX, NET_BOX, RESPONSE_RATE)
