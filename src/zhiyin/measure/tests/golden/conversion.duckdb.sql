SELECT
  "t9"."channel",
  "t9"."customer",
  "t9"."num",
  "t9"."den",
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
        "t6"."in_session_ordered" AS "num",
        1 AS "den"
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
          "t5"."ordered",
          "t5"."in_session_ordered",
          FIRST_VALUE("t5"."seq") OVER (
            PARTITION BY "t5"."session"
            ORDER BY "t5"."occurred_at" ASC, "t5"."seq" ASC
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "first_seq"
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
            "t3"."ordered",
            SUM("t3"."ordered") OVER (
              PARTITION BY "t3"."session"
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) AS "in_session_ordered"
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
              "t0"."name",
              "t0"."touchpoint",
              "t0"."channel",
              "t0"."session",
              "t0"."properties",
              CASE WHEN "t0"."name" IN (1882) THEN 1 ELSE 0 END AS "ordered"
            FROM "events" AS "t0"
            WHERE
              NOT "t0"."session" IS NULL
          ) AS "t3"
        ) AS "t5"
      ) AS "t6"
      WHERE
        "t6"."seq" = "t6"."first_seq"
    ) AS "t7"
    UNION ALL
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
        "t0"."name",
        "t0"."touchpoint",
        "t0"."channel",
        "t0"."session",
        "t0"."properties",
        1 AS "num",
        0 AS "den"
      FROM "events" AS "t0"
      WHERE
        "t0"."session" IS NULL AND CASE WHEN "t0"."name" IN (1882) THEN 1 ELSE 0 END = 1
    ) AS "t4"
  ) AS "t8"
  WHERE
    "t8"."occurred_at" >= MAKE_TIMESTAMP(2026, 1, 1, 0, 0, 0.0)
    AND "t8"."occurred_at" < MAKE_TIMESTAMP(2026, 3, 1, 0, 0, 0.0)
    AND "t8"."channel" IN (
      SELECT
        "t1"."code"
      FROM "words" AS "t1"
      WHERE
        "t1"."domain" = 'channel' AND "t1"."word" = 'app'
    )
) AS "t9"
