"""What personal data the room holds, each part's by itself."""

from __future__ import annotations

from zhiyin.act.alerts import holdings as alerts
from zhiyin.act.cases import holdings as cases
from zhiyin.act.channels import holdings as channels
from zhiyin.kernel.holdings import Holding

HOLDINGS: tuple[Holding, ...] = (*alerts.HOLDINGS, *cases.HOLDINGS, *channels.HOLDINGS)
