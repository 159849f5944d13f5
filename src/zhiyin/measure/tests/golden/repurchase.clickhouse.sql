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
      "t0"."status" AS "status",
      "t0"."amount" AS "amount",
      "t0"."currency" AS "currency",
      "t0"."touchpoint" AS "touchpoint",
      "t0"."channel" AS "channel",
      1 AS "num"
    FROM "orders" AS "t0"
  ) AS "t2"
  WHERE
    "t2"."occurred_at" >= parseDateTimeBestEffort('2026-01-01T00:00:00')
    AND "t2"."occurred_at" < parseDateTimeBestEffort('2026-03-01T00:00:00')
    AND CAST("t2"."channel" IN (
      SELECT
        "t1"."code" AS "code"
      FROM "words" AS "t1"
      WHERE
        "t1"."domain" = 'channel' AND "t1"."word" = 'app'
    ) AS Nullable(Bool))
) AS "t4"
