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
      "t0"."status",
      "t0"."amount",
      "t0"."currency",
      "t0"."touchpoint",
      "t0"."channel",
      CAST("t0"."amount" AS DOUBLE) AS "num"
    FROM "orders" AS "t0"
    WHERE
      NOT "t0"."amount" IS NULL
  ) AS "t2"
  WHERE
    "t2"."occurred_at" >= MAKE_TIMESTAMP(2026, 1, 1, 0, 0, 0.0)
    AND "t2"."occurred_at" < MAKE_TIMESTAMP(2026, 3, 1, 0, 0, 0.0)
    AND "t2"."channel" IN (
      SELECT
        "t1"."code"
      FROM "words" AS "t1"
      WHERE
        "t1"."domain" = 'channel' AND "t1"."word" = 'app'
    )
) AS "t4"
