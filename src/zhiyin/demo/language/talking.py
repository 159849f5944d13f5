"""x"""


def transcripts(*a, **k): ...
