"""Regenerates the pages of the docs that follow from the code. `make docs` runs it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from zhiyin.cli.frame import COMMANDS, Group
from zhiyin.kernel.text import in_language
from zhiyin.warehouse.tables import CLAUSES, COMMON, EARLIER_CLAUSES, TABLES, Column

DOCS = Path(__file__).resolve().parent

HEAD = """# The experience log

Generated from `src/zhiyin/warehouse/tables.py` by `make docs`; do not edit.

Everything a customer does, says or buys is one row in one of these tables. Facts are appended and
never updated: what is replaced, by a corrected file or by a customer who changes her answer, is left
out from then on, and a figure as of before still counts it. *Coded* columns hold a small integer for
each word; filters and results use the words. A mapping's `dimensions` become typed columns beside these.

体验日志：客户所做、所说、所买的每一件事都是以下某张表中的一行。事实只追加、从不修改：被更正的文件或客户改答所替代的行此后不再计入，但按此前时点计算的指标仍计入。“coded” 列以小整数存词，筛选和结果仍用词本身。
"""


def log_page() -> str:
    """The page on the log's tables."""
    parts = [HEAD, "## Columns of every table\n", _table(COMMON)]
    for table in TABLES.values():
        parts.append(f"## {table.name}\n\n{table.says}\n")
        identity = ", ".join(f"`{name}`" for name in ("source", *table.identity))
        parts.append(f"The same row again: {identity}.\n")
        parts.append(_table(table.columns))
    parts.append(f"## {CLAUSES.name}\n\n{CLAUSES.says}\n")
    parts.append(
        "No facts of their own: what `zhiyin listen` finds in verbatims stands beside these, and a query"
        " reads both as one row. What becomes of a verbatim becomes of its clauses.\n"
    )
    parts.append(_table(CLAUSES.columns))
    parts.append(f"## {EARLIER_CLAUSES.name}\n\n{EARLIER_CLAUSES.says}\n")
    parts.append(_table(EARLIER_CLAUSES.columns))
    return "\n".join(parts)


def _table(columns: tuple[Column, ...]) -> str:
    lines = ["| column | kind | says |", "|---|---|---|"]
    for column in columns:
        kind = "coded" if column.coded else column.kind
        lines.append(f"| `{column.name}` | {kind} | {column.says} |")
    return "\n".join(lines) + "\n"


COMMANDS_HEAD = """# The command line 命令行

The help below is generated from the commands by `make docs`; the JSON fields are a promise and change only by a
decision.

Global options stand before or after the subcommand. With `--json` there is one JSON document on standard output and
messages on standard error. An error is `{"error": {"code", "message", "hint"}}` with exit status 1; a wrong use has
status 2. Commands work with and without a running server.

全局选项可写在子命令之前或之后。`--json` 时标准输出只有一个 JSON 文档；出错时为 `{"error": {"code", "message", "hint"}}`，退出码 1，用法错误为 2。
无论服务是否在运行，命令都可使用。加 `--lang zh` 显示中文帮助。

| command | fields of its JSON document |
|---|---|
| `--version` | `version` |
| `init` | `data`, `workspace`, `made_workspace`, `login`, `password` (null when one was there) |
| `serve` | `address`, `data`, `login`, `password`, when it is ready |
| `jobs` | `running`, `waiting`, `past` (the newest 20): `number`, `workspace` (blank: the installation), `kind`, `label`, `arguments`, `asked_by` (null: the clock), `asked_at`, `state` (`waiting`, `running`, `done`, `failed`, `cancelled`), `attempts`, `not_before`, `started_at`, `ended_at`, `seconds`, `parts_done`, `parts` (0: not known), `part_name`, `is_unwanted`, `result`, `error`: `code`, `message`, `hint`; `schedules`: `kind`, `label`, `cron` (UTC), `next_at`, `last`, `usual_seconds` |
| `jobs cancel` | the fields of one piece of work |
| `backup` | `file`, `bytes`, `created_at` (all that was acknowledged by then is in it), `workspaces`, `seconds` |
| `restore` | `data`, `created_at`, `version` (both of the backup), `workspaces`, `erased_since` (null where it cannot be known): `workspace`, `number`, `customer`, `asked_at`; `seconds` |
| `password` | `login`, `password` |
| `doctor` | `ok`, `findings`: `what`, `state` (`ok`, `fault`), `seen`, `advice` |
| `workspace show`, `workspace change` | `workspace`, `name`, `timezone`, `week_start` (0: Monday), `currency`, `language`, `minimum_base`, `test_base`, `small_base`, `fiscal_year_start`, `requires_second_step` |
| `person list` | `members`: `number`, `login`, `name`, `is_active`, `joined_at`, `role`, `unit`, `scope` (null: the whole workspace), `sees_personal_data`; `invitations` that wait: `number`, `login`, `invited_by`, `created_at`, `expires_at`, `role`, `unit`, `scope`, `sees_personal_data` |
| `person invite` | the fields of an invitation, and `is_sent`, `link` (null where it went by mail) |
| `person change` | the fields of a member |
| `person remove` | `login`, `removed` (`membership`, `invitation`) |
| `unit list` | `units`: `key`, `name`, `kind`, `parent` (blank: none) |
| `unit add`, `unit change`, `unit remove` | the fields of one unit |
| `key create` | `key`, `kind` (`write`, `webhook`), `source`, `workspace`, `origins`, `events_per_second`, `created_at`, `revoked_at`, `signing_secret` (null but for webhooks; `key list` never shows it) |
| `key list` | `keys`: the same fields without `signing_secret` |
| `key revoke` | the same fields without `signing_secret` |
| `import` | `rows_read`, `rows_added`, `rows_duplicate`, `rows_rejected`, `facts_added`, `rejects_file`, `import_id`, `seconds`, `notes` |
| `touchpoint-rule list`, `add`, `move`, `remove` | `rules`: `where`, `touchpoint`, `table`, `timezone`; `come_first`, `seen` |
| `touchpoint-rule preview` | `kinds`: `table`, `facts`, `customers`, `own`, `before`, `taken` (rules: `touchpoint`, `where`, `facts`) |
| `mapping list` | `mappings`: the fields of one |
| `mapping show`, `mapping save`, `mapping remove` | `number`, `name`, `mapping` (the text), `saved_by`, `saved_at` |
| `data-health` | `sources`: `source`, `rows`, `tables`, `last_at`, `received_at`, `is_live`, `days` (`on`, `rows`, `usual`, `low`, `high`, `is_unusual`, `festivals`), `silences` (`source`, `since`, `until`, `hours`, `expected`, `chance`, `festivals`); `unlinked`: `answers`, `of_nobody`, `days`; `touchpoints`: `table`, `since`, `own`, `rules`, `nothing`, `unexplained`; `refused`: `code`, `source`, `count`, `last_at`; `rejects`: `import_id`, `label`, `rows`; `intake`: `rows`, `fault` |
| `retention show`, `retention set` | `kept`: `table`, `pattern`, `months`; with `--dry-run` also `going` (rows by table) |
| `score` | `metric`, `questions`, `kind`, `per`, `definition`, `definition_version`, `unit` (`points`, `percent`, `scale`, `count`, `money`, `seconds`), `better` (`up`, `down`), `timezone`, `from`, `to`, `as_of`, `rows`: `group`, `period`, `value`, `low`, `high`, `n`, `customers`, `design_effect`, `method`, `state` (`ok`, `too_few`, `withheld`), `flags`; `total`: the same; `states`; `scale`; `confidence`; `minimum_base`; `without`: `number`, `name` |
| `measure` | `measures`: `metric`, `label`, `question`, `definition`, `definition_version`, `population`, `numerator`, `denominator`, `date`, `unit`, `better`, `interval` |
| `compare` | as `score`, and `against`, `q`, `fdr`, `tests`, `interval_confidence`; `rows`: `group`, `period`, `reference_period`, `value`, `reference_value`, `difference`, `low`, `high`, `p`, `q`, `marked`, `n`, `customers`, `reference_n`, `reference_customers`, `method`, `state`, `place`, `flags` |
| `journey funnel` | `steps`: `step`, `customers`, `share_of_first`, `share_of_previous`, `low`, `high` (of `share_of_first`; shares of journeys lie in 0…1), `previous_low`, `previous_high` (of `share_of_previous`), `median_seconds`, `state` (`ok`, `too_few`, `withheld`: then the others are null); `minimum_base`; with `--by` also `by` and `groups`: `group`, `steps` |
| `journey waits` | `first`, `last`, `number` (of the later step), `within_seconds`, `began`, `arrived`, `median_seconds`, `median_low`, `median_high`; `moments`: `seconds`, `at_risk`, `arrived`, `still`, `low`, `high`; `minimum_base`; what is not shown is null, or has no moments |
| `journey conversion` | `every`, `periods`: `period`, `is_final`, `steps` as of the funnel (empty where nobody began); `minimum_base` |
| `journey paths` | `edges`: `from`, `to`, `count`, `customers`, `median_seconds`; `edges_in_all`, `edges_withheld`, `pairs`, `minimum_base` |
| `journey variants` | `variants`: `steps`, `customers`, `share`, `median_seconds`; `variants_in_all`, `variants_withheld`, `customers`, `minimum_base` |
| `journey repeats` | `nodes`: `node`, `customers`, `again` (of them, with more than one event there), `again_share`, `again_low`, `again_high`, `again_state`, `back` (of these, after being elsewhere), `back_share`, `back_low`, `back_high`, `back_state`, `events`, `at_once` (events that directly follow one at the same node); `nodes_in_all`, `nodes_withheld`, `minimum_base` |
| `journey retention` | `every`, `cohorts`: `period`, `customers`, `state`, `returns`: `later`, `period`, `customers`, `share`, `low`, `high`, `state`, `is_final`; `together`: `later`, `cohorts`, `of`, `customers`, `share`, `low`, `high`, `state`; `minimum_base` |
| `journey before` | `against`, `within_seconds`, `steps`, `customers` (with the outcome), `others` (compared with), `q`, `minimum_base`; `nodes` and `leading`: `rows`: `steps` (one name; of `leading` up to that many), `here` and `there`: `customers`, `share`, `low`, `high`, `state`; `difference`, `low`, `high`, `p`, `q`, `marked`; `rows_in_all`, `rows_withheld`, `tests`, `interval_confidence` |
| `journey parting` | `gap_seconds`, `nodes`: `node`, `one`, `two` (customers of the groups), `statistic`, `df`, `p`, `q`, `marked`, `cramers_v`, `interval_confidence`, `certain`, `choices`: `kind` (`step`, `nothing`, `other`), `step`, `one`, `two`, `share_one`, `share_two`, `difference`, `low`, `high`; `nodes_in_all`, `nodes_withheld`, `tests`, `q`, `minimum_base` |
| `journey sessions` | `sessions`, `single`, `customers`, `events`, `median_events`, `median_seconds` (all null for too few customers), `minimum_base` |
| `journey task` | `success`: `attempts`, `customers`, `completed`, `completed_customers`, `missed_customers`; `completion`, `customer_share`, `errors`, `helped`, `switches`, `tries`: each `value`, `low`, `high`; `times`, `times_of_all`: `share`, `seconds`, `low`, `high`; `state`, `completed_state`; `open_attempts`, `known_until`, `minimum_base`; with `--by` also `by` and `groups`: `group`, `success`; with `--every` also `every` and `periods`: `period`, `is_final`, `success` (null where nobody began) |
| `journey between` | `waits`, `customers`, `followed`, `followed_customers`, `times`, `times_of_all`: as of a task; `state`, `followed_state`, `known_until`, `minimum_base` |
| `journey adoption` | `every`, `cohorts`: `period`, `customers`, `adopted`, `share`, `low`, `high`, `state`, `adopted_state`, `is_final`; `together`: `cohorts`, and the same (null where no cohort is final); `known_until`, `minimum_base` |
| `journey engagement` | `every`, `periods`: `period`, `is_final`, `customers`, `sessions`, `per_customer`, `seconds`: `value`, `low`, `high`; `state`; `together`: the same of all that are over; `minimum_base` |
| `journey map list` | `maps`: the fields of one: `key`, `name` (by language), `persona` (null: everybody), `stages`, `touchpoints`, `bound` (touchpoints with a rule), `version` (null: never kept), `kept_at`, `has_changes`, `operation` (the last of its draft), `undecided`, `created_by`, `created_at`, `changed_by`, `changed_at` |
| `journey map create`, `journey map import` | the fields of one; of an industry's template also `made` and `were_there` |
| `journey map show` | the fields of one, `document` ([files of maps](map-files.md)), `versions`: `number`, `kept_by`, `kept_at`, `operation`, `notes`; with `--version`: `key`, those of the version, `document` |
| `journey map export` | `key`, `version` (null: the draft), `file` (null: none), `document` |
| `journey map keep` | `key`, and the fields of a version |
| `journey map KEY`, `journey map figures` | `key`, `name`, `version`, `from`, `to`, `before` (what `change` is to: `previous`, `last-year`, `lunar-year`), `customers` (null: all), `metric`, `average` (a row of `score`), `as_of`, `confidence`, `minimum_base`, `currency`, `problem` (null: none), `tests`, `held`; `traffic`: `customers`, `instances`, `reached`, `worth`, `worth_low`, `worth_high`, `sessions`, `sessions_unexplained`; `stages`: `id`, `traffic`, `emotion` (a row of `score`); `unexplained`: `name`, `events`, `customers`, `sessions`; `difficulties`: `place`, `by` (`worst`, `loss`, `people`, `money`), `touchpoint`, `loss` (null: none): `customers`, `value`, `low`, `high`; `touchpoints`: `id`, `name`, `stage`, `lane`, `owner`, `is_bound`, `tone` (−2…2: certainly worse or better than the others), `score` and `effort` (rows of `score`), `rest` (beside all others) and `change` (beside the period before: rows of `compare`), `felt` (of the promise), `gap`, `sentiment` (a row of `score`), `convenience` (0…100: `value`, `low`, `high`, `parts`, `beside`), `traffic`: `customers`, `instances`, `events`, `reach`, `left_of`, `left_customers`, `left_share`, `completion`, `necessity_of`, `necessity`, `without`, `seconds` (median), `attempts`, `switches`, `helped`, `money`, each share and mean with its `_low` and `_high`, and `state`; null is not shown |
| `journey map difficulties` | `key`, `name`, `version`, `from`, `to`, `as_of`, `currency`, `difficulties`: as of `journey map KEY`, and `figures`, those of the touchpoint |
| `journey map picture` | `key`, `name`, `version`, `from`, `to`, `file`, `kind` (`png`, `svg`, `pdf`, `xlsx`, `json`), `bytes` |
| `journey map personas` | `personas`: `key`, `name`, `says`, `customers` (their segment or rule; blank: everybody), `place` |
| `journey map persona` | the fields of one; with `--remove`: `key`, `removed` |
| `journey map remove` | `key`, `removed` |
| `journey conformance` | `key`, `name`, `version`, `from`, `to`, `confidence`, `instances`, `customers`, `following`, `following_customers`, `share` (of customers all of whose journeys follow) and `share_of_instances`: `value`, `low`, `high` (0…1); `deviations`: `kind` (`back`, `skipped`), `before`, `to`, `missing` (touchpoints; null: none), `instances`, `customers`, `share`, `low`, `high`, `names` (events in between that no touchpoint explains): `name`, `customers`, `share`; `deviations_in_all`, `state`, `following_state`, `minimum_base`; `judged`: `question` (null: none), `ways`: `kind` (also `follows`), `before`, `to`, `missing`, `journeys`, `customers`, `score`, `difference` (to those that follow), `p`, `q`, `marked`; `tests`, `minimum_base` |
| `journey whole` | `key`, `name`, `version`, `from`, `to`, `confidence`, `question` (null: none), `scale`, `better`, `journeys`, `customers`, `by_bad_touchpoints`: `bad` (3: three and more), `journeys`, `customers`, `score`, `nps`, `watched`, `again` (share, 0…1, of those watched), `state`, `again_state`; `trend` (null: not tested): `change` (with each further one), `low`, `high`, `p`; `parts` (null: not shown): `journeys`, `customers`, `explained`, `mean`, `last`, `worst` (0…1: of `explained`, which is of the score's variance); `again_within_days`, `minimum_base`, `state` |
| `journey audit list` | `walkthroughs`: `number`, `title`, `task`, `map` (null: none), `sites`: `number`, `name`, `is_ours`, `runs`; `runs`, `revision`, `made_by`, `made_at`, `changed_at` |
| `journey audit create`, `journey audit change` | the fields of one |
| `journey audit show` | the fields of one; `compared`: `sites`: `name`, `is_ours`, `runs`, `people`, `figures` and `beside_ours` by measure (`completion`, `steps`, `seconds`, `failures`, `ease`): a figure has `value`, `low`, `high`, `n`, `people`; beside ours (empty for our own) `difference`, `ratio` (of `seconds`), `low`, `high`, `p`, `q`, `marked`, `state` (`ok`, `too_few`, `no_spread`); `tests`, `interval_confidence`, `q`, `least_people`; `steps`: `node` (null: none), `name`, `is_gone`, `cells`: `site`, `runs`, `of`, `failed_runs`, `seconds`, `failures`: `run`, `place`, `says`, `failed`, `link`, `has_picture`; `all_runs`: the fields of a run |
| `journey audit add-run` | the fields of a run: `number`, `site`, `done_on`, `who`, `device`, `is_done`, `ease`, `seconds` (null where a step was not timed), `steps`: `place`, `says`, `node`, `seconds`, `failed`, `link`, `has_picture`; `noted_by`, `noted_at` |
| `journey audit remove`, `journey audit remove-run` | `number`, `removed` |
| `journey audit import` | `new`, `same`, `is_dry_run` |
| `journey audit export` | `file`, `rows` |
| `journey mark list` | `marks`: `map`, `number`, `kind` (`problem`, `suggestion`), `title`, `says`, `status` (`open`, `planned`, `doing`, `done`, `declined`), `is_open`, `node`, `touchpoint` (what it is called; null: not drawn any more), `owner` (null: nobody), `contributors`, `due_on`, `is_overdue`, `votes`, `comments`, `evidence` (how many), `revision`, `made_by`, `made_at`, `changed_at` |
| `journey mark add`, `journey mark change`, `journey mark vote` | the fields of one mark |
| `journey mark show` | the fields of one mark; `evidence`: `number`, `kind` (`figure`, `words`, `link`), `added_by`, `added_at`; of a figure `query`, `metric`, `unit`, `from`, `to`, `value`, `low`, `high`, `n`, `customers`, `state`, `flags`, `problem` (why there is none), `change` (null: no whole day on one of the sides): `from`, `to`, `before_from` (null: from the beginning), `before_to`, `difference`, `low`, `high`, `p`, `marked`, `state`; of words `row`, `text` (null: gone), `question`, `touchpoint`, `channel`, `day`, `is_gone`; of a link `url`, `host`; `voters`; `comments`, `history`: `what`, `before`, `after`, `says`, `by`, `at` |
| `journey mark comment` | `what`, `before`, `after`, `says`, `by`, `at` |
| `journey mark remove` | `map`, `number`, `removed` |
| `alert rules` | `rules`: `number`, `name`, `condition`, `severity`, `unit`, `is_on`, `snoozed_until`, `pace` (`at_once`, `daily`, `weekly`), `hour`, `weekday`, `quiet`, `recipients` (`person`, `role`, `channel` or `owner`), `version`, `watches_since`, `looked_at`, `trouble`, `fired`, `open`, `made_by` |
| `alert add`, `alert switch` | the fields of one rule |
| `alert remove`, `channel remove` | `removed` |
| `alert rehearse` | `condition`, `from`, `to`, `times`, `days`: `day`, `times`; `highest` (of a figure): `day`, `e_value`, `threshold` |
| `alert watch` | `rules`, `alerts`, `letters`, `messages` |
| `alert list` | `alerts`: `number`, `rule`, `rule_name`, `rule_version`, `kind` (`answer`, `verbatim`, `measure`, `often`), `condition`, `severity` (`info`, `warning`, `urgent`), `status` (`open`, `noted`, `dismissed`), `unit`, `touchpoint`, `row`: `table`, `number` (null: a figure), `figures` (of a figure: `value`, `low`, `high`, `n`, `reference`, `reference_n`, `e_value`, `threshold`, `q`, `from`, `to`, `method`), `happened_at`, `fired_at`, `reason`, `note`, `closed_by`, `closed_at`, `title`, `why`, `text`; `not_justified` (null: none is over): `share`, `low`, `high`, `n` |
| `alert show` | the fields of one alert |
| `alert dismiss` | the fields of one alert, without `title`, `why` and `text` |
| `channel list` | `channels`: `key`, `name`, `kind` (`wecom`, `dingtalk`, `feishu`, `slack`, `webhook`), `host`, `language`, `keyword`, `is_signed`, `is_on`, `why_off`, `per_minute`, `waiting`, `given_up`, `made_by`, `made_at` |
| `channel add` | the fields of one channel, and `secret` (that was made for it; null: none was) |
| `channel switch` | the fields of one channel |
| `channel deliveries` | `deliveries`: `number`, `id`, `channel`, `kind`, `about`, `state` (`waiting`, `sent`, `merged`, `empty`, `dead`), `merged_into`, `tries`, `next_try_at`, `made_at`, `ended_at`, `said`, `attempts`: `at`, `verdict` (`sent`, `later`, `failed`, `gone`), `said`, `milliseconds` |
| `channel test`, `channel replay` | the fields of one message |
| `case list` | `cases`: `number`, `kind` (`alert`, `verbatim`, `mark`), `key`, `title`, `status` (`new`, `taken`, `waiting`, `done`, `not_justified`), `is_open`, `severity` (`high`, `normal`, `low`), `owner`, `unit`, `touchpoint`, `reason`, `opened_by`, `opened_at`, `due_at` (null: its clock stands still), `is_overdue`, `first_response_at`, `closed_at`, `version` |
| `case open` | the fields of one case, and `is_new` (false: it was there) |
| `case take`, `case assign`, `case status`, `case change` | the fields of one case |
| `case show` | the fields of one case; `subject` (null: gone): `words`: the fields of one verbatim of `listen search`, `mark`: `map`, `number`, `status`, `alert`: `number`, `status`; `customer`, `can_be_written_to`, `steps` (statuses that may follow), `history`: `what` (`opened`, `assigned`, `moved`, `changed`, `noted`, `wrote`, `told`), `before`, `after`, `says`, `by`, `at` |
| `case note`, `case tell` | `what`, `before`, `after`, `says`, `by`, `at` |
| `case remind` | `letters` |
| `case figures` | `days`, `minimum`; `first_response` and `close`: `value`, `low`, `high`, `unit`, `n`, `ended`, `state` (`ok`, `too_few`, `under_half`), `method` |
| `case rules` | `week` (seven days from Monday), `has_holidays`, `hours` by severity, `reasons`: `key`, `en`, `zh`, `is_retired` |
| `source list` | `sources`: `key`, `name`, `kind`, `state` (`new`, `ok`, `failing`, `paused`), `every_minutes`, `next_at` (null: paused), `last_at` (null: never), `last_run` (null: none found anything): as `source run`; `error` (null: none): `code`, `message`, `hint`; `voice`, `touchpoint`, `channel` (null: as the mapping says), `made_by`, `made_at` |
| `source kinds` | `kinds`: `kind`, `label`, `says`, `settings`: `name`, `label`, `help`, `kind`, `default`, `choices`, `is_needed` |
| `source add`, `source change`, `source pause`, `source resume` | as one of `source list` |
| `source show` | as one of `source list`; `settings` (by name), `secrets` (names of those that are kept), `mapping` (YAML), `replaces`, `runs`: as `source run` |
| `source try` | `read`, `added`, `doubles`, `rejected`, `fields` (that the records have), `absent` (that the mapping names and none has), `rows` (the first, as they would be stored), `why`: `column`, `reason`, `rows` |
| `source run` | `began_at`, `ended_at`, `pages`, `read`, `added`, `doubles`, `rejected`, `imports` (ids), `error` (null: none) |
| `source remove` | `removed` |
| `listen analyse` | `file`, `text`, `n`, `texts`: `row`, `text` (as the file has it, without outer spaces), `language` (ISO 639-1; `und`: none), `polarity` (`negative`, `neutral`, `positive`, `mixed`), `probability` (0…1, of that polarity), `clauses`: `start`, `end` (characters of `text`, half-open), `text`, `aspect` (null: none), `aspect_probability`, `aspects` (the likeliest first): `key`, `probability`; `polarity`, `probability`, `probabilities` (of each polarity), `emotion` (`anger`, `worry`, `disappointment`, `joy`, `thanks`; null: none), `intent` (`complain`, `ask`, `praise`, `suggest`, `leave`), `effort` (`high`, `low`), `urgency` (`urgent`); with `-o` `file`, `n` |
| `listen read` | `n` (read now), and as `listen status` |
| `listen status` | `version` (of what reads), `verbatims` (that have a text), `read` (by any version), `up_to_date` (by this one) |
| `listen apart` | `sides`, `one`, `where`, `here`, `there` (customers of each group), `tests` (one family), `confidence` (of its intervals), `things` (what distinguishes most first): `kind` (`aspect`, `emotion`, `intent`, `effort`, `urgency`), `name`, `polarity` (null but for aspects), `here`, `there`: `value` (share of customers), `low`, `high`, `customers`; `difference`, `low`, `high`, `q`, `marked` |
| `listen first` | `where`, `n` (responses), `customers`, `low_share` (null: too few), `left_out` (aspects too few blame), `tests`, `confidence`, `aspects` (the heaviest first): `aspect`, `often`, `low_with`, `low_without`: `value`, `low`, `high`, `n`, `customers`; `difference`, `low`, `high`, `weight` (`often` times `difference`), `q`, `marked` |
| `listen themes list` | `found_at` (null: nobody looked yet), `version`, `from`, `to`, `now_weeks`, `customers` (who said anything), `clauses`, `clauses_in_themes`, `tests` (in the family), `where` (null: all) and `themes`, each as `listen themes show` |
| `listen themes show` | `number`, `name`, `given_name` (null: its words), `words` (`zh`, `en`), `state` (`open`, `hidden`, `promoted`), `under` (the aspect that names it; null: nobody), `aspect` (null: not promoted), `is_silent`, `first_said`, `found_at`, `turns` (`kind`: `split`, `merged`, `back`; `other`, `at`); where somebody speaks of it `trend` (`few`, `new`, `growing`, `shrinking`, `steady`), `customers`, `clauses`, `share` and `sentiment` (`value`, `low`, `high`), `growth` (`ratio`, `low`, `high`, `p`, `q`, `is_more_than_noise`), `weeks` (`first`, `customers`, `spoke`, `share`), `examples` (`row`, `start`, `at`, `text`, `touchpoint`, `polarity`, `aspect`) |
| `listen themes look` | `clauses`, `themes`, `new` |
| `listen themes rename`, `listen themes hide`, `listen themes unhide`, `listen themes promote`, `listen themes demote` | as `listen themes show`, without figures |
| `listen learn` | as `listen rightness` |
| `listen rightness` | `learned_at` (null: never), `version` (of what was learned; empty: the seeds alone read), `verbatims` (when it learned), `labels` (of people), and of `comments` (with a score, polarity), `polarity` and `aspect` (of clauses drawn by lot): `n`, `customers`, `right` (told rightly by models that did not see the label; null: fewer than 20 customers): `value`, `low`, `high`, `n`, `customers`; `by_seeds`, `languages`, `kinds`, `months` (as `right`), `drift` (null: too few): `lately`, `before`, `difference`, `low`, `high`, `p`; `strictness` (null: nothing learned is used); of comments `by_scores`, `is_used`, `calibration_error` |
| `listen versions` | `by`, `language` (null: all), `version` (that reads now), `earlier` (the one before; null: nothing is kept of one), `verbatims`, `both` (of them, read by both), `clauses` (that both cut alike), `customers`, `only_before`, `only_now` (clauses that the other cuts otherwise), `same` (share read as before; null: too few customers): `value`, `low`, `high`, `n`, `customers`; `groups` (the largest first): `name` (null: no single thing), `before`, `now`, `kept` (read so by both): `clauses`, `customers`; `stayed` (as `same`); `moves` (the largest first): `before`, `now`, `clauses`, `customers`, `share` (of all read so before); `changed` (the newest): `row`, `at`, `start`, `end`, `text`, `before`, `now`: `aspect`, `polarity`, `language` |
| `listen say` | `row`, `start`, `end`, `polarity`, `aspect` (null: no single thing), `told_polarity`, `told_aspect`, `told_probability` (as it was read), `drawn` (`lot`, `doubt`, `page`), `language`, `by`, `at` |
| `listen unsay` | as `listen say`: what had been said |
| `listen labels` | `labels`: as `listen say` |
| `listen search` | `query`, `meaning`, `where`, `n`, `customers` (of all that is found), `verbatims` (the newest, with `--meaning` the nearest): `row` (its number in the log), `at`, `text`, `language`, `touchpoint`, `channel`, `source`, `likeness` (that of its nearest clause), `customer`, `clauses`: `start`, `end`, `text`, `aspect`, `polarity`, `probability`, `emotion`, `intent`, `effort`, `urgency`, `likeness` (a cosine; null: not near, or not asked for) |
| `listen evaluate` | `accuracy`, `macro_f1` (0…1), `n` (texts read), `trained`, `left_out`, `accuracy_interval`, `macro_f1_interval` (low and high), `calibration_error` (0…1), `labels` (what each of the file's means), `classes` by label: `n`, `told`, `f1`, `recall`, `precision` (null: none): `value`, `low`, `high`, `n`; `languages`: as `recall`; `confusion` (by label, how often each was told), `model`: `seeds`, `labels` (what the logits of each count; `labels` 0: nothing is learned), `file`, `text`, `label`, `train`, `seed` ([listening](listening.md)) |
| `report list` | `reports`: `number`, `title`, `language`, `blocks`, `made_by`, `changed_at`, `editions`: `number`, `published_at`, `published_by`, `as_of`, `scope` (null: everything) |
| `report make` | `report`: `title`, `language`, `workspace`, `scope`, `as_of`, `blocks` (each with its `type`: `figure`, `fault`, `said`, `words`, `break`); `files`: `pdf`, `pptx`, where they were asked for |
| `report publish` | the fields of an edition, and `files` |
| `survey list` | `surveys`: the fields of one; with `--ready` instead `ready`: `name`, `says`, `source`, `title`, `questions` |
| `survey create`, `survey publish`, `survey close`, `survey open`, `survey copy` | `key`, `id` (in its address), `title` (by language), `languages`, `questions` (how many), `state` (`draft`, `open`, `closed`), `version` (null: never published), `has_changes`, `revision`, `link`, `created_by`, `created_at`, `changed_by`, `changed_at` |
| `survey show` | the same fields, `document` ([surveys](surveys.md)), `versions`: `number`, `published_by`, `published_at`, `notes`; with `--version`: `key`, those of the version, `document` |
| `survey import` | `id` (null with `--dry-run`), `key`, `questions`: `name`, `type`, `scale` (null where it has none), `logic` (null: always shown); `fidelity`: `element`, `outcome` (`kept`, `changed`, `lost`), `note` |
| `survey mapping` | `mapping`: a file for `zhiyin import --map`; `columns_left`: those of which it says nothing ([questionnaires of other systems](survey-formats.md)) |
| `survey link` | `key`, `link` |
| `survey results` | `key`, `title`, `version` (null: all), `as_of`, `confidence`, `minimum_base`, `state` (`ok`, `too_few`: then `responses` is null and `questions` empty); `responses`: `begun`, `ended`, `dismissed`, `left`, `open`, `customers`, `completion`, `seconds` (null of too few): `median`, `low`, `high`, `lower_quartile`, `upper_quartile`; `questions`: `name`, `series`, `type`, `title`, `row` (label, of a matrix), `version` (the newest that asks it), `state`, `n`, `customers`, `states`, `break_off`, `figures`: `metric`, `unit`, `value`, `low`, `high`, `n`, `customers`, `method`, `state`, `flags` (as of `score`), `problem` (why there is none); `points`: `point`, `n`, `share`; `choices`: `value`, `label`, `share`, `place`: `value`, `low`, `high`; `number`: as `seconds`; `completion`, `break_off` and `share` of a choice: `n`, `of`, `value` (per cent), `low`, `high` |
| `survey rates` | `key`, `as_of`, `confidence`, `minimum_base`, `eligible`, `complete_from`, `partial_from`, `counts_withheld`, `by`; `total`, `groups`: `group`, `state`, `askings`, `customers`, `codes`, `rates` by AAPOR's names: `value` (per cent), `low`, `high`, `n`, `of`; `letters`: `number`, `sent`, `share`, `reached`; `open`, `uninvited`, `withheld` by reason ([survey results](survey-results.md)) |
| `survey pages` | `key`, `as_of`, `confidence`, `minimum_base`, `state`, `responses`, `pages`: `name`, `items`, `state`, `seen`, `customers`, `stopped`, `dismissed`, `seconds` |
| `survey quality` | `key`, `as_of`, `confidence`, `minimum_base`, `state`, `responses`, `without`, `signs` by name, `any`, `figures`: `name`, `metric`, `choice`, `label`, `state`, `all`, `without`, `difference`, `low`, `high`; with `--list` instead `responses`: `response`, `signs` |
| `survey crosstab` | `key`, `as_of`, `confidence`, `minimum_base`, `state`, `row`, `column`, `without`, `weighted`, `tests`, `q`, `columns`: `letter`, `value`, `label`, `state`, `n`, `customers`; `rows`: `value`, `label`, `cells`: `column`, `state`, `n`, `customers`, `share`, `low`, `high`, `above`; `test` (null: none): `statistic`, `df`, `denominator_df`, `p`, `pearson`, `design_effect`, `cramers_v`, `method` |
| `survey weights` | `key`, `as_of`, `confidence`, `minimum_base`, `state`, `targets`, `without`, `responses`, `customers`, `has_converged`, `rounds`, `gap`, `trimmed`, `least`, `most`, `design_effect`, `effective_n`, `unknown` by margin, `margins`: `margin`, `value`, `target`, `state`, `n`, `before`, `after`; `figures`: `name`, `metric`, `choice`, `label`, `state`, `n`, `customers`, `unweighted`, `unweighted_low`, `unweighted_high`, `weighted`, `low`, `high`, `design_effect`, `effective_n`; with `--forget`: `key`, `removed` |
| `survey arms` | `key`, `as_of`, `confidence`, `minimum_base`, `state`, `reference`, `arms`, `without`, `tests`, `q`, `interval_confidence`, `rows`: `figure`, `metric`, `arm`, `state`, `n`, `customers`, `value`, `value_low`, `value_high`, `difference`, `low`, `high`, `p`, `q`, `marked` |
| `survey change` | `key`, `as_of`, `confidence`, `minimum_base`, `state`, `before`, `after`, `without`, `rows`: `name`, `metric`, `whose` (`both`, `all`, `only`), `state`, `before`, `after`, `difference`, `low`, `high`, `p` |
| `survey representativeness` | `key`, `as_of`, `confidence`, `minimum_base`, `state`, `variables`, `left_out`, `asked`, `answered`, `customers`, `indicator` (null: none): `value`, `low`, `high`, `spread`, `mean`, `greatest_bias`, `greatest_bias_high`, `cases`, `customers`; `q`, `tests`, `rows`: `variable`, `value`, `state`, `asked`, `of_asked`, `of_answered`, `of_others`, `standardised`, `rate`, `p`, `q`, `marked` |
| `survey check` | `key`, `faults`: `place`, `code`, `message`, `hint`; `changed`: `question`, `series`, `version`, `what` (`type`, `wording`, `scale`, `choices`, `look`); `graph`: `nodes`: `place`, `kind`, `name`, `page`; `edges`: `from`, `to`, `says`, `of_choice` |
| `survey delete` | `key`, `removed` |
| `reach list` | `distributions`: each as by `reach show` |
| `reach show`, `reach create`, `reach change`, `reach pause` | `key`, `survey`, `channel`, `name`, `texts`, `reminders`, `has_first_question`, `arms`, `sample_share`, `seed`, `trigger` (its event, null: none), `is_paused`, `can_send`, `states` (counts), `reasons`: `state`, `reason`, `n`; `reminders_sent`, `began`, `finished`, `next_at`, `created_by`, `created_at` |
| `reach send` | `key`, `planned`, `withheld` (by reason), `already`; with `--now` also `done`: `sent`, `reminded`, `not_sent`, `uncertain` |
| `reach test` | `key`, `sent` |
| `reach again` | `key`, `askings` |
| `reach stop` | `stopped`, `is_new` |
| `reach bounces` | `messages`, by kind: `hard`, `refused`, `soft`, `delayed`, `complaint`, `other`, `unknown` |
| `reach links` | `key`, `links`, `file` |
| `reach hooks` | `sms`: the address for the provider |
| `reach rules` | every [contact rule](triggers.md) by its name |
| `reach triggers` | `triggers`: `key`, `survey`, `channel`, `is_paused`, `sample_share`, `seed`, `event`, `where`, `delay_minutes`, `late_hours`, `about_kind`, `about_property`, `fields`, `takes_imports`, `seen_at` (null: never), `trouble` (code, null: none), `askings`: `state`, `reason`, `n`; with `--dry-run` also `dry_run`: `since`, `until`, `events`, `imported`, `nameless`, `waiting`, `not_in_sample`, `asked`, `customers`, `withheld` (by reason), `is_cut` |
| `reach trigger` | the fields of one; with `--off`: `key`, `removed` |
| `reach draw` | `seed`, `number`, `sample_share`, `is_in_sample`, `arm` (null: none) |
| `target list` | `targets`: `number`, `metric`, `kind`, `question`, `unit`, `period`, `from`, `to`, `target`, `verdict` (`reached`, `missed`, `open`, `too_few`, `not_begun`, `impossible`), `is_over`, `better`, `value`, `low`, `high`, `n`, `customers`, `flags`, `chance` (of reaching it by the end; null when it is over), `needed`, `expected`, `to_come`, `problem` |
| `target set` | the fields of a target up to `target` |
| `target remove`, `calendar remove` | `number`, `removed` |
| `target import` | `new`, `changed`, `same`, `is_dry_run` |
| `target export`, `calendar export` | `file`, `rows` |
| `calendar list` | `marks`: `number`, `name`, `kind`, `from`, `to`, `unit`, `touchpoint`, `where`, `about`, `customers`, `listed_customers`, `made_by`; `holidays`: `name`, `kind` (`holiday`, `festival`), `from`, `to`, `number` (null) |
| `calendar add` | the fields of a mark |
| `calendar import` | `new`, `same`, `is_dry_run` |
| `calendar holidays` | `country`, `lunar`, `coming`: as `holidays` |
| `customer` | `customer`, `name`, `ids`: `kind`, `id`; `traits`, `counts`, `channels`, `first_at`, `last_at`, `money`, `open_issues`, `consents`, `timeline`: `at`, `table`, `title`, `detail`, `says`, `amount`, `channel`, `touchpoint` |
| `segment count` | `rule`, `n`, `of`, `seconds` |
| `segment list` | `segments`: `slug`, `name`, `rule`, `is_kept` (a kept list has no rule) |
| `segment export`, `survey export` | as `export` |
| `demo` | `workspace` or `folder`, the plan, `facts_added`, `imports`, `truth`, `seconds` |
| `merge` | `merge_id`, `customer`, `ids`: `kind`, `id` |
| `unmerge` | `merge_id`, `customers` (what the two ids name now), `is_still_one` |
| `why` | `customer`, `ids`, `tree`: `id`, `depth`, `joined_to`, `merge_id`; `reasons`, `held`, `apart`: `merge_id`, `a`, `b`, `action`, `reason`, `says`, `linked_by`, `source`, `occurred_at`, `received_at`, `evidence`, `state` (`joins`, `agrees`, `void`, `two`, `held`), `guard`, `held_because` |
| `events` | `count`, `name`, `where`, `workspace` |
| `dead-letters` | `waiting`, `reasons`: `code`, `source`, `count`, `last_at`; `letters`: `number`, `received_at`, `source`, `wire`, `code`, `message`, `body`; with `--replay`: `tried`, `taken`, `refused`; with `--dismiss`: `dismissed` |
| `match` | `linked`, `withdrawn`, `standing`, `contacts` (per trait), `suggested`, `is_unchanged`; `model` (null without `--suggest`): `records`, `fields`, `compared`, `likely`, `offered`, `seconds` |
| `match --rules` | `traits`, `shared_by_at_most`, `country`, `phone_alone`, `gmail_dots`, `cluster_limit`, `last_run`: `done_at`, `found` |
| `export` | `file`, `format`, `rows`, `columns`, `bytes`, `seconds`, `codebook` |

A figure that is not shown is null, and so are its `n` and `customers`: `too_few` where fewer than `minimum_base` customers
answered, `withheld` where such a figure could be calculated from it ([statistics](statistics.md#small-bases-样本量不足)).
`states` has no `answered` where the total is not shown.

Measures that are shares are per cent 0–100, NPS −100…100; nothing is rounded. `--from` and `--to` are half-open in the workspace's zone.
"""


def commands_page() -> str:
    """Every command with every option, in both languages."""
    parts = [COMMANDS_HEAD]
    for name in COMMANDS:
        parts.append(f"## zhiyin {name}\n")
        for language in ("en", "zh"):
            with in_language(language):
                group = Group(name="zhiyin")
                context = click.Context(group, info_name="zhiyin")
                command = group.get_command(context, name)
                assert command is not None
                parts.append((command.help or "").strip() + "\n")
                own = click.Context(command, info_name=name, parent=context)
                parts.append(_options(command, own))
                parts += _inner(command, own)
    return "\n".join(part for part in parts if part)


def _inner(command: click.Command, context: click.Context) -> list[str]:
    """The commands inside of one, and those inside of these."""
    parts: list[str] = []
    for name, one in getattr(command, "commands", {}).items():
        own = click.Context(one, info_name=name, parent=context)
        parts.append(f"`{own.command_path}`: {(one.help or '').strip()}\n")
        parts.append(_options(one, own))
        parts += _inner(one, own)
    return parts


def _options(command: click.Command, context: click.Context) -> str:
    records = [p.get_help_record(context) for p in command.params]
    lines = [f"- `{r[0]}` {r[1]}" for r in records if r and "--data" not in r[0]]
    lines = [ln for ln in lines if not any(g in ln for g in GLOBALS)]
    return "\n".join(lines) + "\n" if lines else ""


GLOBALS = ("`--workspace SLUG`", "`--json`", "`--lang [en|zh]`")

PAGES = {"log.md": log_page, "cli.md": commands_page}


def main() -> int:
    """Write every page; with ``--check`` only say whether one is stale."""
    # Made once: what a command says stays in the language in which it was said last.
    made = {name: page() for name, page in PAGES.items()}
    stale = [name for name, text in made.items() if _read(name) != text]
    if "--check" in sys.argv:
        if stale:
            sys.stderr.write(f"stale: {', '.join(stale)}; run make docs\n")
        return 1 if stale else 0
    for name in stale:
        (DOCS / name).write_text(made[name], "utf-8")
    return 0


def _read(name: str) -> str:
    path = DOCS / name
    return path.read_text("utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
