SELECT
  "t6"."channel",
  "t6"."customer",
  "t6"."num",
  CAST(CASE
    WHEN "t6"."occurred_at" < MAKE_TIMESTAMP(2026, 2, 1, 0, 0, 0.0)
    THEN 0
    ELSE 1
  END AS INT) AS "period"
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t4"."seq",
      "t4"."id",
      "t4"."source",
      "t4"."occurred_at",
      "t4"."received_at",
      "t4"."customer",
      "t4"."role",
      "t4"."unit",
      "t4"."about_kind",
      "t4"."about_id",
      "t4"."experienced_at",
      "t4"."name",
      "t4"."touchpoint",
      "t4"."channel",
      "t4"."session",
      "t4"."properties",
      "t4"."clicked",
      "t4"."ordered",
      "t4"."at",
      "t4"."order_at",
      COALESCE(
        CASE
          WHEN DATE_DIFF('MICROSECOND', "t4"."occurred_at", "t4"."order_at") <= 604800000000
          THEN 1
          ELSE 0
        END,
        0
      ) AS "num"
    FROM (
      SELECT
        "t3"."seq",
        "t3"."id",
        "t3"."source",
        "t3"."occurred_at",
        "t3"."received_at",
        "t3"."customer",
        "t3"."role",
        "t3"."unit",
        "t3"."about_kind",
        "t3"."about_id",
        "t3"."experienced_at",
        "t3"."name",
        "t3"."touchpoint",
        "t3"."channel",
        "t3"."session",
        "t3"."properties",
        "t3"."clicked",
        "t3"."ordered",
        "t3"."at",
        MIN("t3"."at") OVER (
          PARTITION BY "t3"."customer"
          ORDER BY "t3"."occurred_at" ASC, "t3"."seq" ASC
          ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        ) AS "order_at"
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
          "t1"."name",
          "t1"."touchpoint",
          "t1"."channel",
          "t1"."session",
          "t1"."properties",
          CASE WHEN "t1"."name" IN (1301, 2103) THEN 1 ELSE 0 END AS "clicked",
          CASE WHEN "t1"."name" IN (1882) THEN 1 ELSE 0 END AS "ordered",
          CASE
            WHEN CASE WHEN "t1"."name" IN (1882) THEN 1 ELSE 0 END = 1
            THEN "t1"."occurred_at"
            ELSE CAST(NULL AS TIMESTAMP(6))
          END AS "at"
        FROM "events" AS "t1"
        WHERE
          "t1"."name" IN (1301, 1882, 2103)
      ) AS "t3"
    ) AS "t4"
    WHERE
      "t4"."clicked" = 1
      AND "t4"."occurred_at" < MAKE_TIMESTAMP(2026, 2, 22, 0, 0, 0.0)
  ) AS "t5"
  WHERE
    "t5"."occurred_at" >= MAKE_TIMESTAMP(2026, 1, 1, 0, 0, 0.0)
    AND "t5"."occurred_at" < MAKE_TIMESTAMP(2026, 3, 1, 0, 0, 0.0)
    AND "t5"."channel" IN (
      SELECT
        "t0"."code"
      FROM "words" AS "t0"
      WHERE
        "t0"."domain" = 'channel' AND "t0"."word" = 'app'
    )
) AS "t6"
