SELECT
  "t9"."channel",
  "t9"."customer",
  "t9"."num",
  CAST(CASE
    WHEN "t9"."occurred_at" < MAKE_TIMESTAMP(2026, 2, 1, 0, 0, 0.0)
    THEN 0
    ELSE 1
  END AS INT) AS "period"
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t7"."seq",
      "t7"."id",
      "t7"."source",
      "t7"."occurred_at",
      "t7"."received_at",
      "t7"."customer",
      "t7"."role",
      "t7"."unit",
      "t7"."about_kind",
      "t7"."about_id",
      "t7"."experienced_at",
      "t7"."survey",
      "t7"."invitation",
      "t7"."action",
      "t7"."touchpoint",
      "t7"."channel",
      "t7"."mode",
      "t7"."arm",
      "t7"."distribution",
      "t7"."reason",
      CASE
        WHEN "t7"."invitation" IN (
          SELECT
            "t2"."invitation"
          FROM "responses" AS "t2"
          WHERE
            NOT "t2"."invitation" IS NULL
        )
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
          "t1"."action" = 1393 AND NOT "t1"."invitation" IS NULL
      ) AS "t4"
      WHERE
        NOT (
          "t4"."invitation" IN (
            SELECT
              "t1"."invitation"
            FROM "exposures" AS "t1"
            WHERE
              "t1"."action" = 1374 AND NOT "t1"."invitation" IS NULL
          )
        )
    ) AS "t7"
  ) AS "t8"
  WHERE
    "t8"."occurred_at" >= MAKE_TIMESTAMP(2026, 1, 1, 0, 0, 0.0)
    AND "t8"."occurred_at" < MAKE_TIMESTAMP(2026, 3, 1, 0, 0, 0.0)
    AND "t8"."channel" IN (
      SELECT
        "t0"."code"
      FROM "words" AS "t0"
      WHERE
        "t0"."domain" = 'channel' AND "t0"."word" = 'app'
    )
) AS "t9"
