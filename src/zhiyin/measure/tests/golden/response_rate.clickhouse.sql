SELECT
  "t9"."channel" AS "channel",
  "t9"."customer" AS "customer",
  "t9"."num" AS "num",
  CAST(CASE
    WHEN "t9"."occurred_at" < parseDateTimeBestEffort('2026-02-01T00:00:00')
    THEN 0
    ELSE 1
  END AS Nullable(Int32)) AS "period"
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t7"."seq" AS "seq",
      "t7"."id" AS "id",
      "t7"."source" AS "source",
      "t7"."occurred_at" AS "occurred_at",
      "t7"."received_at" AS "received_at",
      "t7"."customer" AS "customer",
      "t7"."role" AS "role",
      "t7"."unit" AS "unit",
      "t7"."about_kind" AS "about_kind",
      "t7"."about_id" AS "about_id",
      "t7"."experienced_at" AS "experienced_at",
      "t7"."survey" AS "survey",
      "t7"."invitation" AS "invitation",
      "t7"."action" AS "action",
      "t7"."touchpoint" AS "touchpoint",
      "t7"."channel" AS "channel",
      "t7"."mode" AS "mode",
      "t7"."arm" AS "arm",
      "t7"."distribution" AS "distribution",
      "t7"."reason" AS "reason",
      CASE
        WHEN CAST("t7"."invitation" IN (
          SELECT
            "t2"."invitation" AS "invitation"
          FROM "responses" AS "t2"
          WHERE
            isNotNull("t2"."invitation")
        ) AS Nullable(Bool))
        THEN 1
        ELSE 0
      END AS "num"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          *
        FROM "exposures" AS "t1"
        WHERE
          "t1"."action" = 1393 AND isNotNull("t1"."invitation")
      ) AS "t4"
      WHERE
        NOT (
          CAST("t4"."invitation" IN (
            SELECT
              "t1"."invitation" AS "invitation"
            FROM "exposures" AS "t1"
            WHERE
              "t1"."action" = 1374 AND isNotNull("t1"."invitation")
          ) AS Nullable(Bool))
        )
    ) AS "t7"
  ) AS "t8"
  WHERE
    "t8"."occurred_at" >= parseDateTimeBestEffort('2026-01-01T00:00:00')
    AND "t8"."occurred_at" < parseDateTimeBestEffort('2026-03-01T00:00:00')
    AND CAST("t8"."channel" IN (
      SELECT
        "t0"."code" AS "code"
      FROM "words" AS "t0"
      WHERE
        "t0"."domain" = 'channel' AND "t0"."word" = 'app'
    ) AS Nullable(Bool))
) AS "t9"
