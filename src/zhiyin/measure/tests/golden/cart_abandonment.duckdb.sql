SELECT
  "t8"."channel",
  "t8"."customer",
  "t8"."num",
  CAST(CASE
    WHEN "t8"."occurred_at" < MAKE_TIMESTAMP(2026, 2, 1, 0, 0, 0.0)
    THEN 0
    ELSE 1
  END AS INT) AS "period"
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t6"."seq",
      "t6"."id",
      "t6"."source",
      "t6"."occurred_at",
      "t6"."received_at",
      "t6"."customer",
      "t6"."role",
      "t6"."unit",
      "t6"."about_kind",
      "t6"."about_id",
      "t6"."experienced_at",
      "t6"."name",
      "t6"."touchpoint",
      "t6"."channel",
      "t6"."session",
      "t6"."properties",
      "t6"."filled",
      "t6"."ordered",
      "t6"."at",
      "t6"."order_at",
      "t6"."first_seq",
      1 - COALESCE(
        CASE
          WHEN DATE_DIFF('MICROSECOND', "t6"."occurred_at", "t6"."order_at") <= 86400000000
          THEN 1
          ELSE 0
        END,
        0
      ) AS "num"
    FROM (
      SELECT
        "t5"."seq",
        "t5"."id",
        "t5"."source",
        "t5"."occurred_at",
        "t5"."received_at",
        "t5"."customer",
        "t5"."role",
        "t5"."unit",
        "t5"."about_kind",
        "t5"."about_id",
        "t5"."experienced_at",
        "t5"."name",
        "t5"."touchpoint",
        "t5"."channel",
        "t5"."session",
        "t5"."properties",
        "t5"."filled",
        "t5"."ordered",
        "t5"."at",
        "t5"."order_at",
        FIRST_VALUE("t5"."seq") OVER (
          PARTITION BY "t5"."session"
          ORDER BY "t5"."occurred_at" ASC, "t5"."seq" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS "first_seq"
      FROM (
        SELECT
          *
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
            "t3"."filled",
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
              CASE WHEN "t1"."name" IN (1455, 1652, 1998) THEN 1 ELSE 0 END AS "filled",
              CASE WHEN "t1"."name" IN (1882) THEN 1 ELSE 0 END AS "ordered",
              CASE
                WHEN CASE WHEN "t1"."name" IN (1882) THEN 1 ELSE 0 END = 1
                THEN "t1"."occurred_at"
                ELSE CAST(NULL AS TIMESTAMP(6))
              END AS "at"
            FROM "events" AS "t1"
            WHERE
              "t1"."name" IN (1455, 1652, 1882, 1998)
          ) AS "t3"
        ) AS "t4"
        WHERE
          "t4"."filled" = 1 AND NOT "t4"."session" IS NULL
      ) AS "t5"
    ) AS "t6"
    WHERE
      "t6"."seq" = "t6"."first_seq"
      AND "t6"."occurred_at" < MAKE_TIMESTAMP(2026, 2, 28, 0, 0, 0.0)
  ) AS "t7"
  WHERE
    "t7"."occurred_at" >= MAKE_TIMESTAMP(2026, 1, 1, 0, 0, 0.0)
    AND "t7"."occurred_at" < MAKE_TIMESTAMP(2026, 3, 1, 0, 0, 0.0)
    AND "t7"."channel" IN (
      SELECT
        "t0"."code"
      FROM "words" AS "t0"
      WHERE
        "t0"."domain" = 'channel' AND "t0"."word" = 'app'
    )
) AS "t8"
