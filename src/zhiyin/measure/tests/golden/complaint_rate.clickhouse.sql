SELECT
  "t7"."channel" AS "channel",
  "t7"."customer" AS "customer",
  "t7"."num" AS "num",
  "t7"."den" AS "den",
  CAST(CASE
    WHEN "t7"."occurred_at" < parseDateTimeBestEffort('2026-02-01T00:00:00')
    THEN 0
    ELSE 1
  END AS Nullable(Int32)) AS "period"
FROM (
  SELECT
    *
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
        0 AS "num",
        1 AS "den"
      FROM "orders" AS "t0"
    ) AS "t3"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t1"."seq" AS "seq",
        "t1"."id" AS "id",
        "t1"."source" AS "source",
        "t1"."occurred_at" AS "occurred_at",
        "t1"."received_at" AS "received_at",
        "t1"."customer" AS "customer",
        "t1"."role" AS "role",
        "t1"."unit" AS "unit",
        "t1"."about_kind" AS "about_kind",
        "t1"."about_id" AS "about_id",
        "t1"."experienced_at" AS "experienced_at",
        CAST(NULL AS Nullable(Int32)) AS "status",
        CAST(NULL AS Nullable(Decimal(18, 4))) AS "amount",
        "t1"."currency" AS "currency",
        "t1"."touchpoint" AS "touchpoint",
        "t1"."channel" AS "channel",
        1 AS "num",
        0 AS "den"
      FROM "service_contacts" AS "t1"
      WHERE
        "t1"."reason" IN (1583, 1615, 61670)
    ) AS "t4"
  ) AS "t6"
  WHERE
    "t6"."occurred_at" >= parseDateTimeBestEffort('2026-01-01T00:00:00')
    AND "t6"."occurred_at" < parseDateTimeBestEffort('2026-03-01T00:00:00')
    AND CAST("t6"."channel" IN (
      SELECT
        "t2"."code" AS "code"
      FROM "words" AS "t2"
      WHERE
        "t2"."domain" = 'channel' AND "t2"."word" = 'app'
    ) AS Nullable(Bool))
) AS "t7"
