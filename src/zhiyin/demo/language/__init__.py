"""What customers of 晴川航空 Qingchuan Air say, in Chinese, English and both at once.

Every text comes with its truth: which aspect each clause is about, whether it praises or blames,
where it stands, and whether it is negated, sarcastic or misspelt. The phrases are ours, in the
YAML files of `zh` and `en`; the Generator that is passed in decides everything else.
"""

from zhiyin.demo.language.aspects import ASPECTS, ASPECTS_AT, Aspect
from zhiyin.demo.language.by_hand import by_hand
from zhiyin.demo.language.phrases import phrases
from zhiyin.demo.language.talking import transcripts
from zhiyin.demo.language.texts import Clause, Request, Text, Transcript, Turn
from zhiyin.demo.language.writing import write

__all__ = [
    "ASPECTS",
    "ASPECTS_AT",
    "Aspect",
    "Clause",
    "Request",
    "Text",
    "Transcript",
    "Turn",
    "by_hand",
    "phrases",
    "transcripts",
    "write",
]
