SELECT
  "t4"."channel" AS "channel",
  "t4"."customer" AS "customer",
  "t4"."num" AS "num",
  CAST(CASE
    WHEN "t4"."occurred_at" < parseDateTimeBestEffort('2026-02-01T00:00:00')
    THEN 0
    ELSE 1
  END AS Nullable(Int32)) AS "period"
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t0"."seq" AS "seq",
      "t0"."id" AS "id",
      "t0"."source" AS "source",
      "t0"."occurred_at" AS "occurred_at",
      "t0"."received_at" AS "received_at",
      "t0"."customer" AS "customer",
      "t0"."role" AS "role",
      "t0"."unit" AS "unit",
      "t0"."about_kind" AS "about_kind",
      "t0"."about_id" AS "about_id",
      "t0"."experienced_at" AS "experienced_at",
      "t0"."response" AS "response",
      "t0"."question" AS "question",
      "t0"."text" AS "text",
      "t0"."touchpoint" AS "touchpoint",
      "t0"."channel" AS "channel",
      "t0"."language" AS "language",
      "t0"."place" AS "place",
      "t0"."starts" AS "starts",
      "t0"."ends" AS "ends",
      "t0"."aspect" AS "aspect",
      "t0"."polarity" AS "polarity",
      "t0"."probability" AS "probability",
      "t0"."emotion" AS "emotion",
      "t0"."intent" AS "intent",
      "t0"."effort" AS "effort",
      "t0"."urgency" AS "urgency",
      "t0"."read_by" AS "read_by",
      CASE WHEN "t0"."polarity" = 1767 THEN 1 WHEN "t0"."polarity" = 1735 THEN -1 ELSE 0 END AS "num"
    FROM "clauses" AS "t0"
  ) AS "t3"
  WHERE
    "t3"."occurred_at" >= parseDateTimeBestEffort('2026-01-01T00:00:00')
    AND "t3"."occurred_at" < parseDateTimeBestEffort('2026-03-01T00:00:00')
    AND CAST("t3"."channel" IN (
      SELECT
        "t1"."code" AS "code"
      FROM "words" AS "t1"
      WHERE
        "t1"."domain" = 'channel' AND "t1"."word" = 'app'
    ) AS Nullable(Bool))
) AS "t4"
