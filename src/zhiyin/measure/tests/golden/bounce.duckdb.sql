SELECT
  "t7"."channel",
  "t7"."customer",
  "t7"."num",
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
      "t5"."viewed",
      "t5"."happened",
      "t5"."in_session_viewed",
      "t5"."in_session_happened",
      "t5"."first_seq",
      CASE
        WHEN (
          "t5"."in_session_happened" = 1
        ) AND (
          "t5"."in_session_viewed" = 1
        )
        THEN 1
        ELSE 0
      END AS "num"
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
        "t4"."viewed",
        "t4"."happened",
        "t4"."in_session_viewed",
        "t4"."in_session_happened",
        FIRST_VALUE("t4"."seq") OVER (
          PARTITION BY "t4"."session"
          ORDER BY "t4"."occurred_at" ASC, "t4"."seq" ASC
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
          "t3"."viewed",
          "t3"."happened",
          SUM("t3"."viewed") OVER (
            PARTITION BY "t3"."session"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "in_session_viewed",
          SUM("t3"."happened") OVER (
            PARTITION BY "t3"."session"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "in_session_happened"
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
            CASE WHEN "t1"."name" IN (830, 1309, 1442) THEN 1 ELSE 0 END AS "viewed",
            1 AS "happened"
          FROM "events" AS "t1"
          WHERE
            NOT "t1"."session" IS NULL
        ) AS "t3"
      ) AS "t4"
    ) AS "t5"
    WHERE
      "t5"."seq" = "t5"."first_seq" AND "t5"."in_session_viewed" > 0
  ) AS "t6"
  WHERE
    "t6"."occurred_at" >= MAKE_TIMESTAMP(2026, 1, 1, 0, 0, 0.0)
    AND "t6"."occurred_at" < MAKE_TIMESTAMP(2026, 3, 1, 0, 0, 0.0)
    AND "t6"."channel" IN (
      SELECT
        "t0"."code"
      FROM "words" AS "t0"
      WHERE
        "t0"."domain" = 'channel' AND "t0"."word" = 'app'
    )
) AS "t7"
