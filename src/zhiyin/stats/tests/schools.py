"""183 Californian schools of 15 districts: the cluster sample `apiclus1` of R's package survey.

The figures are public: California Department of Education, Academic Performance Index 2000. Each
school is its type (E, M, H), whether it grew as it should (y, n) and its index; R's documentation
prints what these data give, so that other programs can be held against it.
"""

from __future__ import annotations

import numpy as np

_BY_DISTRICT = {
    637: "Hy608 Ey684 Ey612 Ey710 Ey729 Ey714 Ey759 Ey585 Ey625 My664 My669",
    437: "Hy443 Ey467 My482 Ey496",
    778: "Mn411 Ey494",
    197: "Ey493 Mn592 Ey550 My689 Mn598 Ey628 Ey652 Ey628 Ey832 Ey777 Ey709 En709 Ey736",
    406: "Ey561 Ey555",
    815: "Hn696 Mn631 Ey564 Ey602",
    178: "Hy529 Ey491 Ey510 Mn547",
    255: (
        "Ey814 Ey806 Ey715 Ey785 My720 Ey905 My617 Ey630 Ey629 Ey696 Ey476 Ey757 Ey825 Ey595 "
        "En552 My847"
    ),
    568: "Hy714 Hy724 Hn687 Hy723 Ey662 En699 Ey807 My679 Ey691",
    135: (
        "Ey622 Ey754 Ey655 Ey764 Ey795 Ey505 En638 Ey733 Ey523 Ey511 Ey710 Ey657 Ey602 Ey490 "
        "En664 Ey651 Ey603 Ey698 Ey511 Ey814 Ey669 En711 Ey538 Ey705 Ey595 Ey551 Ey762 Ey521 "
        "Ey709 Ey780 Ey780 Ey722 Ey828 Ey737"
    ),
    510: (
        "Hn595 Hy661 Ey502 Mn614 Ey585 Ey582 My642 Ey536 Ey746 Ey667 En629 Ey745 Ey674 Ey637 "
        "Ey696 Ey632 Ey639 Ey745 Ey789 My656 Ey789"
    ),
    716: (
        "Hy517 Hy478 Hy582 Ey592 Ey587 Ey553 Ey516 Ey535 Ey566 En481 Ey472 Ey559 Ey610 Ey599 "
        "Ey551 Ey554 En561 En505 En492 Ey504 Ey487 Ey627 Ey465 Ey529 Ey625 Ey436 Ey542 En515 "
        "My461 My528 My512 My508 Ey670 Ey760 Ey652 Ey546 Ey717"
    ),
    61: "Ey701 Ey748 Ey735 Mn699 Ey685 Ey827 My711 Ey677 Mn759 Ey697 Ey742 Ey691 Ey700",
    413: "Ey551",
    448: "Hy703 Ey676 Ey714 Ey842 Ey824 Ey717 Ey836 My733 Ey719 My817 Ey749 Ey781",
}


def _read() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rows = [
        (district, one[0], one[1] == "y", int(one[2:]))
        for district, schools in _BY_DISTRICT.items()
        for one in schools.split()
    ]
    district, kind, growth, index = zip(*rows, strict=True)
    return np.array(district), np.array(kind), np.array(growth), np.array(index, dtype=np.float64)


SCHOOLS = _read()
"""(district, type, whether it grew, index) of each school."""
