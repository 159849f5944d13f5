SELECT
  "t7"."channel",
  "t7"."customer",
  "t7"."num",
  "t7"."den",
  CAST(CASE
    WHEN "t7"."occurred_at" < MAKE_TIMESTAMP(2026, 2, 1, 0, 0, 0.0)
    THEN 0
    ELSE 1
  END AS INT) AS "period"
FROM (
  SELECT
    *
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
        "t0"."status",
        "t0"."amount",
        "t0"."currency",
        "t0"."touchpoint",
        "t0"."channel",
        0 AS "num",
        1 AS "den"
      FROM "orders" AS "t0"
    ) AS "t3"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t1"."seq",
        "t1"."id",
        "t1"."source",
        "t1"."occurred_at",
        "t1"."received_at",
        "t1"."customer",
        "t1"."role",
        "t1"."unit",
        "t1"."about_kind",
        "t1"."about_id",
        "t1"."experienced_at",
        CAST(NULL AS INT) AS "status",
        CAST(NULL AS DECIMAL(18, 4)) AS "amount",
        "t1"."currency",
        "t1"."touchpoint",
        "t1"."channel",
        1 AS "num",
        0 AS "den"
      FROM "service_contacts" AS "t1"
      WHERE
        "t1"."reason" IN (1583, 1615, 61670)
    ) AS "t4"
  ) AS "t6"
  WHERE
    "t6"."occurred_at" >= MAKE_TIMESTAMP(2026, 1, 1, 0, 0, 0.0)
    AND "t6"."occurred_at" < MAKE_TIMESTAMP(2026, 3, 1, 0, 0, 0.0)
    AND "t6"."channel" IN (
      SELECT
        "t2"."code"
      FROM "words" AS "t2"
      WHERE
        "t2"."domain" = 'channel' AND "t2"."word" = 'app'
    )
) AS "t7"
