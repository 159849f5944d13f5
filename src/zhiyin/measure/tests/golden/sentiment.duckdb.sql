SELECT
  "t4"."channel",
  "t4"."customer",
  "t4"."num",
  CAST(CASE
    WHEN "t4"."occurred_at" < MAKE_TIMESTAMP(2026, 2, 1, 0, 0, 0.0)
    THEN 0
    ELSE 1
  END AS INT) AS "period"
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t0"."seq",
      "t0"."id",
      "t0"."source",
      "t0"."occurred_at",
      "t0"."received_at",
      "t0"."customer",
      "t0"."role",
      "t0"."unit",
      "t0"."about_kind",
      "t0"."about_id",
      "t0"."experienced_at",
      "t0"."response",
      "t0"."question",
      "t0"."text",
      "t0"."touchpoint",
      "t0"."channel",
      "t0"."language",
      "t0"."place",
      "t0"."starts",
      "t0"."ends",
      "t0"."aspect",
      "t0"."polarity",
      "t0"."probability",
      "t0"."emotion",
      "t0"."intent",
      "t0"."effort",
      "t0"."urgency",
      "t0"."read_by",
      CASE WHEN "t0"."polarity" = 1767 THEN 1 WHEN "t0"."polarity" = 1735 THEN -1 ELSE 0 END AS "num"
    FROM "clauses" AS "t0"
  ) AS "t3"
  WHERE
    "t3"."occurred_at" >= MAKE_TIMESTAMP(2026, 1, 1, 0, 0, 0.0)
    AND "t3"."occurred_at" < MAKE_TIMESTAMP(2026, 3, 1, 0, 0, 0.0)
    AND "t3"."channel" IN (
      SELECT
        "t1"."code"
      FROM "words" AS "t1"
      WHERE
        "t1"."domain" = 'channel' AND "t1"."word" = 'app'
    )
) AS "t4"
